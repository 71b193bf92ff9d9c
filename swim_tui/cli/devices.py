"""devices: the inventory."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from swim_tui.cli.app import App, CommandGroup, common_options, pass_app
from swim_tui.cli.groups import with_sub_groups
from swim_tui.cli.inventory import device_lines, export, import_, import_netbox, import_text
from swim_tui.cli.jobform import timed, when_options
from swim_tui.cli.output import confirm, emit, fields, moment, say, size, table, tell
from swim_tui.errors import Refused
from swim_tui.model.device import Device, Role

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.views import DeviceDetail, DeviceRow


F = TypeVar("F", bound=Callable[..., Any])


@click.group(cls=CommandGroup)
@common_options
def devices() -> None:
    """Inventory: import, export, add, edit, list, show, sync, remove."""


devices.add_command(import_)
devices.add_command(import_netbox)
devices.add_command(export)


def _fields(function: F) -> F:
    """Every field of a device as an option; what is not given is None."""
    for option in reversed(
        (
            click.option("--port", type=click.IntRange(1, 65535), default=None, help="SSH port; 22 at first."),
            click.option("--platform", default=None, help="Device pack; empty: recognised at the first sync."),
            click.option("--role", type=click.Choice([r.value for r in Role]), default=None, help="access at first."),
            click.option("--location", default=None, help="Location group."),
            click.option("--device-type", default=None, help="Device type group."),
            click.option("--group", "groups", multiple=True, default=None, help="User-defined group (repeat)."),
            click.option("--credentials", default=None, help="Credential profile."),
            click.option("--jump", multiple=True, default=None, help="Jump host, first hop first (repeat)."),
            click.option("--upstream", multiple=True, default=None, help="Device it is reached through (repeat)."),
            click.option("--pair", default=None, help="Redundancy partner."),
            click.option("--vrf", default=None, help="VRF of its management, for copies that it pulls."),
            click.option("--source-interface", default=None, help="Interface its copies come from."),
            click.option("--console", default=None, help="Where its console is, for the recovery steps."),
            click.option("--legacy-ssh/--modern-ssh", default=None, help="Offer SHA-1 and CBC to this device."),
            click.option("--description", default=None),
        )
    ):
        function = option(function)
    return function


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The fields that were named; an option given once with an empty text clears a list."""
    given = {key: value for key, value in options.items() if value is not None and value != ()}
    for key, value in given.items():
        if isinstance(value, tuple):
            given[key] = tuple(word for word in value if word)
    if "role" in given:
        given["role"] = Role(given["role"])
    return given


@devices.command()
@click.argument("name")
@click.argument("address", default="")
@_fields
@common_options
@pass_app
def add(app: App, /, name: str, address: str, **options: Any) -> None:
    """Add a device, or put another in its place; without an ADDRESS its name is its address.

    With - as NAME a list is read from standard input: a name, or a name and an address, on each line.
    """
    device = replace(Device(name=name, address=address or name), **_given(options))
    if name == "-":
        import_text(app, "stdin", device_lines(sys.stdin.buffer.read(), device))
        return

    async def work(client: EngineClient) -> None:
        await client.api.add_device(device)

    app.with_engine(work)
    emit(device) if app.as_json else tell(f"{name} is in the inventory; read it: swim-tui devices sync {name}")


@devices.command()
@click.argument("name")
@click.option("--name", "new_name", default="", help="Another name; what is known of the device goes along.")
@click.option("--address", default=None)
@_fields
@common_options
@pass_app
def edit(app: App, /, name: str, new_name: str, address: str | None, **options: Any) -> None:
    """Change fields of a device; what is not given stays, an empty value ("") clears it."""
    fields_given = _given({**options, "address": address})
    if not fields_given and not new_name:
        raise click.UsageError("nothing to change: name a field, such as --address 192.0.2.9")

    async def work(client: EngineClient) -> Device:
        old = (await client.api.device(name)).device
        fresh = replace(old, name=new_name or name, **fields_given)
        await client.api.update_device(name, fresh)
        return fresh

    device = app.with_engine(work)
    emit(device) if app.as_json else tell(f"{device.name} is changed")


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
            ("groups", ", ".join(detail.row.groups)),
            ("credentials", detail.credentials),
            ("upstream", ", ".join(device.upstream)),
            ("pair", device.pair),
            ("VRF", device.vrf),
            ("source interface", device.source_interface),
            ("console", device.console),
            ("old SSH", "SHA-1 and CBC are offered to it" if device.legacy_ssh else ""),
            ("SSH", facts.ssh_algorithms if facts else ""),
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
@when_options()
@common_options
@pass_app
def sync(app: App, names: tuple[str, ...], groups: tuple[str, ...], wait: bool, given: dict[str, Any]) -> int:
    """Read devices (all, if none is named): an Inventory Sync job."""
    from swim_tui.cli.watch import submit_and_report
    from swim_tui.model.job import JobRequest, JobType

    async def work(client: EngineClient) -> int:
        wanted = names
        if not names and not groups:
            wanted = tuple(d.name for d in (await client.api.inventory()).devices)
            if not wanted:
                raise Refused(detail="there are no devices yet", action="import some: swim-tui devices import FILE")
        request = await timed(client, JobRequest(JobType.INVENTORY_SYNC, devices=wanted, groups=groups), given)
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
