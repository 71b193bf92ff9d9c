"""Files on a SWIM server over SSH: SFTP for bytes and names, the server's own shell for hashes where it has one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from swim_tui.errors import NoSpace, ServerError, SizeMismatch, TransferRefused
from swim_tui.net.contract import SessionObserver
from swim_tui.net.meter import Report, paced
from swim_tui.net.sftp import SftpSession
from swim_tui.net.shell import Shell
from swim_tui.net.transport import SwimTransport


class SshStore:
    """One SFTP session on a transport of its own. Errors: ServerError, TransferLost, Stalled, Cancelled."""

    def __init__(self, transport: SwimTransport, server: str, observer: SessionObserver, stall_s: float) -> None:
        self._server = server
        self._shell = Shell(transport, server)
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
        return self._shell.digest(path, algorithm)

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
