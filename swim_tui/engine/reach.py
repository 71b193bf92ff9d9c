"""How things are reached: the jump hosts on the way, the groups a device is in, the profile that logs in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from swim_tui.errors import NotFound
from swim_tui.model.device import Device, Group, GroupKind, JumpHost
from swim_tui.model.server import SSH_PROTOCOLS, SwimServer
from swim_tui.model.ways import jump_chain as jump_chain


def server_chain(server: SwimServer, jumps: Mapping[str, JumpHost]) -> tuple[JumpHost, ...]:
    """The hops to a SWIM server; to one that is a jump host itself those before it."""
    if server.jump_host:
        return jump_chain((server.jump_host,), jumps)[:-1]
    return jump_chain(server.jump, jumps)


Spot = tuple[str, int, tuple[str, ...]]
"""Address, port and the jump hosts on the way."""


def places(
    devices: Iterable[Device], jumps: Mapping[str, JumpHost], servers: Iterable[SwimServer] = ()
) -> dict[Spot, list[str]]:
    """Where devices, jump hosts and SWIM servers are, on every way that is used; what has a broken way is left out."""
    found: dict[Spot, dict[str, None]] = {}
    ways: dict[tuple[str, ...], tuple[str, ...] | None] = {}

    def way(names: tuple[str, ...]) -> tuple[str, ...] | None:
        """The hops of a way; those on it are noted when it is met for the first time."""
        if names not in ways:
            try:
                chain = jump_chain(names, jumps)
            except NotFound:
                ways[names] = None
                return None
            ways[names] = hops = tuple(hop.name for hop in chain)
            for count, hop in enumerate(chain):
                found.setdefault((hop.address, hop.port, hops[:count]), {})[hop.name] = None
        return ways[names]

    for jump in jumps.values():
        way((jump.name,))
    for device in devices:
        via = way(device.jump)
        if via is not None:
            found.setdefault((device.address, device.port, via), {})[device.name] = None
    for server in servers:
        via = way((server.jump_host,)) if server.jump_host else way(server.jump)
        if via is not None:
            via = via[:-1] if server.jump_host else via
            for port in sorted({row.real_port for row in server.protocols if row.protocol in SSH_PROTOCOLS}):
                found.setdefault((server.address, port, via), {})[server.name] = None
    return {spot: list(names) for spot, names in found.items()}


class Membership:
    """Which groups devices are in: those they name, and user-defined groups whose rule they fit."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self._groups = {(group.kind, group.name): group for group in groups}
        self._rules = [group for group in self._groups.values() if group.rule]

    def groups_of(self, device: Device) -> tuple[str, ...]:
        """User-defined groups, by hand first."""
        if not self._rules:
            return device.groups
        locations = self.above(GroupKind.LOCATION, device.location)
        by_rule = (group.name for group in self._rules if group.rule.fits(device, locations))
        return tuple(dict.fromkeys((*device.groups, *by_rule)))

    def above(self, kind: GroupKind, name: str) -> list[str]:
        """A group and those above it, the nearest first."""
        found: list[str] = []
        while name and name not in found:
            found.append(name)
            group = self._groups.get((kind, name))
            name = group.parent if group else ""
        return found

    def profile_of(self, device: Device, default: str = "") -> str:
        """The credential profile of a device: its own, else its groups' (user-defined, location, device type), else
        the default."""
        if device.credentials:
            return device.credentials
        ladder = [(GroupKind.USER, name) for name in self.groups_of(device)]
        ladder += [(GroupKind.LOCATION, device.location), (GroupKind.DEVICE_TYPE, device.device_type)]
        for kind, name in ladder:
            for step in self.above(kind, name):
                group = self._groups.get((kind, step))
                if group is not None and group.credentials:
                    return group.credentials
        return default
