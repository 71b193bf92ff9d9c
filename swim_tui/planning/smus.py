"""SMUs of XE 16 and later: alone on the release that runs, or after the image they belong to, one after another.

An SMU fits one release. Each is added, activated with a timer, proven and committed before the next begins: a device
refuses a second activation while the first is not committed, and only a committed base takes an SMU.
"""

from __future__ import annotations

from dataclasses import replace

from swim_tui.model.device_path import join_path, split_path
from swim_tui.model.image import SoftwareImage
from swim_tui.model.install import PackageStatus
from swim_tui.model.options import CommitMode
from swim_tui.model.plan import DevicePlan, Line, Operation, OpKind, Phase
from swim_tui.model.smu import fix_of, is_smu, is_smu_file, status_of
from swim_tui.model.version import same_version
from swim_tui.planning import bundle, install16
from swim_tui.planning.durations import words
from swim_tui.planning.install16 import PROCEED, install_limit_s, operation, success_words, unsaved
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation, Target
from swim_tui.planning.targets import file_on

_SMU_S = 120.0  # one `install activate` of an SMU, its reload apart
_PROOF = frozenset({OpKind.WAIT_RELOAD, OpKind.PROVE})


def narrowed(s: Situation) -> Situation:
    """What is left to do: an image that runs already is dropped, SMUs that are committed already too."""
    if not s.smus or s.options.force_reload:
        return s
    left = tuple(i for i in s.smus if status_of(s.facts.install, i.file_name) is not PackageStatus.COMMITTED)
    if not is_smu(s.image) and not install16.is_there(s):
        return replace(s, images=(s.image, *left))
    if not left:
        return s
    return replace(s, image=left[0], images=left)


def is_there(s: Situation) -> bool:
    """True when every SMU is committed and the image with them, if there is one, runs."""
    has_all = all(status_of(s.facts.install, i.file_name) is PackageStatus.COMMITTED for i in s.smus)
    return has_all and (is_smu(s.image) or install16.is_there(s))


def to_image(s: Situation) -> str:
    """What runs afterwards: the packages, as before."""
    return install16.to_image(s)


def activations(s: Situation) -> int:
    """How often the device goes down at most: once for the image, once for each SMU."""
    return len(s.smus) + (0 if is_smu(s.image) else 1)


def plan_operations(s: Situation, choice: ProtocolChoice, rate: float, outage_s: float) -> tuple[Operation, ...]:
    """All operations of this device, in order, for the phases asked for."""
    found: list[Operation] = [bundle.read_state(s)]
    if s.distributes:
        found += _distribution(s, choice, rate)
    if s.activates:
        found += _activation(s, outage_s)
    return tuple(found)


def backout_words(s: Situation, operations: tuple[Operation, ...], rollback_s: float) -> tuple[str, ...]:
    """How to go back, for the plan page: the SMUs first, then what they stand on."""
    if not any(op.kind is OpKind.INSTALL for op in operations):
        return install16.backout_words(s, operations, rollback_s)
    syntax, about = s.pack.install, words(rollback_s)
    found = []
    for smu in reversed(s.smus):
        off = syntax.smu_deactivate.format(fs=s.targets[0].name, path=_path(s, smu))
        found.append(f"{fix_of(smu.file_name)}: {off}, then {syntax.commit}, about {about} where it reloads")
    if s.options.commit is not CommitMode.WITH_ACTIVATION:
        found.append(f"what is not committed yet goes back with {syntax.abort}, or by its timer")
    if not is_smu(s.image):
        found += install16.backout_words(s, operations, rollback_s)
    return tuple(dict.fromkeys(found))


def activated_by(plan: DevicePlan) -> tuple[str, ...]:
    """Files of the SMUs that a plan put onto the release that ran already; () when it changed the release too."""
    if not same_version(plan.from_version, plan.to_version):
        return ()
    acts = (op for op in plan.operations if op.kind is OpKind.INSTALL and is_smu_file(op.path))
    return tuple(join_path(op.file_system, op.path) for op in acts)


