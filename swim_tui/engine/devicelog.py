"""What was sent to and received from each device of a run: one readable file per device, written by one thread."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import queue
import threading
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from swim_tui.model.phase import Direction, OutputLine
from swim_tui.model.views import LogPage
from swim_tui.paths import private_dir

log = logging.getLogger(__name__)

_SIGNS = {Direction.SENT: ">", Direction.RECEIVED: "<", Direction.NOTE: "="}
_DIRECTIONS = {sign: direction for direction, sign in _SIGNS.items()}
_FIELDS = 5
READ_BYTES = 256 * 1024
NAME_CHARS, NAME_KEPT = 200, 150  # a file name has 255 bytes at most


def log_path(folder: Path, device: str) -> Path:
    """The log of a device in a run's folder; device names are data: quoted, and what is too long for a file hashed."""
    name = quote(device, safe="", errors="replace")
    if len(name) > NAME_CHARS:
        name = f"{name[:NAME_KEPT]}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    return folder / f"{name}.log"


def to_text(line: OutputLine) -> str:
    """One line of the file: time, direction, changing or not, operation, text; tabs between them."""
    text = line.text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    mark = "!" if line.changes else "."
    return f"{line.at.isoformat()}\t{_SIGNS[line.direction]}\t{mark}\t{line.op_id}\t{text}\n"


def from_text(text: str) -> OutputLine | None:
    """The line again, None for text that is not one of ours."""
    fields = text.split("\t", _FIELDS - 1)
    if len(fields) != _FIELDS or fields[1] not in _DIRECTIONS:
        return None
    try:
        at = datetime.fromisoformat(fields[0])
    except ValueError:
        return None
    plain = fields[4].replace("\\\\", "\0").replace("\\n", "\n").replace("\\r", "\r").replace("\0", "\\")
    return OutputLine(at, _DIRECTIONS[fields[1]], plain, fields[3], fields[2] == "!")


def read_page(folder: Path, device: str, offset: int, limit: int) -> LogPage:
    """Up to `limit` lines from a byte offset; blocks for the disk."""
    lines: list[OutputLine] = []
    try:
        with log_path(folder, device).open("rb") as file:
            file.seek(max(0, offset))
            data = file.read(READ_BYTES)
    except FileNotFoundError:
        return LogPage((), offset)
    end = max(0, offset)
    if len(data) == READ_BYTES and b"\n" not in data:  # a line longer than a page: step over this part of it
        return LogPage((), end + len(data))
    for raw in data.split(b"\n")[:-1]:
        if len(lines) >= limit:
            break
        end += len(raw) + 1
        line = from_text(raw.decode("utf-8", "replace"))
        if line is not None:
            lines.append(line)
    return LogPage(tuple(lines), end)


class DeviceLogs:
    """Appends lines without blocking; not synced, as nothing is decided by them."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[Path, str] | Future[None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="device-logs", daemon=True)
        self._thread.start()

    def write(self, folder: Path, device: str, lines: tuple[OutputLine, ...]) -> None:
        """Queue lines of a device."""
        self._queue.put((log_path(folder, device), "".join(to_text(line) for line in lines)))

    def flush(self) -> Future[None]:
        """Resolves when everything queued so far is in the files."""
        done: Future[None] = Future()
        self._queue.put(done)
        return done

    def close(self) -> None:
        """Write what is queued and end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            if isinstance(item, Future):
                item.set_result(None)
                continue
            path, text = item
            try:
                _append(path, text.encode("utf-8", "replace"))
            except OSError as err:  # a full disk must not end the thread: the run goes on by its journal
                log.error("%s: %s", path, err.strerror)


def _append(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    with contextlib.suppress(FileNotFoundError):
        fd = os.open(path, flags, 0o600)
        with os.fdopen(fd, "ab") as file:
            file.write(data)
        return
    private_dir(path.parent)
    with os.fdopen(os.open(path, flags, 0o600), "ab") as file:
        file.write(data)
