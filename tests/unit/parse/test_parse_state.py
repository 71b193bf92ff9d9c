"""Redundancy, stacks, clocks, sessions, locks, hashes, refusals, neighbours."""

from __future__ import annotations

from datetime import UTC, datetime

import device_samples as sample
import pytest

from swim_tui.model.device_path import join_path, split_path
from swim_tui.parse import (
    device_refusal,
    is_authorisation_refusal,
    parse_clock,
    parse_config_lock,
    parse_device_time,
    parse_interfaces_up,
    parse_inventory,
    parse_neighbours,
    parse_privilege,
    parse_redundancy,
    parse_restart,
    parse_session_limit,
    parse_show_reload,
    parse_show_switch,
    parse_users,
    parse_verify,
    parse_verify_hash,
    parse_zones,
    read_facts,
)

MD5 = "1b3781db619dcce6a2677628acc15439"
SHA512 = "ab" * 64


def test_redundancy_states_of_a_pair() -> None:
    r = parse_redundancy(sample.REDUNDANCY_STATES)
    assert (r.hardware_mode, r.operating_mode, r.my_state, r.peer_state) == ("Duplex", "sso", "ACTIVE", "STANDBY HOT")


def test_redundancy_of_a_single_processor_has_a_disabled_peer() -> None:
    r = parse_redundancy(sample.REDUNDANCY_SINGLE)
    assert (r.hardware_mode, r.operating_mode, r.my_state, r.peer_state) == (
        "Simplex",
        "Non-redundant",
        "ACTIVE",
        "DISABLED",
    )


@pytest.mark.parametrize(
    ("line", "peer"),
    [
        ("Standby node in 0/RSP0/CPU0 is ready\n", "STANDBY READY"),
        ("Standby node in 0/RSP0/CPU0 is not ready\n", "STANDBY NOT READY"),
    ],
)
def test_redundancy_of_xr_says_whether_the_standby_is_ready(line: str, peer: str) -> None:
    text = "Node 0/RSP1/CPU0 is in ACTIVE role\nPartner node (0/RSP0/CPU0) is in STANDBY role\n" + line
    r = parse_redundancy(text)
    assert (r.my_state, r.peer_state) == ("ACTIVE", peer)


@pytest.mark.parametrize(
    ("text", "chassis"),
    [
        (sample.INVENTORY, ("ISR4331/K9", "FDO2111A0BC")),
        (sample.INVENTORY.replace("Chassis", "Switch 1", 1), ("ISR4331/K9", "FDO2111A0BC")),
        (
            'NAME: "WS-C6503-E", DESCR: "Catalyst 6500 3-slot Chassis System"\nPID: WS-C6503-E , VID: V03, SN: N/A\n',
            ("WS-C6503-E", ""),
        ),
        (sample.REFUSED, ("", "")),
    ],
)
def test_the_chassis_of_the_inventory(text: str, chassis: tuple[str, str]) -> None:
    assert parse_inventory(text) == chassis


def test_a_version_mismatch_in_the_stack_is_seen() -> None:
    members = parse_show_switch(sample.SHOW_SWITCH)
    assert [(m.number, m.role, m.state) for m in members] == [
        (1, "Member", "Sync not started"),
        (2, "Active", "Ready"),
        (3, "Member", "V-Mismatch"),
        (4, "Member", "Provisioned"),
    ]


@pytest.mark.parametrize("mark", ["", "*", "."])
def test_the_clock_is_read_with_every_mark(mark: str) -> None:
    assert parse_clock(f"{mark}10:43:11.576 UTC Tue Nov 3 2026\n") == datetime(2026, 11, 3, 10, 43, 11, 576000, UTC)


def test_a_zone_of_the_configuration_moves_the_clock_to_utc() -> None:
    zones = parse_zones(sample.RUNNING)
    assert zones == {"CET": 60, "CEST": 120}
    read = parse_device_time("01:30:00.000 CEST Thu Jul 2 2026", zones)
    assert read is not None
    assert (read.at, read.is_zone_known) == (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), True)


def test_a_negative_half_hour_zone_counts_the_minutes_in_the_same_direction() -> None:
    assert parse_zones("clock timezone NST -3 30\n") == {"NST": -210}


def test_an_unknown_zone_is_wall_time_and_says_so() -> None:
    read = parse_device_time("18:56:04.554 XYZ Mon Oct 19 2026")
    assert read is not None
    assert not read.is_zone_known
    assert read.at.hour == 18


