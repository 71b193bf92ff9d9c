"""A Nexus 7009 with two supervisors in the lab: files on both, `install all` in service, the standby in the proof."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from swim_tui.model.checks import Verdict
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ChecksDone, PhaseStatus
from swim_tui.model.plan import OpKind, Phase
from swim_tui.packs.loading import PackSet
from tests.integration.drivers.labkit import FULL, running_lab

N7 = "ny-n7k-01"
KICK, SYSTEM = "n7000-s2-kickstart.8.4.3.bin", "n7000-s2-dk9.8.4.3.bin"


def test_a_chassis_with_two_supervisors_is_upgraded_on_both(tmp_path: Path, packs: PackSet) -> None:
    with running_lab("chassis", tmp_path, packs) as lab:
        found = [lab.image(name) for name in (KICK, SYSTEM)]
        images, refs = tuple(image for image, _ in found), tuple(ref for _, ref in found)
        options = replace(FULL, issu=True)
        lab.fault(N7, "standby_cold")
        cold = lab.plan(N7, images[1], options, images=images)
        assert any(c.name == "Supervisors" and c.verdict is Verdict.FAILED for c in cold.checks)
        lab.clear_fault(N7, "standby_cold")
        plan = lab.plan(N7, images[1], options, images=images)
        assert plan.included, (plan.excluded_because, plan.checks)
        assert [line.file_system for line in plan.space] == ["bootflash:", "bootflash://sup-remote/"]
        copies = [(op.file_system, op.path) for op in plan.operations if op.kind is OpKind.COPY_IMAGE]
        assert copies == [(fs, name) for fs in ("bootflash:", "bootflash://sup-remote/") for name in (KICK, SYSTEM)]
        result = lab.run(replace(lab.phase(plan, Phase.DISTRIBUTE, refs[1], images=refs), options=options))
        assert result.outcome is Outcome.DISTRIBUTED, (result, lab.log_text()[-5000:])
        result = lab.run(replace(lab.phase(plan, Phase.ACTIVATE, refs[1], images=refs), options=options))
        assert (result.status, result.outcome) == (PhaseStatus.SUCCESS, Outcome.UPGRADED), (
            result,
            lab.log_text()[-6000:],
        )
        impact = next(e for e in lab.context.events if isinstance(e, ChecksDone) and "impact" in e.op_id)
        shown = {c.name: c.actual for c in impact.checks}
        assert (shown["Impact on module 1"], shown["Impact on module 3"]) == (
            "non-disruptive, reset",
            "non-disruptive, rolling",
        )
        facts = lab.facts(N7)
        assert [(m.number, m.status, m.version) for m in facts.modules] == [
            (1, "ha-standby", "8.4(3)"),
            (2, "active *", "8.4(3)"),
            (3, "ok", "8.4(3)"),
            (4, "ok", "8.4(3)"),
        ]
        assert (len(lab.events(N7, "switchover")), len(lab.events(N7, "reload"))) == (1, 0)
        assert sum(line.startswith("install all") for line in lab.lines(N7)) == 1
