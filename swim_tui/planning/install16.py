"""Operations of devices that run packages of XE 16 and later: `install add/activate/commit` (DEVICE_FACTS 6.4)."""

from __future__ import annotations

import math
from dataclasses import replace

from swim_tui.model.device_path import join_path
from swim_tui.model.options import CommitMode, DirtyConfig
from swim_tui.model.plan import Answer, Line, Operation, OpKind, Phase
from swim_tui.model.version import same_version
from swim_tui.planning import bundle
from swim_tui.planning.bundle import BootImage
from swim_tui.planning.checks_device import boot_targets
from swim_tui.planning.checks_issu import is_in_service
from swim_tui.planning.durations import limit_s, words
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation, runs_bundle

PACKAGES_CONF = "packages.conf"
PROCEED = Answer(r"do you want to proceed\?\s*\[y/n\]\s*$", "y", why="the install and its reload are in the plan")
BOOT_CHANGED = Answer(
    r"changed boot config to \S*packages\.conf\s*\[y/n\]\s*$", "y", why="the boot variable was set before"
)
_REMOVE = r"remove the above files\?\s*\[y/n\]\s*$"
_DELETE = r"proceed with the deletion\?\s*\[yes/no\]:?\s*$"
_SEE, _CHECKED = "only to see the list", "the list was checked against the plan"
KEEP_FILES = (
    Answer(_REMOVE, "n", why=_SEE),
    Answer(_DELETE, "no", why=_SEE),
    Answer(PROCEED.pattern, "n", why=_SEE),  # request platform software package clean
)
REMOVE_FILES = (
    Answer(_REMOVE, "y", why=_CHECKED),
    Answer(_DELETE, "yes", why=_CHECKED),
    Answer(PROCEED.pattern, "y", why=_CHECKED),
)
_WORDS = ("install", "add", "activate", "deactivate", "commit", "abort", "rollback", "remove")
_LEAST_INSTALL_S = 60.0
_INSTALL_S = 600.0  # one install of a 9300, from START to SUCCESS


def packages_boot(s: Situation) -> BootImage:
    """What a device in install mode boots."""
    return BootImage(s.pack.boot_file_system, PACKAGES_CONF)


def operation(phase: Phase, kind: OpKind, title: str, lines: tuple[Line, ...], suffix: str = "") -> Operation:
    """An operation with the id that all of them have; install acts need the barrier."""
    op_id = ".".join(part for part in (phase.value, kind.value, suffix.rstrip(":")) if part)
    return Operation(op_id, kind, phase, title, lines, kind in _ACTS)


_ACTS = frozenset({OpKind.INSTALL_ADD, OpKind.INSTALL, OpKind.COMMIT, OpKind.ROLLBACK, OpKind.DELETE_FILES})


def install_limit_s(s: Situation) -> float:
    """Time-out of one install command: more with every further member."""
    waits = s.pack.waits
    seconds = waits.install_limit_s + max(0, len(s.facts.members) - 1) * waits.install_per_member_s
    return max(_LEAST_INSTALL_S, limit_s(seconds, s.waits.scale))


def unsaved(s: Situation) -> Answer:
    """`[y/n/q]`: the configuration changed after our own save."""
    saves = s.options.dirty_config is DirtyConfig.SAVE
    why = "the job saves unsaved configuration" if saves else "the job excludes devices with unsaved configuration"
    return Answer(r"\[y/n/q\]\s*$", "y" if saves else "q", why=why)


def is_one_step(s: Situation) -> bool:
    """Add, activate and commit in one: asked for, or the conversion from bundle mode, which knows no other way."""
    if is_in_service(s):
        return True
    return s.converts or s.options.commit is CommitMode.WITH_ACTIVATION or not s.pack.install.activate_timed


def auto_abort_minutes(s: Situation) -> int:
    """Reload limit, checks and half an hour, within what the device takes; by hand never less than its default."""
    waits, install = s.pack.waits, s.pack.install
    seconds = waits.reload_limit_s + max(0, len(s.facts.members) - 1) * waits.per_member_s
    minutes = math.ceil((seconds + waits.ready_limit_s + s.options.soak_s) / 60) + 30
    if s.options.commit is CommitMode.BY_HAND:
        minutes = max(minutes, install.timer_minutes)
    return min(max(minutes, install.timer_min_minutes or 30), install.timer_max_minutes or 1200)


def clean(s: Situation) -> tuple[Operation, ...]:
    """The platform's clean command, seen first and answered no, then answered yes when its list is as planned."""
    deletions = tuple(d for t in s.targets for d in t.clean)
    if not deletions:
        return ()
    text, limit = s.pack.install.remove_inactive, install_limit_s(s)
    lines = (
        Line(text, changes=True, expect="a list of the planned files only", answers=KEEP_FILES, timeout_s=limit),
        Line(text, changes=True, expect="the files are gone", answers=REMOVE_FILES, timeout_s=limit),
    )
    goes = any(d.is_rollback_target for d in deletions)
    note = "the packages of the release before go: no rollback to it after this" if goes else ""
    title = f"Removing {len(deletions)} inactive package files"
    op = operation(Phase.DISTRIBUTE, OpKind.DELETE_FILES, title, lines, "inactive")
    return (replace(op, file_system=s.targets[0].name, deletions=deletions, note=note),)


