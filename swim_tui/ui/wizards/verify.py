"""Verification of a selection: previews in small pieces, one at a time, with results as they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from swim_tui.errors import SwimError, describe
from swim_tui.model.checks import Check, Verdict, worst
from swim_tui.model.job import JobRequest, JobType
from swim_tui.model.plan import DevicePlan
from swim_tui.ui.states import Cell, Tone

if TYPE_CHECKING:
    from swim_tui.ui.wizards.base import WizardPage

_PIECE = 8

Choice = tuple[object, ...]


NOT_OVER = "Verification is not over yet; it goes on by itself."


class Verifier:
    """Holds the engine's verdict for each device and the choices it was made for."""

    def __init__(self, wizard: WizardPage) -> None:
        self._wizard = wizard
        self._known: dict[str, tuple[Choice, DevicePlan]] = {}
        self._wanted: list[str] = []
        self._is_working = False
        self._to_read: list[str] = []
        self._reading: dict[str, str] = {}  # the run that reads a device, or read it
        self._news = asyncio.Event()
        self.problem = ""

    def plan(self, device: str) -> DevicePlan | None:
        """The verdict for the choices as they are now; None while it is not known."""
        found = self._known.get(device)
        return found[1] if found is not None and found[0] == self._choice(device) else None

    def is_pending(self, devices: Iterable[str]) -> bool:
        """Whether a verdict is still missing."""
        return not self.problem and any(self.plan(name) is None for name in devices)

    def forget(self) -> None:
        """All verdicts are out of date."""
        self._known.clear()

    def want(self, devices: Iterable[str], *, read: bool = False) -> None:
        """Verify what has no verdict; the step is told after each piece. `read`: from devices that are read again."""
        self._wanted = [name for name in devices if self.plan(name) is None]
        if read:
            self._to_read = [name for name in self._wanted if self._is_read(name)]
        self.problem = ""
        if self._wanted and not self._is_working:
            self._is_working = True
            self._wizard.run_worker(self._work(), group="verify", exit_on_error=True)

    def look(self) -> None:
        """The world changed: a device that is waited for may have been read."""
        self._news.set()

    def _is_read(self, name: str) -> bool:
        """Whether no run is about to read it."""
        mirror, run_id = self._wizard.mirror, self._reading.get(name, "")
        task, run = mirror.tasks.get(run_id, {}).get(name), mirror.runs.get(run_id)
        return (
            not run_id or (task is not None and task.status.is_final) or (run is not None and run.run.status.is_final)
        )

    async def _read(self) -> None:
        """One job reads all of them: a job for each piece would bury the list of jobs."""
        names, self._to_read = self._to_read, []
        client = self._wizard.session.client
        request = JobRequest(JobType.INVENTORY_SYNC, devices=tuple(names), description="before a plan")
        job = await client.submit(request)
        if job.last_run:
            await self._wizard.session.open_run(job.last_run)
            self._reading.update(dict.fromkeys(names, job.last_run))

    def _choice(self, device: str) -> Choice:
        draft = self._wizard.draft
        options = self._wizard.options
        own = (draft.image_of.get(device), draft.location_of.get(device), draft.server_of.get(device))
        return (tuple(draft.images), *own, options, draft.run_id)

    async def _work(self) -> None:
        try:
            while self._wanted:
                if self._to_read:
                    await self._read()
                piece = [name for name in self._wanted if self._is_read(name)][:_PIECE]
                if not piece:
                    self._news.clear()
                    await self._news.wait()
                    continue
                self._wanted = [name for name in self._wanted if name not in piece]
                choices = {name: self._choice(name) for name in piece}
                plan = await self._wizard.session.client.preview(self._wizard.request(piece))
                self._known.update(
                    {one.device: (choices[one.device], one) for one in plan.devices if one.device in choices}
                )
                self._wizard.verified()
        except SwimError as err:
            self.problem = describe(err).one_line()
            self._wanted, self._to_read = [], []
            self._wizard.verified()
        finally:
            self._is_working = False


def set_name(image: str, plan: DevicePlan | None) -> str:
    """`asr9k-mini-px.pie-6.1.4+3`: what boots, and how many files come with it (IOS-XR packages, SMUs, a kickstart)."""
    more = len(plan.image_ids) - 1 if plan is not None else 0
    return f"{image}+{more}" if image and more > 0 else image


def verdict_cell(plan: DevicePlan | None, *, chosen: bool) -> Cell:
    """What the table says of a device: the verdict and the names of the checks behind it."""
    if plan is None:
        return Cell("* checking", Tone.RUN) if chosen else Cell("")
    if not plan.included:
        return Cell(f"x {_names(plan, Verdict.FAILED) or plan.excluded_because}", Tone.FAIL)
    if plan.skipped_because:
        return Cell(f"- Skipped: {plan.skipped_because}", Tone.SKIP)
    if worst(plan.checks) is Verdict.WARNING:
        return Cell(f"! {_names(plan, Verdict.WARNING)}", Tone.WAIT)
    return Cell("+ Verified", Tone.OK)


def _names(plan: DevicePlan, verdict: Verdict) -> str:
    return ", ".join(dict.fromkeys(check.name.removesuffix(":") for check in plan.checks if check.verdict is verdict))


def why_not(plan: DevicePlan) -> str:
    """Why a device is left out, with what would mend it."""
    return plan.excluded_because or "; ".join(_words(c) for c in plan.checks if c.verdict is Verdict.FAILED)


def checks_text(plan: DevicePlan | None) -> str:
    """Every check of a device, for the detail dialog; what failed comes first."""
    if plan is None:
        return "not verified yet"
    signs = {Verdict.OK: "+", Verdict.WARNING: "!", Verdict.FAILED: "x"}
    head = [f"{plan.image_file}  to  {plan.to_image}" if plan.to_image else plan.image_file, ""]
    is_said = any(check.verdict is Verdict.FAILED for check in plan.checks)
    lines = [f"Excluded: {plan.excluded_because}", ""] if not plan.included and not is_said else []
    rank = [Verdict.FAILED, Verdict.WARNING, Verdict.OK]
    for check in sorted(plan.checks, key=lambda check: rank.index(check.verdict)):
        lines.append(f"{signs[check.verdict]} {_words(check)}")
        if check.verdict is not Verdict.OK and check.action:
            lines.append(f"    {check.action}")
    return "\n".join([*head, *lines])


def _words(check: Check) -> str:
    return (
        f"{check.name.removesuffix(':')}: expected {check.expected}, actual {check.actual}"
        if check.expected
        else check.name
    )
