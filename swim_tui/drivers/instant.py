"""Did the device boot after a moment? From the restart line against its own clock, else from uptime (SPEC 8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from swim_tui.model.facts import Facts

# Restart line and clock have whole seconds, and the clock is read over a session.
_CLOCK_SLACK = timedelta(seconds=3)
# Uptime has minutes only and is cut off, not rounded.
_UPTIME_SLACK = timedelta(seconds=60)


class Shown(StrEnum):
    """What a reading shows."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def boot_evidence(facts: Facts) -> dict[str, str]:
    """What to write down before a reload, so that later readings can be judged by it."""
    version = facts.version
    return {
        "restarted": version.restarted,
        "uptime_s": "" if version.uptime_s is None else str(version.uptime_s),
        "clock_offset_s": "" if facts.clock_offset_s is None else f"{facts.clock_offset_s:.1f}",
        "running": version.image_file,
        "version": version.version,
        "read_at": facts.read_at.isoformat(),
    }


def booted_since(evidence: Mapping[str, str], facts: Facts, sent_at: datetime) -> Shown:
    """Whether the device booted after `sent_at`; `evidence` was read just before.

    A wrong device clock does no harm: restart line and clock are read in one session and only their distance to our
    clock counts. A clock that was set between boot and reading is caught by uptime.
    """
    restarted = evidence.get("restarted", "")
    if restarted and restarted == facts.version.restarted:
        return Shown.NO
    if facts.booted_at is not None and facts.clock_offset_s is not None:
        ours = facts.booted_at - timedelta(seconds=facts.clock_offset_s)
        if ours >= sent_at - _CLOCK_SLACK:
            return Shown.YES
    return _by_uptime(evidence, facts, sent_at)


def _by_uptime(evidence: Mapping[str, str], facts: Facts, sent_at: datetime) -> Shown:
    uptime = facts.version.uptime_s
    if uptime is None:
        return Shown.UNKNOWN
    latest_boot = facts.read_at - timedelta(seconds=uptime)
    before = evidence.get("uptime_s", "")
    if before.isdigit() and uptime < int(before):
        return Shown.YES
    if latest_boot - _UPTIME_SLACK >= sent_at:
        return Shown.YES
    if latest_boot < sent_at - _CLOCK_SLACK:
        return Shown.NO
    return Shown.UNKNOWN
