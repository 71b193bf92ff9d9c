"""Inventory files: what is accepted, and that every problem is found at once, with its line."""

from __future__ import annotations

import time

import pytest

from swim_tui.engine.services.inventory_file import InventoryFile, Known, read_inventory, refuse
from swim_tui.errors import InventoryError
from swim_tui.model.device import Device, GroupKind, Role
from swim_tui.model.endpoint import ANY_WAY, HostKey
from swim_tui.paths import shipped_data

HEAD = "swim_tui_inventory: 1\n"
KNOWN = Known(
    platforms={"asr1002", "c2960"},
    groups={GroupKind.LOCATION: {"Oakland"}, GroupKind.USER: {"PSIRT"}},
    credentials={"admin"},
    jumps={"old-jump": ""},
)


def read(text: str, known: Known = KNOWN) -> tuple[InventoryFile, list[str]]:
    return read_inventory(HEAD + text, "x.yaml", known)


def problems(text: str, known: Known = KNOWN) -> list[str]:
    return read(text, known)[1]


def test_the_shipped_sample_has_no_problems() -> None:
    path = shipped_data() / "samples" / "inventory.yaml"
    file, found = read_inventory(path.read_text("utf-8"), str(path), Known(platforms={"asr1002", "c2960", "isr4331"}))
    assert found == []
    assert len(file.devices) >= 4


def test_every_field_of_a_device_arrives() -> None:
    file, found = read(
        "devices:\n- {name: r1, address: 192.0.2.1, port: 2022, platform: asr1002, role: wan, location: Oakland,\n"
        "   groups: [PSIRT], credentials: admin, jump: [old-jump], legacy_ssh: true, upstream: [r2], pair: r2,\n"
        "   vrf: Mgmt, source_interface: Gi0, console: ts1:2001, description: edge}\n"
        "- {name: r2, address: 2001:db8::1}\n"
    )
    assert found == []
    assert file.devices[0].value == Device(
        name="r1",
        address="192.0.2.1",
        port=2022,
        platform="asr1002",
        role=Role.WAN,
        location="Oakland",
        groups=("PSIRT",),
        credentials="admin",
        jump=("old-jump",),
        legacy_ssh=True,
        upstream=("r2",),
        pair="r2",
        vrf="Mgmt",
        source_interface="Gi0",
        console="ts1:2001",
        description="edge",
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{name: a, address: 10.1.1.300}", "line 3: device 'a': address '10.1.1.300': it is not an IP address"),
        ("{name: a, address: 'not a host'}", "neither an IP address nor a host name"),
        ("{name: a, address: -x.example}", "neither an IP address nor a host name"),
        ("{name: a, address: h, port: 70000}", "line 3: device 'a': port '70000'"),
        ("{name: a, address: h, port: ssh}", "device 'a': port 'ssh'"),
        ("{name: 12, address: h}", "name '12' must be text: put it in quotes"),
        ("{name: '', address: h}", "a name has at least one character"),
        ("{name: a/b, address: h}", "no '/'"),
        ("{name: ../a, address: h}", "no '/'"),
        ("{address: h}", "the field 'name' is missing"),
        ("{name: a}", "device 'a': the field 'address' is missing"),
        ("{name: a, address: h, legacy: true}", "no field 'legacy'; did you mean 'legacy_ssh'?"),
        ("{name: a, address: h, role: boss}", "role 'boss'"),
        ("{name: a, address: h, platform: asr1003}", "no device pack 'asr1003'; did you mean 'asr1002'?"),
        ("{name: a, address: h, credentials: admn}", "no credential profile 'admn'; did you mean 'admin'?"),
        ("{name: a, address: h, jump: [nowhere]}", "no jump host 'nowhere'"),
        ("{name: a, address: h, location: PSIRT}", "no location group 'PSIRT'"),
        ("{name: a, address: h, groups: [Oakland]}", "no user-defined group 'Oakland'"),
        ("{name: a, address: h, upstream: [b]}", "no device 'b'"),
        ("{name: a, address: h, pair: a}", "device 'a' is its own upstream or pair"),
        ("{name: a, address: h, address: i}", "the field 'address' stands twice"),
        ("just a word", "a device must be a mapping with fields"),
    ],
)
def test_a_wrong_device_is_named_with_its_line(row: str, words: str) -> None:
    found = problems(f"devices:\n- {row}\n")
    assert any(words in problem for problem in found), found
    assert all(problem.startswith("x.yaml, line 3: ") for problem in found)


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    found = problems(
        "groups: [{name: A, kind: place}]\n"
        "jumps:\n- {name: j1, address: 192.0.2.1, via: j2}\n- {name: j2, address: 192.0.2.2, via: j1}\n"
        "devices:\n- {name: a, address: 192.0.2.3}\n- {name: a, address: 192.0.2.4}\n- {name: c, address: 192.0.2.3}\n"
    )
    lines = [int(problem.split("line ")[1].split(":")[0]) for problem in found]
    assert lines == sorted(lines)
    assert len(found) == 5
    assert "device 'a' stands twice (first on line 7)" in found[3]
    assert "'a' has 192.0.2.3:22 already" in found[4]


