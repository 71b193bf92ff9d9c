"""The Job Summary pop-up: status, schedule, counters, and the way to the Job Detail View (FEATURES 146 to 148)."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from swim_tui.model.job import RecurKind, Schedule
from swim_tui.ui.dialogs.text import TextDialog
from swim_tui.ui.screens.job_rows import RunLine, says, status_words
from swim_tui.ui.times import detail_time

_ACTS_SHOWN = 6  # of what people did, the newest


def recurrence(schedule: Schedule, *, utc: bool) -> str:
    """`None`, `Daily`, `every 2 x Weekly until 2016-12-30 22:00`."""
    if schedule.recur is RecurKind.NONE:
        return str(schedule.recur)
    often = str(schedule.recur) if schedule.interval == 1 else f"every {schedule.interval} x {schedule.recur}"
    return often + (f" until {detail_time(schedule.until, utc=utc)}" if schedule.until is not None else "")


def _beside(count: int, label: str, other: int) -> str:
    """Two counters on a line, so that all six are seen at once in 24 rows."""
    return f"{count:<10} {label:<17} {other}"


def summary_text(line: RunLine, *, utc: bool) -> str:
    """All of the pop-up as aligned lines."""
    job, run = line.job, line.run
    last = status_words(line) if run is not None else job.last_run_status
    rows = [
        ("Job Name", job.name),
        ("Job ID", job.id),
        ("Job Type", str(job.request.type)),
        ("Job Status", str(job.status)),
        ("Last Run Status", str(last) if last is not None else "Unknown"),
        ("Creation Time", detail_time(job.created_at, utc=utc)),
        ("Recurrence", recurrence(job.request.schedule, utc=utc)),
        ("Next run", detail_time(job.next_run_at, utc=utc) if job.next_run_at is not None else ""),
        ("Created by", job.created_by),
        ("Change", job.request.change),
    ]
    if run is not None:
        counts = run.counts
        rows += [
            ("", ""),
            ("Run ID", run.id),
            ("Total", _beside(counts.total, "In-Progress", counts.in_progress)),
            ("Successful", _beside(counts.successful, "Not Yet Started", counts.not_started)),
            ("Failed", _beside(counts.failed, "Cancelled", counts.cancelled)),
            ("Excluded", str(counts.excluded) if counts.excluded else ""),
        ]
    acts = sorted((*job.acts, *(run.acts if run is not None else ())), key=lambda act: act.at)
    rows += [(detail_time(act.at, utc=utc), f"{act.what} by {act.by}") for act in acts[-_ACTS_SHOWN:]]
    lines = [f"{label:<17} {value}".rstrip() for label, value in rows if value or not label]
    if says(line):
        lines += ["", says(line)]
    return "\n".join(lines)


class SummaryDialog(TextDialog):
    """The pop-up of a list of jobs: Enter leads to the job."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "detail", "Job Detail View", show=False)]

    def __init__(self, line: RunLine, *, utc: bool) -> None:
        super().__init__(
            "Job Summary", summary_text(line, utc=utc), hint="Enter Job Detail View   c copy   j k scroll   Esc close"
        )
        self._line = line

    def action_detail(self) -> None:
        """The job of the pop-up, on the run it told of."""
        from swim_tui.ui.screens.job import JobPage

        run = self._line.run
        page, app = JobPage(self._line.job.id, run.id if run is not None else ""), self.app
        self.dismiss(None)
        app.call_later(app.push_screen, page)
