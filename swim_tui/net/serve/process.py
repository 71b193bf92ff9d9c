"""The process: listens as it is told on stdin, ends when that closes."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import ssl
import sys
import threading
from pathlib import Path

from swim_tui.model.options import Protocol
from swim_tui.net.serve.certificate import certificate
from swim_tui.net.serve.messages import (
    SSH,
    Done,
    Failed,
    Message,
    Publish,
    Ready,
    Setup,
    Withdraw,
    decode,
    encode,
)
from swim_tui.net.serve.shelf import Shelf

_PR_SET_PDEATHSIG = 1
_NICE = 5


class Process:
    """One file server."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._lock = threading.Lock()
        self._folder = Path(setup.folder)
        self.shelf = Shelf(Path(setup.shelf), self.say)

    def say(self, message: Message) -> None:
        """One line to the engine, from any thread."""
        with self._lock, contextlib.suppress(OSError):
            os.write(1, encode(message))

    async def start(self) -> bool:
        """Listen on everything; False when something cannot be (that was said)."""
        ports: dict[str, int] = {}
        for name, port in self._setup.ports.items():
            shared = next((ports[other] for other in SSH if other in ports), 0) if name in SSH else 0
            try:
                ports[name] = shared or await self._listen(name, port)
            except OSError as err:
                self.say(Failed(name, port, err.strerror or str(err)))
                return False
        self.say(Ready(ports))
        return True

    async def _listen(self, name: str, port: int) -> int:
        """Start one side; what it needs is loaded only when it is on."""
        setup, bind = self._setup, self._setup.bind
        if name in (Protocol.HTTP, Protocol.HTTPS):
            from swim_tui.net.serve.web import WebServer

            web = WebServer(self.shelf)
            tls = await asyncio.to_thread(self._tls) if name == Protocol.HTTPS else None
            return await web.listen(bind, port, tls)
        if name in SSH:
            from swim_tui.net.serve.ssh import SshServer

            return await SshServer(self.shelf, self._folder, legacy=setup.legacy).listen(bind, port)
        if name == Protocol.FTP:
            from swim_tui.net.serve.ftp import FtpSide

            return FtpSide(self.shelf).listen(bind, port, setup.address)
        from swim_tui.net.serve.tftp import TftpSide

        return await asyncio.to_thread(TftpSide(self.shelf).listen, bind, port)

    def _tls(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate(self._folder, self._setup.address))
        if self._setup.legacy:
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
        return context

    def take(self, message: Message) -> None:
        """A Publish or a Withdraw."""
        if isinstance(message, Publish):
            self.shelf.publish(message)
            self.say(Done(message.lease))
        elif isinstance(message, Withdraw):
            self.shelf.withdraw(message.lease)
            self.say(Done(message.lease))


async def _run() -> int:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    first = decode(await reader.readline())
    assert isinstance(first, Setup), "Setup comes first"
    process = Process(first)
    if not await process.start():
        return 1
    while line := await reader.readline():
        process.take(decode(line))
    return 0


def main() -> int:
    """Run until stdin closes; then end at once, whatever is on its way."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o077)
    os.nice(_NICE)
    code = asyncio.run(_run())
    os._exit(code)  # threads of servers may hold a transfer: the engine has already stopped caring
