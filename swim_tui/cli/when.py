"""Times that people type: local or with an offset; the past and the hour that a clock skips are refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from swim_tui.errors import BadValue

ALLOWED = "2026-03-01T02:00, '2026-03-01 02:00', 02:00 (the next one), or with an offset as in 2026-03-01T02:00+01:00"


def machine_zone() -> tuple[str, tzinfo | None]:
    """Name and rules of the machine's zone; None for the rules means: as the C library says."""
    try:
        target = str(Path("/etc/localtime").resolve())
        name = target.split("/zoneinfo/", 1)[1]
        return name, ZoneInfo(name)
    except (IndexError, OSError, KeyError, ValueError):
        return "UTC", None


def parse_at(text: str, now: datetime, zone: tzinfo | None) -> datetime:
    """A moment in UTC from what was typed; BadValue for the past, a skipped hour, or anything else."""
    words = text.strip().replace(" ", "T", 1)
    if re.fullmatch(r"\d{1,2}:\d{2}", words):
        return _next(words, text, now, zone)
    try:
        typed = datetime.fromisoformat(words)
    except ValueError:
        raise BadValue(name="--at", value=text, detail="it is not a time", allowed=ALLOWED) from None
    at = typed.astimezone(UTC) if typed.tzinfo else _local(typed, text, zone)
    if at <= now:
        raise BadValue(
            name="--at", value=text, detail="it is in the past", allowed="a time to come, or no --at for now"
        )
    return at


def _next(words: str, text: str, now: datetime, zone: tzinfo | None) -> datetime:
    hour, minute = words.split(":")
    try:
        clock = time(int(hour), int(minute))
    except ValueError:
        raise BadValue(name="--at", value=text, detail="there is no such time of day", allowed=ALLOWED) from None
    day = now.astimezone(zone).date()
    at = _local(datetime.combine(day, clock), text, zone)
    return at if at > now else _local(datetime.combine(day + timedelta(days=1), clock), text, zone)


def _local(typed: datetime, text: str, zone: tzinfo | None) -> datetime:
    """Local time to UTC. Of an hour that comes twice the first is meant."""
    at = (typed.replace(tzinfo=zone) if zone else typed).astimezone(UTC)
    back = at.astimezone(zone).replace(tzinfo=None)
    if back != typed:
        detail = f"the clock skips this time on that day: after {typed:%H:%M} would come {back:%H:%M}"
        raise BadValue(
            name="--at", value=text, detail=detail, allowed=f"{back:%Y-%m-%dT%H:%M} or a time before the gap"
        )
    return at
