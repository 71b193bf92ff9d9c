"""The inventory: devices, jump hosts, and the import and export of inventory files."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from swim_tui.engine.reach import Membership
from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.hostkeys import IMPORTED, resolved
from swim_tui.engine.services.inventory_checks import (
    announce,
    check_device,
    check_jump,
    get_device,
    known,
    refuse_busy,
    refuse_scheduled,
)
from swim_tui.engine.services.inventory_file import Entry, InventoryFile, refuse
from swim_tui.engine.services.inventory_foreign import inventory_text, read_any
from swim_tui.engine.services.inventory_rows import device_row, zone_of
from swim_tui.engine.services.serversecrets import ServerSecrets
from swim_tui.engine.services.settings import DEFAULT_PROFILE, value_of
from swim_tui.engine.state import State, group_key
from swim_tui.errors import BadValue, Conflict, InventoryError, NotFound
from swim_tui.model.device import A_CODE_EACH_TIME, Device, HopMethod, JumpHost
from swim_tui.model.views import DeviceDetail, DeviceRow, ImportReport, ImportRow, InventorySnapshot
from swim_tui.paths import private_dir

ROWS_AT_ONCE = 500  # rows made before the event loop gets its turn
TASKS_SHOWN = 20


class InventoryService:
    """The inventory of one engine."""

    def __init__(self, state: State, credentials: CredentialsService) -> None:
        self._state = state
        self._servers = ServerSecrets(state)
        self._tables = state.tables
        self._credentials = credentials

    async def inventory(self) -> InventorySnapshot:
        """Every device with what is known of it, by name."""
        at, now = self._state.hub.position, self._state.clock.now()
        facts = {f.device: f for f in self._tables.facts.all()}
        syncs = {s.device: s for s in self._tables.syncs.all()}
        membership = Membership(self._tables.groups.all())
        rows: list[DeviceRow] = []
        for device in sorted(self._tables.devices.all(), key=lambda d: d.name):
            busy = self._state.busy.get(device.name, "")
            groups = membership.groups_of(device)
            rows.append(device_row(device, facts.get(device.name), syncs.get(device.name), busy, groups, now=now))
            if len(rows) % ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)
        return InventorySnapshot(at, tuple(rows))

    async def device(self, name: str) -> DeviceDetail:
        """One device, whole."""
        device = get_device(self._state, name)
        facts, sync = self._tables.facts.get(name), self._tables.syncs.get(name)
        membership = Membership(self._tables.groups.all())
        tasks = [t for t in self._tables.tasks.all() if t.device == name]
        tasks.sort(key=lambda t: t.run_id, reverse=True)
        return DeviceDetail(
            device=device,
            facts=facts,
            row=device_row(
                device,
                facts,
                sync,
                self._state.busy.get(name, ""),
                membership.groups_of(device),
                now=self._state.clock.now(),
            ),
            last_problem=sync.problem if sync else None,
            tasks=tuple(tasks[:TASKS_SHOWN]),
            recovery=sync.recovery if sync else (),
            zone=zone_of(device.location, self._tables.groups.all()),
            credentials=membership.profile_of(device, self._default_profile()),
        )

    def _default_profile(self) -> str:
        return value_of(self._state, DEFAULT_PROFILE)

    async def add_device(self, device: Device) -> None:
        """Add or change one device; the same checks as an import."""
        refuse_busy(self._state, [device.name])
        problems = check_device(device, known(self._state))
        if problems:
            raise BadValue(
                name="device", value=device.name, detail="; ".join(problems), allowed="what the problem names"
            )
        await asyncio.wrap_future(self._tables.devices.put(device))
        announce(self._state, [device.name])

    async def update_device(self, name: str, device: Device) -> None:
        """Change the device that is called `name` now; under a new name, what is known of it goes along."""
        if device.name == name:
            get_device(self._state, name)
            await self.add_device(device)
            return
        old = get_device(self._state, name)
        if device.name in self._tables.devices:
            raise Conflict(detail=f"there is a device '{device.name}' already", action="choose another name")
        refuse_busy(self._state, [name])
        refuse_scheduled(self._state, name)
        there = known(self._state)
        others = {other: place for other, place in there.devices.items() if other != name}
        problems = check_device(device, replace(there, devices=others))
        if problems:
            raise BadValue(
                name="device", value=device.name, detail="; ".join(problems), allowed="what the problem names"
            )
        await self._rename(old, device)
        announce(self._state, [name, device.name])

    async def _rename(self, old: Device, device: Device) -> None:
        tables = self._tables
        puts: list[tuple[Any, Any]] = [(tables.devices, device)]
        puts += [(tables.devices, d) for d in _with_new_name(tables.devices.all(), old.name, device.name)]
        facts, sync, rate = tables.facts.get(old.name), tables.syncs.get(old.name), tables.rates.get(old.name)
        if facts is not None:
            puts.append((tables.facts, replace(facts, device=device.name)))
        if sync is not None:
            puts.append((tables.syncs, replace(sync, device=device.name)))
        if rate is not None:
            puts.append((tables.rates, replace(rate, key=device.name)))
        gone: list[tuple[Any, str]] = [
            (t, old.name) for t in (tables.devices, tables.facts, tables.syncs, tables.rates) if old.name in t
        ]
        await asyncio.wrap_future(self._state.db.batch(puts, gone))
        await asyncio.to_thread(_move_configs, self._state.paths.configs, old.name, device.name)

    async def remove_devices(self, names: list[str]) -> None:
        """Remove devices that no task owns; their facts go too."""
        for name in names:
            get_device(self._state, name)
        refuse_busy(self._state, names)
        tables = self._tables
        gone = set(names)
        await asyncio.wrap_future(
            self._state.db.batch(
                [(tables.devices, d) for d in _without_references(tables.devices.all(), gone)],
                [(table, name) for name in names for table in (tables.devices, tables.facts, tables.syncs)],
            )
        )
        announce(self._state, names)

    async def import_inventory(
        self,
        text: str,
        source: str,
        dry_run: bool = False,
        format: str = "",
        credentials: str = "",
        jump_credentials: str = "",
    ) -> ImportReport:
        """Read an inventory file; with a problem nothing is changed and all problems are in the error.

        A dry run answers with the problems instead. Without a format it is recognised; `credentials` names the profile
        of devices for which the file names none, `jump_credentials` that of jump hosts.
        """
        try:
            with _no_collections():
                held = {d.name: d for d in self._tables.devices.all()}
                read = await asyncio.to_thread(
                    read_any, text, source, known(self._state), format, credentials, held, jump_credentials
                )
        except InventoryError as err:
            if dry_run:
                return ImportReport((), err.problems, dry_run=True)
            raise
        file, problems = read.file, read.problems
        file.host_keys = resolved(
            file.host_keys,
            {**held, **{e.value.name: e.value for e in file.devices}}.values(),
            {j.name: j for j in (*self._tables.jumps.all(), *(e.value for e in file.jumps))}.values(),
            (*(e.value.server for e in file.servers), *self._tables.servers.all()),
        )
        if problems and not dry_run:
            raise refuse(source, problems)
        rows = await self._compare(file)
        if not problems and not dry_run:
            changing = {row.name for row in rows if row.kind == "device" and row.action == "change"}
            refuse_busy(self._state, changing)
            await self._store(file, rows)
        return ImportReport(tuple(rows), tuple(problems), dry_run, read.format, tuple(read.notes))

    async def export_inventory(self) -> str:
        """The inventory as a file of ours, without any secret: profiles are named, not written."""
        tables = self._tables
        kept = (
            tables.groups.all(),
            tables.jumps.all(),
            tables.devices.all(),
            tables.host_keys.all(),
            tables.servers.all(),
        )
        return await asyncio.to_thread(inventory_text, *kept)

    async def jumps(self) -> list[JumpHost]:
        """Every jump host, by name."""
        return sorted(self._tables.jumps.all(), key=lambda j: j.name)

    async def add_jump(self, jump: JumpHost) -> None:
        """Add or change a jump host."""
        problems = list(check_jump(jump, known(self._state)))
        profile = self._tables.profiles.get(jump.credentials)
        asks = profile is not None and profile.one_time_code and not profile.push_answer
        if jump.method is HopMethod.USER and asks:
            problems.append(A_CODE_EACH_TIME)
        if problems:
            detail = "; ".join(problems)
            raise BadValue(name="jump host", value=jump.name, detail=detail, allowed="what the problem names")
        await asyncio.wrap_future(self._tables.jumps.put(jump))
        self._state.hops.forget(jump.name)
        announce(self._state, [])

    async def remove_jump(self, name: str) -> None:
        """Remove a jump host that nothing is reached through."""
        tables = self._tables
        if name not in tables.jumps:
            raise NotFound(kind="jump host", name=name, listing="jumps list")
        users = [d.name for d in tables.devices.all() if name in d.jump]
        users += [j.name for j in tables.jumps.all() if j.via == name]
        users += [s.name for s in tables.servers.all() if name in (*s.jump, s.jump_host)]
        if users:
            more = f" and {len(users) - 1} more" if len(users) > 1 else ""
            raise Conflict(
                detail=f"{users[0]}{more} is reached through jump host '{name}'", action="give them another way first"
            )
        await asyncio.wrap_future(tables.jumps.delete(name))
        self._state.hops.forget(name)
        announce(self._state, [])

    async def _compare(self, file: InventoryFile) -> list[ImportRow]:
        tables = self._tables
        rows = [_row("group", e.value.name, tables.groups.get(group_key(e.value)), e.value) for e in file.groups]
        for entry in file.credentials:
            same = await self._credentials.is_same(entry.value)
            action = "add" if same is None else "same" if same else "change"
            rows.append(ImportRow("credentials", entry.value.name, action))
        rows += [_row("jump", e.value.name, tables.jumps.get(e.value.name), e.value) for e in file.jumps]
        for server in file.servers:
            old, same = tables.servers.get(server.value.name), await self._servers.is_same(server.value)
            row = _row("server", server.value.name, old, server.value.server)
            rows.append(row if same or row.action != "same" else replace(row, action="change", detail="passwords"))
        rows += [_row("device", e.value.name, tables.devices.get(e.value.name), e.value) for e in file.devices]
        for key in file.host_keys:
            held = tables.host_keys.get(key.value.place)
            action = "add" if held is None else "same" if held.key == key.value.key else "change"
            rows.append(ImportRow("host key", key.value.place, action, "key" if action == "change" else ""))
        return rows

    async def _store(self, file: InventoryFile, rows: list[ImportRow]) -> None:
        news = {(row.kind, row.name) for row in rows if row.action != "same"}
        await self._credentials.store(_new(file.credentials, "credentials", news))
        new_servers = _new(file.servers, "server", news)
        await self._servers.keep_secrets(new_servers)
        tables = self._tables
        puts: list[tuple[Any, Any]] = [(tables.groups, g) for g in _new(file.groups, "group", news)]
        puts += [(tables.servers, entry.server) for entry in new_servers]
        puts += [(tables.jumps, j) for j in _new(file.jumps, "jump", news)]
        puts += [(tables.devices, d) for d in _new(file.devices, "device", news)]
        now, keys = self._state.clock.now(), [e.value for e in file.host_keys]
        fresh = [key for key in keys if ("host key", key.place) in news]
        puts += [(tables.host_keys, replace(key, origin=IMPORTED, at=now)) for key in fresh]
        if puts:
            future = await asyncio.to_thread(self._state.db.batch, puts)
            await asyncio.wrap_future(future)
        announce(self._state, [name for kind, name in news if kind == "device"])


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """Without garbage collections: among the 500,000 nodes of a large file each one stops the loop for 0.15 s."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _row(kind: str, name: str, old: object, new: object) -> ImportRow:
    if old is None:
        return ImportRow(kind, name, "add")
    if old == new:
        return ImportRow(kind, name, "same")
    changed = [k for k, v in vars(new).items() if getattr(old, k) != v]
    return ImportRow(kind, name, "change", ", ".join(changed))


