"""The SSH side of a device: login, one session per connection, shell, exec and SCP."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import asyncssh

from .algorithms import served_by, server_options
from .device import Device, Phase
from .devicesftp import SftpSession
from .login import PasswordLogin
from .scp import ScpSession
from .terminal import Aborted, SessionClosed, Terminal
from .wire import Wire

if TYPE_CHECKING:
    from collections.abc import Coroutine

MAX_PACKET = 256 * 1024
MAX_WINDOW = 4 * 1024 * 1024
MAX_TRIES = 3


class Link:
    """One SSH connection to a device; it holds a vty from the first byte to the last."""

    def __init__(self, device: Device, wire: Wire) -> None:
        self.device = device
        self.wire = wire
        taken = {link.vty for link in device.links}
        self.vty: int = next(number for number in range(1000) if number not in taken)
        self.session = f"vty{self.vty}"
        self.username = ""
        self.privilege = 1
        self.failures = 0
        self.terminal: Terminal | None = None
        self.channel: asyncssh.SSHServerChannel[bytes] | None = None
        self.work: asyncio.Task[None] | None = None

    def log(self, event: str, line: str = "") -> None:
        """Write to the lab's log."""
        self.device.log(event, line, self.session)

    def die(self, death: str) -> None:
        """End as a device that reloads ends its sessions: eof, rst or hang."""
        if self.work is not None:
            self.work.cancel()
        if death == "hang":
            self.wire.freeze()
        elif death == "rst":
            self.wire.reset()
        else:
            self.wire.abort()
        self.gone()

    def gone(self) -> None:
        """The vty is free again."""
        if self in self.device.links:
            self.device.links.remove(self)
            self.log("closed")
        if self.terminal is not None:
            self.terminal.hang_up()


