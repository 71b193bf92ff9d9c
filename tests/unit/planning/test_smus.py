"""SMUs in the plan: which release each fits, what stands between two of them, what is refused and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from swim_tui.model.checks import Verdict
from swim_tui.model.facts import BootMode, Facts
from swim_tui.model.image import SoftwareImage
from swim_tui.model.imagename import identify_name
from swim_tui.model.install import InstallPackage, PackageStatus
from swim_tui.model.options import ActivateMode, CommitMode, JobOptions
from swim_tui.model.plan import DevicePlan, OpKind, Phase
from swim_tui.model.smu import fix_of, is_smu_file, patched_file
from swim_tui.packs.choose import accepts_file
from swim_tui.planning.imagechoice import choose
from tests.unit.planning import making as m
from tests.unit.planning import making_stack as st

ON_OLD = "cat9k_iosxe.17.03.01.CSCvt63674.SPA.smu.bin"
ON_OLD2 = "cat9k_iosxe.17.03.01.CSCvu11111.SPA.smu.bin"
ON_NEW = f"cat9k_iosxe.{st.NEW9}.CSCvw22222.SPA.smu.bin"
OPTIONS = JobOptions(activate=ActivateMode.SEQUENTIAL)
SIZE = 32 * 1024


def smu(name: str) -> SoftwareImage:
    return SoftwareImage(f"id-{fix_of(name)}", name, SIZE, "a" * 32, "b" * 128, m.NOW, identity=identify_name(name))


def planned(facts: Facts, *images: SoftwareImage, pack: str = "c9300", **changes: Any) -> DevicePlan:
    options = replace(OPTIONS, **changes)
    return m.plan(facts, options, images[0], pack=m.pack(pack), images=images if len(images) > 1 else ())


def with_row(facts: Facts, name: str, status: PackageStatus) -> Facts:
    assert facts.install is not None
    row = InstallPackage("SMU", status, f"flash:{name}", ("1", "2", "3"))
    return replace(facts, install=replace(facts.install, packages=(*facts.install.packages, row)))


def acts(plan: DevicePlan) -> list[str]:
    kinds = (OpKind.INSTALL_ADD, OpKind.INSTALL, OpKind.COMMIT, OpKind.WAIT_RELOAD, OpKind.PROVE, OpKind.POST_CHECKS)
    return [f"{op.phase} {op.kind}" for op in plan.operations if op.kind in kinds]


def test_the_name_of_an_smu_carries_the_image_it_goes_onto() -> None:
    assert patched_file(ON_OLD) == "cat9k_iosxe.17.03.01.SPA.bin"
    assert fix_of(f"flash:/{ON_OLD}") == "CSCvt63674"
    router = "c8000v-universalk9.17.06.01a.CSCwa12345.SPA.smu.bin"
    assert patched_file(router) == "c8000v-universalk9.17.06.01a.SPA.bin"
    for other in ("cat9k_iosxe.17.03.01.SPA.bin", "C9800-L-universalk9_wlc.17.09.04a.CSCwd80290.SPA.apsp.bin", ""):
        assert (is_smu_file(other), patched_file(other)) == (False, "")


def test_a_platform_takes_the_smus_of_its_own_images() -> None:
    for pack, name, takes in (
        ("c9300", ON_OLD, True),
        ("c9200", "cat9k_lite_iosxe.17.06.04.CSCwd14641.SPA.smu.bin", True),
        ("c9200", ON_OLD, False),
        ("isr4300", "isr4300-universalk9.17.06.05.CSCwf02225.SPA.smu.bin", True),
        ("asr1002", "asr1000rp1-adventerprisek9.17.06.05.CSCwf02225.SPA.smu.bin", False),
    ):
        assert accepts_file(m.pack(pack), name) is takes, (pack, name)


def test_one_smu_is_added_activated_with_a_timer_proven_and_committed() -> None:
    plan = planned(st.cat9k(), smu(ON_OLD))
    assert plan.included, plan.excluded_because
    assert acts(plan) == [
        "activate install-add",
        "activate install",
        "activate wait-for-reload",
        "activate prove",
        "activate post-checks",
        "commit commit",
    ]
    act = next(op for op in plan.operations if op.kind is OpKind.INSTALL)
    assert act.lines[0].text.startswith(f"install activate file flash:{ON_OLD} auto-abort-timer ")
    assert (act.lines[1].text, act.lines[1].changes) == (f"show install package flash:{ON_OLD}", False)
    assert act.commit_within_s > 0
    assert act.destructive
    assert f"install deactivate file flash:{ON_OLD}" in plan.backout[0]


def test_between_two_smus_and_after_their_image_there_is_a_commit() -> None:
    both = planned(st.cat9k(), smu(ON_OLD), smu(ON_OLD2))
    assert [a for a in acts(both) if "commit" in a] == ["activate commit", "commit commit"]
    assert both.outage_s == 2 * planned(st.cat9k(), smu(ON_OLD)).outage_s
    whole = planned(st.cat9k(), st.image(), smu(ON_NEW))
    assert whole.included, whole.excluded_because
    titles = [op.title for op in whole.operations if op.kind in (OpKind.INSTALL, OpKind.COMMIT)]
    assert titles == [
        f"Activating {st.NEW9}",
        f"Committing {st.NEW9}: an SMU needs a committed release under it",
        "Activating CSCvw22222",
        "Committing CSCvw22222",
    ]
    assert len({op.id for op in whole.operations}) == len(whole.operations)
    copies = [op.path for op in whole.of_phase(Phase.DISTRIBUTE) if op.kind is OpKind.COPY_IMAGE]
    assert copies == [st.NEW9_FILE, ON_NEW]


def test_in_one_step_nothing_is_left_to_commit() -> None:
    plan = planned(st.cat9k(), st.image(), smu(ON_NEW), commit=CommitMode.WITH_ACTIVATION)
    lines = [op.lines[0].text for op in plan.operations if op.kind is OpKind.INSTALL]
    assert lines == [f"install add file flash:{name} activate commit" for name in (st.NEW9_FILE, ON_NEW)]
    assert not [a for a in acts(plan) if "commit" in a]


@pytest.mark.parametrize(
    ("images", "said"),
    [
        ((smu(ON_NEW),), f"SMU CSCvw22222: expected release {st.NEW9}, is 17.03.01 runs"),
        ((st.image(), smu(ON_OLD)), f"SMU CSCvt63674: expected release 17.03.01, is {st.NEW9} is that of"),
    ],
)
def test_an_smu_of_another_release_is_a_failed_check(images: tuple[SoftwareImage, ...], said: str) -> None:
    plan = planned(st.cat9k(), *images)
    assert not plan.included
    assert said in plan.excluded_because
    check = next(c for c in plan.checks if c.name.startswith("SMU CSC"))
    assert check.verdict is Verdict.FAILED
    assert "choose the SMU made for" in check.action


def test_a_device_that_runs_one_bin_takes_no_smu_and_its_boot_variable_stays() -> None:
    facts = st.cat9k(mode=BootMode.BUNDLE, image_file="flash:cat9k_iosxe.17.03.01.SPA.bin")
    plan = planned(facts, smu(ON_OLD))
    assert (plan.included, plan.operations) == (False, ())
    assert "SMU mode" in plan.excluded_because


def test_a_commit_by_hand_cannot_stand_between_two_activations() -> None:
    assert planned(st.cat9k(), smu(ON_OLD), commit=CommitMode.BY_HAND).included
    plan = planned(st.cat9k(), smu(ON_OLD), smu(ON_OLD2), commit=CommitMode.BY_HAND)
    assert "Commit between" in plan.excluded_because


def test_what_is_committed_already_is_left_out_and_all_of_it_is_skipped() -> None:
    facts = with_row(st.cat9k(), ON_OLD, PackageStatus.COMMITTED)
    rest = planned(facts, smu(ON_OLD), smu(ON_OLD2))
    assert [op.title for op in rest.operations if op.kind is OpKind.INSTALL] == ["Activating CSCvu11111"]
    assert planned(facts, smu(ON_OLD)).skipped_because.endswith("with CSCvt63674")
    running = st.image("cat9k_iosxe.17.03.01.SPA.bin", st.OLD9)
    assert "with CSCvt63674" in planned(facts, running, smu(ON_OLD)).skipped_because
    upgrade = planned(st.cat9k(), running, smu(ON_OLD))
    assert [op.path for op in upgrade.operations if op.kind is OpKind.COPY_IMAGE] == [ON_OLD]
    assert (
        "Install state"
        in planned(with_row(st.cat9k(), ON_OLD, PackageStatus.UNCOMMITTED), smu(ON_OLD2)).excluded_because
    )


def test_smus_that_end_with_their_release_are_named() -> None:
    facts = with_row(st.cat9k(), ON_OLD, PackageStatus.COMMITTED)
    check = next(c for c in planned(facts, st.image()).checks if c.name == "Active SMUs")
    assert (check.verdict, check.actual) == (Verdict.WARNING, "CSCvt63674")


def test_of_a_job_with_many_images_a_device_gets_its_own_with_the_smus() -> None:
    pack, image, fix, other = m.pack("c9300"), st.image(), smu(ON_NEW), smu(ON_OLD)
    router = m.image()
    found = choose((router, fix, image), None, pack)
    assert (found.image, found.files) == (image, (image, fix))
    assert choose((router, fix, other), None, pack).files == (fix, other)
    assert choose((image, fix, other), image, pack).files == (image, fix)
    assert choose((image, fix), fix, pack).image == fix


def test_an_smu_that_runs_on_some_members_only_is_a_stack_not_of_one_mind() -> None:
    facts = with_row(st.cat9k(), ON_OLD, PackageStatus.COMMITTED)
    assert facts.install is not None
    assert facts.install.disagreeing() == ()
    *rows, fix = facts.install.packages
    some = replace(facts.install, packages=(*rows, replace(fix, members=("1", "2"))))
    assert some.disagreeing() == (f"flash:{ON_OLD} C",)
    assert "Install state" in planned(replace(facts, install=some), smu(ON_OLD2)).excluded_because


def test_the_clean_command_takes_idle_smus_too_and_leaves_those_that_run() -> None:
    room = dict.fromkeys((1, 2, 3), 10 * st.MB)
    idle = "cat9k_iosxe.16.12.04.CSCvt11111.SPA.smu.bin"
    old = (m.file("cat9k-rpbase.16.12.04.SPA.pkg", 900 * st.MB), m.file(idle, SIZE), m.file(ON_OLD, SIZE))
    facts = with_row(st.cat9k(free=room, extra=dict.fromkeys(room, old)), ON_OLD, PackageStatus.COMMITTED)
    plan = planned(facts, st.image(), erase_flash=True)
    gone = {d.path for op in plan.operations if op.kind is OpKind.DELETE_FILES for d in op.deletions}
    assert gone == {"cat9k-rpbase.16.12.04.SPA.pkg", idle}, (plan.excluded_because, gone)
