"""Pulls from the Local File Server: the engine as one more server, with a login or a token that lasts for one run."""

from __future__ import annotations

from swim_tui.model.fileserver import LOCAL_PULL, LOCAL_USER, STANDARD_PORTS, LocalFileServer
from swim_tui.model.options import Protocol
from swim_tui.model.server import ServerProtocol, SwimServer
from swim_tui.packs.pack import Support
from swim_tui.planning.situation import Situation

TOKEN = "***"
"""Stands in a planned address where the token of the run will be typed."""

_BY_TOKEN = (Protocol.HTTP, Protocol.HTTPS, Protocol.TFTP)


def as_server(local: LocalFileServer) -> SwimServer:
    """The engine as the server that a copy line names."""
    return SwimServer(LOCAL_PULL, local.address, (), protocols=tuple(_row(local, p) for p in local.protocols))


def _row(local: LocalFileServer, protocol: Protocol) -> ServerProtocol:
    port = local.port(protocol)
    port = 0 if port == STANDARD_PORTS[protocol] else port
    if protocol in _BY_TOKEN:
        return ServerProtocol(protocol, port, home=TOKEN)
    return ServerProtocol(protocol, port, LOCAL_USER, has_password=True)


def rows(s: Situation) -> tuple[tuple[tuple[SwimServer, ServerProtocol], ...], list[str]]:
    """What this device can pull with from the engine, in the job's order; why the rest is passed over."""
    if not s.local.is_on or Support.EXTERNAL_SERVER not in s.pack.supports:
        return (), []
    server = as_server(s.local)
    found: list[tuple[SwimServer, ServerProtocol]] = []
    reasons: list[str] = []
    for protocol in s.options.protocol_order:
        row = server.protocol(protocol)
        against = _against(s, protocol, row)
        if row is None or against:
            reasons.append(f"{LOCAL_PULL}: pull by {protocol} passed over, {against}")
        else:
            found.append((server, row))
    return tuple(found), reasons


def _against(s: Situation, protocol: Protocol, row: ServerProtocol | None) -> str:
    if protocol not in s.pack.protocols:
        return f"not supported by {s.pack.title}"
    if row is None:
        return "it is not switched on (setting file_server.protocols)"
    if protocol is Protocol.TFTP and row.port:
        return f"devices ask TFTP on port {STANDARD_PORTS[protocol]} only"
    if s.device.vrf and not (s.pack.copy.is_vrf_in_url or s.pack.copy.pull_vrf):
        return f"no way to name the VRF {s.device.vrf}"
    if s.device.vrf and s.pack.copy.is_vrf_in_url and protocol in (Protocol.SCP, Protocol.SFTP):
        return f"no VRF can be named in an {protocol.lower()} URL ({s.device.vrf})"
    return ""
