"""The phases of NX-OS: impact seen, `install all` once, proof by version, image and modules (DEVICE_FACTS 6.10)."""

from __future__ import annotations

import re
from dataclasses import replace

from swim_tui.drivers import look
from swim_tui.drivers.bundle import HANDLERS as BUNDLE_HANDLERS
from swim_tui.drivers.bundle import run_operations, success
from swim_tui.drivers.failed import InstallFailed
from swim_tui.drivers.nxos_settle import is_going, is_there, report_of, settle_nxos, status_digest
from swim_tui.drivers.pre_checks import pre_checks
from swim_tui.drivers.prove import judge
from swim_tui.drivers.reload import evidence_of
from swim_tui.drivers.task import Handler, OpDone, Task
from swim_tui.drivers.wait import wait_for_boot
from swim_tui.errors import CheckFailed, CommandError, PromptTimeout, UnknownPrompt, VersionMismatch
from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device_path import join_path
from swim_tui.model.facts import Facts
from swim_tui.model.install import InstallImpact, InstallResult
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ChecksDone, FactsRead, PhaseResult
from swim_tui.model.plan import Line, Operation, OpKind
from swim_tui.model.readiness import HOT_STANDBY
from swim_tui.model.version import same_version
from swim_tui.net.contract import Ended
from swim_tui.parse import device_refusal, parse_incompatibilities, parse_install_impact, parse_install_report

# `Copy complete, now saving to disk (please wait)...` comes first and is not the end.
_SAVED = re.compile(r"^\s*Copy complete\.\s*$", re.MULTILINE)
_SAVE_TRIES = 2
_IMPACT = "show install all impact"
_MAX_STATUS = 8


def run_nxos(task: Task) -> PhaseResult:
    """All operations of the phase."""
    return success(task, run_operations(task, HANDLERS, settle_nxos))


def pre_checks_nxos(task: Task, op: Operation) -> OpDone:
    """As ever, then modules and the vPC peer, which must carry the traffic alone."""
    done = pre_checks(task, op)
    facts = task.before
    if facts is None:  # pre_checks sets it or raises
        return done
    bad = not_ok(facts)
    if bad:
        raise CheckFailed(check="Modules", expected="all ok", actual=", ".join(bad), action="look at show module")
    problem = _vpc_problem(facts)
    if problem:
        raise CheckFailed(check="vPC", expected="peer up", actual=problem, action="look at show vpc")
    return done


def _vpc_problem(facts: Facts) -> str:
    vpc = facts.vpc
    if vpc is not None and vpc.peer_status and "formed ok" not in vpc.peer_status:
        return f"peer {vpc.peer_status}"
    return ""


# --- before the install ---


def check_impact(task: Task, op: Operation) -> OpDone:
    """The device's own table goes into the record; a failure, or a disruption not asked for, ends the task here."""
    impact: InstallImpact | None = None
    for line in op.lines:
        text = task.try_read(line.text, line.timeout_s)
        if line.text.startswith(_IMPACT):
            impact = parse_install_impact(text or "")
            if impact is None:
                raise CheckFailed(
                    check="Install impact",
                    expected="the table of modules",
                    actual=(device_refusal(text or "") or "answer not understood"),
                    action=f"look at the answer of {line.text}",
                )
        elif text is not None:
            _incompatible(text)
    assert impact is not None, "a plan asks for the impact"
    task.emit(ChecksDone(op.id, _impact_checks(impact, in_service=bool(task.request.options.issu))))
    if impact.failures or not impact.is_complete:
        detail = "; ".join(impact.failures) or "the compatibility check did not end"
        raise InstallFailed(detail=f"refused by the compatibility check: {detail}")
    unbootable = [str(m.module) for m in impact.modules if not m.is_bootable]
    if unbootable:
        raise InstallFailed(detail=f"modules that cannot boot it: {', '.join(unbootable)}")
    if task.request.options.issu and impact.is_disruptive() is not False:
        raise CheckFailed(
            check="Install impact",
            expected="non-disruptive",
            actual=_impact_words(impact),
            action="go without ISSU in a window, or look at show install all impact",
        )
    return OpDone(_impact_words(impact))


def _incompatible(text: str) -> None:
    """A configuration that the new image cannot take keeps the old one running."""
    strict = [i for i in parse_incompatibilities(text) or () if "STRICT" in i.requirement.upper()]
    if strict:
        shown = "; ".join(f"{i.service}: {i.description or i.capability}" for i in strict)
        action = "; ".join(i.command for i in strict if i.command) or "look at show incompatibility-all"
        raise CheckFailed(check="Configuration", expected="no incompatibility", actual=shown, action=action)


