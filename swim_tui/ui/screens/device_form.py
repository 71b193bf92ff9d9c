"""The form of a device: every field of the inventory, chosen where there is something to choose from."""

from __future__ import annotations

from collections.abc import Mapping

from swim_tui.model.device import Device, GroupKind, Role
from swim_tui.ui.dialogs.form import Field, FormDialog
from swim_tui.ui.natural import natural_key
from swim_tui.ui.page import Page
from swim_tui.ui.screens.admin import one_of, port_number, required
from swim_tui.ui.widgets.pick_field import SEPARATOR, SWITCH, several

_HELP = {
    "platform": "The device pack. Empty: it is recognised when the device is read for the first time.",
    "role": "What it is in the network: it decides the order of activation (access before core).",
    "location": "A location group; it chooses the SWIM server and the time zone. Groups have their page (: groups).",
    "credentials": "The profile that logs in. None: that of its group, or the default of the settings.",
    "jump": "The way to it, first hop first. None: it is reached directly.",
    "legacy_ssh": "SHA-1 era algorithms are offered to this device, and to no other.",
    "upstream": "Devices it is reached through: they are activated after it.",
    "pair": "Its redundancy partner: the two are never down together.",
    "vrf": "VRF that it reaches file servers in.",
    "source_interface": "Interface that it reaches file servers from.",
    "console": "How its console is reached; shown on the recovery card.",
}


async def device_fields(page: Page, old: Device | None) -> list[Field]:
    """The fields, with what can be chosen."""
    client = page.session.client
    await page.session.load_devices()
    rows = page.mirror.devices
    groups = await client.groups()
    text = values_of(old or Device("", ""))

    def names(kind: GroupKind) -> list[str]:
        return sorted((group.name for group in groups if group.kind is kind), key=natural_key)

    types = sorted({*names(GroupKind.DEVICE_TYPE), *(row.device_type for row in rows.values() if row.device_type)})
    others = [(name, name) for name in sorted(rows, key=natural_key) if name != text["name"]]
    packs = one_of((pack.name for pack in await client.packs()), "recognise it")
    profiles = one_of(profile.name for profile in await client.credentials())
    hops = [(jump.name, jump.name) for jump in await client.jumps()]
    users = [(name, name) for name in names(GroupKind.USER)]
    fields = [
        Field("name", "Name", text["name"], "such as sw-ams-01", required),
        Field("address", "IP Address/DNS", text["address"], "empty: the name is its address"),
        Field("port", "SSH port", text["port"], "22", port_number),
        Field("platform", "Platform", text["platform"], choices=packs),
        Field("role", "Role", text["role"], choices=[(str(role), str(role)) for role in Role]),
        Field("location", "Location", text["location"], choices=one_of(names(GroupKind.LOCATION))),
        Field("device_type", "Device Type", text["device_type"], choices=one_of(types)),
        Field("groups", "Groups", text["groups"], choices=users, many=True),
        Field("credentials", "Credentials", text["credentials"], choices=profiles),
        Field("jump", "Jump hosts", text["jump"], choices=hops, many=True, ordered=True),
        Field("legacy_ssh", "Legacy SSH algorithms", text["legacy_ssh"], choices=SWITCH),
        Field("upstream", "Upstream", text["upstream"], choices=others, many=True),
        Field("pair", "Pair", text["pair"], choices=[("", "none"), *others]),
        Field("vrf", "VRF", text["vrf"]),
        Field("source_interface", "Source interface", text["source_interface"]),
        Field("console", "Console", text["console"], "console server and line"),
        Field("description", "Description", text["description"]),
    ]
    return [field.with_help(_HELP.get(field.name, "")) for field in fields]


def values_of(device: Device) -> dict[str, str]:
    """What the form shows of a device; `device_of` is the way back."""
    joined = SEPARATOR.join
    return {
        "name": device.name,
        "address": device.address,
        "port": str(device.port),
        "platform": device.platform,
        "role": str(device.role),
        "location": device.location,
        "device_type": device.device_type,
        "groups": joined(device.groups),
        "credentials": device.credentials,
        "jump": joined(device.jump),
        "legacy_ssh": "on" if device.legacy_ssh else "off",
        "upstream": joined(device.upstream),
        "pair": device.pair,
        "vrf": device.vrf,
        "source_interface": device.source_interface,
        "console": device.console,
        "description": device.description,
    }


def device_of(values: Mapping[str, str]) -> Device:
    """The device that the form says."""
    return Device(
        name=values["name"],
        address=values["address"] or values["name"],
        port=int(values["port"]),
        platform=values["platform"],
        role=Role(values["role"]),
        location=values["location"],
        device_type=values["device_type"],
        groups=several(values["groups"]),
        credentials=values["credentials"],
        jump=several(values["jump"]),
        legacy_ssh=values["legacy_ssh"] == "on",
        upstream=several(values["upstream"]),
        pair=values["pair"],
        vrf=values["vrf"],
        source_interface=values["source_interface"],
        console=values["console"],
        description=values["description"],
    )


async def add_device(page: Page) -> str:
    """Ask for a new device; its name, empty if none was added."""
    from swim_tui.errors import BadValue

    async def save(values: dict[str, str]) -> None:
        if values["name"] in page.mirror.devices:
            raise BadValue(name="name", value=values["name"], detail="there is one", allowed="another name")
        await page.session.client.add_device(device_of(values))

    form = FormDialog("Add a device", await device_fields(page, None), verb="Add", save=save)
    answer = await page.app.push_screen_wait(form)
    if answer is None:
        return ""
    page.app.notify(f"{answer['name']} is under management; r reads it for the first time")
    return answer["name"]


async def edit_device(page: Page, name: str) -> str:
    """Change a device; the name it has then, empty if nothing was changed."""
    old = (await page.session.client.device(name)).device

    async def save(values: dict[str, str]) -> None:
        await page.session.client.update_device(name, device_of(values))

    answer = await page.app.push_screen_wait(FormDialog(f"Edit {name}", await device_fields(page, old), save=save))
    return answer["name"] if answer is not None else ""
