"""An engine in this process, with real workers, over a lab in a process of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swim_tui.engine.core import Engine
from swim_tui.model.job import Job, JobRequest, JobType, Run
from swim_tui.model.views import RunDetail
from tests.support.world import Lab

SCALE = 100.0


@dataclass
class World:
    """A lab and the engine that works on it."""

    lab: Lab
    engine: Engine
    folder: Path

    @property
    def image(self) -> dict[str, Any]:
        """The target image of the lab."""
        found: dict[str, Any] = self.lab.ready["images"][0]
        return found

    async def take_inventory(self) -> None:
        """Import the inventory that the lab wrote."""
        path = Path(self.lab.ready["inventory"])
        await self.engine.api.import_inventory(path.read_text(), str(path))

    async def take_image(self) -> str:
        """Import the target image as a job; its id."""
        request = JobRequest(JobType.COLLECTION, source=self.image["path"], md5=self.image["md5"])
        run = await self.run(request)
        return run.images_collected[0]

    async def run(self, request: JobRequest) -> Run:
        """Submit and wait for the end."""
        job = await self.engine.api.submit(request, by="tester")
        return await self.ended(job)

    async def ended(self, job: Job, limit_s: float = 120.0) -> Run:
        """The run of a job, when it is over."""
        async with asyncio.timeout(limit_s):
            return await self.engine.wait_for(job.last_run)

    async def detail(self, run_id: str) -> RunDetail:
        """The run with its tasks."""
        return await self.engine.api.run(run_id)

    def reloads(self, device: str) -> int:
        """How often the lab executed a reload of a device."""
        raw = (self.lab.directory / "lab-log.jsonl").read_text().splitlines()
        return sum(e.get("device") == device and e.get("event") == "reload" for e in map(json.loads, raw))


@asynccontextmanager
async def running(
    folder: Path, network: str = "story2", *, size_scale: float = 200.0, scale: float = SCALE
) -> AsyncIterator[World]:
    """A lab with an engine that knows its inventory."""
    lab = await asyncio.to_thread(
        Lab.up, network, folder / "lab", "--time-scale", f"{scale:g}", "--size-scale", f"{size_scale:g}"
    )
    try:
        engine = Engine(folder / "data", scale=scale, key_file=folder / "vault.key")
        await engine.start()
        try:
            yield World(lab, engine, folder)
        finally:
            await engine.stop()
    finally:
        await asyncio.to_thread(lab.down)
