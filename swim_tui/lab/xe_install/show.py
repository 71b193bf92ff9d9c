"""`show install ...`: what is added, active and committed, the rollback points and the log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..content import identify
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from ..model import Software
from ..packages import build_of, packages_of

if TYPE_CHECKING:
    from .personality import XeInstallPersonality

RULE = "-" * 80
LEGEND = (
    "State (St): I - Inactive, U - Activated & Uncommitted,",
    "            C - Activated & Committed, D - Deactivated & Uncommitted",
)
EMPTY = {"inactive": "No Inactive Packages", "uncommitted": "No Uncommitted Packages"}


def _row(state: str, software: Software) -> str:
    return f"IMG   {state}    {build_of(software)}"


class ShowInstall:
    """The `show install` commands of one device."""

    def __init__(self, personality: XeInstallPersonality) -> None:
        self.owner = personality
        self.device = personality.device
        self.units = personality.units

    def add(self, grammar: Grammar[Handler]) -> None:
        """Add them to the exec commands."""
        for name in ("summary", "active", "inactive", "committed", "uncommitted"):
            grammar.add(f"show install {name}", self._table(name), 1)
        grammar.add("show install rollback", self.rollback, 1)
        grammar.add("show install rollback id <number>", self.rollback_point, 1)
        grammar.add("show install log", self.log, 1)
        grammar.add("show install package <path>", self.package, 1)

    # -- tables ----------------------------------------------------------------------------

    def scope(self, numbers: list[int]) -> str:
        """`R0`, `R0 R1` or `Switch 1 2 3 4`."""
        if self.units.is_switch:
            return f"Switch {' '.join(map(str, numbers))}"
        return " ".join(f"R{number}" for number in numbers)

    def _groups(self) -> list[tuple[list[int], Software | None]]:
        found: dict[str, tuple[list[int], Software | None]] = {}
        for unit in self.units.present:
            software = unit.software
            key = software.file if software else ""
            found.setdefault(key, ([], software))[0].append(unit.number)
        return list(found.values())

    def _rows(self, kind: str, running: Software | None) -> list[str]:
        database = self.owner.database
        inactive = [_row("I", software) for software in database.added.values()]
        is_own = running is not None and self.device.running_software.file == running.file
        is_pending = database.is_pending and is_own
        active = [_row("U" if is_pending else "C", running)] if running else []
        if is_own:
            patches = [(smu.state, f"SMU   {smu.state}    {self._place(n)}") for n, smu in database.smus.items()]
            inactive += [row for state, row in patches if state == "I"]
            active += [row for state, row in patches if state != "I"]
            is_pending = is_pending or database.has_open_smus
        committed = [_row("C", database.committed)] if is_pending and database.committed else active
        return {
            "summary": [*inactive, *active],
            "active": active,
            "inactive": inactive,
            "committed": committed,
            "uncommitted": [row for row in active if row.split()[1] in "UD"] if is_pending else [],
        }[kind]

    def _place(self, name: str) -> str:
        return f"{self.device.platform.boot_fs}:{name}"

    def table(self, kind: str) -> str:
        """One block for each group of members that have the same."""
        words = {"summary": "Installed Package(s)"}.get(kind, f"{kind.capitalize()} Package(s)")
        lines: list[str] = []
        for numbers, running in self._groups():
            rows = self._rows(kind, running) or [EMPTY.get(kind, "No Packages")]
            lines += [f"[ {self.scope(numbers)} ] {words} Information:", *LEGEND, RULE]
            lines += ["Type  St   Filename/Version    ", RULE, *rows, ""]
        return "\n".join([*lines, RULE, f"Auto abort timer: {self.timer_text()}", RULE, ""]) + "\n"

    def timer_text(self) -> str:
        """The state of the auto-abort timer."""
        at = self.owner.database.deadline
        if at is None:
            return "inactive"
        left = max(0, int((at - datetime.now(UTC)).total_seconds()))
        text = f"{left // 3600:02d}:{left // 60 % 60:02d}:{left % 60:02d}"
        return f"active on install_activate, time before rollback - {text}"

    def _table(self, kind: str) -> Handler:
        return _printer(lambda: self.table(kind))

    # -- the rest --------------------------------------------------------------------------

    async def rollback(self, shell: Shell, args: list[str]) -> str:
        """`show install rollback`."""
        rows = [f"{'ID':<8}{'Label':<33}Description", RULE]
        for point in reversed(self.owner.database.points):
            rows.append(f"{point.number:<8}{point.label:<33}{point.description}")
        return "\n".join(rows) + "\n\n"

    async def rollback_point(self, shell: Shell, args: list[str]) -> str:
        """`show install rollback id N`."""
        point = self.owner.database.point(int(args[0])) if args[0].isdigit() else None
        if point is None:
            return f"% Rollback id {args[0]} does not exist\n"
        needs = "YES" if point.software.file != self.device.running_software.file else "NO"
        at = point.created
        head = f"Rollback id - {point.number} (Created on {at:%Y-%m-%d %H:%M:%S}.000000000 +0000)"
        rows = [head, f"Label: {point.label}", f"Description: {point.description}", f"Reload required: {needs}"]
        rows += [*LEGEND, RULE, "Type  St   Filename/Version    ", RULE, _row("C", point.software)]
        rows += [*(f"SMU   C    {self._place(name)}" for name in sorted(point.smus)), RULE]
        return "\n".join(rows) + "\n\n"

    async def log(self, shell: Shell, args: list[str]) -> str:
        """`show install log`."""
        return "\n".join(self.owner.database.log) + "\n"

    async def package(self, shell: Shell, args: list[str]) -> str:
        """`show install package FILE`: what an image on flash holds."""
        found = self.device.storage.locate(args[0])
        file = found[0].files.get(found[2]) if found else None
        software = identify(file.content, file.name) if file else None
        if file is None or software is None:
            return f"% Package {args[0]} not found or not valid\n"
        if software.patches:
            return self._smu(file.name, software)
        rows = [f"  Name: {file.name}", f"  Version: {build_of(software)}", f"  Platform: {software.family}"]
        rows += ["  Package Type: IMG", *(f"    {package.name}" for package in packages_of(software))]
        return "\n".join(rows) + "\n\n"

    def _smu(self, name: str, software: Software) -> str:
        smu, base = self.owner.database.smus.get(name), self.device.services.software.get(software.patches)
        state = {None: "Not Installed", "I": "Inactive", "U": "Activated"}.get(smu.state if smu else None, "Committed")
        rows = [
            f"  Name: {name}",
            f"  Version: {build_of(software)}.1700000000..Release",
            f"  Platform: {software.family}",
        ]
        rows += ["  Package Type: SMU", f"  Defect ID: {name.split('.')[-4]}", f"  Package State: {state}"]
        rows += ["  Supersedes List: {}", "  SMU Fixes List: {}", "  SMU ID: 1000"]
        rows.append(f"  SMU Type: {'reload' if software.reloads else 'non-reload'}")
        if base is not None:
            rows.append(f"  SMU Compatible with Version: {build_of(base)}")
        return "\n".join([*rows, "  SMUImpact:"]) + "\n\n"


def _printer(make: Callable[[], str]) -> Handler:
    async def handler(shell: Shell, args: list[str]) -> str:
        return make()

    return handler
