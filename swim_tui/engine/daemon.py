"""The engine as a process: detached for good, one per data directory, gone when its directory is."""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import json
import logging
import logging.handlers
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import swim_tui
from swim_tui.api.launch import REPORT_MARK
from swim_tui.errors import DataDirInUse, EngineUnavailable, Problem, describe, exit_code_of
from swim_tui.paths import DataPaths

LOG_BYTES = 5_000_000
LOG_GENERATIONS = 3
LOCK_TRIES_S = 0.5  # a client that looks whether the lock is held takes it for a moment


@dataclass
class Report:
    """Tells whoever started the engine how that went: ready, or one sentence. Only the first word counts.

    `handle` is the pipe to the process that was started; without one the sentence goes to stderr.
    """

    handle: int = -1
    as_json: bool = False

    def ready(self) -> None:
        """The engine answers on its socket."""
        self._send({"ready": True})

    def failed(self, err: BaseException) -> None:
        """The engine did not start."""
        pid = err.pid if isinstance(err, DataDirInUse) else 0
        report = {**_words(describe(err)), "exit_code": exit_code_of(err), "pid": pid}
        if self.handle < 0:
            _complain(report, as_json=self.as_json)
        self._send(report)

    def _send(self, content: dict[str, object]) -> None:
        if self.handle < 0:
            return
        handle, self.handle = self.handle, -1
        try:
            os.write(handle, json.dumps(content).encode())
        except BrokenPipeError:
            logging.getLogger(__name__).info("whoever started this engine has gone")
        os.close(handle)


def _words(problem: Problem) -> dict[str, object]:
    return {"code": problem.code, "message": problem.message, "remedy": problem.remedy}


def detach(paths: DataPaths, keep: tuple[int, ...], *, as_json: bool) -> Report:
    """Become a daemon; returns in the daemon only. The first process waits for the report and exits by it.

    `keep` are the descriptors that stay open besides the report: the lifeline.
    """
    read_end, write_end = os.pipe()
    first = os.fork()
    if first:
        os.close(write_end)
        os._exit(_wait_for_report(read_end, paths, as_json=as_json))
    os.setsid()
    if os.fork():
        os._exit(0)  # a session leader could get a terminal again
    os.umask(0o077)
    os.chdir("/")
    _close_all_but({write_end, *keep})
    _point_standard_streams(paths.engine_log)
    return Report(write_end)


def _wait_for_report(read_end: int, paths: DataPaths, *, as_json: bool) -> int:
    """Exit code of the process that was started in the foreground; says on stderr what went wrong."""
    with os.fdopen(read_end, "rb") as pipe:
        text = pipe.read()
    if not text:
        lost = EngineUnavailable(data_dir=str(paths.root), detail=f"it ended while starting: {_tail(paths.engine_log)}")
        return _complain({**_words(describe(lost)), "exit_code": lost.exit_code, "pid": 0}, as_json=as_json)
    report = json.loads(text)
    return 0 if report.get("ready") else _complain(report, as_json=as_json)


def _complain(report: dict[str, object], *, as_json: bool) -> int:
    line = REPORT_MARK + json.dumps(report) if as_json else f"swim-tui: {report['message']}; {report['remedy']}"
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
    return int(str(report["exit_code"]))


def _tail(path: Path) -> str:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return "it wrote no log"
    return next((line.strip()[-200:] for line in reversed(lines) if line.strip()), "its log is empty")


def _close_all_but(keep: set[int]) -> None:
    """A child that keeps its parent's stdout hangs every `$(...)`; any other descriptor could be as bad."""
    start = 0
    for handle in sorted(keep):
        os.closerange(start, handle)
        start = handle + 1
    os.closerange(start, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _point_standard_streams(log_path: Path) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        if null != standard:
            os.dup2(null, standard)
    if null > 2:
        os.close(null)
    _point_stderr(log_path)


def _point_stderr(log_path: Path) -> None:
    handle = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(handle, 2)
    os.close(handle)


class _Rotating(logging.handlers.RotatingFileHandler):
    """Moves the process's stderr along when it begins a new file."""

    def __init__(self, path: Path, *, owns_stderr: bool) -> None:
        super().__init__(path, maxBytes=LOG_BYTES, backupCount=LOG_GENERATIONS, encoding="utf-8")
        self._owns_stderr = owns_stderr

    def doRollover(self) -> None:
        super().doRollover()
        Path(self.baseFilename).chmod(0o600)
        if self._owns_stderr:
            _point_stderr(Path(self.baseFilename))


def start_log(paths: DataPaths, *, detached: bool) -> None:
    """Log to engine.log, rotated, times in UTC; a crash of the interpreter leaves its traces there."""
    handler = _Rotating(paths.engine_log, owns_stderr=detached)
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("paramiko", "netmiko", "aiohttp.access", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    paths.engine_log.chmod(0o600)
    faulthandler.enable()


def raise_limits() -> None:
    """Soft limit of open files to the hard one, no core file; SIGHUP of a closing terminal means nothing to an engine.

    A core file would hold every secret in the clear; workers and file servers inherit that there is none.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


@dataclass(frozen=True)
class Lock:
    """The engine's flock on engine.lock: whoever holds it owns the data directory."""

    path: Path
    handle: int

    @classmethod
    def take(cls, paths: DataPaths) -> Lock:
        """Own the directory, or DataDirInUse."""
        handle = os.open(paths.engine_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        give_up_at = time.monotonic() + LOCK_TRIES_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > give_up_at:
                    os.close(handle)
                    raise DataDirInUse(data_dir=str(paths.root), pid=recorded_pid(paths)) from None
                time.sleep(0.02)  # before there is a loop; flock with a time-out does not exist
            else:
                return cls(paths.engine_lock, handle)

    def is_ours(self) -> bool:
        """False when the data directory is gone or was replaced: somebody else may own the new one."""
        try:
            there = self.path.stat()
        except OSError:
            return False
        ours = os.fstat(self.handle)
        return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)

    def release(self) -> None:
        """Give the directory back."""
        os.close(self.handle)


def recorded_pid(paths: DataPaths) -> int:
    """The pid in engine.json, 0 if it cannot be read."""
    try:
        return int(json.loads(paths.engine_json.read_text("utf-8"))["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def write_engine_json(paths: DataPaths, scale: float, environment: str) -> None:
    """Say who serves this directory and where, by an atomic replacement; in place where the disk is full."""
    content = {
        "pid": os.getpid(),
        "started_at": datetime.now(UTC).isoformat(),
        "socket": os.fspath(paths.socket()),
        "version": swim_tui.__version__,
        "scale": scale,
        "environment": environment,
    }
    text = json.dumps(content).encode()
    new = paths.engine_json.with_suffix(".json.new")
    try:
        _write(new, text)
        new.replace(paths.engine_json)
    except OSError as err:  # a full disk must not keep an engine from its runs and their commit deadlines
        logging.getLogger(__name__).error("engine.json: %s", err.strerror or err)
        new.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # the old file has its place on the disk; else clients do without
            _write(paths.engine_json, text)


def _write(path: Path, text: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text)
        file.flush()
        file.truncate()
        os.fsync(file.fileno())
