"""ASR1000 and ASR903 with two processors: `issu ... rp`, and packages by `request platform software package`."""

from __future__ import annotations

from datetime import UTC, datetime

from ..config import Configuration
from ..device import Device
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from ..model import Software
from ..xe_install.personality import XeInstallPersonality
from .engine import IssuEngine, IssuError
from .four import timer_seconds, timer_text
from .redundancy import RedundancyCommands
from .subpackages import PackageCommands


class RouterPersonality(XeInstallPersonality):
    """A router with one or two processors that runs a bundle or packages."""

    engine: IssuEngine
    is_packaging = False  # a package operation runs: another is refused

    def first_config(self, device: Device) -> Configuration:
        """As every device with install mode; the ISSU engine comes with it."""
        config = super().first_config(device)
        self.engine = IssuEngine(self, timer_from="loadversion")
        return config

    def booted(self, software: Software, path: str) -> None:
        """A reload ends an ISSU."""
        super().booted(software, path)
        self.engine.reset()

    def add_commands(self, grammar: Grammar[Handler]) -> None:
        """Install mode of 17.x, packages, and ISSU where there are two processors."""
        super().add_commands(grammar)
        PackageCommands(self).add(grammar)
        if len(self.units.all) < 2:
            return
        for pattern, handler in (
            ("issu loadversion rp <number> file <path>", self.load),
            ("issu loadversion rp <number> file <path> force", self.load),
            ("issu runversion", self.run),
            ("issu acceptversion", self.accept),
            ("issu commitversion", self.commit),
            ("issu abortversion", self.abort),
            ("issu set rollback-timer <time>", self.set_timer),
        ):
            grammar.add(pattern, handler, 15)
        grammar.add("show issu state", self.show_state, 1)
        grammar.add("show issu state detail", self.show_state, 1)
        grammar.add("show issu rollback-timer", self.show_timer, 1)
        RedundancyCommands(self).add(grammar)

    # -- frame -----------------------------------------------------------------------------

    def _lock(self) -> str:
        here = f"R{self.units.active.number}"
        return f"--- Starting local lock acquisition on {here} ---\nFinished local lock acquisition on {here}\n\n"

    def _sections(self, shell: Shell, *names: str) -> None:
        shell.term.write(self._lock())
        for name in names:
            shell.term.write(f"--- Starting {name} ---\nFinished {name}\n\n")

    # -- steps -----------------------------------------------------------------------------

    async def load(self, shell: Shell, args: list[str]) -> str:
        """`issu loadversion rp 1 file stby-harddisk:x`."""
        standby = self.units.standby
        if not args[0].isdigit() or standby is None or int(args[0]) != standby.number:
            return f"{self._lock()}FAILED: RP {args[0]} is not the standby\n"
        try:
            self.engine.load("", args[1])
        except IssuError as err:
            return f"{self._lock()}{err}\nFAILED: issu loadversion\n"
        self._sections(shell, "installation state synchronization", "file path checking", "image verification")
        self._sections(shell, "standby reload")
        return "SUCCESS: Standby RP will now load the new software\n"

    async def run(self, shell: Shell, args: list[str]) -> str:
        """`issu runversion`: the session ends in the switchover."""
        try:
            self.engine.check_run()
        except IssuError as err:
            return f"{self._lock()}{err}\nFAILED: issu runversion\n"
        self._sections(shell, "installation state synchronization")
        shell.term.write("--- Starting switchover to standby RP ---\n")
        self.engine.run(shell.link.session)
        await shell.die_with_device()
        return ""

    async def accept(self, shell: Shell, args: list[str]) -> str:
        """`issu acceptversion`: stops the timer."""
        return self._simple("acceptversion")

    async def commit(self, shell: Shell, args: list[str]) -> str:
        """`issu commitversion`: the other processor is reloaded by hand afterwards."""
        return self._simple("commitversion")

    async def abort(self, shell: Shell, args: list[str]) -> str:
        """`issu abortversion`."""
        return self._simple("abortversion")

    def _simple(self, step: str) -> str:
        try:
            if step == "acceptversion":
                self.engine.accept()
            elif step == "commitversion":
                self.engine.commit(restart=False)
            else:
                self.engine.abort()
        except IssuError as err:
            return f"{self._lock()}{err}\nFAILED: issu {step}\n"
        return f"{self._lock()}SUCCESS: issu {step} finished\n"

    async def set_timer(self, shell: Shell, args: list[str]) -> str:
        """`issu set rollback-timer 00:45:00`."""
        seconds = timer_seconds(args[0])
        if seconds is None:
            return "% Invalid rollback time\n"
        self.engine.timer_s = seconds
        return f"{self._lock()}--- Starting rollback timer setting ---\nFinished rollback timer setting\n"

    # -- show ------------------------------------------------------------------------------

    def _left(self) -> str:
        at = self.engine.state.deadline
        if at is None:
            return "inactive, timer canceled by acceptversion"
        left = max(0.0, (at - datetime.now(UTC)).total_seconds())
        return f"automatic, remaining time before rollback: {timer_text(left)}"

    async def show_state(self, shell: Shell, args: list[str]) -> str:
        """`show issu state detail`."""
        state, standby = self.engine.state, self.units.standby
        if not state.step or state.started is None:
            return f"{self._lock()}No ISSU operation is in progress\n\n"
        is_loaded = state.step == "loadversion"
        changed = standby if is_loaded else self.units.active
        number = changed.number if changed else 0
        is_ready = standby is not None and self.units.is_ready(standby)
        at = state.started
        rows = [
            f"Slot being modified: R{number}",
            f"  Loadversion time: {at:%Y%m%d %H:%M:%S} on vty {shell.link.vty}",
            f"  Last operation: {state.step}",
            f"  Rollback: {self._left()}",
            f"  Original (rollback) image: {state.old_path}",
            f"  Running image: {state.new_path}",
            f"  Operating mode: sso, terminal state {'reached' if is_ready else 'not reached'}",
        ]
        if not is_loaded:
            rows.append("  Notes: runversion executed, active RP is being provisioned")
        return f"{self._lock()}" + "\n".join(rows) + "\n\n"

    async def show_timer(self, shell: Shell, args: list[str]) -> str:
        """`show issu rollback-timer`."""
        if not self.engine.state.step:
            return f"{self._lock()}Rollback: inactive, no ISSU operation is in progress\n"
        return f"{self._lock()}Rollback: {self._left()}\n"
