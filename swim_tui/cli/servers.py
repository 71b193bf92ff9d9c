"""servers: file servers that get an image once, and that the devices of their sites pull it from."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from swim_tui.cli.app import App, CommandGroup, common_options, pass_app
from swim_tui.cli.output import confirm, emit, is_terminal, moment, table, tell
from swim_tui.errors import BadValue, ConsentMissing
from swim_tui.model.options import Protocol
from swim_tui.model.server import NO_TFTP, SwimServer

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.server import ServerRow

_PROTOCOLS = click.Choice([p.value for p in Protocol], case_sensitive=False)


@click.group(cls=CommandGroup)
@common_options
def servers() -> None:
    """SWIM servers: add, list, verify, remove; their protocols. Passwords go to the vault and never come back."""


@servers.command("add")
@click.argument("name")
@click.argument("address")
@click.option("--site", "sites", multiple=True, required=True, help="Location group that it serves; at least one.")
@click.option("--description", default="")
@click.option("--jump", "jump", multiple=True, help="Jump host on the way from here; several in order.")
@click.option("--jump-host", default="", help="The jump host that it is: its login is used.")
@click.option("--device-address", default="", help="What devices call it, if that is another address.")
@click.option("--max-pulls", type=click.IntRange(0, 1000), default=0, help="Pulls at once; 0 = the setting.")
@click.option("--mbit", "mbit_per_s", type=click.FloatRange(0), default=0.0, help="Budget of uploads in Mbit/s.")
@click.option("--rename-from", "old_name", default="", help="Its name so far.")
@common_options
@pass_app
def add_server(
    app: App, name: str, address: str, sites: tuple[str, ...], description: str, jump: tuple[str, ...], jump_host: str,
    device_address: str, max_pulls: int, mbit_per_s: float, old_name: str,
) -> None:  # fmt: skip
    """Add a server, or change one; its protocols stay. Then: servers protocol add."""
    wanted = SwimServer(
        name=name,
        address=address,
        sites=sites,
        description=description,
        jump=jump,
        jump_host=jump_host,
        device_address=device_address,
        max_pulls=max_pulls,
        mbit_per_s=mbit_per_s,
    )

    async def work(client: EngineClient) -> SwimServer:
        return await client.api.save_server(wanted, old_name)

    server = app.with_engine(work)
    more = "" if server.protocols else f"; give it a protocol: swim-tui servers protocol add {name} SFTP --username U"
    emit(server) if app.as_json else tell(f"SWIM server '{name}' is known{more}")


@servers.command("list")
@common_options
@pass_app
def list_servers(app: App) -> None:
    """List servers with what was last verified."""

    async def work(client: EngineClient) -> list[ServerRow]:
        return await client.api.servers()

    found = app.with_engine(work)
    if app.as_json:
        emit(found)
        return
    rows = [
        (
            row.server.name,
            row.server.address,
            ",".join(p.protocol for p in row.server.protocols),
            ", ".join(row.server.sites),
            _state(row),
            row.server.description,
        )
        for row in found
    ]
    columns = ("server name", "address", "active protocols", "sites served", "status", "description")
    table(columns, rows, empty="no SWIM servers; swim-tui servers add --help")


def _state(row: ServerRow) -> str:
    if row.verifying:
        return "verifying"
    if not row.checks:
        return "not verified"
    bad = [check.protocol for check in row.checks if not check.ok]
    return f"failed: {','.join(bad)}" if bad else f"verified {moment(max(c.at for c in row.checks))}"


@servers.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME...]")
@click.option("--protocol", type=_PROTOCOLS, default=None, help="Only this one.")
@common_options
@pass_app
def verify_servers(app: App, names: tuple[str, ...], protocol: str | None) -> int:
    """Log in to servers (without a name to all), write, read back and delete a probe file with every protocol."""

    async def work(client: EngineClient) -> list[ServerRow]:
        wanted = names or tuple(row.server.name for row in await client.api.servers())
        return [await client.api.verify_server(name, protocol or "") for name in wanted]

    found = app.with_engine(work)
    checks = [(row.server.name, check) for row in found for check in row.checks]
    if app.as_json:
        emit(found)
    else:
        rows = [(name, c.protocol, "ok" if c.ok else "failed", c.detail) for name, c in checks]
        table(("server name", "protocol", "result", "detail"), rows)
    for _, check in checks:
        if check.problem:
            tell(check.problem.one_line())
    return 0 if all(check.ok for _, check in checks) else 1


@servers.command("remove")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
@pass_app
def remove_servers(app: App, names: tuple[str, ...], yes: bool) -> None:
    """Remove servers that no job uses."""
    if not yes:
        confirm(f"Remove {', '.join(names)} and the passwords kept for it?", "--yes")

    async def work(client: EngineClient) -> None:
        await client.api.remove_servers(list(names))

    app.with_engine(work)
    emit({"removed": list(names)}) if app.as_json else tell(f"removed: {', '.join(names)}")


@servers.group("protocol")
@common_options
def protocol() -> None:
    """Protocols of a server: add, remove."""


@protocol.command("add")
@click.argument("server")
@click.argument("name", metavar="PROTOCOL", type=_PROTOCOLS)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 = the protocol's own.")
@click.option("--username", default="")
@click.option("--password-stdin", is_flag=True, help="The first line of stdin is the password.")
@click.option("--no-password", is_flag=True, help="Without a password, or keeping the one that is kept.")
@click.option("--credentials", default="", help="A credential profile instead of user and password.")
@click.option("--home", default="", help="Protocol Home Directory; for HTTP the folder in the URL.")
@common_options
@pass_app
def add_protocol(
    app: App, server: str, name: str, port: int, username: str, password_stdin: bool, no_password: bool,
    credentials: str, home: str,
) -> None:  # fmt: skip
    """Add a protocol, or change one. The password is asked for, never an argument."""
    wanted = Protocol(name.upper())
    if wanted is Protocol.TFTP:
        raise BadValue(name="PROTOCOL", value=name, detail=NO_TFTP, allowed="SFTP, SCP, HTTPS, HTTP or FTP")
    password = ""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif username and not no_password:
        if not is_terminal():
            raise ConsentMissing(detail="the password cannot be asked without a terminal", flag="--password-stdin")
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)

    async def work(client: EngineClient) -> SwimServer:
        return await client.api.set_server_protocol(server, wanted, port, username, password, home, credentials)

    changed = app.with_engine(work)
    emit(changed) if app.as_json else tell(f"{wanted} of '{server}' is set; try it: swim-tui servers verify {server}")


@protocol.command("remove")
@click.argument("server")
@click.argument("name", metavar="PROTOCOL", type=_PROTOCOLS)
@common_options
@pass_app
def remove_protocol(app: App, server: str, name: str) -> None:
    """Remove a protocol with its password."""

    async def work(client: EngineClient) -> SwimServer:
        return await client.api.remove_server_protocol(server, Protocol(name.upper()))

    changed = app.with_engine(work)
    emit(changed) if app.as_json else tell(f"{name.upper()} of '{server}' is removed")
