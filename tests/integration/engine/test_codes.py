"""One-time codes of a jump host, over real SSH: asked once for all devices, and never written down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from swim_tui.engine import asking
from swim_tui.engine.pool import ProcessRunner
from swim_tui.errors import Conflict
from swim_tui.model.job import JobRequest, JobType, RunStatus
from swim_tui.model.views import PendingQuestion
from tests.integration.engine.enginekit import World, running

ROUTERS = ("ASR1002_large-54-9-9-4", "ASR1002_large-54-9-9-5", "ASR1002_large-54-9-9-6")
READ = JobRequest(JobType.INVENTORY_SYNC, devices=ROUTERS)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A lab whose jump host asks for codes, and an engine whose jump profile knows."""
    async with running(tmp_path) as world:
        await world.take_inventory()
        api = world.engine.api
        (jump,) = await api.jumps()
        profile = next(p for p in await api.credentials() if p.name == jump.credentials)
        kept = world.engine.services.credentials.login(profile.name)
        await api.add_credentials(profile.name, profile.username, password=kept.password.reveal(), one_time_code=True)
        await asyncio.to_thread(world.lab.fault, jump.name, "otp")
        yield world


def code_of(world: World) -> str:
    """What the lab's jump host wants now."""
    (jump,) = world.lab.ask(command="status")["jumps"]
    return str(jump["code"])


async def asked(world: World, limit_s: float = 30.0) -> PendingQuestion:
    """The first question that waits."""
    async with asyncio.timeout(limit_s):
        while not (found := await world.engine.api.questions()):  # noqa: ASYNC110 - the worker's own time
            await asyncio.sleep(0.02)
    return found[0]


def written(folder: Path, secret: str) -> list[Path]:
    """Files that hold a text."""
    return [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


@pytest.mark.slow
async def test_devices_behind_one_jump_host_ask_for_one_code_that_is_written_nowhere_and_may_be_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_cancelled_run_does_not_wait(world)
    await forgotten(world)
    await one_code_is_enough(world)
    await forgotten(world)
    monkeypatch.setattr(asking, "ANSWER_LIMIT_S", 1.0)
    await without_an_answer_the_run_fails_in_words(world)


async def forgotten(world: World) -> None:
    """The next run has a new worker: one that was refused just now does not try again, one that got in asks nobody."""
    runner = world.engine.runs.runner
    assert isinstance(runner, ProcessRunner)
    for worker in runner._workers:
        worker.writer.close()
    async with asyncio.timeout(10):
        while runner.workers:  # noqa: ASYNC110 - processes that end
            await asyncio.sleep(0.02)


async def a_cancelled_run_does_not_wait(world: World) -> None:
    api = world.engine.api
    job = await api.submit(READ)
    await asked(world)
    await api.cancel(job.last_run)
    run = await world.ended(job, limit_s=20.0)
    assert run.status in (RunStatus.CANCELLED, RunStatus.FAILURE)
    assert await api.questions() == []


async def one_code_is_enough(world: World) -> None:
    api = world.engine.api
    events = world.engine.events.subscribe()
    job = await api.submit(READ)
    question = await asked(world)
    assert question.run_id == job.last_run
    task = next(t for t in (await api.run(job.last_run)).tasks if t.device == question.device)
    assert task.waiting_for.startswith("Waiting for code: jump-sf")
    code = code_of(world)
    await api.answer_question(question.run_id, question.device, f" {code}\n")
    run = await world.ended(job)
    assert run.status is RunStatus.SUCCESS
    assert await api.questions() == []
    again = await world.run(READ)  # the connection to the jump host is still there
    assert again.status is RunStatus.SUCCESS
    logins = [e for e in world.lab.events(event="login") if e["device"].startswith("jump")]
    assert len(logins) == 1
    events.close()
    assert code not in "".join([repr(envelope) async for envelope in events])
    assert written(world.folder / "data", code) == []


async def without_an_answer_the_run_fails_in_words(world: World) -> None:
    """And no profile is parked."""
    api = world.engine.api
    before = len(world.lab.events(event="login-failed"))
    job = await api.submit(READ)
    question = await asked(world)
    run = await world.ended(job)
    assert run.status is RunStatus.FAILURE
    tasks = (await world.detail(run.id)).tasks
    assert all("nobody gave it" in task.message for task in tasks), [task.message for task in tasks]
    assert all(task.waiting_for == "" for task in tasks)
    assert not any(profile.parked for profile in await api.credentials())
    with pytest.raises(Conflict):
        await api.answer_question(question.run_id, question.device, "123456")
    assert len(world.lab.events(event="login-failed")) == before + 1  # given up once, for all three
