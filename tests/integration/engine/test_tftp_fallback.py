"""An upgrade with TFTP fallback through the engine: the old image is backed up, served until the proof, then let go."""

from __future__ import annotations

import io
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import tftpy

from swim_tui.model.job import JobRequest, JobType, RunStatus
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.plan import OpKind
from tests.integration.engine.enginekit import World, running

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="a boot loader asks port 69, which only root may open"),
    pytest.mark.skipif(not int(os.environ.get("SWIM_TUI_LONG") or 0), reason="a whole upgrade: with SWIM_TUI_LONG=1"),
]
ADDRESS = "127.0.0.69"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running(tmp_path) as world:
        await world.take_inventory()
        yield world


async def test_the_old_image_is_backed_up_and_served_until_the_device_is_proven(world: World) -> None:
    engine = world.engine
    image = await world.take_image()
    for key, value in (("address", ADDRESS), ("tftp", "on")):
        await engine.api.set_setting(f"file_server.{key}", value)
    name = next(d.name for d in engine.state.tables.devices.all())
    await world.run(JobRequest(JobType.INVENTORY_SYNC, devices=(name,)))
    old = engine.state.tables.facts.all()[0].version.image_file.rpartition("/")[2].rpartition(":")[2]
    served: list[bytes] = []
    lease = engine.file_server.lease

    async def watched(run: str, *rest: object, **more: object) -> None:
        await lease(run, *rest, **more)  # type: ignore[arg-type]
        got = io.BytesIO()
        got.close = lambda: None  # type: ignore[method-assign]
        tftpy.TftpClient(ADDRESS, 69, {"blksize": 8192}).download(old, got)
        served.append(got.getvalue())

    engine.file_server.lease = watched  # type: ignore[method-assign,assignment]
    options = JobOptions(tftp_fallback=True, insert_boot_command=True, activate=ActivateMode.SEQUENTIAL, soak_s=1.0)
    request = JobRequest(JobType.DISTRIBUTION, images=(image,), devices=(name,), options=options)
    run = await world.run(request)
    task = (await world.detail(run.id)).tasks[0]
    assert run.status is RunStatus.SUCCESS, (task.message, task.operations)
    ended = {op.kind: op for op in task.operations}
    assert ended[OpKind.REMOVE_FALLBACK].message == "removed and saved"
    backup = next(i for i in engine.state.tables.images.all() if i.file_name == old)
    assert backup.source == f"backup of {name}"
    assert served == [engine.state.repository.path_of(backup).read_bytes()]
    raw = (world.lab.directory / "lab-log.jsonl").read_text().splitlines()
    lines = (e.get("line") or e.get("text") or "" for e in map(json.loads, raw) if e.get("device") == name)
    typed = [text for text in lines if "boot system" in text and not text.startswith("show")]
    line = f"boot system tftp {old} {ADDRESS}"
    assert typed[-1] == f"no {line}"
    assert line in typed
    await engine.runs.background.settle()
    assert engine.file_server._process is None
