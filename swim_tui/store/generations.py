"""The files of a store and how they are read: a snapshot, the one before it, and the journals that follow each.

`snapshot.json` of generation G holds everything that journals below G said; `journal.G` and those above it follow.
The snapshot before it stays as `snapshot.prev.json`, with its journals. So the newest readable snapshot plus all
journals from its generation on is the whole truth, also in the middle of a compaction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from swim_tui.errors import StoreCorrupt, StoreNewer
from swim_tui.store.disk import Disk, disk_errors, write_whole
from swim_tui.store.frames import Scan, decode_all, encode, frame, frame_all, scan_file
from swim_tui.store.migrations import FIRST_SCHEMA, Migration, Tables, migrate, newest_schema
from swim_tui.store.notice import NoticeKind, StoreNotice

SNAPSHOT = "snapshot.json"
PREVIOUS = "snapshot.prev.json"
_JOURNAL = re.compile(r"journal\.([0-9]+)")
_FORMAT = "swim-tui store"

Change = tuple[str, str, dict[str, Any] | None]
"""Table, key, and the document it now has; None when it was removed."""


@dataclass
class Loaded:
    """The state of a store as its files tell it."""

    tables: Tables = field(default_factory=dict)
    schema: int = FIRST_SCHEMA
    schema_on_disk: int = FIRST_SCHEMA
    generation: int = 0
    """Of the newest journal; 0 for a store that has no files yet."""
    base: int = 0
    """The generation of the snapshot that was read."""
    has_current: bool = False
    """That snapshot is `snapshot.json`, not the previous one."""
    newest_journal: Scan | None = None
    snapshot_bytes: int = 0
    unmigrated: bytes | None = None
    """The whole state as a snapshot of the schema on disk, when that schema is older than this program's."""
    damaged_snapshots: list[Path] = field(default_factory=list)
    damaged_journals: list[Path] = field(default_factory=list)
    notices: list[StoreNotice] = field(default_factory=list)

    def note(self, kind: NoticeKind, path: Path, detail: str) -> None:
        """Record what was survived."""
        self.notices.append(StoreNotice(kind=kind, path=str(path), detail=detail))


@dataclass(frozen=True)
class _Snapshot:
    schema: int
    generation: int
    size_bytes: int
    documents: list[Any]


class _Damaged(Exception):
    """A snapshot cannot be used; the argument says why."""


def journal_path(directory: Path, generation: int) -> Path:
    """The journal that follows the snapshot of a generation."""
    return directory / f"journal.{generation}"


def journal_header(schema: int, generation: int) -> bytes:
    """The first record of a journal."""
    return encode({"format": _FORMAT, "schema": schema, "generation": generation})


def journals(directory: Path) -> dict[int, Path]:
    """The journals that exist, by generation, in order."""
    found = ((_JOURNAL.fullmatch(path.name), path) for path in directory.iterdir())
    return dict(sorted((int(match[1]), path) for match, path in found if match))


def encode_snapshot(tables: Tables, schema: int, generation: int) -> bytes:
    """A snapshot: header, one line for each document, and a last line that proves that it is whole."""
    lines = [frame_all([{"format": _FORMAT, "schema": schema, "generation": generation}])]
    count = 0
    for name, documents in tables.items():
        lines.extend(frame(encode((name, key, document))) for key, document in documents.items())
        count += len(documents)
    lines.append(frame_all([{"documents": count}]))
    return b"".join(lines)


def write_snapshot(disk: Disk, directory: Path, data: bytes) -> None:
    """Put a new snapshot in place of the current one, which becomes the previous one.

    Killed between the two renames there is no `snapshot.json`; the previous one and its journals say the same.
    """
    fresh, current = directory / f"{SNAPSHOT}.new", directory / SNAPSHOT
    with disk_errors(fresh):
        write_whole(disk, fresh, data)
        if current.exists():
            disk.replace(current, directory / PREVIOUS)
        disk.replace(fresh, current)
        disk.sync_directory(directory)


