"""The command palette: `:` and ctrl+p."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.palette import ARGUMENT_VIEWS, Entry, search
from swim_tui.ui.widgets.line_input import LineInput


@dataclass(frozen=True)
class Chosen:
    """What was chosen and what was typed behind it."""

    action_id: str
    argument: str = ""


class PaletteDialog(Dialog[Chosen]):
    """Typing narrows, Tab completes, Enter runs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(8)", show=False, priority=True),
        Binding("pageup", "move(-8)", show=False, priority=True),
        Binding("tab", "complete", show=False, priority=True),
    ]

    def __init__(self, known: Sequence[Entry], names: Sequence[str] = ()) -> None:
        super().__init__()
        self._known, self._names = known, names
        self._found: list[Entry] = []

    def compose(self) -> ComposeResult:
        """The line and what matches."""
        with Vertical(classes="dialog wide"):
            yield Static("Command", classes="dialog-title")
            yield LineInput(placeholder="an action or a view: jobs failed, device sw1, distribute")
            menu = OptionList(compact=True)
            menu.can_focus = False
            yield menu
            yield Static("Tab complete   Enter run   - last view   Esc close", classes="dialog-how")

    def on_mount(self) -> None:
        """Everything at first."""
        super().on_mount()
        self._search("")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._search(event.value)

    def _search(self, text: str) -> None:
        self._found = search(text.lstrip(":"), self._known)
        menu = self.query_one(OptionList)
        menu.clear_options()
        width = max((len(self._command(entry)) for entry in self._found), default=0)
        menu.add_options([Option(Content(self._line(entry, width))) for entry in self._found])
        if self._found:
            menu.highlighted = 0

    def _command(self, entry: Entry) -> str:
        takes = f" <{ARGUMENT_VIEWS[entry.action.id]}>" if entry.action.id in ARGUMENT_VIEWS else ""
        return f"{entry.command} {entry.argument}" if entry.argument else entry.command + takes

    def _line(self, entry: Entry, width: int) -> str:
        return f"{entry.keys:<6} {self._command(entry).ljust(width)}  {entry.label}"

    def action_move(self, step: int) -> None:
        """Move the highlight."""
        menu = self.query_one(OptionList)
        if self._found:
            menu.highlighted = max(0, min(len(self._found) - 1, (menu.highlighted or 0) + step))

    def action_complete(self) -> None:
        """Complete the command, or the name behind it."""
        field = self.query_one(Input)
        text = field.value.lstrip(":")
        head, blank, argument = text.partition(" ")
        if blank and argument:
            match = next((name for name in self._names if name.casefold().startswith(argument.casefold())), None)
            done = f"{head} {match}" if match else text
        elif self._found:
            entry = self._found[self.query_one(OptionList).highlighted or 0]
            done = entry.command + (" " if entry.action.id in ARGUMENT_VIEWS else "")
        else:
            done = text
        field.value = done
        field.cursor_position = len(done)

    @on(Input.Submitted)
    def _run(self) -> None:
        if self._found:
            entry = self._found[self.query_one(OptionList).highlighted or 0]
            self.dismiss(Chosen(entry.action.id, entry.argument))

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        entry = self._found[event.option_index]
        self.dismiss(Chosen(entry.action.id, entry.argument))
