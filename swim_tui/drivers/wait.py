"""Waiting for a device that reloads: probes without login, few logins, a limit (SPEC 8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from swim_tui.drivers import look
from swim_tui.drivers.instant import Shown, booted_since
from swim_tui.drivers.task import OpDone, Task
from swim_tui.errors import (
    AuthError,
    CommandError,
    ConnectError,
    HostKeyError,
    NoCommonAlgorithm,
    PromptTimeout,
    ReloadTimeout,
    SessionLost,
)
from swim_tui.model.facts import Facts
from swim_tui.model.plan import Operation
from swim_tui.net.contract import Probe, ProbeStage

_PROBE_S = 5.0
# Uptime has minutes only: what it cannot show now it shows within two of them.
_UNSURE_S = 125.0
_WORDS = {
    ProbeStage.UNREACHABLE: "no answer",
    ProbeStage.REFUSED: "ssh refused",
    ProbeStage.CLOSED: "closed before the banner",
    ProbeStage.BANNER: "ssh banner",
}


@dataclass
class Watch:
    """One wait: what was seen, when a login is due."""

    task: Task
    evidence: Mapping[str, str]
    sent_at: datetime
    started: float
    was_down: bool = False
    banner_since: float | None = None
    last_login: float | None = None
    refused_logins: int = 0
    auth_error: AuthError | None = None
    last: str = "not probed"
    unsure_since: float | None = None
    shown: Shown = Shown.UNKNOWN
    facts: Facts | None = None
    while_up: Callable[[], None] | None = None  # looks at a device that is up and has not reloaded
    proves: Callable[[Facts], bool] | None = None  # what else shows a boot, where uptime has minutes only

    def elapsed(self) -> float:
        """Seconds since the wait began."""
        return self.task.clock.monotonic() - self.started

    def take(self, probe: Probe) -> None:
        """Remember what a probe saw."""
        self.last = _WORDS[probe.stage]
        if probe.stage is not ProbeStage.BANNER:
            self.was_down = True
            self.banner_since = None
        elif self.banner_since is None:
            self.banner_since = self.task.clock.monotonic()

    def login_is_due(self) -> bool:
        """First login a while after the banner, then at most one per interval; not while it may be going down."""
        waits, now = self.task.waits, self.task.clock.monotonic()
        if self.banner_since is None or now - self.banner_since < waits.first_login_after_banner_s:
            return False
        if self.last_login is not None and now - self.last_login < waits.login_interval_s:
            return False
        return self.was_down or self.elapsed() >= waits.settle_s

    def note(self) -> str:
        """For the countdown: the last probe, seconds of the limit."""
        return f"{self.last}, {self.elapsed():.0f} s of {self.task.waits.reload_limit_s:.0f} s"


def wait_reload(task: Task, op: Operation) -> OpDone:
    """Wait until the device has booted after the command and lets us in. Errors: ReloadTimeout, AuthError."""
    return wait_for_boot(task)


def wait_for_boot(
    task: Task, while_up: Callable[[], None] | None = None, proves: Callable[[Facts], bool] | None = None
) -> OpDone:
    """As `wait_reload`; `while_up` is called after each look that shows the boot from before, and may raise;
    `proves` decides by what was read where uptime does not."""
    if task.sent_at is None:
        raise CommandError(command="reload", detail="no reload was sent")
    watch = Watch(task, task.evidence, task.sent_at, task.clock.monotonic(), while_up=while_up, proves=proves)
    limit = task.waits.reload_limit_s
    while watch.elapsed() < limit:
        if probe_and_login(watch) and watch.shown is not Shown.NO and _is_sure(watch):
            return OpDone(f"back after {watch.elapsed():.0f} s")
        task.progress_s(watch.elapsed(), limit, watch.note())
        task.pause(task.waits.poll_s)
    raise _gave_up(watch)


def probe_and_login(watch: Watch) -> bool:
    """One probe, and a login when it is due; True when logged in and the version was read."""
    task = watch.task
    watch.take(task.net.probe(task.endpoint, timeout_s=_PROBE_S))
    if watch.banner_since is None or not watch.login_is_due():
        return False
    watch.last_login = task.clock.monotonic()
    task.connects_again = False  # this loop has its own pace
    try:
        with task.shielded():
            watch.facts = look.read_version(task)
    except AuthError as err:
        task.drop()
        watch.refused_logins += 1
        watch.auth_error = err
        watch.last = f"login refused ({watch.refused_logins} of {task.waits.max_logins})"
        if watch.refused_logins >= task.waits.max_logins:
            raise
        return False
    except (HostKeyError, NoCommonAlgorithm):
        raise
    except (ConnectError, CommandError) as err:
        task.drop()
        watch.banner_since = None
        watch.last = f"not ready: {type(err).__name__}"
        return False
    finally:
        task.connects_again = True
    watch.shown = booted_since(watch.evidence, watch.facts, watch.sent_at)
    if watch.shown is Shown.NO:
        watch.last = "still up, not reloaded yet"
        _look_while_up(watch)
        task.drop()
    return True


def _look_while_up(watch: Watch) -> None:
    """The look a class takes before the boot; a device that goes down under it is what is waited for."""
    if watch.while_up is None:
        return
    watch.task.connects_again = False
    try:
        watch.while_up()
    except (AuthError, HostKeyError, NoCommonAlgorithm):
        raise
    except (ConnectError, SessionLost, PromptTimeout) as err:
        watch.last = f"went down while it was looked at: {type(err).__name__}"
    finally:
        watch.task.connects_again = True


def _is_sure(watch: Watch) -> bool:
    """Booted for sure; where only minutes of uptime are known, look again until they decide."""
    if watch.shown is Shown.YES:
        return True
    if watch.proves is not None and watch.facts is not None and watch.proves(watch.facts):
        return True
    now = watch.task.clock.monotonic()
    watch.unsure_since = watch.unsure_since if watch.unsure_since is not None else now
    watch.last = "up, boot time not shown yet"
    return watch.was_down and now - watch.unsure_since >= _UNSURE_S


def _gave_up(watch: Watch) -> Exception:
    task = watch.task
    limit = task.waits.reload_limit_s
    if watch.shown is Shown.NO and not watch.was_down:
        task.is_reload_sent = False  # shown not to have happened: what was prepared is taken back
        return CommandError(command="reload", detail=f"the device stayed up for {limit:.0f} s and did not reload")
    if watch.auth_error is not None and watch.banner_since is not None:
        return watch.auth_error
    return ReloadTimeout(limit_s=limit, detail=watch.last)
