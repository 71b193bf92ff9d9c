"""Checks of an IOS-XR router: nodes, pending installs and commits, packages without a successor, FPDs, clock."""

from __future__ import annotations

from collections.abc import Sequence

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device import DeviceClass
from swim_tui.model.image import ImageType
from swim_tui.model.imageset import ImageSet, set_problems, without_successor
from swim_tui.planning import checks_device
from swim_tui.planning.checks import check_force
from swim_tui.planning.checks_alone import check_activation_alone
from swim_tui.planning.checks_image import IMAGE_CHECKS
from swim_tui.planning.checks_issu import check_issu
from swim_tui.planning.durations import words
from swim_tui.planning.imagefiles import FilePlace, files_of
from swim_tui.planning.nxos_checks import (
    check_location,
    check_names,
    check_on_device,
    check_overwrite,
    check_protocol,
    check_space,
)
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation

# A signature is not valid before its day: a clock that is off by hours is a warning, by a day the add fails.
_CLOCK_WARN_S = 3600.0


def image_set(s: Situation) -> ImageSet:
    """The files of the job as one set: what boots, its packages, its SMUs."""
    others = [i for i in files_of(s) if i.file_name != s.image.file_name]
    smus = tuple(i for i in others if i.identity.image_type is ImageType.SMU)
    return ImageSet(s.image, None, tuple(i for i in others if i not in smus), smus)


def check_version_read(s: Situation) -> Check:
    """The router was reached and its version understood (64 bit XR names no image file)."""
    unread = ", ".join(s.facts.unread)
    if not s.facts.version.version:
        return Check(
            "Facts readable", Verdict.FAILED, "version", f"not understood: {unread or 'version'}", "read again"
        )
    if unread:
        shown = f"not understood: {unread}"
        return Check("Facts readable", Verdict.WARNING, "every answer understood", shown, "see the device log")
    return Check("Facts readable", Verdict.OK, "every answer understood", "all")


def check_nodes(s: Situation) -> Check:
    """Every node that runs XR must run it."""
    if not s.facts.nodes:
        return Check("Nodes", Verdict.WARNING, "IOS XR RUN", "not known", "look at show platform")
    bad = [f"{n.name} {n.state}" for n in s.facts.nodes if n.is_cpu and not n.is_healthy]
    if bad:
        return Check("Nodes", Verdict.FAILED, "IOS XR RUN", ", ".join(bad), "look at show platform")
    return Check("Nodes", Verdict.OK, "IOS XR RUN", f"{sum(n.is_cpu for n in s.facts.nodes)} nodes run")


def check_redundancy(s: Situation) -> Check | None:
    """A standby that is not ready would not come along."""
    bad = [p.standby for p in s.facts.node_pairs if p.is_ready is False]
    if bad:
        shown = f"not ready: {', '.join(bad)}"
        return Check("Redundancy", Verdict.FAILED, "standby ready", shown, "look at show redundancy summary")
    return None


def check_install_state(s: Situation) -> Check:
    """No install in progress, and nothing that waits for a commit."""
    install = s.facts.install
    expected = "committed, no install in progress"
    if install is None:
        return Check("Install state", Verdict.FAILED, expected, "not known", "look at show install active summary")
    if install.is_busy():
        said = install.request.operation if install.request is not None else ""
        return Check("Install state", Verdict.FAILED, expected, f"an install runs {said}".strip(), "wait for its end")
    pending = install.is_uncommitted()
    if pending is None:
        return Check("Install state", Verdict.WARNING, expected, "not known", "compare active and committed packages")
    if pending:
        action = "commit it or roll it back first: a reload would bring the committed software back"
        return Check("Install state", Verdict.FAILED, expected, "active differs from committed", action)
    return Check("Install state", Verdict.OK, expected, "committed")


