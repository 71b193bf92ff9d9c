"""Operations of an upgrade in service: load on the standby, switch over, prove, then commit (DEVICE_FACTS 6.7)."""

from __future__ import annotations

from dataclasses import replace

from swim_tui.model.device import DeviceClass
from swim_tui.model.device_path import split_path
from swim_tui.model.facts import Facts, FileSystem
from swim_tui.model.install import IssuStage
from swim_tui.model.options import CommitMode
from swim_tui.model.plan import Answer, DevicePlan, Line, LineMode, Operation, OpKind, Phase
from swim_tui.packs.pack import IssuStyle, IssuSyntax, Pack
from swim_tui.planning import bundle, install16
from swim_tui.planning.bundle import BootImage
from swim_tui.planning.durations import limit_s, words
from swim_tui.planning.planparts import excluded, operation, pre_checks
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation, Target
from swim_tui.planning.slots import slots

RUN = Answer(r"reload the Active unit\.\s+Proceed\s*\?\s*\[confirm\]\s*$", "", why="the switchover is in the plan")
MODULE = Answer(r"reload of module\s*\?\s*\[confirm\]\s*$", "", why="only the other processor is reloaded")
_PENDING = frozenset({IssuStage.LOADED, IssuStage.RUN, IssuStage.ACCEPTED})
_LOAD_S = 600.0
_SWITCHOVER_S = 60.0


def pending(facts: Facts) -> bool:
    """True when an ISSU of the stepwise kind is under way."""
    return facts.issu is not None and facts.issu.stage in _PENDING


def syntax_of(pack: Pack) -> IssuSyntax:
    """The commands of the platform; planning came here because it has them."""
    return pack.issu or IssuSyntax(IssuStyle.SUPERVISORS)


def _fill(s: Situation, template: str, active: str, standby: str) -> str:
    main = s.targets[0] if s.targets else None
    other = s.targets[1] if len(s.targets) > 1 else None
    return template.format(
        active=active,
        standby=standby,
        fs=main.name if main else "",
        path=main.path if main else "",
        standby_fs=other.name if other else "",
    )


def _line(s: Situation, text: str, expect: str, answers: tuple[Answer, ...] = ()) -> Line:
    return Line(text, changes=True, expect=expect, answers=answers, timeout_s=install16.install_limit_s(s))


def plan_operations(s: Situation, choice: ProtocolChoice, rate: float, outage_s: float) -> tuple[Operation, ...]:
    """All operations of this device, in order, for the phases asked for."""
    found: list[Operation] = [bundle.read_state(s)]
    if s.distributes:
        found += bundle.distribution(s, choice, rate)
    if s.activates:
        found += _activation(s, is_verified=s.distributes or s.verified_lately)
        if syntax_of(s.pack).commit and s.options.commit is not CommitMode.BY_HAND:
            active, standby = slots(s.facts)
            found.append(commit_operation(s, active, standby))
    return tuple(found)


def _activation(s: Situation, *, is_verified: bool) -> tuple[Operation, ...]:
    phase = Phase.ACTIVATE
    images = [bundle.boot_image(s, t) for t in s.targets]
    if is_verified:
        images = [replace(i, digest="", algorithm="") for i in images]
    _, saving, _ = bundle.boot_operations(s, BootImage(s.targets[0].name, s.targets[0].path), phase)
    node = syntax_of(s.pack).style is IssuStyle.NODE
    return (
        pre_checks(s, phase),
        *bundle.backup_config(s, phase),
        *(bundle.verify_image(s, i, phase) for i in images),
        saving,
        *((_node(s),) if node else (_load(s), _run(s))),
        *_proof(s, phase),
    )


def _load(s: Situation) -> Operation:
    """The standby comes up with the new image; nothing that forwards is touched."""
    syntax, (active, standby) = syntax_of(s.pack), slots(s.facts)
    line = _line(s, _fill(s, syntax.load, active, standby), "the standby reloads with the new image")
    # Before runversion the active still sits in its old slot: that is the one abortversion names.
    undo = _line(s, _fill(s, syntax.abort, active, active), "back to the old image")
    op = operation(Phase.ACTIVATE, OpKind.INSTALL_ADD, "Loading the new image on the standby", (line, *_shows(s)))
    return replace(
        op,
        file_system=s.targets[0].name,
        path=s.targets[0].path,
        undo=(undo,),
        expected_s=_LOAD_S / s.waits.scale,
    )


def _run(s: Situation) -> Operation:
    """The switchover: from here the rollback timer of the device counts."""
    syntax, (active, standby) = syntax_of(s.pack), slots(s.facts)
    line = _line(s, _fill(s, syntax.run, active, standby), "the session ends in the switchover", (RUN,))
    op = operation(Phase.ACTIVATE, OpKind.INSTALL, "Switching over to the new image", (line,))
    undo = _line(s, _fill(s, syntax.abort, active, standby), "back to the old image")
    minutes = round(syntax.rollback_s / 60)
    return replace(
        op,
        file_system=s.targets[0].name,
        path=s.targets[0].path,
        undo=(undo,),
        note=f"the device goes back by itself {minutes} minutes later unless it is accepted or committed",
        commit_within_s=syntax.rollback_s / s.waits.scale,
        expected_s=_SWITCHOVER_S / s.waits.scale,
    )


def _node(s: Situation) -> Operation:
    """ASR903: one command for both processors, one after the other."""
    line = _line(s, _fill(s, syntax_of(s.pack).one_step, "", ""), "SUCCESS: node ISSU finished, then the switchover")
    op = operation(Phase.ACTIVATE, OpKind.INSTALL, "Installing in service on both processors", (line,))
    return replace(op, file_system=s.pack.boot_file_system, path=install16.PACKAGES_CONF, expected_s=_LOAD_S)


