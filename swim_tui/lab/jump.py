"""The jump host: a login, and direct-tcpip channels to devices that need no socket of their own."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

import asyncssh

from .algorithms import make_options, new_host_key, served_by
from .device import Device
from .faults import JUMP_FAULTS, FaultSet
from .jumpexec import ExecWire
from .model import JumpSpec
from .services import Services
from .sessions import session_through
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
        if fault.name == "new_host_key":
            self.key = new_host_key(is_legacy=False)
            self._options = make_options(self.key, "OpenSSH_8.0", is_legacy=False)
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
        self._is_counted = False
        self._target = ""
        self._behind: asyncssh.SSHServer | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """The connection starts."""
        self._conn = conn

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._jump.wires.discard(self._wire)
        self._jump.log("closed")
        if self._behind is not None:
            self._behind.connection_lost(exc)

    def begin_auth(self, username: str) -> bool:
        """Everybody has to log in."""
        if self._jump.spec.banner and self._conn is not None and not self._failures:
            self._conn.send_auth_banner(self._jump.spec.banner + "\r\n")
        return True

    def public_key_auth_supported(self) -> bool:
        """Where the network has keys of users."""
        return bool(self._jump.services.user_keys) and not self._jump.spec.push

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Check a key; asyncssh asks again with the signature, so only the login itself is logged."""
        return self._is_known(username) and self._jump.services.user_keys.knows(key)

    def auth_completed(self) -> None:
        """A login by key is known here only."""
        if not self._is_counted and self._conn is not None:
            self._counted(str(self._conn.get_extra_info("username")), True)

    def password_auth_supported(self) -> bool:
        """A one-time code cannot be given as a password, nor a push be waited for."""
        return not self._jump.faults.has("otp") and not self._jump.spec.push

    def kbdint_auth_supported(self) -> bool:
        """Yes."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Check a password."""
        users = self._jump.services.credentials
        return self._counted(username, self._is_known(username) and password == users.jump_password)

    def _is_known(self, username: str) -> bool:
        """A bastion that takes the target in the user name knows its own user by it too: USER%ADDRESS."""
        users, jump = self._jump.services.credentials, self._jump
        if jump.spec.target_in_user and "%" in username:
            user, _, address = username.partition("%")
            self._target = address
            return user in (users.jump_username, users.username)
        return username == users.jump_username

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        """The password, and in a second round the code."""
        self._has_password = False
        return "", "", "", [("Password: ", False)]

    async def validate_kbdint_response(self, username: str, responses: Any) -> Any:
        """Check an answer; with otp or push a right password leads to the second question."""
        jump = self._jump
        if self._has_password and jump.spec.push:
            return await self._pushed(username, responses)
        users = jump.services.credentials
        if self._has_password:
            is_right = len(responses) == 1 and secrets.compare_digest(responses[0].strip(), jump.code)
            if is_right:
                jump.renew_code()
            return self._counted(username, is_right)
        is_right = self._is_known(username) and len(responses) == 1 and responses[0] == users.jump_password
        if is_right and jump.spec.push:
            self._has_password = True
            if jump.spec.push == "silent":
                return "", "A push was sent: approve it on your phone.", "", []
            return "", "Duo two-factor login\n1. Push to phone 1234", "", [("Passcode or option (1-1): ", True)]
        if is_right and jump.faults.has("otp"):
            self._has_password = True
            return "", "", "", [("One-time code: ", False)]
        return self._counted(username, is_right)

    async def _pushed(self, username: str, responses: Any) -> bool:
        """Somebody approves after a while; a wrong option is refused at once."""
        spec = self._jump.spec
        if spec.push == "asks" and list(responses) != ["1"]:
            return self._counted(username, False)
        self._jump.log("push", username)
        await asyncio.sleep(spec.push_s / self._jump.services.time_scale)
        return self._counted(username, True)

    def session_requested(self) -> Any:
        """A session of its own for commands that reach on, or the target's for a user name that names it."""
        jump, conn = self._jump, self._conn
        assert conn is not None
        if self._target:
            host = next((h for (address, _), h in jump.table.items() if address == self._target), None)
            if not isinstance(host, Device) or not host.is_listening():
                raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, f"cannot reach {self._target}")
            jump.log("open", self._target)
            if self._behind is None:
                self._behind = session_through(host, self._wire, conn)
            return self._behind.session_requested()
        if not jump.spec.commands:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "no sessions here")
        channel = conn.create_server_channel(encoding=None, window=CHANNEL_WINDOW, max_pktsize=CHANNEL_PACKET)
        return channel, ExecWire((jump.spec.address, 40000), jump.spec.commands, self._reached, jump.log)

    def _reached(self, address: str, port: int) -> Host | str:
        """The host at an address, or what a connect to it ends with."""
        table = self._jump.table
        host = table.get((address, port))
        if host is not None and host.is_listening():
            return host
        is_known = any(known == address for known, _ in table)
        return "Connection refused" if is_known else "No route to host"

    def _counted(self, username: str, is_right: bool) -> bool:
        jump = self._jump
        self._is_counted = is_right
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
        if jump.faults.has("refuse_forwarding") or not jump.spec.forwarding:
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
