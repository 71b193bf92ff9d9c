"""A one-line input as all our forms use it."""

from __future__ import annotations

from textual.widgets import Input


class LineInput(Input):
    """Compact, selects nothing when it gets the focus, and does not blink: each blink is a paint over SSH."""

    def __init__(
        self, value: str = "", *, placeholder: str = "", password: bool = False, id: str | None = None
    ) -> None:
        super().__init__(value, placeholder=placeholder, password=password, id=id, compact=True, select_on_focus=False)
        self.cursor_blink = False
