"""Smart erase: an allow-list, fewest and oldest first, never what runs or boots (SPEC 3.7)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from swim_tui.model.device_path import base_name, boot_entries, device_file, is_local
from swim_tui.model.facts import Facts, FileEntry, FileSystem
from swim_tui.model.image import SoftwareImage
from swim_tui.model.install import PackageStatus
from swim_tui.model.plan import Deletion
from swim_tui.model.smu import is_smu_file, status_of
from swim_tui.packs.pack import Pack
from swim_tui.planning.situation import Situation, Target

_MAX_COMBINATIONS = 20_000
_DATES = ("%b %d %Y %H:%M:%S %z", "%b %d %Y %H:%M:%S", "%b %d %Y")


def protected_files(facts: Facts) -> frozenset[str]:
    """Files that are never deleted, in one spelling: what runs, on every member, and every boot target."""
    names = [facts.version.image_file]
    names += [m.image for m in (*facts.members, *facts.version.members)]
    for state in facts.boot:
        for text in (*state.current, *state.next_reload, *state.config_lines):
            names += [entry for entry in boot_entries(text) if is_local(entry)]
    return frozenset(device_file(name, facts).lower() for name in names if name)


def _modified(entry: FileEntry) -> tuple[bool, float]:
    for form in _DATES:
        try:
            when = datetime.strptime(entry.modified.strip(), form)  # noqa: DTZ007  # only compared on one device
        except ValueError:
            continue
        return False, when.replace(tzinfo=None).timestamp()
    return True, 0.0  # unknown age counts as youngest


def candidates(fs: FileSystem, protected: frozenset[str], patterns: Iterable[str], keep: str = "") -> list[FileEntry]:
    """Files of `fs` that may go, oldest first: software images of this platform by name, and nothing else.

    A path that is protected on one file system is protected on all: members of a stack boot the same path.
    """
    wanted = [re.compile(p, re.IGNORECASE) for p in patterns]
    paths = {name.partition(":")[2] for name in protected} | {keep.lower()}
    found = []
    for entry in fs.files or ():
        name = entry.path.rpartition("/")[2]
        if entry.is_dir or entry.size_bytes <= 0 or entry.path.lower() in paths:
            continue
        if any(w.fullmatch(name) for w in wanted):
            found.append(entry)
    return sorted(found, key=lambda e: (_modified(e), e.path))


def fewest_oldest(entries: list[FileEntry], missing_bytes: int) -> tuple[FileEntry, ...]:
    """The smallest set that frees `missing_bytes`, oldest files first; empty when all together are too small."""
    if missing_bytes <= 0 or sum(e.size_bytes for e in entries) < missing_bytes:
        return ()
    by_size = sorted(entries, key=lambda e: -e.size_bytes)
    count = next(n for n in range(1, len(entries) + 1) if sum(e.size_bytes for e in by_size[:n]) >= missing_bytes)
    # `entries` is oldest first, so combinations come in order of age.
    for group in itertools.islice(itertools.combinations(entries, count), _MAX_COMBINATIONS):
        if sum(e.size_bytes for e in group) >= missing_bytes:
            return group
    return tuple(by_size[:count])


def with_deletions(target: Target, facts: Facts, pack: Pack, image: SoftwareImage) -> Target:
    """The target with the files that must go so that the image fits; unchanged when nothing must or can."""
    missing = target.missing_bytes
    if not missing:
        return target
    found = candidates(target.file_system, protected_files(facts), pack.file_patterns, keep=target.path)
    chosen = fewest_oldest(found, missing)
    why = (
        f"software image of this platform by its name, neither running nor a boot target; {image.file_name} needs room"
    )
    deletions = tuple(Deletion(target.name, e.path, e.size_bytes, why) for e in chosen)
    return replace(target, deletions=deletions)


def with_clean(s: Situation, targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """Install mode: single old .bin files where they are enough, else all that the clean command takes, everywhere.

    The clean command also takes the packages of the release before: the way back goes with them, so it comes last.
    """
    tried = tuple(with_deletions(t, s.facts, s.pack, s.image) for t in targets)
    if all(t.missing_bytes == 0 or t.deletions for t in tried) or not s.pack.install.remove_inactive:
        return tried
    in_use = packages_in_use(s.facts)
    if in_use is None:
        return tried
    return tuple(replace(t, deletions=(), clean=_cleaned(s, t, in_use)) for t in targets)


def packages_in_use(facts: Facts) -> frozenset[str] | None:
    """Names of the package files that run, lower case; None when the device did not list them."""
    running = facts.install.running if facts.install is not None else ()
    names = {base_name(p.file).lower() for p in running if p.file}
    return frozenset(names) or None


def _cleaned(s: Situation, target: Target, in_use: frozenset[str]) -> tuple[Deletion, ...]:
    """The files of the boot directory that the clean command is expected to list."""
    bins = {e.path for e in candidates(target.file_system, protected_files(s.facts), s.pack.file_patterns)}
    found = []
    for entry in target.file_system.files or ():
        name = entry.path.lower()
        is_package = name.endswith((".pkg", ".conf")) and "/" not in name and name != "packages.conf"
        if entry.is_dir or name in in_use or name == target.path.lower():
            continue
        is_idle_smu = is_smu_file(name) and status_of(s.facts.install, name) in (None, PackageStatus.INACTIVE)
        if is_package or ((entry.path in bins or is_idle_smu) and "/" not in name):
            why = "listed by the clean command: neither running nor booted"
            is_way_back = name.endswith(".pkg")
            found.append(Deletion(target.name, entry.path, entry.size_bytes, why, is_rollback_target=is_way_back))
    return tuple(found)
