"""Image Management Settings: each with its value, its default and where the value comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from swim_tui.model.views import SettingRow
from swim_tui.ui.dialogs.form import Field, FormDialog
from swim_tui.ui.mirror import Changes
from swim_tui.ui.page import Page
from swim_tui.ui.registry import Scope
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch


@dataclass(frozen=True)
class SettingLine:
    """A setting, keyed by its name."""

    setting: SettingRow

    @property
    def key(self) -> str:
        """Its name."""
        return self.setting.key


SETTINGS = TableSpec[SettingLine](
    "settings",
    (
        Column("setting", "Setting", 34, lambda r: Cell(r.setting.key), 1, "s"),
        Column("value", "Value", 20, lambda r: Cell(r.setting.value, _tone(r)), 1, "v"),
        Column("default", "Default", 14, lambda r: Cell(r.setting.default, Tone.DIM), 3, "d"),
        Column("origin", "From", 8, lambda r: Cell(r.setting.origin, Tone.DIM), 4, "f"),
        Column("help", "What it does", 20, lambda r: Cell(r.setting.help, Tone.DIM), 2, "h", flex=True),
    ),
    sort="setting",
    empty="The engine has no settings to show.",
    marks=False,
)


def _tone(line: SettingLine) -> Tone:
    return Tone.PLAIN if line.setting.value == line.setting.default else Tone.WAIT


class SettingsPage(Page):
    """Enter or `e` edits; values of a job override these for that job only."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.SETTINGS, Scope.TABLE, Scope.GLOBAL)
    is_top = False
    has_detail = True

    def crumbs(self) -> tuple[str, ...]:
        """Where we are."""
        return ("Software Images", "Image Management Settings")

    def body(self) -> Iterable[Widget]:
        """The table."""
        table = LiveTable(SETTINGS, id="settings")
        table.add_class("-counted")
        yield table
        yield Static(classes="empty", id="settings-empty")

    async def load(self) -> None:
        """All settings."""
        rows = [SettingLine(row) for row in await self.session.client.settings()]
        self.query_one("#settings", LiveTable).apply(Batch(rows, reset=True))

    def show(self, changes: Changes) -> None:
        """Load again when one changed."""
        if changes.settings:
            self.start_loading()

    def detail(self, row: Any) -> str:
        """Help and values."""
        setting = row.setting
        return f"{setting.key}\n\n{setting.help}\n\nvalue    {setting.value}\ndefault  {setting.default}"

    @on(LiveTable.Opened, "#settings")
    def _open(self) -> None:
        self.action_do("settings.edit")

    async def do_settings_edit(self) -> None:
        """Change one."""
        row = self.query_one("#settings", LiveTable).cursor_row
        if row is None:
            return
        setting: SettingRow = row.setting
        field = Field("value", "Value", setting.value, f"default {setting.default}")
        answer = await self.app.push_screen_wait(FormDialog(f"{setting.key}: {setting.help}", [field]))
        if answer is not None and answer["value"] != setting.value:
            await self.session.client.set_setting(setting.key, answer["value"])
            await self.load()
