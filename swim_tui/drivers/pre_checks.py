"""Checks on the device right before its change; what is read here is compared with after the reload."""

from __future__ import annotations

from swim_tui.drivers import look
from swim_tui.drivers.task import OpDone, Task
from swim_tui.errors import CheckFailed
from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device_path import same_file
from swim_tui.model.facts import Facts
from swim_tui.model.options import DirtyConfig
from swim_tui.model.phase import ChecksDone, FactsRead
from swim_tui.model.plan import Operation
from swim_tui.model.version import same_version


def pre_checks(task: Task, op: Operation) -> OpDone:
    """Read the device and stop when something that the plan stands on has changed."""
    commands = dict.fromkeys((*task.pack.read_commands, *(line.text for line in op.lines)))
    facts = look.read_deep(task, task.pack, tuple(commands))
    task.before = facts
    task.emit(FactsRead(facts))
    checks = tuple(_checks(task, facts))
    task.emit(ChecksDone(op.id, checks))
    failed = next((c for c in checks if c.verdict is Verdict.FAILED), None)
    if failed is not None:
        raise CheckFailed(check=failed.name, expected=failed.expected, actual=failed.actual, action=failed.action)
    warned = [c for c in checks if c.verdict is Verdict.WARNING]
    if warned:
        return OpDone("; ".join(f"{c.name}: {c.actual}" for c in warned), is_warning=True)
    return OpDone(f"{len(facts.interfaces_up)} interfaces up, {len(facts.neighbours)} neighbours")


def _check(name: str, ok: bool, expected: str, actual: str, action: str) -> Check:
    return Check(name, Verdict.OK if ok else Verdict.FAILED, expected, actual, "" if ok else action)


def _checks(task: Task, facts: Facts) -> list[Check]:
    plan = task.plan
    running, version = facts.version.image_file, facts.version.version
    found = [
        _check("Running image", same_file(running, plan.from_image, facts), plan.from_image, running, "plan again"),
        _check("Running version", _is_version(plan.from_version, facts), plan.from_version, version, "plan again"),
        _check("Pending reload", not facts.pending_reload, "none", facts.pending_reload or "none", "reload cancel"),
        _check("Configuration lock", not facts.config_locked_by, "free", facts.config_locked_by or "free", "wait"),
    ]
    if task.pack.checks_manual_boot:
        manual = any(b.manual_boot for b in facts.boot)
        found.append(_check("Manual Boot", not manual, "no", "yes" if manual else "no", "type: no boot manual"))
    found.append(_register(task, facts))
    found.append(_dirty(task, facts))
    return found


def _is_version(planned: str, facts: Facts) -> bool:
    """What runs is what was planned for: with packages the name of the running image says nothing."""
    now = facts.version.version
    return not planned or planned == now or same_version(planned, now)


def _register(task: Task, facts: Facts) -> Check:
    state, version = facts.boot_state(), facts.version
    now = state.config_register or version.config_register
    later = state.config_register_next or version.config_register_next or now
    good = [g.lower() for g in task.pack.good_config_registers]
    expected = ", ".join(task.pack.good_config_registers)
    return _check("Config register", not later or later.lower() in good, expected, later or "none", "set it, then save")


def _dirty(task: Task, facts: Facts) -> Check:
    count = f"{len(facts.config_diff)} lines are not saved"
    if not facts.config_dirty:
        return Check("Saved configuration", Verdict.OK, "saved", "saved")
    if task.request.options.dirty_config is DirtyConfig.EXCLUDE:
        return Check("Saved configuration", Verdict.FAILED, "saved", count, "save or discard them")
    return Check("Saved configuration", Verdict.WARNING, "saved", f"{count}; saved with the boot variable")
