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
from tests.integration.drivers.labkit import FULL, SCALE, LabRun, running_lab

ONE = "ny-n9k-b"
PAIR = "ny-n5k-b"


@pytest.fixture
def nexus(tmp_path: Path, packs: PackSet) -> Iterator[LabRun]:
    """A vPC pair of Nexus 9000 and one of Nexus 5500."""
    with running_lab("story6", tmp_path, packs) as lab:
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
