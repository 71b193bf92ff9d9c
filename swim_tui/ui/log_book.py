"""Every notice of this session, kept after its toast is gone (view 6)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

KEPT = 5000


@dataclass(frozen=True)
class LogEntry:
    """One notice: when, how bad, where from, what."""

    number: int
    at: datetime
    severity: str
    source: str
    text: str

    @property
    def key(self) -> str:
        """Identity in the table."""
        return str(self.number)


class LogBook:
    """The kept notices; `listener` is told of each new one."""

    def __init__(self) -> None:
        self.entries: deque[LogEntry] = deque(maxlen=KEPT)
        self.listener: Callable[[LogEntry], None] | None = None
        self._number = 0

    def add(self, at: datetime, severity: str, source: str, text: str) -> LogEntry:
        """Keep one notice."""
        self._number += 1
        entry = LogEntry(self._number, at, severity, source, text)
        self.entries.append(entry)
        if self.listener is not None:
            self.listener(entry)
        return entry

    def clear(self) -> None:
        """Forget all of them."""
        self.entries.clear()
