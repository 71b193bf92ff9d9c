"""Rollback: devices with a recorded way back, options, schedule, plan (N17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from swim_tui.model.job import JobType
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.ui.states import Cell
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.wizards.able_step import AbleDeviceStep
from swim_tui.ui.wizards.device_step import Candidate, verdict_of
from swim_tui.ui.wizards.distribute import ImagelessWizard
from swim_tui.ui.wizards.fields import FieldSpec
from swim_tui.ui.wizards.option_step import OptionStep
from swim_tui.ui.wizards.plan_step import PlanStep
from swim_tui.ui.wizards.schedule_step import ScheduleStep
from swim_tui.ui.wizards.step import Step


def _back_to(line: Candidate) -> Cell:
    plan = line.plan
    return Cell("" if plan is None else plan.to_version or plan.to_image.rpartition("/")[2])


def _file(line: Candidate) -> Cell:
    return Cell(line.plan.to_image if line.plan is not None else "")


WITH_TARGET = TableSpec[Candidate](
    "wizard-rollback",
    (
        Column("name", "Device Name", 16, lambda r: Cell(r.device.name), 1, "n", flex=True),
        Column("version", "Runs", 15, lambda r: Cell(r.device.version), 1, "s"),
        Column("back", "Goes back to", 15, _back_to, 1, "b"),
        Column("verdict", "Verification", 16, verdict_of, 1, "v", flex=True),
        Column("file", "Previous image", 26, _file, 2, "f", flex=True),
        Column("address", "IP Address/DNS", 15, lambda r: Cell(r.device.address), 3, "i"),
        Column("site", "Location", 14, lambda r: Cell(r.device.location), 4, "l"),
        Column("role", "Role", 12, lambda r: Cell(r.device.role), 5, "r"),
    ),
    name=lambda r: r.device.name,
    attention=lambda r: r.plan is not None and not r.plan.included,
    sort="name",
    empty="No device has a recorded way back: a rollback undoes an upgrade that this program made, while the\n"
    "previous image or the platform's rollback point is still there. p with a name says why it is not offered.",
)


class RollbackDeviceStep(AbleDeviceStep):
    """Devices with a recorded previous image or rollback point."""

    spec: ClassVar[TableSpec[Candidate]] = WITH_TARGET
    hint: ClassVar[str] = "Only devices with a recorded way back. Space selects, Enter shows its checks."


class RollbackOptionStep(OptionStep):
    """Rollback Job Options."""

    title: ClassVar[str] = "Rollback Job Options"
    brief: ClassVar[str] = "Options"
    only_activation: ClassVar[bool] = True
    names: ClassVar[tuple[str, ...]] = (
        "activate", "dirty_config", "continue_on_failure", "without_config_backup", "max_activation", "dry_run",
    )  # fmt: skip

    def specs(self) -> Sequence[FieldSpec]:
        """What an activation has, without what only a new image needs."""
        return [replace(spec, label="Reload") if spec.name == "activate" else spec for spec in self.only(self.names)]


class ScheduleRollbackStep(ScheduleStep):
    """Schedule Rollback."""

    title: ClassVar[str] = "Schedule Rollback"
    job_type: ClassVar[JobType] = JobType.ROLLBACK


class RollbackWizard(ImagelessWizard):
    """Three steps and the plan; the devices are reloaded."""

    kind: ClassVar[str] = "rollback"
    caption: ClassVar[str] = "Rollback"
    verb: ClassVar[str] = "Roll back"
    job_type: ClassVar[JobType] = JobType.ROLLBACK

    def steps(self) -> Sequence[type[Step]]:
        """As the other wizards name them."""
        return (RollbackDeviceStep, RollbackOptionStep, ScheduleRollbackStep, PlanStep)

    @property
    def options(self) -> JobOptions:
        """A rollback reloads: one device after the other unless a person says otherwise."""
        options = super().options
        return replace(options, activate=ActivateMode.SEQUENTIAL) if options.activate is ActivateMode.OFF else options
