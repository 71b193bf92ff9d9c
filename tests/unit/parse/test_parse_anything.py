"""Whatever a device answers, no parser raises and none makes something up."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime

import device_samples as sample
import install_samples
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swim_tui import parse
from swim_tui.model.facts import Redundancy, VersionFacts

SAMPLES = [
    value
    for room in (sample, install_samples)
    for name, value in vars(room).items()
    if name.isupper() and name[0] != "_"
]
COMMANDS = [
    "show version", "show clock", "dir flash:", "show file systems", "show bootvar", "show running-config",
    "show startup-config", "show redundancy", "show switch", "show privilege", "show reload", "show users",
    "show configuration lock", "show ip ssh", "show cdp neighbors", "show ip interface brief", "verify /md5 x", "x", "",
    "show install summary", "show install active summary", "show install committed summary", "show install rollback",
    "show install log", "show install request", "show version running", "show version provisioned",
    "show software installer rollback-timer", "show issu state detail", "show issu rollback-timer", "show platform",
    "show redundancy summary", "show hw-module fpd", "show configuration failed startup", "show module",
    "show vpc role", "show install all impact nxos x", "show install all status", "show incompatibility-all nxos x",
    "more packages.conf",
]  # fmt: skip
READERS: dict[str, tuple[Callable[[str], object], object]] = {
    "version": (parse.parse_show_version, VersionFacts()),
    "dir": (lambda t: parse.parse_dir(t).is_read, False),
    "file systems": (parse.parse_file_systems, ()),
    "boot": (lambda t: parse.parse_boot({"show boot": t})[0].is_read, False),
    "boot lines": (parse.parse_boot_lines, ()),
    "hash": (parse.parse_verify_hash, None),
    "redundancy": (parse.parse_redundancy, Redundancy()),
    "switch": (parse.parse_show_switch, ()),
    "clock": (parse.parse_clock, None),
    "restart": (parse.parse_restart, None),
    "uptime": (parse.parse_uptime, None),
    "zones": (parse.parse_zones, {}),
    "privilege": (parse.parse_privilege, None),
    "reload": (parse.parse_show_reload, None),
    "users": (parse.parse_users, None),
    "lock": (parse.parse_config_lock, None),
    "config": (lambda t: parse.parse_config_diff(t, t), (None, ())),
    "interfaces": (parse.parse_interfaces_up, ()),
    "neighbours": (parse.parse_neighbours, ()),
    "install": (parse.parse_install_state, None),
    "rollback points": (parse.parse_rollback_points, None),
    "smu": (parse.parse_smu, None),
    "install log": (parse.parse_install_log, None),
    "version packages": (parse.parse_version_packages, None),
    "packages.conf": (parse.parse_packages_conf, None),
    "member timers": (parse.parse_member_timers, None),
    "issu": (parse.parse_issu_state, None),
    "issu timer": (parse.parse_issu_timer, None),
    "package sets": (parse.parse_package_sets, {}),
    "request": (parse.parse_install_request, None),
    "xr log": (parse.parse_xr_install_log, None),
    "platform": (parse.parse_xr_platform, ()),
    "node pairs": (parse.parse_node_pairs, ()),
    "fpds": (parse.parse_fpds, None),
    "failed config": (parse.parse_failed_config, None),
    "impact": (parse.parse_install_impact, None),
    "report": (parse.parse_install_report, None),
    "modules": (parse.parse_modules, ()),
    "vpc": (parse.parse_vpc, None),
    "incompatibilities": (parse.parse_incompatibilities, None),
}

pieces = st.one_of(
    st.text(max_size=40),
    st.sampled_from([line for text in SAMPLES for line in text.split("\n")]),
    st.sampled_from(["\r\n", "\x08 \x08", " --More-- ", "\x1b[K", "%", "*Nov  3 10:00:01.1: %A-5-B: c", "sw1#"]),
)
device_text = st.lists(pieces, max_size=25).map("\n".join)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("text", ["", "\n\n", sample.REFUSED, "Command authorization failed.\n", "\x00\x1b[2J%"])
def test_nothing_is_made_of_an_empty_or_refused_answer(name: str, text: str) -> None:
    reader, nothing = READERS[name]
    assert reader(text) == nothing


@given(device_text)
@settings(max_examples=150, deadline=None)
def test_no_parser_raises_on_arbitrary_text(text: str) -> None:
    for reader, _ in READERS.values():
        reader(text)
    parse.device_refusal(text)


@given(st.lists(st.sampled_from(COMMANDS), max_size=8), device_text)
@settings(max_examples=100, deadline=None)
def test_facts_are_read_from_anything(commands: list[str], text: str) -> None:
    parse.read_facts("x", datetime(2026, 1, 1, tzinfo=UTC), dict.fromkeys(commands, text))
    for command in commands:
        json.dumps(parse.understood("", command, text))


@given(st.sampled_from(SAMPLES), st.integers(0, 3000))
@settings(max_examples=150, deadline=None)
def test_an_answer_cut_short_is_read_without_an_exception(text: str, end: int) -> None:
    for reader, _ in READERS.values():
        reader(text[:end])


FLOODS = {
    "dots": "." * 200_000,
    "blanks": " " * 50_000 + "x",
    "letters": "A" * 100_000,
    "dashes": "a-" * 50_000,
    "numbers": "1 " * 50_000,
    "percents": "%" * 50_000,
    "brackets": "(" * 50_000,
    "boot entries": "BOOT variable = " + "x;" * 40_000,
    "hex": " 0A" * 50_000,
    "memory": "cisco " + "with 1K " * 10_000,
    "verify": "verify " * 20_000,
    "more": "-More" * 20_000,
    "backspaces": "x\x08" * 50_000,
    "stamps": "Nov  3 10:00:01.1: " * 10_000,
}


@pytest.mark.parametrize("line", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_on_one_line_does_not_hang_a_parser(line: str) -> None:
    for name, (reader, _) in READERS.items():
        started = time.perf_counter()
        reader(line)
        assert time.perf_counter() - started < 3, name