def _impact_words(impact: InstallImpact) -> str:
    rows = [f"module {m.module} {m.impact} {m.install_type}" for m in impact.modules]
    return "; ".join(rows) or "no table of modules"


def _impact_checks(impact: InstallImpact, *, in_service: bool) -> tuple[Check, ...]:
    found = []
    for m in impact.modules:
        is_bad = not m.is_bootable or (in_service and m.impact != "non-disruptive")
        verdict = Verdict.FAILED if is_bad else Verdict.OK if m.impact == "non-disruptive" else Verdict.WARNING
        shown = f"{m.impact}, {m.install_type}{f' ({m.reason})' if m.reason else ''}"
        found.append(Check(f"Impact on module {m.module}", verdict, "non-disruptive" if in_service else "known", shown))
    found += [
        Check(f"Image {i.image} of module {i.module}", Verdict.OK, i.new, f"{i.running}, upgrade required")
        for i in impact.images
        if i.is_required
    ]
    return tuple(found)


def save_config(task: Task, op: Operation) -> OpDone:
    """`copy running-config startup-config`; the first `Copy complete` line is not its end."""
    line = op.lines[0]
    with task.shielded():
        for _ in range(_SAVE_TRIES):
            reply = task.change(line)
            if reply.ended is Ended.LOST:
                task.drop()
                continue
            if _SAVED.search(reply.text):
                return OpDone("saved")
            detail = device_refusal(reply.text) or "no 'Copy complete.' at its end"
            raise CommandError(command=line.text, detail=detail, output=reply.text[-500:])
    raise CommandError(command=line.text, detail="the session was lost twice")


# --- the install ---


def install_all(task: Task, op: Operation) -> OpDone:
    """Intent on disk, sent once; answered y because the impact was judged; followed by its status when it is lost."""
    line = op.lines[0]
    _not_busy(task)
    facts = look.read_version(task)
    slots = ",".join(str(m.number) for m in task.before.modules) if task.before is not None else ""
    task.evidence = {**evidence_of(task, facts), "install_status": status_digest(task), "modules": slots}
    task.checkpoint()
    task.barrier(op, line.text, task.evidence)
    task.is_reload_sent, task.sent_at = True, task.now()
    text = _send(task, line)
    if text is None:
        return OpDone("sent; the session ended")
    return _judge(task, op, text)


def _not_busy(task: Task) -> None:
    """A log that says so and moves on is an install of somebody else; one that stands still is of long ago."""
    before = status_digest(task)
    if not is_going(task):
        return
    task.pause(2 * task.waits.poll_s)
    if is_going(task) and status_digest(task) != before:
        raise InstallFailed(detail="another install is running: look at show install all status")


def _send(task: Task, line: Line) -> str | None:
    """The answer, or None when the session ended under it or its end was not seen."""
    try:
        reply = task.change(line)
    except PromptTimeout as err:
        task.drop()
        task.say(f"no end of '{line.text}' after {err.limit_s:.0f} s: followed by show install all status")
        return None
    except (UnknownPrompt, CommandError):
        task.is_reload_sent, task.sent_at = False, None  # stopped at a question, or refused: nothing was installed
        raise
    if reply.ended is Ended.LOST:
        task.drop()
        return None
    return reply.text


def _judge(task: Task, op: Operation, text: str) -> OpDone:
    """A prompt after the command: it ended in service, it failed, or the reboot is announced."""
    report = parse_install_report(text)
    impact = parse_install_impact(text)
    failures = (*(report.failures if report is not None else ()), *(impact.failures if impact is not None else ()))
    if report is not None and report.result is InstallResult.SUCCESS:
        if is_there(task, op, look.read_version(task)):
            task.stays_up = True
            return OpDone("the device says that the install was successful, without a reload")
        return OpDone("the device says that the install was successful")
    if failures or (report is not None and report.result is InstallResult.FAILED):
        task.is_reload_sent, task.sent_at = False, None
        raise InstallFailed(detail="; ".join(dict.fromkeys(failures)) or "Install has failed")
    if report is None:
        task.is_reload_sent, task.sent_at = False, None
        detail = device_refusal(text) or "the answer was not understood; nothing shows that it began"
        raise InstallFailed(detail=detail)
    return OpDone(f"under way: {report.last_step or report.result}")


