"""Verify Credentials of a SWIM server: log in, write, read back, delete, in a process of its own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from swim_tui.engine.services.aside import AsideFailed, QuietObserver, run_aside, serve_aside
from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.hostkeys import TRUSTED, keep_offer
from swim_tui.engine.services.serverways import ServerWays
from swim_tui.engine.services.settings import SettingsService
from swim_tui.engine.state import State
from swim_tui.errors import AuthError, BadValue, Conflict, ServerError, SwimError, describe
from swim_tui.model.endpoint import HostKey
from swim_tui.model.options import Protocol
from swim_tui.model.server import ServerCheck, ServerWay, SwimServer

LIMIT_S = 120.0


@dataclass(frozen=True)
class Look:
    """What the process is asked: ways to probe, and the one that writes where HTTP only reads."""

    ways: tuple[ServerWay, ...]
    writer: ServerWay | None


@dataclass(frozen=True)
class Findings:
    """What the process found."""

    checks: tuple[ServerCheck, ...]
    learned: tuple[HostKey, ...] = ()
    refused_profile: str = ""


class ServerVerifier:
    """Verifies servers of one engine."""

    def __init__(self, state: State, credentials: CredentialsService, settings: SettingsService) -> None:
        self._state = state
        self._credentials = credentials
        self.ways = ServerWays(state, credentials, settings)

    async def __call__(self, server: SwimServer, protocols: list[Protocol]) -> tuple[ServerCheck, ...]:
        """One check for each protocol, in the order of the server; a refused login parks its profile."""
        ways, writer = await asyncio.to_thread(self._ways, server, protocols)
        try:
            findings = await run_aside(__name__, Look(tuple(ways), writer), Findings, LIMIT_S)
        except AsideFailed as err:
            raise ServerError(server=server.name, detail=str(err)) from err
        for key in findings.learned:
            kept = replace(key, origin=TRUSTED, at=self._state.clock.now())
            await asyncio.wrap_future(self._state.tables.host_keys.put(kept))
        for check in findings.checks:
            if check.problem is not None:
                keep_offer(self._state, check.problem)
        if findings.refused_profile in self._state.tables.profiles:
            await self._credentials.park(findings.refused_profile, f"SWIM server {server.name} refused its login")
        return findings.checks

    def _ways(self, server: SwimServer, protocols: list[Protocol]) -> tuple[list[ServerWay], ServerWay | None]:
        if not protocols:
            raise BadValue(
                name=f"SWIM server {server.name}",
                value="",
                detail="it has no protocol yet",
                allowed="one first: swim-tui servers protocol add",
            )
        rows = [row for row in server.protocols if row.protocol in protocols]
        asks = [jump.name for jump in self.ways.chain(server) if self._asks_code(jump.credentials)]
        if asks:
            raise Conflict(
                detail=f"jump host {asks[0]} asks for a one-time code, which a verification cannot ask for",
                action="distribute to one device of its site: the code is asked there",
            )
        writer = server.writer
        return [self.ways.way(server, row) for row in rows], self.ways.way(server, writer) if writer else None

    def _asks_code(self, name: str) -> bool:
        profile = self._state.tables.profiles.get(name)
        return profile is not None and profile.one_time_code


def verify(asked: object) -> Findings:
    """Probe each way of a Look; after a refused login the same login is not tried again."""
    from swim_tui.net.servers import probe_way
    from swim_tui.net.service import SshNet

    assert isinstance(asked, Look)
    net, observer = SshNet(Path.home() / ".ssh" / "known_hosts"), QuietObserver()
    checks: list[ServerCheck] = []
    refused: dict[tuple[str, str], AuthError] = {}
    profile = ""
    for way in asked.ways:
        who = (way.login.username, way.login.password.reveal())
        try:
            if who in refused:
                raise refused[who]
            said = probe_way(net, way, asked.writer, observer)
            checks.append(ServerCheck(way.row.protocol, True, said, datetime.now(UTC)))
        except SwimError as err:
            if isinstance(err, AuthError) and not err.hop:
                refused[who] = err
            profile = profile or (err.profile if isinstance(err, AuthError) else "")
            problem = describe(err)
            checks.append(ServerCheck(way.row.protocol, False, problem.message, datetime.now(UTC), problem))
    net.close()
    return Findings(tuple(checks), tuple(observer.learned), profile)


if __name__ == "__main__":
    # Under its own name, so that what is pickled here is what the engine knows.
    from swim_tui.engine.services import serververify

    serve_aside(serververify.verify)
