"""Inventories of other programs: what is taken, what is left and said, and what never happens on any text."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swim_tui.engine.services.formats.detect import FORMATS, OURS, detect, read
from swim_tui.engine.services.formats.found import Found, Unreadable
from swim_tui.engine.services.formats.proxycommand import ByCommand, jump_of
from swim_tui.engine.services.inventory import InventoryService
from swim_tui.engine.services.inventory_file import Known
from swim_tui.engine.services.inventory_foreign import read_any
from swim_tui.errors import BadValue, InventoryError
from swim_tui.model.device import Device, JumpHost

CSV = """name,address,port,role,site,groups,jump,password
r1,192.0.2.1,2222,wan,Oakland,Wave 1;Wave 2,,hunter2
r2,r2.example.net,,,,,,
"""
INI = """# comment
mgmt ansible_connection=local
[routers]
r[01:03] ansible_user=anna
edge ansible_host=192.0.2.9 ansible_port=2222 ansible_password=hunter2

[routers:vars]
ansible_network_os=cisco.ios.ios
ansible_ssh_common_args='-o ProxyJump="jo@192.0.2.254:2022,10.9.9.9"'

[west:children]
routers
"""
ANSIBLE_YAML = """all:
  vars: {ansible_port: 830}
  children:
    dc:
      vars: {ansible_ssh_common_args: "-J jump.example.net", ansible_become_password: hunter2}
      children:
        leafs:
          hosts:
            leaf1: {ansible_host: 192.0.2.21}
            leaf2: {ansible_host: 192.0.2.22, ansible_port: 22, ansible_user: "{{ lookup('env', 'USER') }}"}
"""
NORNIR = """#:file hosts.yaml
sw1: {hostname: 192.0.2.31, groups: [ams], platform: ios}
sw2: {hostname: 192.0.2.32, port: 2222, password: hunter2, groups: [ams]}
#:file groups.yaml
ams: {groups: [nl]}
nl: {port: 8022}
#:file defaults.yaml
username: swim
port: 22
"""
NETBOX_CSV = """Name,Status,Tenant,Site,Role,Manufacturer,Type,IP Address,Tags
sw9,Active,Acme,Amsterdam,Access Switch,Cisco,C2960X-48,192.0.2.41/24,"prod,wave-1"
panel1,Active,Acme,Amsterdam,Patch Panel,Acme,PP48,,
"""
NETBOX_JSON: dict[str, Any] = {
    "count": 2,
    "results": [
        {
            "name": "nx1",
            "primary_ip": {"address": "192.0.2.51/24"},
            "site": {"name": "Ashburn"},
            "device_type": {"model": "N9K-C93180YC-EX", "manufacturer": {"name": "Cisco"}},
            "role": {"name": "DC leaf"},
            "tags": [{"name": "prod"}],
            "custom_fields": {"enable_password": "hunter2"},
        },
        {"name": "nx2", "primary_ip": None},
    ],
}
SSH = """Host bastion
    HostName 198.51.100.1
    User anna
    IdentityFile ~/.ssh/id_ed25519
Host inner
    HostName 10.0.0.1
    ProxyJump bastion
Host sw-*
    ProxyJump inner
    Port 2222
Host sw-1
    HostName 192.0.2.61
Host sw-2
    HostName %h.example.net
    Port 22
Host direct
    ProxyJump bob@203.0.113.5:2200
Host *
    User admin
Match host foo
    Port 9
