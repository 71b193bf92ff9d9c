"""SIGKILL of the engine in the middle of imports by HTTP, FTP and SFTP: the next engine goes on where they were."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from swim_tui.api.client import EngineClient
from swim_tui.model.job import JobRequest, JobType, RunStatus
from swim_tui.parts import is_left_over
from tests.integration.engine.killkit import Mortal
from tests.integration.net.sshd import SSHD, USER, Sshd, make_key
from tests.support.daemons import FTP_PASSWORD, FTP_USER, Nginx, Vsftpd

pytestmark = pytest.mark.timeout(120)
RATE = 2_000_000
SIZE = 6_000_000
SSH_SIZE = 40_000_000  # a server over SSH knows no rate: it is stopped in the middle


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for it."""
    async with asyncio.timeout(60):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.002)


async def until_begun(incoming: Path, count: int) -> None:
    """So many imports have received something."""

    async def have() -> bool:
        return sum(path.stat().st_size > 65_536 for path in incoming.glob("*.part")) >= count

    await until(have)


@pytest.mark.sshd
async def test_imports_go_on_where_they_were_when_the_engine_was_killed(tmp_path: Path) -> None:
    if not Path(SSHD).exists() and os.environ.get("CI") != "true":
        pytest.skip("sshd is not installed")
    key, engine = make_key(tmp_path / "key"), Mortal(tmp_path)
    ssh = Sshd(tmp_path / "sshd", key, ["Subsystem sftp internal-sftp"]).start()
    ftp = Vsftpd(tmp_path / "vsftpd", rate=RATE)
    web = Nginx(tmp_path / "nginx", served=ftp.home, rate=RATE)
    web.folder.mkdir()
    names = ("c2960x-by-http.bin", "c2960x-by-ftp.bin", "c2960x-by-sftp.bin")
    for number, name in enumerate(names):
        content = bytes([number + 1]) * 1_000_000
        (ftp.home / name).write_bytes(content * ((SSH_SIZE if "sftp" in name else SIZE) // len(content)))
    sources = (
        (f"http://127.0.0.1:{web.port}/{names[0]}", ""),
        (f"ftp://127.0.0.1:{ftp.port}/{names[1]}", "ftp"),
        (f"sftp://127.0.0.1:{ssh.port}{ftp.home}/{names[2]}", "ssh"),
    )
    incoming = engine.data / "images" / "incoming"
    try:
        with ftp, web:
            engine.start()
            async with engine.client() as client:
                await client.api.add_credentials("ftp", FTP_USER, FTP_PASSWORD)
                await client.api.add_credentials("ssh", USER, key_file=str(key))
                for source, profile in sources[2:]:
                    await submit(client, source, profile)
                await until_begun(incoming, 1)
                ssh.kill_serving(signal.SIGSTOP)
                for source, profile in sources[:2]:
                    await submit(client, source, profile)
                await until_begun(incoming, 3)
            assert engine.process is not None
            engine.process.kill()
            engine.process.wait()
            ssh.kill_serving()
            assert len([path for path in incoming.glob("*.part") if not is_left_over(path)]) == 3

            engine.start()
            async with engine.client() as client:

                async def over() -> bool:
                    return all(row.run.status.is_final for row in (await client.api.jobs()).runs)

                await until(over)
                for row in (await client.api.jobs()).runs:
                    detail = await client.api.run(row.run.id)
                    task = detail.tasks[0]
                    assert row.run.status is RunStatus.SUCCESS, task.message
                    log = engine.data / "runs" / row.run.id / f"{task.device}.log"
                    said = task.operations[0].message + (log.read_text() if log.exists() else "")
                    assert "resumed after" in said, said
                assert sorted(image.file_name for image in await client.api.images()) == sorted(names)
    finally:
        await asyncio.to_thread(engine.stop)
        ssh.kill()
    assert list(incoming.iterdir()) == []
    for image in (engine.data / "images").rglob("*"):
        if image.is_file():
            content = image.read_bytes()
            assert content.count(content[0]) == len(content) in (SIZE, SSH_SIZE), "no byte lost, none twice"


async def submit(client: EngineClient, source: str, profile: str) -> None:
    request = JobRequest(JobType.COLLECTION, source=source, source_credentials=profile)
    await client.api.submit(request, by="tester")
