"""Chassis with two processors in the lab: subpackages, and upgrades in service, over real SSH."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from swim_tui.model.options import JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ImageRef
from swim_tui.model.plan import DevicePlan, Phase
from swim_tui.packs.loading import PackSet
from swim_tui.paths import shipped_data
from swim_tui.planning.plan import plan_rollback
from tests.integration.drivers.labkit import FULL, SCALE, LabRun, running_lab

FOUR, ASR, SMALL = "cat4507-01", "asr1006-dc-01", "asr903-01"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, packs: PackSet) -> Iterator[LabRun]:
    """A 4507, an ASR1006 and an ASR903; no test touches the device of another."""
    network = shipped_data() / "lab" / "parts" / "chassis.yaml"
    with running_lab(str(network), tmp_path_factory.mktemp("chassis"), packs, size_scale=800) as lab:
        yield lab


def distributed(lab: LabRun, name: str, part: str, options: JobOptions = FULL) -> tuple[DevicePlan, ImageRef]:
    image, ref = lab.image(part)
    plan = lab.plan(name, image, options)
    assert plan.included, (plan.excluded_because, [c for c in plan.checks if c.verdict != "ok"])
    result = lab.run(lab.phase(plan, Phase.DISTRIBUTE, ref))
    assert result.outcome is Outcome.DISTRIBUTED, (result, lab.log_text())
    return plan, ref


def test_packages_are_provisioned_on_both_processors_and_rolled_back(lab: LabRun) -> None:
    lab.fault(SMALL, "install_fails=compat")
    plan, ref = distributed(lab, SMALL, "asr903", replace(FULL, consents=("no-crypto",)))
    result = lab.run(lab.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.INSTALL_FAILED, (result, lab.log_text())
    assert "compat" in result.message
    lab.clear_fault(SMALL)
    result = lab.run(lab.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.UPGRADED, (result, lab.log_text())
    assert len(lab.events(SMALL, "reload")) == 1
    sent = [line for line in lab.lines(SMALL) if line.startswith("request")][-2:]
    file = plan.image_file
    lead = "request platform software package install rp"
    assert sent == [f"{lead} 1 file stby-bootflash:{file}", f"{lead} 0 file bootflash:{file}"]
    back = plan_rollback(
        lab.device(SMALL),
        lab.facts(SMALL),
        plan.from_image,
        FULL,
        lab.pack(SMALL),
        now=datetime.now(UTC),
        to_version=plan.from_version,
        scale=SCALE,
    )
    assert back.included, back.excluded_because
    result = lab.run(lab.phase(back, Phase.ROLLBACK, ref))
    assert result.outcome is Outcome.UPGRADED, (result, lab.log_text())
    assert lab.facts(SMALL).version.version == plan.from_version
