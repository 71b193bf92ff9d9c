"""Activation order with reasons, and the batches that never reload a device above one in flight (SPEC 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from swim_tui.model.device import Device, Role
from swim_tui.model.options import ActivateMode
from swim_tui.model.plan import OrderEntry

_RANK = {Role.ACCESS: 0, Role.DC: 1, Role.DISTRIBUTION: 2, Role.CORE: 3, Role.WAN: 4, Role.PATH: 5}


@dataclass(frozen=True)
class Order:
    """Positions in order, first is the canary; `warnings` tell what could not be honoured."""

    entries: tuple[OrderEntry, ...]
    warnings: tuple[str, ...] = ()


@dataclass
class _Net:
    """Who is above whom among the devices of the run; `above` is transitive, through devices outside the run too."""

    devices: dict[str, Device]
    above: dict[str, set[str]] = field(default_factory=dict)
    pairs: set[frozenset[str]] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)
    vpc_roles: Mapping[str, str] = field(default_factory=dict)

    def is_vpc_primary(self, name: str) -> bool:
        """True for the switch that carries a vPC: its secondary goes first."""
        return self.vpc_roles.get(name) == "primary"


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key by which sw2 comes before sw10."""
    parts = re.split(r"([0-9]+)", text.lower())
    return tuple((1, int(p), "") if p.isdecimal() else (0, 0, p) for p in parts if p)


def activation_order(
    included: Sequence[Device],
    everyone: Iterable[Device],
    mode: ActivateMode,
    batch_size: int,
    by_hand: Sequence[str] = (),
    vpc_roles: Mapping[str, str] | None = None,
) -> Order:
    """Order and batches of the included devices; `everyone` is the inventory, for chains through other devices;
    `vpc_roles` are primary or secondary by name, where a device is in a vPC."""
    if not included:
        return Order(())
    net = _network(included, everyone)
    net.vpc_roles = vpc_roles or {}
    names = _by_hand(net, by_hand) if by_hand else _computed(net)
    return Order(_batches(net, names, mode, max(1, batch_size), bool(by_hand)), tuple(net.warnings))


def _network(included: Sequence[Device], everyone: Iterable[Device]) -> _Net:
    inventory = {d.name: d for d in everyone} | {d.name: d for d in included}
    net = _Net({d.name: d for d in included})
    for name in net.devices:
        seen: set[str] = set()
        waiting = list(inventory[name].upstream)
        while waiting:
            other = waiting.pop()
            if other in seen or other == name:
                continue
            seen.add(other)
            waiting += inventory[other].upstream if other in inventory else ()
        net.above[name] = {o for o in seen if o in net.devices}
        mate = inventory[name].pair
        if mate and mate in net.devices and mate != name:
            net.pairs.add(frozenset((name, mate)))
    _break_circles(net)
    return net


def _break_circles(net: _Net) -> None:
    """Devices that are above each other cannot both come first: the role decides between them."""
    for name in sorted(net.above, key=natural_key):
        for other in sorted(net.above[name], key=natural_key):
            if name in net.above.get(other, ()):
                net.above[name].discard(other)
                net.above[other].discard(name)
                net.warnings.append(f"{name} and {other} are upstream of each other; the order between them is by role")


def _is_path(net: _Net, name: str) -> bool:
    return net.devices[name].role is Role.PATH


def _must_precede(net: _Net, name: str) -> set[str]:
    """Devices of the run that come after `name`: those above it; path devices come after everything else."""
    after = {o for o in net.above[name] if not (_is_path(net, name) and not _is_path(net, o))}
    if not _is_path(net, name):
        after |= {o for o in net.devices if _is_path(net, o)}
    return after


def _computed(net: _Net) -> list[str]:
    before: dict[str, set[str]] = {name: set() for name in net.devices}
    for name in net.devices:
        for other in _must_precede(net, name):
            before[other].add(name)
    left = set(net.devices)
    names: list[str] = []
    while left:
        ready = [n for n in left if not before[n] & left]
        # A circle of three or more: take the lowest role and say so.
        pool = ready or list(left)
        chosen = min(pool, key=lambda n: (_RANK[net.devices[n].role], net.is_vpc_primary(n), natural_key(n)))
        if not ready:
            net.warnings.append(f"{chosen} is in a circle of upstream devices; taken by its role")
        names.append(chosen)
        left.discard(chosen)
    return names


