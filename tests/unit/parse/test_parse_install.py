"""Install and ISSU state of IOS XE, package sets and chassis of IOS XR, NX-OS installs."""

from __future__ import annotations

import install_samples as sample
import pytest

from swim_tui.model.install import InstallResult, InstallState, IssuStage, PackageSet, PackageStatus
from swim_tui.parse import (
    is_bundle,
    parse_failed_config,
    parse_fpds,
    parse_incompatibilities,
    parse_install_impact,
    parse_install_log,
    parse_install_report,
    parse_install_request,
    parse_install_result,
    parse_install_state,
    parse_issu_state,
    parse_issu_timer,
    parse_member_timers,
    parse_modules,
    parse_node_pairs,
    parse_package_sets,
    parse_packages_conf,
    parse_rollback_points,
    parse_smu,
    parse_version_packages,
    parse_vpc,
    parse_xr_install_log,
    parse_xr_platform,
    understood,
)


def state(text: str) -> InstallState:
    said = parse_install_state(text)
    assert said is not None
    return said


def test_a_committed_install_is_not_uncommitted() -> None:
    said = state(sample.SUMMARY_COMMITTED)
    assert [(p.kind, p.status, p.name, p.members) for p in said.packages] == [
        ("IMG", PackageStatus.COMMITTED, "17.06.03.0.3629", ("R0",))
    ]
    assert said.is_uncommitted() is False
    assert said.disagreeing() == ()


def test_a_pending_install_has_its_timer_and_its_packages_by_state() -> None:
    said = state(sample.SUMMARY_PENDING)
    assert said.is_uncommitted() is True
    assert said.auto_abort is not None
    assert (said.auto_abort.started_by, said.auto_abort.remaining_s) == ("install_activate", 6582)
    assert [p.name for p in said.of_status(PackageStatus.INACTIVE)] == ["17.06.03.0.3629"]
    assert said.packages[1].kind == "SMU"
    assert said.packages[0].members == ("1", "2")


def test_members_with_other_packages_than_the_rest_are_seen() -> None:
    assert state(sample.SUMMARY_SPLIT).disagreeing() == ("17.09.05.0.6450 C", "17.06.03.0.3629 C")


def test_no_inactive_packages_is_an_answer_and_says_nothing_about_commits() -> None:
    said = state(sample.INACTIVE_NONE)
    assert said.packages == ()
    assert said.is_uncommitted() is None


def test_rollback_points_have_labels_and_packages() -> None:
    points = parse_rollback_points(sample.ROLLBACK)
    assert points is not None
    assert [(p.number, p.label, p.description) for p in points] == [
        (3, "before_17_9", "quarterly upgrade"),
        (2, "", ""),
    ]
    (one,) = parse_rollback_points(sample.ROLLBACK_ID) or ()
    assert (one.number, one.created[:10], one.needs_reload) == (3, "Wed Nov 18", True)
    assert [p.name for p in one.packages] == ["17.06.03.0.3629"]


def test_an_operation_without_an_end_is_running() -> None:
    log = parse_install_log(sample.LOG)
    assert log is not None
    assert [(e.number, e.operation, e.result) for e in log] == [
        (0, "install_op_boot", InstallResult.SUCCESS),
        (1, "install_add", InstallResult.FAILED),
        (2, "install_activate", InstallResult.RUNNING),
    ]
    assert InstallState(log=log).is_busy() is True
    assert InstallState(log=log[:2]).is_busy() is False


def test_running_packages_tell_install_from_bundle_mode() -> None:
    packages = parse_version_packages(sample.VERSION_RUNNING)
    assert packages is not None
    assert (packages[1].name, packages[1].version, packages[1].on) == ("rpbase", "17.09.05", "RP0")
    assert packages[0].sha1.startswith("6a2ebca1")
    assert is_bundle(packages) is False
    assert is_bundle(parse_version_packages(sample.VERSION_BUNDLE) or ()) is True
    assert is_bundle(()) is None


def test_packages_conf_names_every_file_the_boot_needs() -> None:
    conf = parse_packages_conf(sample.PACKAGES_CONF)
    assert conf is not None
    assert conf.build == "17.09.05"
    assert conf.packages[0] == ("rp 0 0", "rp_boot", "cat9k-rpboot.17.09.05.SPA.pkg")
    assert conf.files() == ("cat9k-rpboot.17.09.05.SPA.pkg", "cat9k-rpbase.17.09.05.SPA.pkg")


def test_the_rollback_timer_of_xe_3_runs_for_each_member() -> None:
    timers = parse_member_timers(sample.MEMBER_TIMERS)
    assert timers is not None
    assert [(t.member, t.is_active, t.remaining_s) for t in timers] == [(1, True, 1888), (2, False, None)]
    assert InstallState(member_timers=timers).is_uncommitted() is True


