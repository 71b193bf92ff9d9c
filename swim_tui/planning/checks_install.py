"""Checks of devices that run packages: install state, modes of the members, what an install needs to know."""

from __future__ import annotations

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device import DeviceClass
from swim_tui.model.facts import BootMode
from swim_tui.model.version import Scheme, parse_version
from swim_tui.planning.checks_image import consented
from swim_tui.planning.situation import Situation, runs_bundle

NEW_FORCE = "new-force"


def check_install_state(s: Situation) -> Check | None:
    """No other install runs, and nothing waits for its commit."""
    install, name = s.facts.install, "Install state"
    expected = "committed, none running"
    if install is None:
        if s.converts or not s.pack.install.add:
            return None  # nothing is installed yet, or the release has no such state
        return Check(name, Verdict.WARNING, expected, "not known", "look at show install summary")
    if install.is_busy():
        return Check(name, Verdict.FAILED, expected, "an install is running", "wait for it: show install log")
    if install.is_uncommitted():
        timer = install.auto_abort
        left = f", {timer.remaining_s} s left" if timer and timer.remaining_s is not None else ""
        action = f"commit it ({s.pack.install.commit}) or take it back first"
        return Check(name, Verdict.FAILED, expected, f"not committed{left}", action)
    if install.disagreeing():
        shown = ", ".join(install.disagreeing())
        return Check(name, Verdict.FAILED, "the same on every member", shown, "look at show install summary")
    return Check(name, Verdict.OK, expected, "committed")


def check_target_version(s: Situation) -> Check | None:
    """Every release runs from packages.conf: without a version nothing could be proven."""
    if s.image.version:
        return None
    action = "fill in the version on the image page"
    return Check("Image version", Verdict.FAILED, "known", "not known", action)


def check_member_modes(s: Situation) -> Check | None:
    """All members in one mode."""
    modes = {m.mode for m in s.facts.members if m.mode is not BootMode.UNKNOWN}
    if len(modes) < 2:
        return None
    shown = ", ".join(f"{m.number} {m.mode}" for m in s.facts.members)
    return Check("Member modes", Verdict.FAILED, "one mode", shown, "bring the members to one mode first")


def check_image_backup(s: Situation) -> Check | None:
    """What runs are packages, no single file that could be stored."""
    if not s.options.backup_current_image or runs_bundle(s.facts):
        return None
    action = "switch Backup current image off: the packages stay on the device as rollback point"
    return Check("Image backup", Verdict.FAILED, "a running .bin", "packages", action)


def needs_new_force(s: Situation) -> bool:
    """True for the step from XE 3.x to 16: all packages are replaced at once, and boot loader and microcode follow."""
    to = parse_version(s.image.version)
    return s.pack.device_class is DeviceClass.XE3_INSTALL and to is not None and to.scheme is Scheme.XE16


def check_new_force(s: Situation) -> Check | None:
    """`new force` leaves nothing of the old set in place: a consent of its own."""
    if not needs_new_force(s):
        return None
    if s.converts:
        action = "convert it within 3.x first, or upgrade it in bundle mode"
        return Check("Install over all packages", Verdict.FAILED, "one step at a time", "3.x to 16 from bundle", action)
    action = "give the consent: the first boot upgrades boot loader and microcode and must not lose power"
    expected, shown = "packages merged one by one", "software install ... new force"
    return consented(s, Check("Install over all packages", Verdict.FAILED, expected, shown, action, NEW_FORCE))


INSTALL_CHECKS = (
    check_new_force,
    check_install_state,
    check_target_version,
    check_member_modes,
    check_image_backup,
)
