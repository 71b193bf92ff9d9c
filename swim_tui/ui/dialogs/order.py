"""Choosing some of a few things and their order: Available on the left, Selected on the right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from swim_tui.errors import SwimError, describe
from swim_tui.ui.dialogs.base import Dialog

Save = Callable[[list[str]], Awaitable[None]]


class OrderDialog(Dialog[list[str]]):
    """Dismisses with what is selected, first to last; `locked` says why an entry cannot be selected."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "take", show=False, priority=True),
        Binding("left,h", "drop", show=False, priority=True),
        Binding("space", "swap", show=False, priority=True),
        Binding("u,shift+up", "shift(-1)", show=False),
        Binding("d,shift+down", "shift(1)", show=False),
        Binding("tab,shift+tab", "other", show=False, priority=True),
        Binding("j", "cursor(1)", show=False),
        Binding("k", "cursor(-1)", show=False),
        Binding("enter,ctrl+n", "save", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        entries: Sequence[str],
        selected: Sequence[str],
        *,
        note: str = "",
        locked: Mapping[str, str] | None = None,
        save: Save | None = None,
        words: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self._words = words or {}
        self._title, self._note, self._locked, self._save = title, note, locked or {}, save
        self._entries = list(entries)
        self.selected = [entry for entry in selected if entry in entries]

    @property
    def available(self) -> list[str]:
        """What is not selected, in its own order."""
        return [entry for entry in self._entries if entry not in self.selected]

    def compose(self) -> ComposeResult:
        """Two lists side by side."""
        with Vertical(classes="dialog wide"):
            yield Static(Content(self._title), classes="dialog-title")
            with Horizontal(id="order-lists"):
                with Vertical():
                    yield Static("Available", classes="section")
                    yield OptionList(id="available", compact=True)
                with Vertical():
                    yield Static("Selected, first to last", classes="section")
                    yield OptionList(id="selected", compact=True)
            yield Static(Content(self._note), id="order-note")
            yield Static("", id="error", classes="form-error")
            yield Static(
                Content("Right Left across   u d up/down   Tab other   Enter save   Esc cancel"),
                classes="dialog-how",
            )

    def on_mount(self) -> None:
        """Start in what is selected."""
        super().on_mount()
        self._fill("selected", 0)
        self._fill("available", 0)
        (self._menu("selected") if self.selected else self._menu("available")).focus()

    def _said(self, entry: str) -> str:
        return self._words.get(entry, entry)

    def _menu(self, name: str) -> OptionList:
        return self.query_one(f"#{name}", OptionList)

    def _fill(self, name: str, at: int | None) -> None:
        menu = self._menu(name)
        menu.clear_options()
        entries = self.selected if name == "selected" else self.available
        lines = [f"{number}  {self._said(entry)}" for number, entry in enumerate(entries, 1)]
        if name == "available":
            lines = [self._said(entry) + ("  (not selectable)" if entry in self._locked else "") for entry in entries]
        menu.add_options([Option(Content(line)) for line in lines])
        menu.highlighted = min(max(0, at or 0), len(entries) - 1) if entries else None

    def _move(self, source: str, target: str) -> None:
        menu = self._menu(source)
        entries = self.selected if source == "selected" else self.available
        at = menu.highlighted
        if not menu.has_focus or at is None or at >= len(entries):
            self._menu(source).focus()
            return
        entry = entries[at]
        if target == "selected" and entry in self._locked:
            self._complain(f"{self._said(entry)}: {self._locked[entry]}")
            return
        if target == "selected":
            self.selected.append(entry)
        else:
            self.selected.remove(entry)
        self._complain("")
        self._fill(source, at)
        self._fill(target, len(self.selected) - 1 if target == "selected" else self.available.index(entry))
        if not (self.selected if source == "selected" else self.available):
            self._menu(target).focus()

    def action_take(self) -> None:
        """Select the entry under the cursor of Available."""
        self._move("available", "selected")

    def action_drop(self) -> None:
        """Take the entry under the cursor out of Selected."""
        self._move("selected", "available")

    def action_swap(self) -> None:
        """To the other list."""
        self.action_drop() if self._menu("selected").has_focus else self.action_take()

    def action_shift(self, by: int) -> None:
        """Move the selected entry up or down."""
        menu = self._menu("selected")
        at = menu.highlighted
        if not menu.has_focus or at is None or not 0 <= at + by < len(self.selected):
            return
        self.selected[at], self.selected[at + by] = self.selected[at + by], self.selected[at]
        self._fill("selected", at + by)

    def action_cursor(self, by: int) -> None:
        """One line up or down."""
        menu = self._menu("selected" if self._menu("selected").has_focus else "available")
        menu.action_cursor_down() if by > 0 else menu.action_cursor_up()

    def action_other(self) -> None:
        """The keys go to the other list."""
        self._menu("available" if self._menu("selected").has_focus else "selected").focus()

    def _complain(self, sentence: str) -> None:
        line = self.query_one("#error", Static)
        line.update(Content(sentence))
        line.set_class(bool(sentence), "-shown")

    def action_save(self) -> None:
        """Hand the order over; what the engine refuses is said here."""
        if self._save is None:
            self.dismiss(self.selected)
            return
        self.run_worker(self._hand_over(self._save), group="form", exclusive=True, exit_on_error=True)

    async def _hand_over(self, save: Save) -> None:
        try:
            await save(list(self.selected))
        except SwimError as err:
            self._complain(describe(err).one_line())
        else:
            self.dismiss(self.selected)