class DeviceServer(PasswordLogin):
    """asyncssh's view of one connection to a device."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self._has_session = False
        self._is_in = False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self.link.gone()

    def begin_auth(self, username: str) -> bool:
        """Everybody has to log in; the banner comes first."""
        self.link.username = username
        banner = self.link.device.spec.banner
        if banner and self._conn is not None and not self.link.failures:
            self._conn.send_auth_banner(banner.replace("\n", "\r\n") + "\r\n")
        return True

    def public_key_auth_supported(self) -> bool:
        """Newer devices, where the network has keys of users."""
        return bool(self.link.device.services.user_keys) and not self.link.device.platform.legacy_ssh

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Check a key; asyncssh asks again with the signature, so only the login itself is logged."""
        services = self.link.device.services
        return username == services.credentials.username and services.user_keys.knows(key)

    def auth_completed(self) -> None:
        """A login by key is known here only."""
        if not self._is_in and not self._has_session:
            self._logged_in(self.link.username, "key")

    def _logged_in(self, username: str, how: str = "") -> None:
        device, link = self.link.device, self.link
        fault = device.faults.get("privilege")
        link.privilege = int(fault.number) if fault else device.spec.privilege
        device.counters["logins"] += 1
        link.log("login", f"{username} {how}".strip())
        self._is_in = True

    def admits(self, username: str, password: str) -> bool:
        """A few wrong ones end the connection."""
        device, link = self.link.device, self.link
        users = device.services.credentials
        # Shortly after a boot the AAA server may not be reachable yet: right passwords fail too.
        is_known = username == users.username and password == users.password
        if is_known and datetime.now(UTC) >= device.auth_from:
            self._logged_in(username)
            return True
        device.counters["failed_logins"] += 1
        link.failures += 1
        link.log("login-failed", username)
        if link.failures >= MAX_TRIES:
            self.end_soon()
        return False

    def session_requested(self) -> Any:
        """One session per connection: IOS has no second channel to give."""
        if self._has_session or self._conn is None:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "no more sessions")
        self._has_session = True
        rate = push_rate(self.link.device)
        window = MAX_WINDOW if not rate else int(min(MAX_WINDOW, max(32768, rate / 8)))
        channel = self._conn.create_server_channel(
            encoding=None, window=window, max_pktsize=min(MAX_PACKET, max(32768, window // 4))
        )
        return channel, DeviceSession(self.link)


def push_rate(device: Device) -> float:
    """Bytes per second of an SCP transfer; 0 is unlimited."""
    fault = device.faults.get("slow")
    if fault is not None:
        return fault.number
    rate = device.spec.scp_bytes_s if device.spec.scp_bytes_s >= 0 else device.platform.scp_bytes_s
    return device.services.rate(rate)


class DeviceSession(asyncssh.SSHServerSession[bytes]):
    """The session channel: shell, exec or SCP."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self._chan: asyncssh.SSHServerChannel[bytes] | None = None
        self._on_data: Any = None
        self._on_eof: Any = None
        self._may_write: asyncio.Event | None = None
        self._start: Coroutine[Any, Any, None] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """The channel is there."""
        self._chan = self.link.channel = chan

    def pty_requested(self, term_type: str, term_size: Any, term_modes: Any) -> bool:
        """Granted; an IOS vty keeps its own 80x24 until told otherwise."""
        return True

    def shell_requested(self) -> bool:
        """Start the CLI."""
        self._start = self._serve(self.link.device.personality.shell(self.link))
        self._open_terminal()
        return True

    def exec_requested(self, command: str) -> bool:
        """SCP, or one CLI command."""
        words = command.split()
        if words and words[0] == "scp":
            assert self._chan is not None
            scp = ScpSession(self.link, self._chan, command, push_rate(self.link.device))
            self._on_data, self._on_eof = scp.data, scp.eof
            self._may_write = scp.may_write
            self._start = self._serve(scp.run())
        else:
            self._open_terminal()
            self._start = self._serve(self.link.device.personality.run_command(self.link, command))
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        """SFTP, on the few devices that have it."""
        device = self.link.device
        feature = device.platform.texts.get("sftp_feature", "none")
        has_sftp = feature == "always" or device.running.has(feature)
        if subsystem == "sftp" and has_sftp and self._chan is not None and not device.faults.has("scp_server_off"):
            sftp = SftpSession(self.link, self._chan, push_rate(device))
            self._on_data, self._on_eof = sftp.data, sftp.eof
            self._start = self._serve(sftp.run())
            return True
        self.link.log("subsystem-refused", subsystem)
        return False

    def _open_terminal(self) -> None:
        chan = self._chan
        assert chan is not None

        def write(data: bytes) -> None:
            if not chan.is_closing():
                chan.write(data)

        terminal = Terminal(write)
        terminal.idle_limit_s = self.link.device.platform.exec_timeout_s
        terminal.on_line = lambda text: self.link.log("line", text)
        terminal.on_key = lambda text: self.link.log("key", text)
        self.link.terminal = terminal
        self._on_data = terminal.feed

    def session_started(self) -> None:
        """Run what was asked for."""
        if self._start is not None:
            self.link.work = asyncio.get_running_loop().create_task(self._start)

    async def _serve(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (SessionClosed, Aborted):
            pass
        finally:
            if self.link.device.phase in (Phase.UP, Phase.EARLY):
                self._finish()

    def _finish(self) -> None:
        if self._chan is not None and not self._chan.is_closing():
            self._chan.exit(0)
        conn = self.link.wire.conn
        if conn is not None:
            # IOS ends the whole connection with its one session.
            asyncio.get_running_loop().call_later(0.05, conn.close)

    def data_received(self, data: bytes, datatype: asyncssh.DataType = None) -> None:
        """Bytes from the client."""
        if self._on_data is not None:
            self._on_data(data)

    def pause_writing(self) -> None:
        """The client reads too slowly."""
        if self._may_write is not None:
            self._may_write.clear()

    def resume_writing(self) -> None:
        """The client reads again."""
        if self._may_write is not None:
            self._may_write.set()

    def eof_received(self) -> bool:
        """The client sends no more."""
        if self._on_eof is not None:
            self._on_eof()
        elif self.link.terminal is not None:
            self.link.terminal.end_of_input()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone."""
        self._chan = None
        if self._on_eof is not None:
            self._on_eof()
        if self.link.terminal is not None:
            self.link.terminal.hang_up()


def session_through(device: Device, wire: Wire, conn: asyncssh.SSHServerConnection) -> DeviceServer:
    """The server of a device for a connection that a bastion has logged in; it holds a vty as any other."""
    link = Link(device, wire)
    device.links.append(link)
    link.username = device.services.credentials.username
    fault = device.faults.get("privilege")
    link.privilege = int(fault.number) if fault else device.spec.privilege
    device.counters["logins"] += 1
    link.log("login", link.username)
    server = DeviceServer(link)
    server.connection_made(conn)
    return server


def open_link(device: Device, wire: Wire) -> None:
    """Start SSH on a new connection to a device."""
    link = Link(device, wire)
    device.links.append(link)
    options = served_by(server_options(device), lambda: DeviceServer(link))
    wire.carry(asyncssh.SSHServerConnection(asyncio.get_running_loop(), options))
