"""Activation with a fake router: every branch that the lab reaches slowly or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from swim_tui.drivers.serial import SerialContext
from swim_tui.errors import NotAuthorised
from swim_tui.model.job import OpStatus
from swim_tui.model.options import DirtyConfig, JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ConfigCaptured, OpStarted, PhaseStatus
from swim_tui.model.plan import OpKind, Phase
from swim_tui.net.contract import Ended, Reply
from tests.unit.drivers.conftest import WAITS, Bench

UNDONE = ["no boot system", "boot system bootflash:old.bin", "write memory"]


def test_a_router_is_upgraded(bench: Bench) -> None:
    result = bench.run(Phase.ACTIVATE, bench.distributed())
    assert result.outcome is Outcome.UPGRADED, result
    assert result.proven_version == "03.13.05.S"
    assert bench.changing() == [
        "no boot system",
        "boot system bootflash:new.bin",
        "boot system bootflash:old.bin",
        "write memory",
        "reload",
    ]


@pytest.mark.parametrize("wrong", [timedelta(days=-4000), timedelta(hours=7)])
def test_a_wrong_device_clock_does_no_harm(bench: Bench, wrong: timedelta) -> None:
    bench.device.clock_error = wrong
    assert bench.run(Phase.ACTIVATE, bench.distributed()).outcome is Outcome.UPGRADED


def test_uptime_proves_the_reload_where_there_is_no_restart_line(bench: Bench) -> None:
    bench.device.has_restart_line = False
    assert bench.run(Phase.ACTIVATE, bench.distributed()).outcome is Outcome.UPGRADED


def test_a_device_that_boots_the_old_image_is_named_so(bench: Bench) -> None:
    bench.device.bootable = lambda path: path != "new.bin"
    result = bench.run(Phase.ACTIVATE, bench.distributed())
    assert result.outcome is Outcome.BACK_ON_OLD
    assert result.proven_version == "03.13.00.S"
    assert result.recovery


def test_a_device_that_boots_something_else_is_named_so(bench: Bench) -> None:
    plan = bench.distributed()
    bench.device.files["third.bin"] = b"3"

    def elsewhere(line: str) -> Reply | None:
        if line == "reload":
            bench.device.saved_boot = ["bootflash:third.bin"]
        return None

    bench.device.on_line = elsewhere
    assert bench.run(Phase.ACTIVATE, plan).outcome is Outcome.OTHER_IMAGE


def test_a_device_that_never_comes_back_is_unreachable(bench: Bench) -> None:
    bench.device.never_back = True
    result = bench.run(Phase.ACTIVATE, bench.distributed())
    assert result.outcome is Outcome.UNREACHABLE
    assert any("old.bin" in step for step in result.recovery)
    assert result.left_behind == ()


def test_refused_logins_during_the_boot_are_waited_out(bench: Bench) -> None:
    plan = bench.distributed()
    before = bench.device.logins

    def deny(event: object) -> None:
        if isinstance(event, OpStarted) and event.op_id.endswith("wait-for-reload"):
            bench.device.refuse_logins = 3

    result = bench.run(Phase.ACTIVATE, plan, SerialContext(on_event=deny))
    assert result.outcome is Outcome.UPGRADED
    assert bench.device.logins - before <= 6


def test_at_most_five_refused_logins_then_login_refused(bench: Bench) -> None:
    plan = bench.distributed()
    at: list[int] = []

    def deny(event: object) -> None:
        if isinstance(event, OpStarted) and event.op_id.endswith("wait-for-reload"):
            bench.device.refuse_logins = 99
            at.append(bench.device.logins)

    result = bench.run(Phase.ACTIVATE, plan, SerialContext(on_event=deny))
    assert result.outcome is Outcome.LOGIN_REFUSED
    assert bench.device.logins - at[0] == 5


def test_the_save_question_stops_when_somebody_is_editing(bench: Bench) -> None:
    plan = bench.distributed()

    def edit(line: str) -> Reply | None:
        if line == "reload":
            bench.device.dirty = ["interface Loopback9"]
        return None

    bench.device.on_line = edit
    result = bench.run(Phase.ACTIVATE, plan)
    assert result.status is PhaseStatus.FAILURE
    assert result.problem is not None
    assert result.problem.code == "SWIM-7040"
    assert bench.device.reloads == 0
    assert bench.changing()[-3:] == UNDONE


def test_the_save_question_over_nothing_but_masked_lines_saves_once_more(bench: Bench) -> None:
    plan = bench.distributed()
    asked: list[str] = []

    def edit(line: str) -> Reply | None:
        if line == "reload" and not asked:
            asked.append(line)
            bench.device.dirty = ["! Last configuration change at 10:00:00 UTC Mon May 4 2026 by admin"]
        return None

    bench.device.on_line = edit
    assert bench.run(Phase.ACTIVATE, plan).outcome is Outcome.UPGRADED
    assert bench.device.reloads == 1
    assert bench.changing()[-3:] == ["reload", "write memory", "reload"]
    assert [i.intent.kind for i in bench.intents()].count(OpKind.RELOAD) == 2


def test_a_denied_reload_is_not_authorised_and_taken_back(bench: Bench) -> None:
    plan = bench.distributed()

    def deny(line: str) -> Reply | None:
        if line == "reload":
            raise NotAuthorised(command=line, detail="Command authorization failed.")
        return None

    bench.device.on_line = deny
    result = bench.run(Phase.ACTIVATE, plan)
    assert result.outcome is Outcome.NOT_AUTHORISED
    assert bench.device.saved_boot == ["bootflash:old.bin"]


def test_a_save_that_fails_takes_the_boot_variable_back_or_is_armed(bench: Bench) -> None:
    plan = bench.distributed()
    bench.device.on_line = lambda line: (
        Reply("startup-config file open failed (Device or resource busy)", Ended.PROMPT)
        if line == "write memory"
        else None
    )
    result = bench.run(Phase.ACTIVATE, plan)
    assert result.outcome is Outcome.ARMED
    assert "boots bootflash:new.bin at the next reload" in result.left_behind[0]
    assert bench.device.reloads == 0


def test_a_boot_variable_that_does_not_take_is_never_reloaded(bench: Bench) -> None:
    plan = bench.distributed()
    shown = "BOOT variable = bootflash:old.bin,12;\nConfiguration register is 0x2102"
    bench.device.on_line = lambda line: Reply(shown, Ended.PROMPT) if line == "show bootvar" else None
    result = bench.run(Phase.ACTIVATE, plan)
    assert result.problem is not None
    assert result.problem.code == "SWIM-7010"
    assert bench.device.reloads == 0
    assert bench.changing()[-3:] == UNDONE


def test_a_boot_variable_that_somebody_changed_since_the_plan_is_left_alone(bench: Bench) -> None:
    plan = bench.distributed()
    bench.device.boot = ["bootflash:their.bin"]
    result = bench.run(Phase.ACTIVATE, plan)
    assert result.status is PhaseStatus.FAILURE
    assert bench.changing() == []


def test_another_running_image_than_planned_stops_before_any_change(bench: Bench) -> None:
    plan = bench.distributed()
    bench.device.running = "third.bin"
    result = bench.run(Phase.ACTIVATE, plan)
    assert result.problem is not None
    assert "Running image" in result.problem.message
    assert bench.changing() == []


@pytest.mark.parametrize("register", ["0x2142", "0x0"])
def test_a_config_register_that_skips_the_boot_variable_stops(bench: Bench, register: str) -> None:
    plan = bench.distributed()
    bench.device.register = register
    assert bench.run(Phase.ACTIVATE, plan).status is PhaseStatus.FAILURE
    assert bench.changing() == []


def test_configuration_that_became_unsaved_excludes_when_the_job_says_so(bench: Bench) -> None:
    bench.options = replace(bench.options, dirty_config=DirtyConfig.EXCLUDE)
    plan = bench.distributed()
    bench.device.dirty = ["interface Loopback9"]
    assert bench.run(Phase.ACTIVATE, plan).status is PhaseStatus.FAILURE
    assert bench.changing() == []


def test_configuration_text_is_in_no_event_but_the_captured_one(bench: Bench) -> None:
    bench.device.dirty = ["snmp-server community hush RO"]
    bench.run(Phase.ACTIVATE, bench.distributed())
    others = [e for e in bench.context.events if not isinstance(e, ConfigCaptured)]
    assert "hush" not in repr(others)


@pytest.mark.parametrize("kind", [OpKind.SET_BOOT, OpKind.RELOAD])
@pytest.mark.parametrize("hold", [True, False])
def test_a_refused_barrier_stops_and_leaves_nothing_behind(bench: Bench, kind: OpKind, hold: bool) -> None:
    plan = bench.distributed()
    context = SerialContext(lambda intent: intent.kind is not kind, hold=hold)
    result = bench.run(Phase.ACTIVATE, plan, context)
    assert result.status is (PhaseStatus.HELD if hold else PhaseStatus.CANCELLED)
    assert bench.device.reloads == 0
    assert bench.device.boot == bench.device.saved_boot == ["bootflash:old.bin"]


def test_a_cancel_between_set_and_saved_waits_for_the_safe_point(bench: Bench) -> None:
    plan = bench.distributed()
    context = SerialContext()

    def stop(event: object) -> None:
        if isinstance(event, OpStarted) and event.op_id.endswith("save-configuration"):
            context.stop()

    context.on_event = stop
    result = bench.run(Phase.ACTIVATE, plan, context)
    assert result.status is PhaseStatus.CANCELLED
    assert bench.statuses()["save-configuration"] is OpStatus.SUCCESS
    assert bench.device.boot == bench.device.saved_boot == ["bootflash:old.bin"]


def test_a_cancel_after_the_reload_sees_the_device_through(bench: Bench) -> None:
    plan = bench.distributed()
    context = SerialContext()

    def stop(event: object) -> None:
        if isinstance(event, OpStarted) and event.op_id.endswith("wait-for-reload"):
            context.stop()

    context.on_event = stop
    assert bench.run(Phase.ACTIVATE, plan, context).outcome is Outcome.UPGRADED


def test_a_device_that_stays_up_after_the_reload_command_is_taken_back(bench: Bench) -> None:
    plan = bench.distributed()
    bench.device.on_line = lambda line: Reply("", Ended.LOST) if line == "reload" else None
    quick = replace(WAITS, reload_limit_s=0.4)
    result = bench.run(Phase.ACTIVATE, plan, waits=quick)
    assert result.status is PhaseStatus.FAILURE
    assert "did not reload" in result.message
    assert bench.device.saved_boot == ["bootflash:old.bin"]


def test_a_boot_command_without_reload_leaves_the_device_armed_by_choice(bench: Bench) -> None:
    bench.options = JobOptions(insert_boot_command=True)
    result = bench.run(Phase.DISTRIBUTE, bench.plan())
    assert result.status is PhaseStatus.SUCCESS
    assert result.outcome is Outcome.ARMED
    assert bench.device.saved_boot[0] == "bootflash:new.bin"
    assert bench.device.reloads == 0
