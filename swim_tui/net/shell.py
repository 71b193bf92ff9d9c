"""The shell of a SWIM server: one command at a time over a transport that is there, and the hashes it computes."""

from __future__ import annotations

import hashlib
import re
import shlex

import paramiko

from swim_tui.errors import ServerError
from swim_tui.net.text import neutral
from swim_tui.net.transport import SwimTransport, time_limit

_COMMAND_S = 30.0
_HASH_S = 1800.0
_OUTPUT_MAX = 65_536
_HEX = re.compile(r"\b([0-9a-f]{128}|[0-9a-f]{32})\b")
_HASHES = {
    "sha512": ("sha512sum --", "shasum -a 512 --", "sha512 -q"),
    "md5": ("md5sum --", "md5 -q"),
}


class Shell:
    """Commands on a server; some servers run none."""

    def __init__(self, transport: SwimTransport, server: str) -> None:
        self._transport = transport
        self._server = server

    def command(self, line: str, limit_s: float = _COMMAND_S) -> tuple[int | None, str]:
        """Exit code and output of a shell command; None when the server runs no commands."""
        try:
            channel = self._transport.open_session(timeout=_COMMAND_S)
        except (paramiko.SSHException, EOFError, OSError):
            return None, ""
        try:
            with time_limit(self._transport, limit_s):
                channel.settimeout(limit_s)
                channel.exec_command(line)
                text = b""
                while len(text) < _OUTPUT_MAX and (data := channel.recv(4096)):
                    text += data
                code = channel.recv_exit_status()
        except paramiko.SSHException:
            return None, ""
        except (EOFError, OSError) as err:
            raise ServerError(server=self._server, detail=f"connection lost during '{line.split()[0]}'") from err
        finally:
            channel.close()
        return code, neutral(text.decode("utf-8", "replace"))

    def digest(self, path: str, algorithm: str) -> str | None:
        """The hash of a file; None when the server has no command for it."""
        for command in _HASHES[algorithm]:
            code, text = self.command(f"{command} {shlex.quote(path)}", _HASH_S)
            found = _HEX.search(text.lower())
            if code == 0 and found and len(found.group(1)) == hashlib.new(algorithm).digest_size * 2:
                return found.group(1)
            if code is None:
                return None
        return None