def test_clock_and_restart_line_of_one_device_compare_whatever_the_zone() -> None:
    clock = parse_clock("11:12:03.000 CET Mon Nov 25 2024")
    booted = parse_restart(sample.ISR4331)
    assert clock is not None
    assert booted is not None
    assert (clock - booted).total_seconds() == 600


@pytest.mark.parametrize(
    "text", ["25:00:00.000 UTC Tue Nov 3 2026", "10:00:00 UTC Tue Foo 3 2026", "10:00:00 UTC Tue Feb 31 2026"]
)
def test_an_impossible_time_is_none(text: str) -> None:
    assert parse_clock(text) is None


def test_the_privilege_level() -> None:
    assert parse_privilege("Current privilege level is 15\n") == 15
    assert parse_privilege(sample.REFUSED) is None


@pytest.mark.parametrize(
    ("text", "pending"),
    [
        ("No reload is scheduled.\n", ""),
        (
            "Reload scheduled for 02:00:00 UTC Wed Nov 4 2026 (in 9 hours and 3 minutes) by jane on vty1\n",
            "Reload scheduled for 02:00:00 UTC Wed Nov 4 2026 (in 9 hours and 3 minutes) by jane on vty1",
        ),
        (sample.REFUSED, None),
        ("", None),
    ],
)
def test_a_scheduled_reload(text: str, pending: str | None) -> None:
    assert parse_show_reload(text) == pending


def test_other_sessions_are_listed_without_ones_own() -> None:
    assert parse_users(sample.USERS) == ("- con 0", "jane vty 1 192.0.2.77")
    assert parse_users(sample.REFUSED) is None


def test_who_holds_the_configuration() -> None:
    assert parse_config_lock(sample.LOCKED) == "jane on tty 3"
    free = sample.LOCKED.replace("LOCKED", "FREE").replace("312", "-1")
    assert parse_config_lock(free) == ""
    assert parse_config_lock(sample.REFUSED) is None


@pytest.mark.parametrize(
    ("text", "digest", "verified"),
    [
        (f"{'.' * 9000}Done!\nverify /md5 (flash:x.bin) = {MD5}\n", MD5, False),
        (f"....MD5 of flash:x.bin Done!\nverify /md5 (flash:x.bin) = {MD5.upper()}\n", MD5, False),
        (f"verify /sha512 (bootflash:x) = {SHA512}\n", SHA512, False),
        (f"....Done!\nVerified (flash:x.bin) = {MD5}\n", MD5, True),
        (f"....Done!\nverified /md5 (flash:x.bin) = {MD5}\n", MD5, False),
        (f"Tue Nov 3 10:43:11.576 UTC\n{MD5}\n", MD5, False),
        (f"{MD5}  /harddisk:/x.iso\n", MD5, False),
        (f"verify /md5 flash:x.bin {MD5}\n....Done!\nsw1#", None, False),
        ("Embedded Hash   SHA1 : \nDigital signature successfully verified in file flash:x\n", None, True),
        ("", None, False),
    ],
)
def test_the_hash_a_device_computes(text: str, digest: str | None, verified: bool) -> None:
    answer = parse_verify(text)
    assert (answer.digest, answer.is_verified) == (digest, verified)
    assert answer.error == ""


def test_a_wrong_hash_gives_the_computed_one_and_the_devices_words() -> None:
    text = f"....Done!\n%Error verifying flash:x\nComputed signature  = {MD5}\nSubmitted signature = {'0' * 32}\n"
    answer = parse_verify(text)
    assert answer.digest == MD5
    assert answer.error == "%Error verifying flash:x"
    assert not answer.is_verified


def test_a_missing_file_or_an_unknown_algorithm_has_no_hash() -> None:
    assert parse_verify_hash("%Error opening flash:x (No such file or directory)\n") is None
    assert parse_verify(sample.REFUSED).error.startswith("% Invalid input")


@pytest.mark.parametrize(
    "text",
    [
        sample.REFUSED,
        "% Incomplete command.\n",
        '% Ambiguous command:  "sh v"\n',
        "% Unknown command or computer name, or unable to find computer address\n",
        "Command authorization failed.\n",
        "% Permission denied for the role\n",
        "% This command is not authorized\n",
        "% Invalid command at '^' marker.\n",
        "%Error opening flash:/x.bin (No such file or directory)\n",
        "No such file or directory\n",
        "% Access denied\n",
    ],
)
def test_a_refusal_is_recognised(text: str) -> None:
    refusal = device_refusal(f"sw1#some command\n{text}sw1#")
    assert refusal is not None
    assert refusal.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%Warning:There is a file already existing with this name\n",
        "*Nov  3 10:00:01.123: %SYS-5-CONFIG_I: Configured from console by jane on vty1 (192.0.2.9)\n",
        "Nov  3 10:00:01.123: %SEC_LOGIN-4-LOGIN_FAILED: Login failed\n",
        "CPU utilisation for five seconds: 2%/0%\n",
        "  0 input errors, 0 CRC\n",
        sample.ASR1002,
        sample.RUNNING,
        sample.DIR_BOOTFLASH,
    ],
)
def test_warnings_syslog_and_percentages_are_no_refusal(text: str) -> None:
    assert device_refusal(text) is None


