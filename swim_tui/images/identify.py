"""Header first, name second: what a file is, and where each of its fields comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from swim_tui.errors import ImageError
from swim_tui.images.header import Header, read_header
from swim_tui.model.image import FieldOrigin, ImageFormat, ImageIdentity, ImageType
from swim_tui.model.imagename import has_strong_crypto, identify_name
from swim_tui.model.version import Order, Scheme, compare, parse_version

_FORMAT_KINDS = {
    ImageFormat.IOS_BIN: ("elf", "an IOS image begins with an ELF header, this file does not"),
    ImageFormat.IOS_TAR: ("tar", "the name says tar, the content is none"),
    ImageFormat.XR_RPM: ("rpm", "the name says rpm, the content is none"),
    ImageFormat.XR_ISO: ("iso", "the name says iso, the content is none"),
}
_KIND_FORMATS = {"tar": ImageFormat.IOS_TAR, "rpm": ImageFormat.XR_RPM, "iso": ImageFormat.XR_ISO}
_XE_FAMILY = re.compile(r"LINUX_IOSD|IOSXE|CAT3K_CAA|C9800|cat4500e", re.IGNORECASE)
_MIN_DRAM = re.compile(r"MIN_DRAM_MEG=(\d{1,5})")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_MB = 1024 * 1024


@dataclass
class _Said:
    """Fields a header states, by name of ImageIdentity."""

    fields: dict[str, Any] = field(default_factory=dict)

    def put(self, **values: Any) -> None:
        self.fields.update({key: value for key, value in values.items() if value not in ("", None)})


def identify_file(path: Path, name: str = "") -> ImageIdentity:
    """What a file is; `name` where the file is not stored under its own. ImageError only when it cannot be read."""
    shown = name or path.name
    by_name = identify_name(shown)
    try:
        header = read_header(path)
    except OSError as err:
        raise ImageError(file=shown, detail=err.strerror or str(err)) from err
    if header.problems == ("the file is empty",):
        return replace(by_name, recognised=False, problems=header.problems)
    said = _from_header(header)
    if (
        by_name.image_type is ImageType.SMU
    ):  # its header is that of any package: only the name tells a fix from a system
        said = {key: value for key, value in said.items() if key not in ("image_type", "image_name")}
    problems = [*header.problems, *_disagreements(said, by_name), *_wrong_kind(header, by_name)]
    origins = {**by_name.origins, **dict.fromkeys(said, FieldOrigin.HEADER)}
    return replace(
        by_name,
        **said,
        origins=origins,
        recognised=by_name.recognised or "family" in said or "version" in said,
        problems=tuple(problems),
    )


def _from_header(header: Header) -> dict[str, Any]:
    said = _Said()
    if header.cw:
        _from_cw(header.cw, said)
    if header.pkginfo:
        build = parse_version(header.pkginfo.get("Build", ""))
        if build is not None and build.scheme in (Scheme.XE16, Scheme.XE3):
            said.put(version=build.canonical, format=ImageFormat.XE_BIN)
    if header.info:
        _from_info(header.info, said)
    if header.kind == "rpm":
        _from_label(header.label, ".rpm", said)
    if header.kind in _KIND_FORMATS and (said.fields or header.kind != "tar"):
        said.put(format=_KIND_FORMATS[header.kind])
    return said.fields


def _from_cw(cw: dict[str, str], said: _Said) -> None:
    image = cw.get("CW_IMAGE", "")
    parts = image.split("-")
    family = cw.get("CW_FAMILY", "") or parts[0]
    feature = parts[1] if len(parts) > 2 else ""
    version = parse_version(cw.get("CW_VERSION", ""))
    is_xe = _XE_FAMILY.search(f"{family} {image}") is not None
    said.put(
        family=family,
        image_name=image,
        feature_set=feature.upper(),
        media=cw.get("CW_MEDIA", ""),
        description=" ".join(cw.get("CW_SYSDESCR", "").split()),
        image_type=ImageType.SYSTEM_SW,
        format=ImageFormat.XE_BIN if is_xe else ImageFormat.IOS_BIN,
        has_strong_crypto=has_strong_crypto(feature) if feature else None,
    )
    if version is None:
        return
    if is_xe and version.scheme is Scheme.IOS:  # XE 3.x routers: the block carries the IOS train
        said.put(ios_version=version.canonical)
    else:
        said.put(version=version.canonical)


def _from_info(info: dict[str, str], said: _Said) -> None:
    """Catalyst tar: sizes in bytes, memory in MB."""
    inner = identify_name(info.get("version_directory", "") + ".bin")
    if not inner.recognised:
        inner = identify_name(info.get("image_name", ""))
    said.put(
        family=info.get("image_family", "") or inner.family,
        image_name=inner.image_name,
        feature_set=inner.feature_set,
        version=inner.version,
        has_strong_crypto=inner.has_strong_crypto,
        image_type=ImageType.SYSTEM_SW,
        boot_file=_inside(info),
    )
    dram = _MIN_DRAM.search(info.get("image_feature", ""))
    megabytes = dram[1] if dram is not None else info.get("image_min_dram", "")
    if megabytes.isascii() and megabytes.isdigit() and 0 < int(megabytes[:6]) < 100_000:
        said.put(min_ram_bytes=int(megabytes) * _MB)
    total = _size(info.get("total_image_file_size", ""))
    if total:
        said.put(min_flash_bytes=total, declared_size_bytes=total)


def _inside(info: dict[str, str]) -> str:
    """Directory and file that the archive makes on the flash; "" unless both are plain names."""
    folder, name = info.get("version_directory", ""), info.get("image_name", "")
    return f"{folder}/{name}" if _PLAIN.fullmatch(folder) and _PLAIN.fullmatch(name) else ""


def _size(text: str) -> int | None:
    """Decimal in the file, with 0x where a tool wrote it in hexadecimal."""
    match = re.fullmatch(r"(0x[0-9a-fA-F]{1,12})|(\d{1,15})", text)
    if match is None:
        return None
    return int(match[1], 16) if match[1] else int(match[2])


def _from_label(label: str, ending: str, said: _Said) -> None:
    inner = identify_name(label + ending)
    if inner.recognised:
        said.put(family=inner.family, version=inner.version, image_type=inner.image_type, image_name=inner.image_name)


def _disagreements(said: dict[str, Any], by_name: ImageIdentity) -> list[str]:
    if not by_name.recognised:
        return []
    found: list[str] = []
    family = said.get("family", "")
    if family and by_name.family and not _same_family(family, by_name.family):
        found.append(f"the header says family {family}, the name says {by_name.family}")
    for key, label in (("version", "version"), ("ios_version", "IOS version")):
        header, name = said.get(key, ""), getattr(by_name, key)
        if header and name and compare(header, name) is not Order.SAME:
            found.append(f"the header says {label} {header}, the name says {name}")
    feature = said.get("feature_set", "")
    if feature and by_name.feature_set and feature.upper() != by_name.feature_set.upper():
        found.append(f"the header says feature set {feature}, the name says {by_name.feature_set}")
    return found


def _same_family(header: str, name: str) -> bool:
    left, right = header.lower().replace("-", "_"), name.lower().replace("-", "_")
    return left == right or left.removesuffix("_rp") == right.removesuffix("_rp")


def _wrong_kind(header: Header, by_name: ImageIdentity) -> list[str]:
    expected = _FORMAT_KINDS.get(by_name.format)
    if expected is None:
        return []
    kind, sentence = expected
    if header.kind == kind:
        return [] if kind != "elf" or header.cw else ["no CW block was found in the file: its header cannot be read"]
    return [sentence]
