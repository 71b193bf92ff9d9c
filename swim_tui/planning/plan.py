"""One device's plan: targets, space, checks, operations, waits; dispatched by device class."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device import Device, DeviceClass
from swim_tui.model.device_path import join_path, split_path
from swim_tui.model.facts import Facts, FileEntry, FileSystem
from swim_tui.model.image import SoftwareImage
from swim_tui.model.options import JobOptions
from swim_tui.model.plan import DevicePlan, Operation, Phase
from swim_tui.model.version import same_version
from swim_tui.packs.pack import Pack
from swim_tui.planning import bundle
from swim_tui.planning.checks import all_checks
from swim_tui.planning.durations import copy_rate, rollback_s, scaled_waits, short_steps_s
from swim_tui.planning.protocols import ProtocolChoice, choose_protocol
from swim_tui.planning.situation import Situation, Target, phases_of, runs_bundle, runs_file
from swim_tui.planning.space import with_deletions

_LOCAL_KINDS = ("disk", "flash", "")


class ClassPlanner(Protocol):
    """What a device class adds: its operations, its way back."""

    def plan_operations(
        self, s: Situation, choice: ProtocolChoice, rate: float, outage_s: float
    ) -> tuple[Operation, ...]:
        """All operations, in order."""
        ...

    def backout_words(self, s: Situation, operations: tuple[Operation, ...], rollback_s: float) -> tuple[str, ...]:
        """How to go back, in words."""
        ...


PLANNERS: dict[DeviceClass, ClassPlanner] = {
    DeviceClass.IOS_BIN: bundle,
    DeviceClass.XE_BUNDLE: bundle,
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
) -> DevicePlan:
    """The plan of one device, or an excluded plan that says why.

    `rates` are measured bytes a second by device or pack name; `phases` default to those the options ask for
    (an activation job gives prepare and activate); `verified_at` is when the hash on the device was last right.
    """
    waits = scaled_waits(pack, options, scale=scale, members=max(1, len(facts.members)))
    given = frozenset((*consents, *options.consents))
    s = Situation(device, facts, image, options, pack, now, phases or phases_of(options), waits, given)
    base = _base(s)
    if pack.device_class not in PLANNERS:
        why = f"devices of class {pack.device_class} are not supported by this version"
        return replace(base, included=False, excluded_because=why)
    s = replace(_with_targets(s), verified_at=verified_at)
    checks = (*_name_check(image), *all_checks(s))
    base = replace(base, checks=checks, space=tuple(t.space_line() for t in s.targets))
    failed = [c for c in checks if c.verdict is Verdict.FAILED]
    if failed:
        return replace(base, included=False, excluded_because=_reason(failed))
    return _with_operations(s, base, _Timing(rates or {}, scale))


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
    return f"{first.name}: expected {first.expected}, is {first.actual}{more}"


def _name_check(image: SoftwareImage) -> tuple[Check, ...]:
    """A name that a device's command line would take apart never reaches it."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+=@-]{0,127}", image.file_name):
        return ()
    expected = "letters, digits, . _ + = @ -"
    return (Check("Image file name", Verdict.FAILED, expected, repr(image.file_name), "import it under a plain name"),)


def _with_operations(s: Situation, base: DevicePlan, timing: _Timing) -> DevicePlan:
    planner = PLANNERS[s.pack.device_class]
    main = s.targets[0]
    to_image = join_path(main.name, main.path)
    base = replace(base, to_image=to_image)
    if s.activates and not s.options.force_reload and _is_there(s, to_image):
        words = f"runs {s.image.version or s.image.file_name} from {s.facts.version.image_file} already"
        return replace(base, skipped_because=words)
    outage = s.pack.waits.expected_outage_s / timing.scale
    choice = choose_protocol(s.facts, s.options, s.pack)
    rate = copy_rate(s.device, s.pack, timing.rates, timing.scale)
    operations = planner.plan_operations(s, choice, rate, outage)
    spent = sum(op.expected_s for op in operations if op.phase is Phase.DISTRIBUTE)
    back = rollback_s(outage, timing.scale)
    return replace(
        base,
        operations=operations,
        protocol_reasons=choice.reasons if s.distributes else (),
        outage_s=outage if s.activates else 0.0,
        distribution_s=spent + short_steps_s(timing.scale) if s.distributes else 0.0,
        backout=planner.backout_words(s, operations, back),
    )


