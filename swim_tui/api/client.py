"""The client of the engine: a typed proxy of the contract, and the event stream; aiohttp is imported on connecting."""

from __future__ import annotations

import asyncio
import functools
import getpass
import importlib
import os
from collections.abc import AsyncGenerator, Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

import swim_tui
from swim_tui.api.contract import Contract, contract_hash, methods
from swim_tui.errors import DataDirInUse, EngineMismatch, EngineUnavailable, RemoteError, SwimError
from swim_tui.model.events import Envelope, EventId, Resync
from swim_tui.model.views import Hello
from swim_tui.paths import DataPaths

if TYPE_CHECKING:
    import aiohttp

READ_ONLY_HEADER = "X-Swim-Read-Only"
SILENCE_LIMIT_S = 20.0  # the engine sends a heartbeat every 5 s
RECONNECT_FIRST_S = 0.1
RECONNECT_LAST_S = 3.0


def whoami() -> str:
    """The Unix user and, over SSH, where he comes from: what a job, cancel or consent is signed with."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    origin = (os.environ.get("SSH_CLIENT") or "").split(" ")[0]
    return f"{user} from {origin}" if origin else user


class EngineClient:
    """A connection to the engine of one data directory; `api` is the contract, `events` the stream.

    Errors of calls: RemoteError with the engine's own Problem, EngineUnavailable when nothing answers.
    """

    def __init__(self, data_dir: Path, read_only: bool = False) -> None:
        self.data_dir = data_dir
        self.read_only = read_only
        self.api: Contract = cast(Contract, _Proxy(self._call))
        self.greeting: Hello | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def connect(self) -> Hello:
        """Greet the engine: EngineUnavailable when none answers, EngineMismatch when it is another version."""
        await self.open()
        try:
            return await self.hello()
        except BaseException:
            await self.close()
            raise

    async def open(self) -> None:
        """Make ready to call an engine of whatever version: only to stop it."""
        if self._session is None:
            # In a thread: the import takes 0.3 s, and the UI has painted its frame already.
            aiohttp = await asyncio.to_thread(importlib.import_module, "aiohttp")
            headers = {READ_ONLY_HEADER: "1"} if self.read_only else {}
            connector = aiohttp.UnixConnector(path=os.fspath(DataPaths(self.data_dir).socket()), limit=0)
            no_limit = aiohttp.ClientTimeout(total=None)  # a preview of 1,000 devices takes as long as it takes
            self._session = aiohttp.ClientSession(connector=connector, headers=headers, timeout=no_limit)

    async def close(self) -> None:
        """End the connection; the engine goes on."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def hello(self) -> Hello:
        """The engine's greeting, compared with what this program is."""
        try:
            hello = await self.api.hello(os.environ.get("SSH_AUTH_SOCK", ""))
        except (RemoteError, ValueError):  # an engine so different that its greeting cannot be read
            raise EngineMismatch(
                data_dir=str(self.data_dir), engine_version="?", client_version=swim_tui.__version__
            ) from None
        if hello.contract != contract_hash():
            theirs, ours = hello.version, swim_tui.__version__
            if theirs == ours:
                theirs, ours = f"{theirs} ({hello.contract})", f"{ours} ({contract_hash()})"
            raise EngineMismatch(data_dir=str(self.data_dir), engine_version=theirs, client_version=ours)
        self.greeting = hello
        return hello

    async def events(self, since: EventId | None = None, *, reconnect: bool = True) -> AsyncGenerator[Envelope, None]:
        """Events after `since` (None: from now), as they happen.

        With `reconnect` a lost stream is taken up again where it stopped; the engine sends Resync where it cannot.
        Without it the stream ends with EngineUnavailable.
        """
        delay = RECONNECT_FIRST_S
        while True:
            try:
                async for envelope in self._stream(since):
                    since, delay = envelope.id, RECONNECT_FIRST_S
                    yield envelope
                lost = EngineUnavailable(data_dir=str(self.data_dir), detail="it ended the event stream")
            except EngineUnavailable as err:
                lost = err
            if not reconnect or self._session is None:
                raise lost
            await asyncio.sleep(delay)
            delay = min(delay * 2, RECONNECT_LAST_S)

    async def _stream(self, since: EventId | None) -> AsyncGenerator[Envelope, None]:
        from aiohttp import ClientError, ClientTimeout

        from swim_tui.api.codec import decode_envelope

        query = {"epoch": since.epoch, "seq": str(since.seq)} if since else {}
        silence = ClientTimeout(total=None, sock_read=SILENCE_LIMIT_S)
        try:
            async with self._open().get("http://engine/v1/events", params=query, timeout=silence) as response:
                if response.status != 200:
                    raise _remote(await response.read())
                buffer = b""
                async for chunk in response.content.iter_any():
                    *lines, buffer = (buffer + chunk).split(b"\n")
                    for line in lines:
                        if line and not line.startswith(b'{"heartbeat"'):
                            yield decode_envelope(line)
        except (ClientError, TimeoutError, OSError) as err:
            raise self._unavailable(err) from None

    async def _call(self, name: str, arguments: dict[str, Any]) -> Any:
        from aiohttp import ClientError

        from swim_tui.api.codec import method

        codec = method(name)
        body = codec.encode_arguments(arguments)
        try:
            async with self._open().post(
                f"http://engine/v1/{name}", data=body, headers={"Content-Type": "application/json"}
            ) as response:
                answer = await response.read()
        except (ClientError, TimeoutError, OSError) as err:
            raise self._unavailable(err) from None
        if response.status != 200:
            raise _remote(answer)
        return codec.decode_result(answer)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise EngineUnavailable(data_dir=str(self.data_dir), detail="this client is closed")
        return self._session

    def _unavailable(self, err: BaseException) -> EngineUnavailable:
        cause: BaseException = err.os_error if hasattr(err, "os_error") else err
        words = {
            FileNotFoundError: "none is running",
            ConnectionRefusedError: "it is not running any more",
            TimeoutError: "it is silent",
        }
        detail = next((text for kind, text in words.items() if isinstance(cause, kind)), "the connection was lost")
        return EngineUnavailable(data_dir=str(self.data_dir), detail=detail)


