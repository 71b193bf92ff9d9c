"""Story 4 by .tar at the command line: with 32 MB of flash it is unpacked while it comes from the SWIM server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import yaml

from swim_tui.model.server import PROBE_FILE
from tests.support.world import NETWORKS, Lab, World

SWITCH, TAR = "br-oak-21", "c2960-lanbasek9-tar.150-2.SE11.tar"
NEW = "flash:/c2960-lanbasek9-mz.150-2.SE11/c2960-lanbasek9-mz.150-2.SE11.bin"


def test_an_archive_is_unpacked_out_of_the_servers_hand(
    lab_up: Callable[..., Lab], world: World, tmp_path: Path
) -> None:
    files = [str(NETWORKS / name) for name in ("servers.yaml", "software/c2960-tar.yaml")]
    network = tmp_path / "tar.yaml"
    network.write_text(yaml.safe_dump({"name": "tar", "include": files}))
    lab = lab_up(str(network), "--size-scale", "16")
    world.swim("devices", "import", lab.ready["inventory"])
    world.swim("images", "import", str(Path(lab.ready["images_dir"]) / TAR), "--wait")
    asked = ["--image", TAR, "--device", SWITCH, "--activate", "sequential", "--insert-boot-command"]
    done = json.loads(world.swim("distribute", *asked, "--yes", "--wait", "--json").stdout)
    assert done["run"]["status"] == "Success", done
    lines = [e["line"].strip() for e in lab.events(device=SWITCH, event="line")]
    sent = [line for line in lines if line.startswith("archive")]
    assert len(sent) == 1
    probe = [line.split()[0] for line in lines[: lines.index(sent[0])] if PROBE_FILE in line and "dir " not in line]
    assert probe == ["copy", "delete"], "a small file shows the way before anything is deleted or unpacked"
    assert sent[0].startswith("archive download-sw /no-set-boot /leave-old-sw scp://")
    assert world.json("devices", "show", SWITCH)["row"]["image_file"] == NEW
    assert lab.reloads() == {SWITCH: 1}
