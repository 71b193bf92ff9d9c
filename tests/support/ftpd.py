"""A small FTP server on loopback for tests."""

from __future__ import annotations

import errno
import logging
import os
import threading
from collections.abc import Collection
from pathlib import Path
from typing import Any, ClassVar

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import DTPHandler, FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

logger = logging.getLogger(__name__)


class _FullDisk:
    """A file opened for writing on a disk with no room."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class Ftpd:
    """Serves a folder to `jane`; each of `cuts` breaks one of the next downloads after so many bytes, `is_full` leaves
    no room for uploads. It does not know the commands that it `lacks`."""

    def __init__(self, folder: Path, password: str = "p@ss word", lacks: Collection[str] = ()) -> None:
        users = DummyAuthorizer()
        users.add_user("jane", password, str(folder), perm="elradfmw")
        self.is_full = False
        self.cuts: list[int] = []
        self.asked: list[str] = []
        outer = self

        class Data(DTPHandler):  # type: ignore[misc]
            def send(self, data: bytes) -> Any:
                if outer.cuts and self.tot_bytes_sent > outer.cuts[0]:
                    outer.cuts.pop(0)
                    self.cmd_channel.close()
                    return 0
                return super().send(data)

            def handle_error(self) -> Any:
                if not outer.is_full:
                    return super().handle_error()
                self._resp = ("452 Insufficient storage space in system.", logger.debug)  # pyftpdlib does not say why
                return self.close()

        class Disk(AbstractedFS):  # type: ignore[misc]
            def open(self, filename: str, mode: str) -> Any:
                file = super().open(filename, mode)
                return _FullDisk(file) if outer.is_full and "r" not in mode else file

        class Handler(FTPHandler):  # type: ignore[misc]
            authorizer = users
            abstracted_fs = Disk
            dtp_handler = Data
            use_sendfile = False
            auth_failed_timeout = 0.01
            proto_cmds: ClassVar = {name: how for name, how in FTPHandler.proto_cmds.items() if name not in lacks}

            def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
                outer.asked.append(f"{cmd} {arg}".strip() if cmd != "PASS" else "PASS")
                super().pre_process_command(line, cmd, arg)

        self.server = FTPServer(("127.0.0.1", 0), Handler, ioloop=IOLoop())
        self.port = int(self.server.address[1])
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._ended.is_set():
            self.server.ioloop.loop(0.02, blocking=False)
        self.server.close_all()

    def close(self) -> None:
        """End it."""
        self._ended.set()
        self._thread.join(5)
