"""Show commands of IOS-XR."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from ..device import Device
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from ..ios.show import show_clock
from ..ios.version import uptime_text
from .packages import Package
from .state import XrState, base_of, image_path, state, state_of


def _text(make: object) -> Handler:
    async def handler(shell: Shell, args: list[str]) -> str:
        assert callable(make)
        return str(make(shell.device))

    return handler


def version_fields(device: Device) -> dict[str, object]:
    """What the platform's `show version` may ask for."""
    base = base_of(state_of(device).active)
    boot = device.storage.system(device.platform.boot_fs)
    return {
        "version": base.version if base else "?",
        "hostname": device.running.hostname,
        "uptime": uptime_text(datetime.now(UTC) - device.booted_at),
        "image": image_path(base) if base else "",
        "serial": device.serial,
        "flash_kb": boot.total // 1024 if boot else 0,
        "register": device.register,
    }


def show_version(device: Device) -> str:
    """`show version`."""
    return device.platform.show_version.format_map(version_fields(device)).strip("\n") + "\n\n"


def is_ready(device: Device) -> bool:
    """Whether all nodes run; with the fault `nodes_late` line cards take longer than the route processor."""
    fault = device.faults.get("nodes_late")
    up = (datetime.now(UTC) - device.booted_at).total_seconds()
    return fault is None or not device.counters["boots"] or up >= device.services.seconds(fault.number)


def show_platform(device: Device) -> str:
    """`show platform`."""
    is_old = state_of(device).kind == "xr32"
    card = "IOS XR RUN" if is_ready(device) else "BOOTING"
    texts = device.platform.texts
    rows = ["Node              Type                       State             Config state"]
    rows += ["--------------------------------------------------------------------------------"]
    if is_old:
        rows[0] = "Node            Type                      State            Config State"
    for place, kind, status in (
        (texts.get("node", "0/RP0/CPU0"), texts["rp_type"], "IOS XR RUN"),
        (texts.get("card", "0/0/CPU0"), texts["card_type"], card),
        ("0/FT0", "FAN-TRAY", "READY" if is_old else "OPERATIONAL"),
    ):
        rows.append(f"{place:<18}{kind:<27}{status:<18}{'PWR,NSHUT,MON' if is_old else 'NSHUT'}")
    return "\n".join(rows) + "\n"


def show_redundancy(device: Device) -> str:
    """`show redundancy summary`."""
    node = device.platform.texts.get("node", "0/RP0/CPU0")
    return f"    Active Node    Standby Node\n    -----------    ------------\n    {node}(A)   N/A (No standby node)\n"


# -- package sets --------------------------------------------------------------------------


def _lines32(device: Device, title: str, packages: list[Package]) -> str:
    node = device.platform.texts.get("node", "0/RSP0/CPU0")
    names = "".join(f"        {package.name}\n" for package in packages)
    head = f"Secure Domain Router: Owner\n\n  Node {node} [RP] [SDR: Owner]\n    Boot Device: disk0:\n"
    return f"{head}    {title} Packages:\n{names}\n"


def _lines64(title: str, packages: list[Package]) -> str:
    rows = [f"    {title} Packages: {len(packages)}"]
    for package in packages:
        if package.is_base:
            rows.append(f"        {package.platform}-xr-{package.version} version={package.version} [Boot image]")
        else:
            rows.append(f"        {package.name}")
    return "\n".join(rows) + "\n\n"


def _lines_lnt(title: str, packages: list[Package]) -> str:
    base = base_of(packages)
    version = base.version if base else "?"
    digest = hashlib.sha256(" ".join(sorted(p.name for p in packages)).encode()).hexdigest()
    return (
        f"{title} Packages:    XR: 201    All: 1532\nLabel:              {version}\nSoftware Hash:      {digest}\n\n"
        "Optional Packages                                                        Version\n"
        "---------------------------------------------------- ---------------------------\n"
        f"xr-bgp                                                             {version}v1.0.0-1\n"
        f"xr-cdp                                                             {version}v1.0.0-1\n\n"
    )


def summary(own: XrState, device: Device, title: str, packages: list[Package]) -> str:
    """`show install active|committed|inactive [summary]`."""
    if own.kind == "xr32":
        return _lines32(device, title, packages)
    return _lines64(title, packages) if own.kind == "xr64" else _lines_lnt(title, packages)


async def active(shell: Shell, args: list[str]) -> str:
    """`show install active [summary]`."""
    return summary(state(shell), shell.device, "Active", state(shell).active)


async def committed(shell: Shell, args: list[str]) -> str:
    """`show install committed [summary]`."""
    return summary(state(shell), shell.device, "Committed", state(shell).committed)


async def inactive(shell: Shell, args: list[str]) -> str:
    """`show install inactive [summary]`, `show install repository`."""
    own = state(shell)
    names = {package.name for package in own.active}
    found = [package for package in own.known if package.name not in names]
    if not found:
        return "No inactive package(s) in software repository\n"
    if own.kind == "xr32":
        return summary(own, shell.device, "Inactive", found)
    return f"{len(found)} inactive package(s) found:\n" + "".join(f"    {package.name}\n" for package in found)


async def rollback_points(shell: Shell, args: list[str]) -> str:
    """`show install rollback`: the ids that can be gone back to."""
    rows = ["ID    Label    Packages"]
    rows += [
        f"{number:<6}Unlabeled {', '.join(p.name for p in held)}"
        for number, held in sorted(state(shell).points.items())
    ]
    return "\n".join(rows) + "\n"


# -- FPDs ----------------------------------------------------------------------------------


def fpd_state(device: Device) -> str:
    """CURRENT, NEED UPGD or RLOAD REQ."""
    own = state_of(device)
    return "NEED UPGD" if device.faults.has("fpd_pending") and own.fpd == "CURRENT" else own.fpd


