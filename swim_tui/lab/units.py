"""Members of a stack, route processors and supervisors: what they run, their file systems and their state."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .device import Device
from .flash import FileSystem
from .model import FileSystemSpec, FlashFile, MemberSpec, Software
from .stock import place

SWITCH_STYLES = ("classic", "xe")


@dataclass
class Unit:
    """One member (or processor, or supervisor)."""

    number: int
    pid: str
    priority: int
    serial: str
    mac: str
    systems: dict[str, FileSystem]
    software: Software | None = None
    path: str = ""
    ready_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    is_removed: bool = False


def is_unit_row(style: str, row: FileSystemSpec, boot_fs: str) -> bool:
    """Whether every unit has a file system of its own like this row."""
    return row.prefix == boot_fs or (style == "rp" and row.kind in ("disk", "flash"))


def fs_names(style: str, base: str, aliases: tuple[str, ...], number: int, role: str) -> tuple[str, tuple[str, ...]]:
    """(prefix, aliases) of a unit's file system: `flash:` of the active, `flash-2:`, `stby-bootflash:` and so on."""
    numbered = {"classic": f"{base}{number}", "xe": f"{base}-{number}"}.get(style, "")
    if role == "active":
        return base, (*aliases, numbered) if numbered else aliases
    standby = f"slave{base}" if style == "sup" else f"stby-{base}"
    if not numbered:
        return standby, ()
    with_standby = role == "standby" and style == "xe"
    return numbered, (standby, *(f"stby-{alias}" for alias in aliases)) if with_standby else ()


