"""Plans that need no planning: a device that is left out, and the reading of its configuration."""

from __future__ import annotations

from swim_tui.model.device import Device, DeviceClass
from swim_tui.model.facts import Facts
from swim_tui.model.image import SoftwareImage
from swim_tui.model.options import JobOptions
from swim_tui.model.plan import DevicePlan, Line, Operation, OpKind, Phase
from swim_tui.packs.pack import Pack
from swim_tui.planning.durations import scaled_waits


def excluded(device: Device, image: SoftwareImage | None, pack: Pack | None, why: str) -> DevicePlan:
    """Nothing will happen to this device, and why."""
    return DevicePlan(
        device=device.name,
        image_id=image.id if image else "",
        image_file=image.file_name if image else "",
        pack=pack.name if pack else "",
        device_class=pack.device_class if pack else DeviceClass.IOS_BIN,
        included=False,
        excluded_because=why,
        to_version=image.version if image else "",
        location=device.location,
        role=device.role.value,
    )


def archive(device: Device, facts: Facts, pack: Pack, options: JobOptions, scale: float) -> DevicePlan:
    """Reading both configurations is all that a Configuration Archive does."""
    lines = tuple(Line(f"show {name}", timeout_s=300.0) for name in ("running-config", "startup-config"))
    reading = Operation(
        f"{Phase.DISTRIBUTE}.{OpKind.BACKUP_CONFIG}",
        OpKind.BACKUP_CONFIG,
        Phase.DISTRIBUTE,
        "Archiving configuration",
        lines,
    )
    return DevicePlan(
        device=device.name,
        image_id="",
        image_file="",
        pack=pack.name,
        device_class=pack.device_class,
        included=True,
        from_version=facts.version.version,
        operations=(reading,),
        location=device.location,
        role=device.role.value,
        facts_at=facts.read_at.isoformat(),
        waits=scaled_waits(pack, options, scale=scale),
    )
