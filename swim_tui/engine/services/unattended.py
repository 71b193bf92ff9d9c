"""Jobs that run when nobody is there: what a person would have to do for them at their start."""

from __future__ import annotations

from collections.abc import Iterable

from swim_tui.engine.pool import code_key
from swim_tui.engine.reach import Membership, jump_chain
from swim_tui.engine.runner import Runner
from swim_tui.engine.services.request import devices_of
from swim_tui.engine.services.settings import DEFAULT_PROFILE, value_of
from swim_tui.engine.state import State
from swim_tui.engine.vaultkey import PASSPHRASE
from swim_tui.errors import Conflict, NotFound
from swim_tui.model.device import Device, JumpHost
from swim_tui.model.job import JobRequest, JobType, RecurKind


class Unattended:
    """Looks at the ways of a job's devices."""

    def __init__(self, state: State, runner: Runner) -> None:
        self._state = state
        self._runner = runner

    def check(self, request: JobRequest) -> str:
        """Refuse a later job whose way asks a code that nobody will type; else what it will need, in words."""
        is_attended = request.schedule.at is None and request.schedule.recur is RecurKind.NONE
        if is_attended or request.type is JobType.COLLECTION:
            return ""
        devices = devices_of(self._state, request.devices, request.groups)
        ways, held = _Ways(self._state), self._runner.held()
        for device in devices:
            asking = ways.asks_code(device)
            if asking is None or (isinstance(asking, JumpHost) and code_key(asking.address, asking.port) in held):
                continue
            who = f"jump host {asking.name}" if isinstance(asking, JumpHost) else "it"
            way = f"swim-tui devices sync {device.name} --wait"
            raise Conflict(
                detail=f"{device.name}: {who} asks for a one-time code, and nobody is there at that time",
                action=f"open the connection now, it is then kept for the job: {way}; or let it log in with a key",
            )
        return self._needs(ways, devices)

    def keep_connections(self) -> None:
        """Have the runner keep the connections that jobs to come rely on."""
        ways = _Ways(self._state)
        wanted: set[str] = set()
        for job in self._state.tables.jobs.all() if ways.asking else ():
            if job.next_run_at is None:
                continue
            try:
                devices = devices_of(self._state, job.request.devices, job.request.groups)
            except NotFound:  # said when it starts
                continue
            hops = (ways.asks_code(device) for device in devices)
            wanted |= {code_key(hop.address, hop.port) for hop in hops if isinstance(hop, JumpHost)}
        self._runner.keep(frozenset(wanted))

    def _needs(self, ways: _Ways, devices: Iterable[Device]) -> str:
        """What else it cannot do without: an agent, an unlocked vault."""
        needs = []
        if self._state.vault.kind == PASSPHRASE:
            needs.append("after a restart of the engine somebody must unlock the vault first")
        for name in sorted({ways.profile(device) for device in devices}):
            profile = self._state.tables.profiles.get(name)
            if profile is not None and profile.use_agent and not profile.key_file:
                needs.append(f"profile '{name}' needs the SSH agent of an attached client then")
        return "; ".join(needs)


class _Ways:
    """How devices are reached, looked at once for many of them."""

    def __init__(self, state: State) -> None:
        tables = state.tables
        self.asking = {profile.name for profile in tables.profiles.all() if profile.one_time_code}
        self._jumps = {jump.name: jump for jump in tables.jumps.all()}
        self._membership = Membership(tables.groups.all())
        self._default = value_of(state, DEFAULT_PROFILE)

    def profile(self, device: Device) -> str:
        """The profile that logs in to a device."""
        return self._membership.profile_of(device, self._default)

    def asks_code(self, device: Device) -> JumpHost | Device | None:
        """The first server on the way, or the device itself, that asks for a code."""
        try:
            chain = jump_chain(device.jump, self._jumps)
        except NotFound:  # said by the plan
            return None
        asking = next((jump for jump in chain if jump.credentials in self.asking), None)
        return asking or (device if self.profile(device) in self.asking else None)