def test_issu_of_a_pair_of_supervisors_is_read_slot_by_slot() -> None:
    said = parse_issu_state(sample.ISSU_SLOTS)
    assert said is not None
    assert said.stage is IssuStage.LOADED
    assert [(s.slot, s.role, s.current_image) for s in said.slots] == [
        ("1", "Active", "bootflash:old.bin"),
        ("2", "Standby", "bootflash:new.bin"),
    ]
    assert (said.running_image, said.original_image) == ("bootflash:old.bin", "bootflash:old.bin")
    newer = parse_issu_state(sample.ISSU_SLOTS_NEW)
    assert newer is not None
    assert newer.stage is IssuStage.RUN
    assert newer.slots[0].target_image == "bootflash:new.bin"


def test_issu_with_an_unknown_slot_state_has_no_stage() -> None:
    said = parse_issu_state(sample.ISSU_SLOTS.replace("Load Version", "Odd Version", 1))
    assert said is not None
    assert said.stage is None


def test_issu_of_an_asr1000_names_its_last_operation_and_the_time_left() -> None:
    said = parse_issu_state(sample.ISSU_OPERATION)
    assert said is not None
    assert (said.stage, said.last_operation, said.is_terminal) == (IssuStage.RUN, "runversion", False)
    assert said.timer is not None
    assert (said.timer.is_active, said.timer.remaining_s) == (True, 1466)
    assert (said.original_image, said.running_image) == ("harddisk:old.bin", "harddisk:new.bin")


def test_issu_checks_of_a_catalyst_9000_name_what_is_missing() -> None:
    said = parse_issu_state(sample.ISSU_CHECKS)
    assert said is not None
    assert said.stage is IssuStage.INIT
    assert said.failed_checks() == ("Standby Online", "SSO Mode")
    assert (said.status, said.previous, said.operational_mode) == ("Enabled", "", "HA-STANDALONE")
    running = parse_issu_state(
        sample.ISSU_CHECKS.replace("Enabled\n", "In Progress\n", 1).replace("No ISSU operation", "x")
    )
    assert running is not None
    assert running.stage is IssuStage.IN_PROGRESS


def test_no_issu_operation_is_the_first_stage() -> None:
    said = parse_issu_state("No ISSU operation is in progress\n")
    assert said is not None
    assert said.stage is IssuStage.INIT


@pytest.mark.parametrize(
    ("text", "active", "left", "configured"),
    [
        (sample.ISSU_TIMER, True, 725, 3600),
        ("Rollback Process State = Not in progress\nConfigured Rollback Time = 00:45:00\n", False, None, 2700),
        ("Rollback: inactive, timer canceled by acceptversion\n", False, None, None),
        ("Rollback: automatic, remaining time before rollback: 00:29:53\n", True, 1793, None),
    ],
)
def test_the_issu_rollback_timer(text: str, active: bool, left: int | None, configured: int | None) -> None:
    timer = parse_issu_timer(text)
    assert timer is not None
    assert (timer.is_active, timer.remaining_s, timer.configured_s) == (active, left, configured)


def test_package_sets_of_32_bit_xr_differ_until_they_are_committed() -> None:
    active, committed = parse_package_sets(sample.XR32_ACTIVE), parse_package_sets(sample.XR32_COMMITTED)
    assert active["active"].packages[0] == "disk0:asr9k-mini-px-6.1.4"
    assert len(active["active"].packages) == 3
    assert InstallState(active=active["active"], committed=committed["committed"]).is_uncommitted() is True
    assert InstallState(active=active["active"], committed=active["active"]).is_uncommitted() is False
    assert InstallState(active=active["active"]).is_uncommitted() is None


def test_package_sets_of_64_bit_xr_are_compared_node_by_node() -> None:
    said = parse_package_sets(sample.XR64_ACTIVE)["active"]
    assert said.boot_image == "ncs5500-xr-6.6.3"
    assert said.nodes == (
        ("0/RP0/CPU0", ("ncs5500-xr-6.6.3", "ncs5500-mgbl-3.0.0.0-r663")),
        ("0/0/CPU0", ("ncs5500-xr-6.6.3",)),
    )
    moved = sample.XR64_ACTIVE.replace("        ncs5500-mgbl-3.0.0.0-r663\n", "")
    assert not said.is_same(parse_package_sets(moved)["active"])


def test_package_sets_of_xr7_are_the_same_when_their_hashes_are() -> None:
    active = parse_package_sets(sample.XR7_ACTIVE)["active"]
    committed = parse_package_sets(sample.XR7_COMMITTED)["committed"]
    assert active.label == "7.10.2-site-a"
    assert active.packages == ("xr-bgp-7.10.2v1.0.0-1", "xr-k9sec-7.10.2v1.0.0-1", "CSCwh02785")
    assert active.is_same(committed)
    other = parse_package_sets(sample.XR7_COMMITTED.replace("454175af", "00000000"))["committed"]
    assert not active.is_same(other)


