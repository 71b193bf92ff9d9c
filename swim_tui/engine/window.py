"""Maintenance windows: text to instants, with every doubt refused in words."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from swim_tui.errors import BadValue
from swim_tui.model.job import Window
from swim_tui.model.when import local_instant, zone_named

_ALLOWED = "ISO times with an offset (2026-01-10T02:00-05:00), or HH:MM for the local time of each site"


def _time_of_day(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if len(text) <= len("23:59:59") else None
    except ValueError:
        return None


def _instant(text: str, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadValue(name=name, value=text, detail="it is no time", allowed=_ALLOWED) from None
    return found.astimezone(UTC) if found.tzinfo else found


def window_of(window: Window, zone: str, now: datetime) -> tuple[datetime, datetime]:
    """Start and end in UTC. Times of day mean the window that is open now, else the next one, in `zone`."""
    start_of_day, end_of_day = _time_of_day(window.start), _time_of_day(window.end)
    if start_of_day is not None and end_of_day is not None:
        return _daily(start_of_day, end_of_day, zone_named(zone), now)
    start, end = _instant(window.start, "window start"), _instant(window.end, "window end")
    place = zone_named(zone)
    start = start if start.tzinfo else local_instant(start, place, "window start")
    end = end if end.tzinfo else local_instant(end, place, "window end")
    if end <= start:
        raise BadValue(name="window", value=f"{window.start}/{window.end}", detail="it ends before it starts")
    return start, end


def _daily(start: time, end: time, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    today = now.astimezone(zone).date()
    for day in (-1, 0, 1, 2):
        date = today + timedelta(days=day)
        opens = datetime.combine(date, start, zone).astimezone(UTC)
        shuts = datetime.combine(date + timedelta(days=1 if end <= start else 0), end, zone).astimezone(UTC)
        if now < shuts:
            return opens, shuts
    raise AssertionError("a window that opens daily has a next time")
