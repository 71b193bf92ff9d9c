"""Activation order over random topologies."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from swim_tui.model.device import Device, Role
from swim_tui.model.options import ActivateMode
from swim_tui.planning.order import Order, activation_order, conflicts


def dev(
    name: str, role: Role = Role.ACCESS, upstream: tuple[str, ...] = (), pair: str = "", location: str = ""
) -> Device:
    return Device(name, "10.0.0.1", role=role, upstream=upstream, pair=pair, location=location)


def names(order: Order) -> list[str]:
    return [e.device for e in order.entries]


def batches(order: Order) -> list[set[str]]:
    count = max((e.batch for e in order.entries), default=0)
    return [{e.device for e in order.entries if e.batch == n} for n in range(1, count + 1)]


@st.composite
def topologies(draw: st.DrawFn) -> list[Device]:
    """Trees with cross links: a device's upstreams come after it in the list, so there is no circle."""
    count = draw(st.integers(1, 14))
    found = []
    for i in range(count):
        later = [f"d{j}" for j in range(i + 1, count)]
        up = draw(st.lists(st.sampled_from(later), max_size=2, unique=True)) if later else []
        role = draw(st.sampled_from(list(Role)))
        pair = f"d{i ^ 1}" if draw(st.booleans()) and (i ^ 1) < count else ""
        found.append(dev(f"d{i}", role, tuple(up), pair, draw(st.sampled_from(["a", "b"]))))
    return found


def reachable(devices: list[Device]) -> dict[str, set[str]]:
    by_name = {d.name: d for d in devices}
    above: dict[str, set[str]] = {}
    for d in reversed(devices):
        above[d.name] = set(d.upstream).union(*(above[u] for u in d.upstream if u in by_name))
    return above


modes = st.sampled_from([ActivateMode.SEQUENTIAL, ActivateMode.SEQUENTIAL_PER_GROUP, ActivateMode.PARALLEL])


@given(topologies(), modes, st.integers(1, 6), st.sets(st.integers(0, 13)))
def test_the_rules_hold_over_any_topology(
    devices: list[Device], mode: ActivateMode, size: int, left_out: set[int]
) -> None:
    included = [d for i, d in enumerate(devices) if i not in left_out]
    order = activation_order(included, devices, mode, size)
    above = reachable(devices)
    role = {d.name: d.role for d in devices}
    pairs = {frozenset((d.name, d.pair)) for d in devices if d.pair}
    location = {d.name: d.location for d in devices}

    assert sorted(names(order)) == sorted(d.name for d in included)
    number = {e.device: e.batch for e in order.entries}
    for name, up in above.items():
        for other in up & set(number):
            if name in number and not (role[name] is Role.PATH and role[other] is not Role.PATH):
                assert number[name] < number[other], (name, other)
    for batch in batches(order):
        assert len(batch) <= (1 if mode is ActivateMode.SEQUENTIAL else size)
        for a in batch:
            assert role[a] is not Role.PATH or len(batch) == 1
            for b in batch - {a}:
                assert frozenset((a, b)) not in pairs
                assert b not in above[a]
                if mode is ActivateMode.SEQUENTIAL_PER_GROUP:
                    assert location[a] != location[b]
    if included:
        assert len(batches(order)[0]) == 1
        paths = [number[n] for n in number if role[n] is Role.PATH]
        others = [number[n] for n in number if role[n] is not Role.PATH]
        assert not paths or not others or min(paths) > max(others)


def test_a_pair_is_never_in_one_batch_in_a_thousand_random_networks() -> None:
    chosen = 0
    for seed in range(1000):
        pick = random.Random(seed)
        count = pick.randint(2, 16)
        ends = list(range(count))
        pick.shuffle(ends)
        partner = {a: b for a, b in zip(ends[::2], ends[1::2], strict=False) if pick.random() < 0.7}
        devices = [
            dev(
                f"d{i}",
                pick.choice(list(Role)),
                tuple(f"d{j}" for j in range(i + 1, count) if pick.random() < 0.15),
                f"d{partner[i]}" if i in partner else "",  # one end names the other, which need not name it back
                pick.choice("ab"),
            )
            for i in range(count)
        ]
        mode = pick.choice([ActivateMode.PARALLEL, ActivateMode.SEQUENTIAL_PER_GROUP])
        found = batches(activation_order(devices, devices, mode, pick.randint(2, 8)))
        chosen += any(len(batch) > 1 for batch in found)
        for batch in found:
            assert not [d for d in devices if d.pair in batch and d.name in batch], (seed, batch)
    assert chosen > 300  # where nothing goes side by side nothing is proven


def test_roles_decide_where_the_topology_is_silent() -> None:
    devices = [
        dev("w", Role.WAN),
        dev("c", Role.CORE),
        dev("p", Role.PATH),
        dev("a2"),
        dev("a10"),
        dev("d", Role.DISTRIBUTION),
    ]
    order = activation_order(devices, devices, ActivateMode.SEQUENTIAL, 10)
    assert names(order) == ["a2", "a10", "d", "c", "w", "p"]


def test_a_chain_through_a_device_outside_the_run_still_counts() -> None:
    inventory = [dev("a", upstream=("b",), role=Role.CORE), dev("b", upstream=("c",)), dev("c")]
    order = activation_order([inventory[0], inventory[2]], inventory, ActivateMode.PARALLEL, 10)
    assert names(order) == ["a", "c"]


def test_the_first_device_is_the_canary_and_says_so() -> None:
    devices = [dev("a"), dev("b"), dev("c")]
    order = activation_order(devices, devices, ActivateMode.PARALLEL, 10)
    assert batches(order) == [{"a"}, {"b", "c"}]
    assert "canary" in order.entries[0].reason


def test_a_circle_is_broken_by_role_and_told() -> None:
    devices = [dev("a", Role.CORE, ("b",)), dev("b", Role.ACCESS, ("a",))]
    order = activation_order(devices, devices, ActivateMode.SEQUENTIAL, 1)
    assert names(order) == ["b", "a"]
    assert order.warnings


def test_a_longer_circle_ends_and_is_told() -> None:
    devices = [dev("a", upstream=("b",)), dev("b", upstream=("c",)), dev("c", upstream=("a",))]
    order = activation_order(devices, devices, ActivateMode.PARALLEL, 4)
    assert sorted(names(order)) == ["a", "b", "c"]
    assert order.warnings


def test_an_order_set_by_hand_is_kept_and_its_danger_told() -> None:
    devices = [dev("a", upstream=("core",)), dev("core", Role.CORE), dev("b")]
    order = activation_order(devices, devices, ActivateMode.SEQUENTIAL, 1, ("core", "a"))
    assert names(order) == ["core", "a", "b"]
    assert any("reached through it" in w for w in order.warnings)


def test_the_dispatcher_learns_who_may_not_be_down_together() -> None:
    devices = {d.name: d for d in (dev("a", upstream=("c",)), dev("b", pair="a"), dev("c"))}
    assert conflicts(devices, devices.values())["a"] == {"b", "c"}
    assert conflicts(devices, devices.values())["b"] == {"a"}


def test_nothing_included_gives_no_order() -> None:
    assert activation_order([], [dev("a")], ActivateMode.PARALLEL, 10).entries == ()


def test_the_vpc_secondary_goes_first() -> None:
    found = [dev("a", Role.DC, pair="b"), dev("b", Role.DC, pair="a")]
    roles = {"a": "primary", "b": "secondary"}
    order = activation_order(found, found, ActivateMode.PARALLEL, 5, vpc_roles=roles)
    assert names(order) == ["b", "a"]
    assert "vPC secondary" in order.entries[0].reason
