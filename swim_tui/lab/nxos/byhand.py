"""The manual way of NX-OS: boot variables in the configuration, and reload."""

from __future__ import annotations

from typing import cast

from ..device import Device
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from .files import locate
from .shell import NxosShell
from .state import full_path, image, names, set_boot, state_of


def _booter(variable: str) -> Handler:
    async def handler(shell: Shell, args: list[str]) -> str:
        path = full_path(args[1].split()[0])
        shell.term.write("Performing image verification and compatibility check, please wait....\n")
        await shell.term.wait(shell.device.services.seconds(10))
        where = locate(shell, path)
        if where is None or where[1] not in where[0].files:
            shell.term.write(f"No such file: {path}\n")
        elif image(shell.device, path, variable) is None:
            shell.term.write("Warning: image verification failed, image is not valid\n")
        else:
            shell.device.changed()
            shell.device.is_dirty = True
            set_boot(shell.device.running, variable, path)
        return ""

    return handler


def _unbooter(variable: str) -> Handler:
    async def handler(shell: Shell, args: list[str]) -> str:
        shell.device.changed()
        shell.device.is_dirty = True
        lines = shell.device.running.lines
        shell.device.running.lines = [line for line in lines if not line.startswith(f"boot {variable} ")]
        return ""

    return handler


async def reload(shell: Shell, args: list[str]) -> str:
    """`reload`."""
    device = shell.device
    if device.faults.has("reload_denied"):
        return "% Permission denied for the role\n"
    if device.is_dirty:
        shell.term.write("WARNING: There is unsaved configuration!!!\n")
    question = "This command will reboot the system. (y/n)?  [n] "
    if await cast(NxosShell, shell).ask(question, "n") != "y":
        return ""
    sups = state_of(device).sups
    if sups is not None:
        sups.whole_reload(device.running_software.version)
    device.reload("Reset Requested by CLI command reload", shell.link.session)
    await shell.die_with_device()
    return ""


def add_boot_lines(grammar: Grammar[Handler], device: Device) -> None:
    """Configuration commands of this module."""
    for name in names(state_of(device).is_split):
        grammar.add(f"boot {name} <path...>", _booter(name))
        grammar.add(f"no boot {name}", _unbooter(name))
        grammar.add(f"no boot {name} <path...>", _unbooter(name))


def add_reload(grammar: Grammar[Handler]) -> None:
    """The exec command of this module."""
    grammar.add("reload", reload)
