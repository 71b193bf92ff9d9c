"""Operations of 3650 and 3850 that run packages of XE 3: `software install file` with its reload (DEVICE_FACTS 6.3)."""

from __future__ import annotations

from dataclasses import replace

from swim_tui.model.plan import Answer, Line, Operation, OpKind, Phase
from swim_tui.planning import bundle, install16
from swim_tui.planning.bundle import BootImage
from swim_tui.planning.checks_install import needs_new_force
from swim_tui.planning.durations import words
from swim_tui.planning.install16 import boot_ready, distribution, install_limit_s, is_there, operation, to_image
from swim_tui.planning.planparts import pre_checks
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation
from swim_tui.planning.space import packages_in_use

__all__ = [
    "backout_words",
    "is_there",
    "plan_operations",
    "rollback_line",
    "rollback_operations",
    "to_image",
]

RELOAD = Answer(r"proceed with reload\?\s*\[yes/no\]:?\s*$", "yes", why="the reload is in the plan")
_EXPECT = "Finished installing software, then the reload question and the end of the session"
_INSTALL_S = 300.0


def _install_operation(s: Situation, phase: Phase, kind: OpKind, title: str, text: str) -> Operation:
    line = Line(text, changes=True, expect=_EXPECT, answers=(RELOAD,), timeout_s=install_limit_s(s))
    return replace(operation(phase, kind, title, (line,)), expected_s=_INSTALL_S / s.waits.scale)


def activation(s: Situation, outage_s: float, *, is_verified: bool) -> tuple[Operation, ...]:
    """Pre-checks to post-checks; XE 3 commits with the install."""
    phase, main = Phase.ACTIVATE, s.targets[0]
    boot = bundle.boot_image(s, main)
    boot = BootImage(boot.file_system, boot.path, boot.size_bytes) if is_verified else boot
    syntax = s.pack.install
    if s.converts:
        return _conversion(s, boot, outage_s)
    text = syntax.one_step_major if needs_new_force(s) else syntax.one_step
    command = text.format(fs=main.name, path=main.path)
    install = _install_operation(s, phase, OpKind.INSTALL, f"Installing {main.path}", command)
    note = "boot loader and microcode are upgraded at the first boot: it takes long" if needs_new_force(s) else ""
    return (
        operation(
            phase, OpKind.PRE_CHECKS, "Checking before the change", tuple(Line(t) for t in s.pack.pre_check_commands)
        ),
        *bundle.backup_config(s, phase),
        bundle.verify_image(s, boot, phase),
        *boot_ready(s, phase),
        replace(install, file_system=main.name, path=main.path, note=note),
        *install16.proof_operations(s, phase, outage_s),
    )


def _conversion(s: Situation, boot: BootImage, outage_s: float) -> tuple[Operation, ...]:
    """From bundle mode: packages out of the new image, the boot variable to packages.conf, a reload."""
    phase, main = Phase.ACTIVATE, s.targets[0]
    text = s.pack.install.convert.format(fs=main.name, path=main.path)
    line = Line(text, changes=True, expect="Finished expanding bundle", timeout_s=install_limit_s(s))
    expand = operation(phase, OpKind.INSTALL_ADD, f"Expanding {main.path} into packages", (line,))
    reload_, *_ = bundle.reload_operations(s, install16.packages_boot(s), phase, outage_s)
    return (
        pre_checks(s, phase),
        *bundle.backup_config(s, phase),
        bundle.verify_image(s, boot, phase),
        replace(expand, file_system=main.name, path=install16.PACKAGES_CONF, expected_s=_INSTALL_S / s.waits.scale),
        *boot_ready(s, phase),
        reload_,
        *install16.proof_operations(s, phase, outage_s),
    )


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
    if s.converts:
        return bundle.backout_words(s, operations, rollback_s)
    if all(op.kind is not OpKind.INSTALL for op in operations):
        return ("delete the copied file; nothing else was changed",)
    found = ["before the reload: nothing to do, the old packages run"]
    if needs_new_force(s):
        found.append(f"after it: install the image of {s.facts.version.version} again; microcode is not taken back")
    else:
        found.append(f"after it: {s.pack.install.rollback}, about {words(rollback_s)}; the old packages stay")
    found.append("lost by going back: configuration commands that only the new version knows")
    return tuple(found)


def rollback_line(s: Situation, to_version: str) -> tuple[str, str]:
    """The command that goes back to this version, or "" and why there is none."""
    in_use = packages_in_use(s.facts) or frozenset()
    fs = s.facts.file_system(s.pack.boot_file_system)
    wanted = to_version.replace(".", "").lower()
    names = [f.path.lower() for f in (fs.files if fs is not None else None) or ()]
    kept = [n for n in names if n.endswith(".pkg") and n not in in_use and wanted in n.replace(".", "")]
    if not kept:
        return "", f"the packages of {to_version} are not on {s.pack.boot_file_system} any more: install it again"
    return s.pack.install.rollback, ""


def rollback_operations(s: Situation, command: str, outage_s: float) -> tuple[Operation, ...]:
    """Back to the packages of the release before, proven as an activation is."""
    phase = Phase.ROLLBACK
    checks = tuple(Line(t) for t in s.pack.pre_check_commands)
    return (
        operation(phase, OpKind.PRE_CHECKS, "Checking before the change", checks),
        *bundle.backup_config(s, phase),
        *boot_ready(s, phase),
        _install_operation(s, phase, OpKind.ROLLBACK, "Rolling back", command),
        *install16.proof_operations(s, phase, outage_s),
    )
