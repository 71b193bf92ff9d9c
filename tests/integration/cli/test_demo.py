"""`swim-tui demo`: the whole product in one command, and nothing left behind however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from swim_tui.cli.demo import print_report
from tests.support.world import World, alive, wait_until


def demo_processes(folder: Path) -> list[int]:
    """Pids of lab, engine and workers whose command line or environment names this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in command and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def start_demo(world: World, *options: str, in_background: bool = False) -> subprocess.Popen[str]:
    """The demo's process; `in_background`: as `&` in a script starts it, where Ctrl-C means nothing to it."""
    return subprocess.Popen(
        [sys.executable, "-m", "swim_tui.cli", "demo", "--headless", *options],
        env={**world.env(), "TMPDIR": str(world.root)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_ignore_interrupts if in_background else None,
    )


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def test_the_catalyst_story_erases_what_it_may_and_a_kept_demo_can_be_looked_at_afterwards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path)
    kept = tmp_path / "kept"
    story = ("demo", "--headless", "--time-scale", "240", "--story", "catalyst", "--keep", str(kept), "--json")
    done = world.swim(*story, limit_s=120)
    report = json.loads(done.stdout)
    [device] = report["devices"]
    assert (report["status"], device["outcome"]) == ("Success", "Upgraded")
    assert (device["from_version"], device["proven_version"]) == ("12.2(55)SE", "15.0(2)SE11")
    assert device["bytes"] == 11832946
    titles = [op["title"] for op in device["operations"]]
    assert any("Erasing" in title for title in titles)
    assert all(op["status"] in ("Success", "Skipped") for op in device["operations"])
    print_report(report)
    assert "15.0(2)SE11" in capsys.readouterr().out
    assert f"kept: {kept}" in done.stderr
    assert demo_processes(kept) == []
    other = World(tmp_path, {"SWIM_TUI_DATA_DIR": str(kept / "data")})
    try:
        runs = other.json("runs", "list")
        assert [r["run"]["status"] for r in runs] == ["Success"] * 3
        assert other.json("devices", "show", "br-oak-01")["row"]["version"] == "15.0(2)SE11"
    finally:
        other.swim("engine", "stop")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    world = World(tmp_path)
    process = start_demo(world, in_background=number is signal.SIGTERM)
    wait_until(lambda: list(tmp_path.glob("swim-tui-demo-*/data/engine.json")), limit_s=30, what="its engine is up")
    [folder] = tmp_path.glob("swim-tui-demo-*")
    assert demo_processes(folder)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert "Traceback" not in err
    assert not folder.exists()
    wait_until(lambda: not demo_processes(folder), limit_s=5, what="lab and engine are gone")


def test_a_killed_demo_takes_lab_engine_and_workers_with_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    process = start_demo(world)
    wait_until(lambda: list(tmp_path.glob("swim-tui-demo-*/data/engine.json")), limit_s=30, what="its engine is up")
    [folder] = tmp_path.glob("swim-tui-demo-*")
    pid = int(json.loads((folder / "data" / "engine.json").read_text())["pid"])
    process.kill()
    process.communicate(timeout=10)
    wait_until(lambda: not alive(pid) and not demo_processes(folder), limit_s=15, what="lab and engine are gone")
