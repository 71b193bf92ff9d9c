"""Entry point of the engine's process: options, detaching, then one event loop until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import faulthandler
import gc
import logging
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from swim_tui.engine.daemon import Lock, Report, detach, raise_limits, start_log, write_engine_json
from swim_tui.errors import DataDirShared, EngineUnavailable, SwimError, describe, exit_code_of
from swim_tui.paths import DataPaths, default_data_dir, private_dir

if TYPE_CHECKING:
    from swim_tui.api.contract import Contract
    from swim_tui.api.server import ApiServer, EventSource

log = logging.getLogger(__name__)

LOOK_S = 2.0  # how often the process looks whether its data directory is still its own
STOP_LIMIT_S = 10.0


@dataclass(frozen=True)
class Options:
    """What the process was started with."""

    data_dir: Path
    scale: float = 1.0
    environment: str = ""
    exit_when_idle_s: float = 0.0
    lifeline: int | None = None
    foreground: bool = False
    report_json: bool = False


class EngineProcess(Protocol):
    """What the process needs of the engine it runs."""

    @property
    def api(self) -> Contract:
        """The service methods."""
        ...

    @property
    def events(self) -> EventSource:
        """The event stream."""
        ...

    @property
    def stop_requested(self) -> asyncio.Event:
        """Set when a client asked the engine to stop and the engine agreed."""
        ...

    async def start(self) -> None:
        """Open, recover, begin to work."""
        ...

    async def stop(self) -> None:
        """Workers first, then everything else; what was acknowledged is on disk."""
        ...

    def clients_changed(self, count: int) -> None:
        """How many clients watch."""
        ...


Build = Callable[[Options], EngineProcess]


def build_engine(options: Options) -> EngineProcess:
    """The product's engine; imported only now, after the process has detached."""
    from swim_tui.engine.core import Engine

    return Engine(options.data_dir, scale=options.scale, environment=options.environment)


