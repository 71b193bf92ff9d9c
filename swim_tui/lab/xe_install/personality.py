"""The personality of devices in install mode; which commands there are depends on the release that runs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from ..chassis.personality import UnitPersonality, texts
from ..chassis.show import mode_of, train
from ..device import Device, Phase
from ..grammar import Grammar
from ..ios.shell import Handler
from ..model import Software
from ..packages import CONF, expand, provision
from ..units import Unit
from .database import Database
from .issu import show_issu_state
from .request import RequestCommands
from .running import show_version_running
from .show import ShowInstall
from .sixteen import InstallCommands
from .three import SoftwareCommands

FIRST_INSTALL = (16, 6)


class XeInstallPersonality(UnitPersonality):
    """3650, 3850, 9000 and routers of 16.x and later."""

    def __init__(self) -> None:
        super().__init__()
        self.database = Database()
        self.rollback_minutes = 0
        self.rollback_at: datetime | None = None

    # -- start -----------------------------------------------------------------------------

    def prepare(self, device: Device) -> tuple[str, ...]:
        """In install mode packages lie on flash instead of the image."""
        software = device.running_software
        device.details["install"] = self.database.as_state
        if self.wanted_mode(device) == "bundle":
            self.database.started(software, is_install=False)
            self.database.has_booted(device.booted_at)
            return super().prepare(device)
        if not software.packages:
            raise ValueError(f"{device.name}: {software.file} has no packages, so it cannot run in install mode")
        for unit in self.units.all:
            self._install_unit(unit)
        device.running_path = f"{device.platform.boot_fs}:{CONF}"
        self.database.started(software, is_install=True)
        self.database.has_booted(device.booted_at)
        return device.spec.boot or (CONF,)

    def wanted_mode(self, device: Device) -> str:
        """install or bundle: the device's own or its platform's."""
        return device.spec.mode or device.platform.texts.get("mode", "install")

    def _install_unit(self, unit: Unit) -> None:
        assert unit.software is not None
        system = self.units.boot_system(unit)
        kept = {item.software for item in self.device.spec.files}
        if unit.software.file not in kept:
            del system.files[unit.software.file]
        then = self.device.booted_at - timedelta(hours=1)
        expand(system, unit.software, at=then)
        provision(system, unit.software, at=then)
        unit.path = f"{self.device.platform.boot_fs}:{CONF}"

    @property
    def is_install_mode(self) -> bool:
        """Whether the device was started from packages."""
        return mode_of(self.device.running_path) == "INSTALL"

    @property
    def running(self) -> Software:
        """What runs."""
        return self.device.running_software

    def booted(self, software: Software, path: str) -> None:
        """Install state follows what was started."""
        self.database.started(software, is_install=mode_of(path) == "INSTALL")
        self.database.has_booted(self.device.booted_at)
        if self.rollback_minutes:
            self.rollback_at = self.later(self.rollback_minutes * 60)
            minutes, self.rollback_minutes = self.rollback_minutes, 0
            self.device.log("install", f"rollback timer {minutes} minutes")
            self.device.start_task(self._roll_back_three(self.rollback_at))

    # -- timers ----------------------------------------------------------------------------

    def later(self, seconds: float) -> datetime:
        """A moment after a duration of the real world, on the device's clock."""
        fault = self.device.faults.get("auto_abort_after")
        return datetime.now(UTC) + timedelta(seconds=self.device.services.seconds(fault.number if fault else seconds))

    async def until(self, at: datetime) -> None:
        """Wait for a moment, and then for the device to be up."""
        await asyncio.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
        while self.device.phase not in (Phase.UP, Phase.LOADER):  # noqa: ASYNC110 - a device tells nobody
            await asyncio.sleep(0.02)

    async def _roll_back_three(self, at: datetime) -> None:
        await self.until(at)
        if self.rollback_at == at:
            SoftwareCommands(self).restore_last()
            self.rollback_at = None
            self.device.log("install", "rollback timer expired")
            self.device.reload("Reload Command", "rollback timer")

    # -- commands --------------------------------------------------------------------------

    def add_commands(self, grammar: Grammar[Handler]) -> None:
        """The commands of the release that runs."""
        release = train(self.running)
        running = texts(lambda: show_version_running(self.device, self.units))
        if self.units.is_switch and release[0] < 16:
            SoftwareCommands(self).add(grammar)
        if release >= FIRST_INSTALL and (self.units.is_switch or release[0] >= 17):
            InstallCommands(self).add(grammar)
            ShowInstall(self).add(grammar)
        if self.units.is_switch and release[0] == 16:
            RequestCommands(self).add(grammar)
        if "issu" in self.device.platform.texts:
            state = texts(lambda: show_issu_state(self.device, self.units, self.database.issu))
            grammar.add("show issu state detail", state, 1)
        for name in ("running", "installed"):
            grammar.add(f"show version {name}", running, 1)
