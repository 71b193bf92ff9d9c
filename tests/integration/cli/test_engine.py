"""The engine as a service on the command line: what runs and what is next, restarts, its log."""

from __future__ import annotations

from pathlib import Path

from tests.support.world import World


def test_the_engine_says_what_is_next_and_is_restarted_as_it_was_started(tmp_path: Path) -> None:
    world = World(tmp_path)
    try:
        pid = world.start_engine("--scale", "60", "--environment", "LAB")
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
        (core,) = [line.split()[4:6] for line in limits if line.startswith("Max core file size")]
        assert core == ["0", "0"]  # a core file would hold the secrets of every profile
        world.swim("devices", "add", "r1", "192.0.2.1", "--platform", "asr1002")
        at = ("--at", "2099-01-15T02:00Z", "--name", "Nightly sync")
        job = world.json("devices", "sync", "r1", *at, "--recur", "daily")["job"]["id"]
        told = world.swim("engine", "status").stdout
        assert f"Nightly sync (job {job})" in told
        assert "running         nothing" in told
        document = world.json("engine", "status")
        assert [coming["id"] for coming in document["coming"]] == [job]
        assert document["runs"] == []
        again = world.json("engine", "restart")
        assert again["hello"]["pid"] != pid
        assert (again["hello"]["environment"], again["next_job"]) == ("LAB", "Nightly sync")
        assert {row["key"]: row["value"] for row in world.json("settings", "list")}["waits.scale"] == "60"
        assert "engine ready" in world.swim("engine", "log").stdout
    finally:
        world.stop()
