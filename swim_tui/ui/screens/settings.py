"""Image Management Settings: by group, each with its value, its default, where the value comes from, and help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from swim_tui.model.options import Protocol
from swim_tui.model.views import SettingRow
from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.dialogs.form import Field, FormDialog
from swim_tui.ui.dialogs.order import OrderDialog
from swim_tui.ui.mirror import Changes
from swim_tui.ui.page import Page
from swim_tui.ui.registry import Scope
from swim_tui.ui.settings_book import CONFIG_ORDER, IMAGE_ORDER, SAID, place_of, said, word_of
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch

ORDERS = frozenset({IMAGE_ORDER, CONFIG_ORDER})
_ENTRIES = {IMAGE_ORDER: [str(protocol) for protocol in Protocol], CONFIG_ORDER: ["ssh", "telnet"]}
_LOCKED = {CONFIG_ORDER: {"telnet": "configurations hold secrets, they are read over SSH only"}}
SWITCH = ("on", "off")


@dataclass(frozen=True)
class SettingLine:
    """A setting, keyed by its name."""

    setting: SettingRow

    @property
    def key(self) -> str:
        """Its name."""
        return self.setting.key

    @property
    def is_changed(self) -> bool:
        """Whether it is not as it comes."""
        return self.setting.value != self.setting.default


def _value(line: SettingLine) -> Cell:
    text = said(line.key, line.setting.value)
    if line.setting.value in SWITCH and line.setting.choices == SWITCH:
        text = f"[{'x' if line.setting.value == 'on' else ' '}] {line.setting.value}"
    return Cell(text, Tone.WAIT if line.is_changed else Tone.PLAIN)


def _origin(line: SettingLine) -> Cell:
    return Cell(line.setting.origin, Tone.DIM)


SETTINGS = TableSpec[SettingLine](
    "settings",
    (
        Column("setting", "Setting", 46, lambda r: Cell(word_of(r.key).label), 1, "s", flex=True, least=44),
        Column("value", "Value", 20, _value, 1, "v"),
        Column("group", "Group", 23, lambda r: Cell(word_of(r.key).group, Tone.DIM), 2, "g", lambda r: place_of(r.key)),
        Column("default", "Default", 18, lambda r: Cell(said(r.key, r.setting.default), Tone.DIM), 3, "d"),
        Column("origin", "From", 12, _origin, 4, "f", least=7),
        Column("key", "Name", 30, lambda r: Cell(r.key, Tone.DIM), 6, "n"),
        Column("help", "What it does", 40, lambda r: Cell(r.setting.help, Tone.DIM), 5, "h", flex=True),
    ),
    attention=lambda r: r.is_changed,
    sort="group",
    empty="The engine has no settings to show.",
    marks=False,
)


class SettingsPage(Page):
    """Enter or `e` changes one, as an Edit link does by `start_at`; a job may override them (FEATURES 117)."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.SETTINGS, Scope.TABLE, Scope.GLOBAL)
    is_top = False
    has_detail = True

    def __init__(self, start_at: str = "") -> None:
        super().__init__()
        self._start_at = start_at

    def crumbs(self) -> tuple[str, ...]:
        """Where we are."""
        return ("Software Images", "Image Management Settings")

    def body(self) -> Iterable[Widget]:
        """The table, and under it what the setting of the cursor means."""
        table = LiveTable(SETTINGS, id="settings")
        table.add_class("-counted")
        yield table
        yield Static(classes="empty", id="settings-empty")
        yield Static(id="setting-help")

    async def load(self) -> None:
        """All settings."""
        rows = [SettingLine(row) for row in await self.session.client.settings()]
        table = self._table()
        table.apply(Batch(rows, reset=True))
        if self._start_at and (at := table.model.index_of(self._start_at)) is not None:
            table.move_to(at)
            self._start_at = ""
            self.action_do("settings.edit")
        self._explain()

    def show(self, changes: Changes) -> None:
        """Load again when one changed."""
        if changes.settings and not changes.resync:
            self.start_loading()

    def _table(self) -> LiveTable[SettingLine]:
        return self.query_one("#settings", LiveTable)

    @on(LiveTable.CursorMoved)
    def _explain(self) -> None:
        row = self._table().cursor_row
        self.query_one("#setting-help", Static).update(explained(row.setting) if row is not None else "")

    def detail(self, row: Any) -> str:
        """Help and values."""
        setting = row.setting
        return (
            f"{word_of(setting.key).group}: {word_of(setting.key).label}\n\n{explained(setting)}\n\n"
            f"value  {said(setting.key, setting.value)}\nfrom   {setting.origin}\nname   {setting.key}"
        )

    def record(self, row: Any) -> object:
        """The setting."""
        return row.setting

    @on(LiveTable.Opened, "#settings")
    def _open(self) -> None:
        self.action_do("settings.edit" if not self.swim.status.read_only else "table.detail")

    async def do_settings_edit(self) -> None:
        """Change the one under the cursor, in the way that fits it."""
        row = self._table().cursor_row
        if row is None:
            return
        setting = row.setting
        if setting.key in ORDERS:
            await self._order(setting)
        elif setting.choices == SWITCH:
            await self._set(setting.key, "off" if setting.value == "on" else "on")
        elif len(setting.choices) > 1:
            choices = [Choice(word, "", said(setting.key, word)) for word in setting.choices]
            dialog = ChooseDialog(word_of(setting.key).label, choices, current=setting.value)
            if chosen := await self.app.push_screen_wait(dialog):
                await self._set(setting.key, chosen)
        else:
            await self._form(setting)

    async def _form(self, setting: SettingRow) -> None:
        async def save(values: dict[str, str]) -> None:
            await self._set(setting.key, values["value"])

        hint = f"default {setting.default}" if setting.default else ""
        field = Field("value", "Value", setting.value, hint, help=explained(setting))
        await self.app.push_screen_wait(FormDialog(word_of(setting.key).label, [field], save=save))

    async def _order(self, setting: SettingRow) -> None:
        async def save(selected: list[str]) -> None:
            await self._set(setting.key, ",".join(selected))

        dialog = OrderDialog(
            word_of(setting.key).label,
            _ENTRIES[setting.key],
            setting.value.split(","),
            note=word_of(setting.key).note,
            locked=_LOCKED.get(setting.key),
            save=save,
            words=SAID.get(setting.key),
        )
        await self.app.push_screen_wait(dialog)

    async def _set(self, key: str, value: str) -> None:
        await self.session.client.set_setting(key, value)
        await self.load()

    async def do_settings_default(self) -> None:
        """Back to the default."""
        row = self._table().cursor_row
        if row is None or not row.is_changed:
            self.app.notify("it is at its default already")
            return
        setting = row.setting
        was, default = said(setting.key, setting.value), said(setting.key, setting.default)
        ask = Confirmation(f"{word_of(setting.key).label}: back to {default}?", "set it", impact=f"It is {was} now.")
        if await self.app.push_screen_wait(ConfirmDialog(ask)):
            await self._set(setting.key, setting.default)


def explained(setting: SettingRow) -> str:
    """What it does, what may be typed, the default, and what to know: two lines of a screen of 80 columns."""
    word, default = word_of(setting.key), said(setting.key, setting.default)
    if setting.key in ORDERS:
        return f"{word.note} Default {default}."
    meaning = setting.help.partition(" (")[0] if len(setting.choices) > 1 else setting.help  # a menu shows the choices
    return f"{meaning[:1].upper()}{meaning[1:]}. Default {default}. {word.note}".rstrip()
