"""The actions of scope `table`, for every page that shows a live table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual.widgets import Input

from swim_tui.ui.base import BasePage
from swim_tui.ui.dialogs.choose import Choice, ChooseDialog, PickDialog
from swim_tui.ui.dialogs.form import Field, FormDialog
from swim_tui.ui.dialogs.new_file import write_new_file
from swim_tui.ui.dialogs.text import TextDialog
from swim_tui.ui.filtering import from_boxes, to_boxes
from swim_tui.ui.record import as_text, write_rows
from swim_tui.ui.widgets.columns import next_stop
from swim_tui.ui.widgets.live_table import LiveTable

if TYPE_CHECKING:
    from swim_tui.ui.app import SwimApp

AnyTable = LiveTable[Any]


class TableActions(BasePage):
    """Every action goes to the table that has the focus, else to the one that had it last, else to the first."""

    _last_table: AnyTable | None = None

    @property
    def swim(self) -> SwimApp:
        """The app, typed."""
        return cast("SwimApp", self.app)

    @property
    def table(self) -> AnyTable | None:
        """The table that keys act on."""
        if isinstance(self.focused, LiveTable):
            self._last_table = self.focused
        if self._last_table is not None and self._last_table.is_attached and self._last_table.display:
            return self._last_table
        return next((table for table in self.query(LiveTable) if table.display), None)

    def focus_table(self) -> None:
        """Keys go to the table again."""
        if self.table is not None:
            self.table.focus()

    # --- moving ---

    def _move(self, lines: int) -> None:
        if self.table is not None:
            self.table.move(lines)

    def do_table_up(self) -> None:
        """One row up."""
        self._move(-1)

    def do_table_down(self) -> None:
        """One row down."""
        self._move(1)

    def do_table_left(self) -> None:
        """Columns to the left."""
        self._scroll_columns(back=True)

    def do_table_right(self) -> None:
        """Columns to the right."""
        self._scroll_columns()

    def _scroll_columns(self, *, back: bool = False) -> None:
        table = self.table
        if table is not None:
            x = next_stop(table.placed, round(table.scroll_x), table.size.width, back=back)
            table.scroll_to(x=x, animate=False)

    def do_table_top(self) -> None:
        """First row."""
        if self.table is not None:
            self.table.move_to(0)

    def do_table_bottom(self) -> None:
        """Last row."""
        if self.table is not None:
            self.table.move_to(len(self.table.model.order) - 1)

    def _page(self, pages: float) -> None:
        if self.table is not None:
            self.table.move(int(pages * self.table.page_lines))

    def do_table_half_down(self) -> None:
        """Half a page down."""
        self._page(0.5)

    def do_table_half_up(self) -> None:
        """Half a page up."""
        self._page(-0.5)

    def do_table_page_down(self) -> None:
        """A page down."""
        self._page(1)

    def do_table_page_up(self) -> None:
        """A page up."""
        self._page(-1)

    def do_table_open(self) -> None:
        """Open the row."""
        if self.table is not None:
            self.table.open_cursor()

    # --- filter, sort, columns ---

    def do_table_filter(self) -> None:
        """Show the filter line."""
        if self.table is None:
            self.app.notify("there is no table to filter here")
            return
        self.open_bar(self.table.model.filter.text, "text  re:PATTERN  !not  state:failed site:ams")

    def open_bar(self, text: str, hint: str) -> None:
        """The line below the crumbs, ready to type in."""
        bar = self.query_one("#filter", Input)
        _ = self.table  # it is remembered as the one that had the focus
        bar.placeholder, bar.value, bar.display = hint, text, True
        bar.cursor_position = len(text)
        self.set_focus(bar)  # Widget.focus() comes later, and the keys typed until then would be actions

    async def do_table_quick(self) -> None:
        """A box for each column; what a column must have (FEATURES 30)."""
        table = self.table
        if table is None:
            return
        columns = table.spec.columns
        boxes, rest = to_boxes(table.model.filter.text, [column.key for column in columns])
        hint = "text, or several with commas, or =exact"
        fields = [Field(column.key, column.title, boxes.get(column.key, ""), hint) for column in columns]
        fields.append(Field("any", "Any column", rest, "text  re:PATTERN  !not"))
        answer = await self.app.push_screen_wait(FormDialog("Quick Filter", fields, verb="Show"))
        if answer is not None:
            rest = answer.pop("any")
            table.set_filter(from_boxes(answer, rest))

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.table is not None and self.table.model.filter.text != event.value:
            self.table.set_filter(event.value)

    @on(Input.Submitted, "#filter")
    def _filter_done(self, event: Input.Submitted) -> None:
        event.stop()
        event.input.display = False
        self.focus_table()

    def escape_clears(self) -> bool:
        """Whether Esc has marks, a filter or attention-only to clear before it goes back."""
        table = self.table
        return table is not None and bool(table.model.marks or table.model.filter.text or table.model.attention_only)

    def close_filter(self) -> bool:
        """Esc: clear the marks, else the filter, else attention-only; False if there was nothing."""
        bar = self.query_one("#filter", Input)
        table = self.table
        if bar.display and bar.has_focus:
            bar.display = False
            if table is not None:
                table.set_filter("")
            self.focus_table()
            return True
        if table is None:
            return False
        if table.clear_marks():
            return True
        if table.model.filter.text:
            table.set_filter("")
            return True
        if table.model.attention_only:
            table.toggle_attention()
            return True
        return False

    def do_table_attention(self) -> None:
        """Only rows that need attention."""
        if self.table is not None:
            self.table.toggle_attention()

    async def do_table_sort(self) -> None:
        """Sort menu."""
        table = self.table
        if table is None:
            return
        letters: set[str] = set()
        choices = []
        for column in table.spec.columns:
            letter = column.sort_letter or next((c for c in column.title.casefold() if c.isalpha()), "")
            letter = letter if letter not in letters else ""
            letters.add(letter)
            choices.append(Choice(column.key, letter, column.title))
        chosen = await self.app.push_screen_wait(ChooseDialog("Sort by", choices, current=table.model.sort_column))
        if chosen:
            table.sort_by(chosen)

    def do_table_sort_left(self) -> None:
        """Sort by the column to the left."""
        if self.table is not None:
            self.table.sort_step(-1)

    def do_table_sort_right(self) -> None:
        """Sort by the column to the right."""
        if self.table is not None:
            self.table.sort_step(1)

    def do_table_wide(self) -> None:
        """All columns."""
        if self.table is not None:
            self.table.toggle_wide()

    async def do_table_columns(self) -> None:
        """Choose the columns; the first one stays."""
        table = self.table
        if table is None:
            return
        entries = [(column.key, column.title) for column in table.spec.columns]
        shown = [key for key, _ in entries if key not in table.hidden]
        picked = await self.app.push_screen_wait(PickDialog("Columns", entries, shown))
        if picked is not None:
            table.set_hidden(key for key, _ in entries[1:] if key not in picked)
            self.swim.remember(table)

    # --- marks ---

    def do_table_mark(self) -> None:
        """Mark and go down."""
        if self.table is not None:
            self.table.toggle_mark()

    def do_table_mark_range(self) -> None:
        """Mark from the last mark to here."""
        if self.table is not None:
            self.table.mark_range()

    def do_table_mark_all(self) -> None:
        """Mark all that is shown."""
        if self.table is not None:
            self.table.mark_all()

    def do_table_mark_none(self) -> None:
        """Clear the marks."""
        if self.table is not None:
            self.table.clear_marks()

    # --- record, copy, export ---

    def record(self, row: Any) -> object:
        """What `y` shows of a row; pages give the thing behind it."""
        return row

    def do_table_record(self) -> None:
        """The record behind the row."""
        table = self.table
        row = table.cursor_row if table is not None else None
        if table is None or row is None:
            return
        shown = ((column.title, column.render(row).text) for column in table.spec.columns)
        text = as_text(self.record(row)) or "\n".join(f"{title}: {cell}" for title, cell in shown if title and cell)
        self.app.push_screen(TextDialog("Record", text))

    def do_table_copy(self) -> None:
        """Copy the name."""
        table = self.table
        if table is not None and table.cursor_row is not None:
            self.swim.copy(table.spec.name(table.cursor_row))

    def do_table_copy_row(self) -> None:
        """Copy the row, tab separated."""
        table = self.table
        if table is not None and table.cursor_row is not None:
            row = table.cursor_row
            self.swim.copy("\t".join(column.render(row).text for column in table.spec.columns))

    async def do_table_export(self) -> None:
        """Write the rows shown to a file."""
        table = self.table
        if table is None:
            return
        columns, rows = table.spec.columns, table.model.rows
        texts = [[column.render(rows[key]).text for column in columns] for key in table.model.order]

        async def write(path: Path) -> None:
            write_rows(path, [column.title for column in columns], texts)

        told = "The end of the name is the format: .csv, .json or .md."
        path = await write_new_file(self.app, "Export the rows shown", f"{table.spec.id}.csv", write, told=told)
        if path is not None:
            self.app.notify(f"wrote {len(texts)} rows to {path}")
