"""Imports from servers and from Cisco.com through the engine: SFTP and SCP by a worker, the rest by the engine."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from swim_tui.engine.core import Engine
from swim_tui.errors import BadValue, RemoteError
from swim_tui.model.job import DeviceTask, JobRequest, JobType, RunStatus
from tests.integration.net.sshd import SSHD, USER, Sshd, make_key
from tests.support.cisco import CLIENT, SECRET, FakeCisco
from tests.support.ftpd import Ftpd

NAME = "c2960-lanbasek9-mz.150-2.SE11.bin"
CONTENT = bytes(range(256)) * 8_000


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    engine = Engine(tmp_path / "data", scale=100.0, key_file=tmp_path / "vault.key")
    await engine.start()
    yield engine
    await engine.stop()


async def collect(engine: Engine, source: str, credentials: str = "", **more: object) -> tuple[RunStatus, DeviceTask]:
    request = JobRequest(JobType.COLLECTION, source=source, source_credentials=credentials, **more)  # type: ignore[arg-type]
    job = await engine.api.submit(request)
    run = await engine.wait_for(job.last_run)
    return run.status, (await engine.api.run(run.id)).tasks[0]


async def test_a_download_of_cisco_com_goes_on_after_a_restart_and_behind_an_expired_token(tmp_path: Path) -> None:
    cisco = FakeCisco("WS-C2960X-48TS-L", NAME, CONTENT, pause_at=1_200_000)
    await cisco.start()
    engine = Engine(tmp_path / "data", scale=100.0, key_file=tmp_path / "vault.key")
    try:
        await engine.start()
        await engine.api.set_setting("cisco.token_url", f"{cisco.base}/oauth2/default/v1/token")
        await engine.api.set_setting("cisco.api_url", f"{cisco.base}/software/v4.0")
        await engine.api.add_credentials("api", CLIENT, SECRET)
        source = f"cisco:{cisco.pid}/{NAME}"
        job = await engine.api.submit(JobRequest(JobType.COLLECTION, source=source, source_credentials="api"))
        incoming = engine.state.paths.incoming
        async with asyncio.timeout(30):
            while not any(path.stat().st_size > 1_000_000 for path in incoming.glob("*.part")):  # noqa: ASYNC110 - the disk tells nobody
                await asyncio.sleep(0.01)
            stopping = asyncio.create_task(engine.stop())
            while not engine.runs.is_stopping:  # noqa: ASYNC110 - the engine tells nobody
                await asyncio.sleep(0.01)
            cisco.go.set()
            await stopping
        cisco.tokens.clear()
        cisco.cut_at = 1_500_000
        engine = Engine(tmp_path / "data", scale=100.0, key_file=tmp_path / "vault.key")
        await engine.start()
        run = await engine.wait_for(job.last_run)
        [task] = (await engine.api.run(run.id)).tasks
        assert run.status is RunStatus.SUCCESS, task.message
        assert "as Cisco.com says, resumed after 1048576" in task.operations[0].message
        assert [image.md5 for image in await engine.api.images()] == [hashlib.md5(CONTENT).hexdigest()]
        begun = [said for what, said in cisco.calls if what == "file"]
        assert begun == [0, 0, 1_048_576, 1_500_000, 1_500_000], "the refused address was asked for anew, not the bytes"
        assert [what for what, _ in cisco.calls].count("token") == 3
    finally:
        await engine.stop()
        await cisco.stop()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert b"t0ken" not in kept


@pytest.mark.sshd
@pytest.mark.skipif(not Path(SSHD).exists(), reason="sshd is not installed")
async def test_images_come_by_sftp_and_scp_with_a_profile_and_are_compared(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    (folder / "older").mkdir(parents=True)
    (folder / NAME).write_bytes(CONTENT)
    (folder / f"{NAME}.sha512").write_text(f"{hashlib.sha512(CONTENT).hexdigest()}  {NAME}\n")
    key = make_key(tmp_path / "key")
    server = Sshd(tmp_path / "sshd", key, ["Subsystem sftp internal-sftp"]).start()
    try:
        await engine.api.add_credentials("files", USER, key_file=str(key))
        await engine.api.add_credentials("stranger", USER, password="wr0ng")
        where = f"127.0.0.1:{server.port}{folder}"

        listed = await engine.api.browse_source(f"sftp://{where}/", "files")
        assert [(f.name, f.is_dir, f.size_bytes) for f in listed][:2] == [
            ("older", True, None),
            (NAME, False, len(CONTENT)),
        ]
        assert [key.port for key in await engine.api.host_keys()] == [server.port], "learned by the look"

        status, task = await collect(engine, f"sftp://{where}/{NAME}", "files")
        assert status is RunStatus.SUCCESS
        assert f"as {NAME}.sha512 says" in task.operations[0].message
        [image] = await engine.api.images()
        assert (image.source, image.md5) == (f"sftp://{where}/{NAME}", hashlib.md5(CONTENT).hexdigest())

        (folder / f"{NAME}.sha512").write_text(f"{'0' * 128}  {NAME}\n")
        for scheme in ("sftp", "scp"):
            status, task = await collect(engine, f"{scheme}://{where}/{NAME}", "files")
            assert status is RunStatus.FAILURE
            assert f"declared {'0' * 128}" in task.message
        (folder / f"{NAME}.sha512").unlink()
        status, task = await collect(engine, f"scp://{where}/{NAME}", "files", sha512=image.sha512)
        assert (status, "in the repository already" in task.message) == (RunStatus.SUCCESS, True)

        status, task = await collect(engine, f"sftp://{where}/none.bin", "files")
        assert (status, "does not exist" in task.message) == (RunStatus.FAILURE, True)
        status, task = await collect(engine, f"sftp://{where}/{NAME}", "stranger")
        assert (status, "refuses the login" in task.message) == (RunStatus.FAILURE, True)
        parked = {profile.name: profile.parked for profile in await engine.api.credentials()}
        assert parked == {"files": False, "stranger": True}
        with pytest.raises(RemoteError, match="No such file"):
            await engine.api.browse_source(f"sftp://{where}/nowhere", "files")
    finally:
        server.kill()
    assert list(engine.state.paths.incoming.iterdir()) == []


async def test_ftp_uses_the_profile_and_lists(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "ftp").mkdir()
    (tmp_path / "ftp" / NAME).write_bytes(CONTENT)
    server = Ftpd(tmp_path / "ftp")
    try:
        await engine.api.add_credentials("jane", "jane", "p@ss word")
        base = f"ftp://127.0.0.1:{server.port}/"
        assert [f.name for f in await engine.api.browse_source(base, "jane")] == [NAME]
        status, _ = await collect(engine, base + NAME, "jane", md5=hashlib.md5(CONTENT).hexdigest())
        assert status is RunStatus.SUCCESS
        status, task = await collect(engine, base + NAME)
        assert status is RunStatus.FAILURE
        assert "name a credential profile" in task.message
    finally:
        server.close()
    kept = "".join(p.read_text(errors="replace") for p in (engine.state.paths.root).rglob("*.jsonl"))
    assert "p@ss word" not in kept


async def test_cisco_com_gives_token_offer_and_image_and_says_plainly_what_it_refuses(engine: Engine) -> None:
    cisco = FakeCisco("WS-C2960X-48TS-L", NAME, CONTENT)
    await cisco.start()
    try:
        await engine.api.set_setting("cisco.token_url", f"{cisco.base}/oauth2/default/v1/token")
        await engine.api.set_setting("cisco.api_url", f"{cisco.base}/software/v4.0")
        await engine.api.add_credentials("api", CLIENT, SECRET)
        await engine.api.add_credentials("guest", CLIENT, "wr0ng")
        source = f"cisco:WS-C2960X-48TS-L/{NAME}"

        [offer] = await engine.api.browse_source("cisco:WS-C2960X-48TS-L@15.2(4)E7", "api")
        assert (offer.name, offer.size_bytes, offer.note) == (NAME, len(CONTENT), "15.2(7)E13, suggested")
        status, task = await collect(engine, source, "api")
        assert (status, "as Cisco.com says" in task.operations[0].message) == (RunStatus.SUCCESS, True)
        [image] = await engine.api.images()
        assert image.source == source

        for change, words in (
            ({"wrong_hash": True}, "declared " + "0" * 32),
            ({"form": True}, "software.cisco.com"),
            ({"problem": ("CONTRACT_ACCESS", "no contract for this product")}, "CONTRACT_ACCESS: no contract"),
            ({"elsewhere": "http://elsewhere.example/x.bin"}, "not followed"),
        ):
            for name, value in change.items():
                setattr(cisco, name, value)
            status, task = await collect(engine, source, "api")
            assert (status, words in task.message) == (RunStatus.FAILURE, True), task.message
            cisco.wrong_hash, cisco.form, cisco.problem, cisco.elsewhere = False, False, ("", ""), ""

        status, task = await collect(engine, source, "guest")
        assert "refuses profile 'guest' (401 Unauthorized): register an application" in task.message
        status, task = await collect(engine, "cisco:WS-OTHER/x.bin", "api")
        assert "no image x.bin for WS-OTHER" in task.message
    finally:
        await cisco.stop()
    status, task = await collect(engine, source, "api")
    assert "cannot be reached" in task.message
    with pytest.raises(BadValue, match="client id and secret"):
        await collect(engine, source)
