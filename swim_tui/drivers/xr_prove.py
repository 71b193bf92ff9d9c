"""Checks of IOS-XR right before the change, proof after it, and what was lost: nodes, FPDs, failed configuration."""

from __future__ import annotations

from swim_tui.drivers import look
from swim_tui.drivers.instant import Shown, booted_since
from swim_tui.drivers.prove import post_checks
from swim_tui.drivers.task import OpDone, Task
from swim_tui.drivers.xr_request import wait_idle
from swim_tui.drivers.xr_settle import added_before
from swim_tui.errors import CheckFailed, VersionMismatch
from swim_tui.model.checks import FPD, Check, Verdict
from swim_tui.model.facts import Facts
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ChecksDone, FactsRead
from swim_tui.model.plan import Operation
from swim_tui.model.version import same_version

_MAX_SHOWN = 8


def _check(name: str, ok: bool, expected: str, actual: str, action: str) -> Check:
    return Check(name, Verdict.OK if ok else Verdict.FAILED, expected, actual, "" if ok else action)


def pre_checks_xr(task: Task, op: Operation) -> OpDone:
    """Read the router and stop when something that the plan stands on has changed.

    Packages that an earlier attempt adds are waited for first: that is our own work, not somebody else's.
    """
    if added_before(task) is not None:
        wait_idle(task, task.pack.waits.install_limit_s / task.waits.scale)
    commands = dict.fromkeys((*task.pack.read_commands, *task.pack.install.state, *(li.text for li in op.lines)))
    facts = look.read_facts(task, tuple(commands))
    task.before = facts
    task.emit(FactsRead(facts))
    checks = tuple(_before(task, facts))
    task.emit(ChecksDone(op.id, checks))
    failed = next((c for c in checks if c.verdict is Verdict.FAILED), None)
    if failed is not None:
        raise CheckFailed(check=failed.name, expected=failed.expected, actual=failed.actual, action=failed.action)
    return OpDone(f"{len(facts.interfaces_up)} interfaces up, {len(facts.neighbours)} neighbours")


def _before(task: Task, facts: Facts) -> list[Check]:
    plan, version, install = task.plan, facts.version.version, facts.install
    busy = install is not None and bool(install.is_busy())
    pending = install.is_uncommitted() if install is not None else None
    back = plan.of_phase(task.request.phase)
    goes_back = any("rollback" in li.text or li.text.startswith("reload") for o in back for li in o.lines if li.changes)
    down = down_nodes(facts)
    return [
        _check("Running version", same_version(version, plan.from_version), plan.from_version, version, "plan again"),
        _check("Install in progress", not busy, "none", "one runs" if busy else "none", "wait for its end"),
        _check(
            "Committed", goes_back or not pending, "committed", "not committed" if pending else "committed", "commit"
        ),
        _check("Nodes", not down, "IOS XR RUN", ", ".join(down) or "all run", "look at show platform"),
    ]


def down_nodes(facts: Facts) -> list[str]:
    """Nodes that should run XR and do not."""
    return [f"{n.name} {n.state}" for n in facts.nodes if n.is_cpu and not n.is_healthy]


def _missing_nodes(task: Task, facts: Facts) -> list[str]:
    """Nodes that ran before and are not listed any more."""
    had = task.before.nodes if task.before is not None else ()
    now = {n.name for n in facts.nodes}
    return [f"{n.name} gone" for n in had if n.is_cpu and n.is_healthy and n.name not in now]


def prove_xr(task: Task, op: Operation) -> OpDone:
    """Boot, version, active packages and nodes. Errors: VersionMismatch, CheckFailed."""
    facts = _settled(task)
    task.proven = facts
    task.emit(FactsRead(facts))
    sent = None if task.stays_up else task.sent_at
    if sent is not None and booted_since(task.evidence, facts, sent) is Shown.NO:
        raise CheckFailed(check="Boot time", expected="after the activation", actual="booted before it")
    version, plan = facts.version.version, task.plan
    if not same_version(version, plan.to_version):
        is_old = same_version(version, plan.from_version)
        task.outcome = Outcome.BACK_ON_OLD if is_old else Outcome.OTHER_IMAGE
        raise VersionMismatch(expected=plan.to_version, actual=version)
    task.outcome = Outcome.UPGRADED
    bad = [*down_nodes(facts), *_missing_nodes(task, facts)]
    if bad:
        task.outcome = Outcome.MEMBER_NOT_READY
        action = "look at show platform"
        raise CheckFailed(check="Nodes", expected="IOS XR RUN", actual=", ".join(bad), action=action)
    active = facts.install.active if facts.install is not None else None
    if active is None:
        return OpDone(f"runs {version}; active packages were not understood", is_warning=True)
    return OpDone(f"runs {version}, {len(active.packages)} packages active")


def _settled(task: Task) -> Facts:
    """Facts once every node runs, or what they are when the limit is over."""
    started, limit = task.clock.monotonic(), max(task.waits.reload_limit_s, _ready_s(task))
    while True:
        with task.shielded():
            facts = look.read_facts(task, tuple(dict.fromkeys((*task.pack.read_commands, *task.pack.install.state))))
        bad = [*down_nodes(facts), *_missing_nodes(task, facts)]
        spent = task.clock.monotonic() - started
        if not bad or spent >= limit:
            return facts
        task.progress_s(spent, limit, f"not ready: {', '.join(bad[:_MAX_SHOWN])}")
        task.pause(max(1.0, task.waits.poll_s))


def _ready_s(task: Task) -> float:
    return task.pack.waits.ready_limit_s / task.waits.scale


def fpds_pending(facts: Facts) -> list[str]:
    """FPDs that wait for an upgrade or a reload of their card."""
    return [f"{f.location} {f.device}" for f in facts.fpds or () if f.needs_upgrade or f.needs_reload]


def post_checks_xr(task: Task, op: Operation) -> OpDone:
    """Interfaces and neighbours as ever, then configuration that was not taken, and FPDs."""
    done = post_checks(task, op)
    with task.shielded():
        facts = look.read_facts(task, (*look.VERSION_COMMANDS, *(line.text for line in op.lines)))
    failed, fpds = facts.failed_config, fpds_pending(facts)
    checks = (
        Check(
            "Startup configuration",
            Verdict.OK if failed == () else Verdict.WARNING,
            "taken whole",
            "not known" if failed is None else f"{len(failed)} lines not taken" if failed else "taken whole",
            "" if failed == () else "look at show configuration failed startup",
        ),
        Check(
            FPD,
            Verdict.WARNING if fpds else Verdict.OK,
            "current",
            ", ".join(fpds[:_MAX_SHOWN]) or "current",
            f"type: {task.pack.install.fpd_upgrade}, then reload the cards" if fpds else "",
        ),
    )
    task.emit(ChecksDone(op.id, checks))
    words = [f"{c.name}: {c.actual}" for c in checks if c.verdict is not Verdict.OK]
    if not words:
        return done
    return OpDone("; ".join([done.message, *words] if done.is_warning else words), is_warning=True)
