"""The lock that makes one process the owner of a store."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from swim_tui.errors import StoreLocked
from swim_tui.store.disk import disk_errors, open_file


class StoreLock:
    """An exclusive flock, held until `release` or until the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        with disk_errors(path):
            self._fd = open_file(path)
        try:
            with disk_errors(path):
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException as err:
            os.close(self._fd)
            if isinstance(err.__cause__, BlockingIOError):
                raise StoreLocked(path=str(path.parent)) from None
            raise

    def release(self) -> None:
        """Let the next process in."""
        os.close(self._fd)
