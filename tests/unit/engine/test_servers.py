"""SWIM servers in a run: uploads before pulls, so many pulls at once, and where devices go when a server fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from swim_tui.engine.board import Board, Decision, End, ServerStand, Slot, Start
from swim_tui.engine.dispatch import decide
from swim_tui.engine.history import OpEnded, PhaseDispatched, PhaseEnded, PlanMade, PlannedTask, Record, RunCreated
from swim_tui.engine.journal import RunJournal
from swim_tui.engine.live import LiveRun
from swim_tui.engine.pullgate import PullGate
from swim_tui.engine.runstate import RunState
from swim_tui.errors import Problem
from swim_tui.model.checks import Verdict
from swim_tui.model.fileserver import LOCAL_PULL, LocalFileServer
from swim_tui.model.job import (
    DeviceTask,
    Job,
    JobRequest,
    JobStatus,
    JobType,
    OperationState,
    OpStatus,
    Run,
    RunStatus,
    TaskStatus,
    final_run_status,
)
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import Intent, OpFinished, PhaseResult, PhaseStatus
from swim_tui.model.plan import OpKind, Phase
from tests.unit.planning import making

NOW = datetime(2026, 1, 10, 2, 0, tzinfo=UTC)
WANTS = (Phase.PREPARE, Phase.DISTRIBUTE)
OK = PhaseResult(PhaseStatus.SUCCESS)


def pulling(name: str, server: str = "NY", **more: object) -> Slot:
    given: dict[str, object] = {"wants": WANTS, "done": frozenset({Phase.PREPARE}), "status": TaskStatus.YET_TO_START}
    return Slot(device=name, server=server, **{**given, **more})  # type: ignore[arg-type]


def row(server: str = "NY", **more: object) -> Slot:
    return Slot(device=f"server:{server}", wants=(Phase.UPLOAD,), is_server=True, **more)  # type: ignore[arg-type]


def board(*slots: Slot, **more: object) -> Board:
    given: dict[str, object] = {"is_planned": True, "servers": {"NY": ServerStand(False, 2)}}
    return Board(slots=slots, now=NOW, **{**given, **more})  # type: ignore[arg-type]


def test_the_upload_goes_first_and_devices_without_a_server_do_not_wait_for_it() -> None:
    found = decide(board(row(), pulling("a"), pulling("b"), pulling("c", server="")))
    started = [(a.device, a.phase) for a in found.actions if isinstance(a, Start)]
    assert started == [("server:NY", Phase.UPLOAD), ("c", Phase.DISTRIBUTE)]
    assert found.waiting["a"] == "waits for the upload to NY"


def test_so_many_pulls_run_at_once_those_of_other_runs_counted() -> None:
    up = row(status=TaskStatus.SUCCESS, done=frozenset({Phase.UPLOAD}))
    slots = [up, *(pulling(name) for name in "abcd")]
    found = decide(board(*slots, servers={"NY": ServerStand(True, 2)}))
    assert [a.device for a in found.actions if isinstance(a, Start)] == ["a", "b", "c"]  # one gets ready ahead
    assert found.waiting["d"] == "waits for its turn at NY (2 pulls at once)"
    other = pulling("x", status=TaskStatus.RUNNING, running=Phase.DISTRIBUTE)
    found = decide(board(*slots, servers={"NY": ServerStand(True, 2)}, moving_elsewhere=(other,)))
    assert [a.device for a in found.actions if isinstance(a, Start)] == ["a", "b"]


def test_only_pulls_from_swim_servers_take_turns() -> None:
    plan = making.plan(
        options=JobOptions(protocol_order=(Protocol.HTTP, Protocol.SCP)),
        local=LocalFileServer("192.0.2.1", (Protocol.HTTP,)),
    )
    copy = next(op for op in plan.operations if op.kind is OpKind.COPY_IMAGE)
    assert copy.sources[0].server == LOCAL_PULL
    swim = replace(copy, sources=(replace(copy.sources[0], server="NY"),))
    made = Made(2, servers=(LOCAL_PULL,))
    live = LiveRun(made.state, cast(RunJournal, None))  # nothing is written
    live.plans = {"d0": replace(plan, operations=(copy,)), "d1": replace(plan, operations=(swim,))}
    made.state.tasks["d1"].task = replace(made.state.tasks["d1"].task, server="NY")
    intent = Intent(copy.id, copy.kind, copy.lines[0].text)
    gate = PullGate()
    assert not gate.needs_turn("1", live, "d0", intent), "the engine gives to as many as the run copies at once"
    assert gate.needs_turn("2", live, "d1", intent)


def test_who_waits_at_the_gate_takes_nobody_s_place() -> None:
    up = row(status=TaskStatus.SUCCESS, done=frozenset({Phase.UPLOAD}))
    at_gate = [pulling(n, status=TaskStatus.RUNNING, running=Phase.DISTRIBUTE, is_at_gate=True) for n in "ab"]
    found = decide(board(up, *at_gate, pulling("c", server=""), max_distribution=1, servers={"NY": ServerStand(True)}))
    assert [a.device for a in found.actions if isinstance(a, Start)] == ["c"]


LINE = {"line": "NY", "line_bytes_per_s": 2_500_000.0, "push_bytes_per_s": 1_000_000.0}  # 20 Mbit/s


def pushed(name: str, **more: object) -> Slot:
    return pulling(name, server="", **more)


def sending(name: str, **more: object) -> Slot:
    return pushed(name, status=TaskStatus.RUNNING, running=Phase.DISTRIBUTE, **more)


def shares(found: Decision) -> dict[str, float]:
    return {action.device: action.bytes_per_s for action in found.actions if isinstance(action, Start)}


def test_pushes_through_one_jump_host_keep_its_limit_those_of_other_runs_counted() -> None:
    through = [pushed(name, hops=("jump-sf",)) for name in "abc"]
    found = decide(board(*through, max_per_jump=2))
    assert shares(found) == {"a": 0.0, "b": 0.0}
    assert found.waiting["c"] == "waits for its turn through jump host jump-sf (2 pushes at once)"
    elsewhere = (sending("x", hops=("jump-sf",)), sending("y", hops=("jump-la",)), pulling("z", hops=("jump-sf",)))
    assert list(shares(decide(board(*through, max_per_jump=2, moving_elsewhere=elsewhere)))) == ["a"]


def test_pushes_into_one_site_share_its_line_and_together_keep_to_its_budget() -> None:
    found = decide(board(*(pushed(name, **LINE) for name in "abc"), pushed("d")))
    assert shares(found) == {"a": 1_250_000.0, "b": 1_250_000.0, "d": 0.0}
    assert found.waiting["c"] == "waits for room on the line to NY (20 Mbit/s)"
    other = sending("x", **LINE, share_bytes_per_s=1_250_000.0)
    found = decide(board(pushed("a", **LINE), pushed("b", **LINE), moving_elsewhere=(other,)))
    assert shares(found) == {"a": 1_250_000.0}, "another run's push is on the same line"
    fast = {**LINE, "push_bytes_per_s": 9e9}
    assert shares(decide(board(pushed("a", **fast)))) == {"a": 2_500_000.0}, (
        "one always goes, and is held to the budget"
    )
    assert shares(decide(board(pushed("a", **fast), pushed("b", **fast)))) == {"a": 1_250_000.0, "b": 1_250_000.0}
    slow = {**LINE, "push_bytes_per_s": 50_000.0}
    assert shares(decide(board(pushed("a", **slow)))) == {"a": 625_000.0}, "one slow device does not keep a line"
    by_itself = pulling("z", server=LOCAL_PULL, **LINE)
    found = decide(board(sending("x", **LINE, share_bytes_per_s=2e6), by_itself))
    assert found.waiting["z"].startswith("waits for room"), "it pulls from the engine, over the same line"


def test_an_upload_takes_what_is_left_of_the_line_and_goes_before_further_pushes() -> None:
    whole = {**LINE, "push_bytes_per_s": 2_500_000.0}
    for uploading in (row(running=Phase.UPLOAD, status=TaskStatus.RUNNING), row(owner="9")):
        elsewhere = (row(running=Phase.UPLOAD, status=TaskStatus.RUNNING, **whole, share_bytes_per_s=2_500_000.0),)
        found = decide(board(uploading, pushed("a", **LINE), pulling("b"), moving_elsewhere=elsewhere))
        assert shares(found) == {}
    rest = (row(**whole), pulling("b"), pushed("a", **LINE))
    found = decide(board(*rest, sending("x", **LINE, share_bytes_per_s=1_000_000.0)))
    assert shares(found) == {"server:NY": 1_500_000.0}
    found = decide(board(*rest, sending("x", **LINE, share_bytes_per_s=1_500_000.0)))
    assert shares(found) == {}
    assert found.waiting["a"] == "waits for the upload to NY, which goes first on the line to it"


def test_a_server_that_nobody_needs_any_more_is_left_alone() -> None:
    found = decide(board(row(), pulling("a", status=TaskStatus.FAILURE)))
    (end,) = [a for a in found.actions if isinstance(a, End)]
    assert (end.device, end.status) == ("server:NY", TaskStatus.CANCELLED)


def test_a_failed_server_is_no_failed_device() -> None:
    failed = row(status=TaskStatus.FAILURE)
    found = decide(board(failed, pulling("a", server=""), continue_on_failure=False))
    assert [a.device for a in found.actions if isinstance(a, Start)] == ["a"]


class Made:
    """A run of devices that pull from NY, then US, then are pushed to."""

    def __init__(self, count: int = 4, servers: tuple[str, ...] = ("NY", "US", "local")) -> None:
        request = JobRequest(JobType.DISTRIBUTION)
        job = Job("1", request, "x", JobStatus.RUNNING, NOW)
        run = Run("7", "1", "x", JobType.DISTRIBUTION, RunStatus.RUNNING, NOW)
        names = [f"d{n}" for n in range(count)]
        tasks = tuple(DeviceTask("7", name) for name in names)
        self.records: list[Record] = [RunCreated(NOW, run, job, tasks, WANTS, True)]
        copy = OperationState("distribute.copy", OpKind.COPY_IMAGE, Phase.DISTRIBUTE, "Copying x from NY to flash:")
        planned = [
            PlannedTask(replace(t, server=servers[0], servers=servers, operations=(copy,)), WANTS) for t in tasks
        ]
        rows = [PlannedTask(DeviceTask("7", f"server:{s}"), (Phase.UPLOAD,)) for s in servers if s != "local"]
        whole = ("server:NY", *names)
        self.records.append(PlanMade(NOW, "", (rows[0], *planned), whole, spare=tuple(rows[1:])))
        found = RunState.replay(self.records)
        assert found is not None
        self.state = found
        for name in names:
            self.ends(name, Phase.PREPARE, OK)

    def ends(self, device: str, phase: Phase, result: PhaseResult) -> tuple[str, ...]:
        self.add(PhaseDispatched(NOW, device, phase, f"{device}/{phase}", 1))
        return self.add(PhaseEnded(NOW, device, phase, 1, result))

    def add(self, record: Record) -> tuple[str, ...]:
        self.records.append(record)
        return self.state.apply(record)

    def servers(self) -> list[str]:
        return [s.task.server for s in self.state.tasks.values() if not s.task.is_server]

    def replayed(self) -> RunState:
        found = RunState.replay(self.records)
        assert found is not None
        return found


def test_a_probe_that_fails_sends_devices_of_its_platform_and_version_elsewhere_and_no_others() -> None:
    made = Made()
    made.ends("server:NY", Phase.UPLOAD, OK)
    for name, sort in (("d0", "c3850 3.6"), ("d1", "c3850 3.6"), ("d2", "c3850 3.7"), ("d3", "asr1002 3.13")):
        made.state.tasks[name].sort = sort
    made.ends("d0", Phase.DISTRIBUTE, replace(REFUSED, probe_failed=True))
    assert made.servers() == ["US", "US", "NY", "NY"]
    (check,) = made.state.tasks["d1"].task.checks
    assert (check.name, check.verdict) == ("SWIM server reachable: NY", Verdict.FAILED)
    assert check.action
    assert made.state.server_failures == [
        "SWIM server NY: SWIM server NY: no room; devices of c3850 3.6 go on with their next choice"
    ]
    assert made.state.against_server("d2") == ""
    made.ends("d2", Phase.DISTRIBUTE, replace(REFUSED, probe_failed=True))
    made.ends("d3", Phase.DISTRIBUTE, replace(REFUSED, server_failed=True))
    assert made.servers() == ["US"] * 4


REFUSED = PhaseResult(
    PhaseStatus.FAILURE, Outcome.COPY_FAILED, problem=Problem("SWIM-6070", "SWIM server NY: no room"), next_server=True
)


def test_an_upload_that_fails_sends_every_device_to_its_next_choice_and_says_so() -> None:
    made = Made()
    made.ends("server:NY", Phase.UPLOAD, PhaseResult(PhaseStatus.FAILURE, problem=Problem("SWIM-4015", "gone")))
    assert made.servers() == ["US"] * 4
    task = made.state.tasks["d0"].task
    assert task.status is TaskStatus.YET_TO_START
    assert task.message == "NY failed: gone; goes on with US"
    assert task.operations[0].title == "Copying x from US to flash:"
    assert "server:US" in made.state.tasks  # it is needed only now
    assert made.state.order[0] == "server:US"
    made.ends("server:US", Phase.UPLOAD, PhaseResult(PhaseStatus.FAILURE, message="disk full"))
    assert made.servers() == ["local"] * 4
    there = replace(OK, outcome=Outcome.DISTRIBUTED, message="the image is there")
    for name, status in (("d0", OpStatus.SUCCESS), ("d1", OpStatus.SKIPPED)):
        made.add(OpEnded(name, Phase.DISTRIBUTE, OpFinished("distribute.copy", NOW, status)))
        made.ends(name, Phase.DISTRIBUTE, there)
    assert [made.state.tasks[name].task.message for name in ("d0", "d1")] == [
        "the image is there; it came from the Local File Server, as NY failed",
        "the image is there",  # before: nothing came
    ]
    assert [s.task for s in made.replayed().tasks.values()] == [s.task for s in made.state.tasks.values()]


def test_a_device_whose_pull_fails_goes_on_elsewhere_and_the_server_is_given_up_after_three() -> None:
    made = Made(5)
    made.ends("server:NY", Phase.UPLOAD, OK)
    for number in range(3):
        made.ends(f"d{number}", Phase.DISTRIBUTE, REFUSED)
        left = ["US"] * (number + 1) + ["NY"] * (4 - number)
        assert made.servers() == (left if number < 2 else ["US"] * 5)
    assert made.state.tasks["server:NY"].task.message == "given up: SWIM server NY: no room"
    assert made.state.tasks["d0"].task.outcome is Outcome.NONE
    assert made.state.tasks["d0"].task.operations[0].status is OpStatus.PENDING
    assert made.state.run.counts.failed == 0
    assert made.state.run.counts.total == 5


def test_a_refused_login_is_not_repeated_by_the_other_devices() -> None:
    made = Made()
    made.ends("server:NY", Phase.UPLOAD, OK)
    made.ends("d0", Phase.DISTRIBUTE, replace(REFUSED, server_failed=True))
    assert made.servers() == ["US"] * 4


def test_without_another_choice_the_devices_fail_and_the_server_row_counts_for_nothing() -> None:
    made = Made(2, servers=("NY",))
    made.ends("server:NY", Phase.UPLOAD, PhaseResult(PhaseStatus.FAILURE, message="gone"))
    tasks = [s.task for s in made.state.tasks.values()]
    assert [t.status for t in tasks if not t.is_server] == [TaskStatus.FAILURE] * 2
    assert "it has no other server" in made.state.tasks["d0"].task.message
    assert final_run_status(tasks) is RunStatus.FAILURE
    assert made.state.run.counts.failed == 2


def test_a_trouble_of_the_device_itself_sends_nobody_elsewhere() -> None:
    made = Made()
    made.ends("server:NY", Phase.UPLOAD, OK)
    made.ends("d0", Phase.DISTRIBUTE, replace(REFUSED, next_server=False))
    assert made.servers() == ["NY"] * 4
    assert made.state.tasks["d0"].task.status is TaskStatus.FAILURE
