"""Workers that an earlier engine may have left: found by pid and start time, killed, known to be gone by their lock."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from swim_tui.errors import EngineError
from swim_tui.paths import DataPaths

log = logging.getLogger(__name__)

CLAIM_LIMIT_S = 15.0
_POLL_S = 0.05
_START_FIELD = 19  # of /proc/PID/stat, counted from after the command name


@dataclass(frozen=True)
class KnownProcess:
    """A process as it can be told from another one that got its pid later."""

    pid: int
    started: str


def start_of(pid: int) -> str:
    """When a process started, in the kernel's ticks; empty if there is none (or no /proc to ask)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[_START_FIELD]


def write_known(paths: DataPaths, processes: list[KnownProcess]) -> None:
    """Record the workers that live now; atomic, and before any of them is given work."""
    fresh = paths.workers_json.with_suffix(".new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w") as file:
        json.dump([{"pid": process.pid, "started": process.started} for process in processes], file)
    fresh.replace(paths.workers_json)


def read_known(paths: DataPaths) -> list[KnownProcess]:
    """The workers recorded last; a file that is not there or not ours names none."""
    try:
        found = json.loads(paths.workers_json.read_text())
        return [KnownProcess(int(item["pid"]), str(item["started"])) for item in found]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def end_leftovers(paths: DataPaths, limit_s: float = CLAIM_LIMIT_S) -> None:
    """Return only when no worker of an earlier engine lives; EngineError when one cannot be ended. Blocks."""
    fd = os.open(paths.workers_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        ends_at = time.monotonic() + limit_s
        while not _claim(fd):
            if time.monotonic() > ends_at:
                raise EngineError(
                    data_dir=str(paths.root),
                    detail=f"a worker of an earlier engine still runs and holds {paths.workers_lock}",
                )
            for process in read_known(paths):
                _kill(process)
            time.sleep(_POLL_S)
    finally:
        os.close(fd)


def _claim(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _kill(process: KnownProcess) -> None:
    if process.started and start_of(process.pid) == process.started:
        log.warning("ending worker %d of an earlier engine", process.pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
