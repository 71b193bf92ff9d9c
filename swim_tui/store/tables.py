"""Typed tables over frozen dataclasses, and the database that holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from tinydb import TinyDB
from tinydb.queries import QueryLike

from swim_tui.store.disk import Disk
from swim_tui.store.generations import Change
from swim_tui.store.log import LogWriter
from swim_tui.store.migrations import MIGRATIONS, Migration
from swim_tui.store.notice import NoticeKind, StoreNotice
from swim_tui.store.storage import COMPACT_BYTES, JournalStorage
from swim_tui.store.table import JournalTable

T = TypeVar("T")


@cache  # one takes milliseconds to build
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


class TypedTable(Generic[T]):
    """Items of one frozen dataclass by a string key; any thread; reads are served from memory.

    A document that does not validate stays on disk, is named in `unreadable` and in the store's notices, and is
    skipped by every reader until a `put` or `delete` of its key.
    """

    def __init__(self, table: JournalTable, kind: type[T], key: Callable[[T], str], database: Database) -> None:
        self._table = table
        self._storage = database.storage
        of_kind: Any = kind
        self._adapter: TypeAdapter[T] = _adapter(of_kind)
        self._key = key
        self._items: dict[str, T] = {}
        self._is_in_order = True  # False when one was read or put before older ones were
        self._unreadable: dict[str, str] = {}
        self._kind = kind
        # Documents not validated yet, as keys in their order; reading one by its key validates that one only.
        self._stale: dict[str, None] = dict.fromkeys(self._storage.documents(self.name))
        self._storage.watch(self.name, lambda keys: self._stale.update(dict.fromkeys(keys)))

    @property
    def name(self) -> str:
        """The table's name in the store."""
        return self._table.name

    @property
    def kind(self) -> type[T]:
        """The dataclass of the items."""
        return self._kind

    def get(self, key: str) -> T | None:
        """The item with this key, None when there is none (or none that can be read)."""
        if key in self._stale:
            with self._storage.lock:
                self._is_in_order &= key in self._items
                self._refresh([key])
        return self._items.get(key)

    def all(self) -> list[T]:
        """All items, in the order in which their keys were first put."""
        with self._storage.lock:
            self._refresh(list(self._stale))
            if not self._is_in_order:
                keys = self._storage.documents(self.name)
                self._items = {key: self._items[key] for key in keys if key in self._items}
                self._is_in_order = True
            return list(self._items.values())

    def where(self, **fields: object) -> list[T]:
        """The items whose attributes equal the values given."""
        wanted = list(fields.items())
        return [item for item in self.all() if all(getattr(item, name) == value for name, value in wanted)]

    def search(self, query: QueryLike) -> list[T]:
        """The items whose documents match a TinyDB query."""
        found = (self.get(str(document.doc_id)) for document in self._table.search(query))
        return [item for item in found if item is not None]

    def put(self, item: T) -> Future[None]:
        """Insert or replace; memory has it at once, the future resolves when the disk has it."""
        return self.put_many((item,))

    def put_many(self, items: Iterable[T]) -> Future[None]:
        """Insert or replace several items as one record, all or none."""
        held = list(items)
        changes = [self.change(item) for item in held]
        with self._storage.lock:
            future = self._storage.apply(changes)
            self.keep(held)
        return future

    def delete(self, key: str) -> Future[None]:
        """Remove; a key that is not there is no error."""
        return self._storage.apply([self.removal(key)])

    def unreadable(self) -> Mapping[str, str]:
        """Key -> why, of the documents that do not validate."""
        with self._storage.lock:
            self._refresh(list(self._stale))
            return dict(self._unreadable)

    def __len__(self) -> int:
        return len(self.all())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def change(self, item: T) -> Change:
        """The change that puts an item, for `Database.batch`."""
        return self.name, self._key(item), self._adapter.dump_python(item, mode="json")

    def removal(self, key: str) -> Change:
        """The change that removes a key."""
        return self.name, key, None

    def keep(self, items: Iterable[T]) -> None:
        """Serve items that were just applied as they are, without validating their documents; under the lock."""
        for item in items:
            key = self._key(item)
            if self._storage.document(self.name, key) is not None:
                self._is_in_order &= not self._stale or key in self._items
                self._items[key] = item
                self._unreadable.pop(key, None)
                self._stale.pop(key, None)

    def _refresh(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._stale.pop(key, None)
            document = self._storage.document(self.name, key)
            if document is None:
                self._items.pop(key, None)
                self._unreadable.pop(key, None)
                continue
            try:
                self._items[key] = self._adapter.validate_python(document)
            except ValidationError as err:
                self._items.pop(key, None)
                self._report(key, err)
            else:
                self._unreadable.pop(key, None)

    def _report(self, key: str, err: ValidationError) -> None:
        # Without the input: a notice is shown and logged, a document may hold what must not be.
        problems = err.errors(include_input=False, include_url=False, include_context=False)
        detail = "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems)
        if self._unreadable.get(key) != detail:
            self._unreadable[key] = detail
            self._storage.notices.append(
                StoreNotice(
                    kind=NoticeKind.UNREADABLE_DOCUMENT,
                    path=str(self._storage.directory),
                    detail=f"{self.name} '{key}' is kept but not used: {detail}",
                )
            )


class _JournalDB(TinyDB):
    table_class = JournalTable  # type: ignore[assignment]  # declared by value, so mypy takes it as exactly Table


class Database:
    """The store of one data directory; one process owns it (StoreLocked).

    Raises StoreCorrupt, StoreNewer, StoreFull or StoreError on opening. Futures fail with StoreFull or StoreError, and
    what they stood for is then undone in memory too. In asyncio: `await asyncio.wrap_future(table.put(item))`.
    """

    def __init__(
        self,
        root: Path,
        *,
        writer: LogWriter | None = None,
        disk: Disk | None = None,
        migrations: Sequence[Migration] = MIGRATIONS,
        compact_bytes: int = COMPACT_BYTES,
    ) -> None:
        self.tinydb = _JournalDB(
            root,
            storage=JournalStorage,
            writer=writer,
            disk=disk,
            migrations=migrations,
            compact_bytes=compact_bytes,
        )
        assert isinstance(self.tinydb.storage, JournalStorage)
        self.storage: JournalStorage = self.tinydb.storage
        self._tables: dict[str, TypedTable[Any]] = {}

    @property
    def notices(self) -> tuple[StoreNotice, ...]:
        """What the store survived since it was opened."""
        return tuple(self.storage.notices)

    def table(self, name: str, kind: type[T], key: Callable[[T], str]) -> TypedTable[T]:
        """The typed table of this name; the same object at every call."""
        with self.storage.lock:
            if name not in self._tables:
                table = self.tinydb.table(name)
                assert isinstance(table, JournalTable)
                self._tables[name] = TypedTable(table, kind, key, self)
            found = self._tables[name]
        if found.kind is not kind:
            raise TypeError(f"table {name} holds {found.kind.__name__}, not {kind.__name__}")
        return found

    def batch(
        self, puts: Iterable[tuple[TypedTable[Any], Any]], deletes: Iterable[tuple[TypedTable[Any], str]] = ()
    ) -> Future[None]:
        """Put and delete over several tables as one record: after a crash all of it is there, or nothing."""
        pairs = list(puts)
        changes = [table.change(item) for table, item in pairs]
        changes.extend(table.removal(key) for table, key in deletes)
        with self.storage.lock:
            future = self.storage.apply(changes)
            for table, item in pairs:
                table.keep((item,))
        return future

    def compact(self) -> None:
        """Write a snapshot now; takes tens of milliseconds at 10,000 documents."""
        self.storage.compact()

    def close(self) -> None:
        """Write what is under way and let the next process in."""
        self.tinydb.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()
