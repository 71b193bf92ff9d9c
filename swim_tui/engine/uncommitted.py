"""Devices that run what they have not committed: how their record changes, and until when they must be. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from swim_tui.engine.records import DeviceSync
from swim_tui.model.facts import Facts
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import PhaseResult, PhaseStatus
from swim_tui.model.plan import Phase

_LATER = timedelta(minutes=2)
ALARMS = (50, 80, 100)
"""Per cent of the time from the activation to the deadline at which a person is told."""

# After these the old software runs on: nothing was activated.
_NOT_ACTIVATED = frozenset(
    {Outcome.NONE, Outcome.CANCELLED, Outcome.INSTALL_FAILED, Outcome.NOT_AUTHORISED, Outcome.BACK_ON_OLD}
)


def activated(sync: DeviceSync, at: datetime, within_s: float) -> DeviceSync:
    """An activation is about to be sent: the deadline counts from it."""
    return replace(sync, commit_by=at + timedelta(seconds=within_s), activated_at=at, alarmed=0)


def committed(sync: DeviceSync) -> DeviceSync:
    """Nothing waits for a commit."""
    return replace(sync, uncommitted="", commit_by=None, activated_at=None, alarmed=0)


def as_read(sync: DeviceSync, facts: Facts) -> DeviceSync:
    """What a reading of the device says; its own timer is the truth where it shows one."""
    install = facts.install
    pending = install.is_uncommitted() if install is not None else None
    if install is None or pending is None:
        return sync
    if not pending:
        return committed(sync)
    sync = replace(sync, uncommitted=f"runs {facts.version.version}")
    timer = install.auto_abort
    if timer is None:
        return sync
    if not timer.is_active:
        return replace(sync, commit_by=None, activated_at=None, alarmed=0)
    if timer.remaining_s is None:
        return sync
    by = facts.read_at + timedelta(seconds=timer.remaining_s)
    if sync.commit_by is not None and timedelta(0) <= by - sync.commit_by <= _LATER:
        return sync  # the tool counts from the command, the device from a little later
    if sync.commit_by is None or by > sync.commit_by:  # a timer that somebody else started
        return replace(sync, commit_by=by, activated_at=facts.read_at, alarmed=0)
    return replace(sync, commit_by=by)


def ended(sync: DeviceSync, phase: Phase, result: PhaseResult) -> DeviceSync:
    """What the end of a phase says."""
    is_good = result.status is PhaseStatus.SUCCESS and result.outcome is not Outcome.NOT_COMMITTED
    if result.outcome is Outcome.UPGRADED or (is_good and phase in (Phase.COMMIT, Phase.ROLLBACK)):
        return committed(sync)
    if result.outcome is Outcome.NOT_COMMITTED:
        by = result.commit_by or sync.commit_by
        version = f"runs {result.proven_version}" if result.proven_version else ""
        return replace(sync, uncommitted=version or sync.uncommitted or "activated", commit_by=by)
    if phase is not Phase.ACTIVATE or result.status is PhaseStatus.SUCCESS:
        return sync
    if result.outcome in _NOT_ACTIVATED:
        return sync if sync.uncommitted else committed(sync)
    if sync.commit_by is not None and not sync.uncommitted:
        return replace(sync, uncommitted=f"activated, {result.outcome.lower() or 'not proven'}")
    return sync


def words_of(sync: DeviceSync, now: datetime) -> str:
    """What a person should know: what it runs, and what happens without a commit; "" when nothing waits."""
    if not sync.uncommitted:
        return ""
    if sync.commit_by is None:
        return f"{sync.uncommitted}; a reload brings the old software back"
    by = f"{sync.commit_by:%Y-%m-%d %H:%M:%S} UTC"
    if now >= sync.commit_by:
        return f"{sync.uncommitted}; was to be committed before {by}: synchronise it to see what it runs"
    return f"{sync.uncommitted}; goes back by itself at {by}"


def alarm_of(sync: DeviceSync, now: datetime) -> int:
    """Per cent of the newest alarm that is due and was not given, 0 when there is none."""
    due = [percent for percent in ALARMS if percent > sync.alarmed and now >= _instant(sync, percent)]
    return max(due, default=0)


def next_alarm_at(sync: DeviceSync) -> datetime | None:
    """When the next alarm is due, None when there is none to come."""
    if sync.commit_by is None:
        return None
    return next((_instant(sync, percent) for percent in ALARMS if percent > sync.alarmed), None)


def _instant(sync: DeviceSync, percent: int) -> datetime:
    if sync.commit_by is None:
        return datetime.max.replace(tzinfo=(sync.at.tzinfo))
    began = sync.activated_at or sync.at
    return began + (sync.commit_by - began) * percent / 100
