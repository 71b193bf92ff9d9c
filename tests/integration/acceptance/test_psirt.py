"""Story 2: three ASR1002 through a jump host, one combined job, proven by what the devices say afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.world import Lab, World, wait_until

ASR = ("ASR1002_large-54-9-9-4", "ASR1002_large-54-9-9-5", "ASR1002_large-54-9-9-6")
TARGET = "asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.bin"
COMBINED = ("--insert-boot-command", "--activate")


def distribute(*devices: str, activate: str = "parallel", image: str = TARGET) -> list[str]:
    """The command line of one combined job."""
    chosen = [word for device in devices for word in ("--device", device)]
    return ["distribute", "--image", image, *chosen, *COMBINED, activate, "--yes"]


def test_demo_headless_psirt_ends_well_in_under_a_minute(tmp_path: Path) -> None:
    world = World(tmp_path)
    began = time.monotonic()
    report = world.json("demo", "--headless", "--story", "psirt", limit_s=150)
    took = time.monotonic() - began
    assert report["status"] == "Success"
    assert len(report["devices"]) == 3
    assert {d["proven_version"] for d in report["devices"]} == {"03.13.05.S"}
    print(f"demo took {took:.1f} s")  # noqa: T201 - a figure for the log, never an assertion


def test_combined_job_upgrades_three_routers_once_each(lab_up: Callable[..., Lab], world: World) -> None:
    lab = lab_up("story2")
    world.set_up(lab)
    done = world.swim(*distribute(*ASR), "--wait", "--json")
    assert json.loads(done.stdout)["run"]["status"] == "Success"
    assert lab.reloads() == dict.fromkeys(ASR, 1)
    for name in ASR:
        row = world.json("devices", "show", name)["row"]
        assert row["version"].startswith("03.13.05")
        assert TARGET.removesuffix(".bin") in row["image_file"]


def test_a_second_job_for_the_same_image_reloads_nothing(lab_up: Callable[..., Lab], world: World) -> None:
    lab = lab_up("story2")
    world.set_up(lab)
    world.swim(*distribute(ASR[0]), "--wait")
    world.swim(*distribute(ASR[0]), "--wait")
    assert lab.reloads() == {ASR[0]: 1}


def test_every_changing_line_the_lab_received_is_in_the_plan(lab_up: Callable[..., Lab], world: World) -> None:
    lab = lab_up("story2")
    world.set_up(lab)
    before = len(lab.events(device=ASR[1]))
    job = json.loads(world.swim(*distribute(ASR[1]), "--wait", "--json").stdout)
    plan = world.json("runs", "show", job["run"]["id"], "--plan")
    planned = {
        line["text"]
        for device in plan["devices"]
        for op in device["operations"]
        for line in op["lines"]
        if line["changes"]
    }
    received = lab.events(device=ASR[1])[before:]
    read_only = ("show ", "dir", "verify ", "terminal ", "enable", "exit", "end", "configure terminal", "quit")
    changing = {
        row["line"].strip()
        for row in received
        if row["event"] in ("line", "config") and row["line"].strip() and not row["line"].startswith(read_only)
    }
    assert changing
    assert changing <= planned


def test_a_bad_image_on_the_canary_stops_the_run(lab_up: Callable[..., Lab], world: World) -> None:
    lab = lab_up("story2")
    world.set_up(lab)
    lab.fault(ASR[0], "back_on_old")
    started = json.loads(world.swim(*distribute(*ASR, activate="sequential"), "--json").stdout)

    def stopped() -> object:
        detail = world.json("runs", "show", started["run"]["id"])
        return detail if detail["run"]["stopped_because"] or detail["run"]["ended_at"] else None

    detail = wait_until(stopped, limit_s=90, what="the run stops")
    assert "Back on old image" in detail["run"]["stopped_because"]
    assert ASR[0] in detail["run"]["stopped_because"]
    outcome = {t["device"]: t["outcome"] for t in detail["tasks"]}
    assert outcome[ASR[0]] == "Back on old image"
    assert lab.reloads() == {ASR[0]: 1}


def test_classic_2960_is_upgraded_by_boot_variable_with_smart_erase(lab_up: Callable[..., Lab], world: World) -> None:
    lab = lab_up("story4")
    world.set_up(lab)
    image = "c2960-lanbasek9-mz.150-2.SE11.bin"
    world.swim(*distribute("br-oak-01", activate="sequential", image=image), "--erase-flash", "--wait")
    assert lab.reloads() == {"br-oak-01": 1}
    assert world.json("devices", "show", "br-oak-01")["row"]["version"] == "15.0(2)SE11"
    assert world.json("devices", "show", "br-oak-01")["facts"]["ssh_algorithms"]


def test_the_engine_starts_inside_a_command_substitution(tmp_path: Path) -> None:
    world = World(tmp_path)
    try:
        done = subprocess.run(
            ["bash", "-c", f'out=$({sys.executable} -m swim_tui.cli engine start); echo "got: $out"'],
            capture_output=True,
            text=True,
            env=world.env(),
            timeout=30,
            check=True,
        )
        assert "got:" in done.stdout
    finally:
        world.stop()
