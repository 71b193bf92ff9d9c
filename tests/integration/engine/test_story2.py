"""The engine with real workers over real SSH, through the lab's jump host."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from swim_tui.engine.pool import ProcessRunner
from swim_tui.model.events import TaskChanged, TaskOutput, TaskProgress
from swim_tui.model.job import JobRequest, JobType, RunStatus, TaskStatus
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import Phase
from tests.integration.engine.enginekit import World, running

ROUTERS = ("ASR1002_large-54-9-9-4", "ASR1002_large-54-9-9-5", "ASR1002_large-54-9-9-6")
FULL = JobOptions(activate=ActivateMode.PARALLEL, insert_boot_command=True, soak_s=20.0)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running(tmp_path) as world:
        await world.take_inventory()
        yield world


async def until(condition: object, limit_s: float = 60.0) -> None:
    async with asyncio.timeout(limit_s):
        while not condition():  # type: ignore[operator]  # noqa: ASYNC110 - over the lab's own time
            await asyncio.sleep(0.02)


@pytest.mark.slow
async def test_a_password_is_tried_once_and_routers_are_upgraded_though_a_worker_dies_after_a_reload(
    world: World,
) -> None:
    await a_wrong_password_is_tried_once_for_all(world)
    image = await world.take_image()
    await a_killed_worker_does_not_reload_twice(world, image)
    await the_others_are_upgraded_in_one_job(world, image)


async def a_wrong_password_is_tried_once_for_all(world: World) -> None:
    api = world.engine.api
    (profile,) = {device.credentials for device in world.engine.state.tables.devices.all()}
    user = next(p.username for p in await api.credentials() if p.name == profile)
    right = world.engine.services.credentials.login(profile)
    enable = right.enable.reveal()
    await api.add_credentials(profile, user, password="not-the-password", enable=enable)
    run = await world.run(JobRequest(JobType.INVENTORY_SYNC, devices=ROUTERS))
    assert run.status is RunStatus.FAILURE
    assert {task.status for task in (await world.detail(run.id)).tasks} == {TaskStatus.FAILURE}
    log = (world.lab.directory / "lab-log.jsonl").read_text()
    assert log.count('"login-failed"') == 1
    await api.add_credentials(profile, user, password=right.password.reveal(), enable=enable)


async def a_killed_worker_does_not_reload_twice(world: World, image: str) -> None:
    name = ROUTERS[0]
    request = JobRequest(JobType.DISTRIBUTION, images=(image,), devices=(name,), options=FULL)
    job = await world.engine.api.submit(request)
    task = world.engine.runs.live[job.last_run].state.tasks[name]
    await until(lambda: "activate.reload" in task.intents_of and world.reloads(name) == 1)
    assert isinstance(world.engine.runs.runner, ProcessRunner)
    for worker in world.engine.runs.runner._workers:
        os.kill(worker.process.pid, signal.SIGKILL)
    run = await world.ended(job)
    assert run.status is RunStatus.SUCCESS
    assert task.attempts[Phase.ACTIVATE] == 2
    assert world.reloads(name) == 1


async def the_others_are_upgraded_in_one_job(world: World, image: str) -> None:
    others = ROUTERS[1:]
    events = world.engine.events.subscribe()
    configs = world.engine.state.paths.configs
    before = set(configs.rglob("*.enc"))
    run = await world.run(JobRequest(JobType.DISTRIBUTION, images=(image,), devices=others, options=FULL))
    assert run.status is RunStatus.SUCCESS
    detail = await world.detail(run.id)
    assert {task.outcome for task in detail.tasks} == {Outcome.UPGRADED}
    assert [world.reloads(name) for name in ROUTERS] == [1, 1, 1]
    rows = {row.name: row for row in (await world.engine.api.inventory()).devices}
    assert {rows[name].version for name in ROUTERS} == {"03.13.05.S"}
    page = await world.engine.api.run_log(run.id, others[0])
    assert any(line.changes and line.text == "write memory" for line in page.lines)
    events.close()
    kinds = {type(envelope.event) async for envelope in events}
    assert {TaskChanged, TaskProgress, TaskOutput} <= kinds
    assert len(set(configs.rglob("*.enc")) - before) == 4 * len(others)
    assert all(b"hostname" not in path.read_bytes() for path in configs.rglob("*.enc"))
