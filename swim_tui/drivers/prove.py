"""Proof after the reload: boot instant, version, image, members; and what was lost (SPEC 8)."""

from __future__ import annotations

import re

from swim_tui.drivers import look
from swim_tui.drivers.instant import Shown, booted_since
from swim_tui.drivers.task import OpDone, Task
from swim_tui.errors import CheckFailed, VersionMismatch
from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device_path import join_path, same_file
from swim_tui.model.facts import Facts
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ChecksDone, FactsRead
from swim_tui.model.plan import DevicePlan, Operation
from swim_tui.model.readiness import not_ready
from swim_tui.model.version import same_version

# The last boot was not ours: the device came up with the new software, fell over and came up again.
_CRASH = re.compile(r"crash|exception|software.forced|watchdog|bus error|address error|kernel panic", re.IGNORECASE)


def judge(facts: Facts, plan: DevicePlan, target: str) -> Outcome:
    """Upgraded, Back on old image or Other image running, from what was re-read."""
    running = facts.version.image_file
    versions = (facts.version.version, facts.version.ios_version)
    is_version = not plan.to_version or any(v and same_version(v, plan.to_version) for v in versions)
    is_target, is_old = same_file(running, target, facts), same_file(running, plan.from_image, facts)
    if is_target and is_version:
        return Outcome.UPGRADED
    # Every release runs from packages.conf: only the version tells them apart.
    if is_old and (not is_target or any(v and same_version(v, plan.from_version) for v in versions)):
        return Outcome.BACK_ON_OLD
    return Outcome.OTHER_IMAGE


def prove(task: Task, op: Operation) -> OpDone:
    """Read everything again and compare it with the plan. Errors: VersionMismatch, CheckFailed (members)."""
    facts = _ready_facts(task)
    task.proven = facts
    task.emit(FactsRead(facts))
    if task.sent_at is not None and booted_since(task.evidence, facts, task.sent_at) is Shown.NO:
        raise CheckFailed(check="Boot time", expected="after the reload command", actual=facts.version.restarted)
    target = join_path(op.file_system, op.path)
    task.outcome = judge(facts, task.plan, target)
    said = f"{facts.version.version} from {facts.version.image_file}"
    if task.outcome is not Outcome.UPGRADED:
        raise VersionMismatch(expected=f"{task.plan.to_version or 'the new image'} from {target}", actual=said)
    _check_members(task, facts)
    register = facts.version.config_register
    reason = f"; reload reason: {facts.version.reload_reason}" if facts.version.reload_reason else ""
    words = f"runs {said}{f', register {register}' if register else ''}{reason}"
    if _CRASH.search(facts.version.reload_reason):
        return OpDone(f"{words}; it crashed on its way: look at show logging and the crashinfo", is_warning=True)
    return OpDone(words)


def _ready_facts(task: Task) -> Facts:
    """Facts once every member is ready, or what they are when the limit is over."""
    started = task.clock.monotonic()
    while True:
        with task.shielded():
            facts = look.read_all(task)
        if not not_ready(facts) or task.clock.monotonic() - started >= task.waits.reload_limit_s:
            return facts
        spent = task.clock.monotonic() - started
        task.progress_s(spent, task.waits.reload_limit_s, f"members not ready: {', '.join(not_ready(facts))}")
        task.pause(max(1.0, task.waits.poll_s))


def _check_members(task: Task, facts: Facts) -> None:
    bad = [*not_ready(facts), *_other_versions(task.plan, facts)]
    if bad:
        task.outcome = Outcome.MEMBER_NOT_READY
        action = "look at show switch / show redundancy"
        raise CheckFailed(check="Members", expected="all ready", actual=", ".join(bad), action=action)


def _other_versions(plan: DevicePlan, facts: Facts) -> list[str]:
    """Members that say they run something else than the active."""
    good = [v for v in (plan.to_version, facts.version.version, facts.version.ios_version) if v]
    said = [m for m in facts.members if m.version]
    return [f"{m.number} {m.version}" for m in said if not any(same_version(m.version, v) for v in good)]


def post_checks(task: Task, op: Operation) -> OpDone:
    """After a soak: still the same boot, interfaces and neighbours as before; a loss is a warning."""
    _soak(task, op)
    commands = tuple(line.text for line in op.lines)
    with task.shielded():
        facts = look.read_facts(task, (*look.VERSION_COMMANDS, *commands))
    proven = task.proven
    if proven is not None and proven.version.restarted != facts.version.restarted:
        task.outcome = Outcome.FAILED
        actual = f"reloaded again: {facts.version.reload_reason or facts.version.restarted}"
        raise CheckFailed(check="Stability", expected="no further reload", actual=actual, action="look at show logging")
    checks = tuple(
        _compare(name, before, after)
        for name, before, after in (
            ("Interfaces up", task.evidence.get("interfaces"), facts.interfaces_up),
            ("Neighbours", task.evidence.get("neighbours"), facts.neighbours),
        )
        if before is not None
    )
    task.emit(ChecksDone(op.id, checks))
    lost = [c for c in checks if c.verdict is not Verdict.OK]
    if lost:
        return OpDone("; ".join(f"{c.name}: {c.actual}" for c in lost), is_warning=True)
    return OpDone("nothing was lost" if checks else "there is no reading from before to compare with")


def _soak(task: Task, op: Operation) -> None:
    total = task.waits.soak_s
    started = task.clock.monotonic()
    while (spent := task.clock.monotonic() - started) < total:
        task.progress_s(spent, total, "watching")
        if task.ctx.wait(min(max(1.0, task.waits.poll_s), total - spent)):
            return


def _compare(name: str, before: str, after: tuple[str, ...]) -> Check:
    had = [entry for entry in before.split("\n") if entry]
    gone = [entry for entry in had if entry not in after]
    if gone:
        shown = f"{len(gone)} of {len(had)} lost: {', '.join(gone[:8])}"
        return Check(name, Verdict.WARNING, f"{len(had)} as before", shown, "look at these")
    return Check(name, Verdict.OK, f"{len(had)} as before", f"{len(after)}")
