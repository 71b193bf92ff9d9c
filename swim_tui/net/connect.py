"""From a socket to an authenticated transport: greeting, key exchange, host key, login; each failure has its name."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Any, NoReturn

import paramiko

from swim_tui.errors import ConnectError, ConnectRefused, ConnectTimeout, JumpError, NoCommonAlgorithm, NoFreeVty
from swim_tui.model.endpoint import HostKey, HostKeyPolicy
from swim_tui.model.secret import Login
from swim_tui.net.algorithms import prefer
from swim_tui.net.auth import Authenticator
from swim_tui.net.bulk import ByteSocket, tcp_options
from swim_tui.net.contract import SessionObserver
from swim_tui.net.hosts import HostBook, Place
from swim_tui.net.transport import SwimTransport

_CODE_WAIT_S = 900.0  # a person looks for his token; the server usually gives up before that
_HOP_DEAD_S = 30.0
_DEVICE_DEAD_S = 150.0  # a device with slow flash may keep its TCP window shut for long


def tcp_connect(place: Place, timeout_s: float, keepalive_s: float) -> socket.socket:
    """A connected TCP socket. Errors: ConnectRefused, ConnectTimeout, ConnectError; JumpError if the place is a hop."""
    where: dict[str, Any] = {
        "device": place.device,
        "address": place.address,
        "port": place.port,
        "hop": place.hop,
    }
    try:
        sock = socket.create_connection((place.address, place.port), timeout_s)
    except TimeoutError as err:
        if place.hop:
            raise JumpError(**where, detail=f"no answer within {timeout_s:g} s") from err
        raise ConnectTimeout(**where, limit_s=timeout_s) from err
    except ConnectionRefusedError as err:
        if place.hop:
            raise JumpError(**where, detail="connection refused") from err
        raise ConnectRefused(**where) from err
    except OSError as err:
        detail = err.strerror or str(err)
        raise (JumpError if place.hop else ConnectError)(**where, detail=detail) from err
    tcp_options(sock, idle_s=keepalive_s, dead_s=_HOP_DEAD_S if place.hop else _DEVICE_DEAD_S)
    return sock


def open_transport(
    sock: ByteSocket,
    place: Place,
    login: Login,
    book: HostBook,
    observer: SessionObserver,
    *,
    given: Iterable[HostKey],
    policy: HostKeyPolicy,
    legacy: bool,
    timeout_s: float,
    keepalive_s: float,
) -> SwimTransport:
    """Greet, check the host key, log in once. Closes the socket on any error."""
    given = tuple(given)
    transport = SwimTransport(sock, legacy=legacy)
    ready = False
    try:
        known_types = tuple(key.split()[0] for key in book.known(place, given))
        prefer(transport, legacy=legacy, known_key_types=known_types)
        _handshake(transport, place, timeout_s)
        book.check(place, transport.get_remote_server_key(), given, policy, observer)
        transport.auth_timeout = _CODE_WAIT_S if login.one_time_code else max(timeout_s, 30.0)
        Authenticator(transport, login, place, observer, legacy=legacy).run()
        transport.set_keepalive(max(1, int(keepalive_s)))
        ready = True
    finally:
        if not ready:
            transport.close()
            sock.close()
    return transport


def _handshake(transport: SwimTransport, place: Place, timeout_s: float) -> None:
    transport.banner_timeout = timeout_s
    transport.handshake_timeout = timeout_s
    where: dict[str, Any] = {
        "device": place.device,
        "address": place.address,
        "port": place.port,
        "hop": place.hop,
    }
    try:
        # the greeting and the key exchange have a limit each
        transport.start_client(timeout=2 * timeout_s)
    except paramiko.ssh_exception.IncompatiblePeer as err:
        offer = transport.offered_text()
        if place.hop:
            raise JumpError(**where, detail=f"no common SSH algorithm; it offers {offer}") from err
        raise NoCommonAlgorithm(**where, detail=f"it offers {offer}") from err
    except (paramiko.SSHException, EOFError, OSError) as err:
        # Paramiko words a time-out and a close alike ("Error reading SSH protocol banner"): only the cause tells
        timed_out = isinstance(err.__context__, TimeoutError) or transport.packetizer.handshake_timed_out()
        _greeting_failed(err, where, timeout_s, timed_out=timed_out, greeted=bool(transport.remote_version))
    if not transport.initial_kex_done:
        raise ConnectTimeout(**where, limit_s=timeout_s, detail="no answer to the key exchange")


def _greeting_failed(
    err: Exception, where: dict[str, Any], timeout_s: float, *, timed_out: bool, greeted: bool
) -> NoReturn:
    """Name what went wrong between the TCP connection and the login."""
    closed = isinstance(err, EOFError | OSError) or isinstance(err.__context__, EOFError | OSError)
    if timed_out:
        if where["hop"]:
            raise JumpError(**where, detail=f"no SSH greeting within {timeout_s:g} s") from err
        raise ConnectTimeout(**where, limit_s=timeout_s, detail="no SSH greeting") from err
    if where["hop"]:
        raise JumpError(**where, detail="closes the connection before the login" if closed else str(err)) from err
    if closed and not greeted:
        raise NoFreeVty(**where) from err
    raise ConnectError(**where, detail=str(err) or "closed during the key exchange") from err
