"""The jump test: log in to each hop once, in a process of its own, as the engine's loop does no SSH.

`python -m swim_tui.engine.services.jumptest` reads a pickled Endpoint on stdin (its secrets never are arguments) and
answers with pickled findings on stdout.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.hostkeys import TRUSTED, keep_offer
from swim_tui.engine.services.settings import SettingsService
from swim_tui.engine.state import State
from swim_tui.errors import AuthError, BadValue, Conflict, JumpError, NotFound, SwimError, describe
from swim_tui.model.device import JumpHost
from swim_tui.model.endpoint import Endpoint, Hop, HostKey, fingerprint
from swim_tui.model.phase import Direction
from swim_tui.model.secret import Login
from swim_tui.model.views import HopReport

LIMIT_S = 90.0


@dataclass(frozen=True)
class Findings:
    """What the process found."""

    hops: tuple[HopReport, ...]
    learned: tuple[HostKey, ...] = ()
    refused_profile: str = ""


class JumpTester:
    """Tests the chain to a jump host of one engine."""

    def __init__(self, state: State, credentials: CredentialsService, settings: SettingsService) -> None:
        self._state = state
        self._credentials = credentials
        self._settings = settings

    async def __call__(self, name: str) -> list[HopReport]:
        """One report per hop, up to the first that fails; a refused login parks its profile."""
        endpoint = await asyncio.to_thread(self._endpoint, name)
        findings = await _in_process(endpoint)
        for key in findings.learned:
            kept = replace(key, origin=TRUSTED, at=self._state.clock.now())
            await asyncio.wrap_future(self._state.tables.host_keys.put(kept))
        for report in findings.hops:
            if report.problem is not None:
                keep_offer(self._state, report.problem)
        if findings.refused_profile:
            await self._credentials.park(findings.refused_profile, f"jump host {name} refused its login")
        return list(findings.hops)

    def _endpoint(self, name: str) -> Endpoint:
        hops = tuple(Hop(jump.name, jump.address, jump.port, self._login(jump)) for jump in self._chain(name))
        return Endpoint(
            device="",
            address=hops[-1].address,
            port=hops[-1].port,
            login=hops[-1].login,
            hops=hops,
            known_hosts=tuple(self._state.tables.host_keys.all()),
            host_keys=self._settings.host_key_policy(),
        )

    def _chain(self, name: str) -> list[JumpHost]:
        """The jump hosts on the way, first hop first."""
        chain: list[JumpHost] = []
        while name and name not in (jump.name for jump in chain):
            jump = self._state.tables.jumps.get(name)
            if jump is None:
                raise NotFound(kind="jump host", name=name, listing="jumps list")
            chain.insert(0, jump)
            name = jump.via
        return chain

    def _login(self, jump: JumpHost) -> Login:
        if not jump.credentials:
            raise BadValue(
                name=f"jump host {jump.name}",
                value="",
                detail="it has no credentials",
                allowed="a profile: --credentials",
            )
        profile = self._state.tables.profiles.get(jump.credentials)
        if profile is not None and profile.parked:
            raise Conflict(
                detail=f"credential profile '{profile.name}' is parked: {profile.parked_reason}",
                action=f"confirm it first: swim-tui credentials add {profile.name}",
            )
        if profile is not None and profile.one_time_code:
            raise Conflict(
                detail=f"jump host {jump.name} asks for a one-time code, which a test cannot ask for",
                action="sync a device behind it: the code is asked there",
            )
        return self._credentials.login(jump.credentials)


async def _in_process(endpoint: Endpoint) -> Findings:
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
            answer, _ = await process.communicate(pickle.dumps(endpoint))
    except TimeoutError:
        process.kill()
        await process.wait()
        raise JumpError(
            address=endpoint.address,
            port=endpoint.port,
            hop=endpoint.hops[-1].name,
            detail=f"no end after {LIMIT_S:g} s",
        ) from None
    if process.returncode != 0:
        raise JumpError(
            address=endpoint.address, port=endpoint.port, hop=endpoint.hops[-1].name, detail="the test itself failed"
        )
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


def probe_hops(endpoint: Endpoint) -> Findings:
    """Log in to each hop in turn."""
    from swim_tui.net.hosts import HostBook
    from swim_tui.net.jumps import JumpPool

    pool, observer = JumpPool(HostBook(Path.home() / ".ssh" / "known_hosts")), _Observer()
    reports: list[HopReport] = []
    refused = ""
    for count, hop in enumerate(endpoint.hops, 1):
        address = f"{hop.address}:{hop.port}"
        try:
            transport = pool.transport(replace(endpoint, hops=endpoint.hops[:count]), observer)
        except SwimError as err:
            reports.append(HopReport(hop.name, address, ok=False, problem=describe(err)))
            refused = hop.login.profile if isinstance(err, AuthError) else ""
            break
        shown = fingerprint(transport.get_remote_server_key().asbytes())
        reports.append(HopReport(hop.name, address, ok=True, fingerprint=shown, algorithms=transport.algorithms()))
    pool.close()
    return Findings(tuple(reports), tuple(observer.learned), refused)


if __name__ == "__main__":
    # Under its own name, so that what is pickled here is what the engine knows.
    from swim_tui.engine.services import jumptest

    sys.stdout.buffer.write(pickle.dumps(jumptest.probe_hops(pickle.loads(sys.stdin.buffer.read()))))
