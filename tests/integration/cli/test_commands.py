"""The command line against a real engine and a lab: what a user does in his first hour."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import Lab, World, wait_until

IMAGE = "asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.bin"
ONE, TWO, THREE = "ASR1002_large-54-9-9-4", "ASR1002_large-54-9-9-5", "ASR1002_large-54-9-9-6"
SCALE = "240"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    running = Lab.up("story2", tmp_path_factory.mktemp("lab"), "--time-scale", SCALE, "--size-scale", "400")
    yield running
    running.down()


@pytest.fixture
def world(tmp_path: Path, lab: Lab) -> Iterator[World]:
    made = World(tmp_path)
    made.start_engine("--scale", SCALE)
    made.swim("devices", "import", lab.ready["inventory"])
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, lab: Lab) -> Iterator[World]:
    """One engine for the tests that neither need an empty store nor leave anything that another would stumble over."""
    made = World(tmp_path_factory.mktemp("shared"))
    made.start_engine("--scale", SCALE)
    made.swim("devices", "import", lab.ready["inventory"])
    yield made
    made.stop()


def with_image(world: World, lab: Lab) -> None:
    if not world.json("images", "list"):
        world.swim("images", "import", f"{lab.ready['images_dir']}/{IMAGE}", "--wait")


def test_stdout_is_one_json_document_and_stderr_the_narration(world: World, lab: Lab) -> None:
    path = f"{lab.ready['images_dir']}/{IMAGE}"
    done = world.swim("images", "import", path, "--wait", "--json")
    [document] = json.loads(done.stdout)
    assert document["run"]["status"] == "Success"
    assert document["job"]["request"]["source"] == path
    assert "runs as" in done.stderr
    [image] = world.json("images", "list")
    assert image["file_name"] == IMAGE
    assert image["imported_at"].endswith("Z")
    assert image["size_bytes"] == Path(path).stat().st_size


def test_a_device_is_synced_shown_and_removed(world: World) -> None:
    done = world.swim("devices", "sync", ONE, "--wait")
    assert "Success" in done.stdout
    shown = world.json("devices", "show", ONE)
    assert shown["row"]["version"] == "03.13.00.S"
    assert shown["facts"]["version"]["uptime_s"] > 0
    world.swim("devices", "remove", ONE, "--yes")
    assert world.swim("devices", "show", ONE, code=2).stderr.startswith(f"swim-tui: no device named '{ONE}'")


def test_a_device_that_cannot_be_reached_makes_exit_code_one(shared: World) -> None:
    shared.swim("devices", "add", "ghost", "192.0.2.77", "--jump", "jump-sf", "--credentials", "lab-admin")
    done = shared.swim("devices", "sync", "ghost", "--wait", code=1)
    assert "Failure" in done.stdout


def test_a_jump_host_is_tested_hop_by_hop(shared: World) -> None:
    [hop] = shared.json("jumps", "test", "jump-sf")
    assert hop["ok"] is True
    assert hop["fingerprint"].startswith("SHA256:")
    assert hop["algorithms"]


def test_a_wrong_password_parks_the_profile_until_it_is_given_again(world: World, lab: Lab) -> None:
    user = lab.ready["credentials"]["jump_username"]
    add = ("credentials", "add", "lab-jump", "--username", user, "--password-stdin")
    world.swim(*add, stdin="wrong\n")
    [hop] = json.loads(world.swim("jumps", "test", "jump-sf", "--json", code=1).stdout)
    assert hop["problem"]["code"] == "SWIM-4030"
    refused = world.swim("jumps", "test", "jump-sf", code=3)
    assert "is parked" in refused.stderr
    parked = {p["name"]: p["parked"] for p in world.json("credentials", "list")}
    assert parked == {"lab-admin": False, "lab-jump": True}
    world.swim(*add, stdin=lab.ready["credentials"]["jump_password"] + "\n")
    assert world.json("jumps", "test", "jump-sf")[0]["ok"] is True


def distributions(world: World) -> list[str]:
    return [j["id"] for j in world.json("jobs", "list") if "Distribution" in j["request"]["type"]]


def test_without_a_yes_nothing_is_submitted(shared: World, lab: Lab) -> None:
    with_image(shared, lab)
    before = distributions(shared)
    done = shared.swim("distribute", "--image", IMAGE, "--device", ONE, code=3)
    assert "give --yes" in done.stderr
    assert distributions(shared) == before


def test_a_plan_is_written_compared_and_run_as_it_was_approved(shared: World, lab: Lab) -> None:
    with_image(shared, lab)
    first, second = shared.root / "one.json", shared.root / "two.json"
    common = ("plan", "distribute", "--image", IMAGE, "--device", ONE)
    sha256 = shared.swim(*common, "--out", str(first)).stdout.split()[0]
    shared.swim(*common, "--device", TWO, "--out", str(second))
    assert TWO in shared.swim("plan", "diff", str(first), str(second), code=1).stdout
    assert shared.swim("plan", "diff", str(first), str(first)).stdout == ""
    wrong = shared.swim("distribute", "--plan", str(first), "--expect", "0" * 64, "--yes", code=3)
    assert "plan changed" in wrong.stderr
    done = shared.json("distribute", "--plan", str(first), "--expect", sha256, "--yes", "--wait")
    assert done["run"]["status"] == "Success"
    assert done["tasks"][0]["outcome"] in ("Distributed", "Already there")
    plan = shared.json("runs", "show", done["run"]["id"], "--plan")
    assert plan["devices"][0]["device"] == ONE


def test_a_dry_run_sends_nothing_that_changes_the_device(shared: World, lab: Lab) -> None:
    with_image(shared, lab)
    before = len(lab.events(device=TWO))
    done = shared.json(
        "distribute", "--image", IMAGE, "--device", TWO, "--insert-boot-command", "--activate", "sequential",
        "--dry-run", "--wait",
    )  # fmt: skip
    assert done["run"]["status"] == "Success"
    sent = [row.get("line", "") for row in lab.events(device=TWO)[before:]]
    assert "show version" in sent
    assert not any(line.startswith(("conf", "boot", "write", "reload", "delete", "copy", "no ")) for line in sent)


def test_a_job_of_tomorrow_is_listed_edited_paused_and_cancelled(world: World, lab: Lab) -> None:
    with_image(world, lab)
    submitted = world.json(
        "distribute", "--image", IMAGE, "--device", ONE, "--at", "2099-01-15T02:00Z", "--name", "night", "--yes"
    )
    assert submitted["run"] is None
    job = submitted["job"]["id"]
    assert world.json("jobs", "show", job)["job"]["next_run_at"] == "2099-01-15T02:00:00Z"
    assert world.json("jobs", "edit", job, "--at", "2099-01-16T02:00Z")["next_run_at"] == "2099-01-16T02:00:00Z"
    needed = world.swim("images", "delete", IMAGE, "--yes", code=3)
    assert f"needed by the coming job {job}" in needed.stderr
    edited = world.json("jobs", "edit", job, "--recur", "weekly", "--change", "CHG7")
    assert (edited["request"]["schedule"]["recur"], edited["request"]["change"]) == ("Weekly", "CHG7")
    for command, status in ((["pause"], "Paused"), (["resume"], "Scheduled"), (["cancel", "--yes"], "Cancelled")):
        world.swim("jobs", command[0], job, *command[1:])
        assert world.json("jobs", "show", job)["job"]["status"] == status
    world.swim("images", "delete", IMAGE, "--yes")
    nightly = world.json("configs", "archive", ONE, "--at", "2099-01-15T02:00Z", "--recur", "daily")["job"]["id"]
    assert "Daily" in world.swim("jobs", "show", nightly).stdout
    world.swim("jobs", "delete", nightly, "--yes")
    assert world.json("jobs", "list")[0]["id"] == job


def test_watching_as_json_gives_events_until_the_end(world: World) -> None:
    submitted = world.json("devices", "sync")
    watched = world.swim("jobs", "watch", submitted["run"]["id"], "--json")
    lines = [json.loads(line) for line in watched.stdout.splitlines()]
    assert lines[0]["kind"] == "snapshot"
    last = lines[-1].get("run", lines[-1])
    assert last["status"] == "Success"
    log = world.swim("jobs", "log", submitted["run"]["id"], "--device", ONE, "--json")
    texts = [json.loads(line)["text"] for line in log.stdout.splitlines()]
    assert "show version" in texts
    assert not any(secret in log.stdout for secret in ("password", "enable secret"))


def test_a_running_job_keeps_the_engine_from_stopping(world: World, lab: Lab) -> None:
    lab.ask(command="fault", device=THREE, set="slow=100000")
    with_image(world, lab)
    run = world.json("distribute", "--image", IMAGE, "--device", THREE, "--yes")["run"]["id"]
    refused = world.swim("engine", "stop", code=3)
    assert "--force" in refused.stderr
    busy = world.swim("devices", "remove", THREE, "--yes", code=3)
    assert f"busy with run {run}" in busy.stderr
    world.swim("jobs", "cancel", run, "--device", THREE, "--yes")
    ended = wait_until(
        lambda: (r := world.json("runs", "show", run))["run"]["ended_at"] and r,
        limit_s=60,
        what="the run ends",
        poll_s=0.3,
    )
    assert ended["tasks"][0]["status"] == "Cancelled"
    lab.ask(command="fault", device=THREE, clear="")
    world.swim("engine", "stop")
    assert not (world.data / "engine.sock").exists()


def test_many_clients_at_once_start_one_engine(tmp_path: Path) -> None:
    world = World(tmp_path)
    codes: list[int] = []
    threads = [
        threading.Thread(target=lambda: codes.append(world.swim("devices", "list", "--json", code=None).returncode))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert codes == [0, 0, 0, 0]
    finally:
        world.stop()


def test_captured_outputs_are_read_one_by_one_and_as_json_lines(shared: World) -> None:
    text = "Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 12.2(55)SE, RELEASE SOFTWARE (fc2)\n"
    one = json.loads(shared.swim("facts", "read", "-", stdin=text).stdout)
    assert one["version"]["version"] == "12.2(55)SE"
    lines = "".join(json.dumps({"id": i, "text": text}) + "\n" for i in range(20))
    answers = [
        json.loads(line) for line in shared.swim("facts", "read", "--jsonl", "-", stdin=lines).stdout.splitlines()
    ]
    assert [answer["id"] for answer in answers] == list(range(20))
    assert answers[7]["fields"] == one
    wrong = json.dumps({"id": 1, "platform": "nothing", "text": text}) + "\n"
    answer = json.loads(shared.swim("facts", "read", "--jsonl", "-", stdin=wrong, code=1).stdout)
    assert "no device pack named 'nothing'" in answer["error"]


def test_the_lab_commands_find_the_lab(lab: Lab, tmp_path: Path) -> None:
    world = World(tmp_path)
    place = ("--dir", str(lab.directory))
    devices = {d["name"]: d for d in world.json("lab", "status", *place)["devices"]}
    assert devices[TWO]["phase"] == "up"
    jump = world.json("lab", "status", *place)["jumps"][0]["name"]
    world.swim("lab", "fault", jump, "otp", *place)
    (line,) = (line for line in world.swim("lab", "status", *place).stdout.splitlines() if line.startswith(jump))
    assert "asks for the code" in line
    world.swim("lab", "fault", jump, "all", "--clear", *place)
    assert world.json("lab", "fault", TWO, "slow=1000000", *place)["faults"] == ["slow=1000000"]
    assert world.json("lab", "fault", TWO, "slow", "--clear", *place)["faults"] == []
    assert "no fault 'haste'" in world.swim("lab", "fault", TWO, "haste", *place, code=3).stderr
