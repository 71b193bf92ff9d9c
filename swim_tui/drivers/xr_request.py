"""Install operations of IOS-XR go on behind the prompt: they are followed by their number (DEVICE_FACTS 6.8, 6.9)."""

from __future__ import annotations

import re

from swim_tui.drivers import look
from swim_tui.drivers.failed import InstallFailed
from swim_tui.drivers.task import Task
from swim_tui.errors import PromptTimeout
from swim_tui.model.facts import Facts
from swim_tui.model.install import InstallLogEntry, InstallRequest, InstallResult
from swim_tui.model.plan import Line
from swim_tui.net.contract import Ended
from swim_tui.parse import device_refusal, parse_install_request, parse_install_result, parse_xr_install_log

REQUEST = "show install request"
LOG = "show install log"
_NUMBER = re.compile(r"Install operation (\d{1,9})\b")
_NUMBER7 = re.compile(r"Operation ID:? *(\d{1,9})", re.IGNORECASE)
_REASON = re.compile(
    r"^.*(?:\bERROR\b|Error:|Error!|Cannot proceed|Could not start|completed with failure|aborted|failed at|"
    r"incompatible|[Nn]ot enough).*$",
    re.MULTILINE,
)
_IDLE_LOOKS = 5  # looks at an idle router before a number without an end is called lost


def request_of(task: Task) -> InstallRequest | None:
    """The operation in progress, None when the answer is not understood."""
    return parse_install_request(task.try_read(REQUEST) or "")


def is_busy(task: Task) -> bool:
    """True when an install operation runs."""
    request = request_of(task)
    return request is not None and request.is_running


def wait_idle(task: Task, limit_s: float) -> None:
    """Wait for the end of an operation that runs already. Errors: InstallFailed when it does not end."""
    started = task.clock.monotonic()
    while is_busy(task):
        spent = task.clock.monotonic() - started
        if spent >= limit_s:
            raise InstallFailed(detail=f"another install operation still runs after {spent:.0f} s")
        task.progress_s(spent, limit_s, "another install operation runs")
        task.checkpoint()
        task.pause(task.waits.poll_s)


def last_number(task: Task) -> int:
    """Number of the newest operation, 0 when there is none. XR7 has no such log: its last request has the number."""
    return max((e.number or 0 for e in _log(task)), default=0) or _number_of_request(task)


def newer_operations(task: Task, before: int) -> tuple[int, ...]:
    """Numbers of the operations begun after operation `before`, oldest first."""
    newer = {e.number for e in _log(task) if e.number is not None and e.number > before}
    requested = _number_of_request(task)
    return tuple(sorted(newer | ({requested} if requested > before else set())))


def _log(task: Task) -> tuple[InstallLogEntry, ...]:
    return parse_xr_install_log(task.try_read(LOG) or "") or ()


def _number_of_request(task: Task) -> int:
    request = request_of(task)
    return (request.number or 0) if request is not None else 0


def send(task: Task, line: Line) -> str | None:
    """A line that starts an operation; None when the session ended under it or its end was not seen."""
    try:
        reply = task.change(line)
    except PromptTimeout:
        task.drop()
        return None
    if reply.ended is Ended.LOST:
        task.drop()
        return None
    return reply.text


def number_in(text: str) -> int | None:
    """The number that the router gave to the operation."""
    found = _NUMBER.search(text) or _NUMBER7.search(text)
    return int(found[1]) if found is not None else None


def reasons_in(text: str) -> str:
    """The router's own lines that say why."""
    return "; ".join(dict.fromkeys(" ".join(line.split()) for line in _REASON.findall(text)))[:600]


def started(task: Task, line: Line, text: str | None, before: int) -> int:
    """The number of the operation that the line began; after a lost session the first new one of the log."""
    found = number_in(text) if text is not None else None
    if found is None:
        newer = newer_operations(task, before)  # XR7 counts its transactions, not the commands
        found = newer[0] if newer else None
    if found is None:
        request = request_of(task)
        found = request.number if request is not None and request.is_running else None
    if found is None:
        said = reasons_in(text or "") or device_refusal(text or "") or "no operation was started"
        raise InstallFailed(command=line.text, detail=said)
    return found


def result_of(task: Task, number: int) -> tuple[InstallResult | None, str]:
    """How an operation ended by its own number, and the router's reasons."""
    text = task.try_read(f"{LOG} {number} detail")
    if text is None or parse_install_result(text, number) is None:
        text = task.try_read(LOG) or ""
    result = parse_install_result(text, number)
    if result is None:
        text = task.try_read(REQUEST) or ""
        request = parse_install_request(text)
        if request is not None and request.number == number:
            result = request.result
    return result, reasons_in(text)


def follow(task: Task, command: str, number: int, limit_s: float) -> None:
    """Wait until operation `number` has ended well. Errors: InstallFailed with the router's own words."""
    began, idle = task.clock.monotonic(), 0
    while True:
        request = request_of(task)
        spent = task.clock.monotonic() - began
        if request is None or not request.is_running:
            result, why = result_of(task, number)
            if result is InstallResult.SUCCESS:
                return
            if result in (InstallResult.FAILED, InstallResult.ABORTED):
                raise InstallFailed(command=command, detail=why or f"operation {number} {result}")
            idle += 1
        if spent >= limit_s or idle >= _IDLE_LOOKS:
            shown = f"operation {number} has no end in the install log"
            raise InstallFailed(command=command, detail=f"{shown} after {spent:.0f} s")
        percent = f"{request.percent} %" if request is not None and request.percent is not None else "running"
        task.progress_s(spent, limit_s, f"operation {number}: {percent}")
        task.pause(task.waits.poll_s)


def install_facts(task: Task) -> Facts:
    """Version and package sets."""
    commands = (*look.VERSION_COMMANDS, *task.pack.install.state)
    return look.read_facts(task, tuple(dict.fromkeys(commands)))
