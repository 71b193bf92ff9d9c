"""The shipped networks of stories 1, 4, 5, 7 and of the mixed ones hold what they promise."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from swim_tui.lab.lab import Lab
from swim_tui.lab.network import find_network, load_network
from swim_tui.lab.platforms import lab_data_dir


def test_story_one_has_its_hundred_and_thirteen_switches() -> None:
    network = load_network(find_network("story1"))
    assert len(network.devices) == 113
    assert Counter(device.location for device in network.devices) == {
        "San Francisco Region": 48,
        "Los Angeles Region": 32,
        "New York Region": 33,
    }
    assert sum(device.stack > 1 for device in network.devices) == 13
    assert Counter(network.software[device.running].xe_version for device in network.devices) == {
        "03.06.03E": 106,
        "03.06.00E": 6,
        "03.07.03E": 1,
    }
    names = {device.name for device in network.devices}
    assert all(set(device.upstream) <= names for device in network.devices)
    assert all(device.pair in {"", *names} for device in network.devices)


def test_the_faults_of_story_one_are_an_overlay() -> None:
    network = load_network(find_network("story1"), faults=lab_data_dir() / "faults" / "story1.yaml")
    assert {device.name for device in network.devices if device.faults} == {
        *("sf-acc-19", "sf-acc-22", "la-acc-15", "la-acc-20", "ny-acc-30", "ny-acc-31"),
    }


@pytest.mark.parametrize("name", ["story1", "story4", "story5", "story7", "mixed", "classes"])
async def test_every_network_starts_at_its_own_scale(tmp_path: Path, name: str) -> None:
    lab = Lab(load_network(find_network(name)), tmp_path, time_scale=400)
    lab.build()
    for device in lab.devices.values():
        assert device.personality.choose_boot(device).software == device.running_software
        assert all(system.free >= 0 for system in device.storage.systems)
    lab.stop()


async def test_the_second_member_of_story_five_has_too_little_room(tmp_path: Path) -> None:
    lab = Lab(load_network(find_network("story5")), tmp_path)
    lab.build()
    frees = [row["free"] * 16 for row in lab.devices["la-acc-07"].state()["members"]]
    assert 415_000_000 < frees[1] < 420_000_000 < 1_000_000_000 < frees[2]
    lab.stop()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("story4", {"br-oak-01", "br-oak-03", "br-oak-10", "br-oak-11"}),
        ("story5", {"la-acc-07", "la-acc-08"}),
        ("story7", {"sf-9300-01", "sf-9300-02", "sf-9500-svl"}),
        ("mixed", {"cat4507-01", "asr1006-dc-01", "asr903-01", "c8300-01", "br-oak-30"}),
    ],
)
def test_the_other_networks_hold_their_devices(name: str, wanted: set[str]) -> None:
    assert wanted <= {device.name for device in load_network(find_network(name)).devices}
