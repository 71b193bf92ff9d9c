"""Install mode in the lab: Catalyst 9300 of story 7 and the stack of 3850 of story 5, over real SSH."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from swim_tui.model.facts import Facts
from swim_tui.model.options import CommitMode, JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ImageRef, PhaseResult, PhaseStatus
from swim_tui.model.plan import DevicePlan, LineMode, OpKind, Phase
from swim_tui.packs.loading import PackSet
from swim_tui.planning.plan import plan_commit, plan_rollback
from tests.integration.drivers.labkit import FULL, SCALE, LabRun, running_lab

ONE, FOUR = "sf-9300-01", "sf-9300-02"
NEW = "17.06.07"


@pytest.fixture
def nine(tmp_path: Path, packs: PackSet) -> Iterator[LabRun]:
    """A 9300 and a stack of four."""
    with running_lab("story7", tmp_path, packs) as lab:
        yield lab


def distributed(lab: LabRun, name: str, part: str, options: JobOptions = FULL) -> tuple[DevicePlan, ImageRef]:
    image, ref = lab.image(part)
    plan = lab.plan(name, image, options)
    assert plan.included, (plan.excluded_because, [c for c in plan.checks if c.verdict != "ok"])
    result = lab.run(lab.phase(plan, Phase.DISTRIBUTE, ref))
    assert result.outcome is Outcome.DISTRIBUTED, (result, lab.log_text())
    return plan, ref


def changing(lab: LabRun, name: str) -> list[str]:
    words = ("delete", "write", "copy", "reload", "boot ", "no ", "ip scp", "archive", "install", "software", "erase")
    return [line for line in lab.lines(name) if line.startswith(words)]


def rolled_back(lab: LabRun, name: str, facts: Facts, to_version: str) -> PhaseResult:
    plan = plan_rollback(
        lab.device(name),
        facts,
        "flash:packages.conf",
        FULL,
        lab.pack(name),
        now=datetime.now(UTC),
        to_version=to_version,
        scale=SCALE,
    )
    assert plan.included, plan.excluded_because
    return lab.run(lab.phase(plan, Phase.ROLLBACK, lab.image("cat9k")[1]))


def test_three_steps_commit_and_a_rollback_job(nine: LabRun) -> None:
    plan, ref = distributed(nine, ONE, NEW)
    result = nine.run(nine.phase(plan, Phase.ACTIVATE, ref))
    assert (result.status, result.outcome) == (PhaseStatus.SUCCESS, Outcome.NOT_COMMITTED), (result, nine.log_text())
    result = nine.run(nine.phase(plan, Phase.COMMIT, ref))
    assert (result.status, result.outcome) == (PhaseStatus.SUCCESS, Outcome.UPGRADED), (result, nine.log_text())
    planned = [li.text for op in plan.operations for li in op.lines if li.changes and li.mode is not LineMode.TOOL]
    assert changing(nine, ONE) == [text for text in planned if not text.startswith("delete")]
    result = rolled_back(nine, ONE, nine.facts(ONE), "17.03.01")
    assert (result.status, result.outcome) == (PhaseStatus.SUCCESS, Outcome.UPGRADED), (result, nine.log_text())
    assert result.proven_version == "17.03.01"
    assert len(nine.events(ONE, "reload")) == 2


def test_a_stack_of_four_is_installed_in_one_step(nine: LabRun) -> None:
    options = replace(FULL, commit=CommitMode.WITH_ACTIVATION)
    plan, ref = distributed(nine, FOUR, NEW, options)
    assert len(plan.space) == 4
    result = nine.run(nine.phase(plan, Phase.ACTIVATE, ref))
    assert (result.status, result.outcome) == (PhaseStatus.SUCCESS, Outcome.UPGRADED), (result, nine.log_text())
    assert {m.version for m in nine.facts(FOUR).members} == {NEW}


def test_what_is_not_committed_by_hand_is_committed_by_a_job_of_its_own(nine: LabRun) -> None:
    plan, ref = distributed(nine, ONE, NEW, replace(FULL, commit=CommitMode.BY_HAND))
    assert plan.of_phase(Phase.COMMIT) == ()
    assert nine.run(nine.phase(plan, Phase.ACTIVATE, ref)).outcome is Outcome.NOT_COMMITTED
    commit = plan_commit(nine.device(ONE), nine.facts(ONE), FULL, nine.pack(ONE), now=datetime.now(UTC), scale=SCALE)
    assert [op.kind for op in commit.operations] == [OpKind.READ_STATE, OpKind.COMMIT]
    result = nine.run(nine.phase(commit, Phase.COMMIT, ref))
    assert result.outcome is Outcome.UPGRADED, (result, nine.log_text())


def test_before_the_commit_the_way_back_is_abort(nine: LabRun) -> None:
    plan, ref = distributed(nine, ONE, NEW)
    assert nine.run(nine.phase(plan, Phase.ACTIVATE, ref)).outcome is Outcome.NOT_COMMITTED
    result = rolled_back(nine, ONE, nine.facts(ONE), "17.03.01")
    assert result.outcome is Outcome.UPGRADED, (result, nine.log_text())
    assert "install abort" in nine.lines(ONE)
