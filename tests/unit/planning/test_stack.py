"""Stacks: room, copies and boot lists of every member, in install mode, XE 3 and bundle mode."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swim_tui.model.checks import Verdict
from swim_tui.model.device import DeviceClass
from swim_tui.model.facts import BootMode, FileEntry
from swim_tui.model.install import AutoAbort
from swim_tui.model.options import CommitMode, UpgradeMode
from swim_tui.model.plan import DevicePlan, OpKind, Phase
from swim_tui.planning.plan import plan_rollback
from tests.unit.planning import making as m
from tests.unit.planning import making_stack as ms

MB = m.MB
ERASE = replace(m.ACTIVATE, erase_flash=True)


def typed(plan: DevicePlan, *kinds: OpKind) -> list[str]:
    return [line.text for op in plan.operations if op.kind in kinds for line in op.lines if line.changes]


def verdict(plan: DevicePlan, name: str) -> Verdict | None:
    return next((c.verdict for c in plan.checks if c.name == name), None)


def test_every_member_needs_room_for_image_and_packages() -> None:
    plan = ms.plan(ms.cat9k())
    assert plan.included, plan.excluded_because
    assert [s.required_bytes for s in plan.space] == [round(ms.SIZE * 2.2)] * 3
    assert [s.member for s in plan.space] == [1, 2, 3]


def test_the_image_is_copied_once_and_install_add_brings_it_to_the_members() -> None:
    plan = ms.plan(ms.cat9k())
    assert [op.file_system for op in plan.operations if op.kind is OpKind.COPY_IMAGE] == ["flash:"]
    assert typed(plan, OpKind.INSTALL_ADD) == [f"install add file flash:{ms.NEW9_FILE}"]


def test_a_short_member_keeps_the_stack_out_and_is_named() -> None:
    plan = ms.plan(ms.cat9k(free={2: 100 * MB}))
    assert not plan.included
    assert "flash-2:" in plan.excluded_because


def test_the_smart_erase_frees_the_short_member_only() -> None:
    old = FileEntry("cat9k_iosxe.16.12.04.SPA.bin", 800 * MB, "Jan 1 2019")
    facts = ms.cat9k(free={2: 100 * MB}, extra={2: (old,), 3: (old,)})
    plan = ms.plan(facts, options=ERASE)
    assert plan.included, plan.excluded_because
    assert [(d.file_system, d.path) for op in plan.operations for d in op.deletions] == [("flash-2:", old.path)]
    assert verdict(plan, "Free space flash-2:") is Verdict.WARNING
    assert verdict(plan, "Free space flash-3:") is Verdict.OK


def test_unknown_files_on_a_short_member_stay_and_the_plan_says_that_nothing_helps() -> None:
    captures = FileEntry("old-captures.tar", 2000 * MB)
    plan = ms.plan(ms.cat9k(free={2: 100 * MB}, extra={2: (captures,)}), options=ERASE)
    assert not plan.included
    assert all(not op.deletions for op in plan.operations)


def test_old_packages_go_by_the_clean_command_on_every_member() -> None:
    old = ms.packages("cat9k", "16.12.04.SPA")
    old = tuple(replace(f, size_bytes=400 * MB) for f in old)
    facts = ms.cat9k(free=dict.fromkeys((1, 2, 3), 100 * MB), extra=dict.fromkeys((1, 2, 3), old))
    plan = ms.plan(facts, options=ERASE)
    assert plan.included, plan.excluded_because
    cleaning = [op for op in plan.operations if op.kind is OpKind.DELETE_FILES]
    assert [line.text for op in cleaning for line in op.lines] == ["install remove inactive"] * 2
    assert {d.path for d in cleaning[0].deletions} == {f.path for f in old}
    assert all(d.is_rollback_target for d in cleaning[0].deletions)
    kinds = [op.kind for op in plan.operations]
    assert kinds.index(OpKind.DELETE_FILES) < kinds.index(OpKind.COPY_IMAGE)


def test_without_the_list_of_running_packages_nothing_is_cleaned() -> None:
    old = tuple(replace(f, size_bytes=400 * MB) for f in ms.packages("cat9k", "16.12.04.SPA"))
    facts = ms.cat9k(free={1: 100 * MB}, extra={1: old})
    assert facts.install is not None
    facts = replace(facts, install=replace(facts.install, running=()))
    assert not ms.plan(facts, options=ERASE).included


def test_the_limit_grows_with_every_member() -> None:
    alone, three = ms.plan(ms.cat9k(members=1)), ms.plan(ms.cat9k())
    assert three.waits.reload_limit_s >= alone.waits.reload_limit_s + 2 * 120


@pytest.mark.parametrize("mode", list(CommitMode))
def test_the_commit_is_a_phase_of_its_own_only_after_proof(mode: CommitMode) -> None:
    plan = ms.plan(ms.cat9k(), options=replace(m.ACTIVATE, commit=mode))
    assert bool(plan.of_phase(Phase.COMMIT)) is (mode is CommitMode.AFTER_PROOF)
    one_step = "activate commit" in typed(plan, OpKind.INSTALL)[0]
    assert one_step is (mode is CommitMode.WITH_ACTIVATION)


def test_a_device_that_waits_for_a_commit_is_not_installed_on() -> None:
    facts = ms.cat9k()
    assert facts.install is not None
    pending = replace(facts.install, auto_abort=AutoAbort(True, "install_activate", 600))
    plan = ms.plan(replace(facts, install=pending))
    assert "Install state" in plan.excluded_because


def test_the_version_already_there_is_skipped() -> None:
    plan = ms.plan(ms.cat9k(), ms.image("cat9k_iosxe.17.03.01.SPA.bin", ms.OLD9))
    assert plan.included
    assert "already" in plan.skipped_because


def bundled() -> dict[str, object]:
    old = FileEntry("cat9k_iosxe.17.03.01.SPA.bin", 280 * MB)
    return {"mode": BootMode.BUNDLE, "image_file": f"flash:{old.path}", "extra": dict.fromkeys((1, 2, 3), (old,))}


def test_bundle_mode_is_converted_in_one_step_behind_a_changed_boot_variable() -> None:
    plan = ms.plan(ms.cat9k(**bundled()), options=replace(m.ACTIVATE, upgrade_mode=UpgradeMode.INSTALL))
    assert plan.included, plan.excluded_because
    assert plan.device_class is DeviceClass.XE16_INSTALL
    assert verdict(plan, "Upgrade mode") is Verdict.WARNING
    kinds = [op.kind for op in plan.of_phase(Phase.ACTIVATE)]
    assert kinds.index(OpKind.SET_BOOT) < kinds.index(OpKind.SAVE_CONFIG) < kinds.index(OpKind.INSTALL)
    setting = next(op for op in plan.operations if op.kind is OpKind.SET_BOOT)
    assert setting.boot_list[0] == "flash:packages.conf"
    assert typed(plan, OpKind.INSTALL) == [f"install add file flash:{ms.NEW9_FILE} activate commit"]


def test_install_mode_is_converted_to_bundle_by_the_boot_variable() -> None:
    plan = ms.plan(ms.cat9k(), options=replace(m.ACTIVATE, upgrade_mode=UpgradeMode.BUNDLE))
    assert plan.included, plan.excluded_because
    assert plan.device_class is DeviceClass.XE_BUNDLE
    setting = next(op for op in plan.operations if op.kind is OpKind.SET_BOOT)
    assert setting.boot_list[0] == f"flash:{ms.NEW9_FILE}"
    assert "flash:packages.conf" in setting.boot_list


def test_a_bundle_stack_gets_its_copies_on_the_device_each_verified() -> None:
    plan = ms.plan(ms.cat9k(**bundled()))
    assert plan.included, plan.excluded_because
    copies = [op for op in plan.operations if op.kind is OpKind.COPY_IMAGE]
    assert [op.file_system for op in copies] == ["flash:", "flash-2:", "flash-3:"]
    assert copies[1].lines[0].text == f"copy flash:/{ms.NEW9_FILE} flash-2:/{ms.NEW9_FILE}"
    checked = [op.file_system for op in plan.of_phase(Phase.DISTRIBUTE) if op.kind is OpKind.VERIFY_IMAGE]
    assert checked == ["flash:", "flash-2:", "flash-3:"]
    assert any("switch all" in line for line in typed(plan, OpKind.SET_BOOT))


def test_xe_3_installs_with_its_own_command_and_no_commit() -> None:
    plan = ms.plan3(ms.cat3k())
    assert plan.included, plan.excluded_because
    assert typed(plan, OpKind.INSTALL) == [f"software install file flash:{ms.NEW3_FILE}"]
    assert plan.of_phase(Phase.COMMIT) == ()


def test_the_step_from_3_to_16_needs_a_consent_and_new_force() -> None:
    to16 = ms.image(ms.NEW16_FILE, "16.12.04", "CAT3K_CAA")
    plan = ms.plan3(ms.cat3k(), to16)
    assert plan.excluded_because == "consent missing: new-force"
    plan = ms.plan3(ms.cat3k(), to16, consents=("new-force",))
    assert typed(plan, OpKind.INSTALL) == [f"software install file flash:{ms.NEW16_FILE} new force"]


def test_story_5_says_that_member_2_is_short_and_frees_it() -> None:
    old = tuple(replace(f, size_bytes=350 * MB) for f in ms.packages("cat3k_caa", "SPA.03.02.02.SE"))
    facts = ms.cat3k(free={2: 300 * MB}, extra={2: old})
    without = ms.plan3(facts)
    assert "flash-2:" in without.excluded_because
    plan = ms.plan3(facts, options=ERASE)
    assert plan.included, plan.excluded_because
    cleaning = next(op for op in plan.operations if op.kind is OpKind.DELETE_FILES)
    assert cleaning.lines[0].text == "software clean"
    assert {(d.file_system, d.path) for d in cleaning.deletions} == {("flash-2:", f.path) for f in old}


def test_xe_3_goes_back_while_the_old_packages_are_there() -> None:
    facts = ms.cat3k(extra={1: ms.packages("cat3k_caa", "SPA.03.03.05SE")})
    args = (m.device("sw1"), facts, "flash:packages.conf", m.ACTIVATE, m.pack("c3850"))
    plan = plan_rollback(*args, now=m.NOW, to_version="03.03.05SE")
    assert typed(plan, OpKind.ROLLBACK) == ["software rollback"]
    gone = plan_rollback(*args, now=m.NOW, to_version="03.02.02SE")
    assert "not on flash:" in gone.excluded_because
