"""Real clients for pulls from servers outside the lab: SCP, SFTP, HTTP(S), FTP and TFTP."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import ssl
import struct
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from urllib.parse import quote

import asyncssh

from .fetch import PIECE, FetchError, Trouble, Url
from .serverfile import PORTS
from .throttle import Throttle

CONNECT_S = 10.0
SILENCE_S = 60.0
BLOCK = 1428


class NetRemote(ABC):
    """A file that is read from a stream of this machine."""

    size = -1

    def __init__(self, url: Url) -> None:
        self.url = url
        self.name = url.name
        self.port = url.port or PORTS[url.scheme]

    @abstractmethod
    async def open(self) -> None:
        """Connect, log in, and learn the size."""

    @abstractmethod
    async def read(self) -> bytes:
        """The next bytes; nothing at the end."""

    async def pieces(self) -> AsyncIterator[bytes]:
        """The bytes in order."""
        while True:
            try:
                async with asyncio.timeout(SILENCE_S):
                    data = await self.read()
            except TimeoutError:
                raise FetchError(Trouble.TIMEOUT) from None
            except (OSError, EOFError, asyncssh.Error):
                raise FetchError(Trouble.IO) from None
            if not data:
                return
            yield data

    def throttles(self) -> list[Throttle]:
        """None: the network is what it is."""
        return []

    @abstractmethod
    async def close(self) -> None:
        """Let go of the server."""


class SshRemote(NetRemote):
    """SCP by exec request, or SFTP."""

    _conn: asyncssh.SSHClientConnection
    _left = 0

    async def open(self) -> None:
        """Log in and ask for the file."""
        self._conn = await asyncssh.connect(
            self.url.host,
            self.port,
            username=self.url.username,
            password=self.url.password,
            known_hosts=None,
            config=None,
            client_keys=None,
            agent_path=None,
        )
        try:
            await (self._open_sftp() if self.url.scheme == "sftp" else self._open_scp())
        except BaseException:
            self._conn.close()
            raise

    async def _open_sftp(self) -> None:
        client = await self._conn.start_sftp_client()
        for path in (f"/{self.url.path.lstrip('/')}", self.url.path):
            with contextlib.suppress(asyncssh.SFTPNoSuchFile):
                self._file = await client.open(path, "rb")
                self.size = int((await self._file.stat()).size or 0)
                return
        raise FetchError(Trouble.NO_FILE)

    async def _open_scp(self) -> None:
        answer = b""
        for path in (f"/{self.url.path.lstrip('/')}", self.url.path):
            self._process = await self._conn.create_process(f"scp -f {path}", encoding=None)
            self._process.stdin.write(b"\0")
            answer = await self._process.stdout.readline()
            if answer.startswith(b"C"):
                self._left = self.size = int(answer.split()[1])
                self._process.stdin.write(b"\0")
                return
        raise FetchError(Trouble.DENIED if b"ermission" in answer else Trouble.NO_FILE)

    async def read(self) -> bytes:
        """The next bytes."""
        if self.url.scheme == "sftp":
            block = await self._file.read(PIECE)
            return block if isinstance(block, bytes) else block.encode()
        if not self._left:
            return b""
        data: bytes = await self._process.stdout.read(min(PIECE, self._left))
        if not data:
            raise EOFError
        self._left -= len(data)
        if not self._left:
            self._process.stdin.write(b"\0")
        return data

    async def close(self) -> None:
        """Close the connection."""
        self._conn.close()


class StreamRemote(NetRemote):
    """HTTP and FTP: a reader, and bytes that are left."""

    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    async def read(self) -> bytes:
        """The next bytes."""
        data = await self._reader.read(PIECE)
        self._got = getattr(self, "_got", 0) + len(data)
        if not data and 0 <= self.size != self._got:
            raise EOFError
        return data

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()


class HttpRemote(StreamRemote):
    """One GET."""

    async def open(self) -> None:
        """Ask, and read the head of the answer."""
        context = None
        if self.url.scheme == "https":
            # The device was told to trust the server; whom it trusts is not the lab's subject.
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._reader, self._writer = await asyncio.open_connection(self.url.host, self.port, ssl=context)
        token = base64.b64encode(f"{self.url.username}:{self.url.password}".encode()).decode()
        login = f"Authorization: Basic {token}\r\n" if self.url.username else ""
        path = quote(f"/{self.url.path.lstrip('/')}")
        request = f"GET {path} HTTP/1.1\r\nHost: {self.url.host}\r\n{login}Connection: close\r\n\r\n"
        self._writer.write(request.encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        match = re.match(r"HTTP/1\.[01] (\d{3})", head)
        code = int(match[1]) if match else 0
        if code != 200:
            self._writer.close()
            raise FetchError({401: Trouble.LOGIN, 403: Trouble.DENIED, 404: Trouble.NO_FILE}.get(code, Trouble.IO))
        length = re.search(r"(?im)^content-length:\s*(\d+)", head)
        self.size = int(length[1]) if length else -1


class FtpRemote(StreamRemote):
    """Passive FTP."""

    async def open(self) -> None:
        """Log in, ask for the size, and open the data connection."""
        reader, writer = await asyncio.open_connection(self.url.host, self.port)
        self._control = writer

        async def say(line: str = "") -> str:
            if line:
                writer.write(f"{line}\r\n".encode())
            while True:
                answer = (await reader.readline()).decode("latin-1")
                if not answer:
                    raise FetchError(Trouble.IO)
                if re.match(r"\d{3} ", answer):
                    return answer

        await say()
        answer = await say(f"USER {self.url.username or 'anonymous'}")
        if answer.startswith("331"):
            answer = await say(f"PASS {self.url.password}")
        if not answer.startswith("230"):
            raise FetchError(Trouble.LOGIN)
        await say("TYPE I")
        path = f"/{self.url.path.lstrip('/')}"
        answer = await say(f"SIZE {path}")
        if answer.startswith("213"):
            self.size = int(answer.split()[1])
        numbers = re.search(r"\(([\d,]+)\)", await say("PASV"))
        if numbers is None:
            raise FetchError(Trouble.PROTOCOL)
        parts = [int(item) for item in numbers[1].split(",")]
        self._reader, self._writer = await asyncio.open_connection(self.url.host, parts[4] * 256 + parts[5])
        if not (await say(f"RETR {path}")).startswith("1"):
            self._writer.close()
            raise FetchError(Trouble.NO_FILE)

    async def close(self) -> None:
        """Close both connections."""
        self._writer.close()
        self._control.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.queue: asyncio.Queue[tuple[bytes, tuple[str, int]]] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """asyncio: a packet."""
        self.queue.put_nowait((data, addr))


class TftpRemote(NetRemote):
    """TFTP with block size and size options."""

    async def open(self) -> None:
        """Send the request; the first answer is data, options or an error."""
        loop = asyncio.get_running_loop()
        self._transport, self._protocol = await loop.create_datagram_endpoint(
            _Datagrams, remote_addr=None, local_addr=("0.0.0.0", 0)
        )
        self._peer = (self.url.host, self.port)
        self._block, self._size, self._is_last = 0, 512, False
        self._first = b""
        options = f"blksize\0{BLOCK}\0tsize\x000\0".encode()
        request = struct.pack(">H", 1) + self.url.path.encode() + b"\0octet\0" + options
        data = await self._ask(request)
        if data[:2] == b"\0\6":
            fields = data[2:].decode("latin-1").lower().split("\0")
            known = dict(zip(fields[::2], fields[1::2], strict=False))
            self._size = int(known.get("blksize", 512))
            self.size = int(known.get("tsize", -1))
        else:
            self._first = self._take(data)

    async def _ask(self, packet: bytes) -> bytes:
        for _ in range(3):
            self._transport.sendto(packet, self._peer)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2):
                    data, self._peer = await self._protocol.queue.get()
                if data[:2] == b"\0\5":
                    raise FetchError(Trouble.NO_FILE if data[3] == 1 else Trouble.DENIED)
                return data
        raise FetchError(Trouble.TIMEOUT)

    def _take(self, packet: bytes) -> bytes:
        self._block = struct.unpack(">H", packet[2:4])[0]
        data = packet[4:]
        self._is_last = len(data) < self._size
        return data

    async def read(self) -> bytes:
        """The next block; the last one is acknowledged too."""
        if self._first:
            data, self._first = self._first, b""
            return data
        ack = struct.pack(">HH", 4, self._block)
        if self._is_last:
            self._transport.sendto(ack, self._peer)
            return b""
        expected = (self._block + 1) & 0xFFFF
        packet = await self._ask(ack)
        while struct.unpack(">H", packet[2:4])[0] != expected:
            packet = await self._ask(ack)
        return self._take(packet)

    async def close(self) -> None:
        """Close the socket."""
        self._transport.close()


CLIENTS: dict[str, type[NetRemote]] = {
    "scp": SshRemote,
    "sftp": SshRemote,
    "http": HttpRemote,
    "https": HttpRemote,
    "ftp": FtpRemote,
    "tftp": TftpRemote,
}


async def open_network(url: Url) -> NetRemote:
    """Open a file of a server that is not ours."""
    remote = CLIENTS[url.scheme](url)
    try:
        async with asyncio.timeout(CONNECT_S):
            await remote.open()
    except asyncssh.PermissionDenied:
        raise FetchError(Trouble.LOGIN) from None
    except TimeoutError:
        raise FetchError(Trouble.TIMEOUT) from None
    except ConnectionRefusedError:
        raise FetchError(Trouble.REFUSED) from None
    except (OSError, EOFError, asyncssh.Error):
        raise FetchError(Trouble.IO) from None
    return remote
