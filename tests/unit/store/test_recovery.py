"""Opening a store after damage: generations, migrations, the lock, and what may never be touched."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from swim_tui.errors import StoreCorrupt, StoreError, StoreFull, StoreLocked, StoreNewer
from swim_tui.store import Database, NoticeKind
from swim_tui.store.migrations import Tables
from tests.unit.store.disks import FullDisk, PowerDisk
from tests.unit.store.things import Other, Thing, others, things

SNAPSHOT, PREVIOUS = "snapshot.json", "snapshot.prev.json"


def filled(root: Path, compactions: int = 2) -> list[Thing]:
    """A store with documents of every generation; returns what it holds."""
    with Database(root) as database:
        for generation in range(compactions + 1):
            things(database).put_many(Thing(f"t{generation}-{i}", i) for i in range(4)).result(10)
            things(database).put(Thing("t0-0", 100 + generation)).result(10)
            if generation < compactions:
                database.compact()
        return things(database).all()


def content(root: Path) -> dict[str, bytes]:
    """Every file but the lock."""
    return {path.name: path.read_bytes() for path in root.iterdir() if path.name != "lock"}


def damage_by_cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def damage_by_lines(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def damage_by_zeros(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:60].ljust(len(data), b"\0"))


def damage_by_text(path: Path) -> None:
    path.write_text('{"_default": {}}')


def damage_to_nothing(path: Path) -> None:
    path.write_bytes(b"")


def damage_to_no_crc(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"t0-1", b"t0-9"))


DAMAGES = [damage_by_cut, damage_by_lines, damage_by_zeros, damage_by_text, damage_to_nothing, damage_to_no_crc]
Damage = Callable[[Path], None]


# The first snapshot has no documents that a wrong byte could change.
CASES = [(n, damage) for n in (0, 1, 2, 4) for damage in DAMAGES if n or damage is not damage_to_no_crc]


@pytest.mark.parametrize(("compactions", "damage"), CASES)
def test_a_damaged_snapshot_falls_back_to_the_generation_before_and_loses_nothing(
    tmp_path: Path, compactions: int, damage: Damage
) -> None:
    held = filled(tmp_path, compactions)
    damage(tmp_path / SNAPSHOT)
    with Database(tmp_path) as database:
        assert things(database).all() == held
        assert [notice.kind for notice in database.notices] == [NoticeKind.DAMAGED_SNAPSHOT]
        assert database.notices[0].path == str(tmp_path / SNAPSHOT)
        things(database).put(Thing("later")).result(10)
    assert (tmp_path / f"{SNAPSHOT}.damaged").exists()
    with Database(tmp_path) as database:
        assert things(database).all() == [*held, Thing("later")]
        assert database.notices == ()
        for _ in range(3):
            database.compact()
    with Database(tmp_path) as database:
        assert things(database).all() == [*held, Thing("later")]


def test_a_missing_snapshot_is_made_again_from_the_generation_before(tmp_path: Path) -> None:
    held = filled(tmp_path)
    (tmp_path / SNAPSHOT).unlink()
    with Database(tmp_path) as database:
        assert things(database).all() == held
    assert (tmp_path / SNAPSHOT).exists()


@pytest.mark.parametrize("damage", DAMAGES)
def test_when_nothing_can_be_read_the_files_are_left_as_they_are(tmp_path: Path, damage: Damage) -> None:
    filled(tmp_path)
    damage(tmp_path / SNAPSHOT)
    damage(tmp_path / PREVIOUS)
    before = content(tmp_path)
    with pytest.raises(StoreCorrupt) as caught:
        Database(tmp_path)
    assert SNAPSHOT in caught.value.detail
    assert PREVIOUS in caught.value.detail
    assert content(tmp_path) == before
    for path in (tmp_path / SNAPSHOT, tmp_path / PREVIOUS):
        path.unlink()
    with pytest.raises(StoreCorrupt, match="missing"):
        Database(tmp_path)


def test_a_file_that_is_no_store_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / SNAPSHOT).write_text('{"_default": {"1": {"name": "precious"}}}')
    with pytest.raises(StoreCorrupt, match="not a snapshot"):
        Database(tmp_path)
    assert "precious" in (tmp_path / SNAPSHOT).read_text()


def test_the_journal_cut_at_every_byte_keeps_all_complete_changes(tmp_path: Path) -> None:
    root = tmp_path / "store"
    ends, states = [], []
    with Database(root) as database:
        table = others(database)
        table.put_many(Other(f"t{i}", "") for i in range(3)).result(10)
        database.compact()
        for i in range(3):
            ends.append((root / "journal.2").stat().st_size)
            states.append({other.id: other for other in table.all()})
            (table.delete("t1") if i == 1 else table.put(Other(f"t{i % 4}", str(i)))).result(10)
    whole = (root / "journal.2").read_bytes()
    for size in range(ends[0], len(whole)):
        complete = sum(end <= size for end in ends) - 1
        for tail in (b"", b"\0" * 4096):
            (root / "journal.2").write_bytes(whole[:size] + tail)
            is_torn = size != ends[complete] or bool(tail)
            with Database(root) as database:
                assert {other.id: other for other in others(database).all()} == states[complete]
                assert [notice.kind for notice in database.notices] == [NoticeKind.TORN_TAIL] * is_torn
                others(database).put(Other("after", "")).result(10)
            assert (root / "journal.2.torn").exists() == is_torn
            with Database(root) as database:
                assert {o.id: o for o in others(database).all()} == {**states[complete], "after": Other("after", "")}
                assert database.notices == ()
            (root / "journal.2.torn").unlink(missing_ok=True)


def test_damage_inside_a_journal_costs_one_change_and_keeps_a_copy(tmp_path: Path) -> None:
    filled(tmp_path, compactions=0)
    path = tmp_path / "journal.1"
    path.write_bytes(path.read_bytes().replace(b"t0-2", b"t0-X"))
    with Database(tmp_path) as database:
        assert things(database).all() == [Thing("t0-0", 100)]
        assert [notice.kind for notice in database.notices] == [NoticeKind.DAMAGED_JOURNAL]
    assert b"t0-X" in (tmp_path / "journal.1.damaged").read_bytes()
    with Database(tmp_path) as database:
        assert database.notices == ()


def test_a_missing_journal_is_told(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "journal.3").unlink()
    with Database(tmp_path) as database:
        assert [notice.kind for notice in database.notices] == [NoticeKind.MISSING_JOURNAL]
        assert things(database).get("t1-1") == Thing("t1-1", 1)
        things(database).put(Thing("later")).result(10)
    with Database(tmp_path) as database:
        assert things(database).get("later") is not None


def test_a_power_cut_at_any_disk_call_loses_no_acknowledged_change(tmp_path: Path) -> None:
    root = tmp_path / "store"
    acknowledged = 0
    disk = PowerDisk(root, lambda: acknowledged)
    database = Database(root, disk=disk, compact_bytes=10**9)

    def put_next() -> None:
        nonlocal acknowledged
        i = acknowledged + 1
        database.batch([(things(database), Thing(f"t{i % 5}", i)), (others(database), Other("o", str(i)))]).result(10)
        acknowledged = i

    disk.before_replace = put_next  # also while a compaction is half done
    for i in range(1, 25):
        put_next()
        if i % 6 == 0:
            database.compact()
    database.close()
    disk.close()
    seen = set()
    for number, image in enumerate(disk.images):
        state = (image.acknowledged, tuple(sorted(image.files.items())))
        if state in seen:
            continue
        seen.add(state)
        copy = tmp_path / f"cut{number}"
        copy.mkdir()
        for name, data in image.files.items():
            (copy / name).write_bytes(data)
        with Database(copy) as after:
            last = others(after).get("o")
            n = int(last.thing) if last else 0
            assert n >= image.acknowledged
            expected = {f"t{i % 5}": Thing(f"t{i % 5}", i) for i in range(1, n + 1)}
            assert {thing.name: thing for thing in things(after).all()} == expected
        shutil.rmtree(copy)
    assert len(seen) > 50


def to_schema_2(tables: Tables) -> None:
    for document in tables.get("things", {}).values():
        document["size"] = document.pop("length")


def to_schema_3(tables: Tables) -> None:
    tables["others"] = tables.pop("old_others", {})


MIGRATIONS = (to_schema_2, to_schema_3)


def old_store(root: Path) -> None:
    """A store of schema 1: things have a length, and others another table name."""
    with Database(root) as database:
        database.tinydb.table("things").insert_multiple({"name": f"t{i}", "length": i} for i in (1, 2))
        database.compact()
        database.tinydb.table("old_others").insert({"id": "o", "thing": "t1"})


def check_migrated(root: Path) -> None:
    with Database(root, migrations=MIGRATIONS) as database:
        assert [thing.size for thing in things(database).all()] == [1, 2]
        assert [other.thing for other in others(database).all()] == ["t1"]


def test_an_older_store_is_migrated_and_the_old_documents_are_kept(tmp_path: Path) -> None:
    old_store(tmp_path)
    check_migrated(tmp_path)
    check_migrated(tmp_path)
    kept = (tmp_path / "snapshot.schema-1.json").read_bytes()
    assert b'"length":1' in kept
    assert b"old_others" in kept
    assert not (tmp_path / "snapshot.schema-1.json.2").exists()
    assert b'"length":1' in (tmp_path / PREVIOUS).read_bytes()


def test_a_migrated_store_whose_new_snapshot_is_damaged_is_migrated_again(tmp_path: Path) -> None:
    old_store(tmp_path)
    with Database(tmp_path, migrations=MIGRATIONS) as database:
        things(database).put(Thing("t3", 3)).result(10)
    damage_by_cut(tmp_path / SNAPSHOT)
    with Database(tmp_path, migrations=MIGRATIONS) as database:
        assert [thing.size for thing in things(database).all()] == [1, 2, 3]
        assert len(others(database)) == 1


def test_the_copy_of_the_old_schema_opens_in_the_old_program(tmp_path: Path) -> None:
    old_store(tmp_path / "store")
    check_migrated(tmp_path / "store")
    (tmp_path / "back").mkdir()
    shutil.copy(tmp_path / "store" / "snapshot.schema-1.json", tmp_path / "back" / SNAPSHOT)
    with Database(tmp_path / "back") as database:
        assert [document["length"] for document in database.tinydb.table("things")] == [1, 2]
        assert len(database.tinydb.table("old_others")) == 1


def test_a_migration_without_space_leaves_the_old_store(tmp_path: Path) -> None:
    old_store(tmp_path)
    before = content(tmp_path)
    with pytest.raises(StoreFull):
        Database(tmp_path, migrations=MIGRATIONS, disk=FullDisk(space=0))
    assert content(tmp_path) == before
    check_migrated(tmp_path)


def test_a_store_of_a_newer_schema_is_left_alone(tmp_path: Path) -> None:
    old_store(tmp_path)
    check_migrated(tmp_path)
    before = content(tmp_path)
    with pytest.raises(StoreNewer) as caught:
        Database(tmp_path, migrations=MIGRATIONS[:1])
    assert (caught.value.found, caught.value.known) == (3, 2)
    (tmp_path / SNAPSHOT).unlink()
    with pytest.raises(StoreNewer):
        Database(tmp_path)
    before.pop(SNAPSHOT)
    assert content(tmp_path) == before


_HOLDER = """
import sys
from pathlib import Path
from swim_tui.store import Database
database = Database(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(StoreLocked) as caught:
            Database(tmp_path)
        assert caught.value.path == str(tmp_path)
        holder.kill()
        holder.wait(10)
        Database(tmp_path).close()


def test_a_store_that_failed_to_open_is_not_locked(tmp_path: Path) -> None:
    filled(tmp_path)
    good = content(tmp_path)
    for name in (SNAPSHOT, PREVIOUS):
        damage_to_nothing(tmp_path / name)
    for _ in range(2):
        with pytest.raises(StoreCorrupt):
            Database(tmp_path)
    for name, data in good.items():
        (tmp_path / name).write_bytes(data)
    Database(tmp_path).close()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system that takes no directories")
def test_a_disk_that_takes_no_directory_is_a_clear_error() -> None:
    with pytest.raises(StoreError) as caught:
        Database(Path("/proc/self/store"))
    assert caught.value.path == "/proc/self/store"
    assert caught.value.detail
    assert caught.value.exit_code == 4


def test_a_file_where_the_directory_should_be_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreError, match="store"):
        Database(tmp_path / "store")