class Units:
    """All units of a device; the first one is active at the start."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.rules = device.platform.units
        numbers = self.rules.numbers
        if device.spec.stack:
            numbers = tuple(range(1, device.spec.stack + 1))
        own = {member.number: member for member in device.spec.members}
        self.all = [self._unit(number, at, own.get(number)) for at, number in enumerate(numbers)]
        self.active = self.all[0]
        # While an ISSU runs, two releases side by side are no mismatch.
        self.is_in_issu = False
        self.rename()

    # -- making ----------------------------------------------------------------------------

    def _unit(self, number: int, at: int, member: MemberSpec | None) -> Unit:
        device, spec = self.device, self.device.spec
        digits = hashlib.md5(f"{device.name} {number}".encode()).hexdigest()
        software = device.services.software[(member and member.running) or spec.running]
        unit = Unit(
            number=number,
            pid=(member and member.pid) or spec.pid or device.platform.pid,
            priority=(member and member.priority) or max(1, 15 - at),
            serial=device.serial if at == 0 else "FOC" + digits[:8].upper(),
            mac=device.mac if at == 0 else f"00{digits[8:10]}.{digits[10:14]}.{digits[14:18]}",
            systems={},
            software=software,
            path=device.running_path,
            ready_at=device.booted_at,
        )
        for row in device.platform.file_systems:
            if is_unit_row(self.rules.style, row, device.platform.boot_fs):
                unit.systems[row.prefix] = self._system(row, at, member, software)
        return unit

    def _system(self, row: FileSystemSpec, at: int, member: MemberSpec | None, software: Software) -> FileSystem:
        device = self.device
        if at == 0:
            found = device.storage.system(row.prefix)
            assert found is not None
            return found
        is_boot = row.prefix == device.platform.boot_fs
        size = (member.boot_fs_size if member and is_boot else 0) or row.size
        scale = device.spec.size_scale
        system = FileSystem(row.prefix, int(size / scale), row.kind, row.flags)
        items = [*row.files]
        if is_boot:
            items = [FlashFile(name="", software=software.file), *row.files, *(member.files if member else ())]
        for item in items:
            place(device, system, item)
        return system

    # -- roles -----------------------------------------------------------------------------

    @property
    def style(self) -> str:
        """How units are named: classic, xe, rp, sup."""
        return self.rules.style

    @property
    def is_switch(self) -> bool:
        """Whether units are members of a switch stack."""
        return self.style in SWITCH_STYLES

    @property
    def present(self) -> list[Unit]:
        """Units that run something."""
        return [unit for unit in self.all if not unit.is_removed]

    @property
    def standby(self) -> Unit | None:
        """The unit that would take over."""
        others = [unit for unit in self.present if unit is not self.active and not self.is_mismatched(unit)]
        return max(others, key=lambda unit: unit.priority, default=None)

    def boot_system(self, unit: Unit) -> FileSystem:
        """The file system a unit boots from."""
        return unit.systems[self.device.platform.boot_fs]

    def role(self, unit: Unit) -> str:
        """active, standby or member."""
        if unit is self.active:
            return "active"
        return "standby" if unit is self.standby else "member"

    def rename(self) -> None:
        """Give all file systems the names their units' roles ask for, the active's first."""
        device = self.device
        rows = {row.prefix: row for row in device.platform.file_systems}
        own = {id(system) for unit in self.all for system in unit.systems.values()}
        others = [system for system in device.storage.systems if id(system) not in own]
        mine: list[FileSystem] = []
        for base in self.active.systems:
            for unit in [self.active, *(unit for unit in self.all if unit is not self.active)]:
                system = unit.systems[base]
                role = self.role(unit)
                if len(self.all) == 1 and self.style == "classic":
                    system.prefix, system.aliases = base, rows[base].aliases
                else:
                    system.prefix, system.aliases = fs_names(self.style, base, rows[base].aliases, unit.number, role)
                system.is_default = rows[base].is_default and unit is self.active
                if not unit.is_removed:
                    mine.append(system)
        at = next((n for n, system in enumerate(device.storage.systems) if id(system) in own), 0)
        device.storage.systems[:] = [*others[:at], *mine, *others[at:]]

    def find(self, number: int) -> Unit | None:
        """The unit of that number."""
        return next((unit for unit in self.all if unit.number == number), None)

    # -- state -----------------------------------------------------------------------------

    def is_mismatched(self, unit: Unit) -> bool:
        """Whether a unit runs another version than the active."""
        if self.is_in_issu or self.style not in SWITCH_STYLES or unit.software is None or self.active.software is None:
            return False
        return unit.software.shown_version != self.active.software.shown_version

    def is_ready(self, unit: Unit) -> bool:
        """Whether a unit has joined and is in step."""
        return self.state(unit) in ("Ready", "ok", "STANDBY HOT", "ACTIVE")

    def state(self, unit: Unit) -> str:
        """What `show switch` says of a member."""
        if unit.is_removed or unit.software is None:
            return "Removed"
        if unit is self.active:
            return "Ready"
        left = (unit.ready_at - datetime.now(UTC)).total_seconds()
        whole = self.device.services.seconds(self.join_s())
        if left > whole / 2:
            return "Initializing"
        if self.is_mismatched(unit):
            return "V-Mismatch"
        if left > 0:
            return "HA sync in progress" if self.role(unit) == "standby" and self.style == "xe" else "Syncing"
        return "Ready"

    def join_s(self) -> float:
        """Seconds after the boot of the active until the others are in step."""
        fault = self.device.faults.get("member_late")
        return fault.number if fault else self.rules.ready_s

    def restart(self, unit: Unit) -> None:
        """A unit other than the active has just started: it takes its time to join."""
        unit.ready_at = datetime.now(UTC) + timedelta(seconds=self.device.services.seconds(self.join_s()))

    def as_state(self) -> list[dict[str, Any]]:
        """All units, for the control socket."""
        return [
            {
                "number": unit.number,
                "role": self.role(unit),
                "state": self.state(unit),
                "version": unit.software.shown_version if unit.software else "",
                "image": unit.path,
                "pid": unit.pid,
                "free": self.boot_system(unit).free,
            }
            for unit in self.all
        ]
