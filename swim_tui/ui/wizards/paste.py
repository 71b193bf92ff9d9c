"""Selecting devices by a pasted list of names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from swim_tui.model.views import DeviceRow
from swim_tui.ui.dialogs.base import Dialog


class PasteDialog(Dialog[str]):
    """Dismisses with the text; Enter is a new line, ^N takes it."""

    DEFAULT_CSS = "PasteDialog TextArea { height: 10; border: none; background: $panel; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+n", "take", "Take", show=False, priority=True)]

    def compose(self) -> ComposeResult:
        """A box to paste into."""
        with Vertical(classes="dialog wide"):
            yield Static(Content("Paste device names or addresses"), classes="dialog-title")
            area = TextArea(compact=True)
            area.cursor_blink = False
            yield area
            yield Static(
                Content("Lines, blanks or commas between them   ^N take them   Esc close"), classes="dialog-how"
            )

    def on_mount(self) -> None:
        """Keys go to the box."""
        super().on_mount()
        self.query_one(TextArea).focus()

    def action_take(self) -> None:
        """Done."""
        self.dismiss(self.query_one(TextArea).text)


def names_in(text: str) -> list[str]:
    """The words of a list, each once; a comment goes from # to the end of its line."""
    words = re.split(r"[\s,;]+", re.sub(r"#.*", "", text))
    return list(dict.fromkeys(word for word in words if word))


@dataclass(frozen=True)
class PasteReport:
    """Who was found, and a line for each name that was not taken."""

    found: tuple[str, ...]
    problems: tuple[str, ...]


def paste_report(
    names: Sequence[str], devices: Mapping[str, DeviceRow], eligible: Collection[str], misfits: Mapping[str, str]
) -> PasteReport:
    """Match names without regard to case, then addresses."""
    by_name = {name.casefold(): name for name in devices}
    by_address = {row.address: name for name, row in devices.items()}
    found, problems = [], []
    for word in names:
        name = by_name.get(word.casefold()) or by_address.get(word)
        if name is None:
            near = get_close_matches(word.casefold(), by_name, 1)
            problems.append(f"{word}: unknown" + (f"; did you mean {by_name[near[0]]}?" if near else ""))
        elif name not in eligible:
            problems.append(f"{name}: not eligible: {misfits.get(name, 'no selected image applies to it')}")
        else:
            found.append(name)
    return PasteReport(tuple(dict.fromkeys(found)), tuple(problems))
