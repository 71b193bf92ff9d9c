"""distribute, activate, commit and rollback: from options over the plan to a submitted job."""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swim_tui.cli.app import App, common_options, pass_app
from swim_tui.cli.jobform import Defaults, check_choice, job_options, make_request, request_of_plan
from swim_tui.cli.output import confirm, duration, plain, size, tell
from swim_tui.errors import BadValue, ConsentMissing, PlanChanged, Refused
from swim_tui.model.job import JobRequest, JobType

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.plan import RunPlan


@dataclass(frozen=True)
class RunFlags:
    """How a job is submitted."""

    dry_run: bool
    plan_file: Path | None
    expect: str
    yes: bool
    wait: bool


_RUN_OPTIONS: list[Any] = [
    click.option("--dry-run", is_flag=True, help="Real devices, read-only commands; nothing is changed."),
    click.option("--plan", "plan_file", type=click.Path(path_type=Path), help="Run this exported plan (.json)."),
    click.option("--expect", default="", metavar="SHA256", help="Run only if the plan has this SHA-256."),
    click.option("--yes", is_flag=True, help="Do not ask."),
    click.option("--wait", is_flag=True, help="Wait for the result, and exit by it."),
]


def _run_options(function: Any) -> Any:
    """Decorator: adds the options, and hands them to the command as `run`."""

    @functools.wraps(function)
    def command(*args: Any, **kwargs: Any) -> Any:
        run = RunFlags(**{f.name: kwargs.pop(f.name) for f in fields(RunFlags)})
        return function(*args, run=run, **kwargs)

    decorated: Any = command
    for option in reversed(_RUN_OPTIONS):
        decorated = option(decorated)
    return decorated


@click.command(short_help="Copy an image to devices, and activate it if asked")
@job_options(when=True)
@_run_options
@common_options
@pass_app
def distribute(app: App, given: dict[str, Any], run: RunFlags) -> int:
    """Copy an image to devices, prove it, and activate it if asked.

    \b
      swim-tui distribute --image X.bin --device R1 --dry-run --wait
      swim-tui distribute --image X.bin --group ASR1000 --insert-boot-command --activate sequential --at 02:00
    """
    return _submit(app, JobType.DISTRIBUTION, given, run)


@click.command(short_help="Activate an image that is on the devices")
@job_options(when=True)
@click.option("--from-run", default="", metavar="RUN", help="Image and devices of a finished distribution.")
@_run_options
@common_options
@pass_app
def activate(app: App, given: dict[str, Any], from_run: str, run: RunFlags) -> int:
    """Activate an image that is on the devices: boot variable, reload, proof.

    \b
      swim-tui activate --image X.bin --device R1 --wait
      swim-tui activate --from-run 12 --activate parallel
    """
    return _submit(app, JobType.ACTIVATION, given, run, from_run)


@click.command(short_help="Commit what devices run, where it is not committed yet")
@job_options(when=True, kind=JobType.COMMIT)
@_run_options
@common_options
@pass_app
def commit(app: App, given: dict[str, Any], run: RunFlags) -> int:
    """Commit what devices run (IOS-XR, IOS-XE 16 and later): it survives a reload, and no timer takes it back.

    Devices with nothing to commit are skipped. Which ones wait: swim-tui engine status, swim-tui devices list.

    \b
      swim-tui commit --device R1 --wait
      swim-tui commit --group Core --at 05:00
    """
    return _submit(app, JobType.COMMIT, given, run)


@click.command(short_help="Back to the image that ran before the last upgrade")
@job_options(when=True, kind=JobType.ROLLBACK)
@_run_options
@common_options
@pass_app
def rollback(app: App, given: dict[str, Any], run: RunFlags) -> int:
    """Back to the image that ran before the last upgrade, with a reload and its proof.

    The target is the image recorded before the upgrade, or the platform's own rollback point.

    \b
      swim-tui plan rollback --device R1
      swim-tui rollback --device R1 --wait
    """
    return _submit(app, JobType.ROLLBACK, given, run)


def _submit(app: App, kind: JobType, given: dict[str, Any], run: RunFlags, from_run: str = "") -> int:
    from swim_tui.cli.watch import submit_and_report

    async def work(client: EngineClient) -> int:
        request, expect = await _request(client, kind, given, run, from_run)
        if not request.options.dry_run:
            plan = await preview(client, request)
            _summarise(plan)
            _check(plan, expect)
            if not run.yes:
                confirm(_question(request, plan), "--yes")
        return await submit_and_report(
            client, [request], wait=run.wait, as_json=app.as_json, expect_sha256=expect
        )  # fmt: skip

    return app.with_engine(work)


