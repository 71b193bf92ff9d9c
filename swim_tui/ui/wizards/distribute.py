"""Distribute Images: image, devices, locations, options, schedule, plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from swim_tui.model.job import JobRequest, JobType
from swim_tui.model.options import ActivateMode
from swim_tui.ui.dialogs.confirm import Confirmation
from swim_tui.ui.wizards.assign_step import AssignStep
from swim_tui.ui.wizards.base import WizardPage
from swim_tui.ui.wizards.defaults import default_zone
from swim_tui.ui.wizards.device_step import DeviceStep
from swim_tui.ui.wizards.image_step import ImageStep
from swim_tui.ui.wizards.option_step import OptionStep
from swim_tui.ui.wizards.plan_step import PlanStep, confirmation_of
from swim_tui.ui.wizards.schedule_step import ScheduleStep, schedule_of, window_of
from swim_tui.ui.wizards.step import Step


class ScheduleDistributionStep(ScheduleStep):
    """Schedule Distribution."""

    title: ClassVar[str] = "Schedule Distribution"


class PlannedWizard(WizardPage):
    """A wizard that ends on a plan page."""

    verb: ClassVar[str] = ""
    job_type: ClassVar[JobType] = JobType.DISTRIBUTION

    def request(self, devices: Sequence[str] | None = None) -> JobRequest:
        """The job; for a verification only some devices, and no schedule."""
        draft, chosen = self.draft, tuple(devices if devices is not None else self.draft.devices)
        images = dict(draft.image_of)
        options = replace(self.options, consents=tuple(draft.consents))
        request = JobRequest(
            type=self.job_type,
            images=tuple(draft.images),
            devices=chosen,
            options=options,
            image_of={name: image for name, image in images.items() if name in chosen},
            location_of={name: where for name, where in draft.location_of.items() if name in chosen},
            server_of={name: server for name, server in draft.server_of.items() if name in chosen},
        )
        return request if devices is not None else self._scheduled(request)

    def _scheduled(self, request: JobRequest) -> JobRequest:
        form = self.draft.form
        return replace(
            request,
            schedule=schedule_of(form, default_zone(self.settings), self.swim.now()),
            window=window_of(form),
            name=form.get("name", ""),
            change=form.get("change", ""),
            reason=form.get("reason", ""),
        )

    def confirmation(self) -> Confirmation | None:
        """By what the plan does."""
        step = self.step
        if not isinstance(step, PlanStep) or step.plan is None:
            return None
        return confirmation_of(step.plan, self.verb, self.swim.status.environment)

    async def do_wizard_consents(self) -> None:
        """Give the open consents."""
        if isinstance(self.step, PlanStep):
            await self.step.give_consents()

    async def do_wizard_save(self) -> None:
        """The plan, or the rows."""
        if isinstance(self.step, PlanStep):
            await self.step.save()
        else:
            await super().do_wizard_save()

    async def do_wizard_recheck(self) -> None:
        """Verify anew; on the plan page from devices that are read again."""
        if isinstance(self.step, PlanStep):
            await self.step.compute(refresh=True)
            return
        self.verifier.forget()
        self.verified()
        self.verifier.want(self.draft.devices, read=True)


class ImagelessWizard(PlannedWizard):
    """A job that chooses no image: each device has its own."""

    def request(self, devices: Sequence[str] | None = None) -> JobRequest:
        """Devices and options alone."""
        return replace(super().request(devices), images=(), image_of={}, location_of={}, server_of={})


class DistributeWizard(PlannedWizard):
    """Five steps and the plan."""

    kind: ClassVar[str] = "distribute"
    caption: ClassVar[str] = "Distribute Images"
    verb: ClassVar[str] = "Distribute to"

    def steps(self) -> Sequence[type[Step]]:
        """As the reference names them."""
        return (ImageStep, DeviceStep, AssignStep, OptionStep, ScheduleDistributionStep, PlanStep)

    def confirmation(self) -> Confirmation | None:
        """It says so where the devices are activated too."""
        step = self.step
        if not isinstance(step, PlanStep) or step.plan is None:
            return None
        activates = step.plan.options.activate is not ActivateMode.OFF
        verb = "Distribute to and activate" if activates else self.verb
        return confirmation_of(step.plan, verb, self.swim.status.environment)
