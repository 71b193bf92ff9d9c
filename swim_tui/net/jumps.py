"""Jump chains of any length: one shared transport for each chain of hops, whoever needs it."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from typing import Any

import paramiko

from swim_tui.errors import AuthError, ConnectError, ConnectRefused, ConnectTimeout, JumpError, NoFreeVty, SwimError
from swim_tui.model.device import HopMethod
from swim_tui.model.endpoint import Endpoint, Hop
from swim_tui.net.aim import aim_of
from swim_tui.net.bulk import ByteSocket, ChannelSocket
from swim_tui.net.bycommand import open_by_command
from swim_tui.net.connect import open_transport, tcp_connect
from swim_tui.net.contract import SessionObserver
from swim_tui.net.hosts import HostBook, Place
from swim_tui.net.transport import ForwardClosed, SwimTransport

# How long a refused login at a hop answers for later comers: those already on their way must not each try it again.
REFUSED_LOGIN_S = 30.0
_CODE_WAIT_S = 930.0
_CONNECT_FAILED = 2
_NO = {1: "administratively prohibited", 3: "unknown channel type", 4: "resource shortage"}

Chain = tuple[Hop, ...]


@dataclass(frozen=True)
class _Refusal:
    error: AuthError
    until: float


class JumpPool:
    """Shared transports by hop chain; safe for all threads of the process."""

    def __init__(self, book: HostBook) -> None:
        self._book = book
        self._lock = threading.Lock()
        self._transports: dict[Chain, Future[SwimTransport]] = {}
        self._refusals: dict[Chain, _Refusal] = {}
        self._closed = False

    def transport(self, endpoint: Endpoint, observer: SessionObserver) -> SwimTransport:
        """The transport to the last hop; connects once, everybody else waits for that one attempt.

        Errors: JumpError, AuthError, HostKeyError, ConnectTimeout.
        """
        self._book.renew(endpoint.trust_epoch)
        return self._chain(endpoint.hops, endpoint, observer)

    def socket(self, endpoint: Endpoint, observer: SessionObserver, timeout_s: float) -> ByteSocket:
        """A connected byte stream to the SSH server that a session logs in to, direct or through the chain.

        Errors: ConnectRefused, ConnectTimeout, ConnectError, and those of `transport`.
        """
        self._book.renew(endpoint.trust_epoch)
        aim = aim_of(endpoint)
        if not aim.hops:
            return tcp_connect(aim.place, timeout_s, endpoint.keepalive_s)
        return self._forward(aim.hops, endpoint, aim.place, observer, timeout_s)

    def reach(
        self, endpoint: Endpoint, method: HopMethod, template: str, observer: SessionObserver, timeout_s: float
    ) -> ByteSocket:
        """Try a method of the last hop, over the transport that its login gave. Errors as `socket`."""
        hop = replace(endpoint.hops[-1], method=method, template=template)
        place = Place(endpoint.address, endpoint.port, via=endpoint.via)
        transport = self._chain(endpoint.hops, endpoint, observer)
        return self._pass_on(transport, hop, place, timeout_s)

    def close(self) -> None:
        """Close every shared transport, the far ends first."""
        with self._lock:
            self._closed = True
            futures = sorted(self._transports.items(), key=lambda item: -len(item[0]))
            self._transports.clear()
        for _, future in futures:
            if future.done() and future.exception() is None:
                future.result().close()

    def _chain(self, hops: Chain, endpoint: Endpoint, observer: SessionObserver) -> SwimTransport:
        with self._lock:
            if self._closed:
                where = _where(hops[-1])
                raise JumpError(device=endpoint.device, **where, detail="this process is closing", answers=True)
            refusal = self._refusals.get(hops)
            if refusal and time.monotonic() < refusal.until:
                raise _copy(refusal.error, endpoint.device)
            future = self._transports.get(hops)
            if future is not None and not _usable(future):
                future = None
            mine = future is None
            if future is None:
                future = self._transports[hops] = Future()
        if mine:
            self._connect(hops, endpoint, observer, future)
        return self._wait(future, hops, endpoint)

    def _connect(
        self, hops: Chain, endpoint: Endpoint, observer: SessionObserver, future: Future[SwimTransport]
    ) -> None:
        hop = hops[-1]
        place = Place(hop.address, hop.port, device="", hop=hop.name, via=tuple(before.name for before in hops[:-1]))
        try:
            sock: ByteSocket
            if len(hops) == 1:
                sock = tcp_connect(place, endpoint.connect_timeout_s, endpoint.keepalive_s)
            else:
                sock = self._forward(hops[:-1], endpoint, place, observer, endpoint.connect_timeout_s)
            transport = open_transport(
                sock,
                place,
                hop.login,
                self._book,
                observer,
                given=endpoint.known_hosts,
                policy=endpoint.host_keys,
                legacy=False,
                timeout_s=endpoint.connect_timeout_s,
                keepalive_s=endpoint.keepalive_s,
            )
        except SwimError as err:
            self._forget(hops, future, err)
            return
        finally:
            if sys.exc_info()[0] is not None and not future.done():  # a bug must not leave the others waiting
                self._forget(hops, future, JumpError(**_where(hop), detail="internal error while connecting"))
        future.set_result(transport)
        with self._lock:
            late = self._closed
        if late:
            transport.close()

    def _forget(self, hops: Chain, future: Future[SwimTransport], err: SwimError) -> None:
        with self._lock:
            if self._transports.get(hops) is future:
                del self._transports[hops]
            if isinstance(err, AuthError):
                self._refusals[hops] = _Refusal(err, time.monotonic() + REFUSED_LOGIN_S)
        future.set_exception(err)

    def _wait(self, future: Future[SwimTransport], hops: Chain, endpoint: Endpoint) -> SwimTransport:
        person = any(hop.login.one_time_code for hop in hops)
        limit = _CODE_WAIT_S if person else len(hops) * (4 * endpoint.connect_timeout_s + 30.0)
        try:
            return future.result(limit)
        except SwimError as err:  # first: ConnectTimeout is a TimeoutError too
            raise _copy(err, endpoint.device) from err
        except FutureTimeout as err:
            raise JumpError(device=endpoint.device, **_where(hops[-1]), detail=f"not connected in {limit:g} s") from err

    def _forward(
        self, hops: Chain, endpoint: Endpoint, target: Place, observer: SessionObserver, timeout_s: float
    ) -> ChannelSocket:
        return self._pass_on(self._chain(hops, endpoint, observer), hops[-1], target, timeout_s)

    def _pass_on(self, transport: SwimTransport, hop: Hop, target: Place, timeout_s: float) -> ChannelSocket:
        if hop.method is HopMethod.EXEC:
            return open_by_command(transport, hop, target, timeout_s)
        try:
            channel = transport.open_forward(target.address, target.port, timeout_s)
        except ForwardClosed as err:
            if target.hop:
                raise JumpError(
                    address=target.address, port=target.port, hop=target.hop, detail="closes the connection at once"
                ) from err
            raise NoFreeVty(device=target.device, address=target.address, port=target.port, hop=hop.name) from err
        except paramiko.ChannelException as err:
            raise _refused(err, hop, target, timeout_s) from err
        except (paramiko.SSHException, EOFError, OSError) as err:
            if transport.is_active():
                if target.hop:
                    raise JumpError(
                        address=target.address, port=target.port, hop=target.hop, detail=f"no answer in {timeout_s:g} s"
                    ) from err
                raise ConnectTimeout(
                    device=target.device, address=target.address, port=target.port, hop=hop.name, limit_s=timeout_s
                ) from err
            raise JumpError(device=target.device, **_where(hop), detail="the connection to it broke") from err
        return ChannelSocket(channel, transport)


def _usable(future: Future[SwimTransport]) -> bool:
    """True while the attempt runs or its transport is alive."""
    if not future.done():
        return True
    return future.exception() is None and future.result().is_active()


def _where(hop: Hop) -> dict[str, Any]:
    return {"address": hop.address, "port": hop.port, "hop": hop.name}


def _refused(err: paramiko.ChannelException, hop: Hop, target: Place, timeout_s: float) -> ConnectError:
    """What a failed direct-tcpip means: the hop forbids it, or the target does not answer it (RFC 4254 section 5.1)."""
    text = (err.text or "").strip()
    low = text.lower()
    aim = f"{target.address}:{target.port}"
    if err.code != _CONNECT_FAILED:  # everything else is the hop's own no
        why = _NO.get(err.code, f"code {err.code}")
        detail = f"refuses to forward to {aim}: {why} ({text})"
        return JumpError(device=target.device, **_where(hop), detail=detail, answers=True)
    if target.hop:
        return JumpError(
            address=target.address, port=target.port, hop=target.hop, detail=f"not reached from {hop.name}: {text}"
        )
    where: dict[str, Any] = {
        "device": target.device,
        "address": target.address,
        "port": target.port,
        "hop": hop.name,
    }
    if "refused" in low:
        return ConnectRefused(**where)
    if "timed out" in low or "timeout" in low:
        return ConnectTimeout(**where, limit_s=timeout_s, detail=text)
    return ConnectError(**where, detail=f"from {hop.name}: {text or 'connect failed'}")


def _copy(err: SwimError, device: str) -> SwimError:
    """The same error for another waiter: exceptions must not be raised twice from several threads."""
    twin = type(err).__new__(type(err))
    twin.__dict__.update(err.__dict__)
    if not twin.device:
        twin.device = device
    return twin
