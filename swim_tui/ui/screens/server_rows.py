"""SWIM servers as rows, and what Verify Credentials found in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from swim_tui.model.server import ServerProtocol, ServerRow, SwimServer
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.times import age
from swim_tui.ui.widgets.columns import Column, TableSpec


@dataclass(frozen=True)
class ServerLine:
    """A SWIM server."""

    row: ServerRow

    @property
    def server(self) -> SwimServer:
        """The server itself."""
        return self.row.server

    @property
    def key(self) -> str:
        """Its name."""
        return self.row.server.name


def protocols_text(server: SwimServer) -> str:
    """`SFTP,SCP`; it is filled by Manage Protocols only."""
    return ",".join(str(row.protocol) for row in server.protocols)


def status(line: ServerLine) -> Cell:
    """What Verify Credentials says of all protocols together."""
    row = line.row
    failed = [str(check.protocol) for check in row.checks if not check.ok]
    passed = [check for check in row.checks if check.ok]
    if row.verifying:
        return Cell("* Verifying", Tone.RUN)
    if not row.server.protocols:
        return Cell("! No protocol", Tone.WAIT)
    if failed:
        return Cell(f"x {','.join(failed)} failed", Tone.FAIL)
    if len(passed) < len(row.server.protocols):
        return Cell("? Not verified", Tone.UNKNOWN)
    return Cell("+ Verified", Tone.OK)


SERVERS = TableSpec[ServerLine](
    "servers",
    (
        Column("name", "Server Name", 14, lambda r: Cell(r.server.name), 1, "n"),
        Column("address", "IP Address", 15, lambda r: Cell(r.server.address), 2, "i"),
        Column("protocols", "Active Protocols", 16, lambda r: Cell(protocols_text(r.server)), 2, "p"),
        Column("sites", "Sites Served", 14, lambda r: Cell(", ".join(r.server.sites)), 3, "s", flex=True),
        Column("status", "Status", 15, status, 1, "t"),
        Column("description", "Description", 24, lambda r: Cell(r.server.description), 4, "d"),
        Column("images", "Images there", 12, lambda r: Cell(str(len(r.row.images) or "")), 6, "m", right=True),
        Column("jump", "Jump hosts", 14, lambda r: Cell(r.server.jump_host or " > ".join(r.server.jump)), 5, "j"),
    ),
    attention=lambda r: status(r).tone in (Tone.FAIL, Tone.WAIT),
    sort="name",
    empty="No SWIM server is defined. n adds one.\n\n"
    "Images go to every device from this machine (Local File Server).\n\n"
    "A SWIM server serves the devices of its location groups: the image is copied to it once, and the devices pull "
    "from it. It is worth it for many devices, several sites, or a slow line; not for a few devices at one site.\n\n"
    "Put devices into location groups first (: groups).",
)


def login_text(protocol: ServerProtocol) -> str:
    """The user, or the profile that stands for it."""
    return f"profile {protocol.credentials}" if protocol.credentials else protocol.username or "nobody"


def details(line: ServerLine, now: datetime) -> str:
    """The server, each protocol, and what its last verification said."""
    server = line.server
    checks = {check.protocol: check for check in line.row.checks}
    facts = [
        ("Server Name", server.name),
        ("IP Address", server.address),
        ("For devices", server.device_address),
        ("Sites Served", ", ".join(server.sites)),
        ("Description", server.description),
        ("Jump hosts", " > ".join(server.jump)),
        ("Is jump host", server.jump_host),
        ("Pulls at once", str(server.max_pulls) if server.max_pulls else ""),
        ("Budget", f"{server.mbit_per_s:g} Mbit/s" if server.mbit_per_s else ""),
        ("Images there", ", ".join(line.row.images)),
    ]
    lines = [f"{label.ljust(14)} {text}" for label, text in facts if text]
    for protocol in server.protocols:
        check = checks.get(protocol.protocol)
        word = "? not verified" if check is None else "+ ok" if check.ok else "x failed"
        lines += ["", f"{protocol.protocol}  port {protocol.real_port}  {login_text(protocol)}  {word}"]
        if protocol.home:
            lines.append(f"Protocol Home Directory  {protocol.home}")
        if check is not None:
            lines.append(f"{check.detail}  ({age(check.at, now)})")
        if check is not None and check.problem is not None:
            if check.problem.message != check.detail:
                lines.append(f"What failed  {check.problem.message}")
            lines += [f"What to do   {check.problem.remedy}"] if check.problem.remedy else []
    if not server.protocols:
        lines += ["", "No protocol yet: m Manage Protocols"]
    return "\n".join(lines)