def wait_install(task: Task, op: Operation) -> OpDone:
    """Wait for the boot; while the device is up its install status is read: failed ends, successful in service ends."""
    if task.stays_up:
        return OpDone("there is no reload to wait for", is_skipped=True)
    install = next(o for o in task.plan.of_phase(op.phase) if o.kind is OpKind.INSTALL)

    def look_at_status() -> None:
        if status_digest(task) == task.evidence.get("install_status"):
            return
        report = report_of(task)
        if report is None:
            return
        if report.result is InstallResult.FAILED:
            task.is_reload_sent = False
            raise InstallFailed(detail="; ".join(report.failures) or "show install all status says that it failed")
        if report.result is InstallResult.SUCCESS and is_there(task, install, look.read_version(task)):
            raise _InService

    try:
        return wait_for_boot(task, look_at_status)
    except _InService:
        task.stays_up = True
        return OpDone("installed in service")
    except CommandError as err:
        raise InstallFailed(detail=err.detail or str(err)) from err


class _InService(Exception):  # no error: it ends the wait
    """The new version runs and the device did not boot."""


# --- proof ---


def prove_nxos(task: Task, op: Operation) -> OpDone:
    """Version, image, modules and the end of the installer. Errors: VersionMismatch, CheckFailed, InstallFailed."""
    facts = _settled(task)
    task.proven = facts
    task.emit(FactsRead(facts))
    running = facts.version.image_file.removesuffix(".upg")  # what a non-disruptive upgrade adds to the name
    named = replace(facts, version=replace(facts.version, image_file=running))
    target = join_path(op.file_system, op.path)
    task.outcome = judge(named, task.plan, target)
    said = f"{facts.version.version} from {facts.version.image_file}"
    if task.outcome is not Outcome.UPGRADED:
        raise VersionMismatch(expected=f"{task.plan.to_version or 'the new image'} from {target}", actual=said)
    bad = _not_as_before(task, facts)
    if bad:
        task.outcome = Outcome.MEMBER_NOT_READY
        action = "look at show module and show redundancy status"
        raise CheckFailed(check="Modules", expected="all ok", actual=", ".join(bad), action=action)
    report = report_of(task)
    if report is not None and report.result is InstallResult.FAILED and _is_new(task):
        raise InstallFailed(detail="; ".join(report.failures) or "show install all status says that it failed")
    reason = f"; reset reason: {facts.version.reload_reason}" if facts.version.reload_reason else ""
    return OpDone(f"runs {said}{reason}; {len(facts.modules)} modules ok")


def _is_new(task: Task) -> bool:
    return status_digest(task) != task.evidence.get("install_status")


def not_ok(facts: Facts) -> list[str]:
    """Modules that are not up."""
    return [f"{m.number} {m.status}" for m in facts.modules if m.is_healthy is False]


def _not_as_before(task: Task, facts: Facts) -> list[str]:
    """Modules that are not up, that are gone since the install began, and a standby that is not hot or runs another
    version."""
    found = not_ok(facts)
    slots = [int(n) for n in task.evidence.get("modules", "").split(",") if n]
    there = {m.number for m in facts.modules}
    found += [f"{n} gone" for n in slots if n not in there] if facts.modules else []
    peer = facts.redundancy.peer_state
    if peer and peer.lower() not in (*HOT_STANDBY, "not present"):
        found.append(f"standby {peer}")
    other = [m for m in facts.modules if m.status == "ha-standby" and m.version]
    return found + [f"{m.number} {m.version}" for m in other if not same_version(m.version, facts.version.version)]


def _settled(task: Task) -> Facts:
    """Facts once modules are up and the installer has ended, or what they are when the limit is over."""
    started, limit = task.clock.monotonic(), task.waits.reload_limit_s
    ready = task.pack.waits.ready_limit_s / task.waits.scale  # some releases never write the end into that log
    while True:
        with task.shielded():
            facts = look.read_all(task)
            going = is_going(task)
        spent = task.clock.monotonic() - started
        bad = _not_as_before(task, facts)
        if not bad and not (going and spent < ready):
            return facts
        if spent >= limit:
            return facts
        open_ = [*bad, *(["the installer runs"] if going else [])]
        task.progress_s(spent, limit, f"not ready: {', '.join(open_[:_MAX_STATUS])}")
        task.pause(max(1.0, task.waits.poll_s))


HANDLERS: dict[OpKind, Handler] = {
    **BUNDLE_HANDLERS,
    OpKind.PRE_CHECKS: pre_checks_nxos,
    OpKind.CHECK_IMPACT: check_impact,
    OpKind.SAVE_CONFIG: save_config,
    OpKind.INSTALL: install_all,
    OpKind.WAIT_RELOAD: wait_install,
    OpKind.PROVE: prove_nxos,
}
