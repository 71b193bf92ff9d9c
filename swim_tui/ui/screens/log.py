"""Notices of this session: what toasts said, what the engine told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from swim_tui.ui.log_book import LogEntry
from swim_tui.ui.page import Page
from swim_tui.ui.registry import Scope
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.times import list_time
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch

_LEVELS = {"error": Cell("x error", Tone.FAIL), "warning": Cell("! warning", Tone.WAIT)}

LOG = TableSpec[LogEntry](
    "log",
    (
        Column("at", "Time", 23, lambda r: Cell(list_time(r.at)), 2, "t", lambda r: r.number),
        Column("level", "Level", 9, lambda r: _LEVELS.get(r.severity, Cell("  info", Tone.DIM)), 1, "l"),
        Column("from", "From", 14, lambda r: Cell(r.source, Tone.DIM), 3, "f"),
        Column("text", "Notice", 20, lambda r: Cell(r.text), 1, "n", flex=True),
    ),
    attention=lambda r: r.severity in _LEVELS,
    sort="at",
    reverse=True,
    empty="Nothing was said yet. Notices stay here after their toast is gone.",
    marks=False,
)


class LogPage(Page):
    """Newest first; Enter shows the whole notice."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LOG, Scope.TABLE, Scope.GLOBAL)
    view = "log"
    asks_engine = False

    def body(self) -> Iterable[Widget]:
        """The table."""
        table = LiveTable(LOG, id="log")
        table.add_class("-counted")
        yield table
        yield Static(classes="empty", id="log-empty")

    def on_mount(self) -> None:
        """New notices come as they are made."""
        super().on_mount()
        self.swim.log_book.listener = self._added
        self._fill()

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        self.swim.log_book.listener = None

    def _added(self, entry: LogEntry) -> None:
        self._table().apply(Batch([entry]))

    def _fill(self) -> None:
        self._table().apply(Batch(list(self.swim.log_book.entries), reset=True))
        self.refresh_note()

    def _table(self) -> LiveTable[LogEntry]:
        return self.query_one("#log", LiveTable)

    def record(self, row: Any) -> object:
        """The entry."""
        return row

    @on(LiveTable.Opened, "#log")
    def _open(self, event: LiveTable.Opened) -> None:
        entry = self._table().model.rows[event.key]
        self.swim.show_text("Notice", f"{list_time(entry.at)}  {entry.severity}  {entry.source}\n\n{entry.text}")

    def do_log_clear(self) -> None:
        """Empty the list."""
        self.swim.log_book.clear()
        self._fill()
