"""Column specifications of a live table, and which of them fit a width."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from rich.cells import cell_len

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
    """One column; priority 1 stays longest on a narrow screen, `flex` takes the room that nobody needs.

    `width` decides which columns there are; what is in the cells decides who gets the room (`place`).

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
    """A column with the width it got, and whether it is written in its brief form."""

    column: Column[R]
    width: int
    is_brief: bool = False

    @property
    def _form(self) -> Brief[R] | None:
        return self.column.brief if self.is_brief else None

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
_WIDEST = 100  # a cell of a table that is scrolled sideways


@dataclass
class Needs(Generic[R]):
    """The widest text seen in each column; it only grows, so that columns do not jump to and fro."""

    whole: dict[str, int] = field(default_factory=dict)
    brief: dict[str, int] = field(default_factory=dict)

    def see(self, columns: Iterable[Column[R]], row: R) -> bool:
        """Take in a row; True if a text of it is wider than all before."""
        grown = False
        for column in columns:
            forms = [(self.whole, column.render(row).text)]
            if column.brief is not None:
                forms.append((self.brief, column.brief.render(row).text))
            for widest, text in forms:
                if (size := cell_len(text)) > widest.get(column.key, 0):
                    widest[column.key] = size
                    grown = True
        return grown


def place(
    columns: Sequence[Column[R]],
    width: int,
    hidden: Collection[str],
    *,
    wide: bool,
    needs: Needs[R] | None = None,
    sort: str = "",
) -> list[Placed[R]]:
    """Choose columns by priority until the width is full (all of them when `wide`), keeping their order.

    A column is no wider than its texts need as long as another one is cut; without `needs` each is taken at its width.
    """
    offered = [column for column in columns if column.key not in hidden]
    wanted = {column.key: _wanted(column, needs, is_sorted=column.key == sort) for column in offered}
    if wide:
        return [Placed(each, min(max(each.width, wanted[each.key]), max(each.width, _WIDEST))) for each in offered]
    chosen = _that_fit(offered, width)
    sizes = {each.key: min(each.smallest, _brief_want(each, wanted, needs)) for each in chosen}
    spare = max(0, width - sum(sizes.values()) - GAP * max(0, len(chosen) - 1))
    declared = {each.key: each.width for each in chosen}
    flexible = [each for each in chosen if each.flex]
    rigid = [each for each in chosen if not each.flex and each.brief is None]
    for group in _grown_together(chosen):
        spare = _grow(group, sizes, {key: min(declared[key], wanted[key]) for key in declared}, spare)
    for group in (flexible, rigid):
        spare = _share_by_need(group, sizes, wanted, spare)
    for each in rigid:  # nothing is cut any more: as airy as they were meant to be
        spare = _grow([each], sizes, declared, spare)
    for index, each in enumerate(flexible):
        more = spare // (len(flexible) - index)
        sizes[each.key] += more
        spare -= more
    return [Placed(each, sizes[each.key], _is_brief(each, sizes, wanted)) for each in chosen]


def _wanted(column: Column[R], needs: Needs[R] | None, *, is_sorted: bool) -> int:
    """The width at which nothing of it is cut."""
    if needs is None:
        return column.width
    return max(needs.whole.get(column.key, 0), cell_len(column.title) + 2 * is_sorted)


def _brief_want(column: Column[R], wanted: Mapping[str, int], needs: Needs[R] | None) -> int:
    if column.brief is None or needs is None:
        return wanted[column.key]
    return min(wanted[column.key], max(needs.brief.get(column.key, 0), cell_len(column.brief.title)))


def _is_brief(column: Column[R], sizes: Mapping[str, int], wanted: Mapping[str, int]) -> bool:
    return column.brief is not None and sizes[column.key] < min(wanted[column.key], column.width)


def _grow(group: Sequence[Column[R]], sizes: dict[str, int], goals: Mapping[str, int], spare: int) -> int:
    """Up to their goals as far as it goes, those with a brief form all or none; returns what is left."""
    lacks = {column.key: max(0, goals[column.key] - sizes[column.key]) for column in group}
    if sum(lacks.values()) > spare and group[0].brief is not None:
        return spare
    for key, lack in lacks.items():
        more = min(spare, lack)
        sizes[key] += more
        spare -= more
    return spare


def _share_by_need(group: Sequence[Column[R]], sizes: dict[str, int], wanted: Mapping[str, int], spare: int) -> int:
    """To those that are still cut, so that as many as can be are not; returns what is left."""
    lacking = sorted(
        (column for column in group if wanted[column.key] > sizes[column.key]),
        key=lambda column: wanted[column.key] - sizes[column.key],
    )
    for index, column in enumerate(lacking):
        more = min(wanted[column.key] - sizes[column.key], spare // (len(lacking) - index))
        sizes[column.key] += more
        spare -= more
    return spare


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


def next_stop(placed: Sequence[Placed[R]], x: int, room: int, *, back: bool = False) -> int:
    """Where a table scrolled sideways by `x` cells goes next, so that a whole column stands beside the first.

    A column wider than the room beside the first is passed through by what is seen of it.
    """
    stops, left = [0], 0
    for each in placed[1:]:
        left += each.width + GAP
        stops.append(left)
    step = max(1, room - PREFIX - sum(each.width + GAP for each in placed[:1]))
    if back:
        return max([*(stop for stop in stops if stop < x), x - step, 0])
    return min([*(stop for stop in stops if stop > x), x + step])
