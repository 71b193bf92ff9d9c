"""Recurrence over changes of clocks: any schedule, in any zone, against dateutil and against plain rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from dateutil import rrule, tz
from hypothesis import given
from hypothesis import strategies as st

from swim_tui.engine.schedule import compute_next, missed_between
from swim_tui.model.job import RecurKind, Schedule

ZONES = ["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago"]
WALL = {
    RecurKind.DAILY: rrule.DAILY,
    RecurKind.WEEKLY: rrule.WEEKLY,
    RecurKind.MONTHLY: rrule.MONTHLY,
    RecurKind.YEARLY: rrule.YEARLY,
}
instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001 - made aware at once
    lambda at: at.replace(tzinfo=UTC, microsecond=0)
)
minutes = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC, second=0, microsecond=0)
)


def series(schedule: Schedule, first: datetime, count: int) -> list[datetime]:
    """The first times of a schedule."""
    found = [first]
    while len(found) < count and (following := compute_next(schedule, first, found[-1])) is not None:
        found.append(following)
    return found


def wall_of(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@given(st.sampled_from(list(WALL)), st.integers(1, 5), minutes, st.sampled_from(ZONES))
def test_a_wall_clock_recurrence_has_the_walls_of_dateutil(
    kind: RecurKind, interval: int, first: datetime, zone: str
) -> None:
    schedule = Schedule(at=first, recur=kind, interval=interval, zone=zone)
    found = series(schedule, first, 12)
    begin = wall_of(first, zone)
    rule = rrule.rrule(WALL[kind], dtstart=begin, interval=interval, count=12)  # type: ignore[arg-type]
    place = tz.gettz(zone)
    for wall, instant in zip(rule, found, strict=True):
        aware = wall.replace(tzinfo=place)
        if tz.datetime_exists(aware):
            assert wall_of(instant, zone) == wall
        else:  # clocks skip it: after the gap, on the same day
            assert wall < wall_of(instant, zone) <= wall + timedelta(hours=1)
        if tz.datetime_ambiguous(aware) and instant != first:  # of two the first
            assert instant.astimezone(ZoneInfo(zone)).fold == 0


@given(st.sampled_from([RecurKind.MINUTE, RecurKind.HOURLY]), st.integers(1, 90), instants, st.sampled_from(ZONES))
def test_minutes_and_hours_recur_in_real_time_whatever_clocks_do(
    kind: RecurKind, interval: int, first: datetime, zone: str
) -> None:
    found = series(Schedule(at=first, recur=kind, interval=interval, zone=zone), first, 30)
    step = timedelta(minutes=interval) if kind is RecurKind.MINUTE else timedelta(hours=interval)
    assert {later - earlier for earlier, later in pairwise(found)} == {step}


@given(st.sampled_from([*WALL, RecurKind.MINUTE, RecurKind.HOURLY]), st.integers(1, 9), instants, instants,
       st.sampled_from(ZONES))  # fmt: skip
def test_the_next_time_is_later_and_none_lies_between(
    kind: RecurKind, interval: int, first: datetime, after: datetime, zone: str
) -> None:
    schedule = Schedule(at=first, recur=kind, interval=interval, zone=zone)
    following = compute_next(schedule, first, after)
    assert following is not None
    assert following > after
    assert following >= first
    just_before = following - timedelta(seconds=1)
    assert just_before < after or compute_next(schedule, first, just_before) == following
    assert compute_next(schedule, first, after) == following  # asking changes nothing


@given(st.sampled_from(list(WALL)), instants, st.integers(1, 40), st.sampled_from(ZONES))
def test_nothing_recurs_after_the_end(kind: RecurKind, first: datetime, days: int, zone: str) -> None:
    until = first + timedelta(days=days)
    found = series(Schedule(at=first, recur=kind, until=until, zone=zone), first, 60)
    assert found[-1] <= until
    assert compute_next(Schedule(at=first, recur=kind, until=until, zone=zone), first, found[-1]) is None


@given(st.sampled_from(ZONES), st.dates(date(2025, 1, 1), date(2027, 12, 1)), st.times())
def test_a_daily_job_runs_once_on_every_local_day(zone: str, day: date, at: time) -> None:
    first = datetime.combine(day, at.replace(microsecond=0), ZoneInfo(zone)).astimezone(UTC)
    found = series(Schedule(at=first, recur=RecurKind.DAILY, zone=zone), first, 40)
    days = [wall_of(instant, zone).date() for instant in found]
    begin = days[0]
    # A time that clocks skip at the end of a day (Santiago changes at midnight) would come just after it.
    assert all(abs((seen - begin).days - number) <= 1 for number, seen in enumerate(days))
    assert days == sorted(days)


def test_a_daily_job_on_the_last_day_of_february_and_a_monthly_one_on_the_31st() -> None:
    first = datetime(2025, 1, 31, 2, tzinfo=UTC)
    monthly = series(Schedule(at=first, recur=RecurKind.MONTHLY), first, 4)
    assert [at.month for at in monthly] == [1, 3, 5, 7]  # months without a 31st have no run
    leap = datetime(2024, 2, 29, 2, tzinfo=UTC)
    assert [at.year for at in series(Schedule(at=leap, recur=RecurKind.YEARLY), leap, 3)] == [2024, 2028, 2032]


def test_what_was_missed_is_listed_and_not_without_end() -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    hourly = Schedule(at=first, recur=RecurKind.HOURLY)
    assert missed_between(hourly, first, first, first + timedelta(hours=3)) == tuple(
        first + timedelta(hours=n) for n in range(3)
    )
    assert len(missed_between(hourly, first, first, first + timedelta(days=365))) == 20
    assert missed_between(Schedule(at=first), first, first, first + timedelta(days=1)) == (first,)
