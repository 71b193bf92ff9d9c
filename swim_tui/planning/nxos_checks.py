"""Checks of a Nexus: modules, vPC, install in progress, kickstart pair, SCP server, in-service upgrade."""

from __future__ import annotations

import re
from collections.abc import Sequence

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device_path import base_name
from swim_tui.model.image import SoftwareImage
from swim_tui.model.imageset import ImageSet, set_problems
from swim_tui.model.install import Vpc
from swim_tui.model.readiness import HOT_STANDBY
from swim_tui.planning import checks_device, checks_issu
from swim_tui.planning.checks import check_force
from swim_tui.planning.checks_alone import check_activation_alone
from swim_tui.planning.checks_image import IMAGE_CHECKS, megabytes
from swim_tui.planning.imagefiles import FilePlace, files_of, space_of
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation
from swim_tui.planning.sources import check_source

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+=@-]{0,127}")
_DEVICE = (
    checks_device.check_facts,
    checks_device.check_age,
    checks_device.check_boot_variable,
    checks_device.check_config_lock,
    checks_device.check_dirty_config,
    checks_device.check_config_readable,
)


def check_names(images: Sequence[SoftwareImage]) -> tuple[Check, ...]:
    """A name that a device's command line would take apart never reaches it."""
    expected, action = "letters, digits, . _ + = @ -", "import it under a plain name"
    bad = [i.file_name for i in images if _NAME.fullmatch(i.file_name) is None]
    return tuple(Check("Image file name", Verdict.FAILED, expected, repr(name), action) for name in bad)


def check_location(s: Situation, problem: str) -> Check:
    """The destination exists, can be written and is one the platform takes images from."""
    wanted = s.options.location or s.pack.boot_file_system
    if problem:
        action = f"choose one of {', '.join(s.pack.file_systems)}"
        return Check("Image location", Verdict.FAILED, wanted, problem, action)
    return Check("Image location", Verdict.OK, wanted, wanted)


def check_space(files: Sequence[FilePlace]) -> Check:
    """Room for all files together, after the planned deletions."""
    line = space_of(files)
    name = f"Free space {line.file_system}"
    free, need = line.free_bytes, line.required_bytes
    if free is None:
        return Check(name, Verdict.FAILED, megabytes(need), "not known", "look at dir on the device")
    shown = f"{megabytes(free)} free of {megabytes(line.total_bytes)}"
    if need == 0:
        return Check(name, Verdict.OK, "the files are there already", shown)
    if free + line.freed_bytes < need:
        action = "free space by hand" if len(files) > 1 else "allow the smart erase or free space by hand"
        return Check(name, Verdict.FAILED, megabytes(need), shown, action)
    deleted = [d.path for p in files for d in p.target.deletions]
    if deleted:
        return Check(name, Verdict.WARNING, megabytes(need), shown, f"the smart erase deletes {', '.join(deleted)}")
    return Check(name, Verdict.OK, megabytes(need), shown)


def check_on_device(s: Situation, files: Sequence[FilePlace]) -> Check | None:
    """An activation without distribution needs every file on the device already, whole."""
    if s.distributes or not s.activates:
        return None
    for place in files:
        present, expected = place.target.present, f"{place.image.file_name}, {place.image.size_bytes} bytes"
        if present is None:
            shown = f"not on {place.target.name}"
            return Check("Image on device", Verdict.FAILED, expected, shown, "distribute it first")
        if present.size_bytes != place.image.size_bytes:
            shown = f"{present.size_bytes} bytes on {place.target.name}"
            return Check("Image on device", Verdict.FAILED, expected, shown, "distribute it again")
    return Check("Image on device", Verdict.OK, "every file, whole", ", ".join(p.remote for p in files))


def check_overwrite(s: Situation, files: Sequence[FilePlace]) -> Check | None:
    """What runs or boots is never overwritten: same name with another size means another file."""
    used = (s.facts.version.image_file, *checks_device.boot_targets(s.facts))
    names = {base_name(text.rstrip(";")).lower() for text in used if text}
    for place in files:
        present = place.target.present
        if not s.distributes or present is None or present.size_bytes == place.image.size_bytes:
            continue
        if place.image.file_name.lower() in names:
            shown = f"the device runs or boots a file of that name with {present.size_bytes} bytes"
            action = "import the image under another name"
            return Check("Overwrite", Verdict.FAILED, "the running image stays", shown, action)
    return None


def check_protocol(choice: ProtocolChoice, how: str) -> Check:
    """SCP or SFTP must be among the job's protocols; `how` switches the SCP server on."""
    from_server = check_source(choice)
    if from_server is not None:
        return from_server
    if choice.protocol is None:
        return Check("Protocol", Verdict.FAILED, "SCP or SFTP", "; ".join(choice.reasons), f"{how}, or allow SCP")
    if choice.enables_scp:
        return Check("Protocol", Verdict.WARNING, "SCP", "SCP server is off", "it is switched on for the copy")
    return Check("Protocol", Verdict.OK, "SCP or SFTP", str(choice.protocol))


