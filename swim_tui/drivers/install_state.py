"""The install state of XE as far as drivers compare it: packages there, operations begun since a moment."""

from __future__ import annotations

from collections.abc import Mapping

from swim_tui.model.facts import Facts
from swim_tui.model.install import InstallLogEntry, PackageStatus
from swim_tui.model.version import same_version

_THERE = frozenset({PackageStatus.INACTIVE, PackageStatus.UNCOMMITTED, PackageStatus.COMMITTED})


def has_packages(facts: Facts, version: str, among: frozenset[PackageStatus] = _THERE) -> bool:
    """True when the image of this version is listed in one of these states."""
    if facts.install is None:
        return False
    rows = (p for p in facts.install.packages if p.kind == "IMG" and p.status in among)
    return any(same_version(p.name, version) for p in rows)


def is_busy(facts: Facts) -> bool:
    """True when the device says that an install runs."""
    return facts.install is not None and bool(facts.install.is_busy())


def install_evidence(facts: Facts) -> dict[str, str]:
    """What was in the install log before a command, to tell later what is new in it."""
    return {"install_log": "\n".join(_key(e) for e in _log(facts))}


def entries_since(before: Facts | Mapping[str, str], after: Facts) -> tuple[InstallLogEntry, ...]:
    """Log entries that were not there before."""
    if isinstance(before, Facts):
        known = {_key(e) for e in _log(before)}
    else:
        known = set(before.get("install_log", "").split("\n"))
    return tuple(e for e in _log(after) if _key(e) not in known)


def _key(entry: InstallLogEntry) -> str:
    return f"{entry.number}|{entry.operation}|{entry.at}"


def _log(facts: Facts) -> tuple[InstallLogEntry, ...]:
    return facts.install.log if facts.install is not None else ()
