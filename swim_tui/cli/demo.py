"""demo: a simulated network, an engine of its own, and a job to watch; all of it ends with this program."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swim_tui.cli.app import App, common_options, pass_app
from swim_tui.cli.output import duration, emit, fields, is_terminal, size_exact, table, tell
from swim_tui.errors import Conflict, Refused

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient

TIME_SCALE = 60.0
END_LIMIT_S = 15.0
STORY_NAMES = ("psirt", "catalyst", "everything-wrong")


@dataclass(frozen=True)
class Stage:
    """Where a demo plays: its directory, and the running lab's own description of itself."""

    folder: Path
    ready: dict[str, Any]
    lifeline: int
    scale: float

    @property
    def data_dir(self) -> Path:
        """The demo's own data directory."""
        return self.folder / "data"


@click.command()
@click.option("--headless", is_flag=True, help="No UI: run the story, print its job report, exit by it.")
@click.option("--story", "name", type=click.Choice(STORY_NAMES), default="psirt", show_default=True)
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep everything in this directory.")
@click.option("--time-scale", type=click.FloatRange(1, 1000), default=TIME_SCALE, show_default=True)
@common_options
@pass_app
def demo(app: App, headless: bool, name: str, keep: Path | None, time_scale: float) -> int:
    """A simulated network with real SSH, and a job on it, in about a minute.

    \b
      psirt            three ASR1002 behind a jump host, distributed and activated in parallel
      catalyst         an old 2960 by boot variable, with smart erase
      everything-wrong  twenty devices of ten platforms, a fault on every second one
    """
    if not headless and not is_terminal():
        raise Refused(detail="the demo's UI needs a terminal", action="give --headless for a run without one")
    from swim_tui.cli.stories import STORIES

    story = STORIES[name]
    with _stage(keep, time_scale, story.network, story.size_scale) as stage:
        return _headless(app, stage, name) if headless else _with_ui(stage, name)


def _headless(app: App, stage: Stage, name: str) -> int:
    from swim_tui.cli.progress import Bar, Lines
    from swim_tui.cli.stories import STORIES, job_report, tell_story
    from swim_tui.cli.watch import follow_run

    began = time.monotonic()

    async def work(client: EngineClient) -> dict[str, Any]:
        view = Bar() if Bar.fits() else Lines()
        submitted = await tell_story(client, STORIES[name], stage.ready, view)
        assert submitted.run is not None  # an immediate job comes back with its run
        detail = await follow_run(client, submitted.run.id, view)
        view.close()
        return await job_report(client, STORIES[name], detail.run.id, time.monotonic() - began)

    report = asyncio.run(_on_stage(stage, work))
    emit(report) if app.as_json else print_report(report)
    return 0 if report["status"] == "Success" else 1


def _with_ui(stage: Stage, name: str) -> int:
    from swim_tui.cli.progress import Lines
    from swim_tui.cli.stories import STORIES, tell_story
    from swim_tui.ui.run import run_ui

    async def work(client: EngineClient) -> None:
        await tell_story(client, STORIES[name], stage.ready, Lines())

    asyncio.run(_on_stage(stage, work))
    return run_ui(stage.data_dir, demo=True)


async def _on_stage(stage: Stage, work: Any) -> Any:
    from swim_tui.api.client import connect_or_start

    client = await connect_or_start(
        stage.data_dir, scale=stage.scale, environment="demo", lifeline=stage.lifeline
    )  # fmt: skip
    try:
        return await work(client)
    finally:
        await client.close()


@contextlib.contextmanager
def _stage(keep: Path | None, scale: float, network: str, size_scale: int) -> Iterator[Stage]:
    """Lab and directory of a demo; when it ends, by whatever, both engine and lab end, and the directory goes."""
    from swim_tui.cli.lab import start_lab

    folder = _folder(keep)
    read_end, write_end = os.pipe()  # lab and engine hold the read end: they end when this process does
    lab: subprocess.Popen[str] | None = None
    with contextlib.ExitStack() as undo:
        if keep is None:
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
        undo.callback(lambda: _wait_for_end(folder / "data", lab))
        undo.callback(os.close, write_end)
        undo.enter_context(_signals_end_it())
        options = ["--time-scale", f"{scale:g}", "--lifeline", str(read_end)]
        if size_scale:
            options += ["--size-scale", str(size_scale)]
        lab, ready = start_lab(network, folder / "lab", options, pass_fds=(read_end,))
        tell(f"lab: {ready['devices']} devices in {folder / 'lab'}, waits divided by {scale:g}")
        try:
            yield Stage(folder, ready, read_end, scale)
        finally:
            os.close(read_end)
            if keep is not None:
                tell(f"kept: {folder} (data directory: {folder / 'data'})")


def _folder(keep: Path | None) -> Path:
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="swim-tui-demo-"))
    folder = keep.expanduser().absolute()
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(detail=f"{folder} is not empty", action="name a new directory with --keep")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def _signals_end_it() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind the stack as Ctrl-C does, so that nothing stays behind.

    They become the interrupt, which an event loop knows how to end by; SystemExit out of a handler it reports as lost.
    """
    received: list[int] = []

    def stop(number: int, _frame: object) -> None:
        received.append(number)
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a script's shell started it with `&`
            signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.raise_signal(signal.SIGINT)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    except KeyboardInterrupt:
        if received:
            raise SystemExit(128 + received[0]) from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait_for_end(data_dir: Path, lab: subprocess.Popen[str] | None) -> None:
    """Engine and lab have seen the end of the lifeline; the directory must not go under their hands."""
    from swim_tui.api.launch import is_locked

    if lab is not None:
        try:
            lab.wait(END_LIMIT_S)
        except subprocess.TimeoutExpired:
            lab.kill()
            lab.wait()
    give_up_at = time.monotonic() + END_LIMIT_S
    while is_locked(data_dir) and time.monotonic() < give_up_at:
        time.sleep(0.05)


def print_report(report: dict[str, Any]) -> None:
    """A report as a person reads it."""
    rows = [
        (
            d["device"],
            d["status"],
            d["outcome"],
            d["from_version"],
            d["proven_version"],
            size_exact(d["bytes"]),
            duration(d["duration_s"]),
            d["message"],
        )
        for d in report["devices"]
    ]
    table(("device", "status", "outcome", "from", "runs now", "copied", "took", "message"), rows)
    fields(
        [
            ("story", report["title"]),
            ("run", report["run"]),
            ("status", report["status"]),
            ("stopped", report["stopped_because"]),
            ("took", duration(report["took_s"])),
        ]
    )
