"""The probe pull: one device of each platform and version shows that its SWIM server is reached from there."""

from __future__ import annotations

import asyncio
from pathlib import Path

from swim_tui.model.checks import Check, Verdict, server_reachable
from swim_tui.model.job import DeviceTask, JobRequest, JobType, OpStatus, RunStatus
from swim_tui.model.options import JobOptions
from swim_tui.model.plan import OpKind
from swim_tui.model.server import PROBE_FILE
from tests.integration.engine.enginekit import running
from tests.support.story1 import IMAGE, part_of_story1

SF = ("sf-acc-14", "sf-acc-15", "sf-acc-16")
NY = ("3850-1", "3850-2")


def reached(task: DeviceTask, server: str) -> Check:
    return next(check for check in task.checks if check.name == server_reachable(server))


async def test_a_probe_that_fails_sends_all_of_its_sort_elsewhere_before_anything_is_copied(tmp_path: Path) -> None:
    network = part_of_story1(tmp_path, (*SF, *NY))
    async with running(tmp_path, str(network), scale=1000, size_scale=200) as world:
        await world.take_inventory()
        await world.take_image()
        for device in SF:
            await asyncio.to_thread(world.lab.fault, device, "copy_error=No route to host")
        run = await world.run(
            JobRequest(JobType.DISTRIBUTION, images=(IMAGE,), devices=(*SF, *NY), options=JobOptions(verify_hash=False))
        )
        tasks = {task.device: task for task in (await world.detail(run.id)).tasks}
        assert run.status is RunStatus.SUCCESS, [task.message for task in tasks.values()]

        lines = [(e["device"], e["line"].strip()) for e in world.lab.events(event="line")]
        changing = [(device, line) for device, line in lines if line.startswith(("copy ", "delete "))]
        (prober,) = {device for device, _ in changing if device in SF}
        assert len([line for device, line in changing if device in SF]) == 2  # the probe by SCP, then by SFTP
        assert all(PROBE_FILE in line for device, line in changing if device in SF)
        check = reached(tasks[prober], "SanFranRegion")
        assert check.verdict is Verdict.FAILED
        assert check.expected.endswith("pulled from SanFranRegion")
        assert "No route to host" in check.actual
        assert check.action.startswith("look at the route from the device to it: VRF Mgmt-vrf")
        for name in SF:
            assert tasks[name].server == "local", tasks[name].message
            skipped = next(op for op in tasks[name].operations if op.kind is OpKind.PROBE_SERVER)
            assert (skipped.status, skipped.title) == (OpStatus.SKIPPED, "Probing the Local File Server")
            assert reached(tasks[name], "SanFranRegion").verdict is Verdict.FAILED
        said = [kept.notice.text for kept in world.engine.state.tables.notices.all() if kept.notice.run_id == run.id]
        assert any(words.endswith("go on with their next choice") for words in said), said

        at_ny = [(device, line.split()[0]) for device, line in changing if device in NY and PROBE_FILE in line]
        assert [word for _, word in at_ny] == ["copy", "delete"]
        assert sorted("shown by" in reached(tasks[name], "NY_Region").actual for name in NY) == [False, True]
        assert {reached(tasks[name], "NY_Region").verdict for name in NY} == {Verdict.OK}
        assert [tasks[name].server for name in NY] == ["NY_Region"] * 2
