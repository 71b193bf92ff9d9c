"""Upgrades of one ASR1002 in the lab: real SSH through the jump host, real bytes, real reloads."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from swim_tui.drivers.serial import SerialContext
from swim_tui.model.image import SoftwareImage
from swim_tui.model.job import OpStatus
from swim_tui.model.options import JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ChecksDone, ConfigCaptured, ImageRef, Intent, OpProgress, PhaseStatus, RateMeasured
from swim_tui.model.plan import DevicePlan, LineMode, OpKind, Phase
from swim_tui.planning.plan import plan_rollback
from tests.integration.drivers.labkit import FULL, SCALE, LabRun

ONE = "ASR1002_large-54-9-9-4"
TWO = "ASR1002_large-54-9-9-5"


def target(lab: LabRun) -> tuple[SoftwareImage, ImageRef]:
    return lab.image()


def ready_to_activate(lab: LabRun, name: str = ONE) -> tuple[DevicePlan, ImageRef]:
    """Planned and distributed."""
    image, ref = target(lab)
    plan = lab.plan(name, image)
    assert plan.included, plan.excluded_because
    result = lab.run(lab.phase(plan, Phase.DISTRIBUTE, ref))
    assert result.outcome is Outcome.DISTRIBUTED, (result, lab.log_text())
    return plan, ref


def changing(lab: LabRun, name: str = ONE) -> list[str]:
    """Lines that change a device, from the lab's log."""
    words = ("delete", "write", "copy", "reload", "boot ", "no ", "ip scp", "configure", "archive", "install", "erase")
    return [line for line in lab.lines(name) if line.startswith(words)]


def reloads(lab: LabRun, name: str = ONE) -> int:
    return len(lab.events(name, "reload"))


def test_a_device_is_upgraded_and_proven_with_only_planned_lines(asr: LabRun) -> None:
    plan, ref = ready_to_activate(asr)
    events = asr.context.events
    assert [e.name for e in events if isinstance(e, ConfigCaptured)] == ["running", "startup"]
    assert any(isinstance(e, RateMeasured) for e in events)
    assert any(isinstance(e, OpProgress) and e.total == ref.size_bytes for e in events)
    result = asr.run(asr.phase(plan, Phase.ACTIVATE, ref))
    assert result.status is PhaseStatus.SUCCESS, (result, asr.log_text())
    assert result.outcome is Outcome.UPGRADED
    assert result.proven_version == "03.13.05.S"
    done = asr.finished()
    assert all(f.status is OpStatus.SUCCESS for f in done.values()), done
    assert reloads(asr) == 1
    allowed = [li.text for op in plan.operations for li in op.lines if li.changes and li.mode is not LineMode.TOOL]
    frame = {"configure terminal", "end"}
    assert [line for line in changing(asr) if line not in frame] == [t for t in allowed if not t.startswith("delete")]


