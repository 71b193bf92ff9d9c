"""Software Image Management Servers: the table, their protocols and credentials, Verify Credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any

from swim_tui.engine.records import ServerNotes
from swim_tui.engine.services.inventory_checks import check_rows, known
from swim_tui.engine.services.serversecrets import ServerSecrets
from swim_tui.engine.state import State
from swim_tui.errors import BadValue, Conflict, NotFound, Refused
from swim_tui.model.events import InventoryChanged
from swim_tui.model.job import SERVER_TASK, JobStatus
from swim_tui.model.options import Protocol
from swim_tui.model.secret import NO_SECRET, Secret
from swim_tui.model.server import DEFAULT_PORTS, NO_TFTP, ServerCheck, ServerProtocol, ServerRow, SwimServer

Verify = Callable[[SwimServer, list[Protocol]], Awaitable[tuple[ServerCheck, ...]]]


class ServerService:
    """The SWIM servers of one engine."""

    def __init__(self, state: State, verify: Verify) -> None:
        self._state = state
        self._tables = state.tables
        self._verify = verify
        self._secrets = ServerSecrets(state)
        self._verifying: set[str] = set()

    async def servers(self) -> list[ServerRow]:
        """Every server, by name."""
        return [self._row(server) for server in sorted(self._tables.servers.all(), key=lambda s: s.name)]

    async def save_server(self, server: SwimServer, old_name: str = "") -> SwimServer:
        """Add a server, or change one (`old_name` when it is renamed); its protocols stay as they are."""
        before = self._tables.servers.get(old_name or server.name)
        if old_name and before is None:
            raise NotFound(kind="SWIM server", name=old_name, listing="servers list")
        is_renamed = bool(old_name) and old_name != server.name
        if is_renamed and server.name in self._tables.servers:
            raise Conflict(detail=f"SWIM server '{server.name}' exists already", action="choose another name")
        fresh = replace(server, protocols=before.protocols if before else ())
        self._check(fresh)
        if before is not None:
            self._refuse_used([before.name])
        if is_renamed:
            await self._secrets.move(old_name, server.name, [row.protocol for row in fresh.protocols])
        notes = self._tables.server_notes.get(old_name or server.name)
        puts: list[tuple[Any, Any]] = [(self._tables.servers, fresh)]
        if notes is not None:
            puts.append((self._tables.server_notes, replace(notes, server=server.name)))
        gone = [(table, old_name) for table in (self._tables.servers, self._tables.server_notes) if is_renamed]
        await asyncio.wrap_future(self._state.db.batch(puts, gone))
        self._changed()
        return fresh

    async def set_server_protocol(
        self,
        server: str,
        protocol: Protocol,
        port: int = 0,
        username: str = "",
        password: str = "",
        home: str = "",
        credentials: str = "",
    ) -> SwimServer:
        """Add or change a protocol; an empty password keeps the one there is while the user stays the same."""
        held = self._get(server)
        if protocol is Protocol.TFTP:
            raise Refused(detail=NO_TFTP, action="choose SFTP, SCP, HTTPS, HTTP or FTP")
        self._refuse_used([server])
        before = held.protocol(protocol)
        keeps = not password and before is not None and before.username == username and before.has_password
        row = ServerProtocol(
            protocol=protocol,
            port=0 if port == DEFAULT_PORTS[protocol] else port,
            username=username,
            has_password=not credentials and (bool(password) or keeps),
            credentials=credentials,
            home=home if home == "/" else home.rstrip("/"),
        )
        _check_login(server, row, is_jump=bool(held.jump_host))
        fresh = replace(held, protocols=_with_row(held.protocols, row))
        self._check(fresh)
        if credentials or not keeps:
            await self._secrets.put(server, protocol, NO_SECRET if credentials else Secret(password))
        return await self._keep(fresh, protocol)

    async def remove_server_protocol(self, server: str, protocol: Protocol) -> SwimServer:
        """Remove a protocol with its password."""
        held = self._get(server)
        if held.protocol(protocol) is None:
            raise NotFound(kind=f"protocol of {server}", name=str(protocol), listing="servers list")
        self._refuse_used([server])
        fresh = replace(held, protocols=tuple(row for row in held.protocols if row.protocol is not protocol))
        kept = await self._keep(fresh, protocol)
        await self._secrets.put(server, protocol, NO_SECRET)
        return kept

    async def verify_server(self, name: str, protocol: str = "") -> ServerRow:
        """Log in with one protocol or all, write, read back and delete a probe file; the result is kept."""
        server = self._get(name)
        wanted = [row.protocol for row in server.protocols if not protocol or row.protocol == protocol.upper()]
        if protocol and not wanted:
            raise NotFound(kind=f"protocol of {name}", name=protocol, listing="servers list")
        if name in self._verifying:
            raise Conflict(detail=f"SWIM server '{name}' is being verified", action="wait for the result")
        self._verifying.add(name)
        self._changed()
        try:
            found = await self._verify(server, wanted)
        finally:
            self._verifying.discard(name)
            self._changed()
        notes = self._tables.server_notes.get(name) or ServerNotes(name)
        kept = [check for check in notes.checks if check.protocol not in wanted]
        order = [row.protocol for row in server.protocols]
        checks = sorted([*kept, *found], key=lambda c: order.index(c.protocol) if c.protocol in order else 99)
        await asyncio.wrap_future(self._tables.server_notes.put(replace(notes, checks=tuple(checks))))
        self._changed()
        return self._row(server)

    async def remove_servers(self, names: list[str]) -> None:
        """Remove servers that no job uses, with their passwords."""
        servers = [self._get(name) for name in names]
        self._refuse_used(names)
        tables = self._tables
        gone = [(table, name) for name in names for table in (tables.servers, tables.server_notes)]
        await asyncio.wrap_future(self._state.db.batch([], gone))
        for server in servers:
            for row in server.protocols:
                await self._secrets.put(server.name, row.protocol, NO_SECRET)
        self._changed()

    # --- helpers ---

    def _row(self, server: SwimServer) -> ServerRow:
        notes = self._tables.server_notes.get(server.name) or ServerNotes(server.name)
        return ServerRow(server, notes.checks, server.name in self._verifying, tuple(sorted(notes.images)))

    def _get(self, name: str) -> SwimServer:
        server = self._tables.servers.get(name)
        if server is None:
            raise NotFound(kind="SWIM server", name=name, listing="servers list")
        return server

    async def _keep(self, server: SwimServer, changed: Protocol) -> SwimServer:
        """Store the server; what was verified of the changed protocol does not hold any more."""
        notes = self._tables.server_notes.get(server.name) or ServerNotes(server.name)
        checks = tuple(check for check in notes.checks if check.protocol is not changed)
        puts: list[tuple[Any, Any]] = [
            (self._tables.servers, server),
            (self._tables.server_notes, replace(notes, checks=checks, images={})),
        ]
        await asyncio.wrap_future(self._state.db.batch(puts))
        self._changed()
        return server

    def _refuse_used(self, names: list[str]) -> None:
        """A running task that uses it, or a job to come that names it, keeps a server as it is."""
        for name in names:
            run = self._state.busy.get(f"{SERVER_TASK}{name}")
            if run is None:
                run = next((r for device, r in self._state.busy.items() if self._uses(r, device, name)), None)
            if run is not None:
                raise Conflict(
                    detail=f"SWIM server '{name}' is used by run {run}",
                    action=f"wait for it, or cancel it: swim-tui jobs cancel {run}",
                )
            for job in self._tables.jobs.all():
                named = {job.request.options.server, *job.request.server_of.values()}
                if name in named and job.status in (JobStatus.SCHEDULED, JobStatus.RUNNING, JobStatus.PAUSED):
                    raise Conflict(
                        detail=f"SWIM server '{name}' is named by job {job.id} ({job.name})",
                        action=f"cancel that job first: swim-tui jobs cancel {job.id}",
                    )

    def _uses(self, run: str, device: str, server: str) -> bool:
        task = self._tables.tasks.get(f"{run}/{device}")
        return task is not None and task.server == server

    def _check(self, server: SwimServer) -> None:
        """The checks that an inventory file with this server would pass."""
        row = {key: value for key, value in asdict(server).items() if key != "protocols"}
        rows = [{k: v for k, v in asdict(p).items() if k != "has_password"} for p in server.protocols]
        problems = check_rows({"servers": [{**row, "protocols": rows}]}, known(self._state))
        if problems:
            words = "; ".join(problems)
            raise BadValue(name="SWIM server", value=server.name, detail=words, allowed="what the problem names")

    def _changed(self) -> None:
        self._state.hub.publish(InventoryChanged())


def _with_row(rows: tuple[ServerProtocol, ...], fresh: ServerProtocol) -> tuple[ServerProtocol, ...]:
    if any(row.protocol is fresh.protocol for row in rows):
        return tuple(fresh if row.protocol is fresh.protocol else row for row in rows)
    return (*rows, fresh)


def _check_login(server: str, row: ServerProtocol, *, is_jump: bool) -> None:
    if row.credentials and row.username:
        raise BadValue(
            name=f"{row.protocol} of {server}",
            value=row.username,
            detail="a user and a credential profile are both given",
            allowed="one of the two",
        )
    needs = row.protocol in (Protocol.SCP, Protocol.SFTP) and not is_jump
    if needs and not row.has_login:
        raise BadValue(
            name=f"{row.protocol} of {server}", value="", detail="it has no user", allowed="a user, or a profile"
        )
