"""The scripted engine's settings, credential profiles, jump hosts, groups, host keys and servers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from swim_tui.engine.services.settings import SETTINGS, choices_of
from swim_tui.errors import SwimError
from swim_tui.model.views import SettingRow


def setting_rows(changed: Mapping[str, str]) -> dict[str, SettingRow]:
    """The engine's own table of settings, with some values changed."""
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
