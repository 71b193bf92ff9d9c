"""Reads a network file (with includes) and checks every reference in it."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .faults import FaultError, parse_fault
from .heads import HEADERS
from .model import BootTimes, DeviceSpec, GroupSpec, JumpSpec, Network, Platform, Software
from .platforms import lab_data_dir, platform_table, read_boot_times, read_files, read_members
from .serverfile import ServerSpec, read_server, read_site_rates
from .userkeys import is_public_key
from .yamlfile import Block, Fields, NetworkError, read_yaml

COMMANDS = ("nc", "ssh")
COPY_STEPS = ("erase", "host", "user", "file", "dest", "over", "key", "password")
GROUP_KINDS = ("location", "device_type", "user")


@dataclass
class _Draft:
    """A network while its files are read."""

    jumps: dict[str, JumpSpec] = field(default_factory=dict)
    devices: dict[str, DeviceSpec] = field(default_factory=dict)
    groups: dict[str, GroupSpec] = field(default_factory=dict)
    software: dict[str, Software] = field(default_factory=dict)
    servers: dict[str, ServerSpec] = field(default_factory=dict)
    site_rates: dict[str, float] = field(default_factory=dict)
    authorized_keys: list[str] = field(default_factory=list)
    checks: list[Callable[[], None]] = field(default_factory=list)


def find_network(name: str) -> Path:
    """The path of a network file: as given, or a shipped one by name."""
    for path in (Path(name), lab_data_dir() / name, lab_data_dir() / f"{name}.yaml"):
        if path.is_file():
            return path
    shipped = ", ".join(sorted(path.stem for path in lab_data_dir().glob("*.yaml")))
    raise NetworkError(f"{name}: no such network file; shipped networks are {shipped}")


def load_network(path: Path, size_scale: float | None = None, faults: Path | None = None) -> Network:
    """The network of a file; `size_scale` overrides what the file says, `faults` is an overlay file."""
    draft = _Draft()
    top = _read_file(path, draft, size_scale, ())
    if faults is not None:
        _overlay(faults, draft)
    for check in draft.checks:
        check()
    return Network(
        name=top.text("name", path.stem),
        jumps=tuple(draft.jumps.values()),
        devices=tuple(draft.devices.values()),
        groups=tuple(draft.groups.values()),
        software=draft.software,
        rates_follow_time_scale=top.flag("rates_follow_time_scale", True),
        time_scale=top.number("time_scale", 1.0),
        servers=tuple(draft.servers.values()),
        site_rates=draft.site_rates,
        authorized_keys=tuple(draft.authorized_keys),
    )


def _read_file(path: Path, draft: _Draft, size_scale: float | None, above: tuple[Path, ...]) -> Fields:
    if path.resolve() in above:
        raise NetworkError(f"{path}: includes itself")
    block = read_yaml(path)
    top = Fields(block, "the network")
    # Only the outermost file decides these; an included one may have them all the same.
    top.text("name", ""), top.flag("rates_follow_time_scale", True), top.number("time_scale", 1.0)
    scale = top.number("size_scale", 1.0)
    if scale <= 0:
        raise block.fail("the network: 'size_scale' must be above zero", "size_scale")
    for name in top.texts("include"):
        inner = path.parent / name
        _read_file(inner, draft, size_scale, (*above, path.resolve()))
    for item in top.blocks("groups"):
        _group(item, draft)
    for item in top.blocks("software"):
        _software(item, draft, size_scale or scale)
    for item in top.blocks("jumps"):
        _jump(item, draft)
    for item in top.blocks("servers"):
        _server(item, draft, size_scale or scale)
    _site_rates(top.mapping("site_rates"), draft)
    for line in top.texts("authorized_keys"):
        if not is_public_key(line):
            raise block.fail("the network: 'authorized_keys' are lines 'ssh-ed25519 AAAA...'", "authorized_keys")
        draft.authorized_keys.append(line)
    defaults = top.mapping("device_defaults")
    for item in top.blocks("devices"):
        _devices(item, defaults, draft, scale, size_scale)
    _faults(top.mapping("faults"), draft)
    top.done()
    return top


def _group(block: Block, draft: _Draft) -> None:
    fields = Fields(block, "a group")
    group = GroupSpec(
        name=fields.text("name"),
        kind=fields.choice("kind", GROUP_KINDS),
        parent=fields.text("parent", ""),
        zone=fields.text("zone", ""),
    )
    fields.done()
    draft.groups[group.name] = group


def _software(block: Block, draft: _Draft, scale: float) -> None:
    fields = Fields(block, "a software")
    software = Software(
        file=fields.text("file"),
        family=fields.text("family"),
        image=fields.text("image"),
        version=fields.text("version"),
        xe_version=fields.text("xe_version", ""),
        size=fields.integer("size"),
        seed=fields.text("seed", ""),
        sysdescr=fields.text("sysdescr"),
        feature=fields.text("feature", ""),
        header=fields.choice("header", ("elf", "xe", "tar", *HEADERS), "elf"),
        size_scale=scale,
        platforms=fields.texts("platforms"),
        publish=fields.flag("publish", False),
        packages=fields.texts("packages"),
        build=fields.text("build", ""),
        microcode=fields.text("microcode", ""),
        dram_mb=fields.integer("dram_mb", 64),
        inner=_inner(fields, block, draft),
        patches=fields.text("patches", ""),
        reloads=fields.flag("reloads", True),
    )
    wants_bad = fields.flag("bad", False)
    fields.done()
    known = draft.software.get(software.file)
    if known is not None and (known.version, known.size_scale) != (software.version, software.size_scale):
        raise block.fail(f"software '{software.file}' is described twice, differently", "file")
    draft.software[software.file] = dataclasses.replace(
        software, seed=software.seed or software.file, bad="broken" if wants_bad else ""
    )


def _inner(fields: Fields, block: Block, draft: _Draft) -> Software | None:
    """The image inside an archive; it is described before the archive."""
    name = fields.text("inner", "")
    if not name:
        return None
    if name not in draft.software:
        raise block.fail(f"{fields.what}: no software '{name}' before it to be inside it", "inner")
    return draft.software[name]


def _jump(block: Block, draft: _Draft) -> None:
    fields = Fields(block, "a jump host")
    jump = JumpSpec(
        name=fields.text("name"),
        address=fields.text("address"),
        port=fields.integer("port", 22),
        via=fields.text("via", ""),
        otp=fields.flag("otp", False),
        banner=fields.text("banner", ""),
        forwarding=fields.flag("forwarding", True),
        commands=tuple(fields.texts("commands")),
        target_in_user=fields.flag("target_in_user", False),
        push=fields.choice("push", ("", "asks", "silent"), ""),
        push_s=fields.number("push_s", 0.0),
    )
    fields.done()
    for command in jump.commands:
        if command not in COMMANDS:
            raise block.fail(f"jump host '{jump.name}': no command '{command}'; known: nc, ssh", "commands")
    if jump.name in draft.jumps and draft.jumps[jump.name] != jump:
        raise block.fail(f"jump host '{jump.name}' is described twice", "name")
    draft.jumps[jump.name] = jump

    def check() -> None:
        if jump.via and jump.via not in draft.jumps:
            raise block.fail(f"jump host '{jump.name}' goes via '{jump.via}', which is no jump host", "via")

    draft.checks.append(check)


def _server(block: Block, draft: _Draft, scale: float) -> None:
    server = read_server(block, scale)
    if server.name in draft.servers and draft.servers[server.name] != server:
        raise block.fail(f"server '{server.name}' is described twice", "name")
    draft.servers[server.name] = server

    def check() -> None:
        for site in server.sites:
            if site not in draft.groups or draft.groups[site].kind != "location":
                raise block.fail(f"server '{server.name}': no location group '{site}'", "sites")
        for file in server.files:
            if file.software and file.software not in draft.software:
                raise block.fail(f"server '{server.name}': no software '{file.software}' in the catalogue", "files")

    draft.checks.append(check)


def _site_rates(block: Block, draft: _Draft) -> None:
    draft.site_rates |= read_site_rates(block)

    def check() -> None:
        for name in block:
            if name not in draft.groups:
                raise block.fail(f"site_rates: no group '{name}'", name)

    draft.checks.append(check)


def _merged(block: Block, defaults: Block) -> Block:
    merged = Block(block.path, block.line)
    merged.update({**defaults, **block})
    merged.lines = {**defaults.lines, **block.lines}
    return merged


def _devices(block: Block, defaults: Block, draft: _Draft, scale: float, forced: float | None) -> None:
    merged = _merged(block, defaults)
    fields = Fields(merged, f"device '{merged.get('name', '?')}'")
    count = fields.integer("count", 1)
    own = fields.number("size_scale", scale)  # where a file mixes platforms: that of the device's software
    spec = _device(fields, merged, forced or own)
    fields.done()
    for number in range(1, count + 1):
        one = spec if count == 1 else _numbered(spec, number)
        if one.name in draft.devices:
            raise merged.fail(f"device '{one.name}' is described twice", "name")
        if any(other.address == one.address and other.port == one.port for other in draft.devices.values()):
            raise merged.fail(f"device '{one.name}': the address {one.address}:{one.port} is taken", "address")
        draft.devices[one.name] = one
    draft.checks.append(lambda: _check_device(spec, merged, draft))


def _numbered(spec: DeviceSpec, number: int) -> DeviceSpec:
    address = str(ipaddress.ip_address(spec.address) + number - 1)
    name = spec.name.replace("{n}", f"{number:03d}")
    return dataclasses.replace(spec, name=name, hostname=spec.hostname.replace("{n}", f"{number:03d}"), address=address)


def _platform(fields: Fields, block: Block) -> Platform:
    name = fields.text("platform")
    table = platform_table()
    if name not in table:
        raise block.fail(f"{fields.what}: no platform '{name}'; known are {', '.join(table)}", "platform")
    return table[name]


def _device(fields: Fields, block: Block, scale: float) -> DeviceSpec:
    platform = _platform(fields, block)
    name = fields.text("name")
    times = fields.mapping("boot_times")
    address = fields.text("address")
    try:
        ipaddress.ip_address(address)
    except ValueError as err:
        raise block.fail(f"{fields.what}: '{address}' is not an IP address", "address") from err
    return DeviceSpec(
        name=name,
        address=address,
        port=fields.integer("port", 22),
        platform=platform,
        running=fields.text("running"),
        size_scale=scale,
        hostname=fields.text("hostname", name),
        role=fields.text("role", "access"),
        location=fields.text("location", ""),
        device_type=fields.text("device_type", ""),
        groups=fields.texts("groups"),
        jump=fields.texts("jump"),
        upstream=fields.texts("upstream"),
        pair=fields.text("pair", ""),
        description=fields.text("description", ""),
        boot_fs_size=fields.integer("boot_fs_size", 0),
        files=read_files(fields.blocks("files")),
        boot=fields.texts("boot"),
        config=fields.texts("config"),
        config_register=fields.text("config_register", ""),
        uptime_days=fields.number("uptime_days", 20.0),
        privilege=fields.integer("privilege", 15),
        has_enable=fields.flag("has_enable", True),
        scp_server=fields.flag("scp_server", True),
        manual_boot=fields.flag("manual_boot", False),
        neighbors=tuple(_neighbor(item) for item in fields.blocks("neighbors")),
        exec_timestamp=fields.flag("exec_timestamp", False),
        syslog_noise=fields.flag("syslog_noise", False),
        domain_lookup=fields.flag("domain_lookup", False),
        banner=fields.text("banner", ""),
        motd=fields.text("motd", ""),
        scp_bytes_s=fields.number("scp_bytes_s", -1.0),
        pull_bytes_s=fields.number("pull_bytes_s", -1.0),
        copy_order=_copy_order(fields, block),
        boot_times=read_boot_times(times, platform.boot) if times else None,
        pid=fields.text("pid", ""),
        mode=fields.choice("mode", ("", "install", "bundle"), ""),
        stack=fields.integer("stack", 0),
        members=read_members(fields.blocks("members")),
    )


def _copy_order(fields: Fields, block: Block) -> tuple[str, ...]:
    order = fields.texts("copy_order")
    for word in order:
        if word not in COPY_STEPS:
            raise block.fail(f"{fields.what}: 'copy_order' knows {', '.join(COPY_STEPS)}, not '{word}'", "copy_order")
    return order


def _neighbor(block: Block) -> dict[str, str]:
    fields = Fields(block, "a neighbor")
    found = {key: fields.text(key) for key in ("device", "local", "remote")}
    found["platform"] = fields.text("platform", "cisco")
    fields.done()
    return found


def _of_members(spec: DeviceSpec) -> list[str]:
    found = [member.running for member in spec.members if member.running]
    return found + [item.software for member in spec.members for item in member.files if item.software]


def _check_device(spec: DeviceSpec, block: Block, draft: _Draft) -> None:
    for file in (
        spec.running,
        *spec.boot,
        *(item.software for item in spec.files if item.software),
        *_of_members(spec),
    ):
        if file not in draft.software and file not in [item.name for item in spec.files]:
            raise block.fail(f"device '{spec.name}': no software '{file}' in the catalogue", "running")
    for jump in spec.jump:
        if jump not in draft.jumps:
            raise block.fail(f"device '{spec.name}': no jump host '{jump}'", "jump")
    for group in (spec.location, spec.device_type, *spec.groups):
        if group and group not in draft.groups:
            raise block.fail(f"device '{spec.name}': no group '{group}'", "groups")


def _faults(block: Block, draft: _Draft) -> None:
    """Puts `faults: {name: [fault, ...]}` on devices and jump hosts."""
    for name, items in block.items():
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise block.fail(f"faults of '{name}' must be a list of texts", name)
        try:
            for item in items:
                parse_fault(item)
        except FaultError as err:
            raise block.fail(f"'{name}': {err}", name) from err
        if name in draft.devices:
            spec = draft.devices[name]
            draft.devices[name] = dataclasses.replace(spec, faults=(*spec.faults, *items))
        elif name in draft.jumps:
            jump = draft.jumps[name]
            draft.jumps[name] = dataclasses.replace(jump, faults=(*jump.faults, *items))
        elif name in draft.servers:
            server = draft.servers[name]
            draft.servers[name] = dataclasses.replace(server, faults=(*server.faults, *items))
        else:
            raise block.fail(f"faults for '{name}', which is neither a device nor a jump host nor a server", name)


def _overlay(path: Path, draft: _Draft) -> None:
    fields = Fields(read_yaml(path), "the fault overlay")
    _faults(fields.mapping("faults"), draft)
    fields.done()


def default_boot_times(spec: DeviceSpec) -> BootTimes:
    """The boot times of a device: its own or its platform's."""
    return spec.boot_times or spec.platform.boot
