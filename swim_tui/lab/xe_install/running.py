"""`show version running`: the packages, which is the surest sign of the mode."""

from __future__ import annotations

import hashlib

from ..chassis.show import mode_of
from ..device import Device
from ..packages import packages_of
from ..units import Units


def show_version_running(device: Device, units: Units) -> str:
    """Package, file and checksum of everything that runs."""
    software = device.running_software
    is_install = mode_of(device.running_path) == "INSTALL"
    base = f"/{device.platform.boot_fs}/" if is_install else "consolidated:"
    where = "RP0" if not units.is_switch or software.xe_version.startswith("1") else "Switch1"
    blocks = [f"Package: Provisioning File, version: n/a, status: active\n  File: {base}packages.conf, on: {where}"]
    for package in packages_of(software):
        short = package.name.split(".")[0].rpartition("-")[2]
        sha1 = hashlib.sha1(package.name.encode()).hexdigest()
        blocks.append(
            f"Package: {short}, version: {software.shown_version}, status: active\n"
            f"  File: {base}{package.name}, on: {where}\n"
            "  Built: 2020-08-03_10.44, by: mcpre\n"
            f"  File SHA1 checksum: {sha1}"
        )
    return "\n\n".join(blocks) + "\n\n"