def test_a_reference_to_a_row_with_problems_is_not_a_second_problem() -> None:
    found = problems(
        "groups: [{name: Site, kind: location, zone: Mars/Olympus}]\ndevices: [{name: a, address: h, location: Site}]\n"
    )
    assert len(found) == 1
    assert "the zone database does not know it" in found[0]


def test_problems_of_credentials_never_show_a_secret() -> None:
    found = problems("credentials: [{name: a, username: u, password: 123456, enable: [hunter2], pasword: hunter3}]\n")
    assert len(found) == 3
    assert not any(secret in problem for secret in ("123456", "hunter2", "hunter3") for problem in found)


def test_secrets_do_not_show_in_what_was_read() -> None:
    file, _ = read("credentials: [{name: a, username: u, password: hunter2}]\n")
    assert "hunter2" not in repr(file.credentials)
    assert file.credentials[0].value.password.reveal() == "hunter2"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "an inventory begins with"),
        ("devices: []", "'swim_tui_inventory: 1' is missing"),
        ("swim_tui_inventory: 2", "format '2' is unknown"),
        ("swim_tui_inventory: 1\ndevices: [}", "line 2: not YAML"),
        ("- a\n- b", "an inventory begins with"),
        ("\x00", "not YAML"),
        ("swim_tui_inventory: 1\ndevices: \t- x", "not YAML"),
    ],
)
def test_what_is_no_inventory_is_refused_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(InventoryError) as caught:
        read_inventory(text, "x.yaml", KNOWN)
    assert words in str(caught.value)
    assert "nothing was imported" in str(caught.value)


def test_a_wrong_section_names_the_right_one() -> None:
    assert "no section 'devics'; did you mean 'devices'?" in problems("devics: []\n")[0]


def test_aliases_without_end_are_not_followed() -> None:
    text = "x0: &x0 [a, a, a, a, a, a, a, a, a]\n"
    for i in range(1, 12):
        text += f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 9)}]\n"
    began = time.monotonic()
    found = problems(text + "devices: [{name: a, address: h, groups: *x11}]\n")
    assert time.monotonic() - began < 5
    assert found


def test_host_keys_keep_type_and_key_only() -> None:
    key = "ssh-ed25519 " + "A" * 68
    file, found = read(f"host_keys: [{{host: 192.0.2.1, port: 2222, key: '{key} comment@host'}}]\n")
    assert found == []
    assert file.host_keys[0].value == HostKey("192.0.2.1", 2222, key, ANY_WAY)
    assert "it is not a public key" in problems("host_keys: [{host: 192.0.2.1, key: hello}]\n")[0]


def test_ten_thousand_rows_are_read_in_seconds() -> None:
    rows = "".join(
        f"- {{name: d{i}, address: 10.{i // 65536}.{i // 256 % 256}.{i % 256}, platform: c2960, jump: [old-jump]}}\n"
        for i in range(10_000)
    )
    began = time.monotonic()
    file, found = read("devices:\n" + rows)
    assert (len(file.devices), found) == (10_000, [])
    assert time.monotonic() - began < 20


def test_the_error_counts_the_problems_and_carries_them_all() -> None:
    err = refuse("x.yaml", ["x.yaml, line 3: one", "x.yaml, line 5: two"])
    assert "line 3: one and 1 more" in str(err)
    assert err.problems == ("x.yaml, line 3: one", "x.yaml, line 5: two")
    assert err.exit_code == 2


def test_a_row_with_one_problem_is_still_looked_at_for_the_others() -> None:
    found = problems(
        "devices:\n- {name: r1, address: 10.0.0.1}\n- {name: r1, address: nowhere/x, platform: c9999, port: 0}\n"
        "- {name: r3, address: 10.0.0.1, colour: red}\n- {name: r4, location: Nowhere}\n"
        "- {name: r5, address: 10.0.0.5, upstream: [r4]}\n"
        "jumps:\n- {name: j1, address: 10.0.0.9, port: 0, credentials: nobody}\n"
    )
    assert [text.split(": ", 1)[0] for text in found] == sorted(text.split(": ", 1)[0] for text in found)
    said = "\n".join(found)
    for words in (
        "device 'r1' stands twice", "no device pack 'c9999'", "address 'nowhere/x'", "port",
        "no field 'colour'", "'r1' has 10.0.0.1:22 already", "'address' is missing", "no location group 'Nowhere'",
        "no credential profile 'nobody'",
    ):  # fmt: skip
        assert words in said, words
    assert "no device 'r4'" not in said
