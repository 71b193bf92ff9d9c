"""A user's world for end-to-end tests: a lab process, a data directory, and the real command line in subprocesses."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from swim_tui.lab import control
from tests.support.nursery import Child, fork_lab

ROOT = Path(__file__).resolve().parents[2]
NETWORKS = ROOT / "data" / "lab"


def wait_until(condition: Callable[[], object], *, limit_s: float, what: str, poll_s: float = 0.05) -> Any:
    """Poll a condition until it is true; fail with words when it is not in time."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(poll_s)
    raise AssertionError(f"not within {limit_s:g} s: {what}")


@dataclass
class Lab:
    """A running lab process."""

    process: Child
    ready: dict[str, Any]
    directory: Path

    @classmethod
    def up(cls, network: str, directory: Path, *options: str) -> Lab:
        """Start a lab on a network file of data/lab and wait until it says it is ready."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        source = network if network.endswith(".yaml") else str(NETWORKS / f"{network}.yaml")
        with (directory / "stderr.txt").open("w") as errors:
            process = fork_lab("up", source, "--dir", str(directory), *options, stderr=errors)
        line = process.stdout.readline()
        if not line:
            raise AssertionError("the lab did not start: " + (directory / "stderr.txt").read_text())
        return cls(process, json.loads(line), directory)

    def ask(self, **command: Any) -> dict[str, Any]:
        """One request on the control socket."""
        return control.request(self.directory, command)

    def fault(self, device: str, fault: str) -> None:
        """Switch a fault of a device on while the lab runs: `drop_at=50%`, `back_on_old`."""
        answer = self.ask(command="fault", device=device, set=fault)
        assert not answer.get("error"), answer

    def events(self, device: str = "", event: str = "") -> list[dict[str, Any]]:
        """Events of the lab's own log."""
        path = self.directory / "lab-log.jsonl"
        rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip().endswith("}")]
        return [r for r in rows if device in ("", r.get("device")) and event in ("", r.get("event"))]

    def reloads(self) -> dict[str, int]:
        """Reloads executed, per device."""
        found: dict[str, int] = {}
        for row in self.events(event="reload"):
            found[row["device"]] = found.get(row["device"], 0) + 1
        return found

    def down(self) -> None:
        """Stop the lab."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)


@dataclass
class World:
    """A data directory and its command line."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    scale: float = 1.0

    @property
    def data(self) -> Path:
        return self.root / "data"

    def env(self) -> dict[str, str]:
        """A clean environment: nothing of the developer's own configuration."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "SWIM_TUI_", "SSH_"))}
        own = {
            "HOME": str(self.root / "home"),
            "XDG_CONFIG_HOME": str(self.root / "config"),
            "XDG_STATE_HOME": str(self.root / "state"),
            "SWIM_TUI_DATA_DIR": str(self.data),
        }
        (self.root / "home").mkdir(exist_ok=True)
        return {**kept, **own, **self.environment}

    def spawn(
        self, *arguments: str, code: int | None = 0, limit_s: float = 120, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `swim-tui ...` as a process of its own and check its exit code (None: any)."""
        done = subprocess.run(
            [sys.executable, "-m", "swim_tui.cli", *arguments],
            capture_output=True,
            text=True,
            env=self.env(),
            timeout=limit_s,
            input=stdin,
            check=False,
        )
        if code is not None:
            assert done.returncode == code, (arguments, done.returncode, done.stdout[-3000:], done.stderr[-3000:])
        assert "Traceback (most recent call last)" not in done.stderr, done.stderr
        return done

    def swim(
        self, *arguments: str, code: int | None = 0, limit_s: float = 120, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command line: in this process (a tenth of the time) unless it would start or stop another one.

        A process that this one started and that ended would stay a zombie of the tests, and its pid would look alive.
        """
        starts = arguments[0] in ("engine", "demo", "lab") or not self.running()
        if starts or threading.current_thread() is not threading.main_thread():
            return self.spawn(*arguments, code=code, limit_s=limit_s, stdin=stdin)
        return self.here(*arguments, code=code, stdin=stdin)

    def running(self) -> bool:
        """True while this world's engine is alive."""
        try:
            return alive(self.engine_pid())
        except (OSError, ValueError, KeyError):
            return False

    def here(self, *arguments: str, code: int | None = 0, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """A command line in this process, whatever it does."""
        from swim_tui.cli import main

        out, err = io.StringIO(), io.StringIO()
        before, old_stdin = dict(os.environ), sys.stdin
        os.environ.clear()
        os.environ.update(self.env())
        sys.stdin = io.TextIOWrapper(io.BytesIO((stdin or "").encode()))
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                done = main(arguments)
        finally:
            sys.stdin = old_stdin
            os.environ.clear()
            os.environ.update(before)
        assert code is None or done == code, (arguments, done, out.getvalue()[-3000:], err.getvalue()[-3000:])
        assert "Traceback (most recent call last)" not in err.getvalue(), err.getvalue()
        return subprocess.CompletedProcess(arguments, done, out.getvalue(), err.getvalue())

    def json_here(self, *arguments: str, **keywords: Any) -> Any:
        """As `json`, in this process."""
        return json.loads(self.here(*arguments, "--json", **keywords).stdout)

    def json(self, *arguments: str, **keywords: Any) -> Any:
        """Run a command with --json and parse its one document."""
        return json.loads(self.swim(*arguments, "--json", **keywords).stdout)

    def start_engine(self, *options: str) -> int:
        """Start the engine and return its pid."""
        self.swim("engine", "start", *options)
        return self.engine_pid()

    def engine_pid(self) -> int:
        """The engine's pid from engine.json."""
        pid = json.loads((self.data / "engine.json").read_text())["pid"]
        assert isinstance(pid, int)
        return pid

    def worker_pids(self) -> list[int]:
        """Pids of this engine's living workers."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            if b"swim_tui.worker" in words and os.fsencode(self.data) in environment:
                found.append(int(folder.name))
        return found

    def kill_engine(self) -> None:
        """kill -9."""
        pid = self.engine_pid()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not alive(pid), limit_s=5, what="engine gone")

    def stop(self) -> None:
        """End the engine, whatever state it is in."""
        try:
            pid = self.engine_pid()
        except (OSError, ValueError, KeyError):
            return
        if alive(pid):
            os.kill(pid, signal.SIGTERM)
            try:
                wait_until(lambda: not alive(pid), limit_s=12, what="engine ends on SIGTERM")
            except AssertionError:
                os.kill(pid, signal.SIGKILL)
                raise

    def set_up(self, lab: Lab, images: Mapping[str, Path] | None = None) -> None:
        """Inventory, sync and images of a lab, by the command line as a user would."""
        self.swim("devices", "import", lab.ready["inventory"])
        self.swim("devices", "sync", "--wait")
        paths = images.values() if images is not None else sorted(Path(lab.ready["images_dir"]).glob("*.bin"))
        self.swim("images", "import", *[str(p) for p in paths], "--wait")


def alive(pid: int) -> bool:
    """True while a process exists and is no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"
