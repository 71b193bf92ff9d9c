"""`show switch`, the member table of `show version`, and redundancy."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ..device import Device
from ..ios.bootstate import register_text
from ..ios.version import uptime_text, version_fields
from ..model import Software
from ..units import Unit, Units


def mode_of(path: str) -> str:
    """INSTALL or BUNDLE, from the path of what runs."""
    return "INSTALL" if path.endswith(".conf") else "BUNDLE"


def is_xe(software: Software) -> bool:
    """Whether it is IOS-XE."""
    return bool(software.xe_version)


def train(software: Software) -> tuple[int, int]:
    """(16, 12) of 16.12.11, (3, 6) of 03.06.03E; zeros for classic IOS."""
    parts = software.xe_version.split(".")
    return (int(parts[0]), int(parts[1])) if len(parts) > 1 else (0, 0)


def image_label(software: Software) -> str:
    """The image as the member table names it."""
    if not is_xe(software):
        return software.image
    label = software.image.removesuffix("-M")
    return label.lower() if train(software)[0] < 16 else label


def show_switch(units: Units) -> str:
    """The stack; the star is the member that holds the session."""
    is_classic = units.style == "classic"
    head = f"Switch/Stack Mac Address : {units.active.mac}"
    if is_classic:
        lines = [head, " " * 43 + "H/W   Current"]
        lines.append("Switch#  Role   Mac Address     Priority Version  State ")
        lines.append("-" * 58)
    else:
        lines = [f"{head} - Local Mac Address", "Mac persistency wait time: Indefinite"]
        lines.append(" " * 45 + "H/W   Current")
        lines.append("Switch#   Role    Mac Address     Priority Version  State ")
        lines.append("-" * 84)
    for unit in units.all:
        state = units.state(unit)
        star = "*" if unit is units.active else " "
        role = units.role(unit).capitalize() if not is_classic else "Master" if unit is units.active else "Member"
        mac = unit.mac if state != "Removed" else "0000.0000.0000"
        version = ("4" if is_classic else "V04") if state != "Removed" else "0"
        if is_classic:
            lines.append(f"{star}{unit.number}       {role:<7}{mac}     {unit.priority:<7}{version:<8}{state:<20}")
        else:
            lines.append(f"{star}{unit.number:<9}{role:<9}{mac}     {unit.priority:<7}{version:<8}{state:<20}")
    return "\n".join(lines) + "\n\n\n"


def show_switch_detail(units: Units) -> str:
    """`show switch detail`: the same, and the stack ports."""
    rows = [
        "         Stack Port Status             Neighbors     ",
        "Switch#  Port 1     Port 2           Port 1   Port 2 ",
    ]
    rows.append("-" * 56)
    numbers = [unit.number for unit in units.present]
    for at, number in enumerate(numbers):
        if len(numbers) == 1:
            rows.append(f"  {number}       Down        Down             None     None ")
        else:
            left, right = numbers[at - 1], numbers[(at + 1) % len(numbers)]
            rows.append(f"  {number}         OK         OK               {left}        {right} ")
    return show_switch(units) + "\n".join(rows) + "\n\n"


def member_table(units: Units) -> str:
    """The table at the end of `show version`."""
    with_mode = units.style == "xe"
    width = 17 if with_mode else 21
    head = f"Switch Ports Model              {'SW Version':<{width}} {'SW Image':<23}"
    rule = f"------ ----- -----              {'----------':<{width}} {'----------':<23}"
    lines = [head + ("Mode   " if with_mode else ""), rule + ("----   " if with_mode else "")]
    for unit in units.present:
        if unit.software is None:
            continue
        star = "*" if unit is units.active else " "
        digits = re.search(r"(\d+)[A-Z]*$|-(\d+)", unit.pid)
        ports = (digits[2] or digits[1]) if digits else "24"
        row = f"{star} {unit.number:>4} {int(ports) + 8:<5} {unit.pid:<18} {unit.software.shown_version:<{width}} "
        row += f"{image_label(unit.software):<23}"
        lines.append(row + (mode_of(unit.path) if with_mode else ""))
    return "\n".join(lines)


def member_blocks(device: Device, units: Units) -> str:
    """`Switch 02` and what it is, for all members but the active."""
    uptime = uptime_text(datetime.now(UTC) - device.booted_at)
    blocks = []
    for unit in units.present:
        if unit is units.active:
            continue
        colons = ":".join(unit.mac.replace(".", "")[at : at + 2].upper() for at in range(0, 12, 2))
        blocks.append(
            f"\nSwitch {unit.number:02d}\n---------\n"
            f"Switch uptime                      : {uptime}\n\n"
            f"Base Ethernet MAC Address          : {colons.lower()}\n"
            "Motherboard Assembly Number        : 73-15899-07\n"
            f"Motherboard Serial Number          : {unit.serial}\n"
            "Model Revision Number              : V07\n"
            f"Model Number                       : {unit.pid}\n"
            f"System Serial Number               : {unit.serial}\n"
        )
    return "".join(blocks)


def flash_lines(device: Device, units: Units) -> str:
    """`1609272K bytes of Flash at flash:.`, one line for each member."""
    systems = [units.boot_system(unit) for unit in [units.active, *units.present] if unit.software]
    rows = {f"{system.total // 1024}K bytes of Flash at {system.prefix}:.": None for system in systems}
    return "\n".join(rows)


def fields(device: Device, units: Units) -> dict[str, object]:
    """Everything a template of a device with units may ask for."""
    reason = device.reload_reason
    own = {
        "pid": units.active.pid,
        "serial": units.active.serial,
        "members": member_table(units),
        "member_blocks": member_blocks(device, units),
        "mode": mode_of(device.running_path),
        "flash_lines": flash_lines(device, units),
        "register": register_text(device),
        "count": len(units.present),
    }
    found = {**version_fields(device), **own}
    if "Install" in reason:
        found["returned"] = "Install "
    return found


def show_version(device: Device, units: Units) -> str:
    """`show version` from the platform's template."""
    return device.platform.show_version.format_map(fields(device, units)).strip("\n") + "\n\n"


