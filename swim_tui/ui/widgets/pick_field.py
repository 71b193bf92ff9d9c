"""A field whose value is chosen: a switch, one of a list, or several of a list."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from swim_tui.ui.widgets.table_paint import clean

SWITCH = (("on", "on"), ("off", "off"))
SEPARATOR = "\n"


def several(text: str) -> tuple[str, ...]:
    """The values of a field where several are chosen."""
    return tuple(value for value in text.split(SEPARATOR) if value)


class Pick(Enum):
    """How many of the list are chosen."""

    ONE = auto()
    SEVERAL = auto()
    ORDER = auto()  # several, and the order counts


class PickField(Widget, can_focus=True):
    """Space opens the list (or turns the switch), Left and Right go to the next value."""

    DEFAULT_CSS = """
    PickField { height: 1; width: 1fr; padding: 0 1; background: $panel; }
    PickField:focus { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "choose", show=False),
        Binding("right,l", "step(1)", show=False),
        Binding("left,h", "step(-1)", show=False),
    ]

    class Changed(Message):
        """Another value."""

        def __init__(self, field: PickField) -> None:
            super().__init__()
            self.field = field

    def __init__(
        self, title: str, choices: Sequence[tuple[str, str]], value: str, how: Pick = Pick.ONE, *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._title, self._how, many = title, how, how is not Pick.ONE
        self._many = many
        known = {choice for choice, _ in choices}
        lost = [each for each in (several(value) if many else (value,)) if each and each not in known]
        self._choices = [*choices, *((each, f"{each} (unknown)") for each in lost)]
        self.value = value

    @property
    def is_switch(self) -> bool:
        """On or off and nothing else."""
        return tuple(self._choices) == SWITCH

    def render(self) -> Content:
        """`[x]`, `Amsterdam`, or `Amsterdam, Delft`; what is not chosen yet says how."""
        if self.is_switch:
            return Content(f"[{'x' if self.value == 'on' else ' '}]")
        labels = dict(self._choices)
        shown = [labels.get(value, value) for value in (several(self.value) if self._many else (self.value,))]
        text = clean((" > " if self._how is Pick.ORDER else ", ").join(shown))
        sign = "" if text else "Space chooses" if self._choices else "there is none yet"
        room = max(4, self.size.width - 2)
        if cell_len(text) > room:
            text = text[: room - 1] + "…"
        return Content.assemble(text, (sign, "" if self.has_focus else "$foreground-muted"))

    def _take(self, value: str) -> None:
        if value != self.value:
            self.value = value
            self.refresh()
            self.post_message(self.Changed(self))

    def action_step(self, by: int) -> None:
        """The next value, where one is chosen."""
        values = [value for value, _ in self._choices]
        if self._many or not values:
            return
        here = values.index(self.value) if self.value in values else -1 if by > 0 else 0
        self._take(values[(here + by) % len(values)])

    def action_choose(self) -> None:
        """Turn the switch, or open the list."""
        from swim_tui.ui.dialogs.find import FindDialog
        from swim_tui.ui.dialogs.order import OrderDialog

        if self.is_switch:
            self.action_step(1)
        elif self._how is Pick.ORDER and self._choices:
            order = OrderDialog(self._title, [value for value, _ in self._choices], several(self.value))
            self.app.push_screen(order, self._chosen)
        elif self._choices:
            chosen = several(self.value) if self._many else (self.value,)
            dialog = FindDialog(self._title, self._choices, chosen, many=self._many)
            self.app.push_screen(dialog, self._chosen)

    def _chosen(self, values: list[str] | None) -> None:
        if values is not None:
            self._take(SEPARATOR.join(values))

    def on_click(self) -> None:
        """A click chooses."""
        self.action_choose()
