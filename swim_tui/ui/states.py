"""How states look: glyph, word and tone, told apart without colour and in ASCII."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """What a piece of text means; the theme gives each a colour safe for deuteranopia."""

    PLAIN = "plain"
    DIM = "dim"
    RUN = "run"
    OK = "ok"
    FAIL = "fail"
    WAIT = "wait"
    SKIP = "skip"
    UNKNOWN = "unknown"
    LINK = "link"


GLYPHS: Mapping[Tone, str] = {
    Tone.RUN: "*",
    Tone.OK: "+",
    Tone.FAIL: "x",
    Tone.WAIT: "!",
    Tone.SKIP: "-",
    Tone.UNKNOWN: "?",
}

_TONES: Mapping[str, Tone] = {
    "running": Tone.RUN,
    "success": Tone.OK,
    "completed": Tone.OK,
    "ok": Tone.OK,
    "failure": Tone.FAIL,
    "failed": Tone.FAIL,
    "partial success": Tone.FAIL,
    "interrupted": Tone.FAIL,
    "excluded": Tone.FAIL,
    "warning": Tone.WAIT,
    "scheduled": Tone.WAIT,
    "paused": Tone.WAIT,
    "yet to start operation": Tone.WAIT,
    "yet to start": Tone.WAIT,
    "pending": Tone.WAIT,
    "cancelled": Tone.SKIP,
    "skipped": Tone.SKIP,
    "missed": Tone.SKIP,
}


def tone_of(status: str) -> Tone:
    """The tone of a status word of the product; a word nobody knows is UNKNOWN, never silently plain."""
    return _TONES.get(status.casefold(), Tone.UNKNOWN)


@dataclass(frozen=True)
class Cell:
    """Text of one table cell with what it means."""

    text: str
    tone: Tone = Tone.PLAIN


def state_cell(status: str) -> Cell:
    """A status as glyph and word: `* Running`, `x Failure`."""
    tone = tone_of(status) if status else Tone.UNKNOWN
    return Cell(f"{GLYPHS[tone]} {status or 'Unknown'}", tone)


def bar(fraction: float | None, width: int, *, ascii_only: bool) -> str:
    """A progress bar as text of exactly `width` cells; None shows an empty track."""
    full, empty = ("#", "-") if ascii_only else ("█", "░")
    inner = width - 2 if ascii_only else width
    done = round(max(0.0, min(1.0, fraction or 0.0)) * inner)
    body = full * done + empty * (inner - done)
    return f"[{body}]" if ascii_only else body


def in_row(text: str, name: str, address: str) -> str:
    """What is said of a device in its own row: its name and address stand there already, and the room is short."""
    return text.removeprefix(f"{name}: ").removeprefix(f"{address} ")
