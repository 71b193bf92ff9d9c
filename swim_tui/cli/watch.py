"""Submitting jobs and following their runs: a bar on a terminal, one line per change otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from swim_tui.cli.answer import Asker
from swim_tui.cli.output import duration, emit, fields, moment, plain, table, tell
from swim_tui.cli.progress import Bar, Lines, View
from swim_tui.errors import EngineUnavailable
from swim_tui.model.events import Resync, RunChanged, TaskChanged, TaskProgress
from swim_tui.model.job import DeviceTask, Job, JobRequest, Run, RunStatus, TaskStatus

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.views import RunDetail

RUN_BEGINS_LIMIT_S = 30.0


@dataclass
class Submitted:
    """A job and, as far as it has come, its run and device tasks."""

    job: Job
    run: Run | None = None
    tasks: tuple[DeviceTask, ...] = ()
    order: tuple[str, ...] = field(default=())

    @property
    def exit_code(self) -> int:
        """0 when the run ended well or has not been waited for."""
        return 0 if self.run is None or self.run.status is RunStatus.SUCCESS else 1


async def submit_and_report(
    client: EngineClient,
    requests: Sequence[JobRequest],
    *,
    wait: bool,
    as_json: bool,
    expect_sha256: str = "",
    as_list: bool = False,
) -> int:
    """Submit jobs, wait for their runs if asked, print what came of it; returns the exit code."""
    done = []
    for request in requests:
        submitted = await submit(client, request, expect_sha256)
        _narrate(submitted)
        done.append(submitted)
    if wait:
        view = Bar() if Bar.fits() else Lines()
        done = [await _follow(client, one, view) for one in done]
        view.close()
    if as_json:
        documents = [document(one) for one in done]
        emit(documents if as_list else documents[0])
    elif wait:
        for one in done:
            report(one)
    return max((one.exit_code for one in done), default=0) if wait else 0


async def submit(client: EngineClient, request: JobRequest, expect_sha256: str = "") -> Submitted:
    """Submit one job; an immediate one is returned with its run."""
    job = await client.api.submit(request, expect_sha256=expect_sha256)
    if request.schedule.at is not None and request.schedule.at > datetime.now(UTC):
        return Submitted(job)
    return Submitted(job, await first_run(client, job.id))


async def first_run(client: EngineClient, job_id: str, limit_s: float | None = RUN_BEGINS_LIMIT_S) -> Run:
    """The newest run of a job, as soon as it has one; EngineUnavailable when it has none in time."""
    try:
        async with asyncio.timeout(limit_s):
            while True:
                detail = await client.api.job(job_id)
                if detail.runs:
                    return detail.runs[0]
                async with aclosing(client.events(detail.at)) as events:
                    async for envelope in events:
                        if isinstance(envelope.event, RunChanged) and envelope.event.run.job_id == job_id:
                            return envelope.event.run
                        if isinstance(envelope.event, Resync):
                            break
    except TimeoutError:
        words = f"job {job_id} was taken, and has no run after {limit_s:g} s"
        raise EngineUnavailable(data_dir=str(client.data_dir), detail=words) from None


async def follow_run(client: EngineClient, run_id: str, view: View) -> RunDetail:
    """Watch a run until it ends, or until it stops and waits for a person; asks for one-time codes on a terminal."""
    asker = Asker(client, view)
    try:
        return await _follow_run(client, run_id, view, asker)
    finally:
        await asker.close()


async def _follow_run(client: EngineClient, run_id: str, view: View, asker: Asker) -> RunDetail:
    while True:
        detail = await client.api.run(run_id)
        run, seen = detail.run, {task.device: task for task in detail.tasks}
        view.begin(detail.run, detail.tasks)
        asker.look(detail.tasks)
        if is_over(run, seen.values()):
            return detail
        async with aclosing(client.events(detail.at)) as events:
            async for envelope in events:
                event = envelope.event
                if isinstance(event, Resync):
                    break
                if isinstance(event, TaskChanged) and event.task.run_id == run_id:
                    view.task(event.task, seen.get(event.task.device))
                    seen[event.task.device] = event.task
                    asker.look([event.task])
                elif isinstance(event, TaskProgress) and event.run_id == run_id:
                    view.progress(event)
                elif isinstance(event, RunChanged) and event.run.id == run_id:
                    run = event.run
                    view.run(run)
                if is_over(run, seen.values()):
                    break


def is_over(run: Run, tasks: Iterable[DeviceTask]) -> bool:
    """True when nothing more happens without a person."""
    if run.status.is_final:
        return True
    return bool(run.stopped_because) and not any(task.status is TaskStatus.RUNNING for task in tasks)


async def _follow(client: EngineClient, one: Submitted, view: View) -> Submitted:
    if one.run is None:
        one = Submitted(one.job, await first_run(client, one.job.id, limit_s=None))
    assert one.run is not None
    detail = await follow_run(client, one.run.id, view)
    return Submitted(detail.job, detail.run, detail.tasks, detail.order)


def document(one: Submitted) -> dict[str, Any]:
    """The JSON of a submitted job."""
    return {"job": one.job, "run": one.run, "tasks": one.tasks}


def _narrate(one: Submitted) -> None:
    if one.run is not None:
        tell(
            f"job {one.job.id} '{plain(one.job.name)}' runs as {one.run.id}; watch it: swim-tui jobs watch {one.run.id}"
        )
    else:
        at = one.job.next_run_at or one.job.request.schedule.at
        tell(f"job {one.job.id} '{plain(one.job.name)}' is scheduled for {moment(at)}")


def report(one: Submitted) -> None:
    """The result of a run for a person."""
    run = one.run
    if run is None:
        return
    if one.tasks:
        rows = [
            (t.device, t.status, t.outcome, t.from_version, t.proven_version or t.to_version, _took(t), problem_of(t))
            for t in one.tasks
        ]
        columns = ("device", "status", "outcome", "from", "to", "took", "message")
        used = [i for i in range(len(columns)) if any(row[i] for row in rows)]
        table([columns[i] for i in used], [[row[i] for i in used] for row in rows])
    fields(
        [
            ("run", run.id),
            ("status", run.status),
            ("images", ", ".join(run.images_collected)),
            ("stopped", run.stopped_because),
            ("message", run.message),
            *(("asked", f"{moment(act.at)}: {plain(act.what)} by {plain(act.by)}") for act in run.acts),
        ]
    )
    if run.stopped_because and not run.status.is_final:
        tell(f"the run waits for a person: swim-tui jobs resume {run.id}, or swim-tui jobs cancel {run.id}")


def problem_of(task: DeviceTask) -> str:
    """The message of a task, with its remedy where it has one."""
    if task.status is TaskStatus.SUCCESS or not task.remedy:
        return task.message or task.waiting_for
    return f"{task.message}; {task.remedy}"


def _took(task: DeviceTask) -> str:
    if not task.started_at or not task.ended_at:
        return ""
    return duration((task.ended_at - task.started_at).total_seconds())
