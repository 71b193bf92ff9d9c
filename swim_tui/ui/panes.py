"""The panes beside a wide list: which there are, what they say of the row under the cursor, and their keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from swim_tui.ui.global_actions import GlobalActions
from swim_tui.ui.record import as_text
from swim_tui.ui.registry import BY_ID
from swim_tui.ui.shell import ULTRA, WIDE
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.side_pane import PaneTabs, SidePane
from swim_tui.ui.widgets.table_paint import clean
from swim_tui.ui.widgets.text_view import TextLine, TextView

_DELAY_S = 0.15
RECORD = "Record"


class PaneActions(GlobalActions):
    """Subclasses say what their panes hold; what follows the cursor does so after 150 ms."""

    has_detail = False
    has_row_line = False  # whether the row under the cursor is written out below a narrow list
    PANES: ClassVar[tuple[str, ...]] = ("Detail", RECORD)
    THIRD: ClassVar[str] = ""
    """The pane that stands on its own below the others from 200 columns on."""

    def __init__(self) -> None:
        super().__init__()
        self._detail_timer: Timer | None = None
        self._detail_wanted = True
        self._pane = ""

    # --- what subclasses give ---

    def detail(self, row: Any) -> str:
        """Text of the first pane, and of the dialog on a narrow screen."""
        return ""

    def row_line(self, row: Any) -> str:
        """What does not fit into the columns of a row."""
        return ""

    def pane_lines(self, pane: str, row: Any) -> Sequence[TextLine]:
        """The lines of a pane for a row."""
        text = as_text(self.record(row)) if pane == RECORD else self.detail(row)
        return [TextLine(line) for line in text.split("\n")]

    def pane_title(self, row: Any) -> str:
        """The head of the third pane."""
        return self.THIRD

    def follows(self, pane: str) -> bool:
        """Whether a pane stays at its end while lines come."""
        return False

    def want_panes(self, row: Any, panes: Sequence[str]) -> None:
        """Fetch what these panes need and is not there yet; `fill_panes` once it is."""

    # --- which are seen ---

    @property
    def is_ultra(self) -> bool:
        """Whether there is room for a third pane."""
        return bool(self.THIRD) and self.size.width >= ULTRA

    @property
    def panes(self) -> tuple[str, ...]:
        """The panes one chooses from; the third is not one of them while it stands on its own."""
        return tuple(pane for pane in self.PANES if not (self.is_ultra and pane == self.THIRD))

    @property
    def pane(self) -> str:
        """The pane that is chosen."""
        return self._pane if self._pane in self.panes else self.panes[0]

    @property
    def panes_seen(self) -> bool:
        """Whether they stand beside the list now."""
        return self.has_detail and self._detail_wanted and self.size.width >= WIDE

    # --- filling ---

    @on(LiveTable.CursorMoved)
    def _cursor_moved(self, event: LiveTable.CursorMoved) -> None:
        event.stop()
        self.fill_row_line()
        if self.has_detail and self._detail_timer is None:
            self._detail_timer = self.set_timer(_DELAY_S, self.fill_panes)

    def fill_row_line(self) -> None:
        """Write out the row under the cursor, where columns are cut."""
        if self.has_row_line and self.is_ready:
            line = self.query_one("#row-line", Static)
            row = self.table.cursor_row if self.table is not None else None
            text = clean(self.row_line(row)) if row is not None else ""
            line.display = bool(text) and self.size.width < WIDE
            line.update(Content(text))

    def fill_panes(self) -> None:
        """Bring the panes up to the row under the cursor."""
        self._detail_timer = None
        if not self.has_detail or not self.is_ready:
            return
        side = self.query_one(SidePane)
        side.display = self.panes_seen
        if not self.panes_seen:
            return
        row = self.table.cursor_row if self.table is not None else None
        side.query_one("#third").display = self.is_ultra
        pane, key = self.pane, f"{row.key}" if row is not None else ""
        keys = [self.swim.keymap.shown(BY_ID[f"table.pane_{way}"]) for way in ("before", "next")]
        side.query_one(PaneTabs).keys = " ".join(keys)
        self.want_panes(row, (pane, self.THIRD) if self.is_ultra else (pane,))
        lines = self.pane_lines(pane, row) if row is not None else ()
        side.show(f"{pane} {key}", self.panes, pane, lines, follow=self.follows(pane))
        if self.is_ultra:
            lines = self.pane_lines(self.THIRD, row) if row is not None else ()
            side.show_third(key, clean(self.pane_title(row)), lines)

    def on_resize(self) -> None:
        """The panes come and go with the width."""
        self.fill_row_line()
        self.fill_panes()

    @on(TextView.Moved, "#third-text")
    def _third_moved(self) -> None:
        self.query_one(SidePane).refresh_status()

    # --- keys ---

    def do_table_detail(self) -> None:
        """The panes beside a wide list, a dialog over a narrow one."""
        if self.has_detail and self.size.width >= WIDE:
            self._detail_wanted = not self._detail_wanted
            self._leave_pane()
            self.fill_panes()
            return
        row = self.table.cursor_row if self.table is not None else None
        text = self.detail(row) if row is not None else ""
        if row is None or not text:
            self.do_table_record()
            return
        self.swim.show_text("Detail", text)

    def _turn(self, step: int) -> None:
        if not self.panes_seen:
            self.app.notify(f"the panes beside the list need {WIDE} columns; d shows the detail")
            return
        names = self.panes
        self._pane = names[(names.index(self.pane) + step) % len(names)]
        self.fill_panes()

    def do_table_pane_next(self) -> None:
        """The next pane."""
        self._turn(1)

    def do_table_pane_before(self) -> None:
        """The pane before."""
        self._turn(-1)

    @property
    def _text(self) -> TextView | None:
        """The pane that has the focus: keys that move go to it."""
        return self.focused if self.has_detail and isinstance(self.focused, TextView) else None

    def _leave_pane(self) -> bool:
        if self._text is None:
            return False
        self.focus_table()
        return True

    def close_pane(self) -> bool:
        """From a pane back to the list; False if the list has the focus."""
        return self._leave_pane()

    def _move(self, lines: int) -> None:
        if (text := self._text) is not None:
            text.move(lines)
        else:
            super()._move(lines)

    def _page(self, pages: float) -> None:
        if (text := self._text) is not None:
            text.move(int(pages * max(1, text.size.height - 1)))
        else:
            super()._page(pages)

    def do_table_top(self) -> None:
        """First line, or first row."""
        if (text := self._text) is not None:
            text.move(-len(text.lines) - text.virtual_size.height)
        else:
            super().do_table_top()

    def do_table_bottom(self) -> None:
        """Last line, which is followed, or last row."""
        if (text := self._text) is not None:
            text.to_end()
        else:
            super().do_table_bottom()
