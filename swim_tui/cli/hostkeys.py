"""hostkeys: what is known of the SSH servers on the way, what they offered, and accepting it knowingly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from swim_tui.cli.app import App, CommandGroup, common_options, pass_app
from swim_tui.cli.output import confirm, emit, moment, say, table, tell
from swim_tui.errors import BadValue, Conflict, NotFound

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.views import HostKeyRow


@click.group(cls=CommandGroup)
@common_options
def hostkeys() -> None:
    """SSH host keys of devices and jump hosts: list, accept, remove."""


@hostkeys.command("list")
@click.option("--known-hosts", is_flag=True, help="Print the known keys as lines of a known_hosts file.")
@common_options
@pass_app
def list_(app: App, known_hosts: bool) -> None:
    """List known keys with where they came from, and keys that were offered and are not trusted."""
    rows = app.with_engine(_rows)
    if app.as_json:
        emit(rows)
        return
    if known_hosts:
        for row in rows:
            if row.key:
                say(f"[{row.host}]:{row.port} {row.key}" if row.port != 22 else f"{row.host} {row.key}")
        return
    table(
        ("who", "address", "via", "type", "fingerprint", "from", "since", "state"),
        [
            (
                ", ".join(row.names),
                f"{row.host}:{row.port}",
                " > ".join(row.via),
                row.type or row.offered_type,
                row.fingerprint or row.offered_fingerprint,
                f"{row.origin} by {row.by}" if row.by else row.origin,
                moment(row.at),
                _state(row),
            )
            for row in rows
        ],
        empty="no host keys known yet",
    )


def _state(row: HostKeyRow) -> str:
    if row.state == "known":
        return ""
    return f"{row.state}: offered {row.offered_fingerprint} at {moment(row.offered_at)}"


async def _rows(client: EngineClient) -> list[HostKeyRow]:
    return await client.api.host_keys()


_via = click.option("--via", multiple=True, help="Jump host on the way to it (repeat), where an address is not enough.")


@hostkeys.command("accept")
@click.argument("place", metavar="NAME|HOST:PORT")
@_via
@click.option("--fingerprint", default="", help="The fingerprint you expect, SHA256:...; it must be the offered one.")
@click.option("--key", default="", help="The key itself, 'ssh-ed25519 AAAA...', when none was offered yet.")
@click.option("--yes", is_flag=True, help="Do not ask: accept the key that was offered last.")
@common_options
@pass_app
def accept(app: App, place: str, via: tuple[str, ...], fingerprint: str, key: str, yes: bool) -> None:
    """Accept the key that a device or jump host offered, after comparing its fingerprint with one you trust."""
    rows = app.with_engine(_rows)
    if key:
        host, port, way = _given(rows, place, via)
    else:
        row = _one([row for row in rows if row.state != "known"], place, via, offered=True)
        host, port, way = row.host, row.port, row.via
        if row.state == "changed":
            tell(f"{place}: known   {row.type} {row.fingerprint} ({row.origin} {moment(row.at)})")
        tell(f"{place}: offered {row.offered_type} {row.offered_fingerprint} ({moment(row.offered_at)})")
        if not yes and not fingerprint:
            question = f"Trust {row.offered_fingerprint} for {place} from now on?"
            confirm(question, "--fingerprint SHA256:..., or --yes")
        fingerprint = fingerprint or row.offered_fingerprint

    async def work(client: EngineClient) -> HostKeyRow:
        return await client.api.accept_host_key(host=host, port=port, key=key, via=list(way), fingerprint=fingerprint)

    made = app.with_engine(work)
    emit(made) if app.as_json else tell(f"{place}: {made.type} {made.fingerprint} is known from now on")


@hostkeys.command("remove")
@click.argument("place", metavar="NAME|HOST:PORT")
@_via
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
@pass_app
def remove(app: App, place: str, via: tuple[str, ...], yes: bool) -> None:
    """Forget a known key; the next session meets the server as unknown (see: settings get host_keys)."""
    row = _one(app.with_engine(_rows), place, via)
    if not yes:
        confirm(f"Forget the key of {place} ({row.fingerprint or row.offered_fingerprint})?", "--yes")

    async def work(client: EngineClient) -> None:
        await client.api.remove_host_key(host=row.host, port=row.port, via=list(row.via))

    app.with_engine(work)
    emit({"removed": row}) if app.as_json else tell(f"{place}: its key is forgotten")


def _split(place: str) -> tuple[str, int] | None:
    host, _, number = place.rpartition(":")
    return (host.strip("[]"), int(number)) if host and number.isdecimal() else None


def _fits(row: HostKeyRow, place: str, via: tuple[str, ...]) -> bool:
    is_there = place in row.names or _split(place) == (row.host, row.port)
    return is_there and (not via or via == row.via)


def _one(rows: list[HostKeyRow], place: str, via: tuple[str, ...], *, offered: bool = False) -> HostKeyRow:
    found = [row for row in rows if _fits(row, place, via)]
    if not found:
        kind = "new or changed host key" if offered else "host key"
        raise NotFound(kind=kind, name=place, listing="hostkeys list")
    if len(found) > 1:
        ways = "; ".join(" > ".join(row.via) or "direct" for row in found)
        raise Conflict(detail=f"{place} is reached on several ways: {ways}", action="name the way: --via JUMP")
    return found[0]


def _given(rows: list[HostKeyRow], place: str, via: tuple[str, ...]) -> tuple[str, int, tuple[str, ...]]:
    """Where a key belongs that a person types: a place of the list, or HOST:PORT with its way."""
    found = [row for row in rows if _fits(row, place, via)]
    if len(found) == 1:
        return found[0].host, found[0].port, found[0].via
    at = _split(place)
    if at is None:
        raise BadValue(name="place", value=place, detail="it is not on the list", allowed="HOST:PORT, with --via")
    return *at, via
