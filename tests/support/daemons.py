"""Real servers on loopback, each with a configuration of the test's own: vsftpd, nginx and tftpd-hpa."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest

from swim_tui.net.serve.certificate import certificate
from tests.integration.net.sshd import descendants, free_port

FTP_USER, FTP_PASSWORD = "anonymous", "only-this-0ne"


def binary(name: str) -> str:
    """Path of a server; where it is not installed the test is skipped, in CI it fails."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} must be installed in CI")
        pytest.skip(f"{name} is not installed")
    return found


@dataclass
class Daemon(ABC):
    """One server process in the foreground; `with` ends it and everything it serves."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        """What it serves."""
        path = self.folder / "home"
        path.mkdir(parents=True, exist_ok=True)
        return path

    @abstractmethod
    def command(self) -> list[str]:
        """How it is started."""

    def answers(self) -> bool:
        """True when it can be asked."""
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0

    def start(self) -> Self:
        """Start and wait until it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        log = (self.folder / "log").open("ab")
        with log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        limit = time.monotonic() + 20
        while time.monotonic() < limit and self.process.poll() is None:
            if self.answers():
                return self
            time.sleep(0.02)
        raise RuntimeError(f"{self.command()[0]} does not start: {(self.folder / 'log').read_text()}")

    def serving(self) -> list[int]:
        """Processes that serve a connection."""
        return descendants(self.process.pid) if self.process is not None else []

    def kill_serving(self, number: int = signal.SIGKILL) -> None:
        """A signal to every process that serves a connection."""
        for pid in self.serving():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self) -> None:
        """End it, at once."""
        process, self.process = self.process, None
        if process is None:
            return
        for pid in (process.pid, *descendants(process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(10)

    def __enter__(self) -> Self:
        return self.start() if self.process is None else self

    def __exit__(self, *_: object) -> None:
        self.stop()


@dataclass
class Vsftpd(Daemon):
    """vsftpd for one user with one password, on a port that needs no privilege; paths are those of this machine, `rate`
    is bytes a second."""

    rate: int = 0

    def command(self) -> list[str]:
        """Its one login is the anonymous one, held to a list of passwords: no account of this machine is needed."""
        (self.folder / "passwords").write_text(f"{FTP_PASSWORD}\n")
        options = {
            "listen": "YES",
            "listen_address": "127.0.0.1",
            "listen_port": self.port,
            "background": "NO",
            "run_as_launching_user": "YES",
            "anonymous_enable": "YES",
            "local_enable": "NO",
            "anon_root": self.home,
            "secure_email_list_enable": "YES",
            "email_password_file": self.folder / "passwords",
            "write_enable": "YES",
            "anon_upload_enable": "YES",
            "anon_mkdir_write_enable": "YES",
            "anon_other_write_enable": "YES",
            "anon_umask": "022",
            "anon_max_rate": self.rate,
            "anon_world_readable_only": "NO",
            "seccomp_sandbox": "NO",
            "connect_from_port_20": "NO",
            "xferlog_enable": "YES",
            "log_ftp_protocol": "YES",
            "vsftpd_log_file": self.folder / "ftp.log",
        }
        config = self.folder / "vsftpd.conf"
        config.write_text("".join(f"{name}={value}\n" for name, value in options.items()))
        return [binary("vsftpd"), str(config)]

    def said(self) -> str:
        """Its protocol log."""
        path = self.folder / "ftp.log"
        return path.read_text(errors="replace") if path.exists() else ""


@dataclass
class Nginx(Daemon):
    """nginx with a plain port and one for HTTPS; `served` is the folder, `rate` bytes a second for each answer."""

    served: Path = Path()
    rate: int = 0
    tls_port: int = field(default_factory=free_port)

    def command(self) -> list[str]:
        """One process in the foreground."""
        folder = self.folder
        signed, key = certificate(self.folder, "127.0.0.1")
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {folder}/pid; error_log stderr;"
            "events { worker_connections 256; }"
            f"http {{ access_log {folder}/access; {temporary} sendfile on; root {self.served}; limit_rate {self.rate};"
            f"server {{ listen 127.0.0.1:{self.port}; }}"
            f"server {{ listen 127.0.0.1:{self.tls_port} ssl; ssl_certificate {signed};"
            f"ssl_certificate_key {key}; }} }}"
        )
        return [binary("nginx"), "-e", "stderr", "-c", str(folder / "nginx.conf")]

    @property
    def certificate(self) -> Path:
        """Its own certificate, signed by itself."""
        return Path(certificate(self.folder, "127.0.0.1")[0])

    def asked(self) -> list[str]:
        """Its access log."""
        path = self.folder / "access"
        return path.read_text().splitlines() if path.exists() else []


class Tftpd(Daemon):
    """tftpd-hpa in the foreground."""

    def command(self) -> list[str]:
        """Held to its folder where it may be: only root can."""
        where = ["-s", str(self.home)] if os.geteuid() == 0 else [str(self.home)]
        return [binary("in.tftpd"), "-L", "-a", f"127.0.0.1:{self.port}", "-u", getpass.getuser(), *where]

    def answers(self) -> bool:
        """Asked for a file that is not there, it says so."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.2)
            sock.sendto(b"\0\1none\0octet\0", ("127.0.0.1", self.port))
            try:
                return sock.recv(600)[:2] == b"\0\5"
            except OSError:
                return False
