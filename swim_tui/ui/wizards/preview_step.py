"""Activate Preview: the devices with the image each boots, all ticked at first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from swim_tui.model.plan import DevicePlan, Phase
from swim_tui.ui.dialogs.text import TextDialog
from swim_tui.ui.states import Cell
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch
from swim_tui.ui.wizards.base import WizardPage, marks_of
from swim_tui.ui.wizards.step import Step
from swim_tui.ui.wizards.verify import NOT_OVER, checks_text, set_name, verdict_cell


@dataclass(frozen=True)
class PreviewLine:
    """A device that would be activated."""

    name: str
    address: str
    image: str
    plan: DevicePlan | None
    chosen: bool

    @property
    def key(self) -> str:
        """The device's name."""
        return self.name


def _flash(line: PreviewLine) -> Cell:
    where = line.plan.to_image if line.plan is not None else ""
    return Cell(where.split(":", 1)[0] + ":" if ":" in where else "")


PREVIEW = TableSpec[PreviewLine](
    "wizard-preview",
    (
        Column("name", "Device Name", 14, lambda r: Cell(r.name), 1, "n"),
        Column("status", "Status", 16, lambda r: verdict_cell(r.plan, chosen=r.chosen), 1, "s", flex=True),
        Column("image", "Image Name", 22, lambda r: Cell(set_name(r.image, r.plan)), 2, "m", flex=True),
        Column("flash", "Flash", 10, _flash, 3, "f"),
        Column("address", "Ip Address", 15, lambda r: Cell(r.address), 4, "i"),
    ),
    name=lambda r: r.name,
    attention=lambda r: r.plan is not None and not r.plan.included,
    sort="name",
    empty="No device to activate.",
)


class PreviewStep(Step):
    """Unticked devices are not activated; those that fail a check are left out of the run."""

    title: ClassVar[str] = "Activate Preview"
    brief: ClassVar[str] = "Preview"
    hint: ClassVar[str] = "Space unticks a device, a all, A none; Enter its checks; F5 reads again."
    actions: ClassVar[frozenset[str]] = frozenset({"wizard.recheck"})

    def __init__(self, wizard: WizardPage) -> None:
        super().__init__(wizard)
        self._offered: dict[str, str] = {}
        self._from: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """The table."""
        yield LiveTable(PREVIEW, id="wizard-preview")
        yield Static(classes="empty", id="wizard-preview-empty")

    @property
    def grid(self) -> LiveTable[PreviewLine]:
        """The table."""
        return self.query_one("#wizard-preview", LiveTable)

    async def enter(self) -> None:
        """What the source offers; ticked as a whole when the source is another one."""
        draft = self.draft
        source = (draft.source, draft.run_id, tuple(draft.images), () if draft.run_id else tuple(draft.devices))
        if draft.run_id:
            detail = await self.wizard.session.client.run(draft.run_id)
            done = [task for task in detail.tasks if Phase.DISTRIBUTE in task.phases_done and task.image_id]
            self._offered = {task.device: task.image_file for task in done}
        elif self._from[:3] != source[:3] or not set(draft.devices) <= set(self._offered):
            self._offered = dict.fromkeys(draft.devices, "")
        if self._from != source and (draft.run_id or not draft.devices):
            kept = [name for name in draft.devices if name in self._offered]
            draft.devices = kept or list(self._offered)
        self._from = source
        self.verified(reset=True)
        marks_of(self.grid, draft.devices)
        # what the engine knows of a device may be older than the distribution that put the image there
        self.wizard.verifier.want(draft.devices, read=bool(draft.run_id))

    def verified(self, *, reset: bool = False) -> None:
        """Rows with the verdicts there are."""
        held, rows = self.wizard.mirror.devices, []
        for name, image in self._offered.items():
            plan = self.wizard.verifier.plan(name)
            file = plan.image_file if plan is not None else image
            address = held[name].address if name in held else ""
            rows.append(PreviewLine(name, address, file, plan, name in self.draft.devices))
        self.grid.apply(Batch(rows, reset=reset))
        self.wizard.refresh_note()
        if self.wizard.verifier.problem:
            self.wizard.say(self.wizard.verifier.problem)

    def focus_first(self) -> None:
        """The table."""
        self.grid.focus()

    def note(self) -> str:
        """Selected n / Total m."""
        return f"Selected {len(self.draft.devices)} / Total {len(self._offered)}"

    def problem(self) -> str:
        """Verification has ended and somebody takes part."""
        verifier, chosen = self.wizard.verifier, self.draft.devices
        if not chosen:
            return "No device is ticked: Space ticks the one under the cursor."
        if verifier.problem:
            return verifier.problem
        if verifier.is_pending(chosen):
            return NOT_OVER
        if not any((plan := verifier.plan(name)) is not None and plan.included for name in chosen):
            return "No device passed the verification; Enter on a row shows what would mend it."
        return ""

    @on(LiveTable.Changed)
    def _marked(self, event: LiveTable.Changed) -> None:
        marks = event.table.model.marks
        if set(self.draft.devices) != marks:
            self.draft.devices = [name for name in self._offered if name in marks]
            self.wizard.verifier.want(self.draft.devices)
            self.verified()

    @on(LiveTable.Opened)
    def _opened(self, event: LiveTable.Opened) -> None:
        event.stop()
        text = checks_text(self.wizard.verifier.plan(event.key))
        self.app.push_screen(TextDialog(f"Verification of {event.key}", text))
