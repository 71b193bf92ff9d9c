"""TinyDB's storage over a snapshot and a journal: a change costs one journal record, synced in groups."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from swim_tui.errors import StoreError
from swim_tui.paths import private_dir
from swim_tui.store.disk import Disk, OsDisk, disk_errors, free_name, write_whole
from swim_tui.store.frames import encode
from swim_tui.store.generations import (
    Change,
    Loaded,
    encode_snapshot,
    journal_header,
    journal_path,
    journals,
    load,
    write_snapshot,
)
from swim_tui.store.lock import StoreLock
from swim_tui.store.log import Log, LogWriter, resolve, started_future
from swim_tui.store.migrations import MIGRATIONS, Document, Migration, Tables, newest_schema
from swim_tui.store.notice import NoticeKind, StoreNotice

COMPACT_BYTES = 4 * 1024 * 1024
"""A journal below this size is never compacted; above it, when it is larger than the snapshot."""

Watcher = Callable[[Iterable[str]], None]
"""Told, under the storage's lock, which keys of its table changed."""


@dataclass
class _Pending:
    """A document with changes on their way to the disk: what the disk has, and how many changes are under way."""

    durable: Document | None
    count: int = 0


class JournalStorage(Storage):
    """A directory of our own: locked, durable per change, compacted, previous generation kept.

    Memory changes at once. A change the disk refuses is taken back in memory before its future fails.
    """

    def __init__(
        self,
        directory: Path,
        *,
        writer: LogWriter | None = None,
        disk: Disk | None = None,
        migrations: Sequence[Migration] = MIGRATIONS,
        compact_bytes: int = COMPACT_BYTES,
    ) -> None:
        self.directory = directory
        self.lock = threading.RLock()
        self._disk: Disk = disk or OsDisk()
        self._schema = newest_schema(migrations)
        self._compact_bytes = compact_bytes
        self._watchers: dict[str, list[Watcher]] = {}
        self._pending: dict[tuple[str, str], _Pending] = {}
        self._one_compaction = threading.Lock()  # two at once could leave the older snapshot and delete its journal
        self._compaction: threading.Thread | None = None
        self._is_open = True
        with disk_errors(directory):
            if not directory.exists():
                private_dir(directory)
                self._disk.sync_directory(directory.parent)
            if directory.stat().st_mode & 0o077:
                directory.chmod(0o700)
        with contextlib.ExitStack() as closing:
            closing.callback(StoreLock(directory / "lock").release)
            self._writer = writer or LogWriter(self._disk)
            if writer is None:
                closing.callback(self._writer.close)
            self._begin(load(directory, migrations), closing)
            self._closing = closing.pop_all()

    # --- TinyDB's interface ---

    def read(self) -> dict[str, dict[str, Any]] | None:
        """The tables; the documents in them are the live ones and never change in place."""
        with self.lock:
            return dict(self._tables) or None

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Make the tables what `data` says, durable on return; used by TinyDB to drop tables."""
        with self.lock:
            changes: list[Change] = []
            for name in self._tables.keys() | data.keys():
                old, new = self._tables.get(name, {}), data.get(name, {})
                changes.extend((name, key, None) for key in old.keys() - {str(key) for key in new})
                changes.extend((name, str(key), doc) for key, doc in new.items() if old.get(str(key)) is not doc)
            future = self.apply(changes)
        future.result()
        with self.lock:
            for name in [name for name, table in self._tables.items() if not table and name not in data]:
                del self._tables[name]

    def close(self) -> None:
        """Write what is under way, close the files, release the lock."""
        with self.lock:
            if not self._is_open:
                return
            self._is_open = False
        compaction = self._compaction
        if compaction is not None:
            compaction.join()
        self._closing.close()

    # --- changes ---

    def apply(self, changes: Sequence[Change]) -> Future[None]:
        """Make changes as one record, all or none; memory has them at once, the future resolves when the disk has."""
        future: Future[None] = started_future()
        if not changes:
            resolve(future, None)
            return future
        record = encode(changes)
        with self.lock:
            if not self._is_open:
                raise StoreError(path=str(self.directory), detail="the store is closed")
            self._log.submit(record, lambda err: self._settle(changes, future, err))
            for table, key, document in changes:
                current = self._tables.get(table, {}).get(key)
                self._pending.setdefault((table, key), _Pending(current)).count += 1
                self._set(table, key, document)
            self._tell(changes)
        return future

    def watch(self, table: str, watcher: Watcher) -> None:
        """Call `watcher` with the keys of every change of a table."""
        with self.lock:
            self._watchers.setdefault(table, []).append(watcher)

    def documents(self, table: str) -> dict[str, Document]:
        """A table as it is now; a copy of the names, not of the documents."""
        with self.lock:
            return dict(self._tables.get(table, {}))

    def document(self, table: str, key: str) -> Document | None:
        """One document as it is now."""
        return self._tables.get(table, {}).get(key)

    def _set(self, table: str, key: str, document: Document | None) -> None:
        if document is None:
            self._tables.get(table, {}).pop(key, None)
        else:
            self._tables.setdefault(table, {})[key] = document

    def _tell(self, changes: Sequence[Change]) -> None:
        changed: dict[str, list[str]] = {}
        for table, key, _ in changes:
            changed.setdefault(table, []).append(key)
        for table, keys in changed.items():
            for watcher in self._watchers.get(table, ()):
                watcher(keys)

    def _settle(self, changes: Sequence[Change], future: Future[None], err: StoreError | None) -> None:
        """In the writer thread: the disk has the changes, or refused them."""
        taken_back: list[Change] = []
        with self.lock:
            for table, key, document in changes:
                pending = self._pending[table, key]
                pending.count -= 1
                if err is None:
                    pending.durable = document
                if pending.count:
                    continue
                del self._pending[table, key]
                if self.document(table, key) is not pending.durable:
                    self._set(table, key, pending.durable)
                    taken_back.append((table, key, pending.durable))
            self._tell(taken_back)
            if self._log.size > self._compact_at and self._compaction is None and self._is_open:
                self._compaction = threading.Thread(target=self._compact_apart, name="store-compaction", daemon=True)
                self._compaction.start()
        resolve(future, err)

    # --- generations ---

    def _begin(self, loaded: Loaded, closing: contextlib.ExitStack) -> None:
        self._tables: Tables = loaded.tables
        self.notices: list[StoreNotice] = loaded.notices
        self._generation = max(loaded.generation, 1)
        self._current = loaded.base if loaded.has_current else 0
        self._keep_from = loaded.base
        self._snapshot_bytes = loaded.snapshot_bytes
        self._compact_at = max(self._compact_bytes, self._snapshot_bytes)
        with disk_errors(self.directory):
            if loaded.unmigrated is not None:
                copy = free_name(self.directory / f"snapshot.schema-{loaded.schema_on_disk}.json")
                write_whole(self._disk, copy, loaded.unmigrated)
            for path in loaded.damaged_journals:
                shutil.copy(path, free_name(path.with_name(f"{path.name}.damaged")))
            for path in loaded.damaged_snapshots:
                path.rename(free_name(path.with_name(f"{path.name}.damaged")))
        self._log: Log = self._writer.open(journal_path(self.directory, self._generation), loaded.newest_journal)
        closing.callback(self._log.close)
        if loaded.newest_journal is None or not loaded.newest_journal.records:
            self._log.append(journal_header(loaded.schema_on_disk, self._generation)).result()
        if loaded.generation == 0:
            self._write_snapshot(self._tables, 1)
        elif loaded.unmigrated is not None:
            self.compact()  # the old journal takes no document of the new schema: without space, the store stays shut
        elif loaded.damaged_journals or not loaded.has_current:
            self._compact_apart()

    def compact(self) -> None:
        """Begin a new journal and write the state before it as the snapshot."""
        with self._one_compaction:
            tables, generation = self._writer.call(self._rotate).result()
            self._write_snapshot(tables, generation)

    def _rotate(self) -> tuple[Tables, int]:
        """In the writer thread, between two groups: the state that is on the disk now, and the journal after it."""
        generation = self._generation + 1
        self._log.switch_to(journal_path(self.directory, generation), journal_header(self._schema, generation))
        self._generation = generation
        with self.lock:
            tables = {name: dict(documents) for name, documents in self._tables.items()}
            for (table, key), pending in self._pending.items():
                if pending.durable is None:
                    tables.get(table, {}).pop(key, None)
                else:
                    tables.setdefault(table, {})[key] = pending.durable
        return tables, generation

    def _write_snapshot(self, tables: Tables, generation: int) -> None:
        data = encode_snapshot(tables, self._schema, generation)
        write_snapshot(self._disk, self.directory, data)
        self._keep_from = self._current or self._keep_from
        self._current = generation
        self._snapshot_bytes = len(data)
        self._compact_at = max(self._compact_bytes, len(data))
        with disk_errors(self.directory):
            for old, path in journals(self.directory).items():
                if old < self._keep_from:
                    path.unlink(missing_ok=True)

    def _compact_apart(self) -> None:
        """Compact; when the disk refuses, the journals go on as they are, and it is tried again later."""
        try:
            self.compact()
        except StoreError as err:
            self.notices.append(
                StoreNotice(kind=NoticeKind.NOT_COMPACTED, path=str(self.directory), detail=str(err.detail))
            )
            self._compact_at = self._log.size + self._compact_bytes
        finally:
            self._compaction = None