def taken_back(s: Situation, base: DevicePlan, files: tuple[str, ...], outage_s: float) -> DevicePlan:
    """The plan of a rollback that takes SMUs off again, the last one first."""
    if s.facts.install is not None and s.facts.install.is_uncommitted():
        operations = install16.rollback_operations(s, s.pack.install.abort, outage_s)[:-1]  # nothing is left to commit
        return replace(base, operations=(bundle.read_state(s), *operations), outage_s=outage_s)
    active = [f for f in reversed(files) if status_of(s.facts.install, f) is PackageStatus.COMMITTED]
    if not active:
        return replace(base, skipped_because=f"{', '.join(fix_of(f) for f in files)} not active any more")
    found: list[Operation] = []
    for file in active:
        found += _off(s, file, outage_s, is_first=file == active[0])
    end = tuple(op for op in install16.proof_operations(s, Phase.ROLLBACK, outage_s) if op.kind is OpKind.POST_CHECKS)
    back = tuple(f"add and activate {fix_of(file)} again: its file stays on the device" for file in active)
    found = [bundle.read_state(s), *found, *end]
    return replace(base, operations=tuple(found), outage_s=outage_s * len(active), backout=back)


def _off(s: Situation, file: str, outage_s: float, *, is_first: bool) -> tuple[Operation, ...]:
    """Deactivate one SMU, wait, prove that it does not run any more, commit."""
    phase, (fs, path) = Phase.ROLLBACK, split_path(file)
    syntax, fix = s.pack.install, fix_of(path)
    text = syntax.smu_deactivate.format(fs=fs, path=path)
    limit = install_limit_s(s)
    line = Line(text, changes=True, expect=success_words(text), answers=(PROCEED, unsaved(s)), timeout_s=limit)
    show = Line(syntax.smu_show.format(fs=fs, path=path), expect="reload or not")
    act = operation(phase, OpKind.ROLLBACK, f"Taking {fix} back", (line, show), path)
    acts = install16.rollback_operations(s, text, outage_s)
    head = [
        op for op in acts if is_first and op.kind not in (OpKind.ROLLBACK, OpKind.COMMIT, *_PROOF, OpKind.POST_CHECKS)
    ]
    proof = [replace(op, id=f"{op.id}.{path}") for op in acts if op.kind in _PROOF]
    commit = replace(acts[-1], id=f"{acts[-1].id}.{path}", title=f"Committing without {fix}")
    return (*head, replace(act, file_system=fs, path=path), *proof, commit)


# --- distribution ---


def _path(s: Situation, smu: SoftwareImage) -> str:
    """Beside the image: an SMU is added from the flash the device boots from."""
    folder, _, _ = s.targets[0].path.rpartition("/")
    return f"{folder}/{smu.file_name}" if folder else smu.file_name


def _target(s: Situation, smu: SoftwareImage) -> Target:
    path = _path(s, smu)
    present = file_on(s.facts, join_path(s.targets[0].name, path))
    is_whole = present is not None and present.size_bytes == smu.size_bytes
    return Target(s.targets[0].file_system, path, smu.size_bytes, present, is_whole=is_whole)


def _distribution(s: Situation, choice: ProtocolChoice, rate: float) -> tuple[Operation, ...]:
    """As of the first file; the other SMUs are copied and verified after it, while the SCP server is still on."""
    first = install16.distribution(s, choice, rate)
    closing = tuple(op for op in first if op.kind is OpKind.DISABLE_SCP)
    more: list[Operation] = []
    for smu in s.smus:
        if smu.id == s.image.id:
            continue
        one, target = replace(s, image=smu), _target(s, smu)
        more.append(_named(bundle.copy_image(one, target, choice, rate), smu))
        if s.options.verify_hash:
            more.append(_named(bundle.verify_image(one, bundle.boot_image(one, target), Phase.DISTRIBUTE), smu))
    return (*(op for op in first if op not in closing), *more, *closing)


def _named(op: Operation, smu: SoftwareImage) -> Operation:
    return replace(op, id=f"{op.id}.{smu.file_name}")


# --- activation ---


