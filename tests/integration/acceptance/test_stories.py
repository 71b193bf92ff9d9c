"""Stories 3, 6 and 7: IOS-XR with its commit, a pair of Nexus, a Catalyst 9300 with commit and rollback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.person import reload_by_hand
from tests.support.world import Lab, World

SCALE = "1000"
QUICK = ("--soak", "0")
ASR9K = ("asr9k-mini-px.pie-6.1.4", "asr9k-k9sec-px.pie-6.1.4", "asr9k-mgbl-px.pie-6.1.4")
NCS = ("ncs5500-mini-x-7.3.2.iso", "ncs5500-mgbl-4.0.0.0-r732.x86_64.rpm")
C8000 = "8000-x64-7.9.2.iso"


@pytest.fixture
def fast(tmp_path: Path) -> Iterator[World]:
    """An empty data directory with an engine in a great hurry."""
    made = World(tmp_path)
    made.start_engine("--scale", SCALE)
    yield made
    made.stop()


def set_up(world: World, lab: Lab, *images: str) -> None:
    """Inventory and images; the devices are read by the jobs that need them."""
    world.swim("devices", "import", lab.ready["inventory"])
    folder = Path(lab.ready["images_dir"])
    world.swim("images", "import", *(str(folder / name) for name in images), "--wait")


def chosen(devices: tuple[str, ...] | str, images: tuple[str, ...]) -> list[str]:
    names = (devices,) if isinstance(devices, str) else devices
    words = [word for name in names for word in ("--device", name)]
    return [*words, *(word for image in images for word in ("--image", image))]


def upgrade(world: World, devices: tuple[str, ...] | str, *images: str, more: tuple[str, ...] = ()) -> dict[str, Any]:
    """One job that distributes and activates; its tasks by device."""
    given = [*chosen(devices, images), "--activate", "sequential", *QUICK, *more]
    return tasks_of(world.json("distribute", *given, "--yes", "--wait"))


def tasks_of(detail: dict[str, Any]) -> dict[str, Any]:
    return {task["device"]: task for task in detail["tasks"] if not task["device"].startswith("server:")}


def row_of(world: World, device: str) -> dict[str, Any]:
    found: dict[str, Any] = world.json("devices", "show", device)["row"]
    return found


def changing_lines(lab: Lab, device: str, word: str) -> list[str]:
    """Lines with this word that the device received."""
    return [e["line"].strip() for e in lab.events(device=device, event="line") if e["line"].strip().startswith(word)]


# --- story 3 ---


def test_xr_is_distributed_activated_and_committed_in_one_job(lab_up: Callable[..., Lab], fast: World) -> None:
    lab = lab_up("story3", "--time-scale", SCALE)
    set_up(fast, lab, *ASR9K)
    task = upgrade(fast, "xr-asr9k-01", *ASR9K)["xr-asr9k-01"]
    assert (task["outcome"], task["proven_version"]) == ("Upgraded, FPD pending", "6.1.4")
    assert task["message"].endswith("FPDs to upgrade: 0/RSP0/CPU0 cbc")
    assert task["phases_done"][-1] == "commit"
    row = row_of(fast, "xr-asr9k-01")
    assert (row["version"], row["state"]) == ("6.1.4", "")
    sent = changing_lines(lab, "xr-asr9k-01", "admin install")
    assert [line.split()[2] for line in sent] == ["add", "activate", "commit"]
    assert all(name in sent[0] for name in ASR9K)  # one add for the whole set
    assert lab.reloads() == {"xr-asr9k-01": 1}


def test_xr_is_committed_by_a_job_of_its_own_and_lost_without_it(lab_up: Callable[..., Lab], fast: World) -> None:
    lab = lab_up("story3", "--time-scale", SCALE)
    set_up(fast, lab, *NCS, C8000)
    both = ("xr-ncs-01", "xr-8k-01")
    given = [*chosen(both, (*NCS, C8000)), "--activate", "parallel", *QUICK, "--commit", "by-hand", "--yes", "--wait"]
    tasks = tasks_of(fast.json("distribute", *given))
    assert {t["outcome"] for t in tasks.values()} == {"Not committed"}
    listed = {row["name"]: row["state"] for row in fast.json("devices", "list")}
    assert listed["xr-ncs-01"] == "Not committed: runs 7.3.2; a reload brings the old software back"
    assert [u["device"] for u in fast.json("engine", "status")["uncommitted"]] == ["xr-8k-01", "xr-ncs-01"]
    done = fast.json("commit", "--device", "xr-ncs-01", "--yes", "--wait")
    assert tasks_of(done)["xr-ncs-01"]["outcome"] in ("Committed", "Upgraded, FPD pending")
    assert changing_lines(lab, "xr-ncs-01", "install")[-1].startswith("install commit")
    for name in both:
        reload_by_hand(lab, name)
    fast.swim("devices", "sync", *both, "--wait")
    assert (row_of(fast, "xr-ncs-01")["version"], row_of(fast, "xr-ncs-01")["state"]) == ("7.3.2", "")
    assert (row_of(fast, "xr-8k-01")["version"], row_of(fast, "xr-8k-01")["state"]) == ("7.7.2", "")


# --- story 6 ---


def test_a_vpc_pair_is_installed_secondary_first_with_its_impact_in_the_plan(
    lab_up: Callable[..., Lab], fast: World
) -> None:
    lab = lab_up("story6", "--time-scale", SCALE)
    image = "nxos.9.3.10.bin"
    pair = ("ny-n9k-a", "ny-n9k-b")
    set_up(fast, lab, image)
    plan = fast.json("plan", "distribute", *chosen(pair, (image,)), "--activate", "parallel", *QUICK)
    assert [(entry["device"], entry["batch"]) for entry in plan["order"]] == [("ny-n9k-b", 1), ("ny-n9k-a", 2)]
    secondary = next(d for d in plan["devices"] if d["device"] == "ny-n9k-b")
    impact = " / ".join(secondary["impact"])
    assert "modules that reset, with all their ports: 1" in impact
    assert "vPC secondary: ny-n9k-a carries the traffic meanwhile" in impact
    kinds = [op["kind"] for op in secondary["operations"]]
    assert kinds.index("check-impact") < kinds.index("install")
    tasks = tasks_of(
        fast.json("distribute", *chosen(pair, (image,)), "--activate", "parallel", *QUICK, "--yes", "--wait")
    )
    assert {t["outcome"] for t in tasks.values()} == {"Upgraded"}
    table = {c["name"]: c["actual"] for c in tasks["ny-n9k-b"]["checks"] if "impact" in c["name"].lower()}
    assert any("disruptive" in words for words in table.values())  # the device's own words are in the record
    assert [e["device"] for e in lab.events(event="reload")] == ["ny-n9k-b", "ny-n9k-a"]


# --- story 7 ---


def test_three_steps_with_a_timer_then_commit_then_rollback(lab_up: Callable[..., Lab], fast: World) -> None:
    lab = lab_up("story7", "--time-scale", "90")
    fast.stop()
    fast.start_engine("--scale", "90")
    image, name = "cat9k_iosxe.17.06.07.SPA.bin", "sf-9300-01"
    set_up(fast, lab, image)
    task = upgrade(fast, name, image, more=("--commit", "by-hand", "--insert-boot-command"))[name]
    assert (task["outcome"], task["proven_version"]) == ("Not committed", "17.06.07")
    assert task["commit_by"] is not None
    assert "goes back by itself at" in row_of(fast, name)["state"]
    committed = tasks_of(fast.json("commit", "--device", name, "--yes", "--wait"))[name]
    assert committed["outcome"] == "Committed"
    assert row_of(fast, name)["state"] == ""
    back = tasks_of(fast.json("rollback", "--device", name, *QUICK, "--yes", "--wait"))[name]
    assert (back["outcome"], back["proven_version"]) == ("Rolled back", "17.03.01")
    sent = [line.split()[1] for line in changing_lines(lab, name, "install")]
    assert sent[:3] == ["add", "activate", "commit"]
    assert sent[3] == "rollback"
    assert lab.reloads() == {name: 2}
