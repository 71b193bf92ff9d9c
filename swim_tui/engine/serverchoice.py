"""Which SWIM servers a device of a job may pull from, as planning needs them: with the users of their profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from swim_tui.engine.reach import Membership
from swim_tui.engine.services.serversecrets import ServerSecrets
from swim_tui.engine.services.settings import MAX_PULLS, value_of
from swim_tui.engine.state import State
from swim_tui.errors import NotFound
from swim_tui.model.device import Device, GroupKind
from swim_tui.model.fileserver import OFF, LocalFileServer
from swim_tui.model.image import SoftwareImage
from swim_tui.model.job import JobRequest
from swim_tui.model.secret import Secret
from swim_tui.model.server import LOCAL_SERVER, SSH_PROTOCOLS, ServerProtocol, SwimServer
from swim_tui.planning.sources import candidates
from swim_tui.planning.uploads import Uploads


class ServerBook:
    """The servers of one moment."""

    def __init__(self, state: State, local: LocalFileServer = OFF) -> None:
        self._state = state
        self.local = local
        self._servers = [self._resolved(server) for server in state.tables.servers.all()]
        self._membership = Membership(state.tables.groups.all())

    def check(self, request: JobRequest) -> None:
        """NotFound when the request names a server that is not there."""
        known = {server.name for server in self._servers} | {"", LOCAL_SERVER}
        for name in (request.options.server, *request.server_of.values()):
            if name not in known:
                raise NotFound(kind="SWIM server", name=name, listing="servers list")

    def for_device(self, device: Device, request: JobRequest) -> tuple[SwimServer, ...]:
        """Servers in the order in which this device tries them."""
        wanted = request.server_of.get(device.name, request.options.server)
        return candidates(self._membership.above(GroupKind.LOCATION, device.location), self._servers, wanted)

    def line_of(self, device: Device) -> tuple[str, float]:
        """The server whose budget holds for the line into a device's site, and its bytes a second; ("", 0) = none."""
        for site in self._membership.above(GroupKind.LOCATION, device.location):
            for server in sorted(self._servers, key=lambda s: s.name):
                if site in server.sites and server.mbit_per_s:
                    return server.name, server.mbit_per_s * 125_000
        return "", 0.0

    def uploads(self, images: Sequence[SoftwareImage], rates: dict[str, float]) -> Uploads:
        """What planning needs to plan uploads."""
        return Uploads(
            servers={server.name: server for server in self._servers},
            images=images,
            rates=rates,
            max_pulls=int(value_of(self._state, MAX_PULLS)),
            unproven={server.name for server in self._servers if not self._is_proven(server)},
            scale=self._state.scale,
        )

    def _is_proven(self, server: SwimServer) -> bool:
        """True when the upload logs in as devices do, or every other login was verified. Blocks for the vault."""
        writer = server.writer
        if writer is None:
            return True
        notes = self._state.tables.server_notes.get(server.name)
        verified = {check.protocol for check in notes.checks if check.ok} if notes else set()
        secrets = ServerSecrets(self._state)

        def login(row: ServerProtocol) -> tuple[str, str, Secret]:
            return row.credentials, row.username, secrets.get(server.name, row.protocol)

        others = [row for row in server.protocols if row.has_login and row.protocol not in verified]
        return all(login(row) == login(writer) for row in others)

    def _resolved(self, server: SwimServer) -> SwimServer:
        return replace(server, protocols=tuple(self._with_login(server, row) for row in server.protocols))

    def _with_login(self, server: SwimServer, row: ServerProtocol) -> ServerProtocol:
        """The row with the user of its profile; a jump host without its own login has that of its record."""
        tables = self._state.tables
        name = row.credentials
        if not name and not row.username and server.jump_host and row.protocol in SSH_PROTOCOLS:
            jump = tables.jumps.get(server.jump_host)
            name = jump.credentials if jump else ""
        profile = tables.profiles.get(name) if name else None
        if profile is None:
            return row
        can_type = profile.has_password and not profile.one_time_code
        return replace(row, username=profile.username, has_password=can_type, credentials=name)
