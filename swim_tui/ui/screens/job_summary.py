"""The Job Summary pop-up: status, schedule, counters (FEATURES 146, 147)."""

from __future__ import annotations

from swim_tui.model.job import RecurKind
from swim_tui.ui.screens.job_rows import RunLine, says
from swim_tui.ui.times import detail_time

_ACTS_SHOWN = 6  # of what people did, the newest


def recurrence(line: RunLine) -> str:
    """`None`, `Daily`, `every 2 x Weekly`."""
    schedule = line.job.request.schedule
    if schedule.recur is RecurKind.NONE or schedule.interval == 1:
        return str(schedule.recur)
    return f"every {schedule.interval} x {schedule.recur}"


def summary_text(line: RunLine, *, utc: bool) -> str:
    """All of the pop-up as aligned lines."""
    job, run = line.job, line.run
    last = run.status if run is not None else job.last_run_status
    rows = [
        ("Job Name", job.name),
        ("Job ID", job.id),
        ("Job Type", str(job.request.type)),
        ("Job Status", str(job.status)),
        ("Last Run Status", str(last) if last is not None else "Unknown"),
        ("Creation Time", detail_time(job.created_at, utc=utc)),
        ("Recurrence", recurrence(line)),
        ("Next run", detail_time(job.next_run_at, utc=utc) if job.next_run_at is not None else ""),
        ("Created by", job.created_by),
        ("Change", job.request.change),
    ]
    if run is not None:
        counts = run.counts
        rows += [
            ("", ""),
            ("Run ID", run.id),
            ("Total", str(counts.total)),
            ("Successful", str(counts.successful)),
            ("Failed", str(counts.failed)),
            ("In-Progress", str(counts.in_progress)),
            ("Not Yet Started", str(counts.not_started)),
            ("Cancelled", str(counts.cancelled)),
            ("Excluded", str(counts.excluded) if counts.excluded else ""),
        ]
    acts = sorted((*job.acts, *(run.acts if run is not None else ())), key=lambda act: act.at)
    rows += [(detail_time(act.at, utc=utc), f"{act.what} by {act.by}") for act in acts[-_ACTS_SHOWN:]]
    lines = [f"{label:<17} {value}".rstrip() for label, value in rows if value or not label]
    if says(line):
        lines += ["", says(line)]
    return "\n".join(lines)
