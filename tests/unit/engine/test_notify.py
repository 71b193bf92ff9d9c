"""The notification command: told in JSON, limited in time and output, and never in the way. Old records go."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from swim_tui.engine.core import Engine
from swim_tui.errors import BadValue, NotFound
from swim_tui.model.job import JobRequest, JobType, RecurKind, Schedule
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import PhaseResult
from swim_tui.model.plan import Phase
from tests.unit.engine.fakes import (
    AUTO,
    NEW,
    START,
    FakeClock,
    Play,
    ScriptedRunner,
    add_devices,
    combined,
    facts_of,
    failure,
    start_engine,
    submit,
    until,
)

SYNC = JobRequest(JobType.INVENTORY_SYNC, devices=("r1",))


@pytest.fixture
def runner() -> ScriptedRunner:
    return ScriptedRunner(AUTO)


@pytest.fixture
async def engine(engine: Engine) -> Engine:
    await add_devices(engine, "r1")
    return engine


def program(folder: Path, body: str) -> str:
    """A command line that runs these lines of Python."""
    path = folder / "hook with blank.py"
    path.write_text(f"import json, os, sys, time\n{body}\n")
    return f"{sys.executable} '{path}' one 'two words' $HOME"


async def said(engine: Engine, words: str, limit_s: float = 10.0) -> str:
    """The notice with these words, as soon as it is there."""
    found: list[str] = []

    def look() -> bool:
        found[:] = [kept.notice.text for kept in engine.state.tables.notices.all() if words in kept.notice.text]
        return bool(found)

    await until(look, words, limit_s)
    return found[0]


async def test_the_command_hears_the_run_as_json_with_its_arguments_as_they_are(engine: Engine, tmp_path: Path) -> None:
    out = tmp_path / "heard.json"
    body = f"""
heard = json.load(sys.stdin)
heard["arguments"], heard["environment"], heard["cwd"] = sys.argv[1:], sorted(os.environ), os.getcwd()
open({str(out)!r}, "w").write(json.dumps(heard))
print("thank you")"""
    await engine.api.set_setting("notify.command", program(tmp_path, body))
    job = await engine.api.submit(SYNC, by="ann")
    assert await said(engine, "ended well") == f"{Path(sys.executable).name} ended well: thank you"
    heard = json.loads(out.read_text())
    assert heard["arguments"] == ["one", "two words", "$HOME"]
    assert (heard["what"], heard["cwd"]) == ("ended", "/")
    assert (heard["run"]["id"], heard["run"]["status"]) == (job.last_run, "Success")
    assert heard["job"]["created_by"] == "ann"
    assert [(task["device"], task["status"]) for task in heard["tasks"]] == [("r1", "Success")]
    assert not [name for name in heard["environment"] if name.startswith(("SWIM_TUI", "SSH", "PYTEST"))]
    assert "secret-word" not in out.read_text()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("sys.exit(3)", "failed with exit code 3"),
        ("os.system('sleep 60')", "was ended: it ran for more than 1 s"),
        ("sys.stdin.close(); sys.stdout.write('x' * 5_000_000)", "ended well: xxx"),
    ],
)
async def test_a_command_that_fails_hangs_or_floods_changes_nothing(
    engine: Engine, tmp_path: Path, body: str, words: str
) -> None:
    await engine.api.set_setting("notify.limit_s", "1")
    await engine.api.set_setting("notify.command", program(tmp_path, body))
    job = await engine.api.submit(SYNC)
    assert (await engine.wait_for(job.last_run)).status == "Success"
    assert len(await said(engine, words)) < 300
    left = [path for path in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path).encode() in read(path)]
    assert left == []


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


async def test_an_engine_that_stops_ends_the_command_and_does_not_wait_for_it(tmp_path: Path) -> None:
    engine = await start_engine(tmp_path, ScriptedRunner(AUTO))
    await add_devices(engine, "r1")
    pid = tmp_path / "pid"
    body = f"open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    await engine.api.set_setting("notify.command", program(tmp_path, body))
    await engine.api.submit(SYNC)
    await until(lambda: pid.exists() and pid.read_text(), limit_s=10)
    async with asyncio.timeout(5):
        await engine.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


async def test_it_can_be_told_of_bad_ends_only_and_hears_that_a_run_waits_for_a_person(tmp_path: Path) -> None:
    async def play(one: Play) -> PhaseResult | None:
        is_bad = one.device == "r1" and one.phase is Phase.ACTIVATE
        return failure(Outcome.BACK_ON_OLD) if is_bad else await AUTO(one)

    engine = await start_engine(tmp_path, ScriptedRunner(play))
    await add_devices(engine, "r1", "r2")
    out = tmp_path / "heard"
    body = f"h = json.load(sys.stdin); open({str(out)!r}, 'a').write(h['what'] + ' ' + h['run']['status'] + chr(10))"
    await engine.api.set_setting("notify.command", program(tmp_path, body))
    await engine.api.set_setting("notify.on", "failure")
    good = await engine.api.submit(SYNC)
    await engine.wait_for(good.last_run)
    job = await submit(engine, combined("r1", "r2"))
    await until(lambda: out.exists() and out.read_text() == "stopped Running\n", limit_s=10)
    await engine.api.cancel(job.id, by="ann")
    await engine.wait_for(job.last_run)
    await until(lambda: len(out.read_text().splitlines()) == 2, limit_s=10)
    assert out.read_text().splitlines()[1].startswith("ended ")
    await engine.stop()


@pytest.mark.parametrize("value", ["mail", "/no/such/program", "/tmp", "'/bin/sh"])
async def test_what_is_no_program_is_refused(engine: Engine, value: str) -> None:
    with pytest.raises(BadValue):
        await engine.api.set_setting("notify.command", value)


async def test_old_records_go_but_for_what_a_rollback_or_a_waiting_job_needs(tmp_path: Path, clock: FakeClock) -> None:
    runner = ScriptedRunner(AUTO)
    engine = await start_engine(tmp_path, runner, clock)
    await add_devices(engine, "r1")
    once = await engine.api.submit(SYNC)
    await engine.wait_for(once.last_run)
    weekly = Schedule(START + timedelta(seconds=1), RecurKind.MONTHLY)
    await engine.api.submit(JobRequest(JobType.INVENTORY_SYNC, devices=("r1",), schedule=weekly))
    await clock.move(2)
    await until(lambda: len(engine.state.tables.runs) == 2 and not engine.runs.live)
    upgrade = await submit(engine, combined("r1"))
    await engine.wait_for(upgrade.last_run)
    runner.facts = lambda device: facts_of(device, NEW)
    await clock.move(10 * 86400)
    assert engine.retention.outdated() == []  # for ever, unless told otherwise
    await engine.api.set_setting("records.keep_days", "7")
    assert await engine.retention.sweep() == 1
    assert len(engine.state.tables.runs) == 2
    with pytest.raises(NotFound):
        await engine.api.run(once.last_run)
    assert not (engine.state.paths.runs / once.last_run).exists()
    assert (await engine.api.run_plan(upgrade.last_run)).sha256
    assert any("1 run(s) older than 7 days" in text for text in (await engine.api.status()).notices)
    await engine.stop()
    engine = await start_engine(tmp_path, runner, clock)
    assert len(engine.state.tables.runs) == 2
    await engine.stop()
