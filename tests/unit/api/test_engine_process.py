"""The engine as a process: it detaches, there is one per directory, and it ends when it should."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from swim_tui.api.client import EngineClient
from swim_tui.api.launch import Launch, is_locked, launch
from swim_tui.errors import DataDirInUse, EngineUnavailable, RemoteError
from swim_tui.paths import DataPaths

FAKE = "tests.unit.api.fake_engine"


def wait_until(condition: Callable[[], bool], limit_s: float = 15.0) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "the condition did not come true"
        time.sleep(0.02)


def pid_of(root: Path) -> int:
    return int(json.loads(DataPaths(root).engine_json.read_text())["pid"])


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0]
    except OSError:
        return True
    return state == "Z"


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "data"
    yield path
    with contextlib.suppress(OSError, ValueError):
        pid = pid_of(path)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: is_gone(pid))


def start(root: Path, **more: float) -> int:
    launch(Launch(root, module=FAKE, **more))  # type: ignore[arg-type]
    return pid_of(root)


def test_a_file_in_the_directory_of_the_caller_is_never_a_library(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = tmp_path / "downloads"
    hostile.mkdir()
    for name in ("asyncio", "http", "json", "logging", "yaml", "pydantic"):
        (hostile / f"{name}.py").write_text(f"open({str(hostile / 'ran')!r}, 'w').close()\n")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))  # where the tests are
    monkeypatch.chdir(hostile)
    start(root)
    assert not (hostile / "ran").exists()


def test_the_starter_gets_its_stdout_back_at_once(root: Path) -> None:
    command = [*Launch(root, module=FAKE).command()]
    began = time.monotonic()
    out = subprocess.run(command, capture_output=True, timeout=20, check=True)
    assert out.stdout == b""
    assert time.monotonic() - began < 10
    pid = pid_of(root)
    assert not is_gone(pid)
    assert Path(f"/proc/{pid}/cwd").resolve() == Path("/")
    assert os.getsid(pid) != os.getsid(0)
    open_files = {os.readlink(f) for f in Path(f"/proc/{pid}/fd").iterdir()}  # noqa: PTH115  pipes are no paths
    assert not any(name.startswith("pipe:") for name in open_files)
    assert str(DataPaths(root).engine_log) in open_files


def test_what_the_engine_writes_is_private(root: Path) -> None:
    start(root)
    paths = DataPaths(root)
    for path in (paths.engine_json, paths.engine_lock, paths.engine_log, paths.socket()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(root.stat().st_mode) == 0o700


def test_a_second_engine_is_refused_and_names_the_first(root: Path) -> None:
    pid = start(root)
    with pytest.raises(DataDirInUse, match=f"pid {pid}") as caught:
        launch(Launch(root, module=FAKE))
    assert caught.value.exit_code == 4


def test_sigterm_ends_it_cleanly_and_sighup_does_not(root: Path) -> None:
    pid = start(root)
    os.kill(pid, signal.SIGHUP)
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: is_gone(pid))
    paths = DataPaths(root)
    assert not paths.engine_json.exists()
    assert not paths.socket().exists()
    assert not is_locked(root)
    assert "engine stops: SIGTERM" in paths.engine_log.read_text()


async def test_a_client_can_stop_it(root: Path) -> None:
    pid = await asyncio.to_thread(start, root)
    async with EngineClient(root) as client:
        await client.api.stop_engine()
    await asyncio.to_thread(wait_until, lambda: is_gone(pid))


def test_after_a_kill_the_next_engine_starts(root: Path) -> None:
    first = start(root)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: is_gone(first))
    assert DataPaths(root).socket().exists()
    second = start(root)
    assert second != first


def test_it_ends_when_its_directory_is_removed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_ENGINE", "note-stop")
    pid = start(root)
    shutil.rmtree(root)
    wait_until(lambda: is_gone(pid))
    assert root.with_suffix(".stopped").exists()


def test_it_ends_when_its_directory_is_replaced_and_leaves_the_new_one_alone(root: Path) -> None:
    pid = start(root)
    root.rename(root.with_name("moved"))
    other = start(root)
    wait_until(lambda: is_gone(pid))
    assert pid_of(root) == other
    assert not is_gone(other)


def test_it_ends_when_its_lifeline_is_cut(root: Path) -> None:
    read_end, write_end = os.pipe()
    pid = start(root, lifeline=read_end)
    os.close(read_end)
    assert not is_gone(pid)
    os.close(write_end)
    wait_until(lambda: is_gone(pid))


def test_it_ends_when_nothing_has_happened_for_a_while(root: Path) -> None:
    pid = start(root, exit_when_idle_s=0.5)
    wait_until(lambda: is_gone(pid))
    assert "nothing to do for 0.5 s" in DataPaths(root).engine_log.read_text()


def test_a_long_path_gets_a_short_private_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = tempfile.mkdtemp(prefix="rt-", dir="/tmp")  # short itself, as runtime directories are
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
    root = tmp_path / ("long" * 30)
    pid = start(root)
    try:
        path = DataPaths(root).socket()
        assert path.is_relative_to(runtime)
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert asyncio.run(_pid_by_hello(root)) == pid
    finally:
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: is_gone(pid))
        shutil.rmtree(runtime)


async def _pid_by_hello(root: Path) -> int:
    async with EngineClient(root) as client:
        return (await client.api.hello()).pid


def test_an_error_while_starting_reaches_the_starter_as_one_sentence(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_ENGINE", "bug")
    with pytest.raises(RemoteError, match="no pack named 'nowhere'") as caught:
        launch(Launch(root, module=FAKE))
    assert caught.value.remote_exit_code == 2
    wait_until(lambda: not is_locked(root))  # free when the process has ended


def test_a_crash_while_starting_is_told_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_ENGINE", "crash")
    with pytest.raises(RemoteError, match="it ended while starting") as caught:
        launch(Launch(root, module=FAKE))
    assert caught.value.remote_exit_code == 4


def test_a_module_that_cannot_start_is_an_error_with_its_last_words(root: Path) -> None:
    with pytest.raises(EngineUnavailable, match="No module named"):
        launch(Launch(root, module="tests.unit.api.no_such_engine"))


def test_a_person_who_starts_it_by_hand_reads_a_sentence(root: Path) -> None:
    start(root)
    command = [sys.executable, "-m", FAKE, "--data-dir", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 4
    assert done.stderr.startswith("swim-tui: another engine (pid ")
    assert done.stderr.count("\n") == 1


def test_a_look_at_the_lock_does_not_keep_an_engine_from_starting(root: Path) -> None:
    root.mkdir(mode=0o700)
    handle = os.open(DataPaths(root).engine_lock, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)
    process = subprocess.Popen(Launch(root, module=FAKE).command())
    time.sleep(0.1)  # a look lasts microseconds; the engine tries for half a second
    os.close(handle)
    assert process.wait(20) == 0
