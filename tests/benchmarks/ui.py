"""UI speed on a real pseudo-terminal: start to first paint, 10,000 devices, key to paint with 300 running tasks.

Also a store of 500 jobs, and keys while 50 events of all kinds come every second for 30 seconds (UX 7).

Run: python -m tests.benchmarks.ui [--json]. Medians of one run on this machine; compare ratios, not absolutes.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import os
import pty
import random
import re
import resource
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.ui.fakes import FakeSource

ROWS, COLUMNS = 40, 120
DEVICES = 10_000
TASKS = 300
JOBS = 500
EVENTS_PER_S = 50
STEADY_S = 30.0
KEYS_PER_BLOCK = 60
BLOCKS = 3
ANSI = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A child process on a pseudo-terminal, and what it painted since the last look."""

    def __init__(self, *arguments: str) -> None:
        self._leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"}
        self.started = time.perf_counter()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.ui", "--child", *arguments],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env=environment,
            start_new_session=True,
        )
        os.close(follower)
        self._seen = b""

    def type(self, text: str) -> None:
        """Press keys."""
        self._seen = b""
        os.write(self._leader, text.encode())

    def wait(self, found: Callable[[bytes], bool], limit_s: float = 60.0) -> float:
        """The moment at which something was painted; text is compared without its escape sequences."""
        end = time.perf_counter() + limit_s
        while not found(ANSI.sub(b"", self._seen)):
            if time.perf_counter() > end:
                raise TimeoutError(ANSI.sub(b"", self._seen)[-2000:])
            ready, _, _ = select.select([self._leader], [], [], 0.5)
            if ready:
                self._seen += os.read(self._leader, 1 << 16)
        return time.perf_counter()

    def rest(self, seconds: float) -> None:
        """Read and forget for a while, as a terminal does."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            ready, _, _ = select.select([self._leader], [], [], left)
            if ready:
                os.read(self._leader, 1 << 16)

    def signal(self, number: int) -> None:
        """Tell the child to begin or stop its events."""
        self._child.send_signal(number)

    def close(self) -> None:
        """Quit."""
        os.write(self._leader, b"\x11")
        try:
            self.wait(lambda _: self._child.poll() is not None, 5.0)
        except (OSError, TimeoutError):
            self._child.kill()
        self._child.wait()
        os.close(self._leader)


def first_paint() -> dict[str, float]:
    """Seconds from the start of the process to the frame, and to the data."""
    frames, data = [], []
    for _ in range(5):
        terminal = Terminal("--devices", "40")
        frames.append(terminal.wait(lambda text: b"6 Log" in text) - terminal.started)
        data.append(terminal.wait(lambda text: b"engine ok" in text) - terminal.started)
        terminal.close()
    return {"first_paint_s": statistics.median(frames), "connected_s": statistics.median(data)}


def many_devices() -> dict[str, float]:
    """Seconds from the key to the first screenful and to the count of 10,000 devices."""
    first, whole = [], []
    for _ in range(3):
        terminal = Terminal("--devices", str(DEVICES))
        terminal.wait(lambda text: b"engine ok" in text)
        terminal.rest(0.5)
        terminal.type("3")
        pressed = time.perf_counter()
        first.append(terminal.wait(lambda text: b"sw-ams-1 " in text) - pressed)
        whole.append(terminal.wait(lambda text: b"Total 10000" in text) - pressed)
        terminal.close()
    return {"first_screenful_s": statistics.median(first), "all_listed_s": statistics.median(whole)}


def many_jobs() -> dict[str, float]:
    """Seconds from the key to the count of a store of 500 jobs."""
    taken = []
    for _ in range(3):
        terminal = Terminal("--devices", "40", "--jobs", str(JOBS))
        terminal.wait(lambda text: b"engine ok" in text)
        terminal.rest(0.5)
        terminal.type("2")
        pressed = time.perf_counter()
        taken.append(terminal.wait(lambda text: b"Total 500" in text) - pressed)
        terminal.close()
    return {"jobs_500_s": statistics.median(taken)}


def steady_events() -> dict[str, float]:
    """Milliseconds from a key to the moved cursor on the job page while events of all kinds come."""
    terminal = Terminal("--devices", "40", "--tasks", "40", "--mixed")
    terminal.wait(lambda text: b"engine ok" in text)
    terminal.type("2\r")
    terminal.wait(lambda text: b"Total 40" in text)
    terminal.signal(signal.SIGUSR1)
    terminal.rest(1.0)
    taken, rng, position = [], random.Random(2), 1
    end = time.perf_counter() + STEADY_S
    while time.perf_counter() < end:
        key, position = ("j", position + 1) if position < 20 else ("g", 1)
        terminal.type(key)
        pressed = time.perf_counter()
        taken.append(1000 * (terminal.wait(partial(_cursor_is_on, position)) - pressed))
        terminal.rest(rng.uniform(0.05, 0.25))
    terminal.close()
    taken.sort()
    return {
        "steady_median_ms": statistics.median(taken),
        "steady_p99_ms": taken[int(0.99 * (len(taken) - 1))],
        "steady_max_ms": taken[-1],
        "steady_keys": float(len(taken)),
    }


def _cursor_is_on(position: int, text: bytes) -> bool:
    return re.search(rb"\| sw-%d " % position, text) is not None


def key_to_paint() -> dict[str, float]:
    """Milliseconds from a key to the moved cursor: an idle table and the same one with 300 running tasks."""
    terminal = Terminal("--devices", "40", "--tasks", str(TASKS))
    terminal.wait(lambda text: b"engine ok" in text)
    terminal.type("2\r")
    terminal.wait(lambda text: b"Total 300" in text)
    terminal.rest(1.0)
    taken: dict[str, list[float]] = {"idle": [], "busy": []}
    rng = random.Random(1)
    position = 1
    for _ in range(BLOCKS):
        for name, number in (("idle", signal.SIGUSR2), ("busy", signal.SIGUSR1)):
            terminal.signal(number)
            terminal.rest(1.5)
            for _ in range(KEYS_PER_BLOCK):
                position += 1
                terminal.type("j")
                pressed = time.perf_counter()
                taken[name].append(1000 * (terminal.wait(partial(_cursor_is_on, position)) - pressed))
                terminal.rest(rng.uniform(0.03, 0.13))
            if position > TASKS - 2 * KEYS_PER_BLOCK:
                terminal.type("g")
                position = 1
                terminal.rest(0.5)
    terminal.close()
    result = {}
    for name, values in taken.items():
        values.sort()
        result[f"{name}_median_ms"] = statistics.median(values)
        result[f"{name}_p99_ms"] = values[int(0.99 * (len(values) - 1))]
    result["median_ratio"] = result["busy_median_ms"] / result["idle_median_ms"]
    result["p99_ratio"] = result["busy_p99_ms"] / result["idle_p99_ms"]
    return result


# --- the child: the real app over a scripted engine ---


def child(devices: int, tasks: int, jobs: int, *, mixed: bool) -> None:
    """Run the app; on SIGUSR1 every task reports twice a second (or 50 mixed events come), SIGUSR2 stops that."""
    from swim_tui.ui.app import SwimApp, UiOptions

    async def connect() -> FakeSource:
        from swim_tui.model.job import RunStatus, TaskStatus, count_tasks
        from tests.ui.fakes import RUNNING_RUN, task_of, world

        source = world(devices)
        run = source.fake.runs[RUNNING_RUN]
        for number in range(jobs - len(source.fake.jobs_)):
            job = replace(source.fake.jobs_[run.job_id], id=f"j{number}", name=f"Job_Swim_Distribution_{number}")
            source.fake.jobs_[job.id] = job
            done = replace(run, id=f"r{number}", job_id=job.id, status=RunStatus.SUCCESS)
            source.fake.runs[done.id] = done
        if tasks:
            made = {f"sw-{n}": task_of(run, f"sw-{n}", n, TaskStatus.RUNNING) for n in range(1, tasks + 1)}
            source.fake.tasks[RUNNING_RUN] = made
            source.fake.runs[RUNNING_RUN] = replace(run, counts=count_tasks(list(made.values())))
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, begin, source)
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, stop)
        return source

    reporting: list[asyncio.Task[None]] = []

    async def report(source: FakeSource) -> None:
        from swim_tui.model.events import TaskProgress
        from tests.ui.fakes import RUNNING_RUN

        done = 0
        while True:
            done += 1
            for index in range(1, tasks + 1):
                source.emit(TaskProgress(RUNNING_RUN, f"sw-{index}", "o2", done * 1000 + index, 10**6, rate=1e6))
                if index % 30 == 0:
                    await asyncio.sleep(0.5 / (tasks / 30))

    async def mix(source: FakeSource) -> None:
        from datetime import timedelta

        from swim_tui.model.events import RunChanged, TaskChanged, TaskOutput, TaskProgress
        from swim_tui.model.phase import Direction, OutputLine
        from tests.ui.fakes import NOW, RUNNING_RUN

        number, run, held = 0, source.fake.runs[RUNNING_RUN], source.fake.tasks[RUNNING_RUN]
        while True:
            number += 1
            name = f"sw-{number * 7 % tasks + 1}"
            line = OutputLine(NOW + timedelta(seconds=number), Direction.RECEIVED, f"line {number} of the device")
            event = (
                TaskProgress(RUNNING_RUN, name, "o2", number * 1000 % 10**6, 10**6, rate=1e6),
                TaskOutput(RUNNING_RUN, name, (line,)),
                TaskChanged(replace(held[name], message=f"step {number}")),
                TaskProgress(RUNNING_RUN, name, "o2", number * 1000 % 10**6, 10**6, note=f"note {number}"),
                RunChanged(replace(run, message=f"so far {number}")),
            )[number % 5]
            source.emit(event)
            await asyncio.sleep(1 / EVENTS_PER_S)

    def begin(source: FakeSource) -> None:
        reporting.append(asyncio.get_running_loop().create_task(mix(source) if mixed else report(source)))

    def stop() -> None:
        while reporting:
            reporting.pop().cancel()

    SwimApp(UiOptions(Path("/srv/swim")), connect).run()
    if "SWIM_BENCH_RSS" in os.environ:
        Path(os.environ["SWIM_BENCH_RSS"]).write_text(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


def main() -> None:
    """Run all and print a table, or one JSON document."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", action="store_true")
    parser.add_argument("--devices", type=int, default=40)
    parser.add_argument("--tasks", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--mixed", action="store_true")
    options = parser.parse_args()
    if options.child:
        child(options.devices, options.tasks, options.jobs, mixed=options.mixed)
        return
    figures = {**first_paint(), **many_devices(), **many_jobs(), **key_to_paint(), **steady_events()}
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<22} {value:10.3f}")


if __name__ == "__main__":
    main()
