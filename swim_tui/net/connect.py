"""From a socket to an authenticated transport: greeting, key exchange, host key, login; each failure has its name."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterable
from typing import Any, NoReturn, cast

import paramiko
from paramiko.transport import ServiceRequestingTransport

from swim_tui.errors import ConnectError, ConnectRefused, ConnectTimeout, JumpError, NoCommonAlgorithm, NoFreeVty
from swim_tui.model.endpoint import HostKey, HostKeyPolicy
from swim_tui.model.secret import Login
from swim_tui.net.algorithms import disabled_algorithms, prefer
from swim_tui.net.auth import Authenticator
from swim_tui.net.bulk import BulkPacketizer, ByteSocket, tcp_options
from swim_tui.net.contract import SessionObserver
from swim_tui.net.hosts import HostBook, Place

WINDOW = 1 << 22  # what a device may send us unasked: large enough for a pull over a slow round trip
_CODE_WAIT_S = 900.0  # a person looks for his token; the server usually gives up before that
_SERVICE_REQUEST = bytes((5,))
_SERVICE_POLL_S = 0.005
_FORWARD_PACKET = 32_768
_HOP_DEAD_S = 30.0
_DEVICE_DEAD_S = 150.0  # a device with slow flash may keep its TCP window shut for long

# Paramiko reports every failure it raises also as ERROR with a traceback; without a handler Python prints them.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class SwimTransport(ServiceRequestingTransport):
    """A paramiko transport that asks for the login service once and remembers what the server offered."""

    active: bool
    _service_userauth_accepted: bool
    # Each transport thread wakes this often for nothing; at 25 sessions behind a jump host 0.1 s is 500 times a second.
    _active_check_timeout = 0.5

    def __init__(self, sock: ByteSocket, *, legacy: bool) -> None:
        super().__init__(
            cast(Any, sock),
            default_window_size=WINDOW,
            disabled_algorithms=disabled_algorithms(legacy=legacy),
            packetizer_class=BulkPacketizer,
        )
        self.offered: dict[str, list[str]] = {}
        self.bulk = cast(BulkPacketizer, self.packetizer)
        self._opening = threading.local()
        self._open_failures: dict[int, tuple[int, str]] = {}

    def ensure_session(self) -> None:
        """Ask for the login service, once; the base class would wait for ever for a server that died meanwhile."""
        if self._service_userauth_accepted:
            return
        if not self.active or not self.initial_kex_done:
            raise paramiko.SSHException("no session")
        message = paramiko.Message()
        message.add_byte(_SERVICE_REQUEST)
        message.add_string("ssh-userauth")
        self.bulk.send_message(message)
        limit = time.monotonic() + self.auth_timeout
        while not self._service_userauth_accepted:
            if not self.is_active():
                raise paramiko.SSHException("closed before the login")
            if time.monotonic() >= limit:
                raise paramiko.SSHException("no answer to the request to log in")
            time.sleep(_SERVICE_POLL_S)  # Paramiko sets a flag here and no event
        self.auth_handler = self.get_auth_handler()

    def auth_none(self, username: str) -> list[str]:
        """Method `none`, for the list of methods the server takes (Paramiko 4.0 fails here: it calls None)."""
        self.ensure_session()
        handler: Any = self.auth_handler
        return list(handler.send_auth_request(username, "none", lambda message: None))

    def open_forward(self, address: str, port: int, timeout_s: float) -> paramiko.Channel:
        """A direct-tcpip channel. ChannelException carries the server's own words.

        Paramiko drops those words, and keeps the failure where the next thread to fail overwrites it.
        """
        try:
            return self.open_channel(
                "direct-tcpip", (address, port), ("127.0.0.1", 0), max_packet_size=_FORWARD_PACKET, timeout=timeout_s
            )
        except paramiko.SSHException as err:
            failure = self._open_failures.pop(getattr(self._opening, "channel", -1), None)
            if failure is None:
                raise
            raise paramiko.ChannelException(*failure) from err

    def _next_channel(self) -> int:
        self._opening.channel = number = int(super()._next_channel())  # type: ignore[misc]
        return number

    def _parse_channel_open_failure(self, m: paramiko.Message) -> None:
        number, reason, text = m.get_int(), m.get_int(), m.get_text()
        self._open_failures[number] = (reason, text)
        m.rewind()
        super()._parse_channel_open_failure(m)  # type: ignore[misc]

    def _parse_kex_init(self, m: paramiko.Message) -> None:
        self.offered = self._really_parse_kex_init(m, ignore_first_byte=False)  # type: ignore[attr-defined]
        m.rewind()
        super()._parse_kex_init(m)  # type: ignore[misc]

    def offered_text(self) -> str:
        """What the server offered, for a person."""
        names = {
            "kex_algo_list": "kex",
            "server_key_algo_list": "host key",
            "server_encrypt_algo_list": "cipher",
            "server_mac_algo_list": "MAC",
        }
        shown = []
        for key, name in names.items():
            values = [v for v in self.offered.get(key, []) if v and not v.startswith(("kex-strict", "ext-info"))]
            if values:
                shown.append(f"{name} {', '.join(values)}")
        return "; ".join(shown) or "nothing known"

    def algorithms(self) -> str:
        """Key exchange, host key type, cipher and MAC in use."""
        theirs = self.offered.get("kex_algo_list", [])
        kex = next((name for name in self.get_security_options().kex if name in theirs), "?")
        mac = "" if "gcm" in self.local_cipher else f", {self.local_mac}"
        return f"{kex}, {self.host_key_type}, {self.local_cipher}{mac}"


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
