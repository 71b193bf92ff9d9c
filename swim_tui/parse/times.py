"""Device clocks, restart lines and uptimes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from swim_tui.parse.text import clean

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WHEN = (
    r"(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)(?:\.(?P<f>\d+))?\s+(?P<zone>[A-Za-z][\w+-]*)\s+"
    r"(?:[A-Z][a-z]{2})\s+(?P<month>[A-Z][a-z]{2})\s+(?P<day>\d{1,2})\s+(?P<year>\d{4})"
)
_CLOCK = re.compile(rf"^\s*[*.]?{_WHEN}", re.MULTILINE)
_RESTART = re.compile(rf"^.*?restarted at\s+{_WHEN}", re.MULTILINE)
_UTC_NAMES = frozenset({"UTC", "GMT", "Z"})
_UNITS = {"year": 31_536_000, "week": 604_800, "day": 86_400, "hour": 3600, "minute": 60, "second": 1}
_UNIT = re.compile(r"(\d{1,6})\s+(year|week|day|hour|minute|second)(?:s|\(s\))?", re.IGNORECASE)
_UPTIME = re.compile(
    r"^(?P<host>.*?)\s?uptime is[: ]+(?P<text>[^\n]*(?:year|week|day|hour|minute|second)[^\n]*)$", re.MULTILINE
)
_ZONE = re.compile(r"^clock timezone (?P<zone>\S+) (?P<hours>[+-]?\d{1,2})(?: (?P<minutes>\d{1,2}))?", re.MULTILINE)
_SUMMER = re.compile(
    r"^clock summer-time (?P<zone>\S+) (?:recurring|date)(?:[^\n]*\d:\d\d(?: (?P<offset>\d{1,3}))?)?\s*$", re.MULTILINE
)


@dataclass(frozen=True)
class DeviceTime:
    """A moment on a device's own clock. Without a known zone `at` is the wall time marked UTC: good for comparing
    two readings of one device, not for comparing with our clock."""

    at: datetime
    zone: str
    is_zone_known: bool


def parse_clock(text: str, zones: Mapping[str, int] | None = None) -> datetime | None:
    """The time `show clock` prints, as aware UTC (see DeviceTime where the zone is unknown)."""
    read = parse_device_time(text, zones)
    return read.at if read is not None else None


def parse_device_time(text: str, zones: Mapping[str, int] | None = None) -> DeviceTime | None:
    """`show clock` with its zone; `zones` are minutes east of UTC by name, from `parse_zones`."""
    match = _CLOCK.search(clean(text))
    return _moment(match, zones or {}) if match is not None else None


def parse_restart(text: str, zones: Mapping[str, int] | None = None) -> datetime | None:
    """The instant of the restart line of `show version`, on the same footing as `parse_clock`."""
    match = _RESTART.search(clean(text))
    read = _moment(match, zones or {}) if match is not None else None
    return read.at if read is not None else None


def parse_zones(config: str) -> dict[str, int]:
    """Zone names a configuration defines, in minutes east of UTC; summer time adds its offset."""
    text = clean(config)
    match = _ZONE.search(text)
    zones: dict[str, int] = {}
    base = 0
    if match is not None:
        hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
        base = hours * 60 + (-minutes if match["hours"].startswith("-") else minutes)
        zones[match["zone"]] = base
    summer = _SUMMER.search(text)
    if summer is not None:
        zones[summer["zone"]] = base + int(summer["offset"] or 60)
    return zones


def parse_uptime(text: str) -> int | None:
    """Seconds of the first `uptime is` line."""
    match = _UPTIME.search(clean(text))
    return seconds_of(match["text"]) if match is not None else None


def seconds_of(text: str) -> int | None:
    """Seconds of a duration in words: `1 year, 51 weeks, 2 days, 41 minutes`."""
    parts = _UNIT.findall(text)
    if not parts:
        return None
    return sum(int(count) * _UNITS[unit.lower()] for count, unit in parts)


def _moment(match: re.Match[str], zones: Mapping[str, int]) -> DeviceTime | None:
    if match["month"] not in _MONTHS:
        return None
    fraction = (match["f"] or "").ljust(6, "0")[:6]
    zone = match["zone"]
    offset = zones.get(zone, 0 if zone in _UTC_NAMES else None)
    try:
        wall = datetime(
            int(match["year"]),
            _MONTHS.index(match["month"]) + 1,
            int(match["day"]),
            int(match["h"]),
            int(match["m"]),
            int(match["s"]),
            int(fraction),
            tzinfo=UTC,
        )
        return DeviceTime(wall - timedelta(minutes=offset or 0), zone, offset is not None)
    except (ValueError, OverflowError):
        return None
