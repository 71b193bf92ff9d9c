"""Commit Images: devices that run something uncommitted, options, schedule, plan (FEATURES 141 to 144)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from swim_tui.model.job import JobType
from swim_tui.model.views import DeviceRow
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.wizards.able_step import AbleDeviceStep
from swim_tui.ui.wizards.device_step import Candidate, verdict_of
from swim_tui.ui.wizards.distribute import ImagelessWizard
from swim_tui.ui.wizards.fields import FieldSpec
from swim_tui.ui.wizards.option_step import OptionStep
from swim_tui.ui.wizards.plan_step import PlanStep
from swim_tui.ui.wizards.schedule_step import ScheduleStep
from swim_tui.ui.wizards.step import Step

_COMMITS = "commit"


def _waits(line: Candidate) -> Cell:
    state = line.device.state
    return Cell(state.removeprefix("Not committed: "), Tone.WAIT) if state.startswith("Not committed") else Cell("")


UNCOMMITTED = TableSpec[Candidate](
    "wizard-commit",
    (
        Column("name", "Device Name", 16, lambda r: Cell(r.device.name), 1, "n", flex=True),
        Column("version", "Not committed", 14, lambda r: Cell(r.device.version), 1, "s"),
        Column("verdict", "Verification", 16, verdict_of, 1, "v", flex=True),
        Column("waits", "Note", 20, _waits, 2, "o", flex=True),
        Column("address", "IP Address/DNS", 15, lambda r: Cell(r.device.address), 3, "i"),
        Column("site", "Location", 14, lambda r: Cell(r.device.location), 4, "l"),
        Column("platform", "Platform", 14, lambda r: Cell(r.device.platform), 6, "p"),
    ),
    name=lambda r: r.device.name,
    attention=lambda r: r.plan is not None and not r.plan.included,
    sort="name",
    empty="No device waits for a commit: what runs is committed already, or the platform needs no commit.\n"
    "IOS-XR, and XE 16 and later in install mode, have one. Is a device missing? Esc, 3, then r reads it.",
)


class CommitDeviceStep(AbleDeviceStep):
    """Devices whose software would be gone after their next reload."""

    spec: ClassVar[TableSpec[Candidate]] = UNCOMMITTED
    hint: ClassVar[str] = "What is not committed is gone after the next reload. Space selects, p pastes."

    def is_candidate(self, row: DeviceRow) -> bool:
        """Platforms with a commit, and what is known to wait for one."""
        pack = self.wizard.packs.get(row.platform)
        has_commit = pack is None or _COMMITS in pack.supports
        return super().is_candidate(row) and (has_commit or row.state.startswith("Not committed"))


class CommitOptionStep(OptionStep):
    """Commit Job Options."""

    title: ClassVar[str] = "Commit Job Options"
    brief: ClassVar[str] = "Options"
    names: ClassVar[tuple[str, ...]] = ("continue_on_failure", "without_config_backup", "dry_run")

    def specs(self) -> Sequence[FieldSpec]:
        """A commit changes neither what runs nor the configuration: few options are left."""
        return self.only(self.names)


class ScheduleCommitStep(ScheduleStep):
    """Schedule Commit."""

    title: ClassVar[str] = "Schedule Commit"
    job_type: ClassVar[JobType] = JobType.COMMIT


class CommitWizard(ImagelessWizard):
    """Three steps and the plan."""

    kind: ClassVar[str] = "commit"
    caption: ClassVar[str] = "Commit Images"
    verb: ClassVar[str] = "Commit"
    job_type: ClassVar[JobType] = JobType.COMMIT

    def steps(self) -> Sequence[type[Step]]:
        """As the other wizards name them."""
        return (CommitDeviceStep, CommitOptionStep, ScheduleCommitStep, PlanStep)
