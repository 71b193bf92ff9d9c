"""Show commands of IOS devices."""

from __future__ import annotations

from datetime import UTC, datetime

from ..config import Configuration
from ..device import Device
from ..grammar import Grammar
from .bootstate import show_boot_switch, show_bootvar
from .shell import Handler, Shell, clock_text
from .version import show_version, version_fields
from .words import SHOW_DECOYS


def _text(make: object) -> Handler:
    async def handler(shell: Shell, args: list[str]) -> str:
        assert callable(make)
        return str(make(shell.device))

    return handler


async def show_clock(shell: Shell, args: list[str]) -> str:
    """The device's time: it runs as real time does, right or wrong."""
    return f"{clock_text(shell.device.clock(datetime.now(UTC)))}\n"


async def show_privilege(shell: Shell, args: list[str]) -> str:
    """The level of this session."""
    return f"Current privilege level is {shell.level}\n"


async def show_users(shell: Shell, args: list[str]) -> str:
    """All sessions."""
    rows = ["    Line       User       Host(s)              Idle       Location"]
    for link in shell.device.links:
        mark = "*" if link is shell.link else " "
        number = link.vty + 1
        peer = link.wire.peer[0]
        rows.append(f"{mark}{number:>3} vty {link.vty:<5}{link.username:<11}idle                 00:00:00 {peer}")
    return "\n".join(rows) + "\n\n  Interface    User               Mode         Idle     Peer Address\n\n"


async def show_reload(shell: Shell, args: list[str]) -> str:
    """Whether a reload is scheduled."""
    at = shell.device.reload_at
    if at is None:
        return "No reload is scheduled.\n"
    left = int((at - datetime.now(UTC)).total_seconds())
    when = f"{at:%H:%M:%S} UTC {at:%a %b} {at.day} {at:%Y}"
    return f"Reload scheduled for {when} (in {left // 60} minutes and {left % 60} seconds) by {shell.link.username}\n"


def show_file_systems(device: Device) -> str:
    """The table of file systems; the default one has a star."""
    rows = ["File Systems:", "", "       Size(b)       Free(b)      Type  Flags  Prefixes"]
    for system in device.storage.systems:
        size = str(system.total) if system.has_sizes else "-"
        free = str(device.free(system)) if system.has_sizes else "-"
        star = "*" if system.is_default else " "
        names = " ".join(f"{name}:" for name in (system.prefix, *system.aliases))
        rows.append(f"{star}{size:>13}{free:>14}{system.kind:>10}{system.flags:>7}   {names}")
    return "\n".join(rows) + "\n\n"


def running_config(device: Device) -> str:
    """`show running-config`."""
    body = device.running.text()
    head = f"Building configuration...\n\nCurrent configuration : {len(body)} bytes\n!\n"
    return f"{head}! Last configuration change at {_stamp(device)}\n!\n{body}\n"


def _stamp(device: Device) -> str:
    at = device.clock(device.booted_at)
    return f"{at:%H:%M:%S} UTC {at:%a %b} {at.day} {at:%Y}"


def startup_config(device: Device) -> str:
    """`show startup-config`."""
    startup: Configuration | None = device.startup
    if startup is None:
        return "startup-config is not present\n"
    body = startup.text()
    return f"Using {len(body)} out of 65536 bytes\n!\n{body}\n"


async def show_running_section(shell: Shell, args: list[str]) -> str:
    """`show running-config interface X` and the like."""
    wanted = args[0].lower()
    lines = shell.device.running.lines
    at = next((n for n, line in enumerate(lines) if line.lower() == f"interface {wanted}"), -1)
    if at < 0:
        return "% Invalid interface\n"
    end = next((n for n in range(at + 1, len(lines)) if not lines[n].startswith(" ")), len(lines))
    body = "\n".join(lines[at:end])
    return f"Building configuration...\n\nCurrent configuration : {len(body)} bytes\n!\n{body}\nend\n\n"


