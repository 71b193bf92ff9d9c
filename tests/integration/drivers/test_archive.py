"""Classic Catalyst switches from a .tar, in the lab: unpacked out of the flash, the boot variable set by the switch."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

from swim_tui.drivers.serial import SerialContext
from swim_tui.drivers.task import Task
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ImageRef, Intent, IntentRecord
from swim_tui.model.plan import DevicePlan, OpKind, Phase
from swim_tui.planning.archive import OVERWRITE
from swim_tui.planning.plan import plan_rollback
from tests.integration.drivers.labkit import FULL, SCALE, LabRun
from tests.support.world import wait_until

STACK, X = "br-oak-10", "br-oak-11"
STACK_TAR, X_TAR = "c2960x-universalk9-tar.152-7.E10.tar", "c3750e-universalk9-tar.150-2.SE12.tar"


def distributed(lab: LabRun, name: str, tar: str, **options: object) -> tuple[DevicePlan, ImageRef]:
    image, ref = lab.image(tar)
    plan = lab.plan(name, image, replace(FULL, erase_flash=True, **options))  # type: ignore[arg-type]
    assert plan.included, (plan.excluded_because, [c for c in plan.checks if c.verdict != "ok"])
    result = lab.run(lab.phase(plan, Phase.DISTRIBUTE, ref))
    assert result.outcome is Outcome.DISTRIBUTED, (result, lab.log_text())
    return plan, ref


def test_a_stack_is_upgraded_from_an_archive_and_could_go_back(classic: LabRun) -> None:
    plan, ref = distributed(classic, STACK, STACK_TAR)
    sent = [li.text for op in plan.operations if op.kind is OpKind.INSTALL for li in op.lines if li.changes]
    assert sent == [f"archive download-sw /leave-old-sw flash:{STACK_TAR}"]
    result = classic.run(classic.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.UPGRADED, (result, classic.log_text())
    facts = classic.facts(STACK)
    assert facts.version.image_file == plan.to_image
    assert {m.version for m in facts.members} == {"15.2(7)E10"}
    assert [len(classic.events(STACK, e)) for e in ("install", "reload")] == [1, 1]
    old, now = plan.from_image, datetime.now(UTC)
    back = plan_rollback(classic.device(STACK), facts, old, FULL, classic.pack(STACK), now=now, scale=SCALE)
    assert back.included, back.excluded_because


def test_a_download_that_runs_already_is_followed_and_not_started_again(classic: LabRun) -> None:
    plan, ref = distributed(classic, STACK, STACK_TAR)
    op = next(op for op in plan.operations if op.kind is OpKind.INSTALL)
    context = SerialContext()
    earlier = Task(classic.phase(plan, Phase.ACTIVATE, ref), context, classic.net)
    thread = threading.Thread(target=earlier.change, args=(op.lines[0],), daemon=True)
    thread.start()  # the attempt that was killed: the switch goes on
    sent = op.lines[0].text
    wait_until(lambda: sent in classic.lines(STACK), limit_s=10, what="the switch got the line")
    record = IntentRecord(Intent(op.id, op.kind, sent, {}), datetime.now(UTC), 1)
    result = classic.run(classic.phase(plan, Phase.ACTIVATE, ref, intents=(record,)))
    thread.join(10)
    earlier.drop()
    assert result.outcome is Outcome.UPGRADED, (result, classic.log_text())
    assert classic.lines(STACK).count(sent) == 1


def test_the_running_image_goes_first_only_by_consent_and_a_cut_session_does_not_matter(classic: LabRun) -> None:
    image, _ = classic.image(X_TAR)
    refused = classic.plan(X, image, replace(FULL, erase_flash=True))
    assert refused.excluded_because == f"consent missing: {OVERWRITE}"
    plan, ref = distributed(classic, X, X_TAR, consents=(OVERWRITE,))
    assert "there is no way back" in plan.backout[0]
    classic.fault(X, "archive_fails=board")
    result = classic.run(classic.phase(plan, Phase.ACTIVATE, ref))
    assert (result.outcome, result.left_behind) == (Outcome.INSTALL_FAILED, ()), (result, classic.log_text())
    assert "does not support this switch type" in result.message
    assert classic.events(X, "reload") == []
    classic.clear_fault(X)
    classic.fault(X, "drop_in_install")
    result = classic.run(classic.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.UPGRADED, (result, classic.log_text())
    assert len(classic.events(X, "install")) == 1
