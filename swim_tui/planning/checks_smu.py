"""Checks of SMUs: the release they fit, the mode they need, what is committed when."""

from __future__ import annotations

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device import DeviceClass
from swim_tui.model.image import SoftwareImage
from swim_tui.model.options import CommitMode
from swim_tui.model.smu import active_smus, fix_of, is_smu
from swim_tui.model.version import same_version
from swim_tui.planning.checks_issu import is_in_service
from swim_tui.planning.situation import Situation, runs_bundle


def check_release(s: Situation, smu: SoftwareImage) -> Check:
    """An SMU fits the release that runs, or that of the image it comes with, and no other."""
    name = f"SMU {fix_of(smu.file_name)}"
    is_alone = is_smu(s.image)
    base = s.facts.version.version if is_alone else s.image.version
    whose = "runs" if is_alone else f"is that of {s.image.file_name}"
    expected = f"release {smu.version or 'not known'}"
    if not is_alone and smu.family and s.image.family and smu.family != s.image.family:
        return Check(name, Verdict.FAILED, smu.family, s.image.family, "choose the SMU of this platform")
    if smu.version and base and same_version(smu.version, base):
        return Check(name, Verdict.OK, expected, f"{base} {whose}")
    action = f"choose the SMU made for {base or 'the release that runs'}, or add the image of {smu.version} to the job"
    return Check(name, Verdict.FAILED, expected, f"{base or 'not known'} {whose}", action)


def check_mode(s: Situation) -> Check | None:
    """SMUs are added to packages only."""
    is_alone = is_smu(s.image)
    if s.pack.device_class is not DeviceClass.XE16_INSTALL:
        action = "leave the SMU out, or bring the device to install mode first"
        return Check("SMU mode", Verdict.FAILED, "packages of XE 16 or later", str(s.pack.device_class), action)
    if is_alone and runs_bundle(s.facts):
        action = "convert the device to install mode first: the image and its SMUs go in one job"
        return Check("SMU mode", Verdict.FAILED, "install mode", "bundle mode", action)
    return None


def check_commit(s: Situation) -> Check | None:
    """Only what is committed takes the next SMU: a commit by hand in between nobody would give in time."""
    count = len(s.smus) + (0 if is_smu(s.image) else 1)
    if not s.activates or s.options.commit is not CommitMode.BY_HAND or count < 2:
        return None
    action = "choose commit after proof, or put each file into a job of its own"
    return Check("Commit between", Verdict.FAILED, "after each proof", "by hand", action)


def check_in_service(s: Situation) -> Check | None:
    """An upgrade in service ends where an SMU reloads the device."""
    if not is_in_service(s):
        return None
    action = "upgrade in service first, then give the SMU a job of its own"
    return Check("SMU in service", Verdict.FAILED, "no reload", "an SMU may reload the device", action)


def check_left_behind(s: Situation) -> Check | None:
    """SMUs that run end with their release: the new one has most of their fixes, and a person should know."""
    found = [fix_of(name) for name in active_smus(s.facts.install)]
    if is_smu(s.image) or not found or not s.activates or same_version(s.image.version, s.facts.version.version):
        return None
    action = f"see in the release notes of {s.image.version} that these are in it"
    return Check("Active SMUs", Verdict.WARNING, "in the new release", ", ".join(found), action)


def smu_checks(s: Situation) -> tuple[Check, ...]:
    """What there is to say of SMUs in the job, or on the device."""
    found: list[Check | None] = []
    if s.smus:
        found += [check_release(s, smu) for smu in s.smus]
        found += [check_mode(s), check_commit(s), check_in_service(s)]
    if s.installs:
        found.append(check_left_behind(s))
    return tuple(check for check in found if check is not None)
