"""The engine's settings as the defaults of a job's options."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from swim_tui.model.options import ActivateMode, JobOptions, Protocol, UpgradeMode
from swim_tui.model.views import SettingRow
from swim_tui.model.when import machine_zone


def default_options(rows: Iterable[SettingRow]) -> JobOptions:
    """Job options as the settings say; a setting that is not there keeps the product's own default."""
    held = {row.key: row.value for row in rows}
    base = JobOptions()

    def switch(key: str, default: bool) -> bool:
        return held[key] == "on" if key in held else default

    def number(key: str, default: int) -> int:
        with suppress(ValueError):
            return int(held.get(key, default))
        return default

    order = tuple(Protocol(name) for name in held.get("protocols.order", "").split(",") if name in list(Protocol))
    return replace(
        base,
        backup_current_image=switch("backup_current_image", base.backup_current_image),
        tftp_fallback=switch("tftp_fallback", base.tftp_fallback),
        erase_flash=switch("erase_flash", base.erase_flash),
        insert_boot_command=switch("insert_boot_command", base.insert_boot_command),
        activate=ActivateMode(held.get("activate", base.activate)),
        upgrade_mode=UpgradeMode(held.get("upgrade_mode", base.upgrade_mode)),
        continue_on_failure=switch("continue_on_failure", base.continue_on_failure),
        verify_hash=switch("verify_hash", base.verify_hash),
        max_distribution=number("distribution.max_devices", base.max_distribution),
        max_activation=number("activation.max_devices", base.max_activation),
        failures_before_stop=number("activation.failures_before_stop", base.failures_before_stop),
        soak_s=float(held.get("activation.soak_s", base.soak_s)),
        protocol_order=order or base.protocol_order,
    )


def default_zone(rows: Iterable[SettingRow]) -> str:
    """Name of the zone that start times are typed in: the setting, else this machine's."""
    name = next((row.value for row in rows if row.key == "time_zone"), "machine")
    return name if name and name != "machine" else machine_zone().key
