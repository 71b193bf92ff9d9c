"""Collect images along with inventory collection, over real SSH."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from swim_tui.model.job import Job, JobRequest, JobType, RunStatus
from tests.integration.engine.enginekit import World, running


async def collection(world: World) -> Job:
    """The job that the sync made."""
    async with asyncio.timeout(60):
        while True:
            for job in world.engine.state.tables.jobs.all():
                if job.request.type is JobType.COLLECTION and job.last_run:
                    return job
            await asyncio.sleep(0.02)


@pytest.mark.skipif("SWIM_TUI_LONG" not in os.environ, reason="takes seven seconds: set SWIM_TUI_LONG=1")
async def test_three_routers_with_one_image_give_it_once_and_the_next_sync_asks_for_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as world:
        await world.take_inventory()
        await world.engine.api.set_setting("collect_images_with_inventory", "on")
        names = tuple(device.name for device in world.engine.state.tables.devices.all())
        request = JobRequest(JobType.INVENTORY_SYNC, devices=names)
        assert (await world.run(request)).status is RunStatus.SUCCESS
        job = await collection(world)
        assert job.created_by == "tester"
        run = await world.ended(job)
        running_images = {facts.version.image_file for facts in world.engine.state.tables.facts.all()}
        assert (run.status, len(run.images_collected)) == (RunStatus.SUCCESS, len(running_images))
        assert len(world.engine.state.tables.facts.all()) > len(running_images), "several devices run the same"
        await world.run(request)
        jobs = [j for j in world.engine.state.tables.jobs.all() if j.request.type is JobType.COLLECTION]
        assert len(jobs) == 1
