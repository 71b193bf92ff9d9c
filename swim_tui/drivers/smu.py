"""SMUs among the packages of a device: which operation is about one, how it stands, whether it reloads."""

from __future__ import annotations

from swim_tui.drivers.failed import InstallFailed
from swim_tui.drivers.install_state import has_packages
from swim_tui.drivers.task import Task
from swim_tui.model.facts import Facts
from swim_tui.model.install import PackageStatus
from swim_tui.model.plan import Operation, OpKind
from swim_tui.model.smu import SmuDetail, fix_of, is_smu_file, status_of
from swim_tui.model.version import same_version
from swim_tui.parse import parse_smu

_THERE = frozenset({PackageStatus.INACTIVE, PackageStatus.UNCOMMITTED, PackageStatus.COMMITTED})
RUNS = frozenset({PackageStatus.UNCOMMITTED, PackageStatus.COMMITTED})
_ACTS = (OpKind.INSTALL, OpKind.ROLLBACK)


def is_of_smu(op: Operation | None) -> bool:
    """True for an operation on an SMU."""
    return op is not None and is_smu_file(op.path)


def act_before(task: Task, op: Operation) -> Operation | None:
    """The activation that a wait or a proof belongs to."""
    operations = task.plan.of_phase(op.phase)
    before = operations[: operations.index(op)] if op in operations else operations
    return next((o for o in reversed(before) if o.kind in _ACTS), None)


def is_installed(
    task: Task, op: Operation, facts: Facts, among: frozenset[PackageStatus] = _THERE, version: str = ""
) -> bool:
    """True when what the operation is about, an SMU or the image, is listed in one of these states."""
    if is_of_smu(op):
        return status_of(facts.install, op.path) in among
    return has_packages(facts, version or task.plan.to_version, among)


def is_done(task: Task, op: Operation, facts: Facts) -> bool:
    """True when the table shows what the act was to bring about: the SMU or the image runs, or the SMU is off."""
    if op.kind is OpKind.ROLLBACK and is_of_smu(op):
        return status_of(facts.install, op.path) not in RUNS
    return is_installed(task, op, facts, RUNS)


def subject(task: Task, op: Operation) -> str:
    """What the operation is about, in words."""
    return fix_of(op.path) if is_of_smu(op) else task.plan.to_version


def detail_of(task: Task, op: Operation) -> SmuDetail:
    """What the device says of the SMU; empty where it does not say. Errors: InstallFailed when it fits another
    release than the one it is to go onto."""
    show = next((line for line in op.lines if not line.changes), None)
    said = parse_smu(task.try_read(show.text) or "") if show is not None else None
    if said is None:
        return SmuDetail()
    wanted = task.plan.to_version
    if said.fits and wanted and not same_version(said.fits, wanted):
        raise InstallFailed(
            command=op.lines[0].text, detail=f"the device says that {op.path} is made for {said.fits}, not {wanted}"
        )
    return said


def not_as_planned(task: Task, op: Operation, facts: Facts) -> tuple[str, ...]:
    """SMUs that were activated before this proof and do not run, or were taken back and still do."""
    operations = task.plan.of_phase(op.phase)
    before = operations[: operations.index(op)] if op in operations else ()
    acts = {o.path: o for o in before if o.kind in _ACTS and is_of_smu(o)}
    return tuple(path for path, act in acts.items() if not is_done(task, act, facts))


def stays_up_since(task: Task, op: Operation, facts: Facts, spent_s: float) -> bool:
    """True when a device that is up has taken the SMU without a reload and none is to come."""
    if not is_done(task, op, facts):
        return False
    reloads = detail_of(task, op).reloads
    if reloads is None:  # not said: every reload begins within the limit of the platform
        return spent_s > task.pack.waits.drop_limit_s / task.waits.scale
    return not reloads
