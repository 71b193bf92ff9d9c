"""XE 3 install mode: one command, one reload, proof of every member."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from swim_tui.drivers.serial import SerialContext
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import PhaseStatus
from swim_tui.model.plan import DevicePlan, Phase
from swim_tui.packs.loading import load_packs
from tests.unit.drivers.fakes3 import NEW3, NEW3_FILE, FakeThree
from tests.unit.drivers.test_install16 import Rack

OPTIONS = JobOptions(activate=ActivateMode.SEQUENTIAL)
COMMAND = f"software install file flash:{NEW3_FILE}"


@dataclass
class Rack3(Rack):
    """A bench with a 3850."""

    def __post_init__(self) -> None:
        super().__post_init__()
        identity = replace(self.image.identity, family="CAT3K_CAA", version="03.07.05.E")
        self.image = replace(self.image, file_name=NEW3_FILE, identity=identity)
        self.ref = replace(self.ref, file_name=NEW3_FILE)

    @property
    def three(self) -> FakeThree:
        assert isinstance(self.device, FakeThree)
        return self.device


@pytest.fixture
def rack(tmp_path: Path) -> Rack3:
    return Rack3(FakeThree(members=2), tmp_path, load_packs().get("c3850"), OPTIONS)


def ready(rack: Rack3) -> DevicePlan:
    plan = rack.plan()
    assert rack.run(Phase.DISTRIBUTE, plan).outcome is Outcome.DISTRIBUTED
    rack.device.lines.clear()
    return plan


def test_a_stack_is_installed_reloaded_once_and_proven(rack: Rack3) -> None:
    plan = ready(rack)
    result = rack.run(Phase.ACTIVATE, plan)
    assert (result.status, result.outcome) == (PhaseStatus.SUCCESS, Outcome.UPGRADED), result
    assert result.proven_version == NEW3
    assert rack.three.reloads == 1
    assert rack.device.lines.count(COMMAND) == 1


@pytest.mark.parametrize(
    "text",
    [
        "[1]: % flash: requires 526972 KB of free space, but only 124364 KB is available. Operation aborted.",
        "[1 2]: % Candidate package compatibility checks failed because the following package dependencies were not "
        "satisfied. Operation aborted.",
    ],
)
def test_a_refused_install_is_named_with_the_text_of_the_device(rack: Rack3, text: str) -> None:
    plan = ready(rack)
    rack.three.install_text = text
    result = rack.run(Phase.ACTIVATE, plan)
    assert (result.status, result.outcome) == (PhaseStatus.FAILURE, Outcome.INSTALL_FAILED)
    assert text.partition("% ")[2][:60] in result.message
    assert rack.three.reloads == 0


def test_a_session_that_ends_with_the_reload_is_expected(rack: Rack3) -> None:
    plan = ready(rack)
    rack.three.loses[COMMAND] = "after"
    assert rack.run(Phase.ACTIVATE, plan).outcome is Outcome.UPGRADED


def test_a_session_that_breaks_without_a_reload_says_what_may_boot_next(rack: Rack3) -> None:
    plan = ready(rack)
    rack.three.loses[COMMAND] = "before"
    result = rack.run(Phase.ACTIVATE, plan)
    assert result.outcome is Outcome.INSTALL_FAILED
    assert "next reload" in result.message
    assert rack.device.lines.count(COMMAND) == 1


def test_after_a_crash_an_install_that_happened_is_not_sent_again(rack: Rack3) -> None:
    plan = ready(rack)
    first = SerialContext()
    rack.run(Phase.ACTIVATE, plan, first)
    result = rack.run(Phase.ACTIVATE, plan, intents=tuple(first.intents))
    assert result.outcome is Outcome.UPGRADED, result
    assert rack.three.reloads == 1


def crowded(rack: Rack3) -> DevicePlan:
    rack.three.files |= {f"cat3k_caa-{p}.SPA.03.02.02.SE.pkg": b"x" * 498_000 for p in ("rpbase", "espbase")}
    rack.options = replace(OPTIONS, erase_flash=True)
    return rack.plan()


def test_software_clean_runs_when_its_list_is_as_planned(rack: Rack3) -> None:
    plan = crowded(rack)
    assert rack.run(Phase.DISTRIBUTE, plan).outcome is Outcome.DISTRIBUTED, rack.context.events
    assert [given for _, given in rack.three.asked] == ["no", "yes"]


def test_software_clean_that_would_take_more_is_answered_no(rack: Rack3) -> None:
    plan = crowded(rack)
    rack.three.on_clean = ["customer.pkg"]
    result = rack.run(Phase.DISTRIBUTE, plan)
    assert result.status is PhaseStatus.FAILURE
    assert [given for _, given in rack.three.asked] == ["no"]
