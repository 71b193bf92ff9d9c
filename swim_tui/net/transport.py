"""The transport: Paramiko's, with its waits bounded, its login race mended, and its memory of what the server said."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import paramiko
from paramiko.auth_handler import AuthOnlyHandler
from paramiko.transport import ServiceRequestingTransport

from swim_tui.net.algorithms import disabled_algorithms
from swim_tui.net.bulk import BulkPacketizer, ByteSocket

WINDOW = 1 << 22  # what a device may send us unasked: large enough for a pull over a slow round trip
_SERVICE_REQUEST = bytes((5,))
_USERAUTH_REQUEST = bytes((50,))
_SERVICE_POLL_S = 0.1  # how soon a connection that died meanwhile is noticed
_FORWARD_PACKET = 32_768

# Paramiko reports every failure it raises also as ERROR with a traceback; without a handler Python prints them.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


@contextmanager
def time_limit(transport: paramiko.Transport, seconds: float) -> Iterator[threading.Event]:
    """Close the transport when the body takes longer; the event then says so.

    Channel requests (pty, shell, exec) wait in Paramiko without a limit of their own.
    """
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        transport.close()

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()


class ForwardClosed(paramiko.SSHException):
    """The far end accepted the TCP connection and closed it before we could read."""


class _LoginHandler(AuthOnlyHandler):
    """Paramiko 4.0 makes the event it waits on after it has sent the request: a fast answer is then lost for ever."""

    def send_auth_request(
        self, username: str, method: str, finish_message: Callable[[paramiko.Message], None] | None = None
    ) -> list[str]:
        """Send one request and wait for its answer."""
        self.auth_method = method
        self.username = username
        message = paramiko.Message()
        message.add_byte(_USERAUTH_REQUEST)
        for text in (username, "ssh-connection", method):
            message.add_string(text)
        if finish_message is not None:
            finish_message(message)
        self.auth_event = event = threading.Event()
        self.transport.packetizer.send_message(message)
        return list(self.wait_for_response(event))


class SwimTransport(ServiceRequestingTransport):
    """A paramiko transport that asks for the login service once and remembers what the server offered."""

    active: bool
    _service_userauth_accepted: bool
    # Each transport thread wakes this often for nothing; at 25 sessions behind a jump host 0.1 s is 500 times a second.
    _active_check_timeout = 0.5

    def __init__(self, sock: ByteSocket, *, legacy: bool) -> None:
        self._accepted = threading.Event()
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
            self._accepted.wait(_SERVICE_POLL_S)
        self.auth_handler = self.get_auth_handler()

    def _parse_service_accept(self, m: paramiko.Message) -> None:
        super()._parse_service_accept(m)  # type: ignore[misc]  # it sets a flag, which nobody could wait for
        self._accepted.set()

    def get_auth_handler(self) -> AuthOnlyHandler:
        """The login handler of this transport."""
        return _LoginHandler(self)

    def auth_none(self, username: str) -> list[str]:
        """Method `none`, for the list of methods the server takes (Paramiko 4.0 itself fails here)."""
        self.ensure_session()
        handler: Any = self.auth_handler
        return list(handler.send_auth_request(username, "none"))

    def open_forward(self, address: str, port: int, timeout_s: float) -> paramiko.Channel:
        """A direct-tcpip channel. ChannelException carries the server's own words; ForwardClosed: open and shut again.

        Paramiko drops those words, and keeps the failure where the next thread to fail overwrites it.
        """
        try:
            return self.open_channel(
                "direct-tcpip", (address, port), ("127.0.0.1", 0), max_packet_size=_FORWARD_PACKET, timeout=timeout_s
            )
        except paramiko.SSHException as err:
            failure = self._open_failures.pop(getattr(self._opening, "channel", -1), None)
            if failure is not None:
                raise paramiko.ChannelException(*failure) from err
            if self.is_active() and "timeout" not in str(err).lower():
                raise ForwardClosed from err
            raise

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
