"""The live table: rows by key on Textual's line API, so only lines that are seen and changed cost anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Generic

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from swim_tui.ui.state import SortState
from swim_tui.ui.states import Tone
from swim_tui.ui.widgets.columns import GAP, PREFIX, Needs, Placed, R, TableSpec, column_at, place
from swim_tui.ui.widgets.table_model import Batch, TableModel, counts_text
from swim_tui.ui.widgets.table_paint import TABLE_CSS, header_strip, row_strip


class LiveTable(ScrollView, Generic[R], can_focus=True, inherit_bindings=False):
    """Shows a `TableModel`; cursor and marks belong to keys, whatever is sorted, filtered or refreshed."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"live-table--{part}" for part in ("header", "sorted", "cursor", "cursor-blurred", *Tone)
    }
    DEFAULT_CSS = TABLE_CSS

    class Opened(Message):
        """Enter or a click on the row of the cursor."""

        def __init__(self, table: LiveTable[Any], key: str) -> None:
            super().__init__()
            self.table, self.key = table, key

        @property
        def control(self) -> LiveTable[Any]:
            """The table, for `@on` selectors."""
            return self.table

    class CursorMoved(Message):
        """The cursor is on another row, or the row under it changed."""

        def __init__(self, table: LiveTable[Any]) -> None:
            super().__init__()
            self.table = table

        def can_replace(self, message: Message) -> bool:
            """Only the newest of a burst matters."""
            return isinstance(message, LiveTable.CursorMoved) and message.table is self.table

    class Changed(Message):
        """Counts, filter, sort or marks differ: whoever shows them should look again."""

        def __init__(self, table: LiveTable[Any]) -> None:
            super().__init__()
            self.table = table

        def can_replace(self, message: Message) -> bool:
            """Only the newest of a burst matters."""
            return isinstance(message, LiveTable.Changed) and message.table is self.table

    def __init__(self, spec: TableSpec[R], *, id: str | None = None, keeps_top: bool = False) -> None:
        super().__init__(id=id)
        self._keeps_top = keeps_top  # a cursor on the first line stays on it, whatever row comes there
        self.model: TableModel[R] = TableModel(spec)
        self.cursor_key: str | None = None
        self.wide = False
        self.hidden: set[str] = set()
        self.lines_rendered = 0
        self._mark_anchor: str | None = None
        self._needs: Needs[R] = Needs()
        self._is_tight = False
        self._placed: list[Placed[R]] = []
        self._placed_width = 0
        self._strips: dict[str, Strip] = {}
        self._styles: dict[str, Style] = {}

    # --- what it holds ---

    @property
    def spec(self) -> TableSpec[R]:
        """The table's specification."""
        return self.model.spec

    @property
    def cursor_index(self) -> int:
        """The visible line of the cursor, 0 if there is none."""
        index = self.model.index_of(self.cursor_key) if self.cursor_key is not None else None
        return index or 0

    @property
    def cursor_row(self) -> R | None:
        """The row under the cursor."""
        return self.model.rows.get(self.cursor_key) if self.cursor_key is not None else None

    @property
    def targets(self) -> list[R]:
        """Marked rows, else the row under the cursor."""
        return self.model.targets(self.cursor_key)

    @property
    def placed(self) -> list[Placed[R]]:
        """The columns shown now, with their widths."""
        return self._placed

    @property
    def sort_state(self) -> SortState:
        """What to remember of this table."""
        model = self.model
        hidden = tuple(sorted(self.hidden))
        return SortState(model.sort_column, model.reverse, self.wide, hidden, model.filter.text)

    def status(self, *, selects: bool = False) -> str:
        """Counts for the bar above; with `selects` in the reference's words."""
        return counts_text(self.model, selects=selects)

    # --- changes from outside ---

    def apply(self, batch: Batch[R]) -> None:
        """Take a batch: repaint changed lines only, keep cursor, marks and the cursor's place on the screen."""
        old_order, old_index = self.model.order, self.cursor_index
        change = self.model.apply(batch)
        if not change.keys and not change.moved:
            return
        for key in change.keys:
            self._strips.pop(key, None)
        if change.moved:
            self._order_changed(old_order, old_index)
        else:
            for key in change.keys:
                self._refresh_key(key)
        if change.moved or self.cursor_key in change.keys:
            self.post_message(self.CursorMoved(self))
        self.post_message(self.Changed(self))

    def restore(self, state: SortState) -> None:
        """Take up what an earlier session left."""
        self.wide, self.hidden = state.wide, set(state.hidden)
        if state.column and self.spec.column(state.column) is not None:
            self.model.set_sort(state.column, state.reverse)
        if state.filter:
            self.model.set_filter(state.filter)
        self._replace()
        self._order_changed(self.model.order, self.cursor_index)

    def set_filter(self, text: str) -> None:
        """Filter by a line of the grammar."""
        self._reordering(lambda: self.model.set_filter(text))

    def toggle_attention(self) -> None:
        """Only rows that need attention, or all."""
        self._reordering(lambda: self.model.set_attention(not self.model.attention_only))

    def sort_by(self, column: str) -> None:
        """Sort by a column; the same one again reverses."""
        reverse = column == self.model.sort_column and not self.model.reverse
        self._reordering(lambda: self.model.set_sort(column, reverse))

    def sort_step(self, step: int) -> None:
        """Sort by the next shown column to the left or right."""
        keys = [placed.column.key for placed in self._placed]
        if keys:
            here = keys.index(self.model.sort_column) if self.model.sort_column in keys else -1
            self._reordering(lambda: self.model.set_sort(keys[(here + step) % len(keys)], False))

    def _reordering(self, act: Callable[[], object]) -> None:
        old_order, old_index = self.model.order, self.cursor_index
        act()
        self._order_changed(old_order, old_index)
        self.post_message(self.CursorMoved(self))
        self.post_message(self.Changed(self))

    def toggle_wide(self) -> None:
        """All columns, or those that fit."""
        self.wide = not self.wide
        self.scroll_to(x=0, animate=False)
        self._replace()

    def set_hidden(self, hidden: Iterable[str]) -> None:
        """Hide these columns."""
        self.hidden = set(hidden)
        self._replace()

    # --- cursor and marks ---

    def move(self, lines: int) -> None:
        """Move the cursor by lines."""
        self.move_to(self.cursor_index + lines)

    def move_to(self, index: int) -> None:
        """Put the cursor on a visible line."""
        if not self.model.order:
            return
        old = self.cursor_key
        self.cursor_key = self.model.order[max(0, min(len(self.model.order) - 1, index))]
        if self.cursor_key != old:
            for key in (old, self.cursor_key):
                if key is not None:
                    self._refresh_key(key)
            self._show_cursor()
            self.post_message(self.CursorMoved(self))

    @property
    def page_lines(self) -> int:
        """Rows on one screen page."""
        return max(1, self.scrollable_content_region.height - 1)

    def toggle_mark(self) -> None:
        """Mark the row and go one down."""
        if self.spec.marks and self.cursor_key is not None:
            self.model.toggle_mark(self.cursor_key)
            self._mark_anchor = self.cursor_key
            self._refresh_key(self.cursor_key)
            self.move(1)
            self.post_message(self.Changed(self))

    def mark_range(self) -> None:
        """Mark from the last marked row to the cursor."""
        if self.spec.marks and self.cursor_key is not None:
            self.model.mark_between(self._mark_anchor or self.cursor_key, self.cursor_key)
            self._mark_anchor = self.cursor_key
            self._marks_changed()

    def mark_all(self) -> None:
        """Mark all rows the filter shows."""
        if self.spec.marks:
            self.model.mark_all()
            self._marks_changed()

    def clear_marks(self) -> bool:
        """Clear all marks; False if there were none."""
        had = bool(self.model.marks)
        self.model.clear_marks()
        self._mark_anchor = None
        if had:
            self._marks_changed()
        return had

    def _marks_changed(self) -> None:
        self.refresh()
        self.post_message(self.Changed(self))

    # --- placing and scrolling ---

    def _order_changed(self, old_order: list[str], old_index: int) -> None:
        """After lines moved: cursor to its key or the nearest survivor, on the same screen line if it was seen."""
        line_on_screen = old_index - round(self.scroll_y)
        was_top = round(self.scroll_y) == 0
        if self._keeps_top and old_index == 0 and self.model.order:
            self.cursor_key = self.model.order[0]
        if self.cursor_key is None or self.model.index_of(self.cursor_key) is None:
            self.cursor_key = self.model.nearest(old_order, old_index)
        self._resize_virtual()
        if self._placed_width:
            self._fit()
        index = self.cursor_index
        if was_top and index < self.page_lines:
            top = 0
        else:
            top = max(0, index - min(max(0, line_on_screen), self.page_lines - 1))
        self.scroll_to(y=top, animate=False, force=True)
        self.refresh()

    def _show_cursor(self) -> None:
        index, top, page = self.cursor_index, round(self.scroll_y), self.page_lines
        if index < top:
            self.scroll_to(y=index, animate=False, force=True)
        elif index >= top + page:
            self.scroll_to(y=index - page + 1, animate=False, force=True)

    def _replace(self) -> None:
        self._placed_width, self._needs = 0, Needs()
        self._ensure_placed()
        self._resize_virtual()
        self.refresh()

    def _ensure_placed(self) -> None:  # Textual may paint before its Resize came, or send none for a size set meanwhile
        width = max(10, self.scrollable_content_region.width - PREFIX)
        if width != self._placed_width:
            self._placed_width = width
            self._strips.clear()
            self._fit()

    def _fit(self) -> None:
        """Share the width by what the rows that are seen need; no row below or above them costs anything."""
        self._is_tight = False
        columns = self.spec.columns
        top = round(self.scroll_y)
        for key in self.model.order[top : top + self.page_lines]:
            self._needs.see(columns, self.model.rows[key])
        width, sort = self._placed_width, self.model.sort_column
        placed = place(columns, width, self.hidden, wide=self.wide, needs=self._needs, sort=sort)
        if placed != self._placed:
            self._placed = placed
            self._strips.clear()
            self.refresh()
            self.call_later(self._resize_virtual)

    def _resize_virtual(self) -> None:
        used = sum(placed.width for placed in self._placed) + GAP * max(0, len(self._placed) - 1) + PREFIX
        if (size := Size(used if self.wide else 0, len(self.model.order) + 1)) != self.virtual_size:
            self.virtual_size = size

    def _refresh_key(self, key: str) -> None:
        index = self.model.index_of(key)
        if index is None:
            return
        if 1 <= (line := index - round(self.scroll_y) + 1) < self.size.height:
            self.refresh(Region(0, line, self.size.width, 1))

    # --- events ---

    def on_resize(self) -> None:
        """Columns that fit may be others now."""
        self._replace()
        self._show_cursor()

    def on_focus(self) -> None:
        """The cursor line looks different with and without the focus."""
        self.refresh()

    on_blur = on_focus

    def notify_style_update(self) -> None:
        """The theme changed: every cached line is of the old colours."""
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()

    def on_click(self, event: events.Click) -> None:
        """A header click sorts, a row click moves the cursor, a click on the cursor opens it."""
        if event.y == 0:
            column = column_at(self._placed, event.x + (round(self.scroll_x) if event.x >= self._fixed else 0))
            if column is not None:
                self.sort_by(column.key)
            return
        index = round(self.scroll_y) + event.y - 1
        if 0 <= index < len(self.model.order):
            opens = index == self.cursor_index and event.chain > 1
            self.move_to(index)
            if opens:
                self.open_cursor()

    def open_cursor(self) -> None:
        """Tell that the row under the cursor is to be opened."""
        if self.cursor_key is not None:
            self.post_message(self.Opened(self, self.cursor_key))

    # --- painting ---

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            self._styles[name] = self.get_component_rich_style(f"live-table--{name}")
        return self._styles[name]

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the header, a row, or nothing."""
        width = self.size.width
        self._ensure_placed()
        if y == 0:
            return self._crop(header_strip(self._placed, self.model, self._style), width, self._style("header"))
        index = round(self.scroll_y) + y - 1
        if index >= len(self.model.order):
            return Strip.blank(width, self.rich_style)
        key = self.model.order[index]
        if key == self.cursor_key:
            style = self._style("cursor" if self.has_focus else "cursor-blurred")
            line = self._row(key, style)
            return self._crop(line if self.has_focus else line.apply_style(style), width, style)
        if key not in self._strips:
            self._strips[key] = self._row(key, None)
        strip = self._strips[key]
        if key in self.model.marks:
            strip = Strip([Segment(" >", self._style("wait")), *list(strip)[1:]], strip.cell_length)
        return self._crop(strip, width, self.rich_style)

    @property
    def _fixed(self) -> int:
        """Cells of the first column, which stays while the others scroll sideways."""
        cells = PREFIX + self._placed[0].width + GAP if self._placed and self.scroll_x else 0
        return cells if cells <= self.size.width // 2 else 0

    def _crop(self, strip: Strip, width: int, style: Style) -> Strip:
        left, fixed = round(self.scroll_x), self._fixed
        rest = strip.crop_extend(left + fixed, left + width, style)
        return Strip.join([strip.crop_extend(0, fixed, style), rest]) if fixed else rest

    def _row(self, key: str, cursor: Style | None) -> Strip:
        self.lines_rendered += 1
        row, override = self.model.rows[key], cursor if self.has_focus else None
        sign = ("|" if cursor is not None else " ") + (">" if cursor is not None and key in self.model.marks else " ")
        strip, is_cut = row_strip(row, self._placed, self._style, sign, override)
        if is_cut and not self._is_tight and self._needs.see(self.spec.columns, row):
            self._is_tight = True
            self.call_later(self._fit)  # not while lines are painted: they would not stand in one grid
        return strip
