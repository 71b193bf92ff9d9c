"""Activate Images: from the library, or from a completed distribution job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from swim_tui.model.job import JobRequest, JobType
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.ui.wizards.device_step import DeviceStep
from swim_tui.ui.wizards.distribute import PlannedWizard
from swim_tui.ui.wizards.image_step import ImageStep
from swim_tui.ui.wizards.option_step import ActivateOptionStep
from swim_tui.ui.wizards.plan_step import PlanStep
from swim_tui.ui.wizards.preview_step import PreviewStep
from swim_tui.ui.wizards.run_step import RunStep
from swim_tui.ui.wizards.schedule_step import ScheduleStep
from swim_tui.ui.wizards.source_step import SourceChoice, SourceStep
from swim_tui.ui.wizards.step import Step


class ActivationSourceStep(SourceStep):
    """Activation Source."""

    title: ClassVar[str] = "Activation Source"
    brief: ClassVar[str] = "Source"
    choices: ClassVar[Sequence[SourceChoice]] = (
        SourceChoice(
            "library",
            "Activate from Library",
            "An image that is on the devices, however it got there: it must be found there with the right hash.",
        ),
        SourceChoice(
            "jobs",
            "Activate from Completed Distribution Jobs",
            "Inspect the distribution first; its devices that succeeded, each with the image it got.",
        ),
    )

    def source_changed(self) -> None:
        """Images and devices come from elsewhere now."""
        self.draft.run_id = ""
        self.draft.images, self.draft.devices = [], list(self.draft.carried)


class ScheduleActivationStep(ScheduleStep):
    """Schedule Activation."""

    title: ClassVar[str] = "Schedule Activation"
    job_type: ClassVar[JobType] = JobType.ACTIVATION


class ActivateWizard(PlannedWizard):
    """The steps change with the source."""

    kind: ClassVar[str] = "activate"
    caption: ClassVar[str] = "Activate Images"
    verb: ClassVar[str] = "Activate"
    job_type: ClassVar[JobType] = JobType.ACTIVATION

    def steps(self) -> Sequence[type[Step]]:
        """As the reference names them."""
        chosen: tuple[type[Step], ...] = (RunStep,) if self.draft.source == "jobs" else (ImageStep, DeviceStep)
        return (ActivationSourceStep, *chosen, PreviewStep, ActivateOptionStep, ScheduleActivationStep, PlanStep)

    @property
    def options(self) -> JobOptions:
        """An activation activates; where the settings say OFF it is sequential, and the boot variable is written."""
        options = super().options
        mode = ActivateMode.SEQUENTIAL if options.activate is ActivateMode.OFF else options.activate
        return replace(options, activate=mode, insert_boot_command=True)

    def request(self, devices: Sequence[str] | None = None) -> JobRequest:
        """From a run, the images are those it distributed."""
        request = super().request(devices)
        return replace(request, from_run=self.draft.run_id, images=()) if self.draft.source == "jobs" else request
