"""`software clean`, `software expand` and `software auto-upgrade` of IOS-XE 3.x switches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..chassis.boot import startable
from ..chassis.work import Report, kb, on_device
from ..flash import FileSystem
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from ..packages import CONF, conf_names, expand, packages_of, provision

if TYPE_CHECKING:
    from .personality import XeInstallPersonality

INTERNAL = "% An internal error was encountered. Operation aborted."


class FileCommands:
    """The `software` commands that make and delete packages."""

    def __init__(self, personality: XeInstallPersonality) -> None:
        self.owner = personality
        self.device = personality.device
        self.units = personality.units

    def add(self, grammar: Grammar[Handler]) -> None:
        """Add them to the exec commands."""
        for pattern, handler in (
            ("software clean", self.clean),
            ("software clean <options...>", self.clean),
            ("software expand running", self.expand_running),
            ("software expand running <options...>", self.expand_running),
            ("software expand file <options...>", self.expand_file),
            ("software auto-upgrade", self.auto_upgrade),
        ):
            grammar.add(pattern, handler, 15)

    @property
    def one(self) -> str:
        """`[1]`: the active."""
        return f"[{self.units.active.number}]"

    @property
    def every(self) -> str:
        """`[1 2 3]`."""
        return f"[{' '.join(str(unit.number) for unit in self.units.present)}]"

    async def clean(self, shell: Shell, args: list[str]) -> str:
        """`software clean [file flash:]`: everything that does not run, images too."""
        report = Report(shell)
        report.say("Preparing clean operation ...", f"{self.every}: Cleaning up unnecessary package files")
        has_path = bool(args) and "file" in args[0]
        if not has_path and not self.owner.is_install_mode:
            return f"{self.one}: % No path specified and not booted via packages. Operation aborted.\n"
        if not has_path:
            report.say(f"{self.every}: No path specified, will use booted path flash:{CONF}")
        report.say(f"{self.every}: Cleaning flash:")
        doomed: dict[int, list[str]] = {}
        for unit in self.units.present:
            report.say(f"[{unit.number}]: Preparing packages list to delete ...")
            doomed[unit.number] = self._sort_out(report, self.units.boot_system(unit))
        await report.take(10)
        if not any(doomed.values()):
            return f"{self.every}: No files to delete\n"
        for number, names in doomed.items():
            report.say(f"\n[{number}]: Files that will be deleted:", *(f"    {name}" for name in names))
        if not await shell.term.yes_no(f"\n{self.every}: Do you want to proceed with the deletion? [yes/no]: "):
            return f"{self.every}: Clean up aborted\n"
        for unit in self.units.present:
            for name in doomed[unit.number]:
                self.units.boot_system(unit).files.pop(name, None)
        report.done("software clean")
        return f"{self.every}: Clean up completed\n"

    def _sort_out(self, report: Report, system: FileSystem) -> list[str]:
        kept = {self.device.running_path.partition(":")[2].strip("/")}
        if self.owner.is_install_mode:
            kept |= {CONF, *conf_names(system)}
        found = []
        for file in system.listing():
            if not file.name.endswith((".pkg", ".bin", ".conf", ".conf.00-")):
                continue
            if file.name in kept:
                report.say(f"    {file.name}", "      File is in use, will not delete.")
            else:
                found.append(file.name)
        return found

    async def expand_running(self, shell: Shell, args: list[str]) -> str:
        """`software expand running`: the packages of the bundle that runs."""
        if self.owner.is_install_mode:
            return f"{self.one}: % Already booted via packages. Operation aborted.\n"
        return await on_device(shell, self._expand_bundle(Report(shell), self.device.running_path))

    async def expand_file(self, shell: Shell, args: list[str]) -> str:
        """`software expand file X [to flash:]`."""
        return await on_device(shell, self._expand_bundle(Report(shell), args[0].split()[0]))

    async def _expand_bundle(self, report: Report, path: str) -> str:
        report.say("Preparing expand operation ...", f"{self.every}: Expanding bundle {path}")
        await report.take(60)
        software = startable(self.device, self.units, self.units.active, path)
        if software is None or not software.packages:
            return f"{self.one}: % {path} is not a valid bundle. Operation aborted.\n"
        for unit in self.units.present:
            system = self.units.boot_system(unit)
            needed = sum(p.size for p in packages_of(software) if p.name not in system.files)
            free = self.device.free(system)
            if needed > free:
                return (
                    f"[{unit.number}]: % flash: requires {kb(needed)} KB of free space, but only {free // 1024} KB "
                    f"is available. Operation aborted.\n{INTERNAL}\n"
                )
        report.say(f"{self.every}: Copying package files")
        await report.take(45)
        for unit in self.units.present:
            expand(self.units.boot_system(unit), software)
            provision(self.units.boot_system(unit), software)
        report.done(f"software expand {path}")
        return f"{self.every}: Package files copied\n{self.every}: Finished expanding bundle {path}\n"

    async def auto_upgrade(self, shell: Shell, args: list[str]) -> str:
        """`software auto-upgrade`: members of another version get the active's packages and restart."""
        report = Report(shell)
        wrong = [unit for unit in self.units.present if self.units.is_mismatched(unit)]
        if not wrong:
            return f"{self.one}: % No switches need an upgrade.\n"
        numbers = " ".join(str(unit.number) for unit in wrong)
        report.say(f"{self.one}: Auto upgrade operation started for switch {numbers}")
        await report.take(180)
        for unit in wrong:
            system = self.units.boot_system(unit)
            expand(system, self.owner.running)
            provision(system, self.owner.running)
            unit.software, unit.path = self.owner.running, self.device.running_path
            self.units.restart(unit)
        self.units.rename()
        report.done(f"software auto-upgrade {numbers}")
        return f"{self.one}: Auto upgrade operation completed for switch {numbers}\n"
