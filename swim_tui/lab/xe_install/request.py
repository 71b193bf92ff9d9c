"""`request platform software package ... switch` of 16.x switches: install, clean, rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..chassis.work import Report, on_device
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from ..packages import CONF, LAST_CONF, conf_names, expand, provision, provisioned
from .steps import InstallFailed, Steps

if TYPE_CHECKING:
    from .personality import XeInstallPersonality


class RequestCommands:
    """The `request platform software package` commands of one switch."""

    def __init__(self, personality: XeInstallPersonality) -> None:
        self.owner = personality
        self.device = personality.device
        self.units = personality.units

    def add(self, grammar: Grammar[Handler]) -> None:
        """Add them to the exec commands."""
        lead = "request platform software package"
        grammar.add(f"{lead} install switch <which> file <options...>", self.install, 15)
        grammar.add(f"{lead} install switch <which> rollback <options...>", self.rollback, 15)
        grammar.add(f"{lead} clean switch <which>", self.clean, 15)
        grammar.add(f"{lead} clean switch <which> file <options...>", self.clean, 15)

    def _locks(self, report: Report) -> None:
        for unit in self.units.present:
            report.say(f"--- Starting install local lock acquisition on switch {unit.number} ---")
            report.say(f"Finished install local lock acquisition on switch {unit.number}")

    async def install(self, shell: Shell, args: list[str]) -> str:
        """`install switch all file X [auto-copy] [new]`: loads on reboot."""
        return await on_device(shell, self._install(Report(shell), args[1].split()[0]))

    async def _install(self, report: Report, path: str) -> str:
        say, steps = report.say, Steps(self.owner, report, "install")
        self._locks(report)
        say(f"Expanding image file: {path}")
        try:
            software = steps.find(path)
            steps.check_space(software, path)
            for unit in self.units.present:
                say(f"[{unit.number}]: Expanding file")
            await report.take(90)
            for unit in self.units.present:
                expand(self.units.boot_system(unit), software)
                say(f"[{unit.number}]: Finished expanding all-in-one software package in switch {unit.number}")
            say("SUCCESS: Finished expanding all-in-one software package.", f"{steps.every}: Performing install")
            say("SUCCESS: install finished")
            if steps.cause:
                raise InstallFailed(f"[1]: install package(s) on switch 1\nFAILED: {steps.cause} check", ": aborted")
        except InstallFailed as err:
            self.device.log("install-failed", err.reason, report.shell.link.session)
            return f"{err.reason}\nFAILED: package installation failed {err.words}\n"
        say(*(f"  [{unit.number}]: install package(s) on switch {unit.number}" for unit in self.units.present))
        say("--- Starting software provisioning ---")
        await report.take(30)
        for unit in self.units.present:
            provision(self.units.boot_system(unit), software)
        report.installed(f"request platform software package install file {path}")
        return "SUCCESS: Software provisioned.  New software will load on reboot.\n"

    async def rollback(self, shell: Shell, args: list[str]) -> str:
        """`install switch all rollback on-reboot auto-copy`."""
        report = Report(shell)
        self._locks(report)
        await report.take(20)
        systems = [self.units.boot_system(unit) for unit in self.units.present]
        releases = [provisioned(system, LAST_CONF) for system in systems]
        if any(release is None for release in releases):
            return f"FAILED: No rollback file found for /tmp/sw/isos/{CONF}\n"
        for system, release in zip(systems, releases, strict=True):
            assert release is not None
            provision(system, release)
        report.installed("request platform software package install rollback")
        return "SUCCESS: Software provisioned.  New software will load on reboot.\n"

    async def clean(self, shell: Shell, args: list[str]) -> str:
        """`clean switch all [file flash:]`."""
        report = Report(shell)
        report.say("Running command on switch 1", "Cleaning up unnecessary package files")
        report.say("  Scanning boot directory for packages ... done.", "  Preparing packages list to delete ...")
        await report.take(10)
        doomed: dict[int, list[str]] = {}
        for unit in self.units.present:
            system = self.units.boot_system(unit)
            kept = {self.device.running_path.partition(":")[2].strip("/"), CONF, *conf_names(system)}
            names = [file.name for file in system.listing() if file.name.endswith((".pkg", ".bin", ".conf"))]
            report.say(*(f"    {name}\n      File is in use, will not delete." for name in names if name in kept))
            doomed[unit.number] = [name for name in names if name not in kept]
        report.say("  done.")
        if not any(doomed.values()):
            return "SUCCESS: No extra package or provisioning files found on media. Nothing to clean.\n"
        report.say("", "The following files will be deleted:")
        for unit in self.units.present:
            report.say(f"[{unit.number}]:", *(f"/flash/{name}" for name in doomed[unit.number]))
        if await report.ask("\nDo you want to proceed? [y/n]") == "n":
            return ""
        for unit in self.units.present:
            for name in doomed[unit.number]:
                self.units.boot_system(unit).files.pop(name, None)
        report.done("request platform software package clean")
        return "SUCCESS: Files deleted.\n"