class _Proxy:
    """Has every method of the contract; each binds its arguments as declared and sends them."""

    def __init__(self, call: Callable[[str, dict[str, Any]], Coroutine[Any, Any, Any]]) -> None:
        for name in methods():
            setattr(self, name, functools.partial(self._send, call, name))

    @staticmethod
    async def _send(
        call: Callable[[str, dict[str, Any]], Coroutine[Any, Any, Any]], name: str, /, *args: Any, **kwargs: Any
    ) -> Any:
        signature = methods()[name]
        arguments = dict(signature.bind(None, *args, **kwargs).arguments)
        arguments.pop("self")
        if "by" in signature.parameters and not arguments.get("by"):
            arguments["by"] = whoami()
        return await call(name, arguments)


def _remote(answer: bytes) -> SwimError:
    from swim_tui.api.codec import decode_problem

    problem, exit_code = decode_problem(answer)
    return RemoteError(problem=problem, remote_exit_code=exit_code)


async def connect_or_start(
    data_dir: Path,
    *,
    read_only: bool = False,
    scale: float = 1.0,
    environment: str = "",
    exit_when_idle_s: float = 0.0,
    lifeline: int | None = None,
) -> EngineClient:
    """A client of the data directory's engine, which is started first if none runs (as tmux does).

    Errors: EngineMismatch; EngineUnavailable with the engine's own words when it does not start.
    """
    from swim_tui.api.launch import Launch, launch

    client = EngineClient(data_dir, read_only)
    try:
        await client.connect()
        return client
    except EngineUnavailable:
        pass
    order = Launch(data_dir, scale, environment, exit_when_idle_s, lifeline)
    for last_try in (False, True):
        try:
            await asyncio.to_thread(launch, order)
        except DataDirInUse:
            if last_try:
                raise
        if await _answers(client):
            return client
    raise EngineUnavailable(data_dir=str(data_dir), detail="it started and ended at once")


async def _answers(client: EngineClient) -> bool:
    """True when the engine answers; another client may have started it a moment ago, so its lock decides."""
    from swim_tui.api.launch import is_locked

    while True:
        try:
            await client.connect()
            return True
        except EngineUnavailable:
            if not is_locked(client.data_dir):
                return False
            await asyncio.sleep(0.05)


__all__ = ["EngineClient", "Resync", "connect_or_start", "whoami"]
