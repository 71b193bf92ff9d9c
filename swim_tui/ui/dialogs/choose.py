"""A menu: each choice has its own key, and the arrows work too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.strip import Strip
from textual.widgets import OptionList, SelectionList, Static
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

from swim_tui.ui.dialogs.base import Dialog

_NARROW, _WIDEST = 40, 76


@dataclass(frozen=True)
class Choice:
    """One line of a menu."""

    id: str
    key: str
    label: str
    hint: str = ""


class ChooseDialog(Dialog[str]):
    """Dismisses with the id of the choice."""

    def __init__(self, title: str, choices: Sequence[Choice], *, current: str = "", settle_s: float = 0.0) -> None:
        super().__init__()
        self._title, self._choices, self._current = title, choices, current
        self.settle_s = settle_s  # for a menu that opens unasked, over keys meant for what was there

    def compose(self) -> ComposeResult:
        """Title and the list."""
        width = max((len(choice.label) for choice in self._choices), default=0)
        longest = max((len(choice.hint) for choice in self._choices), default=0) + width + 5
        with Vertical(classes="dialog") as box:
            if longest > _NARROW:  # a list does not make its box wider by itself
                box.styles.width = min(_WIDEST, longest + 6)
            yield Static(Content(self._title), classes="dialog-title")
            yield OptionList(
                *(
                    Option(Content(f"{c.key or ' '}  {c.label.ljust(width)}  {c.hint}".rstrip()), id=c.id)
                    for c in self._choices
                ),
                compact=True,
            )
            yield Static(Content("key or Enter choose   Esc close"), classes="dialog-how")

    def on_mount(self) -> None:
        """Start on the current choice."""
        super().on_mount()
        ids = [choice.id for choice in self._choices]
        menu = self.query_one(OptionList)
        menu.highlighted = ids.index(self._current) if self._current in ids else 0
        menu.focus()

    def on_key(self, event: events.Key) -> None:
        """The key of a choice takes it at once."""
        if not self.is_settled and event.key != "escape":
            event.stop()
            event.prevent_default()
            return
        for choice in self._choices:
            if choice.key and event.character == choice.key:
                event.stop()
                self.dismiss(choice.id)
                return
        if event.character in ("j", "k"):
            menu = self.query_one(OptionList)
            move = menu.action_cursor_down if event.character == "j" else menu.action_cursor_up
            move()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        if self.is_settled:
            self.dismiss(event.option_id)


class TickList(SelectionList[str]):
    """Ticks as everywhere here, `[x]` and `[ ]`: the library tells them apart by colour alone."""

    def render_line(self, y: int) -> Strip:
        """The box in front of the label, as wide as the library's."""
        drawn, index = super().render_line(y), self.scroll_offset.y + y
        if index >= self.option_count:
            return drawn
        label = list(drawn)[3:]
        box = "[x]" if self.get_option_at_index(index).value in self.selected else "[ ]"
        style = (label[0].style or Style()) + Style(meta={"option": index})
        return Strip([Segment(box, style), *label])


class PickDialog(Dialog[list[str]]):
    """A list with check boxes; dismisses with the ids that are ticked."""

    def __init__(self, title: str, entries: Sequence[tuple[str, str]], ticked: Sequence[str]) -> None:
        super().__init__()
        self._title, self._entries, self._ticked = title, entries, set(ticked)

    def compose(self) -> ComposeResult:
        """Title and the list."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="dialog-title")
            yield TickList(
                *(Selection(Content(label), key, key in self._ticked) for key, label in self._entries), compact=True
            )
            yield Static(Content("Space tick   Enter take them   Esc close"), classes="dialog-how")

    def on_mount(self) -> None:
        """Keys go to the list."""
        super().on_mount()
        self.query_one(TickList).focus()

    def on_key(self, event: events.Key) -> None:
        """Enter takes the selection, as Space already ticks."""
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.dismiss(list(self.query_one(TickList).selected))
