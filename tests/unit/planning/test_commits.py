"""Commits by hand and the window; an upgrade in service asked of what has none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swim_tui.model.device import DeviceClass
from swim_tui.model.options import ActivateMode, CommitMode, JobOptions
from swim_tui.model.plan import DevicePlan, Operation, OpKind, Phase
from swim_tui.planning.commits import in_window, warnings
from tests.unit.planning import making

BY_HAND = JobOptions(activate=ActivateMode.SEQUENTIAL, commit=CommitMode.BY_HAND)


def activation(within_s: float, device_class: DeviceClass = DeviceClass.XE16_INSTALL) -> DevicePlan:
    op = Operation("activate.install", OpKind.INSTALL, Phase.ACTIVATE, "Activating", commit_within_s=within_s)
    return DevicePlan(
        "sw1", "i", "i.bin", "c9300", device_class, included=True, operations=(op,), outage_s=300.0, distribution_s=60.0
    )


@pytest.mark.parametrize(("left_s", "is_included"), [(7260.0, True), (7259.0, False), (-5.0, False)])
def test_a_deadline_behind_the_window_keeps_the_device_out(left_s: float, is_included: bool) -> None:
    plan = in_window(activation(7200.0), BY_HAND, left_s)
    assert plan.included is is_included
    assert bool(plan.operations) is is_included
    if not is_included:
        assert plan.excluded_because.startswith("Commit by hand: expected deadline of the commit inside the window")


def test_a_commit_that_the_job_makes_itself_needs_no_such_window() -> None:
    plan = activation(7200.0)
    assert in_window(plan, replace(BY_HAND, commit=CommitMode.AFTER_PROOF), 60.0) == plan
    assert in_window(activation(0.0), BY_HAND, 60.0) == activation(0.0)


def test_the_plan_says_what_becomes_of_those_that_nobody_commits() -> None:
    timed, router = activation(7200.0), replace(activation(0.0, DeviceClass.XR_64), device="r1")
    assert warnings([timed, router], BY_HAND) == (
        "commit by hand: sw1 goes back by itself 2 h after the activation unless it is committed",
        "commit by hand: r1 goes back at the next reload unless it is committed",
    )
    assert warnings([timed, router], replace(BY_HAND, commit=CommitMode.AFTER_PROOF)) == ()


def test_issu_on_a_platform_without_it_is_a_failed_check_and_only_for_an_activation() -> None:
    plan = making.plan(options=replace(making.ACTIVATE, issu=True))
    assert not plan.included
    assert plan.excluded_because.startswith("ISSU: expected supported")
    only_copy = making.plan(options=JobOptions(issu=True))
    assert only_copy.included