def _with_set(s: Situation, check: Check | None) -> Check | None:
    """SSH may come with a package of the set (k9sec) rather than with the image that boots."""
    if check is None or check.name != "Management access" or check.verdict is Verdict.OK:
        return check
    brings = [i.file_name for i in files_of(s) if i.identity.has_strong_crypto or "k9" in i.file_name.lower()]
    return Check(check.name, Verdict.OK, check.expected, brings[0]) if brings else check


def check_set(s: Situation) -> tuple[Check, ...]:
    """The files must go together, and leave no active package of the old release behind."""
    chosen = image_set(s)
    problems = set_problems(chosen)
    names = ", ".join(i.file_name for i in chosen.files())
    found = [
        Check(
            "Image set",
            Verdict.FAILED if problems else Verdict.OK,
            "files of one release",
            "; ".join(problems) or names,
            "choose the mini, full or ISO image, packages and SMUs of one platform and release" if problems else "",
        )
    ]
    if s.pack.device_class is DeviceClass.XR7:
        return tuple(found)  # its ISO replaces the whole software
    active = s.facts.install.active if s.facts.install is not None else None
    if active is None:
        action = "look at show install active summary"
        found.append(Check("Package successors", Verdict.WARNING, "every active package", "not known", action))
        return tuple(found)
    left = without_successor(active.packages, chosen)
    action = "add the packages of the new release to the set, or deactivate them first" if left else ""
    shown = f"no successor in the set: {', '.join(left)}" if left else f"{len(active.packages)} packages have one"
    verdict = Verdict.FAILED if left else Verdict.OK
    found.append(Check("Package successors", verdict, "every active package", shown, action))
    return tuple(found)


def check_fpds(s: Situation) -> Check | None:
    """FPDs that wait for an upgrade now will wait for two afterwards."""
    pending = [f"{f.location} {f.device}" for f in s.facts.fpds or () if f.needs_upgrade or f.needs_reload]
    if not pending:
        return None
    shown = ", ".join(pending[:8])
    return Check("FPD", Verdict.WARNING, "current", shown, "upgrade them after this, when the cards may be reloaded")


def check_register(s: Situation) -> Check | None:
    """A register that ignores the configuration or stays in ROMMON."""
    now = s.facts.version.config_register
    good = {g.lower() for g in s.pack.good_config_registers}
    if not now:
        return None
    if now.lower() in good:
        return Check("Config register", Verdict.OK, ", ".join(s.pack.good_config_registers), now)
    action = "type in admin mode: config-register 0x2102"
    return Check("Config register", Verdict.FAILED, ", ".join(s.pack.good_config_registers), now, action)


def check_clock(s: Situation) -> Check | None:
    """Signatures have dates: a router with a wrong clock refuses to add packages."""
    offset = s.facts.clock_offset_s
    if offset is None or abs(offset) < _CLOCK_WARN_S:
        return None
    action = "set the clock (NTP): install add checks certificates"
    return Check("Device clock", Verdict.WARNING, "right", f"off by {words(abs(offset))}", action)


def all_checks(s: Situation, files: Sequence[FilePlace], problem: str, choice: ProtocolChoice) -> tuple[Check, ...]:
    """Every check that has something to say, in the order of the report."""
    found: list[Check | None] = [*check_names(files_of(s)), *(_with_set(s, check(s)) for check in IMAGE_CHECKS)]
    found += [*check_set(s), check_version_read(s), checks_device.check_age(s), checks_device.check_config_lock(s)]
    found += [check_nodes(s), check_redundancy(s), check_install_state(s), check_register(s), check_fpds(s)]
    found += [check_clock(s), check_location(s, problem)]
    if s.distributes and not problem:
        found += [check_space(files), check_overwrite(s, files)]
    if s.distributes:
        found.append(check_protocol(choice, "switch the SSH server on"))
    found += [check_on_device(s, files), check_issu(s), check_force(s)]
    found.append(check_activation_alone(s))
    return tuple(c for c in found if c is not None)