def parse(argv: Sequence[str] | None) -> Options:
    """Options from the command line."""
    parser = argparse.ArgumentParser(prog="python -m swim_tui.engine", description="The engine of one data directory.")
    parser.add_argument("--data-dir", type=Path, default=None)
    parser.add_argument("--scale", type=float, default=1.0, help="divides every wait, for the lab")
    parser.add_argument("--environment", default="", help="badge that clients show")
    parser.add_argument("--exit-when-idle", type=float, default=0.0, metavar="S", help="end after S seconds of nothing")
    parser.add_argument("--lifeline", type=int, default=None, metavar="FD", help="end when this pipe closes")
    parser.add_argument("--foreground", action="store_true", help="do not detach (for systemd)")
    parser.add_argument("--report-json", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    if given.scale <= 0:
        parser.error("--scale must be above zero")
    data_dir = (given.data_dir or default_data_dir()).expanduser().absolute()
    return Options(
        data_dir=data_dir,
        scale=given.scale,
        environment=given.environment,
        exit_when_idle_s=given.exit_when_idle,
        lifeline=given.lifeline,
        foreground=given.foreground,
        report_json=given.report_json,
    )


def main(argv: Sequence[str] | None = None, build: Build = build_engine) -> int:
    """Run an engine; returns its exit code (in the detached process; the one started returns when it is ready)."""
    options = parse(argv)
    paths = DataPaths(options.data_dir)
    report = Report(as_json=options.report_json)
    try:
        os.umask(0o077)  # detached or not
        own_data_dir(paths)
        if not options.foreground:
            keep = () if options.lifeline is None else (options.lifeline,)
            report = detach(paths, keep, as_json=options.report_json)
        start_log(paths, detached=not options.foreground)
        raise_limits()
        lock = Lock.take(paths)
    except SwimError as err:
        report.failed(err)
        return exit_code_of(err)
    except OSError as err:
        words = f"the data directory cannot be used: {(err.strerror or str(err)).lower()}"
        unusable = EngineUnavailable(data_dir=str(options.data_dir), detail=words)
        report.failed(unusable)
        return unusable.exit_code
    try:
        return asyncio.run(_Process(options, paths, lock, report).run(build))
    finally:
        lock.release()


def own_data_dir(paths: DataPaths) -> None:
    """Make the data directory, or close it to others where it is empty (a plain `mkdir`) or known to be one of ours."""
    root = private_dir(paths.root)
    found = root.stat()
    if found.st_uid != os.getuid():
        raise DataDirShared(data_dir=str(root), detail="it belongs to another user")
    if not found.st_mode & 0o077:
        return
    if any(root.iterdir()) and not paths.engine_lock.exists():
        raise DataDirShared(
            data_dir=str(root), detail=f"it holds other files, and its mode is {found.st_mode & 0o777:o}"
        )
    root.chmod(0o700)


class _Process:
    """One run of the engine's event loop."""

    def __init__(self, options: Options, paths: DataPaths, lock: Lock, report: Report) -> None:
        self._options = options
        self._paths = paths
        self._lock = lock
        self._report = report
        self._stop = asyncio.Event()
        self._why = ""

    async def run(self, build: Build) -> int:
        """Start, serve until told to stop, end within ten seconds."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end, signal.Signals(number).name)
        try:
            engine = build(self._options)
            await engine.start()
            server = await self._serve(engine)
        except Exception as err:
            log.exception("the engine did not start: %s", describe(err).one_line())
            self._report.failed(err)
            return exit_code_of(err)
        gc.freeze()  # what is loaded now stays: no collection needs to look at it again
        log.info("engine ready: pid %d, data directory %s", os.getpid(), self._paths.root)
        self._report.ready()
        await self._until_stopped(engine, server)
        log.info("engine stops: %s", self._why)
        # A thread that hangs must not keep the process; its traces are worth more than a clean end.
        faulthandler.dump_traceback_later(STOP_LIMIT_S, exit=True)
        await server.stop()
        await engine.stop()
        if self._lock.is_ours():
            self._paths.engine_json.unlink(missing_ok=True)
        log.info("engine stopped")
        faulthandler.cancel_dump_traceback_later()
        return 0

    async def _serve(self, engine: EngineProcess) -> ApiServer:
        from swim_tui.api.server import ApiServer

        server = ApiServer(engine.api, engine.events, self._paths.socket(), on_clients=engine.clients_changed)
        await server.start()
        write_engine_json(self._paths, self._options.scale, self._options.environment)
        return server

    async def _until_stopped(self, engine: EngineProcess, server: ApiServer) -> None:
        watchers = [asyncio.ensure_future(self._watch_directory()), asyncio.ensure_future(self._watch_request(engine))]
        if self._options.exit_when_idle_s > 0:
            watchers.append(asyncio.ensure_future(self._watch_idle(engine, server)))
        lifeline = self._options.lifeline
        loop = asyncio.get_running_loop()
        if lifeline is not None:
            loop.add_reader(lifeline, self._end, "whoever started it has ended")
        await self._stop.wait()
        if lifeline is not None:
            loop.remove_reader(lifeline)
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)

    def _end(self, why: str) -> None:
        self._why = self._why or why
        self._stop.set()

    async def _watch_request(self, engine: EngineProcess) -> None:
        await engine.stop_requested.wait()
        self._end("a client asked for it")

    async def _watch_directory(self) -> None:
        while await asyncio.to_thread(self._lock.is_ours):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._stop.wait()
                    return
        self._end("the data directory is gone or was replaced")

    async def _watch_idle(self, engine: EngineProcess, server: ApiServer) -> None:
        limit = self._options.exit_when_idle_s
        busy_at, seen = time.monotonic(), -1
        while time.monotonic() - busy_at < limit:
            await asyncio.sleep(min(limit / 4, LOOK_S))
            if server.clients or server.requests != seen or await _has_work(engine):
                busy_at, seen = time.monotonic(), server.requests
        self._end(f"nothing to do for {limit:g} s")


async def _has_work(engine: EngineProcess) -> bool:
    status = await engine.api.status()
    return bool(status.running_runs or status.running_tasks or status.next_run_at)
