"""Files on a SWIM server over SSH: SFTP for bytes and names, the server's own shell for hashes where it has one."""

from __future__ import annotations

import hashlib
import re
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import paramiko
from paramiko.sftp import CMD_EXTENDED, CMD_EXTENDED_REPLY

from swim_tui.errors import Cancelled, NoSpace, ServerError, Stalled, TransferError, TransferLost
from swim_tui.net.contract import PushProgress, SessionObserver
from swim_tui.net.text import neutral
from swim_tui.net.transport import SwimTransport, time_limit

Report = Callable[[PushProgress], None]

PIECE = 32_768  # what every SFTP server takes in one packet
_REPORT_S = 0.25
_COMMAND_S = 30.0
_HASH_S = 1800.0
_HEX = re.compile(r"\b([0-9a-f]{128}|[0-9a-f]{32})\b")
_HASHES = {
    "sha512": ("sha512sum --", "shasum -a 512 --", "sha512 -q"),
    "md5": ("md5sum --", "md5 -q"),
}


class SshStore:
    """One SFTP session on a transport of its own. Errors: ServerError, NoSpace, TransferLost, Stalled, Cancelled."""

    def __init__(self, transport: SwimTransport, server: str, observer: SessionObserver, stall_s: float) -> None:
        self._transport = transport
        self._server = server
        self._observer = observer
        self._stall_s = stall_s
        with self._errors("the SFTP subsystem"):
            transport.channel_timeout = _COMMAND_S
            sftp = paramiko.SFTPClient.from_transport(transport)
        if sftp is None:
            raise ServerError(server=server, detail="no SFTP session")
        self._sftp = sftp
        channel = sftp.get_channel()
        assert channel is not None  # it was opened a line ago
        channel.settimeout(stall_s)

    # --- names ---

    def size(self, path: str) -> int | None:
        """Bytes of a file, None when it is not there."""
        try:
            with self._errors(path):
                return self._sftp.stat(path).st_size
        except _Missing:
            return None

    def rename(self, old: str, new: str) -> None:
        """Give a file its name, replacing what had it."""
        with self._errors(new):
            try:
                self._sftp.posix_rename(old, new)
            except OSError:  # a server without the extension renames only where nothing stands in the way
                self._remove_quietly(new)
                self._sftp.rename(old, new)

    def remove(self, path: str) -> None:
        """Remove a file; one that is not there is no error."""
        try:
            with self._errors(path):
                self._sftp.remove(path)
        except _Missing:
            return

    def _remove_quietly(self, path: str) -> None:
        try:
            self._sftp.remove(path)
        except FileNotFoundError:
            return

    def free(self, folder: str) -> int | None:
        """Free bytes where a folder lies, None when the server does not say."""
        try:
            # the one private call: Paramiko has no statvfs
            request: Any = self._sftp._request  # type: ignore[attr-defined]
            kind, message = request(CMD_EXTENDED, "statvfs@openssh.com", folder or ".")
        except (OSError, paramiko.SSHException, EOFError):
            return None
        if kind != CMD_EXTENDED_REPLY:
            return None
        numbers = [int(message.get_int64()) for _ in range(5)]
        return numbers[1] * numbers[4] if numbers[1] else numbers[0] * numbers[4]

    # --- bytes ---

    def write(self, source: BinaryIO, size: int, path: str, offset: int, report: Report, bytes_per_s: float) -> int:
        """Write `source` from `offset` on to `path`; returns the bytes sent. `bytes_per_s` 0 = as fast as it goes."""
        source.seek(offset)
        sent, started, said_at = 0, time.monotonic(), 0.0
        mode = "r+" if offset else "w"
        with self._errors(path, lambda: offset + sent, size), self._sftp.open(path, mode) as out:
            out.set_pipelined(True)
            if offset:
                out.seek(offset)
            while data := source.read(PIECE):
                self._check_cancelled(path, offset + sent)
                out.write(data)
                sent += len(data)
                now = time.monotonic()
                if now - said_at >= _REPORT_S:
                    said_at = now
                    report(PushProgress(offset + sent, size, sent / max(now - started, 1e-6)))
                self._pace(sent, started, bytes_per_s)
        report(PushProgress(offset + sent, size, sent / max(time.monotonic() - started, 1e-6)))
        return sent

    def read(self, path: str, sink: Callable[[bytes], object]) -> int:
        """Read a whole file."""
        done = 0
        with self._errors(path, lambda: done), self._sftp.open(path, "r") as file:
            file.prefetch()
            while data := file.read(PIECE):
                self._check_cancelled(path, done)
                sink(data)
                done += len(data)
        return done

    def digest(self, path: str, algorithm: str) -> str | None:
        """The hash that the server computes itself; None when it has no command for it."""
        for command in _HASHES[algorithm]:
            code, text = self.command(f"{command} {shlex.quote(path)}", _HASH_S)
            found = _HEX.search(text.lower())
            if code == 0 and found and len(found.group(1)) == hashlib.new(algorithm).digest_size * 2:
                return found.group(1)
            if code is None:
                return None
        return None

    def command(self, line: str, limit_s: float = _COMMAND_S) -> tuple[int | None, str]:
        """Exit code and output of a shell command; None when the server runs no commands."""
        try:
            channel = self._transport.open_session(timeout=_COMMAND_S)
        except (paramiko.SSHException, EOFError, OSError):
            return None, ""
        try:
            with time_limit(self._transport, limit_s):
                channel.settimeout(limit_s)
                channel.exec_command(line)
                text = b""
                while (data := channel.recv(4096)) and len(text) < 65_536:
                    text += data
                code = channel.recv_exit_status()
        except paramiko.SSHException:
            return None, ""
        except (EOFError, OSError) as err:
            raise ServerError(server=self._server, detail=f"connection lost during '{line.split()[0]}'") from err
        finally:
            channel.close()
        return code, neutral(text.decode("utf-8", "replace"))

    def close(self) -> None:
        """Close the session and its connection."""
        self._sftp.close()
        self._transport.close()

    # --- helpers ---

    def _pace(self, sent: int, started: float, bytes_per_s: float) -> None:
        if bytes_per_s > 0:
            ahead = sent / bytes_per_s - (time.monotonic() - started)
            if ahead > 0.02:
                time.sleep(min(ahead, 1.0))  # a budget is a rate: this is its clock

    def _check_cancelled(self, path: str, done: int) -> None:
        if self._observer.cancelled():
            self._transport.close()
            raise Cancelled(device=self._server, detail=f" after {done} bytes of {path}")

    @contextmanager
    def _errors(self, path: str, done: Callable[[], int] = lambda: 0, size: int = 0) -> Iterator[None]:
        """What the SFTP client raises, under its right name."""
        try:
            yield
        except (Cancelled, TransferError, ServerError):
            raise
        except FileNotFoundError as err:
            raise _Missing(server=self._server, detail=f"{path}: no such file or directory") from err
        except TimeoutError as err:
            raise Stalled(device=self._server, file=path, sent=done(), idle_s=self._stall_s) from err
        except (EOFError, paramiko.SSHException, OSError) as err:
            if not self._transport.is_active():
                detail = str(err) or "connection closed"
                raise TransferLost(device=self._server, file=path, sent=done(), size=size, detail=detail) from err
            raise self._named(path, err, done(), size) from err

    def _named(self, path: str, err: Exception, done: int, size: int) -> ServerError | NoSpace:
        """SFTP has one word, Failure, for a full disk and for much else."""
        folder = path.rpartition("/")[0]
        if size:
            free = self.free(folder)
            if free is not None and free < max(1, size - done):
                return NoSpace(
                    device=self._server, file=path, file_system=folder or "~", required=size - done, available=free
                )
        words: Any = err.args[-1] if err.args else type(err).__name__
        return ServerError(server=self._server, detail=f"{path}: {neutral(str(words)).lower()}")


class _Missing(ServerError):
    """The file is not there."""
