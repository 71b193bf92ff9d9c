"""The stack of story 5 in the lab: XE 3 packages, a member with too little room, over real SSH."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import PhaseStatus
from swim_tui.model.plan import OpKind, Phase
from swim_tui.packs.loading import PackSet
from tests.integration.drivers.labkit import FULL, LabRun, running_lab

THREE, TWO, BUNDLE = "la-acc-07", "la-acc-08", "la-acc-09"
NEW = "03.07"


OLD_BIN = "cat3k_caa-universalk9.SPA.03.06.00.E.152-2.E.bin"


@pytest.fixture
def stack(tmp_path: Path, packs: PackSet) -> Iterator[LabRun]:
    """Story 5: on member 2 an old image is the only thing that may be erased."""
    with running_lab("story5", tmp_path, packs) as lab:
        yield lab


def test_the_short_member_is_named_freed_and_every_member_is_proven(stack: LabRun) -> None:
    image, ref = stack.image(NEW)
    short = stack.plan(THREE, image)
    assert not short.included
    assert "flash-2:" in short.excluded_because
    plan = stack.plan(THREE, image, replace(FULL, erase_flash=True))
    assert plan.included, (plan.excluded_because, [c for c in plan.checks if c.verdict != "ok"])
    erased = [d for op in plan.operations if op.kind is OpKind.DELETE_FILES for d in op.deletions]
    assert [(d.file_system, d.path) for d in erased] == [("flash-2:", OLD_BIN)]
    result = stack.run(stack.phase(plan, Phase.DISTRIBUTE, ref))
    assert result.outcome is Outcome.DISTRIBUTED, (result, stack.log_text())
    result = stack.run(stack.phase(plan, Phase.ACTIVATE, ref))
    assert (result.status, result.outcome) == (PhaseStatus.SUCCESS, Outcome.UPGRADED), (result, stack.log_text())
    members = stack.facts(THREE).members
    assert len(members) == 3
    assert len({m.version for m in members}) == 1
    assert len(stack.events(THREE, "reload")) == 1


def test_a_switch_in_bundle_mode_stays_in_it(stack: LabRun) -> None:
    image, ref = stack.image(NEW)
    plan = stack.plan(BUNDLE, image, replace(FULL, erase_flash=True))
    assert plan.included, (plan.excluded_because, [c for c in plan.checks if c.verdict != "ok"])
    assert stack.run(stack.phase(plan, Phase.DISTRIBUTE, ref)).outcome is Outcome.DISTRIBUTED, stack.log_text()
    result = stack.run(stack.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.UPGRADED, (result, stack.log_text())