def _new(entries: list[Entry[Any]], kind: str, news: set[tuple[str, str]]) -> list[Any]:
    return [e.value for e in entries if (kind, e.value.name) in news]


def _with_new_name(devices: list[Device], old: str, new: str) -> list[Device]:
    """The other devices that name one which is renamed, with its new name."""
    changed = []
    for device in devices:
        if device.name != old and (old in device.upstream or device.pair == old):
            upstream = tuple(new if name == old else name for name in device.upstream)
            changed.append(replace(device, upstream=upstream, pair=new if device.pair == old else device.pair))
    return changed


def _move_configs(configs: Path, old: str, new: str) -> None:
    """Archived configurations follow their device; what a device of the new name left earlier stays."""
    there, fresh = configs / quote(old, safe=""), configs / quote(new, safe="")
    if there.is_dir():
        private_dir(fresh)
        for path in there.iterdir():
            path.replace(fresh / path.name)
        there.rmdir()


def _without_references(devices: list[Device], gone: set[str]) -> list[Device]:
    """The devices that stay and name one of those that go, without these names."""
    changed = []
    for device in devices:
        if device.name not in gone and (gone.intersection(device.upstream) or device.pair in gone):
            upstream = tuple(name for name in device.upstream if name not in gone)
            changed.append(replace(device, upstream=upstream, pair="" if device.pair in gone else device.pair))
    return changed
