"""The last gate before the terminal: whatever widget drew a line, no text in it can steer the terminal."""

from __future__ import annotations

import re

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

# C0, DEL, C1 and the marks that change the direction of reading
_STEERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class InertFilter(LineFilter):
    """Shows a dot for each character that a terminal would obey; what Textual itself sends is no text of a line."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Look at a line of segments; nearly all are as they may be."""
        if not any(_STEERS.search(text) for text, _, control in segments if not control):
            return segments
        return [
            Segment(text if control else _STEERS.sub("·", text), style, control) for text, style, control in segments
        ]
