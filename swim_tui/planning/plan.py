"""One device's plan: targets, space, checks, operations, waits; dispatched by device class."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device import Device, DeviceClass
from swim_tui.model.device_path import split_path
from swim_tui.model.facts import Facts
from swim_tui.model.fileserver import OFF, LocalFileServer
from swim_tui.model.image import SoftwareImage
from swim_tui.model.imagename import identify_name
from swim_tui.model.options import JobOptions
from swim_tui.model.plan import DevicePlan, Operation, Phase
from swim_tui.model.server import SwimServer
from swim_tui.model.smu import fix_of, is_smu
from swim_tui.model.version import same_version
from swim_tui.packs.pack import Pack
from swim_tui.planning import archive, bundle, install3, install16, issu, smus, subpackages
from swim_tui.planning.checks import all_checks
from swim_tui.planning.checks_alone import check_activation_alone
from swim_tui.planning.checks_issu import check_issu
from swim_tui.planning.durations import copy_rate, rollback_s, scaled_waits, short_steps_s
from swim_tui.planning.modes import pack_for
from swim_tui.planning.probe import with_probe
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation, phases_of, runs_file
from swim_tui.planning.sources import choose
from swim_tui.planning.targets import file_on, with_targets
from swim_tui.planning.whole import WHOLE


class ClassPlanner(Protocol):
    """What a device class adds: its operations, its way back."""

    def plan_operations(
        self, s: Situation, choice: ProtocolChoice, rate: float, outage_s: float
    ) -> tuple[Operation, ...]:
        """All operations, in order."""
        ...

    def to_image(self, s: Situation) -> str:
        """File system and path of what runs afterwards."""
        ...

    def is_there(self, s: Situation) -> bool:
        """True when the device runs the target already, on every member."""
        ...

    def backout_words(self, s: Situation, operations: tuple[Operation, ...], rollback_s: float) -> tuple[str, ...]:
        """How to go back, in words."""
        ...


class InstallRollback(Protocol):
    """How a class that runs packages goes back."""

    def rollback_line(self, s: Situation, to_version: str) -> tuple[str, str]:
        """The command, or "" and why there is none."""
        ...

    def rollback_operations(self, s: Situation, command: str, outage_s: float) -> tuple[Operation, ...]:
        """Back to the packages of the release before."""
        ...


PLANNERS: dict[DeviceClass, ClassPlanner] = {
    DeviceClass.IOS_BIN: bundle,
    DeviceClass.IOS_TAR: archive,
    DeviceClass.XE_BUNDLE: bundle,
    DeviceClass.XE16_INSTALL: install16,
    DeviceClass.XE3_INSTALL: install3,
    DeviceClass.XE_SUBPKG: subpackages,
    DeviceClass.XE_ISSU: issu,
}

_ROLLBACKS: dict[DeviceClass, InstallRollback] = {
    DeviceClass.XE3_INSTALL: install3,
    DeviceClass.XE_SUBPKG: subpackages,
    DeviceClass.XE16_INSTALL: install16,
}


@dataclass(frozen=True)
class _Timing:
    rates: Mapping[str, float]
    scale: float


def plan_device(
    device: Device,
    facts: Facts,
    image: SoftwareImage,
    options: JobOptions,
    pack: Pack,
    *,
    now: datetime,
    rates: Mapping[str, float] | None = None,
    consents: Iterable[str] = (),
    phases: tuple[Phase, ...] | None = None,
    scale: float = 1.0,
    verified_at: datetime | None = None,
    images: tuple[SoftwareImage, ...] = (),
    servers: tuple[SwimServer, ...] = (),
    local: LocalFileServer = OFF,
    has_running_image: bool = False,
    probes: bool = False,
) -> DevicePlan:
    """The plan of one device, or an excluded plan that says why.

    `rates` are measured bytes a second by device or pack name; `phases` default to those the options ask for
    (an activation job gives prepare and activate); `verified_at` is when the hash on the device was last right;
    `images` are all files of an image set, `image` (the one that boots) among them; `servers` are SWIM servers that it
    may pull from, best first (see sources.candidates); `local` is the engine as a server to pull from;
    `has_running_image` says that the repository has what the device runs; with `probes` a pull from a SWIM server is
    proven by a small one first.
    """
    phases = phases or phases_of(options)
    in_service = options.issu and Phase.ACTIVATE in phases
    pack = pack_for(pack, facts, image.file_name, options.upgrade_mode, issu=in_service)
    waits = scaled_waits(pack, options, scale=scale, members=max(1, len(facts.members)))
    given = frozenset((*consents, *options.consents))
    s = Situation(
        device,
        facts,
        image,
        options,
        pack,
        now,
        phases,
        waits,
        given,
        has_running_image=has_running_image,
        local=local,
        servers=servers,
        measured=(rates or {}).get(device.name, 0.0),
    )
    planned = _planned(replace(s, images=images, verified_at=verified_at), _Timing(rates or {}, scale))
    return with_probe(s, planned, choose(s)) if probes and planned.included else planned


def _planned(s: Situation, timing: _Timing) -> DevicePlan:
    """The plan as its device class makes it, or what speaks against it."""
    base = _base(s)
    if s.pack.device_class in WHOLE:
        return WHOLE[s.pack.device_class].plan(s, base, timing.rates)
    image, files = s.image, s.images if any(is_smu(file) for file in s.images) else ()
    s = with_targets(smus.narrowed(replace(s, images=files)))
    checks = (*_name_check(image), *filter(None, (check_activation_alone(s), check_issu(s))), *all_checks(s))
    base = replace(base, checks=checks, space=tuple(t.space_line() for t in s.targets))
    failed = [c for c in checks if c.verdict is Verdict.FAILED]
    if failed:
        return replace(base, included=False, excluded_because=_reason(failed))
    return _with_operations(s, base, timing)


def _base(s: Situation) -> DevicePlan:
    version = s.facts.version
    return DevicePlan(
        device=s.device.name,
        image_id=s.image.id,
        image_file=s.image.file_name,
        pack=s.pack.name,
        device_class=s.pack.device_class,
        included=True,
        from_version=version.version,
        to_version=s.image.version,
        from_image=version.image_file,
        location=s.device.location,
        role=s.device.role.value,
        facts_at=s.facts.read_at.isoformat(),
        waits=s.waits,
    )


def _reason(failed: list[Check]) -> str:
    first = failed[0]
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    if all(c.consent for c in failed):
        return f"consent missing: {', '.join(c.consent for c in failed)}"
    return f"{first.name.removesuffix(':')}: expected {first.expected}, is {first.actual}{more}"


def _name_check(image: SoftwareImage) -> tuple[Check, ...]:
    """A name that a device's command line would take apart never reaches it."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+=@-]{0,127}", image.file_name):
        return ()
    expected = "letters, digits, . _ + = @ -"
    return (Check("Image file name", Verdict.FAILED, expected, repr(image.file_name), "import it under a plain name"),)