async def _request(
    client: EngineClient, kind: JobType, given: dict[str, Any], run: RunFlags, from_run: str
) -> tuple[JobRequest, str]:
    """The request and the SHA-256 that its plan must have ("" for any)."""
    from swim_tui.cli.plans import read_plan

    expect: str = run.expect.lower()
    request = make_request(kind, given, await Defaults.of(client), dry_run=run.dry_run)
    if run.plan_file is not None:
        if request.images or request.devices or request.groups or from_run:
            raise click.UsageError("the plan names images and devices already: leave --image, --device, --group away")
        plan = read_plan(run.plan_file)
        if expect and plan.sha256 != expect:
            raise PlanChanged(detail=f"{run.plan_file} has SHA-256 {plan.sha256}, expected {expect}")
        planned = request_of_plan(plan, kind)
        named = replace(request, images=planned.images, devices=planned.devices, options=planned.options)
        return named, plan.sha256
    if from_run:
        if request.images or request.devices or request.groups:
            raise click.UsageError("--from-run names images and devices already")
        found = await client.api.run(from_run)
        source = found.job.request
        if found.run.job_type is not JobType.DISTRIBUTION:
            raise BadValue(name="--from-run", value=from_run, detail="it is no distribution", allowed="a distribution")
        devices = tuple(t.device for t in found.tasks if t.status == "Success")
        return replace(request, images=source.images, devices=devices, from_run=found.run.id), expect
    check_choice(request)
    return request, expect


async def preview(client: EngineClient, request: JobRequest) -> RunPlan:
    """The plan from the last facts; from fresh ones where those exclude a device or are missing."""
    plan = await client.api.preview(request)
    finishes = request.type in (
        JobType.COMMIT,
        JobType.ROLLBACK,
    )  # old facts may not know that there is something to do
    if any(not p.included or (finishes and p.skipped_because) for p in plan.devices):
        tell("reading the devices that the last facts leave out")
        plan = await client.api.preview(request, refresh=True)
    return plan


def _summarise(plan: RunPlan) -> None:
    included = plan.included()
    parts = [f"{len(included)} of {len(plan.devices)} devices"]
    if plan.bytes_to_move:
        parts += [f"{size(plan.bytes_to_move)} to move", f"distribution {duration(plan.expected_distribution_s)}"]
    if plan.expected_activation_s:
        parts.append(f"activation {duration(plan.expected_activation_s)}")
    tell(f"plan {plan.sha256[:12]}: {', '.join(parts)}")
    for p in plan.devices:
        if p.skipped_because:
            tell(f"  {p.device}: skipped: {plain(p.skipped_because)}")
        elif not p.included:
            tell(f"  {p.device}: excluded: {plain(p.excluded_because)}")
    for consent in plan.consents:
        if not consent.given:
            tell(f"  {consent.device}: {plain(consent.why)} (consent: --consent {consent.name})")
    for warning in plan.warnings:
        tell(f"  {plain(warning)}")


def _check(plan: RunPlan, expect: str) -> None:
    if expect and plan.sha256 != expect:
        raise PlanChanged(detail=f"the plan has SHA-256 {plan.sha256}, expected {expect}")
    if not plan.included():
        reasons = {p.excluded_because or p.skipped_because for p in plan.devices}
        raise Refused(detail=f"no device can take part: {'; '.join(sorted(reasons))}", action="see the plan")
    taking_part = {p.device for p in plan.included()}
    open_names = sorted({c.name for c in plan.consents if not c.given and c.device in taking_part})
    if open_names:
        flags = " ".join(f"--consent {name}" for name in open_names)
        raise ConsentMissing(detail="the plan needs a person's yes, see above", flag=flags)


def _question(request: JobRequest, plan: RunPlan) -> str:
    count = len(plan.included())
    if request.type is JobType.COMMIT:
        return f"Commit what {count} device{'s' * (count != 1)} run{'s' * (count == 1)}?"
    mode = request.options.activate
    reloads = f", {mode} reload" if mode != "off" else ""
    return f"Submit this job ({count} device{'s' * (count != 1)}{reloads})?"
