"""What commands print: one JSON document, or plain tables; text from devices is neutralised first."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

_MIB = 1024 * 1024
# What terminals obey: C0 (but tab and line feed), DEL, C1, bidirectional marks. JSON escapes C0 alone by itself.
_OBEYED = re.compile(r"[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def plain(text: object) -> str:
    """Text with every control character shown as its escape: what a device says never reaches the terminal raw."""
    words = str(text)
    if words.isprintable():
        return words
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in words)


def emit(value: Any) -> None:
    """One JSON document on stdout: snake_case, ISO 8601 UTC, bytes."""
    from pydantic_core import to_json

    sys.stdout.write(_inert(to_json(value, indent=2, fallback=str).decode()) + "\n")


def emit_line(value: Any) -> None:
    """One JSON line of a stream, at once."""
    from pydantic_core import to_json

    sys.stdout.write(_inert(to_json(value, fallback=str).decode()) + "\n")
    sys.stdout.flush()


def _inert(document: str) -> str:
    """A JSON document of the same meaning without a character that a terminal obeys."""
    if document.isascii() and "\x7f" not in document:
        return document
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


def say(text: str) -> None:
    """Data for a person, on stdout; names that came from devices or files may be in it."""
    sys.stdout.write(_STEERS.sub(lambda found: repr(found[0])[1:-1], text) + "\n")


def tell(text: str) -> None:
    """Narration, on stderr; words of devices and files may be in it."""
    sys.stderr.write("\n".join(plain(line) for line in text.split("\n")) + "\n")
    sys.stderr.flush()


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str = "") -> None:
    """A table on stdout, as wide as its content; `empty` is narrated when there are no rows."""
    from rich.cells import cell_len

    body = [[plain(cell) for cell in row] for row in rows]
    if not body:
        tell(empty or "nothing to list")
        return
    lines = [list(columns), *body]
    widths = [max(cell_len(line[i]) for line in lines) for i in range(len(columns))]
    for line in lines:
        cells = (cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True))
        say("  ".join(cells).rstrip())


def fields(pairs: Iterable[tuple[str, object]]) -> None:
    """Named values, one a line; those without a value are left out."""
    shown = [(name, plain(value)) for name, value in pairs if value not in ("", None, ())]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        say(f"{name:<{width}}  {value}")


def size(count: int | None) -> str:
    """Bytes as the repository shows them: 2^20 with four significant digits, labelled MB."""
    if count is None:
        return ""
    megabytes = count / _MIB
    if count < 1000:
        return f"{count} B"
    return f"{megabytes:.0f} MB" if megabytes >= 1000 else f"{megabytes:.4g} MB"


def size_exact(count: int | None) -> str:
    """Bytes short and exact: 296.7 MB (311159920 bytes)."""
    return "" if count is None else f"{size(count)} ({count} bytes)"


def moment(at: datetime | None) -> str:
    """A time in the machine's zone, with its offset."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S %z") if at else ""


def duration(seconds: float | None) -> str:
    """Seconds as h m s, the two largest parts."""
    if seconds is None:
        return ""
    whole = int(seconds)
    if whole < 60:
        return f"{seconds:.3g} s" if seconds < 10 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} m"


def is_terminal() -> bool:
    """True when a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, flag: str) -> None:
    """Ask on the terminal; without one, ConsentMissing names the flag that says yes beforehand."""
    import click

    from swim_tui.errors import ConsentMissing, Refused

    if not is_terminal():
        raise ConsentMissing(detail=question.rstrip("?"), flag=flag)
    if not click.confirm(question, err=True):
        raise Refused(detail="you said no", action=f"nothing was changed; {flag} says yes beforehand")