def show_fpd(device: Device) -> str:
    """`show hw-module fpd`."""
    status = fpd_state(device)
    texts = device.platform.texts
    node = texts.get("node", "0/RP0/CPU0")
    if state_of(device).kind == "xr32":
        flag = "Yes" if status == "NEED UPGD" else "No"
        return (
            "===================================== ==========================================\n"
            "                                      Existing Field Programmable Devices\n"
            "                                      ==========================================\n"
            "                                        HW                       Current SW Upg/\n"
            "Location     Card Type                Version Type Subtype Inst   Version   Dng?\n"
            "============ ======================== ======= ==== ======= ==== =========== ====\n"
            f"{node:<13}{texts['rp_type'].split('(')[0]:<25}    1.0 lc   cbc     0         16.115 {flag:<4}\n"
        )
    now, programmed = (
        ("1.05", "1.05") if status == "CURRENT" else ("1.05", "1.07") if status == "RLOAD REQ" else ("1.05", "1.05")
    )
    return (
        "                                                                 FPD Versions\n"
        "                                                                 =================\n"
        "Location   Card type        HWver FPD device       ATR Status   Running Programd\n"
        "------------------------------------------------------------------------------\n"
        f"{node.removesuffix('/CPU0'):<11}{texts['rp_type'].split('(')[0]:<17}1.0   Bios            S   "
        f"{status:<9}{now:>7}{programmed:>9}\n"
    )


async def upgrade_fpd(shell: Shell, args: list[str]) -> str:
    """`upgrade hw-module fpd all location all` (XR-32 with `admin` in front)."""
    device, own = shell.device, state(shell)
    if own.kind == "xr32":
        typed = await shell.term.read_line("Continue? [confirm] (y/n) [n]: ")
        if typed.strip().lower() not in ("y", "yes"):
            return "FPD upgrade aborted.\n"
    if fpd_state(device) == "CURRENT":
        return "FPD upgrade skipped: all FPDs are at the version of the software.\n"
    device.changed()
    await shell.term.wait(device.services.seconds(120))
    own.fpd = "RLOAD REQ"
    device.faults.clear("fpd_pending")
    device.log("fpd-upgrade", "all")
    hint = 'upgrade command issued (use "show hw-module fpd" to check upgrade status)'
    return f"{hint}\nFPD upgrade completed for all locations.\n"


async def failed_config(shell: Shell, args: list[str]) -> str:
    """`show configuration failed startup`."""
    lines = state(shell).failed_config
    return "\n".join(lines) + "\nend\n" if lines else ""


def running_config(device: Device) -> str:
    """`show running-config`."""
    body = "\n".join(line for line in device.running.lines if line != "end")
    return f"Building configuration...\n!! IOS XR Configuration {version_fields(device)['version']}\n{body}\nend\n\n"


def vty_pools(device: Device) -> str:
    """`show running-config vty-pool`."""
    lines = [line for line in device.running.lines if line.startswith("vty-pool ")]
    return "\n".join(lines) + "\n!\n\n" if lines else "% No such configuration item(s)\n\n"


async def show_users(shell: Shell, args: list[str]) -> str:
    """All sessions."""
    rows = ["   Line            User                 Service  Conns   Idle        Location"]
    for link in shell.device.links:
        mark = "*" if link is shell.link else " "
        rows.append(f"{mark}  vty{link.vty:<13}{link.username:<21}ssh          0  00:00:00  {link.wire.peer[0]}")
    return "\n".join(rows) + "\n"


def _platform_text(name: str) -> Handler:
    async def handler(shell: Shell, args: list[str]) -> str:
        return shell.device.platform.texts[name].format_map(version_fields(shell.device))

    return handler


def add_show_commands(grammar: Grammar[Handler], device: Device) -> None:
    """The show commands this device knows."""
    own = state_of(device)
    rows: list[tuple[str, Handler]] = [
        ("show version", _text(show_version)),
        ("show version brief", _text(show_version)),
        ("show platform", _text(show_platform)),
        ("show redundancy summary", _text(show_redundancy)),
        ("show running-config", _text(running_config)),
        ("show running-config vty-pool", _text(vty_pools)),
        ("show configuration failed startup", failed_config),
        ("show clock", show_clock),
        ("show users", show_users),
        ("show hw-module fpd", _text(show_fpd)),
        ("show hw-module fpd location all", _text(show_fpd)),
        ("show install rollback", rollback_points),
        ("show ospf neighbor", _text(lambda device: "")),
        ("show bgp summary", _text(lambda device: "")),
        ("show cdp neighbors", _text(lambda device: "")),
    ]
    sets: dict[str, Handler] = {"active": active, "committed": committed, "inactive": inactive}
    for name, shown in sets.items():
        rows += [(f"show install {name}", shown), (f"show install {name} summary", shown)]
    rows.append(("show install repository", inactive))
    upgrade = (
        "admin upgrade hw-module fpd all location all"
        if own.kind == "xr32"
        else "upgrade hw-module location all fpd all"
    )
    rows += [(upgrade, upgrade_fpd), ("upgrade hw-module fpd all location all", upgrade_fpd)]
    for pattern, handler in rows:
        grammar.add(pattern, handler)
        if pattern.startswith(("show install", "show platform", "show hw-module", "show version")):
            grammar.add(f"admin {pattern}", handler)
    for pattern, name in (
        ("show inventory", "inventory"),
        ("show ipv4 interface brief", "ip_interface_brief"),
        ("show interfaces brief", "interface_brief"),
    ):
        if name in device.platform.texts:
            grammar.add(pattern, _platform_text(name))
            grammar.add(f"admin {pattern}", _platform_text(name))
