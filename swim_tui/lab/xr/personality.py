"""The personality of IOS-XR devices."""

from __future__ import annotations

from typing import cast

from ..config import Configuration
from ..device import Device
from ..grammar import Grammar
from ..ios.shell import Handler, Shell, run_shell
from ..ios.system import config_exit, leave, nothing, terminal_length, terminal_width
from ..services import BootChoice
from ..sessions import Link
from . import classic, lnt, modern
from .files import add_file_commands
from .packages import package_of
from .shell import XrShell
from .show import add_show_commands
from .state import XrState, choose_boot, state


async def configure(shell: Shell, args: list[str]) -> str:
    """Enter configuration mode."""
    if shell.device.faults.has("config_locked"):
        return "Configuration mode is locked by install operation\n"
    shell.enter_config()
    return ""


async def admin(shell: Shell, args: list[str]) -> str:
    """Enter admin mode."""
    cast(XrShell, shell).is_admin = True
    return (
        f"{shell.link.username} connected from 127.0.0.1 using console on host\n" if state(shell).kind != "xr32" else ""
    )


async def leave_admin(shell: Shell, args: list[str]) -> str:
    """`exit`: out of admin mode, or out of the session."""
    xr = cast(XrShell, shell)
    if xr.is_admin:
        xr.is_admin = False
        return ""
    return await leave(shell, args)


async def commit_config(shell: Shell, args: list[str]) -> str:
    """`commit` in configuration mode."""
    cast(XrShell, shell).commit()
    return ""


async def end_config(shell: Shell, args: list[str]) -> str:
    """`end` in configuration mode."""
    await cast(XrShell, shell).leave_with_question()
    return ""


async def exit_config(shell: Shell, args: list[str]) -> str:
    """`exit` in configuration mode: up one section, or as `end`."""
    if shell.section:
        return await config_exit(shell, args)
    return await end_config(shell, args)


async def set_hostname(shell: Shell, args: list[str]) -> str:
    """`hostname NAME`: waits for the commit."""
    shell.store(" ".join(args))
    return ""


async def reload(shell: Shell, args: list[str]) -> str:
    """`reload`, `reload location all`, `admin reload location all`."""
    device = shell.device
    if device.faults.has("reload_denied"):
        return "% This command is not authorized\n"
    if not state(shell).is_committed:
        shell.term.write(
            "The currently active software is not committed. If the system reboots then the committed software will be "
            "used. Use 'install commit' to commit the active software.\n"
        )
    if not await shell.term.confirm("Proceed with reload? [confirm]"):
        return ""
    device.reload("Reload Command", shell.link.session)
    await shell.die_with_device()
    return ""


class XrPersonality:
    """How these devices start, boot and talk."""

    def __init__(self) -> None:
        self.state = XrState()

    def first_config(self, device: Device) -> Configuration:
        """The platform's configuration, and the package sets at the start of the lab."""
        spec, own = device.spec, self.state
        device.counters.setdefault("installs", 0)
        own.kind = device.platform.boot_forms[0]
        found = [package_of(device.services.software[file]) for file in (spec.running, *spec.boot)]
        own.active = [package for package in found if package is not None]
        own.known, own.committed = list(own.active), list(own.active)
        own.points = {0: list(own.active)}
        own.next_number = int(device.platform.texts.get("first_operation", "1"))
        # What runs has been added long ago: no image file is left of it.
        boot = device.storage.system(device.platform.boot_fs)
        if boot is not None and spec.running not in [item.software for item in spec.files]:
            boot.files.pop(spec.running, None)
        text = device.platform.config.replace("{hostname}", spec.hostname).replace("{address}", spec.address)
        return Configuration.of(text, spec.config)

    def choose_boot(self, device: Device) -> BootChoice:
        """The activated set once, then the committed one."""
        return choose_boot(device)

    def _grammar(self, device: Device) -> Grammar[Handler]:
        grammar: Grammar[Handler] = Grammar()
        add_show_commands(grammar, device)
        add_file_commands(grammar)
        installer = {"xr32": classic, "xr64": modern, "lnt": lnt}[self.state.kind]
        installer.add_commands(grammar)
        for pattern, handler in (
            ("exit", leave_admin),
            ("logout", leave),
            ("admin", admin),
            ("terminal length <lines>", terminal_length),
            ("terminal width <columns>", terminal_width),
            ("terminal monitor", nothing),
            ("terminal exec prompt no-timestamp", nothing),
            ("configure", configure),
            ("configure terminal", configure),
            ("reload", reload),
            ("reload location all", reload),
            ("admin reload location all", reload),
            ("admin hw-module location all reload", reload),
        ):
            grammar.add(pattern, handler)
        return grammar

    def _config(self) -> Grammar[Handler]:
        grammar: Grammar[Handler] = Grammar()
        for pattern, handler in (
            ("do <command...>", nothing),
            ("commit", commit_config),
            ("end", end_config),
            ("exit", exit_config),
            ("hostname <name>", set_hostname),
        ):
            grammar.add(pattern, handler)
        return grammar

    def _shell(self, link: Link) -> Shell:
        assert link.terminal is not None
        return XrShell(link, link.terminal, self._grammar(link.device), self._config())

    async def shell(self, link: Link) -> None:
        """An interactive session."""
        await run_shell(self._shell(link))

    async def run_command(self, link: Link, command: str) -> None:
        """One command by SSH exec."""
        shell = self._shell(link)
        shell.term.length = 0
        link.log("line", command)
        await shell.execute(command)
