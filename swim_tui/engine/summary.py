"""The summary of a run in Markdown: who, when, what, outcome per device, timeline. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from swim_tui.engine.history import (
    Control,
    IntentLogged,
    IntentRefused,
    PhaseDispatched,
    PhaseEnded,
    PhaseLost,
    PlanMade,
    Record,
    RunCreated,
    RunEnded,
    RunRecovered,
    RunStopped,
    TaskEnded,
)
from swim_tui.model.checks import Check, Verdict
from swim_tui.model.image import SoftwareImage
from swim_tui.model.job import DeviceTask, Job, Run, TaskStatus
from swim_tui.planning.durations import words


def summary(
    run: Run, job: Job, tasks: Sequence[DeviceTask], images: Sequence[SoftwareImage], records: Iterable[Record]
) -> str:
    """One document for people; everything in it stands in the other files of the pack too."""
    parts = [
        f"# Run {run.id}: {_cell(run.job_name)}\n",
        *_head(run, job),
        "## Devices\n",
        *_devices(tasks),
        *_attention(tasks),
        "## Images\n",
        *_images(images),
        "## Timeline (UTC)\n",
        *_timeline(records),
    ]
    return "\n".join(parts) + "\n"


def checks_of(task: DeviceTask) -> str:
    """The checks of a device before the change and after it, in Markdown."""
    parts = [f"# {_cell(task.device)}: checks\n", "## Before\n", *_checks(task.checks)]
    return "\n".join([*parts, "## After\n", *_checks(task.post_checks)]) + "\n"


def _head(run: Run, job: Job) -> list[str]:
    request, counts = job.request, run.counts
    ended = run.ended_at or run.started_at
    took = words((ended - run.started_at).total_seconds()) if ended and run.started_at else "not known"
    rows = [
        ("Status", run.status),
        ("What", f"{run.job_type}, attempt {run.attempt}" + (f" (retry of {job.retry_of})" if job.retry_of else "")),
        ("Who", f"job by {job.created_by or 'unknown'}, run by {run.started_by or job.created_by or 'unknown'}"),
        ("Change", request.change),
        ("Reason", request.reason),
        ("When", f"{_instant(run.started_at)} to {_instant(run.ended_at)} ({took})"),
        (
            "Devices",
            f"{counts.total}: {counts.successful} successful, {counts.failed} failed, {counts.cancelled} cancelled, "
            f"{counts.excluded} excluded",
        ),
        ("Message", run.message),
        ("Stopped", run.stopped_because),
        ("Plan", f"SHA-256 {run.plan_sha256}" if run.plan_sha256 else ""),
        ("Approved plan", f"SHA-256 {job.expect_sha256}" if job.expect_sha256 else ""),
    ]
    return [*(f"- **{name}**: {_cell(text)}" for name, text in rows if text), ""]


def _devices(tasks: Sequence[DeviceTask]) -> list[str]:
    head = ("Device", "Address", "Status", "Outcome", "From", "To", "Proven", "Start", "End", "Message")
    rows = (
        (
            task.device,
            task.address,
            task.status,
            f"{task.outcome} {task.code}".strip(),
            task.from_version,
            task.to_version,
            task.proven_version,
            _instant(task.started_at),
            _instant(task.ended_at),
            task.message,
        )
        for task in sorted(tasks, key=lambda task: (task.position == 0, task.position, task.device))
    )
    return _table(head, rows)


def _attention(tasks: Sequence[DeviceTask]) -> list[str]:
    """What is left to do: bad ends with their remedies, and what post-checks lost."""
    lines = []
    for task in tasks:
        is_bad = task.status in (TaskStatus.FAILURE, TaskStatus.INTERRUPTED, TaskStatus.EXCLUDED, TaskStatus.CANCELLED)
        lost = [check for check in task.post_checks if check.verdict is not Verdict.OK]
        if is_bad and task.remedy:
            lines.append(f"- {_cell(task.device)}: {_cell(task.remedy)}")
        lines += [
            f"- {_cell(task.device)}: {_cell(c.name)}: expected {_cell(c.expected)}, is {_cell(c.actual)}" for c in lost
        ]
        lines += [f"  - {_cell(step)}" for step in task.recovery]
    return ["## To be looked at\n", *lines, ""] if lines else []


def _images(images: Sequence[SoftwareImage]) -> list[str]:
    rows = ((i.file_name, i.size_bytes, i.md5, i.sha512, i.source) for i in images)
    return _table(("File", "Bytes", "MD5", "SHA-512", "Source"), rows)


def _checks(checks: Sequence[Check]) -> list[str]:
    head = ("Check", "Verdict", "Expected", "Actual", "Action")
    return _table(head, ((c.name, c.verdict, c.expected, c.actual, c.action) for c in checks))


def _timeline(records: Iterable[Record]) -> list[str]:
    lines = [(at, text) for record in records if (at := getattr(record, "at", None)) and (text := _said(record))]
    return [*(f"- {_instant(at)} {_cell(text)}" for at, text in lines), ""]


def _said(record: Record) -> str:
    """One line of the timeline, empty for what only the journal needs."""
    match record:
        case RunCreated():
            return f"run created for {len(record.tasks)} device{'s' * (len(record.tasks) != 1)}"
        case PlanMade():
            return f"plan made, SHA-256 {record.sha256}" + (f": {record.note}" if record.note else "")
        case PhaseDispatched():
            again = f", attempt {record.attempt}" if record.attempt > 1 else ""
            return f"{record.device}: {record.phase} begins{again}"
        case IntentLogged():
            return f"{record.device}: about to: {record.intent.line} ({record.intent.kind}, intent {record.number})"
        case IntentRefused():
            return f"{record.device}: not done: {record.why}"
        case PhaseEnded():
            result = record.result
            return f"{record.device}: {record.phase} ends: {result.outcome or result.status}, {result.message}"
        case PhaseLost():
            return f"{record.device}: {record.phase} lost its worker: {record.why}"
        case TaskEnded():
            return f"{record.device}: {record.status}, {record.message}"
        case Control():
            return f"{record.action} {record.device} by {record.by or 'unknown'}".replace("  ", " ")
        case RunStopped():
            return f"stopped: {record.because}"
        case RunRecovered():
            return "a new engine took the run over"
        case RunEnded():
            return f"run ended: {record.status}, {record.message}"
    return ""


def _instant(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "–"


def _cell(text: object) -> str:
    """Text from outside in Markdown: no bars, no line ends, no markup."""
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(_cell(cell) or '–' for cell in row)} |" for row in rows]
    return [*lines, ""]
