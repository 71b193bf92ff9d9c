"""The personality of NX-OS devices."""

from __future__ import annotations

from ..config import Configuration
from ..device import Device
from ..grammar import Grammar
from ..ios.shell import Handler, Shell, run_shell
from ..ios.system import config_end, config_exit, leave, nothing, store_line, terminal_length, terminal_width
from ..services import BootChoice
from ..sessions import Link
from .byhand import add_boot_lines, add_reload
from .files import add_file_commands, save
from .install import add_install_commands
from .shell import NxosShell
from .show import add_show_commands
from .state import NxosState, choose_boot, names, state
from .supervisors import Supervisors


async def configure(shell: Shell, args: list[str]) -> str:
    """Enter configuration mode."""
    if shell.device.faults.has("config_locked"):
        return "Config mode is locked by process 'install'\n"
    shell.enter_config()
    return "Enter configuration commands, one per line. End with CNTL/Z.\n"


async def dont_ask(shell: Shell, args: list[str]) -> str:
    """`terminal dont-ask`: yes to everything."""
    state(shell).quiet_yes = True
    return ""


async def do_ask(shell: Shell, args: list[str]) -> str:
    """`terminal no dont-ask`."""
    state(shell).quiet_yes = False
    return ""


async def checkpoint(shell: Shell, args: list[str]) -> str:
    """`checkpoint NAME`."""
    shell.term.write("...Done\n")
    state(shell).checkpoints[args[0].split()[0]] = shell.device.running.copy()
    return ""


async def rollback(shell: Shell, args: list[str]) -> str:
    """`rollback running-config checkpoint NAME`."""
    saved = state(shell).checkpoints.get(args[0].split()[0])
    if saved is None:
        return "ERROR: Checkpoint does not exist\n"
    shell.device.changed()
    shell.device.running = saved.copy()
    return "Collecting Running-Config\n#Generating Rollback Patch\n\nRollback completed successfully.\n"


async def write_erase(shell: Shell, args: list[str]) -> str:
    """`write erase`: the next reload ends in POAP."""
    typed = await shell.term.read_line(
        "Warning: This command will erase the startup-configuration.\nDo you wish to proceed anyway? (y/n)  [n] "
    )
    if typed.strip().lower() == "y":
        shell.device.startup = None
    return ""


class NxosPersonality:
    """How these devices start, boot and talk."""

    def __init__(self) -> None:
        self.state = NxosState(is_split=False)

    def first_config(self, device: Device) -> Configuration:
        """The platform's configuration, features, and boot variables."""
        spec = device.spec
        device.counters.setdefault("installs", 0)
        is_split = "kickstart" in device.platform.boot_forms
        self.state.is_split = is_split
        self.state.bios = device.platform.texts.get("bios", "07.66")
        text = device.platform.config.replace("{hostname}", spec.hostname).replace("{address}", spec.address)
        config = Configuration.of(text, spec.config)
        if spec.scp_server:
            for feature in ("feature scp-server", "feature sftp-server"):
                config.enter(feature)
        files = spec.boot or (spec.running,)
        for name, file in zip(names(is_split), files, strict=True):
            config.lines.append(f"boot {name} bootflash:/{file}")
        self.state.kickstart_path = f"bootflash:/{files[0]}" if is_split else ""
        slots = device.platform.texts.get("supervisors", "").split()
        if len(slots) > 1:
            self.state.sups = Supervisors(device, (int(slots[0]), int(slots[1])))
        return config

    def choose_boot(self, device: Device) -> BootChoice:
        """By the boot variables of the startup configuration."""
        return choose_boot(device)

    def _grammar(self, device: Device) -> Grammar[Handler]:
        grammar: Grammar[Handler] = Grammar()
        add_show_commands(grammar, device)
        add_file_commands(grammar)
        add_install_commands(grammar)
        add_reload(grammar)
        if self.state.sups is not None:
            grammar.add("copy running-config startup-config vdc-all", save)
        for pattern, handler in (
            ("exit", leave),
            ("logout", leave),
            ("terminal length <lines>", terminal_length),
            ("terminal width <columns>", terminal_width),
            ("terminal dont-ask", dont_ask),
            ("terminal no dont-ask", do_ask),
            ("terminal monitor", nothing),
            ("terminal no monitor", nothing),
            ("terminal session-timeout <n>", nothing),
            ("configure", configure),
            ("configure terminal", configure),
            ("checkpoint <name...>", checkpoint),
            ("rollback running-config checkpoint <name...>", rollback),
            ("write erase", write_erase),
        ):
            grammar.add(pattern, handler)
        return grammar

    def _config(self, device: Device) -> Grammar[Handler]:
        grammar: Grammar[Handler] = Grammar()
        for pattern, handler in (
            ("end", config_end),
            ("exit", config_exit),
            ("hostname <name>", store_line),
            ("switchname <name>", store_line),
            ("feature <name>", store_line),
            ("no feature <name>", store_line),
        ):
            grammar.add(pattern, handler)
        add_boot_lines(grammar, device)
        return grammar

    def _shell(self, link: Link) -> Shell:
        assert link.terminal is not None
        return NxosShell(link, link.terminal, self._grammar(link.device), self._config(link.device))

    async def shell(self, link: Link) -> None:
        """An interactive session."""
        await run_shell(self._shell(link))

    async def run_command(self, link: Link, command: str) -> None:
        """One command by SSH exec."""
        shell = self._shell(link)
        shell.term.length = 0
        link.log("line", command)
        await shell.execute(command)
