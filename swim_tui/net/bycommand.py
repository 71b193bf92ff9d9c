"""Reaching on from a jump host that forbids forwarding: a command on it whose input and output are the connection."""

from __future__ import annotations

from typing import Any

import paramiko

from swim_tui.errors import ConnectError, ConnectRefused, ConnectTimeout, JumpError, NoFreeVty
from swim_tui.model.endpoint import Hop
from swim_tui.net.aim import DEFAULT_COMMAND, filled
from swim_tui.net.bulk import ChannelSocket
from swim_tui.net.hosts import Place
from swim_tui.net.text import neutral
from swim_tui.net.transport import SwimTransport, time_limit

_READ_BYTES = 1_024
_STATUS_S = 1.0  # the exit status may come a moment after the end of the stream
_STDERR_MAX = 2_048
_NOT_FOUND = 127
_NOT_ALLOWED = ("not found", "not permitted", "permission denied", "not allowed", "restricted", "usage:", "prohibited")


def open_by_command(transport: SwimTransport, hop: Hop, target: Place, timeout_s: float) -> ChannelSocket:
    """The byte stream of the hop's command, once the far end has said its first byte.

    An SSH server greets first: until then only the command's end and its stderr tell how the connect went.
    Errors: JumpError (no such command, or not allowed), ConnectRefused, ConnectTimeout, NoFreeVty, ConnectError.
    """
    command = filled(hop.template or DEFAULT_COMMAND, target.address, target.port, "", hop.login.username)
    where: dict[str, Any] = {"device": target.device, "address": hop.address, "port": hop.port, "hop": hop.name}
    try:
        channel = transport.open_session(timeout=timeout_s)
        transport.channel_timeout = timeout_s
        with time_limit(transport, max(timeout_s, 5.0)):
            channel.exec_command(command)
    except paramiko.ChannelException as err:
        why = f"gives no session for '{command}' ({err.text or err.code})"
        raise JumpError(**where, detail=why, answers=True) from err
    except (paramiko.SSHException, EOFError, OSError) as err:
        why = "the connection to it broke" if not transport.is_active() else f"refuses to run '{command}'"
        raise JumpError(**where, detail=why, answers=transport.is_active()) from err
    channel.settimeout(timeout_s)
    try:
        greeting = channel.recv(_READ_BYTES)
    except TimeoutError:
        channel.close()
        raise _silent(hop, target, timeout_s) from None
    if not greeting:
        raise _ended(channel, command, hop, target, timeout_s)
    return ChannelSocket(channel, transport, greeting)


def _silent(hop: Hop, target: Place, timeout_s: float) -> ConnectError:
    where: dict[str, Any] = {"device": target.device, "address": target.address, "port": target.port}
    if target.hop:
        return JumpError(**where, hop=target.hop, detail=f"no SSH greeting within {timeout_s:g} s")
    return ConnectTimeout(**where, hop=hop.name, limit_s=timeout_s, detail="no SSH greeting")


def _ended(channel: paramiko.Channel, command: str, hop: Hop, target: Place, timeout_s: float) -> ConnectError:
    """What the end of the command before any greeting means."""
    channel.status_event.wait(_STATUS_S)
    status = channel.recv_exit_status() if channel.exit_status_ready() else -1
    said = " ".join(neutral(_stderr(channel)).split())[-200:]  # what went wrong stands last
    channel.close()
    low = said.lower()
    where: dict[str, Any] = {"device": target.device, "address": target.address, "port": target.port}
    if status == _NOT_FOUND or any(word in low for word in _NOT_ALLOWED):
        at: dict[str, Any] = {"device": target.device, "address": hop.address, "port": hop.port, "hop": hop.name}
        return JumpError(**at, detail=f"cannot run '{command}': {said or f'exit status {status}'}", answers=True)
    if target.hop:
        return JumpError(**where, hop=target.hop, detail=f"not reached from {hop.name}: {said or 'closed at once'}")
    if "refused" in low:
        return ConnectRefused(**where, hop=hop.name)
    if "timed out" in low or "timeout" in low:
        return ConnectTimeout(**where, hop=hop.name, limit_s=timeout_s, detail=said)
    if not said and status <= 0:
        return NoFreeVty(**where, hop=hop.name)
    return ConnectError(**where, hop=hop.name, detail=f"from {hop.name}: {said or f'exit status {status}'}")


def _stderr(channel: paramiko.Channel) -> str:
    found = b""
    while channel.recv_stderr_ready() and len(found) < _STDERR_MAX:
        found += channel.recv_stderr(_STDERR_MAX)
    return found.decode("utf-8", "replace")