def check_modules(s: Situation) -> Check:
    """Every module must be up before the change."""
    if not s.facts.modules:
        return Check("Modules", Verdict.WARNING, "all ok", "not known", "look at show module")
    bad = [f"{m.number} {m.status}" for m in s.facts.modules if m.is_healthy is False]
    if bad:
        return Check("Modules", Verdict.FAILED, "all ok", ", ".join(bad), "look at show module")
    return Check("Modules", Verdict.OK, "all ok", f"{len(s.facts.modules)} ok")


def check_supervisors(s: Situation) -> Check | None:
    """The other supervisor, where there is one, must be a hot standby: it takes the new software first."""
    peer = s.facts.redundancy.peer_state
    if not peer or peer.lower() == "not present":
        return None
    if peer.lower() in HOT_STANDBY:
        return Check("Supervisors", Verdict.OK, "HA standby", peer)
    return Check("Supervisors", Verdict.FAILED, "HA standby", peer, "look at show redundancy status and show module")


def vpc_problem(vpc: Vpc) -> str:
    """Why the vPC peer cannot carry the traffic meanwhile; empty when it can."""
    if vpc.peer_status and "formed ok" not in vpc.peer_status:
        return f"peer {vpc.peer_status}"
    if vpc.keepalive and "alive" not in vpc.keepalive:
        return f"keep-alive {vpc.keepalive}"
    return ""


def check_vpc(s: Situation) -> Check | None:
    """The other switch of a vPC pair must be able to carry the traffic alone."""
    vpc = s.facts.vpc
    if vpc is None:
        return None
    problem = vpc_problem(vpc)
    if problem:
        return Check("vPC", Verdict.FAILED, "peer adjacency formed ok", problem, "look at show vpc")
    if not s.device.pair:
        action = "set the pair of this device in the inventory, so that both are never down together"
        return Check("vPC", Verdict.WARNING, "pair set", f"vPC {vpc.operational_role}, no pair set", action)
    return Check("vPC", Verdict.OK, "peer up, pair set", f"{vpc.operational_role}, pair {s.device.pair}")


def check_pair(s: Situation, kickstart: SoftwareImage | None) -> Check | None:
    """Two-file platforms need the kickstart image of the same version."""
    if "kickstart" not in s.pack.image_parts:
        return None
    problems = set_problems(ImageSet(s.image, kickstart))
    name = kickstart.file_name if kickstart is not None else "none"
    if kickstart is None or problems:
        action = "choose the system image and its kickstart image together"
        return Check("Image set", Verdict.FAILED, "kickstart + system", "; ".join(problems) or name, action)
    return Check("Image set", Verdict.OK, "kickstart + system", name)


def check_alone(s: Situation) -> Check | None:
    """One-image platforms take one file."""
    files = files_of(s)
    if "kickstart" in s.pack.image_parts or len(files) == 1:
        return None
    names = ", ".join(i.file_name for i in files)
    return Check("Image set", Verdict.FAILED, "one image", names, "choose one image for this platform")


def check_issu(s: Situation) -> Check | None:
    """An in-service upgrade is asked of the device itself right before the install."""
    unsupported = checks_issu.check_issu(s)
    if unsupported is not None or not (s.options.issu and s.activates):
        return unsupported
    action = "the device's own impact table decides right before the install; disruptive means stop"
    return Check("ISSU", Verdict.WARNING, "non-disruptive", "known only on the device", action)


def check_boot_command(s: Situation) -> Check | None:
    """`install all` sets the boot variable itself; a boot variable alone is not armed here."""
    if s.activates or not s.options.insert_boot_command:
        return None
    action = "install all sets it at the activation"
    return Check("Boot command", Verdict.WARNING, "off", "asked for without activation: nothing is armed", action)


def all_checks(
    s: Situation,
    files: Sequence[FilePlace],
    kickstart: SoftwareImage | None,
    problem: str,
    choice: ProtocolChoice,
    others: Sequence[FilePlace] = (),
) -> tuple[Check, ...]:
    """Every check that has something to say, in the order of the report."""
    found: list[Check | None] = [*check_names(files_of(s)), *(check(s) for check in IMAGE_CHECKS)]
    found += [check_pair(s, kickstart), check_alone(s), *(check(s) for check in _DEVICE)]
    found += [check_modules(s), check_supervisors(s), check_vpc(s), check_location(s, problem)]
    if s.distributes and not problem:
        found += [check_space(files), check_overwrite(s, files)]
        found += [check_space(others), check_overwrite(s, others)] if others else []
    if s.distributes:
        found.append(check_protocol(choice, "type: feature scp-server"))
    found += [check_on_device(s, (*files, *others)), check_issu(s), check_boot_command(s), check_force(s)]
    found.append(check_activation_alone(s))
    return tuple(c for c in found if c is not None)
