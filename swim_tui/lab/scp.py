"""Legacy SCP as these devices serve it: sink (`scp -t`) and source (`scp -f`), nothing else."""

from __future__ import annotations

import asyncio
import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import asyncssh

from .content import Content, Damaged, Growing, Receiver, Text
from .flash import FileSystem

if TYPE_CHECKING:
    from .sessions import Link

READ_SIZE = 256 * 1024
FULL = "%Error writing {path} (No space left on device)"
MISSING = "%Error opening {path} (No such file or directory)"


class Refusal(Exception):
    """The device says no; the text goes to the client after a \\x01."""


class Sink:
    """One file that is being received."""

    def __init__(self, link: Link, system: FileSystem, name: str, path: str, size: int) -> None:
        self.link = link
        self.system = system
        self.name = name
        self.path = path
        self.size = size
        device = link.device
        self._growing = Growing()
        self.receiver = Receiver(device.services.contents, size)
        system.put(name, self._growing, datetime.now(UTC), device.platform.texts.get("file_perms", "-rw-"))
        faults = device.faults
        drop, stall = faults.take("drop_at"), faults.take("stall_at")
        self.drop_at = int(size * drop.number) if drop else size + 1
        self.stall_at = int(size * stall.number) if stall else size + 1

    def write(self, data: bytes) -> None:
        """Bytes of the file; Refusal when the file system is full (what fitted stays)."""
        device = self.link.device
        free = device.free(self.system)
        if len(data) > free:
            self.receiver.write(data[:free])
            self._growing.size += free
            raise Refusal(FULL.format(path=self.path))
        self.receiver.write(data)
        self._growing.size += len(data)
        device.counters["bytes"] += len(data)

    def finish(self) -> Content:
        """Close the file with what has arrived."""
        content = self.receiver.finish()
        whole = content.size == self.size
        if whole and self.size and self.link.device.faults.take("wrong_hash"):
            content = Damaged(content, self.size // 2)
        if self.name in self.system.files and self.system.files[self.name].content is self._growing:
            self.system.files[self.name].content = content
        self.link.log("scp-end", f"{self.path} {content.size} of {self.size} bytes")
        return content


class ScpSession:
    """One `scp` exec request."""

    def __init__(self, link: Link, channel: asyncssh.SSHServerChannel[bytes], command: str, rate: float) -> None:
        self.link = link
        self.channel = channel
        self.command = command
        self.rate = rate
        self._line = link.device.services.site_line(link.device.spec.location)
        self._buffer = bytearray()
        self._sink: Sink | None = None
        self._left = 0
        self._due = 0.0
        self._event = asyncio.Event()
        self._is_over = False
        self._refused = ""
        self.may_write = asyncio.Event()
        self.may_write.set()

    # -- life ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve the request until the client closes its side."""
        self.link.log("exec", self.command)
        status = 0
        try:
            mode, path = self._arguments()
            self._check_allowed()
            if mode == "-f":
                await self._serve_source(path)
            else:
                await self._serve_sink(path)
        except Refusal as err:
            status = 1
            self.link.log("scp-refused", str(err))
            self._write(b"\x01" + str(err).encode() + b"\n")
        if not self.channel.is_closing():
            self.channel.exit(status)

    def _arguments(self) -> tuple[str, str]:
        words = shlex.split(self.command)[1:]
        modes = [word for word in words if word in ("-t", "-f")]
        paths = [word for word in words if not word.startswith("-")]
        if len(modes) != 1 or len(paths) != 1:
            raise Refusal("scp: unsupported arguments")
        return modes[0], paths[0]

    def _check_allowed(self) -> None:
        device = self.link.device
        # Devices other than IOS name their SCP server otherwise, or have it always.
        feature = device.platform.texts.get("scp_feature", "ip scp server enable")
        if device.faults.has("scp_server_off") or (feature != "always" and not device.running.has(feature)):
            raise Refusal(device.platform.texts.get("scp_refusal", "Administratively disabled."))
        if self.link.privilege < 15:
            raise Refusal("Privilege denied.")

    def eof(self) -> None:
        """The client sends no more, or is gone."""
        self._is_over = True
        self._event.set()
        self.may_write.set()

    def _write(self, data: bytes) -> None:
        if not self.channel.is_closing():
            self.channel.write(data)

    async def _more(self) -> None:
        self._event.clear()
        await self._event.wait()

    # -- sink ------------------------------------------------------------------------------

    async def _serve_sink(self, path: str) -> None:
        self._write(b"\0")
        try:
            while True:
                line = await self._control_line()
                if not line:
                    return
                if line.startswith("T"):
                    self._write(b"\0")
                    continue
                self._open_sink(path, line)
                self._write(b"\0")
                await self._receive()
        finally:
            await self._close_sink()

    async def _control_line(self) -> str:
        while b"\n" not in self._buffer:
            if self._is_over:
                return ""
            await self._more()
        line, _, rest = bytes(self._buffer).partition(b"\n")
        self._buffer[:] = rest
        return line.decode("utf-8", "replace")

    def _open_sink(self, path: str, line: str) -> None:
        parts = line[1:].split(" ", 2)
        if not line.startswith("C") or len(parts) != 3 or not parts[1].isdigit():
            raise Refusal("scp: protocol error")
        found = self.link.device.storage.locate(path)
        if found is None or not found[0].has_sizes or "w" not in found[0].flags:
            raise Refusal(f"%Error opening {path} (No such device)")
        system, prefix, inside = found
        folder = system.files.get(inside)
        if not inside or (folder is not None and folder.is_folder):
            inside = f"{inside}/{parts[2]}".lstrip("/")
        shown = f"{prefix}:/{inside}"
        size = int(parts[1])
        self.link.log("scp-begin", f"{shown} {size} bytes")
        self.link.device.changed()
        self._sink = Sink(self.link, system, inside, shown, size)
        self._left = size

    def data(self, data: bytes) -> None:
        """Bytes from the client: file content is passed on at once, anything else is buffered."""
        if self._sink is None or not self._left or self._is_over:
            self._buffer += data
            self._event.set()
            return
        if len(data) > self._left:
            self._buffer += data[self._left :]
            data = data[: self._left]
        self._take(data)

    def _take(self, data: bytes) -> None:
        sink = self._sink
        assert sink is not None
        done = sink.receiver.received
        if done + len(data) >= sink.drop_at:
            sink.write(data[: sink.drop_at - done])
            self._is_over = True
            self.link.log("scp-dropped", sink.path)
            self.link.wire.reset()
            self._event.set()
            return
        if done + len(data) >= sink.stall_at:
            self.channel.pause_reading()
            data = data[: max(0, sink.stall_at - done)]
        try:
            sink.write(data)
        except Refusal as err:
            self._is_over = True
            self._refused = str(err)
            self._event.set()
            return
        self._left -= len(data)
        if not self._left:
            self._event.set()
        if self.rate or self._line.rate:
            self._slow_down(len(data))

    def _slow_down(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        own = count / self.rate if self.rate else 0.0
        self._due = max(self._due, now - 0.1) + own
        # Everything that goes into the site shares one line.
        wait_s = max(self._due - now, self._line.delay(count))
        if wait_s > 0.01:
            self.channel.pause_reading()
            loop.call_later(wait_s, self._go_on)

    def _go_on(self) -> None:
        sink = self._sink
        if sink is None or sink.receiver.received < sink.stall_at:
            self.channel.resume_reading()

    async def _receive(self) -> None:
        if self._buffer:
            early, self._buffer = bytes(self._buffer), bytearray()
            self.data(early)
        while (self._left or not self._buffer) and not self._is_over:
            await self._more()
        if self._refused:
            raise Refusal(self._refused)
        if self._left or not self._buffer:
            return
        del self._buffer[:1]
        device = self.link.device
        await self._close_sink()
        late = device.faults.take("no_answer_after_last_byte")
        if late is not None:
            await asyncio.sleep(late.number)
        else:
            await asyncio.sleep(device.services.seconds(device.platform.flush_s))
        self._write(b"\0")

    async def _close_sink(self) -> None:
        sink, self._sink = self._sink, None
        if sink is not None:
            await asyncio.shield(asyncio.to_thread(sink.finish))

    # -- source ----------------------------------------------------------------------------

    def _source(self, path: str) -> tuple[str, Content]:
        device = self.link.device
        bare = path.partition(":")[2].strip("/") or path
        if bare in ("running-config", "startup-config"):
            config = device.running if bare == "running-config" else device.startup
            return bare, Text(config.text().encode() if config else b"")
        found = device.storage.locate(path)
        file = found[0].files.get(found[2]) if found else None
        if file is None or file.is_folder:
            raise Refusal(MISSING.format(path=path))
        if isinstance(file.content, Growing):
            raise Refusal(f"%Error opening {path} (Device or resource busy)")
        return file.name.rpartition("/")[2], file.content

    async def _answer(self) -> bool:
        while not self._buffer:
            if self._is_over:
                return False
            await self._more()
        code = self._buffer.pop(0)
        return code == 0

    async def _serve_source(self, path: str) -> None:
        if not await self._answer():
            return
        name, content = self._source(path)
        self.link.log("scp-begin", f"from {path} {content.size} bytes")
        self._write(f"C0644 {content.size} {name}\n".encode())
        if not await self._answer():
            return
        loop = asyncio.get_running_loop()
        for offset in range(0, content.size, READ_SIZE):
            if self._is_over or self.channel.is_closing():
                self.link.log("scp-end", f"from {path} {offset} of {content.size} bytes")
                return
            self._write(content.read(offset, READ_SIZE))
            if self.rate:
                self._due = max(self._due, loop.time()) + READ_SIZE / self.rate
                await asyncio.sleep(max(0.0, self._due - loop.time()))
            await self.may_write.wait()
        self._write(b"\0")
        self.link.log("scp-end", f"from {path} {content.size} of {content.size} bytes")
        await self._answer()
