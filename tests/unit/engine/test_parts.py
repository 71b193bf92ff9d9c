"""Small parts: device logs, encrypted configurations, jump chains, groups, imports."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from swim_tui.engine import daemon
from swim_tui.engine.core import Engine
from swim_tui.engine.devicelog import DeviceLogs, from_text, log_path, read_page, to_text
from swim_tui.engine.effects import ConfigStore
from swim_tui.engine.requests import jump_chain
from swim_tui.engine.services.request import devices_of
from swim_tui.errors import BadValue, Conflict, ConsentMissing, NotFound, PlanChanged
from swim_tui.model.device import Group, GroupKind, JumpHost
from swim_tui.model.job import JobRequest, JobType, RunStatus, TaskStatus, Window
from swim_tui.model.options import ActivateMode
from swim_tui.model.phase import ConfigCaptured, Direction, OutputLine
from swim_tui.model.plan import Phase
from tests.unit.engine.fakes import (
    AUTO,
    NEW,
    START,
    FakeClock,
    ScriptedRunner,
    add_devices,
    combined,
    facts_of,
    start_engine,
    submit,
    until,
)


@pytest.fixture
def runner() -> ScriptedRunner:
    return ScriptedRunner(AUTO)


def line(text: str, *, changes: bool = False) -> OutputLine:
    return OutputLine(START, Direction.SENT, text, "activate.reload", changes)


# --- device logs ---


@pytest.mark.parametrize("text", ["show version", "a\tb", "two\nlines", "back\\slash \\n", "", "…\x1b[31m"])
def test_a_line_of_a_device_log_comes_back_as_it_was(text: str) -> None:
    assert from_text(to_text(line(text, changes=True)).rstrip("\n")) == line(text, changes=True)


def test_the_log_of_a_device_with_any_name_is_a_file_of_its_own(tmp_path: Path) -> None:
    names = ("r1", "a" * 300, "a" * 301, "é" * 90, "../../x", "\ud800", "a b\n")
    paths = [log_path(tmp_path, name) for name in names]
    assert len(set(paths)) == len(names)
    for path, name in zip(paths, names, strict=True):
        assert path.parent == tmp_path
        path.touch()
        assert read_page(tmp_path, name, 0, 3).lines == ()


def test_a_device_log_is_read_page_by_page_and_only_whole_lines(tmp_path: Path) -> None:
    logs = DeviceLogs()
    logs.write(tmp_path / "run", "r1", tuple(line(f"line {n}") for n in range(5)))
    logs.close()
    with log_path(tmp_path / "run", "r1").open("ab") as file:
        file.write(b"2026-01-10T02:00:00+00:00\t>\t.")
    first = read_page(tmp_path / "run", "r1", 0, 3)
    rest = read_page(tmp_path / "run", "r1", first.next_offset, 10)
    assert [found.text for found in (*first.lines, *rest.lines)] == [f"line {n}" for n in range(5)]
    assert read_page(tmp_path / "run", "r1", rest.next_offset, 10) == type(rest)((), rest.next_offset)


def test_a_device_name_is_never_a_path(tmp_path: Path) -> None:
    for name in ("../../etc/passwd", "..", "a/b", "/abs"):
        assert log_path(tmp_path, name).parent == tmp_path


def test_a_log_that_is_not_there_yet_has_no_lines(tmp_path: Path) -> None:
    assert read_page(tmp_path, "r1", 0, 10).lines == ()


# --- configurations ---


async def test_a_captured_configuration_is_encrypted_and_can_be_read_back(engine: Engine) -> None:
    store = ConfigStore(engine.state)
    text = "hostname r1\nusername admin secret 5 $1$abc\n"
    path = await asyncio.to_thread(store.save, "r1/..", ConfigCaptured("running", text), START)
    assert path.parent.parent == engine.state.paths.configs
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"secret" not in path.read_bytes()
    assert await asyncio.to_thread(ConfigStore(engine.state).load, path) == text


async def test_the_archive_lists_shows_and_compares_with_secrets_masked(engine: Engine) -> None:
    store = ConfigStore(engine.state)
    first = "hostname r1\nenable secret 5 $1$abc\nip http server\n"
    second = "hostname r1\nenable secret 5 $1$xyz\n"
    for days, text in enumerate((first, second)):
        for name in ("running", "startup"):
            captured = ConfigCaptured(name, text)
            await asyncio.to_thread(store.save, "r1/a", captured, START + timedelta(days=days))
    rows = await engine.api.configs("r1/a")
    assert [row.name for row in rows] == ["startup", "running", "startup", "running"]
    assert rows[0].at > rows[3].at
    assert "$1$" not in await engine.api.config("r1/a")
    assert "ip http server" in await engine.api.config("r1/a", rows[3].id)
    diff = (await engine.api.config_diff("r1/a")).splitlines()
    assert [line for line in diff if line[:1] in "+-"][2:] == [
        "-enable secret 5 <masked>", "-ip http server", "+enable secret 5 <masked>",
    ]  # fmt: skip
    for wrong in ("../../etc/passwd", "20260101T000000Z-running"):
        with pytest.raises(NotFound):
            await engine.api.config("r1/a", wrong)
    assert await engine.api.configs("r2") == []


# --- jump chains and groups ---


def test_a_jump_host_that_is_reached_through_another_brings_it_along_once() -> None:
    jumps = {j.name: j for j in (JumpHost("a", "x"), JumpHost("b", "y", via="a"), JumpHost("c", "z", via="c"))}
    assert [j.name for j in jump_chain(["b"], jumps)] == ["a", "b"]
    assert [j.name for j in jump_chain(["a", "b"], jumps)] == ["a", "b"]
    assert [j.name for j in jump_chain(["c"], jumps)] == ["c"]
    with pytest.raises(NotFound, match="jump host"):
        jump_chain(["ghost"], jumps)


async def test_a_group_means_its_devices_and_those_of_its_sub_groups(engine: Engine) -> None:
    await add_devices(engine, "r1", "r2", "r3")
    await engine.api.set_group(Group("USA", GroupKind.LOCATION), [])
    await engine.api.set_group(Group("Boston", GroupKind.LOCATION, parent="USA"), ["r1", "r2"])
    assert [d.name for d in devices_of(engine.state, ["r3"], ["USA"])] == ["r3", "r1", "r2"]
    with pytest.raises(NotFound, match="group"):
        devices_of(engine.state, [], ["Atlantis"])


# --- imports ---


def collection(source: str, **more: object) -> JobRequest:
    return JobRequest(JobType.COLLECTION, source=source, **more)  # type: ignore[arg-type]


async def test_a_file_becomes_an_image_and_the_same_content_is_kept_once(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "some image.bin"
    path.write_bytes(b"not a known image" * 1000)
    ids = []
    for _ in range(2):
        job = await submit(engine, collection(str(path)))
        run = await engine.wait_for(job.last_run)
        assert run.status is RunStatus.SUCCESS
        assert run.message == "1 of 1 images imported, 1 not recognised"
        ids += run.images_collected
    assert ids[0] == ids[1]
    assert len(await engine.api.images()) == 1
    task = (await engine.api.run(job.last_run)).tasks[0]
    assert "not recognised" in task.message


async def test_a_wrong_declared_hash_fails_the_import_and_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "image.bin"
    path.write_bytes(b"x" * 100)
    job = await submit(engine, collection(str(path), md5="0" * 32))
    run = await engine.wait_for(job.last_run)
    task = (await engine.api.run(run.id)).tasks[0]
    assert (run.status, task.status) == (RunStatus.FAILURE, TaskStatus.FAILURE)
    assert "declared" in task.message
    assert await engine.api.images() == []
    assert list(engine.state.paths.incoming.iterdir()) == []


@pytest.mark.parametrize(
    "source",
    [
        "",
        "relative.bin",
        "tftp://host/x",
        "https://user:pw@host/x",
        "https://host/x?access_token=user:pw",
        "device:ghost",
        "sftp://host/x.bin",
        "ftp://host/dir/",
        "cisco:ONLY-A-PID",
        "http://ho st/x",
    ],
)
async def test_a_source_that_cannot_be_is_refused(engine: Engine, source: str) -> None:
    with pytest.raises(BadValue) as caught:
        await engine.api.submit(collection(source))
    assert "user:pw" not in str(caught.value)


async def test_a_folder_is_one_job_with_a_task_for_each_image(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("b.bin", "a.bin", "a.bin.md5", "notes.txt", ".hidden.bin"):
        (folder / name).write_bytes(name.encode())
    (folder / "a.bin.md5").write_text("0" * 32)
    other = tmp_path / "b.bin"
    other.write_bytes(b"another b")
    job = await submit(engine, collection(str(folder), sources=(str(other),)))
    run = await engine.wait_for(job.last_run)
    tasks = {task.device: task for task in (await engine.api.run(run.id)).tasks}
    assert {name: task.status for name, task in tasks.items()} == {
        "a.bin": TaskStatus.FAILURE,
        "b.bin": TaskStatus.SUCCESS,
        "b.bin (2)": TaskStatus.SUCCESS,
    }
    assert run.status is RunStatus.PARTIAL
    assert "declared " + "0" * 32 in tasks["a.bin"].message
    assert tasks["b.bin"].source == str(folder / "b.bin")
    assert sorted(image.file_name for image in await engine.api.images()) == ["b.bin", "b.bin"]
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(BadValue, match="no software image"):
        await submit(engine, collection(str(empty)))
    with pytest.raises(BadValue, match="belongs to one image"):
        await submit(engine, collection(str(folder), sources=(str(other),), md5="0" * 32))
    with pytest.raises(BadValue, match="'0123' is no MD5: it has 32 hexadecimal digits"):
        await submit(engine, collection(str(other), md5="0123"))


# --- submit ---


async def test_a_lower_version_needs_a_consent_before_submit(engine: Engine, runner: ScriptedRunner) -> None:
    await add_devices(engine, "r1")
    runner.facts = lambda device: facts_of(device, "03.16.00.S")
    await engine.wait_for((await submit(engine, JobRequest(JobType.INVENTORY_SYNC, devices=("r1",)))).last_run)
    with pytest.raises(ConsentMissing, match="lower-version"):
        await engine.api.submit(combined("r1"))
    job = await submit(engine, combined("r1", consents=("lower-version",)))
    assert (await engine.wait_for(job.last_run)).status is RunStatus.SUCCESS


async def test_a_plan_that_is_not_the_expected_one_is_refused(engine: Engine) -> None:
    await add_devices(engine, "r1")
    with pytest.raises(PlanChanged):
        await engine.api.submit(combined("r1"), expect_sha256="0" * 64)


async def test_a_preview_with_refresh_reads_the_devices_first(engine: Engine, runner: ScriptedRunner) -> None:
    await add_devices(engine, "r1")
    before = await engine.api.preview(combined("r1"))
    assert "never read" in before.devices[0].excluded_because
    after = await engine.api.preview(combined("r1"), refresh=True)
    assert after.devices[0].included
    assert [r.phase for r in runner.history] == [Phase.PREPARE]


async def test_devices_that_do_not_fit_the_window_are_distributed_and_not_reloaded(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1")
    window = Window("2026-01-10T02:00Z", "2026-01-10T02:05Z")
    job = await submit(engine, replace(combined("r1"), window=window))
    run = await engine.wait_for(job.last_run)
    task = (await engine.api.run(run.id)).tasks[0]
    assert task.status is TaskStatus.CANCELLED
    assert "maintenance window is too short" in task.message
    assert (("r1", Phase.DISTRIBUTE) in runner.begun(), ("r1", Phase.ACTIVATE) in runner.begun()) == (True, False)


async def test_the_engine_does_not_stop_under_a_run_unless_forced(engine: Engine, runner: ScriptedRunner) -> None:
    runner.auto = None
    await add_devices(engine, "r1")
    job = await submit(engine, combined("r1", mode=ActivateMode.OFF))
    await until(lambda: runner.plays)
    with pytest.raises(Conflict, match=job.last_run):
        await engine.api.stop_engine()
    assert not engine.stop_requested.is_set()
    await engine.api.stop_engine(force=True)
    assert engine.stop_requested.is_set()


async def test_the_dashboard_names_what_waits_for_a_person(engine: Engine, runner: ScriptedRunner) -> None:
    runner.auto = None
    await add_devices(engine, "r1", "r2")
    job = await submit(engine, combined("r1", "r2", mode=ActivateMode.OFF))
    await engine.api.hold(job.last_run, by="ann")
    home = await engine.api.dashboard()
    assert any("on hold by ann" in words for words in home.waiting_for_person)
    assert (home.devices, home.images, home.unsynced, home.total_runs) == (2, 1, 2, 1)
    assert home.last_runs[0].run.id == job.last_run
    assert NEW in {image.version for family in home.families for image in family.images}


async def test_a_wrong_pack_of_a_person_is_left_out_and_said_but_the_engine_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    own = tmp_path / "config" / "swim-tui" / "packs"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text("name: [\n")
    engine = await start_engine(tmp_path, ScriptedRunner(), FakeClock())
    assert engine.state.packs.find("asr1002") is not None
    assert any("mine.yaml" in text for text in (await engine.api.status()).notices)
    await engine.stop()


def test_the_engine_log_is_rotated_private_and_not_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "LOG_BYTES", 2000)
    handler = daemon._Rotating(tmp_path / "engine.log", owns_stderr=False)
    for number in range(500):
        handler.emit(logging.makeLogRecord({"msg": f"line {number} of a long night"}))
    handler.close()
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["engine.log", "engine.log.1", "engine.log.2", "engine.log.3"]
    assert all(path.stat().st_size <= 2000 for path in files)
    assert files[0].stat().st_mode & 0o777 == 0o600
    assert "line 499" in files[0].read_text()


async def test_a_device_with_a_read_only_profile_is_read_and_never_changed(
    engine: Engine, runner: ScriptedRunner
) -> None:
    await add_devices(engine, "r1", "r2")
    await engine.api.add_credentials("viewer", "watch", password="x", read_only=True)
    await engine.api.add_device(replace((await engine.api.device("r1")).device, credentials="viewer"))
    for name in ("r1", "r2"):
        engine.state.keep(engine.state.tables.facts.put(facts_of(name)))
    plan = await engine.api.preview(combined("r1", "r2"))
    included = {device.device: device.excluded_because for device in plan.devices}
    assert included["r1"] == "credential profile 'viewer' is read-only: it sends no changing command"
    assert included["r2"] == ""
    dry = combined("r1", "r2", dry_run=True)
    assert all(device.included for device in (await engine.api.preview(dry)).devices)
    await submit(engine, JobRequest(JobType.INVENTORY_SYNC, devices=("r1", "r2")))
    await until(lambda: len(runner.history) == 2)
    assert {request.device.name: request.endpoint.login.read_only for request in runner.history} == {
        "r1": True,
        "r2": False,
    }


async def test_a_plan_is_exported_as_it_was_shown_and_refused_once_it_is_another(
    engine: Engine, clock: FakeClock
) -> None:
    await add_devices(engine, "r1")
    await asyncio.wrap_future(engine.state.tables.facts.put(facts_of("r1")))
    shown = await engine.api.preview(combined("r1"))
    await clock.move(60)
    text = await engine.api.export_plan(combined("r1"), "markdown", shown.sha256, shown.made_at)
    assert f"Made {shown.made_at}, SHA-256 `{shown.sha256}`" in text
    await asyncio.wrap_future(engine.state.tables.facts.put(facts_of("r1", NEW)))
    with pytest.raises(Conflict, match="not what was shown"):
        await engine.api.export_plan(combined("r1"), "markdown", shown.sha256, shown.made_at)
