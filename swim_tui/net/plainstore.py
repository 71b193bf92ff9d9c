"""SWIM servers over FTP, HTTP and HTTPS, direct or through the jump chain."""

from __future__ import annotations

import base64
import ftplib
import http.client
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from swim_tui.errors import AuthError, Cancelled, ServerError, SwimError
from swim_tui.model.secret import Login
from swim_tui.net.contract import PushProgress, SessionObserver
from swim_tui.net.filestore import Report, paced
from swim_tui.net.text import neutral

Dial = Callable[[int], socket.socket]
"""Port of the server -> a connected socket."""

_PIECE = 65_536
_REPORT_S = 0.25
_LIMIT_S = 60.0


class _Ftp(ftplib.FTP):
    """FTP whose connections are made by `dial`: passive ones go to the server's own address, whatever it says."""

    def __init__(self, dial: Dial, port: int, timeout_s: float) -> None:
        super().__init__()
        self._dial = dial
        self.timeout = timeout_s
        self.sock = dial(port)
        self.sock.settimeout(timeout_s)
        self.af = socket.AF_INET
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        """A passive data connection through the same way."""
        try:
            port = ftplib.parse229(self.sendcmd("EPSV"), ("", 0))[1]
        except ftplib.error_perm:
            port = ftplib.parse227(self.sendcmd("PASV"))[1]
        data = self._dial(port)
        data.settimeout(self.timeout)
        try:
            if rest is not None:
                self.sendcmd(f"REST {rest}")
            answer = self.sendcmd(cmd)
            if answer[0] == "2":
                answer = self.getresp()
            if answer[0] != "1":
                raise ftplib.error_reply(answer)
        except BaseException:
            data.close()
            raise
        return data, None


class FtpStore:
    """One FTP session; the same methods as SshStore. Errors: AuthError, ServerError, Cancelled."""

    def __init__(self, dial: Dial, port: int, login: Login, server: str, observer: SessionObserver) -> None:
        self._server = server
        self._observer = observer
        with self._errors("login"):
            self._ftp = _Ftp(dial, port, _LIMIT_S)
            try:
                self._ftp.login(login.username or "anonymous", login.password.reveal() or "anonymous@")
            except ftplib.error_perm as err:
                self._ftp.close()
                words = neutral(str(err)[4:])
                raise AuthError(device=server, address=server, profile=login.profile, detail=words) from err
            self._ftp.voidcmd("TYPE I")

    def size(self, path: str) -> int | None:
        """Bytes of a file, None when it is not there."""
        try:
            with self._errors(path):
                return self._ftp.size(path)
        except ServerError as err:
            if isinstance(err.__cause__, ftplib.error_perm):
                return None
            raise

    def free(self, folder: str) -> int | None:
        """FTP does not say."""
        return None

    def rename(self, old: str, new: str) -> None:
        """Give a file its name, replacing what had it."""
        if self.size(new) is not None:
            self.remove(new)
        with self._errors(new):
            self._ftp.rename(old, new)

    def remove(self, path: str) -> None:
        """Remove a file; one that is not there is no error."""
        if self.size(path) is not None:
            with self._errors(path):
                self._ftp.delete(path)

    def write(self, source: str, path: str, *, resume: bool, report: Report, bytes_per_s: float) -> int:
        """Write local file `source` to `path`, always from its beginning; returns the bytes sent."""
        report = paced(report, bytes_per_s)
        sent, started, said_at = 0, time.monotonic(), 0.0
        with self._errors(path), Path(source).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = self._ftp.transfercmd(f"STOR {path}")
            try:
                while piece := file.read(_PIECE):
                    self._check_cancelled(path, sent)
                    data.sendall(piece)
                    sent += len(piece)
                    now = time.monotonic()
                    if now - said_at >= _REPORT_S:
                        said_at = now
                        report(PushProgress(sent, size, sent / max(now - started, 1e-6)))
            finally:
                data.close()
            self._ftp.voidresp()
        report(PushProgress(sent, size, sent / max(time.monotonic() - started, 1e-6)))
        return sent

    def read(self, path: str, sink: Callable[[bytes], object]) -> int:
        """Read a whole file."""
        done = 0

        def take(data: bytes) -> None:
            nonlocal done
            self._check_cancelled(path, done)
            done += len(data)
            sink(data)

        with self._errors(path):
            self._ftp.retrbinary(f"RETR {path}", take, _PIECE)
        return done

    def digest(self, path: str, algorithm: str) -> str | None:
        """FTP servers have no hash that can be counted on."""
        return None

    def close(self) -> None:
        """Close the session."""
        self._ftp.close()

    def _check_cancelled(self, path: str, done: int) -> None:
        if self._observer.cancelled():
            self._ftp.close()
            raise Cancelled(device=self._server, detail=f" after {done} bytes of {path}")

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except SwimError:
            raise
        except (ftplib.Error, EOFError, OSError) as err:
            raise ServerError(server=self._server, detail=f"FTP, {what}: {neutral(str(err)).lower()}") from err


class _Connection(http.client.HTTPConnection):
    def __init__(self, host: str, port: int, dial: Dial, *, secure: bool) -> None:
        super().__init__(host, port, timeout=_LIMIT_S)
        self._dial = dial
        self._secure = secure

    def connect(self) -> None:
        """Over the given way; a certificate must be one that this machine trusts."""
        sock = self._dial(self.port)
        sock.settimeout(_LIMIT_S)
        if self._secure:
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=self.host)
        self.sock = sock


def http_read(
    dial: Dial, host: str, port: int, path: str, login: Login, server: str, *, secure: bool, most: int = 1 << 20
) -> tuple[int, bytes]:
    """Status and the first `most` bytes of one GET. Errors: ServerError."""
    connection = _Connection(host, port, dial, secure=secure)
    headers: dict[str, Any] = {"Connection": "close"}
    if login.username:
        pair = f"{login.username}:{login.password.reveal()}".encode()
        headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
    try:
        connection.request("GET", quote("/" + path.lstrip("/")), headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(most)
    except (OSError, http.client.HTTPException) as err:
        name = "HTTPS" if secure else "HTTP"
        raise ServerError(server=server, detail=f"{name}: {neutral(str(err) or type(err).__name__).lower()}") from err
    finally:
        connection.close()
