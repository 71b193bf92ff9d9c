"""Small read-only blocks: label and value pairs, in one or two columns by width."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from swim_tui.ui.states import Tone
from swim_tui.ui.widgets.table_paint import clean

Fact = tuple[str, str] | tuple[str, str, Tone]

_STYLES = {
    Tone.OK: "$status-ok",
    Tone.FAIL: "bold $status-fail",
    Tone.WAIT: "$status-wait",
    Tone.RUN: "bold $status-run",
    Tone.DIM: "$foreground-muted",
}


def facts_content(facts: Sequence[Fact], width: int = 0) -> Content:
    """`Label  value` lines; two columns where both halves fit, long values wrapped under themselves."""
    shown = [fact for fact in facts if fact[1]]
    label_width = max((len(fact[0]) for fact in shown), default=0) + 2
    half = max(0, width // 2)
    parts: list[tuple[str, str]] = []
    index = 0
    while index < len(shown):
        left = shown[index]
        right = shown[index + 1] if index + 1 < len(shown) else None
        if right is not None and all(label_width + len(fact[1]) < half for fact in (left, right)):
            parts += _cell(left, label_width, 0)
            parts.append((" " * (half - label_width - len(left[1])), ""))
            parts += _cell(right, label_width, 0)
            index += 2
        else:
            parts += _cell(left, label_width, width)
            index += 1
        parts.append(("\n", ""))
    return Content.assemble(*parts[:-1])


def _cell(fact: Fact, label_width: int, width: int) -> list[tuple[str, str]]:
    tone = fact[2] if len(fact) == 3 else Tone.PLAIN
    text = clean(fact[1])
    if width > label_width + 10:
        indent = "\n" + " " * label_width
        text = indent.join(textwrap.wrap(text, width - label_width) or [""])
    return [(fact[0].ljust(label_width), "$foreground-muted"), (text, _STYLES.get(tone, ""))]


class FactsBlock(Static):
    """Shows pairs; reflows with the width."""

    DEFAULT_CSS = "FactsBlock { height: auto; padding: 0 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._facts: Sequence[Fact] = ()

    def show(self, facts: Sequence[Fact]) -> None:
        """Show these pairs; those without a value are left out."""
        if facts != self._facts:
            self._facts = facts
            self._fill()

    def on_resize(self) -> None:
        """One or two columns, after this layout is through: changing the height within it leaves a gap."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        width = self.size.width or self.app.size.width - 2  # not laid out yet
        self.update(facts_content(self._facts, width))
