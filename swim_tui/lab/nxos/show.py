"""Show commands of NX-OS."""

from __future__ import annotations

from datetime import UTC, datetime

from ..device import Device
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from ..ios.show import show_privilege
from .state import boot_paths, is_up, names, peer, state, state_of

SHOWN = {"nxos": "NXOS", "kickstart": "kickstart", "system": "system"}


def _text(make: object) -> Handler:
    async def handler(shell: Shell, args: list[str]) -> str:
        assert callable(make)
        return str(make(shell.device))

    return handler


def uri(path: str) -> str:
    """`bootflash:///x`, as show version prints a path."""
    return path.replace(":/", ":///") if ":///" not in path else path


def version_fields(device: Device) -> dict[str, object]:
    """What the platform's `show version` may ask for."""
    up = datetime.now(UTC) - device.booted_at
    hours, rest = divmod(up.seconds, 3600)
    boot = device.storage.system("bootflash")
    own = state_of(device)
    at = device.clock(device.booted_at)
    return {
        "version": device.running_software.version,
        "bios": own.bios,
        "image": uri(device.running_path),
        "kickstart": uri(own.kickstart_path),
        "compiled": device.running_software.sysdescr.strip(),
        "serial": device.serial,
        "hostname": device.running.hostname,
        "flash_kb": boot.total // 1024 if boot else 0,
        "uptime": f"{up.days} day(s), {hours} hour(s), {rest // 60} minute(s), {rest % 60} second(s)",
        "reset_at": f"{at.microsecond} usecs after {at:%a %b} {at.day:>2} {at:%H:%M:%S %Y}",
        "reason": device.reload_reason,
    }


def show_version(device: Device) -> str:
    """`show version`."""
    return device.platform.show_version.format_map(version_fields(device)).strip("\n") + "\n\n"


def show_boot(device: Device) -> str:
    """`show boot`: what runs, and what the next reload takes (the startup configuration counts)."""
    split = state_of(device).is_split

    sups = state_of(device).sups

    def block(paths: dict[str, str]) -> list[str]:
        one = _one(paths)
        return [*one, *(["", "sup-2", *one[2:]] if sups is not None else [])]

    def _one(paths: dict[str, str]) -> list[str]:
        lines = [f"{SHOWN[name]} variable = {paths[name]}" for name in names(split) if name in paths]
        if not lines:
            lines = [f"{SHOWN[name]} variable not set" for name in names(split)]
        return ["", "sup-1", *lines, "Boot POAP Disabled", "No module boot variable set"]

    now = boot_paths(device.running, split)
    later = boot_paths(device.startup, split)
    return (
        "\n".join(["Current Boot Variables:", *block(now), "", "Boot Variables on next reload:", *block(later)]) + "\n"
    )


def show_running(device: Device) -> str:
    """`show running-config`."""
    now = datetime.now(UTC)
    head = f"\n!Command: show running-config\n!Time: {now:%a %b} {now.day} {now:%H:%M:%S %Y}\n\n"
    version = f"version {device.running_software.version} Bios:version {state_of(device).bios}\n"
    body = "".join(f"{line}\n" for line in device.running.lines if not line.startswith("version "))
    return f"{head}{version}{body}\n"


def show_startup(device: Device) -> str:
    """`show startup-config`."""
    if device.startup is None:
        return "No startup configuration\n"
    body = "".join(f"{line}\n" for line in device.startup.lines if not line.startswith("version "))
    return f"\n!Command: show startup-config\n\nversion {device.startup_version} Bios:version\n{body}\n"


async def show_users(shell: Shell, args: list[str]) -> str:
    """All sessions, each on a terminal of its own; the last word marks the one that asks."""
    rows = ["NAME     LINE         TIME         IDLE          PID COMMENT"]
    for link in shell.device.links:
        at = shell.device.clock(datetime.now(UTC))
        mark = " *" if link is shell.link else ""
        when = f"{at:%b %d %H:%M}"
        head = f"{link.username:<9}pts/{link.vty:<9}{when}   .         {20_000 + link.vty}"
        rows.append(f"{head} ({link.wire.peer[0]}) session=ssh{mark}")
    return "\n".join(rows) + "\n"


