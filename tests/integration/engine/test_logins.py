"""How often anybody logs in: one code for a run over twenty devices, one refused login for a wrong password."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from swim_tui.errors import Conflict
from swim_tui.model.job import JobRequest, JobType, RunStatus, Schedule
from tests.integration.engine.enginekit import World, running
from tests.integration.engine.test_codes import asked, code_of


@pytest.mark.slow
async def test_twenty_devices_cost_one_code_and_with_a_wrong_password_one_failed_login(tmp_path: Path) -> None:
    async with running(tmp_path, "hundred", size_scale=400) as world:
        await world.take_inventory()
        api, credentials = world.engine.api, world.engine.services.credentials
        twenty = tuple(row.name for row in (await api.inventory()).devices[:20])
        read = JobRequest(JobType.INVENTORY_SYNC, devices=twenty)
        (jump,) = await api.jumps()
        right = {name: credentials.login(name).password.reveal() for name in ("lab-admin", jump.credentials)}

        # A wrong TACACS+ password: one device is tried, the profile is parked, nineteen are not touched.
        enable = credentials.login("lab-admin").enable.reveal()
        await api.add_credentials("lab-admin", "admin", password="wrong", enable=enable)
        run = await world.run(read)
        assert run.status is RunStatus.FAILURE
        assert len(failures(world)) == 1, failures(world)
        messages = [task.message for task in (await world.detail(run.id)).tasks]
        assert sum("not tried: credential profile 'lab-admin' is parked" in text for text in messages) == 19
        again = await world.run(read)
        assert again.status is RunStatus.FAILURE
        assert len(failures(world)) == 1

        # The right one, behind a jump host that asks for codes: asked once, and kept for the job of the night.
        await api.add_credentials("lab-admin", "admin", password=right["lab-admin"], enable=enable)
        await api.add_credentials(jump.credentials, "jump", password=right[jump.credentials], one_time_code=True)
        await asyncio.to_thread(world.lab.fault, jump.name, "otp")
        await asyncio.to_thread(world.lab.fault, jump.name, "drop_connections")
        tonight = JobRequest(
            JobType.INVENTORY_SYNC, devices=twenty, schedule=Schedule(at=datetime.now(UTC) + timedelta(seconds=6))
        )
        before = len(world.lab.events(jump.name, "login"))
        assert world.engine.runs.runner.held() == frozenset()
        with pytest.raises(Conflict, match="asks for a one-time code"):
            await api.submit(tonight)
        job = await api.submit(read)
        question = await asked(world)
        await api.answer_question(question.run_id, question.device, code_of(world))
        run = await world.ended(job)
        assert run.status is RunStatus.SUCCESS, [task.message for task in (await world.detail(run.id)).tasks]
        soon = JobRequest(
            JobType.INVENTORY_SYNC, devices=twenty, schedule=Schedule(at=datetime.now(UTC) + timedelta(seconds=1))
        )
        job = await api.submit(soon)
        async with asyncio.timeout(20):
            while not (found := (await api.job(job.id)).runs):  # noqa: ASYNC110 - the clock's own time
                await asyncio.sleep(0.05)
        assert (await world.engine.wait_for(found[0].id)).status is RunStatus.SUCCESS
        assert await api.questions() == []
        assert len(world.lab.events(jump.name, "login")) - before == 1


def failures(world: World) -> list[str]:
    """Devices that refused a login."""
    return [event["device"] for event in world.lab.events(event="login-failed")]
