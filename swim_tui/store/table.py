"""TinyDB's table, without the rebuilding of its dictionary at every change."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, cast

from tinydb.queries import QueryLike
from tinydb.storages import Storage
from tinydb.table import Document, Table

from swim_tui.store.frames import decode_all, encode
from swim_tui.store.generations import Change
from swim_tui.store.storage import JournalStorage

Fields = Mapping[str, Any] | Callable[[MutableMapping[str, Any]], None]


class _Draft(MutableMapping[Any, Any]):
    """A table with changes that are not made yet; an error in between leaves the table as it was."""

    def __init__(self, live: Mapping[str, Any]) -> None:
        self._live = live
        self.changed: dict[str, dict[str, Any] | None] = {}

    def __getitem__(self, key: Any) -> Any:
        name = str(key)
        document = self.changed[name] if name in self.changed else self._live.get(name)
        if document is None:
            raise KeyError(key)
        return document

    def __setitem__(self, key: Any, document: Any) -> None:
        # By way of JSON: memory holds exactly what the disk will give back, and shares nothing with the caller.
        self.changed[str(key)] = decode_all([encode(document)])[0]

    def __delitem__(self, key: Any) -> None:
        if key not in self:
            raise KeyError(key)
        self.changed[str(key)] = None

    def clear(self) -> None:
        """Remove all documents; the inherited one takes time in the square of their number."""
        self.changed = dict.fromkeys(self._live)

    def __iter__(self) -> Iterator[str]:
        for key in self._live:
            if self.changed.get(key, key) is not None:
                yield key
        for key, document in self.changed.items():
            if document is not None and key not in self._live:
                yield key

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, key: object) -> bool:
        name = str(key)
        return self.changed[name] is not None if name in self.changed else name in self._live


def _changed(document: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    fresh = copy.deepcopy(dict(document))
    if callable(fields):
        fields(fresh)
    else:
        fresh.update(fields)
    return fresh


class JournalTable(Table):
    """TinyDB's table on a `JournalStorage`: same queries and methods, string ids, any thread; durable on return.

    What is read is shared, as documents are never changed in place: a caller must not change nested values either.
    """

    document_id_class = str  # type: ignore[assignment]  # TinyDB says int; its own methods only call this class

    _storage: JournalStorage

    def __init__(self, storage: Storage, name: str, **options: Any) -> None:
        super().__init__(storage, name, **options)
        if not isinstance(storage, JournalStorage):
            raise TypeError("a JournalTable needs a JournalStorage")
        storage.watch(name, lambda _keys: self.clear_cache())

    def update(self, fields: Fields, cond: QueryLike | None = None, doc_ids: Iterable[Any] | None = None) -> list[Any]:
        """Change documents by id, by condition, or all of them."""
        if doc_ids is not None:
            return self._change([(fields, None)], list(doc_ids))
        return self._change([(fields, cond)])

    def update_multiple(self, updates: Iterable[tuple[Fields, QueryLike]]) -> list[Any]:
        """Change documents by several conditions, each on what the ones before it left."""
        return self._change(list(updates))

    def search(self, cond: QueryLike) -> list[Document]:
        """All documents that match."""
        with self._storage.lock:
            return super().search(cond)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """One document by condition or id, or several by ids."""
        with self._storage.lock:
            return super().get(*args, **kwargs)

    def __iter__(self) -> Iterator[Document]:
        for key, document in self._storage.documents(self.name).items():
            yield Document(document, cast("Any", key))

    def __len__(self) -> int:
        with self._storage.lock:
            return len(self._read_table())

    def _change(
        self, updates: Sequence[tuple[Fields, QueryLike | None]], doc_ids: Iterable[Any] | None = None
    ) -> list[str]:
        changed: list[str] = []

        def updater(draft: dict[Any, Any]) -> None:
            for key in list(draft) if doc_ids is None else [str(key) for key in doc_ids if key in draft]:
                for fields, cond in updates:
                    if cond is None or cond(draft[key]):
                        draft[key] = _changed(draft[key], fields)
                        changed.append(key)

        self._update_table(updater)
        return changed

    def _update_table(self, updater: Callable[[dict[Any, Any]], None]) -> None:
        with self._storage.lock:
            draft = _Draft(self._read_table())
            updater(cast("dict[Any, Any]", draft))
            changes: list[Change] = [(self.name, key, document) for key, document in draft.changed.items()]
            future = self._storage.apply(changes)
        future.result()

    def _get_next_id(self) -> Any:
        """The number after the highest id that is a number."""
        with self._storage.lock:
            if self._next_id is None:
                numbers = [int(key) for key in self._read_table() if key.isdecimal()]
                self._next_id = max(numbers, default=0) + 1  # type: ignore[assignment]  # TinyDB declares it None
            number = cast("int", self._next_id)
            self._next_id = number + 1  # type: ignore[assignment]
            return str(number)
