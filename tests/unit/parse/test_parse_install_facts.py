"""Install, ISSU and chassis commands as part of Facts, file systems of standby and remote units, `understood`."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import device_samples
import install_samples as sample
import pytest

from swim_tui.model.facts import OsKind
from swim_tui.model.install import IssuStage
from swim_tui.parse import (
    parse_boot,
    parse_dir,
    parse_file_systems,
    parse_redundancy,
    parse_show_switch,
    parse_show_version,
    read_facts,
    understood,
)

READ_AT = datetime(2026, 11, 3, 10, 0, 0, tzinfo=UTC)

COMMANDS = [
    ("show install summary", sample.SUMMARY_PENDING, "auto_abort"),
    ("show install inactive", sample.INACTIVE_NONE, "packages"),
    ("show install committed summary", sample.XR7_COMMITTED, "committed"),
    ("admin show install active summary", sample.XR32_ACTIVE, "active"),
    ("show install rollback", sample.ROLLBACK, "rollback_points"),
    ("show install log", sample.LOG, "log"),
    ("show install log", sample.XR_LOG, "log"),
    ("show install request", sample.REQUEST_32, "percent"),
    ("show version running", sample.VERSION_RUNNING, "packages"),
    ("show version provisioned", sample.VERSION_RUNNING, "packages"),
    ("show software installer rollback-timer", sample.MEMBER_TIMERS, "timers"),
    ("show issu state detail", sample.ISSU_OPERATION, "stage"),
    ("show issu rollback-timer", sample.ISSU_TIMER, "is_active"),
    ("show platform", sample.XR_PLATFORM, "nodes"),
    ("show redundancy summary", sample.XR_PAIRS, "node_pairs"),
    ("show hw-module fpd location all", sample.FPD_32, "fpds"),
    ("show configuration failed startup", sample.FAILED_CONFIG, "failed_config"),
    ("show module", sample.MODULES, "modules"),
    ("show vpc role", sample.VPC, "role"),
    ("show install all impact nxos bootflash:x", sample.IMPACT, "modules"),
    ("show install all status", sample.STATUS_DONE, "result"),
    ("show incompatibility-all nxos bootflash:x", sample.INCOMPATIBLE, "incompatibilities"),
    ("more flash:packages.conf", sample.PACKAGES_CONF, "packages"),
]


@pytest.mark.parametrize(("command", "text", "key"), COMMANDS)
def test_every_command_is_understood_as_plain_data(command: str, text: str, key: str) -> None:
    said = understood("", command, text)
    assert key in said
    json.dumps(said)
    assert understood("", command, "hello\n") == {}
    assert "refused" in understood("", command, device_samples.REFUSED)


def test_a_catalyst_9000_with_a_pending_install_is_read_whole() -> None:
    facts = read_facts(
        "core-1",
        READ_AT,
        {
            "show install summary": sample.SUMMARY_PENDING,
            "show install rollback": sample.ROLLBACK,
            "show install log": sample.LOG,
            "show version running": sample.VERSION_RUNNING,
            "show issu state detail": sample.ISSU_CHECKS,
            "show issu rollback-timer": sample.ISSU_TIMER,
            "show module": sample.MODULES_CATALYST,
        },
    )
    assert facts.unread == ()
    assert facts.install is not None
    assert facts.install.is_uncommitted() is True
    assert facts.install.is_busy() is True
    assert [p.number for p in facts.install.rollback_points] == [3, 2]
    assert facts.install.running[1].name == "rpbase"
    assert facts.issu is not None
    assert facts.issu.stage is IssuStage.INIT
    assert facts.issu.timer is not None
    assert facts.issu.timer.configured_s == 3600
    assert len(facts.modules) == 3


def test_an_xr_router_that_is_not_committed_says_so_in_its_facts() -> None:
    facts = read_facts(
        "pe-1",
        READ_AT,
        {
            "show version": device_samples.XR32,
            "show install active summary": sample.XR32_ACTIVE,
            "show install committed summary": sample.XR32_COMMITTED,
            "show install request": sample.REQUEST_32,
            "show platform": sample.XR_PLATFORM,
            "show redundancy summary": sample.XR_PAIRS,
            "show hw-module fpd location all": sample.FPD_32,
            "show configuration failed startup": sample.FAILED_CONFIG,
        },
    )
    assert facts.unread == ()
    assert facts.install is not None
    assert facts.install.is_uncommitted() is True
    assert facts.install.is_busy() is True
    assert [n.name for n in facts.nodes if not n.is_healthy] == ["0/RSP1/CPU0", "0/0/CPU0", "0/PS0/M0/SP"]
    assert facts.node_pairs[0].is_ready is True
    assert facts.redundancy.my_state == "ACTIVE"
    assert facts.fpds is not None
    assert [f.device for f in facts.fpds if f.needs_upgrade] == ["fpga3"]
    assert facts.failed_config == ("router something", " old-command 5")


def test_a_nexus_without_vpc_is_no_unread_answer() -> None:
    refused = "                ^\n% Invalid command at '^' marker.\n"
    facts = read_facts("leaf-1", READ_AT, {"show module": sample.MODULES, "show vpc role": refused})
    assert facts.unread == ()
    assert facts.vpc is None
    assert [m.number for m in facts.modules if not m.is_healthy] == [2]


def test_answers_that_mean_nothing_are_named_and_leave_facts_empty() -> None:
    asked = [command for command, _, _ in COMMANDS if "impact" not in command and "status" not in command]
    facts = read_facts("x", READ_AT, dict.fromkeys(asked, "hello\n"))
    assert facts.install is None
    assert facts.issu is None
    assert (facts.nodes, facts.modules, facts.fpds, facts.failed_config, facts.vpc) == ((), (), None, None, None)
    assert {c for c in asked if not c.startswith(("more", "show incompat"))} == set(facts.unread)


def test_the_bootflash_of_the_other_supervisor_keeps_its_name() -> None:
    listing = parse_dir(sample.DIR_REMOTE)
    assert (listing.file_system, listing.free_bytes) == ("bootflash://sup-remote/", 44848728000)
    facts = read_facts(
        "n7k",
        READ_AT,
        {"dir bootflash:": device_samples.DIR_NXOS, "dir bootflash://sup-remote/": sample.DIR_REMOTE},
    )
    assert [(fs.name, fs.is_standby) for fs in facts.file_systems] == [
        ("bootflash:", False),
        ("bootflash://sup-remote/", True),
    ]


def test_file_systems_of_standby_and_members_are_known_by_their_prefixes() -> None:
    systems = parse_file_systems(sample.FILE_SYSTEMS_PAIR)
    assert [(fs.name, fs.member, fs.is_standby) for fs in systems] == [
        ("bootflash:", None, False),
        ("stby-bootflash:", None, True),
        ("flash-2:", 2, False),
        ("system:", None, False),
        ("slavebootflash:", None, True),
        ("bootflash-2-0:", 2, False),
    ]
    facts = read_facts(
        "x", READ_AT, {"show file systems": sample.FILE_SYSTEMS_PAIR, "dir stby-bootflash:": sample.DIR_STANDBY}
    )
    standby = facts.file_system("stby-flash:")
    assert standby is not None
    assert standby.free_bytes == 6912004096


def test_each_supervisor_of_a_nexus_has_its_own_boot_variable() -> None:
    states = parse_boot({"show boot": sample.BOOT_NXOS_PAIR})
    assert [(s.member, s.current, s.next_reload) for s in states] == [
        (1, ("bootflash:/nxos.9.3.7.bin",), ("bootflash:/nxos.9.3.10.bin",)),
        (2, ("bootflash:/nxos.9.3.7.bin",), ("bootflash:/nxos.9.3.7.bin",)),
    ]


@pytest.mark.parametrize(
    "shown",
    [
        "Ready", "V-Mismatch", "Provisioned", "Initializing", "Syncing", "Sync not started", "Removed", "Lic-Mismatch",
        "Feature-Mis", "HA sync in progress", "Progressing", "Sup-Mismatch", "FW mismatch",
    ],
)  # fmt: skip
def test_every_state_of_a_stack_member_is_read(shown: str) -> None:
    table = (
        "Switch#   Role    Mac Address     Priority Version  State\n"
        "-----------------------------------------------------------\n"
        "*1       Active   0011.2233.4480     15     V02     Ready\n"
        f" 2       Standby  0011.2233.4400     1      V02     {shown}\n"
    )
    assert [(m.number, m.role, m.state) for m in parse_show_switch(table)] == [
        (1, "Active", "Ready"),
        (2, "Standby", shown),
    ]


def test_redundancy_tells_communications_and_manual_switchover() -> None:
    pair = parse_redundancy(device_samples.REDUNDANCY_STATES)
    assert (pair.communications, pair.manual_switchover) == ("Up", "enabled")
    single = parse_redundancy(device_samples.REDUNDANCY_SINGLE)
    assert (single.communications, single.manual_switchover) == ("Down", "")
    cold = parse_redundancy(device_samples.REDUNDANCY_STATES.replace("8  -STANDBY HOT", "4  -STANDBY COLD"))
    assert cold.peer_state == "STANDBY COLD"


@pytest.mark.parametrize(
    ("text", "family", "edition"),
    [
        (device_samples.XR32, "ASR9K", "px"),
        (device_samples.XR7, "8000", "LNT"),
        (
            "Cisco IOS XR Software, Version 6.6.3\nBuild Information:\n Built By : x\n\n"
            "cisco NCS-5500 () processor\nSystem uptime is 2 days\n",
            "NCS5500",
            "x64",
        ),
        ("Cisco IOS XR Software, Version 7.8.2 LNT\n\ncisco NCS540L (C3708 @ 1.70GHz)\n", "NCS540L", "LNT"),
        ("Cisco IOS XR Software, Version 7.8.2\n", "", ""),
    ],
)
def test_xr_is_told_apart_by_edition(text: str, family: str, edition: str) -> None:
    facts = parse_show_version(text)
    assert (facts.os, facts.family, facts.edition) == (OsKind.IOS_XR, family, edition)


def test_route_processors_of_a_router_are_told_from_its_other_cards() -> None:
    text = (
        "Chassis type: ASR1006\n\nSlot      Type                State                 Insert time (ago)\n"
        "--------- ------------------- --------------------- -----------------\n"
        "0         ASR1000-SIP40       ok                    1w0d\n"
        "R0        ASR1000-RP2         ok, standby           1w0d\n"
        "R1        ASR1000-RP2         ok, active            1w0d\n"
        "F0        ASR1000-ESP40       ok, active            1w0d\n"
    )
    nodes = read_facts("r1", READ_AT, {"show platform": text}).nodes
    assert [(n.name, n.role, n.is_healthy) for n in nodes] == [("R0", "Standby", True), ("R1", "Active", True)]