def _shows(s: Situation) -> tuple[Line, ...]:
    return tuple(Line(t) for t in syntax_of(s.pack).show)


def _proof(s: Situation, phase: Phase) -> tuple[Operation, ...]:
    probes = (Line("probe TCP, then the SSH banner; then one login", LineMode.TOOL, expect="SSH answers"),)
    shows = tuple(dict.fromkeys((Line("show version"), *_shows(s))))
    after = tuple(Line(t) for t in s.pack.pre_check_commands)
    prove = operation(phase, OpKind.PROVE, "Proving version and the standby", shows)
    fs, path = (s.targets[0].name, s.targets[0].path) if s.targets else ("", "")
    if syntax_of(s.pack).style is IssuStyle.NODE:  # out of the file come packages, and those are what runs
        fs, path = s.pack.boot_file_system, install16.PACKAGES_CONF
    return (
        operation(phase, OpKind.WAIT_RELOAD, "Waiting for the switchover", probes, _SWITCHOVER_S / s.waits.scale),
        replace(prove, file_system=fs, path=path),
        operation(phase, OpKind.POST_CHECKS, "Checking interfaces and neighbours", after, s.waits.soak_s),
    )


def commit_operation(s: Situation, active: str, standby: str) -> Operation:
    """Stop the timer, commit, bring the old active up; `active` and `standby` are those from before the switchover."""
    syntax = syntax_of(s.pack)
    lines = []
    if syntax.accept:
        lines.append(_line(s, _fill(s, syntax.accept, active, standby), "the rollback timer stops"))
    if syntax.style is IssuStyle.ROUTE_PROCESSORS:
        limit = limit_s(300.0, s.waits.scale)
        save = Line(s.pack.save_command, changes=True, expect="[OK]", answers=bundle.SAVE_ANSWERS, timeout_s=limit)
        lines.append(save)
    lines.append(_line(s, _fill(s, syntax.commit, active, standby), "the standby reloads, then no ISSU is under way"))
    if syntax.finish:
        text = _fill(s, syntax.finish, active, standby)
        lines.append(_line(s, text, "the old active comes up with the new image", (MODULE,)))
    return operation(Phase.COMMIT, OpKind.COMMIT, f"Committing {s.image.version}".rstrip(), (*lines, *_shows(s)))


def backout_words(s: Situation, operations: tuple[Operation, ...], rollback_s: float) -> tuple[str, ...]:
    """How to go back, for the plan page."""
    run = next((op for op in operations if op.kind is OpKind.INSTALL), None)
    if run is None:
        return bundle.backout_words(s, operations, rollback_s)
    about, running = words(rollback_s), s.facts.version.image_file
    found = []
    if run.undo:
        typed = run.undo[0].text
        found.append(f"until it is committed: {typed} (done by the tool when the proof fails); {run.note}")
    found.append(f"after the commit: boot {running} again by boot variable and reload, about {about}; the file stays")
    found.append("lost by going back: configuration commands that only the new version knows")
    return tuple(found)


def to_image(s: Situation) -> str:
    """What runs afterwards."""
    return install16.to_image(s) if syntax_of(s.pack).style is IssuStyle.NODE else bundle.to_image(s)


def is_there(s: Situation) -> bool:
    """True when the target runs already."""
    return install16.is_there(s) if syntax_of(s.pack).style is IssuStyle.NODE else bundle.is_there(s)


def _on(s: Situation, image: str) -> Situation:
    """The situation with an image that is on both processors already."""
    name, path = split_path(image)
    names = (name, s.pack.members.file_system or next(iter(s.pack.standby_prefixes), name))
    systems = (s.facts.file_system(n) or FileSystem(n) for n in names)
    targets = tuple(Target(replace(fs, name=n), path, 0) for n, fs in zip(names, systems, strict=True))
    return replace(s, targets=targets)


def plan_pending_commit(s: Situation, base: DevicePlan) -> DevicePlan:
    """Commit an ISSU that was run earlier: since the switchover, active and standby have changed places."""
    issu = s.facts.issu
    if issu is None or issu.stage is IssuStage.LOADED:
        return excluded(base, "the ISSU was loaded and not run: there is nothing to commit yet")
    active, standby = slots(s.facts)
    s = _on(s, s.facts.version.image_file)
    base = replace(base, device_class=DeviceClass.XE_ISSU)
    operations = (bundle.read_state(s), commit_operation(s, standby, active))
    back = ("after it: boot the old image by boot variable and reload; the file stays",)
    return replace(base, operations=operations, backout=back)


def plan_abort(s: Situation, base: DevicePlan, target: str, outage_s: float) -> DevicePlan:
    """`issu abortversion`: back to the old image by a switchover, or by the standby alone before it."""
    s, syntax, (active, _) = _on(s, target), syntax_of(s.pack), slots(s.facts)
    line = _line(s, _fill(s, syntax.abort, active, active), "back to the old image", (RUN,))
    phase = Phase.ROLLBACK
    op = operation(phase, OpKind.ROLLBACK, "Taking the ISSU back", (line,))
    operations = (bundle.read_state(s), pre_checks(s, phase), *bundle.backup_config(s, phase), op, *_proof(s, phase))
    base = replace(base, device_class=DeviceClass.XE_ISSU)
    return replace(base, operations=operations, outage_s=outage_s, backout=("begin the ISSU again",))
