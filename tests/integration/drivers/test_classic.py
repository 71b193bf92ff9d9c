"""Catalyst 2960: old SSH, a flash too small for what lies on it, one boot line with a list."""

from __future__ import annotations

from dataclasses import replace

from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import PhaseStatus
from swim_tui.model.plan import OpKind, Phase
from tests.integration.drivers.labkit import FULL, LabRun

ONE = "br-oak-01"


def test_a_2960_is_upgraded_after_the_smart_erase_made_room(classic: LabRun) -> None:
    image, ref = classic.image("150-2.SE11.bin")
    assert not classic.plan(ONE, image).included
    plan = classic.plan(ONE, image, replace(FULL, erase_flash=True))
    assert plan.included, plan.excluded_because
    deleted = [d.path for op in plan.operations for d in op.deletions]
    assert deleted
    assert all(plan.from_image.rpartition("/")[2] not in path for path in deleted)
    result = classic.run(classic.phase(plan, Phase.DISTRIBUTE, ref))
    assert result.outcome is Outcome.DISTRIBUTED, (result, classic.log_text())
    result = classic.run(classic.phase(plan, Phase.ACTIVATE, ref))
    assert result.status is PhaseStatus.SUCCESS, (result, classic.log_text())
    assert result.outcome is Outcome.UPGRADED
    assert len(classic.events(ONE, "reload")) == 1
    boot = next(op for op in plan.operations if op.kind is OpKind.SET_BOOT)
    assert any(";" in line.text for line in boot.lines)


def test_modern_algorithms_alone_do_not_reach_it_and_say_what_to_do(classic: LabRun) -> None:
    request = classic.request(ONE, Phase.PREPARE)
    modern = replace(request.endpoint, legacy_ssh=False)
    result = classic.run(replace(request, endpoint=modern))
    assert result.problem is not None
    assert result.problem.code == "SWIM-4050"
