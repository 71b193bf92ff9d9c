"""Asking for a one-time code: one hidden field, and keys that were meant for something else never get into it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from swim_tui.model.views import PendingQuestion
from swim_tui.ui.dialogs.hidden import HiddenDialog
from swim_tui.ui.times import clock_text
from swim_tui.ui.widgets.line_input import LineInput
from swim_tui.ui.widgets.table_paint import clean


class CodeDialog(HiddenDialog):
    """Dismisses with the code; its field takes keys only when it has been seen, for a wrong code parks a profile."""

    def __init__(self, question: PendingQuestion, *, utc: bool = False) -> None:
        super().__init__()
        self.question, self._utc = question, utc

    def compose(self) -> ComposeResult:
        """What asks, for whom, until when."""
        q = self.question
        with Vertical(classes="dialog wide"):
            yield Static(Content("One-time code"), classes="dialog-title")
            yield Static(Content(clean(q.text)), id="code-asks")
            yield Static(
                Content(f"for {q.device} and all devices behind the same jump host, run {q.run_id}"), id="code-for"
            )
            until = f"until {clock_text(q.until, utc=self._utc)}; the jump host may hang up after a minute or two"
            yield Static(Content(until), id="code-until")
            yield LineInput(password=True, id="code")
            yield Static(Content("Enter hand it over   Esc later (: code asks again)"), classes="dialog-how")

    def answer(self, typed: str) -> str:
        """The code without the blanks that come with a paste."""
        return typed.strip()
