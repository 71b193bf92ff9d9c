"""The schema of the stored documents, and the functions that bring older documents up to it, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Document = dict[str, Any]
Tables = dict[str, dict[str, Document]]
"""Table name -> key -> document, as JSON values."""

Migration = Callable[[Tables], None]
"""Changes tables of one schema into the next, in place; it may replace documents and must not fail on odd ones."""

MIGRATIONS: tuple[Migration, ...] = ()
"""Entry i brings schema i + 1 to schema i + 2."""

FIRST_SCHEMA = 1


def newest_schema(migrations: Sequence[Migration]) -> int:
    """The schema that a program with these migrations writes."""
    return FIRST_SCHEMA + len(migrations)


def migrate(tables: Tables, schema: int, target: int, migrations: Sequence[Migration]) -> None:
    """Bring tables from one schema up to another."""
    for step in migrations[schema - FIRST_SCHEMA : target - FIRST_SCHEMA]:
        step(tables)
