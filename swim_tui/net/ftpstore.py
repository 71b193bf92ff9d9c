"""SWIM servers over FTP, direct or through the jump chain: an upload goes on behind the part that is there."""

from __future__ import annotations

import ftplib
import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from swim_tui.errors import (
    AuthError,
    ConnectError,
    ServerError,
    SwimError,
)
from swim_tui.model.secret import Login
from swim_tui.net.contract import SessionObserver
from swim_tui.net.meter import Meter, Report, paced
from swim_tui.net.plainstore import Dial
from swim_tui.net.text import neutral
from swim_tui.net.transfer import Transfer, local_file

_PIECE = 65_536
_LEAST_S = 10.0  # a command line has this long even where stalls are noticed sooner
_LAST_ANSWER_S = 300.0  # a server may answer only when its disk has everything
_TAIL = 32_768  # of a part this much is compared before an upload goes on behind it
_UNKNOWN = ("500", "502", "504")  # the server does not know the command
_FULL = re.compile(r"\A(?:452|552)|no space|disk full|quota|writing to local file", re.I)


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

    def last_answer(self, limit_s: float) -> None:
        """The answer to a whole transfer."""
        if self.sock is not None:
            self.sock.settimeout(limit_s)
        self.voidresp()
        if self.sock is not None:
            self.sock.settimeout(self.timeout)


class FtpStore(Transfer):
    """One FTP session; the same methods as SshStore.

    Errors: AuthError, ConnectError, ServerError, TransferLost, Stalled, Cancelled.
    """

    def __init__(
        self, dial: Dial, port: int, login: Login, server: str, observer: SessionObserver, stall_s: float
    ) -> None:
        super().__init__(server, observer, stall_s)
        try:
            self._ftp = _Ftp(dial, port, max(_LEAST_S, stall_s))
            try:
                self._ftp.login(login.username or "anonymous", login.password.reveal() or "anonymous@")
                self._ftp.voidcmd("TYPE I")
            except BaseException:
                self._ftp.close()
                raise
        except SwimError:
            raise  # a way through jump hosts has words of its own
        except ftplib.error_perm as err:
            words = neutral(str(err)[4:])
            raise AuthError(device=server, address=server, profile=login.profile, detail=words) from err
        except (ftplib.Error, EOFError, OSError) as err:
            words = _words(err) or "closed before the login"
            raise ConnectError(device=server, address=server, port=port, detail=f"FTP: {words}") from err

    def size(self, path: str) -> int | None:
        """Bytes of a file, None when it is not there."""
        with self._errors(path):
            try:
                return self._ftp.size(path)
            except ftplib.error_perm as err:
                if str(err)[:3] in _UNKNOWN:
                    detail = "its FTP server does not know SIZE, so no copy could be compared: give it SFTP or SCP"
                    raise ServerError(server=self._device, detail=detail) from err
                return None

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
        """Write local file `source` to `path`, with `resume` behind a part that ends as the source does there; the
        bytes sent now. What proves the content is a hash, which the caller asks for."""
        with local_file(source, self._device) as file, self._errors(path):
            size = os.fstat(file).st_size
            begin = self._resume_at(file, path, size) if resume else 0
            self._meter = Meter(size, paced(report, bytes_per_s), begin)
            self._meter.start()
            if begin < size or not size:
                self._send(file, path, begin)
        there = self.size(path)
        if there is not None and there != size:
            raise ServerError(server=self._device, detail=f"{path} has {there} bytes, {size} expected")
        self._meter.finish()
        return size - begin

    def read(self, path: str, sink: Callable[[bytes], object]) -> int:
        """Read a whole file."""
        self._meter = Meter(0, lambda _: None)
        self._meter.start()

        def take(data: bytes) -> None:
            self._check_cancelled()
            self._meter.add(len(data))
            sink(data)

        with self._errors(path):
            self._ftp.retrbinary(f"RETR {path}", take, _PIECE)
        return self._meter.done

    def digest(self, path: str, algorithm: str) -> str | None:
        """FTP servers have no hash that can be counted on."""
        return None

    def close(self) -> None:
        """Close the session."""
        self._ftp.close()

    # --- the bytes ---

    def _send(self, descriptor: int, path: str, begin: int) -> None:
        data = self._ftp.transfercmd(f"STOR {path}", rest=begin or None)
        data.settimeout(self._stall_s)
        try:
            while piece := os.pread(descriptor, _PIECE, self._meter.done):
                self._check_cancelled()
                self._send_piece(data, piece)
                self._meter.add(len(piece))
        except OSError as err:
            self._raise_its_words(err)
        finally:
            data.close()
        self._ftp.last_answer(max(self._stall_s, _LAST_ANSWER_S))

    def _send_piece(self, data: socket.socket, piece: bytes) -> None:
        view = memoryview(piece)
        while view:  # not sendall: its time limit is for all bytes together, and a slow server is not a stalled one
            view = view[data.send(view) :]

    def _raise_its_words(self, err: OSError) -> None:
        """A server that closes the data connection says why on the other one: a full disk, for one."""
        if isinstance(err, TimeoutError):
            raise err
        sock = self._ftp.sock
        if sock is not None:
            sock.settimeout(_LEAST_S)
        try:
            self._ftp.voidresp()
        except (OSError, EOFError):
            raise err from None

    def _resume_at(self, descriptor: int, path: str, size: int) -> int:
        """Where the upload may go on: the end of a part that ends as the source does there; else 0, it begins anew."""
        there = self.size(path)
        if not there or there > size:
            return 0
        start = max(0, there - _TAIL)
        tail = bytearray()
        try:
            self._ftp.retrbinary(f"RETR {path}", tail.extend, _PIECE, rest=start or None)
        except ftplib.error_perm:  # no REST, or a drop box that cannot be read
            return 0
        return there if bytes(tail) == os.pread(descriptor, there - start, start) else 0

    # --- ways to stop ---

    def _check_cancelled(self) -> None:
        if self._observer.cancelled():
            self._ftp.close()
        super()._check_cancelled()

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        """A broken line may be tried again, what the server refuses may not."""
        self._file = what
        try:
            yield
        except SwimError:
            raise
        except TimeoutError:
            self._stalled(self._stall_s)
        except (ftplib.error_perm, ftplib.error_proto, ftplib.error_reply) as err:
            raise self._no(what, err) from err
        except (ftplib.error_temp, EOFError, OSError) as err:
            if _FULL.search(str(err)):
                raise self._no(what, err) from err
            self._lost(_words(err) or "the server closed the connection")

    def _no(self, what: str, err: Exception) -> ServerError:
        words = _words(err)
        if _FULL.search(words):
            return ServerError(server=self._device, detail=f"no room for {what}: {words}")
        return ServerError(server=self._device, detail=f"FTP, {what}: {words}")


def _words(err: Exception) -> str:
    return neutral(getattr(err, "strerror", "") or str(err)).lower()