"""
SAMPLES = {
    "csv": CSV,
    "ansible-ini": INI,
    "ansible-yaml": ANSIBLE_YAML,
    "nornir": NORNIR,
    "netbox-csv": NETBOX_CSV,
    "netbox-json": json.dumps(NETBOX_JSON, indent=1),
    "ssh-config": SSH,
}


def words_of(text: str, format: str) -> tuple[str, ...]:
    """The problems of a file, whether it could be read as this format or not."""
    try:
        return tuple(read_any(text, "x", Known(), format).problems)
    except InventoryError as err:
        return err.problems or ("",)


def devices(found: Found) -> dict[str, dict[str, Any]]:
    return {row.values["name"]: dict(row.values) for row in found.rows.get("devices", [])}


@pytest.mark.parametrize("format", SAMPLES)
def test_a_format_is_recognised_by_its_text(format: str) -> None:
    assert detect(SAMPLES[format]) == format


def test_our_own_format_and_whatever_is_none_go_to_our_reader() -> None:
    assert detect("# mine\nswim_tui_inventory: 1\ndevices: []") == OURS
    assert detect('{"swim_tui_inventory": 1}') == OURS
    assert detect("hello") == OURS


@pytest.mark.parametrize("format", SAMPLES)
def test_a_password_of_a_foreign_file_is_left_and_that_is_said_without_it(format: str) -> None:
    given = read_any(SAMPLES[format], "x", Known())
    assert given.problems == []
    assert given.format == format
    assert "hunter2" not in repr(given)
    if "hunter2" in SAMPLES[format]:
        assert any("passwords in this file are not imported" in note for note in given.notes)


def test_csv_columns_with_other_spellings_make_devices_and_their_groups() -> None:
    read_file = read_any(CSV, "x.csv", Known())
    first, second = (entry.value for entry in read_file.file.devices)
    assert (first.address, first.port, first.role, first.location) == ("192.0.2.1", 2222, "wan", "Oakland")
    assert first.groups == ("Wave 1", "Wave 2")
    assert (second.address, second.port, second.platform) == ("r2.example.net", 22, "")
    assert [(g.value.name, g.value.kind) for g in read_file.file.groups] == [
        ("Oakland", "location"), ("Wave 1", "user"), ("Wave 2", "user"),
    ]  # fmt: skip


def test_every_problem_of_a_csv_is_named_with_its_line() -> None:
    text = "name;address;prot\nr1;192.0.2.1;x\nr2;192.0.2.300;\nr2;192.0.2.4;;more\n"
    problems = read_any(text, "x.csv", Known(), "csv").problems
    assert [p.split(":")[0] for p in problems] == ["x.csv, line 1", "x.csv, line 3", "x.csv, line 4"]
    assert "did you mean 'port'" in problems[0]


def test_ansible_ini_expands_ranges_and_takes_the_variables_of_groups() -> None:
    found = read("ansible-ini", INI)
    got = devices(found)
    assert set(got) == {"r01", "r02", "r03", "edge"}
    assert got["r02"] == {
        "name": "r02", "address": "r02", "groups": ["routers"], "jump": ["192.0.2.254-2022", "10.9.9.9"],
    }  # fmt: skip
    assert (got["edge"]["address"], got["edge"]["port"]) == ("192.0.2.9", 2222)
    assert {"name": "routers", "kind": "user", "parent": "west"} in [dict(r.values) for r in found.rows["groups"]]
    jumps = {row.values["name"]: row.values for row in found.rows["jumps"]}
    assert jumps["192.0.2.254-2022"]["port"] == 2022
    notes = " ".join(note for _, note in found.notes())
    assert "ansible_connection local" in notes
    assert "mgmt" in notes


@pytest.mark.parametrize(
    ("command", "hop", "template"),
    [
        ("ssh -W %h:%p -q me@gate", "me@gate", ""),
        ("ssh -p 2222 -W %h:%p -q me@gate", "me@gate:2222", ""),
        ("/usr/bin/ssh -qW '[%h]:%p' -l me -o ConnectTimeout=5 gate -p2222", "me@gate:2222", ""),
        ("ssh gate nc %h %p", "gate", "nc %h %p"),
        ("ssh -q -i ~/.ssh/k me@gate exec nc -w 5 %h %p", "me@gate", "nc -w 5 %h %p"),
        ("ssh gate exec ncat %h %p", "gate", "ncat %h %p"),
        ("ssh -W other:22 gate", None, ""),
        ("ssh -W %h:%p", None, ""),
        ("ssh -W %h:%p %r@gate", None, ""),
        ("ssh gate 'nc %h %p; rm -rf /'", None, ""),
        ("nc -X connect -x proxy:8080 %h %p", None, ""),
        ("ssh -W '%h:%p", None, ""),
        ("ssh -W", None, ""),
    ],
)
def test_a_proxy_command_is_a_jump_host_where_it_is_plainly_one(command: str, hop: str | None, template: str) -> None:
    found = jump_of(command)
    assert found == (ByCommand(hop, template) if hop else None)


@pytest.mark.parametrize(
    "line",
    [
        """ansible_ssh_common_args='-o ProxyCommand="ssh -p 2222 -W %h:%p -q jump@192.0.2.1"'""",
        """ansible_ssh_common_args=-o ProxyCommand="ssh -W %h:%p -q jump@192.0.2.1 -p 2222" -o X=y""",
        """ansible_paramiko_proxy_command="ssh -W %h:%p -p 2222 jump@192.0.2.1\"""",
    ],
)
def test_the_proxy_command_of_ansible_is_understood_and_a_named_profile_answers_its_questions(line: str) -> None:
    text = f"[WAN]\nr1 ansible_host=192.0.2.9\n[WAN:vars]\nansible_network_os=ios\nansible_user=admin\n{line}\n"
    first = read_any(text, "hosts.ini", Known())
    (jump,) = first.file.jumps
    assert (jump.value.address, jump.value.port, first.file.devices[0].value.jump) == (
        "192.0.2.1", 2222, ("192.0.2.1-2222",),
    )  # fmt: skip
    assert [note.split(": ")[1].split(";")[0].split(" (")[0] for note in first.notes] == [
        "no password or key comes with these users", "these jump hosts need a profile",
    ]  # fmt: skip
    known = Known(credentials={"a", "b"})
    assert read_any(text, "hosts.ini", known, credentials="a", jump_credentials="b").notes == []


