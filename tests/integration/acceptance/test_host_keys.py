"""Host keys of hops and devices: unknown, known to the user, changed; stopped, explained, accepted knowingly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.support.world import Lab, World

ASR = ("ASR1002_large-54-9-9-4", "ASR1002_large-54-9-9-5")
WRONG = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def without_keys(lab: Lab, path: Path) -> list[dict[str, Any]]:
    """The lab's inventory without its host keys, which are returned."""
    document = yaml.safe_load(Path(lab.ready["inventory"]).read_text())
    keys: list[dict[str, Any]] = document.pop("host_keys")
    path.write_text(yaml.safe_dump(document))
    return keys


def sync(world: World, code: int) -> dict[str, Any]:
    """Read one device; its task."""
    report: dict[str, Any] = world.json_here("devices", "sync", ASR[0], "--wait", code=code)
    (task,) = report["tasks"] if "tasks" in report else world.json_here("runs", "show", report["run"]["id"])["tasks"]
    return dict(task)


def row(world: World, name: str) -> dict[str, Any]:
    return next(r for r in world.json_here("hostkeys", "list") if name in r["names"])


def test_a_changed_key_of_a_hop_and_of_a_device_stops_and_is_accepted_knowingly(
    lab_up: Callable[..., Lab], world: World, tmp_path: Path
) -> None:
    lab = lab_up("story2", "--size-scale", "400")
    keys = without_keys(lab, tmp_path / "plain.yaml")
    world.here("devices", "import", str(tmp_path / "plain.yaml"))

    # Strict: an unknown key stops; the one in the user's own known_hosts is enough.
    world.here("settings", "set", "host_keys", "strict")
    assert "no host key known" in sync(world, code=1)["message"]
    jump = world.json_here("jumps", "list")[0]
    own = next(key for key in keys if (key["host"], key["port"]) == (jump["address"], jump["port"]))
    (tmp_path / "home" / ".ssh").mkdir(mode=0o700)
    (tmp_path / "home" / ".ssh" / "known_hosts").write_text(f"[{own['host']}]:{own['port']} {own['key']}\n")
    task = sync(world, code=1)
    assert ASR[0] in task["message"]
    assert f"hostkeys accept {ASR[0]}" in task["remedy"]
    unknown = row(world, ASR[0])
    assert (unknown["state"], unknown["via"], unknown["fingerprint"]) == ("unknown", ["jump-sf"], "")
    world.here("hostkeys", "accept", ASR[0], "--fingerprint", unknown["offered_fingerprint"])
    assert sync(world, code=0)["status"] == "Success"

    # Trust on first use never covers a change, at the hop or at the device.
    world.here("settings", "set", "host_keys", "trust-first")
    for name in ("jump-sf", ASR[0]):
        if name == "jump-sf":
            world.here("hostkeys", "accept", f"{own['host']}:{own['port']}", "--key", own["key"])
        before = row(world, name)["fingerprint"]
        lab.fault(name, "new_host_key")
        lab.fault("jump-sf", "drop_connections")
        task = sync(world, code=1)
        assert "changed" in task["message"]
        assert before in task["message"]
        changed = row(world, name)
        assert (changed["state"], changed["fingerprint"]) == ("changed", before)
        assert changed["offered_fingerprint"] in task["message"]
        refused = world.here("hostkeys", "accept", name, "--fingerprint", WRONG, code=2)
        assert "offered another key" in refused.stderr
        asked = world.here("hostkeys", "accept", name, code=3, stdin="")
        assert before in asked.stderr
        assert changed["offered_fingerprint"] in asked.stderr
        world.here("hostkeys", "accept", name, "--fingerprint", changed["offered_fingerprint"])
        assert sync(world, code=0)["status"] == "Success"
        accepted = row(world, name)
        assert (accepted["state"], accepted["origin"]) == ("known", "accepted")
        assert accepted["by"]

    # Forgotten, the next session learns the key anew, though a worker still runs that knew it.
    world.here("hostkeys", "remove", ASR[0], "--yes")
    lab.fault(ASR[0], "new_host_key")
    assert sync(world, code=0)["status"] == "Success"
    assert row(world, ASR[0])["origin"] == "trusted on first use"
