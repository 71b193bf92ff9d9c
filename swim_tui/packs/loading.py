"""Pack files on disk -> a set of packs; user packs replace shipped ones of the same name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from swim_tui.errors import NotFound, PackError
from swim_tui.model.facts import VersionFacts
from swim_tui.packs.detect import detect
from swim_tui.packs.pack import Pack
from swim_tui.packs.schema import BootText, PackText, RecogniseText, WaitsText
from swim_tui.packs.schema_class import CopyText, InstallText, IssuText, MembersText, VariantText
from swim_tui.packs.yamltext import Where, YamlText, parse_yaml
from swim_tui.paths import config_dir, shipped_data

_KNOWN: dict[str, Iterable[str]] = {
    "": PackText.model_fields,
    "recognise": RecogniseText.model_fields,
    "waits": WaitsText.model_fields,
    "boot": BootText.model_fields,
    "install": InstallText.model_fields,
    "issu": IssuText.model_fields,
    "members": ("copy", *MembersText.model_fields),
    "copy": CopyText.model_fields,
    "variants": VariantText.model_fields,
}


@dataclass(frozen=True)
class PackSet:
    """All packs by name."""

    packs: tuple[Pack, ...] = ()

    def __iter__(self) -> Iterator[Pack]:
        return iter(self.packs)

    def __len__(self) -> int:
        return len(self.packs)

    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(pack.name for pack in self.packs)

    def find(self, name: str) -> Pack | None:
        """The pack of this name, or None."""
        return next((pack for pack in self.packs if pack.name == name), None)

    def get(self, name: str) -> Pack:
        """The pack of this name; NotFound when there is none."""
        pack = self.find(name)
        if pack is None:
            near = difflib.get_close_matches(name, self.names(), 1)
            raise NotFound(
                kind="device pack",
                name=name,
                listing="packs list",
                detail=f"; did you mean '{near[0]}'?" if near else "",
            )
        return pack

    def detect(self, version: VersionFacts, pid: str = "") -> Pack | None:
        """The pack that recognises a device; None when none does or two do equally well."""
        return detect(self, version, pid)


def pack_directories() -> tuple[Path, ...]:
    """Where packs are looked for: the shipped ones, then the user's own."""
    return shipped_data() / "packs", config_dir() / "packs"


def load_packs(*directories: Path) -> PackSet:
    """Every pack of the directories (none named: `pack_directories()`), later ones replacing earlier ones by name;
    PackError with all problems of all files when any is wrong."""
    found: dict[str, Pack] = {}
    problems: list[str] = []
    sources: list[str] = []
    for directory in directories or pack_directories():
        here: dict[str, str] = {}
        for path in sorted([*directory.glob("*.yaml"), *directory.glob("*.yml")]):
            pack, wrong = _read(path)
            if pack is None:
                problems += wrong
                sources.append(str(path))
                continue
            if pack.name in here:
                problems.append(f"{path}:1: pack '{pack.name}' is also in {here[pack.name]}")
                sources.append(str(path))
            here[pack.name] = str(path)
            found[pack.name] = pack
    if problems:
        raise PackError(source=sources[0], detail="; ".join(problems), problems=tuple(problems))
    return PackSet(tuple(pack for _, pack in sorted(found.items())))


def load_pack(path: Path) -> Pack:
    """One pack file; PackError with all its problems."""
    pack, problems = _read(path)
    if pack is None:
        raise PackError(source=str(path), detail="; ".join(problems), problems=tuple(problems))
    return pack


def check_pack(path: Path) -> list[str]:
    """All problems of a pack file, each as `FILE:LINE: what`; empty when it is good."""
    return _read(path)[1]


def _read(path: Path) -> tuple[Pack | None, list[str]]:
    try:
        pack, problems = _parsed(path, path.read_bytes())
    except OSError as err:
        return None, [f"{path}:1: cannot be read: {err.strerror}"]
    return pack, list(problems)


@lru_cache(maxsize=256)  # packs are read again whenever somebody changed one of them
def _parsed(path: Path, data: bytes) -> tuple[Pack | None, Sequence[str]]:
    text = parse_yaml(path, data)
    if text.data is None and text.problems:
        return None, text.problems
    if not isinstance(text.data, dict):
        return None, [*text.problems, f"{path}:1: a pack is a mapping of fields"]
    problems = list(text.problems)
    try:
        pack = PackText.model_validate(text.data).to_pack(str(path))
    except ValidationError as err:
        problems += [_sentence(path, text, dict(error)) for error in err.errors()]
        return None, sorted(problems, key=_line_of)
    return (None, problems) if problems else (pack, [])


def _line_of(problem: str) -> int:
    match = re.search(r":(\d+): ", problem)
    return int(match[1]) if match else 0


def _sentence(path: Path, text: YamlText, error: dict[str, Any]) -> str:
    where: Where = tuple(error["loc"])
    name = ".".join(str(part) for part in where)
    kind, line = error["type"], text.line(where)
    if kind == "missing":
        return f"{path}:{line}: '{name}' is missing"
    if kind == "extra_forbidden":
        table = next((str(part) for part in reversed(where[:-1]) if str(part) in _KNOWN), "")
        known = _KNOWN[table] if table or len(where) == 1 else ()
        near = difflib.get_close_matches(str(where[-1]), list(known), 1)
        return f"{path}:{line}: unknown field '{name}'" + (f", did you mean '{near[0]}'?" if near else "")
    message = str(error["msg"]).removeprefix("Value error, ")
    value = error.get("input")
    shown = f" (is {value!r})" if isinstance(value, str | int | float | bool) else ""
    return f"{path}:{line}: " + (f"{name}: " if name else "") + message[:1].lower() + message[1:] + shown