def _by_hand(net: _Net, wanted: Sequence[str]) -> list[str]:
    """The order a person set; devices it does not name come after, in computed order."""
    named = [n for n in dict.fromkeys(wanted) if n in net.devices]
    names = named + [n for n in _computed(net) if n not in named]
    position = {n: i for i, n in enumerate(names)}
    for name in names:
        for other in sorted(_must_precede(net, name), key=natural_key):
            if position[other] < position[name]:
                net.warnings.append(f"set by hand: {other} comes before {name}, which is reached through it")
    return names


@dataclass
class _Batch:
    names: list[str] = field(default_factory=list)


def _conflict(net: _Net, batch: _Batch, name: str, mode: ActivateMode) -> bool:
    """True when `name` may not be down together with one of the batch."""
    here = net.devices[name]
    for other in batch.names:
        if other in net.above[name] or name in net.above[other] or frozenset((name, other)) in net.pairs:
            return True
        if _is_path(net, name) or _is_path(net, other):
            return True
        if mode is ActivateMode.SEQUENTIAL_PER_GROUP and net.devices[other].location == here.location:
            return True
    return False


def _batches(net: _Net, names: list[str], mode: ActivateMode, size: int, by_hand: bool) -> tuple[OrderEntry, ...]:
    """The first device alone (canary), then as many side by side as the mode, the size and the topology allow."""
    limit = 1 if mode in (ActivateMode.SEQUENTIAL, ActivateMode.OFF) else size
    batches: list[_Batch] = [_Batch([names[0]])]
    number = {names[0]: 0}
    for name in names[1:]:
        after = [number[o] for o in number if name in _must_precede(net, o)]
        earliest = max([1, *(n + 1 for n in after)])
        if by_hand:
            earliest = max(earliest, len(batches) - 1)
        chosen = next(
            (
                i
                for i in range(earliest, len(batches))
                if len(batches[i].names) < limit and not _conflict(net, batches[i], name, mode)
            ),
            None,
        )
        if chosen is None:
            batches.append(_Batch())
            chosen = len(batches) - 1
        batches[chosen].names.append(name)
        number[name] = chosen
    entries = [
        OrderEntry(name, index + 1, _reason(net, name, index, by_hand))
        for index, batch in enumerate(batches)
        for name in batch.names
    ]
    return tuple(entries)


def _reason(net: _Net, name: str, index: int, by_hand: bool) -> str:
    device = net.devices[name]
    said = []
    if index == 0:
        said.append("canary: everything else waits until it is proven")
    if by_hand:
        said.append("order set by hand")
    if _is_path(net, name):
        said.append("path device: last and alone")
    else:
        said.append(f"role {device.role.value}")
    if name in net.vpc_roles:
        said.append("vPC primary: after the secondary" if net.is_vpc_primary(name) else "vPC secondary: first")
    above = sorted(net.above[name], key=natural_key)
    if above:
        said.append(f"before its upstream {', '.join(above[:3])}{' and more' if len(above) > 3 else ''}")
    below = sorted((o for o in net.devices if name in net.above[o]), key=natural_key)
    if below:
        said.append(f"after {', '.join(below[:3])}{f' and {len(below) - 3} more' if len(below) > 3 else ''} behind it")
    mates = [o for pair in net.pairs if name in pair for o in pair if o != name]
    if mates:
        said.append(f"never down together with its pair {', '.join(sorted(mates))}")
    return "; ".join(said)


def conflicts(devices: Mapping[str, Device], everyone: Iterable[Device]) -> dict[str, frozenset[str]]:
    """For each device those of the run that may not be down at the same time, for the dispatcher."""
    net = _network(tuple(devices.values()), everyone)
    found: dict[str, frozenset[str]] = {}
    for name in devices:
        others = (o for o in devices if o != name)
        bad = {o for o in others if _conflict(net, _Batch([o]), name, ActivateMode.PARALLEL)}
        found[name] = frozenset(bad)
    return found
