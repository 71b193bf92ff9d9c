"""jobs and runs: what is planned, running and done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from swim_tui.cli.answer import answer
from swim_tui.cli.app import App, CommandGroup, common_options, pass_app
from swim_tui.cli.jobedit import delete, edit, recurrence_words, window_words
from swim_tui.cli.output import confirm, emit, emit_line, fields, moment, plain, say, table, tell

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.job import Run
    from swim_tui.model.views import JobDetail, JobsSnapshot, RunDetail

MARKS = {"sent": ">", "received": "<", "note": "#"}


@click.group(cls=CommandGroup)
@common_options
def jobs() -> None:
    """Jobs: list, show, watch, answer, cancel, hold, resume, pause, edit, delete, retry, log."""


jobs.add_command(answer)
jobs.add_command(edit)
jobs.add_command(delete)


async def _snapshot(client: EngineClient) -> JobsSnapshot:
    return await client.api.jobs()


@jobs.command("list")
@common_options
@pass_app
def list_jobs(app: App) -> None:
    """List jobs, newest first."""
    found = app.with_engine(_snapshot)
    if app.as_json:
        emit(found.jobs)
        return
    rows = [
        (j.id, j.request.type, j.name, "NA" if j.device_count is None else j.device_count, j.status,
         j.last_run_status or "", j.last_run, moment(j.next_run_at))
        for j in found.jobs
    ]  # fmt: skip
    table(("job", "type", "name", "devices", "status", "last run", "run", "next"), rows, empty="no jobs")


@jobs.command("show")
@click.argument("id")
@common_options
@pass_app
def show_job(app: App, id: str) -> None:
    """A job with its runs."""

    async def work(client: EngineClient) -> JobDetail:
        return await client.api.job(id)

    detail = app.with_engine(work)
    if app.as_json:
        emit(detail)
        return
    job = detail.job
    fields(
        [
            ("job", job.id),
            ("name", job.name),
            ("type", job.request.type),
            ("status", job.status),
            ("created", f"{moment(job.created_at)} by {job.created_by}"),
            ("next run", moment(job.next_run_at)),
            ("recurrence", recurrence_words(job.request.schedule)),
            ("images", ", ".join(job.request.images)),
            ("devices", ", ".join((*job.request.devices, *job.request.groups))),
            ("change", job.request.change),
            ("reason", job.request.reason),
            ("plan", job.plan_sha256),
            ("window", window_words(job.request.window)),
            ("note", job.note),
            *(("changed", f"{moment(act.at)}: {plain(act.what)} by {plain(act.by)}") for act in job.acts),
            *(("missed", f"{moment(missed.due_at)}: {missed.why}") for missed in job.missed),
        ]
    )
    _runs_table(detail.runs)


def _runs_table(found: tuple[Run, ...]) -> None:
    rows = [
        (r.id, r.job_type, r.job_name, "NA" if r.device_count is None else r.device_count, r.status,
         r.counts.successful, r.counts.failed, moment(r.started_at), moment(r.ended_at) or "Unknown")
        for r in found
    ]  # fmt: skip
    columns = ("run", "type", "name", "devices", "status", "good", "failed", "start", "end")
    table(columns, rows, empty="no runs yet")


@jobs.command("watch")
@click.argument("id")
@common_options
@pass_app
def watch(app: App, id: str) -> int:
    """Follow a run (or a job's newest run) until it ends; --json gives its events as JSON lines."""
    from swim_tui.cli.progress import Bar, Lines
    from swim_tui.cli.watch import Submitted, follow_run, report

    async def work(client: EngineClient) -> int:
        run_id = await run_of(client, id)
        if app.as_json:
            return await _stream(client, run_id)
        view = Bar() if Bar.fits() else Lines()
        detail = await follow_run(client, run_id, view)
        view.close()
        done = Submitted(detail.job, detail.run, detail.tasks)
        report(done)
        return done.exit_code

    return app.with_engine(work)


async def _stream(client: EngineClient, run_id: str) -> int:
    from contextlib import aclosing

    from swim_tui.cli.watch import is_over

    detail = await client.api.run(run_id)
    emit_line({"kind": "snapshot", **vars(detail)})
    tasks = {task.device: task for task in detail.tasks}
    run = detail.run
    async with aclosing(client.events(detail.at)) as events:
        while not is_over(run, tasks.values()):
            event = (await anext(events)).event
            if event.kind == "resync":
                detail = await client.api.run(run_id)
                run, tasks = detail.run, {task.device: task for task in detail.tasks}
                emit_line({"kind": "snapshot", **vars(detail)})
                continue
            if event.kind == "run" and event.run.id == run_id:
                run = event.run
            elif event.kind == "task" and event.task.run_id == run_id:
                tasks[event.task.device] = event.task
            elif getattr(event, "run_id", "") != run_id:
                continue
            emit_line(event)
    return 0 if run.status == "Success" else 1


async def run_of(client: EngineClient, id: str) -> str:
    """The run meant by a run id or a job id; NotFound by the engine's own words."""
    from swim_tui.cli.watch import first_run
    from swim_tui.errors import RemoteError

    try:
        return (await client.api.run(id)).run.id
    except RemoteError as err:
        if err.problem.code != "SWIM-1040":
            raise
    return (await first_run(client, id, limit_s=None)).id


@jobs.command()
@click.argument("id")
@click.option("--device", default="", help="Only this device of the run.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
@pass_app
def cancel(app: App, id: str, device: str, yes: bool) -> None:
    """Stop a job, a run, or one device of it, at the next safe point."""
    if not yes:
        confirm(f"Cancel {f'{device} of ' if device else ''}{id} at the next safe point?", "--yes")

    async def work(client: EngineClient) -> None:
        await client.api.cancel(id, device)

    app.with_engine(work)
    _done(app, id, "cancel", "is cancelled; what runs stops at its next safe point")


@jobs.command()
@click.argument("id")
@common_options
@pass_app
def hold(app: App, id: str) -> None:
    """No new reloads; the current one finishes."""

    async def work(client: EngineClient) -> None:
        await client.api.hold(id)

    app.with_engine(work)
    _done(app, id, "hold", "starts no further reload until it is resumed")


@jobs.command()
@click.argument("id")
@common_options
@pass_app
def resume(app: App, id: str) -> None:
    """Go on after a hold, an activation stop or a pause."""

    async def work(client: EngineClient) -> None:
        await client.api.resume(id)

    app.with_engine(work)
    _done(app, id, "resume", "goes on")


@jobs.command()
@click.argument("id")
@common_options
@pass_app
def pause(app: App, id: str) -> None:
    """Pause a scheduled job: no further run until it is resumed."""

    async def work(client: EngineClient) -> None:
        await client.api.pause_job(id)

    app.with_engine(work)
    _done(app, id, "pause", "is paused")


@jobs.command()
@click.argument("id")
@click.option("--device", "devices", multiple=True, help="Only this one of the failed devices (repeat).")
@click.option("--wait", is_flag=True, help="Wait for the result, and exit by it.")
@common_options
@pass_app
def retry(app: App, id: str, devices: tuple[str, ...], wait: bool) -> int:
    """A new run with only the failed or interrupted devices."""
    from swim_tui.cli.progress import Bar, Lines
    from swim_tui.cli.watch import Submitted, document, follow_run, report

    async def work(client: EngineClient) -> int:
        run = await client.api.retry(id, list(devices))
        tell(f"run {run.id} retries {', '.join(devices) or 'the failed devices'} of {id}")
        detail = await client.api.run(run.id)
        if wait:
            view = Bar() if Bar.fits() else Lines()
            detail = await follow_run(client, run.id, view)
            view.close()
        done = Submitted(detail.job, detail.run, detail.tasks)
        if app.as_json:
            emit(document(done))
        elif wait:
            report(done)
        return done.exit_code if wait else 0

    return app.with_engine(work)


@jobs.command()
@click.argument("run", metavar="RUN")
@click.option("--device", default="", help="Only this device.")
@common_options
@pass_app
def log(app: App, run: str, device: str) -> None:
    """What was sent to devices and received from them; --json gives JSON lines."""

    async def work(client: EngineClient) -> None:
        run_id = await run_of(client, run)
        names = [device] if device else [task.device for task in (await client.api.run(run_id)).tasks]
        for name in names:
            await _print_log(client, run_id, name, as_json=app.as_json, titled=len(names) > 1)

    app.with_engine(work)


async def _print_log(client: EngineClient, run_id: str, device: str, *, as_json: bool, titled: bool) -> None:
    if titled and not as_json:
        say(f"== {device}")
    offset = 0
    while True:
        page = await client.api.run_log(run_id, device, offset)
        for line in page.lines:
            if as_json:
                emit_line({"device": device, **vars(line)})
            else:
                mark = MARKS[line.direction] + ("!" if line.changes else " ")
                say(f"{line.at.astimezone():%H:%M:%S} {mark} {plain(line.text)}")
        if page.next_offset == offset:
            return
        offset = page.next_offset


def _done(app: App, id: str, action: str, words: str) -> None:
    emit({"id": id, "action": action}) if app.as_json else tell(f"{id} {words}")


@click.group(cls=CommandGroup)
@common_options
def runs() -> None:
    """Runs: list, show, export."""


@runs.command("list")
@common_options
@pass_app
def list_runs(app: App) -> None:
    """List runs, newest first."""
    found = app.with_engine(_snapshot)
    emit(found.runs) if app.as_json else _runs_table(tuple(row.run for row in found.runs))


@runs.command("show")
@click.argument("id")
@click.option("--plan", "as_plan", is_flag=True, help="The plan it followed; as JSON unless --format says otherwise.")
@click.option("--format", "form", type=click.Choice(["json", "markdown", "csv"]), default="json", show_default=True)
@common_options
@pass_app
def show_run(app: App, id: str, as_plan: bool, form: str) -> None:
    """A run with its device tasks and their operations."""
    from swim_tui.cli.watch import Submitted, report

    if as_plan:
        say(app.with_engine(lambda client: _run_plan(client, id, form)).rstrip("\n"))
        return

    async def work(client: EngineClient) -> RunDetail:
        return await client.api.run(await run_of(client, id))

    found = app.with_engine(work)
    if app.as_json:
        emit(found)
        return
    report(Submitted(found.job, found.run, found.tasks))


async def _run_plan(client: EngineClient, id: str, form: str) -> str:
    return await client.api.export_run_plan(await run_of(client, id), form)


@runs.command()
@click.argument("id")
@click.option("--out", type=click.Path(path_type=Path), help="A new folder, or a new file FILE.zip, for all of it.")
@common_options
@pass_app
def export(app: App, id: str, out: Path | None) -> None:
    """The evidence of a run: summary, plan, events, device logs, checks, configuration diffs, hashes; secrets masked.

    Without --out: run, tasks, plan and device logs as one JSON document.
    """
    if out is not None:
        _export_pack(app, id, out)
        return

    async def work(client: EngineClient) -> dict[str, object]:
        run_id = await run_of(client, id)
        detail = await client.api.run(run_id)
        plan = await client.api.run_plan(run_id) if detail.tasks else None
        logs = {task.device: await _whole_log(client, run_id, task.device) for task in detail.tasks}
        return {"run": detail, "plan": plan, "logs": logs}

    emit(app.with_engine(work))


def _export_pack(app: App, id: str, out: Path) -> None:
    from swim_tui.api.evidence import export_evidence

    async def work(client: EngineClient) -> list[str]:
        return await export_evidence(client.api, await run_of(client, id), out)

    names = app.with_engine(work)
    if app.as_json:
        emit({"out": out, "files": names})
    else:
        tell(f"{out}: {len(names)} files; begin with summary.md")


async def _whole_log(client: EngineClient, run_id: str, device: str) -> list[object]:
    lines: list[object] = []
    offset = 0
    while True:
        page = await client.api.run_log(run_id, device, offset, 2000)
        lines.extend(page.lines)
        if page.next_offset == offset:
            return lines
        offset = page.next_offset