def _is_there(s: Situation, to_image: str) -> bool:
    """True when target version and target file run on every member, in bundle mode."""
    if not runs_bundle(s.facts) or not runs_file(s.facts, to_image):
        return False
    return not s.image.version or same_version(s.facts.version.version, s.image.version)


def _with_targets(s: Situation) -> Situation:
    """The file systems that must hold the image: the destination, and the same of every member and standby."""
    wanted = s.options.location or s.pack.boot_file_system
    name, directory = split_path(wanted if ":" in wanted else f"{wanted}:")
    fs = s.facts.file_system(name)
    if fs is None:
        return replace(s, location_problem=f"no file system {name} on the device")
    allowed = {split_path(n)[0] for n in (*s.pack.file_systems, s.pack.boot_file_system)}
    if not allowed & {fs.name, name, *fs.prefixes}:
        return replace(s, location_problem=f"{s.pack.title} does not boot from {name}")
    if fs.flags and "w" not in fs.flags:
        return replace(s, location_problem=f"{name} cannot be written")
    path = f"{directory}/{s.image.file_name}" if directory else s.image.file_name
    systems = [_named(fs, name), *_siblings(s, fs)]
    targets = tuple(_target(s, each, path) for each in systems)
    return replace(s, targets=targets)


def _named(fs: FileSystem, name: str) -> FileSystem:
    """The file system under the name that the job or the pack uses for it (`flash:` rather than `flash-1:`)."""
    return replace(fs, name=name, prefixes=tuple(dict.fromkeys((fs.name, *fs.prefixes))))


def _siblings(s: Situation, main: FileSystem) -> list[FileSystem]:
    """Flash of the other stack members, and the standby's, where the device shows them."""
    found: list[FileSystem] = []
    for fs in s.facts.file_systems:
        if fs.name == main.name or fs.kind not in _LOCAL_KINDS:
            continue
        is_member = s.pack.has_stack and fs.member is not None and fs.member != main.member
        is_standby = any(fs.name == p or p in fs.prefixes for p in s.pack.standby_prefixes)
        if is_member or is_standby:
            found.append(fs)
    return found


def _find(fs: FileSystem, path: str, anywhere: bool) -> FileEntry | None:
    exact = next((f for f in fs.files or () if f.path.lower() == path.lower() and not f.is_dir), None)
    if exact is not None or not anywhere:
        return exact
    name = path.rpartition("/")[2].lower()
    return next((f for f in fs.files or () if f.path.rpartition("/")[2].lower() == name and not f.is_dir), None)


def _target(s: Situation, fs: FileSystem, path: str) -> Target:
    present = _find(fs, path, anywhere=not s.distributes)
    if not s.distributes:
        return Target(fs, present.path if present else path, 0, present)
    if present is not None and present.size_bytes == s.image.size_bytes:
        return Target(fs, path, 0, present)
    required = round(s.image.size_bytes * s.pack.space_factor_bundle)
    target = Target(fs, path, required, present)
    return with_deletions(target, s.facts, s.pack, s.image) if s.options.erase_flash else target


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
) -> DevicePlan:
    """Back to `target`, a file on the device recorded as its previous image: same operations, phase rollback."""
    name, path = split_path(target)
    fs = facts.file_system(name)
    entry = _find(fs, path, anywhere=False) if fs is not None else None
    image = SoftwareImage("", path.rpartition("/")[2], entry.size_bytes if entry else 0, "", "", now)
    phases = (Phase.PREPARE, Phase.ROLLBACK)
    waits = scaled_waits(pack, options, scale=scale, members=max(1, len(facts.members)))
    s = Situation(device, facts, image, options, pack, now, phases, waits)
    base = replace(_base(s), to_version=to_version, to_image=target)
    if pack.device_class not in PLANNERS:
        return replace(base, included=False, excluded_because=f"no rollback for devices of class {pack.device_class}")
    if entry is None:
        return replace(base, included=False, excluded_because=f"{target} is not on the device any more")
    if runs_file(facts, target):
        return replace(base, skipped_because=f"runs {target} already")
    outage = pack.waits.expected_outage_s / scale
    boot = bundle.BootImage(name, path, entry.size_bytes)
    operations = (bundle.read_state(s), *bundle.activation(s, boot, Phase.ROLLBACK, outage))
    back = bundle.backout_words(s, operations, rollback_s(outage, scale))
    return replace(base, operations=operations, outage_s=outage, backout=back)
