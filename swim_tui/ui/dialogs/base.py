"""What all dialogs share: a centred box, Esc closes, keys typed before it was seen are dropped."""

from __future__ import annotations

import time
from typing import ClassVar, TypeVar

from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

T = TypeVar("T")

SETTLE_S = 0.3
"""Keys that come sooner than this after a dialog opened were meant for what was there before."""


class Dialog(ModalScreen[T | None]):
    """A modal box; its result is None when it was left with Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Close", show=False)]
    settle_s = 0.0

    def __init__(self) -> None:
        super().__init__()
        self._opened_at = time.monotonic()
        self._has_answer = False

    def on_mount(self) -> None:
        """The time that counts is when it can be seen."""
        self._opened_at = time.monotonic()
        if getattr(self.app, "ascii_only", False):
            self.add_class("-ascii")

    @property
    def is_settled(self) -> bool:
        """Whether keys are meant for this dialog."""
        return time.monotonic() - self._opened_at >= self.settle_s

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close with the first answer; Textual would close what lies beneath for a second key of the same burst.

        A key can be faster than the dialog: it then closes once it is there, not while it looks for its widgets.
        """
        if self._has_answer:
            return AwaitComplete()
        self._has_answer = True
        if self.is_mounted:
            return super().dismiss(result)
        self.call_later(self._close, result)
        return AwaitComplete()

    def _close(self, result: T | None) -> None:  # returns nothing: a screen must not await its own end
        super().dismiss(result)

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)
