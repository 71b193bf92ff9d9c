"""The lab's own log: one JSON line per event, apart from anything the client logs."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import IO


class Journal:
    """Writes lab-log.jsonl and counts events per device."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch(mode=0o600)
        self._out: IO[str] = path.open("w", encoding="utf-8", buffering=1)
        self._counts: dict[str, Counter[str]] = {}

    def write(self, device: str, event: str, line: str = "", session: str = "") -> None:
        """One event of one device (or jump host)."""
        if self._out.closed:
            return
        entry = {"t": datetime.now(UTC).isoformat(), "device": device, "session": session, "event": event, "line": line}
        self._out.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._counts.setdefault(device, Counter())[event] += 1

    def count(self, device: str, event: str) -> int:
        """How often an event happened on a device."""
        return self._counts.get(device, Counter())[event]

    def close(self) -> None:
        """No more events."""
        self._out.close()
