"""Distribution with a fake router: no false success, no false failure, nothing left behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swim_tui.drivers.serial import SerialContext
from swim_tui.errors import AuthError, ConnectRefused, PromptTimeout, Stalled, TransferRefused
from swim_tui.model.job import OpStatus
from swim_tui.model.options import JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import IntentRecord, PhaseStatus, RateMeasured
from swim_tui.model.plan import OpKind, Phase
from swim_tui.net.contract import Ended, Reply
from tests.unit.drivers.conftest import NEW, Bench

COPY = "copy-image.bootflash"
VERIFY = "verify-image.bootflash"


def test_an_image_is_copied_and_verified(bench: Bench) -> None:
    result = bench.run(Phase.DISTRIBUTE, bench.plan())
    assert result.outcome is Outcome.DISTRIBUTED, result
    assert bench.device.files["new.bin"] == NEW
    assert bench.changing() == []


def test_an_image_that_is_there_is_not_copied_and_hashed_once(bench: Bench) -> None:
    plan = bench.plan()
    bench.device.files["new.bin"] = NEW
    bench.run(Phase.DISTRIBUTE, plan)
    assert bench.net.pushes == 0
    assert bench.statuses()[COPY] is OpStatus.SKIPPED
    assert bench.statuses()[VERIFY] is OpStatus.SKIPPED
    assert sum(line.startswith("verify") for line in bench.device.lines) == 1


@pytest.mark.parametrize("content", [b"", NEW[:100], NEW + b"x", b"\0" + NEW[1:]])
def test_a_partial_or_wrong_copy_is_deleted_and_pushed_again(bench: Bench, content: bytes) -> None:
    plan = bench.plan()
    bench.device.files["new.bin"] = content
    assert bench.run(Phase.DISTRIBUTE, plan).outcome is Outcome.DISTRIBUTED
    assert bench.device.files["new.bin"] == NEW
    assert bench.changing() == ["delete /force bootflash:/new.bin"]


@pytest.mark.parametrize("at", [0, 100, len(NEW) - 1])
def test_a_broken_push_is_tried_again(bench: Bench, at: int) -> None:
    bench.device.push_breaks = [at]
    assert bench.run(Phase.DISTRIBUTE, bench.plan()).outcome is Outcome.DISTRIBUTED
    assert bench.net.pushes == 2


def test_a_push_that_breaks_after_the_last_byte_is_a_success(bench: Bench) -> None:
    bench.device.push_breaks = [len(NEW)]
    assert bench.run(Phase.DISTRIBUTE, bench.plan()).outcome is Outcome.DISTRIBUTED
    assert bench.net.pushes == 1


def test_after_three_broken_pushes_the_partial_file_is_gone(bench: Bench) -> None:
    bench.device.push_breaks = [10, 20, 30]
    result = bench.run(Phase.DISTRIBUTE, bench.plan())
    assert result.outcome is Outcome.COPY_FAILED
    assert bench.net.pushes == 3
    assert "new.bin" not in bench.device.files
    assert result.left_behind == ()


@pytest.mark.parametrize(
    "error",
    [TransferRefused(file="x", detail="Privilege denied."), AuthError(address="a", profile="p")],
)
def test_a_refusal_is_not_tried_again(bench: Bench, error: Exception) -> None:
    plan = bench.plan()
    bench.device.push_error = error  # type: ignore[assignment]
    assert bench.run(Phase.DISTRIBUTE, plan).status is PhaseStatus.FAILURE
    assert bench.net.pushes == 1


@pytest.mark.parametrize("error", [Stalled(file="x", sent=1, idle_s=5), ConnectRefused(address="a")])
def test_passing_troubles_are_tried_twice_more(bench: Bench, error: Exception) -> None:
    plan = bench.plan()
    bench.device.push_error = error  # type: ignore[assignment]
    assert bench.run(Phase.DISTRIBUTE, plan).outcome is Outcome.COPY_FAILED
    assert bench.net.pushes == 3


def test_one_copy_stored_wrong_is_replaced(bench: Bench) -> None:
    bench.device.damage = 1
    assert bench.run(Phase.DISTRIBUTE, bench.plan()).outcome is Outcome.DISTRIBUTED
    assert bench.device.files["new.bin"] == NEW


def test_a_flash_that_always_stores_wrong_is_a_hash_mismatch_and_the_file_is_gone(bench: Bench) -> None:
    bench.device.damage = 9
    result = bench.run(Phase.DISTRIBUTE, bench.plan())
    assert result.outcome is Outcome.HASH_MISMATCH
    assert bench.net.pushes == 2
    assert "new.bin" not in bench.device.files


def test_a_flash_that_filled_up_since_the_plan_is_not_written_to(bench: Bench) -> None:
    plan = bench.plan()
    bench.device.files["crashinfo"] = b"c" * 95_000
    assert bench.run(Phase.DISTRIBUTE, plan).outcome is Outcome.NO_SPACE
    assert bench.net.pushes == 0


def test_the_erase_deletes_the_planned_files_and_no_more_than_needed(bench: Bench) -> None:
    bench.options = replace(bench.options, erase_flash=True)
    bench.device.files |= {"a.bin": b"a" * 3000, "b.bin": b"b" * 3000, "notes.txt": b"n" * 90_000}
    plan = bench.plan()
    planned = [d.path for op in plan.operations for d in op.deletions]
    assert planned
    result = bench.run(Phase.DISTRIBUTE, plan)
    assert result.outcome is Outcome.DISTRIBUTED, result
    assert bench.changing() == [f"delete /force bootflash:/{name}" for name in planned]
    assert "notes.txt" in bench.device.files
    assert "old.bin" in bench.device.files


def test_the_erase_stops_when_a_planned_file_became_a_boot_target(bench: Bench) -> None:
    bench.options = replace(bench.options, erase_flash=True)
    bench.device.files |= {"a.bin": b"a" * 5000, "notes.txt": b"n" * 90_000}
    plan = bench.plan()
    bench.device.boot.append("bootflash:a.bin")
    result = bench.run(Phase.DISTRIBUTE, plan)
    assert result.status is PhaseStatus.FAILURE
    assert bench.changing() == []


def test_the_erase_is_skipped_when_space_came_free_meanwhile(bench: Bench) -> None:
    bench.options = replace(bench.options, erase_flash=True)
    bench.device.files |= {"a.bin": b"a" * 5000, "notes.txt": b"n" * 90_000}
    plan = bench.plan()
    del bench.device.files["notes.txt"]
    assert bench.run(Phase.DISTRIBUTE, plan).outcome is Outcome.DISTRIBUTED
    assert bench.changing() == []


def test_the_scp_server_is_on_for_the_copy_and_off_after(bench: Bench) -> None:
    bench.options = JobOptions(enable_scp_for_copy=True)
    bench.device.scp_on = False
    assert bench.run(Phase.DISTRIBUTE, bench.plan()).outcome is Outcome.DISTRIBUTED
    assert bench.changing() == ["ip scp server enable", "no ip scp server enable"]
    assert bench.device.scp_on is False


def test_the_scp_server_is_switched_off_again_when_the_copy_fails(bench: Bench) -> None:
    bench.options = JobOptions(enable_scp_for_copy=True)
    bench.device.scp_on = False
    bench.device.push_breaks = [1, 1, 1]
    assert bench.run(Phase.DISTRIBUTE, bench.plan()).status is PhaseStatus.FAILURE
    assert bench.device.scp_on is False


def test_the_scp_server_left_on_by_a_killed_attempt_is_switched_off(bench: Bench) -> None:
    bench.options = JobOptions(enable_scp_for_copy=True)
    bench.device.scp_on = False
    plan = bench.plan()
    context = SerialContext(lambda intent: intent.kind is not OpKind.COPY_IMAGE)
    bench.run(Phase.DISTRIBUTE, plan, context)
    bench.device.scp_on = True  # as a kill -9 leaves it
    records = tuple(IntentRecord(r.intent, r.at, 1) for r in context.intents)
    assert bench.run(Phase.DISTRIBUTE, plan, intents=records).outcome is Outcome.DISTRIBUTED
    assert bench.device.scp_on is False


def test_an_scp_server_that_was_on_stays_on(bench: Bench) -> None:
    bench.options = JobOptions(enable_scp_for_copy=True)
    bench.device.scp_on = False
    plan = bench.plan()
    bench.device.scp_on = True  # switched on by a person since the plan
    assert bench.run(Phase.DISTRIBUTE, plan).outcome is Outcome.DISTRIBUTED
    assert bench.device.scp_on is True


def test_an_unreadable_configuration_stops_before_any_change(bench: Bench) -> None:
    plan = bench.plan()
    refused = Reply("Command authorization failed.", Ended.PROMPT)
    bench.device.on_line = lambda line: refused if line == "show running-config" else None
    result = bench.run(Phase.DISTRIBUTE, plan)
    assert result.status is PhaseStatus.FAILURE
    assert result.problem is not None
    assert "Configuration backup" in result.problem.message
    assert bench.net.pushes == 0


def test_a_cancel_before_the_copy_sends_nothing(bench: Bench) -> None:
    plan = bench.plan()
    context = SerialContext()
    context.stop()
    result = bench.run(Phase.DISTRIBUTE, plan, context)
    assert result.status is PhaseStatus.CANCELLED
    assert result.outcome is Outcome.CANCELLED
    assert bench.device.lines == []


def test_the_backup_of_the_running_image_is_stored_with_its_hashes(bench: Bench) -> None:
    bench.options = JobOptions(backup_current_image=True)
    incoming = bench.folder / "incoming"
    incoming.mkdir()
    result = bench.run(Phase.DISTRIBUTE, bench.plan(), incoming_dir=str(incoming))
    assert result.file_name == "old.bin"
    assert [p.read_bytes() for p in incoming.iterdir()] == [bench.device.files["old.bin"]]


@pytest.mark.parametrize("at", [0, 100, 3_000, -1], ids=["lost at 0", "lost half way", "lost at the end", "stalled"])
def test_a_backup_whose_line_broke_is_read_again(bench: Bench, at: int) -> None:
    bench.options = JobOptions(backup_current_image=True)
    bench.device.pull_breaks = [at]
    incoming = bench.folder / "incoming"
    incoming.mkdir()
    result = bench.run(Phase.DISTRIBUTE, bench.plan(), incoming_dir=str(incoming))
    assert result.outcome is Outcome.DISTRIBUTED, result
    assert [p.read_bytes() for p in incoming.iterdir()] == [bench.device.files["old.bin"]]


def test_a_backup_whose_line_breaks_always_leaves_nothing_and_nothing_is_changed(bench: Bench) -> None:
    bench.options = JobOptions(backup_current_image=True)
    bench.device.pull_breaks = [0] * 9
    incoming = bench.folder / "incoming"
    incoming.mkdir()
    result = bench.run(Phase.DISTRIBUTE, bench.plan(), incoming_dir=str(incoming))
    assert result.status is PhaseStatus.FAILURE
    assert (list(incoming.iterdir()), bench.net.pushes, bench.changing()) == ([], 0, [])


def test_a_bug_is_a_result_and_not_a_crash(bench: Bench) -> None:
    plan = bench.plan()

    def broken(line: str) -> None:
        raise ZeroDivisionError

    bench.device.on_line = broken  # type: ignore[assignment]
    result = bench.run(Phase.DISTRIBUTE, plan)
    assert result.status is PhaseStatus.FAILURE
    assert result.problem is not None
    assert result.problem.code == "SWIM-9999"


def test_every_changing_step_has_its_intent_on_disk_first(bench: Bench) -> None:
    bench.options = replace(bench.options, erase_flash=True)
    bench.device.files |= {"a.bin": b"a" * 5000, "notes.txt": b"n" * 90_000}
    plan = bench.plan()
    bench.run(Phase.DISTRIBUTE, plan)
    assert [r.intent.kind for r in bench.intents()] == [OpKind.DELETE_FILES, OpKind.COPY_IMAGE]
    bench.run(Phase.ACTIVATE, plan)
    assert [r.intent.kind for r in bench.intents()] == [OpKind.SET_BOOT, OpKind.RELOAD]


def test_a_device_with_no_free_vty_for_a_moment_is_tried_again(bench: Bench) -> None:
    plan = bench.plan()
    bench.device.busy_vtys = 2
    assert bench.run(Phase.DISTRIBUTE, plan).outcome is Outcome.DISTRIBUTED


def test_a_refused_login_is_one_attempt(bench: Bench) -> None:
    plan = bench.plan()
    before = bench.device.logins
    bench.device.refuse_logins = 9
    result = bench.run(Phase.DISTRIBUTE, plan)
    assert result.problem is not None
    assert result.problem.code == "SWIM-4030"
    assert bench.device.logins - before == 1


def test_configuration_text_does_not_leave_in_an_error(bench: Bench) -> None:
    plan = bench.plan()

    def hang(line: str) -> Reply | None:
        if line == "show running-config":
            raise PromptTimeout(command=line, limit_s=5, output="snmp-server community hush RO")
        return None

    bench.device.on_line = hang
    result = bench.run(Phase.DISTRIBUTE, plan)
    assert result.status is PhaseStatus.FAILURE
    assert "hush" not in repr((result, bench.context.events))


def test_an_excluded_plan_is_never_executed(bench: Bench) -> None:
    plan = replace(bench.plan(), included=False, excluded_because="no")
    result = bench.run(Phase.DISTRIBUTE, plan)
    assert result.outcome is Outcome.EXCLUDED
    assert bench.device.lines == []


def test_a_skipped_plan_is_already_there_without_a_login(bench: Bench) -> None:
    plan = replace(bench.plan(), skipped_because="runs it")
    before = bench.device.logins
    result = bench.run(Phase.ACTIVATE, plan)
    assert (result.status, result.outcome) == (PhaseStatus.SUCCESS, Outcome.ALREADY_THERE)
    assert bench.device.logins == before


@pytest.mark.parametrize(("budget", "is_measured"), [(0.0, True), (1e9, True), (1.0, False)])
def test_a_push_held_to_its_budget_says_nothing_of_the_device(bench: Bench, budget: float, is_measured: bool) -> None:
    assert bench.run(Phase.DISTRIBUTE, bench.plan(), bytes_per_s=budget).status is PhaseStatus.SUCCESS
    assert any(isinstance(event, RateMeasured) for event in bench.context.events) is is_measured