def test_only_a_matter_of_rights_is_an_authorisation_refusal() -> None:
    assert is_authorisation_refusal("Command authorization failed.\n")
    assert not is_authorisation_refusal(sample.REFUSED)


def test_neighbours_of_both_protocols_and_of_routing() -> None:
    assert parse_neighbours(sample.CDP) == ("dist-1 on Gi0/1", "a-very-long-device-name.example.net on Te1/1/2")
    assert parse_neighbours(sample.LLDP) == ("phone-1 on Gi1/0/44",)
    assert parse_neighbours(sample.OSPF) == ("ospf 10.0.0.1 on Gi0/0/1",)
    assert parse_neighbours(sample.BGP) == ("bgp 10.2.2.1",)
    assert parse_neighbours("% BGP not active\n") == ()


def test_interfaces_that_are_up() -> None:
    assert parse_interfaces_up(sample.IP_BRIEF) == ("GigabitEthernet0/0/0", "Loopback0")
    assert parse_interfaces_up(sample.IF_STATUS) == ("Fa0/1", "Gi0/1")


NX_PAIR = """Redundancy mode
---------------
      administrative:   HA
         operational:   HA

This supervisor (sup-5)
-----------------------
    Redundancy state:   Active
    Supervisor state:   Active
      Internal state:   Active with HA standby

Other supervisor (sup-6)
------------------------
    Redundancy state:   %s

    Supervisor state:   HA standby
      Internal state:   %s
"""


@pytest.mark.parametrize(
    ("row", "inner", "peer"),
    [("Standby", "HA standby", "HA standby"), ("N/A", "HA standby", "HA standby"), ("Standby", "Other", "Other")],
)
def test_the_other_supervisor_of_a_nexus_is_named_by_its_internal_state(row: str, inner: str, peer: str) -> None:
    assert parse_redundancy(NX_PAIR % (row, inner)).peer_state == peer


def test_a_nexus_with_one_supervisor_has_no_peer() -> None:
    text = NX_PAIR.partition("    Redundancy state:   %s")[0] + "    Redundancy state:   Not present\n"
    assert parse_redundancy(text).peer_state == "Not present"


def test_the_flash_of_the_other_supervisor_is_read_where_there_is_one() -> None:
    now, here = datetime.now(UTC), "   1024    Jan 31 16:57:56 2021  x.bin\n\nUsage for bootflash://sup-remote\n"
    here += "  1024 bytes used\n  9000 bytes free\n  10024 bytes total\n"
    one = read_facts("n7", now, {"dir bootflash://sup-remote/": "No such file or directory\n"}, 15)
    assert (one.file_systems, one.unread) == ((), ())
    two = read_facts("n7", now, {"dir bootflash://sup-remote/": here}, 15)
    assert [(fs.name, fs.is_standby, fs.free_bytes) for fs in two.file_systems] == [
        ("bootflash://sup-remote/", True, 9000)
    ]
    assert split_path(join_path("bootflash://sup-remote/", "x.bin")) == ("bootflash://sup-remote/", "x.bin")


@pytest.mark.parametrize(
    ("shown", "limit"),
    [
        ("line vty 0 4\nline vty 5 15\n", 16),
        ("line vty 0\n", 1),
        ("vty-pool default 0 9 line-template default\nvty-pool eem 100 105\nvty-pool ops 20 40\n", 10),
        ("% No such configuration item(s)\n", None),
        ("  session-limit 16\n", 16),
        ("% Invalid input detected\n", None),
    ],
)
def test_the_sessions_that_a_configuration_allows_are_counted(shown: str, limit: int | None) -> None:
    assert parse_session_limit(shown) == limit


def test_sessions_of_xr_and_nxos_are_told_from_our_own() -> None:
    assert parse_users(sample.XR_USERS) == ("admin con0/RSP0/CPU0", "jane vty1 192.0.2.77")
    assert parse_users(sample.NXOS_USERS) == ("jane pts/1",)
