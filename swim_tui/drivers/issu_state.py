"""Looks at an ISSU under way, through a switchover and the restart of a processor."""

from __future__ import annotations

from collections.abc import Callable

from swim_tui.drivers import look
from swim_tui.drivers.task import Task
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
from swim_tui.model.install import IssuStage
from swim_tui.model.version import same_version
from swim_tui.net.contract import ProbeStage

_PROBE_S = 5.0
_REDUNDANCY = "show redundancy states"


def read(task: Task) -> Facts:
    """Version, redundancy and the state of the ISSU."""
    shows = task.pack.issu.show if task.pack.issu is not None else ()
    return look.read_facts(task, tuple(dict.fromkeys((*look.VERSION_COMMANDS, _REDUNDANCY, *shows))))


def stage_of(facts: Facts) -> IssuStage | None:
    """How far it is; None when the device does not say."""
    return facts.issu.stage if facts.issu is not None else None


def is_hot(facts: Facts) -> bool:
    """True when the standby could take over."""
    return "STANDBY HOT" in facts.redundancy.peer_state.upper()


def runs(facts: Facts, version: str) -> bool:
    """True when the active runs this version."""
    said = (facts.version.version, facts.version.ios_version)
    return any(v and same_version(v, version) for v in said)


def wait_for(task: Task, is_done: Callable[[Facts], bool], limit_s: float, what: str) -> Facts:
    """Read until it is done; the session may end meanwhile, logins keep the pace of a reload.

    Errors: what `is_done` raises, ReloadTimeout, AuthError after the allowed number of refused logins.
    """
    started, last_login, refused, last = task.clock.monotonic(), -1e9, 0, "not read yet"
    while (spent := task.clock.monotonic() - started) < limit_s:
        is_due = task.clock.monotonic() - last_login >= task.waits.login_interval_s
        if not task.is_connected and not (is_due and _answers(task)):
            task.progress_s(spent, limit_s, f"{what}: {last}")
            task.pause(task.waits.poll_s)
            continue
        last_login = last_login if task.is_connected else task.clock.monotonic()
        task.connects_again = False  # this loop has its own pace
        try:
            with task.shielded():
                facts = read(task)
        except AuthError:
            task.drop()
            refused, last = refused + 1, "login refused"
            if refused >= task.waits.max_logins:
                raise
            continue
        except (HostKeyError, NoCommonAlgorithm):
            raise
        except (ConnectError, CommandError, SessionLost, PromptTimeout) as err:
            task.drop()
            last = f"not ready: {type(err).__name__}"
            continue
        finally:
            task.connects_again = True
        if is_done(facts):
            return facts
        last = f"{stage_of(facts) or 'up'}, standby {facts.redundancy.peer_state or 'not shown'}"
        task.progress_s(spent, limit_s, f"{what}: {last}")
        task.pause(task.waits.poll_s)
    raise ReloadTimeout(limit_s=limit_s, detail=f"{what}: {last}")


def _answers(task: Task) -> bool:
    return task.net.probe(task.endpoint, timeout_s=_PROBE_S).stage is ProbeStage.BANNER
