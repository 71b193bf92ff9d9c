"""Items to store in tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from swim_tui.store import Database, TypedTable


class Colour(StrEnum):
    """Something for an enumeration field."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Part:
    """Something nested."""

    serial: str
    slots: tuple[int, ...] = ()


@dataclass(frozen=True)
class Thing:
    """An item with the field types that the model uses."""

    name: str
    size: int = 0
    colour: Colour = Colour.RED
    parts: tuple[Part, ...] = ()
    seen_at: datetime | None = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    tags: frozenset[str] = frozenset()
    labels: dict[str, str] = field(default_factory=dict)
    path: Path | None = None


@dataclass(frozen=True)
class Other:
    """An item of another table."""

    id: str
    thing: str


def things(database: Database) -> TypedTable[Thing]:
    """The table of things."""
    return database.table("things", Thing, lambda thing: thing.name)


def others(database: Database) -> TypedTable[Other]:
    """The table of others."""
    return database.table("others", Other, lambda other: other.id)
