"""The step bar: every step by number, the current one by its full name."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class StepBar(Widget):
    """`1 Image  2 Device  [3 Distribute Image]  4 Deployment`; the names give way where the line is short."""

    DEFAULT_CSS = "StepBar { height: 1; padding: 0 1; background: $surface; color: $foreground; }"

    class Jumped(Message):
        """A click on a step."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    steps: reactive[Sequence[tuple[str, str]]] = reactive(())
    current: reactive[int] = reactive(0)
    furthest: reactive[int] = reactive(0)

    def labels(self, width: int) -> list[str]:
        """Full names if they fit, else short ones and the current one in full, else numbers."""
        full = [f"{n} {title}" for n, (title, _) in enumerate(self.steps, 1)]
        short = [f"{n} {brief}" for n, (_, brief) in enumerate(self.steps, 1)]
        mixed = [full[i] if i == self.current else text for i, text in enumerate(short)]
        bare = [full[i] if i == self.current else str(i + 1) for i in range(len(full))]
        for labels in (full, mixed, short, bare):
            if sum(len(label) + 2 for label in labels) + 2 <= width:
                return labels
        return bare

    def render(self) -> Content:
        """Visited steps plain, the current one bracketed, the others muted."""
        parts: list[tuple[str, str]] = []
        for index, label in enumerate(self.labels(self.size.width - 2)):
            if index == self.current:
                parts.append((f"[{label}] ", "bold $text-accent"))
            else:
                parts.append((f" {label} ", "" if index <= self.furthest else "$foreground-muted"))
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Go to the step that was clicked."""
        left = 1
        for index, label in enumerate(self.labels(self.size.width - 2)):
            if left <= event.x < left + len(label) + 2:
                self.post_message(self.Jumped(index))
                return
            left += len(label) + 2
