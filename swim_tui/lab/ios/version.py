"""`show version`, filled into the platform's template."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ..device import Device
from .bootstate import register_text

_UNITS = (("year", 365 * 24 * 60), ("week", 7 * 24 * 60), ("day", 24 * 60), ("hour", 60), ("minute", 1))


def uptime_text(since: timedelta) -> str:
    """`1 year, 51 weeks, 2 days, 41 minutes`: units that are zero are left out."""
    left = int(since.total_seconds() // 60)
    parts = []
    for name, minutes in _UNITS:
        count, left = divmod(left, minutes)
        if count:
            parts.append(f"{count} {name}{'s' if count != 1 else ''}")
    return ", ".join(parts) or "0 minutes"


def _returned_by(reason: str) -> str:
    if reason in ("power-on", "PowerOn"):
        return "power-on"
    return "reload"


def flash_kb(device: Device, prefix: str) -> int:
    """Kilobytes of a file system, as the hardware list prints them."""
    system = device.storage.system(prefix)
    return system.total // 1024 if system else 0


def version_fields(device: Device) -> dict[str, object]:
    """Everything a template may ask for."""
    now = datetime.now(UTC)
    at = device.clock(device.booted_at)
    software = device.running_software
    restarted = f"{at:%H:%M:%S} UTC {at:%a %b} {at.day} {at:%Y}"
    return {
        "sysdescr": software.sysdescr.strip("\n"),
        "version": software.version,
        "xe_version": software.xe_version,
        "image_name": software.image,
        "hostname": device.running.hostname,
        "uptime": uptime_text(now - at),
        "restarted": restarted,
        "returned": _returned_by(device.reload_reason),
        "reason": device.reload_reason,
        "image": device.running_path,
        "register": register_text(device),
        "pid": device.platform.pid,
        "serial": device.serial,
        "mac": device.mac,
        "mac_colons": ":".join(device.mac.replace(".", "")[i : i + 2].upper() for i in range(0, 12, 2)),
        "flash_kb": flash_kb(device, device.platform.boot_fs),
        "disk_kb": flash_kb(device, "harddisk"),
    }


def show_version(device: Device) -> str:
    """The whole text."""
    return device.platform.show_version.format_map(version_fields(device)).strip("\n") + "\n\n"