async def show_running_diff(shell: Shell, args: list[str]) -> str:
    """`show running-config diff`: empty when everything is saved."""
    device = shell.device
    saved = device.startup.lines if device.startup else []
    new = [line for line in device.running.lines if line not in saved]
    old = [line for line in saved if line not in device.running.lines]
    if not new and not old:
        return ""
    rows = [f"- {line}" for line in old] + [f"+ {line}" for line in new]
    return "*** Startup-config\n--- Running-config\n***************\n" + "\n".join(rows) + "\n"


def show_module(device: Device) -> str:
    """`show module`."""
    sups = state_of(device).sups
    if sups is not None:
        return sups.show_module()
    pid = device.platform.texts.get("module_type", device.platform.pid)
    version = device.running_software.version
    rule = "--- ----- ------------------------------------- --------------------- ---------"
    return (
        f"Mod Ports             Module-Type                      Model           Status\n{rule}\n"
        f"1    54   {pid:<37} {device.platform.pid:<21} active *\n\n"
        "Mod  Sw                       Hw    Slot\n---  ----------------------- ------ ----\n"
        f"1    {version:<23} 1.2    NA\n\n"
        "Mod  MAC-Address(es)                         Serial-Num\n"
        "---  --------------------------------------  ----------\n"
        f"1    {device.mac} to {device.mac}        {device.serial}\n\n"
        "Mod  Online Diag Status\n---  ------------------\n1    Pass\n\n* this terminal session \n"
    )


def show_redundancy(device: Device) -> str:
    """`show redundancy status` and `show system redundancy status` of one supervisor, or of two."""
    sups = state_of(device).sups
    if sups is not None:
        return sups.show_redundancy()
    mode = "Redundancy mode\n---------------\n      administrative:   HA\n         operational:   None\n\n"
    this = "This supervisor (sup-1)\n-----------------------\n    Redundancy state:   Active\n"
    states = "    Supervisor state:   Active\n      Internal state:   Active with no standby\n\n"
    return (
        f"{mode}{this}{states}Other supervisor (sup-2)\n------------------------\n    Redundancy state:   Not present\n"
    )


# -- vPC -----------------------------------------------------------------------------------


def is_primary(device: Device) -> bool:
    """The first of a pair by name is configured as primary."""
    return not device.spec.pair or device.name < device.spec.pair


def vpc_role(device: Device) -> str:
    """The role as printed: a survivor becomes operational primary."""
    other = peer(device)
    is_alone = other is None or not is_up(other)
    if is_primary(device):
        return "primary"
    return "secondary, operational primary" if is_alone else "secondary"


def show_vpc(device: Device) -> str:
    """`show vpc`, `show vpc brief`."""
    if not device.running.has("feature vpc"):
        return ""
    other = peer(device)
    is_there = other is not None and is_up(other) and not device.faults.has("peer_link_down")
    status = "peer adjacency formed ok" if is_there else "peer link is down"
    alive = "peer is alive" if other is not None and is_up(other) else "peer is not reachable through peer-keepalive"
    link = "up    " if is_there else "down  "
    return (
        "Legend:\n                (*) - local vPC is down, forwarding via vPC peer-link\n\n"
        f"vPC domain id                     : 10  \nPeer status                       : {status}      \n"
        f"vPC keep-alive status             : {alive}                 \n"
        "Configuration consistency status  : success \nPer-vlan consistency status       : success \n"
        "Type-2 consistency status         : success \n"
        f"vPC role                          : {vpc_role(device):<30}\n"
        "Number of vPCs configured         : 1   \nPeer Gateway                      : Enabled\n"
        "Dual-active excluded VLANs        : -\nGraceful Consistency Check        : Enabled\n"
        "Auto-recovery status              : Enabled, timer is off.(timeout = 240s)\n\n"
        "vPC Peer-link status\n---------------------------------------------------------------------\n"
        "id    Port   Status Active vlans    \n--    ----   ------ -------------------------------------------------\n"
        f"1     Po1    {link} {'1,10,20' if is_there else '-'}                                   \n\n"
        "vPC status\n----------------------------------------------------------------------------\n"
        "Id    Port          Status Consistency Reason                Active vlans\n"
        "--    ------------  ------ ----------- ------                ---------------\n"
        "11    Po11          up     success     success               10,20          \n"
    )


