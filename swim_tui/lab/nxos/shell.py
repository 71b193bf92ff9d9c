"""The NX-OS command line: its prompt, its error texts, and questions with a default in brackets."""

from __future__ import annotations

from datetime import UTC, datetime

from ..config import section_prompt
from ..grammar import Ambiguous, Incomplete, Invalid, Match
from ..ios.shell import Shell
from .state import state

CONFIG_WORDS = frozenset(
    [
        "aaa",
        "banner",
        "boot",
        "class-map",
        "clock",
        "control-plane",
        "copp",
        "feature",
        "hostname",
        "interface",
        "ip",
        "ipv6",
        "key",
        "line",
        "lldp",
        "logging",
        "mac",
        "ntp",
        "policy-map",
        "port-channel",
        "rmon",
        "role",
        "route-map",
        "router",
        "snmp-server",
        "spanning-tree",
        "ssh",
        "switchname",
        "system",
        "tacacs-server",
        "telnet",
        "username",
        "vdc",
        "version",
        "vlan",
        "vpc",
        "vrf",
    ]
)
EXEC_WORDS = ("show", "copy", "dir", "delete", "install", "checkpoint", "terminal")


class NxosShell(Shell):
    """One interactive session on NX-OS; everybody is privileged, roles decide what they may do."""

    def prompt(self) -> str:
        """`host# ` and `host(config)# `, with a blank at the end."""
        name = self.device.running.hostname
        mode = f"({section_prompt(self.section) or 'config'})" if self.is_config else ""
        return f"{name}{mode}# "

    def complain(self, parsed: object, line: str, prompt: str, offset: int = 0) -> None:
        """NX-OS marks every kind of mistake."""
        column = parsed.column if isinstance(parsed, Invalid) else len(line)
        word = {Ambiguous: "Ambiguous", Incomplete: "Incomplete"}.get(type(parsed), "Invalid")
        self.term.write(" " * (len(prompt) + offset + column) + f"^\n% {word} command at '^' marker.\n")

    async def _configure(self, line: str) -> None:
        stripped = line.strip()
        parsed = self._config.parse(stripped)
        if isinstance(parsed, Match) and parsed.words.split()[0] != "do":
            await parsed.handler(self, [parsed.words, *parsed.args])
        elif stripped.split()[0] in EXEC_WORDS:
            # Exec commands work in configuration mode as they are.
            await self._run_exec(stripped, self.prompt())
        elif self.section and not self._is_global(stripped):
            self.store(stripped, self.section)
        elif self._is_global(stripped):
            self.store(stripped)
        else:
            self.complain(Invalid(0), stripped, self.prompt())

    def _is_global(self, line: str) -> bool:
        words = line.split()
        word = words[1] if words[0] == "no" and len(words) > 1 else words[0]
        if self.section:
            return bool(section_prompt(line)) or word in ("feature", "hostname", "boot")
        return word.lower() in CONFIG_WORDS

    def syslog(self, text: str) -> None:
        """A syslog line with the year in front."""
        if self.has_monitor:
            now = datetime.now(UTC)
            name = self.device.running.hostname
            self.term.write(f"\n{now:%Y %b} {now.day:>2} {now:%H:%M:%S} {name} %VSHD-5-VSHD_SYSLOG_CONFIG_I: {text}\n")

    async def ask(self, question: str, default: str) -> str:
        """A question with its default: RETURN is the default, `terminal dont-ask` answers yes."""
        if state(self).quiet_yes:
            return "y"
        typed = (await self.term.read_line(question)).strip().lower()
        return typed[:1] or default