def test_ansible_yaml_gives_a_host_the_nearest_variable() -> None:
    got = devices(read("ansible-yaml", ANSIBLE_YAML))
    assert got["leaf1"]["port"] == 830
    assert got["leaf2"]["port"] == 22
    assert got["leaf1"]["jump"] == ["jump.example.net"]
    assert "credentials" not in got["leaf2"]


def test_nornir_looks_in_groups_of_groups_and_names_the_file_of_a_problem() -> None:
    got = devices(read("nornir", NORNIR))
    assert got["sw1"]["port"] == 8022
    assert got["sw2"]["port"] == 2222
    assert got["sw1"]["groups"] == ["ams"]
    bad = NORNIR.replace("port: 2222", "port: 99999")
    (problem,) = read_any(bad, "lab", Known()).problems
    assert problem.startswith("lab/hosts.yaml, line 2: device 'sw2': port")


def test_netbox_devices_without_an_address_are_left_out_and_named() -> None:
    for text, format, name in ((NETBOX_CSV, "netbox-csv", "panel1"), (json.dumps(NETBOX_JSON), "netbox-json", "nx2")):
        found = read(format, text)
        assert len(devices(found)) == 1
        assert any(name in note and "left out" in note for _, note in found.notes())
    row = devices(read("netbox-json", json.dumps(NETBOX_JSON)))["nx1"]
    assert row == {
        "name": "nx1", "address": "192.0.2.51", "location": "Ashburn", "device_type": "N9K-C93180YC-EX",
        "groups": ["prod"], "role": "dc",
    }  # fmt: skip


def test_an_ssh_config_is_read_as_ssh_reads_it() -> None:
    read_file = read_any(SSH, "config", Known())
    got = {entry.value.name: entry.value for entry in read_file.file.devices}
    assert set(got) == {"sw-1", "sw-2", "direct"}
    assert (got["sw-1"].address, got["sw-1"].port, got["sw-1"].jump) == ("192.0.2.61", 2222, ("inner",))
    assert (got["sw-2"].address, got["sw-2"].port) == ("sw-2.example.net", 2222)  # the first value wins
    assert got["direct"].jump == ("203.0.113.5-2200",)
    jumps = {entry.value.name: entry.value for entry in read_file.file.jumps}
    assert jumps["inner"] == JumpHost("inner", "10.0.0.1", via="bastion")
    assert jumps["bastion"].credentials == "anna-id_ed25519"
    (profile,) = (entry.value for entry in read_file.file.credentials)
    assert (profile.username, profile.key_file) == ("anna", "~/.ssh/id_ed25519")


def test_jump_hosts_in_a_circle_are_a_problem() -> None:
    text = "Host a\n ProxyJump b\nHost b\n ProxyJump a\nHost c\n ProxyJump a\n"
    assert any("through itself" in problem for problem in read_any(text, "config", Known()).problems)


@pytest.mark.parametrize("format", [f for f in FORMATS if f != OURS])
@given(text=st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_no_text_at_all_makes_a_reader_fail_with_anything_but_words(format: str, text: str) -> None:
    assert all(words_of(text, format))


@given(
    st.sampled_from(sorted(SAMPLES)),
    st.integers(0, 600),
    st.text(alphabet="[]{}:,;=*&!\"'\\|>-#@%\n\t\0 ax01", max_size=12),
)
@settings(max_examples=300, deadline=None)
def test_a_damaged_file_gives_words_too(format: str, at: int, noise: str) -> None:
    text = SAMPLES[format]
    at %= len(text)
    for chosen in (format, ""):
        assert all(words_of(text[:at] + noise + text[at + 3 :], chosen))


def test_aliases_without_end_are_given_up() -> None:
    bomb = "a: &a {children: {}}\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} {{children: {{x{i}: *{chr(97 + i)}, y{i}: *{chr(97 + i)}}}}}\n"
        for i in range(24)
    )
    with pytest.raises(Unreadable, match="endless"):
        read("ansible-yaml", bomb)


