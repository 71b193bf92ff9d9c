"""All checks of one device against one image, and those of the request: location, space, protocol, boot command."""

from __future__ import annotations

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device import DeviceClass
from swim_tui.model.device_path import same_file
from swim_tui.model.options import UpgradeMode
from swim_tui.model.smu import is_smu
from swim_tui.model.version import Order, compare
from swim_tui.planning.archive import ARCHIVE_CHECKS, is_unpacked
from swim_tui.planning.checks_device import DEVICE_CHECKS
from swim_tui.planning.checks_image import IMAGE_CHECKS, SMU_IMAGE_CHECKS, consented, megabytes
from swim_tui.planning.checks_install import INSTALL_CHECKS
from swim_tui.planning.checks_issu import ISSU_CHECKS, is_in_service
from swim_tui.planning.checks_smu import smu_checks
from swim_tui.planning.fallback import check_fallback
from swim_tui.planning.situation import Situation, Target, runs_bundle
from swim_tui.planning.sources import check_source, choose
from swim_tui.planning.targets import file_on

FORCE_RELOAD = "force-reload"


def check_location(s: Situation) -> Check:
    """The destination file system exists on the device, can be written and is one the platform boots from."""
    wanted = s.options.location or s.pack.boot_file_system
    if s.location_problem:
        action = f"choose one of {', '.join(s.pack.file_systems)}"
        return Check("Image location", Verdict.FAILED, wanted, s.location_problem, action)
    return Check("Image location", Verdict.OK, wanted, ", ".join(t.name for t in s.targets))


def check_space(s: Situation, target: Target) -> Check:
    """Free flash of one file system against what the copy needs, after the deletions of the smart erase."""
    name = f"Free space {target.name}"
    free, need = target.file_system.free_bytes, target.required_bytes
    if free is None:
        return Check(name, Verdict.FAILED, megabytes(need), "not known", "look at dir on the device")
    line = target.space_line()
    shown = f"{megabytes(free)} free of {megabytes(target.file_system.total_bytes)}"
    if need == 0:
        return Check(name, Verdict.OK, "the image is there already", shown)
    if free + line.freed_bytes >= need:
        gone = (*target.deletions, *target.clean)
        if not gone or target.missing_bytes == 0:
            return Check(name, Verdict.OK, megabytes(need), shown)
        names = ", ".join(d.path for d in gone)
        return Check(name, Verdict.WARNING, megabytes(need), shown, f"the smart erase deletes {names}")
    if s.options.erase_flash:
        action = "no software image may be deleted that would free enough; free space by hand"
    else:
        action = "allow the smart erase (option Erase Flash Before Distribution) or free space by hand"
    return Check(name, Verdict.FAILED, megabytes(need), shown, action)


def check_protocol(s: Situation) -> Check:
    """At least one protocol of the job can be used on this device."""
    choice = choose(s)
    from_server = check_source(choice)
    if from_server is not None:
        return from_server
    expected = ", ".join(s.options.protocol_order) or "a protocol"
    if choice.protocol is None:
        return Check(
            "Protocol",
            Verdict.FAILED,
            expected,
            "; ".join(choice.reasons),
            "type: ip scp server enable, or allow another protocol",
        )
    if choice.enables_scp:
        return Check(
            "Protocol", Verdict.WARNING, expected, "SCP server is off", "it is switched on for the copy and off again"
        )
    if s.facts.scp_server is None:
        return Check(
            "Protocol",
            Verdict.WARNING,
            expected,
            f"{choice.protocol}, state of the server not known",
            "the copy will show it",
        )
    return Check("Protocol", Verdict.OK, expected, str(choice.protocol))


def check_upgrade_mode(s: Situation) -> Check:
    """The mode asked for must be one of the pack's, and the one the device runs in or can be converted to."""
    asked, runs = s.options.upgrade_mode, "bundle" if runs_bundle(s.facts) else "install"
    wanted = runs if asked is UpgradeMode.CURRENT else asked.value
    modes = ", ".join(s.pack.upgrade_modes)
    if wanted not in s.pack.upgrade_modes:
        return Check("Upgrade mode", Verdict.FAILED, modes, wanted, f"{s.pack.title} is upgraded in: {modes}")
    if wanted == runs:
        return Check("Upgrade mode", Verdict.OK, wanted, runs)
    if s.converts and (not s.installs or s.pack.install.convert):
        return Check("Upgrade mode", Verdict.WARNING, wanted, runs, f"the device is converted from {runs} to {wanted}")
    action = "this version does not convert between bundle and install mode"
    return Check("Upgrade mode", Verdict.FAILED, wanted, runs, action)


