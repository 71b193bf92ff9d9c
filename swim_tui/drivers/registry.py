"""Which driver runs a device class."""

from __future__ import annotations

from collections.abc import Callable

from swim_tui.drivers.archive import run_archive
from swim_tui.drivers.bundle import run_bundle
from swim_tui.drivers.install3 import run_install3
from swim_tui.drivers.install16 import run_install16
from swim_tui.drivers.issu import run_issu
from swim_tui.drivers.nxos import run_nxos
from swim_tui.drivers.subpackages import run_subpackages
from swim_tui.drivers.task import Task
from swim_tui.drivers.xr import run_xr
from swim_tui.errors import CommandError
from swim_tui.model.device import DeviceClass
from swim_tui.model.phase import PhaseResult

Driver = Callable[[Task], PhaseResult]

DRIVERS: dict[DeviceClass, Driver] = {
    DeviceClass.IOS_BIN: run_bundle,
    DeviceClass.IOS_TAR: run_archive,
    DeviceClass.XE_BUNDLE: run_bundle,
    DeviceClass.XE16_INSTALL: run_install16,
    DeviceClass.XE3_INSTALL: run_install3,
    DeviceClass.XE_ISSU: run_issu,
    DeviceClass.XE_SUBPKG: run_subpackages,
    DeviceClass.NXOS: run_nxos,
    DeviceClass.XR_32: run_xr,
    DeviceClass.XR_64: run_xr,
    DeviceClass.XR7: run_xr,
}


def driver_of(device_class: DeviceClass) -> Driver:
    """The driver of a class. Errors: CommandError when this version has none."""
    driver = DRIVERS.get(device_class)
    if driver is None:
        raise CommandError(command="plan", detail=f"no driver for devices of class {device_class}")
    return driver