def _with_operations(s: Situation, base: DevicePlan, timing: _Timing) -> DevicePlan:
    planner = smus if s.smus else PLANNERS[s.pack.device_class]
    to_image = planner.to_image(s)
    base = replace(base, to_image=to_image)
    if s.activates and not s.options.force_reload and planner.is_there(s):
        words = f"runs {s.image.version or s.image.file_name} from {s.facts.version.image_file} already"
        words += "".join(f", with {fix_of(smu.file_name)}" for smu in s.smus)
        return replace(base, skipped_because=words)
    outage = s.pack.waits.expected_outage_s / timing.scale
    times = smus.activations(s) if s.smus else 1
    choice = choose(s)
    rate = copy_rate(s.device, s.pack, timing.rates, timing.scale)
    operations = planner.plan_operations(s, choice, rate, outage)
    spent = sum(op.expected_s for op in operations if op.phase is Phase.DISTRIBUTE)
    back = rollback_s(outage, timing.scale)
    return replace(
        base,
        operations=operations,
        protocol_reasons=choice.reasons if s.distributes else (),
        outage_s=outage * times if s.activates else 0.0,
        distribution_s=spent + short_steps_s(timing.scale) if s.distributes else 0.0,
        backout=planner.backout_words(s, operations, back),
    )


