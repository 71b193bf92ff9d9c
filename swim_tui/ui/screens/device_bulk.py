"""The form of several devices at once: what is the same for many is said once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from swim_tui.model.device import Device
from swim_tui.ui.dialogs.form import Field, FormDialog
from swim_tui.ui.natural import natural_key
from swim_tui.ui.page import Page
from swim_tui.ui.screens.device_form import device_fields, device_of, values_of
from swim_tui.ui.widgets.pick_field import SEPARATOR

_KEEP = "*keep"
_COMMON = (
    "credentials",
    "jump",
    "location",
    "device_type",
    "role",
    "platform",
    "legacy_ssh",
    "port",
    "vrf",
    "source_interface",
    "upstream",
)


async def edit_devices(page: Page, names: Sequence[str]) -> bool:
    """Change what several devices have in common; whether something was changed."""
    client = page.session.client
    devices = [(await client.device(name)).device for name in names]
    per_device = [values_of(device) for device in devices]
    fields = [_field(field, per_device) for field in await device_fields(page, None) if field.name in _COMMON]
    fields.sort(key=lambda field: _COMMON.index(field.name))
    start = {field.name: field.value for field in fields}
    count = 0

    async def save(values: dict[str, str]) -> None:
        nonlocal count
        new = {name: value for name, value in values.items() if value != start[name] and value != _KEEP}
        for device, old in zip(devices, per_device, strict=True):
            if (changed := _changed(device, old, new)) != device:
                await client.update_device(device.name, changed)
                count += 1

    answer = await page.app.push_screen_wait(FormDialog(f"Edit {len(devices)} devices", fields, save=save))
    if answer is None:
        return count > 0
    page.app.notify(f"{count} of {len(devices)} devices changed" if count else "nothing was changed")
    return count > 0


def _changed(device: Device, old: Mapping[str, str], new: Mapping[str, str]) -> Device:
    """The device with the new values; what the form does not show stays."""
    fresh = device_of({**old, **new})
    return replace(device, **{name: getattr(fresh, name) for name in new})


def _field(field: Field, per_device: Sequence[Mapping[str, str]]) -> Field:
    """The value that all have, or one that stands for 'each keeps its own'."""
    found = sorted({values[field.name] for values in per_device}, key=natural_key)
    if len(found) == 1:
        return replace(field, value=found[0])
    shown = [value.replace(SEPARATOR, " > " if field.ordered else ", ") or "none" for value in found]
    some = ", ".join([*shown[:3], *(["..."] if len(shown) > 3 else [])])
    help = f"They differ: {some}. Left alone, each device keeps its own."
    if field.choices is None or field.many:
        return replace(field, value="", hint="each keeps its own", help=help, check=_or_empty(field.check))
    return replace(field, value=_KEEP, choices=[(_KEEP, "each keeps its own"), *field.choices], help=help)


def _or_empty(check: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: check(text) if text else ""
