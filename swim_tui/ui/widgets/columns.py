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
class Column(Generic[R]):
    """One column; priority 1 stays longest on a narrow screen, `flex` takes the room that is left.

    What is too long and has no spaces (a device, a file, a version) loses its middle, because its end tells it from the
    next one; with `keep_start`, and where there are words, the end goes.
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

    def sort_value(self, row: R) -> Any:
        """What the column sorts by: its own key, else its text in natural order."""
        return self.sort_key(row) if self.sort_key is not None else natural_key(self.render(row).text)


@dataclass(frozen=True)
class Placed(Generic[R]):
    """A column with the width it got."""

    column: Column[R]
    width: int


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


def place(columns: Sequence[Column[R]], width: int, hidden: Collection[str], *, wide: bool) -> list[Placed[R]]:
    """Choose columns by priority until the width is full (all of them when `wide`), keeping their order."""
    offered = [column for column in columns if column.key not in hidden]
    if wide:
        chosen = offered
    else:
        chosen, room = [], width
        for column in sorted(offered, key=lambda c: c.priority):
            need = column.width + (GAP if chosen else 0)
            if chosen and need > room:
                break
            chosen.append(column)
            room -= need
        chosen = [column for column in offered if column in chosen]
    used = sum(column.width for column in chosen) + GAP * max(0, len(chosen) - 1)
    spare = max(0, width - used)
    flexible = [column for column in chosen if column.flex]
    placed: list[Placed[R]] = []
    for column in chosen:
        extra = 0
        if column.flex and spare:
            extra = spare // len(flexible) + (spare % len(flexible) if column is flexible[-1] else 0)
        placed.append(Placed(column, column.width + extra))
    return placed
