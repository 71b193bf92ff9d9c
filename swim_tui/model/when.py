"""Times that people type, and the zones they mean: the past, and the hour that a clock skips, are refused in words."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from swim_tui.errors import BadValue

HOW = "YYYY-MM-DD HH:MM, or MM/DD/YYYY HH:MM AM"
_ZONES = "a name such as Europe/Paris"
_CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")
_MEANT_AS_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_REFERENCE_FORM = "%m/%d/%Y %I:%M %p"


def zone_named(name: str) -> ZoneInfo:
    """A time zone; BadValue for a name the zone database does not know."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        raise BadValue(name="zone", value=name, detail="the zone database does not know it", allowed=_ZONES) from None


def machine_zone() -> ZoneInfo:
    """The zone of this machine, as TZ or /etc/localtime names it; UTC when neither does."""
    named = (os.environ.get("TZ", ""), str(Path("/etc/localtime").resolve()).partition("/zoneinfo/")[2])
    for name in filter(None, named):
        try:
            return zone_named(name.removeprefix(":"))
        except BadValue:  # TZ may also hold rules of its own, such as EST5EDT,M3.2.0,M11.1.0
            continue
    return zone_named("UTC")


def local_instant(wall: datetime, zone: ZoneInfo, name: str = "start") -> datetime:
    """The instant of a wall-clock time without offset; BadValue when clocks skip it. Of two, the first."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    back = instant.astimezone(zone).replace(tzinfo=None)
    if back != wall:
        raise BadValue(
            name=name,
            value=f"{wall:%Y-%m-%d %H:%M} {zone.key}",
            detail=f"clocks are set forward and skip this time: after {wall:%H:%M} comes {back:%H:%M}",
            allowed=f"{back:%Y-%m-%d %H:%M}, or a time before the change",
        )
    return instant


def moment(text: str, zone: ZoneInfo, now: datetime, *, name: str = "start", allowed: str = HOW) -> datetime:
    """A time to come, in UTC: a date and time, with or without an offset, or a time of day, which is the next one.

    Errors: BadValue for the past, for an hour that clocks skip, and for what is no time.
    """
    words = " ".join(text.split())
    if _MEANT_AS_CLOCK.fullmatch(words):
        return _next(words, zone, now, name, allowed)
    typed = _read(words)
    if typed is None:
        raise BadValue(name=name, value=text, detail="it is not a time", allowed=allowed)
    at = typed.astimezone(UTC) if typed.tzinfo else local_instant(typed, zone, name)
    if at <= now:
        here = now.astimezone(zone)
        raise BadValue(name=name, value=text, detail=f"it is past (now {here:%Y-%m-%d %H:%M})", allowed=allowed)
    return at


def _next(text: str, zone: ZoneInfo, now: datetime, name: str, allowed: str) -> datetime:
    if not _CLOCK.fullmatch(text):
        raise BadValue(name=name, value=text, detail="there is no such time of day", allowed=allowed)
    clock, day = time.fromisoformat(text.rjust(5, "0")), now.astimezone(zone).date()
    at = local_instant(datetime.combine(day, clock), zone, name)
    return at if at > now else local_instant(datetime.combine(day + timedelta(days=1), clock), zone, name)


def _read(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, _REFERENCE_FORM)  # noqa: DTZ007 - the zone is put on by the caller
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def window_end(text: str) -> str:
    """What is wrong with one end of a window: a time of day, or a date and time. Empty: nothing."""
    is_time = not text or _CLOCK.fullmatch(text) or _read(text)
    return "" if is_time else f"a time of day such as 22:00, or {HOW}"


def window_text(text: str) -> str:
    """One end of a window as the engine reads it: HH:MM, or an ISO time; what is neither stays as it was typed."""
    if _CLOCK.fullmatch(text):
        return text.rjust(5, "0")
    typed = _read(text)
    return typed.isoformat(timespec="minutes") if typed else text


def is_time_of_day(text: str) -> bool:
    """True for HH:MM."""
    return bool(_CLOCK.fullmatch(text))
