"""A dialog with one hidden field, that takes keys only when it has been seen: others were meant for something else."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.widgets import Input

from swim_tui.ui.dialogs.base import SETTLE_S, Dialog
from swim_tui.ui.widgets.line_input import LineInput


class HiddenDialog(Dialog[str]):
    """Dismisses with what was typed into its only LineInput; nothing typed is no answer."""

    AUTO_FOCUS: ClassVar[str | None] = ""
    settle_s = 2 * SETTLE_S

    def on_mount(self) -> None:
        """Take keys a moment later."""
        super().on_mount()
        self.set_timer(self.settle_s, self.query_one(LineInput).focus)

    def action_leave(self) -> None:
        """Close without a result, unless the key came before anybody could have read it."""
        if self.is_settled:
            self.dismiss(None)

    def answer(self, typed: str) -> str:
        """What is handed over of what was typed."""
        return typed

    @on(Input.Submitted)
    def _give(self, event: Input.Submitted) -> None:
        if self.answer(event.value):
            self.dismiss(self.answer(event.value))
