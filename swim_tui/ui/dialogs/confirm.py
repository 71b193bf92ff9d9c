"""Consent in three levels; Enter alone never gives it, and keys typed ahead are dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from swim_tui.ui.dialogs.base import SETTLE_S, Dialog
from swim_tui.ui.widgets.hanging import HangingText
from swim_tui.ui.widgets.line_input import LineInput

_NAMES_SHOWN = 10


@dataclass(frozen=True)
class Confirmation:
    """What is asked. Level 1: y or n. Level 2: targets, commands and impact too. Level 3: a phrase is typed."""

    title: str
    verb: str
    level: int = 1
    targets: Sequence[str] = ()
    commands: Sequence[str] = ()
    impact: str = ""
    phrase: str = ""
    opened_by: str = ""

    @property
    def yes_key(self) -> str:
        """`y`, or `Y` where the opening key was `y`."""
        return "Y" if self.opened_by == "y" else "y"

    @property
    def how_typed(self) -> str:
        """What level 3 asks for."""
        return f"Type {self.phrase} and press Enter to {self.verb}. Esc goes back."

    def body(self) -> str:
        """Impact, targets by name, commands as plain text."""
        lines = [self.impact, ""] if self.impact else []
        if self.targets:
            rest = len(self.targets) - _NAMES_SHOWN
            lines += [f"  {name}" for name in self.targets[:_NAMES_SHOWN]]
            lines += [f"  and {rest} more"] if rest > 0 else []
        if self.commands:
            lines += ["", "Sends:", *(f"  {command}" for command in self.commands)]
        return "\n".join(lines).strip("\n")


class ConfirmDialog(Dialog[bool]):
    """Asks once; True only after the yes key (levels 1 and 2) or the typed phrase and Enter (level 3)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "leave", "No", show=False),
        Binding("down,pagedown", "scroll(5)", show=False),
        Binding("up,pageup", "scroll(-5)", show=False),
    ]
    settle_s = SETTLE_S

    def __init__(self, ask: Confirmation) -> None:
        super().__init__()
        self.ask = ask

    def compose(self) -> ComposeResult:
        """Title, what it means, how to say yes, Cancel."""
        ask = self.ask
        with Vertical(classes="dialog medium"):
            yield Static(Content(ask.title), classes="dialog-title")
            with VerticalScroll(classes="dialog-body", can_focus=False):
                yield HangingText(ask.body())
            if ask.level >= 3:
                yield Static(Content(ask.how_typed), classes="dialog-how")
                yield LineInput(placeholder=ask.phrase)
            else:
                yield Static(Content(f"{ask.yes_key}  yes, {ask.verb}     n or Esc  no"), classes="dialog-how")
            with Horizontal(classes="dialog-buttons"):
                yield Button("No, go back", id="cancel", compact=True)

    def on_mount(self) -> None:
        """The harmless answer has the focus."""
        super().on_mount()
        self.query_one("#cancel", Button).focus()

    def on_key(self, event: events.Key) -> None:
        """The yes key, and letters of the phrase typed while Cancel has the focus."""
        if not self.is_settled:
            event.stop()
            event.prevent_default()
            return
        if self.ask.level < 3:
            if event.character == self.ask.yes_key:
                event.stop()
                self.dismiss(True)
            return
        field = self.query_one(Input)
        if not field.has_focus and event.character and event.is_printable and event.character != " ":
            event.stop()
            event.prevent_default()
            field.focus()
            field.value += event.character
            field.cursor_position = len(field.value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`n` is a letter of the phrase on level 3."""
        if action == "leave" and self.ask.level >= 3 and isinstance(self.focused, Input):
            return True
        return super().check_action(action, parameters)

    def action_scroll(self, lines: int) -> None:
        """Scroll a long list of targets."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        if self.is_settled:
            self.dismiss(None)

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        if event.value.strip() == self.ask.phrase:
            self.dismiss(True)
        else:
            self.query_one(".dialog-how", Static).update(
                Content(f"That is not {self.ask.phrase}. Type it as written, or Esc to go back.")
            )
