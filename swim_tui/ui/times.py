"""Times, durations and sizes as the screens write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from swim_tui.model.words import counted


def zone_of(moment: datetime, *, utc: bool) -> datetime:
    """The moment in UTC or in this terminal's zone."""
    return moment.astimezone(UTC) if utc else moment.astimezone()


def list_time(moment: datetime | None, *, utc: bool = False) -> str:
    """`YYYY-MM-DD HH:MM:SS.fff` with trailing zeros dropped; Unknown while there is none (FEATURES 16, 17)."""
    if moment is None:
        return "Unknown"
    local = zone_of(moment, utc=utc)
    fraction = f"{local.microsecond // 1000:03d}".rstrip("0")
    return local.strftime("%Y-%m-%d %H:%M:%S") + (f".{fraction}" if fraction else ".0")


def detail_time(moment: datetime | None, *, utc: bool = False) -> str:
    """`YYYY-MM-DD HH:MM`, as the job detail writes it."""
    return "Unknown" if moment is None else zone_of(moment, utc=utc).strftime("%Y-%m-%d %H:%M")


def clock_text(moment: datetime, *, utc: bool) -> str:
    """`14:02 +01:00`."""
    local = zone_of(moment, utc=utc)
    offset = local.strftime("%z")
    return f"{local:%H:%M} {offset[:3]}:{offset[3:5]}"


def duration(span: timedelta | float | None) -> str:
    """`h:mm:ss`."""
    if span is None:
        return ""
    seconds = max(0, int(span.total_seconds() if isinstance(span, timedelta) else span))
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def days(span_s: float) -> str:
    """`412 days 7:26:00`, for what lasts longer than a job."""
    whole, rest = divmod(int(span_s), 86400)
    return f"{counted(whole, 'day')} {duration(rest)}" if whole else duration(rest)


def age(moment: datetime | None, now: datetime) -> str:
    """`3 h ago`; empty if never."""
    if moment is None:
        return "never"
    seconds = max(0.0, (now - moment).total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return f"{int(seconds)} s ago"


def size_mb(size_bytes: int | None) -> str:
    """`296.7 MB (311159920 bytes)`: bytes / 2^20 with four significant digits (FEATURES 25)."""
    if size_bytes is None:
        return "Unknown"
    return f"{significant(size_bytes / 2**20)} MB ({size_bytes} bytes)"


def significant(value: float, digits: int = 4) -> str:
    """A number with so many significant digits and no exponent."""
    if value >= 10 ** (digits - 1):
        return f"{value:.0f}"
    whole = len(str(int(value))) if value >= 1 else 1
    return f"{value:.{max(0, digits - whole)}f}"


def short_size(size_bytes: float | None) -> str:
    """`297 MB` for a narrow column."""
    if size_bytes is None:
        return ""
    for size, unit in ((2**30, "GB"), (2**20, "MB"), (2**10, "KB")):
        if size_bytes >= size:
            return f"{significant(size_bytes / size, 3)} {unit}"
    return f"{int(size_bytes)} B"
