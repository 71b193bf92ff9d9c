"""Faults of SWIM servers and of pulls: the right outcome for each device, nothing partial left, no false success."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from swim_tui.model.job import DeviceTask, JobRequest, JobType, RunStatus
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import OpKind
from swim_tui.model.server import PROBE_CONTENT, PROBE_FILE
from tests.integration.engine.enginekit import World, running
from tests.support.story1 import IMAGE, part_of_story1

SF = {
    "sf-acc-14": "drop_at=50%*1",
    "sf-acc-15": "copy_idle_out=30",
    "sf-acc-16": "wrong_hash*1",
    "sf-acc-18": "copy_write_error=No space left on device",
    "sf-acc-19": "copy_error=Undefined error*1",
}
LA = ("la-acc-15", "la-acc-16")
NY = ("3850-1", "3850-2")
SECOND = ("sf-acc-20", "la-acc-18")
ALL = (*SF, *LA, *NY)
OPTIONS = JobOptions(max_distribution=12, verify_hash=True)


async def ask(world: World, **command: Any) -> dict[str, Any]:
    return await asyncio.to_thread(world.lab.ask, **command)


async def fault(world: World, name: str, text: str) -> None:
    await asyncio.to_thread(world.lab.fault, name, text)


def copied(task: DeviceTask) -> str:
    return next(op.message for op in task.operations if op.kind is OpKind.COPY_IMAGE)


def probed(task: DeviceTask) -> str:
    return next(op.message for op in task.operations if op.kind is OpKind.PROBE_SERVER)


async def files_named(world: World, device: str, name: str) -> list[int]:
    """Sizes of a file on every flash of a device."""
    state = (await ask(world, command="device", device=device))["device"]
    rows = [row for fs in state["file_systems"].values() for row in fs["files"].items()]
    return [file["size"] for path, file in rows if path.endswith(name)]


async def test_servers_and_pulls_that_fail_leave_right_outcomes_and_nothing_partial(tmp_path: Path) -> None:
    network = part_of_story1(tmp_path, (*ALL, *SECOND))
    async with running(tmp_path, str(network), scale=300, size_scale=60) as world:
        await world.take_inventory()
        await world.take_image()
        api = world.engine.api
        size = (await api.images())[0].size_bytes
        for device, text in SF.items():
            await fault(world, device, text)
        await fault(world, "sf-acc-15", "slow=4000000")  # its session ends long before its copy
        await fault(world, "SanFranRegion", "wrong_hash*1")
        await fault(world, "LA_Region", "gone")
        ny = next(row.server for row in await api.servers() if row.server.name == "NY_Region")
        port = ny.protocols[0].port
        await api.set_server_protocol("NY_Region", Protocol.SCP, port, "swim", "not the password", "/swim")

        run = await world.run(JobRequest(JobType.DISTRIBUTION, images=(IMAGE,), devices=ALL, options=OPTIONS))
        tasks = {task.device: task for task in (await world.detail(run.id)).tasks}
        assert run.status is RunStatus.PARTIAL
        failed = {name: task.message for name, task in tasks.items() if task.outcome is not Outcome.DISTRIBUTED}
        assert set(failed) == {"sf-acc-18", "server:LA_Region"}

        # a byte changed on its way to the server: seen by hash, uploaded once more
        sf = (await ask(world, command="server", server="SanFranRegion"))["server"]
        assert sf["counters"]["uploads"] == 3  # the third is the probe
        assert sf["files"] == {f"/swim/{IMAGE}": size, f"/swim/{PROBE_FILE}": len(PROBE_CONTENT)}
        # a server that is gone: its devices are pushed to, and say why
        assert all(tasks[name].server == "local" for name in (*LA, *NY))
        assert tasks["server:LA_Region"].status == "Failure"
        # a password that is refused is not tried by the other device, nor by another protocol
        ny_state = (await ask(world, command="server", server="NY_Region"))["server"]
        assert ny_state["counters"]["failed_logins"] == 1
        # pulls: a lost line, a lost session, wrong bytes, another protocol
        assert "SanFranRegion" in copied(tasks["sf-acc-14"])
        assert "whole although the session ended" in copied(tasks["sf-acc-15"])
        assert "by SFTP" in copied(tasks["sf-acc-19"]) + probed(tasks["sf-acc-19"])  # whichever met the error
        # a full flash is the device's own trouble, and nothing of the image is left on it
        assert tasks["sf-acc-18"].outcome is Outcome.NO_SPACE
        assert tasks["sf-acc-18"].server == "SanFranRegion"
        for name in ALL:
            found = await files_named(world, name, IMAGE)
            assert found == ([] if name == "sf-acc-18" else [size]), name
        log = "\n".join(p.read_text(errors="replace") for p in (tmp_path / "data").rglob("*") if p.is_file())
        assert "not the password" not in log

        # the file on a server changed since: it is not trusted by name and size; the other server's disk is full
        server_file = next((tmp_path / "lab").rglob(f"SanFranRegion/swim/{IMAGE}"))
        content = bytearray(server_file.read_bytes())
        content[1000] ^= 0xFF
        server_file.write_bytes(bytes(content))
        await ask(world, command="fault", device="LA_Region", clear="")
        await fault(world, "LA_Region", "disk_full")
        again = await world.run(JobRequest(JobType.DISTRIBUTION, images=(IMAGE,), devices=SECOND, options=OPTIONS))
        assert again.status is RunStatus.SUCCESS
        tasks = {task.device: task for task in (await world.detail(again.id)).tasks}
        assert tasks["sf-acc-20"].server == "SanFranRegion"
        assert tasks["la-acc-18"].server == "local"
        assert "no room" in tasks["server:LA_Region"].message
        la = (await ask(world, command="server", server="LA_Region"))["server"]
        assert la["files"] == {}
