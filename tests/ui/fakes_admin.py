"""The scripted engine's settings, credential profiles, jump hosts, groups, host keys and servers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from swim_tui.engine.services.settings import SETTINGS, choices_of
from swim_tui.errors import SwimError
from swim_tui.model.views import SettingRow

_SHOWN = (
    "continue_on_failure", "collect_images_with_inventory", "insert_boot_command", "activate", "backup_current_image",
    "tftp_fallback", "erase_flash", "upgrade_mode", "verify_hash", "distribution.max_devices",
    "activation.max_devices", "activation.failures_before_stop", "activation.soak_s", "reload.limit_s",
    "protocols.order", "config_protocol.order", "flash.tolerance_percent", "host_keys", "time_zone", "environment",
)  # fmt: skip
"""Settings of the pictures: another one in the engine is no other picture."""


def setting_rows(changed: Mapping[str, str]) -> dict[str, SettingRow]:
    """Of the engine's own table of settings, with some values changed."""
    rows = (
        SettingRow(
            one.key,
            changed.get(one.key, one.default),
            one.default,
            f"{one.help} ({one.allowed})",
            "set" if one.key in changed else "default",
            choices_of(one),
        )
        for one in SETTINGS
        if one.key in _SHOWN
    )
    return {row.key: row for row in rows}


@dataclass
class AdminApi:
    """What the pages of names ask of an engine; `refuse` is what the next change is answered with."""

    refuse: SwimError | None = None

    def check(self) -> None:
        """Refuse, if the test says so."""
        if self.refuse is not None:
            raise self.refuse
