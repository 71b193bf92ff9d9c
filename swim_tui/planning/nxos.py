"""Plans of NX-OS: one image or kickstart and system, `install all` after its impact was seen (DEVICE_FACTS 6.10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from swim_tui.model.device_path import join_path, same_file, split_path
from swim_tui.model.image import ImageType, SoftwareImage
from swim_tui.model.imagename import identify_name
from swim_tui.model.imageset import pair_kickstart
from swim_tui.model.plan import Answer, DevicePlan, Line, LineMode, Operation, OpKind, Phase
from swim_tui.model.version import same_version
from swim_tui.planning import bundle, imagefiles
from swim_tui.planning.durations import copy_rate, limit_s, rollback_s, short_steps_s, words
from swim_tui.planning.imagefiles import FilePlace
from swim_tui.planning.nxos_checks import all_checks
from swim_tui.planning.planparts import excluded, judged, operation, pre_checks
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation
from swim_tui.planning.sources import choose
from swim_tui.planning.targets import file_on

SAVED = "Copy complete. on a line of its own"
CONTINUE = r"continue with the installation \(y/n\)\?\s*\[n\]\s*$"
_DISRUPTIVE = Answer(
    rf"(?<!non-)disruptive upgrade\.\s+(?:.*\s)?{CONTINUE}", None, why="it is disruptive and was asked in service"
)
_GO_ON = Answer(CONTINUE, "y", why="the impact was judged right before, and the reload is in the plan")
_LEAST_INSTALL_S = 60.0


def plan(s: Situation, base: DevicePlan, rates: Mapping[str, float]) -> DevicePlan:
    """Distribution and activation."""
    fs, folder, problem = imagefiles.destination(s)
    files = imagefiles.places(s, fs, folder) if fs is not None else ()
    kickstart = next((i for i in imagefiles.files_of(s) if i.identity.image_type is ImageType.KICKSTART), None)
    choice = choose(s)
    others = _on_standby(s, files, folder)
    space = tuple(imagefiles.space_of(each) for each in (files, others) if each)
    vpc = s.facts.vpc
    base = replace(base, space=space, vpc_role=vpc.operational_role if vpc is not None else "")
    base = judged(base, all_checks(s, files, kickstart, problem, choice, others))
    if not base.included:
        return base
    main = next(p for p in files if p.image.file_name == s.image.file_name)
    base = replace(base, to_image=main.remote)
    if s.activates and not s.options.force_reload and _is_there(s, main):
        return replace(base, skipped_because=f"runs {s.image.version} from {s.facts.version.image_file} already")
    operations = [bundle.read_state(s)]
    if s.distributes:
        rate = copy_rate(s.device, s.pack, rates, s.waits.scale)
        operations += _distribution(s, files, others, choice, rate)
    outage = s.pack.waits.expected_outage_s / s.waits.scale
    if s.activates:
        fresh = s.distributes or s.verified_lately
        operations += _activation(s, files, main, Phase.ACTIVATE, outage, with_hash=not fresh)
    spent = sum(op.expected_s for op in operations if op.phase is Phase.DISTRIBUTE)
    return replace(
        base,
        operations=tuple(operations),
        protocol_reasons=choice.reasons if s.distributes else (),
        outage_s=outage if s.activates else 0.0,
        distribution_s=spent + short_steps_s(s.waits.scale) if s.distributes else 0.0,
        backout=_backout(s, outage),
    )


def rollback(s: Situation, base: DevicePlan, target: str) -> DevicePlan:
    """`install all` with the previous image, which must still be on the device."""
    base = replace(base, vpc_role=s.facts.vpc.operational_role if s.facts.vpc is not None else "")
    name, path = split_path(target)
    fs, entry = s.facts.file_system(name), file_on(s.facts, target)
    if fs is None or entry is None:
        return excluded(base, f"{target} is not on the device any more")
    if same_file(s.facts.version.image_file, target, s.facts):
        return replace(base, skipped_because=f"runs {target} already")
    image = _on_device(s, path, entry.size_bytes)
    kickstart = _kickstart_on_device(s, image, name)
    if "kickstart" in s.pack.image_parts and kickstart is None:
        return excluded(base, f"the kickstart image of {target} is not on the device any more")
    back = replace(s, image=image, images=(kickstart, image) if kickstart is not None else ())
    files = imagefiles.places(back, replace(fs, name=name), "")
    main = next(p for p in files if p.image.file_name == image.file_name)
    outage = s.pack.waits.expected_outage_s / s.waits.scale
    operations = (
        bundle.read_state(back),
        *_activation(back, files, main, Phase.ROLLBACK, outage, with_hash=False),
    )
    return replace(
        base, operations=operations, outage_s=outage, backout=_backout(back, outage), to_image=join_path(name, path)
    )


def commit(s: Situation, base: DevicePlan) -> DevicePlan:
    """NX-OS has nothing to commit."""
    return excluded(base, "NX-OS needs no commit")


def _on_device(s: Situation, path: str, size: int) -> SoftwareImage:
    """A file that is known by its name and size only."""
    name = path.rpartition("/")[2]
    return SoftwareImage(path, name, size, "", "", s.now, identity=identify_name(name))


def _kickstart_on_device(s: Situation, system: SoftwareImage, file_system: str) -> SoftwareImage | None:
    fs = s.facts.file_system(file_system)
    if "kickstart" not in s.pack.image_parts or fs is None:
        return None
    return pair_kickstart(system, [_on_device(s, f.path, f.size_bytes) for f in fs.files or () if not f.is_dir])


def _is_there(s: Situation, main: FilePlace) -> bool:
    running = s.facts.version.image_file.removesuffix(".upg")
    if not same_file(running, main.remote, s.facts):
        return False
    return not s.image.version or same_version(s.facts.version.version, s.image.version)


def _on_standby(s: Situation, files: tuple[FilePlace, ...], folder: str) -> tuple[FilePlace, ...]:
    """The same files on the other supervisor, which boots from its own flash when it takes over."""
    fs = imagefiles.standby_of(s) if files else None
    return imagefiles.places(s, fs, folder) if fs is not None else ()


def _distribution(
    s: Situation, files: tuple[FilePlace, ...], others: tuple[FilePlace, ...], choice: ProtocolChoice, rate: float
) -> tuple[Operation, ...]:
    """Backups, the SCP server for the copy, erase, copy and verify of every file, copies on the standby."""
    phase, is_alone = Phase.DISTRIBUTE, len(files) == 1
    found: list[Operation] = [*bundle.backup_config(s, phase)]
    if choice.enables_scp:
        found.append(_scp_server(s, on=True))
    found += bundle.backup_image(s)
    for place in files:
        found += imagefiles.delete_operations(s, place)
        found.append(imagefiles.copy_operation(s, place, choice, rate, is_alone=is_alone))
        if s.options.verify_hash:
            found.append(imagefiles.verify_operation(s, place, phase, is_alone=is_alone))
    for place, other in zip(files, others, strict=False):
        found += imagefiles.delete_operations(s, other)
        found.append(imagefiles.standby_copy(s, place, other, choice))
        if s.options.verify_hash:
            found.append(imagefiles.verify_operation(s, other, phase, is_alone=False))
    if choice.enables_scp:
        found.append(_scp_server(s, on=False))
    return tuple(found)


def _scp_server(s: Situation, *, on: bool) -> Operation:
    """`feature scp-server` for the copy, and taking it back."""
    op = bundle.scp_server(on=on)
    on_lines, off_lines = (
        tuple(Line(t, LineMode.CONFIG, changes=True, expect="no message") for t in texts)
        for texts in (s.pack.copy.scp_on, s.pack.copy.scp_off)
    )
    return replace(op, lines=on_lines if on else off_lines, undo=off_lines if on else ())


def _activation(
    s: Situation,
    files: tuple[FilePlace, ...],
    main: FilePlace,
    phase: Phase,
    outage_s: float,
    *,
    with_hash: bool,
) -> tuple[Operation, ...]:
    """Pre-checks, impact, save, install, proof."""
    is_alone = len(files) == 1
    kickstart = next((p for p in files if p is not main), None)
    save = Line(s.pack.save_command, changes=True, expect=SAVED, answers=(), timeout_s=limit_s(300.0, s.waits.scale))
    after = tuple(Line(t) for t in s.pack.pre_check_commands)
    probes = (Line("probe TCP, then the SSH banner; then one login", LineMode.TOOL, expect="SSH answers"),)
    shows = tuple(Line(t) for t in ("show version", "show module", "show install all status"))
    prove = replace(
        operation(phase, OpKind.PROVE, "Proving version, image and modules", shows),
        file_system=main.target.name,
        path=main.target.path,
    )
    return (
        pre_checks(s, phase),
        *bundle.backup_config(s, phase),
        *(imagefiles.verify_operation(s, p, phase, is_alone=is_alone, with_hash=with_hash) for p in files),
        _impact(s, main, kickstart, phase),
        operation(phase, OpKind.SAVE_CONFIG, "Saving configuration", (save,)),
        _install(s, main, kickstart, phase),
        operation(phase, OpKind.WAIT_RELOAD, "Waiting for the device", probes, outage_s),
        prove,
        operation(phase, OpKind.POST_CHECKS, "Checking modules, interfaces and neighbours", after, s.waits.soak_s),
    )


def _filled(text: str, main: FilePlace, kickstart: FilePlace | None) -> str:
    name = kickstart.target.path if kickstart is not None else ""
    return text.format(fs=main.target.name, path=main.target.path, kickstart=name)


def _impact(s: Situation, main: FilePlace, kickstart: FilePlace | None, phase: Phase) -> Operation:
    """What the device itself says the install would do; read-only."""
    expect = "every module non-disruptive, no failure" if s.options.issu else "a table of modules, no failure"
    limit = max(_LEAST_INSTALL_S, limit_s(s.pack.waits.install_limit_s / 4, s.waits.scale))
    asked = " non-disruptive" if _in_service(s, phase).endswith(" non-disruptive") else ""
    texts = (f"{t}{asked}" if t.startswith("show install all impact") else t for t in s.pack.install.checks)
    lines = tuple(Line(_filled(t, main, kickstart), expect=expect, timeout_s=limit) for t in texts)
    return operation(phase, OpKind.CHECK_IMPACT, "Asking the device for the impact", lines)


def _in_service(s: Situation, phase: Phase) -> str:
    """The in-service form of the install where it was asked for; a rollback never is."""
    return s.pack.issu.one_step if s.options.issu and s.pack.issu is not None and phase is Phase.ACTIVATE else ""


def _install(s: Situation, main: FilePlace, kickstart: FilePlace | None, phase: Phase) -> Operation:
    in_service = _in_service(s, phase)
    template = in_service or s.pack.install.one_step
    answers = (_DISRUPTIVE, _GO_ON) if in_service else (_GO_ON,)
    limit = max(_LEAST_INSTALL_S, limit_s(s.pack.waits.install_limit_s, s.waits.scale))
    line = Line(
        _filled(template, main, kickstart),
        changes=True,
        expect="the question, then the reboot" if not in_service else "Install has been successful",
        answers=answers,
        timeout_s=limit,
    )
    op = operation(phase, OpKind.INSTALL, f"Installing {main.image.version or main.target.path}", (line,))
    note = "in service: stopped before y when the device calls it disruptive" if in_service else ""
    return replace(op, file_system=main.target.name, path=main.target.path, note=note)


def _backout(s: Situation, outage_s: float) -> tuple[str, ...]:
    if not s.activates and Phase.ROLLBACK not in s.phases:
        return ("delete the copied files; nothing else was changed",)
    running = s.facts.version.image_file
    about = words(rollback_s(outage_s, s.waits.scale))
    return (
        "before the install: nothing to take back",
        f"after it: install all with {running}, about {about}; the file stays on the device",
        "lost by going back: configuration commands that only the new version knows",
    )
