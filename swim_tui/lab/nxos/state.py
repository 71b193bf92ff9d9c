"""What an NX-OS device keeps beside its files: boot variables, the last install, and its vPC peer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, cast

from ..config import Configuration
from ..device import Device, Phase
from ..model import Software
from ..services import BootChoice

if TYPE_CHECKING:
    from ..ios.shell import Shell
    from .supervisors import Supervisors

BUSY_S = 10.0


@dataclass
class NxosState:
    """State of one device that is neither configuration nor file."""

    is_split: bool
    kickstart_path: str = ""
    bios: str = "07.66"
    install_log: list[str] = field(default_factory=list)
    install_boots: int = 0
    installed_at: datetime | None = None
    is_installing: bool = False
    quiet_yes: bool = False
    known_hosts: set[str] = field(default_factory=set)
    checkpoints: dict[str, Configuration] = field(default_factory=dict)
    sups: Supervisors | None = None  # a chassis with two of them


class HasState(Protocol):
    """The personality, as far as handlers need it."""

    state: NxosState


def state_of(device: Device) -> NxosState:
    """The state of an NX-OS device."""
    return cast(HasState, device.personality).state


def state(shell: Shell) -> NxosState:
    """The state of the device of a session."""
    return state_of(shell.device)


def stamp() -> str:
    """A time in angle brackets, as the install log prints it."""
    now = datetime.now(UTC)
    return f"<{now:%a %b} {now.day:>2} {now:%H:%M:%S}>"


def names(is_split: bool) -> tuple[str, ...]:
    """The boot variables a device has."""
    return ("kickstart", "system") if is_split else ("nxos",)


def boot_paths(config: Configuration | None, is_split: bool) -> dict[str, str]:
    """The boot variables of a configuration: {"nxos": "bootflash:/x.bin"}."""
    found = {}
    for line in config.lines if config else []:
        words = line.split()
        if len(words) > 2 and words[0] == "boot" and words[1] in names(is_split):
            found[words[1]] = words[2]
    return found


def set_boot(config: Configuration, variable: str, path: str) -> None:
    """Replace one boot variable of a configuration."""
    config.lines = [line for line in config.lines if not line.startswith(f"boot {variable} ")]
    at = next((n for n, line in enumerate(config.lines) if line.startswith("line ")), len(config.lines))
    config.lines.insert(at, f"boot {variable} {path}")


def full_path(path: str) -> str:
    """`bootflash:/x` of all spellings (`bootflash:x`, `bootflash:///x`, `x`)."""
    prefix, colon, name = path.partition(":")
    return f"{prefix if colon else 'bootflash'}:/{(name if colon else path).lstrip('/')}"


def image(device: Device, path: str, variable: str) -> Software | None:
    """The software of an image file if it fits that boot variable."""
    software = device.bootable(full_path(path))
    if software is None or (software.feature == "kickstart") != (variable == "kickstart"):
        return None
    return software


def choose_boot(device: Device) -> BootChoice:
    """By the boot variables of the startup configuration; without one the device waits for POAP."""
    own = state_of(device)
    if device.startup is None:
        return BootChoice(None, note="no startup configuration: POAP, unreachable")
    paths = boot_paths(device.startup, own.is_split)
    found = {name: image(device, paths.get(name, ""), name) for name in names(own.is_split) if paths.get(name)}
    if not own.is_split:
        software = found.get("nxos")
        return BootChoice(software, paths["nxos"]) if software else BootChoice(None, note="loader> no bootable image")
    kickstart, system = found.get("kickstart"), found.get("system")
    if kickstart is None:
        return BootChoice(None, note="loader> no bootable kickstart")
    if system is None or system.version != kickstart.version:
        return BootChoice(None, note="switch(boot)# kickstart only")
    own.kickstart_path = paths["kickstart"]
    return BootChoice(system, paths["system"])


def is_up(device: Device) -> bool:
    """Whether a device forwards packets."""
    return device.phase in (Phase.UP, Phase.ENDING)


def peer(device: Device) -> Device | None:
    """The other device of a vPC pair."""
    return device.services.devices.get(device.spec.pair)
