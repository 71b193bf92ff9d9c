"""Software Image Management Servers: add, change, protocols, Verify Credentials, remove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import on

from swim_tui.errors import BadValue, Conflict
from swim_tui.model.device import GroupKind
from swim_tui.model.server import SwimServer
from swim_tui.ui.dialogs.form import Field
from swim_tui.ui.dialogs.guide import show_guide
from swim_tui.ui.dialogs.protocols import ProtocolsDialog
from swim_tui.ui.registry import Scope
from swim_tui.ui.screens.admin import ListPage, one_of, required
from swim_tui.ui.screens.group_rows import group_lines
from swim_tui.ui.screens.server_rows import SERVERS, ServerLine, details
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.pick_field import SEPARATOR, several

_HELP = {
    "sites": "Location groups whose devices pull from here; at least one. Groups have their page (: groups).",
    "jump": "The way from this machine to the server, first hop first.",
    "jump_host": "A jump host that serves files itself: it is reached as in the list of jump hosts.",
    "device_address": "What devices call it, if that is another address than ours.",
    "max_pulls": "How many devices pull from it at once; empty: the setting.",
    "mbit_per_s": "What may be sent to it at most, in Mbit/s; empty: no limit.",
}


def _sites(text: str) -> str:
    return "" if several(text) else "choose at least one location: it is what the server serves"


def _number(text: str) -> str:
    try:
        return "" if not text or 0 <= float(text) < 1e6 else "give a number, or nothing"
    except ValueError:
        return "give a number, or nothing"


def _whole(text: str) -> str:
    return "" if not text or (text.isascii() and text.isdecimal()) else "give a whole number, or nothing"


class ServersPage(ListPage):
    """Active Protocols is filled by Manage Protocols only (FEATURES 75 to 93)."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.SERVERS, Scope.TABLE, Scope.GLOBAL)
    view = "servers"
    heading = "Software Image Management Servers"
    is_top = True
    has_detail = True
    spec = SERVERS

    def crumbs(self) -> tuple[str, ...]:
        """The view."""
        return (self.heading,)

    def note(self) -> str:
        """Selected and total, as in the repository."""
        return self.listed.status(selects=True)

    async def rows(self) -> Sequence[ServerLine]:
        """Every server."""
        return [ServerLine(row) for row in await self.session.client.servers()]

    def detail(self, row: Any) -> str:
        """Each protocol with what its verification said."""
        return details(row, self.swim.now())

    def record(self, row: Any) -> object:
        """The row."""
        return row.row

    @on(LiveTable.Opened, "#servers")
    def _open(self) -> None:
        self.action_do("table.detail" if self.swim.status.read_only else "servers.edit")

    async def _fields(self, old: SwimServer | None) -> list[Field]:
        client = self.session.client
        await self.session.load_devices()
        lines = group_lines(await client.groups(), self.mirror.devices.values())
        sites = [
            (line.name, f"{'  ' * (line.depth - 1)}{line.name}  ({len(line.devices)} devices)")
            for line in lines
            if line.kind is GroupKind.LOCATION and line.group is not None
        ]
        hops = [jump.name for jump in await client.jumps()]
        start = old or SwimServer("", "", ())
        fields = [
            Field("name", "Server Name", start.name, "such as NY_Region", required),
            Field("address", "IP Address", start.address, "name or IP address", required),
            Field("sites", "Sites Served", SEPARATOR.join(start.sites), check=_sites, choices=sites, many=True),
            Field("description", "Description", start.description),
            Field(
                "jump",
                "Jump hosts",
                SEPARATOR.join(start.jump),
                choices=[(name, name) for name in hops],
                many=True,
                ordered=True,
            ),
            Field("jump_host", "Is jump host", start.jump_host, choices=one_of(hops, "no")),
            Field("device_address", "Address for devices", start.device_address, "the same"),
            Field("max_pulls", "Pulls at once", str(start.max_pulls or ""), "the setting", _whole),
            Field("mbit_per_s", "Budget, Mbit/s", f"{start.mbit_per_s or ''}", "no limit", _number),
        ]
        return [field.with_help(_HELP.get(field.name, "")) for field in fields]

    async def do_servers_guide(self) -> None:
        """When to use them (FEATURES 89 to 91)."""
        await show_guide(self.app, "servers")

    async def do_servers_new(self) -> None:
        """Add Row; the row is selected afterwards."""

        async def save(values: dict[str, str]) -> None:
            if values["name"] in self.listed.model.rows:
                raise BadValue(name="name", value=values["name"], detail="there is one", allowed="another name")
            await self.session.client.save_server(_server(SwimServer("", "", ()), values))

        answer = await self.ask("Add a SWIM server", await self._fields(None), save)
        if answer and (at := self.listed.model.index_of(answer["name"])) is not None:
            self.listed.move_to(at)
            self.app.notify(f"{answer['name']} is defined; m gives it protocols")

    async def do_servers_edit(self) -> None:
        """Change the one under the cursor."""
        row: Any = self.listed.cursor_row
        if row is not None:
            old: SwimServer = row.server

            async def save(values: dict[str, str]) -> None:
                await self.session.client.save_server(_server(old, values), old_name=old.name)

            await self.ask(f"SWIM server {old.name}", await self._fields(old), save)

    async def do_servers_protocols(self) -> None:
        """Manage Protocols of the one under the cursor."""
        row: Any = self.listed.cursor_row
        if row is None:
            raise Conflict(detail="no SWIM server is selected", action="n adds one")
        profiles = [profile.name for profile in await self.session.client.credentials()]
        dialog = ProtocolsDialog(row.server, profiles, read_only=self.swim.status.read_only)
        await self.app.push_screen_wait(dialog)
        await self.load()

    async def do_servers_verify(self) -> None:
        """Verify Credentials of the marked ones, one after the other; Status says how it goes."""
        lines: list[Any] = list(self.listed.targets)
        if not lines:
            raise Conflict(detail="no SWIM server is selected", action="n adds one")
        bare = [line.key for line in lines if not line.server.protocols]
        if bare:
            raise Conflict(detail=f"{bare[0]} has no protocol yet", action="m Manage Protocols adds one")
        failed: list[str] = []
        for line in lines:
            found = await self.session.client.verify_server(line.key)
            await self.load()
            failed += [f"{line.key} {check.protocol}" for check in found.checks if not check.ok]
        if failed:
            self.app.notify(f"not right: {', '.join(failed)}; d says why", severity="error")
        else:
            self.app.notify(f"{len(lines)} verified")

    async def do_servers_remove(self) -> None:
        """Remove the marked ones, with their passwords."""
        names = [line.key for line in self.listed.targets]
        if not names:
            return
        impact = "Nothing is deleted on the server itself. Devices of its sites get images from this machine again. "
        impact += "A server that a run uses, or that a job to come names, is not removed."
        if await self.confirmed(self.removal("SWIM server", names, impact)):
            await self.session.client.remove_servers(names)
            await self.load()


def _server(old: SwimServer, values: dict[str, str]) -> SwimServer:
    """The server as the form says; its protocols stay."""
    return replace(
        old,
        name=values["name"],
        address=values["address"],
        sites=several(values["sites"]),
        description=values["description"],
        jump=several(values["jump"]),
        jump_host=values["jump_host"],
        device_address=values["device_address"],
        max_pulls=int(values["max_pulls"] or 0),
        mbit_per_s=float(values["mbit_per_s"] or 0),
    )
