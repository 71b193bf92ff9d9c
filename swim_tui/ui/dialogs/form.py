"""A small form: labelled fields, errors beside the field, nothing sent before all are right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.widgets.line_input import LineInput


def _accept(_text: str) -> str:
    return ""


@dataclass(frozen=True)
class Field:
    """One field; `check` returns what is wrong with a text, empty if nothing is."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    check: Callable[[str], str] = _accept
    password: bool = False


class FormDialog(Dialog[dict[str, str]]):
    """Dismisses with name -> text; Enter goes to the next field, on the last one it takes the form."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+n", "take", "Save", show=False)]

    def __init__(self, title: str, fields: Sequence[Field], *, verb: str = "Save") -> None:
        super().__init__()
        self._title, self._fields, self._verb = title, fields, verb

    def compose(self) -> ComposeResult:
        """A line per field, its error below it."""
        with Vertical(classes="dialog wide"):
            yield Static(Content(self._title), classes="dialog-title")
            for field in self._fields:
                with Horizontal(classes="form-row"):
                    yield Static(Content(field.label), classes="form-label")
                    yield LineInput(
                        field.value, placeholder=field.hint, password=field.password, id=f"field-{field.name}"
                    )
                yield Static("", id=f"error-{field.name}", classes="form-error")
            yield Static(
                Content(f"Tab next field   Enter next, last one: {self._verb}   ^N {self._verb}   Esc cancel"),
                classes="dialog-how",
            )

    def on_mount(self) -> None:
        """Start in the first field."""
        super().on_mount()
        self.query(Input).first().focus()

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        if event.input.id == f"field-{self._fields[-1].name}":
            self.action_take()
        else:
            self.focus_next()

    def action_take(self) -> None:
        """Take the form if every field is right, else go to the first that is not."""
        wrong: Input | None = None
        values: dict[str, str] = {}
        for field in self._fields:
            entry = self.query_one(f"#field-{field.name}", Input)
            problem = field.check(entry.value.strip())
            error = self.query_one(f"#error-{field.name}", Static)
            error.update(Content(problem))
            error.set_class(bool(problem), "-shown")
            values[field.name] = entry.value.strip()
            wrong = wrong or (entry if problem else None)
        if wrong is None:
            self.dismiss(values)
        else:
            wrong.focus()
