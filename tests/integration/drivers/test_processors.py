"""Chassis with two processors in the lab: subpackages, and upgrades in service, over real SSH."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import yaml

from swim_tui.drivers.issu_state import is_hot
from swim_tui.model.device import DeviceClass
from swim_tui.model.options import JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ImageRef
from swim_tui.model.plan import DevicePlan, OpKind, Phase
from swim_tui.packs.loading import PackSet
from swim_tui.paths import shipped_data
from swim_tui.planning.plan import plan_commit, plan_rollback
from tests.integration.drivers.labkit import FULL, SCALE, LabRun, running_lab

FOUR, ASR, SMALL, PAIR = "cat4507-01", "asr1006-dc-01", "asr903-01", "sf-9500-svl"

VSS, VSS_OLD = "cat6503-vss", "s72033-adventerprisek9_wan-mz.122-33.SXJ6.bin"
FOUR_B, FOUR_OLD = "cat4507-02", "cat4500es8-universalk9.SPA.03.07.01.E.152-3.E1.bin"
NODE, NODE_OLD = "asr903-02", "asr903rsp1-universalk9_npe.03.13.04.S.154-3.S4-ext.bin"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, packs: PackSet) -> Iterator[LabRun]:
    """A 4507, an ASR1006, an ASR903 and a 9500 pair; no test touches the device of another."""
    folder, scratch = shipped_data() / "lab", tmp_path_factory.mktemp("chassis")
    network = scratch / "chassis.yaml"
    pair = {"name": PAIR, "address": "10.197.81.23", "platform": "c9500-svl", "running": "cat9k_iosxe.17.03.01.SPA.bin"}
    files = [str(folder / name) for name in ("parts/chassis.yaml", "software/cat9k.yaml", "software/cat6500.yaml")]
    rows: list[dict[str, object]] = [
        {"name": VSS, "address": "10.198.2.6", "platform": "cat6500-vss", "running": VSS_OLD, "role": "core"},
        {"name": FOUR_B, "address": "10.198.2.9", "platform": "cat4507", "running": FOUR_OLD, "role": "core"},
        {"name": NODE, "address": "10.198.2.7", "platform": "asr903", "running": NODE_OLD, "role": "wan"},
    ]
    rows = [{**row, "location": "Oakland", "jump": ["jump-sf"]} for row in rows]
    rows += [{**pair, "role": "distribution", "location": "Oakland", "jump": ["jump-sf"]}]
    network.write_text(yaml.safe_dump({"name": "chassis", "include": files, "devices": rows}))
    with running_lab(str(network), scratch, packs, size_scale=800) as lab:
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
    lab.fault(SMALL, "drop_in_install*2")  # on both processors the work goes on without its session
    result = lab.run(lab.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.UPGRADED, (result, lab.log_text())
    assert len(lab.events(SMALL, "install-dropped")) == 2
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


SERVICE = replace(FULL, issu=True)


def test_a_4507_is_upgraded_in_service_and_committed(lab: LabRun) -> None:
    plan, ref = distributed(lab, FOUR, "cat4500es8", SERVICE)
    assert plan.device_class is DeviceClass.XE_ISSU
    result = lab.run(lab.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.NOT_COMMITTED, (result, lab.log_text())
    assert result.commit_by is not None
    intents = tuple(r for r in lab.context.intents if r.intent.kind is OpKind.INSTALL)
    again = lab.run(lab.phase(plan, Phase.ACTIVATE, ref, intents=intents))  # as after a crash: it is seen through
    assert again.outcome is Outcome.NOT_COMMITTED, (again, lab.log_text())
    facts, now = lab.facts(FOUR), datetime.now(UTC)
    back = plan_rollback(lab.device(FOUR), facts, plan.from_image, FULL, lab.pack(FOUR), now=now)
    assert [li.text for op in back.operations for li in op.lines if li.changes] == ["issu abortversion 4"]
    assert plan_commit(lab.device(FOUR), facts, FULL, lab.pack(FOUR), now=now).of_phase(Phase.COMMIT)
    result = lab.run(lab.phase(plan, Phase.COMMIT, ref))
    assert result.outcome is Outcome.UPGRADED, (result, lab.log_text())
    steps = [line.split()[1] for line in lab.lines(FOUR) if line.startswith("issu")]
    assert steps == ["loadversion", "runversion", "acceptversion", "commitversion"]
    assert lab.events(FOUR, "reload") == []


def test_an_asr1006_refuses_takes_back_and_then_runs(lab: LabRun) -> None:
    plan, ref = distributed(lab, ASR, "asr1000rp2-ipbasek9", SERVICE)
    lab.fault(ASR, "issu_fails=runversion")
    result = lab.run(lab.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.INSTALL_FAILED, (result, lab.log_text())
    lab.clear_fault(ASR)
    wait_until(lambda: is_hot(lab.facts(ASR)))  # what was taken back restarts the standby once more
    result = lab.run(lab.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.NOT_COMMITTED, (result, lab.log_text())
    result = lab.run(lab.phase(plan, Phase.COMMIT, ref))
    assert result.outcome is Outcome.UPGRADED, (result, lab.log_text())
    steps = [line.removeprefix("issu ").split()[0] for line in lab.lines(ASR) if line.startswith(("issu", "hw"))]
    load = ["loadversion", "runversion"]
    assert steps == [*load, "abortversion", *load, "acceptversion", "commitversion", "hw-module"]
    assert lab.lines(ASR)[-1] != "reload"


def test_a_9500_pair_is_installed_in_service(lab: LabRun) -> None:
    plan, ref = distributed(lab, PAIR, "cat9k_iosxe.17.06.07", SERVICE)
    result = lab.run(lab.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.UPGRADED, (result, lab.log_text())
    assert f"install add file flash:{plan.image_file} activate issu commit" in lab.lines(PAIR)
    assert (lab.events(PAIR, "reload"), len(lab.events(PAIR, "switchover"))) == ([], 1)


def test_without_a_hot_standby_there_is_no_upgrade_in_service(lab: LabRun) -> None:
    lab.fault(PAIR, "standby_cold")
    plan = lab.plan(PAIR, lab.image("cat9k_iosxe.17.06.07")[0], replace(SERVICE, force_reload=True))
    assert "ISSU standby" in {c.name for c in plan.checks if c.verdict == "failed"}


def test_a_6500_pair_is_upgraded_in_service_by_the_image_alone(lab: LabRun) -> None:
    plan, ref = distributed(lab, VSS, "s72033", SERVICE)
    assert [line.file_system for line in plan.space] == ["disk0:", "slavedisk0:"]
    result = lab.run(lab.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.NOT_COMMITTED, (result, lab.log_text()[-5000:])
    facts = lab.facts(VSS)
    assert facts.issu is not None
    assert [slot.slot for slot in facts.issu.slots] == ["2/5", "1/5"]
    result = lab.run(lab.phase(plan, Phase.COMMIT, ref))
    assert result.outcome is Outcome.UPGRADED, (result, lab.log_text()[-5000:])
    sent = [line for line in lab.lines(VSS) if line.startswith("issu")]
    assert sent == [
        f"issu loadversion disk0:{plan.image_file}",
        "issu runversion",
        "issu acceptversion",
        "issu commitversion",
    ]
    assert lab.events(VSS, "reload") == []


def test_an_asr903_is_installed_in_service_on_both_processors_by_one_command(lab: LabRun) -> None:
    plan, ref = distributed(lab, NODE, "asr903", replace(SERVICE, consents=("no-crypto",)))
    assert plan.device_class is DeviceClass.XE_ISSU
    result = lab.run(lab.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.UPGRADED, (result, lab.log_text()[-5000:])
    lead = "request platform software package install node file"
    assert [line for line in lab.lines(NODE) if line.startswith("request")] == [
        f"{lead} bootflash:{plan.image_file} interface-module-delay 160"
    ]
    assert (lab.events(NODE, "reload"), len(lab.events(NODE, "switchover"))) == ([], 1)
    assert lab.facts(NODE).version.version == plan.to_version


def test_an_upgrade_in_service_that_nobody_accepts_in_time_is_back_on_the_old_image(lab: LabRun) -> None:
    plan, ref = distributed(lab, FOUR_B, "cat4500es8", SERVICE)
    lab.fault(FOUR_B, "auto_abort_after=1500")
    result = lab.run(lab.phase(plan, Phase.ACTIVATE, ref))
    assert result.outcome is Outcome.NOT_COMMITTED, (result, lab.log_text()[-4000:])
    wait_until(lambda: len(lab.events(FOUR_B, "switchover")) == 2)
    result = lab.run(lab.phase(plan, Phase.COMMIT, ref))
    assert result.outcome is Outcome.BACK_ON_OLD, (result, lab.log_text()[-4000:])
    assert not [line for line in lab.lines(FOUR_B) if line.startswith(("issu accept", "issu commit"))]
    assert lab.facts(FOUR_B).version.version == plan.from_version


def wait_until(check: Callable[[], bool], limit_s: float = 60.0) -> None:
    """Wait for something that a device tells nobody."""
    end = time.monotonic() + limit_s
    while not check():
        assert time.monotonic() < end
        time.sleep(0.05)
