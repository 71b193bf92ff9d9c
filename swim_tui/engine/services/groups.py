"""Groups of devices: three trees, members by hand, and rules by attribute for user-defined ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from swim_tui.engine.services.inventory_checks import (
    announce,
    check_group,
    get_device,
    known,
    refuse_busy,
    refuse_scheduled,
)
from swim_tui.engine.state import State, group_key
from swim_tui.errors import BadValue, Conflict, NotFound
from swim_tui.model.device import Device, Group, GroupKind
from swim_tui.model.server import SwimServer


class GroupService:
    """The groups of one engine."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._tables = state.tables

    async def groups(self) -> list[Group]:
        """Every group, by tree and name."""
        return sorted(self._tables.groups.all(), key=lambda g: (g.kind, g.name))

    async def set_group(self, group: Group, devices: list[str]) -> None:
        """Add or change a group; `devices` are its members by hand from now on, a rule adds others."""
        wanted = set(devices)
        for name in devices:
            get_device(self._state, name)
        self._check(group)
        changed = [c for d in self._tables.devices.all() if (c := _with_membership(d, group, d.name in wanted)) != d]
        await self._put([group], changed)

    async def rename_group(self, name: str, kind: GroupKind, new_name: str) -> None:
        """Give a group another name; members and groups below it follow."""
        group = self._get(name, kind)
        if new_name == name:
            return
        fresh = replace(group, name=new_name)
        if group_key(fresh) in self._tables.groups:
            raise Conflict(detail=f"there is a {kind} group '{new_name}' already", action="choose another name")
        self._check(fresh)
        refuse_scheduled(self._state, name, is_group=True)
        below = [replace(g, parent=new_name) for g in self._below(group)]
        changed = [c for d in self._tables.devices.all() if (c := _renamed(d, group, new_name)) != d]
        servers = [
            replace(server, sites=tuple(new_name if site == name else site for site in server.sites))
            for server in self._served(group)
        ]
        await self._put([fresh, *below], changed, [(self._tables.groups, group_key(group))], servers)

    async def remove_group(self, name: str, kind: GroupKind) -> None:
        """Remove a group that has none below it; its members stay in the inventory."""
        group = self._get(name, kind)
        below = self._below(group)
        if below:
            more = f" and {len(below) - 1} more" if len(below) > 1 else ""
            raise Conflict(
                detail=f"{kind} group '{name}' has groups below it: {below[0].name}{more}",
                action="remove them first, or give them another parent",
            )
        served = self._served(group)
        if served:
            raise Conflict(
                detail=f"location group '{name}' is served by SWIM server '{served[0].name}'",
                action="take it out of the server's sites first",
            )
        refuse_scheduled(self._state, name, is_group=True)
        changed = [c for d in self._tables.devices.all() if (c := _with_membership(d, group, is_member=False)) != d]
        await self._put([], changed, [(self._tables.groups, group_key(group))])

    def _served(self, group: Group) -> list[SwimServer]:
        """SWIM servers of a location."""
        if group.kind is not GroupKind.LOCATION:
            return []
        return [server for server in self._tables.servers.all() if group.name in server.sites]

    async def _put(
        self,
        groups: list[Group],
        devices: list[Device],
        gone: list[tuple[Any, str]] | None = None,
        servers: Iterable[SwimServer] = (),
    ) -> None:
        refuse_busy(self._state, [device.name for device in devices])
        puts: list[tuple[Any, Any]] = [(self._tables.groups, group) for group in groups]
        puts += [(self._tables.devices, device) for device in devices]
        puts += [(self._tables.servers, server) for server in servers]
        await asyncio.wrap_future(self._state.db.batch(puts, gone or []))
        announce(self._state, [device.name for device in devices])

    def _get(self, name: str, kind: GroupKind) -> Group:
        group = self._tables.groups.get(f"{kind}/{name}")
        if group is None:
            raise NotFound(kind=f"{kind} group", name=name, listing="groups list")
        return group

    def _below(self, group: Group) -> list[Group]:
        return [g for g in self._tables.groups.all() if g.kind is group.kind and g.parent == group.name]

    def _check(self, group: Group) -> None:
        if group.parent and group_key(replace(group, name=group.parent)) not in self._tables.groups:
            raise NotFound(kind=f"{group.kind} group", name=group.parent, listing="groups list")
        problems = check_group(group, known(self._state))
        step, seen = group.parent, {group.name}
        while step and step not in seen:
            seen.add(step)
            above = self._tables.groups.get(f"{group.kind}/{step}")
            step = above.parent if above else ""
        if step:
            problems.append(f"group '{group.name}' would be above itself")
        if problems:
            raise BadValue(name="group", value=group.name, detail=problems[0], allowed="what the problem names")


def _with_membership(device: Device, group: Group, is_member: bool) -> Device:
    """The device with its place in one group set; a device is in one location and one device type."""
    match group.kind:
        case GroupKind.LOCATION:
            place = group.name if is_member else "" if device.location == group.name else device.location
            return replace(device, location=place)
        case GroupKind.DEVICE_TYPE:
            place = group.name if is_member else "" if device.device_type == group.name else device.device_type
            return replace(device, device_type=place)
        case GroupKind.USER:
            others = tuple(name for name in device.groups if name != group.name)
            return replace(device, groups=(*others, group.name) if is_member else others)


def _renamed(device: Device, group: Group, new_name: str) -> Device:
    match group.kind:
        case GroupKind.LOCATION:
            return replace(device, location=new_name) if device.location == group.name else device
        case GroupKind.DEVICE_TYPE:
            return replace(device, device_type=new_name) if device.device_type == group.name else device
        case GroupKind.USER:
            names = tuple(new_name if name == group.name else name for name in device.groups)
            return replace(device, groups=names)
