"""What a collection collects: its sources, what is wrong with them, one task for each image."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from swim_tui.engine.state import State
from swim_tui.errors import BadValue
from swim_tui.images.repository import safe_name
from swim_tui.model.checksums import is_checksum_file
from swim_tui.model.imagename import identify_name
from swim_tui.model.job import DeviceTask, JobRequest, TaskStatus
from swim_tui.model.source import DEVICE, Source, SourceKind, parse_source
from swim_tui.paths import user_path

MOST_TASKS = 500
_ENDS = (".bin", ".tar", ".iso", ".rpm", ".pkg", ".pie", ".smu", ".img", ".aes", ".ova", ".qcow2", ".gz", ".tgz", ".vm")


def sources_of(request: JobRequest) -> tuple[str, ...]:
    """Every source that a request names, each once."""
    return tuple(dict.fromkeys(filter(None, (request.source, *request.sources))))


def is_of_devices(request: JobRequest) -> bool:
    """True when the images come from devices, which are then busy."""
    return request.source.startswith(DEVICE)


def problems_of(state: State, request: JobRequest) -> list[str]:
    """Everything that is wrong with the sources of a request, in words."""
    named = sources_of(request)
    if not named:
        return ["no source is given: a path, an address or a device"]
    problems, parsed = [], list[Source]()
    for text in named:
        try:
            parsed.append(parse_source(text))
        except ValueError as err:
            problems.append(str(err))
    kinds = {source.kind is SourceKind.DEVICE for source in parsed}
    if len(kinds) > 1:
        problems.append("a job collects from devices or from elsewhere, not from both")
    for source in parsed:
        problems += _problems(state, request, source)
    if (request.md5 or request.sha512 or request.size_bytes is not None) and len(named) > 1:
        problems.append("a declared hash or size belongs to one image: collect them one by one")
    for name, value, digits in (("MD5", request.md5, 32), ("SHA-512", request.sha512, 128)):
        if value and re.fullmatch(rf"[0-9a-fA-F]{{{digits}}}", "".join(value.split())) is None:
            problems.append(f"'{value}' is no {name}: it has {digits} hexadecimal digits")
    profile = request.source_credentials
    if profile and profile not in state.tables.profiles:
        problems.append(f"there is no credential profile '{profile}': swim-tui credentials add {profile}")
    return problems


def _problems(state: State, request: JobRequest, source: Source) -> list[str]:
    if source.kind is SourceKind.DEVICE:
        return [] if source.path in state.tables.devices else [f"no device named '{source.path}'"]
    if source.is_folder:
        return [f"{source.text} names a directory: choose a file of it (swim-tui images browse {source.text})"]
    if (source.kind.over_ssh or source.kind is SourceKind.CISCO) and not request.source_credentials:
        what = "client id and secret" if source.kind is SourceKind.CISCO else "login"
        return [f"{source.text} needs a {what}: name a credential profile (--credentials)"]
    return []


def tasks_of(state: State, request: JobRequest, only: Iterable[str] = ()) -> tuple[DeviceTask, ...]:
    """One task for each image; a folder is opened now. BadValue when nothing is there to collect."""
    wanted, tasks = set(only), dict[str, DeviceTask]()
    for text in _opened(sources_of(request)):
        source = parse_source(text)
        if source.kind is SourceKind.DEVICE:
            name, known = source.path, state.tables.devices.get(source.path)
            file = request.source_file or source.path
            address = known.address if known else ""
        else:
            name, address = _own_name(safe_name(source.name), tasks), ""
            file = safe_name(source.name)
        tasks[name] = DeviceTask("", name, address, image_file=file, status=TaskStatus.YET_TO_START, source=text)
    return tuple(task for name, task in tasks.items() if not wanted or name in wanted)


def _own_name(name: str, taken: Iterable[str]) -> str:
    """The file's name; the second of the same name gets a number."""
    number, own = 1, name
    while own in set(taken):
        number += 1
        own = f"{name} ({number})"
    return own


def _opened(sources: Iterable[str]) -> list[str]:
    found: list[str] = []
    for text in sources:
        path = user_path(text)
        found += images_in(path) if text.startswith(("/", "~")) and path.is_dir() else [text]
    if not found or len(found) > MOST_TASKS:
        detail = f"{len(found)} images are too many for one job" if found else "no software image is in the folder"
        raise BadValue(name="source", value="", detail=detail, allowed=f"up to {MOST_TASKS} images")
    return found


def images_in(folder: Path) -> list[str]:
    """The files of a folder that are software images by their names, sorted; not those of its sub-folders."""
    try:
        with os.scandir(folder) as listing:
            names = sorted(entry.name for entry in listing if entry.is_file() and not entry.name.startswith("."))
    except OSError as err:
        raise BadValue(
            name="source", value=str(folder), detail=(err.strerror or str(err)).lower(), allowed="a readable folder"
        ) from err
    return [str(folder / name) for name in names if _is_image(name)]


def _is_image(name: str) -> bool:
    if is_checksum_file(name):
        return False
    return name.lower().endswith(_ENDS) or identify_name(name).recognised
