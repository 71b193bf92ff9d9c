"""What install operations print and do step by step: syncing, adding, activating, committing on every unit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..chassis.show import train
from ..chassis.work import Report, kb, stamp
from ..content import Text, identify
from ..model import Software
from ..packages import (
    build_of,
    conf_names,
    conf_text,
    expand,
    expanded_size,
    image_conf,
    packages_of,
    provision,
)
from ..units import Unit

if TYPE_CHECKING:
    from .personality import XeInstallPersonality

NOT_COMPATIBLE = "Platform {platform} is not compatible with package {name}"
MISSING = (
    "FAILED: Install Operation failed as one or more package file(s) for running image is not present in the device"
)


class InstallFailed(Exception):
    """An operation ends: the reason lines, and the words of its FAILED line."""

    def __init__(self, reason: str, words: str = "exit(1)") -> None:
        super().__init__(reason)
        self.reason = reason
        self.words = words


class Steps:
    """One operation while it runs."""

    def __init__(self, owner: XeInstallPersonality, report: Report, name: str) -> None:
        self.owner = owner
        self.device = owner.device
        self.units = owner.units
        self.report = report
        self.name = name
        fault = owner.device.faults.get("install_fails")
        self.cause = fault.value if fault else ""

    # -- labels ----------------------------------------------------------------------------

    def word(self, unit: Unit) -> str:
        """`switch 1` or `R0`."""
        return f"switch {unit.number}" if self.units.is_switch else f"R{unit.number}"

    def label(self, unit: Unit) -> str:
        """`1` or `R0`, as in `[R0]`."""
        return str(unit.number) if self.units.is_switch else f"R{unit.number}"

    @property
    def every(self) -> str:
        """`[1 2 3]` or `[R0]`."""
        return f"[{' '.join(self.label(unit) for unit in self.units.present)}]"

    @property
    def fs_path(self) -> str:
        """`/flash` or `/bootflash`."""
        return f"/{self.device.platform.boot_fs}"

    @property
    def is_17(self) -> bool:
        """Whether the running release words it as 17.x does."""
        return train(self.device.running_software)[0] >= 17

    @property
    def kind(self) -> str:
        """IMG or PACKAGE."""
        return "IMG" if self.is_17 else "PACKAGE"

    # -- frames ----------------------------------------------------------------------------

    def start(self, name: str = "") -> None:
        """`install_add: START <date>`."""
        self.report.say(f"{name or self.name}: START {stamp()}")

    async def phase(self, step: str, seconds: float, between: list[str] | None = None) -> None:
        """One `--- Starting X ---` section."""
        say = self.report.say
        say("", f"--- Starting {step} ---", f"Performing {step} on all members")
        for unit in self.units.present:
            say(f"  [{unit.number or 1}] {step} package(s) on {self.word(unit)}")
        await self.report.take(seconds)
        if self.cause == step.lower():
            unit = self.units.active
            say(f"  [{unit.number or 1}] {self.word(unit).capitalize()} FAILED: {step} operation failed")
            say(f"{step}: Failed on [{self.label(unit)}]")
            raise InstallFailed("", f"exit(1) {self.fs_path}")
        if between:
            say(*between)
        for unit in self.units.present:
            say(f"  [{unit.number or 1}] Finished {step} on {self.word(unit)}")
        say(f"Checking status of {step} on {self.every}", f"{step}: Passed on {self.every}", f"Finished {step}")

    # -- add -------------------------------------------------------------------------------

    def find(self, path: str) -> Software:
        """The image of a path, checked for this platform."""
        found = self.device.storage.locate(path)
        file = found[0].files.get(found[2]) if found else None
        if file is None:
            raise InstallFailed(f"ERROR: {path} does not exist or is not readable", path)
        if self.cause == "missing":
            raise InstallFailed(MISSING)
        software = identify(file.content, file.name)
        if software is None:
            raise InstallFailed(f"[1] FAILED: {path}: signature verification failed", path)
        if not self.device.fits(software) or not software.packages or self.cause == "compat":
            raise InstallFailed(
                "FAILED: " + NOT_COMPATIBLE.format(platform=self.device.running_software.family, name=file.name), path
            )
        return software

    def _needed(self, unit: Unit, software: Software, name: str) -> int:
        system = self.units.boot_system(unit)
        there = sum(package.size for package in packages_of(software) if package.name in system.files)
        copy = 0 if name in system.files else software.size_bytes
        return expanded_size(software) - there + copy

    def check_space(self, software: Software, path: str) -> None:
        """Room for the packages everywhere, and for the image where it is not yet."""
        name = path.partition(":")[2].strip("/")
        for unit in self.units.present:
            system = self.units.boot_system(unit)
            free = 0 if self.cause == "space" else self.device.free(system)
            needed = self._needed(unit, software, name)
            if needed > free:
                where = f"[{unit.number or 1}] {self.word(unit).capitalize()} FAILED: " if self.units.is_switch else ""
                text = f"requires {kb(needed)} KB of free space, but only {free // 1024} KB is available"
                raise InstallFailed(f"{where or 'FAILED: '}{self.fs_path} {text}", f"{self.fs_path}/{name}")

    async def sync(self, path: str) -> None:
        """`initial file syncing`: the image goes to the other units."""
        say, active = self.report.say, self.units.active
        others = [unit for unit in self.units.present if unit is not active]
        say("", "--- Starting initial file syncing ---")
        if others:
            to = " ".join(self.label(unit) for unit in others)
            say(f"[{active.number or 1}]: Copying {path} from {self.word(active)} to {self.word(others[0])[:-1]}{to}")
            await self.report.take(60 * len(others))
            self._copy_to(others, path)
            say(f"[{' '.join(self.label(u) for u in others)}]: Finished copying to {self.word(others[0])[:-1]}{to}")
        else:
            await self.report.take(2)
        say("Finished initial file syncing")

    def _copy_to(self, others: list[Unit], path: str) -> None:
        found = self.device.storage.locate(path)
        assert found is not None
        system, _, name = found
        for unit in others:
            target = self.units.boot_system(unit)
            if target is not system and name in system.files and name not in target.files:
                target.put(name, system.files[name].content, datetime.now(UTC))

    async def add(self, path: str) -> Software:
        """Syncing and adding; the image is inactive then."""
        software = self.find(path)
        self.check_space(software, path)
        await self.sync(path)
        await self.phase("Add", 150)
        for unit in self.units.present:
            system = self.units.boot_system(unit)
            expand(system, software)
            system.put(image_conf(software), Text(conf_text(software).encode()), datetime.now(UTC))
        self.owner.database.added[software.file] = software
        if self.is_17:
            self.report.say("", f"Image added. Version: {build_of(software)}")
        self.report.done(f"install_add {path}")
        return software

    # -- activate and commit ---------------------------------------------------------------

    def list_packages(self, software: Software) -> None:
        """`Following packages shall be activated:`."""
        self.report.say("Following packages shall be activated:")
        self.report.say(*(f"{self.fs_path}/{package.name}" for package in reversed(packages_of(software))))

    async def activate(self, software: Software) -> None:
        """The provisioning file names the new packages from here on."""
        old = conf_names(self.units.boot_system(self.units.active))
        new = [package.name for package in packages_of(software)]
        changes = ["    --- Starting list of software package changes ---", "    Old files list:"]
        changes += [f"      Removed {name}" for name in old if name not in new]
        changes += ["    New files list:", *(f"      Added {name}" for name in new if name not in old)]
        changes.append("    Finished list of software package changes")
        await self.phase("Activate", 60, changes)
        for unit in self.units.present:
            provision(self.units.boot_system(unit), software)
        self.owner.database.activate(software)
        self.report.installed(f"{self.name} {software.shown_version}")

    async def commit(self) -> None:
        """What is active stays."""
        await self.phase("Commit", 20)
        self.owner.database.commit()
        self.report.done("install_commit")

    def success(self, name: str = "") -> str:
        """The last line; older releases have two blanks before the date."""
        return f"SUCCESS: {name or self.name}  {stamp()}\n"
