"""Takes a remote file into a flash file system, at the pace and with the faults of the device."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .content import Damaged, Growing, Receiver
from .fetch import FetchError, Remote, Trouble
from .flash import FileSystem
from .throttle import Throttle, take

if TYPE_CHECKING:
    from .device import Device
    from .terminal import Terminal

UP = ("up", "ending")
# What a protocol gains or loses against SCP, whose cipher costs the old CPUs most of their time.
FACTORS = {"scp": 1.0, "sftp": 1.0, "ftp": 4.0, "http": 4.0, "https": 3.0, "tftp": 0.7}


class WriteError(Exception):
    """The flash refuses; the text is the reason in brackets."""


class Download:
    """One file on its way to a device; it lives as long as the device, not as long as the session."""

    def __init__(self, device: Device, remote: Remote, system: FileSystem, name: str, scheme: str) -> None:
        self.device = device
        self.remote = remote
        self.system = system
        self.name = name
        self.received = 0
        self.on_bytes: Callable[[int], None] = lambda count: None
        size = remote.size
        self._receiver = Receiver(device.services.contents, size)
        self._growing = Growing()
        self._pace = [*remote.throttles(), Throttle(pull_rate(device, scheme))]
        faults = device.faults
        self._drop = self._at("drop_at", size)
        self.is_unanswered = 0 < size <= self._drop < 1 << 62  # everything came, but nobody will hear of it
        self._drop = 1 << 62 if self.is_unanswered else self._drop
        self._stall = self._at("stall_at", size)
        self._read_error = faults.take("copy_read_error")
        self._write_error = faults.take("copy_write_error")
        self._started = asyncio.get_running_loop().time()
        perms = device.platform.texts.get("file_perms", "-rw-")
        system.put(name, self._growing, datetime.now(UTC), perms)
        device.changed()
        for counter in ("pulls", "pull_bytes"):
            device.counters.setdefault(counter, 0)
        device.counters["pulls"] += 1
        device.log("pull-begin", f"{system.prefix}:{name} {size} bytes")

    def _at(self, name: str, size: int) -> int:
        fault = self.device.faults.take(name)
        return int(max(size, 0) * fault.number) if fault else 1 << 62

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return max(0.001, asyncio.get_running_loop().time() - self._started)

    async def run(self) -> None:
        """Receive everything; FetchError or WriteError leave a short file with the final name."""
        self.device.storage.writers += 1
        try:
            async for piece in self.remote.pieces():
                await self._write(piece)
            if 0 <= self.remote.size != self.received:
                raise FetchError(Trouble.IO)
        finally:
            self.device.storage.writers -= 1
            await self.remote.close()
            self._finish()

    async def _write(self, piece: bytes) -> None:
        device = self.device
        await take(self._pace, len(piece))
        if device.phase.value not in UP:
            raise FetchError(Trouble.IO)
        if self._read_error and self.received + len(piece) >= self.remote.size / 2:
            raise FetchError(Trouble.TIMEOUT)
        if self._write_error and self.received + len(piece) >= self.remote.size / 2:
            raise WriteError(self._write_error.value)
        if self.received + len(piece) >= self._drop:
            raise FetchError(Trouble.TIMEOUT)
        if self.received + len(piece) >= self._stall:
            device.log("pull-stalled", self.name)
            await asyncio.Event().wait()
        free = device.free(self.system)
        self._receiver.write(piece[:free])
        count = min(len(piece), free)
        self._growing.size += count
        self.received += count
        device.counters["bytes"] += count
        device.counters["pull_bytes"] += count
        if count < len(piece):
            raise WriteError("No space left on device")
        self.on_bytes(count)

    def _finish(self) -> None:
        content = self._receiver.finish()
        is_whole = self.remote.size in (-1, content.size)
        if is_whole and content.size and self.device.faults.take("wrong_hash"):
            content = Damaged(content, content.size // 2)
        file = self.system.files.get(self.name)
        if file is not None and file.content is self._growing:
            file.content = content
        self.device.log("pull-end", f"{self.system.prefix}:{self.name} {content.size} of {self.remote.size} bytes")


def pull_rate(device: Device, scheme: str) -> float:
    """Bytes per second the device itself can take; 0 is unlimited."""
    fault = device.faults.get("slow")
    if fault is not None:
        return fault.number
    if device.spec.pull_bytes_s >= 0:
        return device.services.rate(device.spec.pull_bytes_s)
    return device.services.rate(device.platform.scp_bytes_s * FACTORS.get(scheme, 1.0))


async def watched(download: Download, term: Terminal, *, ends_with_session: bool = False) -> None:
    """Run a download while somebody watches: Ctrl-C ends it, the loss of the session usually does not."""
    task = download.device.start_task(download.run())
    # Nobody may be left to hear of an error.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    keys = asyncio.get_running_loop().create_task(term.wait(1e9))
    try:
        await asyncio.wait({task, keys}, return_when=asyncio.FIRST_COMPLETED)
        if keys.done() and not task.done():
            error = keys.exception()
            if ends_with_session or type(error).__name__ == "Aborted":
                task.cancel()
                await asyncio.wait({task})
            if error is not None:
                raise error
        await task
    finally:
        keys.cancel()
        if not keys.done():
            await asyncio.wait({keys})
