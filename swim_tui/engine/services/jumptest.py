"""The jump test: log in to each hop once, in a process of its own, as the engine's loop does no SSH."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from swim_tui.engine.services.aside import AsideFailed, QuietObserver, run_aside, serve_aside
from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.hostkeys import TRUSTED, keep_offer
from swim_tui.engine.services.settings import SettingsService
from swim_tui.engine.state import State
from swim_tui.errors import AuthError, BadValue, Conflict, JumpError, NotFound, SwimError, describe
from swim_tui.model.device import JumpHost
from swim_tui.model.endpoint import Endpoint, Hop, HostKey, fingerprint
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
    try:
        return await run_aside(__name__, endpoint, Findings, LIMIT_S)
    except AsideFailed as err:
        raise JumpError(
            address=endpoint.address, port=endpoint.port, hop=endpoint.hops[-1].name, detail=str(err)
        ) from None


def probe_hops(endpoint: object) -> Findings:
    """Log in to each hop in turn."""
    assert isinstance(endpoint, Endpoint)
    from swim_tui.net.hosts import HostBook
    from swim_tui.net.jumps import JumpPool

    pool, observer = JumpPool(HostBook(Path.home() / ".ssh" / "known_hosts")), QuietObserver()
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

    serve_aside(jumptest.probe_hops)
