"""Story 5 at the command line: a stack of three whose second member has too little room, through a jump host."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.support.world import Lab, World

STACK, OLD = "la-acc-07", "cat3k_caa-universalk9.SPA.03.06.00.E.152-2.E.bin"


def test_the_plan_names_the_short_member_the_erase_frees_it_and_all_members_are_verified(
    lab_up: Callable[..., Lab], world: World
) -> None:
    lab = lab_up("story5", "--size-scale", "64")
    world.set_up(lab)
    image = next(i["file_name"] for i in world.json("images", "list") if ".03.07." in i["file_name"])
    asked = ["--image", image, "--device", STACK, "--activate", "sequential"]
    short = world.json("plan", "distribute", *asked, code=None)["devices"][0]
    assert not short["included"]
    assert "Free space flash-2:" in short["excluded_because"]
    plan = world.json("plan", "distribute", *asked, "--erase-flash")["devices"][0]
    assert [(d["file_system"], d["path"]) for op in plan["operations"] for d in op["deletions"]] == [("flash-2:", OLD)]
    done = json.loads(world.swim("distribute", *asked, "--erase-flash", "--yes", "--wait", "--json").stdout)
    assert done["run"]["status"] == "Success", done
    members = world.json("devices", "show", STACK)["facts"]["members"]
    assert [(m["state"], m["version"]) for m in members] == [("Ready", "03.07.03E")] * 3
    assert lab.reloads() == {STACK: 1}
