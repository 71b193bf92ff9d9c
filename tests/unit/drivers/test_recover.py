"""Re-entry after a crash: the journal's intents are settled by reading the device."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from swim_tui.drivers.instant import Shown, booted_since
from swim_tui.drivers.serial import SerialContext
from swim_tui.errors import SessionLost
from swim_tui.model.facts import Facts, VersionFacts
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import Intent, IntentRecord, OpStarted, PhaseStatus
from swim_tui.model.plan import DevicePlan, OpKind, Phase
from swim_tui.net.contract import Reply
from tests.unit.drivers.conftest import Bench

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def reload_record(bench: Bench, plan: DevicePlan, **changes: str) -> IntentRecord:
    version = bench.facts().version
    evidence = {"restarted": version.restarted, "uptime_s": str(version.uptime_s), "clock_offset_s": "0.0", **changes}
    bench.device.lines.clear()
    return IntentRecord(Intent("activate.reload", OpKind.RELOAD, "reload", evidence), datetime.now(UTC), 1)


def armed(bench: Bench) -> DevicePlan:
    """Distributed, boot variable set and saved, as right before the reload."""
    plan = bench.distributed()
    bench.device.boot = ["bootflash:new.bin", "bootflash:old.bin"]
    bench.device.saved_boot = list(bench.device.boot)
    return plan


def test_a_reload_that_happened_is_finished_and_not_sent_again(bench: Bench) -> None:
    plan = armed(bench)
    record = reload_record(bench, plan)
    bench.device.restart()
    result = bench.run(Phase.ACTIVATE, plan, intents=(record,))
    assert result.outcome is Outcome.UPGRADED, result
    assert bench.device.reloads == 1
    assert bench.changing() == []


def test_a_reload_that_did_not_happen_is_sent_as_second_intent(bench: Bench) -> None:
    plan = armed(bench)
    boot = Intent("activate.set-boot-variable", OpKind.SET_BOOT, "x")
    records = (IntentRecord(boot, datetime.now(UTC), 1), reload_record(bench, plan))
    result = bench.run(Phase.ACTIVATE, plan, intents=records)
    assert result.outcome is Outcome.UPGRADED, result
    assert bench.device.reloads == 1
    assert [i.intent.kind for i in bench.intents()] == [OpKind.RELOAD]


def test_a_reload_that_is_pending_on_the_device_is_left_to_a_person(bench: Bench) -> None:
    plan = armed(bench)
    record = reload_record(bench, plan)
    bench.device.pending = "Reload scheduled for 10:00:00 UTC Mon May 4 2026 (in 5 minutes) by admin on vty0"
    result = bench.run(Phase.ACTIVATE, plan, intents=(record,))
    assert result.status is PhaseStatus.INTERRUPTED
    assert bench.changing() == []


def test_a_boot_that_is_neither_is_left_to_a_person(bench: Bench) -> None:
    plan = armed(bench)
    record = reload_record(bench, plan, restarted="00:00:01 UTC Mon Jan 5 2026", uptime_s="")
    bench.device.booted = datetime.now(UTC) - timedelta(seconds=30)
    result = bench.run(Phase.ACTIVATE, plan, intents=(record,))
    assert result.status is PhaseStatus.INTERRUPTED, result
    assert result.outcome is Outcome.INTERRUPTED
    assert bench.changing() == []


def test_a_device_still_booting_at_recovery_is_waited_for(bench: Bench) -> None:
    plan = armed(bench)
    record = reload_record(bench, plan)
    bench.device.restart()
    bench.device.boot_probes = 20
    assert bench.run(Phase.ACTIVATE, plan, intents=(record,)).outcome is Outcome.UPGRADED
    assert bench.device.reloads == 1


def test_a_device_that_never_comes_back_at_recovery_is_unreachable(bench: Bench) -> None:
    plan = armed(bench)
    record = reload_record(bench, plan)
    bench.device.restart()
    bench.device.never_back = True
    result = bench.run(Phase.ACTIVATE, plan, intents=(record,))
    assert result.outcome is Outcome.UNREACHABLE
    assert bench.device.reloads == 1


def test_a_device_that_goes_down_under_the_looks_at_recovery_is_read_again(bench: Bench) -> None:
    plan = armed(bench)
    record = reload_record(bench, plan)

    def goes_down(line: str) -> Reply | None:
        if line == "show reload" and bench.device.reloads == 0:
            bench.device.restart()
            raise SessionLost(command=line, detail="closed by the device")
        return None

    bench.device.on_line = goes_down
    result = bench.run(Phase.ACTIVATE, plan, intents=(record,))
    assert result.outcome is Outcome.UPGRADED, result
    assert bench.device.reloads == 1
    assert not bench.intents()


def test_a_half_written_boot_list_of_ours_is_completed(bench: Bench) -> None:
    plan = bench.distributed()
    bench.device.boot = []
    record = IntentRecord(Intent("activate.set-boot-variable", OpKind.SET_BOOT, "x"), datetime.now(UTC), 1)
    result = bench.run(Phase.ACTIVATE, plan, intents=(record,))
    assert result.outcome is Outcome.UPGRADED, result


class Killed(BaseException):
    """kill -9 between two operations."""


@pytest.mark.parametrize(
    "at", ["verify-image.bootflash", "set-boot-variable", "wait-for-reload", "prove", "post-checks"]
)
def test_a_phase_run_twice_reloads_once(bench: Bench, at: str) -> None:
    plan = bench.distributed()

    def die(event: object) -> None:
        if isinstance(event, OpStarted) and event.op_id.endswith(at):
            raise Killed

    context = SerialContext(on_event=die)
    with pytest.raises(Killed):
        bench.run(Phase.ACTIVATE, plan, context)
    result = bench.run(Phase.ACTIVATE, plan, intents=tuple(context.intents))
    assert result.outcome is Outcome.UPGRADED
    assert bench.device.reloads == 1


def facts(
    restarted: str, booted: datetime | None, uptime: int | None, offset: float | None = 0.0, at: datetime = NOW
) -> Facts:
    version = VersionFacts(restarted=restarted, uptime_s=uptime)
    return Facts("r1", at, version, booted_at=booted, clock_offset_s=offset)


SENT = NOW - timedelta(minutes=10)
INSTANTS = [
    ("same line", {"restarted": "a"}, facts("a", SENT - timedelta(days=1), 90000), Shown.NO),
    ("later boot", {"restarted": "a"}, facts("b", SENT + timedelta(minutes=2), 480), Shown.YES),
    ("wrong clock", {"restarted": "a"}, facts("b", SENT + timedelta(minutes=2, days=900), 480, 900 * 86400), Shown.YES),
    ("clock set", {"restarted": "a", "uptime_s": "90000"}, facts("b", SENT - timedelta(days=9000), 480), Shown.YES),
    ("uptime only, fell", {"uptime_s": "90000"}, facts("", None, 480, None), Shown.YES),
    ("uptime only, young", {}, facts("", None, 480, None), Shown.YES),
    ("uptime only, grown", {"uptime_s": "90000"}, facts("", None, 90600, None), Shown.NO),
    ("uptime in the same minute", {}, facts("", None, 590, None), Shown.UNKNOWN),
    ("nothing known", {}, facts("", None, None, None), Shown.UNKNOWN),
    ("other boot before", {"restarted": "a"}, facts("b", SENT - timedelta(minutes=5), 900), Shown.NO),
]  # fmt: skip


@pytest.mark.parametrize(("name", "evidence", "read", "shown"), INSTANTS, ids=[i[0] for i in INSTANTS])
def test_boot_instants(name: str, evidence: dict[str, str], read: Facts, shown: Shown) -> None:
    assert booted_since(evidence, read, SENT) is shown
