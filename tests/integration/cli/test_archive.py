"""The configuration archive and inventories of other programs, over the real command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.world import Lab, World

ROUTER = "ASR1002_large-54-9-9-4"


@pytest.mark.slow
def test_a_configuration_is_archived_shown_and_exported_and_an_inventory_comes_and_goes(tmp_path: Path) -> None:
    lab = Lab.up("story2", tmp_path / "lab", "--time-scale", "100", "--size-scale", "400")
    world = World(tmp_path)
    try:
        world.start_engine("--scale", "100")
        world.swim("devices", "import", lab.ready["inventory"])
        world.swim("configs", "archive", ROUTER, "--wait")
        rows = json.loads(world.swim("configs", "list", "--json").stdout)
        assert {row["name"] for row in rows} == {"running", "startup"}
        assert f"hostname {ROUTER}" in world.swim("configs", "show", ROUTER).stdout
        out = tmp_path / "kept.txt"
        world.swim("configs", "export", ROUTER, "--out", str(out))
        assert out.stat().st_mode & 0o777 == 0o600
        assert "exists" in world.swim("configs", "export", ROUTER, "--out", str(out), code=None).stderr
        assert "no older configuration" in world.swim("configs", "diff", ROUTER, code=None).stderr

        world.swim("devices", "add", "-", "--role", "core", stdin="n1\nn2 192.0.2.8\n")
        table = tmp_path / "more.csv"
        table.write_text("name,address,password\nq1,192.0.2.9,hunter2\n")
        given = world.swim("devices", "import", str(table))
        assert "passwords in this file are not imported" in given.stderr
        assert "hunter2" not in given.stdout + given.stderr
        exported = tmp_path / "mine.yaml"
        exported.write_text(world.swim("devices", "export").stdout)
        again = json.loads(world.swim("devices", "import", str(exported), "--dry-run", "--json").stdout)
        assert {row["action"] for row in again["rows"]} == {"same"}
        assert {"n1", "n2", "q1"} <= {row["name"] for row in again["rows"]}
    finally:
        world.stop()
        lab.down()