def show_neighbors(device: Device) -> str:
    """`show cdp neighbors`."""
    rows = [
        "Capability Codes: R - Router, T - Trans Bridge, B - Source Route Bridge",
        "                  S - Switch, H - Host, I - IGMP, r - Repeater, P - Phone, ",
        "                  D - Remote, C - CVTA, M - Two-port Mac Relay ",
        "",
        "Device ID        Local Intrfce     Holdtme    Capability  Platform  Port ID",
    ]
    for item in device.spec.neighbors:
        rows.append(
            f"{item['device']:<17}{item['local']:<18}150              R S I  {item['platform']:<10}{item['remote']}"
        )
    rows += ["", f"Total cdp entries displayed : {len(device.spec.neighbors)}"]
    return "\n".join(rows) + "\n"


def _platform_text(name: str) -> Handler:
    async def handler(shell: Shell, args: list[str]) -> str:
        return shell.device.platform.texts[name].format_map(
            {**version_fields(shell.device), "bootvar": _bootvar(shell.device)}
        )

    return handler


def _bootvar(device: Device) -> str:
    line = show_bootvar(device).split("\n", 1)[0]
    return line.partition(" = ")[2]


def show_logging(device: Device) -> str:
    """A short log buffer."""
    return (
        "Syslog logging: enabled (0 messages dropped, 2 messages rate-limited, 0 flushes, 0 overruns)\n\n"
        "    Console logging: level debugging\n    Monitor logging: level debugging\n\n"
        f"Log Buffer (4096 bytes):\n\n*{_stamp(device)}: %SYS-5-RESTART: System restarted --\n"
    )


def show_processes_cpu(device: Device) -> str:
    """Load in one line."""
    return "CPU utilization for five seconds: 2%/0%; one minute: 1%; five minutes: 1%\n"


# show command -> (text in the platform file, privilege)
_PLATFORM_TEXTS = {
    "show inventory": ("inventory", 1),
    "show redundancy": ("redundancy", 1),
    "show redundancy states": ("redundancy_states", 1),
    "show ip interface brief": ("ip_interface_brief", 1),
    "show interfaces status": ("interfaces_status", 1),
    "show platform": ("platform", 1),
    "show switch": ("switch", 1),
    "show module": ("module", 1),
}


def add_show_commands(grammar: Grammar[Handler], device: Device) -> None:
    """The show commands this device knows."""
    for pattern, handler, level in (
        ("show version", _text(show_version), 0),
        ("show clock", show_clock, 0),
        ("show clock detail", show_clock, 0),
        ("show privilege", show_privilege, 0),
        ("show users", show_users, 0),
        ("show reload", show_reload, 1),
        ("show file systems", _text(show_file_systems), 1),
        ("show running-config", _text(running_config), 15),
        ("show running-config interface <name>", show_running_section, 15),
        ("show startup-config", _text(startup_config), 15),
        ("show cdp neighbors", _text(show_neighbors), 0),
        ("show ip ospf neighbor", _text(lambda device: "\n" if device.platform.texts.get("has_routing") else ""), 1),
        ("show ip bgp summary", _text(lambda device: "% BGP not active\n\n"), 1),
        ("show processes cpu", _text(show_processes_cpu), 1),
        ("show logging", _text(show_logging), 1),
    ):
        grammar.add(pattern, handler, level)
    for pattern, (name, level) in _PLATFORM_TEXTS.items():
        if name in device.platform.texts:
            grammar.add(pattern, _platform_text(name), level)
    if "switch" in device.platform.boot_forms:
        grammar.add("show boot", _text(show_boot_switch), 1)
    if "boot" in device.platform.boot_forms:
        grammar.add("show boot", _text(show_bootvar), 1)
    if "bootvar" in device.platform.boot_forms:
        grammar.add("show bootvar", _text(show_bootvar), 1)
    show = grammar.root.keywords["show"]
    for word in sorted(SHOW_DECOYS):
        show.keywords.setdefault(word, type(show)())
        show.levels.setdefault(word, 1)
