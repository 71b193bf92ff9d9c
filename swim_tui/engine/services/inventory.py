"""The inventory: devices, groups, jump hosts, host keys, and the import of inventory files."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.inventory_file import Entry, InventoryFile, Known, read_inventory, refuse
from swim_tui.engine.services.inventory_foreign import inventory_text, read_any
from swim_tui.engine.services.inventory_rows import device_row, zone_of
from swim_tui.engine.state import State, group_key
from swim_tui.errors import BadValue, Conflict, InventoryError, NotFound
from swim_tui.model.device import Device, Group, GroupKind, JumpHost
from swim_tui.model.endpoint import HostKey
from swim_tui.model.events import InventoryChanged
from swim_tui.model.views import DeviceDetail, DeviceRow, HopReport, ImportReport, ImportRow, InventorySnapshot

ROWS_AT_ONCE = 500  # rows made before the event loop gets its turn
TASKS_SHOWN = 20
NAMES_IN_EVENT = 200

TestJump = Callable[[str], Awaitable[list[HopReport]]]


class InventoryService:
    """The inventory of one engine."""

    def __init__(self, state: State, credentials: CredentialsService, test_jump: TestJump) -> None:
        self._state = state
        self._tables = state.tables
        self._credentials = credentials
        self._test_jump = test_jump

    async def inventory(self) -> InventorySnapshot:
        """Every device with what is known of it, by name."""
        at = self._state.hub.position
        facts = {f.device: f for f in self._tables.facts.all()}
        syncs = {s.device: s for s in self._tables.syncs.all()}
        rows: list[DeviceRow] = []
        for device in sorted(self._tables.devices.all(), key=lambda d: d.name):
            busy = self._state.busy.get(device.name, "")
            rows.append(device_row(device, facts.get(device.name), syncs.get(device.name), busy))
            if len(rows) % ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)
        return InventorySnapshot(at, tuple(rows))

    async def device(self, name: str) -> DeviceDetail:
        """One device, whole."""
        device = self._get(name)
        facts, sync = self._tables.facts.get(name), self._tables.syncs.get(name)
        tasks = [t for t in self._tables.tasks.all() if t.device == name]
        tasks.sort(key=lambda t: t.run_id, reverse=True)
        return DeviceDetail(
            device=device,
            facts=facts,
            row=device_row(device, facts, sync, self._state.busy.get(name, "")),
            last_problem=sync.problem if sync else None,
            tasks=tuple(tasks[:TASKS_SHOWN]),
            recovery=sync.recovery if sync else (),
            zone=zone_of(device.location, self._tables.groups.all()),
        )

    async def add_device(self, device: Device) -> None:
        """Add or change one device; the same checks as an import."""
        self._refuse_busy([device.name])
        problems = _check_device(device, self._known())
        if problems:
            raise BadValue(
                name="device", value=device.name, detail="; ".join(problems), allowed="what the problem names"
            )
        await asyncio.wrap_future(self._tables.devices.put(device))
        self._changed([device.name])

    async def remove_devices(self, names: list[str]) -> None:
        """Remove devices that no task owns; their facts go too."""
        for name in names:
            self._get(name)
        self._refuse_busy(names)
        tables = self._tables
        gone = set(names)
        await asyncio.wrap_future(
            self._state.db.batch(
                [(tables.devices, d) for d in _without_references(tables.devices.all(), gone)],
                [(table, name) for name in names for table in (tables.devices, tables.facts, tables.syncs)],
            )
        )
        self._changed(names)

    async def import_inventory(
        self, text: str, source: str, dry_run: bool = False, format: str = "", credentials: str = ""
    ) -> ImportReport:
        """Read an inventory file; with a problem nothing is changed and all problems are in the error.

        A dry run answers with the problems instead. Without a format it is recognised; `credentials` names the profile
        of devices for which the file names none.
        """
        try:
            with _no_collections():
                held = {d.name: d for d in self._tables.devices.all()}
                read = await asyncio.to_thread(read_any, text, source, self._known(), format, credentials, held)
        except InventoryError as err:
            if dry_run:
                return ImportReport((), err.problems, dry_run=True)
            raise
        file, problems = read.file, read.problems
        if problems and not dry_run:
            raise refuse(source, problems)
        rows = await self._compare(file)
        if not problems and not dry_run:
            changing = {row.name for row in rows if row.kind == "device" and row.action == "change"}
            self._refuse_busy(changing)
            await self._store(file, rows)
        return ImportReport(tuple(rows), tuple(problems), dry_run, read.format, tuple(read.notes))

    async def export_inventory(self) -> str:
        """The inventory as a file of ours, without any secret: profiles are named, not written."""
        tables = self._tables
        kept = (tables.groups.all(), tables.jumps.all(), tables.devices.all(), tables.host_keys.all())
        return await asyncio.to_thread(inventory_text, *kept)

    async def groups(self) -> list[Group]:
        """Every group, by tree and name."""
        return sorted(self._tables.groups.all(), key=lambda g: (g.kind, g.name))

    async def set_group(self, group: Group, devices: list[str]) -> None:
        """Add or change a group; `devices` are its members from now on."""
        wanted = set(devices)
        for name in devices:
            self._get(name)
        self._check_group(group)
        changed = [c for d in self._tables.devices.all() if (c := _with_membership(d, group, d.name in wanted)) != d]
        self._refuse_busy([d.name for d in changed])
        puts: list[tuple[Any, Any]] = [(self._tables.groups, group), *((self._tables.devices, d) for d in changed)]
        await asyncio.wrap_future(self._state.db.batch(puts))
        self._changed([d.name for d in changed])

    async def jumps(self) -> list[JumpHost]:
        """Every jump host, by name."""
        return sorted(self._tables.jumps.all(), key=lambda j: j.name)

    async def add_jump(self, jump: JumpHost) -> None:
        """Add or change a jump host."""
        problems = _check_jump(jump, self._known())
        if problems:
            detail = "; ".join(problems)
            raise BadValue(name="jump host", value=jump.name, detail=detail, allowed="what the problem names")
        await asyncio.wrap_future(self._tables.jumps.put(jump))
        self._changed([])

    async def test_jump(self, name: str) -> list[HopReport]:
        """Log in to each hop on the way to a jump host, once each."""
        if name not in self._tables.jumps:
            raise NotFound(kind="jump host", name=name, listing="jumps list")
        return await self._test_jump(name)

    async def accept_host_key(self, host: str, port: int, key: str) -> None:
        """Know this key from now on; an empty key forgets the known one, so that the next session learns anew."""
        if key:
            problems = _check_host_key(host, port, key)
            if problems:
                raise BadValue(name="host key", value=key[:60], detail=problems[0], allowed="'ssh-ed25519 AAAA...'")
            future = self._tables.host_keys.put(HostKey(host, port, " ".join(key.split()[:2])))
        elif f"{host}:{port}" in self._tables.host_keys:
            future = self._tables.host_keys.delete(f"{host}:{port}")
        else:
            raise NotFound(kind="host key", name=f"{host}:{port}", listing="hostkeys list")
        await asyncio.wrap_future(future)

    async def host_keys(self) -> list[str]:
        """Known keys, as lines of a known_hosts file."""
        found = sorted(self._tables.host_keys.all(), key=lambda k: (k.host, k.port))
        return [f"[{k.host}]:{k.port} {k.key}" if k.port != 22 else f"{k.host} {k.key}" for k in found]

    def _get(self, name: str) -> Device:
        device = self._tables.devices.get(name)
        if device is None:
            raise NotFound(kind="device", name=name, listing="devices list")
        return device

    def _refuse_busy(self, names: Iterable[str]) -> None:
        for name in names:
            run = self._state.busy.get(name)
            if run:
                raise Conflict(
                    detail=f"{name} is busy with run {run}",
                    action=f"wait for it, or cancel it: swim-tui jobs cancel {run}",
                )

    def _check_group(self, group: Group) -> None:
        if group.parent and group_key(replace(group, name=group.parent)) not in self._tables.groups:
            raise NotFound(kind=f"{group.kind} group", name=group.parent, listing="groups list")
        problems = _check_rows({"groups": [_plain(group)]}, Known(groups={group.kind: {group.parent}}))
        if problems:
            raise BadValue(name="group", value=group.name, detail=problems[0], allowed="what the problem names")

    def _known(self) -> Known:
        tables = self._tables
        groups = tables.groups.all()
        return Known(
            platforms={pack.name for pack in self._state.packs.packs},
            groups={kind: {g.name for g in groups if g.kind is kind} for kind in GroupKind},
            credentials={p.name for p in tables.profiles.all()},
            jumps={j.name: j.via for j in tables.jumps.all()},
            devices={d.name: (d.address, d.port, d.jump) for d in tables.devices.all()},
        )

    async def _compare(self, file: InventoryFile) -> list[ImportRow]:
        tables = self._tables
        rows = [_row("group", e.value.name, tables.groups.get(group_key(e.value)), e.value) for e in file.groups]
        for entry in file.credentials:
            same = await self._credentials.is_same(entry.value)
            action = "add" if same is None else "same" if same else "change"
            rows.append(ImportRow("credentials", entry.value.name, action))
        rows += [_row("jump", e.value.name, tables.jumps.get(e.value.name), e.value) for e in file.jumps]
        rows += [_row("device", e.value.name, tables.devices.get(e.value.name), e.value) for e in file.devices]
        for key in file.host_keys:
            place = f"{key.value.host}:{key.value.port}"
            rows.append(_row("host key", place, tables.host_keys.get(place), key.value))
        return rows

    async def _store(self, file: InventoryFile, rows: list[ImportRow]) -> None:
        news = {(row.kind, row.name) for row in rows if row.action != "same"}
        await self._credentials.store(_new(file.credentials, "credentials", news))
        tables = self._tables
        puts: list[tuple[Any, Any]] = [(tables.groups, g) for g in _new(file.groups, "group", news)]
        puts += [(tables.jumps, j) for j in _new(file.jumps, "jump", news)]
        puts += [(tables.devices, d) for d in _new(file.devices, "device", news)]
        puts += [(tables.host_keys, e.value) for e in file.host_keys]
        if puts:
            future = await asyncio.to_thread(self._state.db.batch, puts)
            await asyncio.wrap_future(future)
        self._changed([name for kind, name in news if kind == "device"])

    def _changed(self, names: list[str]) -> None:
        listed = tuple(names) if len(names) <= NAMES_IN_EVENT else ()
        self._state.hub.publish(InventoryChanged(listed))
        for listener in self._state.on_inventory_changed:
            listener()


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


def _with_membership(device: Device, group: Group, is_member: bool) -> Device:
    """The device with its place in one group set; a device is in one location and one device type."""
    match group.kind:
        case GroupKind.LOCATION:
            place = group.name if is_member else "" if device.location == group.name else device.location
            return replace(device, location=place)
        case GroupKind.DEVICE_TYPE:
            place = group.name if is_member else "" if device.device_type == group.name else device.device_type
            return replace(device, device_type=place)
        case GroupKind.USER:
            others = tuple(name for name in device.groups if name != group.name)
            return replace(device, groups=(*others, group.name) if is_member else others)


def _without_references(devices: list[Device], gone: set[str]) -> list[Device]:
    """The devices that stay and name one of those that go, without these names."""
    changed = []
    for device in devices:
        if device.name not in gone and (gone.intersection(device.upstream) or device.pair in gone):
            upstream = tuple(name for name in device.upstream if name not in gone)
            changed.append(replace(device, upstream=upstream, pair="" if device.pair in gone else device.pair))
    return changed


def _plain(value: Any) -> dict[str, Any]:
    return {
        k: list(v) if isinstance(v, tuple) else str(v) if k in ("role", "kind") else v for k, v in vars(value).items()
    }


def _check_rows(sections: dict[str, list[dict[str, Any]]], known: Known) -> list[str]:
    """The problems that an inventory file with these rows would have, without file and line."""

    text = json.dumps({"swim_tui_inventory": 1, **sections}, ensure_ascii=False)  # JSON is YAML
    _, problems = read_inventory(text, "-", known)
    return [problem.split(": ", 1)[1] for problem in problems]


def _check_device(device: Device, known: Known) -> list[str]:
    others = {name: place for name, place in known.devices.items() if name != device.name}
    return _check_rows({"devices": [_plain(device)]}, replace(known, devices=others))


def _check_jump(jump: JumpHost, known: Known) -> list[str]:
    return _check_rows({"jumps": [_plain(jump)]}, known)


def _check_host_key(host: str, port: int, key: str) -> list[str]:
    return _check_rows({"host_keys": [{"host": host, "port": port, "key": key}]}, Known())
