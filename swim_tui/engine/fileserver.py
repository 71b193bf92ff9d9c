"""The Local File Server in time: its process runs while a run needs it, and each run has a lease of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from swim_tui.engine.seams import PhaseOrder
from swim_tui.engine.state import State
from swim_tui.errors import FileServerError
from swim_tui.model.fileserver import LOCAL_PULL, LOCAL_USER, LocalFileServer
from swim_tui.model.image import SoftwareImage
from swim_tui.model.options import Protocol
from swim_tui.model.plan import OpKind, Phase
from swim_tui.model.secret import Secret
from swim_tui.net.serve.messages import Done, Failed, Message, Publish, Ready, Sent, Setup, Withdraw, decode, encode
from swim_tui.paths import private_dir

log = logging.getLogger(__name__)
START_LIMIT_S = 30.0
_BY_TOKEN = frozenset({Protocol.HTTP, Protocol.HTTPS, Protocol.TFTP})


@dataclass
class _Lease:
    """What one run may have: secrets live in memory only, and end with the engine."""

    password: Secret
    token: Secret
    is_open: bool = False

    def terms(self, run: str) -> Publish:
        """What the process is told."""
        return Publish(run, LOCAL_USER, self.password.reveal(), self.token.reveal(), self.is_open)


def served_to(state: State, order: PhaseOrder) -> tuple[list[SoftwareImage], bool]:
    """What the engine serves to a device in a phase, and whether its boot loader may fetch it.

    An activation with a TFTP fallback gets what the device runs: FileServerError when the repository lost it.
    """
    plan, tables = order.plan, state.tables
    if plan is None:
        return [], False
    if order.phase is Phase.DISTRIBUTE and order.server == LOCAL_PULL:
        ids = plan.image_ids or (plan.image_id,)
        return [image for id in ids if (image := tables.images.get(id)) is not None], False
    name = next((op.path for op in plan.of_phase(order.phase) if op.kind is OpKind.REMOVE_FALLBACK), "")
    if not name:
        return [], False
    found = [image for image in tables.images.all() if image.file_name == name]
    own = [image for image in found if image.source == f"backup of {order.device}"]
    if not found:
        raise FileServerError(detail=f"{name} is not in the repository, it cannot be the fallback")
    return [(own or found)[-1]], True


class FileServer:
    """The file server of one engine; its methods are called on the loop."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._folder = state.paths.root / "fileserver"
        self._shelf = state.paths.images / "serving"  # beside the content: hard links need the same file system
        self._leases: dict[str, _Lease] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._started: LocalFileServer | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._lock = asyncio.Lock()
        self.ports: Mapping[str, int] = {}
        self.sent: list[Sent] = []

    async def lease(
        self, run: str, settings: LocalFileServer, images: Iterable[SoftwareImage], *, is_open: bool = False
    ) -> None:
        """Serve these images to this run; FileServerError when that cannot be.

        `is_open`: a boot loader may fetch them by TFTP by their plain names.
        """
        async with self._lock:
            await self._start(settings)
            held = self._leases.setdefault(run, _Lease(Secret(secrets.token_hex(8)), Secret(secrets.token_hex(16))))
            held.is_open = held.is_open or is_open
            wanted = {image.file_name: self._state.repository.path_of(image) for image in images}
            await asyncio.to_thread(_link, self._shelf / run, wanted)
            await self._tell(held.terms(run), run)

    def secret(self, run: str, protocol: Protocol) -> Secret:
        """What a device of the run types for this protocol: the password, or the token in the address."""
        held = self._leases.get(run)
        if held is None:
            raise FileServerError(detail="the run has no lease")
        return held.token if protocol in _BY_TOKEN else held.password

    async def withdraw(self, run: str) -> None:
        """The run is over; with the last one the process ends."""
        async with self._lock:
            if self._leases.pop(run, None) is None:
                return
            if self._process is not None:
                with contextlib.suppress(FileServerError):
                    await self._tell(Withdraw(run), run)
            await asyncio.to_thread(shutil.rmtree, self._shelf / run, ignore_errors=True)
            if not self._leases:
                await self._end()

    async def begin(self) -> None:
        """Forget what an engine that was killed had on its shelf: its links would keep deleted images on the disk."""
        await asyncio.to_thread(shutil.rmtree, self._shelf, ignore_errors=True)

    async def stop(self) -> None:
        """End it, whatever is on its way."""
        async with self._lock:
            self._leases.clear()
            await self._end()
            await asyncio.to_thread(shutil.rmtree, self._shelf, ignore_errors=True)

    # --- the process ---

    async def _start(self, settings: LocalFileServer) -> None:
        if self._process is not None and self._started == settings:
            return
        if self._process is not None and self._leases and self._started != settings:
            raise FileServerError(detail="its settings changed while a run uses it; let the run end first")
        await self._end()
        for folder in (self._folder, self._shelf):
            await asyncio.to_thread(private_dir, folder)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "swim_tui.net.serve",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        ports = {protocol.value: settings.port(protocol) for protocol in settings.protocols}
        setup = Setup(
            settings.address,
            settings.bind or settings.address,
            ports,
            str(self._folder),
            str(self._shelf),
            settings.legacy,
        )
        try:
            async with asyncio.timeout(START_LIMIT_S):
                await self._write(setup)
                answer = await self._read()
        except TimeoutError:
            answer = None
        if not isinstance(answer, Ready):
            await self._end()
            raise FileServerError(detail=_why(answer))
        self.ports, self._started = answer.ports, settings
        self._reading = asyncio.create_task(self._listen())
        for run, held in self._leases.items():  # it ended unexpectedly under them
            await self._tell(held.terms(run), run)

    async def _end(self) -> None:
        process, self._process, self._started = self._process, None, None
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(5.0):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _tell(self, message: Publish | Withdraw, run: str) -> None:
        """Send, and wait until it holds."""
        done = self._waiting[run] = asyncio.get_running_loop().create_future()
        try:
            await self._write(message)
            async with asyncio.timeout(START_LIMIT_S):
                await done
        except TimeoutError:
            raise FileServerError(detail="its process does not answer") from None
        finally:
            self._waiting.pop(run, None)

    async def _write(self, message: Message) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(encode(message))
            await self._process.stdin.drain()
        except OSError as err:
            raise FileServerError(detail="its process has ended") from err

    async def _read(self) -> Message | None:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        return decode(line) if line else None

    async def _listen(self) -> None:
        while (message := await self._read()) is not None:
            if isinstance(message, Done):
                waiting = self._waiting.get(message.lease)
                if waiting is not None and not waiting.done():
                    waiting.set_result(None)
            elif isinstance(message, Sent):
                log.info("%s sent %s to %s: %d bytes", message.protocol, message.name, message.peer, message.size_bytes)
                self.sent = [*self.sent[-99:], message]
        self._process = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(FileServerError(detail="its process has ended"))
        if self._leases:
            self._state.notify("error", "the Local File Server ended unexpectedly; the next copy starts it again")


def _why(answer: Message | None) -> str:
    if isinstance(answer, Failed):
        return f"it cannot listen for {answer.protocol} on port {answer.port}: {answer.detail.lower()}"
    return "its process did not start"


def _link(folder: Path, files: Mapping[str, Path]) -> None:
    private_dir(folder)
    for name, content in files.items():
        path = folder / name
        if path.exists() and path.stat().st_ino == content.stat().st_ino:
            continue
        part = folder / f".{name}.new"
        part.unlink(missing_ok=True)
        os.link(content, part)
        part.replace(path)
