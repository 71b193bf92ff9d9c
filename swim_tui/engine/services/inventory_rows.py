"""Rows of the device list, made from what is stored of a device."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from swim_tui.engine.records import DeviceSync
from swim_tui.engine.uncommitted import words_of
from swim_tui.model.device import Device, Group, GroupKind
from swim_tui.model.facts import BootMode, Facts
from swim_tui.model.views import DeviceRow


def device_row(
    device: Device,
    facts: Facts | None,
    sync: DeviceSync | None,
    busy_with: str,
    groups: tuple[str, ...] = (),
    *,
    now: datetime,
) -> DeviceRow:
    """One line of Network Devices; fields of the facts stay empty until the first sync.

    `groups` are its user-defined groups, by hand or by rule.
    """
    version = facts.version if facts else None
    return DeviceRow(
        name=device.name,
        address=device.address,
        port=device.port,
        platform=device.platform,
        role=device.role,
        location=device.location,
        device_type=device.device_type,
        family=version.family if version else "",
        version=version.version if version else "",
        image_file=version.image_file if version else "",
        mode=version.mode if version and version.mode is not BootMode.UNKNOWN else "",
        facts_at=facts.read_at if facts else None,
        reachable=sync.reachable if sync else None,
        legacy_ssh=device.legacy_ssh,
        busy_with=busy_with,
        state=_state(sync, now),
        commit_by=sync.commit_by if sync and sync.uncommitted else None,
        jump=device.jump,
        groups=groups,
        ssh_algorithms=facts.ssh_algorithms if facts else "",
        description=device.description,
    )


def _state(sync: DeviceSync | None, now: datetime) -> str:
    """What a person should know before touching the device, the most urgent first."""
    if sync is None:
        return ""
    if sync.armed:
        return f"Armed: boots {sync.armed} at the next reload"
    if sync.uncommitted:
        return f"Not committed: {words_of(sync, now)}"
    return sync.problem.message if sync.problem else ""


def zone_of(location: str, groups: Iterable[Group]) -> str:
    """The time zone of a location: its own, else that of the nearest group above it; empty if none has one."""
    by_name = {g.name: g for g in groups if g.kind is GroupKind.LOCATION}
    seen: set[str] = set()
    while location in by_name and location not in seen:
        seen.add(location)
        group = by_name[location]
        if group.zone:
            return group.zone
        location = group.parent
    return ""
