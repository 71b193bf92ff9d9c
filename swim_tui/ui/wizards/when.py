"""Start times and windows as people type them, each with the sentence that says what is wrong."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from swim_tui.errors import BadValue

_FORMATS = ("%m/%d/%Y %I:%M %p", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")
HOW = "YYYY-MM-DD HH:MM, or MM/DD/YYYY HH:MM AM"


def zone_of(name: str) -> ZoneInfo:
    """A zone of the zone database; BadValue for a name it does not know."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        raise BadValue(
            name="zone", value=name, detail="the zone database does not know it", allowed="a name such as Europe/Paris"
        ) from None


def moment(text: str, zone_name: str, now: datetime) -> datetime:
    """A time to come, in UTC; BadValue for the past, for an hour that clocks skip, and for what is no time."""
    zone = zone_of(zone_name)
    typed = _read(" ".join(text.split()))
    at = typed.replace(tzinfo=zone).astimezone(UTC)
    back = at.astimezone(zone).replace(tzinfo=None)
    if back != typed:
        raise BadValue(
            name="start", value=text, detail=f"clocks skip it; after {typed:%H:%M} comes {back:%H:%M}", allowed=HOW
        )
    if at <= now:
        here = now.astimezone(zone)
        raise BadValue(name="start", value=text, detail=f"it is past (now {here:%Y-%m-%d %H:%M})", allowed=HOW)
    return at


def _read(text: str) -> datetime:
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is put on by the caller
        except ValueError:
            continue
    raise BadValue(name="start", value=text, detail="it is not a time", allowed=HOW)


def window_end(text: str) -> str:
    """What is wrong with one end of a window: a time of day, or a date and time."""
    if not text or _CLOCK.fullmatch(text):
        return ""
    try:
        _read(text)
    except BadValue:
        return f"a time of day such as 22:00, or {HOW}"
    return ""


def window_text(text: str) -> str:
    """A window's end as the engine reads it: HH:MM, or an ISO time without offset."""
    if _CLOCK.fullmatch(text):
        return time.fromisoformat(text.rjust(5, "0")).strftime("%H:%M")
    return _read(text).isoformat(timespec="minutes")
