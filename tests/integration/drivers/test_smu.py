"""SMUs on Catalyst 9300 of the lab, over SSH: alone, with the image they belong to, of the wrong release."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from swim_tui.model.image import SoftwareImage
from swim_tui.model.install import PackageStatus
from swim_tui.model.options import CommitMode
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ImageRef, PhaseStatus
from swim_tui.model.plan import DevicePlan, OpKind, Phase
from swim_tui.model.smu import fix_of, status_of
from swim_tui.packs.loading import PackSet
from swim_tui.planning.plan import plan_rollback
from swim_tui.planning.smus import activated_by
from tests.integration.drivers.labkit import FULL, SCALE, LabRun, running_lab

ON_IT, BELOW = "sj-9300-01", "sj-9300-02"
HOT, COLD, BASE = "CSCwf54007", "CSCwh87343", "cat9k_iosxe.17.06.07.SPA"


def planned(lab: LabRun, name: str, *parts: str, **options: object) -> tuple[DevicePlan, tuple[ImageRef, ...]]:
    found = [lab.image(part) for part in parts]
    images: tuple[SoftwareImage, ...] = tuple(image for image, _ in found)
    plan = lab.plan(name, images[0], replace(FULL, **options), images=images)  # type: ignore[arg-type]
    return plan, tuple(ref for _, ref in found)


def ran(lab: LabRun, plan: DevicePlan, refs: tuple[ImageRef, ...], *phases: Phase) -> Outcome:
    outcome = Outcome.NONE
    for phase in phases:
        result = lab.run(lab.phase(plan, phase, refs[0], images=refs))
        assert result.status is PhaseStatus.SUCCESS, (result, lab.log_text()[-6000:])
        outcome = result.outcome
    return outcome


def installs(lab: LabRun, name: str) -> list[str]:
    return [" ".join(line.split()[:3]) for line in lab.lines(name) if line.startswith("install ")]


def test_two_smus_go_onto_the_running_release_one_after_the_other_and_off_again(tmp_path: Path, packs: PackSet) -> None:
    with running_lab("smus", tmp_path, packs) as lab:
        plan, refs = planned(lab, ON_IT, HOT, COLD)
        assert plan.included, (plan.excluded_because, [c for c in plan.checks if c.verdict != "ok"])
        assert ran(lab, plan, refs, Phase.DISTRIBUTE, Phase.ACTIVATE) is Outcome.NOT_COMMITTED
        intents = tuple(r for r in lab.context.intents if r.intent.kind is OpKind.INSTALL)
        again = lab.run(lab.phase(plan, Phase.ACTIVATE, refs[0], images=refs, intents=intents))  # as after a crash
        assert again.outcome is Outcome.NOT_COMMITTED, (again, lab.log_text()[-4000:])
        assert ran(lab, plan, refs, Phase.COMMIT) is Outcome.UPGRADED
        install = lab.facts(ON_IT).install
        assert {status_of(install, image.file_name) for image in refs} == {PackageStatus.COMMITTED}
        assert len(lab.events(ON_IT, "reload")) == 1  # one of the two changes the switch as it runs
        one = ["install add file", "install activate file", "install commit"]
        assert installs(lab, ON_IT) == one + one
        repeated, _ = planned(lab, ON_IT, HOT, COLD)
        assert repeated.skipped_because.endswith(f", with {HOT}, with {COLD}")
        other, _ = planned(lab, BELOW, COLD)
        assert not other.included
        assert f"SMU {COLD}: expected release 17.06.07, is 17.03.01 runs" in other.excluded_because
        back = plan_rollback(
            lab.device(ON_IT),
            lab.facts(ON_IT),
            plan.from_image,
            FULL,
            lab.pack(ON_IT),
            now=datetime.now(UTC),
            to_version=plan.from_version,
            scale=SCALE,
            smus_on=activated_by(plan),
        )
        assert back.included, back.excluded_because
        assert ran(lab, back, refs, Phase.ROLLBACK) is Outcome.UPGRADED
        off = lab.facts(ON_IT).install
        assert {status_of(off, image.file_name) for image in refs} <= {None, PackageStatus.INACTIVE}
        sent = [fix_of(line.split()[-1]) for line in lab.lines(ON_IT) if line.startswith("install deactivate")]
        assert sent == [COLD, HOT]
        assert len(lab.events(ON_IT, "reload")) == 2


def test_an_image_and_its_smu_are_one_upgrade(tmp_path: Path, packs: PackSet) -> None:
    with running_lab("smus", tmp_path, packs) as lab:
        plan, refs = planned(lab, BELOW, BASE, COLD, commit=CommitMode.WITH_ACTIVATION)
        assert plan.included, (plan.excluded_because, [c for c in plan.checks if c.verdict != "ok"])
        assert ran(lab, plan, refs, Phase.DISTRIBUTE, Phase.ACTIVATE) is Outcome.UPGRADED
        facts = lab.facts(BELOW)
        assert (facts.version.version, len(lab.events(BELOW, "reload"))) == ("17.06.07", 2)
        assert status_of(facts.install, refs[1].file_name) is PackageStatus.COMMITTED
