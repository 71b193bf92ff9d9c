"""Real OpenSSH as SWIM server, behind a real OpenSSH jump host and as that host; the switches pull by HTTP."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from swim_tui.model.device import JumpHost
from swim_tui.model.job import JobRequest, JobType, RunStatus
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.model.server import PROBE_CONTENT, PROBE_FILE, SwimServer
from tests.integration.engine.enginekit import running
from tests.integration.net.sshd import SSHD, USER, Sshd, make_key
from tests.support.story1 import IMAGE, part_of_story1

pytestmark = pytest.mark.sshd
SWITCHES = ("3850-1", "3850-2")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    if not Path(SSHD).exists() and os.environ.get("CI") != "true":
        pytest.skip("sshd is not installed")
    options = ("Subsystem sftp internal-sftp", "AllowTcpForwarding yes")
    server = Sshd(tmp_path / "sshd", make_key(tmp_path / "login_key"), options).start()
    yield server
    server.kill()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "files").mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "files")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


async def test_images_go_to_real_openssh_servers_once_and_are_pulled_from_there(
    tmp_path: Path, sshd: Sshd, web: int
) -> None:
    home = tmp_path / "files"
    (home / "jump").mkdir()
    async with running(tmp_path, str(part_of_story1(tmp_path, SWITCHES)), scale=500, size_scale=100) as world:
        await world.take_inventory()
        await world.take_image()
        api = world.engine.api
        await api.add_credentials("real", USER, key_file=str(sshd.login_key))
        await api.add_jump(JumpHost("real-jump", "127.0.0.1", sshd.port, "real"))
        site = ("New York Region",)
        await api.save_server(SwimServer("Behind", "127.0.0.1", site, jump=("real-jump",)))
        await api.set_server_protocol("Behind", Protocol.SFTP, sshd.port, credentials="real", home=str(home))
        await api.set_server_protocol("Behind", Protocol.HTTP, web)
        await api.save_server(SwimServer("Jump", "127.0.0.1", site, jump_host="real-jump"))
        await api.set_server_protocol("Jump", Protocol.SFTP, sshd.port, home=str(home / "jump"))
        await api.set_server_protocol("Jump", Protocol.HTTP, web, home="jump")
        for name in ("Behind", "Jump"):
            row = await api.verify_server(name)
            assert all(check.ok for check in row.checks), row.checks
        assert sorted(p.name for p in home.rglob("*")) == ["jump"]

        request = JobRequest(
            JobType.DISTRIBUTION,
            images=(IMAGE,),
            devices=SWITCHES,
            options=JobOptions(protocol_order=(Protocol.SFTP, Protocol.HTTP)),
            server_of={SWITCHES[0]: "Behind", SWITCHES[1]: "Jump"},
        )
        plan = await api.preview(request, refresh=True)
        reasons = "\n".join(plan.devices[0].protocol_reasons)
        assert "Behind: SFTP passed over, it has no password that a device could type" in reasons
        run = await world.run(request)
        tasks = {task.device: task for task in (await world.detail(run.id)).tasks}
        assert run.status is RunStatus.SUCCESS, [task.message for task in tasks.values()]
        assert [tasks[name].server for name in SWITCHES] == ["Behind", "Jump"]
        for name in ("server:Behind", "server:Jump"):
            assert "SHA-512 is right, computed by the server" in tasks[name].operations[0].message
        size = (await api.images())[0].size_bytes
        found = sorted((p.name, p.stat().st_size) for p in home.rglob("*") if p.is_file())
        assert found == sorted([(IMAGE, size), (PROBE_FILE, len(PROBE_CONTENT))] * 2)
        # a second job finds the content there and moves nothing
        again = await world.run(replace(request, devices=SWITCHES[:1]))
        assert again.status is RunStatus.SUCCESS
        first = next(t for t in (await world.detail(again.id)).tasks if t.device == "server:Behind")
        assert "already there" in first.operations[0].message
    assert "Failed" not in sshd.log_text()
