"""An SMU at the command line: with the image it belongs to, then taken off again; of the wrong release it stays out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.support.world import Lab, World

ON_IT, BELOW = "sj-9300-01", "sj-9300-02"
IMAGE, COLD = "cat9k_iosxe.17.06.07.SPA.bin", "cat9k_iosxe.17.06.07.CSCwh87343.SPA.smu.bin"


def test_smus_are_put_on_with_their_image_or_alone_and_taken_off(lab_up: Callable[..., Lab], world: World) -> None:
    lab = lab_up("smus")
    world.swim("devices", "import", lab.ready["inventory"])
    for name in (IMAGE, COLD):
        world.swim("images", "import", str(Path(lab.ready["images_dir"]) / name), "--wait")
    assert world.json("images", "show", COLD)["image"]["identity"]["image_type"] == "SMU"
    world.swim("devices", "sync", "--wait")
    asked = ["--image", IMAGE, "--image", COLD, "--device", ON_IT, "--device", BELOW]
    both = ["--activate", "sequential", "--commit", "after-proof", "--yes", "--wait", "--json"]
    done = json.loads(world.swim("distribute", *asked, *both).stdout)
    assert done["run"]["status"] == "Success", done
    assert lab.reloads() == {ON_IT: 1, BELOW: 2}
    back = json.loads(world.swim("rollback", "--device", ON_IT, "--yes", "--wait", "--json").stdout)
    assert back["run"]["status"] == "Success", back
    sent = [e["line"].strip() for e in lab.events(device=ON_IT, event="line")]
    assert [line for line in sent if line.startswith("install de")] == [f"install deactivate file flash:{COLD}"]
