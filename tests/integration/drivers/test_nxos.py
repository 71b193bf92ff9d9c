"""Nexus in the lab: `install all` once, its impact in the record, proof, rollback; a kickstart and system pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from swim_tui.drivers.serial import SerialContext
from swim_tui.model.image import SoftwareImage
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ChecksDone, ImageRef, Intent, PhaseStatus
from swim_tui.model.plan import DevicePlan, LineMode, OpKind, Phase
from swim_tui.packs.loading import PackSet
from swim_tui.planning.plan import plan_rollback
from tests.integration.drivers.labkit import FULL, QUICK, SCALE, LabRun, running_lab

ONE = "ny-n9k-b"
PAIR = "ny-n5k-b"


@pytest.fixture
def nexus(tmp_path: Path, packs: PackSet) -> Iterator[LabRun]:
    """A vPC pair of Nexus 9000 and one of Nexus 5500."""
    with running_lab("story6", tmp_path, packs, time_scale=QUICK) as lab:
        yield lab


def upgraded_images(lab: LabRun) -> tuple[SoftwareImage, ImageRef]:
    return lab.image("nxos.9.3.10.bin")


def ready(lab: LabRun) -> tuple[DevicePlan, ImageRef]:
    """Planned and distributed."""
    image, ref = upgraded_images(lab)
    plan = lab.plan(ONE, image)
    assert plan.included, (plan.excluded_because, plan.checks)
    result = lab.run(lab.phase(plan, Phase.DISTRIBUTE, ref))
    assert result.outcome is Outcome.DISTRIBUTED, (result, lab.log_text())
    return plan, ref


def test_a_nexus_is_installed_proven_and_goes_back(nexus: LabRun) -> None:
    plan, ref = ready(nexus)
    assert plan.vpc_role == "secondary"
    result = nexus.run(nexus.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.UPGRADED, nexus.log_text()[-6000:]
    impact = [e for e in nexus.context.events if isinstance(e, ChecksDone) and e.op_id.endswith("check-impact")]
    assert any("disruptive" in c.actual for c in impact[0].checks)
    changing = [line for line in nexus.lines(ONE) if line.startswith(("install", "copy", "reload", "boot", "feature"))]
    allowed = [li.text for op in plan.operations for li in op.lines if li.changes and li.mode is not LineMode.TOOL]
    assert changing == [t for t in allowed if not t.startswith("delete")]
    assert changing.count("install all nxos bootflash:nxos.9.3.10.bin") == 1
    back = plan_rollback(
        nexus.device(ONE),
        nexus.facts(ONE),
        plan.from_image,
        FULL,
        nexus.pack(ONE),
        now=datetime.now(UTC),
        to_version=plan.from_version,
        scale=SCALE,
    )
    assert back.included, back.excluded_because
    result = nexus.run(nexus.phase(back, Phase.ROLLBACK, ref))
    assert result.outcome is Outcome.UPGRADED, nexus.log_text()[-6000:]
    assert result.proven_version == plan.from_version


def pair_images(lab: LabRun) -> tuple[tuple[SoftwareImage, ...], tuple[ImageRef, ...]]:
    kickstart, system = lab.image("n5000-uk9-kickstart.7.3.5"), lab.image("n5000-uk9.7.3.5")
    return (kickstart[0], system[0]), (kickstart[1], system[1])


def test_a_system_image_without_its_kickstart_image_is_excluded(nexus: LabRun) -> None:
    (_, system), _ = pair_images(nexus)
    plan = nexus.plan(PAIR, system)
    assert not plan.included
    assert "kickstart" in plan.excluded_because


def test_a_kickstart_and_system_pair_is_installed_together(nexus: LabRun) -> None:
    (kickstart, system), refs = pair_images(nexus)
    plan = nexus.plan(PAIR, system, images=(kickstart, system))
    assert plan.included, plan.excluded_because
    copies = [op for op in plan.operations if op.kind is OpKind.COPY_IMAGE]
    assert [op.path for op in copies] == [kickstart.file_name, system.file_name]
    assert len({op.id for op in plan.operations}) == len(plan.operations)
    result = nexus.run(nexus.phase(plan, Phase.DISTRIBUTE, refs[1], images=refs))
    assert result.outcome is Outcome.DISTRIBUTED, nexus.log_text()[-4000:]
    result = nexus.run(nexus.phase(plan, Phase.ACTIVATE, refs[1], images=refs))
    assert result.outcome is Outcome.UPGRADED, (result, nexus.log_text()[-6000:])
    back = plan_rollback(
        nexus.device(PAIR),
        nexus.facts(PAIR),
        plan.from_image,
        FULL,
        nexus.pack(PAIR),
        now=datetime.now(UTC),
        to_version=plan.from_version,
        scale=SCALE,
    )
    assert back.included, back.excluded_because
    line = next(op for op in back.operations if op.kind is OpKind.INSTALL).lines[0].text
    assert "kickstart bootflash:n5000-uk9-kickstart.7.1.4" in line


def test_a_disruptive_impact_stops_an_upgrade_that_was_asked_in_service(nexus: LabRun) -> None:
    image, ref = upgraded_images(nexus)
    nexus.fault(ONE, "forced_disruptive")
    options = replace(FULL, issu=True)
    plan = nexus.plan(ONE, image, options)
    assert plan.included, plan.excluded_because
    assert nexus.run(nexus.phase(plan, Phase.DISTRIBUTE, ref)).outcome is Outcome.DISTRIBUTED
    result = nexus.run(replace(nexus.phase(plan, Phase.ACTIVATE, ref), options=options))
    assert result.problem is not None, nexus.log_text()[-3000:]
    assert "disruptive" in result.problem.message
    assert not [line for line in nexus.lines(ONE) if line.startswith("install all")]
    assert nexus.events(ONE, "reload") == []


def test_an_upgrade_in_service_is_proven_without_a_reload(nexus: LabRun) -> None:
    image, ref = upgraded_images(nexus)
    options = replace(FULL, issu=True)
    plan = nexus.plan(ONE, image, options)
    assert nexus.run(nexus.phase(plan, Phase.DISTRIBUTE, ref)).outcome is Outcome.DISTRIBUTED
    result = nexus.run(replace(nexus.phase(plan, Phase.ACTIVATE, ref), options=options))
    assert result.outcome is Outcome.UPGRADED, (result, nexus.log_text()[-3000:])
    assert [line for line in nexus.lines(ONE) if line.startswith("install all")] == [
        "install all nxos bootflash:nxos.9.3.10.bin non-disruptive"
    ]


def test_a_stop_before_the_install_changes_nothing(nexus: LabRun) -> None:
    plan, ref = ready(nexus)

    def decide(intent: Intent) -> bool:
        return intent.kind is not OpKind.INSTALL

    result = nexus.run(nexus.phase(plan, Phase.ACTIVATE, ref), SerialContext(decide, hold=True))
    assert result.status is PhaseStatus.HELD
    assert not [line for line in nexus.lines(ONE) if line.startswith("install all")]


def test_an_attempt_after_a_crash_does_not_install_twice(nexus: LabRun) -> None:
    plan, ref = ready(nexus)
    assert nexus.run(nexus.phase(plan, Phase.ACTIVATE, ref)).outcome is Outcome.UPGRADED
    intents = tuple(r for r in nexus.context.intents if r.intent.kind is OpKind.INSTALL)
    result = nexus.run(nexus.phase(plan, Phase.ACTIVATE, ref, intents=intents))
    assert result.outcome is Outcome.UPGRADED, (result, nexus.log_text()[-3000:])
    assert len([line for line in nexus.lines(ONE) if line.startswith("install all")]) == 1


def test_an_install_that_the_device_refuses_says_its_own_words_and_reloads_nothing(nexus: LabRun) -> None:
    plan, ref = ready(nexus)
    said = set()
    for cause in ("verify", "precheck", "incompatible", "runtime"):
        nexus.fault(ONE, f"nxos_install_fails={cause}")
        result = nexus.run(nexus.phase(plan, Phase.ACTIVATE, ref))
        assert result.status is PhaseStatus.FAILURE, cause
        assert result.problem is not None
        assert result.outcome in (Outcome.INSTALL_FAILED, Outcome.FAILED), (cause, result)
        assert result.problem.code in ("SWIM-7060", "SWIM-7100"), (cause, nexus.log_text()[-3000:])
        assert nexus.events(ONE, "reload") == []
        said.add(result.problem.message)
        nexus.clear_fault(ONE)
    assert len(said) == 4, said


def test_a_vpc_peer_that_is_down_keeps_the_switch_out(nexus: LabRun) -> None:
    image, _ = upgraded_images(nexus)
    nexus.fault(ONE, "peer_link_down")
    plan = nexus.plan(ONE, image)
    assert not plan.included
    assert "vPC" in plan.excluded_because


def test_a_switch_that_returns_on_its_old_image_is_named_so(nexus: LabRun) -> None:
    plan, ref = ready(nexus)
    nexus.fault(ONE, "back_on_old")
    result = nexus.run(nexus.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.BACK_ON_OLD, (result, nexus.log_text()[-3000:])
    assert result.recovery
