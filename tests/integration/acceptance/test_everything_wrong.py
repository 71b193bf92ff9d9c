"""Story 8 at the command line: twenty devices of ten classes in one run, a different fault on every second one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.support.world import Lab, World

SCALE = "600"
IMAGES = (
    "c2960-lanbasek9-mz.150-2.SE11.bin",
    "c2960x-universalk9-tar.152-7.E10.tar",
    "cat3k_caa-universalk9.SPA.03.07.03.E.152-3.E3.bin",
    "cat9k_iosxe.17.06.07.SPA.bin",
    "cat4500es8-universalk9.SPA.03.08.06.E.152-4.E6.bin",
    "nxos.9.3.10.bin",
    "asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.bin",
    "isr4300-universalk9.16.06.04.SPA.bin",
    "c8000be-universalk9.17.09.05.SPA.bin",
    "8000-x64-7.9.2.iso",
)
# device: outcome, code, the device's own words in the message, what the remedy says
WRONG = {
    "sw-2960-02": ("Hash mismatch", "D20", "expected", "suspect the flash or the link"),
    "sw-2960x-02": ("Install failed", "A70", "does not support this switch type", "the device's own text"),
    "sw-3850-02": ("Member not ready", "A30", "2 V-Mismatch", "show switch"),
    "sw-9300-02": ("Install failed", "A70", "FAILED", "the device's own text"),
    "sw-4507-02": ("Unreachable after reload", "A20", "no SSH", "go to the console"),
    "dc-n9k-02": ("Install failed", "A70", "Return code 0x", "the device's own text"),
    "rt-asr-02": ("Back on old image", "A10", "runs 03.13.00.S", "compare its hash"),
    "rt-isr-02": ("Not authorised", "A50", "Command authorization failed", "lacks the right"),
    "rt-c8300-02": ("Copy failed", "D30", "Privilege denied", "privilege 15"),
    "rt-8202-02": ("Install failed", "A70", "No valid package was found", "the device's own text"),
}
RELOADED = {"sw-3850-02", "sw-4507-02", "rt-asr-02"}  # of those: once, and never again


def test_each_ends_with_its_own_outcome_code_and_remedy_and_the_healthy_ones_succeed(
    lab_up: Callable[..., Lab], tmp_path: Path
) -> None:
    world = World(tmp_path)
    lab = lab_up("story8", "--time-scale", SCALE, "--size-scale", "400")
    world.start_engine("--scale", SCALE)
    try:
        folder = Path(lab.ready["images_dir"])
        world.set_up(lab, {name: folder / name for name in IMAGES})
        names = [row["name"] for row in world.json("devices", "list")]
        world.swim("settings", "set", "activation.failures_before_stop", "20")
        chosen = [word for name in IMAGES for word in ("--image", name)]
        chosen += [word for name in names for word in ("--device", name)]
        options = ["--insert-boot-command", "--erase-flash", "--activate", "parallel", "--max", "20", "--soak", "0"]
        done = world.swim("distribute", *chosen, *options, "--yes", "--wait", "--json", code=None)
        detail = json.loads(done.stdout)
        assert detail["run"]["status"] == "Partial Success"
        assert len(names) == len(detail["tasks"]) == 20
        for task in detail["tasks"]:
            wrong = WRONG.get(task["device"])
            if wrong is None:
                assert (task["status"], task["outcome"].split(",")[0]) == ("Success", "Upgraded"), task
                continue
            outcome, code, words, remedy = wrong
            assert (task["status"], task["outcome"], task["code"]) == ("Failure", outcome, code), task
            assert words in task["message"], task
            assert remedy in task["remedy"], task
        assert lab.reloads() == dict.fromkeys({n for n in names if n not in WRONG} | RELOADED, 1)
    finally:
        world.stop()
