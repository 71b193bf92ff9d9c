"""Device classes that plan a device whole, with checks of their own: NX-OS and IOS-XR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from swim_tui.model.device import DeviceClass
from swim_tui.model.plan import DevicePlan
from swim_tui.planning import nxos, xr
from swim_tui.planning.situation import Situation


class WholePlanner(Protocol):
    """Plans of one class; `base` has device, image, versions and waits filled in."""

    def plan(self, s: Situation, base: DevicePlan, rates: Mapping[str, float]) -> DevicePlan:
        """Distribution, activation and commit as the phases of `s` ask for."""
        ...

    def rollback(self, s: Situation, base: DevicePlan, target: str) -> DevicePlan:
        """Back to `target`, the image recorded before the upgrade; `base.to_version` is its version."""
        ...

    def commit(self, s: Situation, base: DevicePlan) -> DevicePlan:
        """Commit what runs."""
        ...


WHOLE: dict[DeviceClass, WholePlanner] = {
    DeviceClass.NXOS: nxos,
    DeviceClass.XR_32: xr,
    DeviceClass.XR_64: xr,
    DeviceClass.XR7: xr,
}
