"""The probe pull: one device of each platform and version shows that its SWIM server is reached from there."""

from __future__ import annotations

import asyncio
from pathlib import Path

from swim_tui.lab.platforms import lab_data_dir
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


OTHERS = """\
name: others
include: [{software}/nexus.yaml, {software}/xr.yaml]
groups: [{{name: DC, kind: location}}]
servers: [{{name: DC, address: 10.197.71.129, protocols: [scp], sites: [DC]}}]
jumps: [{{name: jump, address: 10.197.70.5}}]
device_defaults: {{location: DC, jump: [jump]}}
devices:
  - {{name: n9k, address: 10.197.73.11, platform: n9k-c93180yc-ex, running: nxos.9.3.5.bin, role: dc, pair: n9k-b}}
  - {{name: n9k-b, address: 10.197.73.12, platform: n9k-c93180yc-ex, running: nxos.9.3.5.bin, role: dc, pair: n9k}}
  - name: lnt
    address: 10.54.20.3
    platform: cisco8202
    running: 8000-x64-7.7.2.iso
    files: [{{software: 8000-x64-7.7.2.iso}}]
    role: core
"""


async def test_a_nexus_and_an_xr_router_pull_the_probe_then_the_image_and_keep_the_image_only(tmp_path: Path) -> None:
    network = tmp_path / "others.yaml"
    network.write_text(OTHERS.format(software=lab_data_dir() / "software"))
    async with running(tmp_path, str(network), scale=1000, size_scale=2000) as world:
        await world.take_inventory()

        async def distributed(device: str, name: str) -> None:
            path = next(entry["path"] for entry in world.lab.ready["images"] if entry["path"].endswith(name))
            image = (await world.run(JobRequest(JobType.COLLECTION, source=path))).images_collected[0]
            run = await world.run(JobRequest(JobType.DISTRIBUTION, images=(image,), devices=(device,)))
            task = next(task for task in (await world.detail(run.id)).tasks if task.device == device)
            assert (run.status, task.server) == (RunStatus.SUCCESS, "DC"), task.message
            assert reached(task, "DC").verdict is Verdict.OK
            lines = [e["line"].strip() for e in world.lab.events(device=device, event="line")]
            moving = [line for line in lines if line.startswith(("copy scp:", "delete "))]
            assert [PROBE_FILE in line for line in moving] == [True, True, False], moving
            assert name in moving[2]
            assert "show users" in lines, "a pull is watched from a second session where a line is left for a person"
            listing = str(world.lab.ask(command="device", device=device))
            assert (PROBE_FILE in listing, name in listing) == (False, True)

        await asyncio.gather(distributed("n9k", "nxos.9.3.10.bin"), distributed("lnt", "8000-x64-7.9.2.iso"))
