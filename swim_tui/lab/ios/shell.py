"""The IOS command line: prompts, modes, error marks, filters and the session loop."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

from ..config import section_prompt
from ..device import Device
from ..filters import FilterError, apply_filter, split_filter
from ..grammar import Ambiguous, Grammar, Incomplete, Invalid, Match
from ..sessions import Link
from ..terminal import CTRL_Z, Aborted, SessionClosed, Terminal
from .words import GLOBAL_WORDS

Handler = Callable[["Shell", list[str]], Awaitable[str]]

CHANGING = (
    *("copy", "delete", "erase", "format", "reload", "rename", "squeeze", "write"),
    *("archive", "clear", "hw-module", "install", "issu", "redundancy", "request", "software"),
)
READING = ("write terminal", "archive tar /table")
_SECRET = re.compile(r"((?:password|secret|key|community)\s+(?:\d\s+)?)\S+", re.IGNORECASE)
_NAME_LIMIT = 20


def clock_text(at: datetime) -> str:
    """A time as `show clock` prints it."""
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d} UTC {at:%a %b} {at.day} {at:%Y}"


def invalid_mark(prompt: str, column: int) -> str:
    """The caret and the line under it."""
    return " " * (len(prompt) + column) + "^\n% Invalid input detected at '^' marker.\n\n"


class Shell:
    """One interactive session on an IOS device."""

    def __init__(
        self, link: Link, terminal: Terminal, exec_grammar: Grammar[Handler], config: Grammar[Handler]
    ) -> None:
        self.link = link
        self.device: Device = link.device
        self.term = terminal
        self.level = link.privilege
        self.is_config = False
        self.section = ""
        self.is_over = False
        self._typed = ""
        self.has_monitor = self.device.spec.syslog_noise
        self._exec = exec_grammar
        self._config = config
        self._dialogue()

    # -- session ---------------------------------------------------------------------------

    def prompt(self) -> str:
        """The prompt of the mode; in configuration mode IOS cuts long host names."""
        name = self.device.running.hostname
        if self.is_config:
            return f"{name[:_NAME_LIMIT]}({section_prompt(self.section) or 'config'})#"
        return f"{name}{'#' if self.level > 1 else '>'}"

    async def run(self) -> None:
        """Serve lines until the session ends."""
        if self.device.spec.motd:
            self.term.write(f"\n{self.device.spec.motd}\n")
        self.term.write("\n")
        while not self.is_over:
            self._commands()
            try:
                start, self._typed = self._typed, ""
                line = await self.term.read_line(self.prompt(), start=start)
            except Aborted:
                self.term.write("\n")
                self._leave_config()
                continue
            self._dialogue()
            await self._one_line(line)

    def _commands(self) -> None:
        event = "config" if self.is_config else "line"
        self.term.on_line = lambda text: self.link.log(event, _SECRET.sub(r"\1***", text))

    def _dialogue(self) -> None:
        self.term.on_line = lambda text: self.link.log("answer", text)

    async def _one_line(self, line: str) -> None:
        if line == CTRL_Z:
            self._leave_config()
        elif line.endswith("?"):
            self._help(line[:-1])
        elif line.strip() and not line.lstrip().startswith("!"):
            try:
                await self._hang_if_told(line)
                await self.execute(line.rstrip())
            except Aborted:
                self.term.write("\n")

    async def _hang_if_told(self, line: str) -> None:
        fault = self.device.faults.get("hang_in_command")
        if fault is not None and line.strip().startswith(fault.value):
            self.link.log("hang", line)
            await self.term.hang()

    def _help(self, line: str) -> None:
        grammar = self._config if self.is_config else self._exec
        for word in grammar.choices(line, self.level):
            self.term.write(f"  {word}\n")
        self.term.write("\n")
        self._typed = line

    def _leave_config(self) -> None:
        if not self.is_config:
            return
        self.is_config, self.section = False, ""
        text = f"%SYS-5-CONFIG_I: Configured from console by {self.link.username} on {self.where()}"
        asyncio.get_running_loop().call_later(0.02, partial(self.syslog, text))

    def where(self) -> str:
        """The line and address of this session, as syslog names it."""
        return f"vty{self.link.vty} ({self.link.wire.peer[0]})"

    def syslog(self, text: str) -> None:
        """A syslog line on this terminal, when it shows them."""
        if self.has_monitor:
            now = datetime.now(UTC)
            self.term.write(f"\n*{now:%b} {now.day} {now:%H:%M:%S}.{now.microsecond // 1000:03d}: {text}\n")

    # -- commands --------------------------------------------------------------------------

    async def execute(self, line: str) -> None:
        """Run one line of the current mode."""
        if self.is_config:
            await self._configure(line)
        else:
            await self._run_exec(line, self.prompt())

    async def _run_exec(self, line: str, prompt: str, offset: int = 0) -> None:
        command, expression = split_filter(line)
        parsed = self._exec.parse(command, self.level)
        if isinstance(parsed, Match):
            if parsed.words.split()[0] in CHANGING and parsed.words not in READING:
                self.device.changed()
            self._stamp()
            text = await parsed.handler(self, parsed.args)
            await self._print(text, expression, prompt, offset + len(command))
        elif isinstance(parsed, Invalid) and " " not in command.strip() and self.device.spec.domain_lookup:
            await self._look_up(command.strip())
        else:
            self.complain(parsed, command, prompt, offset)

    def complain(self, parsed: object, line: str, prompt: str, offset: int = 0) -> None:
        """Say what is wrong with a line."""
        if isinstance(parsed, Ambiguous):
            self.term.write(f'% Ambiguous command:  "{line}"\n')
        elif isinstance(parsed, Incomplete):
            self.term.write("% Incomplete command.\n\n")
        elif isinstance(parsed, Invalid):
            self.term.write(invalid_mark(prompt, offset + parsed.column))

    async def _look_up(self, word: str) -> None:
        self.term.write(f'Translating "{word}"...domain server (255.255.255.255)\n')
        await self.term.wait(self.device.services.seconds(9))
        self.term.write("% Unknown command or computer name, or unable to find computer address\n")

    def _stamp(self) -> None:
        if self.device.spec.exec_timestamp:
            now = clock_text(datetime.now(UTC))
            self.term.write("Load for five secs: 2%/0%; one minute: 1%; five minutes: 1%\n")
            self.term.write(f"Time source is NTP, {now}\n\n")

    async def _print(self, text: str, expression: str, prompt: str, column: int) -> None:
        if expression:
            try:
                text = apply_filter(text, expression)
            except FilterError as err:
                if str(err) == "incomplete":
                    self.term.write("% Incomplete command.\n\n")
                else:
                    self.term.write(invalid_mark(prompt, column + 2 + err.column))
                return
        if text:
            await self.term.page(self._with_noise(text))

    def _with_noise(self, text: str) -> str:
        if not self.device.spec.syslog_noise:
            return text
        lines = text.split("\n")
        now = datetime.now(UTC)
        noise = f"*{now:%b} {now.day} {now:%H:%M:%S}.000: %SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: monitor]"
        if len(lines) > 6:
            # A line of its own: syslog never cuts into a line, but it does land between two.
            lines.insert(len(lines) // 2, noise)
        return "\n".join(lines)

    # -- configuration ---------------------------------------------------------------------

    def enter_config(self) -> None:
        """Go to configuration mode."""
        self.is_config, self.section = True, ""

    async def _configure(self, line: str) -> None:
        stripped = line.strip()
        parsed = self._config.parse(stripped)
        if isinstance(parsed, Match):
            if parsed.words.split()[0] == "do":
                prompt = self.prompt()
                await self._run_exec(parsed.args[0] if parsed.args else "", prompt, line.index(" ") + 1)
                return
            await parsed.handler(self, [parsed.words, *parsed.args])
        elif isinstance(parsed, Ambiguous | Incomplete):
            self.complain(parsed, stripped, self.prompt())
        elif self.section and not self._is_global(stripped):
            self.store(stripped, self.section)
        elif self._is_global(stripped):
            self.store(stripped)
        else:
            self.complain(parsed, stripped, self.prompt())

    def _is_global(self, line: str) -> bool:
        words = line.split()
        word = words[1] if words[0] == "no" and len(words) > 1 else words[0]
        if self.section:
            return bool(section_prompt(line))
        return word.lower() in GLOBAL_WORDS

    def store(self, line: str, section: str = "") -> None:
        """Put a line into the running configuration."""
        self.device.changed()
        self.device.is_dirty = True
        self.device.running.enter(line, section, boot_append=self.device.platform.boot_append)
        if not section:
            self.section = line if section_prompt(line) else ""

    def leave_section(self) -> None:
        """`exit`: one level up."""
        if self.section:
            self.section = ""
        else:
            self._leave_config()

    def end_config(self) -> None:
        """`end`: back to exec mode."""
        self._leave_config()

    async def die_with_device(self) -> None:
        """The device is going down: nothing answers any more."""
        await self.term.hang()


async def run_shell(shell: Shell) -> None:
    """Run a session; the end of the line is no error."""
    try:
        await shell.run()
    except SessionClosed:
        shell.is_over = True
