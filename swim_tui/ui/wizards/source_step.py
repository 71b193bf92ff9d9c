"""The first step where the source decides what follows: one choice, each with what it means."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from swim_tui.ui.wizards.step import Step

_INDENT = " " * 4


@dataclass(frozen=True)
class SourceChoice:
    """A source; `why` = why it cannot be chosen in this version."""

    id: str
    label: str
    means: str
    why: str = ""


class SourceStep(Step):
    """Enter or Space takes the source under the cursor and goes on."""

    DEFAULT_CSS = """
    SourceStep OptionList, SourceStep OptionList:focus {
        height: 1fr; border: none; padding: 0 1; background: $background; background-tint: $background 0%;
    }
    """
    hint: ClassVar[str] = "Enter takes the source under the cursor and goes on."
    choices: ClassVar[Sequence[SourceChoice]] = ()

    def compose(self) -> ComposeResult:
        """The list."""
        yield OptionList(compact=True)

    async def enter(self) -> None:
        """The chosen one is marked."""
        ids = [choice.id for choice in self.choices]
        self._fill(ids.index(self.draft.source) if self.draft.source in ids else 0)

    def on_resize(self) -> None:
        """Explanations are wrapped under themselves."""
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.call_after_refresh(self._fill, at)

    def _fill(self, at: int) -> None:
        menu = self.query_one(OptionList)
        menu.clear_options()
        menu.add_options([Option(self._prompt(choice), id=choice.id) for choice in self.choices])
        menu.highlighted = at

    def _prompt(self, choice: SourceChoice) -> Content:
        sign = "-" if choice.why else "x" if choice.id == self.draft.source else " "
        told = [choice.means, *([f"Not available: {choice.why}."] if choice.why else [])]
        room = max(20, self.app.size.width - len(_INDENT) - 3)
        lines = [_INDENT + line for text in told for line in textwrap.wrap(text, room)]
        head = (f"({sign}) {choice.label}", "" if choice.why else "bold")
        return Content.assemble(head, "\n" + "\n".join(lines) + "\n")

    def focus_first(self) -> None:
        """The list."""
        self.query_one(OptionList).focus()

    def move(self, lines: int) -> bool:
        """The cursor of the list."""
        menu = self.query_one(OptionList)
        menu.action_cursor_down() if lines > 0 else menu.action_cursor_up()
        return True

    def problem(self) -> str:
        """The one under the cursor is taken, if it can be."""
        menu = self.query_one(OptionList)
        choice = self.choices[menu.highlighted or 0]
        if choice.why:
            return f"{choice.label}: {choice.why}"
        if self.draft.source != choice.id:
            self.draft.source = choice.id
            self.draft.furthest = 0
            self.source_changed()
        return ""

    def source_changed(self) -> None:
        """What was chosen for another source does not hold."""

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.wizard.action_do("wizard.next")
