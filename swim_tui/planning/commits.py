"""Commits left to a person: the deadline that an activation sets must lie inside the job's window (SPEC 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device import DeviceClass
from swim_tui.model.options import CommitMode, JobOptions
from swim_tui.model.plan import DevicePlan
from swim_tui.planning.durations import words
from swim_tui.planning.planparts import judged

_XR = frozenset({DeviceClass.XR_32, DeviceClass.XR_64, DeviceClass.XR7})


def by_hand_s(plan: DevicePlan, options: JobOptions) -> float:
    """Seconds from the activation in which a person must commit; 0.0 where nobody must."""
    return plan.commit_within_s if options.commit is CommitMode.BY_HAND else 0.0


def in_window(plan: DevicePlan, options: JobOptions, left_s: float) -> DevicePlan:
    """The plan, excluded where its deadline would fall behind the window: nobody may be there to commit."""
    within_s = by_hand_s(plan, options)
    if not within_s or not plan.included or plan.skipped_because:
        return plan
    expected = "deadline of the commit inside the window"
    shown = f"{words(within_s)} after the activation, the window ends in {words(max(0.0, left_s))}"
    if plan.distribution_s + within_s <= left_s:
        return replace(plan, checks=(*plan.checks, Check("Commit by hand", Verdict.OK, expected, shown)))
    action = "commit after proof, or give a longer window"
    return judged(plan, (*plan.checks, Check("Commit by hand", Verdict.FAILED, expected, shown, action)))


def warnings(plans: Sequence[DevicePlan], options: JobOptions) -> tuple[str, ...]:
    """What happens to those that nobody commits, in words."""
    if options.commit is not CommitMode.BY_HAND:
        return ()
    active = [p for p in plans if p.included and not p.skipped_because and p.outage_s > 0]
    timed = [p for p in active if p.commit_within_s]
    found = []
    if timed:
        soonest = words(min(p.commit_within_s for p in timed))
        found.append(f"commit by hand: {_count(timed)} by itself {soonest} after the activation unless it is committed")
    untimed = [p for p in active if p.device_class in _XR]
    if untimed:
        found.append(f"commit by hand: {_count(untimed)} at the next reload unless it is committed")
    return tuple(found)


def _count(plans: Sequence[DevicePlan]) -> str:
    return f"{plans[0].device} goes back" if len(plans) == 1 else f"each of {len(plans)} devices goes back"
