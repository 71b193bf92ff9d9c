"""The jump host: a login, and direct-tcpip channels to devices that need no socket of their own."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

import asyncssh

from .algorithms import make_options, served_by
from .faults import JUMP_FAULTS, FaultSet
from .model import JumpSpec
from .services import Services
from .wire import ChannelWire, Host, Listener, Wire

CODE_LIFE_S = 30.0
CHANNEL_WINDOW = 8 * 1024 * 1024
CHANNEL_PACKET = 512 * 1024


class JumpHost:
    """One jump host of a lab; `table` names every host it can reach."""

    def __init__(
        self, spec: JumpSpec, services: Services, key: asyncssh.SSHKey, table: Mapping[tuple[str, int], Host]
    ) -> None:
        self.spec = spec
        self.name = spec.name
        self.services = services
        self.key = key
        self.table = table
        self.faults = FaultSet(JUMP_FAULTS)
        self.listener: Listener | None = None
        self.wires: set[Wire] = set()
        self.counters = {"logins": 0, "failed_logins": 0, "channels": 0}
        self.code = ""
        self.renew_code()
        self._options = make_options(key, "OpenSSH_8.0", is_legacy=False)
        if spec.otp:
            self.faults.add("otp")
        for text in spec.faults:
            self.faults.add(text)

    def renew_code(self) -> None:
        """A new one-time code; each is good for one login."""
        self.code = f"{secrets.randbelow(1_000_000):06d}"

    def log(self, event: str, line: str = "") -> None:
        """Write to the lab's log."""
        self.services.journal.write(self.name, event, line)

    def is_listening(self) -> bool:
        """Whether a connect succeeds now."""
        return not self.faults.has("dead")

    def apply_listening(self) -> None:
        """Open or close its TCP port."""
        if self.listener is not None:
            if self.is_listening():
                self.listener.open()
            else:
                self.listener.close()

    def accept(self, wire: Wire) -> None:
        """Serve a new connection."""
        if not self.is_listening():
            wire.close()
            return
        self.wires.add(wire)
        options = served_by(self._options, lambda: JumpServer(self, wire))
        wire.carry(asyncssh.SSHServerConnection(asyncio.get_running_loop(), options))

    def set_fault(self, text: str) -> None:
        """Give it a fault, now."""
        fault = self.faults.add(text)
        self.log("fault", text)
        if fault.name in ("dead", "drop_connections"):
            self.drop_all()
        if fault.name == "drop_connections":
            self.faults.clear("drop_connections")
        self.apply_listening()

    def clear_fault(self, name: str = "") -> list[str]:
        """Take one fault away, or all."""
        gone = self.faults.clear(name)
        self.apply_listening()
        return gone

    def drop_all(self) -> None:
        """Cut every connection."""
        for wire in list(self.wires):
            wire.reset()
        self.wires.clear()

    def stop(self) -> None:
        """The lab goes down."""
        for wire in list(self.wires):
            wire.close()
        if self.listener is not None:
            self.listener.give_up()

    def state(self) -> dict[str, Any]:
        """For the control socket; the code is there because somebody has to type it."""
        state: dict[str, Any] = {
            "name": self.name,
            "faults": self.faults.texts(),
            "counters": {**self.counters, "connections": len(self.wires)},
        }
        if self.faults.has("otp"):
            state["code"] = self.code
        return state


class JumpServer(asyncssh.SSHServer):
    """asyncssh's view of one connection to a jump host."""

    def __init__(self, jump: JumpHost, wire: Wire) -> None:
        self._jump = jump
        self._wire = wire
        self._conn: asyncssh.SSHServerConnection | None = None
        self._has_password = False
        self._failures = 0

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """The connection starts."""
        self._conn = conn

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._jump.wires.discard(self._wire)
        self._jump.log("closed")

    def begin_auth(self, username: str) -> bool:
        """Everybody has to log in."""
        if self._jump.spec.banner and self._conn is not None and not self._failures:
            self._conn.send_auth_banner(self._jump.spec.banner + "\r\n")
        return True

    def password_auth_supported(self) -> bool:
        """A one-time code cannot be given as a password."""
        return not self._jump.faults.has("otp")

    def kbdint_auth_supported(self) -> bool:
        """Yes."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Check a password."""
        users = self._jump.services.credentials
        return self._counted(username, username == users.jump_username and password == users.jump_password)

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        """The password, and in a second round the code."""
        self._has_password = False
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username: str, responses: Any) -> Any:
        """Check an answer; with otp a right password leads to the second question."""
        jump = self._jump
        users = jump.services.credentials
        if self._has_password:
            is_right = len(responses) == 1 and secrets.compare_digest(responses[0].strip(), jump.code)
            if is_right:
                jump.renew_code()
            return self._counted(username, is_right)
        is_right = username == users.jump_username and len(responses) == 1 and responses[0] == users.jump_password
        if is_right and jump.faults.has("otp"):
            self._has_password = True
            return "", "", "", [("One-time code: ", False)]
        return self._counted(username, is_right)

    def _counted(self, username: str, is_right: bool) -> bool:
        jump = self._jump
        jump.counters["logins" if is_right else "failed_logins"] += 1
        jump.log("login" if is_right else "login-failed", username)
        self._failures += not is_right
        if self._failures >= 3 and self._conn is not None:
            asyncio.get_running_loop().call_later(0.05, self._conn.abort)
        return is_right

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> Any:
        """A direct-tcpip channel: to a host of the lab, or refused as a real network would."""
        jump = self._jump
        jump.log("open", f"{dest_host}:{dest_port}")
        if jump.faults.has("refuse_forwarding"):
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "open failed")
        host = jump.table.get((dest_host, dest_port))
        if host is None:
            known = any(address == dest_host for address, _ in jump.table)
            reason = "Connection refused" if known else "No route to host"
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, reason)
        if not host.is_listening():
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "Connection refused")
        assert self._conn is not None
        jump.counters["channels"] += 1
        channel = self._conn.create_tcp_channel(window=CHANNEL_WINDOW, max_pktsize=CHANNEL_PACKET)
        return channel, ChannelWire((self._jump.spec.address, orig_port or 40000), host.accept)
