"""Files on a SWIM server that has SCP and a shell, but no SFTP: nothing is resumed there, all else is the same."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from swim_tui.errors import ServerError, TransferRefused
from swim_tui.net.contract import PushProgress, SessionObserver
from swim_tui.net.meter import Report, paced
from swim_tui.net.push import ScpTransfer
from swim_tui.net.shell import Shell
from swim_tui.net.transport import SwimTransport

_LAST_ANSWER_S = 300.0
_NOT_THERE = "none"


class ScpStore:
    """Commands over one transport, each copy over another. Errors: ServerError, TransferLost, Stalled, Cancelled."""

    def __init__(
        self, open_one: Callable[[], SwimTransport], server: str, observer: SessionObserver, stall_s: float
    ) -> None:
        self._open = open_one
        self._server = server
        self._observer = observer
        self._stall_s = stall_s
        self._transport = open_one()
        self._shell = Shell(self._transport, server)

    def size(self, path: str) -> int | None:
        """Bytes of a file, None when it is not there."""
        file = shlex.quote(_plain(path))
        said = self._done(f"if [ -f {file} ]; then wc -c < {file}; else echo {_NOT_THERE}; fi", f"the size of {path}")
        if said == _NOT_THERE:
            return None
        if not (said.isascii() and said.isdigit()):
            raise ServerError(server=self._server, detail=f"the size of {path}: {said[:200] or 'no answer'}")
        return int(said)

    def free(self, folder: str) -> int | None:
        """Free bytes where a folder lies, None when the server does not say."""
        code, said = self._shell.command(f"df -Pk {shlex.quote(_plain(folder or '.'))}")
        fields = said.strip().splitlines()[-1].split() if code == 0 and said.strip() else []
        known = len(fields) >= 6 and fields[3].isascii() and fields[3].isdigit()
        return int(fields[3]) * 1024 if known else None

    def rename(self, old: str, new: str) -> None:
        """Give a file its name, replacing what had it."""
        self._done(f"mv -f {shlex.quote(_plain(old))} {shlex.quote(_plain(new))}", f"renaming {old} to {new}")

    def remove(self, path: str) -> None:
        """Remove a file; one that is not there is no error."""
        self._done(f"rm -f {shlex.quote(_plain(path))}", f"removing {path}")

    def write(self, source: str, path: str, *, resume: bool, report: Report, bytes_per_s: float) -> int:
        """Write local file `source` to `path`, from its beginning; the bytes sent. `bytes_per_s` 0 = no budget."""
        with self._copy(path) as copy:
            return copy.push(source, paced(report, bytes_per_s), _LAST_ANSWER_S).sent

    def read(self, path: str, sink: Callable[[bytes], object]) -> int:
        """Read a whole file."""

        def take(data: bytes) -> None:
            sink(data)

        with self._copy(path) as copy:
            return copy.pull(take, _unheard).sent

    def digest(self, path: str, algorithm: str) -> str | None:
        """The hash that the server computes itself; None when it has no command for it."""
        return self._shell.digest(_plain(path), algorithm)

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def _done(self, line: str, what: str) -> str:
        """The output of a command that must work."""
        code, said = self._shell.command(f"{{ {line}; }} 2>&1")
        if code is None:
            raise ServerError(server=self._server, detail="it has neither SFTP nor a shell to name files with")
        if code != 0:
            words = " ".join(said.split())[-200:] or f"exit code {code}"
            raise ServerError(server=self._server, detail=f"{what}: {words}")
        return said.strip()

    @contextmanager
    def _copy(self, path: str) -> Iterator[ScpTransfer]:
        """One transfer over a connection of its own; what a device would have refused, the server does."""
        transport = self._open()
        try:
            yield ScpTransfer(transport, self._server, _plain(path), self._observer, self._stall_s)
        except TransferRefused as err:
            detail = f"{err.file}: {err.detail}" if err.file else err.detail
            raise ServerError(server=self._server, detail=detail) from err
        finally:
            transport.close()


def _plain(path: str) -> str:
    """A path that no command takes for an option."""
    return f"./{path}" if path.startswith("-") else path


def _unheard(_: PushProgress) -> None:
    """What is read back is counted where it is taken."""