def test_two_empty_package_sets_are_not_taken_for_the_same() -> None:
    assert not PackageSet().is_same(PackageSet())


@pytest.mark.parametrize(
    ("text", "running", "number", "percent", "result"),
    [
        (sample.REQUEST_32, True, 888, 30, InstallResult.RUNNING),
        (sample.REQUEST_64, True, 13, 60, InstallResult.RUNNING),
        (sample.REQUEST_XR7, False, 3, None, InstallResult.SUCCESS),
        (sample.REQUEST_XR7.replace("Success", "In progress"), True, 3, None, InstallResult.RUNNING),
        (sample.REQUEST_XR7.replace("Success", "Failure"), False, 3, None, InstallResult.FAILED),
        (sample.REQUEST_XR7.replace("Success", "Odd"), True, 3, None, None),
        ("There are no install requests in operation.\n", False, None, None, None),
        ("No install operation in progress\n", False, None, None, None),
    ],
)
def test_an_install_request_runs_or_does_not(
    text: str, running: bool, number: int | None, percent: int | None, result: InstallResult | None
) -> None:
    said = parse_install_request(text)
    assert said is not None
    assert (said.is_running, said.number, said.percent, said.result) == (running, number, percent, result)


def test_how_an_operation_ended_is_told_by_its_own_number() -> None:
    log = parse_xr_install_log(sample.XR_LOG)
    assert log is not None
    assert [entry.number for entry in log] == [12, 13, 14, 15]
    results = [parse_install_result(sample.XR_LOG, number) for number in (12, 13, 14, 15, 16)]
    assert results == [
        InstallResult.SUCCESS, InstallResult.ABORTED, InstallResult.RUNNING, InstallResult.SUCCESS, None,
    ]  # fmt: skip
    failed = "Install operation 9 completed with failure at 10:00\n"
    assert parse_install_result(failed, 9) is InstallResult.FAILED


def test_a_node_that_does_not_run_is_not_healthy() -> None:
    nodes = {n.name: n for n in parse_xr_platform(sample.XR_PLATFORM)}
    assert (nodes["0/RSP0/CPU0"].role, nodes["0/RSP0/CPU0"].card) == ("Active", "A9K-RSP440-TR")
    assert [name for name, node in nodes.items() if not node.is_healthy] == ["0/RSP1/CPU0", "0/0/CPU0", "0/PS0/M0/SP"]
    assert nodes["0/FT0/SP"].state == "READY"
    assert not nodes["0/0/1"].is_cpu


def test_a_pair_of_nodes_is_ready_only_when_it_says_so() -> None:
    pairs = parse_node_pairs(sample.XR_PAIRS)
    assert [(p.standby, p.is_ready, p.nsr) for p in pairs] == [
        ("0/RSP1/CPU0", True, "Ready"),
        ("0/RSP1/CPU0", False, "Not Configured"),
        ("", None, ""),
    ]
    plain = parse_node_pairs("Active Node    Standby Node\n-----------    ------------\n 0/RP0/CPU0             N/A\n")
    assert (plain[0].active, plain[0].standby) == ("0/RP0/CPU0", "")


def test_fpds_that_wait_for_an_upgrade_or_a_reload_are_seen() -> None:
    new = parse_fpds(sample.FPD_64)
    assert new is not None
    assert [(f.device, f.needs_upgrade, f.needs_reload, f.running) for f in new] == [
        ("Bootloader", False, False, "9.31"),
        ("BIOS-Golden", True, False, "1.90"),
        ("MIFPGA", False, True, "0.08"),
    ]
    old = parse_fpds(sample.FPD_32)
    assert parse_fpds(sample.FPD_32.partition("NOTES")[0]) == old  # some releases print no notes
    assert old is not None
    assert [(f.location, f.device, f.needs_upgrade) for f in old] == [
        ("0/RSP0/CPU0", "fpga3", True),
        ("0/RSP0/CPU0", "cbc", False),
    ]


def test_lines_that_failed_at_the_start_are_told_and_an_empty_answer_needs_its_time_line() -> None:
    assert parse_failed_config(sample.FAILED_CONFIG) == ("router something", " old-command 5")
    assert parse_failed_config("Tue Nov  3 10:43:11.576 UTC\r\n\r\n") == ()
    assert parse_failed_config("") is None
    assert parse_failed_config("something else\n") is None


