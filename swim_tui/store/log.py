"""Durable append-only logs: one writer thread appends and syncs for all of them, in groups."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from swim_tui.errors import StoreError
from swim_tui.store.disk import Disk, OsDisk, as_store_error, disk_errors, free_name, open_file, write_whole
from swim_tui.store.frames import Dropped, Scan, frame, read_log, scan_file

__all__ = ["Dropped", "Log", "LogWriter", "read_log"]

T = TypeVar("T")
Done = Callable[[StoreError | None], None]


@dataclass(frozen=True)
class _Append:
    log: Log
    line: bytes
    done: Done | None


@dataclass(frozen=True)
class _Call:
    run: Callable[[], None]


def started_future() -> Future[T]:
    """A future that cannot be cancelled: a caller that stops waiting does not stop the write."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()
    return future


def resolve(future: Future[None], err: BaseException | None) -> None:
    """End a future with success or with an error."""
    if err is None:
        future.set_result(None)
    else:
        future.set_exception(err)


class Log:
    """One append-only log; made by `LogWriter.open`. Any thread may append."""

    def __init__(self, writer: LogWriter, path: Path, found: Scan, disk: Disk) -> None:
        self.path = path
        self.dropped = found.dropped
        """What opening dropped; a torn tail is in a `.torn` file beside the log."""
        self.failure: StoreError | None = None
        """Why the last write failed, None after one that succeeded."""
        self.lost_records = 0
        """How many records given to `append_soon` could not be written."""
        self._writer = writer
        self._disk = disk
        self.is_open = True
        self._fd = -1
        self._end = found.good_end
        self._lead = b""
        """Written before the next record: a line feed where a torn tail could not be cut away."""
        self._is_clean = True
        with disk_errors(path):
            self._open_file(path, found)

    def append(self, record: bytes) -> Future[None]:
        """Append; the future resolves when the record is on the disk, or fails with StoreFull or StoreError."""
        future: Future[None] = started_future()
        self.submit(record, lambda err: resolve(future, err))
        return future

    def append_soon(self, record: bytes) -> None:
        """Append without an acknowledgement: survives the process, reaches the disk with the next acknowledged one."""
        self.submit(record, None)

    def submit(self, record: bytes, done: Done | None) -> None:
        """Append and call `done` in the writer thread; what `done` does must be short."""
        if not self.is_open:
            raise StoreError(path=str(self.path), detail="the log is closed")
        self._writer.submit(_Append(self, frame(record), done))

    @property
    def size(self) -> int:
        """Bytes of whole records written."""
        return self._end

    def close(self) -> None:
        """Write and sync what was appended, then close the file."""
        if self.is_open:
            self.is_open = False
            self._writer.call(self._close_file).result()

    # --- in the writer thread ---

    def write_group(self, group: list[_Append]) -> StoreError | None:
        """Write records with one write and at most one sync; on failure none of them is in the file."""
        lines = b"".join(item.line for item in group)
        try:
            self._heal()
            self._is_clean = False
            self._disk.write_at(self._fd, self._lead + lines, self._end)
            if any(item.done is not None for item in group):
                self._disk.sync(self._fd)
        except OSError as err:
            self.failure = as_store_error(err, self.path)
            self.lost_records += sum(item.done is None for item in group)
            with contextlib.suppress(OSError):  # tried again before the next write
                self._heal()
            return self.failure
        self._end += len(self._lead) + len(lines)
        self._lead, self._is_clean, self.failure = b"", True, None
        return None

    def switch_to(self, path: Path, first_record: bytes) -> None:
        """Go on in a new file; call it in the writer thread. On failure the old file stays in use."""
        line = frame(first_record)
        with disk_errors(path):
            write_whole(self._disk, path, line)
            self._disk.sync_directory(path.parent)
            fresh = open_file(path)
        os.close(self._fd)
        self.path, self._fd, self._end, self._lead, self._is_clean = path, fresh, len(line), b"", True

    def _open_file(self, path: Path, found: Scan) -> None:
        is_new = not path.exists()
        self._fd = open_file(path)
        if found.size > found.good_end:
            self._set_torn_aside(path, found)
        if is_new:
            try:
                self._disk.sync_directory(path.parent)
                self._disk.sync_directory(path.parent.parent)  # the folder of a run is as new as its journal
            except OSError:
                os.close(self._fd)
                raise

    def _set_torn_aside(self, path: Path, found: Scan) -> None:
        try:
            torn = os.pread(self._fd, found.size - found.good_end, found.good_end)
            write_whole(self._disk, free_name(path.with_name(path.name + ".torn")), torn)
            self._disk.cut(self._fd, found.good_end)
            self._disk.sync(self._fd)
        except OSError:
            # A full disk must not keep the engine from starting (it is how a person frees space): the torn bytes
            # stay, and a line feed makes them a line of their own that readers step over.
            self._end, self._lead = found.size, b"\n"

    def _heal(self) -> None:
        """Cut away what a failed write left."""
        if not self._is_clean:
            self._disk.cut(self._fd, self._end)
            self._is_clean = True

    def _close_file(self) -> None:
        try:
            with disk_errors(self.path):
                self._heal()
                self._disk.sync(self._fd)
        finally:
            os.close(self._fd)
            self._fd = -1  # a late record must not reach whatever file gets this number next


class LogWriter:
    """The one thread that appends and syncs, for any number of logs; while it syncs, the next group gathers."""

    def __init__(self, disk: Disk | None = None) -> None:
        self._disk: Disk = disk or OsDisk()
        self._queue: queue.SimpleQueue[_Append | _Call | None] = queue.SimpleQueue()
        self._logs: set[Log] = set()
        self._lock = threading.Lock()
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def open(self, path: Path, found: Scan | None = None) -> Log:
        """Open a log for appending, made if missing; a torn tail is set aside. `found` saves a second reading."""
        with self._lock:
            self._logs = {log for log in self._logs if log.is_open}
            if any(log.path == path for log in self._logs):
                raise StoreError(path=str(path), detail="the log is open already")
            with disk_errors(path):
                log = Log(self, path, found or scan_file(path), self._disk)
            self._logs.add(log)
        return log

    def submit(self, item: _Append | _Call) -> None:
        """Queue work for the writer thread."""
        if not self._is_open:
            raise StoreError(detail="the log writer is closed")
        self._queue.put(item)

    def call(self, function: Callable[[], T]) -> Future[T]:
        """Run a function in the writer thread: all earlier records are settled, no later one is written."""
        future: Future[T] = started_future()

        def run() -> None:
            try:
                future.set_result(function())
            except Exception as err:  # noqa: BLE001  # carried to whoever waits; the thread serves the other logs
                future.set_exception(err)

        self.submit(_Call(run))
        return future

    def close(self) -> None:
        """Close all logs and end the thread."""
        if not self._is_open:
            return
        try:
            with contextlib.ExitStack() as closing:
                for log in list(self._logs):
                    closing.callback(log.close)
        finally:
            self._is_open = False
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        while True:
            waiting: dict[Log, list[_Append]] = {}
            for item in self._next_items():
                if isinstance(item, _Append):
                    waiting.setdefault(item.log, []).append(item)
                    continue
                self._write(waiting)
                if item is None:
                    return
                item.run()
            self._write(waiting)

    def _next_items(self) -> list[_Append | _Call | None]:
        items = [self._queue.get()]
        while items[-1] is not None:
            try:
                items.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return items

    def _write(self, waiting: dict[Log, list[_Append]]) -> None:
        for log, group in waiting.items():
            err = log.write_group(group)
            for item in group:
                if item.done is not None:
                    item.done(err)
        waiting.clear()