def distribution(s: Situation, choice: ProtocolChoice, rate: float) -> tuple[Operation, ...]:
    """Backups, clean, erase, copy and verify on the active's flash; `install add` copies to the members itself."""
    found: list[Operation] = [*bundle.backup_config(s, Phase.DISTRIBUTE)]
    if choice.enables_scp:
        found.append(bundle.scp_server(on=True))
    found += clean(s)
    for target in s.targets:
        found += bundle.delete_files(target)
    main = s.targets[0]
    found.append(bundle.copy_image(s, main, choice, rate))
    if s.options.verify_hash:
        found.append(bundle.verify_image(s, bundle.boot_image(s, main), Phase.DISTRIBUTE))
    if choice.enables_scp:
        found.append(bundle.scp_server(on=False))
    return tuple(found)


def boot_ready(s: Situation, phase: Phase) -> tuple[Operation, ...]:
    """The boot variable names packages.conf and the configuration is saved, or both are seen to."""
    boot = packages_boot(s)
    first = (boot_targets(s.facts) or ("",))[0]
    name, _, path = first.partition(":")
    if path.lstrip("/").lower() != PACKAGES_CONF:
        return bundle.boot_operations(s, boot, phase)
    _, saving, checking = bundle.boot_operations(s, BootImage(f"{name}:", PACKAGES_CONF), phase)
    return saving, replace(checking, boot_list=(first,), lines=tuple(Line(li.text) for li in checking.lines))


def file_of(s: Situation, text: str) -> str:
    """An install command with the image's place filled in, spelled as in the facts: flash:x.bin."""
    main = s.targets[0]
    return text.format(fs=main.name, path=main.path, minutes=auto_abort_minutes(s))


def _one_step(s: Situation) -> str:
    if is_in_service(s) and s.pack.issu is not None:
        return s.pack.issu.one_step
    return s.pack.install.convert if s.converts else s.pack.install.one_step


def install_acts(s: Situation, phase: Phase) -> tuple[Operation, ...]:
    """The one-step command, or add and a timed activation."""
    install, limit = s.pack.install, install_limit_s(s)
    fs, path = s.targets[0].name, s.targets[0].path
    expected = _INSTALL_S / s.waits.scale
    if is_one_step(s):
        text = file_of(s, _one_step(s))
        answers = (PROCEED, unsaved(s), *((BOOT_CHANGED,) if s.converts else ()))
        line = Line(text, changes=True, expect=success_words(text), answers=answers, timeout_s=limit)
        op = operation(phase, OpKind.INSTALL, f"Installing {path}: add, activate, commit", (line,))
        if is_in_service(s):
            op = replace(op, title=f"Installing {path} in service, standby first")
        note = "committed with the activation: no way back by timer"
        return (replace(op, file_system=fs, path=path, expected_s=expected, note=note),)
    add = file_of(s, install.add)
    adding = Line(add, changes=True, expect=success_words(add), answers=(unsaved(s),), timeout_s=limit)
    minutes = auto_abort_minutes(s)
    activate = file_of(s, install.activate_timed)
    activating = Line(
        activate, changes=True, expect=success_words(activate), answers=(PROCEED, unsaved(s)), timeout_s=limit
    )
    note = f"goes back by itself {minutes} minutes after this command unless it is committed"
    op_add = operation(phase, OpKind.INSTALL_ADD, f"Adding {path}", (adding,))
    op_activate = operation(phase, OpKind.INSTALL, f"Activating {s.image.version}", (activating,))
    return (
        replace(op_add, file_system=fs, path=path, expected_s=expected * 0.6),
        replace(
            op_activate,
            file_system=fs,
            path=path,
            expected_s=expected * 0.4,
            commit_within_s=minutes * 60.0 / s.waits.scale,
            note=note,
        ),
    )


def success_words(command: str) -> str:
    """The last line of a command that worked: proves nothing by itself, the device is read again after it."""
    words_ = command.split()
    name = "_".join(w for w in words_ if w in _WORDS)
    return f"SUCCESS: {name}"


def proof_operations(s: Situation, phase: Phase, outage_s: float) -> tuple[Operation, ...]:
    """Wait, prove, look at what was lost."""
    _, *rest = bundle.reload_operations(s, packages_boot(s), phase, outage_s)
    shows = tuple(Line(t) for t in ("show version", *s.pack.install.state))
    return tuple(replace(op, lines=shows) if op.kind is OpKind.PROVE else op for op in rest)


