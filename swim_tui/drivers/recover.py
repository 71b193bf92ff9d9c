"""A reload intent found in the journal: did it happen? Read the device, then go on, send again, or stop (SPEC 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from swim_tui.drivers import look
from swim_tui.drivers.instant import Shown
from swim_tui.drivers.task import Task
from swim_tui.drivers.wait import Watch, probe_and_login
from swim_tui.errors import (
    AuthError,
    ConnectError,
    HostKeyError,
    InstallError,
    NoCommonAlgorithm,
    PromptTimeout,
    ReloadTimeout,
    SessionLost,
)
from swim_tui.model.job import OpStatus
from swim_tui.model.phase import Intent, OpFinished, OpStarted
from swim_tui.model.plan import Operation, OpKind
from swim_tui.parse import parse_show_reload


@dataclass(eq=False, kw_only=True)
class NeitherShown(InstallError):
    """It cannot be shown that the reload happened, nor that it did not: a person must look."""

    code: ClassVar[str] = "SWIM-7050"
    text: ClassVar[str] = "the reload may or may not have happened: {detail}"
    remedy: ClassVar[str] = "look at show version, show reload and show boot; then retry the failed devices"


def resume(task: Task, op: Operation, intent: Intent, at: datetime, what: str) -> None:
    """Stand where the attempt before stood when it announced this act."""
    task.op_id, task.op_kind = op.id, op.kind
    task.emit(OpStarted(op.id, task.now()))
    task.is_reload_sent, task.evidence, task.sent_at = True, dict(intent.evidence), at
    task.say(f"an earlier attempt announced this {what}: reading whether it happened")


def settle_reload(task: Task, operations: Sequence[Operation]) -> int:
    """Index of the operation to begin with: 0, or the wait after a reload that is shown to have happened."""
    intents = task.intents_of(OpKind.RELOAD)
    op = next((o for o in operations if o.kind is OpKind.RELOAD), None)
    if not intents or op is None:
        return 0
    intent, at = intents[-1]
    resume(task, op, intent, at, "reload")

    def judge(watch: Watch) -> int:
        if watch.shown is Shown.YES:
            task.emit(OpFinished(op.id, task.now(), OpStatus.SUCCESS, "shown to have happened by the boot time"))
            return list(operations).index(op) + 1
        if watch.shown is not Shown.NO:
            raise NeitherShown(detail=f"boot time {boot_words(task)}")
        pending = parse_show_reload(task.try_read("show reload") or "")
        if pending:
            raise NeitherShown(detail=f"a reload is pending: {pending}")
        task.say("shown not to have happened: same boot, nothing pending; it is sent again as second intent")
        task.is_reload_sent, task.sent_at = False, None
        return 0

    return settled(task, at, judge)


def settled(task: Task, at: datetime, judge: Callable[[Watch], int]) -> int:
    """What `judge` finds once it was read whether the act of `at` happened.

    A device that goes down under its looks is about to do what was asked of it: it is read again when it is back.
    """
    watch = Watch(task, task.evidence, at, task.clock.monotonic())
    while True:
        read_whether(task, watch)
        try:
            return judge(watch)
        except (AuthError, HostKeyError, NoCommonAlgorithm):
            raise
        except (ConnectError, SessionLost, PromptTimeout) as err:
            if watch.elapsed() >= task.waits.reload_limit_s:
                raise
            task.drop()
            watch.banner_since = None
            task.say(f"it went down while it was looked at ({type(err).__name__}): reading it again")


def read_whether(task: Task, watch: Watch) -> Shown:
    """Settle, then log in as after a reload and compare boot instants."""
    task.pause(task.waits.settle_s)
    limit = task.waits.reload_limit_s
    while watch.elapsed() < limit + task.waits.settle_s:
        if probe_and_login(watch):
            # A device seen down during this wait and up with the old boot was only hard to reach.
            return watch.shown
        task.progress_s(watch.elapsed(), limit, watch.note())
        task.pause(task.waits.poll_s)
    raise watch.auth_error or ReloadTimeout(limit_s=limit, detail=watch.last)


def boot_words(task: Task) -> str:
    facts = look.read_version(task)
    return facts.version.restarted or "not shown"
