"""Jump hosts as they are met: no forwarding, the target in the user name, pushes, chains; tested, then passed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from swim_tui.errors import BadValue
from swim_tui.model.device import HopMethod
from swim_tui.model.job import JobRequest, JobType, RunStatus
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.views import HopReport
from tests.integration.engine.enginekit import World, running

EVERY = ("r-chain", "r-exec", "r-plain", "r-push-asks", "r-push-silent", "r-user")


async def ways(world: World, name: str) -> tuple[HopReport, dict[str, bool]]:
    """The last hop's report, and which methods work."""
    last = (await world.engine.api.test_jump(name))[-1]
    return last, {f"{m.method} {m.template}".strip(): m.ok for m in last.methods}


async def as_they_are(world: World) -> None:
    """What a person sets after the jump tests."""
    api = world.engine.api
    password = world.engine.services.credentials.login("lab-jump").password.reveal()
    await api.add_credentials("push-asks", "jump", password=password, push_answer="1")
    await api.add_credentials("push-silent", "jump", password=password, one_time_code=True)
    jumps = {jump.name: jump for jump in await api.jumps()}
    await api.add_jump(replace(jumps["no-forwarding"], method=HopMethod.EXEC, template="nc %h %p"))
    await api.add_jump(replace(jumps["by-user"], method=HopMethod.USER, template="%r%%%h"))
    for name in ("push-asks", "push-silent"):
        await api.add_jump(replace(jumps[name], credentials=name))


@pytest.mark.slow
async def test_every_kind_of_jump_host_is_tested_and_passed(tmp_path: Path) -> None:
    async with running(tmp_path, "bastions", size_scale=400) as world:
        await world.take_inventory()
        api = world.engine.api
        last, found = await ways(world, "no-forwarding")
        assert found == {"forward": False, "exec nc %h %p": True, "exec ncat %h %p": False}
        assert (last.ok, last.target.split()[0]) == (True, "r-exec")
        assert "not found" in next(m.detail for m in last.methods if m.template == "ncat %h %p")
        refused = (await api.test_jump("push-asks"))[-1]
        assert refused.problem is not None
        assert "asks for a one-time code" in refused.problem.message
        assert (await api.confirm_credentials("lab-jump")).parked is False
        await as_they_are(world)
        for name, method in (("inner", "forward"), ("by-user", "user"), ("push-asks", "forward")):
            last, _ = await ways(world, name)
            assert (last.ok, last.methods[0].method, last.methods[0].ok) == (True, method, True), last
            assert last.fingerprint.startswith("SHA256:")
            assert last.algorithms
        run = await world.run(JobRequest(JobType.INVENTORY_SYNC, devices=EVERY))
        detail = await world.detail(run.id)
        assert run.status is RunStatus.SUCCESS, [(t.device, t.message) for t in detail.tasks]
        image = await world.take_image()
        options = JobOptions(activate=ActivateMode.PARALLEL, insert_boot_command=True, soak_s=0.0)
        job = JobRequest(JobType.DISTRIBUTION, devices=("r-user",), images=(image,), options=options)
        run = await world.run(job)
        assert run.status is RunStatus.SUCCESS, [(t.device, t.message) for t in (await world.detail(run.id)).tasks]
        assert world.reloads("r-user") == 1
        await api.remove_devices(["r-user"])
        with pytest.raises(BadValue, match="user name"):
            await api.test_jump("by-user")
        pushes = await asyncio.to_thread(world.lab.events, "push-asks", "push")
        assert len(pushes) == 2  # one for the jump test, one for the run: a connection is shared
