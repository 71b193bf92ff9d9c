"""`software install`, `commit` and `rollback` of IOS-XE 3.x switches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..chassis.show import train
from ..chassis.work import Report, kb, on_device
from ..content import identify
from ..flash import FileSystem, NoSpace
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from ..model import Software
from ..packages import LAST_CONF, conf_names, expand, expanded_size, packages_of, provision, provisioned
from .three_files import INTERNAL, FileCommands

if TYPE_CHECKING:
    from .personality import XeInstallPersonality

DEPENDENCIES = (
    "% Candidate package compatibility checks failed because the following\n"
    "% package dependencies were not satisfied. Operation aborted."
)


@dataclass
class Options:
    """The words of `software install`."""

    path: str = ""
    is_new: bool = False
    is_forced: bool = False
    on_reboot: bool = False
    rollback_minutes: int = 0
    bad: str = ""


def parse_options(words: list[str]) -> Options:
    """The options in any order."""
    found, rest = Options(), list(words)
    while rest:
        word = rest.pop(0).lower()
        if word in ("file", "auto-rollback", "switch", "provisioning-file") and rest:
            value = rest.pop(0)
            if word == "file":
                found.path = value
            elif word == "auto-rollback" and value.isdigit():
                found.rollback_minutes = int(value)
        elif word in ("new", "force", "on-reboot", "verbose"):
            found.is_new |= word == "new"
            found.is_forced |= word == "force"
            found.on_reboot |= word == "on-reboot"
        else:
            found.bad = found.bad or word
    return found


class Failed(Exception):
    """An operation ends with this text."""


class SoftwareCommands:
    """The `software` commands of one device."""

    def __init__(self, personality: XeInstallPersonality) -> None:
        self.owner = personality
        self.device = personality.device
        self.units = personality.units

    def add(self, grammar: Grammar[Handler]) -> None:
        """Add them to the exec commands."""
        for pattern, handler in (
            ("software install <options...>", self.install),
            ("software commit", self.commit),
            ("software rollback", self.rollback),
            ("software rollback <options...>", self.rollback),
        ):
            grammar.add(pattern, handler, 15)
        FileCommands(self.owner).add(grammar)
        grammar.add("show software installer rollback-timer", self.show_timer, 1)

    # -- labels ----------------------------------------------------------------------------

    @property
    def one(self) -> str:
        """`[1]`: the active."""
        return f"[{self.units.active.number}]"

    @property
    def every(self) -> str:
        """`[1 2 3]`."""
        return f"[{' '.join(str(unit.number) for unit in self.units.present)}]"

    # -- install ---------------------------------------------------------------------------

    async def install(self, shell: Shell, args: list[str]) -> str:
        """`software install file X [new] [force] [on-reboot] [auto-rollback N]`."""
        options = parse_options(args[0].split())
        if options.bad or not options.path:
            return "% Incomplete command.\n\n" if not options.bad else "% Invalid input detected at '^' marker.\n\n"
        return await on_device(shell, self._install(Report(shell), options))

    async def _install(self, report: Report, options: Options) -> str:
        report.say("Preparing install operation ...")
        try:
            software = self._check_start(options)
            await self._spread(report, options.path)
            await self._expand(report, options.path, software)
            await self._check(report, software, options)
        except Failed as err:
            self.device.log("install-failed", str(err).split("\n")[0], report.shell.link.session)
            return f"{err}\n"
        await self._provision(report, software, options)
        if options.on_reboot:
            return ""
        return await self._ask_reload(report)

    def _check_start(self, options: Options) -> Software:
        if self.device.faults.has("install_running"):
            raise Failed(f"{self.one}: % Another install operation is in progress. Operation aborted.")
        if not self.owner.is_install_mode:
            raise Failed(
                f"{self.one}: % Switch {self.units.active.number} is not booted via packages. Operation aborted."
            )
        found = self.device.storage.locate(options.path)
        file = found[0].files.get(found[2]) if found else None
        if file is None:
            raise Failed(f"{self.one}: % Unable to open file {options.path} (No such file or directory)\n{INTERNAL}")
        software = identify(file.content, file.name)
        if software is None or not software.packages:
            raise Failed(f"{self.one}: % {options.path} is not a valid bundle. Operation aborted.")
        return software

    async def _spread(self, report: Report, path: str) -> None:
        others = ",".join(str(unit.number) for unit in self.units.present if unit is not self.units.active)
        if others:
            word = "switches" if "," in others else "switch"
            active = self.units.active.number
            report.say(f"{self.one}: Copying software from active switch {active} to {word} {others}")
            await report.take(45)
            report.say(f"{self.one}: Finished copying software to {word} {others}")
        report.say(f"{self.every}: Starting install operation", f"{self.every}: Expanding bundle {path}")

    def _needed(self, system: FileSystem, software: Software, *, with_image: bool) -> int:
        there = sum(p.size for p in packages_of(software) if p.name in system.files)
        return expanded_size(software) - there + (software.size_bytes if with_image else 0)

    async def _expand(self, report: Report, path: str, software: Software) -> None:
        await report.take(30)
        fault = self.device.faults.get("install_fails")
        for unit in self.units.present:
            system = self.units.boot_system(unit)
            # A member holds the copy of the bundle and what comes out of it at the same time.
            needed = self._needed(system, software, with_image=unit is not self.units.active)
            free = 0 if fault and fault.value == "space" else self.device.free(system)
            if needed > free:
                raise Failed(
                    f"[{unit.number}]: % flash: requires {kb(needed)} KB of free space, but only {free // 1024} KB "
                    f"is available. Operation aborted.\n{INTERNAL}"
                )
        report.say(f"{self.every}: Copying package files")
        await report.take(60)
        report.say(f"{self.every}: Package files copied", f"{self.every}: Finished expanding bundle {path}")
        report.say(f"{self.every}: Verifying and copying expanded package files to flash:")
        await report.take(60)
        for unit in self.units.present:
            try:
                expand(self.units.boot_system(unit), software)
            except NoSpace as err:
                raise Failed(f"[{unit.number}]: {INTERNAL}") from err
        report.say(f"{self.every}: Verified and copied expanded package files to flash:")

    async def _check(self, report: Report, software: Software, options: Options) -> None:
        report.say(f"{self.every}: Starting compatibility checks")
        await report.take(10)
        cause = self.device.faults.get("install_fails")
        is_same_train = train(software)[0] == train(self.owner.running)[0]
        is_allowed = is_same_train or (options.is_new and options.is_forced)
        if not self.device.fits(software) or not is_allowed or (cause and cause.value == "compat"):
            packages = "\n".join(f"     {package.name}" for package in packages_of(software)[:2])
            raise Failed(f"{self.every}: {DEPENDENCIES}\n\n{packages}\n")
        if cause:
            raise Failed(f"{self.every}: {INTERNAL}")
        report.say(f"{self.every}: Finished compatibility checks")
        report.say(f"{self.every}: Starting application pre-installation processing")
        await report.take(10)
        report.say(f"{self.every}: Finished application pre-installation processing")

    async def _provision(self, report: Report, software: Software, options: Options) -> None:
        old = conf_names(self.units.boot_system(self.units.active))
        new = [package.name for package in packages_of(software)]
        report.say(f"{self.one}: Old files list:", *(f"    Removed {name}" for name in old if name not in new))
        report.say(f"{self.one}: New files list:", *(f"    Added {name}" for name in new if name not in old))
        report.say(f"{self.every}: Creating pending provisioning file")
        await report.take(5)
        report.say(f"{self.every}: Finished creating pending provisioning file")
        report.say(f"{self.every}: Finished installing software.  New software will load on reboot.")
        for unit in self.units.present:
            provision(self.units.boot_system(unit), software)
        if options.rollback_minutes:
            report.say(f"{self.every}: Setting rollback timer to {options.rollback_minutes} minutes")
            self.owner.rollback_minutes = options.rollback_minutes
        else:
            report.say(f"{self.every}: Committing provisioning file")
        report.installed(f"software install file {options.path}")
        report.say("")

    async def _ask_reload(self, report: Report) -> str:
        if not await report.shell.term.yes_no(f"{self.every}: Do you want to proceed with reload? [yes/no]: "):
            return ""
        report.say(f"{self.every}: Reloading", f"{self.one}: Pausing before reload", "")
        self.device.reload("Reload Command", report.shell.link.session)
        return ""

    # -- commit and rollback ---------------------------------------------------------------

    async def commit(self, shell: Shell, args: list[str]) -> str:
        """`software commit`: stops the rollback timer."""
        report = Report(shell)
        report.say("Preparing commit operation ...")
        if not self.owner.is_install_mode:
            return f"{self.one}: % Not booted via packages. Operation aborted.\n"
        report.say(f"{self.one}: Starting commit operation")
        await report.take(5)
        self.owner.rollback_at, self.owner.rollback_minutes = None, 0
        report.done("software commit")
        return f"{self.one}: Finished committing software changes.\n"

    def restore_last(self) -> bool:
        """Put back the provisioning files of before; False when something of them is gone."""
        systems = [self.units.boot_system(unit) for unit in self.units.present]
        releases = [provisioned(system, LAST_CONF) for system in systems]
        if any(release is None for release in releases):
            return False
        for system, release in zip(systems, releases, strict=True):
            assert release is not None
            provision(system, release)
        return True

    async def rollback(self, shell: Shell, args: list[str]) -> str:
        """`software rollback`: the packages of before load on reboot."""
        report = Report(shell)
        report.say("Preparing rollback operation ...", f"{self.every}: Starting rollback operation")
        await report.take(15)
        if not self.restore_last():
            return f"{self.one}: % The rollback provisioning file or its packages are missing. Operation aborted.\n"
        self.owner.rollback_at, self.owner.rollback_minutes = None, 0
        report.installed("software rollback")
        report.say(f"{self.every}: Finished rollback.  New software will load on reboot.")
        return await self._ask_reload(report)

    async def show_timer(self, shell: Shell, args: list[str]) -> str:
        """`show software installer rollback-timer`."""
        at = self.owner.rollback_at
        rows = ["Switch#  Status     Duration", "---------------------------"]
        for unit in self.units.present:
            left = max(0, int((at - datetime.now(UTC)).total_seconds())) if at else 0
            text = f"{left // 3600:02d}:{left // 60 % 60:02d}:{left % 60:02d}"
            rows.append(f"{unit.number:<9}{'active     ' + text if at else 'inactive   -'}")
        return "\n".join(rows) + "\n\n"
