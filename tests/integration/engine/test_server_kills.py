"""SIGKILL of the engine while an image goes to a server and while a device pulls it: it goes on, and moves it once."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from swim_tui.model.job import RunStatus
from swim_tui.model.options import ActivateMode, CommitMode, JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.server import PROBE_CONTENT, PROBE_FILE
from tests.integration.engine.killkit import STORY3, killing
from tests.integration.engine.mortal import Kill

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
LONG = int(os.environ.get("SWIM_TUI_LONG") or 0)
IMAGE = "8000-x64-7.9.2.iso"


async def test_an_upload_and_a_pull_survive_the_death_of_the_engine(tmp_path: Path) -> None:
    kills = [
        Kill.parse(f"engine:{where}")
        for where in (
            *((f"intent:upload.upload-image.{IMAGE}@written",) if LONG else ()),
            f"op-ended:upload.upload-image.{IMAGE}@before",
            *(("intent:distribute.copy-image.harddisk@0.05",) if LONG else ()),
        )
    ]
    options = JobOptions(activate=ActivateMode.OFF, commit=CommitMode.BY_HAND)
    async with killing(STORY3, tmp_path) as world:
        await world.to_its_end(world.import_request(), ())
        request = replace(world.request(), options=options, name="distribute")
        _, run = await world.to_its_end(request, kills, 120.0)
        tasks = {task.device: task for task in (await world.detail(run.id)).tasks}
        assert run.status is RunStatus.SUCCESS, [(t.device, t.message) for t in tasks.values()]
        assert tasks["xr-8k-01"].outcome is Outcome.DISTRIBUTED
        assert tasks["xr-8k-01"].server == "NY_Region"
        state = (await asyncio.to_thread(world.lab.ask, command="server", server="NY_Region"))["server"]
        async with world.engine.client() as client:
            size = (await client.api.images())[0].size_bytes
        assert state["files"] == {f"/swim/{IMAGE}": size, f"/swim/{PROBE_FILE}": len(PROBE_CONTENT)}
        most = 2 * size + len(PROBE_CONTENT)  # what the first attempt sent is kept, or was whole
        assert state["counters"]["upload_bytes"] <= most
        device = (await asyncio.to_thread(world.lab.ask, command="device", device="xr-8k-01"))["device"]
        files = [f for fs in device["file_systems"].values() for name, f in fs["files"].items() if name == IMAGE]
        assert [(f["size"], f["is_whole"]) for f in files] == [(size, True)]
    assert world.engine.kills == [str(kill) for kill in kills]