def commit_operation(s: Situation, phase: Phase) -> Operation:
    """`install commit`, and the state read again."""
    limit = max(_LEAST_INSTALL_S, limit_s(s.pack.waits.commit_limit_s, s.waits.scale))
    text = s.pack.install.commit
    line = Line(text, changes=True, expect=success_words(text), timeout_s=limit)
    shows = tuple(Line(t, expect="C, no timer") for t in s.pack.install.state[:1])
    return operation(phase, OpKind.COMMIT, f"Committing {s.image.version}".rstrip(), (line, *shows))


def activation(s: Situation, outage_s: float, *, is_verified: bool) -> tuple[Operation, ...]:
    """Pre-checks to post-checks; the commit is a phase of its own."""
    phase, main = Phase.ACTIVATE, s.targets[0]
    boot = bundle.boot_image(s, main)
    boot = BootImage(boot.file_system, boot.path, boot.size_bytes) if is_verified else boot
    checks = (*s.pack.pre_check_commands, *s.pack.install.progress)
    found = [
        operation(phase, OpKind.PRE_CHECKS, "Checking before the change", tuple(Line(t) for t in checks)),
        *bundle.backup_config(s, phase),
        bundle.verify_image(s, boot, phase),
        *boot_ready(s, phase),
        *install_acts(s, phase),
        *proof_operations(s, phase, outage_s),
    ]
    if s.options.commit is CommitMode.AFTER_PROOF and not is_one_step(s):
        found.append(commit_operation(s, Phase.COMMIT))
    return tuple(found)


def plan_operations(s: Situation, choice: ProtocolChoice, rate: float, outage_s: float) -> tuple[Operation, ...]:
    """All operations of this device, in order, for the phases asked for."""
    found: list[Operation] = [bundle.read_state(s)]
    if s.distributes:
        found += distribution(s, choice, rate)
    if s.activates:
        found += activation(s, outage_s, is_verified=s.distributes or s.verified_lately)
    return tuple(found)


def backout_words(s: Situation, operations: tuple[Operation, ...], rollback_s: float) -> tuple[str, ...]:
    """How to go back, for the plan page."""
    install = next((op for op in operations if op.kind is OpKind.INSTALL), None)
    if install is None:
        return ("delete the copied file; nothing else was changed",)
    syntax, about = s.pack.install, words(rollback_s)
    found = [f"before the activation: {syntax.remove_inactive} takes the added packages away"]
    if not is_one_step(s):
        found.append(f"until it is committed: {syntax.abort}, about {about}; without a commit {install.note}")
    back = syntax.rollback.format(point="base (or id N of show install rollback)")
    old = s.facts.version.image_file
    if s.converts:
        found.append(f"after it: boot system {old}, write memory, reload, about {about}; that file stays")
    else:
        found.append(f"after the commit: {back}, about {about}; the packages of {s.facts.version.version} stay")
    found.append("lost by going back: configuration commands that only the new version knows")
    return tuple(found)


def to_image(s: Situation) -> str:
    """What runs afterwards."""
    return join_path(s.pack.boot_file_system, PACKAGES_CONF)


def is_there(s: Situation) -> bool:
    """True when every member runs this version from packages."""
    if runs_bundle(s.facts) or not s.image.version:
        return False
    versions = (s.facts.version.version, *(m.version for m in s.facts.members if m.version))
    return all(same_version(v, s.image.version) for v in versions)


def rollback_line(s: Situation, to_version: str) -> tuple[str, str]:
    """The command that goes back to this version, or "" and why there is none."""
    install, syntax = s.facts.install, s.pack.install
    if install is None:
        return "", "the install state was not read"
    if install.is_uncommitted():
        return syntax.abort, ""
    for point in sorted(install.rollback_points, key=lambda p: -p.number):
        images = [p for p in point.packages if p.kind == "IMG"]
        if any(same_version(p.name, to_version) for p in images):
            return syntax.rollback.format(point=f"id {point.number}"), ""
    return "", f"no rollback point holds {to_version or 'the old version'} any more: distribute and activate it again"


def rollback_operations(s: Situation, command: str, outage_s: float) -> tuple[Operation, ...]:
    """Back to the packages of the release before, proven as an activation is."""
    phase = Phase.ROLLBACK
    limit = install_limit_s(s)
    line = Line(command, changes=True, expect=success_words(command), answers=(PROCEED, unsaved(s)), timeout_s=limit)
    checks = (*s.pack.pre_check_commands, *s.pack.install.progress)
    return (
        operation(phase, OpKind.PRE_CHECKS, "Checking before the change", tuple(Line(t) for t in checks)),
        *bundle.backup_config(s, phase),
        *boot_ready(s, phase),
        operation(phase, OpKind.ROLLBACK, "Rolling back", (line,)),
        *proof_operations(s, phase, outage_s),
        commit_operation(s, phase),
    )