def _activation(s: Situation, outage_s: float) -> tuple[Operation, ...]:
    """Pre-checks, the image if there is one, each SMU, and one look at the end at what was lost."""
    phase = Phase.ACTIVATE
    whole = install16.activation(s, outage_s, is_verified=s.distributes or s.verified_lately)
    end = tuple(op for op in whole if op.kind is OpKind.POST_CHECKS)
    begin = next(n for n, op in enumerate(whole) if op.kind in (OpKind.INSTALL_ADD, OpKind.INSTALL))
    head = [*whole[:begin], *_verified(s)]
    if not is_smu(s.image):
        head += [op for op in whole[begin:] if op.phase is phase and op.kind is not OpKind.POST_CHECKS]
        if not install16.is_one_step(s):
            title = f"Committing {s.image.version}: an SMU needs a committed release under it"
            head.append(replace(install16.commit_operation(s, phase), title=title))
    for smu in s.smus:
        head += _one(s, smu, outage_s, is_last=smu.id == s.smus[-1].id)
    last = s.options.commit is CommitMode.AFTER_PROOF
    closing = (install16.commit_operation(s, Phase.COMMIT),) if last else ()
    if closing:
        fixes = ", ".join(fix_of(smu.file_name) for smu in s.smus[-1:])
        closing = (replace(closing[0], title=f"Committing {fixes}"),)
    return (*head, *end, *closing)


def _verified(s: Situation) -> tuple[Operation, ...]:
    """Size, and hash where it is not fresh, of the SMUs beside the first file."""
    fresh, found = s.distributes or s.verified_lately, []
    for smu in s.smus:
        if smu.id == s.image.id:
            continue
        one = replace(s, image=smu)
        boot = bundle.boot_image(one, _target(s, smu))
        if fresh:
            boot = bundle.BootImage(boot.file_system, boot.path, boot.size_bytes)
        found.append(_named(bundle.verify_image(one, boot, Phase.ACTIVATE), smu))
    return tuple(found)


def _one(s: Situation, smu: SoftwareImage, outage_s: float, *, is_last: bool) -> tuple[Operation, ...]:
    """Add and activate, or both in one; wait, prove; commit, unless that is the last and a phase of its own."""
    phase, fs, path = Phase.ACTIVATE, s.targets[0].name, _path(s, smu)
    syntax, fix, limit = s.pack.install, fix_of(smu.file_name), install_limit_s(s)
    is_one_step = s.options.commit is CommitMode.WITH_ACTIVATION
    minutes = install16.auto_abort_minutes(s)
    show = Line(syntax.smu_show.format(fs=fs, path=path), expect=f"fits {smu.version}; reload or not")
    text = syntax.one_step if is_one_step else syntax.smu_activate
    text = text.format(fs=fs, path=path, minutes=minutes)
    line = Line(text, changes=True, expect=success_words(text), answers=(PROCEED, unsaved(s)), timeout_s=limit)
    note = "an SMU of the reload kind restarts the device; the other kind changes it as it runs"
    act = replace(
        operation(phase, OpKind.INSTALL, f"Activating {fix}", (line, show), smu.file_name),
        file_system=fs,
        path=path,
        expected_s=_SMU_S / s.waits.scale,
        commit_within_s=0.0 if is_one_step else minutes * 60.0 / s.waits.scale,
        note=note if is_one_step else f"{note}; goes back by itself {minutes} minutes after it unless it is committed",
    )
    found: list[Operation] = []
    if not is_one_step:
        adding = syntax.add.format(fs=fs, path=path)
        add = Line(adding, changes=True, expect=success_words(adding), answers=(unsaved(s),), timeout_s=limit)
        op = operation(phase, OpKind.INSTALL_ADD, f"Adding {fix}", (add,), smu.file_name)
        found.append(replace(op, file_system=fs, path=path, expected_s=_SMU_S / s.waits.scale))
    found.append(act)
    found += [_named(op, smu) for op in install16.proof_operations(s, phase, outage_s) if op.kind in _PROOF]
    if not is_one_step and not is_last:
        found.append(replace(_named(install16.commit_operation(s, phase), smu), title=f"Committing {fix}"))
    return tuple(found)
