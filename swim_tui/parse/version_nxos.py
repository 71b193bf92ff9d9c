"""`show version` of NX-OS."""

from __future__ import annotations

import re

from swim_tui.model.facts import BootMode, OsKind, VersionFacts
from swim_tui.parse.text import number
from swim_tui.parse.times import seconds_of

_VERSION = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (r"^\s*NXOS: +version (\S+)", r"^\s*system: +version (\S+)", r"^\s*kickstart: +version (\S+)")
)
_BUILD = re.compile(r"^\s*(?:NXOS|system): +version \S+ +\[build +([^\]\s]+)\]", re.MULTILINE)
_IMAGE = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (r"^\s*NXOS image file is: *(\S+)", r"^\s*system image file is: *(\S+)")
)
_BIOS = re.compile(r"^\s*BIOS: +version v?(\S+)", re.MULTILINE)
_CHASSIS = re.compile(r"^\s*cisco (Nexus ?\d\S*)([^\n]*)\bchassis\b", re.MULTILINE | re.IGNORECASE)
_RAM = re.compile(r"with (\d+) kB of memory")
_FLASH = re.compile(r"^\s*bootflash: +(\d+) kB", re.MULTILINE)
_NAME = re.compile(r"^\s*Device name: *(\S+)", re.MULTILINE)
_UPTIME = re.compile(r"^\s*Kernel uptime is (.+)$", re.MULTILINE)
_REASON = re.compile(r"^\s*Reason: *(.+?)\s*$", re.MULTILINE)
_BOARD = re.compile(r"^\s*Processor Board ID (\S+)", re.MULTILINE)
_MODEL_DIGITS = re.compile(r"Nexus ?(\d)(\d)\d\d\S*$")


def nxos_version_facts(text: str) -> VersionFacts:
    """Facts of an NX-OS `show version`; `text` is clean already."""
    image_file = _first(text, *_IMAGE)
    family, pid = _chassis(text)
    ram, flash = number(_first(text, _RAM)), number(_first(text, _FLASH))
    uptime = _first(text, _UPTIME)
    return VersionFacts(
        os=OsKind.NXOS,
        version=_version(text),
        family=family,
        image_name=re.split(r"[/:]", image_file)[-1],
        image_file=image_file,
        hostname=_first(text, _NAME),
        uptime_s=seconds_of(uptime) if uptime else None,
        reload_reason=_first(text, _REASON),
        rommon=_first(text, _BIOS),
        ram_bytes=ram * 1024 if ram is not None else None,
        flash_bytes=flash * 1024 if flash is not None else None,
        mode=BootMode.UNKNOWN,
        pid=pid,
        serial=_first(text, _BOARD),
    )


def _version(text: str) -> str:
    """After a non-disruptive upgrade the name has `uu` in it, and the release stands in brackets behind it."""
    said = _first(text, *_VERSION).rstrip(",")
    built = _BUILD.search(text)
    return built[1] if "uu" in said and built is not None else said


def _first(text: str, *patterns: re.Pattern[str]) -> str:
    for pattern in patterns:
        match = pattern.search(text)
        if match is not None:
            return match[1]
    return ""


def _chassis(text: str) -> tuple[str, str]:
    """(family, model word): `Nexus9000 C9396PX` -> Nexus9000, C9396PX; `Nexus 5548` -> Nexus5000, 5548."""
    match = _CHASSIS.search(text)
    if match is None:
        return "", ""
    word = match[1].replace(" ", "")
    rest = match[2].split("(")[0].split()
    digits = _MODEL_DIGITS.match(word)
    if word.endswith("000") or (digits is not None and word == "Nexus7700"):
        return _spelled(word), rest[0] if rest else word
    family = f"Nexus{digits[1]}000" if digits is not None else word
    return _spelled(family), word.removeprefix("Nexus")


def _spelled(family: str) -> str:
    return "nexus6000" if family == "Nexus6000" else family
