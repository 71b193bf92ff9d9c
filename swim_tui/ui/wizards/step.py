"""A step of a wizard, and the step that is a form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from swim_tui.ui.wizards.fields import ChoiceLine, FieldChanged, FieldSpec, TextLineField

if TYPE_CHECKING:
    from swim_tui.ui.mirror import Changes
    from swim_tui.ui.wizards.base import WizardPage
    from swim_tui.ui.wizards.draft import Draft


class Step(Vertical):
    """Shows a part of the draft and changes it at once; there is nothing to take over when it is left."""

    DEFAULT_CSS = "Step { height: 1fr; }"
    title: ClassVar[str] = ""
    brief: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    actions: ClassVar[frozenset[str]] = frozenset()
    """The wizard's actions that only some steps have."""

    def __init__(self, wizard: WizardPage) -> None:
        super().__init__()
        self.wizard = wizard

    @property
    def draft(self) -> Draft:
        """The choices so far."""
        return self.wizard.draft

    async def enter(self) -> None:
        """Shown (again): earlier steps may have changed what there is to choose."""

    def offers(self, action_id: str) -> bool:
        """Whether one of `actions` makes sense now."""
        return True

    def problem(self) -> str:
        """Why the next step cannot be shown yet; empty if it can."""
        return ""

    def verified(self) -> None:
        """Verdicts arrived."""

    def world_changed(self, changes: Changes) -> None:
        """Images, devices or runs changed while the step is shown."""

    def note(self) -> str:
        """Right half of the crumb line."""
        return ""

    def focus_first(self) -> None:
        """Keys go to where one starts."""

    async def edit(self) -> None:
        """What `e` does here."""

    async def paste(self) -> None:
        """What `p` does here."""

    def move(self, lines: int) -> bool:
        """Up and down where there is no table; False if the table takes them."""
        return False


TEXT_MOVES = frozenset(f"table.{name}" for name in ("half_down", "half_up", "page_down", "page_up", "top", "bottom"))
"""What a step allows that shows a text: it is read like a page of output."""


class Fields(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Up and down belong to the form, not to the scrolling."""


class FormStep(Step):
    """Fields, one below the other; up and down go between them, what the field means stands at the foot."""

    DEFAULT_CSS = """
    FormStep Fields { height: 1fr; scrollbar-size-vertical: 1; }
    FormStep .form-help { height: 2; padding: 0 1; color: $text-muted; }
    """

    def specs(self) -> Sequence[FieldSpec]:
        """The fields as they are for the draft now."""
        return ()

    def value(self, name: str, default: str = "") -> str:
        """What a field holds."""
        return self.draft.form.get(name, default)

    def compose(self) -> ComposeResult:
        """The fields and the help line."""
        with Fields():
            for spec in self.specs():
                field = ChoiceLine(spec, self.take) if spec.choices else TextLineField(spec)
                field.display = spec.shown
                yield field
        yield Static(classes="form-help")

    async def enter(self) -> None:
        """Availability may have changed."""
        self.refresh_fields()

    def refresh_fields(self) -> None:
        """Values and reasons anew."""
        for spec in self.specs():
            self.query_one(f"#field-{spec.name}", ChoiceLine if spec.choices else TextLineField).take(spec)  # type: ignore[attr-defined]
        self._show_help()

    def focus_first(self) -> None:
        """The first field."""
        for spec in self.specs():
            if spec.shown:
                self._focus(spec.name)
                return

    def _focus(self, name: str) -> None:
        field = self.query_one(f"#field-{name}")
        (field.entry if isinstance(field, TextLineField) else field).focus()

    def move(self, lines: int) -> bool:
        """To the next field or the one before."""
        for _ in range(min(abs(lines), 30)):
            self.screen.focus_next() if lines > 0 else self.screen.focus_previous()
        return True

    @on(FieldChanged)
    def _changed(self, event: FieldChanged) -> None:
        event.stop()
        self.take(event.name, event.value)

    def take(self, name: str, value: str) -> None:
        """A field has another value: what follows from it shows at once."""
        if self.draft.form.get(name) != value:
            self.draft.form[name] = value
            self.field_changed(name)
            self.refresh_fields()
            self.wizard.say("")

    def field_changed(self, name: str) -> None:
        """A field got another value; subclasses take what follows from it."""

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The help line follows the focus."""
        self._show_help()

    def _show_help(self) -> None:
        focused = self.screen.focused
        while focused is not None and not isinstance(focused, ChoiceLine | TextLineField):
            focused = focused.parent if isinstance(focused.parent, Widget) else None
        spec = focused.spec if focused is not None else None
        words = [spec.help, f"Not available: {spec.why}." if spec.why else ""] if spec is not None else []
        self.query_one(".form-help", Static).update(Content(" ".join(word for word in words if word)))

    def problem(self) -> str:
        """Every wrong field says so beside itself; the first one gets the focus."""
        first: tuple[str, str] | None = None
        for spec in self.specs():
            sentence = spec.check(self.value(spec.name, spec.value)) if spec.shown and not spec.why else ""
            field = self.query_one(f"#field-{spec.name}")
            if isinstance(field, TextLineField):
                field.complain(sentence)
            if sentence and first is None:
                first = (spec.name, f"{spec.label}: {sentence}")
        if first is None:
            return ""
        self._focus(first[0])
        return first[1]
