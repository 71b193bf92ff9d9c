"""Files on a SWIM server over SSH: SFTP for bytes and names, the server's own shell for hashes where it has one."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import paramiko

from swim_tui.errors import NoSpace, ServerError, SizeMismatch, TransferRefused
from swim_tui.net.contract import SessionObserver
from swim_tui.net.meter import Report, paced
from swim_tui.net.sftp import SftpSession
from swim_tui.net.text import neutral
from swim_tui.net.transport import SwimTransport, time_limit

_COMMAND_S = 30.0
_HASH_S = 1800.0
_OUTPUT_MAX = 65_536
_HEX = re.compile(r"\b([0-9a-f]{128}|[0-9a-f]{32})\b")
_HASHES = {
    "sha512": ("sha512sum --", "shasum -a 512 --", "sha512 -q"),
    "md5": ("md5sum --", "md5 -q"),
}


class SshStore:
    """One SFTP session on a transport of its own. Errors: ServerError, TransferLost, Stalled, Cancelled."""

    def __init__(self, transport: SwimTransport, server: str, observer: SessionObserver, stall_s: float) -> None:
        self._transport = transport
        self._server = server
        with self._named():
            self._sftp = SftpSession(transport, server, observer, stall_s)

    def size(self, path: str) -> int | None:
        """Bytes of a file, None when it is not there."""
        with self._named():
            found = self._sftp.stat(path)
        return found.size_bytes if found is not None else None

    def free(self, folder: str) -> int | None:
        """Free bytes where a folder lies, None when the server does not say."""
        with self._named():
            return self._sftp.free_bytes(folder or ".")

    def rename(self, old: str, new: str) -> None:
        """Give a file its name, replacing what had it."""
        with self._named():
            self._sftp.rename(old, new)

    def remove(self, path: str) -> None:
        """Remove a file; one that is not there is no error."""
        with self._named():
            self._sftp.remove(path)

    def write(self, source: str, path: str, *, resume: bool, report: Report, bytes_per_s: float) -> int:
        """Write local file `source` to `path`; returns the bytes sent now. `bytes_per_s` 0 = as fast as it goes."""
        with self._named():
            done = self._sftp.put(source, path, on_progress=paced(report, bytes_per_s), resume=resume)
        return done.sent

    def read(self, path: str, sink: Callable[[bytes], object]) -> int:
        """Read a whole file."""
        with self._named():
            return self._sftp.get(path, lambda data: (sink(data), None)[1], on_progress=lambda _: None).sent

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
                while len(text) < _OUTPUT_MAX and (data := channel.recv(4096)):
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

    @contextmanager
    def _named(self) -> Iterator[None]:
        """What the SFTP session says of devices, said of a server."""
        try:
            yield
        except NoSpace as err:
            detail = f"no room for {err.file}: {err.available} bytes free, {err.required} are needed"
            raise ServerError(server=self._server, detail=detail) from err
        except SizeMismatch as err:
            detail = f"{err.file} has {err.actual} bytes, {err.expected} expected"
            raise ServerError(server=self._server, detail=detail) from err
        except TransferRefused as err:
            detail = f"{err.file}: {err.detail}" if err.file else err.detail
            raise ServerError(server=self._server, detail=detail) from err
