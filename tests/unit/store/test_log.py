"""The append-only log: what is acknowledged is there, whatever happened to the end of the file."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swim_tui.errors import StoreError, StoreFull
from swim_tui.store.frames import frame, scan
from swim_tui.store.log import LogWriter, read_log
from tests.unit.store.disks import FullDisk, GatedDisk, PowerDisk

RECORDS = [b'{"n":%d,"text":"%s"}' % (i, b"x" * (i * 7 % 40)) for i in range(12)]


def written(path: Path, records: list[bytes] = RECORDS) -> bytes:
    """Write a log the regular way and return its bytes."""
    writer = LogWriter()
    log = writer.open(path)
    for future in [log.append(record) for record in records]:
        future.result(10)
    writer.close()
    return path.read_bytes()


def test_a_record_is_a_line_that_a_person_can_read(tmp_path: Path) -> None:
    lines = written(tmp_path / "log", [b'{"a":1}', b'{"b":2}']).decode().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ['{"a":1}', '{"b":2}']
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_a_missing_log_has_no_records(tmp_path: Path) -> None:
    assert read_log(tmp_path / "none") == ([], None)


@pytest.mark.parametrize("record", [b"", b"two\nlines"])
def test_a_record_that_is_not_one_line_is_refused(tmp_path: Path, record: bytes) -> None:
    writer = LogWriter()
    with pytest.raises(ValueError, match="one line"):
        writer.open(tmp_path / "log").append(record)
    writer.close()


def test_cut_at_every_byte_all_complete_records_are_read_and_the_rest_is_told() -> None:
    whole = b"".join(map(frame, RECORDS))
    ends = [len(b"".join(map(frame, RECORDS[:n]))) for n in range(len(RECORDS) + 1)]
    for size in range(len(whole) + 1):
        found = scan(whole[:size])
        complete = sum(end <= size for end in ends) - 1
        assert found.records == RECORDS[:complete]
        assert found.good_end == ends[complete]
        rest = size - ends[complete]
        assert (found.dropped is None) == (rest == 0)
        if found.dropped is not None:
            assert (found.dropped.offset, found.dropped.size_bytes, found.dropped.is_tail) == (size - rest, rest, True)


@given(tail=st.one_of(st.binary(max_size=200), st.integers(1, 9000).map(lambda n: b"\0" * n)))
def test_garbage_and_zero_pages_at_the_end_hide_no_record(tail: bytes) -> None:
    found = scan(b"".join(map(frame, RECORDS)) + tail)
    assert found.records == RECORDS
    assert found.good_end + (found.dropped.size_bytes if found.dropped else 0) == found.size


@given(st.data())
def test_damage_in_the_middle_costs_only_the_records_it_touches(data: st.DataObject) -> None:
    lines = [frame(record) for record in RECORDS]
    hit = data.draw(st.integers(0, len(lines) - 1))
    at = data.draw(st.integers(0, len(lines[hit]) - 2))
    flip = data.draw(st.integers(1, 255))
    damaged = bytearray(lines[hit])
    damaged[at] ^= flip
    found = scan(b"".join([*lines[:hit], bytes(damaged), *lines[hit + 1 :]]))
    assert found.records == RECORDS[:hit] + RECORDS[hit + 1 :]
    assert found.dropped is not None
    assert found.dropped.size_bytes == len(lines[hit])


@pytest.mark.parametrize("tail", [b"deadbeef {", b"\0" * 4096, b"\n\n", b"no log at all\n"])
def test_opening_sets_a_torn_tail_aside_and_goes_on_after_the_last_good_record(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "log"
    good = written(path)
    for round_number in (1, 2):
        path.write_bytes(good + tail)
        writer = LogWriter()
        log = writer.open(path)
        assert log.dropped is not None
        assert log.dropped.size_bytes == len(tail)
        assert path.read_bytes() == good
        log.append(b"{}").result(10)
        writer.close()
        assert read_log(path) == ([*RECORDS, b"{}"], None)
        assert [torn.read_bytes() for torn in tmp_path.glob("*.torn*")] == [tail] * round_number


def test_a_full_disk_fails_the_append_and_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    disk = FullDisk()
    writer = LogWriter(disk)
    log = writer.open(tmp_path / "log")
    log.append(b'{"kept":1}').result(10)
    disk.space = 5
    with pytest.raises(StoreFull) as caught:
        log.append(b'{"refused":1}').result(10)
    assert caught.value.path == str(tmp_path / "log")
    assert read_log(log.path) == ([b'{"kept":1}'], None)
    disk.space = None
    log.append(b'{"later":1}').result(10)
    assert read_log(log.path) == ([b'{"kept":1}', b'{"later":1}'], None)
    assert log.failure is None
    writer.close()


def test_what_a_failed_write_left_is_cut_away_before_the_next_one(tmp_path: Path) -> None:
    disk = FullDisk()
    writer = LogWriter(disk)
    log = writer.open(tmp_path / "log")
    log.append(b'{"kept":1}').result(10)
    disk.space, disk.refuses_cut = 22, True
    with pytest.raises(StoreFull):
        log.append(b'{"refused":1}').result(10)
    assert read_log(log.path)[1] is not None, "the rest of the write is still there"
    disk.space, disk.refuses_cut = None, False
    log.append(b"{}").result(10)
    writer.close()
    assert read_log(log.path) == ([b'{"kept":1}', b"{}"], None)


def test_a_new_log_survives_a_power_cut_at_any_disk_call_after_the_acknowledgement(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    acknowledged = 0
    disk = PowerDisk(folder, lambda: acknowledged)
    writer = LogWriter(disk)
    log = writer.open(folder / "log")
    for record in RECORDS:
        log.append(record).result(10)
        acknowledged += 1
    writer.close()
    disk.close()
    assert len(disk.images) > 2 * len(RECORDS)
    for image in disk.images:
        found = scan(image.files.get("log", b""))
        assert found.records[: image.acknowledged] == RECORDS[: image.acknowledged]


def test_a_read_only_disk_is_a_store_error_that_names_the_file(tmp_path: Path) -> None:
    writer = LogWriter(FullDisk(space=0, error=errno.EROFS))
    log = writer.open(tmp_path / "log")
    with pytest.raises(StoreError, match="Read-only") as caught:
        log.append(b"{}").result(10)
    assert caught.value.path == str(log.path)
    writer.close()


def test_a_full_disk_at_opening_leaves_the_torn_tail_and_still_takes_records_later(tmp_path: Path) -> None:
    path = tmp_path / "log"
    good = written(path)
    path.write_bytes(good + b"torn")
    disk = FullDisk(space=0)
    writer = LogWriter(disk)
    log = writer.open(path)
    with pytest.raises(StoreFull):
        log.append(b'{"refused":1}').result(10)
    disk.space = None
    log.append(b'{"later":1}').result(10)
    log.append(b'{"later":2}').result(10)
    writer.close()
    records, dropped = read_log(path)
    assert records == [*RECORDS, b'{"later":1}', b'{"later":2}']
    assert dropped is not None
    assert dropped.size_bytes == len(b"torn\n")


def test_records_that_come_during_a_sync_share_the_next_one(tmp_path: Path) -> None:
    disk = GatedDisk()
    writer = LogWriter(disk)
    log = writer.open(tmp_path / "log")
    first = log.append(b"[0]")
    assert disk.is_waiting.wait(10)
    others = [log.append(b"[%d]" % i) for i in range(1, 200)]
    assert not first.done()
    disk.gate.set()
    for future in [first, *others]:
        future.result(10)
    assert disk.syncs == 2
    writer.close()
    assert read_log(log.path)[0] == [b"[%d]" % i for i in range(200)]


def test_records_without_acknowledgement_cost_no_sync_and_keep_their_place(tmp_path: Path) -> None:
    disk = FullDisk()
    writer = LogWriter(disk)
    log = writer.open(tmp_path / "log")
    for i in range(50):
        log.append_soon(b"[%d]" % i)
    writer.call(lambda: None).result(10)
    assert disk.syncs == 0
    log.append(b"[50]").result(10)
    assert disk.syncs == 1
    assert read_log(log.path)[0] == [b"[%d]" % i for i in range(51)]
    writer.close()


def test_lost_records_without_acknowledgement_are_counted(tmp_path: Path) -> None:
    writer = LogWriter(FullDisk(space=0))
    log = writer.open(tmp_path / "log")
    log.append_soon(b"{}")
    writer.call(lambda: None).result(10)
    assert log.lost_records == 1
    assert isinstance(log.failure, StoreFull)
    writer.close()


def test_one_writer_serves_many_logs_and_a_failing_one_stops_no_other(tmp_path: Path) -> None:
    writer = LogWriter()
    logs = [writer.open(tmp_path / f"log{i}") for i in range(20)]
    os.close(logs[3]._fd)
    logs[3]._fd = -1
    futures = [(i, log.append(b"[%d]" % n)) for n in range(5) for i, log in enumerate(logs)]
    for i, future in futures:
        if i == 3:
            assert isinstance(future.exception(10), StoreError)
        else:
            future.result(10)
    logs[3]._fd = os.open(tmp_path / "log3", os.O_RDWR)
    writer.close()
    assert all(len(read_log(log.path)[0]) == 5 for log in logs if log is not logs[3])


def test_a_caller_that_stops_waiting_does_not_stop_the_write(tmp_path: Path) -> None:
    disk = GatedDisk()
    writer = LogWriter(disk)
    log = writer.open(tmp_path / "log")
    future = log.append(b"{}")
    assert not future.cancel()
    disk.gate.set()
    future.result(10)
    writer.close()
    assert read_log(log.path)[0] == [b"{}"]


def test_a_closed_log_and_one_opened_twice_are_refused(tmp_path: Path) -> None:
    writer = LogWriter()
    log = writer.open(tmp_path / "log")
    with pytest.raises(StoreError, match="open already"):
        writer.open(tmp_path / "log")
    log.append_soon(b"{}")
    log.close()
    log.close()
    with pytest.raises(StoreError, match="closed"):
        log.append(b"{}")
    writer.open(tmp_path / "log").append(b"[]").result(10)
    writer.close()
    writer.close()
    with pytest.raises(StoreError, match="closed"):
        writer.open(tmp_path / "log").append(b"{}")
    assert read_log(tmp_path / "log")[0] == [b"{}", b"[]"]


_LIMITED = """
import resource, sys
from pathlib import Path
from swim_tui.errors import StoreFull
from swim_tui.store.log import LogWriter
log = LogWriter().open(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
done = 0
try:
    while True:
        log.append(b"[%d]" % done).result(10)
        done += 1
except StoreFull:
    pass
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.append(b"[-1]").result(10)
print(done)
"""


def test_a_limit_of_the_system_itself_is_a_full_disk_and_passes_when_space_returns(tmp_path: Path) -> None:
    path = tmp_path / "log"
    done = subprocess.run([sys.executable, "-c", _LIMITED, path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert read_log(path) == ([*(b"[%d]" % i for i in range(int(done.stdout))), b"[-1]"], None)
