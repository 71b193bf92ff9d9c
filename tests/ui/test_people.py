"""What a person may do to jobs and runs, by the command line and by the keys of the UI: one table, one record.

A real engine behind its own socket, with devices that do what the test says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest
from textual.widgets import Input

from swim_tui.api.client import EngineClient, whoami
from swim_tui.api.server import ApiServer
from swim_tui.cli import main
from swim_tui.engine.core import Engine
from swim_tui.model.job import Job, JobStatus, Run, RunStatus, Schedule, TaskStatus, Window
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import PhaseResult, PhaseStatus
from swim_tui.model.plan import Phase
from swim_tui.ui.app import SwimApp, UiOptions
from swim_tui.ui.dialogs.choose import ChooseDialog
from swim_tui.ui.dialogs.confirm import ConfirmDialog
from swim_tui.ui.dialogs.form import FormDialog
from tests.ui.stories import Hands
from tests.unit.engine.fakes import (
    Play,
    Script,
    ScriptedRunner,
    add_devices,
    as_planned,
    combined,
    failure,
    start_engine,
    submit,
    until,
)

P, D, A = Phase.PREPARE, Phase.DISTRIBUTE, Phase.ACTIVATE
TOMORROW = Schedule(at=datetime(2099, 1, 15, 2, 0, tzinfo=UTC))
WINDOW = Window("01:00", "05:00")


@dataclass
class World:
    """An engine that answers on its socket."""

    engine: Engine
    runner: ScriptedRunner
    data: Path

    @property
    def job(self) -> Job:
        """The newest job."""
        return max(self.engine.state.tables.jobs.all(), key=lambda job: int(job.id))

    @property
    def run(self) -> Run:
        """Its newest run."""
        live = self.engine.runs.live.get(self.job.last_run)
        found = live.state.run if live is not None else self.engine.state.tables.runs.get(self.job.last_run)
        assert found is not None
        return found


class Door(Protocol):
    """A way in: each act by its name, on the newest job."""

    async def __call__(self, act: str) -> None: ...


TYPED = {
    "pause": "jobs pause JOB",
    "go on": "jobs resume JOB",
    "set window": "jobs edit JOB --window 01:00/05:00",
    "cancel job": "jobs cancel JOB --yes",
    "hold": "jobs hold RUN",
    "resume": "jobs resume RUN",
    "cancel r3": "jobs cancel RUN --device r3 --yes",
    "cancel run": "jobs cancel RUN --yes",
    "retry": "jobs retry RUN",
}


@dataclass
class CommandLine:
    """A person at the command line."""

    world: World

    async def __call__(self, act: str) -> None:
        known = {"JOB": self.world.job.id, "RUN": self.world.job.last_run}
        words = [known.get(word, word) for word in TYPED[act].split()]
        assert await asyncio.to_thread(main, [*words, "--data-dir", str(self.world.data)]) == 0, words


PRESSED = {
    "pause": ("H",),
    "go on": ("H",),
    "cancel job": ("x",),
    "hold": ("H",),
    "resume": ("H",),
    "cancel r3": ("G", "x", "d"),
    "cancel run": ("x",),  # the cursor is on a device that has ended
    "retry": ("R",),
}


@dataclass
class Keyboard:
    """A person at the UI."""

    world: World
    hands: Hands
    at: str = ""

    async def __call__(self, act: str) -> None:
        if self.at != self.world.job.id:
            self.at = self.world.job.id
            await self.hands.home()
            await self.hands.press("2")
            while self.hands.app.page is not None and not self.hands.app.page.is_top:
                await self.hands.press("escape")
            await self.hands.press("slash", "ctrl+u", *self.world.job.name, "enter", "enter")
            await self.hands.see(f"Jobs > {self.world.job.name}")
        await self.hands.until(self._has_heard, "the UI to hear how the job stands")
        if act == "set window":
            await self._set_window()
            return
        for key in PRESSED[act]:
            await self.hands.press(key)
            if key == "x" and len(PRESSED[act]) > 1:
                await self.hands.dialog(ChooseDialog)
        await self.hands.yes()
        await self.hands.until(lambda: not isinstance(self.hands.app.screen, ConfirmDialog), "the answer to be taken")

    def _has_heard(self) -> bool:
        mirror, job = self.hands.app.session.mirror, self.world.job
        if not job.last_run:
            return mirror.jobs[job.id].status is job.status
        run, held = self.world.run, mirror.runs[job.last_run].run
        return (held.hold, held.stopped_because, held.status) == (run.hold, run.stopped_because, run.status)

    async def _set_window(self) -> None:
        await self.hands.press("e")
        await self.hands.dialog(FormDialog)
        form = self.hands.app.screen
        form.query_one("#field-window_start", Input).value = WINDOW.start
        form.query_one("#field-window_end", Input).value = WINDOW.end
        await self.hands.press("ctrl+n")
        await self.hands.until(lambda: not isinstance(self.hands.app.screen, FormDialog), "the form to be taken")


@asynccontextmanager
async def door_of(kind: str, world: World) -> AsyncIterator[Door]:
    """The command line, or the UI at 80x24."""
    if kind == "command line":
        yield CommandLine(world)
        return

    async def connect() -> EngineClient:
        client = EngineClient(world.data)
        await client.connect()
        return client

    app = SwimApp(UiOptions(world.data, welcome=False), connect)
    async with app.run_test(size=(80, 24)) as pilot:
        hands = Hands(app, pilot)
        await hands.until(lambda: app.status.connected, "the engine")
        yield Keyboard(world, hands)


@asynccontextmanager
async def world_of(folder: Path, script: Script | None = None) -> AsyncIterator[World]:
    """Three routers, and an engine that has their image."""
    runner = ScriptedRunner(script)
    engine = await start_engine(folder, runner)
    server = ApiServer(engine.api, engine.events, engine.state.paths.socket())
    await server.start()
    try:
        await add_devices(engine, "r1", "r2", "r3")
        yield World(engine, runner, folder / "data")
    finally:
        await server.stop()
        await engine.stop()


async def holds(condition: Callable[[], object]) -> None:
    await until(condition, limit_s=30)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("kind", ["command line", "keys"])
async def test_each_act_works_and_leaves_its_record(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CLIENT", "192.0.2.7 50022 22")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    async with world_of(tmp_path) as world, door_of(kind, world) as door:
        await of_a_job_that_waits(world, door)
        await of_a_run(world, door)


async def of_a_job_that_waits(world: World, door: Door) -> None:
    """Pause, resume, window, cancel."""
    request = replace(combined("r1", "r2", "r3"), name="night", schedule=TOMORROW)
    await submit(world.engine, request)
    await door("pause")
    await holds(lambda: world.job.status is JobStatus.PAUSED)
    await door("go on")
    await holds(lambda: world.job.status is JobStatus.SCHEDULED)
    await door("set window")
    await holds(lambda: world.job.request.window == WINDOW)
    await door("cancel job")
    await holds(lambda: world.job.status is JobStatus.CANCELLED)
    assert [act.what for act in world.job.acts] == ["paused", "resumed", "edited", "cancelled"]
    assert all(act.by.endswith(" from 192.0.2.7") for act in world.job.acts)


async def of_a_run(world: World, door: Door) -> None:
    """Hold, resume, cancel of a device, resume after the activation stop, cancel, retry."""
    runner = world.runner
    await submit(world.engine, replace(combined("r1", "r2", "r3"), name="upgrade"))
    await runner.finish(("r1", P))
    await runner.finish(("r2", P), ("r3", P))
    await runner.finish(("r1", D), ("r2", D), ("r3", D))
    await runner.wait(("r1", A))
    await door("hold")
    await holds(lambda: world.run.hold)
    await door("resume")
    await holds(lambda: not world.run.hold)
    await door("cancel r3")
    tasks = world.engine.runs.live[world.job.last_run].state.tasks
    await holds(lambda: tasks["r3"].task.status is TaskStatus.CANCELLED)
    runner.play("r1", A).done(failure(Outcome.BACK_ON_OLD))
    await holds(lambda: world.run.stopped_because)
    assert runner.plays == []
    await door("resume")
    await holds(lambda: runner.running() == {("r2", A)})
    await door("cancel run")
    await holds(lambda: runner.play("r2", A).cancelled)
    runner.play("r2", A).done(PhaseResult(PhaseStatus.CANCELLED, Outcome.CANCELLED, "stopped", left_behind=("a file",)))
    await holds(lambda: world.run.status.is_final)
    first = world.run
    assert [act.what for act in first.acts] == ["hold", "resume", "cancel-device r3", "resume", "cancel"]
    assert all(act.by.endswith(" from 192.0.2.7") for act in first.acts)
    assert tasks["r3"].task.message.startswith("cancelled before its next step; its image stays on the device")
    assert "left behind: a file" in tasks["r2"].task.message
    await holds(lambda: world.job.status is JobStatus.COMPLETED)
    await door("retry")
    for phase in (P, D, A):
        await runner.finish(("r1", phase))
    await holds(lambda: world.run.id != first.id and world.run.status is RunStatus.SUCCESS)
    assert (world.run.attempt, world.run.started_by.endswith(" from 192.0.2.7")) == (2, True)
    assert [act.what for act in world.job.acts] == [f"retried run {first.id}"]


async def test_stop_on_failure_of_the_command_line_ends_what_has_not_started(tmp_path: Path) -> None:
    async def r1_fails(play: Play) -> PhaseResult | None:
        return failure(Outcome.FAILED) if (play.device, play.phase) == ("r1", D) else await as_planned(play)

    async with world_of(tmp_path, r1_fails) as world:
        image = world.engine.state.tables.images.all()[0].file_name
        how = "--device r1 --device r2 --max 1 --stop-on-failure --activate off --yes --data-dir"
        words = ["distribute", "--image", image, *how.split(), str(world.data)]
        assert await asyncio.to_thread(main, words) == 0
        assert not world.job.request.options.continue_on_failure
        assert all(job.created_by == whoami() for job in world.engine.state.tables.jobs.all())  # the sync before it too
        await holds(lambda: world.run.status.is_final)
        tasks = {task.device: task for task in (await world.engine.api.run(world.run.id)).tasks}
        assert tasks["r2"].status is TaskStatus.CANCELLED
        assert tasks["r2"].message == "not started: r1 failed and Continue on failure is off"
