"""The file systems that must hold the image: the destination, and the same of every member and standby."""

from __future__ import annotations

from dataclasses import replace

from swim_tui.model.device import DeviceClass
from swim_tui.model.device_path import split_path
from swim_tui.model.facts import Facts, FileEntry, FileSystem
from swim_tui.model.install import PackageStatus
from swim_tui.model.smu import is_smu, status_of
from swim_tui.model.version import same_version
from swim_tui.planning import archive
from swim_tui.planning.situation import Situation, Target
from swim_tui.planning.space import with_clean, with_deletions

_LOCAL_KINDS = ("disk", "flash", "")


def with_targets(s: Situation) -> Situation:
    """The situation with its targets, the destination first; or with what is wrong with the destination."""
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
    if s.installs and s.pack.boot_file_system not in (fs.name, name, *fs.prefixes):
        return replace(s, location_problem=f"packages are installed from {s.pack.boot_file_system} only")
    path = f"{directory}/{s.image.file_name}" if directory else s.image.file_name
    systems = [_named(fs, name), *_siblings(s, fs)]
    if s.installs:
        first, *others = (_install_target(s, each, path) for each in systems)
        copied = s.pack.device_class is DeviceClass.XE_SUBPKG and "{rp}" in s.pack.install.one_step
        targets = (first, *(replace(t, is_copied=copied) for t in others))
        return replace(s, targets=with_clean(s, targets) if s.options.erase_flash and s.distributes else targets)
    if s.pack.device_class is DeviceClass.IOS_TAR:
        return replace(s, targets=archive.targets(s, systems, path))
    return replace(s, targets=tuple(_target(s, each, path) for each in systems))


def _named(fs: FileSystem, name: str) -> FileSystem:
    """The file system under the name that the job or the pack uses for it (`flash:` rather than `flash-1:`)."""
    return replace(fs, name=name, prefixes=tuple(dict.fromkeys((fs.name, *fs.prefixes))))


def _siblings(s: Situation, main: FileSystem) -> list[FileSystem]:
    """Flash of the other stack members, and the standby's, where the device shows them."""
    names = member_file_systems(s)
    found: list[FileSystem] = []
    for fs in s.facts.file_systems:
        if fs.name == main.name or fs.kind not in _LOCAL_KINDS:
            continue
        is_member = s.pack.has_stack and fs.member is not None and fs.member != main.member
        is_named = next((n for n in (fs.name, *fs.prefixes) if n in names), "")
        is_standby = any(fs.name == p or p in fs.prefixes for p in s.pack.standby_prefixes)
        if is_member or is_named or is_standby:
            found.append(_named(fs, is_named) if is_named else fs)
    return found


def member_file_systems(s: Situation) -> dict[str, int]:
    """Names under which the members of a stack show their flash, with the member's number."""
    template = s.pack.members.file_system
    if "{n}" not in template or len(s.facts.members) < 2:
        return {}
    return {template.format(n=m.number): m.number for m in s.facts.members}


def _find(fs: FileSystem, path: str, anywhere: bool) -> FileEntry | None:
    exact = next((f for f in fs.files or () if f.path.lower() == path.lower() and not f.is_dir), None)
    if exact is not None or not anywhere:
        return exact
    name = path.rpartition("/")[2].lower()
    return next((f for f in fs.files or () if f.path.rpartition("/")[2].lower() == name and not f.is_dir), None)


def file_on(facts: Facts, target: str) -> FileEntry | None:
    """The row of a file on the device, None when it is not there or its file system was not listed."""
    name, path = split_path(target)
    fs = facts.file_system(name)
    return _find(fs, path, anywhere=False) if fs is not None else None


def _target(s: Situation, fs: FileSystem, path: str) -> Target:
    present = _find(fs, path, anywhere=not s.distributes)
    if not s.distributes:
        return Target(fs, present.path if present else path, 0, present)
    if present is not None and present.size_bytes == s.image.size_bytes:
        return Target(fs, path, 0, present)
    required = round(s.image.size_bytes * s.pack.space_factor_bundle)
    target = Target(fs, path, required, present)
    return with_deletions(target, s.facts, s.pack, s.image) if s.options.erase_flash else target


def _install_target(s: Situation, fs: FileSystem, path: str) -> Target:
    """Image and packages out of it; what is there already needs no room again."""
    present = _find(fs, path, anywhere=not s.distributes)
    is_whole = present is not None and present.size_bytes == s.image.size_bytes
    factor = s.pack.space_factor_install - 1.0 if is_whole else s.pack.space_factor_install
    required = 0 if is_added(s) else round(s.image.size_bytes * factor)
    # An SMU becomes packages too; the first of a job without an image is counted above.
    beside = (i for i in s.smus if i.id != s.image.id and status_of(s.facts.install, i.file_name) is None)
    required += sum(round(i.size_bytes * s.pack.space_factor_install) for i in beside)
    return Target(fs, present.path if present is not None else path, required, present, is_whole=is_whole)


def is_added(s: Situation) -> bool:
    """True when the packages of this version are on the device already (state I, U or C)."""
    if s.facts.install is None or not s.image.version:
        return False
    if is_smu(s.image):
        return status_of(s.facts.install, s.image.file_name) is not None
    rows = (p for p in s.facts.install.packages if p.kind == "IMG" and p.status is not PackageStatus.DEACTIVATED)
    return any(same_version(p.name, s.image.version) for p in rows)
