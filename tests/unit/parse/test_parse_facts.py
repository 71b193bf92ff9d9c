"""Answers put together as Facts, and `understood` for captured outputs."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import device_samples as sample
import pytest

from swim_tui.model.facts import OsKind
from swim_tui.parse import read_facts, understood

READ_AT = datetime(2026, 11, 3, 10, 0, 0, tzinfo=UTC)

ROUTER = {
    "show version": sample.ASR1002,
    "show clock": "*10:00:02.500 UTC Tue Nov 3 2026\n",
    "show privilege": "Current privilege level is 15\n",
    "show file systems": "  Size(b)  Free(b)  Type  Flags  Prefixes\n*  7451738112  100  disk  rw  bootflash: flash:\n",
    "dir bootflash:": sample.DIR_BOOTFLASH,
    "show bootvar": sample.BOOT_ROUTER,
    "show running-config | include boot": "boot system bootflash:new.bin\n",
    "show redundancy states": sample.REDUNDANCY_STATES,
    "show reload": "No reload is scheduled.\n",
    "show users": sample.USERS,
    "show configuration lock": sample.LOCKED,
    "show running-config": sample.RUNNING,
    "show startup-config": sample.STARTUP,
    "show ip interface brief": sample.IP_BRIEF,
    "show cdp neighbors": sample.CDP,
    "show ip ospf neighbor": sample.OSPF,
}


def test_a_router_is_read_whole() -> None:
    facts = read_facts("edge-1", READ_AT, ROUTER)
    assert facts.unread == ()
    assert facts.version.version == "03.13.05.S"
    flash = facts.file_system("flash:")
    assert flash is not None
    assert flash.free_bytes == 6912004096
    assert flash.files is not None
    assert len(flash.files) == 4
    assert facts.boot_state().next_reload == ("bootflash:/new.bin", "bootflash:/old.bin")
    assert facts.boot_state().config_lines == ("boot system bootflash:new.bin",)
    assert facts.redundancy.peer_state == "STANDBY HOT"
    assert facts.booted_at == datetime(2026, 10, 9, 21, 57, 31, tzinfo=UTC)
    assert facts.clock_offset_s == 2.5
    assert facts.clock == "*10:00:02.500 UTC Tue Nov 3 2026"
    assert facts.privilege == 15
    assert facts.scp_server is True
    assert (facts.config_dirty, facts.config_readable) == (False, True)
    assert facts.pending_reload == ""
    assert facts.config_locked_by == "jane on tty 3"
    assert facts.other_users == ("- con 0", "jane vty 1 192.0.2.77")
    assert facts.interfaces_up == ("GigabitEthernet0/0/0", "Loopback0")
    assert "ospf 10.0.0.1 on Gi0/0/1" in facts.neighbours


def test_a_stack_joins_roles_versions_and_boot_states_by_member() -> None:
    switch = """\
Switch#   Role    Mac Address     Priority Version  State
----------------------------------------------------------
 1       Member   0011.2233.4400     1      4       V-Mismatch
*2       Master   0011.2233.4480     15     4       Ready
"""
    boot = sample.BOOT_SWITCH.replace("Switch 2", "Switch 1")
    facts = read_facts(
        "floor2", READ_AT, {"show version": sample.C2960X_STACK, "show switch": switch, "show boot": boot}
    )
    assert [(m.number, m.role, m.state, m.version) for m in facts.members] == [
        (1, "Member", "V-Mismatch", "15.2(7)E7"),
        (2, "Master", "Ready", "15.2(7)E7"),
    ]
    assert [state.member for state in facts.boot] == [2, 1]
    assert facts.boot_state().manual_boot is False
    assert facts.boot_state().config_register == "0xF"


def test_every_command_that_was_refused_is_named_and_nothing_is_guessed() -> None:
    facts = read_facts("x", READ_AT, dict.fromkeys(ROUTER, sample.REFUSED), 1)
    assert facts.version.os is OsKind.UNKNOWN
    assert facts.privilege == 1
    assert facts.config_dirty is None
    assert facts.config_readable is False
    assert facts.scp_server is None
    assert facts.booted_at is None
    assert facts.clock_offset_s is None
    assert not facts.boot_state().is_read
    asked = {"show version", "show clock", "show bootvar", "show running-config", "show file systems", "dir bootflash:"}
    assert asked <= set(facts.unread)


def test_what_was_not_asked_is_not_unread() -> None:
    facts = read_facts("x", READ_AT, {"show version": sample.C2960, "show environment": "all good"})
    assert facts.unread == ()
    assert facts.config_dirty is None
    assert facts.file_systems == ()


def test_the_inventory_names_the_model_where_show_version_does_not() -> None:
    nexus = read_facts("x", READ_AT, {"show version": sample.N9K, "show inventory": sample.INVENTORY})
    assert (nexus.version.pid, nexus.version.serial) == ("ISR4331/K9", "FDO2111A0BC")
    switch = read_facts("x", READ_AT, {"show version": sample.C2960, "show inventory": sample.INVENTORY})
    assert switch.version.pid == "WS-C2960-24TT-L"


def test_a_clock_without_a_known_zone_gives_no_offset() -> None:
    facts = read_facts("x", READ_AT, {"show clock": "10:00:02.500 XYZ Tue Nov 3 2026\n"})
    assert facts.clock_offset_s is None
    assert facts.clock.startswith("10:00:02.500 XYZ")


@pytest.mark.parametrize("command", ["show version", "sh ver", "SHOW VERSION", "do show version", ""])
def test_abbreviated_commands_are_understood(command: str) -> None:
    fields = understood("", command, sample.C2960)
    assert fields["version"] == "15.0(2)SE9"
    assert fields["family"] == "C2960"
    assert "config_register_next" not in fields


@pytest.mark.parametrize(
    ("command", "text", "key"),
    [
        ("dir flash:", sample.DIR_RECURSIVE, "free_bytes"),
        ("show file systems", sample.FILE_SYSTEMS, "file_systems"),
        ("show boot", sample.BOOT_STACK, "boot"),
        ("show switch detail", sample.SHOW_SWITCH, "members"),
        ("show redundancy", sample.REDUNDANCY_SINGLE, "peer_state"),
        ("show clock", "10:00:02.500 UTC Tue Nov 3 2026", "clock"),
        ("show running-config", sample.RUNNING, "config_lines"),
        ("verify /md5 flash:x", "verify /md5 (flash:x) = " + "a" * 32, "digest"),
        ("show users", sample.USERS, "other_users"),
        ("show version", sample.REFUSED, "refused"),
        ("show inventory", sample.REFUSED, "refused"),
        ("show inventory", sample.INVENTORY, "pid"),
    ],
)
def test_a_captured_answer_is_plain_data(command: str, text: str, key: str) -> None:
    fields = understood("", command, text)
    assert key in fields
    json.dumps(fields)


def test_what_is_not_understood_is_empty() -> None:
    assert understood("asr1002", "show version", "hello") == {}
    assert understood("asr1002", "show something", sample.C2960) == {}
