"""Commands on a jump host that reach on: `nc HOST PORT` and `ssh -W HOST:PORT`, byte streams inside an exec session."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import asyncssh

from .wire import Host, Peer, SessionWire

_WITH_VALUE = {"nc": "wXxsip", "ssh": "olpiFJbEecDILmOQRSw"}


def target_of(command: str, known: tuple[str, ...]) -> tuple[str, int] | str:
    """Address and port that a command line wants to reach, or the shell's complaint."""
    try:
        words = shlex.split(command)
    except ValueError:
        return "sh: syntax error: unterminated quoted string"
    if not words:
        return "sh: no command"
    name = words[0].rpartition("/")[2]
    if name not in known:
        return f"sh: 1: {words[0]}: not found"
    plain, wanted, at = [], "", 1
    while at < len(words):
        word = words[at]
        if name == "ssh" and word == "-W" and at + 1 < len(words):
            wanted, at = words[at + 1], at + 1
        elif word.startswith("-") and len(word) == 2 and word[1] in _WITH_VALUE[name]:
            at += 1
        elif not word.startswith("-"):
            plain.append(word)
        at += 1
    if name == "nc" and len(plain) == 2:
        host, port = plain
    else:
        host, _, port = wanted.rpartition(":")
    if not host or not port.isdecimal():
        return f"usage: {'nc host port' if name == 'nc' else 'ssh -W host:port destination'}"
    return host.strip("[]"), int(port)


class ExecWire(SessionWire, asyncssh.SSHServerSession[bytes]):
    """A wire inside the session of a command that connects on."""

    def __init__(
        self,
        peer: Peer,
        commands: tuple[str, ...],
        reach: Callable[[str, int], Host | str],
        log: Callable[[str, str], None],
    ) -> None:
        super().__init__(peer)
        self._commands = commands
        self._reach = reach
        self._log = log
        self._host: Host | str = ""

    def shell_requested(self) -> bool:
        """A bastion gives no shell."""
        return False

    def exec_requested(self, command: str) -> bool:
        """Every command is taken; what it cannot do it says on stderr."""
        self._log("exec", command)
        target = target_of(command, self._commands)
        if isinstance(target, str):
            self._host = target
        else:
            found = self._reach(*target)
            name = command.split()[0]
            host, port = target
            words = f"{host} {port}" if name == "nc" else f"{host} port {port}"
            self._host = f"{name}: connect to {words} failed: {found}" if isinstance(found, str) else found
        return True

    def session_started(self) -> None:
        """Connect, or complain and end."""
        if isinstance(self._host, str):
            if self._chan is not None:
                self._chan.write_stderr(self._host.encode() + b"\n")
                self._chan.exit(127 if "not found" in self._host else 1)
            return
        self._host.accept(self)

    def close(self) -> None:
        """The far end closed: the command ends."""
        if not self.is_closing():
            self._chan.exit(0)
