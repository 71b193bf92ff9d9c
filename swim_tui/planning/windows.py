"""Maintenance windows against the computed durations: who fits, who will not start, in words. Pure (SPEC 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.plan import DevicePlan, OrderEntry
from swim_tui.planning.commits import by_hand_s
from swim_tui.planning.durations import rollback_s, words

NAMED = 30  # devices in one warning; the rest is counted


@dataclass(frozen=True)
class Opening:
    """When a device may go out of service, in seconds from the begin of its run."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class _Turn:
    """One device in its turn."""

    plan: DevicePlan
    batch: int
    opening: Opening
    least_s: float

    @property
    def takes_s(self) -> float:
        return self.plan.outage_s + self.plan.waits.soak_s


def least_s(plan: DevicePlan, options: JobOptions, scale: float) -> float:
    """What must be left of a window when a device goes out of service: 1.5 x its expected outage and a rollback, and
    the time in which a person must commit."""
    return max(1.5 * plan.outage_s + rollback_s(plan.outage_s, scale), by_hand_s(plan, options))


def window_warnings(
    active: Sequence[DevicePlan],
    order: Sequence[OrderEntry],
    openings: Mapping[str, Opening],
    options: JobOptions,
    ready_s: float,
    scale: float = 1.0,
) -> tuple[str, ...]:
    """How the run fits its window, and by name who will not start. `ready_s`: when distribution has ended."""
    plans = {plan.device: plan for plan in active}
    turns = [
        _Turn(plans[entry.device], entry.batch, openings[entry.device], least_s(plans[entry.device], options, scale))
        for entry in order
        if entry.device in openings
    ]
    if not turns:
        return ()
    lanes = _lanes(turns, options)
    late = [device for lane in lanes for device in too_late(lane, ready_s)]
    whole_s = max(_whole_s(lane) for lane in lanes)
    batches = sum(len({turn.batch for turn in lane}) for lane in lanes)
    how = "one at a time" if batches == len(turns) and len(lanes) == 1 else f"in {batches} batches"
    if len(lanes) > 1:
        how = f"one at a time in each of {len(lanes)} groups"
    fits = f"{len(late)} will not start" if late else "all fit"
    text = f"{len(turns)} devices {how}: {words(whole_s)}, {_said(turns, ready_s)}, {fits}"
    if not late:
        return (text,)
    more = f" and {len(late) - NAMED} more" if len(late) > NAMED else ""
    return (text, f"will not start before the window ends: {', '.join(late[:NAMED])}{more}")


def _said(turns: Sequence[_Turn], ready_s: float) -> str:
    openings = {turn.opening for turn in turns}
    left = [max(0.0, opening.end_s - max(opening.start_s, ready_s)) for opening in openings]
    if len(openings) == 1:
        return f"window {words(left[0])}"
    return f"windows of {len(openings)} sites, {words(min(left))} to {words(max(left))}"


def _lanes(turns: Iterable[_Turn], options: JobOptions) -> list[list[_Turn]]:
    """What takes turns together: the run, or each location group by itself."""
    lanes: dict[str, list[_Turn]] = {}
    for turn in turns:
        is_apart = options.activate is ActivateMode.SEQUENTIAL_PER_GROUP
        lanes.setdefault(turn.plan.location if is_apart else "", []).append(turn)
    return list(lanes.values())


def _whole_s(lane: Sequence[_Turn]) -> float:
    longest: dict[int, float] = {}
    for turn in lane:
        longest[turn.batch] = max(longest.get(turn.batch, 0.0), turn.takes_s)
    return sum(longest.values())


def too_late(lane: Sequence[_Turn], ready_s: float) -> list[str]:
    """Who of a lane will not start. A device whose window is not open yet does not keep the next one waiting."""
    left, clock, late = list(lane), ready_s, list[str]()
    while left:
        clock = max(clock, min(turn.opening.start_s for turn in left))
        is_open = [turn for turn in left if turn.opening.start_s <= clock]
        batch = [turn for turn in is_open if turn.batch == min(turn.batch for turn in is_open)]
        starts = [turn for turn in batch if clock + turn.least_s <= turn.opening.end_s]
        late += [turn.plan.device for turn in batch if turn not in starts]
        clock += max((turn.takes_s for turn in starts), default=0.0)
        left = [turn for turn in left if turn not in batch]
    return late