def test_a_clock_that_is_a_day_slow_does_no_harm_to_the_proof(asr: LabRun) -> None:
    asr.fault(ONE, "clock_slow=86400")
    plan, ref = ready_to_activate(asr)
    offset = asr.facts(ONE).clock_offset_s
    assert offset is not None
    assert abs(offset + 86_400) < 120
    result = asr.run(asr.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.UPGRADED, (result, asr.log_text()[-3000:])
    assert reloads(asr) == 1


def test_a_second_distribution_copies_nothing(asr: LabRun) -> None:
    plan, ref = ready_to_activate(asr)
    result = asr.run(asr.phase(plan, Phase.DISTRIBUTE, ref))
    assert result.outcome is Outcome.DISTRIBUTED
    done = asr.finished()
    assert done["distribute.copy-image.bootflash"].status is OpStatus.SKIPPED
    assert done["distribute.verify-image.bootflash"].status is OpStatus.SKIPPED
    assert len(asr.events(ONE, "scp-begin")) == 1


def test_no_configuration_text_or_secret_stands_in_the_device_log(asr: LabRun) -> None:
    ready_to_activate(asr)
    text = asr.log_text()
    assert "show running-config" in text
    assert "line vty 0" not in text  # what is asked for, `include ^line vty`, may stand there
    for secret in asr.endpoint(ONE).login.secrets():
        assert secret not in text


def test_a_push_that_breaks_once_is_repeated_and_ends_whole(asr: LabRun) -> None:
    image, ref = target(asr)
    plan = asr.plan(ONE, image)
    asr.fault(ONE, "drop_at=50%*1")
    result = asr.run(asr.phase(plan, Phase.DISTRIBUTE, ref))
    assert result.outcome is Outcome.DISTRIBUTED, asr.log_text()
    assert len(asr.events(ONE, "scp-begin")) == 2


def test_a_push_that_always_breaks_fails_and_leaves_no_partial_file(asr: LabRun) -> None:
    image, ref = target(asr)
    plan = asr.plan(ONE, image)
    asr.fault(ONE, "drop_at=50%")
    result = asr.run(asr.phase(plan, Phase.DISTRIBUTE, ref))
    assert result.status is PhaseStatus.FAILURE
    assert result.outcome is Outcome.COPY_FAILED
    assert result.left_behind == ()
    assert len(asr.events(ONE, "scp-begin")) == 3
    facts = asr.facts(ONE)
    fs = facts.file_system("bootflash:")
    assert fs is not None
    assert image.file_name not in [f.path for f in fs.files or ()]


def test_a_flash_that_stores_one_byte_wrong_is_a_hash_mismatch(asr: LabRun) -> None:
    image, ref = target(asr)
    plan = asr.plan(ONE, image)
    asr.fault(ONE, "wrong_hash")
    result = asr.run(asr.phase(plan, Phase.DISTRIBUTE, ref))
    assert result.status is PhaseStatus.FAILURE
    assert result.outcome is Outcome.HASH_MISMATCH
    fs = asr.facts(ONE).file_system("bootflash:")
    assert fs is not None
    assert image.file_name not in [f.path for f in fs.files or ()]


def test_a_late_answer_to_the_last_byte_is_not_a_failure(asr: LabRun) -> None:
    image, ref = target(asr)
    plan = asr.plan(ONE, image)
    asr.fault(ONE, "no_answer_after_last_byte=4")
    assert asr.run(asr.phase(plan, Phase.DISTRIBUTE, ref)).outcome is Outcome.DISTRIBUTED
    assert len(asr.events(ONE, "scp-begin")) == 1


def test_a_full_flash_is_found_before_the_copy(asr: LabRun) -> None:
    image, ref = target(asr)
    plan = asr.plan(ONE, image)
    asr.fault(ONE, "flash_full")
    result = asr.run(asr.phase(plan, Phase.DISTRIBUTE, ref))
    assert result.outcome is Outcome.NO_SPACE
    assert asr.events(ONE, "scp-begin") == []


def test_a_refused_scp_is_not_tried_again(asr: LabRun) -> None:
    image, ref = target(asr)
    plan = asr.plan(ONE, image)
    asr.fault(ONE, "scp_server_off")
    result = asr.run(asr.phase(plan, Phase.DISTRIBUTE, ref))
    assert result.outcome is Outcome.COPY_FAILED
    assert result.problem is not None
    assert result.problem.code == "SWIM-6050"


def test_a_device_that_returns_on_its_old_image_is_named_so(asr: LabRun) -> None:
    plan, ref = ready_to_activate(asr)
    asr.fault(ONE, "back_on_old")
    result = asr.run(asr.phase(plan, Phase.ACTIVATE, ref))
    assert result.status is PhaseStatus.FAILURE
    assert result.outcome is Outcome.BACK_ON_OLD
    assert result.proven_version == "03.13.00.S"
    assert reloads(asr) == 1


def test_a_device_that_never_comes_back_is_unreachable_with_console_steps(asr: LabRun) -> None:
    plan, ref = ready_to_activate(asr)
    asr.fault(ONE, "never_back")
    quick = replace(plan, waits=replace(plan.waits, reload_limit_s=2.0))
    result = asr.run(asr.phase(quick, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.UNREACHABLE
    assert any(plan.from_image in step for step in result.recovery)
    assert any("of 2 s" in e.note for e in asr.context.events if isinstance(e, OpProgress))


def test_a_denied_reload_takes_the_boot_variable_back(asr: LabRun) -> None:
    plan, ref = ready_to_activate(asr)
    asr.fault(ONE, "reload_denied")
    result = asr.run(asr.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.NOT_AUTHORISED, result
    assert result.left_behind == ()
    assert reloads(asr) == 0
    assert asr.facts(ONE).boot_state().config_lines == (f"boot system {plan.from_image}",)


@pytest.mark.parametrize("held", [False, True])
def test_a_stop_before_the_reload_takes_the_boot_variable_back(asr: LabRun, held: bool) -> None:
    plan, ref = ready_to_activate(asr)

    def decide(intent: Intent) -> bool:
        return intent.kind is not OpKind.RELOAD

    result = asr.run(asr.phase(plan, Phase.ACTIVATE, ref), SerialContext(decide, hold=held))
    assert result.status is (PhaseStatus.HELD if held else PhaseStatus.CANCELLED)
    assert result.left_behind == ()
    assert reloads(asr) == 0
    facts = asr.facts(ONE)
    assert facts.boot_state().config_lines == (f"boot system {plan.from_image}",)
    assert facts.config_dirty is False


def test_a_cancelled_copy_leaves_no_partial_file(asr: LabRun) -> None:
    image, ref = target(asr)
    plan = asr.plan(ONE, image)
    asr.fault(ONE, "slow=2000")
    context = SerialContext()
    threading.Timer(0.8, context.stop).start()
    result = asr.run(asr.phase(plan, Phase.DISTRIBUTE, ref), context)
    assert result.status is PhaseStatus.CANCELLED
    assert result.left_behind == ()
    fs = asr.facts(ONE).file_system("bootflash:")
    assert fs is not None
    assert image.file_name not in [f.path for f in fs.files or ()]


def test_unsaved_configuration_is_saved_with_the_boot_variable(asr: LabRun) -> None:
    plan, ref = ready_to_activate(asr)
    asr.fault(ONE, "dirty_config")
    result = asr.run(asr.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.UPGRADED, (result, asr.log_text())
    assert asr.finished()["activate.pre-checks"].status is OpStatus.WARNING


def test_the_running_image_is_backed_up_with_its_hash(asr: LabRun) -> None:
    image, ref = target(asr)
    plan = asr.plan(ONE, image, JobOptions(backup_current_image=True))
    result = asr.run(asr.phase(plan, Phase.DISTRIBUTE, ref))
    assert result.file_name == plan.from_image.partition(":")[2].lstrip("/")
    stored = asr.scratch.iterdir()
    assert [p.stat().st_size for p in stored] == [result.size_bytes]
    assert len(result.sha512) == 128


def test_a_file_is_imported_from_the_device(asr: LabRun) -> None:
    result = asr.run(asr.request(ONE, Phase.IMPORT))
    assert result.status is PhaseStatus.SUCCESS, result
    assert result.size_bytes > 0
    missing = asr.run(asr.request(ONE, Phase.IMPORT, source_file="bootflash:gone.bin"))
    assert missing.status is PhaseStatus.FAILURE


def test_the_platform_is_detected_when_no_pack_is_set(asr: LabRun) -> None:
    result = asr.run(asr.request(ONE, Phase.PREPARE, pack=None, packs=tuple(asr.packs)))
    assert result.status is PhaseStatus.SUCCESS, result
    assert result.file_name == "asr1002"


def test_a_wrong_password_is_one_attempt(asr: LabRun) -> None:
    request = asr.request(ONE, Phase.PREPARE)
    wrong = replace(request.endpoint, login=asr.login("lab-jump"))
    result = asr.run(replace(request, endpoint=wrong))
    assert result.status is PhaseStatus.FAILURE
    assert result.problem is not None
    assert result.problem.code == "SWIM-4030"
    assert len(asr.events(ONE, "login-failed")) == 1


def test_post_checks_compare_with_what_was_up_before(asr: LabRun) -> None:
    plan, ref = ready_to_activate(asr)
    asr.run(asr.phase(plan, Phase.ACTIVATE, ref))
    last = [e for e in asr.context.events if isinstance(e, ChecksDone)][-1]
    assert {c.name for c in last.checks} == {"Interfaces up", "Neighbours"}


def test_rollback_boots_the_old_image_again(asr: LabRun) -> None:
    plan, ref = ready_to_activate(asr)
    assert asr.run(asr.phase(plan, Phase.ACTIVATE, ref)).outcome is Outcome.UPGRADED
    back = plan_rollback(
        asr.device(ONE),
        asr.facts(ONE),
        plan.from_image,
        FULL,
        asr.pack(ONE),
        now=datetime.now(UTC),
        to_version="03.13.00.S",
        scale=SCALE,
    )
    assert back.included, back.excluded_because
    result = asr.run(asr.phase(back, Phase.ROLLBACK, ref))
    assert result.outcome is Outcome.UPGRADED, (result, asr.log_text())
    assert result.proven_version == "03.13.00.S"


def test_a_file_that_is_no_image_is_refused_by_the_device_and_it_returns_on_the_old_one(asr: LabRun) -> None:
    image, ref = target(asr)
    bad = asr.scratch / "bad.bin"
    bad.write_bytes(b"this is not an image\n" * 40_000)
    data = bad.read_bytes()
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    name = "asr1000rp1-adventerprisek9.03.14.00.S.155-1.S-std.bin"
    image = replace(image, file_name=name, size_bytes=len(data), md5=md5)
    ref = replace(ref, file_name=name, size_bytes=len(data), md5=md5, path=str(bad))
    plan = asr.plan(ONE, image)
    assert plan.included, plan.excluded_because
    assert asr.run(asr.phase(plan, Phase.DISTRIBUTE, ref)).outcome is Outcome.DISTRIBUTED
    result = asr.run(asr.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.BACK_ON_OLD, result
    assert result.proven_version == "03.13.00.S"
