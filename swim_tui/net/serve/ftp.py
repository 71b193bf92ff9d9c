"""FTP: a login sees the folder of its lease; nothing can be written. A thread of its own."""

from __future__ import annotations

import logging
import threading
import warnings
from pathlib import Path
from typing import Any

from swim_tui.net.serve.messages import Sent
from swim_tui.net.serve.shelf import Shelf

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it stands on asyncore, of which it brings its own after 3.11
    from pyftpdlib.authorizers import AuthenticationFailed
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

logging.getLogger("pyftpdlib").disabled = True  # it names users and files, and sets its own level
_TICK_S = 0.2
_READ = "elr"  # change directory, list, retrieve


class _Leases:
    """pyftpdlib's authorizer over the shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._homes: dict[str, tuple[str, Path]] = {}

    def validate_authentication(self, username: str, password: str, handler: Any) -> None:
        """AuthenticationFailed for what is no login of a lease."""
        lease = self._shelf.by_login(username, password)
        if lease is None:
            raise AuthenticationFailed("Login incorrect.")
        self._homes[username] = (lease.id, lease.folder)

    def lease_of(self, username: str) -> str:
        """The lease of a user that is logged in."""
        return self._homes[username][0]

    def get_home_dir(self, username: str) -> str:
        """The folder of its lease."""
        return str(self._homes[username][1])

    def has_user(self, username: str) -> bool:
        """Whoever logged in."""
        return username in self._homes

    def has_perm(self, username: str, perm: str, path: str | None = None) -> bool:
        """Reading only."""
        return perm in _READ

    def get_perms(self, username: str) -> str:
        """Reading only."""
        return _READ

    def get_msg_login(self, username: str) -> str:
        """The greeting."""
        return "Images can be read here."

    def get_msg_quit(self, username: str) -> str:
        """The farewell."""
        return "Goodbye."

    def impersonate_user(self, username: str, password: str) -> None:
        """Nobody is impersonated."""

    def terminate_impersonation(self, username: str) -> None:
        """Nobody was."""


class FtpSide:
    """The FTP side."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._stop = threading.Event()
        self._server: FTPServer | None = None
        self._thread = threading.Thread(target=self._serve, name="ftp", daemon=True)

    def listen(self, bind: str, port: int, address: str) -> int:
        """Listen; the port. `address` is told to devices for passive connections where it is not `bind`."""
        leases, shelf = _Leases(self._shelf), self._shelf

        class Handler(FTPHandler):  # type: ignore[misc]  # no types
            authorizer = leases
            banner = "ready"
            use_sendfile = True
            max_login_attempts = 1
            masquerade_address = address if address and address != bind else None
            permit_foreign_addresses = False

            def on_file_sent(self, file: str) -> None:
                """Say what was sent."""
                path = Path(file)
                shelf.report(
                    Sent(leases.lease_of(self.username), "FTP", path.name, self.remote_ip, path.stat().st_size)
                )

        self._server = FTPServer((bind, port), Handler, ioloop=IOLoop())
        self._thread.start()
        return int(self._server.address[1])

    def _serve(self) -> None:
        assert self._server is not None
        while not self._stop.is_set():
            self._server.ioloop.loop(_TICK_S, blocking=False)
        self._server.close_all()

    def stop(self) -> None:
        """End it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5 * _TICK_S + 5)
