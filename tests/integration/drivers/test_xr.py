"""IOS-XR in the lab: add, activate, proof, commit; rollback; what is refused, in all three editions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from swim_tui.drivers.serial import SerialContext
from swim_tui.model.image import SoftwareImage
from swim_tui.model.options import CommitMode
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ImageRef, OpProgress, PhaseEvent, PhaseResult, PhaseStatus
from swim_tui.model.plan import DevicePlan, LineMode, OpKind, Phase
from swim_tui.packs.loading import PackSet
from swim_tui.planning.plan import plan_commit, plan_rollback
from tests.integration.drivers.labkit import FULL, QUICK, SCALE, LabRun, running_lab

NCS, ASR, LNT = "xr-ncs-01", "xr-asr9k-01", "xr-8k-01"
FILES = {
    NCS: ("ncs5500-mini-x-7.3.2.iso", "ncs5500-mgbl-4.0.0.0-r732.x86_64.rpm"),
    ASR: ("asr9k-mini-px.pie-6.1.4", "asr9k-k9sec-px.pie-6.1.4", "asr9k-mgbl-px.pie-6.1.4"),
    LNT: ("8000-x64-7.9.2.iso",),
}
PROVEN = (Outcome.UPGRADED, Outcome.FPD_PENDING)
Images = tuple[tuple[SoftwareImage, ...], tuple[ImageRef, ...]]


@pytest.fixture
def xr(tmp_path: Path, packs: PackSet) -> Iterator[LabRun]:
    """An ASR 9006 (32 bit), an NCS 5501 (64 bit) and a Cisco 8202 (XR7)."""
    with running_lab("story3", tmp_path, packs, time_scale=QUICK) as lab:
        yield lab


def images_of(lab: LabRun, name: str) -> Images:
    found = [lab.image(part) for part in FILES[name]]
    return tuple(i for i, _ in found), tuple(r for _, r in found)


def planned(lab: LabRun, name: str, commit: CommitMode = CommitMode.AFTER_PROOF) -> tuple[DevicePlan, Images]:
    images, refs = images_of(lab, name)
    plan = lab.plan(name, images[0], replace(FULL, commit=commit), images=images)
    assert plan.included, (plan.excluded_because, [c for c in plan.checks if c.verdict == "failed"])
    return plan, (images, refs)


def run(lab: LabRun, plan: DevicePlan, phase: Phase, refs: tuple[ImageRef, ...]) -> PhaseResult:
    return lab.run(lab.phase(plan, phase, refs[0], images=refs))


def activated(lab: LabRun, name: str, commit: CommitMode) -> tuple[DevicePlan, tuple[ImageRef, ...]]:
    plan, (_, refs) = planned(lab, name, commit)
    result = run(lab, plan, Phase.DISTRIBUTE, refs)
    assert result.outcome is Outcome.DISTRIBUTED, (result, lab.log_text()[-4000:])
    result = run(lab, plan, Phase.ACTIVATE, refs)
    assert result.outcome is Outcome.NOT_COMMITTED, (result, lab.log_text()[-6000:])
    return plan, refs


def changing(lab: LabRun, name: str) -> list[str]:
    return [line for line in lab.lines(name) if line.startswith(("install", "admin", "reload", "delete"))]


@pytest.mark.parametrize("name", [NCS, ASR, LNT])
def test_a_router_is_added_activated_proven_and_committed(xr: LabRun, name: str) -> None:
    plan, refs = activated(xr, name, CommitMode.AFTER_PROOF)
    result = run(xr, plan, Phase.COMMIT, refs)
    assert result.status is PhaseStatus.SUCCESS, (result, xr.log_text()[-4000:])
    assert result.outcome in PROVEN
    assert ("FPDs to upgrade" in result.message) is (result.outcome is Outcome.FPD_PENDING)
    assert result.outcome is Outcome.FPD_PENDING or name != LNT  # this one has FPDs that wait
    install = xr.facts(name).install
    assert install is not None
    assert install.is_uncommitted() is False
    words = [li.text for op in plan.operations for li in op.lines if li.changes and li.mode is LineMode.EXEC]
    planned_words = [w.partition(" id ")[0] for w in words if not w.startswith("delete")]
    assert [line.partition(" id ")[0] for line in changing(xr, name)] == planned_words


def test_an_active_package_without_a_successor_is_a_failed_check(xr: LabRun) -> None:
    images, _ = images_of(xr, ASR)
    plan = xr.plan(ASR, images[0], images=images[:2])
    assert not plan.included
    assert "mgbl" in plan.excluded_because


def test_an_attempt_after_a_crash_does_not_activate_twice_and_what_is_not_committed_goes_back(xr: LabRun) -> None:
    plan, refs = activated(xr, NCS, CommitMode.BY_HAND)
    assert plan.of_phase(Phase.COMMIT) == ()
    intents = tuple(r for r in xr.context.intents if r.intent.kind is OpKind.INSTALL)
    result = xr.run(xr.phase(plan, Phase.ACTIVATE, refs[0], images=refs, intents=intents))
    assert result.outcome is Outcome.NOT_COMMITTED, (result, xr.log_text()[-4000:])
    assert len([line for line in changing(xr, NCS) if line.startswith("install activate")]) == 1
    back = rollback_of(xr, plan)
    line = next(op for op in back.operations if op.kind is OpKind.INSTALL).lines[0].text
    assert line == "install rollback to committed"
    result = run(xr, back, Phase.ROLLBACK, refs)
    assert result.outcome in PROVEN, (result, xr.log_text()[-4000:])
    assert result.proven_version == plan.from_version


def test_xr7_goes_back_by_a_reload_before_the_commit_and_by_the_old_image_after_it(xr: LabRun) -> None:
    plan, refs = activated(xr, LNT, CommitMode.BY_HAND)
    result = run(xr, rollback_of(xr, plan), Phase.ROLLBACK, refs)
    assert result.outcome in PROVEN, (result, xr.log_text()[-4000:])
    assert result.proven_version == plan.from_version
    assert changing(xr, LNT)[-1] == "reload"
    plan, refs = activated(xr, LNT, CommitMode.BY_HAND)
    result = run(xr, commit_of(xr, LNT), Phase.COMMIT, refs)
    assert result.status is PhaseStatus.SUCCESS, (result, xr.log_text()[-3000:])
    result = run(xr, rollback_of(xr, plan), Phase.ROLLBACK, refs)
    assert result.outcome in PROVEN, (result, xr.log_text()[-4000:])
    assert result.proven_version == plan.from_version
    assert changing(xr, LNT)[-2:] == ["install replace harddisk:/8000-x64-7.7.2.iso", "install commit"]


def rollback_of(lab: LabRun, plan: DevicePlan) -> DevicePlan:
    back = plan_rollback(
        lab.device(plan.device),
        lab.facts(plan.device),
        plan.from_image,
        FULL,
        lab.pack(plan.device),
        now=datetime.now(UTC),
        to_version=plan.from_version,
        scale=SCALE,
    )
    assert back.included, back.excluded_because
    return back


def commit_of(lab: LabRun, name: str) -> DevicePlan:
    facts = lab.facts(name)
    return plan_commit(lab.device(name), facts, FULL, lab.pack(name), now=datetime.now(UTC), scale=SCALE)


def test_a_refused_commit_is_done_by_the_next_job_and_the_old_packages_bring_it_back(xr: LabRun) -> None:
    plan, refs = activated(xr, ASR, CommitMode.BY_HAND)
    commit = commit_of(xr, ASR)
    assert commit.included, commit.excluded_because
    xr.fault(ASR, "commit_refused")
    result = run(xr, commit, Phase.COMMIT, refs)
    assert result.status is PhaseStatus.FAILURE
    assert result.outcome is Outcome.NOT_COMMITTED, (result, xr.log_text()[-3000:])
    xr.clear_fault(ASR)
    commit = commit_of(xr, ASR)
    result = run(xr, commit, Phase.COMMIT, refs)
    assert result.status is PhaseStatus.SUCCESS, (result, xr.log_text()[-3000:])
    assert "already" in commit_of(xr, ASR).skipped_because
    back = rollback_of(xr, plan)
    result = run(xr, back, Phase.ROLLBACK, refs)
    assert result.outcome in PROVEN, (result, xr.log_text()[-4000:])
    assert result.proven_version == plan.from_version
    install = xr.facts(ASR).install
    assert install is not None
    assert install.is_uncommitted() is False


class Killed(BaseException):
    """As kill -9: nothing of the phase goes on."""


@pytest.mark.parametrize("name", [NCS, ASR])
def test_an_add_of_an_attempt_that_died_is_followed_and_not_begun_again(xr: LabRun, name: str) -> None:
    plan, (_, refs) = planned(xr, name, CommitMode.BY_HAND)
    assert run(xr, plan, Phase.DISTRIBUTE, refs).outcome is Outcome.DISTRIBUTED
    add = next(op for op in plan.operations if op.kind is OpKind.INSTALL_ADD)

    def die(event: PhaseEvent) -> None:
        if isinstance(event, OpProgress) and event.op_id == add.id:
            raise Killed

    request = xr.phase(plan, Phase.ACTIVATE, refs[0], images=refs)
    with pytest.raises(Killed):
        xr.run(request, SerialContext(on_event=die))
    intents = tuple(xr.context.intents)
    result = xr.run(replace(request, attempt=2, intents=intents))
    assert result.outcome is Outcome.NOT_COMMITTED, (result, xr.log_text()[-4000:])
    assert len([line for line in changing(xr, name) if " add " in line]) == 1


def test_an_add_that_fails_says_the_routers_own_words_and_a_stop_before_the_activation_reloads_nothing(
    xr: LabRun,
) -> None:
    plans = {name: planned(xr, name) for name in (ASR, NCS)}
    for name, (plan, (_, refs)) in plans.items():
        assert run(xr, plan, Phase.DISTRIBUTE, refs).outcome is Outcome.DISTRIBUTED
        for cause in ("aborted", "space") if name == NCS else ("failure",):
            xr.fault(name, f"xr_install_fails={cause}*1")
            result = run(xr, plan, Phase.ACTIVATE, refs)
            assert result.outcome is Outcome.INSTALL_FAILED, (cause, result, xr.log_text()[-3000:])
            assert result.problem is not None
            assert len(result.problem.message) > len("install add: ")
            assert xr.events(name, "reload") == []
    plan, (_, refs) = plans[NCS]
    request = xr.phase(plan, Phase.ACTIVATE, refs[0], images=refs)
    result = xr.run(request, SerialContext(lambda intent: intent.kind is not OpKind.INSTALL))
    assert result.status is PhaseStatus.CANCELLED
    assert any("added, not activated" in text for text in result.left_behind)
    assert xr.events(NCS, "reload") == []
    result = xr.run(request)
    assert result.outcome is Outcome.NOT_COMMITTED, (result, xr.log_text()[-4000:])


def test_nodes_that_come_late_are_waited_for_and_configuration_that_was_not_taken_is_a_warning(xr: LabRun) -> None:
    plan, (_, refs) = planned(xr, NCS, CommitMode.BY_HAND)
    assert run(xr, plan, Phase.DISTRIBUTE, refs).outcome is Outcome.DISTRIBUTED
    xr.fault(NCS, "nodes_late=300")
    xr.fault(NCS, "failed_config")
    result = run(xr, plan, Phase.ACTIVATE, refs)
    assert result.outcome is Outcome.NOT_COMMITTED, (result, xr.log_text()[-3000:])
    post = xr.finished()["activate.post-checks"]
    assert "Startup configuration" in post.message
