"""devices and groups: the inventory."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from swim_tui.cli.app import App, common_options, pass_app
from swim_tui.cli.inventory import device_lines, export, import_, import_text
from swim_tui.cli.output import confirm, emit, fields, moment, say, size, table, tell
from swim_tui.errors import NotFound, Refused
from swim_tui.model.device import Device, Group, GroupKind, Role

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.views import DeviceDetail, DeviceRow


@click.group()
@common_options
def devices() -> None:
    """Inventory: import, export, add, list, show, sync, remove."""


devices.add_command(import_)
devices.add_command(export)


@devices.command()
@click.argument("name")
@click.argument("address", default="")
@click.option("--port", type=click.IntRange(1, 65535), default=22, show_default=True)
@click.option("--platform", default="", help="Device pack; empty: recognised at the first sync.")
@click.option("--role", type=click.Choice([r.value for r in Role]), default="access", show_default=True)
@click.option("--location", default="", help="Location group.")
@click.option("--device-type", default="", help="Device type group.")
@click.option("--group", "groups", multiple=True, help="User-defined group (repeat).")
@click.option("--credentials", default="", help="Credential profile.")
@click.option("--jump", multiple=True, help="Jump host, first hop first (repeat).")
@click.option("--upstream", multiple=True, help="Device it is reached through (repeat).")
@click.option("--pair", default="", help="Redundancy partner.")
@click.option("--legacy-ssh", is_flag=True, help="Offer SHA-1 and CBC to this device.")
@click.option("--description", default="")
@common_options
@pass_app
def add(
    app: App, name: str, address: str, role: str, groups: tuple[str, ...], jump: tuple[str, ...],
    upstream: tuple[str, ...], port: int, platform: str, location: str, device_type: str, credentials: str,
    pair: str, legacy_ssh: bool, description: str,
) -> None:  # fmt: skip
    """Add a device, or change one; without an ADDRESS its name is its address.

    With - as NAME a list is read from standard input: a name, or a name and an address, on each line.
    """
    device = Device(
        name=name,
        address=address or name,
        port=port,
        platform=platform,
        role=Role(role),
        location=location,
        device_type=device_type,
        groups=groups,
        credentials=credentials,
        jump=jump,
        legacy_ssh=legacy_ssh,
        upstream=upstream,
        pair=pair,
        description=description,
    )

    if name == "-":
        import_text(app, "stdin", device_lines(sys.stdin.buffer.read(), device))
        return

    async def work(client: EngineClient) -> None:
        await client.api.add_device(device)

    app.with_engine(work)
    emit(device) if app.as_json else tell(f"{name} is in the inventory; read it: swim-tui devices sync {name}")


@devices.command("list")
@click.option("--group", "groups", multiple=True, help="Only devices of this group (repeat).")
@common_options
@pass_app
def list_(app: App, groups: tuple[str, ...]) -> None:
    """List devices with what was last read from them."""

    async def work(client: EngineClient) -> list[DeviceRow]:
        wanted = await with_sub_groups(client, groups)
        snapshot = await client.api.inventory()
        return [d for d in snapshot.devices if not groups or wanted & {d.location, d.device_type, *d.groups}]

    rows = app.with_engine(work)
    if app.as_json:
        emit(rows)
        return
    table(
        ("name", "address", "platform", "version", "image", "location", "read", "state"),
        [
            (d.name, d.address, d.platform, d.version, d.image_file, d.location, moment(d.facts_at), _state(d))
            for d in rows
        ],
        empty="no devices; import some: swim-tui devices import FILE",
    )


def _state(row: DeviceRow) -> str:
    if row.busy_with:
        return f"busy: {row.busy_with}"
    return row.state or ("unreachable" if row.reachable is False else "")


async def with_sub_groups(client: EngineClient, names: tuple[str, ...]) -> set[str]:
    """The groups and all groups below them; NotFound for one that does not exist."""
    if not names:
        return set()
    groups = await client.api.groups()
    known = {group.name for group in groups}
    for name in names:
        if name not in known:
            raise NotFound(kind="group", name=name, listing="groups list")
    found = set(names)
    while more := {group.name for group in groups if group.parent in found} - found:
        found |= more
    return found


@devices.command()
@click.argument("name")
@common_options
@pass_app
def show(app: App, name: str) -> None:
    """Everything known about one device."""

    async def work(client: EngineClient) -> DeviceDetail:
        return await client.api.device(name)

    detail = app.with_engine(work)
    if app.as_json:
        emit(detail)
        return
    device, facts = detail.device, detail.facts
    fields(
        [
            ("name", device.name),
            ("address", f"{device.address}:{device.port}"),
            ("jump hosts", " -> ".join(device.jump)),
            ("platform", device.platform),
            ("role", device.role),
            ("location", f"{device.location} ({detail.zone})" if detail.zone else device.location),
            ("groups", ", ".join(device.groups)),
            ("credentials", device.credentials),
            ("state", _state(detail.row)),
            ("version", detail.row.version),
            ("image", detail.row.image_file),
            ("mode", detail.row.mode),
            ("read", moment(detail.row.facts_at)),
        ]
    )
    for fs in facts.file_systems if facts else ():
        if fs.total_bytes:
            say(f"{fs.name:<14} {size(fs.free_bytes)} free of {size(fs.total_bytes)}")
    if detail.last_problem:
        tell(detail.last_problem.one_line())


@devices.command()
@click.argument("names", nargs=-1)
@click.option("--group", "groups", multiple=True, help="Devices of this group (repeat).")
@click.option("--wait", is_flag=True, help="Wait for the result, and exit by it.")
@common_options
@pass_app
def sync(app: App, names: tuple[str, ...], groups: tuple[str, ...], wait: bool) -> int:
    """Read devices (all, if none is named): an Inventory Sync job."""
    from swim_tui.cli.watch import submit_and_report
    from swim_tui.model.job import JobRequest, JobType

    async def work(client: EngineClient) -> int:
        wanted = names
        if not names and not groups:
            wanted = tuple(d.name for d in (await client.api.inventory()).devices)
            if not wanted:
                raise Refused(detail="there are no devices yet", action="import some: swim-tui devices import FILE")
        request = JobRequest(JobType.INVENTORY_SYNC, devices=wanted, groups=groups)
        return await submit_and_report(client, [request], wait=wait, as_json=app.as_json)

    return app.with_engine(work)


@devices.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
@pass_app
def remove(app: App, names: tuple[str, ...], yes: bool) -> None:
    """Remove devices from the inventory; nothing happens to the devices themselves."""
    if not yes:
        confirm(f"Remove {', '.join(names)} and what was read from them?", "--yes")

    async def work(client: EngineClient) -> None:
        await client.api.remove_devices(list(names))

    app.with_engine(work)
    emit({"removed": names}) if app.as_json else tell(f"removed: {', '.join(names)}")


@click.group()
@common_options
def groups() -> None:
    """Location, device type and user-defined groups."""


@groups.command("list")
@common_options
@pass_app
def list_groups(app: App) -> None:
    """List groups with how many devices are in them."""

    async def work(client: EngineClient) -> list[tuple[Group, int]]:
        rows = (await client.api.inventory()).devices
        counts: dict[str, int] = {}
        for row in rows:
            for name in {row.location, row.device_type, *row.groups}:
                counts[name] = counts.get(name, 0) + 1
        return [(group, counts.get(group.name, 0)) for group in await client.api.groups()]

    found = app.with_engine(work)
    if app.as_json:
        emit([{**vars(group), "devices": count} for group, count in found])
        return
    rows = [(g.kind, g.name, g.parent, g.zone, count) for g, count in found]
    table(("kind", "name", "parent", "zone", "devices"), rows, empty="no groups")


@groups.command("set")
@click.argument("group")
@click.argument("names", nargs=-1)
@click.option("--kind", type=click.Choice([k.value for k in GroupKind]), default="user", show_default=True)
@click.option("--parent", default=None, help="Group above it.")
@click.option("--zone", default=None, help="Time zone of a location, such as America/New_York.")
@common_options
@pass_app
def set_group(app: App, group: str, names: tuple[str, ...], kind: str, parent: str | None, zone: str | None) -> None:
    """Make GROUP have exactly these devices (none: an empty group)."""

    async def work(client: EngineClient) -> Group:
        old = next((g for g in await client.api.groups() if (g.name, g.kind) == (group, kind)), None)
        above = parent if parent is not None else old.parent if old else ""
        zoned = zone if zone is not None else old.zone if old else ""
        new = Group(group, GroupKind(kind), above, zoned)
        await client.api.set_group(new, list(names))
        return new

    made = app.with_engine(work)
    emit({**vars(made), "devices": names}) if app.as_json else tell(f"{kind} group '{group}' has {len(names)} devices")
