"""Story 1 in small: nine switches at three sites, each site with its server; then activation from the completed job."""

from __future__ import annotations

import asyncio
from pathlib import Path

from swim_tui.model.checks import Verdict, server_reachable
from swim_tui.model.job import JobRequest, JobType, RunStatus
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import OpKind
from swim_tui.model.server import PROBE_CONTENT, PROBE_FILE
from tests.integration.engine.enginekit import World, running
from tests.support.story1 import IMAGE, SERVERS, part_of_story1

SWITCHES = {
    "SanFranRegion": ("sf-acc-14", "sf-acc-15", "sf-acc-16"),
    "LA_Region": ("la-acc-15", "la-acc-16", "la-acc-17"),
    "NY_Region": ("3850-1", "3850-2", "3850-3"),
}
ALL = tuple(name for names in SWITCHES.values() for name in names)
SCALE = 1000.0


async def server_of(world: World, name: str) -> dict[str, object]:
    found = await asyncio.to_thread(world.lab.ask, command="server", server=name)
    state: dict[str, object] = found["server"]
    return state


async def test_each_server_gets_the_image_once_and_its_switches_pull_from_it(tmp_path: Path) -> None:
    # four at once: the first ones copy while the others are still read
    network = part_of_story1(tmp_path, ALL)
    async with running(tmp_path, str(network), scale=SCALE, size_scale=100) as world:
        await world.take_inventory()
        await world.take_image()
        api = world.engine.api
        request = JobRequest(
            JobType.DISTRIBUTION, images=(IMAGE,), devices=ALL, options=JobOptions(max_distribution=4, soak_s=0)
        )
        run = await world.run(request)
        assert run.status is RunStatus.SUCCESS
        assert (run.counts.total, run.counts.successful) == (9, 9)

        plan = await api.run_plan(run.id)
        size = (await api.images())[0].size_bytes
        assert plan.bytes_from_engine == 3 * size
        tasks = {task.device: task for task in (await world.detail(run.id)).tasks}
        for server, names in SWITCHES.items():
            state = await server_of(world, server)
            counters = state["counters"]
            assert isinstance(counters, dict)
            probe = len(PROBE_CONTENT)
            assert counters["upload_bytes"] == size + probe  # once, whole, nothing more
            assert counters["downloads"] == len(names) + 1  # the probe by one of them, then the image by each
            assert counters["download_bytes"] == len(names) * size + probe
            assert sorted(state["files"]) == [f"/swim/{IMAGE}", f"/swim/{PROBE_FILE}"]  # type: ignore[call-overload]
            checks = [check for name in names for check in tasks[name].checks if check.name == server_reachable(server)]
            assert [check.verdict for check in checks] == [Verdict.OK] * len(names)
            assert sum("shown by" in check.actual for check in checks) == len(names) - 1
            assert "SHA-512 is right, computed by the server" in tasks[f"server:{server}"].operations[0].message
            for name in names:
                assert tasks[name].server == server
                verify = next(op for op in tasks[name].operations if op.kind is OpKind.VERIFY_IMAGE)
                assert "is right" in verify.message
        counters = await asyncio.to_thread(world.lab.ask, command="counters")
        assert sum(c.get("uploads", 0) for c in counters["devices"].values()) == 0  # nothing was pushed
        changing = {line.text for p in plan.devices for op in p.operations for line in op.lines if line.changes}
        changing |= {s.line.text for p in plan.devices for op in p.operations for s in op.sources}
        typed = {e["line"].strip() for e in world.lab.events(event="line") if e["line"].startswith("copy ")}
        assert typed
        assert typed <= changing

        activation = JobRequest(
            JobType.ACTIVATION,
            from_run=run.id,
            devices=(ALL[0], ALL[3], ALL[6]),
            options=JobOptions(activate=ActivateMode.SEQUENTIAL, insert_boot_command=True, soak_s=0),
        )
        done = await world.run(activation)
        assert done.status is RunStatus.SUCCESS
        ended = (await world.detail(done.id)).tasks
        assert [task.outcome for task in ended] == [Outcome.UPGRADED] * 3
        assert {task.proven_version for task in ended} == {"03.07.03E"}
    assert set(SERVERS) == set(SWITCHES)
