"""The dispatcher's rules, one by one, and under random interleavings of results."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swim_tui.engine.board import (
    DISRUPTIVE,
    Board,
    CancelPhase,
    Decision,
    End,
    Finish,
    MakePlan,
    Slot,
    Start,
    Stop,
    network_of,
)
from swim_tui.engine.dispatch import decide
from swim_tui.model.job import TaskStatus
from swim_tui.model.options import ActivateMode
from swim_tui.model.plan import Phase

NOW = datetime(2026, 1, 10, 2, 0, tzinfo=UTC)
COMBINED = (Phase.PREPARE, Phase.DISTRIBUTE, Phase.ACTIVATE)
READY = frozenset({Phase.PREPARE, Phase.DISTRIBUTE})


def slot(name: str, **kwargs: object) -> Slot:
    defaults: dict[str, object] = {
        "wants": COMBINED,
        "done": READY,
        "status": TaskStatus.RUNNING,
        "profiles": frozenset({"lab"}),
    }
    return Slot(device=name, **{**defaults, **kwargs})  # type: ignore[arg-type]


def fresh(name: str, **kwargs: object) -> Slot:
    return slot(name, done=frozenset(), status=TaskStatus.YET_TO_START, **kwargs)


def board(*slots: Slot, **kwargs: object) -> Board:
    defaults: dict[str, object] = {"is_planned": True, "proven": frozenset({"lab"})}
    return Board(slots=slots, now=NOW, **{**defaults, **kwargs})  # type: ignore[arg-type]


def started(decision: Decision) -> list[tuple[str, Phase]]:
    return [(a.device, a.phase) for a in decision.actions if isinstance(a, Start)]


def names(decision: Decision) -> list[str]:
    return [device for device, _ in started(decision)]


def test_one_device_of_a_profile_logs_in_before_the_others() -> None:
    decision = decide(board(fresh("a"), fresh("b"), is_planned=False, proven=frozenset()))
    assert started(decision) == [("a", Phase.PREPARE)]
    assert "first login with profile 'lab' (a)" in decision.waiting["b"]


def test_all_devices_start_once_the_login_is_proven_up_to_the_limit() -> None:
    decision = decide(board(*(fresh(n) for n in "abcd"), is_planned=False, max_distribution=3))
    assert names(decision) == ["a", "b", "c"]
    assert "3 at once" in decision.waiting["d"]


def test_a_parked_profile_fails_its_tasks_without_a_try() -> None:
    decision = decide(board(fresh("a"), fresh("b", profiles=frozenset({"other"})), parked={"lab": "x refused"}))
    end = next(a for a in decision.actions if isinstance(a, End))
    assert (end.device, end.status) == ("a", TaskStatus.FAILURE)
    assert "x refused" in end.message
    assert "credentials add lab" in end.remedy


def test_the_plan_is_made_when_every_device_was_read_or_has_ended() -> None:
    prepared = slot("a", done=frozenset({Phase.PREPARE}))
    reading = slot("b", done=frozenset(), running=Phase.PREPARE)
    assert MakePlan() not in decide(board(prepared, reading, is_planned=False)).actions
    failed = slot("b", done=frozenset(), status=TaskStatus.FAILURE)
    assert MakePlan() in decide(board(prepared, failed, is_planned=False)).actions


def test_with_as_many_read_as_may_copy_at_once_a_part_of_the_plan_is_made_and_followed() -> None:
    reading = slot("c", done=frozenset(), running=Phase.PREPARE)
    early = {"is_planned": False, "plans_early": True, "max_distribution": 2}
    assert MakePlan() not in decide(board(slot("a"), reading, **early)).actions
    both = decide(board(slot("a"), slot("b"), reading, **early))
    assert MakePlan() in both.actions
    assert started(both) == []  # they have no plan yet
    assert MakePlan() not in decide(board(slot("a"), slot("b"), reading, **{**early, "plans_early": False})).actions
    unread = decide(board(*(fresh(name) for name in "abcdef"), **early))
    assert names(unread) == ["a", "d"]  # not the first two: the list is by site
    planned = [
        slot(name, wants=(Phase.PREPARE, Phase.DISTRIBUTE, Phase.ACTIVATE), done=frozenset(done), is_planned=True)
        for name, done in (("a", {Phase.PREPARE}), ("b", {Phase.PREPARE, Phase.DISTRIBUTE}))
    ]
    assert started(decide(board(*planned, reading, **early))) == [("a", Phase.DISTRIBUTE)]  # no reload yet


def test_no_device_is_activated_before_every_distribution_has_ended() -> None:
    copying = slot("b", done=frozenset({Phase.PREPARE}), running=Phase.DISTRIBUTE)
    decision = decide(board(slot("a"), copying))
    assert started(decision) == []
    assert decision.barrier == "waits until the distribution of 1 device has ended"
    assert started(decide(board(slot("a"), replace(copying, status=TaskStatus.FAILURE, running=None)))) == [
        ("a", Phase.ACTIVATE)
    ]


def test_activate_when_ready_lifts_that_barrier() -> None:
    copying = slot("b", done=frozenset({Phase.PREPARE}), running=Phase.DISTRIBUTE)
    assert names(decide(board(slot("a"), copying, activate_when_ready=True))) == ["a"]


def test_sequential_activates_one_device_at_a_time_in_order() -> None:
    assert names(decide(board(slot("a"), slot("b")))) == ["a"]
    flying = slot("a", running=Phase.ACTIVATE)
    assert started(decide(board(flying, slot("b")))) == []
    done = slot("a", status=TaskStatus.SUCCESS, done=frozenset(COMBINED), is_proven=True)
    assert names(decide(board(done, slot("b")))) == ["b"]


def test_the_first_device_is_the_canary_also_in_parallel() -> None:
    kwargs = {"mode": ActivateMode.PARALLEL}
    assert names(decide(board(slot("a"), slot("b"), **kwargs))) == ["a"]
    done = slot("a", status=TaskStatus.SUCCESS, done=frozenset(COMBINED), is_proven=True)
    assert names(decide(board(done, slot("b"), slot("c"), **kwargs))) == ["b", "c"]


def test_a_batch_starts_when_the_one_before_has_ended() -> None:
    done = slot("a", status=TaskStatus.SUCCESS, done=frozenset(COMBINED), is_proven=True)
    slots = (done, slot("b", batch=1, running=Phase.ACTIVATE), slot("c", batch=2))
    decision = decide(board(*slots, mode=ActivateMode.PARALLEL))
    assert started(decision) == []
    assert decision.waiting["c"] == "waits for batch 1"


def test_groups_go_side_by_side_in_sequential_per_group() -> None:
    done = slot("z", status=TaskStatus.SUCCESS, done=frozenset(COMBINED), is_proven=True, location="x")
    slots = (done, slot("a", location="x"), slot("b", location="x"), slot("c", location="y"))
    assert names(decide(board(*slots, mode=ActivateMode.SEQUENTIAL_PER_GROUP))) == ["a", "c"]


def test_a_pair_is_never_down_together_and_upstream_never_under_a_device_in_flight() -> None:
    network = network_of({"a": ("up",), "up": ("top",)}, {"p": "q"})
    proven = slot("z", status=TaskStatus.SUCCESS, done=frozenset(COMBINED), is_proven=True)
    kwargs = {"mode": ActivateMode.PARALLEL, "network": network}
    decision = decide(board(proven, slot("q"), slot("p"), **kwargs))
    assert names(decision) == ["q"]
    assert "pair q" in decision.waiting["p"]
    decision = decide(board(proven, slot("a"), slot("top"), **kwargs))
    assert names(decision) == ["a"]
    assert "a is reached through it" in decision.waiting["top"]


def test_a_device_in_flight_in_another_run_blocks_its_pair() -> None:
    network = network_of({}, {"p": "q"})
    decision = decide(board(slot("p"), network=network, in_flight_elsewhere=frozenset({"q"})))
    assert started(decision) == []


def test_a_device_whose_pair_did_not_come_back_is_not_reloaded() -> None:
    down = slot("q", status=TaskStatus.FAILURE, is_down=True)
    decision = decide(board(down, slot("p"), network=network_of({}, {"p": "q"})))
    assert [(a.device, a.status) for a in decision.actions if isinstance(a, End)] == [("p", TaskStatus.FAILURE)]


def test_a_device_on_the_path_is_last_and_alone() -> None:
    proven = slot("z", status=TaskStatus.SUCCESS, done=frozenset(COMBINED), is_proven=True)
    path = slot("gw", is_path=True)
    assert names(decide(board(proven, path, slot("a"), mode=ActivateMode.PARALLEL))) == ["a"]
    assert names(decide(board(proven, path, mode=ActivateMode.PARALLEL))) == ["gw"]
    assert names(decide(board(path, slot("a")))) == ["a"]


def test_one_bad_end_stops_further_reloads_until_resumed() -> None:
    bad = slot("a", status=TaskStatus.FAILURE, counts_for_stop=True)
    decision = decide(board(bad, slot("b")))
    assert any(isinstance(a, Stop) for a in decision.actions)
    assert started(decision) == []
    assert started(decide(board(bad, slot("b"), stopped=True))) == []
    resumed = decide(board(bad, slot("b"), forgiven=frozenset({"a"})))
    assert not any(isinstance(a, Stop) for a in resumed.actions)
    assert names(resumed) == ["b"]


def test_allowed_failures_do_not_stop_and_nothing_stops_when_nothing_is_left_to_reload() -> None:
    bad = slot("a", status=TaskStatus.FAILURE, counts_for_stop=True)
    assert names(decide(board(bad, slot("b"), failures_before_stop=1))) == ["b"]
    assert decide(board(bad)).actions == (Finish(),)


def test_hold_stops_new_reloads_but_not_copies_and_commits() -> None:
    copies = slot("b", done=frozenset({Phase.PREPARE}))
    commits = slot("c", wants=(*COMBINED, Phase.COMMIT), done=frozenset(COMBINED))
    decision = decide(board(slot("a"), copies, commits, hold=True))
    assert sorted(started(decision)) == [("b", Phase.DISTRIBUTE), ("c", Phase.COMMIT)]


def test_continue_on_failure_off_ends_what_has_not_started_and_stops_what_runs() -> None:
    failed = slot("a", status=TaskStatus.FAILURE)
    running = slot("b", running=Phase.DISTRIBUTE, done=frozenset({Phase.PREPARE}))
    decision = decide(board(failed, running, fresh("c"), continue_on_failure=False))
    assert CancelPhase("b") in decision.actions
    assert [(a.device, a.status) for a in decision.actions if isinstance(a, End)] == [("c", TaskStatus.CANCELLED)]


def test_cancel_ends_idle_tasks_and_asks_running_ones_but_a_commit_goes_through() -> None:
    running = slot("b", running=Phase.ACTIVATE)
    commits = slot("c", wants=(*COMBINED, Phase.COMMIT), done=frozenset(COMBINED))
    decision = decide(board(slot("a"), running, commits, cancel=True))
    assert [a.device for a in decision.actions if isinstance(a, End)] == ["a"]
    assert CancelPhase("b") in decision.actions
    assert started(decision) == [("c", Phase.COMMIT)]
    again = decide(board(replace(running, cancel_sent=True), cancel=True))
    assert CancelPhase("b") not in again.actions


def test_a_device_of_an_older_run_waits_and_says_for_whom() -> None:
    decision = decide(board(fresh("a", owner="20010001"), is_planned=False))
    assert started(decision) == []
    assert decision.waiting["a"] == "waiting for run 20010001, which has this device"


def test_nothing_disruptive_starts_outside_its_window() -> None:
    before = slot("a", not_before=NOW + timedelta(hours=1))
    decision = decide(board(before, slot("b")))
    assert names(decision) == ["b"]
    assert decision.wake_at == NOW + timedelta(hours=1)
    late = decide(board(slot("a", not_after=NOW - timedelta(seconds=1))))
    assert [(a.device, a.status) for a in late.actions if isinstance(a, End)] == [("a", TaskStatus.CANCELLED)]


@pytest.mark.parametrize("mode", [ActivateMode.SEQUENTIAL, ActivateMode.PARALLEL])
def test_the_run_is_finished_when_every_task_has_ended(mode: ActivateMode) -> None:
    ended = [slot("a", status=TaskStatus.SUCCESS), slot("b", status=TaskStatus.EXCLUDED)]
    assert decide(board(*ended, mode=mode)).actions == (Finish(),)


# --- random interleavings ---

MODES = st.sampled_from([ActivateMode.SEQUENTIAL, ActivateMode.SEQUENTIAL_PER_GROUP, ActivateMode.PARALLEL])
ENDS = st.sampled_from(["good", "good", "good", "fail", "bad", "down", "held"])


class Simulation:
    """Applies decisions and random results, and checks after every step what must never be."""

    def __init__(self, start: Board) -> None:
        self.board = start
        self.finished = False
        self.reloads: dict[str, int] = {}

    def put(self, name: str, **kwargs: object) -> None:
        slots = tuple(replace(s, **kwargs) if s.device == name else s for s in self.board.slots)  # type: ignore[arg-type]
        self.board = replace(self.board, slots=slots)

    def step(self) -> bool:
        decision = decide(self.board)
        for action in decision.actions:
            match action:
                case Start():
                    if action.phase in DISRUPTIVE:
                        assert not self.board.hold, "reload during hold"
                        assert not self.board.stopped, "reload after the stop"
                    self.put(action.device, running=action.phase, status=TaskStatus.RUNNING)
                case End():
                    self.put(action.device, status=action.status)
                case CancelPhase():
                    self.put(action.device, cancel_sent=True)
                case MakePlan():
                    self.board = replace(self.board, is_planned=True)
                case Stop():
                    self.board = replace(self.board, stopped=True)
                case Finish():
                    self.finished = True
        self.check()
        return bool(decision.actions)

    def check(self) -> None:
        slots = self.board.slots
        flying = [s for s in slots if s.is_in_flight]
        copying = [s for s in slots if s.is_open and s.running is Phase.DISTRIBUTE]
        assert len(copying) <= self.board.max_distribution
        assert len(flying) <= self.board.max_activation
        if self.board.mode is ActivateMode.SEQUENTIAL:
            assert len(flying) <= 1
        if len(flying) > 1:
            assert any(s.is_proven for s in slots), "more than the canary before anything was proven"
            assert not any(s.is_path for s in flying), "a device on the path was not alone"
        for one in flying:
            for other in flying:
                if one is not other:
                    assert not self.board.network.conflict(one.device, other.device)
        if flying and not self.board.activate_when_ready:
            assert not any(s.is_open and s.next_phase is Phase.DISTRIBUTE for s in slots)

    def finish_phase(self, s: Slot, end: str) -> None:
        assert s.running is not None
        if end == "held" and s.running in DISRUPTIVE and (self.board.hold or self.board.stopped):
            self.put(s.device, running=None)
            return
        if s.cancel_sent:
            self.put(s.device, running=None, status=TaskStatus.CANCELLED)
            return
        if s.running in DISRUPTIVE:
            self.reloads[s.device] = self.reloads.get(s.device, 0) + 1
        if end in ("good", "held"):
            done = s.done | {s.running}
            is_over = all(p in done for p in s.wants)
            status = TaskStatus.SUCCESS if is_over else TaskStatus.RUNNING
            proven = s.is_proven or s.running in DISRUPTIVE
            self.put(s.device, running=None, done=done, status=status, is_proven=proven)
            return
        is_bad = s.running in DISRUPTIVE and end in ("bad", "down")
        is_down = s.running in DISRUPTIVE and end == "down"
        self.put(s.device, running=None, status=TaskStatus.FAILURE, counts_for_stop=is_bad, is_down=is_down)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_random_results_never_break_a_rule_and_every_task_ends(data: st.DataObject) -> None:
    names_ = [f"d{n}" for n in range(data.draw(st.integers(1, 9)))]
    draw = data.draw
    upstream = {n: (draw(st.sampled_from(names_)),) if draw(st.booleans()) else () for n in names_}
    pair = {n: draw(st.sampled_from(names_)) for n in names_ if draw(st.integers(0, 3)) == 0}
    slots = tuple(
        fresh(
            n,
            wants=(*COMBINED, Phase.COMMIT) if draw(st.booleans()) else COMBINED,
            profiles=frozenset({draw(st.sampled_from(["lab", "other"]))}),
            location=draw(st.sampled_from(["x", "y"])),
            batch=number // 3,
            is_path=draw(st.integers(0, 5)) == 0,
        )
        for number, n in enumerate(names_)
    )
    sim = Simulation(
        board(
            *slots,
            mode=draw(MODES),
            is_planned=False,
            proven=frozenset({"lab", "other"}),
            network=network_of(upstream, {k: v for k, v in pair.items() if k != v}),
            max_distribution=draw(st.integers(1, 4)),
            max_activation=draw(st.integers(1, 4)),
            continue_on_failure=draw(st.booleans()),
            activate_when_ready=draw(st.booleans()),
            failures_before_stop=draw(st.integers(0, 1)),
        )
    )
    holds = 0
    for _ in range(400):
        for _turn in range(100):
            if not sim.step() or sim.finished:
                break
        else:
            raise AssertionError(f"decisions never settle: {decide(sim.board).actions}")
        if sim.finished:
            break
        running = [s for s in sim.board.slots if s.is_open and s.running is not None]
        if running and holds < 3 and draw(st.integers(0, 9)) == 9:
            sim.board, holds = replace(sim.board, hold=True), holds + 1
        if running:
            sim.finish_phase(draw(st.sampled_from(running)), draw(ENDS))
        else:
            guilty = frozenset(s.device for s in sim.board.slots if s.counts_for_stop)
            assert sim.board.hold or sim.board.stopped, f"nothing runs and nothing is decided: {sim.board}"
            sim.board = replace(sim.board, hold=False, stopped=False, forgiven=guilty)
    assert sim.finished, "a task never ended"
    assert not any(s.is_open for s in sim.board.slots)
    assert all(count == 1 for count in sim.reloads.values()), "a device was reloaded twice"
