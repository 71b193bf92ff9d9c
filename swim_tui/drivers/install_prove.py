"""Proof of an install: what every activation proves, then packages, members and what waits for a commit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from swim_tui.drivers.install_state import has_packages
from swim_tui.drivers.prove import prove
from swim_tui.drivers.smu import not_as_planned
from swim_tui.drivers.task import OpDone, Task
from swim_tui.errors import CheckFailed
from swim_tui.model.device import DeviceClass
from swim_tui.model.facts import BootMode, Facts
from swim_tui.model.install import PackageStatus
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import Operation
from swim_tui.model.version import same_version

_RUNS = frozenset({PackageStatus.UNCOMMITTED, PackageStatus.COMMITTED})
_DEFAULT_S = 7200.0  # the timer of an activation that names none
_NO_TABLE = frozenset({DeviceClass.XE3_INSTALL, DeviceClass.XE_SUBPKG})


def prove_packages(task: Task, op: Operation) -> OpDone:
    """Boot, version and members as ever; then the package table, the mode of all members and the timer."""
    done = prove(task, op)
    facts = task.proven
    if facts is None:  # prove sets it or raises
        return done
    _members(task, facts)
    version = task.plan.to_version
    install = facts.install
    if (install is None or not install.packages) and task.plan.device_class in _NO_TABLE:
        return done
    if install is None or not install.packages:
        return OpDone(f"{done.message}; the package table was not understood", is_warning=True)
    if not has_packages(facts, version, _RUNS):
        task.outcome = Outcome.FAILED
        rows = ", ".join(f"{p.name} {p.status}" for p in install.packages)
        raise CheckFailed(check="Packages", expected=f"{version} activated", actual=rows or "none")
    missing = not_as_planned(task, op, facts)
    if missing:
        task.outcome = Outcome.BACK_ON_OLD
        rows = ", ".join(f"{p.name} {p.status}" for p in install.packages)
        raise CheckFailed(check="SMU", expected=f"{', '.join(missing)} as planned", actual=rows)
    if install.is_uncommitted():
        task.commit_by = _commit_by(task, facts)
        return replace(done, message=f"{done.message}; to be committed before {task.commit_by:%Y-%m-%d %H:%M:%S} UTC")
    return replace(done, message=f"{done.message}; committed")


def _members(task: Task, facts: Facts) -> None:
    """Every member runs the version, from packages."""
    wrong = []
    for member in facts.members:
        if member.version and not same_version(member.version, task.plan.to_version):
            wrong.append(f"{member.number} {member.version}")
        elif member.mode is BootMode.BUNDLE:
            wrong.append(f"{member.number} in bundle mode")
    if facts.install is not None:
        wrong += list(facts.install.disagreeing())
    if wrong:
        task.outcome = Outcome.MEMBER_NOT_READY
        raise CheckFailed(
            check="Members",
            expected=f"all run {task.plan.to_version} from packages",
            actual=", ".join(wrong),
            action="look at show switch and show install summary",
        )


def _commit_by(task: Task, facts: Facts) -> datetime:
    """Counted from the activation by the planned minutes, or earlier if the device's own timer says so."""
    within_s = task.plan.commit_within_s or _DEFAULT_S / task.waits.scale
    ours = (task.sent_at or facts.read_at) + timedelta(seconds=within_s)
    timer = facts.install.auto_abort if facts.install is not None else None
    if timer is None or timer.remaining_s is None:
        return ours
    return min(ours, facts.read_at + timedelta(seconds=timer.remaining_s))
