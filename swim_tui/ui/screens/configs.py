"""The Configuration Archive: what is kept, one text with its secrets masked, the difference of two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on
from textual.widget import Widget

from swim_tui.errors import Conflict
from swim_tui.model.views import ConfigRow
from swim_tui.ui.page import Page
from swim_tui.ui.registry import Scope
from swim_tui.ui.screens.admin import ListPage
from swim_tui.ui.screens.output import TextPage
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.times import list_time, short_size
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.text_view import TextLine, TextView


@dataclass(frozen=True)
class ConfigLine:
    """An archived configuration; an id is unique for its device."""

    config: ConfigRow

    @property
    def key(self) -> str:
        """Device and id."""
        return f"{self.config.device}/{self.config.id}"


def _columns(*, devices: bool) -> tuple[Column[ConfigLine], ...]:
    device = Column[ConfigLine]("device", "Device", 20, lambda r: Cell(r.config.device), 1, "d", flex=True)
    return (
        *((device,) if devices else ()),
        Column("at", "Archived", 24, lambda r: Cell(list_time(r.config.at)), 1, "a", lambda r: r.config.at.timestamp()),
        Column("name", "Configuration", 14, lambda r: Cell(r.config.name), 1, "c", flex=not devices),
        Column(
            "size", "Size", 9, lambda r: Cell(short_size(r.config.size_bytes)), 2, "s",
            lambda r: r.config.size_bytes, right=True,
        ),
        Column("id", "Id", 34, lambda r: Cell(r.config.id, Tone.DIM), 4, "i"),
    )  # fmt: skip


_EMPTY = "No configuration is archived yet. Running and startup configuration are kept before any change of a device"
CONFIGS = TableSpec[ConfigLine](
    "configs",
    _columns(devices=True),
    name=lambda r: r.config.device,
    sort="at",
    reverse=True,
    empty=f"{_EMPTY},\nand by b Archive Configuration of the home view.",
)
DEVICE_CONFIGS = TableSpec[ConfigLine](
    "device-configs",
    _columns(devices=False),
    name=lambda r: r.config.id,
    sort="at",
    reverse=True,
    empty=f"{_EMPTY}.",
)


class ConfigTextPage(TextPage):
    """One configuration, or the difference of two; secrets are masked by the engine."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.OUTPUT, Scope.TABLE, Scope.GLOBAL)
    view = "devices"

    def __init__(self, device: str, ids: Sequence[str], *, differs: bool) -> None:
        super().__init__()
        self.device, self.ids, self.differs = device, tuple(ids), differs

    def crumbs(self) -> tuple[str, ...]:
        """Devices > name > configuration."""
        return ("Devices", self.device, "difference" if self.differs else self.ids[0])

    def body(self) -> Iterable[Widget]:
        """The text from its beginning."""
        yield TextView()

    async def load(self) -> None:
        """The text."""
        client = self.session.client
        if self.differs:
            new, old = self.ids[0], self.ids[1] if len(self.ids) > 1 else ""
            text = await client.config_diff(self.device, old, new)
        else:
            text = await client.config(self.device, self.ids[0])
        same = [TextLine("The two are the same.", Tone.DIM)] if self.differs and not text.strip() else []
        self.text_view.set_lines(same or [TextLine(line, self._tone(line)) for line in text.splitlines()])

    def _tone(self, line: str) -> Tone:
        if not self.differs:
            return Tone.DIM if line.startswith("!") else Tone.PLAIN
        if line.startswith(("---", "+++", "@@")):
            return Tone.LINK
        return Tone.OK if line.startswith("+") else Tone.FAIL if line.startswith("-") else Tone.PLAIN

    def file_name(self) -> str:
        """Device and id."""
        kind = "diff" if self.differs else self.ids[0]
        return f"{self.device}-{kind}.txt".replace("/", "_")


def show_config(page: Page, line: ConfigLine) -> None:
    """The text of one."""
    page.app.push_screen(ConfigTextPage(line.config.device, [line.config.id], differs=False))


def show_difference(page: Page, lines: Sequence[ConfigLine]) -> None:
    """The difference of two that are marked, or of one to the one before it."""
    if not 1 <= len(lines) <= 2 or len({line.config.device for line in lines}) != 1:
        raise Conflict(detail="a difference is of two configurations of one device", action="mark two of them, or none")
    newest = sorted(lines, key=lambda line: line.config.at, reverse=True)
    ids = [line.config.id for line in newest]
    page.app.push_screen(ConfigTextPage(newest[0].config.device, ids, differs=True))


class ConfigsPage(ListPage):
    """All devices; the Configuration Archive tab of a device has its own."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.CONFIGS, Scope.TABLE, Scope.GLOBAL)
    view = "devices"
    heading = "Configuration Archive"
    spec = CONFIGS

    def crumbs(self) -> tuple[str, ...]:
        """Devices > archive."""
        return ("Devices", self.heading)

    async def rows(self) -> Sequence[ConfigLine]:
        """Everything that is kept."""
        return [ConfigLine(row) for row in await self.session.client.configs()]

    @on(LiveTable.Opened, "#configs")
    def _open(self) -> None:
        row: Any = self.listed.cursor_row
        if row is not None:
            show_config(self, row)

    async def do_configs_diff(self) -> None:
        """The difference."""
        show_difference(self, self.listed.targets)

    def do_configs_device(self) -> None:
        """The device page."""
        from swim_tui.ui.screens.device import DevicePage

        row: Any = self.listed.cursor_row
        if row is not None:
            self.app.push_screen(DevicePage(row.config.device))
