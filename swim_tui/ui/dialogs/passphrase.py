"""Asking for the passphrase of the vault: one hidden field, that takes keys only when it has been seen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from swim_tui.ui.dialogs.hidden import HiddenDialog
from swim_tui.ui.widgets.line_input import LineInput
from swim_tui.ui.widgets.table_paint import clean


class PassphraseDialog(HiddenDialog):
    """Dismisses with the passphrase; `refused` says why the last one did not do."""

    def __init__(self, refused: str = "") -> None:
        super().__init__()
        self._refused = refused

    def compose(self) -> ComposeResult:
        """What is locked, and what waits for it."""
        with Vertical(classes="dialog wide"):
            yield Static(Content("The vault is locked"), classes="dialog-title")
            if self._refused:
                yield Static(Content(clean(self._refused)), id="passphrase-refused", classes="form-error -shown")
            yield Static(Content("Its passphrase is needed once after each start of the engine; it is not kept."))
            yield Static(Content("Until then no device is logged in to: tasks say Waiting for unlock."))
            yield LineInput(password=True, id="passphrase")
            yield Static(Content("Enter unlock   Esc later (: unlock asks again)"), classes="dialog-how")
