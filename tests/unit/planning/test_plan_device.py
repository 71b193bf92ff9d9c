"""Plans of one device: operations, exclusion, idempotence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swim_tui.drivers.registry import DRIVERS
from swim_tui.model.checks import Verdict
from swim_tui.model.device import DeviceClass
from swim_tui.model.facts import BootState, FileEntry, Member
from swim_tui.model.options import ActivateMode, JobOptions, UpgradeMode
from swim_tui.model.plan import DevicePlan, LineMode, OpKind, Phase
from swim_tui.planning.plan import PLANNERS, plan_rollback
from swim_tui.planning.whole import WHOLE
from tests.unit.planning import making as m


def typed(plan: DevicePlan) -> list[str]:
    return [line.text for op in plan.operations for line in op.lines if line.changes and line.mode is not LineMode.TOOL]


def verdict(plan: DevicePlan, name: str) -> Verdict | None:
    return next((c.verdict for c in plan.checks if c.name == name), None)


def test_a_full_upgrade_changes_the_device_with_exactly_these_lines() -> None:
    plan = m.plan()
    assert plan.included, plan.excluded_because
    assert typed(plan) == [
        f"delete /force bootflash:/{m.NEW}",
        "no boot system",
        f"boot system bootflash:{m.NEW}",
        f"boot system bootflash:{m.OLD}",
        "write memory",
        "reload",
    ]


def test_operations_come_in_the_order_of_the_specification() -> None:
    kinds = [op.kind for op in m.plan().operations]
    assert kinds == [
        OpKind.READ_STATE,
        OpKind.BACKUP_CONFIG,
        OpKind.COPY_IMAGE,
        OpKind.VERIFY_IMAGE,
        OpKind.PRE_CHECKS,
        OpKind.BACKUP_CONFIG,
        OpKind.VERIFY_IMAGE,
        OpKind.SET_BOOT,
        OpKind.SAVE_CONFIG,
        OpKind.CHECK_BOOT,
        OpKind.RELOAD,
        OpKind.WAIT_RELOAD,
        OpKind.PROVE,
        OpKind.POST_CHECKS,
    ]


def test_operation_ids_are_unique_and_the_same_when_planned_again() -> None:
    ids = [op.id for op in m.plan().operations]
    assert len(set(ids)) == len(ids)
    assert ids == [op.id for op in m.plan().operations]


def test_every_destructive_operation_is_marked() -> None:
    marked = {op.kind for op in m.plan().operations if op.destructive}
    assert marked == {OpKind.SET_BOOT, OpKind.RELOAD}


def test_setting_the_boot_variable_can_be_taken_back_with_the_recorded_lines() -> None:
    op = next(op for op in m.plan().operations if op.kind is OpKind.SET_BOOT)
    assert [line.text for line in op.undo] == ["no boot system", f"boot system bootflash:{m.OLD}", "write memory"]


def test_a_distribution_alone_never_touches_boot_variable_or_reload() -> None:
    kinds = {op.kind for op in m.plan(options=JobOptions()).operations}
    assert not kinds & {OpKind.SET_BOOT, OpKind.SAVE_CONFIG, OpKind.RELOAD}


def test_boot_command_without_activation_is_set_at_the_end_of_the_distribution() -> None:
    plan = m.plan(options=JobOptions(insert_boot_command=True))
    kinds = [op.kind for op in plan.of_phase(Phase.DISTRIBUTE)]
    assert kinds[-3:] == [OpKind.SET_BOOT, OpKind.SAVE_CONFIG, OpKind.CHECK_BOOT]
    assert OpKind.RELOAD not in kinds


def test_activation_without_the_boot_command_is_refused_with_the_reason() -> None:
    plan = m.plan(options=JobOptions(activate=ActivateMode.SEQUENTIAL))
    assert not plan.included
    assert "Boot command" in plan.excluded_because


def test_a_device_that_runs_the_target_from_the_target_file_is_skipped() -> None:
    facts = m.facts()
    facts = replace(facts, version=replace(facts.version, version="03.13.05.S", image_file=f"bootflash:/{m.NEW}"))
    plan = m.plan(facts)
    assert plan.included
    assert plan.skipped_because
    assert not plan.operations


def test_a_device_with_one_member_on_another_image_is_not_skipped() -> None:
    facts = m.facts()
    version = replace(facts.version, version="03.13.05.S", image_file=f"bootflash:{m.NEW}")
    members = (
        Member(1, state="Ready", image=f"bootflash:{m.NEW}"),
        Member(2, state="Ready", image=f"bootflash:{m.OLD}"),
    )
    assert not m.plan(replace(facts, version=version, members=members)).skipped_because


def test_a_forced_reload_needs_its_own_consent() -> None:
    facts = m.facts()
    facts = replace(facts, version=replace(facts.version, version="03.13.05.S", image_file=f"bootflash:{m.NEW}"))
    forced = replace(m.ACTIVATE, force_reload=True)
    assert not m.plan(facts, forced).included
    plan = m.plan(facts, forced, consents=("force-reload",))
    assert plan.included
    assert OpKind.RELOAD in {op.kind for op in plan.operations}
    other = m.plan(m.facts(), forced)
    assert other.included
    assert "Forced reload" not in {check.name for check in other.checks}


def test_every_device_class_has_a_planner_and_a_driver() -> None:
    assert {*PLANNERS, *WHOLE} == set(DRIVERS) == set(DeviceClass)


@pytest.mark.parametrize("name", ["a b.bin", "x;reload.bin", "../x.bin", "x\nreload", "x?.bin", "ü.bin", ""])
def test_an_image_name_that_a_command_line_would_take_apart_never_reaches_a_device(name: str) -> None:
    plan = m.plan(the_image=m.image(name))
    assert not plan.included
    assert not plan.operations


def test_activation_alone_needs_the_image_on_the_device_and_its_hash() -> None:
    phases = (Phase.PREPARE, Phase.ACTIVATE)
    missing = m.plan(phases=phases)
    assert not missing.included
    assert "Image on device" in missing.excluded_because
    there = m.facts(file_systems=(m.flash(m.file(m.OLD), m.file(m.NEW, 360 * m.MB)),))
    plan = m.plan(there, phases=phases)
    verify = next(op for op in plan.operations if op.kind is OpKind.VERIFY_IMAGE)
    assert verify.digest == "a" * 32


def test_activation_finds_the_image_in_any_directory() -> None:
    there = m.facts(file_systems=(m.flash(m.file(m.OLD), m.file(f"images/{m.NEW}", 360 * m.MB)),))
    plan = m.plan(there, phases=(Phase.PREPARE, Phase.ACTIVATE))
    assert plan.included, plan.excluded_because
    assert f"boot system bootflash:images/{m.NEW}" in typed(plan)


def test_a_recent_hash_is_not_repeated_at_activation() -> None:
    there = m.facts(file_systems=(m.flash(m.file(m.OLD), m.file(m.NEW, 360 * m.MB)),))
    plan = m.plan(there, phases=(Phase.PREPARE, Phase.ACTIVATE), verified_at=m.NOW)
    assert next(op for op in plan.operations if op.kind is OpKind.VERIFY_IMAGE).digest == ""


def test_the_scp_server_is_switched_on_and_off_around_the_copy_only_when_allowed() -> None:
    off = m.facts(scp_server=False)
    assert not m.plan(off).included
    plan = m.plan(off, replace(m.ACTIVATE, enable_scp_for_copy=True))
    kinds = [op.kind for op in plan.of_phase(Phase.DISTRIBUTE)]
    assert kinds.index(OpKind.ENABLE_SCP) < kinds.index(OpKind.COPY_IMAGE) < kinds.index(OpKind.DISABLE_SCP)
    assert typed(plan)[0] == "ip scp server enable"
    assert "no ip scp server enable" in typed(plan)


def test_the_scp_server_is_not_switched_on_over_an_unsaved_configuration() -> None:
    dirty = m.facts(scp_server=False, config_dirty=True, config_diff=("+x",))
    assert not m.plan(dirty, replace(m.ACTIVATE, enable_scp_for_copy=True)).included


def test_a_stack_gets_the_image_on_every_member() -> None:
    members = tuple(Member(n, state="Ready") for n in (1, 2, 3))
    systems = (
        m.flash(m.file(m.OLD), member=1),
        replace(m.flash(m.file(m.OLD), free=10 * m.MB, name="flash-2:", member=2), is_default=False),
        replace(m.flash(name="flash-3:", member=3), is_default=False),
    )
    stack = replace(m.pack(), has_stack=True)
    plan = m.plan(m.facts(file_systems=systems, members=members), pack=stack)
    assert not plan.included
    assert verdict(plan, "Free space flash-2:") is Verdict.FAILED
    roomy = (systems[0], replace(systems[1], free_bytes=2000 * m.MB), systems[2])
    plan = m.plan(m.facts(file_systems=roomy, members=members), pack=stack)
    copies = [op.file_system for op in plan.operations if op.kind is OpKind.COPY_IMAGE]
    assert copies == ["bootflash:", "flash-2:", "flash-3:"]


def test_the_standby_gets_the_image_too() -> None:
    systems = (m.flash(m.file(m.OLD)), replace(m.flash(name="stby-bootflash:"), is_default=False))
    copies = [op.file_system for op in m.plan(m.facts(file_systems=systems)).operations if op.kind is OpKind.COPY_IMAGE]
    assert copies == ["bootflash:", "stby-bootflash:"]


def test_install_mode_is_refused_on_a_bundle_platform() -> None:
    plan = m.plan(options=replace(m.ACTIVATE, upgrade_mode=UpgradeMode.INSTALL))
    assert verdict(plan, "Upgrade mode") is Verdict.FAILED


def test_the_location_must_exist_and_be_bootable() -> None:
    for location in ("usb0:", "nvram:"):
        plan = m.plan(options=replace(m.ACTIVATE, location=location))
        assert verdict(plan, "Image location") is Verdict.FAILED


def test_the_running_image_is_never_overwritten() -> None:
    plan = m.plan(the_image=m.image(m.OLD, 361 * m.MB, version="03.14.00.S"))
    assert verdict(plan, "Overwrite") is Verdict.FAILED


def test_rollback_boots_the_recorded_image_with_the_same_operations() -> None:
    facts = m.facts(file_systems=(m.flash(m.file(m.OLD), m.file(m.NEW)),))
    facts = replace(facts, version=replace(facts.version, image_file=f"bootflash:{m.NEW}", version="03.13.05.S"))
    facts = replace(facts, boot=(BootState(config_lines=(f"boot system bootflash:{m.NEW}",), is_read=True),))
    plan = plan_rollback(m.device(), facts, f"bootflash:/{m.OLD}", m.ACTIVATE, m.pack(), now=m.NOW)
    assert plan.included
    assert f"boot system bootflash:{m.OLD}" in typed(plan)
    assert {op.phase for op in plan.operations} == {Phase.PREPARE, Phase.ROLLBACK}


def test_rollback_to_a_file_that_is_gone_is_refused() -> None:
    plan = plan_rollback(m.device(), m.facts(), "bootflash:gone.bin", m.ACTIVATE, m.pack(), now=m.NOW)
    assert not plan.included
    assert "not on the device" in plan.excluded_because


def test_waits_are_divided_by_the_scale() -> None:
    assert m.plan(scale=10).waits.reload_limit_s == m.pack().waits.reload_limit_s / 10
    assert m.plan(scale=10).outage_s == m.pack().waits.expected_outage_s / 10


def test_measured_rates_replace_those_of_the_pack() -> None:
    slow = m.plan(rates={"asr1002": 1e5}).distribution_s
    fast = m.plan(rates={"r1": 1e7, "asr1002": 1e5}).distribution_s
    assert slow > 10 * fast


def test_a_file_that_is_there_already_needs_no_space() -> None:
    full = m.facts(file_systems=(m.flash(m.file(m.OLD), FileEntry(m.NEW, 360 * m.MB), free=0),))
    assert m.plan(full).included


def test_a_partial_copy_counts_as_free_space() -> None:
    half = m.facts(file_systems=(m.flash(m.file(m.OLD), FileEntry(m.NEW, 200 * m.MB), free=170 * m.MB),))
    assert m.plan(half).included