def _slot(units: Units, unit: Unit) -> int:
    """The slot number redundancy texts use: 6 and 7 for route processors."""
    return unit.number + 6 if units.style == "rp" else unit.number


def hot_state(units: Units, unit: Unit, *, is_cold: bool) -> str:
    """ACTIVE, STANDBY HOT and so on, with its number."""
    if unit is units.active:
        return "13 -ACTIVE"
    if is_cold:
        return "4  -STANDBY COLD"
    return "8  -STANDBY HOT" if units.state(unit) == "Ready" else "5  -STANDBY COLD-CONFIG"


def show_redundancy_states(device: Device, units: Units) -> str:
    """`show redundancy states`."""
    standby, is_cold = units.standby, device.faults.has("standby_cold")
    if standby is None:
        return (
            "       my state = 13 -ACTIVE \n     peer state = 1  -DISABLED \n           Mode = Simplex\n"
            f"           Unit = Primary\n        Unit ID = {_slot(units, units.active)}\n\n"
            "Redundancy Mode (Operational) = Non-redundant\nRedundancy Mode (Configured)  = Non-redundant\n"
            "Redundancy State              = Non Redundant\n     Maintenance Mode = Disabled\n"
            "    Manual Swact = disabled (system is simplex (no peer unit))\n"
            "Communications = Down      Reason: Simplex mode\n"
        )
    peer = hot_state(units, standby, is_cold=is_cold)
    is_hot = "HOT" in peer
    return (
        f"       my state = 13 -ACTIVE \n     peer state = {peer} \n           Mode = Duplex\n"
        f"           Unit = Primary\n        Unit ID = {_slot(units, units.active)}\n\n"
        f"Redundancy Mode (Operational) = {'sso' if not is_cold else 'rpr'}\nRedundancy Mode (Configured)  = sso\n"
        f"Redundancy State              = {'sso' if is_hot else 'rpr'}\n     Maintenance Mode = Disabled\n"
        f"    Manual Swact = {'enabled' if is_hot else 'disabled (the peer unit is still initializing)'}\n"
        " Communications = Up\n"
    )


def _processor(device: Device, units: Units, unit: Unit, boot: str) -> str:
    state = hot_state(units, unit, is_cold=device.faults.has("standby_cold")).partition("-")[2]
    software = unit.software or device.running_software
    return (
        f"               {'Active' if unit is units.active else 'Standby'} Location = slot {_slot(units, unit)}\n"
        f"        Current Software state = {state}\n"
        f"       Uptime in current state = {uptime_text(datetime.now(UTC) - device.booted_at)}\n"
        f"                 Image Version = {software.sysdescr.strip().splitlines()[-4 if is_xe(software) else 0]}\n"
        f"                          BOOT = {boot}\n"
        "                   CONFIG_FILE = \n"
        f"        Configuration register = {register_text(device)}\n"
    )


def show_redundancy(device: Device, units: Units, boot: str) -> str:
    """`show redundancy`: the system, this processor, its peer."""
    standby = units.standby
    uptime = uptime_text(datetime.now(UTC) - device.booted_at)
    has_peer = standby is not None
    mode = "sso" if has_peer else "Non-redundant"
    communications = "Up" if has_peer else "Down      Reason: Failure"
    swaps = device.counters.get("switchovers", 0)
    mine = _processor(device, units, units.active, boot)
    text = (
        "Redundant System Information :\n------------------------------\n"
        f"       Available system uptime = {uptime}\nSwitchovers system experienced = {swaps}\n"
        "              Standby failures = 0\n        Last switchover reason = none\n\n"
        f"                 Hardware Mode = {'Duplex' if has_peer else 'Simplex'}\n"
        f"    Configured Redundancy Mode = {mode}\n     Operating Redundancy Mode = {mode}\n"
        f"              Maintenance Mode = Disabled\n                Communications = {communications}\n\n"
        f"Current Processor Information :\n-------------------------------\n{mine}\n"
    )
    if standby is None:
        return f"{text}Peer (slot: 0) information is not available because it is in 'DISABLED' state\n"
    peer = _processor(device, units, standby, boot)
    return f"{text}Peer Processor Information :\n----------------------------\n{peer}\n"
