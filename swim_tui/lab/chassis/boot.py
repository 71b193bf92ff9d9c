"""Which image each unit starts, and how boot variables are shown where there are several units."""

from __future__ import annotations

from dataclasses import dataclass

from ..config import Configuration
from ..content import Text, identify
from ..device import Device
from ..flash import FileSystem
from ..ios.bootstate import boot_paths, register_text
from ..model import Software
from ..packages import provisioned
from ..units import Unit, Units


@dataclass(frozen=True)
class Pick:
    """What a unit would start, and what it had to skip."""

    software: Software | None
    path: str = ""
    notes: tuple[str, ...] = ()


def entries_for(config: Configuration | None, units: Units, unit: Unit) -> list[str]:
    """The boot lines of a configuration that count for a unit."""
    found = []
    for entry in config.boot_lines() if config else []:
        words = entry.split()
        if words[0] == "switch" and len(words) > 2:
            if words[1] in ("all", str(unit.number)):
                found.append(" ".join(words[2:]))
        elif units.style != "classic" or unit is units.active:
            # On classic stacks a line without `switch` is the master's own.
            found.append(entry)
    return found


def paths_for(device: Device, units: Units, unit: Unit) -> list[str]:
    """The boot variable of a unit, as paths."""
    return boot_paths(entries_for(device.startup, units, unit), device.platform.boot_fs)


def _system(device: Device, units: Units, unit: Unit, prefix: str) -> FileSystem | None:
    for base, system in unit.systems.items():
        row = next(row for row in device.platform.file_systems if row.prefix == base)
        if prefix in (base, *row.aliases, system.prefix, *system.aliases):
            return system
    found = device.storage.system(prefix)
    # Another unit's flash is not there yet when a unit boots.
    return found if all(found not in other.systems.values() for other in units.all) else None


def startable(device: Device, units: Units, unit: Unit, path: str) -> Software | None:
    """The software a unit starts from a path on its own flash, if it can."""
    prefix, _, rest = path.partition(":")
    system = _system(device, units, unit, prefix.lower())
    file = system.files.get(rest.strip("/")) if system else None
    if system is None or file is None:
        return None
    if isinstance(file.content, Text):
        software = provisioned(system, file.name) if file.name.endswith((".conf", ".conf.00-")) else None
    else:
        software = identify(file.content, file.name)
    return software if software is not None and not software.inner and device.fits(software) else None


def pick(device: Device, units: Units, unit: Unit) -> Pick:
    """What a unit would start now."""
    field = int(device.register, 16) & 0xF
    paths = paths_for(device, units, unit) if field != 1 else []
    notes: list[str] = []
    for path in paths:
        software = startable(device, units, unit, path)
        if software is not None:
            return Pick(software, path, tuple(notes))
        notes.append(f"{path} is not bootable")
    if device.platform.on_no_image == "loader" and paths:
        return Pick(None, notes=tuple(notes))
    boot = units.boot_system(unit)
    slash = "/" if device.platform.dir_slash else ""
    for file in boot.listing():
        path = f"{device.platform.boot_fs}:{slash}{file.name}"
        if file.name.endswith(".bin") and startable(device, units, unit, path):
            return Pick(startable(device, units, unit, path), path, (*notes, f"fell back to {path}"))
    return Pick(None, notes=tuple(notes))


# -- show boot -----------------------------------------------------------------------------


def variable(device: Device, paths: list[str]) -> str:
    """`BOOT variable = a;b;`, or that there is none."""
    text = "".join(f"{path}{device.platform.bootvar_suffix};" for path in paths)
    return f"BOOT variable = {text}" if text else "BOOT variable does not exist"


def _frame(unit: Unit) -> str:
    line = "-" * 27
    return f"{line}\nSwitch {unit.number}\n{line}\n"


def show_boot_per_switch(device: Device, units: Units, current: dict[int, list[str]]) -> str:
    """`show boot` of 3650, 3850 and 9300."""
    blocks = []
    for unit in units.present:
        lines = [
            "Current Boot Variables:",
            variable(device, current.get(unit.number, [])),
            "",
            "Boot Variables on next reload:",
            variable(device, paths_for(device, units, unit)),
            f"Manual Boot = {'yes' if device.manual_boot else 'no'}",
            "Enable Break = yes",
            "Boot Mode = DEVICE",
            "iPXE Timeout = 0",
        ]
        blocks.append(_frame(unit) + "\n".join(lines) + "\n")
    return "\n".join(blocks)


def show_boot_path_list(device: Device, units: Units) -> str:
    """`show boot` of classic switches; a stack has one block per member."""
    blocks = []
    for unit in units.present:
        paths = ";".join(paths_for(device, units, unit))
        text = (
            f"BOOT path-list      : {paths}\n"
            "Config file         : flash:/config.text\n"
            "Private Config file : flash:/private-config.text\n"
            "Enable Break        : no\n"
            f"Manual Boot         : {'yes' if device.manual_boot else 'no'}\n"
        )
        if unit is units.active:
            text += (
                "HELPER path-list    : \nAuto upgrade        : yes\n"
                "Auto upgrade path   : \nNVRAM/Config file\n      buffer size:   524288\n"
            )
            blocks.append(text)
        else:
            line = "-" * 19
            blocks.append(f"{line}\nSwitch {unit.number}\n{line}\n{text}")
    return "".join(blocks)


def show_boot_flat(device: Device, units: Units) -> str:
    """`show boot` and `show bootvar` of chassis with two supervisors: the lines, then the same for the standby."""
    lines: list[str] = []
    for lead, unit in (("", units.active), ("Standby ", units.standby)):
        if unit is None:
            break
        if lead and not units.is_ready(unit):
            lines += ["", "Standby not ready to show bootvar"]
            break
        own = [
            variable(device, paths_for(device, units, unit)),
            f"Configuration Register is {register_text(device)}",
            f"MANUAL_BOOT variable = {'yes' if device.manual_boot else 'no'}",
            "BAUD variable = 9600",
            "ENABLE_BREAK variable does not exist",
            "BOOTMODE variable does not exist",
            "IPXE_TIMEOUT variable does not exist",
            "CONFIG_FILE variable =",
        ]
        lines += ["", *(f"{lead}{text}" for text in own)] if lead else own
    return "\n".join(lines) + "\n"


def show_bootvar_router(device: Device, units: Units) -> str:
    """`show bootvar` of routers and 4500: with the block of the standby."""
    lines: list[str] = []
    for lead, unit in (("", units.active), ("Standby ", units.standby)):
        own = [
            variable(device, paths_for(device, units, unit)) if unit else "",
            "CONFIG_FILE variable = ",
            "BOOTLDR variable does not exist",
            f"Configuration register is {register_text(device)}",
        ]
        if not lead:
            lines += own
        elif unit is None or not units.is_ready(unit):
            lines += ["", "Standby not ready to show bootvar"]
        else:
            lines += ["", *(f"{lead}{text}" for text in own)]
    return "\n".join(lines) + "\n"
