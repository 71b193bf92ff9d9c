"""From a SWIM server of the inventory to the way a worker, or a device, logs in to it. Blocks for the vault."""

from __future__ import annotations

from swim_tui.engine.reach import server_chain
from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.serversecrets import ServerSecrets
from swim_tui.engine.services.settings import SettingsService
from swim_tui.engine.state import State
from swim_tui.errors import SERVER_LOGIN, BadValue, Conflict, NotFound
from swim_tui.model.device import JumpHost
from swim_tui.model.endpoint import Endpoint, Hop, host_place
from swim_tui.model.options import Protocol
from swim_tui.model.secret import Login
from swim_tui.model.server import SSH_PROTOCOLS, ServerProtocol, ServerWay, SwimServer

_SSH_PORT = 22


def hop_of(jump: JumpHost, credentials: CredentialsService) -> Hop:
    """A jump host with its login; BadValue when it has none. Blocks for the vault."""
    if not jump.credentials:
        raise BadValue(
            name=f"jump host {jump.name}",
            value="",
            detail="it has no credentials",
            allowed=f"a profile: swim-tui jumps add {jump.name} {jump.address} --credentials PROFILE",
        )
    login = credentials.login(jump.credentials)
    return Hop(jump.name, jump.address, jump.port, login, jump.method, jump.template)


class ServerWays:
    """Builds ways with credentials in memory."""

    def __init__(self, state: State, credentials: CredentialsService, settings: SettingsService) -> None:
        self._state = state
        self._credentials = credentials
        self._settings = settings
        self._secrets = ServerSecrets(state)

    def get(self, name: str) -> SwimServer:
        """The server; NotFound when there is none."""
        server = self._state.tables.servers.get(name)
        if server is None:
            raise NotFound(kind="SWIM server", name=name, listing="servers list")
        return server

    def way(self, server: SwimServer, row: ServerProtocol) -> ServerWay:
        """How the engine's side reaches one protocol of it."""
        hops = tuple(self._hop(jump) for jump in self.chain(server))
        port = row.real_port if row.protocol in (Protocol.SCP, Protocol.SFTP) else _SSH_PORT
        names = tuple(hop.name for hop in hops)
        places = [host_place(hop.address, hop.port, names[:count]) for count, hop in enumerate(hops)]
        places.append(host_place(server.address, port, names))
        keys = (self._state.tables.host_keys.get(place) for place in places)
        endpoint = Endpoint(
            device=server.name,
            address=server.address,
            port=port,
            login=self.login(server, row),
            hops=hops,
            known_hosts=tuple(key for key in keys if key is not None),
            host_keys=self._settings.host_key_policy(),
            trust_epoch=self._state.trust_epoch,
        )
        return ServerWay(server.name, row, endpoint)

    def login(self, server: SwimServer, row: ServerProtocol) -> Login:
        """User and password of one protocol; a jump host without its own has those of its record."""
        profile = row.credentials
        if not profile and not row.username and server.jump_host and row.protocol in SSH_PROTOCOLS:
            jump = self._state.tables.jumps.get(server.jump_host)
            profile = jump.credentials if jump else ""
        if profile:
            self._refuse_parked(profile)
            return self._credentials.login(profile)
        return Login(
            profile=f"{SERVER_LOGIN}{server.name}",
            username=row.username,
            password=self._secrets.get(server.name, row.protocol),
        )

    def chain(self, server: SwimServer) -> tuple[JumpHost, ...]:
        """The jump hosts on the way; to a jump host itself those before it."""
        return server_chain(server, {jump.name: jump for jump in self._state.tables.jumps.all()})

    def profiles_of(self, name: str) -> frozenset[str]:
        """The credential profiles that an upload to a server logs in with."""
        server = self._state.tables.servers.get(name)
        if server is None:
            return frozenset()
        try:
            chain = self.chain(server)
        except NotFound:  # said when the phase is built
            chain = ()
        own = server.writer.credentials if server.writer else ""
        return frozenset(filter(None, (own, *(jump.credentials for jump in chain))))

    def _hop(self, jump: JumpHost) -> Hop:
        self._refuse_parked(jump.credentials)
        return hop_of(jump, self._credentials)

    def _refuse_parked(self, name: str) -> None:
        profile = self._state.tables.profiles.get(name)
        if profile is not None and profile.parked:
            raise Conflict(
                detail=f"credential profile '{name}' is parked: {profile.parked_reason}",
                action=f"confirm it first: swim-tui credentials confirm {name}",
            )
