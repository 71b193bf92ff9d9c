"""The doctor on a network with old switches: who negotiated what, and what a person should do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.support.world import Lab, World


def doctor(world: World, *options: str, code: int | None = 0) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in world.json_here("doctor", *options, code=code)}


def test_an_old_switch_is_refused_until_it_is_marked_and_the_doctor_says_what_each_negotiated(tmp_path: Path) -> None:
    world = World(tmp_path)
    lab = Lab.up("story4", tmp_path / "lab", "--time-scale", "100", "--size-scale", "16")
    try:
        document = yaml.safe_load(Path(lab.ready["inventory"]).read_text())
        for device in document["devices"]:
            device["legacy_ssh"] = False
        world.here("devices", "import", "-", stdin=yaml.safe_dump(document))
        name = document["devices"][0]["name"]
        report = world.json_here("devices", "sync", name, "--wait", code=1)
        (task,) = world.json_here("runs", "show", report["run"]["id"])["tasks"]
        assert "offers only old SSH algorithms" in task["message"]
        assert "Legacy SSH algorithms" in task["remedy"]
        world.here("devices", "edit", name, "--legacy-ssh")
        world.here("devices", "sync", name, "--wait")
        found = doctor(world, "--devices", "--jumps")
        assert "1 with old algorithms" in found["SSH of devices"]["actual"]
        assert found["SSH of devices"]["verdict"] == "ok"
        assert "sha1" in found[f"SSH of {name}"]["actual"]
        assert "marked legacy" in found[f"SSH of {name}"]["actual"]
        jump = document["jumps"][0]["name"]
        assert found[f"jump host {jump}"]["verdict"] == "ok"
        assert "sha1" not in found[f"jump host {jump}"]["actual"]  # a hop is never offered them
        lab.fault(jump, "new_host_key")
        world.here("devices", "edit", name, "--modern-ssh")
        found = doctor(world, "--jumps", code=1)
        assert found["SSH of devices"]["verdict"] == "failed"  # old algorithms with a device that is not marked
        assert "changed" in found[f"jump host {jump}"]["actual"]
        assert found["host keys"]["verdict"] == "failed"
    finally:
        world.stop()
        lab.down()
