"""One-time codes on the command line: typed without echo while a run is watched, or handed over by `jobs answer`."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import Lab, World

ROUTERS = ("ASR1002_large-54-9-9-4", "ASR1002_large-54-9-9-5", "ASR1002_large-54-9-9-6")


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab.up("story2", tmp_path / "lab", "--time-scale", "100", "--size-scale", "400")
    try:
        yield lab
    finally:
        lab.down()


@pytest.fixture
def world(tmp_path: Path, lab: Lab) -> Iterator[World]:
    """A command line whose jump profile knows of codes."""
    world = World(tmp_path)
    try:
        world.swim("devices", "import", lab.ready["inventory"])
        jumps = json.loads(world.swim("jumps", "list", "--json").stdout)
        held = json.loads(world.swim("credentials", "list", "--json").stdout)
        name = jumps[0]["credentials"]
        user = next(p["username"] for p in held if p["name"] == name)
        secret = password_in(Path(lab.ready["inventory"]).read_text(), name)
        world.swim(
            "credentials", "add", name, "--username", user, "--one-time-code", "--password-stdin", stdin=secret + "\n"
        )
        lab.fault(jumps[0]["name"], "otp")
        yield world
    finally:
        world.stop()


def password_in(text: str, profile: str) -> str:
    """The password of a profile of an inventory file."""
    import yaml

    rows = yaml.safe_load(text)["credentials"]
    return str(next(row["password"] for row in rows if row["name"] == profile))


def code_of(lab: Lab) -> str:
    (jump,) = lab.ask(command="status")["jumps"]
    return str(jump["code"])


class Terminal:
    """A program with a terminal of its own."""

    def __init__(self, world: World, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        self.seen = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "swim_tui.cli", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**world.env(), "TERM": "xterm"},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def until(self, text: str, limit_s: float = 40.0) -> str:
        """Everything shown until a text came."""
        end = time.monotonic() + limit_s
        while text.encode() not in self.seen:
            assert time.monotonic() < end, self.seen.decode(errors="replace")
            if select.select([self.master], [], [], 0.2)[0]:
                self._read()
        return self.seen.decode(errors="replace")

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # EIO: the program is gone
            self.seen += os.read(self.master, 65536)

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self, limit_s: float = 40.0) -> int:
        """Its exit code; what it still shows is read."""
        end = time.monotonic() + limit_s
        while self.process.poll() is None:
            assert time.monotonic() < end, self.seen.decode(errors="replace")
            if select.select([self.master], [], [], 0.1)[0]:
                self._read()
        while select.select([self.master], [], [], 0.1)[0]:
            before = len(self.seen)
            self._read()
            if len(self.seen) == before:
                break
        os.close(self.master)
        return self.process.returncode


@pytest.mark.slow
def test_a_code_is_typed_once_without_echo_while_the_run_is_waited_for(world: World, lab: Lab) -> None:
    terminal = Terminal(world, "devices", "sync", *ROUTERS, "--wait")
    terminal.until("One-time code")
    code = code_of(lab)
    terminal.type(code + "\n")
    assert terminal.end() == 0, terminal.seen.decode(errors="replace")
    shown = terminal.seen.decode(errors="replace")
    assert shown.count("One-time code") >= 1
    assert code not in shown
    assert [p for p in world.data.rglob("*") if p.is_file() and code.encode() in p.read_bytes()] == []


@pytest.mark.slow
def test_without_a_terminal_the_code_comes_from_jobs_answer(world: World, lab: Lab) -> None:
    waiter = subprocess.Popen(
        [sys.executable, "-m", "swim_tui.cli", "devices", "sync", *ROUTERS, "--wait"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=world.env(),
        text=True,
    )
    assert waiter.stderr is not None
    line = next(line for line in waiter.stderr if "jobs answer" in line)
    run = line.split("jobs answer ")[1].split()[0]
    refused = world.swim("jobs", "answer", run, code=None, stdin="")
    assert refused.returncode != 0
    assert "--code-stdin" in refused.stderr
    world.swim("jobs", "answer", run, "--code-stdin", stdin=code_of(lab) + "\n")
    assert waiter.wait(60) == 0
    waiter.stderr.close()
    late = world.swim("jobs", "answer", run, "--code-stdin", code=3, stdin="000000\n")
    assert "waits for a code" in late.stderr
