"""Plans of IOS-XR: add, activate, prove, then commit; the three editions differ in their lines only (6.8, 6.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from swim_tui.model.device import DeviceClass
from swim_tui.model.imagename import identify_name
from swim_tui.model.options import CommitMode
from swim_tui.model.plan import Answer, DevicePlan, Line, LineMode, Operation, OpKind, Phase
from swim_tui.model.version import parse_version, same_version
from swim_tui.packs.choose import accepts_file
from swim_tui.planning import bundle, imagefiles
from swim_tui.planning.durations import copy_rate, limit_s, rollback_s, short_steps_s, words
from swim_tui.planning.imagefiles import FilePlace
from swim_tui.planning.planparts import excluded, judged, operation, pre_checks
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation
from swim_tui.planning.sources import choose
from swim_tui.planning.xr_checks import all_checks

ACTIVATE_ANSWERS = (
    Answer(r"install operation \(y/n\)\?\s*\[y\]\s*$", "y", why="the reload of these nodes is in the plan"),
    Answer(r"\[yes[/:]no\]:?\s*\[yes\]\s*$", "yes", why="the reload of the system is in the plan"),
    Answer(r"\(?yes/no\)?\??\s*\[yes\]:?\s*$", "yes", why="the reload of the system is in the plan"),
)
RELOAD_ANSWERS = (Answer(r"Proceed with reload\?\s*\[confirm\]\s*$", "", why="the reload is in the plan"),)
ID = "{id}"
_ID_NOTE = "{id} is the number that the router gives to its install add operation"
_LEAST_INSTALL_S = 60.0
_ADD_S = 900.0  # an add of half a gigabyte on a 32 bit router took 17 minutes


def plan(s: Situation, base: DevicePlan, rates: Mapping[str, float]) -> DevicePlan:
    """Distribution, activation, and the commit as a phase of its own."""
    fs, folder, problem = imagefiles.destination(s)
    files = imagefiles.places(s, fs, folder) if fs is not None else ()
    choice = choose(s)
    base = replace(_named(s, base), space=(imagefiles.space_of(files),) if files else ())
    base = judged(base, all_checks(s, files, problem, choice))
    if not base.included:
        return base
    main = next(p for p in files if p.image.file_name == s.image.file_name)
    base = replace(base, to_image=main.remote)
    if s.activates and not s.options.force_reload and same_version(s.facts.version.version, s.image.version):
        return replace(base, skipped_because=f"runs {s.image.version} already")
    found = [bundle.read_state(s)]
    if s.distributes:
        found += _distribution(s, files, choice, copy_rate(s.device, s.pack, rates, s.waits.scale))
    outage = s.pack.waits.expected_outage_s / s.waits.scale
    if s.activates:
        found += _activation(s, files, folder, outage)
        if s.options.commit is not CommitMode.BY_HAND:
            found.append(commit_operation(s, Phase.COMMIT))
    spent = sum(op.expected_s for op in found if op.phase is Phase.DISTRIBUTE)
    return replace(
        base,
        operations=tuple(found),
        protocol_reasons=choice.reasons if s.distributes else (),
        outage_s=outage if s.activates else 0.0,
        distribution_s=spent + short_steps_s(s.waits.scale) if s.distributes else 0.0,
        backout=_backout(s, outage),
    )


def rollback(s: Situation, base: DevicePlan, target: str) -> DevicePlan:
    """To the committed set while nothing was committed; after that the old packages, still there, are activated."""
    base, install = _named(s, base), s.facts.install
    if not base.to_version:
        return excluded(base, "the version to go back to is not recorded")
    if same_version(s.facts.version.version, base.to_version):
        return replace(base, skipped_because=f"runs {base.to_version} already")
    pending = install.is_uncommitted() if install is not None else None
    if install is None or pending is None:
        return excluded(base, "the install state was not read")
    outage = s.pack.waits.expected_outage_s / s.waits.scale
    if pending:
        line, commits = s.pack.install.rollback.format(point="committed"), False
        if s.pack.device_class is DeviceClass.XR7:  # it names its rollback points itself; a reload boots the committed
            return _reload_back(s, base, outage)
    elif s.pack.device_class is DeviceClass.XR7:
        image = _old_image(s, base.to_version)
        if image is None:
            return excluded(base, f"no image of {base.to_version} is on the router: distribute and activate it again")
        line, commits = s.pack.install.one_step.format(fs=image[0], path=f"/{image[1]}"), True
    else:
        old = _old_packages(s, base.to_version)
        if not old:
            return excluded(base, f"the packages of {base.to_version} are not on the router any more")
        line, commits = s.pack.install.activate.replace("id {id}", " ".join(old)), True
        if "{id}" in line:
            return excluded(base, "no way back by package names on this platform: distribute the old release again")
    phase = Phase.ROLLBACK
    found = [
        bundle.read_state(s),
        pre_checks(s, phase),
        *_backup(s, phase),
        _install(s, phase, line, f"Going back to {base.to_version}"),
        *_proof(s, phase, outage),
    ]
    if commits:
        found.append(commit_operation(s, phase))
    back = ("activate the newer packages again: they stay on the router",)
    return replace(base, operations=tuple(found), outage_s=outage, backout=back)


def _reload_back(s: Situation, base: DevicePlan, outage_s: float) -> DevicePlan:
    """Nothing was committed, so a reload boots the software of before."""
    phase = Phase.ROLLBACK
    line = Line(
        s.pack.reload_command,
        changes=True,
        expect="the session ends; the committed software boots",
        answers=RELOAD_ANSWERS,
        timeout_s=s.waits.command_s,
    )
    found = (
        bundle.read_state(s),
        pre_checks(s, phase),
        *_backup(s, phase),
        replace(operation(phase, OpKind.RELOAD, "Reloading into the committed software", (line,)), destructive=True),
        *_proof(s, phase, outage_s),
    )
    back = ("activate the newer software again: its image stays on the router",)
    return replace(base, operations=found, outage_s=outage_s, backout=back)


def commit(s: Situation, base: DevicePlan) -> DevicePlan:
    """Commit what is active, where it is not committed yet."""
    base, install = _named(s, base), s.facts.install
    version = s.facts.version.version
    pending = install.is_uncommitted() if install is not None else None
    if pending is None:
        return excluded(base, "active and committed packages were not read")
    if not pending:
        return replace(base, skipped_because=f"{version} is committed already")
    if install is not None and install.is_busy():
        return excluded(base, "an install is in progress")
    operations = (bundle.read_state(s), commit_operation(s, Phase.COMMIT))
    back = ("after it: install rollback to a point of show install rollback, then commit",)
    return replace(base, operations=operations, backout=back)


def _named(s: Situation, base: DevicePlan) -> DevicePlan:
    """64 bit XR names no image file: its label, or its version, stands for what runs."""
    version = s.facts.version
    return replace(base, from_image=version.image_file or version.image_name or version.version)


def _old_image(s: Situation, version: str) -> tuple[str, str] | None:
    """File system and path of an image of that release on the router: XR7 replaces its software from it."""
    for name in s.pack.file_systems:
        fs = s.facts.file_system(name)
        for file in (fs.files or ()) if fs is not None else ():
            said = identify_name(file.path.rpartition("/")[2]).version
            if not file.is_dir and accepts_file(s.pack, file.path.rpartition("/")[2]) and same_version(said, version):
                return name, file.path
    return None


def _old_packages(s: Situation, version: str) -> tuple[str, ...]:
    """Inactive packages of that release, SMUs among them."""
    inactive = s.facts.install.inactive if s.facts.install is not None else None
    wanted = parse_version(version)
    if inactive is None or wanted is None:
        return ()
    return tuple(p for p in inactive.packages if p.endswith(f"-{version}") or f"-{version}." in p)


def _backup(s: Situation, phase: Phase) -> tuple[Operation, ...]:
    """XR has one configuration; there is nothing to save."""
    return tuple(
        replace(op, lines=tuple(li for li in op.lines if "startup" not in li.text))
        for op in bundle.backup_config(s, phase)
    )


def _distribution(
    s: Situation, files: Sequence[FilePlace], choice: ProtocolChoice, rate: float
) -> tuple[Operation, ...]:
    """Backup, then copy and verify of every file."""
    phase, is_alone = Phase.DISTRIBUTE, len(files) == 1
    found: list[Operation] = [*_backup(s, phase)]
    for place in files:
        found.append(imagefiles.copy_operation(s, place, choice, rate, is_alone=is_alone))
        if s.options.verify_hash:
            found.append(imagefiles.verify_operation(s, place, phase, is_alone=is_alone))
    return tuple(found)


def _activation(s: Situation, files: Sequence[FilePlace], folder: str, outage_s: float) -> tuple[Operation, ...]:
    """Pre-checks to post-checks; XR7 replaces its software with one line, which adds and reloads."""
    phase, is_alone = Phase.ACTIVATE, len(files) == 1
    fresh = s.distributes or s.verified_lately
    main = next(p for p in files if p.image.file_name == s.image.file_name)
    syntax, title = s.pack.install, f"Activating {s.image.version}"
    if s.pack.device_class is DeviceClass.XR7:
        text = syntax.one_step.format(fs=main.target.name, path=f"/{main.target.path}")
        acts: tuple[Operation, ...] = (_install(s, phase, text, title),)
    else:
        acts = (_add(s, files, folder, main), _install(s, phase, syntax.activate, title))
    return (
        pre_checks(s, phase),
        *_backup(s, phase),
        *(imagefiles.verify_operation(s, p, phase, is_alone=is_alone, with_hash=not fresh) for p in files),
        *acts,
        *_proof(s, phase, outage_s),
    )


def _add(s: Situation, files: Sequence[FilePlace], folder: str, main: FilePlace) -> Operation:
    """`install add` of the whole set in one operation: only so are packages activated together."""
    fs, names = main.target.name, " ".join(p.image.file_name for p in files)
    text = s.pack.install.add.format(fs=f"{fs}/{folder}" if folder else fs, files=names)
    line = Line(
        text,
        changes=True,
        expect="Install operation N started",
        answers=ACTIVATE_ANSWERS[:2],
        timeout_s=_install_limit(s),
    )
    op = operation(Phase.ACTIVATE, OpKind.INSTALL_ADD, f"Adding {len(files)} files", (line,), _ADD_S / s.waits.scale)
    return replace(op, file_system=fs, path=main.target.path)


def _install_limit(s: Situation) -> float:
    return max(_LEAST_INSTALL_S, limit_s(s.pack.waits.install_limit_s, s.waits.scale))


def _install(s: Situation, phase: Phase, text: str, title: str) -> Operation:
    line = Line(
        text,
        changes=True,
        expect="the question, then Install operation N started; the reload comes when it is ready",
        answers=ACTIVATE_ANSWERS,
        timeout_s=_install_limit(s),
    )
    note = "not committed: a reload before the commit brings the old software back"
    op = operation(phase, OpKind.INSTALL, title, (line,))
    return replace(op, note=f"{_ID_NOTE}; {note}" if ID in text else note)


def _proof(s: Situation, phase: Phase, outage_s: float) -> tuple[Operation, ...]:
    probes = (Line("probe TCP, then the SSH banner; then one login", LineMode.TOOL, expect="SSH answers"),)
    shows = tuple(Line(t) for t in dict.fromkeys(("show version", "show platform", *s.pack.install.state)))
    after = tuple(Line(t) for t in dict.fromkeys((*s.pack.pre_check_commands, *s.pack.install.checks)))
    return (
        operation(phase, OpKind.WAIT_RELOAD, "Waiting for the router", probes, outage_s),
        operation(phase, OpKind.PROVE, "Proving version, packages and nodes", shows),
        operation(
            phase, OpKind.POST_CHECKS, "Checking interfaces, neighbours, FPDs, configuration", after, s.waits.soak_s
        ),
    )


def commit_operation(s: Situation, phase: Phase) -> Operation:
    """The commit, then active and committed read again."""
    limit = max(_LEAST_INSTALL_S, limit_s(s.pack.waits.commit_limit_s, s.waits.scale))
    line = Line(s.pack.install.commit, changes=True, expect="Install operation N finished", timeout_s=limit)
    shows = tuple(Line(t, expect="the same packages") for t in s.pack.install.state[:2])
    return operation(phase, OpKind.COMMIT, f"Committing {s.image.version}".rstrip(), (line, *shows))


def _backout(s: Situation, outage_s: float) -> tuple[str, ...]:
    if not s.activates:
        return ("delete the copied files; nothing else was changed",)
    about, old = words(rollback_s(outage_s, s.waits.scale)), s.facts.version.version
    back = s.pack.install.rollback.format(point="committed")
    if s.pack.device_class is DeviceClass.XR7:
        return (
            f"until it is committed: a reload brings {old} back, about {about}",
            f"after the commit: install replace with the image of {old}, while it is on the router; about {about}",
            "lost by going back: configuration that only the new version knows",
        )
    return (
        f"before the activation: {s.pack.install.remove_inactive or 'nothing to take back'}",
        f"until it is committed: {back}, or a reload; about {about}",
        f"after the commit: activate the packages of {old} again, then commit; about {about}; they stay on the router",
        "lost by going back: configuration that only the new version knows",
    )
