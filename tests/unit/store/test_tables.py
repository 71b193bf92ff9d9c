"""Typed tables: what is put is what is read, now and after reopening."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from concurrent.futures import wait
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinydb import where

from swim_tui.errors import StoreError, StoreFull
from swim_tui.store import Database, NoticeKind
from tests.unit.store.disks import FullDisk, GatedDisk
from tests.unit.store.things import Colour, Other, Part, Thing, others, things

FULL = Thing("a", 1, Colour.BLUE, (Part("x", (1, 2)),), tags=frozenset({"t"}), labels={"k": "ü\n"}, path=Path("/p"))


def test_every_field_type_survives_reopening(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        things(database).put(FULL).result(10)
        assert things(database).get("a") is FULL
    with Database(tmp_path) as database:
        assert things(database).get("a") == FULL
        assert database.notices == ()


def test_the_directory_is_private(tmp_path: Path) -> None:
    root = tmp_path / "data" / "store"
    with Database(root) as database:
        things(database).put(FULL).result(10)
        database.compact()
    assert root.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in root.iterdir()} == {0o600}
    root.chmod(0o755)
    Database(root).close()
    assert root.stat().st_mode & 0o777 == 0o700


def test_a_put_is_read_at_once_and_acknowledged_when_it_is_on_the_disk(tmp_path: Path) -> None:
    disk = GatedDisk()
    disk.gate.set()
    database = Database(tmp_path, disk=disk)
    disk.gate.clear()
    future = things(database).put(FULL)
    assert things(database).get("a") == FULL
    assert not future.done()
    disk.gate.set()
    future.result(10)
    database.close()


def test_items_are_found_by_fields_and_by_tinydb_queries(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        table = things(database)
        table.put_many(Thing(f"t{i}", i % 3, Colour.BLUE if i % 2 else Colour.RED) for i in range(12)).result(10)
        assert [t.name for t in table.where(size=1, colour=Colour.BLUE)] == ["t1", "t7"]
        assert [t.name for t in table.search((where("size") == 1) & (where("colour") == "blue"))] == ["t1", "t7"]
        table.put(Thing("t1", 2)).result(10)
        assert [t.name for t in table.search((where("size") == 1) & (where("colour") == "blue"))] == ["t7"]
        assert len(table) == 12
        assert "t3" in table
        assert "t99" not in table


def test_items_keep_the_order_of_their_first_put(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        things(database).put_many(Thing(name) for name in "cab").result(10)
        things(database).put(Thing("a", 9)).result(10)
        assert [t.name for t in things(database).all()] == ["c", "a", "b"]
        database.compact()
    with Database(tmp_path) as database:
        assert [t.name for t in things(database).all()] == ["c", "a", "b"]
    with Database(tmp_path) as database:
        things(database).put(Thing("d")).result(10)  # before any of the older ones was read
        assert things(database).get("b") is not None
        assert [t.name for t in things(database).all()] == ["c", "a", "b", "d"]


def test_a_batch_over_tables_is_one_record(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        table, other = things(database), others(database)
        table.put(Thing("old")).result(10)
        before = database.storage._log.size
        database.batch([(table, FULL), (other, Other("o", "a"))], deletes=[(table, "old")]).result(10)
        journal = (tmp_path / "journal.1").read_bytes()[before:]
        assert journal.count(b"\n") == 1
        assert table.all() == [FULL]
    (tmp_path / "journal.1").write_bytes((tmp_path / "journal.1").read_bytes()[:-1])
    with Database(tmp_path) as database:
        assert things(database).all() == [Thing("old")]
        assert others(database).all() == []


def test_one_name_is_one_table_of_one_kind(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        assert things(database) is things(database)
        with pytest.raises(TypeError, match="holds Thing"):
            database.table("things", Other, lambda other: other.id)


@dataclass(frozen=True)
class Narrow:
    """What a Thing must be in another version: with a size above zero and an owner."""

    name: str
    owner: str
    password: int = 0


def test_a_document_that_does_not_validate_is_kept_told_and_skipped(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        database.tinydb.table("narrow").insert_multiple(
            [{"name": "good", "owner": "me"}, {"name": "bad", "password": "hunter2"}]
        )
    with Database(tmp_path) as database:
        table = database.table("narrow", Narrow, lambda item: item.name)
        assert table.all() == [Narrow("good", "me")]
        assert table.get("2") is None
        assert len(table) == 1
        assert list(table.unreadable()) == ["2"]
        (notice,) = database.notices
        assert notice.kind is NoticeKind.UNREADABLE_DOCUMENT
        assert "owner" in str(notice)
        assert "hunter2" not in str(notice)
        database.compact()
    with Database(tmp_path) as database:
        assert len(database.tinydb.table("narrow")) == 2


def test_an_item_that_replaces_an_unreadable_document_is_read_again(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        things(database).put(Thing("a")).result(10)
        database.tinydb.table("things").update({"size": "big"}, doc_ids=["a"])  # type: ignore[list-item]
        assert things(database).all() == []
        things(database).put(Thing("a", 2)).result(10)
        assert things(database).all() == [Thing("a", 2)]
        assert things(database).unreadable() == {}


def test_a_change_the_disk_refuses_is_undone_in_memory(tmp_path: Path) -> None:
    disk = FullDisk()
    with Database(tmp_path, disk=disk) as database:
        table = things(database)
        table.put_many([Thing("a", 1), Thing("b", 1)]).result(10)
        disk.space = 0
        futures = [table.put(Thing("a", 2)), table.delete("b"), table.put(Thing("c", 2)), table.put(Thing("a", 3))]
        assert all(isinstance(future.exception(10), StoreFull) for future in futures)
        assert table.all() == [Thing("a", 1), Thing("b", 1)] or set(table.all()) == {Thing("a", 1), Thing("b", 1)}
        assert table.get("a") == Thing("a", 1)
        disk.space = None
        table.put(Thing("a", 4)).result(10)
        assert table.get("a") == Thing("a", 4)
    with Database(tmp_path) as database:
        assert {(t.name, t.size) for t in things(database).all()} == {("a", 4), ("b", 1)}


def test_a_change_that_follows_a_refused_one_stands(tmp_path: Path) -> None:
    """The second put is queued while the first one fails, and the disk has space again for the second."""

    class Moody(GatedDisk):
        fails = 0

        def sync(self, fd: int) -> None:
            super().sync(fd)
            if self.fails:
                self.fails -= 1
                raise OSError(28, "No space left on device")

    disk = Moody()
    disk.gate.set()
    with Database(tmp_path, disk=disk) as database:
        table = things(database)
        table.put(Thing("a", 1)).result(10)
        disk.gate.clear()
        disk.is_waiting.clear()
        disk.fails = 1
        refused = table.put(Thing("a", 2))
        assert disk.is_waiting.wait(10)
        kept = table.put(Thing("a", 3))
        disk.gate.set()
        assert isinstance(refused.exception(10), StoreFull)
        kept.result(10)
        assert table.get("a") == Thing("a", 3)
    with Database(tmp_path) as database:
        assert things(database).all() == [Thing("a", 3)]


def test_a_snapshot_holds_no_change_that_the_disk_has_not_taken_yet(tmp_path: Path) -> None:
    class Picky(GatedDisk):
        def write_at(self, fd: int, data: bytes, offset: int) -> None:
            if b"refused" in data:
                raise OSError(28, "No space left on device")
            super().write_at(fd, data, offset)

    disk = Picky()
    disk.gate.set()
    with Database(tmp_path, disk=disk) as database:
        table = things(database)
        table.put(Thing("changed", 1)).result(10)
        disk.gate.clear()
        disk.is_waiting.clear()
        first = table.put(Thing("first"))
        assert disk.is_waiting.wait(10)
        rotated = database.storage._writer.call(database.storage._rotate)
        later = [table.put(Thing("refused")), table.put(Thing("changed", 2))]
        assert table.get("refused") is not None
        disk.gate.set()
        tables, _ = rotated.result(10)
        first.result(10)
        assert {key: document["size"] for key, document in tables["things"].items()} == {"changed": 1, "first": 0}
        assert all(isinstance(future.exception(10), StoreFull) for future in later)
        assert [thing.size for thing in table.all()] == [1, 0]


def test_a_closed_store_refuses_changes(tmp_path: Path) -> None:
    database = Database(tmp_path)
    table = things(database)
    database.close()
    database.close()
    with pytest.raises(StoreError, match="closed"):
        table.put(FULL)
    assert table.all() == []


async def test_asyncio_callers_wait_without_blocking_the_loop(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        table = things(database)
        await asyncio.gather(*(asyncio.wrap_future(table.put(Thing(f"t{i}"))) for i in range(100)))
        gone = asyncio.ensure_future(asyncio.wrap_future(table.put(FULL)))
        gone.cancel()
        await asyncio.wrap_future(table.put(Thing("last")))
        assert len(table) == 102


def test_threads_put_read_and_compact_at_the_same_time(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def work(database: Database, number: int) -> None:
        try:
            table = things(database)
            for i in range(60):
                future = table.put(Thing(f"{number}-{i % 7}", i))
                assert table.get(f"{number}-{i % 7}") is not None
                table.where(size=i)
                if i % 5 == 0:
                    table.delete(f"{number}-{i % 7}").result(10)
                if i % 20 == number:
                    database.compact()
                future.result(10)
        except BaseException as err:  # noqa: BLE001  # handed to the test
            failures.append(err)

    with Database(tmp_path, compact_bytes=2000) as database:
        threads = [threading.Thread(target=work, args=(database, number)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == []
        expected = {item.name: item for item in things(database).all()}
    with Database(tmp_path) as database:
        assert {item.name: item for item in things(database).all()} == expected
        assert database.notices == ()


KEYS = st.sampled_from(["a", "b", "c", "sw-1/1", "ü x", ""])
THINGS = st.builds(
    Thing,
    name=KEYS,
    size=st.integers(),
    colour=st.sampled_from(Colour),
    parts=st.lists(st.builds(Part, serial=st.text(max_size=5), slots=st.tuples(st.integers())), max_size=2).map(tuple),
    seen_at=st.none() | st.datetimes(timezones=st.just(FULL.seen_at.tzinfo if FULL.seen_at else None)),
    labels=st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)
STEPS = st.one_of(
    st.tuples(st.just("put"), THINGS),
    st.tuples(st.just("put many"), st.lists(THINGS, max_size=4)),
    st.tuples(st.just("delete"), KEYS),
    st.tuples(st.just("batch"), st.tuples(THINGS, KEYS)),
    st.tuples(st.just("compact"), st.none()),
    st.tuples(st.just("reopen"), st.none()),
)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEPS, max_size=25))
def test_any_sequence_of_changes_reads_as_a_plain_dictionary_would(steps: list[tuple[str, object]]) -> None:
    model: dict[str, Thing] = {}
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder), compact_bytes=1500)
        futures = []
        for what, value in [*steps, ("reopen", None)]:
            table = things(database)
            if isinstance(value, Thing):
                futures.append(table.put(value))
                model[value.name] = value
            elif isinstance(value, list):
                futures.append(table.put_many(value))
                model.update({item.name: item for item in value})
            elif isinstance(value, str):
                futures.append(table.delete(value))
                model.pop(value, None)
            elif isinstance(value, tuple):
                item, key = value
                futures.append(database.batch([(table, item)], deletes=[(table, key)]))
                model[item.name] = item
                model.pop(key, None)
            elif what == "compact":
                database.compact()
            else:
                database.close()
                database = Database(Path(folder), compact_bytes=1500)
            assert {item.name: item for item in things(database).all()} == model
            assert all(things(database).get(key) == model.get(key) for key in ["a", "b", "c", "sw-1/1", "ü x", ""])
        wait(futures, 10)
        assert all(future.exception(0) is None for future in futures)
        assert database.notices == ()
        database.close()


def test_a_journal_that_grows_is_compacted_and_old_generations_go(tmp_path: Path) -> None:
    with Database(tmp_path, compact_bytes=3000) as database:
        table = things(database)
        for i in range(300):
            table.put(replace(FULL, name=f"t{i % 4}", size=i)).result(10)
    names = sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("journal"))
    assert len(names) <= 3
    assert "journal.1" not in names
    assert (tmp_path / "snapshot.prev.json").exists()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 40_000
    with Database(tmp_path) as database:
        assert sorted(item.size for item in things(database).all()) == [296, 297, 298, 299]


def test_a_compaction_the_disk_refuses_costs_nothing_and_is_told(tmp_path: Path) -> None:
    class NoSnapshots(FullDisk):
        def replace(self, source: Path, target: Path) -> None:
            if target.name == "snapshot.prev.json":
                raise OSError(28, "No space left on device")
            super().replace(source, target)

    with Database(tmp_path, disk=NoSnapshots(), compact_bytes=1000) as database:
        table = things(database)
        for i in range(60):
            table.put(Thing(f"t{i}", i)).result(10)
    assert {notice.kind for notice in database.notices} == {NoticeKind.NOT_COMPACTED}
    with Database(tmp_path) as database:
        assert [item.size for item in things(database).all()] == list(range(60))
