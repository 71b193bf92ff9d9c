"""jobs edit and delete: what waits for its time gets another, or goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from swim_tui.cli.app import App, common_options, pass_app
from swim_tui.cli.jobform import Defaults, schedule_of, when_options, window_from
from swim_tui.cli.output import confirm, emit, moment, plain, tell
from swim_tui.errors import BadValue
from swim_tui.model.job import RecurKind, Schedule, Window

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.job import Job, JobRequest


def recurrence_words(schedule: Schedule) -> str:
    """`Daily`, `every 2 Weekly until ...`; empty for none."""
    if schedule.recur is RecurKind.NONE:
        return ""
    every = f"{schedule.recur}, every {schedule.interval}" if schedule.interval > 1 else schedule.recur.value
    until = f" until {moment(schedule.until)}" if schedule.until else ""
    return f"{every}{until}, {schedule.zone}"


def window_words(window: Window | None) -> str:
    """`22:00 to 04:00, local time of each site`; empty for none."""
    if window is None:
        return ""
    return f"{window.start} to {window.end}{', local time of each site' if window.local else ''}"


@click.command()
@click.argument("id")
@when_options(window=True)
@click.option("--no-window", is_flag=True, help="Take the maintenance window away.")
@common_options
@pass_app
def edit(app: App, id: str, given: dict[str, Any], no_window: bool) -> None:
    """Give a scheduled job another time, recurrence, window, name, change number or reason.

    What is not named stays; the plan is made anew. --recur none ends a recurrence.
    """
    if not no_window and not any(given.values()):
        raise click.UsageError("say what changes, for instance --at 03:00")

    async def work(client: EngineClient) -> Job:
        defaults = await Defaults.of(client)
        request = edited((await client.api.job(id)).job.request, given, defaults.zone, no_window=no_window)
        return await client.api.edit_job(id, request)

    job = app.with_engine(work)
    if app.as_json:
        emit(job)
    else:
        tell(f"job {job.id} '{plain(job.name)}' runs next at {moment(job.next_run_at)}")


def edited(request: JobRequest, given: dict[str, Any], zone: str, *, no_window: bool = False) -> JobRequest:
    """The request with what was typed in place of what it had."""
    kept = request.schedule
    typed = schedule_of({**given, "recur": given["recur"] or "none:1"}, zone, checks_until=False)
    recur = (typed.recur, typed.interval) if given["recur"] else (kept.recur, kept.interval)
    until = typed.until or kept.until
    if typed.until and recur[0] is RecurKind.NONE:
        raise BadValue(name="--until", value=given["until"], detail="nothing recurs", allowed="--recur with it")
    is_timed = bool(given["at"] or given["recur"] or given["until"])
    schedule = replace(
        kept, at=typed.at, recur=recur[0], interval=recur[1], until=None if recur[0] is RecurKind.NONE else until
    )
    return replace(
        request,
        schedule=schedule if is_timed else kept,
        window=None if no_window else window_from(given["window"]) or request.window,
        name=given["name"] or request.name,
        change=given["change"] or request.change,
        reason=given["reason"] or request.reason,
    )


@click.command()
@click.argument("id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
@pass_app
def delete(app: App, id: str, yes: bool) -> None:
    """Delete a job that is not running, with the records of its runs. To keep them: jobs cancel."""
    if not yes:
        confirm(f"Delete job {id} and the records of its runs?", "--yes")

    async def work(client: EngineClient) -> None:
        await client.api.delete_job(id)

    app.with_engine(work)
    emit({"id": id, "action": "delete"}) if app.as_json else tell(f"{id} is deleted")
