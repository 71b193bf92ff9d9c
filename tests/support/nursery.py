"""Labs forked from a process that has imported the lab: each is a process of its own, none pays for the imports.

Started as a user starts it, the lab is in tests/integration/test_lab_process.py and in every `swim-tui lab up`.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import random
import selectors
import signal
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).resolve().parents[2]
_REQUEST_BYTES = 1 << 20


class Child:
    """A forked lab, with what tests use of `subprocess.Popen`."""

    def __init__(self, pid: int, status: socket.socket, stdout: IO[str]) -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._status = status

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, as `subprocess` gives it. Errors: TimeoutExpired."""
        if self.returncode is None:
            self._status.settimeout(timeout)
            try:
                self.returncode = int(self._status.recv(64) or b"-9")
            except (TimeoutError, BlockingIOError) as err:
                raise subprocess.TimeoutExpired("swim_tui.lab", timeout or 0.0) from err
            self._status.close()
        return self.returncode

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0.0)
        return None

    def terminate(self) -> None:
        """SIGTERM."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def fork_lab(*arguments: str, stderr: IO[str] | None = None) -> Child:
    """What `python -m swim_tui.lab ARGUMENTS` starts; it ends with this process at the latest."""
    status, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    reader, writer = os.pipe()
    request = json.dumps([["swim_tui.lab", *arguments], str(Path.cwd()), dict(os.environ)]).encode()
    errors = sys.__stderr__ if stderr is None else stderr
    assert errors is not None
    line, _ = _nursery()
    socket.send_fds(line, [request], [theirs.fileno(), writer, errors.fileno()])
    theirs.close()
    os.close(writer)
    return Child(int(status.recv(64)), status, os.fdopen(reader, encoding="utf-8"))


@cache
def _nursery() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """The nursery of this process and the line to it; it ends when the line is closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.support.nursery", str(theirs.fileno())]
    process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), cwd=_ROOT)
    theirs.close()
    atexit.register(_end, ours, process)
    return ours, process


def _end(line: socket.socket, process: subprocess.Popen[bytes]) -> None:
    line.close()
    process.wait(10)


def _serve(line: socket.socket) -> None:
    """Fork for each request, tell how each child ended; returns in a child that is to run, and at the end."""
    selector = selectors.DefaultSelector()
    selector.register(line, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.data is not None:
                selector.unregister(key.fd)
                os.close(key.fd)
                _bury(*key.data)
                continue
            data, fds, _, _ = socket.recv_fds(line, _REQUEST_BYTES, 3)
            if not data:
                sys.exit(0)
            pid = os.fork()
            if pid == 0:
                _forget(selector)
                _become(json.loads(data), *fds)
                return
            status = socket.socket(fileno=fds[0])
            status.send(str(pid).encode())
            os.close(fds[1])
            os.close(fds[2])
            selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, status))


def _bury(pid: int, status: socket.socket) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with contextlib.suppress(OSError):
        status.send(str(code).encode())
    status.close()


def _forget(selector: selectors.BaseSelector) -> None:
    """Close what is the nursery's, as objects: one that is collected later would close somebody else's descriptor."""
    for key in list(selector.get_map().values()):
        if key.data is None:
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        else:
            os.close(key.fd)
            key.data[1].close()
    selector.close()


def _become(request: tuple[list[str], str, dict[str, str]], status: int, stdout: int, stderr: int) -> None:
    """The child, as if it had been started."""
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    for fd in (status, stdout, stderr):
        os.close(fd)
    sys.argv, folder, environment = request
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    random.seed()


if __name__ == "__main__":
    from swim_tui.lab.__main__ import main
    from swim_tui.lab.platforms import platform_table

    platform_table()
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    sys.exit(main())
