"""ASCII mode: every character that leaves for the terminal is ASCII, whatever widget drew it."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_SAME = {
    **dict.fromkeys("─━═╌┄┈╍╴╶▔▁▂‾—–‑", "-"),
    **dict.fromkeys("│┃║╎┆┊▏▕▎▍▌▐▊▋▉", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯╔╗╚╝╠╣╦╩╬┏┓┗┛┣┫┳┻╋▖▗▘▙▚▛▜▝▞▟", "+"),
    **dict.fromkeys("█▇▆▅▄▃■▪", "#"),
    **dict.fromkeys("▀", "-"),
    **dict.fromkeys("░▒▓·•∙", "."),
    **dict.fromkeys("▶▸►→⭘›»", ">"),
    **dict.fromkeys("◀◂◄←‹«", "<"),
    **dict.fromkeys("▲△↑", "^"),
    **dict.fromkeys("▼▽↓", "v"),
    **dict.fromkeys("✓✔", "+"),
    **dict.fromkeys("✗✘✕×", "x"),
    **dict.fromkeys("●○◉⬤", "*"),
    "…": "~",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "\u00a0": " ",
}


def to_ascii(text: str) -> str:
    """ASCII of the same width in cells; letters lose their accents, unknown signs become `?`."""
    if text.isascii():
        return text
    return "".join(_char(char) for char in text)


def _char(char: str) -> str:
    if char.isascii():
        return char
    width = cell_len(char)
    plain = _SAME.get(char)
    if plain is None:
        plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode("ascii")
    return (plain or "?")[:width].ljust(width) if width else ""


class AsciiFilter(LineFilter):
    """Replaces what is not ASCII on every line, after all widgets have drawn."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Translate a line of segments."""
        return [Segment(to_ascii(text), style, control) for text, style, control in segments]
