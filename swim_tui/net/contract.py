"""What net offers to drivers: sessions that work dialogues, pushes that tell the truth, probes without a login."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from swim_tui.model.endpoint import Endpoint, HostKey
from swim_tui.model.phase import Direction
from swim_tui.model.plan import Line
from swim_tui.model.remote import RemoteFile
from swim_tui.model.server import ServerWay


class Ended(StrEnum):
    """How a command ended."""

    PROMPT = "prompt"
    LOST = "lost"  # EOF, reset, hang or closed channel: expected after a reload


@dataclass(frozen=True)
class Reply:
    """Output of one line: echo and prompt stripped, escape sequences neutralised, line ends as \\n."""

    text: str
    ended: Ended
    questions: tuple[str, ...] = ()  # questions that were met and answered, in order
    seconds: float = 0.0


class SessionObserver(Protocol):
    """Where a session reports every line it sends and receives (secrets already masked)."""

    def line(self, direction: Direction, text: str, *, changes: bool = False) -> None:
        """One line."""
        ...

    def host_key(self, key: HostKey, fingerprint: str) -> None:
        """A key was trusted on first use."""
        ...

    def cancelled(self) -> bool:
        """True when waiting loops should stop at once."""
        ...

    def one_time_code(self, hop: str, prompt: str) -> str | None:
        """Ask a person for a code; None = nobody answered."""
        ...


class Session(Protocol):
    """A logged-in control session in privileged exec mode."""

    hostname: str
    privilege: int | None
    algorithms: str  # kex, host key type, cipher as negotiated with the device

    def run(self, line: Line) -> Reply:
        """Send one exec line and work its dialogue: first matching answer wins, then the common table.

        Errors: UnknownPrompt (nothing answered, Ctrl-C sent), CommandRejected (caret, ambiguous, incomplete),
        NotAuthorised, PromptTimeout, ReadOnly (a changing line in a read-only session), Cancelled.
        A session that ends under the line is a Reply with ended=LOST, not an error.
        """
        ...

    def configure(self, lines: Sequence[Line]) -> Reply:
        """Enter configuration mode, send the lines one by one, leave it. Errors as `run`."""
        ...

    def alive(self) -> bool:
        """True while the channel is open (no line is sent)."""
        ...

    def idle_s(self) -> float:
        """Seconds since the last byte either way."""
        ...

    def close(self) -> None:
        """Log out; never raises."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class ProbeStage(StrEnum):
    """How far a probe without login came."""

    UNREACHABLE = "unreachable"  # time-out, no route, hop down
    REFUSED = "refused"
    CLOSED = "closed"  # TCP open, closed before the banner
    BANNER = "banner"


@dataclass(frozen=True)
class Probe:
    """One probe of a device's SSH port."""

    stage: ProbeStage
    detail: str = ""


@dataclass(frozen=True)
class PushProgress:
    """Bytes acknowledged into the channel so far."""

    sent: int
    size: int
    rate: float


@dataclass(frozen=True)
class PushResult:
    """A push whose last byte was answered. It proves nothing yet: size and hash on the device do.

    `sent` bytes moved now, behind `begin` bytes that were there from an earlier try.
    """

    sent: int
    seconds: float
    begin: int = 0


class Sftp(Protocol):
    """An open SFTP session; see `net.sftp.SftpSession` for paths, errors and what may be done after one."""

    def stat(self, path: str) -> RemoteFile | None:
        """Size, kind and time of a file; None when there is none."""
        ...

    def home(self) -> str:
        """The directory of the login, absolute."""
        ...

    def listing(self, path: str) -> list[RemoteFile]:
        """The entries of a directory."""
        ...

    def remove(self, path: str) -> bool:
        """Delete a file; False when there was none."""
        ...

    def rename(self, old: str, new: str) -> None:
        """Rename a file, replacing `new`."""
        ...

    def mkdir(self, path: str) -> None:
        """Make a directory."""
        ...

    def free_bytes(self, path: str) -> int | None:
        """Room in the file system of `path`; None when the server cannot tell."""
        ...

    def put(
        self,
        source: str,
        remote: str,
        *,
        on_progress: Callable[[PushProgress], None],
        resume: bool = False,
        last_answer_s: float = 300.0,
    ) -> PushResult:
        """Write local file `source` to `remote`, with `resume` behind a partial file that begins the same."""
        ...

    def get(
        self,
        remote: str,
        sink: Callable[[bytes], None],
        *,
        on_progress: Callable[[PushProgress], None],
        offset: int = 0,
    ) -> PushResult:
        """Read `remote` from `offset` to its end into `sink`, in order."""
        ...


class Store(Protocol):
    """Files of one SWIM server. Errors of every method: ServerError, TransferLost, Stalled, Cancelled."""

    def size(self, path: str) -> int | None:
        """Bytes of a file, None when it is not there."""
        ...

    def free(self, folder: str) -> int | None:
        """Free bytes where a folder lies, None when the server does not say."""
        ...

    def rename(self, old: str, new: str) -> None:
        """Give a file its name, replacing what had it."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file; one that is not there is no error."""
        ...

    def write(
        self, source: str, path: str, *, resume: bool, report: Callable[[PushProgress], None], bytes_per_s: float
    ) -> int:
        """Write local file `source` to `path`, at most `bytes_per_s` (0 = as fast as it goes); the bytes sent now."""
        ...

    def read(self, path: str, sink: Callable[[bytes], object]) -> int:
        """Read a whole file."""
        ...

    def digest(self, path: str, algorithm: str) -> str | None:
        """The hash that the server computes itself; None when it has no command for it."""
        ...

    def close(self) -> None:
        """Close the session and its connection."""
        ...


class Net(Protocol):
    """All of net that a driver needs; one per worker process, it shares one transport per hop among its tasks."""

    def session(self, endpoint: Endpoint, observer: SessionObserver, *, read_only: bool = False) -> Session:
        """Log in once (one attempt, one method). Errors: ConnectError and children, AuthError among them."""
        ...

    def push_scp(
        self,
        endpoint: Endpoint,
        observer: SessionObserver,
        source: str,
        remote: str,
        *,
        on_progress: Callable[[PushProgress], None],
        stall_s: float,
        last_answer_s: float,
    ) -> PushResult:
        """Push local file `source` to `remote` (`flash:/x.bin`) over an SSH connection of its own.

        Errors: TransferRefused, TransferLost, Stalled, Cancelled, ConnectError and children.
        """
        ...

    def pull_scp(
        self,
        endpoint: Endpoint,
        observer: SessionObserver,
        remote: str,
        sink: Callable[[bytes], None],
        *,
        on_progress: Callable[[PushProgress], None],
        stall_s: float,
    ) -> PushResult:
        """Read `remote` from the device (`scp -f`) into `sink`. Errors as push_scp."""
        ...

    def sftp(self, endpoint: Endpoint, observer: SessionObserver, *, stall_s: float) -> AbstractContextManager[Sftp]:
        """An SFTP session over an SSH connection of its own, to a device or a server; `with` closes it.

        Errors: TransferRefused (no SFTP server there), ConnectError and children.
        """
        ...

    def store(self, way: ServerWay, observer: SessionObserver, stall_s: float) -> Store:
        """Files of a SWIM server, logged in. Errors: ServerError, ConnectError and children."""
        ...

    def probe(self, endpoint: Endpoint, *, timeout_s: float) -> Probe:
        """TCP, then SSH banner, without login. Never raises for an unreachable device."""
        ...

    def close(self) -> None:
        """Close every shared transport."""
        ...