def check_boot_command(s: Situation) -> Check | None:
    """Bundle Mode without the boot command would reload into the old image."""
    if not s.activates or s.options.insert_boot_command or s.pack.device_class is DeviceClass.IOS_TAR:
        return None  # out of an archive the switch sets its boot variable by itself
    if s.installs:
        if not s.converts:
            return None
        return Check("Boot command", Verdict.WARNING, "on", "off", "the conversion to install mode switches it on")
    action = "switch on Insert boot command: without it the reload boots the old image"
    return Check("Boot command", Verdict.FAILED, "on", "off", action)


def check_image_on_device(s: Situation) -> Check | None:
    """An activation without distribution needs the image on every target already, whole."""
    if s.distributes or not s.activates:
        return None
    expected = f"{s.image.file_name}, {s.image.size_bytes} bytes"
    if s.pack.device_class is DeviceClass.IOS_TAR and is_unpacked(s):
        return Check("Image on device", Verdict.OK, expected, "its directory, unpacked before")
    copied = [target for target in s.targets if target.is_copied]
    for target in copied:
        if target.present is None:
            return Check("Image on device", Verdict.FAILED, expected, f"not on {target.name}", "distribute it first")
        if target.present.size_bytes != s.image.size_bytes:
            shown = f"{target.present.size_bytes} bytes on {target.name}"
            return Check("Image on device", Verdict.FAILED, expected, shown, "distribute it again")
    for smu in s.smus:
        entry = file_on(s.facts, f"{s.targets[0].name}{smu.file_name}") if s.targets else None
        if smu.id != s.image.id and (entry is None or entry.size_bytes != smu.size_bytes):
            return Check("Image on device", Verdict.FAILED, smu.file_name, "not there, or not whole", "distribute it")
    return Check("Image on device", Verdict.OK, expected, ", ".join(f"{t.name}/{t.path}" for t in copied))


def check_overwrite(s: Situation) -> Check | None:
    """The running image is never overwritten: same name with another size means another file."""
    for target in s.targets:
        if not s.distributes or target.present is None or target.present.size_bytes == s.image.size_bytes:
            continue
        if same_file(f"{target.name}{target.path}", s.facts.version.image_file, s.facts):
            shown = f"the device runs a file of that name with {target.present.size_bytes} bytes"
            return Check(
                "Overwrite", Verdict.FAILED, "the running image stays", shown, "import the image under another name"
            )
    return None


def check_force(s: Situation) -> Check | None:
    """A forced reload of a device that runs the target is a consent of its own; one that runs another needs none."""
    if not s.options.force_reload:
        return None
    if not s.smus and compare(s.facts.version.version, s.image.version) in (Order.NEWER, Order.LOWER):
        return None
    check = Check(
        "Forced reload", Verdict.FAILED, "consent", "asked for", "type the consent, or switch it off", FORCE_RELOAD
    )
    return consented(s, check)


def all_checks(s: Situation) -> tuple[Check, ...]:
    """Every check that has something to say, in the order of the report."""
    found: list[Check | None] = [check(s) for check in (SMU_IMAGE_CHECKS if is_smu(s.image) else IMAGE_CHECKS)]
    found += smu_checks(s)
    found += [check(s) for check in DEVICE_CHECKS]
    found.append(check_location(s))
    if s.installs:
        found += [check(s) for check in INSTALL_CHECKS]
    if s.pack.device_class is DeviceClass.IOS_TAR:
        found += [check(s) for check in ARCHIVE_CHECKS]
    if is_in_service(s):
        found += [check(s) for check in ISSU_CHECKS]
    if s.distributes or (s.unpacks and s.activates):
        found += [check_space(s, target) for target in s.targets]
    if s.distributes:
        found += [check_protocol(s), check_overwrite(s)]
    found += [check_image_on_device(s), check_upgrade_mode(s), check_boot_command(s), check_fallback(s), check_force(s)]
    return tuple(c for c in found if c is not None)
