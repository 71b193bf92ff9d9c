"""The IOS-XR command line: its prompt with the node, the time before every answer, two-stage configuration."""

from __future__ import annotations

from datetime import UTC, datetime

from ..config import section_prompt
from ..grammar import Ambiguous, Incomplete, Invalid, Match
from ..ios.shell import Shell
from ..ios.words import GLOBAL_WORDS
from .state import state

XR_WORDS = GLOBAL_WORDS | {
    "hostname",
    "ssh",
    "telemetry",
    "install",
    "domain",
    "grpc",
    "fpd",
    "clock",
    "username",
    "ipv4",
}


class XrShell(Shell):
    """One interactive session on IOS-XR."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.is_admin = False
        self.candidate: list[tuple[str, str]] = []

    def prompt(self) -> str:
        """`RP/0/RSP0/CPU0:host#`; 64-bit systems have a system admin of their own."""
        node = self.device.platform.texts.get("node", "0/RP0/CPU0")
        name = self.device.running.hostname
        if self.is_config:
            return f"RP/{node}:{name}({section_prompt(self.section) or 'config'})#"
        if self.is_admin and state(self).kind != "xr32":
            return "sysadmin-vm:0_RP0# "
        return f"RP/{node}:{name}{'(admin)' if self.is_admin else ''}#"

    def _stamp(self) -> None:
        """The time stands before the output of every command."""
        self.term.write(f"{stamp()}\n")

    def complain(self, parsed: object, line: str, prompt: str, offset: int = 0) -> None:
        """The mark under the line, in XR's words."""
        if isinstance(parsed, Ambiguous):
            self.term.write(f'% Ambiguous command:  "{line}"\n')
        elif isinstance(parsed, Incomplete):
            self.term.write("% Incomplete command.\n")
        elif isinstance(parsed, Invalid):
            mark = " " * (len(prompt) + offset + parsed.column)
            self.term.write(f"{mark}^\n% Invalid input detected at '^' marker.\n")

    async def _run_exec(self, line: str, prompt: str, offset: int = 0) -> None:
        words = line.split()
        if self.is_admin and words and words[0] not in ("admin", "exit", "terminal"):
            # Admin mode knows the admin commands without their first word.
            parsed = self._exec.parse(f"admin {line}", self.level)
            if isinstance(parsed, Match):
                await super()._run_exec(f"admin {line}", prompt, offset)
                return
        await super()._run_exec(line, prompt, offset)

    # -- configuration: lines wait for `commit` ---------------------------------------------

    def enter_config(self) -> None:
        """Go to configuration mode with an empty candidate."""
        super().enter_config()
        self.candidate = []

    def store(self, line: str, section: str = "") -> None:
        """A line for the candidate."""
        self.candidate.append((line, section))
        if not section:
            self.section = line if section_prompt(line) else ""

    def _is_global(self, line: str) -> bool:
        words = line.split()
        word = words[1] if words[0] == "no" and len(words) > 1 else words[0]
        if self.section:
            return bool(section_prompt(line))
        return word.lower() in XR_WORDS

    def commit(self) -> None:
        """The candidate becomes the running configuration, which is also the startup configuration."""
        for line, section in self.candidate:
            self.device.running.enter(line, section)
        if self.candidate:
            self.device.changed()
        self.candidate = []
        self.device.save_config()

    async def leave_with_question(self) -> None:
        """`end` with lines that wait asks what to do with them."""
        if self.candidate:
            question = "Uncommitted changes found, commit them before exiting(yes/no/cancel)? [cancel]:"
            word = (await self.term.read_line(question)).strip().lower()
            if word.startswith("y"):
                self.commit()
            elif not word.startswith("n"):
                return
        self.candidate = []
        self.end_config()


def stamp() -> str:
    """`Fri May 10 10:43:11.576 UTC`."""
    now = datetime.now(UTC)
    return f"{now:%a %b} {now.day:>2} {now:%H:%M:%S}.{now.microsecond // 1000:03d} UTC"


def log_stamp() -> str:
    """`May 24 18:54:12`, before each line of the 64-bit installer."""
    now = datetime.now(UTC)
    return f"{now:%b %d %H:%M:%S}"


def long_stamp() -> str:
    """`10:43:14 UTC Fri May 10 2019`."""
    now = datetime.now(UTC)
    return f"{now:%H:%M:%S} UTC {now:%a %b} {now.day} {now:%Y}"
