"""The personality of image-file devices: IOS classic and IOS-XE in bundle mode."""

from __future__ import annotations

from ..config import Configuration
from ..device import Device
from ..grammar import Grammar, Node
from ..services import BootChoice
from ..sessions import Link
from .bootstate import choose_boot
from .files import add_file_commands
from .shell import Handler, Shell, run_shell
from .show import add_show_commands
from .system import add_system_commands, config_grammar
from .words import EXEC_DECOYS


class IosPersonality:
    """How these devices start, boot and talk."""

    def first_config(self, device: Device) -> Configuration:
        """The platform's configuration with the device's own lines and boot lines."""
        spec = device.spec
        text = device.platform.config.replace("{hostname}", spec.hostname).replace("{address}", spec.address)
        config = Configuration.of(text, spec.config)
        files = spec.boot if spec.boot else (spec.running,)
        lead = "boot system "
        config.set_boot_lines(device.platform.boot_line.format(file=file)[len(lead) :] for file in files if file != "-")
        config.enter("ip scp server enable" if spec.scp_server else "no ip scp server enable")
        return config

    def choose_boot(self, device: Device) -> BootChoice:
        """By the boot field and the startup configuration."""
        return choose_boot(device)

    def _exec_grammar(self, device: Device) -> Grammar[Handler]:
        grammar: Grammar[Handler] = Grammar()
        add_show_commands(grammar, device)
        add_system_commands(grammar)
        add_file_commands(grammar, has_sha512=device.platform.has_sha512)
        for word in sorted(EXEC_DECOYS):
            grammar.root.keywords.setdefault(word, Node())
            grammar.root.levels.setdefault(word, 1)
        return grammar

    def _shell(self, link: Link) -> Shell:
        assert link.terminal is not None
        is_switch = "switch" in link.device.platform.boot_forms
        return Shell(link, link.terminal, self._exec_grammar(link.device), config_grammar(is_switch=is_switch))

    async def shell(self, link: Link) -> None:
        """An interactive session."""
        await run_shell(self._shell(link))

    async def run_command(self, link: Link, command: str) -> None:
        """One command by SSH exec: its output, no prompt."""
        shell = self._shell(link)
        shell.term.length = 0
        link.log("line", command)
        await shell.execute(command)
