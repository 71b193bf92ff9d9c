"""The evidence pack: everything about a run in one folder or zip, with its hashes and without secrets."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from swim_tui.api.evidence import SUMS, export_evidence
from swim_tui.engine.core import Engine
from swim_tui.engine.services import evidence
from swim_tui.errors import ConfigError, NotFound
from swim_tui.model.checks import Check, Verdict
from swim_tui.model.options import ActivateMode
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ChecksDone, ConfigCaptured, Direction, OutputLine, PhaseResult
from swim_tui.model.plan import OpKind, Phase
from tests.unit.engine.fakes import (
    AUTO,
    START,
    FakeClock,
    Play,
    ScriptedRunner,
    add_devices,
    combined,
    failure,
    start_engine,
    submit,
    until,
)


async def play(one: Play) -> PhaseResult | None:
    """r1 is upgraded, r2 comes back on its old image; both say something on the way."""
    if one.phase is not Phase.ACTIVATE:
        return await AUTO(one)
    await one.barrier(OpKind.RELOAD)
    sink, key = one.runner.sink, one.request.id
    sink.on_event(key, OutputLine(START, Direction.SENT, "reload | now", "activate.reload", changes=True))
    lost = Check("Interfaces up", Verdict.WARNING, "12", "11", "look at Gi0/1")
    sink.on_event(key, ChecksDone(one.operation(OpKind.POST_CHECKS).id, (lost,)))
    for text in ("hostname r1\nenable secret 5 abc\n", "hostname r1\nenable secret 5 abc\nboot system x\n"):
        sink.on_event(key, ConfigCaptured("running", text))
        configs = one.runner.engine.state.paths.configs / one.device  # type: ignore[attr-defined]
        count = len([*configs.glob("*.enc")]) if configs.is_dir() else 0
        await until(lambda configs=configs, count=count: configs.is_dir() and len([*configs.glob("*.enc")]) > count)
        await one.runner.clock.move(1)  # type: ignore[attr-defined]
    return failure(Outcome.BACK_ON_OLD, "runs <old> | again") if one.device == "r2" else await AUTO(one)


@pytest.fixture
async def done(tmp_path: Path) -> AsyncIterator[tuple[Engine, str]]:
    """A run that ended, one device of two badly."""
    runner: Any = ScriptedRunner(play)
    runner.clock = clock = FakeClock()
    runner.engine = engine = await start_engine(tmp_path, runner, clock)
    await add_devices(engine, "r1", "r2")
    job = await submit(engine, combined("r1", "r2", mode=ActivateMode.PARALLEL))
    await engine.wait_for(job.last_run)
    yield engine, job.last_run
    await engine.stop()


async def test_a_run_is_exported_as_a_folder_with_everything_and_its_hashes(
    done: tuple[Engine, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, run_id = done
    monkeypatch.setattr(evidence, "PAGE_BYTES", 700)  # so that files come in several parts
    out = tmp_path / "evidence" / "CHG1"
    names = await export_evidence(engine.api, run_id, out)
    wanted = {"summary.md", "run.json", "events.jsonl", "plan.md", "plan.csv", "plan.json", SUMS}
    both = {f"{folder}/{name}.{end}" for name in ("r1", "r2")
            for folder, end in (("checks", "md"), ("devices", "log"), ("configs", "diff"))}  # fmt: skip
    assert set(names) == wanted | both
    for line in (out / SUMS).read_text().splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    said = (out / "summary.md").read_text()
    for words in (
        "Partial Success",
        "job by tester",
        "| r1 | 192.0.2.1 | Success | Upgraded A00 |",
        "intent 1",
        "compare its hash",
        "Interfaces up: expected 12, is 11",
        "runs &lt;old> \\| again",
        "SHA-512",
    ):
        assert words in said, words
    assert "+boot system x" in (out / "configs/r1.diff").read_text()
    assert "reload | now" in (out / "devices/r1.log").read_text()
    assert all(path.stat().st_mode & 0o077 == 0 for path in out.rglob("*"))
    text = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert b"secret-word" not in text
    assert b"secret 5 abc" not in text
    plan = (await engine.api.run(run_id)).run.plan_sha256
    assert plan in said
    with pytest.raises(ConfigError, match="exists"):
        await export_evidence(engine.api, run_id, out)


async def test_as_a_zip_it_is_one_file_and_a_failed_export_leaves_none(
    done: tuple[Engine, str], tmp_path: Path
) -> None:
    engine, run_id = done
    out = tmp_path / "run.zip"
    names = await export_evidence(engine.api, run_id, out)
    with zipfile.ZipFile(out) as pack:
        assert pack.testzip() is None
        assert sorted(pack.namelist()) == sorted(f"run/{name}" for name in names)
    with pytest.raises(NotFound):
        await engine.api.evidence_file(run_id, "../../vault.json")
    with pytest.raises(NotFound):
        await export_evidence(engine.api, "99", tmp_path / "none")
    assert not (tmp_path / "none").exists()

    async def breaks(run_id: str, name: str, offset: int = 0) -> None:
        raise OSError(28, "No space left on device")

    half: Any = SimpleNamespace(evidence=engine.api.evidence, evidence_file=breaks)
    for target in (tmp_path / "half.zip", tmp_path / "half"):
        with pytest.raises(ConfigError, match="no space"):
            await export_evidence(half, run_id, target)
        assert not target.exists()


async def test_a_run_under_way_has_evidence_too(tmp_path: Path) -> None:
    runner, clock = ScriptedRunner(), FakeClock(START + timedelta(days=1))
    engine = await start_engine(tmp_path, runner, clock)
    await add_devices(engine, "r1")
    job = await submit(engine, combined("r1"))
    await runner.wait(("r1", Phase.PREPARE))
    assert "summary.md" in await engine.api.evidence(job.last_run)
    page = await engine.api.evidence_file(job.last_run, "summary.md")
    assert "Running" in page.text
    assert page.is_last
    await engine.stop()
