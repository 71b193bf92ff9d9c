"""SSH host keys: what is known, what was offered instead, and accepting a key knowingly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on

from swim_tui.errors import Conflict
from swim_tui.model.endpoint import fingerprint_of
from swim_tui.model.views import HostKeyRow
from swim_tui.ui.dialogs.confirm import Confirmation
from swim_tui.ui.dialogs.form import Field
from swim_tui.ui.registry import Scope
from swim_tui.ui.screens.admin import ListPage, port_number, required
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.times import detail_time
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable

_STATES = {
    "known": Cell("+ Known", Tone.OK),
    "changed": Cell("x Changed", Tone.FAIL),
    "unknown": Cell("? Unknown", Tone.WAIT),
}


@dataclass(frozen=True)
class KeyLine:
    """A place with its key: the same address may be reached on several ways."""

    place: HostKeyRow

    @property
    def key(self) -> str:
        """Host, port and way."""
        return f"{self.place.host}:{self.place.port}" + "".join(f" via {name}" for name in self.place.via)


def _print(line: KeyLine) -> Cell:
    place = line.place
    return Cell(place.fingerprint or place.offered_fingerprint, Tone.DIM)


def _origin(line: KeyLine) -> Cell:
    place = line.place
    return Cell(f"{place.origin} {detail_time(place.at)}" if place.at is not None else place.origin, Tone.DIM)


HOST_KEYS = TableSpec[KeyLine](
    "hostkeys",
    (
        Column("names", "Device or jump host", 20, lambda r: Cell(", ".join(r.place.names)), 1, "d", flex=True),
        Column("state", "State", 10, lambda r: _STATES.get(r.place.state, Cell(r.place.state)), 1, "s"),
        Column("place", "Address", 21, lambda r: Cell(f"{r.place.host}:{r.place.port}"), 2, "a"),
        Column("via", "Through", 14, lambda r: Cell(" > ".join(r.place.via)), 3, "h"),
        Column("type", "Type", 12, lambda r: Cell(r.place.type or r.place.offered_type), 5, "t"),
        Column("fingerprint", "Fingerprint", 50, _print, 4, "f"),
        Column("origin", "From", 38, _origin, 6, "o"),
    ),
    attention=lambda r: r.place.state != "known",
    sort="names",
    empty="No host key is known yet: the first session with a device learns its key and shows the fingerprint.\n\n"
    "n enters a key by hand. With the setting 'Unknown SSH host keys' = strict every key must be accepted here first.",
    marks=False,
)
_COMPARE = "Compare the fingerprint with the device's console, not over the same line."


def _is_key(text: str) -> str:
    words = text.split()
    good = len(words) >= 2 and fingerprint_of(text).startswith("SHA256:")
    return "" if good else "give type and key, such as: ssh-ed25519 AAAAC3..."


class HostKeysPage(ListPage):
    """A changed key stops every session until a person says here that it is right."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.HOST_KEYS, Scope.TABLE, Scope.GLOBAL)
    heading = "Host keys"
    spec = HOST_KEYS

    async def rows(self) -> Sequence[KeyLine]:
        """Every key that is known, and every one that was offered and is not trusted."""
        return [KeyLine(row) for row in await self.session.client.host_keys()]

    def record(self, row: Any) -> object:
        """The place."""
        return row.place

    @on(LiveTable.Opened, "#hostkeys")
    def _open(self) -> None:
        row: Any = self.listed.cursor_row
        offers = row is not None and row.place.state != "known" and not self.swim.status.read_only
        self.action_do("host_keys.accept" if offers else "table.record")

    async def do_host_keys_accept(self) -> None:
        """Accept the key that was offered, with both fingerprints before the eyes."""
        row: Any = self.listed.cursor_row
        if row is None or not row.place.offered_fingerprint:
            raise Conflict(detail="no other key was offered here", action="n enters a key by hand")
        place: HostKeyRow = row.place
        changed = place.state == "changed"
        known = [f"known    {place.type}", f"         {place.fingerprint}"] if changed else []
        why = "Another key at a known address is new hardware, a reset device, or somebody in between. "
        ask = Confirmation(
            f"Accept the {'changed ' if changed else ''}key of {', '.join(place.names) or row.key}?",
            "accept it",
            level=2,
            targets=[*known, f"offered  {place.offered_type}", f"         {place.offered_fingerprint}"],
            impact=(why if changed else "") + _COMPARE,
        )
        if await self.confirmed(ask):
            await self.session.client.accept_host_key(
                host=place.host, port=place.port, via=list(place.via), fingerprint=place.offered_fingerprint
            )
            await self.load()

    async def do_host_keys_new(self) -> None:
        """Enter a key by hand."""
        row: Any = self.listed.cursor_row
        jumps = [(jump.name, jump.name) for jump in await self.session.client.jumps()]
        fields = [
            Field("host", "Address", row.place.host if row else "", "as the inventory has it", required),
            Field("port", "Port", str(row.place.port) if row else "22", "22", port_number),
            Field(
                "via",
                "Through",
                row.place.via[-1] if row and row.place.via else "",
                choices=[("", "directly"), *jumps],
                help="The last jump host on the way: two sites may use the same address.",
            ),
            Field("key", "Key", "", "ssh-ed25519 AAAAC3...", _is_key, help=_COMPARE),
        ]
        ways = {line.place.via[-1]: line.place.via for line in self.listed.model.rows.values() if line.place.via}

        async def save(values: dict[str, str]) -> None:
            via = list(ways.get(values["via"], (values["via"],))) if values["via"] else []
            await self.session.client.accept_host_key(
                host=values["host"], port=int(values["port"]), key=values["key"], via=via
            )

        await self.ask("Accept a host key entered by hand", fields, save, verb="Accept")

    async def do_host_keys_forget(self) -> None:
        """Forget a key, so that the next session meets the host as unknown."""
        row: Any = self.listed.cursor_row
        if row is None:
            return
        place: HostKeyRow = row.place
        impact = "The next session meets this host as unknown: it is trusted on first use, or refused if strict."
        ask = Confirmation(
            f"Forget the key of {', '.join(place.names) or row.key}?",
            "forget it",
            level=2,
            targets=[f"{place.type}  {place.fingerprint}".strip()],
            impact=impact,
            opened_by="delete",
        )
        if await self.confirmed(ask):
            await self.session.client.remove_host_key(host=place.host, port=place.port, via=list(place.via))
            await self.load()
