"""Operations of routers and early 16.x switches that run packages by `request platform software package` (6.5)."""

from __future__ import annotations

from dataclasses import replace

from swim_tui.model.plan import Line, LineMode, Operation, OpKind, Phase
from swim_tui.planning import bundle, install16
from swim_tui.planning.durations import words
from swim_tui.planning.install16 import boot_ready, install_limit_s, is_there, operation, packages_boot, to_image
from swim_tui.planning.planparts import pre_checks
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation
from swim_tui.planning.slots import slots

__all__ = [
    "backout_words",
    "is_there",
    "plan_operations",
    "rollback_line",
    "rollback_operations",
    "to_image",
]

_EXPECT = "SUCCESS: Software provisioned.  New software will load on reboot."
_INSTALL_S = 300.0


def by_processor(s: Situation) -> bool:
    """True where every route processor is provisioned by a command of its own (routers, not stacks)."""
    return "{rp}" in s.pack.install.one_step


def _commands(s: Situation, template: str) -> tuple[str, ...]:
    """One command for a stack; for processors the standby's first, the active's last."""
    main = s.targets[0] if s.targets else None
    names = {"fs": main.name if main else "", "path": main.path if main else ""}
    if "{rp}" not in template:
        return (template.format(**names),)
    active, standby = slots(s.facts)
    found = [template.format(rp=active or "0", **names)]
    if standby and len(s.targets) > 1:
        names["fs"] = s.targets[1].name
        found.insert(0, template.format(rp=standby, **names))
    elif standby and not s.targets:
        found.insert(0, template.format(rp=standby, **names))
    return tuple(found)


def _distribution(s: Situation, choice: ProtocolChoice, rate: float) -> tuple[Operation, ...]:
    """A stack copies to its members itself; the other route processor gets a copy of its own."""
    if by_processor(s):
        off = replace(s, options=replace(s.options, insert_boot_command=False))
        return bundle.distribution(off, choice, rate)
    return install16.distribution(s, choice, rate)


def _provision(s: Situation, phase: Phase, kind: OpKind, title: str, texts: tuple[str, ...]) -> Operation:
    limit = install_limit_s(s)
    lines = tuple(Line(t, changes=True, expect=_EXPECT, timeout_s=limit) for t in texts)
    back = _commands(s, s.pack.install.rollback) if kind is OpKind.INSTALL and s.pack.install.rollback else ()
    return replace(
        operation(phase, kind, title, lines),
        file_system=s.pack.boot_file_system,
        path=install16.PACKAGES_CONF,
        expected_s=_INSTALL_S * len(texts) / s.waits.scale,
        undo=tuple(Line(t, LineMode.EXEC, changes=True, expect=_EXPECT, timeout_s=limit) for t in back),
        note="the next reload, whoever causes it, starts the new packages" if kind is OpKind.INSTALL else "",
    )


def _reload(s: Situation, phase: Phase, outage_s: float) -> tuple[Operation, ...]:
    first, *_ = bundle.reload_operations(s, packages_boot(s), phase, outage_s)
    return (first, *install16.proof_operations(s, phase, outage_s))


def plan_operations(s: Situation, choice: ProtocolChoice, rate: float, outage_s: float) -> tuple[Operation, ...]:
    """All operations of this device, in order, for the phases asked for."""
    found: list[Operation] = [bundle.read_state(s)]
    if s.distributes:
        found += _distribution(s, choice, rate)
    if s.activates:
        found += _activation(s, outage_s, is_verified=s.distributes or s.verified_lately)
    return tuple(found)


def _activation(s: Situation, outage_s: float, *, is_verified: bool) -> tuple[Operation, ...]:
    phase = Phase.ACTIVATE
    images = [bundle.boot_image(s, t) for t in s.targets if t.is_copied]
    if is_verified:
        images = [replace(i, digest="", algorithm="") for i in images]
    texts = _commands(s, s.pack.install.one_step)
    return (
        pre_checks(s, phase),
        *bundle.backup_config(s, phase),
        *(bundle.verify_image(s, i, phase) for i in images),
        *boot_ready(s, phase),
        _provision(s, phase, OpKind.INSTALL, f"Provisioning the packages of {s.image.version}", texts),
        *_reload(s, phase, outage_s),
    )


def backout_words(s: Situation, operations: tuple[Operation, ...], rollback_s: float) -> tuple[str, ...]:
    """How to go back, for the plan page."""
    op = next((op for op in operations if op.kind is OpKind.INSTALL), None)
    if op is None:
        return ("delete the copied file; nothing else was changed",)
    typed = "; ".join(line.text for line in op.undo)
    if not typed:
        return (f"provision the packages of {s.facts.version.version} again, then reload",)
    return (
        f"before the reload: {typed} (done by the tool when the task stops or fails)",
        f"after it: {typed}, then reload; about {words(rollback_s)}; the old packages stay",
        "lost by going back: configuration commands that only the new version knows",
    )


def rollback_line(s: Situation, to_version: str) -> tuple[str, str]:
    """The command that goes back, or "" and why there is none; the device keeps the provisioning of before."""
    if not s.pack.install.rollback:
        return "", f"no rollback command on this platform: install {to_version} again"
    return _commands(s, s.pack.install.rollback)[-1], ""


def rollback_operations(s: Situation, command: str, outage_s: float) -> tuple[Operation, ...]:
    """Back to the provisioning of before, a reload, and the proof of an activation."""
    phase = Phase.ROLLBACK
    texts = _commands(s, s.pack.install.rollback)
    return (
        pre_checks(s, phase),
        *bundle.backup_config(s, phase),
        *boot_ready(s, phase),
        _provision(s, phase, OpKind.ROLLBACK, "Provisioning the packages of before", texts),
        *_reload(s, phase, outage_s),
    )
