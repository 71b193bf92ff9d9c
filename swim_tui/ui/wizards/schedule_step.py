"""Schedule: job name, start time, recurrence, maintenance window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from swim_tui.errors import BadValue
from swim_tui.model.job import JobType, RecurKind, Schedule, Window
from swim_tui.model.jobname import name_words, with_stamp
from swim_tui.model.when import HOW, is_time_of_day, moment, window_end, window_text, zone_named
from swim_tui.ui.wizards.defaults import default_zone
from swim_tui.ui.wizards.fields import FieldSpec
from swim_tui.ui.wizards.step import FormStep

_NAMED = {
    JobType.DISTRIBUTION: "An activation picks its distribution by this name later: name it by the image.",
}
_SKIPPED = "A device that runs the target already is skipped, never reloaded again."
_AGAIN = {JobType.COLLECTION: "What has not changed at its source is kept once."}
_START = (("now", "Now"), ("date", "Date"))
_RECUR = tuple((kind.value, kind.value) for kind in RecurKind)
_LOCAL = (("job", "the zone above"), ("site", "local time of each device's location"))


class ScheduleStep(FormStep):
    """Times are typed in the zone that is shown beside them."""

    title: ClassVar[str] = "Schedule"
    brief: ClassVar[str] = "Schedule"
    hint: ClassVar[str] = "Enter or Down goes to the next field. Leave the window empty for none."
    job_type: ClassVar[JobType] = JobType.DISTRIBUTION
    has_window: ClassVar[bool] = True

    def specs(self) -> Sequence[FieldSpec]:
        """Only the fields that the choices above call for."""
        has_date = self.value("start", "now") == "date"
        recurs = self.value("recur", "None") != "None"
        has_window = bool(self.value("window_start") or self.value("window_end"))
        zone = self.value("zone", default_zone(self.wizard.settings))
        window = [
            FieldSpec("window_start", "Window start", self.value("window_start"), check=self._window_start,
                      hint="22:00, or a date and time",
                      help="Nothing disruptive starts unless the outage and the way back fit before the end."),
            FieldSpec("window_end", "Window end", self.value("window_end"), check=self._window_end, hint="04:00"),
            FieldSpec("window_zone", "Window times mean", self.value("window_zone", "job"), _LOCAL, shown=has_window),
        ] if self.has_window else []  # fmt: skip
        return [
            FieldSpec("name", "Job Name", self.value("name"), ghost=self._stamped,
                      hint=f"empty: Job_{name_words(self.job_type, self.source())}_<time>",
                      help=f"{_NAMED.get(self.job_type, '')} Right puts the time behind your text.".strip()),
            FieldSpec("start", "Start Time", self.value("start", "now"), _START),
            FieldSpec("at", "Date", self.value("at"), hint=HOW, check=self._at, shown=has_date, help=f"In {zone}."),
            FieldSpec("zone", "Time zone", zone, hint="Europe/Paris", check=_zone,
                      help="The zone of the date, the recurrence and the window."),
            FieldSpec("recur", "Recurrence", self.value("recur", "None"), _RECUR,
                      help=_AGAIN.get(self.job_type, _SKIPPED)),
            FieldSpec("interval", "Every", self.value("interval", "1"), check=_interval, shown=recurs),
            FieldSpec("until", "Until", self.value("until"), hint=f"empty: no end. {HOW}", check=self._until,
                      shown=recurs),
            *window,
            FieldSpec("change", "Change number", self.value("change"), help="Kept with the job."),
            FieldSpec("reason", "Reason", self.value("reason"), help="Kept with the job."),
        ]  # fmt: skip

    def source(self) -> str:
        """Where a collection gets its image from; the default name says so."""
        return ""

    def _stamped(self, text: str) -> str:
        try:
            zone = zone_named(self._zone_name())
        except BadValue:
            return text
        return with_stamp(text, self.wizard.swim.now().astimezone(zone))

    def _zone_name(self) -> str:
        return self.value("zone", default_zone(self.wizard.settings))

    def _at(self, text: str) -> str:
        if not text:
            return "type when it starts"
        return moment_problem(text, self._zone_name(), self.wizard.swim.now())

    def _until(self, text: str) -> str:
        return moment_problem(text, self._zone_name(), self.wizard.swim.now()) if text else ""

    def _window_start(self, text: str) -> str:
        if not text and self.value("window_end"):
            return "the window has an end and no start"
        return window_end(text)

    def _window_end(self, text: str) -> str:
        if not text and self.value("window_start"):
            return "the window has a start and no end"
        is_local = self.value("window_zone", "job") == "site"
        if is_local and (len(text) > 5 or len(self.value("window_start")) > 5):
            return "local times of each location are times of day"
        start, now = self.value("window_start"), self.wizard.swim.now()
        return window_end(text) or window_problem(start, text, self._zone_name(), now)

    def note(self) -> str:
        """The clock of the zone."""
        try:
            here = self.wizard.swim.now().astimezone(zone_named(self._zone_name()))
        except BadValue:
            return ""
        return f"now {here:%Y-%m-%d %H:%M} {self._zone_name()}"


def window_problem(start: str, end: str, zone: str, now: datetime) -> str:
    """What is wrong with the two ends of a window together; each was found good by itself."""
    if not start or not end or window_end(start):
        return ""
    if is_time_of_day(start) != is_time_of_day(end):
        return "give both as times of day, or both as a date and time"
    if is_time_of_day(end):
        return ""
    first, last = window_text(start), window_text(end)
    if len(first) == len(last) and last <= first:
        return "the window ends before it starts"
    return moment_problem(end, zone, now)


def moment_problem(text: str, zone: str, now: datetime) -> str:
    """What is wrong with a date in a zone; nothing while the zone is wrong, which says so itself."""
    if _zone(zone):
        return ""
    try:
        moment(text, zone_named(zone), now)
    except BadValue as err:
        return f"{err.detail}; {err.allowed}"
    return ""


def _zone(text: str) -> str:
    try:
        zone_named(text)
    except BadValue as err:
        return f"{err.detail}: {err.allowed}"
    return ""


def _interval(text: str) -> str:
    return "" if text.isdecimal() and int(text) >= 1 else "a whole number from 1"


def schedule_of(form: Mapping[str, str], zone: str, now: datetime) -> Schedule:
    """The schedule of a form whose fields were checked; a date that is wrong by now raises BadValue."""
    zone = form.get("zone", zone)
    recur = RecurKind(form.get("recur", "None"))
    recurs = recur is not RecurKind.NONE
    at = moment(form["at"], zone_named(zone), now) if form.get("start") == "date" and form.get("at") else None
    until = moment(form["until"], zone_named(zone), now) if recurs and form.get("until") else None
    interval = int(form.get("interval") or "1") if recurs else 1
    return Schedule(at=at, recur=recur, interval=interval, until=until, zone=zone)


def window_of(form: Mapping[str, str]) -> Window | None:
    """The maintenance window of a form whose fields were checked."""
    start, end = form.get("window_start", ""), form.get("window_end", "")
    if not start or not end:
        return None
    return Window(window_text(start), window_text(end), form.get("window_zone") == "site")
