"""Jobs and device tasks in words: what a job does, what a device died of and what to do about it."""

from __future__ import annotations

from swim_tui.model.job import SERVER_TASK, DeviceTask, JobType, OperationState, OpStatus, TaskStatus
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import OpKind
from swim_tui.ui.screens.job_rows import RunLine, TaskLine, current_operation, doing
from swim_tui.ui.states import Tone
from swim_tui.ui.widgets.facts import Fact

GOES_DOWN = frozenset({OpKind.RELOAD, OpKind.INSTALL, OpKind.ROLLBACK})
"""Operations that take a device down."""
_BAD = frozenset({TaskStatus.FAILURE, TaskStatus.INTERRUPTED, TaskStatus.EXCLUDED})


def description_of(line: RunLine) -> str:
    """What the job does, in the reference's words (FEATURES 48, 149)."""
    request = line.job.request
    if request.description:
        return request.description
    return {
        JobType.COLLECTION: f"Collecting the image from {request.source or 'its source'}"
        + (f" and {len(request.sources)} more" if request.sources else ""),
        JobType.DISTRIBUTION: "Distribute the Image to the Device",
        JobType.ACTIVATION: "Activate the Image on the Device",
        JobType.COMMIT: "Commit the Image on the Device",
        JobType.ROLLBACK: "Roll the Device back to its previous Image",
        JobType.INVENTORY_SYNC: "Read the Devices",
        JobType.CONFIG_ARCHIVE: "Archive the Configuration of the Devices",
    }[request.type]


def failed_operation(task: DeviceTask) -> tuple[int, OperationState] | None:
    """The operation a device died in, with its number."""
    found = [(n, op) for n, op in enumerate(task.operations, 1) if op.status is OpStatus.FAILURE]
    return found[-1] if found else None


def failure_facts(task: DeviceTask) -> list[Fact]:
    """What failed, in which step, what the device said, what to do: empty for a device that did not fail."""
    if task.status not in _BAD:
        return []
    failed = failed_operation(task)
    what = f"{task.outcome} {task.code}".strip() or str(task.status)
    facts: list[Fact] = [("What failed", f"{task.device}: {what}", Tone.FAIL)]
    if failed is not None:
        number, operation = failed
        facts.append(("In step", f"{number} of {len(task.operations)}, {operation.title}", Tone.FAIL))
    said = failed[1].message if failed is not None and failed[1].message else task.message
    if said:
        facts.append(("It said", said))
    if task.message and task.message != said:
        facts.append(("That means", task.message))
    if now := state_now(task):
        facts.append(("State now", now))
    if task.remedy:
        facts.append(("What to do", task.remedy, Tone.WAIT))
    return facts


def state_now(task: DeviceTask) -> str:
    """Whether this run took the device down and what it runs, as far as the record proves it; a card says it itself."""
    if not task.from_version or task.recovery:
        return ""
    sent = [n for n, op in enumerate(task.operations, 1) if op.kind in GOES_DOWN and op.started_at is not None]
    if task.proven_version:
        return f"runs {task.proven_version}" + (", read after its reload" if sent else "")
    if sent:
        return f"not proven; step {sent[-1]} may have reloaded it: r in Devices (3)"
    wrote = [
        n for n, op in enumerate(task.operations, 1) if op.kind is OpKind.SET_BOOT and op.status is not OpStatus.PENDING
    ]
    boots = f"; step {wrote[-1]} changed what its next reload starts: look at show boot" if wrote else ""
    return f"not reloaded by this run, ran {task.from_version} when it began{boots}"


def task_line(line: TaskLine, room: int = 234) -> str:
    """`sw1: Upgraded: runs 15.2`: what does not fit into the columns; what to do about a failure is never cut."""
    task, words = line.task, doing(line).text.replace(f": {line.task.device}: ", ": ").rstrip(".")
    if not words:
        return ""
    is_good = task.status is TaskStatus.SUCCESS and task.outcome is not Outcome.NOT_COMMITTED
    head, tail = f"{line.name}: {words}", f". What to do: {task.remedy}" if task.remedy and not is_good else ""
    keep = max(40, room - len(tail))
    return (head if len(head) <= keep else head[: keep - 1] + "…") + tail


def operation_text(operation: OperationState, task: DeviceTask | None) -> str:
    """What an operation said; one that failed without a word of its own is explained by its task."""
    if operation.message:
        return operation.message
    if operation.status is OpStatus.FAILURE and task is not None and task.message:
        return task_text(task)
    return f"{operation.status}: no message"


def named(task: DeviceTask) -> tuple[str, str]:
    """What the task works on, and its name: a device, a SWIM server, a file that is imported."""
    if task.is_server:
        return "Server", task.device.removeprefix(SERVER_TASK)
    return ("File" if task.source and not task.address else "Device"), f"{task.device} {task.address}".strip()


def task_text(task: DeviceTask) -> str:
    """One device task for people: state, what it does or died of, remedy, operations, recovery card."""
    rows = [
        named(task),
        ("Image", task.image_file),
        ("Status", str(task.status)),
        ("Outcome", f"{task.outcome} {task.code}".strip()),
        ("Version", " -> ".join(part for part in (task.from_version, task.to_version) if part)),
        ("Proven", task.proven_version),
        ("Waits for", task.waiting_for),
        ("Says", task.message or doing(TaskLine(task)).text),
        ("What to do", task.remedy if task.status is not TaskStatus.SUCCESS else ""),
    ]
    lines = [f"{label:<11} {value}" for label, value in rows if value]
    operation = current_operation(task)
    if operation is not None and operation.message:
        lines += ["", operation.title, operation.message]
    if task.recovery:
        lines += ["", "Recovery card:", *(f"  {index}. {step}" for index, step in enumerate(task.recovery, 1))]
    bad = [check for check in (*task.checks, *task.post_checks) if check.verdict != "ok"]
    for check in bad:
        lines += ["", f"{check.verdict}: {check.name}", f"  expected {check.expected}", f"  actual   {check.actual}"]
        lines += [f"  {check.action}"] if check.action else []
    return "\n".join(lines)
