"""Pulls from the Local File Server, side by side with the obvious alternative: `python -m tests.benchmarks.serve`.

One client (curl, OpenSSH's sftp, tftpy) takes one file from both in turns, in one run on one machine. The alternatives:
`python -m http.server` for HTTP, OpenSSH's sftp-server for SFTP, pyftpdlib as it comes for FTP; for TFTP none is usual.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import tftpy

from swim_tui.model.options import Protocol
from swim_tui.net.serve.messages import Done, Publish, Ready, Setup, decode, encode
from tests.integration.net.sshd import USER, Sshd, free_port, make_key

MB = 1_000_000
SERVED = (Protocol.HTTP, Protocol.HTTPS, Protocol.SFTP, Protocol.FTP, Protocol.TFTP)
PASSWORD, TOKEN, NAME = "pw", "token", "image.bin"
FTP_AS_IT_COMES = (
    "import sys, logging; logging.disable(50); from pyftpdlib.authorizers import DummyAuthorizer as A;"
    "from pyftpdlib.handlers import FTPHandler as H; from pyftpdlib.servers import FTPServer as S;"
    "a = A(); a.add_user('swim', 'pw', sys.argv[2]); H.authorizer = a;"
    "S(('127.0.0.1', int(sys.argv[1])), H).serve_forever()"
)


@contextlib.contextmanager
def ours(folder: Path) -> Iterator[tuple[dict[str, int], int]]:
    """The file server's process: its ports and its pid."""
    (folder / "keys").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "swim_tui.net.serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    ports = {protocol.value: 0 for protocol in SERVED}
    setup = Setup("127.0.0.1", "127.0.0.1", ports, str(folder / "keys"), str(folder / "shelf"))
    process.stdin.write(encode(setup))
    process.stdin.write(encode(Publish("run", "swim", PASSWORD, TOKEN)))
    process.stdin.flush()
    ready, done = decode(process.stdout.readline()), decode(process.stdout.readline())
    assert isinstance(ready, Ready)
    assert isinstance(done, Done)
    try:
        yield dict(ready.ports), process.pid
    finally:
        process.stdin.close()
        process.wait(10)


@contextlib.contextmanager
def alternatives(folder: Path) -> Iterator[dict[str, int]]:
    """What somebody would start by hand."""
    home = folder / "shelf" / "run"
    web, ftp = free_port(), free_port()
    commands = [
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "-d", str(home), str(web)],
        [sys.executable, "-W", "ignore", "-c", FTP_AS_IT_COMES, str(ftp), str(home)],
    ]
    running = [subprocess.Popen(c, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for c in commands]
    sshd = Sshd(folder / "sshd", make_key(folder / "key"), ["Subsystem sftp internal-sftp", "LogLevel ERROR"]).start()
    time.sleep(1.0)
    try:
        yield {"HTTP": web, "FTP": ftp, "SFTP": sshd.port}
    finally:
        sshd.kill()
        for process in running:
            process.terminate()
            process.wait(10)


def curl(url: str, target: Path) -> None:
    """Fetch with curl."""
    subprocess.run(["curl", "-sSk", "-o", str(target), url], check=True)


def sftp(folder: Path, port: int, remote: str, target: Path, *, password: bool) -> None:
    """Fetch with OpenSSH's sftp."""
    options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-q"]
    options += ["-o", "Ciphers=aes128-gcm@openssh.com", "-P", str(port)]
    environment = dict(os.environ)
    if password:
        ask = folder / "ask"
        ask.write_text(f"#!/bin/sh\necho {PASSWORD}\n")
        ask.chmod(0o700)
        environment |= {"SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}
        who = "swim@127.0.0.1"
        options += ["-o", "PubkeyAuthentication=no"]
    else:
        who = f"{USER}@127.0.0.1"
        options += ["-i", str(folder / "key"), "-b", "-"]
    said = f"get {remote} {target}\n"
    subprocess.run(["sftp", *options, who], input=said.encode(), check=True, stdout=subprocess.DEVNULL, env=environment)


def tftp(port: int, target: Path) -> None:
    """Fetch with tftpy, in blocks of 8 kB as a newer IOS asks for."""
    tftpy.TftpClient("127.0.0.1", port, {"blksize": 8192}).download(f"{TOKEN}/{NAME}", str(target), timeout=5)


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(
    name: str, size: int, target: Path, wanted: str, rounds: int, pid: int, mine: Callable[[], None],
    other: Callable[[], None] | None, against: str,
) -> None:  # fmt: skip
    """Both in turns; the medians, their ratio, and our CPU for a GB."""
    took: dict[str, list[float]] = {"mine": [], "other": []}
    spent = 0.0
    for _ in range(rounds):
        for who, act in (("mine", mine), ("other", other)):
            if act is None:
                continue
            target.unlink(missing_ok=True)
            before, began = cpu_of(pid), time.perf_counter()
            act()
            took[who].append(time.perf_counter() - began)
            spent += cpu_of(pid) - before if who == "mine" else 0.0
            if hashlib.md5(target.read_bytes()).hexdigest() != wanted:
                raise RuntimeError(f"{name}: wrong bytes arrived")
    rate = size / MB / statistics.median(took["mine"])
    cost = spent / rounds / (size / 1e9)
    line = f"{name:<6} {rate:7.0f} MB/s  {cost:5.1f} CPU s/GB"
    if other is not None:
        theirs = size / MB / statistics.median(took["other"])
        line += f"   {against}: {theirs:7.0f} MB/s  = {rate / theirs:.2f} x"
    print(line, flush=True)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small file, one round")
    given = parser.parse_args()
    size, rounds = (30 * MB, 1) if given.quick else (300 * MB, 5)
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="swim-serve-", dir=base))
    try:
        home = folder / "shelf" / "run"
        home.mkdir(parents=True)
        image, target = home / NAME, folder / "got"
        image.write_bytes(os.urandom(MB) * (size // MB))
        wanted = hashlib.md5(image.read_bytes()).hexdigest()
        with ours(folder) as (ports, pid), alternatives(folder) as theirs:
            print(f"one pull of {size // MB} MB, {rounds} rounds; connection and login included")

            def run(name: str, mine: Callable[[], None], other: Callable[[], None] | None, against: str) -> None:
                measure(name, size, target, wanted, rounds, pid, mine, other, against)

            at = "127.0.0.1"
            run(
                "HTTP", lambda: curl(f"http://{at}:{ports['HTTP']}/{TOKEN}/{NAME}", target),
                lambda: curl(f"http://{at}:{theirs['HTTP']}/{NAME}", target), "python -m http.server",
            )  # fmt: skip
            run("HTTPS", lambda: curl(f"https://{at}:{ports['HTTPS']}/{TOKEN}/{NAME}", target), None, "")
            run(
                "FTP", lambda: curl(f"ftp://swim:{PASSWORD}@{at}:{ports['FTP']}/{NAME}", target),
                lambda: curl(f"ftp://swim:{PASSWORD}@{at}:{theirs['FTP']}/{NAME}", target), "pyftpdlib as it comes",
            )  # fmt: skip
            run(
                "SFTP", lambda: sftp(folder, ports["SFTP"], f"/{NAME}", target, password=True),
                lambda: sftp(folder, theirs["SFTP"], str(image), target, password=False), "OpenSSH sftp-server",
            )  # fmt: skip
            rounds = 1
            run("TFTP", lambda: tftp(ports["TFTP"], target), None, "")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
