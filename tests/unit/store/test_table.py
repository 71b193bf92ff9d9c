"""TinyDB's own interface on our storage behaves as TinyDB does, and costs one record for each change."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinydb import TinyDB, where
from tinydb.operations import delete, increment
from tinydb.storages import MemoryStorage

from swim_tui.store import Database

Step = Callable[[Any], Any]
NUMBERS = st.integers(0, 4)
STEPS: st.SearchStrategy[Step] = st.one_of(
    NUMBERS.map(lambda n: lambda t: int(t.insert({"n": n, "in": {"list": [n]}}))),
    NUMBERS.map(lambda n: lambda t: [int(i) for i in t.insert_multiple([{"n": n}, {"n": n + 1}])]),
    st.tuples(NUMBERS, NUMBERS).map(lambda p: lambda t: len(t.update({"n": p[0], "u": 1}, where("n") == p[1]))),
    NUMBERS.map(lambda n: lambda t: len(t.update(increment("n"), where("n") < n))),
    NUMBERS.map(lambda n: lambda t: len(t.update(delete("u"), where("u") == n))),
    NUMBERS.map(
        lambda n: lambda t: len(t.update_multiple([({"n": n}, where("n") == 1), (increment("n"), where("n") == n)]))
    ),
    NUMBERS.map(lambda n: lambda t: len(t.upsert({"n": n, "up": True}, where("n") == n))),
    NUMBERS.map(lambda n: lambda t: len(t.remove(where("n") == n))),
    NUMBERS.map(lambda n: lambda t: len(t.search(where("n") == n))),
    st.just(lambda t: len(t.update({"all": 1}))),
    st.just(lambda t: t.truncate()),
)


def documents(table: Any) -> list[tuple[int, dict[str, Any]]]:
    return [(int(document.doc_id), dict(document)) for document in table]


@settings(max_examples=80, deadline=None)
@given(steps=st.lists(STEPS, max_size=12))
def test_any_sequence_of_tinydb_calls_has_the_same_effect(steps: list[Step]) -> None:
    plain = TinyDB(storage=MemoryStorage).table("t")
    with tempfile.TemporaryDirectory() as folder:
        with Database(Path(folder)) as database:
            ours = database.tinydb.table("t")
            for step in steps:
                assert step(ours) == step(plain)
                assert documents(ours) == documents(plain)
                assert len(ours) == len(plain)
        with Database(Path(folder)) as database:
            assert documents(database.tinydb.table("t")) == documents(plain)


def test_one_change_is_one_line_whatever_the_size_of_the_table(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        table = database.tinydb.table("t")
        table.insert_multiple({"n": n} for n in range(500))
        before = (tmp_path / "journal.1").read_bytes()
        table.update({"n": -1}, where("n") == 77)
        added = (tmp_path / "journal.1").read_bytes()[len(before) :]
        assert added.count(b"\n") == 1
        assert len(added) < 60


def test_an_error_in_the_middle_of_a_change_leaves_the_table_as_it_was(tmp_path: Path) -> None:
    def fail_on_two(document: Any) -> None:
        document["touched"] = True
        if document["n"] == 2:
            raise RuntimeError("no")

    with Database(tmp_path) as database:
        table = database.tinydb.table("t")
        table.insert_multiple([{"n": 1}, {"n": 2}])
        with pytest.raises(RuntimeError):
            table.update(fail_on_two)
        assert [dict(document) for document in table] == [{"n": 1}, {"n": 2}]


def test_what_is_inserted_is_not_shared_with_the_caller(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        table = database.tinydb.table("t")
        document = {"list": [1]}
        table.insert(document)
        document["list"].append(2)
        assert table.all() == [{"list": [1]}]


def test_tables_are_listed_and_dropped_for_good(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        for name in ("one", "two", "three"):
            database.tinydb.table(name).insert({"a": 1})
        database.tinydb.drop_table("one")
        assert database.tinydb.tables() == {"two", "three"}
    with Database(tmp_path) as database:
        assert len(database.tinydb.table("one")) == 0
        assert len(database.tinydb.table("two")) == 1
        database.tinydb.drop_tables()
        assert database.tinydb.tables() == set()
    with Database(tmp_path) as database:
        assert len(database.tinydb.table("two")) == 0
