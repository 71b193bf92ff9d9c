"""A private OpenSSH server on loopback with keys of its own: jump host and SCP target of the tests."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
USER = getpass.getuser()


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def make_key(path: Path, kind: str = "ed25519") -> Path:
    """A key pair without passphrase."""
    if not path.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(path)], check=True)
    return path


@dataclass
class Sshd:
    """One running sshd; `login_key` opens it."""

    folder: Path
    login_key: Path
    options: Sequence[str] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.host_key = make_key(self.folder / "host_key")
        self.log = self.folder / "sshd.log"

    @property
    def public_key(self) -> str:
        """The host key as `type base64`."""
        return " ".join(self.host_key.with_suffix(".pub").read_text().split()[:2])

    def log_text(self) -> str:
        """Everything sshd logged so far."""
        return self.log.read_text() if self.log.exists() else ""

    def start(self) -> Self:
        """Start and wait until it listens."""
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        given = {line.split()[0].lower() for line in self.options}
        base = [
            f"Port {self.port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {self.host_key}",
            f"AuthorizedKeysFile {self.login_key}.pub",
            f"PidFile {self.folder / 'pid'}",
            "StrictModes no",
            f"SetEnv HOME={self.folder}",  # the start-up files of the user's shell are not what is tested
            "UsePAM no",
            "PermitRootLogin yes",
            "PasswordAuthentication yes",
            "KbdInteractiveAuthentication no",
            "MaxStartups 200",
            "UseDNS no",
            "PrintMotd no",
            "LogLevel VERBOSE",
        ]
        lines = [line for line in base if line.split()[0].lower() not in given] + list(self.options)
        config = self.folder / "sshd_config"
        config.write_text("\n".join(lines) + "\n")
        self.process = subprocess.Popen([SSHD, "-D", "-f", str(config), "-E", str(self.log)])
        limit = time.monotonic() + 10
        while time.monotonic() < limit:
            with socket.socket() as sock:
                if sock.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError(f"sshd does not start: {self.log_text()}")

    def children(self) -> list[int]:
        """Processes that serve a connection."""
        return descendants(self.process.pid) if self.process is not None else []

    def kill_serving(self, number: int = signal.SIGKILL) -> None:
        """A signal to every process that serves a connection."""
        for pid in self.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """Kill the server and everything it serves, at once."""
        process = self.process
        if process is None:
            return
        pids = [process.pid, *self.children()]
        for pid in pids:
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                continue
        process.wait(10)
        self.process = None  # a test may end it from a thread of its own


def descendants(pid: int) -> list[int]:
    """Every process below one."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parent = int(stat.rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        for child in parents.get(queue.pop(), []):
            found.append(child)
            queue.append(child)
    return found


__all__ = ["SSHD", "USER", "Sshd", "descendants", "free_port", "make_key"]
