"""The probe pull on a fake router: what each answer means, and nothing of it left on the flash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from swim_tui.drivers.serial import SerialContext
from swim_tui.model.checks import Check, Verdict
from swim_tui.model.job import OpStatus
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.model.phase import ChecksDone, Intent, IntentRecord, PhaseStatus
from swim_tui.model.plan import DevicePlan, OpKind, Phase
from swim_tui.model.server import PROBE_CONTENT, PROBE_FILE, ServerProtocol, SwimServer
from swim_tui.net.contract import Ended, Reply
from tests.unit.drivers.conftest import NEW, Bench

PROBE = "probe-server"
SERVER = SwimServer(
    "NY",
    "192.0.2.9",
    ("New York",),
    protocols=tuple(
        ServerProtocol(p, username="swim", has_password=True, home="/swim") for p in (Protocol.SCP, Protocol.SFTP)
    ),
)


def planned(bench: Bench) -> DevicePlan:
    bench.options = JobOptions(protocol_order=(Protocol.SCP, Protocol.SFTP))
    return bench.plan(servers=(SERVER,), probes=True)


def pulls(bench: Bench, answers: dict[str, str]) -> Callable[[str], Reply | None]:
    """Answers of `copy` by file and protocol; without one the file comes."""

    def on_line(line: str) -> Reply | None:
        if not line.startswith("copy "):
            return None
        name = PROBE_FILE if PROBE_FILE in line else "new.bin"
        said = next((text for key, text in answers.items() if key in line), "")
        if said:
            return Reply(said, Ended.PROMPT, 0.1)
        bench.device.files[name] = PROBE_CONTENT if name == PROBE_FILE else NEW
        return Reply("1024 bytes copied in 0.1 secs", Ended.PROMPT, 0.1)

    return on_line


def shown(bench: Bench) -> Check:
    checks = [check for e in bench.context.events if isinstance(e, ChecksDone) for check in e.checks]
    return next(check for check in checks if check.name == "SWIM server reachable: NY")


def copies(bench: Bench) -> list[str]:
    return [f"{line.split(':')[0]} {PROBE_FILE in line}" for line in bench.device.lines if line.startswith("copy ")]


def test_the_probe_comes_first_is_deleted_and_then_the_image_comes(bench: Bench) -> None:
    plan = planned(bench)
    bench.device.on_line = pulls(bench, {})
    assert bench.run(Phase.DISTRIBUTE, plan).status is PhaseStatus.SUCCESS
    assert copies(bench) == ["copy scp True", "copy scp False"]
    assert PROBE_FILE not in bench.device.files
    assert bench.device.files["new.bin"] == NEW
    check = shown(bench)
    assert (check.verdict, check.expected) == (Verdict.OK, "a probe of 1024 bytes pulled from NY")
    probe = next(op for op in plan.operations if op.kind is OpKind.PROBE_SERVER)
    sent = [line for line in bench.device.lines if PROBE_FILE in line and line.startswith(("copy", "delete"))]
    assert sent == [line.text for line in probe.lines]


def test_another_protocol_of_the_server_shows_it_too(bench: Bench) -> None:
    plan = planned(bench)
    bench.device.on_line = pulls(bench, {"scp:": "%Error opening scp://192.0.2.9 (Timed out)"})
    assert bench.run(Phase.DISTRIBUTE, plan).status is PhaseStatus.SUCCESS
    assert copies(bench) == ["copy scp True", "copy sftp True", "copy sftp False"]  # what does not work is not repeated
    assert shown(bench).verdict is Verdict.OK
    assert "SCP: " in shown(bench).actual


def test_a_server_that_is_not_reached_is_the_servers_fault_and_nothing_was_deleted_or_copied(bench: Bench) -> None:
    plan = planned(bench)
    bench.device.on_line = pulls(bench, {PROBE_FILE: "%Error opening scp://192.0.2.9 (No route to host)"})
    result = bench.run(Phase.DISTRIBUTE, plan)
    assert (result.status, result.next_server, result.probe_failed) == (PhaseStatus.FAILURE, True, True)
    assert not result.server_failed
    assert copies(bench) == ["copy scp True", "copy sftp True"]
    assert bench.changing() == []
    assert (shown(bench).verdict, bool(shown(bench).action)) == (Verdict.FAILED, True)


def test_a_refused_login_is_tried_by_no_other_protocol(bench: Bench) -> None:
    plan = planned(bench)
    bench.device.on_line = pulls(bench, {PROBE_FILE: "%Error opening scp://192.0.2.9 (Permission denied)"})
    result = bench.run(Phase.DISTRIBUTE, plan)
    assert (result.next_server, result.server_failed) == (True, True)
    assert copies(bench) == ["copy scp True"]


def test_a_full_flash_shows_nothing_of_the_server(bench: Bench) -> None:
    plan = planned(bench)
    bench.device.on_line = pulls(bench, {PROBE_FILE: "%Error writing bootflash:x (No space left on device)"})
    assert bench.run(Phase.DISTRIBUTE, plan).status is PhaseStatus.SUCCESS
    assert bench.statuses()[PROBE] is OpStatus.WARNING
    assert shown(bench).verdict is Verdict.WARNING


def test_who_is_spared_pulls_no_probe_and_says_who_did(bench: Bench) -> None:
    plan = planned(bench)
    bench.device.on_line = pulls(bench, {})
    context = SerialContext(decide=lambda intent: intent.kind is not OpKind.PROBE_SERVER, done_by="r7")
    assert bench.run(Phase.DISTRIBUTE, plan, context).status is PhaseStatus.SUCCESS
    assert copies(bench) == ["copy scp False"]
    assert shown(bench).actual == "shown by r7, of this platform and version"
    assert bench.statuses()[PROBE] is OpStatus.SKIPPED


@pytest.mark.parametrize("is_spared", [True, False])
def test_the_file_of_a_torn_probe_goes_whoever_probes_now(bench: Bench, is_spared: bool) -> None:
    plan = planned(bench)
    bench.device.files[PROBE_FILE] = PROBE_CONTENT[:100]
    bench.device.on_line = pulls(bench, {})
    probe = next(op for op in plan.operations if op.kind is OpKind.PROBE_SERVER)
    torn = (IntentRecord(Intent(probe.id, probe.kind, probe.lines[0].text), datetime.now(UTC), 1),)
    context = SerialContext(decide=lambda i: not (is_spared and i.kind is OpKind.PROBE_SERVER), done_by="r7")
    assert bench.run(Phase.DISTRIBUTE, plan, context, intents=torn).status is PhaseStatus.SUCCESS
    assert PROBE_FILE not in bench.device.files


def test_an_image_that_is_there_needs_no_probe(bench: Bench) -> None:
    plan = planned(bench)
    bench.device.files["new.bin"] = NEW
    bench.device.on_line = pulls(bench, {})
    assert bench.run(Phase.DISTRIBUTE, plan).status is PhaseStatus.SUCCESS
    assert copies(bench) == []
    assert hashlib.md5(bench.device.files["new.bin"]).hexdigest() == bench.image.md5
