"""Install mode of XE 16: three steps, one step, commit, rollback, and what goes wrong on the way."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from swim_tui.drivers.serial import SerialContext
from swim_tui.model.device import Device
from swim_tui.model.image import ImageIdentity, SoftwareImage
from swim_tui.model.job import OpStatus
from swim_tui.model.options import ActivateMode, CommitMode, DirtyConfig, JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ImageRef, PhaseStatus
from swim_tui.model.plan import DevicePlan, OpKind, Phase
from swim_tui.packs.loading import load_packs
from swim_tui.planning.plan import plan_commit, plan_rollback
from tests.unit.drivers.conftest import Bench
from tests.unit.drivers.fakes16 import NEW, NEW_FILE, OLD, OLD_FILE, FakeSwitch, packages_of
from tests.unit.planning.making import plan as make

DATA = b"new image" * 500
OPTIONS = JobOptions(activate=ActivateMode.SEQUENTIAL)


@dataclass
class Rack(Bench):
    """A bench with a switch in install mode."""

    @property
    def switch(self) -> FakeSwitch:
        assert isinstance(self.device, FakeSwitch)
        return self.device

    def __post_init__(self) -> None:
        super().__post_init__()
        self.file.write_bytes(DATA)
        md5 = hashlib.md5(DATA, usedforsecurity=False).hexdigest()
        identity = ImageIdentity(family="CAT9K_IOSXE", version=NEW, has_strong_crypto=True, recognised=True)
        self.image = SoftwareImage("i", NEW_FILE, len(DATA), md5, "s" * 128, datetime.now(UTC), identity=identity)
        self.ref = ImageRef("i", NEW_FILE, len(DATA), md5, "s" * 128, str(self.file))

    def upgraded(self, plan: DevicePlan) -> None:
        """Distributed and activated."""
        assert self.run(Phase.DISTRIBUTE, plan).outcome is Outcome.DISTRIBUTED
        result = self.run(Phase.ACTIVATE, plan)
        assert result.status is PhaseStatus.SUCCESS, result

    def installs(self) -> list[str]:
        return [line for line in self.device.lines if line.startswith("install ")]


@pytest.fixture
def rack(tmp_path: Path) -> Rack:
    return Rack(FakeSwitch(), tmp_path, load_packs().get("c9300"), OPTIONS)


def stack(rack: Rack, members: int = 3) -> Rack:
    rack.switch.members = members
    return rack


def ready(rack: Rack, options: JobOptions = OPTIONS) -> DevicePlan:
    rack.options = options
    plan = rack.plan()
    assert rack.run(Phase.DISTRIBUTE, plan).outcome is Outcome.DISTRIBUTED
    rack.device.lines.clear()
    return plan


def test_three_steps_are_proven_before_they_are_committed(rack: Rack) -> None:
    plan = ready(rack)
    result = rack.run(Phase.ACTIVATE, plan)
    assert (result.status, result.outcome) == (PhaseStatus.SUCCESS, Outcome.NOT_COMMITTED), result
    assert "goes back by itself unless it is committed before" in result.message
    assert result.proven_version == NEW
    assert rack.switch.table == {OLD: "C", NEW: "U"}
    result = rack.run(Phase.COMMIT, plan)
    assert (result.status, result.outcome) == (PhaseStatus.SUCCESS, Outcome.UPGRADED), result
    assert rack.switch.table == {NEW: "C"}
    add, activate, commit = rack.installs()
    assert add == f"install add file flash:{NEW_FILE}"
    assert activate.startswith("install activate auto-abort-timer ")
    assert 30 <= int(activate.split()[-1]) <= 1200
    assert commit == "install commit"
    assert rack.switch.reloads == 1


def test_every_install_command_is_announced_before_it_is_sent(rack: Rack) -> None:
    plan = ready(rack)
    seen: list[str] = []
    context = SerialContext(decide=lambda intent: seen.append(f"{intent.line} after {rack.installs()}") or True)
    rack.run(Phase.ACTIVATE, plan, context)
    installs = [text for text in seen if text.startswith("install ")]
    assert [text.partition(" after ")[2] for text in installs] == ["[]", f"['install add file flash:{NEW_FILE}']"]


def test_in_one_step_nothing_is_left_to_commit(rack: Rack) -> None:
    plan = ready(rack, replace(OPTIONS, commit=CommitMode.WITH_ACTIVATION))
    result = rack.run(Phase.ACTIVATE, plan)
    assert result.outcome is Outcome.UPGRADED, result
    assert rack.installs() == [f"install add file flash:{NEW_FILE} activate commit"]
    assert plan.of_phase(Phase.COMMIT) == ()


def test_by_hand_leaves_it_not_committed_with_its_deadline(rack: Rack) -> None:
    plan = ready(rack, replace(OPTIONS, commit=CommitMode.BY_HAND))
    assert plan.of_phase(Phase.COMMIT) == ()
    result = rack.run(Phase.ACTIVATE, plan)
    assert (result.status, result.outcome) == (PhaseStatus.SUCCESS, Outcome.NOT_COMMITTED)
    assert "install commit" not in rack.installs()


@pytest.mark.parametrize(
    "text",
    [
        "[1] Switch 1 FAILED: /mnt/sd3/user requires 462703 KB of free space, but only 408260 KB is available",
        "SUCCESS: xFSU-pre-check finished\nFAILED: xFSU requirement pre-check",
        "FAILED: Install Operation failed as one or more package file(s) for running image is not present",
    ],
)
def test_a_failed_install_ends_with_the_text_of_the_device_and_no_reload(rack: Rack, text: str) -> None:
    plan = ready(rack)
    rack.switch.fail["activate"] = text
    result = rack.run(Phase.ACTIVATE, plan)
    assert (result.status, result.outcome) == (PhaseStatus.FAILURE, Outcome.INSTALL_FAILED)
    assert text.splitlines()[-1].removeprefix("[1] Switch 1 ") in result.message
    assert rack.switch.reloads == 0
    assert any("added, not activated" in left for left in result.left_behind)


def test_a_session_lost_during_add_is_followed_by_the_state_and_not_sent_again(rack: Rack) -> None:
    plan = ready(rack)
    add = f"install add file flash:{NEW_FILE}"
    rack.switch.loses[add] = "after"
    rack.switch.busy_reads = 0
    result = rack.run(Phase.ACTIVATE, plan)
    assert result.outcome is Outcome.NOT_COMMITTED, result
    assert rack.installs().count(add) == 1


def test_an_add_that_never_began_is_a_failed_install(rack: Rack) -> None:
    plan = ready(rack)
    rack.switch.loses[f"install add file flash:{NEW_FILE}"] = "before"
    result = rack.run(Phase.ACTIVATE, plan)
    assert result.outcome is Outcome.INSTALL_FAILED
    assert "not among the packages" in result.message


def test_packages_that_are_added_already_are_not_added_again(rack: Rack) -> None:
    plan = ready(rack)
    rack.switch.table[NEW] = "I"
    assert rack.run(Phase.ACTIVATE, plan).outcome is Outcome.NOT_COMMITTED
    assert rack.statuses()["install-add"] is OpStatus.SKIPPED
    assert len(rack.installs()) == 1


def test_an_install_that_runs_already_is_waited_for(rack: Rack) -> None:
    plan = ready(rack)
    rack.switch.busy_reads = 4
    assert rack.run(Phase.ACTIVATE, plan).outcome is Outcome.NOT_COMMITTED


def test_a_device_that_comes_back_with_the_old_version_is_named(rack: Rack) -> None:
    plan = ready(rack)
    rack.switch.boots = OLD
    result = rack.run(Phase.ACTIVATE, plan)
    assert (result.status, result.outcome) == (PhaseStatus.FAILURE, Outcome.BACK_ON_OLD)


def test_a_timer_that_expired_before_the_commit_is_back_on_old(rack: Rack) -> None:
    plan = ready(rack)
    rack.run(Phase.ACTIVATE, plan)
    rack.switch.version, rack.switch.table = OLD, {OLD: "C"}
    result = rack.run(Phase.COMMIT, plan)
    assert (result.status, result.outcome) == (PhaseStatus.FAILURE, Outcome.BACK_ON_OLD)
    assert rack.installs().count("install commit") == 0


def test_a_commit_whose_answer_was_lost_is_shown_by_the_state(rack: Rack) -> None:
    plan = ready(rack)
    rack.run(Phase.ACTIVATE, plan)
    rack.switch.loses["install commit"] = "after"
    assert rack.run(Phase.COMMIT, plan).outcome is Outcome.UPGRADED
    assert rack.installs().count("install commit") == 1


def test_a_refused_commit_stays_not_committed(rack: Rack) -> None:
    plan = ready(rack)
    rack.run(Phase.ACTIVATE, plan)
    rack.switch.fail["commit"] = "ERROR: no"
    result = rack.run(Phase.COMMIT, plan)
    assert (result.status, result.outcome) == (PhaseStatus.FAILURE, Outcome.NOT_COMMITTED)


QUESTION = (
    "System configuration has been modified. Press Yes(y) to save the configuration and proceed. Press No(n) for "
    "proceeding without saving the configuration. Press Quit(q) to exit, you may save configuration and re-enter the "
    "command. [y/n/q]"
)


@pytest.mark.parametrize(
    ("policy", "given", "outcome"),
    [(DirtyConfig.SAVE, "y", Outcome.NOT_COMMITTED), (DirtyConfig.EXCLUDE, "q", Outcome.INSTALL_FAILED)],
)
def test_unsaved_configuration_is_answered_as_the_job_says(
    rack: Rack, policy: DirtyConfig, given: str, outcome: Outcome
) -> None:
    plan = ready(rack, replace(OPTIONS, dirty_config=policy))
    rack.switch.extra_question = QUESTION
    assert rack.run(Phase.ACTIVATE, plan).outcome is outcome
    assert rack.switch.asked[0] == (QUESTION, given)


def test_after_a_crash_an_install_that_happened_is_seen_through(rack: Rack) -> None:
    plan = ready(rack)
    first = SerialContext()
    rack.run(Phase.ACTIVATE, plan, first)
    result = rack.run(Phase.ACTIVATE, plan, intents=tuple(first.intents))
    assert result.outcome is Outcome.NOT_COMMITTED, result
    assert rack.switch.reloads == 1
    assert len(rack.installs()) == 2


def test_after_a_crash_an_install_that_did_not_happen_is_sent_again(rack: Rack) -> None:
    plan = ready(rack)
    first = SerialContext()
    activate = next(op for op in plan.operations if op.kind is OpKind.INSTALL).lines[0].text
    rack.switch.never_back = False
    rack.switch.fail["activate"] = "x"
    rack.run(Phase.ACTIVATE, plan, first)
    rack.switch.fail.clear()
    del rack.switch.log[-2:]  # it was never begun
    result = rack.run(Phase.ACTIVATE, plan, intents=tuple(first.intents))
    assert result.outcome is Outcome.NOT_COMMITTED, result
    assert rack.switch.reloads == 1
    assert rack.installs().count(activate) == 2


def test_after_a_crash_a_failed_install_is_not_sent_again(rack: Rack) -> None:
    plan = ready(rack)
    first = SerialContext()
    rack.switch.fail["activate"] = "x"
    rack.run(Phase.ACTIVATE, plan, first)
    result = rack.run(Phase.ACTIVATE, plan, intents=tuple(first.intents))
    assert result.outcome is Outcome.INSTALL_FAILED
    assert sum(line.startswith("install activate") for line in rack.installs()) == 1


def test_a_stack_is_waited_for_member_by_member(rack: Rack) -> None:
    plan = ready(stack(rack))
    rack.switch.unready_reads = 0
    context = SerialContext(on_event=lambda e: None)
    rack.switch.boot_probes = 2
    result = rack.run(Phase.ACTIVATE, plan, context)
    assert result.outcome is Outcome.NOT_COMMITTED, result


def test_a_member_that_stays_in_version_mismatch_is_not_ready(rack: Rack) -> None:
    plan = ready(stack(rack))
    original = rack.switch.restart

    def restart() -> None:
        original()
        rack.switch.unready_reads = 10_000

    rack.switch.restart = restart  # type: ignore[method-assign]
    result = rack.run(Phase.ACTIVATE, plan)
    assert (result.status, result.outcome) == (PhaseStatus.FAILURE, Outcome.MEMBER_NOT_READY)


def test_a_commit_job_commits_and_a_second_one_is_skipped(rack: Rack) -> None:
    rack.run(Phase.ACTIVATE, ready(rack, replace(OPTIONS, commit=CommitMode.BY_HAND)))
    device, now = Device("r1", "10.0.0.1"), datetime.now(UTC)
    plan = plan_commit(device, rack.facts(), rack.options, rack.pack, now=now)
    assert rack.run(Phase.COMMIT, plan).outcome is Outcome.UPGRADED
    again = plan_commit(device, rack.facts(), rack.options, rack.pack, now=now)
    assert "committed already" in again.skipped_because


def rollback(rack: Rack) -> DevicePlan:
    rack.switch.booted -= timedelta(hours=1)
    return plan_rollback(
        Device("r1", "10.0.0.1"),
        rack.facts(),
        "flash:packages.conf",
        rack.options,
        rack.pack,
        now=datetime.now(UTC),
        to_version=OLD,
    )


def test_before_the_commit_the_way_back_is_abort(rack: Rack) -> None:
    rack.run(Phase.ACTIVATE, ready(rack))
    result = rack.run(Phase.ROLLBACK, rollback(rack))
    assert result.outcome is Outcome.UPGRADED, result
    assert rack.installs()[-1] == "install abort"
    assert rack.switch.version == OLD


def test_after_the_commit_the_way_back_is_the_rollback_point_of_the_old_version(rack: Rack) -> None:
    plan = ready(rack)
    rack.run(Phase.ACTIVATE, plan)
    rack.run(Phase.COMMIT, plan)
    rack.switch.points = {1: OLD, 2: NEW}
    result = rack.run(Phase.ROLLBACK, rollback(rack))
    assert result.outcome is Outcome.UPGRADED, result
    assert "install rollback to id 1" in rack.installs()


def test_without_a_rollback_point_there_is_no_rollback(rack: Rack) -> None:
    plan = ready(rack)
    rack.run(Phase.ACTIVATE, plan)
    rack.run(Phase.COMMIT, plan)
    assert "no rollback point" in rollback(rack).excluded_because


def crowded(rack: Rack) -> Rack:
    """Old packages and images take the room."""
    rack.switch.files |= dict.fromkeys(packages_of("16.12.04"), b"x" * 300000)
    rack.switch.files["cat9k_iosxe.16.12.04.SPA.bin"] = b"b" * 390_000
    rack.options = replace(OPTIONS, erase_flash=True)
    return rack


def test_single_old_images_go_before_the_clean_command_is_thought_of(rack: Rack) -> None:
    plan = crowded(rack).plan()
    gone = [d.path for op in plan.operations for d in op.deletions]
    assert gone == ["cat9k_iosxe.16.12.04.SPA.bin"]
    assert rack.run(Phase.DISTRIBUTE, plan).outcome is Outcome.DISTRIBUTED
    assert rack.installs() == []


def cleaned(rack: Rack) -> DevicePlan:
    crowded(rack)
    rack.switch.files["cat9k_iosxe.16.12.04.SPA.bin"] = b"b" * 100
    rack.switch.files["cat9k-rpbase.16.12.04.SPA.pkg"] = b"x" * 695_000
    return rack.plan()


def test_the_clean_command_runs_before_the_copy_and_takes_only_what_was_planned(rack: Rack) -> None:
    plan = cleaned(rack)
    op = next(op for op in plan.of_phase(Phase.DISTRIBUTE) if op.kind is OpKind.DELETE_FILES)
    assert {d.path for d in op.deletions} == {*packages_of("16.12.04"), "cat9k_iosxe.16.12.04.SPA.bin", OLD_FILE}
    assert "no rollback" in op.note
    assert rack.run(Phase.DISTRIBUTE, plan).outcome is Outcome.DISTRIBUTED
    assert [given for _, given in rack.switch.asked] == ["n", "y"]
    assert NEW_FILE in rack.switch.files
    assert set(packages_of(OLD)) <= set(rack.switch.files)


def test_a_list_with_a_file_that_was_not_planned_is_answered_no(rack: Rack) -> None:
    plan = cleaned(rack)
    rack.switch.on_clean = ["customer-backup.bin"]
    result = rack.run(Phase.DISTRIBUTE, plan)
    assert result.status is PhaseStatus.FAILURE
    assert "customer-backup.bin" in result.message
    assert [given for _, given in rack.switch.asked] == ["n"]
    assert OLD_FILE in rack.switch.files


def test_a_dirty_end_of_an_earlier_install_keeps_the_device_out(rack: Rack) -> None:
    rack.switch.table = {OLD: "C", NEW: "U"}
    rack.switch.timer_s = 600
    facts = rack.facts()
    plan = make(facts, OPTIONS, rack.image, pack=rack.pack, device=Device("r1", "10.0.0.1"))
    assert not plan.included
    assert "Install state" in plan.excluded_because
