"""`show version` of IOS and IOS XE, routers, switches and stacks."""

from __future__ import annotations

import re

from swim_tui.model.facts import BootMode, Member, OsKind, VersionFacts
from swim_tui.model.imagename import identify_name
from swim_tui.model.version import same_version
from swim_tui.parse.text import number
from swim_tui.parse.times import parse_uptime

_BANNER = re.compile(
    r"^.*?\((?P<image>[A-Za-z0-9][\w.-]*)\),?\s+(?:Experimental )?Version (?P<version>[^\s,]+)", re.MULTILINE
)
_XE_BANNER = re.compile(r"^\s*Cisco IOS[ -]XE Software, Version (?P<version>\S+)", re.MULTILINE)
_XE_LINE = re.compile(r"^\s*IOS[ -]XE Version: *(?P<version>\S+)", re.MULTILINE)
_XE_WORDS = re.compile(r"IOS[ -]XE\b|LINUX_IOSD|IOSXE")
_XE_FORM = re.compile(r"0?[23]\.\d+\.\d+\S*|1[6-9]\.\d+\.\d+\S*|[2-9]\d\.\d+\.\d+\S*")
_IMAGE_FILE = re.compile(r'^\s*System image file is "(?P<file>[^"\n]+)"', re.MULTILINE)
_HOST = re.compile(r"^(?P<host>\S+) uptime is ", re.MULTILINE)
_RESTARTED = re.compile(r"^System restarted at (?P<text>.+?)\s*$", re.MULTILINE)
_RETURNED = re.compile(r"^System returned to ROM by (?P<text>.+?)(?: at \d\d:\d\d:\d\d .*)?$", re.MULTILINE)
_REASON = re.compile(r"^Last reload reason: *(?P<text>.*?)\s*$", re.MULTILINE)
_BOOTLDR = re.compile(r"^BOOTLDR: .*?Version (?P<version>[^\s,]+)", re.MULTILINE)
_ROM = re.compile(r"^ROM: .*?Version (?P<version>[^\s,]+)", re.MULTILINE)
_PHYSICAL = re.compile(r"(?P<k>\d+)K bytes of physical memory")
_PROCESSOR = re.compile(
    r"^[Cc]isco (?P<pid>\S+)(?: [^\n]*?)?\s(?:processor|with)\b[^\n]*?(?P<main>\d+)K(?:/(?P<io>\d+)K)? bytes of",
    re.MULTILINE,
)
_REGISTER = re.compile(
    r"^\s*Configuration register is (?P<now>0x[0-9A-Fa-f]+)(?: \(will be (?P<next>0x[0-9A-Fa-f]+) at next reload\))?",
    re.MULTILINE,
)
_BOARD = re.compile(r"^Processor board ID (?P<serial>[^\s,]+)", re.MULTILINE)
_MODEL = re.compile(r"^\s*Model [Nn]umber\s*: *(?P<pid>\S+)", re.MULTILINE)
_SERIAL = re.compile(r"^\s*System [Ss]erial [Nn]umber\s*: *(?P<serial>\S+)", re.MULTILINE)
_INSTALLATION = re.compile(r"^\s*Installation mode is (?P<mode>INSTALL|BUNDLE)", re.MULTILINE | re.IGNORECASE)
# best first: the file system images live on
_FLASH = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^\s*(\d+)K bytes of .*\bat (?:boot)?flash:",
        r"^\s*(\d+)K bytes of .*\bat flash-?\d+:",
        r"^\s*(\d+)K bytes of .*\bat (?:sup-)?bootdisk:",
        r"^\s*(\d+)K bytes of ATA System CompactFlash 0",
        r"^\s*(\d+)K bytes of (?:ATA )?(?:PCMCIA|CompactFlash|System CompactFlash)",
        r"^\s*(\d+)K bytes of processor board System flash",
        r"^\s*(\d+)K bytes of Flash internal SIMM",
        r"^\s*(\d+)K bytes of (?:eUSB |system )?flash memory",
    )
)
_TABLE = re.compile(r"^Switch +Ports +Model +SW Version", re.MULTILINE)
_ROW = re.compile(
    r"^(?P<mark>[* ]) +(?P<number>\d{1,2}) +(?P<ports>\d+) +(?P<model>\S+) +(?P<version>\S+) +(?P<image>\S+)"
    r"(?: +(?P<mode>[A-Z]+))?\s*$"
)
_BLOCK = re.compile(r"^Switch (?P<number>\d{1,2})\s*\n-{5,}\s*\n", re.MULTILINE)


