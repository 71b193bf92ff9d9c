"""`redundancy force-switchover`, `redundancy reload peer` and `hw-module slot RN reload`."""

from __future__ import annotations

from ..chassis.personality import UnitPersonality
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from ..xe_install.issu import is_hot, take_over


class RedundancyCommands:
    """What acts on the other processor."""

    def __init__(self, owner: UnitPersonality) -> None:
        self.owner = owner
        self.device = owner.device
        self.units = owner.units

    def add(self, grammar: Grammar[Handler]) -> None:
        """Add them to the exec commands."""
        grammar.add("redundancy force-switchover", self.switchover, 15)
        grammar.add("redundancy reload peer", self.reload_peer, 15)
        grammar.add("hw-module slot <slot> reload", self.reload_slot, 15)

    async def switchover(self, shell: Shell, args: list[str]) -> str:
        """The standby takes over; this session ends."""
        standby = self.units.standby
        if standby is None:
            return "% There is no STANDBY present.\n"
        if not is_hot(self.device, self.units):
            return "% Standby not ready for switchover.\n"
        if not await shell.term.confirm("Proceed with switchover to standby RP? [confirm]"):
            return ""
        old = self.units.active
        take_over(self.device, self.units, standby, "redundancy force-switchover", shell.link.session)
        self.owner.restart_unit(old)
        await shell.die_with_device()
        return ""

    async def reload_peer(self, shell: Shell, args: list[str]) -> str:
        """The standby restarts."""
        if not await shell.term.confirm("Reload peer [confirm]"):
            return ""
        standby = next((unit for unit in self.units.all if unit is not self.units.active), None)
        if standby is None:
            return "% There is no STANDBY present.\n"
        self.owner.restart_unit(standby)
        return "Preparing to reload peer\n"

    async def reload_slot(self, shell: Shell, args: list[str]) -> str:
        """`hw-module slot R0 reload`."""
        number = args[0].lower().removeprefix("r")
        unit = self.units.find(int(number)) if number.isdigit() else None
        if unit is None or unit is self.units.active:
            return "% Slot cannot be reloaded\n" if unit else "% Invalid slot\n"
        if not await shell.term.confirm("Proceed with reload of module? [confirm]"):
            return ""
        self.owner.restart_unit(unit)
        return ""
