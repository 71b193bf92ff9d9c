"""Each check with its verdicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.facts import BootState, Facts, Member, Redundancy
from swim_tui.model.image import SoftwareImage
from swim_tui.model.options import DirtyConfig, JobOptions
from swim_tui.model.plan import Phase
from swim_tui.packs.pack import Support
from tests.unit.planning import making as m


def check(name: str, facts: Facts | None = None, image: SoftwareImage | None = None, **more: Any) -> Check:
    plan = m.plan(facts, more.pop("options", m.ACTIVATE), image, **more)
    return next(c for c in plan.checks if c.name == name)


def version(**changes: Any) -> Facts:
    facts = m.facts()
    return replace(facts, version=replace(facts.version, **changes))


def boot(**changes: Any) -> Facts:
    facts = m.facts()
    return replace(facts, boot=(replace(facts.boot[0], **changes),))


CASES = [
    ("Image family", None, {"family": "C2960"}, Verdict.FAILED),
    ("Image family", None, {"family": ""}, Verdict.WARNING),
    ("Image file", None, {"recognised": False}, Verdict.WARNING),
    ("Image file", None, {"problems": ("truncated",)}, Verdict.WARNING),
    ("Minimum RAM", None, {"min_ram_bytes": 8192 * m.MB}, Verdict.FAILED),
    ("Minimum RAM", None, {"min_ram_bytes": None}, Verdict.WARNING),
    ("Minimum RAM", version(ram_bytes=None), {}, Verdict.WARNING),
    ("Minimum RAM", None, {}, Verdict.OK),
    ("Minimum flash", None, {"min_flash_bytes": 8000 * m.MB}, Verdict.FAILED),
    ("Minimum flash", None, {"min_flash_bytes": 100 * m.MB}, Verdict.OK),
    ("Version order", None, {"version": "03.13.00.S"}, Verdict.WARNING),
    ("Version order", None, {"version": "03.10.00.S"}, Verdict.FAILED),
    ("Version order", None, {"version": ""}, Verdict.WARNING),
    ("Management access", None, {"has_strong_crypto": False}, Verdict.FAILED),
    ("Management access", None, {"has_strong_crypto": None}, Verdict.WARNING),
    ("Feature set", None, {"feature_set": "IPBASEK9"}, Verdict.WARNING),
    ("Upgrade path", None, {"version": "16.06.04"}, Verdict.WARNING),
    ("Facts readable", version(version=""), {}, Verdict.FAILED),
    ("Facts readable", m.facts(unread=("show users",)), {}, Verdict.WARNING),
    ("Reachable", m.facts(read_at=m.NOW - timedelta(days=1)), {}, Verdict.WARNING),
    ("Privilege", m.facts(privilege=1), {}, Verdict.FAILED),
    ("Privilege", m.facts(privilege=None), {}, Verdict.WARNING),
    ("Boot variable", m.facts(boot=()), {}, Verdict.FAILED),
    ("Boot variable", boot(next_reload=("bootflash:gone.bin",)), {}, Verdict.WARNING),
    ("Boot variable", boot(next_reload=()), {}, Verdict.OK),
    ("Config register", boot(config_register="0x2142"), {}, Verdict.FAILED),
    ("Config register", boot(config_register_next="0x2142"), {}, Verdict.FAILED),
    ("Config register", boot(config_register="0x2142", config_register_next="0x2102"), {}, Verdict.OK),
    ("Manual Boot", boot(manual_boot=True), {}, Verdict.FAILED),
    ("Pending reload", m.facts(pending_reload="in 5 minutes"), {}, Verdict.FAILED),
    ("Configuration lock", m.facts(config_locked_by="anna"), {}, Verdict.FAILED),
    ("Configuration lock", m.facts(other_users=("anna",)), {}, Verdict.WARNING),
    ("Saved configuration", m.facts(config_dirty=None), {}, Verdict.WARNING),
    ("Saved configuration", m.facts(config_dirty=True, config_diff=("+x",)), {}, Verdict.WARNING),
    ("Configuration backup", m.facts(config_readable=False), {}, Verdict.FAILED),
    ("Members", m.facts(members=(Member(1, state="Ready"), Member(2, state="V-Mismatch"))), {}, Verdict.FAILED),
    ("Protocol", m.facts(scp_server=None), {}, Verdict.WARNING),
    ("Free space bootflash:", m.facts(file_systems=(m.flash(free=10),)), {}, Verdict.FAILED),
]  # fmt: skip


@pytest.mark.parametrize(("name", "facts", "identity", "expected"), CASES)
def test_a_check_gives_its_verdict(name: str, facts: Facts | None, identity: dict[str, Any], expected: Verdict) -> None:
    found = check(name, facts, m.image(**identity))
    assert found.verdict is expected, found
    if expected is not Verdict.OK:
        assert found.action
        assert found.actual


@pytest.mark.parametrize("name", ["lower-version", "lower-version:r1"])
def test_a_consent_makes_a_lower_version_a_warning(name: str) -> None:
    image = m.image(version="03.10.00.S")
    assert check("Version order", None, image).consent == "lower-version"
    assert check("Version order", None, image, consents=(name,)).verdict is Verdict.WARNING


def test_a_consent_for_one_device_is_not_one_for_another() -> None:
    image = m.image(version="03.10.00.S")
    assert check("Version order", None, image, consents=("lower-version:r2",)).verdict is Verdict.FAILED


def test_consent_for_an_image_without_ssh_is_its_own() -> None:
    image = m.image(has_strong_crypto=False)
    assert check("Management access", None, image, consents=("lower-version",)).verdict is Verdict.FAILED
    assert check("Management access", None, image, consents=("no-crypto",)).verdict is Verdict.WARNING


def test_unsaved_configuration_excludes_when_the_job_says_so() -> None:
    dirty = m.facts(config_dirty=True, config_diff=("+x",))
    options = replace(m.ACTIVATE, dirty_config=DirtyConfig.EXCLUDE)
    assert check("Saved configuration", dirty, options=options).verdict is Verdict.FAILED


def test_without_configuration_backup_an_unreadable_configuration_is_a_warning() -> None:
    options = replace(m.ACTIVATE, without_config_backup=True)
    assert check("Configuration backup", m.facts(config_readable=False), options=options).verdict is Verdict.WARNING


def test_minimum_running_version_is_looked_at_when_it_is_set() -> None:
    low = replace(m.image(), min_version="03.13.03.S")
    assert check("Minimum running version", None, low).verdict is Verdict.FAILED
    assert check("Minimum running version", None, replace(low, min_version="03.10.00.S")).verdict is Verdict.OK


def test_an_unknown_boot_loader_is_a_warning() -> None:
    image = replace(m.image(), min_rommon="15.0(1r)S")
    assert check("Minimum boot loader", None, image).verdict is Verdict.WARNING


def test_a_standby_that_is_not_hot_stops_a_dual_router() -> None:
    cold = Redundancy(hardware_mode="Duplex", my_state="ACTIVE", peer_state="STANDBY COLD")
    assert check("Members", m.facts(redundancy=cold)).verdict is Verdict.FAILED
    hot = replace(cold, peer_state="STANDBY HOT")
    assert all(c.name != "Members" for c in m.plan(m.facts(redundancy=hot)).checks)


def test_one_family_token_of_many_platforms_is_told_apart_by_the_name() -> None:
    image = m.image("asr1001x-universalk9.03.16.10.S.155-3.S10-ext.SPA.bin", family="X86_64_LINUX_IOSD")
    found = check("Image family", None, image, pack=m.pack("isr4331"))
    assert found.verdict is Verdict.FAILED
    assert "not named like" in found.actual


def test_a_boot_variable_that_differs_between_members_is_a_warning() -> None:
    facts = m.facts()
    other = BootState(next_reload=("bootflash:other.bin",), is_read=True, member=2)
    assert check("Boot variable", replace(facts, boot=(*facts.boot, other))).verdict is Verdict.WARNING


def test_the_only_protocol_switched_off_fails_with_the_reasons() -> None:
    found = check("Protocol", options=JobOptions(protocol_order=()))
    assert found.verdict is Verdict.FAILED


def test_tftp_fallback_is_refused_with_the_reason() -> None:
    assert check("TFTP fallback", options=replace(m.ACTIVATE, tftp_fallback=True)).verdict is Verdict.FAILED


def test_a_platform_that_is_not_activated_alone_is_refused_with_what_to_use() -> None:
    alone, whole = (Phase.PREPARE, Phase.ACTIVATE), m.pack()
    assert Support.SEPARATE_ACTIVATION in whole.supports
    for name in ("asr1002", "asr9k", "n9k"):
        pack = replace(m.pack(name), supports=())
        refused = check("Separate activation", pack=pack, phases=alone)
        assert refused.verdict is Verdict.FAILED
        assert "Distribute Images" in refused.action
        assert all(c.name != "Separate activation" for c in m.plan(options=m.ACTIVATE, pack=pack).checks)
    assert all(c.name != "Separate activation" for c in m.plan(options=m.ACTIVATE, phases=alone).checks)
