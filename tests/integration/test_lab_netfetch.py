"""The lab's FTP and TFTP clients against small servers of this machine."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from swim_tui.lab.fetch import FetchError, Trouble, Url
from swim_tui.lab.netfetch import open_network
from tests.support.daemons import FTP_PASSWORD, FTP_USER, Nginx, Tftpd, Vsftpd

DATA = bytes(range(256)) * 700


class Tftp(asyncio.DatagramProtocol):
    """Serves DATA as x.bin, with or without options."""

    def __init__(self, has_options: bool) -> None:
        self.has_options = has_options
        self.size = 1428 if has_options else 512

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        code, number = struct.unpack(">HH", data[:4])
        if code == 1 and not data[2:].startswith(b"x.bin\0"):
            self.transport.sendto(b"\0\5\0\1no such file\0", addr)
        elif code == 1 and self.has_options:
            self.transport.sendto(f"\0\6blksize\0{self.size}\0tsize\0{len(DATA)}\0".encode(), addr)
        else:
            start = 0 if code == 1 else number * self.size
            if start <= len(DATA):
                block = 1 if code == 1 else number + 1
                self.transport.sendto(struct.pack(">HH", 3, block) + DATA[start : start + self.size], addr)


async def read(url: Url) -> bytes:
    remote = await open_network(url)
    try:
        return b"".join([piece async for piece in remote.pieces()])
    finally:
        await remote.close()


@pytest.mark.parametrize("has_options", [True, False])
async def test_tftp_reads_whole_files_and_reports_missing_ones(has_options: bool) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Tftp(has_options), local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    try:
        assert await read(Url("tftp", "127.0.0.1", port, "x.bin")) == DATA
        with pytest.raises(FetchError) as error:
            await read(Url("tftp", "127.0.0.1", port, "none"))
        assert error.value.trouble is Trouble.NO_FILE
    finally:
        transport.close()


def ftp() -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]:
    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(DATA)
        await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220-hello\r\n220 ready\r\n")
        password = b""
        data = await asyncio.start_server(send, "127.0.0.1", 0)
        port = data.sockets[0].getsockname()[1]
        while line := (await reader.readline()).strip():
            word, _, rest = line.partition(b" ")
            password = rest if word == b"PASS" else password
            answers = {
                b"USER": b"331 password",
                b"PASS": b"230 welcome" if password == b"secret" else b"530 no",
                b"TYPE": b"200 ok",
                b"SIZE": f"213 {len(DATA)}".encode() if rest == b"/x.bin" else b"550 no",
                b"PASV": f"227 passive (127,0,0,1,{port // 256},{port % 256})".encode(),
                b"RETR": b"150 here it comes" if rest == b"/x.bin" else b"550 no such file",
            }
            writer.write(answers.get(word, b"500 what") + b"\r\n")
        data.close()
        writer.close()

    return serve


async def test_ftp_logs_in_and_reads_whole_files() -> None:
    server = await asyncio.start_server(ftp(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        assert await read(Url("ftp", "127.0.0.1", port, "x.bin", "u", "secret")) == DATA
        for url, trouble in (
            (Url("ftp", "127.0.0.1", port, "none", "u", "secret"), Trouble.NO_FILE),
            (Url("ftp", "127.0.0.1", port, "x.bin", "u", "wrong"), Trouble.LOGIN),
        ):
            with pytest.raises(FetchError) as error:
                await read(url)
            assert error.value.trouble is trouble
    finally:
        server.close()
    with pytest.raises(FetchError) as error:
        await read(Url("ftp", "127.0.0.1", port, "x.bin", "u", "secret"))
    assert error.value.trouble is Trouble.REFUSED


async def test_real_servers_give_the_devices_of_the_lab_whole_files(tmp_path: Path) -> None:
    with Tftpd(tmp_path / "tftp") as tftp, Vsftpd(tmp_path / "ftp") as ftpd:
        (tmp_path / "nginx").mkdir()
        with Nginx(tmp_path / "nginx", served=ftpd.home) as web:
            for home in (tftp.home, ftpd.home):
                (home / "x.bin").write_bytes(DATA)
            path, host = str(ftpd.home / "x.bin"), "127.0.0.1"
            for url in (
                Url("tftp", host, tftp.port, "x.bin"),
                Url("ftp", host, ftpd.port, path, FTP_USER, FTP_PASSWORD),
                Url("http", host, web.port, "x.bin"),
                Url("https", host, web.tls_port, "x.bin"),
            ):
                assert await read(url) == DATA, url.scheme
                with pytest.raises(FetchError) as error:
                    await read(replace(url, path=f"{url.path}-none"))
                assert error.value.trouble is Trouble.NO_FILE, url.scheme
