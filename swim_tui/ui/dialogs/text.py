"""A dialog that only shows text: records, messages, errors, the CLI command that does it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from swim_tui.errors import Problem
from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.widgets.hanging import HangingText
from swim_tui.ui.widgets.table_paint import clean


class TextDialog(Dialog[None]):
    """Scrolls with the usual keys; `c` copies the text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q", "leave", "Close", show=False),
        Binding("c", "copy", "Copy", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("pagedown,space,ctrl+d", "scroll(10)", show=False),
        Binding("pageup,ctrl+u", "scroll(-10)", show=False),
        Binding("g,home", "scroll(-100000)", show=False),
        Binding("G,end", "scroll(100000)", show=False),
    ]

    def __init__(self, title: str, text: str, *, copy: str = "", hint: str = "") -> None:
        super().__init__()
        self._title, self._text, self._copy, self._hint = title, clean(text), copy or text, hint

    def compose(self) -> ComposeResult:
        """Title, text, keys."""
        with Vertical(classes="dialog wide"):
            yield Static(Content(self._title), classes="dialog-title")
            with VerticalScroll(classes="dialog-body", can_focus=False):
                yield HangingText(self._text, id="text")
            yield Static(Content(self._hint or "c copy   j k scroll   Esc close"), classes="dialog-how")

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_copy(self) -> None:
        """Copy the text over OSC 52."""
        self.app.copy_to_clipboard(self._copy)
        self.app.notify(f"copied {len(self._copy)} characters (OSC 52)")


def error_dialog(problem: Problem, *, device: str = "", step: str = "", output: str = "") -> TextDialog:
    """What failed, where, what the device said, what to do."""
    where = device or str(problem.data.get("device", ""))
    at = step or str(problem.data.get("step", ""))
    said = output or str(problem.data.get("output", ""))
    lines = [f"What failed   {problem.message}"]
    if where or at:
        lines.append(f"Where         {' > '.join(part for part in (where, at) if part)}")
    if problem.remedy:
        lines.append(f"What to do    {problem.remedy}")
    lines.append(f"Code          {problem.code}")
    if said:
        lines += ["", "The device said:", *(f"  {line}" for line in said.splitlines())]
    return TextDialog("That did not work", "\n".join(lines))
