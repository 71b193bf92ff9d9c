"""Devices of the lab pull from the engine's own file server; it runs while a run needs it, and no secret is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from swim_tui.model.fileserver import LOCAL_PULL
from swim_tui.model.job import JobRequest, JobType, RunStatus
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.model.plan import OpKind
from tests.integration.engine.enginekit import World, running
from tests.integration.net.sshd import free_port


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    left = tmp_path / "data" / "images" / "serving" / "run-of-a-killed-engine"
    left.mkdir(parents=True)
    (left / "x.bin").write_bytes(b"x")
    async with running(tmp_path) as world:
        await world.take_inventory()
        yield world


async def serve(world: World, protocols: str) -> None:
    ports = ",".join(f"{name}={free_port()}" for name in ("HTTP", "HTTPS", "SSH", "FTP", "TFTP"))
    for key, value in (("address", "127.0.0.1"), ("ports", ports), ("protocols", protocols)):
        await world.engine.api.set_setting(f"file_server.{key}", value)


async def test_devices_pull_from_the_engine_and_nothing_of_it_stays(world: World) -> None:
    engine = world.engine
    image = await world.take_image()
    await serve(world, "HTTP,FTP")
    names = [device.name for device in engine.state.tables.devices.all()][:3]
    secrets: list[str] = []
    told = engine.file_server.lease

    async def lease(run: str, *rest: object, **more: object) -> None:
        await told(run, *rest, **more)  # type: ignore[arg-type]
        secrets.extend(engine.file_server.secret(run, p).reveal() for p in (Protocol.HTTP, Protocol.FTP))

    engine.file_server.lease = lease  # type: ignore[method-assign,assignment]
    for name, protocol in zip(names[:2], (Protocol.HTTP, Protocol.FTP), strict=True):
        options = JobOptions(protocol_order=(protocol,))
        if protocol is Protocol.FTP:  # a push comes first: refused by the device, the pull is the next choice
            options = JobOptions(protocol_order=(Protocol.SCP, protocol))
            world.lab.fault(name, "scp_server_off")
        request = JobRequest(JobType.DISTRIBUTION, images=(image,), devices=(name,), options=options)
        await world.run(JobRequest(JobType.INVENTORY_SYNC, devices=(name,)))
        plan = (await engine.api.preview(request)).devices[0]
        copy = next(op for op in plan.operations if op.kind is OpKind.COPY_IMAGE)
        assert any(source.server == LOCAL_PULL for source in copy.sources), plan.protocol_reasons
        run = await world.run(request)
        task = (await world.detail(run.id)).tasks[-1]
        assert run.status is RunStatus.SUCCESS, (task.message, task.operations)
        said = next(op.message for op in task.operations if op.kind is OpKind.COPY_IMAGE)
        assert f"from {LOCAL_PULL} by {protocol}" in said, said
    await engine.runs.background.settle()
    assert engine.file_server.ports
    assert engine.file_server._process is None, "it ends with the last run"
    assert list((engine.state.paths.images / "serving").iterdir()) == [], "also not of an engine that was killed"
    assert len(set(secrets)) == 4
    kept = b"".join(path.read_bytes() for path in (world.folder / "data").rglob("*") if path.is_file())
    assert not [secret for secret in secrets if secret.encode() in kept], "a secret was written down"

    # where it cannot listen, the copy says so and the next way is used
    await engine.api.set_setting("file_server.bind", "192.0.2.77")
    options = JobOptions(protocol_order=(Protocol.HTTP, Protocol.SCP))
    last = names[2]
    await world.run(JobRequest(JobType.INVENTORY_SYNC, devices=(last,)))
    run = await world.run(JobRequest(JobType.DISTRIBUTION, images=(image,), devices=(last,), options=options))
    task = (await world.detail(run.id)).tasks[-1]
    assert (run.status, task.server) == (RunStatus.SUCCESS, "local"), task.message
