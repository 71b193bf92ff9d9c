"""SshNet: all of net for one worker process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from swim_tui.model.endpoint import Endpoint, HostKey
from swim_tui.model.phase import Direction
from swim_tui.model.server import ServerWay
from swim_tui.net.aim import aim_of
from swim_tui.net.bulk import ByteSocket
from swim_tui.net.connect import open_transport
from swim_tui.net.contract import Probe, PushProgress, PushResult, Session, SessionObserver, Store
from swim_tui.net.hosts import HostBook
from swim_tui.net.jumps import JumpPool
from swim_tui.net.probe import probe
from swim_tui.net.push import ScpTransfer
from swim_tui.net.servers import open_store
from swim_tui.net.session import ControlSession
from swim_tui.net.sftp import SftpSession
from swim_tui.net.transport import SwimTransport


class _ProbeObserver:
    """A probe has nobody to talk to: no code is given, and keys it learns wait for the next session's observer."""

    def __init__(self) -> None:
        self._learned: list[tuple[HostKey, str]] = []
        self._lock = threading.Lock()

    def line(self, direction: Direction, text: str, *, changes: bool = False) -> None:
        """Nothing is typed by a probe."""

    def host_key(self, key: HostKey, fingerprint: str) -> None:
        """Kept until somebody can hear it."""
        with self._lock:
            self._learned.append((key, fingerprint))

    def cancelled(self) -> bool:
        """A probe has its own short limit."""
        return False

    def one_time_code(self, hop: str, prompt: str) -> str | None:
        """Nobody is asked for a code only to knock at a port."""
        return None

    def tell(self, observer: SessionObserver) -> None:
        """Report what was learned."""
        with self._lock:
            learned, self._learned = self._learned, []
        for key, shown in learned:
            observer.host_key(key, shown)


class SshNet:
    """Implements `net.contract.Net`; one per worker process, used by all its threads."""

    def __init__(self, user_known_hosts: Path | None = None) -> None:
        """`user_known_hosts` is read, never written; default ~/.ssh/known_hosts."""
        self._book = HostBook(user_known_hosts or Path.home() / ".ssh" / "known_hosts")
        self._pool = JumpPool(self._book)
        self._probe_observer = _ProbeObserver()

    def session(self, endpoint: Endpoint, observer: SessionObserver, *, read_only: bool = False) -> Session:
        """See the contract."""
        transport = self._transport(endpoint, observer)
        ready = False
        try:
            session = ControlSession(transport, endpoint, observer, read_only=read_only)
            ready = True
        finally:
            if not ready:
                transport.close()
        return session

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
        """See the contract."""
        transport = self._transport(endpoint, observer)
        try:
            transfer = ScpTransfer(transport, endpoint.device, remote, observer, stall_s)
            return transfer.push(source, on_progress, last_answer_s)
        finally:
            transport.close()

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
        """See the contract."""
        transport = self._transport(endpoint, observer)
        try:
            return ScpTransfer(transport, endpoint.device, remote, observer, stall_s).pull(sink, on_progress)
        finally:
            transport.close()

    def sftp(self, endpoint: Endpoint, observer: SessionObserver, *, stall_s: float) -> SftpSession:
        """See the contract."""
        transport = self._transport(endpoint, observer)
        ready = False
        try:
            session = SftpSession(transport, endpoint.device, observer, stall_s)
            ready = True
        finally:
            if not ready:
                transport.close()
        return session

    def probe(self, endpoint: Endpoint, *, timeout_s: float) -> Probe:
        """See the contract."""
        return probe(self._pool, endpoint, self._probe_observer, timeout_s)

    def open(self, endpoint: Endpoint, observer: SessionObserver) -> SwimTransport:
        """A transport of its own, logged in (see net.servers)."""
        return self._transport(endpoint, observer)

    def stream(self, endpoint: Endpoint, observer: SessionObserver) -> ByteSocket:
        """A byte stream to the endpoint's port, direct or through the chain."""
        return self._pool.socket(endpoint, observer, endpoint.connect_timeout_s)

    def store(self, way: ServerWay, observer: SessionObserver, stall_s: float) -> Store:
        """Files of a SWIM server."""
        return open_store(self, way, observer, stall_s)

    def close(self) -> None:
        """Close every shared transport."""
        self._pool.close()

    def _transport(self, endpoint: Endpoint, observer: SessionObserver) -> SwimTransport:
        """A transport of its own to the device, logged in."""
        self._probe_observer.tell(observer)
        aim = aim_of(endpoint)
        sock = self._pool.socket(endpoint, observer, endpoint.connect_timeout_s)
        return open_transport(
            sock,
            aim.place,
            aim.login,
            self._book,
            observer,
            given=endpoint.known_hosts,
            policy=endpoint.host_keys,
            legacy=aim.legacy_ssh,
            timeout_s=endpoint.connect_timeout_s,
            keepalive_s=endpoint.keepalive_s,
        )
