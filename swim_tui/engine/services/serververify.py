"""Verify Credentials of a SWIM server: log in, write, read back, delete, in a process of its own.

`python -m swim_tui.engine.services.serververify` reads pickled ways on stdin (their secrets never are arguments) and
answers with pickled findings on stdout.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.hostkeys import TRUSTED, keep_offer
from swim_tui.engine.services.serverways import ServerWays
from swim_tui.engine.services.settings import SettingsService
from swim_tui.engine.state import State
from swim_tui.errors import AuthError, BadValue, Conflict, ServerError, SwimError, describe
from swim_tui.model.endpoint import HostKey
from swim_tui.model.options import Protocol
from swim_tui.model.phase import Direction
from swim_tui.model.server import ServerCheck, ServerWay, SwimServer

LIMIT_S = 120.0


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
        findings = await _in_process(server.name, ways, writer)
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


async def _in_process(server: str, ways: list[ServerWay], writer: ServerWay | None) -> Findings:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            answer, _ = await process.communicate(pickle.dumps((ways, writer)))
    except TimeoutError:
        process.kill()
        await process.wait()
        raise ServerError(server=server, detail=f"no end after {LIMIT_S:g} s") from None
    if process.returncode != 0:
        raise ServerError(server=server, detail="the verification itself failed")
    found = pickle.loads(answer)
    assert isinstance(found, Findings)
    return found


class _Observer:
    """Hears the keys that are learned; nobody is asked."""

    def __init__(self) -> None:
        self.learned: list[HostKey] = []

    def line(self, direction: Direction, text: str, *, changes: bool = False) -> None:
        """Nothing is typed."""

    def host_key(self, key: HostKey, fingerprint: str) -> None:
        """A key was trusted on first use."""
        self.learned.append(key)

    def cancelled(self) -> bool:
        """The process is ended from outside."""
        return False

    def one_time_code(self, hop: str, prompt: str) -> str | None:
        """Nobody is there."""
        return None


def verify(ways: list[ServerWay], writer: ServerWay | None) -> Findings:
    """Probe each way; after a refused login the same login is not tried again."""
    from swim_tui.net.servers import probe_way
    from swim_tui.net.service import SshNet

    net, observer = SshNet(Path.home() / ".ssh" / "known_hosts"), _Observer()
    checks: list[ServerCheck] = []
    refused: dict[tuple[str, str], AuthError] = {}
    profile = ""
    for way in ways:
        who = (way.login.username, way.login.password.reveal())
        try:
            if who in refused:
                raise refused[who]
            said = probe_way(net, way, writer, observer)
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

    sys.stdout.buffer.write(pickle.dumps(serververify.verify(*pickle.loads(sys.stdin.buffer.read()))))