def ios_version_facts(text: str) -> VersionFacts:
    """Facts of an IOS or IOS XE `show version`; `text` is clean already."""
    os = OsKind.IOS_XE if _XE_WORDS.search(text) else OsKind.IOS
    version, ios_version, image_name = _versions(text, os)
    family, feature = split_image_name(image_name)
    image_file = _first(_IMAGE_FILE, text, "file")
    if os is OsKind.IOS_XE and version == ios_version:
        version = _xe_of_file(image_file, ios_version) or version
    members = _members(text)
    register = _REGISTER.search(text)
    processor = _PROCESSOR.search(text)
    return VersionFacts(
        os=os,
        version=version,
        ios_version=ios_version,
        family=family,
        image_name=image_name,
        feature_set=feature,
        image_file=image_file,
        hostname=_first(_HOST, text, "host"),
        uptime_s=parse_uptime(text),
        restarted=_first(_RESTARTED, text, "text"),
        reload_reason=_first(_REASON, text, "text") or _first(_RETURNED, text, "text").strip(),
        rommon=_first(_BOOTLDR, text, "version") or _first(_ROM, text, "version"),
        ram_bytes=_ram(text, processor),
        flash_bytes=_flash(text),
        mode=_mode(text, os, image_file, members),
        members=members,
        config_register=(register["now"] or "") if register else "",
        config_register_next=(register["next"] or "") if register else "",
        pid=_first(_MODEL, text, "pid") or (processor["pid"] if processor else ""),
        serial=_first(_SERIAL, text, "serial") or _first(_BOARD, text, "serial"),
    )


def split_image_name(image_name: str) -> tuple[str, str]:
    """Family and feature set of `C2960-LANBASEK9-M`; CAT9K_IOSXE has no feature part."""
    parts = image_name.split("-")
    if len(parts) < 2:
        return image_name, ""
    ends_with_run_letter = len(parts) > 2 and len(parts[-1]) <= 2
    return parts[0], "-".join(parts[1:-1] if ends_with_run_letter else parts[1:])


def _versions(text: str, os: OsKind) -> tuple[str, str, str]:
    """(version, IOS train on XE, image name)."""
    banner = _BANNER.search(text)
    image = banner["image"] if banner else ""
    ios = banner["version"].rstrip(",") if banner else ""
    if os is OsKind.IOS:
        return ios, "", image
    xe = _first(_XE_BANNER, text, "version").rstrip(",") or _first(_XE_LINE, text, "version")
    if xe:
        return xe, ios, image
    if _XE_FORM.fullmatch(ios):  # XE 3.x switches have one line only
        return ios, "", image
    return ios, ios, image


def _xe_of_file(image_file: str, ios_version: str) -> str:
    """XE before 3.10 prints its IOS train only; the name of the running file has both, and counts if they agree."""
    named = identify_name(image_file)
    return named.version if named.ios_version and same_version(named.ios_version, ios_version) else ""


def _first(pattern: re.Pattern[str], text: str, group: str) -> str:
    match = pattern.search(text)
    return (match[group] or "") if match else ""


def _ram(text: str, processor: re.Match[str] | None) -> int | None:
    """XE: physical memory (the processor line is only IOSd's share); else main and I/O memory together."""
    physical = number(_first(_PHYSICAL, text, "k"))
    if physical is not None:
        return physical * 1024
    if processor is None:
        return None
    main, io = number(processor["main"]), number(processor["io"])
    return None if main is None else (main + (io or 0)) * 1024


def _flash(text: str) -> int | None:
    for pattern in _FLASH:
        match = pattern.search(text)
        size = number(match[1]) if match else None
        if size is not None:
            return size * 1024
    return None


def _mode_word(word: str | None) -> BootMode:
    return {"INSTALL": BootMode.INSTALL, "BUNDLE": BootMode.BUNDLE}.get((word or "").upper(), BootMode.UNKNOWN)


def _mode(text: str, os: OsKind, image_file: str, members: tuple[Member, ...]) -> BootMode:
    said = _INSTALLATION.search(text)
    if said is not None:
        return _mode_word(said["mode"])
    modes = {m.mode for m in members} - {BootMode.UNKNOWN}
    if len(modes) == 1:
        return modes.pop()
    if modes:
        return BootMode.UNKNOWN
    if image_file.endswith("packages.conf"):
        return BootMode.INSTALL
    if image_file.endswith(".bin") or (os is OsKind.IOS and image_file):
        return BootMode.BUNDLE
    return BootMode.UNKNOWN


def _members(text: str) -> tuple[Member, ...]:
    """The stack table, with model and serial of the per-member blocks below it."""
    table = _TABLE.search(text)
    if table is None:
        return ()
    blocks = _blocks(text)
    members: list[Member] = []
    for line in text[table.end() :].split("\n")[1:]:
        row = _ROW.match(line)
        if row is None:
            if members:
                break
            continue
        serial, pid = blocks.get(int(row["number"]), ("", ""))
        if row["mark"] == "*" and not serial:  # the active member's block has no heading
            serial = _first(_SERIAL, text, "serial")
        members.append(
            Member(
                number=int(row["number"]),
                role="Active" if row["mark"] == "*" else "",
                version=row["version"],
                image=row["image"],
                mode=_mode_word(row["mode"]),
                pid=pid or row["model"],
                serial=serial,
            )
        )
    return tuple(members)


def _blocks(text: str) -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    heads = list(_BLOCK.finditer(text))
    for index, head in enumerate(heads):
        end = heads[index + 1].start() if index + 1 < len(heads) else len(text)
        body = text[head.end() : end]
        found[int(head["number"])] = (_first(_SERIAL, body, "serial"), _first(_MODEL, body, "pid"))
    return found