def plan_rollback(
    device: Device,
    facts: Facts,
    target: str,
    options: JobOptions,
    pack: Pack,
    *,
    now: datetime,
    to_version: str = "",
    scale: float = 1.0,
    smus_on: tuple[str, ...] = (),
) -> DevicePlan:
    """Back to `target`, a file on the device recorded as its previous image: same operations, phase rollback.

    `smus_on` are files of SMUs that were put onto the release that runs: they alone are taken off.
    """
    pack = pack_for(pack, facts, split_path(target)[1].rpartition("/")[2])
    entry = file_on(facts, target)
    image = SoftwareImage("", split_path(target)[1].rpartition("/")[2], entry.size_bytes if entry else 0, "", "", now)
    phases = (Phase.PREPARE, Phase.ROLLBACK)
    waits = scaled_waits(pack, options, scale=scale, members=max(1, len(facts.members)))
    s = Situation(device, facts, image, options, pack, now, phases, waits)
    base = replace(_base(s), to_version=to_version, to_image=target)
    if pack.device_class in WHOLE:
        return WHOLE[pack.device_class].rollback(s, base, target)
    if pack.issu is not None and issu.pending(facts):
        base = replace(base, to_version=to_version or identify_name(image.file_name).version)
        return issu.plan_abort(s, base, target, pack.waits.expected_outage_s / scale)
    if smus_on and s.pack.install.smu_deactivate:
        return smus.taken_back(s, base, smus_on, pack.waits.expected_outage_s / scale)
    is_packages = split_path(target)[1].lower().endswith(install16.PACKAGES_CONF)
    if s.installs and is_packages:
        return _install_rollback(s, base, scale)
    if s.installs:  # back to the single image it was converted from
        base = replace(base, device_class=DeviceClass.XE_BUNDLE)
    if entry is None:
        return replace(base, included=False, excluded_because=f"{target} is not on the device any more")
    if runs_file(facts, target):
        return replace(base, skipped_because=f"runs {target} already")
    outage = pack.waits.expected_outage_s / scale
    name, path = split_path(target)
    boot = bundle.BootImage(name, path, entry.size_bytes)
    operations = (bundle.read_state(s), *bundle.activation(s, boot, Phase.ROLLBACK, outage))
    back = bundle.backout_words(s, operations, rollback_s(outage, scale))
    return replace(base, operations=operations, outage_s=outage, backout=back)


def _install_rollback(s: Situation, base: DevicePlan, scale: float) -> DevicePlan:
    """The platform's rollback point that holds the version gone back to."""
    if not base.to_version:
        return replace(base, included=False, excluded_because="the version to go back to is not recorded")
    if same_version(s.facts.version.version, base.to_version):
        return replace(base, skipped_because=f"runs {base.to_version} already")
    planner = _ROLLBACKS[s.pack.device_class]
    command, why = planner.rollback_line(s, base.to_version)
    if not command:
        return replace(base, included=False, excluded_because=why)
    outage = s.pack.waits.expected_outage_s / scale
    operations = (bundle.read_state(s), *planner.rollback_operations(s, command, outage))
    back = (f"install the image of {s.facts.version.version} again: its packages may be gone",)
    return replace(base, operations=operations, outage_s=outage, backout=back)


def plan_commit(
    device: Device, facts: Facts, options: JobOptions, pack: Pack, *, now: datetime, scale: float = 1.0
) -> DevicePlan:
    """Commit what runs now, where it is not committed yet; skipped where nothing waits for a commit."""
    pack = pack_for(pack, facts, "")
    image = SoftwareImage("", "", 0, "", "", now)
    waits = scaled_waits(pack, options, scale=scale, members=max(1, len(facts.members)))
    s = Situation(device, facts, image, options, pack, now, (Phase.PREPARE, Phase.COMMIT), waits)
    version = facts.version
    base = replace(_base(s), to_version=version.version, to_image=version.image_file)
    if pack.device_class in WHOLE:
        return WHOLE[pack.device_class].commit(s, base)
    if pack.issu is not None and issu.pending(facts):
        return issu.plan_pending_commit(s, base)
    if pack.device_class is not DeviceClass.XE16_INSTALL:
        return replace(base, included=False, excluded_because=f"devices of class {pack.device_class} need no commit")
    pending = facts.install.is_uncommitted() if facts.install is not None else None
    if pending is None:
        return replace(base, included=False, excluded_because="the install state was not read")
    if not pending:
        return replace(base, skipped_because=f"{version.version} is committed already")
    operations = (bundle.read_state(s), install16.commit_operation(s, Phase.COMMIT))
    back = (f"after it: {pack.install.rollback.format(point='id N of show install rollback')}",)
    return replace(base, operations=operations, backout=back)
