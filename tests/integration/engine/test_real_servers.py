"""vsftpd and nginx over one home directory as SWIM server: uploaded by FTP, pulled by HTTPS and by FTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from swim_tui.model.job import JobRequest, JobType, RunStatus
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.model.plan import OpKind
from swim_tui.model.server import PROBE_CONTENT, PROBE_FILE, SwimServer
from tests.integration.engine.enginekit import running
from tests.support.daemons import FTP_PASSWORD, FTP_USER, Nginx, Vsftpd
from tests.support.story1 import IMAGE, part_of_story1

PULLS = {"3850-1": Protocol.HTTPS, "3850-2": Protocol.FTP}
"""The second switch trusts nobody's certificate, and takes the next protocol."""


async def test_an_image_goes_to_vsftpd_once_and_is_pulled_from_nginx_and_from_vsftpd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ftp = Vsftpd(tmp_path / "vsftpd")
    web = Nginx(tmp_path / "nginx", served=ftp.home)
    web.folder.mkdir()
    network = part_of_story1(tmp_path, tuple(PULLS))
    trusting = 'name: 3850-1, config: ["ip http client secure-trustpoint LAB"], '
    network.write_text(network.read_text().replace("name: 3850-1, ", trusting))
    with ftp, web:
        async with running(tmp_path, str(network), scale=500, size_scale=100) as world:
            await world.take_inventory()
            await world.take_image()
            api = world.engine.api
            await api.save_server(SwimServer("Plain", "127.0.0.1", ("New York Region",)))
            await api.set_server_protocol("Plain", Protocol.FTP, ftp.port, FTP_USER, FTP_PASSWORD, str(ftp.home))
            await api.set_server_protocol("Plain", Protocol.HTTP, web.port)
            await api.set_server_protocol("Plain", Protocol.HTTPS, web.tls_port)
            found = {check.protocol: check for check in (await api.verify_server("Plain")).checks}
            assert found[Protocol.FTP].ok, found[Protocol.FTP]
            assert "served a file that was written by FTP" in found[Protocol.HTTP].detail
            assert not found[Protocol.HTTPS].ok, "nobody signed its certificate"
            assert "certificate" in found[Protocol.HTTPS].detail
            monkeypatch.setenv("SSL_CERT_FILE", str(web.certificate))
            found = {check.protocol: check for check in (await api.verify_server("Plain", "HTTPS")).checks}
            assert found[Protocol.HTTPS].ok, found[Protocol.HTTPS]
            assert list(ftp.home.iterdir()) == []

            size = (await api.images())[0].size_bytes
            options = JobOptions(protocol_order=(Protocol.HTTPS, Protocol.FTP), consents=("password-in-url",))
            chosen = dict.fromkeys(PULLS, "Plain")
            request = JobRequest(
                JobType.DISTRIBUTION, images=(IMAGE,), devices=tuple(PULLS), options=options, server_of=chosen
            )
            await api.preview(request, refresh=True)
            run = await world.run(request)
            tasks = {task.device: task for task in (await world.detail(run.id)).tasks}
            assert run.status is RunStatus.SUCCESS, [task.message for task in tasks.values()]
            for device, protocol in PULLS.items():
                said = next(op.message for op in tasks[device].operations if op.kind is OpKind.COPY_IMAGE)
                assert f"from Plain by {protocol}" in said
            found = {p.name: p.stat().st_size for p in ftp.home.iterdir()}
            assert found == {IMAGE: size, PROBE_FILE: len(PROBE_CONTENT)}
    uploads = [line for line in ftp.said().splitlines() if "OK UPLOAD" in line and f".{IMAGE}.part" in line]
    assert len(uploads) == 1, "once for both"
    assert [line for line in web.asked() if f"GET /{IMAGE}" in line and f" 200 {size} " in line]
    log = "".join(path.read_text() for path in (tmp_path / "data" / "runs").rglob("3850-2.log"))
    assert log.count("HTTPS from Plain does not work") == 1, "a certificate is not tried again"
    assert "does the device trust the server's certificate" in log
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert FTP_PASSWORD.encode() not in kept
