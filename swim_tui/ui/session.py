"""The line to the engine: connect, snapshot, follow the stream, come back after a loss."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from swim_tui.api.contract import Contract
from swim_tui.clock import Clock, SystemClock
from swim_tui.errors import EngineUnavailable, NotFound, SwimError, describe
from swim_tui.model.events import EngineChanged, Envelope, Event, EventId
from swim_tui.model.views import DeviceRow, Hello
from swim_tui.ui.mirror import Changes, Mirror
from swim_tui.ui.pump import EventPump

_RETRY_S = (0.5, 1.0, 2.0, 5.0)
_FEW_DEVICES = 20
_REFETCH_S = 1.0


class Source(Protocol):
    """A connected client of the engine: the contract's methods and the event stream."""

    api: Contract

    def events(self, since: EventId | None = None, *, reconnect: bool = True) -> AsyncIterator[Envelope]:
        """Events after an id; a Resync comes first if that id is not known any more."""
        ...

    async def close(self) -> None:
        """Let the connection go."""
        ...


class Listener(Protocol):
    """Who is told: the app."""

    def engine_state(self, state: str) -> None:
        """`connecting`, `ok` or `lost`."""
        ...

    def greeted(self, hello: Hello) -> None:
        """The engine said who it is."""
        ...

    def changed(self, changes: Changes) -> None:
        """The mirror is newer than the screen."""
        ...

    def problem(self, sentence: str) -> None:
        """Something a person should read."""
        ...


