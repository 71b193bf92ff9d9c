"""Where the image comes from: which server, which protocol, which exact line, and why not the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from swim_tui.model.checks import Verdict
from swim_tui.model.options import ActivateMode, JobOptions, Protocol
from swim_tui.model.plan import DevicePlan, LineMode, Operation, OpKind
from swim_tui.model.server import PROBE_FILE, ServerProtocol, SwimServer
from swim_tui.packs.loading import load_packs
from swim_tui.planning.durations import copy_limit_s
from swim_tui.planning.export import to_markdown
from swim_tui.planning.probe import with_probe
from swim_tui.planning.run import plan_run
from swim_tui.planning.situation import Situation, Target
from swim_tui.planning.sources import PASSWORD_IN_URL, candidates, choose, with_sources
from swim_tui.planning.uploads import Uploads
from tests.unit.planning.making import MB, NEW, NOW, device, facts, image, pack, plan

COPY = JobOptions(protocol_order=(Protocol.SFTP, Protocol.SCP, Protocol.HTTP, Protocol.FTP))


def server(name: str = "NY_Region", *protocols: Protocol, **more: Any) -> SwimServer:
    rows = tuple(ServerProtocol(p, username="swim", has_password=True, home="/swim") for p in protocols)
    given = {"address": "192.0.2.9", "sites": ("New York",), "protocols": rows, **more}
    return SwimServer(name, **given)  # type: ignore[arg-type]


def copy_of(planned: DevicePlan) -> Operation:
    assert planned.included, planned.excluded_because
    return next(op for op in planned.operations if op.kind is OpKind.COPY_IMAGE)


def test_the_servers_of_a_device_are_those_of_its_location_then_of_the_groups_above_it() -> None:
    us, ny, sf = server("US", sites=("USA",)), server("NY"), server("SF", sites=("San Francisco",))
    all_servers = [sf, us, ny]
    assert candidates(("New York", "USA"), all_servers, "") == (ny, us)
    assert candidates(("New York", "USA"), all_servers, "SF") == (sf, ny, us)
    assert candidates(("New York", "USA"), all_servers, "local") == ()
    assert candidates((), all_servers, "") == ()


def test_the_plan_has_the_exact_line_of_each_protocol_and_the_push_behind_them() -> None:
    planned = plan(options=COPY, servers=(server("NY_Region", Protocol.SCP, Protocol.SFTP),))
    op = copy_of(planned)
    assert [(s.server, s.protocol) for s in op.sources] == [
        ("NY_Region", Protocol.SFTP), ("NY_Region", Protocol.SCP), ("local", Protocol.SCP)
    ]  # fmt: skip
    assert op.lines[0] == op.sources[0].line
    assert op.lines[0].text == f"copy sftp://swim@192.0.2.9//swim/{NEW} bootflash:{NEW}"
    assert op.sources[-1].line.mode is LineMode.TOOL
    assert op.lines[1].text.startswith("delete /force")
    assert planned.servers == ("NY_Region", "local")
    reasons = "\n".join(planned.protocol_reasons)
    assert "NY_Region: SFTP chosen (serves New York)" in reasons
    assert "NY_Region: HTTP passed over, the server does not speak it" in reasons
    assert "Local File Server: SCP when no server can be used" in planned.protocol_reasons


def test_no_password_stands_in_a_line_and_nothing_erases_or_overwrites() -> None:
    op = copy_of(plan(options=COPY, servers=(server("NY_Region", Protocol.SCP),)))
    replies = {answer.pattern: answer for answer in op.lines[0].answers}
    typed = [a for a in replies.values() if a.secret]
    assert [a.secret for a in typed] == ["server NY_Region SCP"]
    assert all(a.reply == "n" for p, a in replies.items() if "rite" in p or "Eras" in p)


def test_a_protocol_with_the_password_in_its_url_needs_a_consent() -> None:
    only_ftp = (server("NY_Region", Protocol.FTP, Protocol.SFTP),)
    options = replace(COPY, protocol_order=(Protocol.FTP,))
    refused = plan(options=options, servers=only_ftp)
    assert not refused.included
    assert refused.excluded_because == f"consent missing: {PASSWORD_IN_URL}"
    check = next(c for c in refused.checks if c.consent == PASSWORD_IN_URL)
    assert check.verdict is Verdict.FAILED
    given = plan(options=replace(options, consents=(PASSWORD_IN_URL,)), servers=only_ftp)
    source = copy_of(given).sources[0]
    assert source.password_in_url
    assert source.line.text.startswith("copy ftp://swim:***@192.0.2.9//swim/")


def test_http_without_a_login_is_pulled_without_a_consent() -> None:
    web = SwimServer(
        "W", "192.0.2.9", ("New York",),
        protocols=(
            ServerProtocol(Protocol.HTTP, 8080, home="images"),
            ServerProtocol(Protocol.SFTP, 0, "swim", True),
        ),
    )  # fmt: skip
    op = copy_of(plan(options=replace(COPY, protocol_order=(Protocol.HTTP,)), servers=(web,)))
    assert op.lines[0].text == f"copy http://192.0.2.9:8080/images/{NEW} bootflash:{NEW}"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"vrf": "Mgmt-intf"}, "no VRF can be named in an sftp URL"),
        ({}, "it has no password that a device could type"),
    ],
)
def test_what_a_device_cannot_use_is_passed_over_and_the_image_is_pushed(change: dict[str, Any], why: str) -> None:
    row = ServerProtocol(Protocol.SFTP, username="swim", has_password=bool(change))
    planned = plan(
        options=COPY, device=device(**change), servers=(server("NY_Region", protocols=(row,)),), pack=pack("asr903")
        if change else pack(),
    )  # fmt: skip
    assert why in "\n".join(planned.protocol_reasons) or why in planned.excluded_because or not planned.included
    if planned.included:
        assert copy_of(planned).sources == ()


def test_a_nexus_names_the_vrf_at_the_end_of_the_line() -> None:
    nexus = load_packs().get("n9k")
    s = Situation(
        device(), facts(), image(), replace(COPY, protocol_order=(Protocol.SCP,)), nexus, NOW, (),
        servers=(server("NY_Region", Protocol.SCP),),
    )  # fmt: skip
    op = copy_of(plan(options=COPY))
    target = Target(facts().file_systems[0], NEW, 0)
    line = with_sources(s, op, target, image(), choose(s)).lines[0]
    assert line.text == f"copy scp://swim@192.0.2.9/swim/{NEW} bootflash:{NEW} vrf management"


@pytest.mark.parametrize(
    ("platform", "protocol", "vrf", "line"),
    [
        ("asr1002", Protocol.FTP, "Mgmt-intf", "copy ftp://192.0.2.9;Mgmt-intf/"),
        ("asr1002", Protocol.HTTP, "Mgmt-intf", "copy http://192.0.2.9;Mgmt-intf/"),
        ("asr1002", Protocol.FTP, "", "copy ftp://192.0.2.9/"),
        ("n9k", Protocol.SCP, "blue", " vrf blue"),
        ("n9k", Protocol.SFTP, "", " vrf management"),
        ("asr9k", Protocol.FTP, "Mgmt", "ftp://192.0.2.9;Mgmt/"),
    ],
)
def test_the_vrf_stands_where_the_platform_wants_it(platform: str, protocol: Protocol, vrf: str, line: str) -> None:
    """In the URL of IOS-XE and XR, but never of SCP and SFTP; behind the line of NX-OS, which has one of its own."""
    is_open = protocol in (Protocol.FTP, Protocol.HTTP)
    where = ServerProtocol(protocol, username="" if is_open else "swim", has_password=not is_open)
    put = ServerProtocol(Protocol.SFTP, username="swim", has_password=True)
    rows = (where,) if protocol is Protocol.SFTP else (where, put)
    s = Situation(
        device(vrf=vrf, source_interface="Loopback0"), facts(), image(), replace(COPY, protocol_order=(protocol,)),
        load_packs().get(platform), NOW, (), servers=(server("NY_Region", protocols=rows),),
    )  # fmt: skip
    choice = choose(s)
    target = Target(facts().file_systems[0], NEW, 0)
    assert line in with_sources(s, copy_of(plan(options=COPY)), target, image(), choice).lines[0].text
    assert "source-interface Loopback0'" in choice.reasons[-1]


def test_each_server_is_given_the_image_once_however_many_devices_pull_it() -> None:
    ny, us = server("NY_Region", Protocol.SFTP, Protocol.SCP), server("US", Protocol.SCP, max_pulls=3)
    names = [f"r{n}" for n in range(1, 6)]
    plans = [plan(device=device(name), options=COPY, servers=(ny, us)) for name in names]
    found = plan_run(
        plans,
        [device(name) for name in names],
        COPY,
        made_at=NOW,
        servers=Uploads({"NY_Region": ny, "US": us}, (image(),)),
    )
    first, second = found.servers
    assert (first.server, first.devices, first.protocol, first.max_pulls) == ("NY_Region", 5, Protocol.SFTP, 10)
    assert [op.path for op in first.operations] == [f"/swim/{NEW}"]
    assert first.operations[0].digest == image().sha512
    assert (second.server, second.devices, second.max_pulls) == ("US", 0, 3)  # only when the first one fails
    assert found.bytes_from_engine == 360 * MB
    assert found.bytes_to_move == 5 * 360 * MB


def test_a_pull_is_proven_by_a_probe_before_the_first_change_of_the_plan() -> None:
    servers = (server("NY_Region", Protocol.SCP, Protocol.SFTP), server("US", Protocol.SFTP))
    planned = plan(options=replace(COPY, erase_flash=True), servers=servers, probes=True)
    ops = [op for op in planned.operations if op.kind is not OpKind.READ_STATE]
    assert [op.kind for op in ops[:2]] == [OpKind.BACKUP_CONFIG, OpKind.PROBE_SERVER]
    probe = ops[1]
    assert [line.text for line in probe.lines] == [
        f"copy sftp://swim@192.0.2.9//swim/{PROBE_FILE} bootflash:{PROBE_FILE}",
        f"delete /force bootflash:{PROBE_FILE}",
    ]
    assert all(line.changes for line in probe.lines)
    assert [(s.server, s.protocol) for s in probe.sources] == [
        ("NY_Region", Protocol.SFTP), ("NY_Region", Protocol.SCP), ("US", Protocol.SFTP)
    ]  # fmt: skip
    assert "once a run" in probe.note
    assert planned.protocol_reasons[-1].startswith("NY_Region, US: reached from the device or not is shown by a probe")
    assert planned.servers == ("NY_Region", "US", "local")
    pushed = plan(options=COPY, servers=(), probes=True)
    assert not [op for op in pushed.operations if op.kind is OpKind.PROBE_SERVER]


@pytest.mark.parametrize(
    ("platform", "file_system", "sent"),
    [
        (
            "n9k",
            "bootflash:",
            (f"copy scp://swim@192.0.2.9/swim/{PROBE_FILE} bootflash:{PROBE_FILE} vrf management",
             f"delete bootflash:{PROBE_FILE} no-prompt"),
        ),
        (
            "asr9k",
            "harddisk:",
            (f"copy scp://swim@192.0.2.9/swim/{PROBE_FILE} harddisk:{PROBE_FILE}",
             f"delete /noprompt harddisk:/{PROBE_FILE}"),
        ),
        (
            "c3750x",
            "flash:",
            (f"copy scp://swim@192.0.2.9//swim/{PROBE_FILE} flash:{PROBE_FILE}", f"delete /force flash:{PROBE_FILE}"),
        ),
    ],
)  # fmt: skip
def test_the_probe_comes_and_goes_in_the_words_of_each_platform(
    platform: str, file_system: str, sent: tuple[str, str]
) -> None:
    options, servers = replace(COPY, protocol_order=(Protocol.SCP,)), (server("NY_Region", Protocol.SCP),)
    s = Situation(device(), facts(), image(), options, load_packs().get(platform), NOW, (), servers=servers)
    pulled = plan(options=options, servers=servers)
    there = tuple(replace(op, file_system=file_system) for op in pulled.operations)
    probed = with_probe(s, replace(pulled, operations=there), choose(s))
    probe = next(op for op in probed.operations if op.kind is OpKind.PROBE_SERVER)
    assert tuple(line.text for line in probe.lines) == sent
    assert (probe.undo[0].text, probe.file_system) == (sent[1], file_system)


def test_the_probe_file_is_put_on_each_server_and_counts_as_no_image() -> None:
    options = replace(COPY, protocol_order=(Protocol.SFTP,))
    ny = server("NY_Region", Protocol.SFTP)
    planned = plan(options=options, servers=(ny,), probes=True)
    known = Uploads(servers={"NY_Region": ny}, images=(image(),))
    whole = plan_run((planned,), (device(),), options, made_at=NOW, servers=known)
    (upload,) = whole.servers
    assert [op.kind for op in upload.operations] == [OpKind.UPLOAD_IMAGE, OpKind.UPLOAD_PROBE]
    assert upload.operations[1].path == f"/swim/{PROBE_FILE}"
    assert len(upload.images) == 1
    assert whole.bytes_from_engine == image().size_bytes


def test_the_plan_says_how_much_moves_at_once_and_a_changed_limit_is_no_changed_plan() -> None:
    options = replace(COPY, max_distribution=7)
    ny = server("NY_Region", Protocol.SFTP, max_pulls=3, mbit_per_s=20.0)
    pulled = plan(options=options, servers=(ny,))
    pushed = replace(plan(options=COPY), site_line="SF", site_bytes_per_s=1_250_000.0)
    known = Uploads(servers={"NY_Region": ny}, images=(image(),))
    whole = plan_run((pulled, pushed), (device(),), options, made_at=NOW, servers=known, max_per_jump=4)
    assert whole.limits == (
        "7 devices copy at once",
        "3 pull at once from NY_Region",
        "4 pushes at once through one jump host",
        "uploads and pushes over the line to NY_Region keep to 20 Mbit/s",
        "uploads and pushes over the line to SF keep to 10 Mbit/s",
    )
    assert plan_run((pushed,), (device(),), replace(options, activate=ActivateMode.OFF), made_at=NOW).limits[1:] == (
        "uploads and pushes over the line to SF keep to 10 Mbit/s",
    )
    other = plan_run((pulled, pushed), (device(),), options, made_at=NOW, servers=known, max_per_jump=9)
    assert other.sha256 == whole.sha256
    assert f"- Limits: {'; '.join(whole.limits)}" in to_markdown(whole)


def test_the_time_out_of_a_pull_follows_its_size_and_the_rate_that_was_measured() -> None:
    size, floor = 800_000_000, pack().waits.copy_floor_bytes_per_s
    usual = copy_limit_s(size, pack())
    assert usual == size / floor
    assert copy_limit_s(size, pack(), measured=50 * floor) == usual, "a fast device may be slow tonight"
    slow = copy_limit_s(size, pack(), measured=floor / 2)
    assert slow >= 3 * size / (floor / 2), "a slow one is not cut off"
    assert slow == copy_limit_s(size, pack(), measured=floor / 2.1), "a plan made again has the same line"
    planned = copy_of(
        plan(options=COPY, servers=(server("NY_Region", Protocol.SCP),), rates={device().name: floor / 2})
    )
    assert (
        planned.lines[0].timeout_s
        > copy_of(plan(options=COPY, servers=(server("NY_Region", Protocol.SCP),))).lines[0].timeout_s
    )
