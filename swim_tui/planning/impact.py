"""What an activation takes away while it lasts, in words for the plan: the outage, who stands in, who is behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from swim_tui.model.device import Device, DeviceClass
from swim_tui.model.facts import Facts
from swim_tui.model.plan import DevicePlan
from swim_tui.planning.durations import words
from swim_tui.planning.order import natural_key

_SHOWN = 5


def impact_of(
    plan: DevicePlan, device: Device, facts: Facts, behind: Iterable[str], *, in_service: bool = False
) -> tuple[str, ...]:
    """Impact of one plan; empty when nothing goes down. `behind` are the devices that are reached through this one."""
    if not plan.included or plan.skipped_because or plan.outage_s <= 0:
        return ()
    found = [f"out of service for about {words(plan.outage_s)}"]
    if in_service:
        found = [
            f"asked for in service (ISSU); out of service for about {words(plan.outage_s)} if that ends in a reload"
        ]
    found += _units(facts, in_service=in_service)
    found += _partner(device, facts)
    names = sorted(behind, key=natural_key)
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        found.append(f"cut off meanwhile, as reached through it: {', '.join(names[:_SHOWN])}{more}")
    if plan.device_class is DeviceClass.NXOS:
        found.append("the device's own impact table is asked for right before the install, recorded and judged")
    return tuple(found)


def _units(facts: Facts, *, in_service: bool) -> list[str]:
    """Members and modules that go down with it."""
    found = []
    if len(facts.members) > 1 and not in_service:
        found.append(f"all {len(facts.members)} members reload together")
    if facts.modules and not in_service:
        rows = [f"{m.number} {m.model}".strip() for m in facts.modules]
        more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
        found.append(f"modules that reset, with all their ports: {', '.join(rows[:_SHOWN])}{more}")
    return found


def _partner(device: Device, facts: Facts) -> list[str]:
    vpc = facts.vpc
    mate = device.pair or "its peer"
    if vpc is not None:
        if "ok" in vpc.peer_status.lower():
            return [f"vPC {vpc.operational_role}: {mate} carries the traffic meanwhile; orphan ports are down"]
        return [f"vPC {vpc.operational_role}: nobody stands in, the peer adjacency is {vpc.peer_status or 'not known'}"]
    return [f"its pair {device.pair} stands in"] if device.pair else []


def behind_of(upstream: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """Device -> those that are reached through it, directly or over others; `upstream` is already transitive."""
    found: dict[str, set[str]] = {}
    for name, above in upstream.items():
        for other in above:
            found.setdefault(other, set()).add(name)
    return {name: frozenset(names) for name, names in found.items()}