class Session:
    """Owns the client and the mirror."""

    def __init__(
        self, connect: Callable[[], Awaitable[Source]], listener: Listener, clock: Clock | None = None
    ) -> None:
        self._connect = connect
        self._listener = listener
        self._clock = clock or SystemClock()
        self._client: Source | None = None
        self._at: EventId | None = None
        self._lost: SwimError | None = None  # why there is no client
        self._was_connected = False
        self._refetches: dict[str, asyncio.Task[None]] = {}
        self._due: set[str] = set()  # what must be fetched, told since the last fetch of it began
        self._stale: set[str] = set()  # names of devices to fetch
        self._all_stale = False
        self._opened: set[str] = set()  # runs whose tasks are held
        self._peeked = ""
        self.mirror = Mirror()

    @property
    def client(self) -> Contract:
        """The contract of the connected engine; EngineUnavailable while there is none."""
        if self._client is None:
            raise (self._lost or EngineUnavailable(detail="not connected yet")).with_traceback(None)
        return self._client.api

    @property
    def is_connected(self) -> bool:
        """Whether calls can be made."""
        return self._client is not None

    async def run(self) -> None:
        """Stay connected until cancelled; each reason why there is no engine is told once."""
        attempt, told = 0, ""
        while True:
            try:
                await self._once()
                reason, self._lost = "the engine closed the connection", None
            except (SwimError, OSError) as err:
                self._lost = err if isinstance(err, SwimError) else None
                reason = describe(err).one_line() if isinstance(err, SwimError) else str(err)
            if self._was_connected:
                attempt, told = 0, ""
            if reason != told:
                self._listener.problem(reason)
                told = reason
            self._listener.engine_state("lost")
            await self._drop()
            await self._clock.sleep(_RETRY_S[min(attempt, len(_RETRY_S) - 1)])
            attempt += 1

    async def _once(self) -> None:
        self._was_connected = False
        self._client = await self._connect()
        self._was_connected, self._lost = True, None
        status = await self._client.api.status()
        self._listener.greeted(status.hello)
        counts = EngineChanged(
            status.clients,
            status.running_tasks,
            status.waiting_tasks,
            status.failed_tasks,
            status.hello.vault_locked,
            status.jumps,
        )
        self._listener.changed(self.mirror.apply([counts]))
        await self.snapshot()
        self._listener.engine_state("ok")
        pump: EventPump[Event] = EventPump(self._apply, clock=self._clock)
        await pump.run(self._stream(self._client))

    async def _stream(self, client: Source) -> AsyncIterator[Event]:
        async for envelope in client.events(self._at, reconnect=False):
            self._at = envelope.id
            yield envelope.event

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(SwimError, OSError):
                await client.close()

    async def close(self) -> None:
        """End of the session."""
        for task in self._refetches.values():
            task.cancel()
        await self._drop()

    async def snapshot(self) -> None:
        """Take everything that is held again; the stream goes on from there."""
        dashboard, jobs = await self.client.dashboard(), await self.client.jobs()
        self.mirror.take_jobs(jobs)
        self.mirror.take_dashboard(dashboard)
        self._at = jobs.at
        if self.mirror.has_devices:
            self.mirror.take_devices((await self.client.inventory()).devices)
        if self.mirror.has_images:
            self.mirror.take_images(await self.client.images())
        self.mirror.take_questions(await self.client.questions())
        for run_id in list(self.mirror.tasks):
            with contextlib.suppress(SwimError):
                self.mirror.take_run(await self.client.run(run_id))
        self._listener.changed(Changes(resync=True))

    async def peek_run(self, run_id: str) -> None:
        """Hold the device tasks of a run until another one is peeked at, or for good if a page opens it."""
        if self._peeked != run_id:
            if self._peeked not in self._opened:
                self.mirror.tasks.pop(self._peeked, None)
            self._peeked = run_id
        if run_id not in self.mirror.tasks:
            self.mirror.take_run(await self.client.run(run_id))

    async def open_run(self, run_id: str) -> None:
        """Hold the device tasks of a run from now on."""
        self._opened.add(run_id)
        if run_id not in self.mirror.tasks:
            self.mirror.take_run(await self.client.run(run_id))

    async def load_devices(self) -> None:
        """Hold all devices from now on."""
        if not self.mirror.has_devices:
            self.mirror.take_devices((await self.client.inventory()).devices)

    async def load_images(self) -> None:
        """Hold all images from now on."""
        if not self.mirror.has_images:
            self.mirror.take_images(await self.client.images())

    # --- events ---

    def _apply(self, events: Sequence[Event]) -> None:
        changes = self.mirror.apply(events)
        if changes.resync:
            self._soon("snapshot", self.snapshot)
        if changes.inventory and self.mirror.has_devices:
            self._stale |= changes.devices
            self._all_stale |= changes.all_devices
            self._soon("devices", self._refetch_devices)
        if changes.repository and self.mirror.has_images:
            self._soon("images", self._refetch_images)
        final = any(row.run.status.is_final for key in changes.runs if (row := self.mirror.runs.get(key)) is not None)
        if changes.repository or changes.inventory or changes.settings or final:
            self._soon("dashboard", self._refetch_dashboard)
        if changes.questions:
            self._soon("questions", self._refetch_questions)
        self._listener.changed(changes)

    def _soon(self, name: str, fetch: Callable[[], Awaitable[None]]) -> None:
        """Fetch once shortly, however many events ask for it; what is told during a fetch is fetched after it."""
        self._due.add(name)
        running = self._refetches.get(name)
        if running is None or running.done():
            self._refetches[name] = asyncio.get_running_loop().create_task(self._later(name, fetch))

    async def _later(self, name: str, fetch: Callable[[], Awaitable[None]]) -> None:
        while name in self._due:
            await self._clock.sleep(_REFETCH_S)
            self._due.discard(name)
            try:
                await fetch()
            except EngineUnavailable:
                return  # `run` tells, and takes everything anew with the next connection
            except (SwimError, OSError) as err:
                self._listener.problem(describe(err).one_line())

    async def _refetch_devices(self) -> None:
        names, self._stale = sorted(self._stale), set()
        everything, self._all_stale = self._all_stale or len(names) > _FEW_DEVICES, False
        rows = None if everything else await self._rows(names)
        if rows is None:
            self.mirror.take_devices((await self.client.inventory()).devices)
            self._listener.changed(Changes(all_devices=True))
        else:
            self.mirror.devices.update({row.name: row for row in rows})
            self._listener.changed(Changes(devices=set(names)))

    async def _rows(self, names: Sequence[str]) -> list[DeviceRow] | None:
        """A few devices, each asked for; None when one of them was removed in the meantime."""
        try:
            return [(await self.client.device(name)).row for name in names]
        except NotFound:
            return None

    async def _refetch_images(self) -> None:
        self.mirror.take_images(await self.client.images())
        self._listener.changed(Changes(repository=True))

    async def _refetch_questions(self) -> None:
        self.mirror.take_questions(await self.client.questions())
        self._listener.changed(Changes(questions=True))

    async def _refetch_dashboard(self) -> None:
        self.mirror.take_dashboard(await self.client.dashboard())
        self._listener.changed(Changes(settings=True))
