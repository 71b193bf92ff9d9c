"""Devices and groups: choosing a group, and putting marked devices into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from swim_tui.errors import Conflict, SwimError, describe
from swim_tui.model.device import Device, GroupKind
from swim_tui.model.views import DeviceRow
from swim_tui.model.words import counted
from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.dialogs.find import FindDialog
from swim_tui.ui.page import Page
from swim_tui.ui.screens.group_rows import KINDS, group_lines


@dataclass(frozen=True)
class ChosenGroup:
    """A group that was chosen, with the names of all groups below it and its own; without a kind: none."""

    kind: GroupKind | None
    name: str = ""
    below: tuple[str, ...] = ()


async def choose_group(page: Page, title: str, none: str, kind: GroupKind | None = None) -> ChosenGroup | None:
    """Let a person choose a group of one tree or of all; None if the list was left."""
    await page.session.load_devices()
    lines = group_lines(await page.session.client.groups(), page.mirror.devices.values())
    lines = [line for line in lines if kind in (None, line.kind)]
    entries = [("", none)] if none else []
    found: dict[str, ChosenGroup] = {"": ChosenGroup(None)}
    for index, line in enumerate(lines):
        after = lines[index + 1 :]
        end = next((i for i, other in enumerate(after) if other.depth <= line.depth), len(after))
        names = tuple(each.name for each in (line, *after[:end]) if each.name)
        if line.group is not None:
            shown = f"{'  ' * (line.depth - 1)}{line.name}  ({len(line.devices)})"
            entries.append((line.key, shown if kind else f"{KINDS[line.kind]}: {shown.strip()}"))
            found[line.key] = ChosenGroup(line.kind, line.name, names)
    chosen = await page.app.push_screen_wait(FindDialog(title, entries))
    return found[chosen[0]] if chosen else None


async def change_groups(page: Page, rows: Sequence[DeviceRow]) -> None:
    """Ask what to do with these devices, then do it to each; what is refused is told by name."""
    if not rows:
        raise Conflict(detail="no device is marked", action="mark devices with Space first")
    count = rows[0].name if len(rows) == 1 else f"{len(rows)} devices"
    acts = [
        Choice("add", "a", "Add to a user-defined group"),
        Choice("out", "o", "Take out of a user-defined group"),
        Choice("location", "l", "Set the location"),
        Choice("type", "t", "Set the device type"),
    ]
    act = await page.app.push_screen_wait(ChooseDialog(f"Groups of {count}", acts))
    if act is None:
        return
    kind = {"location": GroupKind.LOCATION, "type": GroupKind.DEVICE_TYPE}.get(act, GroupKind.USER)
    verb = {"out": "Take out of", "add": "Add to"}.get(act, KINDS[kind])
    chosen = await choose_group(page, f"{verb}: {count}", "none" if kind is not GroupKind.USER else "", kind)
    if chosen is None:
        return
    ask = Confirmation(f"{verb} {chosen.name or 'none'}?", "do it", targets=[row.name for row in rows], opened_by="T")
    if len(rows) > 1 and not await page.app.push_screen_wait(ConfirmDialog(ask)):
        return
    await _change(page, [row.name for row in rows], act, chosen.name)


async def _change(page: Page, names: Sequence[str], act: str, group: str) -> None:
    client, refused = page.session.client, []
    for name in names:
        device = (await client.device(name)).device
        fresh = _moved(device, act, group)
        try:
            if fresh != device:
                await client.add_device(fresh)
        except SwimError as err:
            refused.append(f"{name}: {describe(err).one_line()}")
    done = len(names) - len(refused)
    page.app.notify(f"{counted(done, 'device')}: {group or 'none'}")
    if refused:
        page.swim.show_text(f"{len(refused)} of {len(names)} stay as they are", "\n".join(refused))


def _moved(device: Device, act: str, group: str) -> Device:
    """The device after the change."""
    others = tuple(name for name in device.groups if name != group)
    match act:
        case "location":
            return replace(device, location=group)
        case "type":
            return replace(device, device_type=group)
        case "add":
            return device if group in device.groups else replace(device, groups=(*others, group))
        case _:
            return replace(device, groups=others)
