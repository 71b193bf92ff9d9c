"""The rows behind a live table: filter, order and marks over an immutable list; no widget in here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

from swim_tui.ui.filtering import NO_FILTER, Filter, Texts, compile_filter
from swim_tui.ui.natural import natural_key
from swim_tui.ui.widgets.columns import Column, R, TableSpec


@dataclass(frozen=True)
class Batch(Generic[R]):
    """Changes of one paint: rows added or changed, keys gone; `reset` drops all rows first."""

    upserts: Sequence[R] = ()
    removed: Sequence[str] = ()
    reset: bool = False


@dataclass(frozen=True)
class Change:
    """What a batch did to the lines shown: keys whose text may differ, and whether lines moved."""

    keys: frozenset[str] = frozenset()
    moved: bool = False


@dataclass
class TableModel(Generic[R]):
    """Rows by key, the visible order, the marks; every change says which lines it touched."""

    spec: TableSpec[R]
    rows: dict[str, R] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    filter: Filter = NO_FILTER
    attention_only: bool = False
    sort_column: str = ""
    reverse: bool = False

    def __post_init__(self) -> None:
        self.sort_column = self.sort_column or self.spec.sort
        self.reverse = self.reverse or self.spec.reverse
        self._sort_values: dict[str, Any] = {}
        self._passes: dict[str, bool] = {}
        self._index: dict[str, int] | None = None

    # --- reading ---

    @property
    def total(self) -> int:
        """Rows held, shown or not."""
        return len(self.rows)

    def index_of(self, key: str) -> int | None:
        """The visible line of a key."""
        if self._index is None:
            self._index = {key: index for index, key in enumerate(self.order)}
        return self._index.get(key)

    def row_at(self, index: int) -> R | None:
        """The row of a visible line."""
        return self.rows[self.order[index]] if 0 <= index < len(self.order) else None

    def nearest(self, old_order: Sequence[str], old_index: int) -> str | None:
        """The row that takes the place of a line that is gone: the next that is left, else the one before."""
        after = (key for key in old_order[old_index:] if self.index_of(key) is not None)
        before = (key for key in reversed(old_order[:old_index]) if self.index_of(key) is not None)
        first = self.order[0] if self.order else None
        return next(after, None) or next(before, None) or first

    def hidden_marks(self) -> int:
        """Marked rows that the filter hides."""
        return sum(1 for key in self.marks if not self._passes.get(key, False))

    def texts(self, row: R) -> Texts:
        """Lower-case text of every column, as the filter reads it."""
        return {column.key: column.render(row).text.casefold() for column in self.spec.columns}

    # --- changing ---

    def apply(self, batch: Batch[R]) -> Change:
        """Take a batch; lines are only reordered if an order value or a filter verdict changed."""
        moved = batch.reset
        if batch.reset:
            fresh = {row.key for row in batch.upserts}
            self.marks &= fresh
            self.rows, self._sort_values, self._passes = {}, {}, {}
        column = self._column()
        touched: set[str] = set()
        for row in batch.upserts:
            moved |= self._put(row, column, touched)
        for key in batch.removed:
            if self.rows.pop(key, None) is not None:
                moved |= self._passes.pop(key, False)
                self._sort_values.pop(key, None)
                self.marks.discard(key)
        if moved:
            self._reorder()
        return Change(frozenset(touched), moved)

    def _put(self, row: R, column: Column[R] | None, touched: set[str]) -> bool:
        key = row.key
        old = self.rows.get(key)
        if old == row:
            return False
        self.rows[key] = row
        touched.add(key)
        value = _sortable(column, row)
        passes = self._verdict(row)
        moved = self._passes.get(key, False) != passes or (passes and self._sort_values.get(key) != value)
        if old is not None and self.spec.name(old) != self.spec.name(row):
            moved = True
        self._sort_values[key] = value
        self._passes[key] = passes
        return moved

    def set_filter(self, text: str) -> Filter:
        """Filter by a line of the grammar; a broken pattern keeps the rows and carries its error."""
        self.filter = compile_filter(text, [column.key for column in self.spec.columns])
        self._refilter()
        return self.filter

    def set_attention(self, on: bool) -> None:
        """Show only rows that need attention, or all."""
        self.attention_only = on
        self._refilter()

    def set_sort(self, column: str, reverse: bool) -> None:
        """Order by a column; ties stay in natural order of the names."""
        self.sort_column, self.reverse = column, reverse
        spec = self._column()
        self._sort_values = {key: _sortable(spec, row) for key, row in self.rows.items()}
        self._reorder()

    # --- marks ---

    def toggle_mark(self, key: str) -> None:
        """Mark or unmark one row."""
        self.marks ^= {key}

    def mark_between(self, first: str, last: str) -> None:
        """Mark every visible row from one key to the other."""
        ends = [index for index in (self.index_of(first), self.index_of(last)) if index is not None]
        if ends:
            self.marks.update(self.order[min(ends) : max(ends) + 1])

    def mark_all(self) -> None:
        """Mark every row the filter shows."""
        self.marks.update(self.order)

    def clear_marks(self) -> None:
        """Unmark everything, hidden rows too."""
        self.marks.clear()

    def targets(self, cursor: str | None) -> list[R]:
        """What an action acts on: all marked rows, hidden ones too, else the row of the cursor."""
        keys: Iterable[str] = sorted(self.marks, key=self._name_key) if self.marks else [cursor] if cursor else []
        return [self.rows[key] for key in keys if key in self.rows]

    # --- inside ---

    def _column(self) -> Column[R] | None:
        return self.spec.column(self.sort_column)

    def _name_key(self, key: str) -> Any:
        return natural_key(self.spec.name(self.rows[key])) if key in self.rows else natural_key(key)

    def _verdict(self, row: R) -> bool:
        if self.attention_only and not self.spec.attention(row):
            return False
        return not self.filter or self.filter.matches(self.texts(row))

    def _refilter(self) -> None:
        self._passes = {key: self._verdict(row) for key, row in self.rows.items()}
        self._reorder()

    def _reorder(self) -> None:
        order = [key for key in self.rows if self._passes.get(key, False)]
        order.sort(key=self._name_key)
        if self._column() is not None:
            order.sort(key=self._sort_values.__getitem__, reverse=self.reverse)
        self.order = order
        self._index = None


def _sortable(column: Column[R] | None, row: R) -> Any:
    """A value that compares: rows without one come first, and last when reversed."""
    if column is None:
        return (0, 0)
    value = column.sort_value(row)
    return (0, 0) if value is None else (1, value)


def counts_text(model: TableModel[Any], *, selects: bool = False) -> str:
    """`filter: x  3 marked (1 hidden by filter)  5/42`; with `selects` it ends in `Selected 3 / Total 42`."""
    parts = []
    if model.filter.text:
        parts.append(f"filter: {model.filter.error or model.filter.text}")
    if model.attention_only:
        parts.append("! attention only")
    shown = len(model.order)
    if model.marks or (selects and model.total and shown == model.total):
        hidden = model.hidden_marks()
        verb = f"Selected {len(model.marks)} /" if selects else f"{len(model.marks)} marked"
        parts.append(verb + (f" ({hidden} hidden by filter)" if hidden else ""))
    parts.append(f"{shown}/{model.total}" if shown != model.total else f"Total {model.total}")
    return "  ".join(parts).replace("/  Total", "/ Total")
