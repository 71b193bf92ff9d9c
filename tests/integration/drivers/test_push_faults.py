"""Every fault a push can meet, one lab for many cases: the right outcome, no partial file, no false word either way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from swim_tui.drivers.serial import SerialContext
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import OpProgress
from swim_tui.model.plan import LineMode
from swim_tui.packs.loading import PackSet
from tests.integration.drivers.faultkit import BAD, GOOD, LONG, Case, Ground, check, ground
from tests.integration.drivers.labkit import running_lab
from tests.integration.net.conftest import Watcher

SCP = JobOptions(soak_s=1.0)
SFTP = JobOptions(soak_s=1.0, protocol_order=(Protocol.SFTP,))

ALL_CASES = (
    Case("nothing", (), GOOD, long=True),
    Case("lost at the first byte", ("drop_at=0%*1",), GOOD, "trying again (1 of 2)", long=True),
    Case("lost half way", ("drop_at=50%*1",), GOOD, "trying again (1 of 2)", long=True),
    Case("lost half way, twice", ("drop_at=50%*2",), GOOD, "trying again (2 of 2)", long=True),
    Case("lost half way, always", ("drop_at=50%*3",), BAD, "connection lost"),
    Case("lost before the last answer", ("drop_at=100%*1",), GOOD, "whole although the connection broke"),
    Case("stalled half way", ("stall_at=50%*1",), GOOD, "stalled"),
    Case("one byte wrong", ("wrong_hash*1",), GOOD, "deleted, copied once more", long=True),
    Case("one byte wrong, always", ("wrong_hash*2",), Outcome.HASH_MISMATCH, "expected"),
    Case("the last answer takes long", ("no_answer_after_last_byte=1",), GOOD, long=True),
    Case("the flash is full", ("flash_full",), Outcome.NO_SPACE, "0 bytes free"),
)
CASES = tuple(case for case in ALL_CASES if LONG or not case.long)


@pytest.fixture(scope="module")
def router(tmp_path_factory: pytest.TempPathFactory, packs: PackSet) -> Iterator[Ground]:
    """An ASR1002 behind a jump host: SCP."""
    with running_lab("story2", tmp_path_factory.mktemp("scp"), packs) as lab:
        yield ground(lab, lab.inventory["devices"][0]["name"], "", SCP)


@pytest.fixture(scope="module")
def nexus(tmp_path_factory: pytest.TempPathFactory, packs: PackSet) -> Iterator[Ground]:
    """A Nexus 9000: SFTP."""
    with running_lab("story6", tmp_path_factory.mktemp("sftp"), packs) as lab:
        yield ground(lab, "ny-n9k-b", "nxos.9.3.10.bin", SFTP)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_scp_push_ends_rightly(router: Ground, case: Case) -> None:
    check(router, case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_sftp_push_ends_rightly(nexus: Ground, case: Case) -> None:
    copy = nexus.copy
    assert (copy.protocol, copy.lines[0].text) == (Protocol.SFTP, f"sftp put {nexus.remote}")
    assert copy.lines[0].mode is LineMode.TOOL
    check(nexus, case)


def test_an_sftp_push_goes_on_where_it_was_cut(nexus: Ground) -> None:
    before = len(nexus.lab.events(nexus.plan.device, "sftp-begin"))
    lines_before = len(nexus.lab.lines(nexus.plan.device))
    nexus.lab.fault(nexus.plan.device, "drop_at=60%*1")
    result = nexus.distribute()
    nexus.lab.clear_fault(nexus.plan.device)
    assert result.outcome is GOOD
    assert len(nexus.lab.events(nexus.plan.device, "sftp-begin")) == before + 2
    moved = nexus.lab.finished()[nexus.copy.id].message
    assert moved.startswith(f"{nexus.ref.size_bytes} bytes"), moved
    assert not [line for line in nexus.lab.lines(nexus.plan.device)[lines_before:] if line.startswith("delete")]
    nexus.delete()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last answer is waited for as long as this small image needs, not as long as a slow flash may."""
    monkeypatch.setattr("swim_tui.drivers.push._LEAST_LAST_ANSWER_S", 2.5)


def test_a_cancelled_push_leaves_nothing(router: Ground) -> None:
    context = SerialContext()
    context.on_event = lambda event: context.stop() if isinstance(event, OpProgress) and event.unit == "B" else None
    router.lab.fault(router.plan.device, "slow=4000000")
    result = router.distribute(context)
    router.lab.clear_fault(router.plan.device)
    assert (result.status, result.left_behind) == ("cancelled", ())
    assert "no such file" in router.listed().lower()


def test_a_push_never_takes_the_last_free_vty(router: Ground) -> None:
    device, lab = router.plan.device, router.lab
    before = len(lab.sessions(device))
    with ExitStack() as others:
        for _ in range(3):
            others.enter_context(lab.net.session(lab.endpoint(device), Watcher()))
        assert router.distribute().outcome is GOOD
        assert "4 of 5 vty lines are in use" in lab.log_text()
    assert "vty4" not in lab.sessions(device)[before:], "a person can still log in while it copies"
    router.delete()
