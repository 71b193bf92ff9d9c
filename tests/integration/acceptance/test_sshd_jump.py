"""The same upgrade with a real OpenSSH sshd as the jump host."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.integration.acceptance.test_psirt import ASR, distribute
from tests.integration.net.sshd import SSHD, USER, Sshd, make_key
from tests.support.world import Lab, World

pytestmark = pytest.mark.sshd


@pytest.fixture
def jump(tmp_path: Path) -> Iterator[Sshd]:
    if not Path(SSHD).exists() and os.environ.get("CI") != "true":
        pytest.skip("sshd is not installed")
    server = Sshd(tmp_path / "jump", make_key(tmp_path / "login_key")).start()
    yield server
    server.kill()


def test_the_upgrade_goes_through_a_real_openssh_jump_host(
    lab_up: Callable[..., Lab], world: World, jump: Sshd
) -> None:
    lab = lab_up("story2", "--addresses", "loopback", "--jump", f"127.0.0.1:{jump.port}")
    inventory = Path(lab.ready["inventory"])
    document = yaml.safe_load(inventory.read_text())
    for profile in document["credentials"]:
        if profile["name"] == "lab-jump":
            profile.clear()
            profile.update(name="lab-jump", username=USER, key_file=str(jump.login_key))
    document["host_keys"].append({"host": "127.0.0.1", "port": jump.port, "key": jump.public_key})
    inventory.write_text(yaml.safe_dump(document))
    world.set_up(lab)
    world.swim(*distribute(*ASR), "--wait")
    assert lab.reloads() == dict.fromkeys(ASR, 1)
    assert jump.log_text().count("Accepted publickey") >= 1
    assert "Failed" not in jump.log_text()
