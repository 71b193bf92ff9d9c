"""When jobs run: the next time of a schedule (pure), and the clockwork that starts what is due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from dateutil import rrule

from swim_tui.engine.effects import Background
from swim_tui.engine.state import State
from swim_tui.errors import BadValue, SwimError, describe
from swim_tui.model.events import JobChanged
from swim_tui.model.job import Job, JobStatus, MissedRun, RecurKind, Schedule
from swim_tui.model.when import local_instant, zone_named

log = logging.getLogger(__name__)

_BY_WALL: dict[RecurKind, Literal[0, 1, 2, 3]] = {
    RecurKind.DAILY: rrule.DAILY,
    RecurKind.WEEKLY: rrule.WEEKLY,
    RecurKind.MONTHLY: rrule.MONTHLY,
    RecurKind.YEARLY: rrule.YEARLY,
}
"""These keep the wall clock of their zone across daylight saving; the others recur in real time."""

_STEPS = {RecurKind.MINUTE: timedelta(minutes=1), RecurKind.HOURLY: timedelta(hours=1)}

MAX_SLEEP_S = 60.0  # the wall clock may be set: look again at least this often
MISSED_KEPT = 20
_TRIES = 400


def check_schedule(schedule: Schedule, now: datetime) -> None:
    """Refuse what cannot be: BadValue for a start in the past, a zone or an interval that is none."""
    zone_named(schedule.zone)
    if schedule.at is not None and schedule.at.tzinfo is None:
        raise BadValue(name="start", value=str(schedule.at), detail="it has no time zone", allowed="a time in UTC")
    if schedule.at is not None and schedule.at < now - timedelta(seconds=1):
        raise BadValue(
            name="start",
            value=f"{schedule.at:%Y-%m-%d %H:%M} UTC",
            detail=f"it is in the past (now {now:%Y-%m-%d %H:%M} UTC)",
            allowed="a later time, or Now",
        )
    if schedule.recur is not RecurKind.NONE and schedule.interval < 1:
        raise BadValue(name="interval", value=str(schedule.interval), detail="it is below 1", allowed="1 or more")
    begin = schedule.at or now
    if schedule.until is not None and schedule.until <= begin:
        raise BadValue(
            name="until", value=str(schedule.until), detail="it is not after the start", allowed="a later time"
        )


def compute_next(schedule: Schedule, first: datetime, after: datetime) -> datetime | None:
    """The first time of a schedule later than `after`; `first` is its first run. None when there is no more."""
    if schedule.recur is RecurKind.NONE:
        return first if first > after else None
    if first > after:
        return first
    found = _recur(schedule, first, after)
    return found if found is not None and (schedule.until is None or found <= schedule.until) else None


def missed_between(schedule: Schedule, first: datetime, due: datetime, end: datetime) -> tuple[datetime, ...]:
    """The times of a schedule from `due` on and before `end`, not more than the first `MISSED_KEPT`."""
    found: list[datetime] = []
    step: datetime | None = due
    while step is not None and step < end and len(found) < MISSED_KEPT:
        found.append(step)
        step = compute_next(schedule, first, step)
    return tuple(found)


def _recur(schedule: Schedule, first: datetime, after: datetime) -> datetime | None:
    kind = _BY_WALL.get(schedule.recur)
    if kind is None:
        step = _STEPS[schedule.recur] * schedule.interval
        return first + step * ((after - first) // step + 1)
    zone = zone_named(schedule.zone)
    begin = first.astimezone(zone).replace(tzinfo=None)
    rule = rrule.rrule(kind, dtstart=begin, interval=schedule.interval)
    wall = after.astimezone(zone).replace(tzinfo=None) - timedelta(hours=3)  # around a change of clocks
    for _ in range(_TRIES):
        wall_next = rule.after(wall)
        if wall_next is None:
            return None
        try:
            instant = local_instant(wall_next, zone)
        except BadValue:  # clocks skip it this once: an hour later by the wall
            instant = local_instant(wall_next + timedelta(hours=1), zone)
        if instant > after:
            return instant
        wall = wall_next
    return None


class Scheduler:
    """Starts jobs when they are due; one that was due while no engine ran starts only within its misfire grace."""

    def __init__(
        self, state: State, start: Callable[[Job], Awaitable[object]], is_running: Callable[[str], bool]
    ) -> None:
        self._state = state
        self._start = start
        self._is_running = is_running
        self._background = Background()
        self._claims: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._began_at = state.clock.now()

    def begin(self) -> None:
        """Look at what is due, now and from now on."""
        self._loop = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        """Start nothing more."""
        if self._loop is not None:
            self._loop.cancel()
        await self._background.settle()

    def job_changed(self) -> None:
        """A job is new or was rescheduled."""
        self._changed.set()

    def claim(self, job_id: str) -> None:
        """Somebody starts or changes this job just now: until its release it does not start by itself."""
        self._claims[job_id] = asyncio.Event()

    def is_claimed(self, job_id: str) -> bool:
        """True while somebody starts or changes this job."""
        return job_id in self._claims

    async def released(self, job_id: str) -> None:
        """Return when nobody starts or edits this job (any more)."""
        while job_id in self._claims:
            await self._claims[job_id].wait()

    def release(self, job_id: str) -> None:
        """It is started, edited or left alone: who waited for that goes on."""
        claim = self._claims.pop(job_id, None)
        if claim is not None:
            claim.set()
        self.job_changed()

    def next_job(self) -> Job | None:
        """The job that is due first."""
        waiting = [job for job in self._state.tables.jobs.all() if _is_waiting(job) and job.id not in self._claims]
        return min(waiting, key=lambda job: job.next_run_at or datetime.max.replace(tzinfo=UTC), default=None)

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            now = self._state.clock.now()
            for job in self._state.tables.jobs.all():
                if job.id not in self._claims and job.next_run_at is not None and _is_due(job, now):
                    self._due(job, now)
            upcoming = self.next_job()
            wait_s = MAX_SLEEP_S
            if upcoming is not None and upcoming.next_run_at is not None:
                wait_s = min(MAX_SLEEP_S, max(0.0, (upcoming.next_run_at - now).total_seconds()))
            await self._sleep(wait_s)

    async def _sleep(self, seconds: float) -> None:
        sleeping = asyncio.ensure_future(self._state.clock.sleep(seconds))
        changing = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait((sleeping, changing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            changing.cancel()

    def _due(self, job: Job, now: datetime) -> None:
        due = job.next_run_at
        assert due is not None
        schedule = job.request.schedule
        first = schedule.at or job.created_at
        fresh = replace(job, next_run_at=compute_next(schedule, first, now))
        latest = self._latest(job, due, now)
        if latest is None or latest > due:
            asleep = "no engine ran at that time" if due < self._began_at else "the machine's clock was set forward"
            fresh = self._missed(fresh, missed_between(schedule, first, due, latest or now), asleep)
        if latest is None:
            self._put(fresh)
        elif self._is_running(job.id):
            self._put(self._missed(fresh, (latest,), "its previous run was still under way"))
        else:
            self.claim(job.id)
            self._background.spawn(self._begin_run(replace(fresh, note="" if latest == due else fresh.note)))

    @staticmethod
    def _latest(job: Job, due: datetime, now: datetime) -> datetime | None:
        """The time whose run may still start: within the misfire grace; None when all are too old."""
        schedule = job.request.schedule
        earliest = now - timedelta(seconds=schedule.misfire_grace_s)
        if due >= earliest:
            return due
        found = compute_next(schedule, schedule.at or job.created_at, earliest)
        return found if found is not None and due < found <= now else None

    async def _begin_run(self, job: Job) -> None:
        try:
            await self._start(job)
        except SwimError as err:
            said = describe(err).one_line()
            status = JobStatus.SCHEDULED if job.next_run_at else JobStatus.COMPLETED
            self._put(replace(job, status=status, note=f"not started: {said}"))
            self._state.notify("error", f"{job.name} was not started: {said}")
        finally:
            self.release(job.id)

    def _missed(self, job: Job, times: tuple[datetime, ...], why: str) -> Job:
        """The job with its missed runs written down."""
        more = f" and {len(times) - 1} more" if len(times) > 1 else ""
        note = f"missed its run of {times[0]:%Y-%m-%d %H:%M} UTC{more}: {why}"
        status = JobStatus.SCHEDULED if job.next_run_at else JobStatus.COMPLETED
        if self._is_running(job.id):
            status = JobStatus.RUNNING
        self._state.notify("warning", f"{job.name} {note}")
        missed = (*job.missed, *(MissedRun(at, why) for at in times))[-MISSED_KEPT:]
        return replace(job, note=note, status=status, missed=missed)

    def _put(self, job: Job) -> None:
        self._state.keep(self._state.tables.jobs.put(job))
        self._state.hub.publish(JobChanged(job))


def _is_due(job: Job, now: datetime) -> bool:
    return _is_waiting(job) and job.next_run_at is not None and job.next_run_at <= now


def _is_waiting(job: Job) -> bool:
    return job.next_run_at is not None and job.status in (JobStatus.SCHEDULED, JobStatus.RUNNING)