async def test_importing_again_keeps_what_the_file_does_not_say(inventory: InventoryService) -> None:
    await inventory.import_inventory(CSV, "x.csv")
    await inventory.add_device(Device("r2", "r2.example.net", platform="asr1002", description="mine"))
    report = await inventory.import_inventory(CSV.replace("r2.example.net", "192.0.2.7"), "x.csv")
    assert {(r.name, r.action, r.detail) for r in report.rows if r.action != "same"} == {("r2", "change", "address")}
    kept = (await inventory.device("r2")).device
    assert (kept.address, kept.platform, kept.description) == ("192.0.2.7", "asr1002", "mine")


async def test_a_profile_for_devices_without_one_must_exist(inventory: InventoryService) -> None:
    with pytest.raises(BadValue, match="there is no such profile"):
        await inventory.import_inventory(CSV, "x.csv", credentials="nobody")
    with pytest.raises(BadValue, match="format"):
        await inventory.import_inventory(CSV, "x.csv", format="excel")


async def test_an_exported_inventory_has_no_secret_and_imports_as_the_same(inventory: InventoryService) -> None:
    ours = """swim_tui_inventory: 1
groups: [{name: West, kind: location, zone: America/Los_Angeles}, {name: Oak, kind: location, parent: West}]
credentials: [{name: admin, username: swim, password: hunter2}]
jumps: [{name: j1, address: 192.0.2.1, port: 2222, credentials: admin}]
devices:
- {name: r1, address: 192.0.2.11, location: Oak, credentials: admin, jump: [j1], legacy_ssh: true, role: wan}
- {name: "123", address: "2001:db8::1", pair: r1}
"""
    await inventory.import_inventory(ours, "x.yaml")
    text = await inventory.export_inventory()
    assert "hunter2" not in text
    assert "admin" in text.splitlines()[1]
    report = await inventory.import_inventory(text, "export.yaml", dry_run=True)
    assert report.problems == ()
    assert {row.action for row in report.rows} == {"same"}


def test_hosts_that_are_no_network_devices_and_old_algorithms_are_said() -> None:
    text = "[all]\nsw1 ansible_connection=network_cli\nsw2\nweb1 ansible_connection=ssh\nxr ansible_connection=ssh "
    text += "ansible_network_os=cisco.iosxr.iosxr\nlocalhost ansible_connection=local\n"
    read = read_any(text, "hosts.ini", Known(), "ansible-ini")
    assert [e.value.name for e in read.file.devices] == ["sw1", "sw2", "xr"]
    assert any("connection ssh" in note and "web1" in note for note in read.notes)
    text = "Host old*\n  KexAlgorithms +diffie-hellman-group14-sha1\nHost older\n  HostName 10.0.0.1\n"
    text += "Host new\n  HostName 10.0.0.2\n  Ciphers aes256-gcm@openssh.com\n"
    text += "Host strict\n  HostKeyAlgorithms -ssh-rsa\n"
    read = read_any(text, "config", Known(), "ssh-config")
    assert {e.value.name: e.value.legacy_ssh for e in read.file.devices} == {
        "older": True,
        "new": False,
        "strict": False,
    }
    assert any("marked legacy_ssh" in note for note in read.notes)


@pytest.mark.parametrize("format", ["ssh-config", "ansible-yaml", "nornir"])
def test_a_large_file_of_another_program_is_read_in_time_that_grows_with_it(format: str) -> None:
    count = 3000
    text = {
        "ssh-config": "".join(f"Host r{n}\n HostName 10.0.{n >> 8}.{n & 255}\n" for n in range(count)),
        "ansible-yaml": "all:\n  hosts:\n"
        + "".join(f"    r{n}: {{ansible_host: 10.0.{n >> 8}.{n & 255}}}\n" for n in range(count)),
        "nornir": "".join(f"r{n}: {{hostname: 10.0.{n >> 8}.{n & 255}, platform: ios}}\n" for n in range(count)),
    }[format]
    began = time.monotonic()
    assert len(read_any(text, "hosts", Known(), format).file.devices) == count
    assert time.monotonic() - began < 10  # one that looks at every host for every host took 14 s
