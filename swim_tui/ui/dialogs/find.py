"""Choosing from a long list: type to narrow it, Enter takes one, or Space ticks several."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.widgets.line_input import LineInput
from swim_tui.ui.widgets.table_paint import clean

_SHOWN = 300  # lines that are laid out; a person narrows a longer list anyway


class _Needle(LineInput):
    """The line to narrow by; Space is for ticking."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Every printable key but Space."""
        return key != "space" and super().check_consume_key(key, character)


class FindDialog(Dialog[list[str]]):
    """Dismisses with the values chosen, in the order of the list; with one of them unless `many`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", show=False, priority=True),
        Binding("up", "step(-1)", show=False, priority=True),
        Binding("pagedown", "step(10)", show=False, priority=True),
        Binding("pageup", "step(-10)", show=False, priority=True),
        Binding("space", "tick", show=False, priority=True),
    ]

    def __init__(
        self, title: str, entries: Sequence[tuple[str, str]], chosen: Collection[str] = (), *, many: bool = False
    ) -> None:
        super().__init__()
        self._title, self._entries, self._many = title, entries, many
        self._chosen = set(chosen)
        self._shown: list[str] = []

    def compose(self) -> ComposeResult:
        """Title, the line to narrow by, the list."""
        how = "type to narrow   Space tick   Enter take them" if self._many else "type to narrow   Enter take it"
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="dialog-title")
            yield _Needle(placeholder="type to narrow")
            yield OptionList(compact=True)
            yield Static(Content(f"{how}   Esc close"), classes="dialog-how")

    def on_mount(self) -> None:
        """The line has the keys, the list follows; it starts at what is chosen."""
        super().on_mount()
        menu = self.query_one(OptionList)
        menu.can_focus = False
        self._fill()
        at = next((index for index, value in enumerate(self._shown) if value in self._chosen), 0)
        menu.highlighted = at if self._shown else None
        self.query_one(Input).focus()

    def _fill(self) -> None:
        needle = self.query_one(Input).value.strip().casefold()
        fits = [(value, label) for value, label in self._entries if needle in label.casefold()]
        found = fits[:_SHOWN]
        self._shown = [value for value, _ in found]
        menu = self.query_one(OptionList)
        at = menu.highlighted or 0
        menu.clear_options()
        menu.add_options([Option(Content(self._text(value, label))) for value, label in found])
        if len(fits) > len(found):
            menu.add_option(Option(Content(f"and {len(fits) - len(found)} more: type to narrow"), disabled=True))
        menu.highlighted = min(at, len(found) - 1) if found else None

    def _text(self, value: str, label: str) -> str:
        sign = "x" if value in self._chosen else " "
        return clean(f"[{sign}] {label}" if self._many else label)

    @on(Input.Changed)
    def _typed(self) -> None:
        self._fill()

    def action_step(self, lines: int) -> None:
        """Move in the list while the line keeps the keys."""
        menu = self.query_one(OptionList)
        if self._shown:
            menu.highlighted = max(0, min(len(self._shown) - 1, (menu.highlighted or 0) + lines))

    def action_tick(self) -> None:
        """Tick or untick the entry; where one is chosen, take it."""
        at = self.query_one(OptionList).highlighted
        if at is None:
            return
        if self._many:
            self._chosen ^= {self._shown[at]}
            self._fill()
        else:
            self.dismiss([self._shown[at]])

    @on(Input.Submitted)
    def _taken(self) -> None:
        at = self.query_one(OptionList).highlighted
        if self._many:
            self.dismiss([value for value, _ in self._entries if value in self._chosen])
        elif at is not None:
            self.dismiss([self._shown[at]])

    @on(OptionList.OptionSelected)
    def _clicked(self) -> None:
        self.action_tick()
