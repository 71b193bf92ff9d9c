"""A small form: labelled fields, errors beside the field, nothing sent before all are right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from swim_tui.errors import Problem, SwimError, describe
from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.widgets.line_input import LineInput
from swim_tui.ui.widgets.path_input import PathInput
from swim_tui.ui.widgets.pick_field import Pick, PickField
from swim_tui.ui.widgets.table_paint import clean


def _accept(_text: str) -> str:
    return ""


@dataclass(frozen=True)
class Field:
    """One field; `check` returns what is wrong with a text, empty if nothing is.

    With `choices` (value, label) it is chosen instead of typed, several of them if `many`; `help` is shown below the
    form while the field has the focus.
    """

    name: str
    label: str
    value: str = ""
    hint: str = ""
    check: Callable[[str], str] = _accept
    password: bool = False
    choices: Sequence[tuple[str, str]] | None = None
    many: bool = False
    ordered: bool = False  # of several the order counts
    help: str = ""
    path: bool = False  # of a file on this machine, completed with Tab

    def with_help(self, text: str) -> Field:
        """The same field, explained."""
        return replace(self, help=text)

    def widget(self) -> Widget:
        """What it is typed or chosen in."""
        if self.choices is not None:
            how = Pick.ORDER if self.ordered else Pick.SEVERAL if self.many else Pick.ONE
            return PickField(self.label, self.choices, self.value, how, id=f"field-{self.name}")
        if self.path:
            return PathInput(self.value, placeholder=self.hint, id=f"field-{self.name}")
        return LineInput(self.value, placeholder=self.hint, password=self.password, id=f"field-{self.name}")


Save = Callable[[dict[str, str]], Awaitable[None]]


class FormDialog(Dialog[dict[str, str]]):
    """Dismisses with name -> text; Enter goes to the next field, on the last one it takes the form.

    With `save` the values are handed over before the form closes: what the engine refuses is said in the form, and
    nothing that was typed is lost.
    """

    # Priority: the focus moves before the next key of a burst is handed out. A slow line brings many keys at once, and
    # a password must not land in the field above.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "take", "Save", show=False),
        Binding("tab", "go(1)", show=False, priority=True),
        Binding("shift+tab", "go(-1)", show=False, priority=True),
        Binding("enter", "enter", show=False, priority=True),
    ]

    def __init__(self, title: str, fields: Sequence[Field], *, verb: str = "Save", save: Save | None = None) -> None:
        super().__init__()
        self._title, self._fields, self._verb, self._save = title, fields, verb, save
        self._warned = self._saving = False

    def compose(self) -> ComposeResult:
        """A line per field, its error below it; what the field means, and the keys, at the end."""
        with Vertical(classes="dialog wide"):
            yield Static(Content(self._title), classes="dialog-title")
            with VerticalScroll(classes="dialog-body form-body", can_focus=False):
                for field in self._fields:
                    with Horizontal(classes="form-row"):
                        yield Static(Content(field.label), classes="form-label")
                        yield field.widget()
                    yield Static("", id=f"error-{field.name}", classes="form-error")
            if any(field.help for field in self._fields):
                yield Static("", id="form-help")
            yield Static("", id="error", classes="form-error")
            choose = "Space choose   " if any(field.choices is not None for field in self._fields) else ""
            verb = self._verb.lower()
            alone = len(self._fields) == 1
            tab = "Tab complete   " if alone and self._fields[0].path else "" if alone else "Tab next   "
            enter = f"Enter {verb}" if alone else f"Enter next or {verb}   ^N {verb}"
            how = f"{tab}{choose}{enter}   Esc cancel"
            yield Static(Content(how), classes="dialog-how")

    def on_mount(self) -> None:
        """Start in the first field."""
        super().on_mount()
        self._entry(self._fields[0]).focus()

    def _entry(self, field: Field) -> Input | PickField:
        widget = self.query_one(f"#field-{field.name}")
        assert isinstance(widget, Input | PickField)
        return widget

    @property
    def values(self) -> dict[str, str]:
        """What stands in the fields now."""
        texts = {field.name: self._entry(field).value for field in self._fields}
        return {f.name: texts[f.name] if f.password else texts[f.name].strip() for f in self._fields}

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say what the field means."""
        told = self.query("#form-help")
        if told and event.widget.id is not None:
            name = event.widget.id.removeprefix("field-")
            text = next((field.help for field in self._fields if field.name == name), "")
            told.first(Static).update(Content(text))

    def action_go(self, by: int) -> None:
        """The next field or the one before; a path is completed first."""
        here = self.focused
        if by > 0 and isinstance(here, PathInput):
            here.call_later(here.action_complete)  # after the keys that are still on their way to it
        elif by > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def action_enter(self) -> None:
        """The next field; on the last one the form is taken."""
        here = self.focused
        if here is not None and here.id == f"field-{self._fields[-1].name}":
            here.call_later(self.action_take)  # after the keys that are still on their way to it
        else:
            self.focus_next()

    @on(Input.Changed)
    @on(PickField.Changed)
    def _edited(self) -> None:
        if self._warned:
            self._warned = False
            self._complain("error", "")

    def action_leave(self) -> None:
        """Close; what was typed is not thrown away by one key."""
        if self._warned or all(self.values[field.name] == field.value.strip() for field in self._fields):
            self.dismiss(None)
            return
        self._warned = True
        self._complain("error", f"Nothing is saved yet. ^N {self._verb.lower()}, Esc again leaves it.")

    def _complain(self, where: str, sentence: str) -> None:
        line = self.query_one(f"#{where}", Static)
        line.update(Content(clean(sentence)))
        line.set_class(bool(sentence), "-shown")
        if where == "error":  # a low screen gives it the room of two fields
            self.query_one(".dialog").set_class(bool(sentence), "-told")

    def action_take(self) -> None:
        """Take the form if every field is right, else go to the first that is not."""
        wrong: Widget | None = None
        values = self.values
        for field in self._fields:
            problem = field.check(values[field.name])
            self._complain(f"error-{field.name}", problem)
            if problem and wrong is None:
                wrong = self._entry(field)
                self.call_after_refresh(self.query_one(f"#error-{field.name}").scroll_visible, animate=False)
        if wrong is not None:
            wrong.focus()
        elif self._save is None:
            self.dismiss(values)
        elif not self._saving:
            self._saving = True
            self.run_worker(self._hand_over(self._save, values), group="form", exit_on_error=True)

    def _refused(self, problem: Problem) -> None:
        """What the engine refuses is said beside the field that it names, else below the form."""
        field = next((each for each in self._fields if each.name == problem.data.get("name")), None)
        if field is None or "allowed" not in problem.data:
            self._complain("error", problem.one_line())
            return
        where = f"error-{field.name}"
        self._complain(where, f"{problem.data.get('detail', 'not usable')}; give {problem.data['allowed']}")
        self._entry(field).focus()
        self.call_after_refresh(self.query_one(f"#{where}").scroll_visible, animate=False)

    async def _hand_over(self, save: Save, values: dict[str, str]) -> None:
        self._complain("error", "")
        try:
            await save(values)
        except SwimError as err:
            self._refused(describe(err))
        else:
            self.dismiss(values)
        finally:
            self._saving = False
