"""A control session: netmiko's channel on a transport that we opened and logged in; our dialogue engine on it."""

from __future__ import annotations

import codecs
import logging
import re
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import paramiko
from netmiko.ssh_dispatcher import CLASS_MAPPER

from swim_tui.errors import AuthError, CommandRejected, ConnectError, ConnectTimeout, NotAuthorised
from swim_tui.model.endpoint import Endpoint, HostKeyPolicy
from swim_tui.model.phase import Direction
from swim_tui.model.plan import Line
from swim_tui.net.contract import Reply, SessionObserver
from swim_tui.net.dialogue import Dialogue
from swim_tui.net.transport import SwimTransport, time_limit

log = logging.getLogger(__name__)

_PREPARATION = ("terminal width 511", "terminal length 0")
_PRIVILEGE = re.compile(r"privilege level(?: is)?:?\s*(-?\d+)", re.I)
_NO_PRIVILEGE_LEVELS = ("cisco_xr",)  # task groups instead
_SHELL_TIMEOUT_S = 15.0
_READ_BYTES = 65_536


class _ReadyClient(paramiko.SSHClient):
    """The SSHClient that netmiko asks for, on a transport that is logged in already: connecting is not its business.

    Netmiko's own login would try agent keys, key files and the password in turn, and check no host key of ours.
    """

    def __init__(self, transport: paramiko.Transport) -> None:
        super().__init__()
        self._transport = transport

    def connect(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to do."""


class _ChannelWire:
    """Netmiko's channel with reads that wait and that see the end of the stream (netmiko's polling does not)."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._channel: paramiko.Channel = connection.remote_conn
        self._decoder = codecs.getincrementaldecoder(connection.encoding)("replace")

    def write(self, text: str) -> None:
        """Send keys."""
        if self._channel.closed:
            raise ConnectionResetError
        try:
            self._connection.write_channel(text)
        except (paramiko.SSHException, EOFError) as err:
            raise ConnectionResetError(str(err)) from err

    def read(self, timeout_s: float) -> str | None:
        """Text, "" after the time-out, None at the end."""
        self._channel.settimeout(max(timeout_s, 0.001))
        try:
            data = self._channel.recv(_READ_BYTES)
        except TimeoutError:
            return ""
        except OSError:
            return None
        return self._decoder.decode(data) if data else None


def _netmiko_connection(transport: SwimTransport, endpoint: Endpoint) -> Any:
    """A netmiko connection object with an open shell on our transport; it sends nothing by itself."""
    base = CLASS_MAPPER.get(endpoint.netmiko_type, CLASS_MAPPER["cisco_ios"])

    class Connection(base):  # type: ignore[misc, valid-type]
        def _get_ssh_client_instance(self) -> paramiko.SSHClient:
            return _ReadyClient(transport)

        def cleanup(self, command: str = "") -> None:
            """Logging out is ours: netmiko's presses RETURN, which may answer a question, and waits for a prompt."""

    connection = Connection(
        host=endpoint.address,
        port=endpoint.port,
        device_type=endpoint.netmiko_type,
        username=endpoint.login.username,
        auto_connect=False,
        allow_agent=False,
        use_keys=False,
    )
    connection.establish_connection()
    return connection


class ControlSession:
    """Implements `net.contract.Session`."""

    def __init__(
        self, transport: SwimTransport, endpoint: Endpoint, observer: SessionObserver, *, read_only: bool
    ) -> None:
        self._transport = transport
        self._endpoint = endpoint
        self.algorithms = transport.algorithms()
        self.hostname = ""
        self.privilege: int | None = None
        self._closed = False
        transport.channel_timeout = _SHELL_TIMEOUT_S
        where: dict[str, Any] = {"device": endpoint.device, "address": endpoint.address, "port": endpoint.port}
        with time_limit(transport, _SHELL_TIMEOUT_S) as expired:
            try:
                self._connection = _netmiko_connection(transport, endpoint)
            except (paramiko.SSHException, EOFError, OSError) as err:
                if expired.is_set():
                    raise ConnectTimeout(**where, limit_s=_SHELL_TIMEOUT_S, detail="no shell after the login") from err
                raise ConnectError(**where, detail=f"no shell after the login: {err or type(err).__name__}") from err
        self._dialogue = Dialogue(
            _ChannelWire(self._connection),
            observer,
            endpoint.login,
            device=endpoint.device,
            read_only=read_only,
            trust_first=endpoint.host_keys is HostKeyPolicy.TRUST_FIRST,
        )
        self._observer = observer
        self._prepare()

    def run(self, line: Line) -> Reply:
        """See the contract."""
        return self._dialogue.run(line)

    def configure(self, lines: Sequence[Line]) -> Reply:
        """See the contract."""
        return self._dialogue.configure(lines)

    def alive(self) -> bool:
        """True while the channel is open."""
        if self._closed or self._dialogue.lost or not self._transport.is_active():
            return False
        channel = self._connection.remote_conn
        return channel is not None and not channel.closed and not channel.eof_received

    def idle_s(self) -> float:
        """Seconds since the last byte either way."""
        return time.monotonic() - self._dialogue.moved_at

    def close(self) -> None:
        """Log out; never raises."""
        if self._closed:
            return
        idle = self.alive() and not self._dialogue.busy
        self._closed = True
        try:
            if idle:  # in the middle of a dialogue `exit` would be an answer
                self._connection.write_channel("exit\n")
            self._connection.disconnect()
        except (OSError, EOFError, paramiko.SSHException) as err:
            log.debug("closing %s: %s", self._endpoint.device, err)
        finally:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _prepare(self) -> None:
        """Find the prompt, take the terminal's limits away, become privileged, read the level."""
        base = self._dialogue.learn()
        self.hostname = base.rsplit(":", 1)[-1] if "/" in base else base
        for text in _PREPARATION:
            try:
                self._dialogue.run(Line(text, timeout_s=20.0))
            except (CommandRejected, NotAuthorised) as err:  # pages and wrapped echoes are handled anyway
                log.debug("%s: %s", self._endpoint.device, err)
        if not self._dialogue.prompt.privileged and self._endpoint.login.enable:
            self._enable()
        if self._endpoint.netmiko_type not in _NO_PRIVILEGE_LEVELS:
            self._read_privilege()

    def _enable(self) -> None:
        try:
            privileged = self._dialogue.enable()
        except NotAuthorised:
            privileged = False
        if not privileged:
            raise AuthError(
                device=self._endpoint.device,
                address=self._endpoint.address,
                port=self._endpoint.port,
                profile=self._endpoint.login.profile,
                detail="the enable secret is refused",
            )

    def _read_privilege(self) -> None:
        try:
            reply = self._dialogue.run(Line("show privilege", timeout_s=20.0))
        except (CommandRejected, NotAuthorised) as err:
            self._observer.line(Direction.NOTE, f"privilege level not known: {err.detail}")
            return
        found = _PRIVILEGE.search(reply.text)
        self.privilege = int(found.group(1)) if found else None
