"""Start times, recurrence over changes of clocks, windows, and jobs that were missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from swim_tui.engine.core import Engine
from swim_tui.engine.schedule import check_schedule, compute_next
from swim_tui.engine.window import window_of
from swim_tui.errors import BadValue, Conflict, NotFound
from swim_tui.model.device import Device, Group, GroupKind, JumpHost
from swim_tui.model.events import JobRemoved
from swim_tui.model.job import (
    JobRequest,
    JobStatus,
    JobType,
    RecurKind,
    RunStatus,
    Schedule,
    TaskStatus,
    Window,
)
from swim_tui.model.plan import Phase
from swim_tui.model.when import local_instant, zone_named
from tests.unit.engine.fakes import (
    AUTO,
    NEW_FILE,
    START,
    FakeClock,
    ScriptedRunner,
    add_devices,
    combined,
    start_engine,
    submit,
    until,
)

PARIS = "Europe/Paris"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Schedule(at=START - timedelta(minutes=5)), "in the past"),
        (Schedule(zone="Mars/Olympus"), "zone database"),
        (Schedule(recur=RecurKind.DAILY, interval=0), "below 1"),
        (Schedule(at=START + timedelta(days=1), until=START), "not after the start"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_with_the_reason(schedule: Schedule, words: str) -> None:
    with pytest.raises(BadValue, match=words):
        check_schedule(schedule, START)


def test_a_time_that_clocks_skip_is_refused_and_of_two_the_first_is_meant() -> None:
    paris = zone_named(PARIS)
    with pytest.raises(BadValue, match="skip this time"):
        local_instant(datetime(2026, 3, 29, 2, 30), paris)  # noqa: DTZ001 - a wall clock has no zone
    assert local_instant(datetime(2026, 10, 25, 2, 30), paris) == utc("2026-10-25T00:30")  # noqa: DTZ001


def test_a_daily_job_keeps_its_wall_clock_when_clocks_change() -> None:
    schedule = Schedule(recur=RecurKind.DAILY, zone=PARIS)
    first = utc("2026-03-27T02:00")  # 03:00 in Paris
    times = [first]
    for _ in range(3):
        following = compute_next(schedule, first, times[-1])
        assert following is not None
        times.append(following)
    assert times[1:] == [utc("2026-03-28T02:00"), utc("2026-03-29T01:00"), utc("2026-03-30T01:00")]


def test_a_daily_job_in_the_skipped_hour_runs_an_hour_later_that_day() -> None:
    schedule = Schedule(recur=RecurKind.DAILY, zone=PARIS)
    first = utc("2026-03-27T01:30")  # 02:30 in Paris
    assert compute_next(schedule, first, utc("2026-03-28T12:00")) == utc("2026-03-29T01:30")  # 03:30 by the wall


@pytest.mark.parametrize(
    ("recur", "interval", "expected"),
    [
        (RecurKind.MINUTE, 10, "2026-01-10T02:10"),
        (RecurKind.HOURLY, 6, "2026-01-10T08:00"),
        (RecurKind.WEEKLY, 2, "2026-01-24T02:00"),
        (RecurKind.MONTHLY, 1, "2026-02-10T02:00"),
        (RecurKind.YEARLY, 1, "2027-01-10T02:00"),
    ],
)
def test_each_recurrence_has_its_next_time(recur: RecurKind, interval: int, expected: str) -> None:
    assert compute_next(Schedule(recur=recur, interval=interval), START, START) == utc(expected)


def test_a_recurrence_ends_at_its_end_and_a_single_run_has_no_next() -> None:
    schedule = Schedule(recur=RecurKind.DAILY, until=START + timedelta(days=1))
    assert compute_next(schedule, START, START) == START + timedelta(days=1)
    assert compute_next(schedule, START, START + timedelta(days=1)) is None
    assert compute_next(Schedule(), START, START) is None


def test_a_window_of_instants_and_a_local_one_over_midnight() -> None:
    fixed = Window("2026-01-10T02:00-05:00", "2026-01-10T06:00-05:00")
    assert window_of(fixed, "UTC", START) == (utc("2026-01-10T07:00"), utc("2026-01-10T11:00"))
    night = Window("22:00", "04:00", local=True)
    assert window_of(night, PARIS, utc("2026-01-10T01:00")) == (utc("2026-01-09T21:00"), utc("2026-01-10T03:00"))
    assert window_of(night, PARIS, utc("2026-01-10T12:00")) == (utc("2026-01-10T21:00"), utc("2026-01-11T03:00"))


@pytest.mark.parametrize("window", [Window("soon", "later"), Window("2026-01-10T06:00Z", "2026-01-10T02:00Z")])
def test_a_window_that_is_none_is_refused(window: Window) -> None:
    with pytest.raises(BadValue):
        window_of(window, "UTC", START)


# --- the clockwork ---


def sync_at(at: datetime | None, **more: object) -> JobRequest:
    schedule = Schedule(at=at, **more)  # type: ignore[arg-type]
    return JobRequest(JobType.INVENTORY_SYNC, devices=("r1",), schedule=schedule)


async def test_a_job_starts_at_its_time_and_not_before(tmp_path: Path) -> None:
    clock, runner = FakeClock(), ScriptedRunner(AUTO)
    engine = await start_engine(tmp_path, runner, clock)
    await add_devices(engine, "r1")
    job = await engine.api.submit(sync_at(START + timedelta(hours=1)))
    assert (await engine.api.status()).next_run_at == START + timedelta(hours=1)
    await clock.move(1800)
    assert runner.history == []
    await clock.move(1801)
    await until(lambda: (known := engine.state.tables.jobs.get(job.id)) and known.status is JobStatus.COMPLETED)
    assert [(r.device.name, r.phase) for r in runner.history] == [("r1", Phase.PREPARE)]
    await engine.stop()


async def test_a_recurring_job_runs_again_and_stays_scheduled(tmp_path: Path) -> None:
    clock, runner = FakeClock(), ScriptedRunner(AUTO)
    engine = await start_engine(tmp_path, runner, clock)
    await add_devices(engine, "r1")
    job = await engine.api.submit(sync_at(None, recur=RecurKind.HOURLY))
    for hours in (1, 2, 3):
        await until(lambda hours=hours: len(engine.state.tables.runs.where(job_id=job.id)) == hours)
        await until(lambda: not engine.runs.live)
        known = engine.state.tables.jobs.get(job.id)
        assert known is not None
        assert (known.status, known.next_run_at) == (JobStatus.SCHEDULED, START + timedelta(hours=hours))
        await clock.move(3600)
    await until(lambda: not engine.runs.live)
    await engine.stop()


async def test_a_run_that_is_still_under_way_is_not_overtaken_by_the_next(tmp_path: Path) -> None:
    clock, runner = FakeClock(), ScriptedRunner()
    engine = await start_engine(tmp_path, runner, clock)
    await add_devices(engine, "r1")
    job = await engine.api.submit(sync_at(None, recur=RecurKind.HOURLY))
    await runner.wait(("r1", Phase.PREPARE))
    await clock.move(3600)
    await until(lambda: (known := engine.state.tables.jobs.get(job.id)) and "still under way" in known.note)
    assert len(engine.state.tables.runs.where(job_id=job.id)) == 1
    await runner.finish(("r1", Phase.PREPARE))
    assert (await engine.wait_for(job.last_run)).status is RunStatus.SUCCESS
    await engine.stop()


@pytest.mark.parametrize(("late_s", "starts"), [(300, True), (900, False)])
async def test_a_job_that_was_due_without_an_engine_starts_within_its_grace_only(
    tmp_path: Path, late_s: float, starts: bool
) -> None:
    engine = await start_engine(tmp_path, ScriptedRunner(), FakeClock())
    await add_devices(engine, "r1")
    job = await engine.api.submit(sync_at(START + timedelta(hours=1)))
    await engine.stop()
    runner = ScriptedRunner(AUTO)
    engine = await start_engine(tmp_path, runner, FakeClock(START + timedelta(hours=1, seconds=late_s)))
    await until(lambda: (known := engine.state.tables.jobs.get(job.id)) and known.status is JobStatus.COMPLETED)
    known = engine.state.tables.jobs.get(job.id)
    assert known is not None
    assert bool(runner.history) is starts
    assert ("missed its run of 2026-01-10 03:00 UTC" in known.note) is not starts
    await engine.stop()


async def test_a_paused_job_does_not_start_and_a_cancelled_one_never_will(tmp_path: Path) -> None:
    clock, runner = FakeClock(), ScriptedRunner(AUTO)
    engine = await start_engine(tmp_path, runner, clock)
    await add_devices(engine, "r1")
    paused = await engine.api.submit(sync_at(START + timedelta(hours=1)))
    cancelled = await engine.api.submit(sync_at(START + timedelta(hours=1)))
    moved = await engine.api.submit(sync_at(START + timedelta(hours=1)))
    await engine.api.pause_job(paused.id, by="ann")
    await engine.api.cancel(cancelled.id, by="ann")
    await engine.api.reschedule([moved.id], START + timedelta(hours=5), by="ann")
    await clock.move(7200)
    statuses = {job.id: job.status for job in (await engine.api.jobs()).jobs}
    assert statuses[paused.id] is JobStatus.PAUSED
    assert statuses[cancelled.id] is JobStatus.CANCELLED
    assert statuses[moved.id] is JobStatus.SCHEDULED
    assert runner.history == []
    await engine.stop()


async def test_every_run_that_an_absent_engine_missed_is_written_down_and_the_newest_starts_in_its_grace(
    tmp_path: Path,
) -> None:
    engine = await start_engine(tmp_path, ScriptedRunner(), FakeClock())
    await add_devices(engine, "r1")
    job = await engine.api.submit(sync_at(START + timedelta(hours=1), recur=RecurKind.HOURLY))
    await engine.stop()
    runner = ScriptedRunner(AUTO)
    engine = await start_engine(tmp_path, runner, FakeClock(START + timedelta(hours=4, minutes=5)))
    await until(lambda: runner.history and not engine.runs.live)
    known = engine.services.jobs.get(job.id)
    assert [missed.due_at for missed in known.missed] == [START + timedelta(hours=n) for n in (1, 2, 3)]
    assert {missed.why for missed in known.missed} == {"no engine ran at that time"}
    assert known.next_run_at == START + timedelta(hours=5)
    assert len(engine.state.tables.runs.where(job_id=job.id)) == 1
    assert any("missed its run" in text for text in (await engine.api.status()).notices)
    await engine.stop()


async def test_a_clock_set_forward_misses_runs_and_one_set_back_repeats_none(tmp_path: Path) -> None:
    clock, runner = FakeClock(), ScriptedRunner(AUTO)
    engine = await start_engine(tmp_path, runner, clock)
    await add_devices(engine, "r1")
    job = await engine.api.submit(sync_at(START + timedelta(hours=1), recur=RecurKind.DAILY))
    await clock.move(3601)
    await until(lambda: runner.history and not engine.runs.live)
    await clock.move(-7200)  # set back to before the run that was
    await clock.move(60)
    await clock.move(7100)
    assert len(engine.state.tables.runs.where(job_id=job.id)) == 1
    await clock.move(86400 + 3 * 3600)  # and far forward
    await until(lambda: engine.services.jobs.get(job.id).missed)
    known = engine.services.jobs.get(job.id)
    assert [missed.why for missed in known.missed] == ["the machine's clock was set forward"]
    assert known.next_run_at == START + timedelta(days=2, hours=1)
    await engine.stop()


async def test_a_scheduled_job_is_edited_as_it_was_submitted_with_every_check(tmp_path: Path) -> None:
    clock, runner = FakeClock(), ScriptedRunner(AUTO)
    engine = await start_engine(tmp_path, runner, clock)
    await add_devices(engine, "r1", "r2")
    job = await engine.api.submit(sync_at(START + timedelta(hours=1)), by="tester")
    night = Schedule(at=START + timedelta(hours=5), recur=RecurKind.DAILY, zone=PARIS)
    wanted = replace(job.request, devices=("r1", "r2"), schedule=night, name="Nightly", change="CHG1")
    fresh = await engine.api.edit_job(job.id, wanted, by="ann")
    assert (fresh.name, fresh.next_run_at, fresh.device_count) == ("Nightly", START + timedelta(hours=5), 2)
    assert fresh.note == "edited by ann"
    assert fresh.created_by == "tester"
    same_time = await engine.api.edit_job(job.id, replace(wanted, reason="because"), by="ann")
    assert same_time.next_run_at == fresh.next_run_at
    with pytest.raises(BadValue, match="in the past"):
        await engine.api.edit_job(job.id, replace(wanted, schedule=Schedule(at=START - timedelta(days=1))))
    with pytest.raises(BadValue, match="no device named"):
        await engine.api.edit_job(job.id, replace(wanted, devices=("nobody",)))
    with pytest.raises(BadValue, match="type"):
        await engine.api.edit_job(job.id, replace(wanted, type=JobType.CONFIG_ARCHIVE))
    assert engine.services.jobs.get(job.id) == same_time
    await clock.move(5 * 3600 + 1)
    await until(lambda: len(runner.history) == 2 and not engine.runs.live)
    later = await engine.api.edit_job(job.id, replace(wanted, name="Later"))  # its first time is past by now
    assert later.next_run_at == START + timedelta(days=1, hours=5)
    await engine.stop()


async def test_a_job_is_deleted_with_the_records_of_its_runs_but_never_under_one(tmp_path: Path) -> None:
    clock, runner = FakeClock(), ScriptedRunner()
    engine = await start_engine(tmp_path, runner, clock)
    await add_devices(engine, "r1")
    events = engine.events.subscribe()
    job = await engine.api.submit(sync_at(None, recur=RecurKind.HOURLY))
    await runner.wait(("r1", Phase.PREPARE))
    with pytest.raises(Conflict, match="under way"):
        await engine.api.delete_job(job.id)
    with pytest.raises(Conflict, match="under way"):
        await engine.api.edit_job(job.id, job.request)
    await runner.finish(("r1", Phase.PREPARE))
    await engine.wait_for(job.last_run)
    await engine.api.delete_job(job.id, by="ann")
    assert (await engine.api.jobs()).jobs == ()
    assert (await engine.api.jobs()).runs == ()
    assert list(engine.state.paths.runs.iterdir()) == []
    with pytest.raises(NotFound):
        await engine.api.job(job.id)
    events.close()
    assert JobRemoved(job.id) in [envelope.event async for envelope in events]
    await engine.stop()
    engine = await start_engine(tmp_path, runner, clock)
    await clock.move(7200)
    assert (await engine.api.jobs()).jobs == ()
    assert not engine.runs.live
    await engine.stop()


async def test_a_job_paused_over_its_time_goes_on_with_the_next_one_or_asks_for_another(tmp_path: Path) -> None:
    clock, runner = FakeClock(), ScriptedRunner(AUTO)
    engine = await start_engine(tmp_path, runner, clock)
    await add_devices(engine, "r1")
    once = await engine.api.submit(sync_at(START + timedelta(hours=1)))
    daily = await engine.api.submit(sync_at(START + timedelta(hours=1), recur=RecurKind.DAILY))
    for job in (once, daily):
        await engine.api.pause_job(job.id, by="ann")
    await clock.move(3 * 3600)
    await engine.api.resume(daily.id, by="ann")
    known = engine.services.jobs.get(daily.id)
    assert known.next_run_at == START + timedelta(days=1, hours=1)
    assert [(m.due_at, m.why) for m in known.missed] == [(START + timedelta(hours=1), "it was paused")]
    with pytest.raises(Conflict, match="passed while it was paused"):
        await engine.api.resume(once.id, by="ann")
    await engine.api.reschedule([once.id], START + timedelta(hours=6), by="ann")
    await engine.api.resume(once.id, by="ann")
    assert runner.history == []
    await clock.move(3 * 3600 + 1)
    await until(lambda: engine.services.jobs.get(once.id).status is JobStatus.COMPLETED)
    await engine.stop()


ARCHIVE = JobRequest(JobType.CONFIG_ARCHIVE, devices=("r1",))
KINDS = [
    JobRequest(JobType.COLLECTION, source="/images/none.bin"),
    JobRequest(JobType.DISTRIBUTION, images=(NEW_FILE,), devices=("r1",)),
    JobRequest(JobType.ACTIVATION, images=(NEW_FILE,), devices=("r1",)),
    JobRequest(JobType.COMMIT, devices=("r1",)),
    JobRequest(JobType.ROLLBACK, devices=("r1",)),
    JobRequest(JobType.INVENTORY_SYNC, devices=("r1",)),
    ARCHIVE,
]


async def test_every_type_of_job_starts_at_its_time(tmp_path: Path) -> None:
    clock, runner = FakeClock(), ScriptedRunner(AUTO)
    engine = await start_engine(tmp_path, runner, clock)
    await add_devices(engine, "r1")
    schedule = Schedule(at=START + timedelta(hours=1), recur=RecurKind.WEEKLY)
    jobs = [await engine.api.submit(replace(request, schedule=schedule)) for request in KINDS]
    await clock.move(3601)
    await until(lambda: len(engine.state.tables.runs) == len(KINDS) and not engine.runs.live, limit_s=20)
    for job in jobs:
        known = engine.services.jobs.get(job.id)
        assert known.next_run_at == START + timedelta(days=7, hours=1), known
        assert known.last_run_status is not None
        assert known.status is JobStatus.SCHEDULED
    await engine.stop()


async def test_a_later_job_behind_a_one_time_code_needs_a_connection_that_is_held(tmp_path: Path) -> None:
    runner = ScriptedRunner(AUTO)
    engine = await start_engine(tmp_path, runner, FakeClock())
    try:
        api = engine.api
        await api.add_credentials("coded", "jump", password="x", one_time_code=True)
        await api.add_jump(JumpHost("j1", "192.0.2.1", credentials="coded"))
        await api.add_credentials("admin", "swim", use_agent=True)
        await api.add_device(Device("d1", "10.0.0.1", jump=("j1",), credentials="admin"))
        later = JobRequest(JobType.INVENTORY_SYNC, devices=("d1",), schedule=Schedule(at=START + timedelta(hours=5)))
        recurring = replace(later, schedule=Schedule(recur=RecurKind.DAILY))
        for request in (later, recurring):
            with pytest.raises(Conflict, match=r"d1: jump host j1 asks for a one-time code.*devices sync d1"):
                await api.submit(request)
        runner.connections = frozenset({"192.0.2.1:22"})
        job = await api.submit(later)
        assert "needs the SSH agent" in job.note
        assert runner.kept == {"192.0.2.1:22"}
        await api.cancel(job.id)
        assert runner.kept == frozenset()
    finally:
        await engine.stop()


async def test_each_site_has_its_own_night_and_who_does_not_fit_is_named_before_and_recorded_after(
    tmp_path: Path,
) -> None:
    clock, runner = FakeClock(), ScriptedRunner()  # it is 21:00 in New York and 18:00 in Los Angeles
    engine = await start_engine(tmp_path, runner, clock)
    for name, zone in (("NY", "America/New_York"), ("LA", "America/Los_Angeles")):
        await engine.api.set_group(Group(name, GroupKind.LOCATION, zone=zone), [])
    await add_devices(engine, "ny-1", "ny-2", location="NY")
    await add_devices(engine, "la-1", location="LA")
    await runner_reads(engine, runner)
    request = replace(combined("la-1", "ny-1", "ny-2"), window=Window("20:00", "21:30", local=True))
    warnings = (await engine.api.preview(request)).warnings
    assert "windows of 2 sites" in "; ".join(warnings)
    assert "will not start before the window ends: ny-2" in warnings
    job = await submit(engine, request)
    await finish_all(runner, Phase.PREPARE, 3)
    await finish_all(runner, Phase.DISTRIBUTE, 3)
    await runner.wait(("ny-1", Phase.ACTIVATE))  # Los Angeles comes first in the order and keeps nobody waiting
    tasks = {task.device: task for task in (await engine.api.run(job.last_run)).tasks}
    assert tasks["la-1"].waiting_for == "waits for its maintenance window"
    await clock.move(720)
    runner.play("ny-1", Phase.ACTIVATE).done()
    await until(lambda: engine.runs.live[job.last_run].state.tasks["ny-2"].task.status is TaskStatus.CANCELLED)
    await clock.move(2 * 3600 - 720)
    await runner.finish(("la-1", Phase.ACTIVATE))
    run = await engine.wait_for(job.last_run)
    assert run.status is RunStatus.PARTIAL
    late = {task.device: task for task in (await engine.api.run(run.id)).tasks}["ny-2"]
    assert "the rest of the maintenance window is too short" in late.message
    assert ("ny-2", Phase.ACTIVATE) not in runner.begun()
    await engine.stop()


async def finish_all(runner: ScriptedRunner, phase: Phase, count: int) -> None:
    """End this phase of so many devices, as they come."""
    for _ in range(count):
        await until(lambda: any(play.phase is phase for play in runner.plays))
        next(play for play in runner.plays if play.phase is phase).done()


async def runner_reads(engine: Engine, runner: ScriptedRunner) -> None:
    """A sync, so that a preview has facts."""
    names = tuple(row.name for row in (await engine.api.inventory()).devices)
    job = await engine.api.submit(JobRequest(JobType.INVENTORY_SYNC, devices=names))
    await finish_all(runner, Phase.PREPARE, len(names))
    await engine.wait_for(job.last_run)
