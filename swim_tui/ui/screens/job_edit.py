"""A scheduled job in a form: its name, start, recurrence, window and reason; the devices stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from swim_tui.errors import BadValue
from swim_tui.model.job import Job, JobRequest, JobType, RecurKind, Window
from swim_tui.model.when import HOW, moment, window_end, zone_named
from swim_tui.ui.dialogs.form import Field
from swim_tui.ui.wizards.schedule_step import schedule_of, window_of

_FORM = "%Y-%m-%d %H:%M"
_NO_WINDOW = frozenset({JobType.COLLECTION, JobType.INVENTORY_SYNC, JobType.CONFIG_ARCHIVE})


def fields_of(job: Job, now: datetime) -> list[Field]:
    """The fields, with what holds now; times are in the job's own zone."""
    request = job.request
    schedule, zone = request.schedule, request.schedule.zone
    check = _checker(zone, now)
    window = request.window or Window("", "")
    fields = [
        Field("name", "Job Name", job.name),
        Field("at", "Next start", _local(job.next_run_at, zone), HOW, check, help=f"In {zone}."),
        Field("recur", "Recurrence", str(schedule.recur), choices=[(k.value, k.value) for k in RecurKind]),
        Field("interval", "Every", str(schedule.interval), check=_interval, help="2 with Weekly: every second week."),
        Field("until", "Until", _local(schedule.until, zone), f"empty: no end. {HOW}", _optional(check)),
    ]
    if request.type not in _NO_WINDOW:
        fields += [
            Field("window_start", "Window start", _spaced(window.start), "22:00, or a date and time", window_end),
            Field("window_end", "Window end", _spaced(window.end), "04:00; both empty: no window", window_end),
            Field("window_zone", "Window times mean", "site" if window.local else "job",
                  choices=[("job", zone), ("site", "local time of each location")]),
        ]  # fmt: skip
    return [*fields, Field("change", "Change number", request.change), Field("reason", "Reason", request.reason)]


def edited(job: Job, values: dict[str, str], now: datetime) -> JobRequest:
    """The job's request with these values; a start that was not touched stays what it is, however long past."""
    request, zone = job.request, job.request.schedule.zone
    form = {**values, "start": "date", "zone": zone}
    is_same = values["at"] == _local(job.next_run_at, zone)
    if is_same:
        form.pop("at")
    schedule = schedule_of(form, zone, now)
    if is_same:
        schedule = replace(schedule, at=request.schedule.at or job.next_run_at)
    window = window_of(form) if "window_start" in values else request.window
    if bool(values.get("window_start")) != bool(values.get("window_end")):
        raise BadValue(name="window", value="", detail="it has only one end", allowed="both ends, or none")
    schedule = replace(schedule, misfire_grace_s=request.schedule.misfire_grace_s)
    return replace(
        request,
        schedule=schedule,
        window=window,
        name=values["name"] or job.name,
        change=values["change"],
        reason=values["reason"],
    )


def _local(at: datetime | None, zone: str) -> str:
    return at.astimezone(zone_named(zone)).strftime(_FORM) if at is not None else ""


def _spaced(text: str) -> str:
    return text.replace("T", " ")


def _checker(zone: str, now: datetime) -> Callable[[str], str]:
    def check(text: str) -> str:
        try:
            moment(text, zone_named(zone), now)
        except BadValue as err:
            return f"{err.detail}; {err.allowed}"
        return ""

    return check


def _optional(check: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: check(text) if text else ""


def _interval(text: str) -> str:
    return "" if text.isdecimal() and int(text) >= 1 else "a whole number from 1"
