"""Bundle mode to install mode and back, on Catalyst 3850 and 9300 in the lab."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import yaml

from swim_tui.model.facts import BootMode
from swim_tui.model.options import UpgradeMode
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import Phase
from swim_tui.packs.loading import PackSet
from swim_tui.paths import shipped_data
from swim_tui.planning.plan import plan_rollback
from tests.integration.drivers.labkit import FULL, SCALE, LabRun, running_lab

NINE = {"platform": "c9300", "running": "cat9k_iosxe.17.03.01.SPA.bin"}
THREE = {"platform": "c3850", "running": "cat3k_caa-universalk9.16.06.02s.SPA.bin"}
OLD = {"platform": "c3850", "running": "cat3k_caa-universalk9.SPA.03.06.03.E.152-2.E3.bin"}
DEVICES = {
    "nine-bundle": {**NINE, "mode": "bundle", "stack": 2},
    "nine-install": NINE,
    "three-bundle": {**THREE, "mode": "bundle"},
    "three-install": THREE,
    "old-bundle": {**OLD, "mode": "bundle"},
    "old-install": OLD,
}
BACK = ("old-install",)  # it returns to what it came from
IMAGES = {"nine": "cat9k_iosxe.17.06.07", "three": "cat3k_caa-universalk9.16.12", "old": "03.07.03"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, packs: PackSet) -> Iterator[LabRun]:
    """Six switches, two of each family and release, in either mode."""
    folder, scratch = shipped_data() / "lab", tmp_path_factory.mktemp("convert")
    network = scratch / "convert.yaml"
    files = [str(folder / f"{name}.yaml") for name in ("story5", "software/cat9k", "software/c3850-16")]
    shared = {"role": "access", "location": "Los Angeles Region", "jump": ["jump-sf"]}
    rows = [
        {"name": name, "address": f"10.9.0.{number}", **shared, **row}
        for number, (name, row) in enumerate(DEVICES.items(), start=1)
    ]
    network.write_text(yaml.safe_dump({"name": "convert", "include": files, "devices": rows}))
    with running_lab(str(network), scratch, packs, size_scale=400) as lab:
        yield lab


@pytest.mark.parametrize("name", sorted(DEVICES))
def test_the_mode_changes_with_the_upgrade(lab: LabRun, name: str) -> None:
    image, ref = lab.image(IMAGES[name.partition("-")[0]])
    wanted = UpgradeMode.BUNDLE if name.endswith("install") else UpgradeMode.INSTALL
    plan = lab.plan(name, image, replace(FULL, upgrade_mode=wanted, erase_flash=True))
    assert plan.included, (plan.excluded_because, [c for c in plan.checks if c.verdict != "ok"])
    for phase in (Phase.DISTRIBUTE, Phase.ACTIVATE):
        result = lab.run(lab.phase(plan, phase, ref))
    assert result.outcome is Outcome.UPGRADED, (result, lab.log_text())
    facts = lab.facts(name)
    assert facts.version.mode is (BootMode.BUNDLE if wanted is UpgradeMode.BUNDLE else BootMode.INSTALL)
    assert len(lab.events(name, "reload")) == 1
    if name not in BACK:
        return
    now, old = datetime.now(UTC), plan.from_version
    back = plan_rollback(
        lab.device(name), facts, plan.from_image, FULL, lab.pack(name), now=now, to_version=old, scale=SCALE
    )
    assert back.included, back.excluded_because
    result = lab.run(lab.phase(back, Phase.ROLLBACK, ref))
    assert result.outcome is Outcome.UPGRADED, (result, lab.log_text())
    assert lab.facts(name).version.image_file.endswith(plan.from_image.rpartition("/")[2])