def show_vpc_role(device: Device) -> str:
    """`show vpc role`."""
    if not device.running.has("feature vpc"):
        return ""
    priority = 1000 if is_primary(device) else 2000
    return (
        "vPC Role status\n----------------------------------------------------\n"
        f"vPC role                        : {vpc_role(device):<30}\n"
        f"Dual Active Detection Status    : 0\nvPC system-mac                  : 00:23:04:ee:be:0a\n"
        f"vPC system-priority             : 32667\nvPC local system-mac            : {device.mac}\n"
        f"vPC local role-priority         : {priority}\n"
    )


def show_neighbors(device: Device) -> str:
    """`show cdp neighbors`."""
    rows = [
        "Capability Codes: R - Router, T - Trans-Bridge, B - Source-Route-Bridge",
        "                  S - Switch, H - Host, I - IGMP, r - Repeater,",
        "                  V - VoIP-Phone, D - Remotely-Managed-Device,",
        "                  s - Supports-STP-Dispute",
        "",
        "Device-ID          Local Intrfce  Hldtme Capability  Platform      Port ID",
    ]
    rows += [
        f"{item['device']:<19}{item['local']:<15}150    R S I s     {item['platform']:<14}{item['remote']}"
        for item in device.spec.neighbors
    ]
    return "\n".join([*rows, "", f"Total entries displayed: {len(device.spec.neighbors)}"]) + "\n"


def show_feature(device: Device) -> str:
    """`show feature`."""
    known = ("bgp", "interface-vlan", "lacp", "lldp", "ospf", "scp-server", "sftp-server", "sshServer", "telnet", "vpc")
    rows = ["Feature Name          Instance  State   ", "--------------------  --------  --------"]
    for name in known:
        is_on = name == "sshServer" or device.running.has(f"feature {name}")
        rows.append(f"{name:<22}1         {'enabled' if is_on else 'disabled'}")
    return "\n".join(rows) + "\n"


async def show_clock(shell: Shell, args: list[str]) -> str:
    """The device's time."""
    now = shell.device.clock(datetime.now(UTC))
    text = f"{now:%H:%M:%S}.{now.microsecond // 1000:03d} UTC {now:%a %b} {now.day:>2} {now:%Y}"
    return f"{text}\nTime source is NTP\n"


async def show_checkpoints(shell: Shell, args: list[str]) -> str:
    """`show checkpoint summary`."""
    return "".join(
        f"{number}) {name}:\nCreated by {shell.link.username}\n"
        for number, name in enumerate(state(shell).checkpoints, 1)
    )


def _platform_text(name: str) -> Handler:
    async def handler(shell: Shell, args: list[str]) -> str:
        return shell.device.platform.texts[name].format_map(version_fields(shell.device))

    return handler


def add_show_commands(grammar: Grammar[Handler], device: Device) -> None:
    """The show commands this device knows."""
    for pattern, handler in (
        ("show version", _text(show_version)),
        ("show boot", _text(show_boot)),
        ("show boot current", _text(show_boot)),
        ("show running-config", _text(show_running)),
        ("show running-config diff", show_running_diff),
        ("show startup-config", _text(show_startup)),
        ("show module", _text(show_module)),
        ("show redundancy status", _text(show_redundancy)),
        ("show system redundancy status", _text(show_redundancy)),
        ("show vpc", _text(show_vpc)),
        ("show vpc brief", _text(show_vpc)),
        ("show vpc role", _text(show_vpc_role)),
        ("show cdp neighbors", _text(show_neighbors)),
        ("show feature", _text(show_feature)),
        ("show clock", show_clock),
        ("show users", show_users),
        ("show privilege", show_privilege),
        ("show hostname", _text(lambda device: f"{device.running.hostname} \n")),
        ("show checkpoint summary", show_checkpoints),
        ("show ip ospf neighbors", _text(lambda device: "")),
        ("show ip bgp summary", _text(lambda device: "")),
        ("show processes cpu", _text(lambda device: "CPU util  :    2.00% user,   1.50% kernel,  96.50% idle\n")),
        ("show logging", _text(lambda device: "Logging console:                enabled (Severity: critical)\n")),
    ):
        grammar.add(pattern, handler)
    for pattern, name in (
        ("show inventory", "inventory"),
        ("show interface brief", "interface_brief"),
        ("show interface status", "interface_status"),
        ("show ip interface brief vrf management", "ip_interface_brief"),
    ):
        if name in device.platform.texts:
            grammar.add(pattern, _platform_text(name))
