"""Long lines that are wrapped under themselves: below the value of a label, or a little further in."""

from __future__ import annotations

import re
import textwrap

from textual.content import Content
from textual.widgets import Static

_LABEL = re.compile(r"\s*\S{1,20}(?: \S{1,20}){0,3}\s{2,}(?=\S)")
_FURTHER = 4


def hanging(text: str, width: int, *, further: int = _FURTHER) -> list[str]:
    """The lines of one long line; a word that has no room even alone is broken, on the line it stands on."""
    if len(text) <= width:
        return [text]
    label = _LABEL.match(text)
    head = label.group() if label is not None else text[: len(text) - len(text.lstrip())]
    indent = min(len(head) + (0 if label is not None else further), width // 2)
    body = text[len(head) :]
    if len(head) > indent:
        head, body = "", text
    lines = textwrap.wrap(
        body, max(1, width - indent), replace_whitespace=False, drop_whitespace=True, break_on_hyphens=False
    )
    if label is None and lines:
        first = textwrap.wrap(body, max(1, width - len(head)), replace_whitespace=False, break_on_hyphens=False)[0]
        rest = body[len(first) :].lstrip()
        lines = [first, *textwrap.wrap(rest, max(1, width - indent), replace_whitespace=False, break_on_hyphens=False)]
    return [head + lines[0], *(" " * indent + line for line in lines[1:])] if lines else [head]


def hung(text: str, width: int) -> str:
    """A text of many lines, each wrapped under itself; paragraphs that start at the margin stay there."""
    lines: list[str] = []
    for line in text.split("\n"):
        lines += hanging(line, width, further=_FURTHER if line.startswith(" ") else 0)
    return "\n".join(lines)


class HangingText(Static):
    """A text that is wrapped anew when its width changes."""

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(Content(text), id=id)
        self._text = text

    def on_resize(self) -> None:
        """After this layout is through: changing the height within it leaves a gap."""
        self.call_after_refresh(self._flow)

    def _flow(self) -> None:
        if self.size.width:
            self.update(Content(hung(self._text, self.size.width)))
