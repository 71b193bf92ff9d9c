"""A list whose lines are put into another order by keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from swim_tui.ui.dialogs.base import Dialog

_HOW = """Shift+Up Shift+Down (or K J) move the line   g G first, last
Enter take the order   Esc keep the old one"""


class QueueDialog(Dialog[list[str]]):
    """Dismisses with the names in their new order."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+up,K", "carry(-1)", "Earlier", show=False),
        Binding("shift+down,J", "carry(1)", "Later", show=False),
        Binding("k", "go(-1)", show=False),
        Binding("j", "go(1)", show=False),
        Binding("g,home", "carry(-100000)", "First", show=False),
        Binding("G,end", "carry(100000)", "Last", show=False),
    ]

    def __init__(self, title: str, names: Sequence[str], hints: Sequence[str], *, current: str = "") -> None:
        super().__init__()
        self._title, self._names = title, list(names)
        self._hints = dict(zip(names, hints, strict=True))
        self._current = current

    def compose(self) -> ComposeResult:
        """Title, list, keys."""
        with Vertical(classes="dialog medium"):
            yield Static(Content(self._title), classes="dialog-title")
            yield OptionList(compact=True)
            yield Static(Content(_HOW), classes="dialog-how")

    def on_mount(self) -> None:
        """The line that was meant."""
        super().on_mount()
        at = self._names.index(self._current) if self._current in self._names else 0
        self._fill(at)
        self._menu.focus()

    @property
    def _menu(self) -> OptionList:
        return self.query_one(OptionList)

    def _fill(self, at: int) -> None:
        self._menu.clear_options()
        width = max((len(name) for name in self._names), default=0)
        self._menu.add_options(
            Option(Content(f"{number:>3}  {name.ljust(width)}  {self._hints[name]}".rstrip()))
            for number, name in enumerate(self._names, 1)
        )
        self._menu.highlighted = at if self._names else None
        self.call_after_refresh(self._menu.scroll_to_highlight)  # the lines have no place before the list is laid out

    def action_carry(self, by: int) -> None:
        """Take the line under the cursor along."""
        at = self._menu.highlighted
        if at is None:
            return
        to = max(0, min(len(self._names) - 1, at + by))
        self._names.insert(to, self._names.pop(at))
        self._fill(to)

    def action_go(self, by: int) -> None:
        """The cursor alone."""
        (self._menu.action_cursor_down if by > 0 else self._menu.action_cursor_up)()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter takes the order."""
        event.stop()
        self.dismiss(list(self._names))
