"""Fields of a wizard's form: one line each, told apart by keys alone, with the reason when one is not available."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from swim_tui.ui.widgets.line_input import LineInput

LABEL = 27


def _accept(_text: str) -> str:
    return ""


@dataclass(frozen=True)
class FieldSpec:
    """One field. With `choices` (value, label) it is stepped through, else typed; `why` = why it is not available.

    `ghost` gives the whole text that Right makes of what was typed.
    """

    name: str
    label: str
    value: str = ""
    choices: Sequence[tuple[str, str]] = ()
    why: str = ""
    help: str = ""
    hint: str = ""
    shown: bool = True
    check: Callable[[str], str] = _accept
    ghost: Callable[[str], str] | None = None


SWITCH = (("on", "on"), ("off", "off"))


class FieldChanged(Message):
    """A field has another value."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__()
        self.name, self.value = name, value


class FieldEntered(Message):
    """Enter was pressed in a line that is typed in."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class ChoiceLine(Widget, can_focus=True):
    """`[x] Insert boot command` or `Activate  < Sequential >`; Space and the arrows change it."""

    DEFAULT_CSS = """
    ChoiceLine { height: 1; padding: 0 1; color: $foreground; }
    ChoiceLine:focus { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter,right,l", "step(1)", "Change", show=False),
        Binding("left,h", "step(-1)", "Change back", show=False),
    ]

    def __init__(self, spec: FieldSpec, changed: Callable[[str, str], None]) -> None:
        super().__init__(id=f"field-{spec.name}")
        self.spec = spec
        self.value = spec.value
        self._changed = changed

    @property
    def is_switch(self) -> bool:
        """Whether it is on or off and nothing else."""
        return tuple(self.spec.choices) == SWITCH

    def take(self, spec: FieldSpec) -> None:
        """Another availability or value."""
        self.display = spec.shown
        if replace(spec, check=_accept) != replace(self.spec, check=_accept) or spec.value != self.value:
            self.spec, self.value = spec, spec.value
            self.refresh()

    def render(self) -> Content:
        """Label, value, and why it cannot be changed."""
        why = f"  {self.spec.why}" if self.spec.why else ""
        if self.is_switch:
            sign = "-" if why else "x" if self.value == "on" else " "
            text = f"[{sign}] {self.spec.label}"
        else:
            shown = dict(self.spec.choices).get(self.value, self.value)
            arrows = f"  {shown}" if why else f"< {shown} >"
            text = f"    {self.spec.label.ljust(LABEL)} {arrows}"
        room = max(0, self.size.width - 2 - len(text))
        why = why if len(why) <= room else why[: max(0, room - 1)] + "…"
        return Content.assemble((text, "$foreground-muted" if why and not self.has_focus else ""), why)

    def action_step(self, by: int) -> None:
        """The next choice, if there is a choice."""
        if self.spec.why:
            self.app.notify(f"{self.spec.label}: {self.spec.why}", severity="warning")
            return
        values = [value for value, _ in self.spec.choices]
        here = values.index(self.value) if self.value in values else 0
        self.value = values[(here + by) % len(values)]
        self.refresh()
        self._changed(self.spec.name, self.value)  # no message: the next key may depend on it

    def on_click(self) -> None:
        """A click is a step."""
        self.action_step(1)


class TextLineField(Vertical):
    """A label, a line to type in, and what is wrong with it right below."""

    DEFAULT_CSS = """
    TextLineField { height: auto; }
    TextLineField Horizontal { height: 1; padding: 0 1; }
    TextLineField .label { width: 32; height: 1; padding: 0 0 0 4; }
    TextLineField Input { border: none; background: $panel; height: 1; padding: 0 1; width: 1fr; }
    TextLineField .form-error { padding: 0 1 0 33; }
    """

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(id=f"field-{spec.name}")
        self.spec = spec

    def compose(self) -> ComposeResult:
        """Label, line, error."""
        with Horizontal():
            yield Static(Content(self.spec.label), classes="label")
            yield LineInput(self.spec.value, placeholder=self.spec.hint, ghost=self.spec.ghost)
        yield Static("", classes="form-error")

    def take(self, spec: FieldSpec) -> None:
        """Another availability; what was typed stays."""
        self.spec = spec
        self.display = spec.shown

    @property
    def entry(self) -> Input:
        """The line."""
        return self.query_one(Input)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.query_one(".form-error").has_class("-shown"):
            self.complain(self.spec.check(event.value.strip()))
        self.post_message(FieldChanged(self.spec.name, event.value.strip()))

    @on(Input.Submitted)
    def _done(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(FieldEntered(self.spec.name))
        self.screen.focus_next()

    def complain(self, sentence: str) -> None:
        """Say what is wrong, or nothing."""
        line = self.query_one(".form-error", Static)
        line.update(Content(sentence))
        line.set_class(bool(sentence), "-shown")
