"""Story 1 in small: twelve switches, one after the other with a bad image, then side by side with a good one."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import datetime
from itertools import combinations
from pathlib import Path

import pytest

from swim_tui.model.job import JobRequest, JobType, RunStatus, TaskStatus
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.outcome import Outcome
from tests.integration.engine.enginekit import World, running
from tests.support.story1 import IMAGE, part_of_story1

PAIRS = (("sf-core-01", "sf-core-02"), ("sf-dist-01", "sf-dist-02"))
ACCESS = tuple(f"sf-acc-{number:02d}" for number in range(14, 22))
ALL = (*PAIRS[0], *PAIRS[1], *ACCESS)
SCALE = 1000.0
QUICK = JobOptions(insert_boot_command=True, soak_s=0, max_distribution=12, server="local")
CHANGING = ("boot ", "no boot", "write", "reload", "software install")


def request(mode: ActivateMode, *devices: str) -> JobRequest:
    options = JobOptions(**{**vars(QUICK), "activate": mode})
    return JobRequest(JobType.DISTRIBUTION, images=(IMAGE,), devices=devices, options=options)


def changing(world: World, device: str) -> list[str]:
    return [e["line"] for e in world.lab.events(device, "line") if e["line"].strip().startswith(CHANGING)]


async def until_stopped(world: World, run_id: str, limit_s: float = 120) -> None:
    async with asyncio.timeout(limit_s):
        while not (await world.detail(run_id)).run.stopped_because:  # noqa: ASYNC110 - the lab's own time
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_a_bad_image_costs_one_reload_and_no_two_of_a_pair_are_ever_down_together(tmp_path: Path) -> None:
    network = part_of_story1(tmp_path, ALL, is_wired=True)
    async with running(tmp_path, str(network), scale=SCALE, size_scale=400) as world:
        await world.take_inventory()
        await world.take_image()
        await asyncio.gather(*(asyncio.to_thread(world.lab.fault, name, "back_on_old") for name in ALL))
        job = await world.engine.api.submit(request(ActivateMode.SEQUENTIAL, *ALL), by="ann")
        await until_stopped(world, job.last_run)
        await asyncio.sleep(0.5)  # time in which another one would go down
        detail = await world.detail(job.last_run)
        first = detail.order[0]
        assert first in ACCESS
        assert world.lab.reloads() == {first: 1}
        assert detail.run.stopped_because.startswith(f"{first}: Back on old image")
        assert not detail.run.status.is_final  # it waits for a person
        tasks = {task.device: task for task in detail.tasks if task.device in ALL}
        assert tasks[first].outcome is Outcome.BACK_ON_OLD
        waiting = [task for name, task in tasks.items() if name != first]
        assert {task.waiting_for for task in waiting} == {"stopped after a failed activation: resume the run to go on"}
        assert {name: changing(world, name) for name in ALL if name != first} == {n: [] for n in ALL if n != first}
        await world.engine.api.cancel(job.last_run, by="bob")
        run = await world.ended(job)
        assert (run.status, run.message) == (RunStatus.FAILURE, "0 of 12 devices succeeded, cancelled by bob")

        rest = tuple(name for name in ALL if name != first)
        for name in ALL:
            await asyncio.to_thread(world.lab.ask, command="fault", device=name, clear="back_on_old")
        again = await world.run(request(ActivateMode.PARALLEL, *rest))
        ended = (await world.detail(again.id)).tasks
        assert again.status is RunStatus.SUCCESS, [(t.device, t.status, t.message) for t in ended]
        assert {task.status for task in ended} == {TaskStatus.SUCCESS}
        assert all(world.lab.reloads()[name] == 1 for name in rest)
        down = {name: down_times(world, name) for name in ALL}
        assert any(overlap(down[one], down[other]) for one, other in combinations(ACCESS, 2))  # side by side
        for one, other in PAIRS:
            assert not overlap(down[one], down[other]), (one, other)
        above = [*((dist, name) for dist in PAIRS[1] for name in ACCESS), *((c, d) for c in PAIRS[0] for d in PAIRS[1])]
        for upstream, below in above:
            assert not overlap(down[upstream], down[below]), (upstream, below)


@pytest.mark.skipif(not os.environ.get("SWIM_TUI_LONG"), reason="the whole of story 1: SWIM_TUI_LONG=1")
@pytest.mark.timeout(3600)
async def test_a_bad_image_for_all_113_switches_costs_one_reload(tmp_path: Path) -> None:
    async with running(tmp_path, "story1", scale=SCALE, size_scale=400) as world:
        await world.take_inventory()
        await world.take_image()
        everyone = tuple(d.name for d in (await world.engine.api.inventory()).devices if d.platform.startswith("c3850"))
        assert len(everyone) == 113
        for name in everyone:
            await asyncio.to_thread(world.lab.fault, name, "back_on_old")
        options = replace(QUICK, activate=ActivateMode.SEQUENTIAL, server="", max_distribution=20)
        wanted = JobRequest(JobType.DISTRIBUTION, images=(IMAGE,), devices=everyone, options=options)
        job = await world.engine.api.submit(wanted, by="ann")
        await until_stopped(world, job.last_run, limit_s=3000)
        await asyncio.sleep(5)  # time in which another one would go down
        detail = await world.detail(job.last_run)
        assert world.lab.reloads() == {detail.order[0]: 1}
        touched = {name for name in everyone if changing(world, name)}
        assert touched == {detail.order[0]}
        ended = {t.device: (t.status, t.message) for t in detail.tasks if t.device in everyone and t.status.is_final}
        waits = 113 - len(ended)
        print(f"{waits} wait, the rest: {ended}")  # noqa: T201 - the figures
        assert detail.run.counts.failed == 1
        assert not detail.run.status.is_final
        await world.engine.api.cancel(job.last_run, by="bob")
        assert (await world.ended(job)).counts.cancelled == waits
        assert sum(world.lab.reloads().values()) == 1


def down_times(world: World, device: str) -> list[tuple[datetime, datetime]]:
    """From each reload of a device to when it was ready again, by the lab's log."""
    began = [datetime.fromisoformat(e["t"]) for e in world.lab.events(device, "reload")]
    ready = [datetime.fromisoformat(e["t"]) for e in world.lab.events(device, "ready")]
    return [(at, min(up for up in ready if up > at)) for at in began]


def overlap(some: list[tuple[datetime, datetime]], others: list[tuple[datetime, datetime]]) -> bool:
    return any(one[0] < other[1] and other[0] < one[1] for one in some for other in others)
