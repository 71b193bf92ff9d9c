"""TFTP, read only: `TOKEN/NAME`, or the plain name on a lease that is open. A thread of its own."""

from __future__ import annotations

import logging
import tempfile
import threading
from pathlib import Path
from typing import Any

import tftpy

from swim_tui.net.serve.messages import Sent
from swim_tui.net.serve.shelf import Shelf

logging.getLogger("tftpy").setLevel(logging.CRITICAL)  # it tells every packet
_TIMEOUT_S = 1.0
_RETRIES = 15  # a device that erases a block of flash answers nothing meanwhile
_UP_S = 5.0


class TftpSide:
    """The TFTP side."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._nothing = tempfile.TemporaryDirectory(prefix="swim-tftp-")  # it wants a root; files come from the shelf
        self._server = tftpy.TftpServer(self._nothing.name, dyn_file_func=self._open, upload_open=_nowhere)
        self._thread: threading.Thread | None = None
        self._failure: OSError | None = None

    def listen(self, bind: str, port: int) -> int:
        """Listen; the port. OSError when that is not possible."""
        self._thread = threading.Thread(target=self._serve, args=(bind, port), name="tftp", daemon=True)
        self._thread.start()
        while not self._server.is_running.wait(0.05):
            if not self._thread.is_alive():
                raise self._failure or OSError("TFTP did not start")
        return int(self._server.listenport)

    def stop(self) -> None:
        """End it."""
        if self._thread is not None and self._thread.is_alive():
            self._server.stop(now=True)
            self._thread.join(_TIMEOUT_S + _UP_S)
        self._nothing.cleanup()

    def _serve(self, bind: str, port: int) -> None:
        try:
            self._server.listen(bind, port, timeout=_TIMEOUT_S, retries=_RETRIES)
        except OSError as err:
            self._failure = err

    def _open(self, name: str, raddress: str = "", rport: int = 0) -> _Told | None:
        """A file for a client; None is `file not found`."""
        found = self._shelf.by_path(name)
        if found is None:
            return None
        lease, path = found
        return _Told(path, lambda size: self._shelf.report(Sent(lease.id, "TFTP", path.name, raddress, size)))


def _nowhere(path: str, context: Any) -> None:
    """Nothing is taken."""


class _Told:
    """An open file that says at its end how much was read."""

    def __init__(self, path: Path, told: Any) -> None:
        self._file = path.open("rb")
        self._told = told
        self._size = 0

    def read(self, size: int = -1) -> bytes:
        """The next block."""
        data = self._file.read(size)
        self._size += len(data)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def close(self) -> None:
        """The client has it, or is gone."""
        if not self._file.closed:
            self._file.close()
            self._told(self._size)
