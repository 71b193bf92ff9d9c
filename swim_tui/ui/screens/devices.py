"""Devices under management."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from swim_tui.errors import Conflict
from swim_tui.model.device import GroupKind
from swim_tui.model.job import JobRequest, JobType
from swim_tui.model.views import DeviceRow
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.mirror import Changes
from swim_tui.ui.page import Page
from swim_tui.ui.record import as_text
from swim_tui.ui.registry import Scope
from swim_tui.ui.screens.device_bulk import edit_devices
from swim_tui.ui.screens.device_form import add_device, edit_device
from swim_tui.ui.screens.device_groups import change_groups, choose_group
from swim_tui.ui.screens.device_way import open_ssh, remove_devices
from swim_tui.ui.screens.import_forms import import_inventory
from swim_tui.ui.screens.new_job import FOR_DEVICES, how_to
from swim_tui.ui.states import Cell, Tone, in_row
from swim_tui.ui.times import age
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch
from swim_tui.ui.wizards.open import open_wizard

STALE_S = 24 * 3600.0


@dataclass(frozen=True)
class DeviceLine:
    """A device as listed; `seen` is made when the line is, so that unchanged lines stay equal."""

    device: DeviceRow
    seen: str
    is_stale: bool

    @property
    def key(self) -> str:
        """The device's name."""
        return self.device.name


def device_line(row: DeviceRow, now: datetime) -> DeviceLine:
    """The line of a device."""
    stale = row.facts_at is None or (now - row.facts_at).total_seconds() > STALE_S
    return DeviceLine(row, age(row.facts_at, now), stale)


_STATES = ("Armed", "Not committed")  # what follows stands in the line below the list


def device_state(row: DeviceRow) -> Cell:
    """Busy, armed, unreachable, never read, or fine."""
    if row.busy_with:
        return Cell(f"* Run {row.busy_with}", Tone.RUN)
    if row.reachable is False:
        return Cell("x Unreachable", Tone.FAIL)
    if row.state:
        word, _, rest = row.state.partition(": ")
        return Cell(f"! {word if word in _STATES and rest else in_row(row.state, row.name, row.address)}", Tone.WAIT)
    if row.facts_at is None:
        return Cell("? Not read yet", Tone.UNKNOWN)
    return Cell("+ Managed", Tone.OK)


def _seen(line: DeviceLine) -> Cell:
    if not line.is_stale:
        return Cell(line.seen)
    return Cell(line.seen + (" (old)" if line.device.facts_at is not None else ""), Tone.DIM)


DEVICES = TableSpec[DeviceLine](
    "devices",
    (
        Column("name", "Name", 18, lambda r: Cell(r.device.name), 1, "n", flex=True),
        Column("state", "State", 15, lambda r: device_state(r.device), 1, "s"),
        Column("address", "IP Address/DNS", 15, lambda r: Cell(r.device.address), 3, "i"),
        Column("version", "Software Version", 16, lambda r: Cell(r.device.version), 2, "v"),
        Column("platform", "Platform", 14, lambda r: Cell(r.device.platform), 4, "p"),
        Column("family", "Image Family", 16, lambda r: Cell(r.device.family), 6, "f"),
        Column("site", "Location", 14, lambda r: Cell(r.device.location), 4, "l"),
        Column("role", "Role", 12, lambda r: Cell(r.device.role), 6, "r"),
        Column(
            "seen", "Read", 13, _seen, 5, "d", lambda r: r.device.facts_at.timestamp() if r.device.facts_at else None
        ),
        Column("type", "Device Type", 20, lambda r: Cell(r.device.device_type), 8, "t"),
        Column("mode", "Mode", 8, lambda r: Cell(r.device.mode), 7, "m"),
        Column("image", "Running Image", 34, lambda r: Cell(r.device.image_file), 8, "g"),
        Column("group", "Groups", 20, lambda r: Cell(", ".join(r.device.groups)), 9, "o"),
        Column("description", "Description", 24, lambda r: Cell(r.device.description), 10, "e"),
        Column("jump", "Jump hosts", 16, lambda r: Cell(" > ".join(r.device.jump)), 9, "j"),
        Column("ssh", "SSH", 7, lambda r: Cell("legacy" if r.device.legacy_ssh else ""), 9, "h"),
    ),
    name=lambda r: r.device.name,
    attention=lambda r: r.device.reachable is False or bool(r.device.state),
    sort="name",
    empty="No devices. i imports an inventory (YAML, CSV, Ansible, Nornir, NetBox); n adds one by hand.\n\n"
    "Only devices that are listed here can be upgraded.",
)


def sync_request(names: Iterable[str]) -> JobRequest:
    """A job that reads devices, with read-only commands."""
    return JobRequest(type=JobType.INVENTORY_SYNC, devices=tuple(names))


