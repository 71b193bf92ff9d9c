"""engine: the background process."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from swim_tui.cli.app import App, CommandGroup, common_options, pass_app
from swim_tui.cli.output import duration, emit, fields, moment, plain, say, tell
from swim_tui.errors import ConfigError, EngineUnavailable
from swim_tui.paths import DataPaths

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.job import Job
    from swim_tui.model.views import EngineStatus, JobsSnapshot, RunRow

STOP_LIMIT_S = 15.0
COMING_SHOWN = 5


@click.group(cls=CommandGroup)
@common_options
def engine() -> None:
    """The background engine: start, stop, restart, status, log, install."""


@engine.command()
@click.option("--scale", type=click.FloatRange(0.1, 1000), default=1.0, help="Divides every wait, for a lab.")
@click.option("--environment", default="", help="Badge that clients show, such as PROD.")
@click.option("--exit-when-idle", "idle_s", type=click.FloatRange(min=0), default=0.0, metavar="S")
@common_options
@pass_app
def start(app: App, scale: float, environment: str, idle_s: float) -> None:
    """Start the engine, unless it runs."""
    from swim_tui.api.client import connect_or_start

    async def work() -> EngineStatus:
        client = await connect_or_start(
            app.data_dir, scale=scale, environment=environment, exit_when_idle_s=idle_s
        )  # fmt: skip
        try:
            return await client.api.status()
        finally:
            await client.close()

    status = asyncio.run(work())
    if app.as_json:
        emit(status)
    else:
        say(f"engine {status.hello.version} runs, pid {status.hello.pid}, data directory {app.data_dir}")


@engine.command()
@click.option("--force", is_flag=True, help="Even while jobs run: they go on when it is started again.")
@common_options
@pass_app
def stop(app: App, force: bool) -> None:
    """Stop the engine; running jobs refuse it without --force."""
    from swim_tui.api.launch import is_locked

    async def work(client: EngineClient) -> None:
        await client.api.stop_engine(force)

    if not is_locked(app.data_dir):
        emit({"stopped": False}) if app.as_json else tell(f"no engine runs for {app.data_dir}")
        return
    app.with_running_engine(work, any_version=True)  # after an upgrade of the program the old engine must go
    asyncio.run(_until_unlocked(app.data_dir))
    emit({"stopped": True}) if app.as_json else tell("the engine has stopped")


@engine.command()
@click.option("--force", is_flag=True, help="Even while jobs run: they go on with the new engine.")
@common_options
@pass_app
def restart(app: App, force: bool) -> None:
    """Stop the engine, whatever its version, and start this one as it was started; refused while jobs run."""
    from swim_tui.api.client import connect_or_start
    from swim_tui.api.launch import is_locked

    scale, environment = _as_started(DataPaths(app.data_dir))

    async def ask(client: EngineClient) -> None:
        await client.api.stop_engine(force)

    async def begin() -> EngineStatus:
        client = await connect_or_start(app.data_dir, scale=scale, environment=environment)
        try:
            return await client.api.status()
        finally:
            await client.close()

    if is_locked(app.data_dir):
        app.with_running_engine(ask, any_version=True)
        asyncio.run(_until_unlocked(app.data_dir))
    found = asyncio.run(begin())
    if app.as_json:
        emit(found)
    else:
        say(f"engine {found.hello.version} runs, pid {found.hello.pid}, data directory {app.data_dir}")


def _as_started(paths: DataPaths) -> tuple[float, str]:
    """Scale and environment of the engine that runs, else the defaults."""
    try:
        known = json.loads(paths.engine_json.read_text("utf-8"))
        return float(known["scale"]), str(known["environment"])
    except (OSError, ValueError, KeyError, TypeError):
        return 1.0, ""


async def _until_unlocked(data_dir: Path) -> None:
    from swim_tui.api.launch import is_locked

    try:
        async with asyncio.timeout(STOP_LIMIT_S):
            while is_locked(data_dir):  # noqa: ASYNC110  a lock of another process sets no event here
                await asyncio.sleep(0.05)
    except TimeoutError:
        detail = f"it was told to stop and still runs after {STOP_LIMIT_S:g} s"
        raise EngineUnavailable(data_dir=str(data_dir), detail=detail) from None


@engine.command()
@common_options
@pass_app
def status(app: App) -> None:
    """What the engine does now; exit code 4 when none runs."""

    async def work(client: EngineClient) -> tuple[EngineStatus, JobsSnapshot]:
        return await client.api.status(), await client.api.jobs()

    found, known = app.with_running_engine(work)
    running = [row for row in known.runs if row.run.id in found.running_runs]
    coming = sorted((job for job in known.jobs if job.next_run_at and job.status != "Paused"), key=_when)[:COMING_SHOWN]
    if app.as_json:
        emit({**vars(found), "runs": [row.run for row in running], "coming": coming})
        return
    hello = found.hello
    fields(
        [
            ("version", hello.version),
            ("pid", hello.pid),
            ("data directory", hello.data_dir),
            ("started", moment(hello.started_at)),
            ("environment", hello.environment),
            ("clients", found.clients),
            ("running", "" if running else "nothing"),
            *(("running", _running_words(row)) for row in running),
            ("tasks", f"{found.running_tasks} running, {found.waiting_tasks} waiting"),
            ("workers", f"{found.workers} with {found.sessions} sessions"),
            *(("next", f"{moment(job.next_run_at)} {plain(job.name)} (job {job.id})") for job in coming),
            ("inventory", f"{found.devices} devices, {found.images} images"),
            ("not committed", "; ".join(f"{u.device} {u.words}" for u in found.uncommitted)),
            ("memory", f"{found.memory_bytes // 2**20} MB" if found.memory_bytes else ""),
        ]
    )
    for notice in found.notices:
        tell(plain(notice))


def _when(job: Job) -> datetime:
    assert job.next_run_at is not None
    return job.next_run_at


def _running_words(row: RunRow) -> str:
    """A run in one line: what it is, how far, what it waits for."""
    counts = row.run.counts
    done = counts.successful + counts.failed + counts.cancelled + counts.excluded
    words = [f"{row.run.id} {plain(row.run.job_name)}: {done} of {counts.total} done, {counts.failed} failed"]
    if row.eta_s is not None:
        words.append(f"about {duration(row.eta_s)} left")
    words += [plain(text) for text in (row.run.stopped_because, row.run.barrier) if text]
    return "; ".join(words)


@engine.command()
@click.option("-n", "--lines", "count", type=click.IntRange(1), default=50, show_default=True)
@common_options
@pass_app
def log(app: App, count: int) -> None:
    """The end of the engine's log (it need not run)."""
    path = DataPaths(app.data_dir).engine_log
    try:
        lines = path.read_text("utf-8", "replace").splitlines()[-count:]
    except OSError as err:
        raise ConfigError(source=str(path), detail=f"no log: {(err.strerror or str(err)).lower()}") from None
    if app.as_json:
        emit({"log": path, "lines": lines})
        return
    for line in lines:
        say(plain(line))


@engine.command()
@click.option("--environment", default="", help="Badge that clients show, such as PROD.")
@common_options
@pass_app
def install(app: App, environment: str) -> None:
    """Write a systemd user unit for this data directory (it is not started)."""
    from swim_tui.api.launch import is_locked
    from swim_tui.cli.unit import unit_name, unit_text

    name = unit_name(app.data_dir)
    path = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user" / name
    text = unit_text(app.data_dir, sys.executable, os.environ, environment)
    new = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text, "utf-8")
        new.replace(path)
    except OSError as err:
        raise ConfigError(source=str(path), detail=f"it cannot be written: {err.strerror}") from None
    runs = app.data_dir.is_dir() and is_locked(app.data_dir)
    if app.as_json:
        emit({"unit": path, "name": name, "engine_runs": runs})
        return
    say(str(path))
    if runs:
        tell("an engine runs already and keeps the unit from starting: swim-tui engine stop first")
    tell(f"start it: systemctl --user daemon-reload && systemctl --user enable --now {name}")
    tell(f"without a login, and after a restart of the machine: sudo loginctl enable-linger {getpass.getuser()}")
    tell(f"look at it: systemctl --user status {name}; swim-tui engine status; swim-tui engine log")