def load(directory: Path, migrations: Sequence[Migration]) -> Loaded:
    """Read a store without changing any of its files."""
    loaded = Loaded()
    with disk_errors(directory):
        existing = journals(directory)
        base = _newest_snapshot(directory, existing, newest_schema(migrations), loaded)
        if base is None:
            loaded.schema = loaded.schema_on_disk = newest_schema(migrations)
            return loaded
        loaded.schema = base.schema
        loaded.base = loaded.generation = base.generation
        loaded.snapshot_bytes = base.size_bytes
        _apply(base.documents, loaded.tables)
        last = max([base.generation, *existing])
        try:
            for generation in range(base.generation, last + 1):
                loaded.generation = generation
                _replay(journal_path(directory, generation), last, loaded, migrations)
        except _Damaged as err:
            raise StoreCorrupt(path=str(journal_path(directory, loaded.generation)), detail=str(err)) from err
    loaded.schema_on_disk = loaded.schema
    if loaded.schema < newest_schema(migrations):
        loaded.unmigrated = encode_snapshot(loaded.tables, loaded.schema, loaded.generation + 1)
        _advance_schema(newest_schema(migrations), directory, loaded, migrations)
    return loaded


def _newest_snapshot(directory: Path, existing: dict[int, Path], known_schema: int, loaded: Loaded) -> _Snapshot | None:
    problems = []
    for name in (SNAPSHOT, PREVIOUS):
        path = directory / name
        if not path.exists():
            continue
        try:
            snapshot = _read_snapshot(path, known_schema)
        except _Damaged as err:
            problems.append(f"{name}: {err}")
            loaded.damaged_snapshots.append(path)
            loaded.note(NoticeKind.DAMAGED_SNAPSHOT, path, str(err))
        else:
            loaded.has_current = name == SNAPSHOT
            return snapshot
    if 1 in existing:  # the first journal began with an empty store: it needs no snapshot
        return _Snapshot(FIRST_SCHEMA, 1, 0, [])
    if not problems and not existing:
        return None
    detail = "; ".join(problems) or f"{SNAPSHOT} and {PREVIOUS} are missing, only journals are there"
    raise StoreCorrupt(path=str(directory), detail=detail)


def _read_snapshot(path: Path, known_schema: int) -> _Snapshot:
    found = scan_file(path)
    values = _values(found)
    header = values[0] if values else None
    if not isinstance(header, dict) or header.get("format") != _FORMAT:
        raise _Damaged("the file is empty" if found.size == 0 else "this is not a snapshot of a store")
    schema, generation = int(header["schema"]), int(header["generation"])
    if schema > known_schema:
        raise StoreNewer(path=str(path), found=schema, known=known_schema)
    if found.dropped is not None:
        raise _Damaged(str(found.dropped))
    if values[-1] != {"documents": len(values) - 2}:
        raise _Damaged(f"the end is missing after {len(values) - 1} documents")
    return _Snapshot(schema, generation, found.size, values[1:-1])


def _replay(path: Path, last: int, loaded: Loaded, migrations: Sequence[Migration]) -> None:
    if not path.exists():
        loaded.note(NoticeKind.MISSING_JOURNAL, path, "the changes in it are lost; the other generations were read")
        return
    found = scan_file(path)
    is_last = loaded.generation == last
    if is_last:
        loaded.newest_journal = found
    if found.dropped is not None:
        is_torn = found.dropped.is_tail and is_last
        loaded.note(NoticeKind.TORN_TAIL if is_torn else NoticeKind.DAMAGED_JOURNAL, path, str(found.dropped))
        if not is_torn:
            loaded.damaged_journals.append(path)
    for value in _values(found):
        if isinstance(value, dict):
            _advance_schema(int(value.get("schema", loaded.schema)), path, loaded, migrations)
        else:
            _apply(value, loaded.tables)


def _advance_schema(schema: int, path: Path, loaded: Loaded, migrations: Sequence[Migration]) -> None:
    """Journals of a migrated store follow the old snapshot when the new one is damaged: migrate where they begin."""
    if schema > newest_schema(migrations):
        raise StoreNewer(path=str(path), found=schema, known=newest_schema(migrations))
    if schema > loaded.schema:
        migrate(loaded.tables, loaded.schema, schema, migrations)
        loaded.schema = schema


def _values(found: Scan) -> list[Any]:
    try:
        return decode_all(found.records)
    except ValueError as err:  # the checksum is right: somebody wrote it so
        raise _Damaged(f"a record is not JSON: {err}") from err


def _apply(changes: Sequence[Change], tables: Tables) -> None:
    for table, key, document in changes:
        if document is None:
            tables.get(table, {}).pop(key, None)
        else:
            tables.setdefault(table, {})[key] = document
