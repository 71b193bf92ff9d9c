"""Windows against durations: who does not fit is named, whatever the mode and wherever the site is."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.plan import DevicePlan, OrderEntry
from swim_tui.planning.run import plan_run
from swim_tui.planning.windows import NAMED, Opening, least_s, window_warnings
from tests.unit.planning import making as m

HOUR = 3600.0
ONE_BY_ONE = replace(m.ACTIVATE, activate=ActivateMode.SEQUENTIAL)
BASE = m.plan()


def plans(count: int, outage_s: float = 600.0, location: str = "") -> list[DevicePlan]:
    waits = replace(BASE.waits, soak_s=120.0)
    return [replace(BASE, device=f"r{n}", outage_s=outage_s, waits=waits, location=location) for n in range(count)]


def one_by_one(found: list[DevicePlan]) -> list[OrderEntry]:
    return [OrderEntry(plan.device, number, "") for number, plan in enumerate(found, 1)]


def warnings(found: list[DevicePlan], end_s: float, ready_s: float = 0.0, start_s: float = 0.0) -> tuple[str, ...]:
    openings = {plan.device: Opening(start_s, end_s) for plan in found}
    return window_warnings(found, one_by_one(found), openings, ONE_BY_ONE, ready_s)


def test_the_plan_says_how_long_it_takes_and_who_will_not_start() -> None:
    # 720 s each; 1.5 x 600 s, 600 s back and the short steps must be left of the hour
    text, late = warnings(plans(5), HOUR)
    assert text == "5 devices one at a time: 1 h, window 1 h, 2 will not start"
    assert late == "will not start before the window ends: r3, r4"
    assert warnings(plans(5), 3 * HOUR) == ("5 devices one at a time: 1 h, window 3 h, all fit",)


def test_distribution_takes_its_part_of_the_window_and_one_before_it_costs_nothing() -> None:
    assert "4 will not start" in warnings(plans(5), HOUR, ready_s=1500.0)[0]
    assert "2 will not start" in warnings(plans(5), 2 * HOUR, ready_s=1500.0, start_s=HOUR)[0]


def test_all_fit_in_batches_what_does_not_fit_one_by_one() -> None:
    found = plans(6)
    openings = {plan.device: Opening(0.0, HOUR) for plan in found}
    batches = [OrderEntry(plan.device, 1 + number // 3, "") for number, plan in enumerate(found)]
    parallel = replace(m.ACTIVATE, activate=ActivateMode.PARALLEL)
    assert window_warnings(found, batches, openings, parallel, 0.0) == (
        "6 devices in 2 batches: 24 m, window 1 h, all fit",
    )


def test_sites_that_open_later_wait_and_hold_up_nobody() -> None:
    found = plans(4)
    openings = {"r0": Opening(6 * HOUR, 7 * HOUR), "r1": Opening(0.0, HOUR), "r2": Opening(0.0, HOUR),
                "r3": Opening(6 * HOUR, 6.2 * HOUR)}  # fmt: skip
    text, late = window_warnings(found, one_by_one(found), openings, ONE_BY_ONE, 0.0)
    assert text == "4 devices one at a time: 48 m, windows of 3 sites, 12 m to 1 h, 1 will not start"
    assert late.endswith(": r3")


def test_groups_go_side_by_side() -> None:
    east, west = plans(3, location="east"), plans(3, location="west")
    west = [replace(plan, device=f"w{number}") for number, plan in enumerate(west)]
    options = replace(m.ACTIVATE, activate=ActivateMode.SEQUENTIAL_PER_GROUP)
    openings = {plan.device: Opening(0.0, HOUR) for plan in (*east, *west)}
    order = [entry for pair in zip(one_by_one(east), one_by_one(west), strict=True) for entry in pair]
    assert window_warnings([*east, *west], order, openings, options, 0.0) == (
        "6 devices one at a time in each of 2 groups: 36 m, window 1 h, all fit",
    )


def test_a_long_list_of_names_is_cut_and_counted() -> None:
    _, late = warnings(plans(113), HOUR)
    assert late.endswith(f" and {110 - NAMED} more")


@given(st.integers(1, 30), st.floats(60, 3000), st.floats(0, 20 * HOUR), st.floats(0, HOUR))
def test_who_is_not_named_has_what_must_be_left_when_its_turn_comes(
    count: int, outage_s: float, end_s: float, ready_s: float
) -> None:
    found = plans(count, outage_s)
    said = warnings(found, end_s, ready_s)
    late = 0 if said[0].endswith("all fit") else int(said[0].rsplit(", ", 1)[1].split()[0])
    must_fit = least_s(found[0], ONE_BY_ONE, 1.0)
    turn = outage_s + 120.0
    expected = sum(ready_s + number * turn + must_fit > end_s for number in range(count))
    # Floating point may put the very edge on either side.
    assert abs(late - expected) <= (abs((end_s - must_fit - ready_s) % turn) < 1e-6)


def test_the_run_plan_carries_the_warning_and_it_is_not_part_of_its_hash() -> None:
    device = m.device()
    without = plan_run([BASE], [device], m.ACTIVATE, made_at=m.NOW)
    plan = plan_run([BASE], [device], m.ACTIVATE, made_at=m.NOW, openings={device.name: Opening(0.0, 60.0)})
    assert any("will not start before the window ends: r1" in text for text in plan.warnings)
    assert plan.sha256 == without.sha256
    assert window_warnings([BASE], plan.order, {}, JobOptions(), 0.0) == ()
