"""SWIM servers of the lab: uploads over SFTP, SCP and HTTP, their faults, and what they count."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest
import yaml

from swim_tui.lab.lab import Lab
from swim_tui.lab.network import load_network
from swim_tui.lab.server import ControlServer
from swim_tui.lab.throttle import Throttle
from swim_tui.lab.yamlfile import NetworkError
from tests.unit.lab.labkit import NEW_ASR, login, push, running_lab

SF, LA = "SanFranRegion", "LA_Region"


def target(lab: Lab) -> Path:
    return lab.folder / "images" / NEW_ASR


@asynccontextmanager
async def server(lab: Lab, name: str = SF, password: str = "") -> AsyncIterator[asyncssh.SSHClientConnection]:
    where = lab.where[name]
    password = password or lab.services.credentials.server_password
    options = {"username": "swim", "password": password, "known_hosts": None, "config": None}
    async with asyncssh.connect(where.address, where.port, **options) as conn:
        yield conn


async def upload(lab: Lab, name: str = SF, path: str = f"/swim/{NEW_ASR}") -> None:
    async with server(lab, name) as conn, conn.start_sftp_client() as sftp:
        await sftp.put(str(target(lab)), path)


async def test_an_upload_lies_in_the_home_directory_and_is_counted_once(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab:
        await upload(lab)
        await upload(lab, LA, NEW_ASR)
        for name in (SF, LA):
            found = lab.servers[name]
            assert (found.root / "swim" / NEW_ASR).read_bytes() == target(lab).read_bytes()
            assert found.uploads == {f"/swim/{NEW_ASR}": 1}
            assert found.counters["upload_bytes"] == target(lab).stat().st_size
            assert lab.services.journal.count(name, "upload") == 1


async def test_scp_works_beside_sftp_and_a_wrong_password_is_counted(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab:
        async with server(lab) as conn:
            await asyncssh.scp(str(target(lab)), (conn, f"/swim/{NEW_ASR}"))
            await asyncssh.scp((conn, f"/swim/{NEW_ASR}"), str(tmp_path / "back"))
        assert (tmp_path / "back").read_bytes() == target(lab).read_bytes()
        with pytest.raises(asyncssh.PermissionDenied):
            async with server(lab, password="wrong"):
                pass
        counters = lab.servers[SF].counters
        assert (counters["uploads"], counters["downloads"]) == (1, 1)
        assert counters["failed_logins"] >= 1
        assert "wrong" not in lab.services.journal.path.read_text()


async def test_a_cut_upload_can_be_resumed_where_it_ended(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab:
        found, data = lab.servers[SF], target(lab).read_bytes()
        found.set_fault("drop_at=50%*1")
        with pytest.raises((asyncssh.Error, OSError)):
            await upload(lab)
        local = found.root / "swim" / NEW_ASR
        have = local.stat().st_size
        assert 0 < have < len(data)
        async with server(lab) as conn, conn.start_sftp_client() as sftp:
            assert (await sftp.stat(f"/swim/{NEW_ASR}")).size == have
            async with sftp.open(f"/swim/{NEW_ASR}", "r+b") as file:
                await file.seek(have)
                await file.write(data[have:])
        assert local.read_bytes() == data
        assert found.counters["upload_bytes"] == len(data)


async def test_a_full_disk_refuses_and_says_how_much_is_free(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab, server(lab) as conn, conn.start_sftp_client() as sftp:
        room = await sftp.statvfs("/swim")
        assert 0 < room.bavail * room.frsize <= lab.servers[SF].disk
        lab.servers[SF].set_fault("disk_full")
        with pytest.raises(asyncssh.SFTPError, match="No space left"):
            await sftp.put(str(target(lab)), "/swim/x.bin")
        assert (await sftp.statvfs("/swim")).bavail == 0
        lab.servers[SF].clear_fault()
        lab.servers[SF].set_fault("no_permission")
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await sftp.put(str(target(lab)), "/swim/x.bin")


async def test_a_gone_server_refuses_connections_and_comes_back(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab:
        lab.servers[SF].set_fault("gone")
        with pytest.raises(ConnectionRefusedError):
            async with server(lab):
                pass
        lab.servers[SF].clear_fault()
        lab.servers[SF].set_fault("wrong_password")
        with pytest.raises(asyncssh.PermissionDenied):
            async with server(lab):
                pass
        lab.servers[SF].clear_fault()
        lab.servers[SF].set_fault("wrong_hash*1")
        await upload(lab)
        assert (lab.servers[SF].root / "swim" / NEW_ASR).read_bytes() != target(lab).read_bytes()
        await upload(lab)
        assert (lab.servers[SF].root / "swim" / NEW_ASR).read_bytes() == target(lab).read_bytes()


async def test_a_slow_server_takes_its_time(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab:
        size = target(lab).stat().st_size
        lab.servers[SF].set_fault(f"slow={size * 2}")
        start = time.monotonic()
        await upload(lab)
        assert 0.3 < time.monotonic() - start < 3


async def test_http_serves_files_to_those_who_log_in(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab:
        await upload(lab)
        address, port = lab.where[SF].address, lab.servers[SF].http.port

        async def get(path: str, password: str, more: str = "") -> bytes:
            reader, writer = await asyncio.open_connection(address, port)
            token = base64.b64encode(f"swim:{password}".encode()).decode()
            writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n{more}Authorization: Basic {token}\r\n\r\n".encode())
            answer = await reader.read()
            writer.close()
            return answer

        secret, data = lab.services.credentials.server_password, target(lab).read_bytes()
        for path in (f"/{NEW_ASR}", f"/swim/{NEW_ASR}"):
            answer = await get(path, secret)
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert answer.endswith(data)
        assert (await get(f"/{NEW_ASR}", secret, "Range: bytes=1000-\r\n")).partition(b"\r\n\r\n")[2] == data[1000:]
        assert (await get(f"/{NEW_ASR}", "wrong")).startswith(b"HTTP/1.1 401 ")
        assert (await get("/../../images", secret)).startswith(b"HTTP/1.1 404 ")


async def test_the_inventory_names_servers_with_protocols_and_sites(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab:
        document = yaml.safe_load(lab.inventory_path.read_text())
        row = document["servers"][0]
        assert list(row) == ["name", "address", "port", "protocols", "sites", "description"]
        assert (row["name"], row["sites"]) == (SF, ["San Francisco Region"])
        assert (row["address"], row["port"]) == (lab.where[SF].address, lab.where[SF].port)
        ports = {item["protocol"]: item["port"] for item in row["protocols"]}
        assert ports["sftp"] == ports["scp"] == row["port"]
        assert ports["http"] == lab.servers[SF].http.port
        assert list(row["protocols"][0]) == ["protocol", "username", "password", "home", "port"]
        assert row["protocols"][0]["home"] == "/swim"
        assert (row["address"], row["port"]) in {(key["host"], key["port"]) for key in document["host_keys"]}
    async with running_lab(tmp_path / "two", "story2") as lab:
        assert "servers" not in yaml.safe_load(lab.inventory_path.read_text())


async def test_the_control_socket_shows_a_server_and_sets_its_faults(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers") as lab:
        control = ControlServer(lab)
        assert control._do({"command": "fault", "device": SF, "set": "disk_full"})["faults"] == ["disk_full"]
        assert control._do({"command": "server", "server": SF})["server"]["free"] == 0
        assert control._do({"command": "counters"})["servers"][LA]["uploads"] == 0
        assert [row["name"] for row in lab.status()["servers"]] == [SF, LA]


async def test_pushes_into_a_site_share_its_line_and_other_sites_do_not(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "servers", scale=1) as lab:
        data = target(lab).read_bytes()[:600_000]
        lab.services.sites["San Francisco Region"].rate = 1_500_000
        lab.services.sites["Los Angeles Region"].rate = 0

        async def one(name: str) -> float:
            async with login(lab, name) as conn:
                start = time.monotonic()
                assert await push(conn, "bootflash:x.bin", data) == b"\0"
                return time.monotonic() - start

        for device in lab.devices.values():
            device.set_fault("slow=100000000")
        near, other, far = await asyncio.gather(one("asr-sf-01"), one("asr-sf-02"), one("asr-la-01"))
        # Two pushes of 0.6 MB over one line of 1.5 MB/s, beside the flush of 2 seconds that all have.
        assert max(near, other) > far + 0.4


async def test_a_throttle_lets_bytes_pass_at_its_rate() -> None:
    line = Throttle(1000)
    assert line.delay(500) == pytest.approx(0.4, abs=0.01)
    assert line.delay(500) == pytest.approx(0.9, abs=0.01)
    assert Throttle(0).delay(10**9) == 0


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("address: nowhere, name: x", "is not an IP address"),
        ("address: 10.0.0.1, name: x, protocols: [gopher]", "knows sftp, scp, http"),
        ("address: 10.0.0.1, name: x, sites: [Mars]", "no location group 'Mars'"),
        ("address: 10.0.0.1, name: x, sights: []", "did you mean 'sites'"),
        ("address: 10.0.0.1, name: x, home: swim", "must begin with a slash"),
    ],
)
def test_a_wrong_server_is_reported_with_its_line(tmp_path: Path, line: str, text: str) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(f"servers:\n  - {{{line}}}\n")
    with pytest.raises(NetworkError, match=text):
        load_network(path)
