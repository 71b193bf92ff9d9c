"""`issu` of Catalyst 4500 with two supervisors: slots and slavebootflash."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from ..chassis.boot import paths_for, variable
from ..chassis.personality import UnitPersonality
from ..config import Configuration
from ..device import Device
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from ..model import Software
from ..units import Unit
from .engine import IssuEngine, IssuError
from .redundancy import RedundancyCommands

RELOADED = "%issu {step} executed successfully, Standby is being reloaded\n"
RUN_QUESTION = "This command will reload the Active unit.  Proceed ? [confirm]"


def timer_text(seconds: float) -> str:
    """`00:45:00`."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def timer_seconds(text: str) -> float | None:
    """Seconds of `00:45:00` or of a plain number."""
    match = re.fullmatch(r"(?:(\d{1,2}):(\d{2}):)?(\d{1,5})", text)
    if match is None:
        return None
    return int(match[1] or 0) * 3600.0 + int(match[2] or 0) * 60 + int(match[3])


class SupervisorPersonality(UnitPersonality):
    """A chassis with two supervisors, one image file, and ISSU in four steps."""

    engine: IssuEngine

    def first_config(self, device: Device) -> Configuration:
        """As every device with units; the ISSU engine comes with them."""
        config = super().first_config(device)
        self.engine = IssuEngine(self, timer_from="runversion")
        return config

    def booted(self, software: Software, path: str) -> None:
        """A reload ends an ISSU."""
        self.engine.reset()

    def add_commands(self, grammar: Grammar[Handler]) -> None:
        """ISSU and redundancy."""
        for pattern, handler in (
            ("issu loadversion <slot> <image> <slot> <image>", self.load),
            ("issu runversion", self.run),
            ("issu runversion <slot> <image>", self.run),
            ("issu acceptversion", self.accept),
            ("issu acceptversion <slot>", self.accept),
            ("issu acceptversion <slot> <image>", self.accept),
            ("issu commitversion", self.commit),
            ("issu commitversion <slot>", self.commit),
            ("issu commitversion <slot> <image>", self.commit),
            ("issu abortversion", self.abort),
            ("issu abortversion <slot>", self.abort),
            ("issu abortversion <slot> <image>", self.abort),
            ("issu changeversion <options...>", self.change),
        ):
            grammar.add(pattern, handler, 15)
        if self.is_virtual:
            grammar.add("issu loadversion <image>", self.load_virtual, 15)
            grammar.add("show switch virtual role", self.show_role, 1)
        grammar.add("show issu state", self.show_state, 1)
        grammar.add("show issu state detail", self.show_state, 1)
        grammar.add("show issu rollback-timer", self.show_timer, 1)
        RedundancyCommands(self).add(grammar)

    @property
    def is_virtual(self) -> bool:
        """Two 6500 chassis as one: slots are switch and slot, and commands name the image alone."""
        return self.device.platform.texts.get("issu_form") == "vss"

    def slot(self, unit: Unit) -> str:
        """A slot as ISSU commands name it."""
        return f"{unit.number}/5" if self.is_virtual else str(unit.number)

    async def load_virtual(self, shell: Shell, args: list[str]) -> str:
        """`issu loadversion disk0:new`: the same path on both chassis."""
        return self._try(lambda: self.engine.load(args[0], args[0]), RELOADED.format(step="loadversion"))

    async def show_role(self, shell: Shell, args: list[str]) -> str:
        """`show switch virtual role`."""
        rows = [
            "Switch  Switch Status  Preempt       Priority  Role     Session ID",
            " " * 56 + "Local  Remote",
            "-" * 70,
        ]
        for unit in (self.units.active, self.units.standby):
            if unit is not None:
                role = "ACTIVE" if unit is self.units.active else "STANDBY"
                rows.append(f"LOCAL   {unit.number}     UP     FALSE(N )     100(100)  {role:<8} 0      0")
        return "\n".join([*rows, "", "In dual-active recovery mode: No"]) + "\n"

    def add_config(self, grammar: Grammar[Handler]) -> None:
        """The rollback timer is a configuration line here."""
        super().add_config(grammar)
        grammar.add("issu set rollback-timer <time>", self.set_timer)

    def _try(self, step: Callable[[], None], done: str) -> str:
        try:
            step()
        except IssuError as err:
            return f"{err}\n"
        return done

    # -- steps -----------------------------------------------------------------------------

    async def load(self, shell: Shell, args: list[str]) -> str:
        """`issu loadversion ACT bootflash:new STBY slavebootflash:new`."""
        slots = [int(slot) if slot.isdigit() else -1 for slot in (args[0], args[2])]
        standby = self.units.standby
        if slots[0] != self.units.active.number or standby is None or slots[1] != standby.number:
            return "% Active and standby slots are not as given\n"
        return self._try(lambda: self.engine.load(args[1], args[3]), RELOADED.format(step="loadversion"))

    async def run(self, shell: Shell, args: list[str]) -> str:
        """`issu runversion`: the session ends in the switchover."""
        refused = self._try(self.engine.check_run, "")
        if refused:
            return refused
        if not await shell.term.confirm(RUN_QUESTION):
            return ""
        text = self._try(lambda: self.engine.run(shell.link.session), "")
        if not text:
            await shell.die_with_device()
        return text

    async def accept(self, shell: Shell, args: list[str]) -> str:
        """`issu acceptversion`."""
        done = f"% Rollback timer stopped. Please issue the commitversion command. ({self.engine.state.new_path})\n"
        return self._try(self.engine.accept, done)

    async def commit(self, shell: Shell, args: list[str]) -> str:
        """`issu commitversion`: the old active restarts with the new image."""
        done = "Building configuration...\n[OK]\n" + RELOADED.format(step="commitversion")
        return self._try(lambda: self.engine.commit(restart=True), done)

    async def abort(self, shell: Shell, args: list[str]) -> str:
        """`issu abortversion`."""
        return self._try(self.engine.abort, RELOADED.format(step="abortversion"))

    async def change(self, shell: Shell, args: list[str]) -> str:
        """`issu changeversion bootflash:new`: all steps by themselves."""
        path = args[0].split()[0]
        try:
            await self.engine.change(path, f"slave{path}" if path.startswith(self.device.platform.boot_fs) else path)
        except IssuError as err:
            return f"{err}\n"
        return "%issu changeversion executed successfully, Standby is being reloaded\n"

    async def set_timer(self, shell: Shell, args: list[str]) -> str:
        """`issu set rollback-timer 00:45:00` of the configuration."""
        seconds = timer_seconds(args[1])
        if seconds is None:
            shell.term.write("% Invalid rollback time\n")
            return ""
        self.engine.timer_s = seconds
        shell.store(f"issu set rollback-timer {args[1]}")
        return ""

    # -- show ------------------------------------------------------------------------------

    async def show_state(self, shell: Shell, args: list[str]) -> str:
        """`show issu state detail`: a block for each slot."""
        state, blocks = self.engine.state, []
        old = state.old_path or self.device.running_path
        for unit in (self.units.active, self.units.standby):
            if unit is None:
                continue
            rows = {
                "Slot": self.slot(unit),
                "RP State": "Active" if unit is self.units.active else "Standby",
                "ISSU State": state.shown,
                "Boot Variable": variable(self.device, paths_for(self.device, self.units, unit)).partition(" = ")[2],
                "Operating Mode": "rpr" if self.device.faults.has("standby_cold") else "sso",
                "Primary Version": old if state.shown != "Run Version" else state.new_path,
                "Secondary Version": state.new_path or old if state.shown != "Run Version" else old,
                "Current Version": unit.path,
                "Variable Store": "PrstVbl",
            }
            blocks.append("\n".join(f"{name:>30} = {value}" for name, value in rows.items()))
        return "\n\n".join(blocks) + "\n\n"

    async def show_timer(self, shell: Shell, args: list[str]) -> str:
        """`show issu rollback-timer`."""
        at = self.engine.state.deadline
        lines = [f"        Rollback Process State = {'In progress' if at else 'Not in progress'}"]
        lines.append(f"      Configured Rollback Time = {timer_text(self.engine.timer_s)}")
        if at:
            left = max(0.0, (at - datetime.now(UTC)).total_seconds())
            lines.append(f"       Automatic Rollback Time = {timer_text(left)}")
        return "\n".join(lines) + "\n"
