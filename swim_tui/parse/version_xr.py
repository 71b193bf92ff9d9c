"""`show version` of IOS XR: 32 bit, 64 bit and XR7 (LNT)."""

from __future__ import annotations

import re

from swim_tui.model.facts import BootMode, OsKind, VersionFacts
from swim_tui.parse.text import number
from swim_tui.parse.times import parse_uptime

_VERSION = re.compile(r"^\s*Cisco IOS[ -]XR Software, Version (?P<version>[^\s\[,]+)", re.MULTILINE)
_LNT = re.compile(r"^\s*Cisco IOS[ -]XR Software, Version \S+\s+LNT\b", re.MULTILINE)
_X64 = re.compile(r"^\s*(?:Build Information:|Location\s*: */opt/cisco/)", re.MULTILINE)
_LABEL = re.compile(r"^\s*Label +: *(?P<label>\S+)", re.MULTILINE)
_IMAGE_FILE = re.compile(r'^\s*System image file is "(?P<file>[^"\n]+)"', re.MULTILINE)
_HOST = re.compile(r"^(?P<host>(?!System\b)\S+) uptime is ", re.MULTILINE)
_SERIES = re.compile(r"^[Cc]isco (?P<pid>(?!IOS XR|IOS-XR Software)\S[^\n(]*?)\s*(?:\(|processor|with)", re.MULTILINE)
_ROM = re.compile(r"^ROM: .*?Version (?P<version>[^\s,]+)", re.MULTILINE)
_RAM = re.compile(r"with (?P<amount>\d+)(?P<unit>K|M|G)B? (?:bytes )?of memory")
_DISK = re.compile(r"^(?P<k>\d+)[kK] bytes of (?:disk0|harddisk):", re.MULTILINE)
_REGISTER = re.compile(r"^Configuration register on node \S+ is (?P<now>0x[0-9a-fA-F]+)", re.MULTILINE)
_UNITS = {"K": 1024, "M": 1024**2, "G": 1024**3}
_FAMILIES = (
    (re.compile(r"ASR.?9", re.IGNORECASE), "ASR9K"),
    (re.compile(r"CRS"), "CRS"),
    (re.compile(r"XRv ?9000", re.IGNORECASE), "XRV9K"),
    (re.compile(r"NCS-?55\d\d"), "NCS5500"),
    (re.compile(r"NCS-?540L"), "NCS540L"),
    (re.compile(r"NCS-?540"), "NCS540"),
    (re.compile(r"NCS-?560"), "NCS560"),
    (re.compile(r"NCS-?50\d\d"), "NCS5K"),
    (re.compile(r"NCS-?6\d\d\d"), "NCS6K"),
    (re.compile(r"^8\d\d\d|^8000"), "8000"),
)


def xr_version_facts(text: str) -> VersionFacts:
    """Facts of an IOS XR `show version`; `text` is clean already."""
    series = _SERIES.search(text)
    pid = series["pid"].strip() if series else ""
    disk = number(_first(_DISK, text, "k"))
    ram = _RAM.search(text)
    image_file = _first(_IMAGE_FILE, text, "file")
    return VersionFacts(
        os=OsKind.IOS_XR,
        version=_first(_VERSION, text, "version"),
        family=next((family for pattern, family in _FAMILIES if pattern.search(pid)), ""),
        image_name=_first(_LABEL, text, "label"),
        image_file=image_file,
        hostname=_first(_HOST, text, "host"),
        uptime_s=parse_uptime(text),
        rommon=_first(_ROM, text, "version"),
        ram_bytes=(number(ram["amount"]) or 0) * _UNITS[ram["unit"]] or None if ram else None,
        flash_bytes=disk * 1024 if disk is not None else None,
        mode=BootMode.UNKNOWN,
        config_register=_first(_REGISTER, text, "now"),
        pid=pid,
        edition=_edition(text, image_file),
    )


def _edition(text: str, image_file: str) -> str:
    """LNT is XR7; only 32 bit XR names its image file; 64 bit XR prints how it was built."""
    if _LNT.search(text):
        return "LNT"
    if image_file:
        return "px"
    return "x64" if _X64.search(text) else ""


def _first(pattern: re.Pattern[str], text: str, group: str) -> str:
    match = pattern.search(text)
    return (match[group] or "") if match else ""