class DevicesPage(Page):
    """All devices; marks are what actions act on."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.DEVICES, Scope.TABLE, Scope.GLOBAL)
    view = "devices"
    has_detail = True
    has_row_line = True

    def body(self) -> Iterable[Widget]:
        """The table."""
        table = LiveTable(DEVICES, id="devices")
        table.add_class("-counted")
        yield table
        yield Static(classes="empty", id="devices-empty")

    def row_line(self, row: Any) -> str:
        """What a person should know before touching the device."""
        state = row.device.state
        return state if state.startswith(row.key) else f"{row.key}: {state}" if state else ""

    async def load(self) -> None:
        """All devices."""
        await self.session.load_devices()

    def show(self, changes: Changes) -> None:
        """Rows that changed."""
        if not self.mirror.has_devices or not (changes.resync or changes.inventory):
            return
        now = self.swim.now()
        if changes.resync or changes.all_devices:
            rows = [device_line(row, now) for row in self.mirror.devices.values()]
            self._table().apply(Batch(rows, reset=True))
            return
        held = self.mirror.devices
        rows = [device_line(held[name], now) for name in changes.devices if name in held]
        self._table().apply(Batch(rows, [name for name in changes.devices if name not in held]))

    def _table(self) -> LiveTable[DeviceLine]:
        return self.query_one("#devices", LiveTable)

    def detail(self, row: Any) -> str:
        """What is known of the device."""
        return as_text(row.device)

    def record(self, row: Any) -> object:
        """The row."""
        return row.device

    def open_argument(self, argument: str) -> None:
        """`:device sw1` opens that device, else filters."""
        names = {name.casefold(): name for name in self.mirror.devices}
        name = names.get(argument.casefold())
        if name is not None:
            self.open_device(name)
        else:
            self._table().set_filter(argument)

    def open_device(self, name: str) -> None:
        """The device page."""
        from swim_tui.ui.screens.device import DevicePage

        self.app.push_screen(DevicePage(name))

    @on(LiveTable.Opened, "#devices")
    def _open(self, event: LiveTable.Opened) -> None:
        self.open_device(event.key)

    async def do_devices_import(self) -> None:
        """Import an inventory file."""
        await import_inventory(self)

    async def do_devices_new(self) -> None:
        """Add one by hand."""
        await add_device(self)

    async def do_devices_edit(self) -> None:
        """Change the one under the cursor, or what the marked ones have in common."""
        names = [row.device.name for row in self._table().targets]
        if len(names) > 1:
            await edit_devices(self, names)
        elif names:
            await edit_device(self, names[0])

    async def do_devices_remove(self) -> None:
        """Remove the marked ones."""
        await remove_devices(self, [row.device.name for row in self._table().targets])

    async def do_devices_groups(self) -> None:
        """Put the marked ones into a group, or take them out."""
        await change_groups(self, [row.device for row in self._table().targets])

    async def do_devices_group(self) -> None:
        """Only the devices of a group."""
        chosen = await choose_group(self, "Show only the devices of", "all")
        if chosen is not None and chosen.kind is not None:
            self.show_group(chosen.kind, chosen.below)
        elif chosen is not None:
            self._table().set_filter("")

    def show_group(self, kind: GroupKind, names: Sequence[str]) -> None:
        """Only the devices of these groups."""
        column = {GroupKind.LOCATION: "site", GroupKind.DEVICE_TYPE: "type", GroupKind.USER: "group"}[kind]
        values = ",".join(f"={name}" for name in names) or "=-"
        self._table().set_filter(shlex.quote(f"{column}:{values}"))

    async def do_devices_ssh(self) -> None:
        """A session with the device under the cursor."""
        row = self._table().cursor_row
        if row is not None:
            await open_ssh(self, row.device.name)

    async def do_devices_sync(self) -> None:
        """Read the marked devices again."""
        await submit_sync(self, [row.device.name for row in self._table().targets])

    async def do_devices_distribute(self) -> None:
        """The wizard, with the marked devices."""
        await open_wizard(self, "distribute", devices=[row.device.name for row in self._table().targets])

    async def do_devices_job(self) -> None:
        """A job for the marked devices."""
        await how_to(self, FOR_DEVICES, devices=[row.device.name for row in self._table().targets])

    def do_devices_analysis(self) -> None:
        """Which images fit the marked devices."""
        from swim_tui.ui.screens.analysis import AnalysisPage

        self.app.push_screen(AnalysisPage(devices=[row.device.name for row in self._table().targets]))


async def submit_sync(page: Page, names: list[str]) -> None:
    """Submit an Inventory Sync job for these devices."""
    if not names:
        raise Conflict(detail="no device is marked", action="mark devices with Space first")
    if len(names) > 1:
        ask = Confirmation(
            f"Read {len(names)} devices?",
            "read",
            targets=names,
            impact="Read-only commands only; nothing is changed.",
            opened_by="r",
        )
        if not await page.app.push_screen_wait(ConfirmDialog(ask)):
            return
    job = await page.session.client.submit(sync_request(names))
    page.app.notify(f"{job.name} submitted; view 2 shows it")
