"""The engine's API: aiohttp on a Unix socket, one route per method of the contract, and the event stream."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from aiohttp import web

from swim_tui.api.codec import encode_envelope, encode_problem, encode_result, method
from swim_tui.api.contract import CHANGING, Contract, hints
from swim_tui.errors import (
    BadValue,
    ConfigError,
    Conflict,
    EngineError,
    EngineUnavailable,
    NotFound,
    ReadOnly,
    Refused,
    StoreError,
    SwimError,
    VaultError,
    describe,
    exit_code_of,
)
from swim_tui.model.events import Envelope, EventId
from swim_tui.paths import private_dir

log = logging.getLogger(__name__)

READ_ONLY_HEADER = "X-Swim-Read-Only"
HEARTBEAT = b'{"heartbeat":true}\n'
HEARTBEAT_S = 5.0
MAX_BODY_BYTES = 64 * 1024 * 1024  # an inventory of 10,000 devices is about 5 MB
STOP_LIMIT_S = 2.0
_ENCODED_KEPT = 512
_STATUS: tuple[tuple[type[SwimError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (ConfigError, 400),
    (Refused, 403),
    (EngineError, 503),
    (StoreError, 503),
    (VaultError, 503),
)


class Subscription(Protocol):
    """One subscriber's place in the event stream."""

    async def __anext__(self) -> Envelope:
        """The next event, waiting for it; a Resync when the subscriber fell behind; the end when the engine stops."""
        ...

    def close(self) -> None:
        """Leave the stream."""
        ...


class EventSource(Protocol):
    """Where events come from: the engine's hub."""

    def subscribe(self, since: EventId | None) -> Subscription:
        """Join after `since` (None: from now); an unknown epoch or too old a number begins with Resync."""
        ...


def status_of(err: BaseException) -> int:
    """The HTTP status that fits an error."""
    return next((status for kind, status in _STATUS if isinstance(err, kind)), 500)


class ApiServer:
    """Serves one engine on one Unix socket; `clients` counts the event streams that are open."""

    def __init__(
        self,
        service: Contract,
        events: EventSource,
        path: Path,
        *,
        on_clients: Callable[[int], None] = lambda count: None,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._service = service
        self._events = events
        self._path = path
        self._on_clients = on_clients
        self._heartbeat_s = heartbeat_s
        self._encoded: dict[tuple[str, int], bytes] = {}
        self._runner: web.AppRunner | None = None
        self._streams: set[asyncio.Task[object]] = set()
        self.clients = 0
        self.requests = 0

    async def start(self) -> None:
        """Listen; EngineUnavailable when the socket's directory is not ours."""
        listener = _listen(self._path)
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_BODY_BYTES)
        app.router.add_post("/v1/{method}", self._call)
        app.router.add_get("/v1/events", self._stream)
        # No access log: it would hold the names of everything anybody looked at.
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=STOP_LIMIT_S)
        await self._runner.setup()
        await web.SockSite(self._runner, listener).start()

    async def stop(self) -> None:
        """End the streams, answer what is being answered, remove the socket."""
        for task in tuple(self._streams):
            task.cancel()
        if self._runner is not None:
            await self._runner.cleanup()
        self._path.unlink(missing_ok=True)

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """The one boundary: who may talk, and errors into answers."""
        self.requests += 1
        try:
            _check_peer(request)
            return await handler(request)
        except web.HTTPException as err:
            return _answer(NotFound(kind="engine method", name=request.path, detail=f" ({err.reason})"), err.status)
        except SwimError as err:
            return _answer(err, status_of(err))
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as err:
            log.exception("bug in %s", request.path)
            return _answer(err, 500)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        codec = method(name)
        if name in CHANGING and request.headers.get(READ_ONLY_HEADER):
            raise ReadOnly(detail=f"'{name}' changes something")
        arguments = codec.decode_arguments(await request.read())
        result = await getattr(self._service, name)(**arguments)
        pieces = [piece async for piece in encode_result(hints(name)["return"], result)]
        return web.Response(body=b"".join(pieces), content_type="application/json")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        subscription = self._events.subscribe(_since(request))
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        task = asyncio.current_task()
        assert task is not None  # aiohttp runs every handler in a task
        self._streams.add(task)
        self._count(1)
        try:
            await response.prepare(request)
            await response.write(HEARTBEAT)
            await self._pump(subscription, response)
        except (ConnectionError, asyncio.CancelledError):
            log.debug("a subscriber left")
        finally:
            subscription.close()
            self._streams.discard(task)
            self._count(-1)
        return response

    async def _pump(self, subscription: Subscription, response: web.StreamResponse) -> None:
        while True:
            try:
                async with asyncio.timeout(self._heartbeat_s):
                    envelope = await subscription.__anext__()
            except StopAsyncIteration:
                return
            except TimeoutError:
                await response.write(HEARTBEAT)
            else:
                await response.write(self._line(envelope))

    def _line(self, envelope: Envelope) -> bytes:
        """An event is encoded once, however many clients watch."""
        key = (envelope.id.epoch, envelope.id.seq)
        if envelope.event.kind == "resync":
            return encode_envelope(envelope) + b"\n"  # a subscriber's own, not the stream's
        line = self._encoded.get(key)
        if line is None:
            line = encode_envelope(envelope) + b"\n"
            self._encoded[key] = line
            if len(self._encoded) > _ENCODED_KEPT:
                del self._encoded[next(iter(self._encoded))]
        return line

    def _count(self, change: int) -> None:
        self.clients += change
        self._on_clients(self.clients)


def _answer(err: BaseException, status: int) -> web.Response:
    body = encode_problem(describe(err), exit_code_of(err))
    return web.Response(body=body, status=status, content_type="application/json")


def _since(request: web.Request) -> EventId | None:
    epoch, seq = request.query.get("epoch", ""), request.query.get("seq", "")
    if not epoch:
        return None
    if not seq.isdecimal():
        raise BadValue(name="events: seq", value=seq[:80], detail="not a number", allowed="the number of an event")
    return EventId(epoch, int(seq))


def _check_peer(request: web.Request) -> None:
    """Only the owner (and root) may talk, whatever the permissions of the socket have become."""
    peer: socket.socket | None = request.transport.get_extra_info("socket") if request.transport else None
    if peer is None:
        raise ConnectionResetError("the client is gone")
    pid, uid, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    if uid not in (os.getuid(), 0):
        raise Refused(detail=f"process {pid} belongs to another user", action="use an engine of your own")


def _listen(path: Path) -> socket.socket:
    """A listening socket with mode 0600 in a directory that only its owner enters."""
    directory = private_dir(path.parent)
    found = directory.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise EngineUnavailable(
            data_dir=str(path.parent), detail="the socket's directory must be a directory of yours with mode 0700"
        )
    path.unlink(missing_ok=True)  # whoever holds engine.lock owns this path: what lies here is a dead engine's
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with contextlib.ExitStack() as undo:
        undo.callback(listener.close)
        before = os.umask(0o177)
        try:
            listener.bind(os.fspath(path))
        except OSError as err:
            detail = f"cannot listen on {path}: {(err.strerror or str(err)).lower()}"
            raise EngineUnavailable(data_dir=str(path.parent), detail=detail) from None
        finally:
            os.umask(before)
        listener.listen(128)
        listener.setblocking(False)
        undo.pop_all()
    return listener
