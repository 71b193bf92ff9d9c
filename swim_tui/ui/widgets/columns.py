"""Column specifications of a live table, and which of them fit a width."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from swim_tui.ui.natural import natural_key
from swim_tui.ui.states import Cell


class Row(Protocol):
    """A row view-model: immutable, with a key that never changes."""

    @property
    def key(self) -> str:
        """The identity the cursor and the marks hold on to."""
        ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Brief(Generic[R]):
    """How a column is written where its whole text has no room: another title and shorter cells."""

    title: str
    render: Callable[[R], Cell]


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column; priority 1 stays longest on a narrow screen, `flex` takes the room that is left.

    What is too long and has no spaces (a device, a file, a version) loses its middle, because its end tells it from the
    next one; with `keep_start`, and where there are words, the end goes.
    `least` is how far it may shrink so that one more column fits; below `width` it is written in its `brief` form.
    """

    key: str
    title: str
    width: int
    render: Callable[[R], Cell]
    priority: int = 1
    sort_letter: str = ""
    sort_key: Callable[[R], Any] | None = None
    flex: bool = False
    right: bool = False
    keep_start: bool = False
    least: int = 0
    brief: Brief[R] | None = None

    @property
    def smallest(self) -> int:
        """The width it needs at the least."""
        return min(self.least or self.width, self.width)

    def sort_value(self, row: R) -> Any:
        """What the column sorts by: its own key, else its text in natural order."""
        return self.sort_key(row) if self.sort_key is not None else natural_key(self.render(row).text)


@dataclass(frozen=True)
class Placed(Generic[R]):
    """A column with the width it got."""

    column: Column[R]
    width: int

    @property
    def _form(self) -> Brief[R] | None:
        return self.column.brief if self.width < self.column.width else None

    @property
    def title(self) -> str:
        """The title that fits this width."""
        return self._form.title if self._form is not None else self.column.title

    def cell(self, row: R) -> Cell:
        """The cell that fits this width."""
        return (self._form or self.column).render(row)


def _never(_row: Any) -> bool:
    return False


def _row_key(row: Any) -> str:
    return str(row.key)


@dataclass(frozen=True)
class TableSpec(Generic[R]):
    """What a table shows: its id in the saved state, its columns, its order, and what it says when it is empty."""

    id: str
    columns: Sequence[Column[R]]
    name: Callable[[R], str] = _row_key
    attention: Callable[[R], bool] = _never
    sort: str = ""
    reverse: bool = False
    empty: str = "Nothing here."
    marks: bool = True

    def column(self, key: str) -> Column[R] | None:
        """The column of that key."""
        return next((column for column in self.columns if column.key == key), None)


GAP = 1
PREFIX = 2  # cursor sign and mark sign


def place(columns: Sequence[Column[R]], width: int, hidden: Collection[str], *, wide: bool) -> list[Placed[R]]:
    """Choose columns by priority until the width is full (all of them when `wide`), keeping their order."""
    offered = [column for column in columns if column.key not in hidden]
    chosen = offered if wide else _that_fit(offered, width)
    sizes = {column.key: column.width if wide else column.smallest for column in chosen}
    spare = max(0, width - sum(sizes.values()) - GAP * max(0, len(chosen) - 1))
    for group in _grown_together(chosen):
        missing = sum(column.width - sizes[column.key] for column in group)
        if missing <= spare or group[0].brief is None:
            for column in group:
                more = min(spare, column.width - sizes[column.key])
                sizes[column.key] += more
                spare -= more
    flexible = [column for column in chosen if column.flex]
    for column in flexible:
        sizes[column.key] += spare // len(flexible) + (spare % len(flexible) if column is flexible[-1] else 0)
    return [Placed(column, sizes[column.key]) for column in chosen]


def _that_fit(offered: Sequence[Column[R]], width: int) -> list[Column[R]]:
    chosen: list[Column[R]] = []
    room = width
    for column in sorted(offered, key=lambda c: c.priority):
        need = column.smallest + (GAP if chosen else 0)
        if chosen and need > room:
            break
        chosen.append(column)
        room -= need
    return [column for column in offered if column in chosen]


def _grown_together(chosen: Sequence[Column[R]]) -> list[list[Column[R]]]:
    """Columns in the order in which they get their full width back; those with a brief form all or none, last."""
    plain = sorted((column for column in chosen if column.brief is None), key=lambda c: c.priority)
    brief = [column for column in chosen if column.brief is not None]
    return [*([column] for column in plain), *([brief] if brief else [])]


def column_at(placed: Sequence[Placed[R]], x: int) -> Column[R] | None:
    """The column that stands at a cell of the table's line, if one does."""
    left = PREFIX
    for each in placed:
        if left <= x < left + each.width + GAP:
            return each.column
        left += each.width + GAP
    return None
