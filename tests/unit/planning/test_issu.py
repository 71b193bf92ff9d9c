"""Upgrades in service: what must be true of the device, and the steps that follow from its slots."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from swim_tui.model.checks import Verdict
from swim_tui.model.device import DeviceClass
from swim_tui.model.facts import Facts, Redundancy
from swim_tui.model.install import IssuStage, IssuState, Node
from swim_tui.model.plan import DevicePlan, OpKind, Phase
from tests.unit.planning import making as m

OLD, NEW = "asr1000rp2-ipbasek9.03.13.00.S.154-3.S-ext.bin", "asr1000rp2-ipbasek9.03.16.04b.S.155-3.S4b-ext.bin"
SERVICE = replace(m.ACTIVATE, issu=True)
HOT = Redundancy("Duplex", "sso", "13 -ACTIVE", "8  -STANDBY HOT", "Up")


def router(**changes: Any) -> Facts:
    facts = m.facts()
    version = replace(facts.version, family="X86_64_LINUX_IOSD", feature_set="IPBASEK9", image_file=f"bootflash:{OLD}")
    standby = replace(m.flash(m.file(OLD), name="stby-bootflash:"), is_default=False)
    base = replace(
        facts,
        version=version,
        file_systems=(m.flash(m.file(OLD)), standby),
        redundancy=HOT,
        nodes=(Node("R0", role="Standby", state="ok"), Node("R1", role="Active", state="ok")),
        issu=IssuState(IssuStage.INIT),
    )
    return replace(base, **changes)


def planned(facts: Facts, version: str = "03.16.04b.S", feature: str = "IPBASEK9") -> DevicePlan:
    image = m.image(NEW, family="X86_64_LINUX_IOSD", version=version, feature_set=feature, min_ram_bytes=None)
    return m.plan(facts, SERVICE, image, pack=m.pack("asr1000-rp2"))


def failed(plan: DevicePlan) -> set[str]:
    return {c.name for c in plan.checks if c.verdict is Verdict.FAILED}


def test_the_steps_name_the_slots_as_the_device_shows_them() -> None:
    plan = planned(router())
    assert plan.device_class is DeviceClass.XE_ISSU, plan.excluded_because
    sent = [li.text for op in plan.operations if op.phase is not Phase.DISTRIBUTE for li in op.lines if li.changes]
    assert sent == [
        "write memory",
        f"issu loadversion rp 0 file stby-bootflash:{NEW}",
        "issu runversion",
        "issu acceptversion",
        "write memory",
        "issu commitversion",
        "hw-module slot R1 reload",
    ]
    run = next(op for op in plan.operations if op.kind is OpKind.INSTALL)
    assert [li.text for li in run.undo] == ["issu abortversion"]
    assert run.commit_within_s > 0


def test_without_a_hot_standby_or_with_an_issu_under_way_it_is_excluded_and_not_reloaded() -> None:
    cold = planned(router(redundancy=replace(HOT, peer_state="4  -STANDBY COLD")))
    assert "ISSU standby" in failed(cold)
    assert cold.operations == ()
    assert "ISSU state" in failed(planned(router(issu=IssuState(IssuStage.RUN))))
    assert "ISSU state" in failed(planned(router(issu=None)))


def test_unknown_slots_other_features_and_another_major_version_are_no_issu() -> None:
    assert "ISSU places" in failed(planned(router(nodes=())))
    assert "ISSU images" in failed(planned(router(), feature="ADVENTERPRISEK9"))
    assert "ISSU images" in failed(planned(router(), version="17.03.04"))
