"""Watching a pull from a second session: how far the file is, and whether it still grows."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from swim_tui.drivers.task import Task
from swim_tui.errors import SwimError
from swim_tui.model.device_path import join_path
from swim_tui.model.endpoint import HostKey
from swim_tui.model.phase import Direction, OpProgress
from swim_tui.model.plan import Line, Operation
from swim_tui.net.contract import Ended, Session
from swim_tui.parse import parse_dir

_INTERVAL_S = 30.0
_LEAST_INTERVAL_S = 10.0


class _Quiet:
    """The second session only reads `dir`: what it hears is not part of the record."""

    def line(self, direction: Direction, text: str, *, changes: bool = False) -> None:
        """Not recorded."""

    def host_key(self, key: HostKey, fingerprint: str) -> None:
        """Known since the first session."""

    def cancelled(self) -> bool:
        """It is closed with the pull."""
        return False

    def one_time_code(self, hop: str, prompt: str) -> str | None:
        """Nobody is asked for a second code."""
        return None


class PullWatch:
    """Opens a session only when the copy lasts and where it `opens` any, and gives up quietly when it gets none."""

    def __init__(self, task: Task, op: Operation, session: Session, *, opens: bool) -> None:
        self._task = task
        self._op = op
        self._control = session
        self._opens = opens
        self._end = threading.Event()
        self._interval_s = max(_LEAST_INTERVAL_S, _INTERVAL_S / task.waits.scale)
        self._thread = threading.Thread(target=self._watch, name=f"watch-{op.id}", daemon=True)
        self.seen = 0
        self.stalled = False

    def __enter__(self) -> Self:
        if self._opens:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._task.observer.stalled = False

    def _watch(self) -> None:
        if self._end.wait(self._interval_s):
            return
        try:
            with self._task.net.session(self._task.endpoint, _Quiet(), read_only=True) as session:
                self._follow(session)
        except SwimError:
            return  # the file is looked at when the copy ends

    def _follow(self, session: Session) -> None:
        clock = self._task.clock
        moved_at = looked_at = clock.monotonic()
        while True:
            reply = session.run(Line(f"dir {join_path(self._op.file_system, self._op.path)}", timeout_s=60.0))
            if reply.ended is Ended.LOST:
                return
            now = clock.monotonic()
            size = next((f.size_bytes for f in parse_dir(reply.text).files if not f.is_dir), 0)
            if size != self.seen:
                rate = max(0.0, (size - self.seen) / max(now - looked_at, 0.001)) if self.seen else 0.0
                moved_at = now
                self._tell(size, rate)
            self.seen, looked_at = size, now
            if now - moved_at > self._task.waits.stall_s and self._control.idle_s() > self._task.waits.stall_s:
                self.stalled = self._task.observer.stalled = True
                return
            if self._end.wait(self._interval_s):
                return

    def _tell(self, size: int, rate: float) -> None:
        total = self._op.size_bytes
        eta = (total - size) / rate if rate > 0 else None
        self._task.emit(OpProgress(self._op.id, size, total, "B", rate, eta))
