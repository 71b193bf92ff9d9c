"""Which image a reload starts (boot field, boot lines of the startup configuration, fallback), and how it is shown."""

from __future__ import annotations

import re

from ..device import Device
from ..services import BootChoice


def boot_paths(entries: list[str], default_fs: str) -> list[str]:
    """The image paths of `boot system` lines in all their spellings."""
    paths: list[str] = []
    for entry in entries:
        words = entry.split()
        if words and words[0] == "switch":
            words = words[2:]
        if len(words) > 1 and words[0] in ("tftp", "ftp", "rcp"):  # from the network: `tftp NAME [ADDRESS]`
            paths.append(f"{words[0]}:{' '.join(words[1:])}")
            continue
        if len(words) > 1 and words[0] in ("flash", "bootflash", "harddisk") and not words[1].isdigit():
            words = [words[1] if ":" in words[1] else f"{words[0]}:{words[1]}"]
        if words:
            paths += [path if ":" in path else f"{default_fs}:{path}" for path in words[0].split(";") if path]
    return paths


def _first_bin(device: Device) -> str:
    boot = device.storage.system(device.platform.boot_fs)
    assert boot is not None
    names = [file.name for file in boot.listing() if file.name.endswith(".bin")]
    slash = "/" if device.platform.dir_slash else ""
    return next((f"{boot.prefix}:{slash}{name}" for name in names if device.bootable(f"{boot.prefix}:{name}")), "")


def choose_boot(device: Device) -> BootChoice:
    """What the device starts now."""
    register = int(device.register, 16)
    field = register & 0xF
    device.boot_notes = []
    if field == 0:
        return BootChoice(None, note="boot field 0: boot loader")
    if register & 0x40 or device.startup is None:
        # It does boot, but without a configuration nobody reaches it.
        return BootChoice(None, note="started without its configuration: unreachable")
    if device.manual_boot:
        return BootChoice(None, note="manual boot")
    entries = device.startup.boot_lines() if field != 1 else []
    for path in boot_paths(entries, device.platform.boot_fs):
        software = device.bootable(path)
        if software is not None:
            return BootChoice(software, path)
        device.boot_notes.append(f"{path} is not bootable")
    if device.platform.on_no_image == "loader" and entries:
        return BootChoice(None, note="no bootable image in the boot list")
    path = _first_bin(device)
    software = device.bootable(path) if path else None
    if software is None:
        return BootChoice(None, note="no bootable image on flash")
    device.boot_notes.append(f"fell back to {path}")
    return BootChoice(software, path)


def register_text(device: Device) -> str:
    """`0x2102`, or with the value of the next reload."""
    pending = f" (will be {device.next_register} at next reload)" if device.next_register else ""
    return f"{device.register}{pending}"


def boot_variable(device: Device) -> str:
    """The BOOT variable as the boot loader sees it: from the startup configuration."""
    entries = device.startup.boot_lines() if device.startup else []
    suffix = device.platform.bootvar_suffix
    return "".join(f"{path}{suffix};" for path in boot_paths(entries, device.platform.boot_fs))


def show_bootvar(device: Device) -> str:
    """`show bootvar` of routers."""
    variable = boot_variable(device)
    first = f"BOOT variable = {variable}" if variable else "BOOT variable does not exist"
    config_file = device.platform.texts.get("config_file", "CONFIG_FILE variable = ")
    tail = device.platform.texts.get("bootvar_tail", "")
    lines = [
        first,
        config_file,
        "BOOTLDR variable does not exist",
        f"Configuration register is {register_text(device)}",
    ]
    return "\n".join(lines) + "\n" + (f"\n{tail}" if tail else "")


def show_boot_switch(device: Device) -> str:
    """`show boot` of small switches."""
    path_list = re.sub(r";$", "", boot_variable(device))
    return (
        f"BOOT path-list      : {path_list}\n"
        "Config file         : flash:/config.text\n"
        "Private Config file : flash:/private-config.text\n"
        "Enable Break        : no\n"
        f"Manual Boot         : {'yes' if device.manual_boot else 'no'}\n"
        "HELPER path-list    : \n"
        "Auto upgrade        : yes\n"
        "Auto upgrade path   : \n"
        "NVRAM/Config file\n"
        "      buffer size:   65536\n"
    )
