"""`request platform software package` of routers: expand, install on a processor or the whole node, clean."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..chassis.work import Report, kb, on_device
from ..content import Text, identify
from ..flash import FileSystem
from ..grammar import Grammar
from ..ios.shell import Handler, Shell
from ..model import Software
from ..packages import CONF, LAST_CONF, conf_names, expand, expanded_size, packages_of, provision, provisioned
from ..units import Unit
from ..xe_install.issu import is_hot, take_over, until_hot

if TYPE_CHECKING:
    from .router import RouterPersonality

LEAD = "request platform software package"
ACTIVE_MARGIN, STANDBY_MARGIN = 250_000_000, 450_000_000


class PackageError(Exception):
    """Refused; the text goes before the FAILED line."""


class PackageCommands:
    """The package commands of one router."""

    def __init__(self, owner: RouterPersonality) -> None:
        self.owner = owner
        self.device = owner.device
        self.units = owner.units

    def add(self, grammar: Grammar[Handler]) -> None:
        """Add them to the exec commands."""
        for pattern, handler in (
            (f"{LEAD} expand file <options...>", self.expand),
            (f"{LEAD} install rp <number> file <options...>", self.install_rp),
            (f"{LEAD} install rp <number> rollback <options...>", self.rollback),
            (f"{LEAD} install rp <number> rollback", self.rollback),
            (f"{LEAD} install rp <number> commit", self.commit),
            (f"{LEAD} install commit", self.commit),
            (f"{LEAD} install node file <options...>", self.install_node),
            (f"{LEAD} clean", self.clean),
            (f"{LEAD} clean rp <number>", self.clean),
        ):
            grammar.add(pattern, handler, 15)

    # -- what a path holds -----------------------------------------------------------------

    def _find(self, path: str) -> tuple[FileSystem, str, Software]:
        found = self.device.storage.locate(path)
        file = found[0].files.get(found[2]) if found else None
        if found is None or file is None:
            raise PackageError(f"ERROR: {path}: No such file or directory")
        is_conf = isinstance(file.content, Text)
        software = provisioned(found[0], found[2]) if is_conf else identify(file.content, file.name)
        if software is None or not software.packages:
            raise PackageError(f"ERROR: {path} is not a valid package")
        if not self.device.fits(software):
            raise PackageError(f"ERROR: {software.file} is not compatible with this platform")
        return found[0], found[2], software

    def _cause(self) -> None:
        fault = self.device.faults.get("install_fails")
        if fault is not None:
            raise PackageError(f"SUCCESS: {fault.value} check finished\nERROR: installation check {fault.value}")
        if self.device.faults.has("install_running"):
            raise PackageError("ERROR: another package operation is running")

    def _failed(self, report: Report, err: PackageError) -> str:
        self.device.log("install-failed", str(err), report.shell.link.session)
        return f"{err}\nFAILED: {str(err).splitlines()[-1].removeprefix('ERROR: ')}\n"

    # -- expand ----------------------------------------------------------------------------

    async def expand(self, shell: Shell, args: list[str]) -> str:
        """`expand file X [to FS:dir/]`."""
        words = args[0].split()
        target = words[2] if len(words) > 2 and words[1] == "to" else f"{words[0].partition(':')[0]}:"
        return await on_device(shell, self._expand(Report(shell), words[0], target))

    async def _expand(self, report: Report, path: str, target: str) -> str:
        report.say("Verifying parameters", "Validating package type")
        try:
            self._cause()
            _, _, software = self._find(path)
            found = self.device.storage.locate(target)
            if found is None:
                raise PackageError(f"ERROR: {target}: No such file or directory")
            system, _, folder = found
            self._room(system, expanded_size(software))
            report.say("Copying package files")
            await report.take(90)
            expand(system, software, folder)
            provision(system, software, f"{folder}/{CONF}".lstrip("/"))
        except PackageError as err:
            return self._failed(report, err)
        report.done(f"package expand {path} to {target}")
        return "SUCCESS: Finished expanding all-in-one software package.\n"

    def _room(self, system: FileSystem, needed: int) -> None:
        free = self.device.free(system)
        if needed > free:
            text = f"requires {kb(needed)} KB of free space, but only {free // 1024} KB is available"
            raise PackageError(f"ERROR: /{system.prefix} {text}")

    # -- install ---------------------------------------------------------------------------

    def _provision(self, unit: Unit, software: Software) -> None:
        system = self.units.boot_system(unit)
        self._room(system, sum(p.size for p in packages_of(software) if p.name not in system.files))
        expand(system, software)
        provision(system, software)

    def _check_mode(self) -> None:
        if not self.owner.is_install_mode:
            raise PackageError("ERROR: SYSTEM IS NOT BOOTED VIA PACKAGE FILE")

    async def install_rp(self, shell: Shell, args: list[str]) -> str:
        """`install rp 0 file X`: loads on reboot."""
        unit = self.units.find(int(args[0])) if args[0].isdigit() else None
        if unit is None:
            return "% Invalid input detected at '^' marker.\n\n"
        return await on_device(shell, self._install_rp(Report(shell), unit, args[1].split()[0]))

    async def _install_rp(self, report: Report, unit: Unit, path: str) -> str:
        sections = ("local lock acquisition on R0", "file path checking", "image file expansion", "image verification")
        if self.owner.is_packaging:
            return self._failed(report, PackageError("ERROR: another package operation is running"))
        self.owner.is_packaging = True
        try:
            self._check_mode()
            _, _, software = self._find(path)
            for name in sections:
                report.say(f"--- Starting {name} ---")
                await report.take(15)
                report.say(f"Finished {name}", "")
            self._cause()
            self._provision(unit, software)
        except PackageError as err:
            return self._failed(report, err)
        finally:
            self.owner.is_packaging = False
        report.say("--- Starting software provisioning ---", "Finished software provisioning")
        report.installed(f"package install rp {unit.number} file {path}")
        return "SUCCESS: Software provisioned.  New software will load on reboot.\n"

    async def rollback(self, shell: Shell, args: list[str]) -> str:
        """`install rp 0 rollback`."""
        unit = self.units.find(int(args[0])) if args[0].isdigit() else None
        system = self.units.boot_system(unit) if unit else None
        release = provisioned(system, LAST_CONF) if system else None
        if system is None or release is None:
            return f"FAILED: No rollback file found for /bootflash/{CONF}\n"
        provision(system, release)
        Report(shell).installed(f"package install rp {args[0]} rollback")
        return "SUCCESS: Software provisioned.  New software will load on reboot.\n"

    async def commit(self, shell: Shell, args: list[str]) -> str:
        """`install commit`: nothing waits for it without a rollback timer."""
        Report(shell).done("package install commit")
        return "SUCCESS: Software changes committed.\n"

    async def install_node(self, shell: Shell, args: list[str]) -> str:
        """`install node file X`: ISSU of both processors in four stages."""
        return await on_device(shell, self._install_node(Report(shell), args[0].split()[0]))

    async def _install_node(self, report: Report, path: str) -> str:
        report.say("NOTE: Currently node has booted from a provisioning file")
        try:
            self._check_mode()
            _, _, software = self._find(path)
            standby = self.units.standby
            if standby is None or not is_hot(self.device, self.units):
                raise PackageError("ERROR: Standby RP is not ready")
            scale = self.device.spec.size_scale
            for unit, margin in ((self.units.active, ACTIVE_MARGIN), (standby, STANDBY_MARGIN)):
                self._room(self.units.boot_system(unit), software.size_bytes + int(margin / scale))
            self._cause()
            report.say("", "STAGE 1: Installing software on standby RP", "=" * 42)
            await report.take(120)
            self._provision(standby, software)
        except PackageError as err:
            return self._failed(report, err)
        report.installed(f"package install node file {path}")
        report.say("", "STAGE 2: Restarting standby RP", "=" * 42)
        conf = f"{self.device.platform.boot_fs}:{CONF}"
        standby.software, standby.path = software, conf
        self.units.restart(standby)
        await until_hot(self.device, self.units)
        report.say("", "STAGE 3: Installing sipspa package on local RP", "=" * 42)
        await report.take(60)
        report.say("", "STAGE 4: Installing software on active RP", "=" * 42)
        await report.take(60)
        old = self.units.active
        self._provision(old, software)
        old.software, old.path = software, conf
        self.owner.database.started(software, is_install=True)
        report.say("SUCCESS: node ISSU finished successfully.")
        take_over(self.device, self.units, standby, "redundancy force-switchover", "package install node")
        await asyncio.sleep(0)
        return ""

    # -- clean -----------------------------------------------------------------------------

    async def clean(self, shell: Shell, args: list[str]) -> str:
        """`clean`: whatever the running provisioning file does not name."""
        report, unit = Report(shell), self.units.active
        system = self.units.boot_system(unit)
        report.say("Cleaning up unnecessary package files", "  Scanning boot directory for packages ... done.")
        kept = {self.device.running_path.partition(":")[2].strip("/"), CONF, *conf_names(system)}
        names = [file.name for file in system.listing() if file.name.endswith((".pkg", ".bin", ".conf"))]
        report.say(*(f"    {name}\n      File is in use, will not delete." for name in names if name in kept))
        doomed = [name for name in names if name not in kept]
        if not doomed:
            return "SUCCESS: No extra package or provisioning files found on media. Nothing to clean.\n"
        report.say("", "The following files will be deleted:", *(f"    /{system.prefix}/{name}" for name in doomed))
        if await report.ask("\nDo you want to proceed? [y/n]") == "n":
            return ""
        for name in doomed:
            system.files.pop(name, None)
        report.done(f"package clean at {datetime.now(UTC):%H:%M:%S}")
        return "SUCCESS: Files deleted.\n"
