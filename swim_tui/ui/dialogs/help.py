"""Help: the keys of this screen first, then those of all, filtered as one types."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.keymap import KeyMap
from swim_tui.ui.registry import ACTIONS, SCOPE_TITLES, Action, Scope, effective, key_name
from swim_tui.ui.widgets.line_input import LineInput


def help_sections(
    scopes: Sequence[Scope], keymap: KeyMap, *, read_only: bool, needle: str = ""
) -> list[tuple[str, list[tuple[str, str]]]]:
    """(section, [(keys, what)]): this screen as it is, with shadowed keys left out, then all other scopes."""
    here = effective(scopes)
    order = [*scopes, *(scope for scope in Scope if scope not in scopes)]
    sections = []
    for scope in order:
        actions = [a for a in (here if scope in scopes else ACTIONS) if a.scope is scope]
        rows = [
            row
            for row in (_row(action, keymap) for action in actions if not (read_only and action.changes))
            if needle.casefold() in " ".join(row).casefold()
        ]
        if rows:
            title = SCOPE_TITLES[scope] + ("" if scope in scopes else " (elsewhere)")
            sections.append((title, rows))
    return sections


def _row(action: Action, keymap: KeyMap) -> tuple[str, str]:
    keys = keymap.overrides.get(action.id, action.keys)
    return " ".join(key_name(key) for key in keys) or f":{action.aliases[0]}", action.description


_KEYS = 16  # the column of the keys


class HelpDialog(Dialog[None]):
    """Generated from the registry; typing filters."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll(1)", show=False, priority=True),
        Binding("up", "scroll(-1)", show=False, priority=True),
        Binding("pagedown,ctrl+d", "scroll(10)", show=False, priority=True),
        Binding("pageup,ctrl+u", "scroll(-10)", show=False, priority=True),
        Binding("f1,enter", "leave", show=False, priority=True),
    ]

    def __init__(self, title: str, scopes: Sequence[Scope], keymap: KeyMap, *, read_only: bool) -> None:
        super().__init__()
        self._title, self._scopes, self._keymap, self._read_only = title, scopes, keymap, read_only

    def compose(self) -> ComposeResult:
        """Filter line and the keys."""
        with Vertical(classes="dialog wide tall"):
            yield Static(Content(f"Help: {self._title}"), classes="dialog-title")
            yield LineInput(placeholder="type to filter")
            with VerticalScroll(classes="dialog-body", can_focus=False):
                yield Static(id="keys")
            yield Static("Up Down PgUp PgDn scroll   Esc close", classes="dialog-how")

    def on_mount(self) -> None:
        """All keys at first."""
        super().on_mount()
        self._fill("")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._fill(event.value)

    def on_resize(self) -> None:
        """Descriptions are wrapped under themselves."""
        self.call_after_refresh(lambda: self._fill(self.query_one(Input).value))

    def _fill(self, needle: str) -> None:
        parts: list[tuple[str, str]] = []
        room = max(20, (self.query_one("#keys").size.width or 70) - _KEYS)
        for title, rows in help_sections(self._scopes, self._keymap, read_only=self._read_only, needle=needle):
            parts.append((f"{title}\n", "bold $text-accent"))
            for keys, text in rows:
                lines = textwrap.wrap(text, room) or [""]
                parts += [(f"  {keys}".ljust(_KEYS), "bold"), (f"{lines[0]}\n", "")]
                parts += [(f"{' ' * _KEYS}{line}\n", "") for line in lines[1:]]
            parts.append(("\n", ""))
        self.query_one("#keys", Static).update(Content.assemble(*parts) if parts else "No key is described so.")

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
