"""Network files: what they say, and how their mistakes are reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from swim_tui.lab.faults import DEVICE_FAULTS, FaultError, FaultSet, parse_fault
from swim_tui.lab.network import find_network, load_network
from swim_tui.lab.platforms import lab_data_dir, platform_table
from swim_tui.lab.yamlfile import NetworkError
from tests.unit.lab.labkit import OLD_ASR

HEAD = f"""\
include: [{lab_data_dir()}/software/asr1000.yaml]
jumps:
  - {{name: jump-sf, address: 10.0.0.1}}
devices:
"""
GOOD = f"  - {{name: one, address: 10.0.0.9, platform: asr1002, running: {OLD_ASR}, jump: [jump-sf]}}\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", sorted(path.stem for path in lab_data_dir().glob("*.yaml")))
def test_every_shipped_network_can_be_read(name: str) -> None:
    network = load_network(find_network(name))
    assert network.devices
    assert any(software.publish for software in network.software.values())
    for device in network.devices:
        running = network.software[device.running]
        assert running.family in device.platform.families
        boot = next(fs for fs in device.platform.file_systems if fs.prefix == device.platform.boot_fs)
        assert running.size_bytes < (device.boot_fs_size or boot.size) / device.size_scale, device.name


def test_the_small_switches_have_room_for_the_new_image_only_after_a_delete() -> None:
    network = load_network(find_network("story4"))
    new = network.software["c2960-lanbasek9-mz.150-2.SE11.bin"].size_bytes
    sizes = {name: software.size_bytes for name, software in network.software.items()}
    for device in network.devices[:2]:
        assert device.platform.file_systems[0].size == 32514048
        used = sizes[device.running] + sum(sizes[item.software] for item in device.files)
        assert 32514048 - used < new < 32514048 - used + min(sizes[item.software] for item in device.files)
    assert network.devices[2].boot_fs_size == 15998976


def test_a_count_makes_devices_with_numbers_and_following_addresses() -> None:
    network = load_network(find_network("hundred"))
    assert len(network.devices) == 100
    assert (network.devices[99].name, network.devices[99].address) == ("asr-100", "10.60.0.100")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("devices:\n  - {name: a, name: b}\n", 2, "key 'name' stands twice (first on line 2)"),
        (HEAD + GOOD.replace("platform:", "platfrom:"), 5, "lacks the field 'platform'"),
        (HEAD + GOOD.replace("jump:", "jmup:"), 5, "no field 'jmup'; did you mean 'jump'?"),
        (HEAD + GOOD.replace("asr1002", "asr9999"), 5, "no platform 'asr9999'; known are"),
        (HEAD + GOOD.replace("[jump-sf]", "[jump-la]"), 5, "no jump host 'jump-la'"),
        (HEAD + GOOD.replace("10.0.0.9", "10.0.0.999"), 5, "is not an IP address"),
        (HEAD + GOOD.replace(OLD_ASR, "nothing.bin"), 5, "no software 'nothing.bin' in the catalogue"),
        (HEAD + GOOD + GOOD, 6, "device 'one' is described twice"),
        (
            HEAD + GOOD + "faults:\n  one: [drop_everything]\n",
            7,
            "no fault 'drop_everything'; known are refuse",
        ),
        (HEAD + GOOD + "faults:\n  two: [vty_full]\n", 7, "neither a device nor a jump host"),
        (HEAD + GOOD.replace("}", ", vty: [}"), 5, "not valid YAML"),
        ("size_scale: big\n", 1, "'size_scale' must be a number, not 'big'"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(NetworkError) as error:
        load_network(path)
    assert str(error.value).startswith(f"{path}, line {line}: ")
    assert says in str(error.value)


def test_faults_of_the_file_and_of_an_overlay_come_together(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + GOOD + "faults:\n  one: [vty_full]\n")
    overlay = tmp_path / "faults.yaml"
    overlay.write_text("faults:\n  one: [drop_at=30%]\n  jump-sf: [dead]\n")
    network = load_network(path, faults=overlay)
    assert network.devices[0].faults == ("vty_full", "drop_at=30%")
    assert network.jumps[0].faults == ("dead",)


def test_a_size_scale_from_outside_wins(tmp_path: Path) -> None:
    network = load_network(written(tmp_path, HEAD + GOOD), size_scale=100)
    assert {device.size_scale for device in network.devices} == {100}
    assert {software.size_scale for software in network.software.values()} == {100}


def test_keys_of_users_must_be_public_keys(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("name: x\nauthorized_keys:\n  - ssh-ed25519 nonsense\n")
    with pytest.raises(NetworkError, match="line 2: the network: 'authorized_keys' are lines"):
        load_network(path)


def test_an_unknown_network_is_answered_with_the_shipped_ones() -> None:
    with pytest.raises(NetworkError, match=r"shipped networks are .*story2"):
        find_network("no-such")


def test_platforms_are_named_as_the_inventory_names_them() -> None:
    assert {"asr1002", "asr1001-x", "isr4331", "c2960", "c2960x", "isr-g2"} <= set(platform_table())


@pytest.mark.parametrize(
    "text", ["drop_at=half", "slow=fast", "privilege=16", "config_register_next=2142", "vty_full=1"]
)
def test_a_value_that_does_not_fit_a_fault_is_refused(text: str) -> None:
    with pytest.raises(FaultError):
        parse_fault(text)


def test_a_counted_fault_is_used_up() -> None:
    faults = FaultSet(DEVICE_FAULTS, ("drop_at=25%*2", "slow"))
    taken = faults.take("drop_at")
    assert taken is not None
    assert taken.number == 0.25
    assert faults.take("drop_at") is not None
    assert faults.take("drop_at") is None
    assert faults.texts() == ["slow=65536"]


def test_a_jump_fault_does_not_fit_a_device() -> None:
    with pytest.raises(FaultError, match="does not fit here"):
        FaultSet(DEVICE_FAULTS, ("otp",))
