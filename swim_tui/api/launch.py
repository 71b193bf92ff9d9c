"""Starting the engine's process from a client, without ever importing the engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swim_tui import locks
from swim_tui.errors import DataDirInUse, EngineUnavailable, Problem, RemoteError, SwimError
from swim_tui.paths import DataPaths

START_LIMIT_S = 60.0  # opening a large store and recovering runs; the process says so itself when it is ready
REPORT_MARK = "swim-tui-engine:"


@dataclass(frozen=True)
class Launch:
    """How to start an engine. `lifeline`: read end of a pipe; the engine ends when its other end closes."""

    data_dir: Path
    scale: float = 1.0
    environment: str = ""
    exit_when_idle_s: float = 0.0
    lifeline: int | None = None
    module: str = "swim_tui.engine"

    def command(self) -> list[str]:
        """The command line; it holds no secrets."""
        # -P: a file http.py in the directory where somebody types swim-tui is no library of ours
        line = [sys.executable, "-P", "-m", self.module, "--data-dir", os.fspath(self.data_dir), "--report-json"]
        if self.scale != 1.0:
            line += ["--scale", repr(self.scale)]
        if self.environment:
            line += ["--environment", self.environment]
        if self.exit_when_idle_s:
            line += ["--exit-when-idle", repr(self.exit_when_idle_s)]
        if self.lifeline is not None:
            line += ["--lifeline", str(self.lifeline)]
        return line


def launch(order: Launch) -> None:
    """Start an engine and return when it answers on its socket.

    Errors: DataDirInUse when another one owns the directory, EngineUnavailable with its one sentence otherwise.
    """
    pass_fds = () if order.lifeline is None else (order.lifeline,)
    try:
        done = subprocess.run(
            order.command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=pass_fds,
            timeout=START_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise EngineUnavailable(
            data_dir=str(order.data_dir), detail=f"it was not ready within {START_LIMIT_S:g} s"
        ) from None
    if done.returncode != 0:
        raise _failure(order.data_dir, done.stderr.decode("utf-8", "replace"))


def _failure(data_dir: Path, text: str) -> SwimError:
    """The error that the starting engine reported as one line of JSON, else its last words."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    reports = [line.removeprefix(REPORT_MARK) for line in lines if line.startswith(REPORT_MARK)]
    if not reports:
        return EngineUnavailable(data_dir=str(data_dir), detail=lines[-1] if lines else "it ended without a word")
    report: dict[str, Any] = json.loads(reports[-1])
    if report["code"] == DataDirInUse.code:
        return DataDirInUse(data_dir=str(data_dir), pid=int(report["pid"]))
    problem = Problem(report["code"], report["message"], report["remedy"])
    return RemoteError(problem=problem, remote_exit_code=int(report["exit_code"]))


def is_locked(data_dir: Path) -> bool:
    """True while an engine holds the lock of this directory."""
    return locks.is_locked(DataPaths(data_dir).engine_lock)