def test_the_impact_of_an_install_is_disruptive_when_one_module_is_reset() -> None:
    impact = parse_install_impact(sample.IMPACT)
    assert impact is not None
    assert (impact.is_complete, impact.is_disruptive(), impact.failures) == (True, True, ())
    assert [(m.module, m.impact, m.install_type) for m in impact.modules] == [
        (1, "disruptive", "reset"),
        (27, "non-disruptive", "none"),
    ]
    assert [(c.image, c.new, c.is_required) for c in impact.images] == [
        ("nxos", "9.3(10)", True),
        ("bios", "v07.69(04/07/2021)", False),
    ]


def test_a_failed_compatibility_check_has_the_devices_words_and_no_impact() -> None:
    impact = parse_install_impact(sample.IMPACT_FAILED)
    assert impact is not None
    assert (impact.is_complete, impact.is_disruptive(), impact.return_code) == (False, None, "0x40930011")
    assert any("Pre-upgrade check failed" in line for line in impact.failures)


def test_progress_bars_that_are_rewritten_in_place_do_no_harm() -> None:
    bars = "[#####      ]  25%\r[##########]  80%\x08\x08\x08\x08100% -- SUCCESS\r\n"
    impact = parse_install_impact(bars + sample.IMPACT)
    assert impact is not None
    assert impact.failures == ()
    assert len(impact.modules) == 2


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (sample.STATUS_DONE, InstallResult.SUCCESS),
        (sample.STATUS_RUNNING, InstallResult.RUNNING),
        (sample.STATUS_REBOOT, InstallResult.REBOOTING),
        (sample.STATUS_FAILED, InstallResult.FAILED),
    ],
)
def test_the_last_installation_of_a_nexus(text: str, result: InstallResult) -> None:
    report = parse_install_report(text)
    assert report is not None
    assert report.result is result
    assert bool(report.failures) is (result is InstallResult.FAILED)


def test_modules_of_a_nexus_are_read_with_an_empty_model_too() -> None:
    modules = parse_modules(sample.MODULES)
    assert [(m.number, m.model, m.status, m.version, m.is_healthy) for m in modules] == [
        (1, "N9K-X9736C-FX", "ok", "10.2(3)", True),
        (2, "", "pwr-denied", "", False),
        (27, "N9K-SUP-A+", "active *", "10.2(3)", True),
        (28, "N9K-SUP-A+", "ha-standby", "", True),
    ]
    assert modules[0].serial == "FOC24294DJ8"


def test_modules_of_a_catalyst_have_their_state_in_the_second_table() -> None:
    modules = parse_modules(sample.MODULES_CATALYST)
    assert [(m.number, m.model, m.version, m.status, m.is_healthy) for m in modules] == [
        (1, "C9400-LC-48U", "", "ok", True),
        (5, "C9400-SUP-1XL-Y", "17.06.03", "faulty", False),
        (7, "C9400-BLANK", "", "", None),
    ]


def test_the_vpc_role_is_told_apart_from_the_operational_one() -> None:
    said = parse_vpc(sample.VPC)
    assert said is not None
    assert (said.role, said.operational_role, said.domain) == ("secondary", "primary", 10)
    assert (said.keepalive, said.consistency) == ("peer is alive", "success")
    plain = parse_vpc("vPC role                        : primary\n")
    assert plain is not None
    assert plain.operational_role == "primary"


def test_configurations_that_do_not_fit_are_listed_and_none_is_an_answer() -> None:
    (item,) = parse_incompatibilities(sample.INCOMPATIBLE) or ()
    assert (item.service, item.capability, item.requirement) == ("otm", "CAP_FEATURE_OTM_DELAY", "STRICT")
    assert item.command == "Remove the delay from all objects"
    assert parse_incompatibilities(sample.COMPATIBLE) == ()


SMU = """  Name: cat9k_iosxe.17.06.07.CSCwh87343.SPA.smu.bin
  Version: 17.06.07.0.8034.1700000000..Bengaluru
  Platform: CAT9K
  Package Type: SMU
  Defect ID: CSCwh87343
  Package State: Not Installed
  Supersedes List: {}
  SMU ID: 1000
  SMU Type: %s
  SMU Compatible with Version: 17.06.07.0.8034
  SMUImpact:
"""


@pytest.mark.parametrize(("said", "reloads"), [("reload", True), ("non-reload", False), ("hotpatch", None)])
def test_an_smu_says_what_it_fits_and_whether_it_reloads(said: str, reloads: bool | None) -> None:
    found = parse_smu(SMU % said)
    assert found is not None
    assert (found.fix, found.fits, found.reloads) == ("CSCwh87343", "17.06.07.0.8034", reloads)
    assert understood("", "show install package flash:x.smu.bin", SMU % said)["fits"] == "17.06.07.0.8034"


def test_what_is_no_smu_is_none() -> None:
    for text in ("", "% Package x not found or not valid\n", SMU.replace("Package Type: SMU", "Package Type: IMG")):
        assert parse_smu(text) is None
