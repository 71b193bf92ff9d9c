"""Every fault a push can meet, one lab for many cases: the right outcome, no partial file, no false word either way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from swim_tui.drivers.serial import SerialContext
from swim_tui.model.device_path import join_path
from swim_tui.model.options import JobOptions, Protocol
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ImageRef, OpProgress, PhaseResult
from swim_tui.model.plan import DevicePlan, Line, LineMode, Operation, OpKind, Phase
from swim_tui.packs.loading import PackSet
from tests.integration.drivers.labkit import LabRun, running_lab
from tests.integration.net.conftest import Watcher

SCP = JobOptions(soak_s=1.0)
SFTP = JobOptions(soak_s=1.0, protocol_order=(Protocol.SFTP,))


@dataclass(frozen=True)
class Case:
    """Faults set before the copy, and how it must end; `says` stands in the message or in what the tool said."""

    name: str
    faults: tuple[str, ...]
    outcome: Outcome
    says: str = ""
    long: bool = False  # only with SWIM_TUI_LONG=1


LONG = bool(int(os.environ.get("SWIM_TUI_LONG") or 0))
GOOD, BAD = Outcome.DISTRIBUTED, Outcome.COPY_FAILED
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


@dataclass
class Ground:
    """A device with a plan for the image that is not on it."""

    lab: LabRun
    plan: DevicePlan
    ref: ImageRef

    @property
    def copy(self) -> Operation:
        """The planned copy."""
        return next(op for op in self.plan.operations if op.kind is OpKind.COPY_IMAGE)

    @property
    def remote(self) -> str:
        """The file on the device."""
        return join_path(self.copy.file_system, self.copy.path)

    def distribute(self, context: SerialContext | None = None) -> PhaseResult:
        """The phase, with stalls noticed after two seconds."""
        request = self.lab.phase(self.plan, Phase.DISTRIBUTE, self.ref)
        return self.lab.run(replace(request, waits=replace(self.plan.waits, stall_s=2.0)), context)

    def listed(self) -> str:
        """What the device says of the file."""
        with self.lab.net.session(self.lab.endpoint(self.plan.device), Watcher()) as session:
            return session.run(Line(f"dir {self.remote}")).text

    def delete(self) -> None:
        """For the next case."""
        with self.lab.net.session(self.lab.endpoint(self.plan.device), Watcher()) as session:
            session.run(self.copy.undo[0])


def ground(lab: LabRun, device: str, part: str, options: JobOptions) -> Ground:
    image, ref = lab.image(part)
    plan = lab.plan(device, image, options)
    assert plan.included, plan.checks
    return Ground(lab, plan, ref)


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


def check(ground: Ground, case: Case) -> None:
    device = ground.plan.device
    for fault in case.faults:
        ground.lab.fault(device, fault)
    try:
        result = ground.distribute()
    finally:
        ground.lab.clear_fault(device)
    said = f"{result.message}\n{ground.lab.log_text()}\n" + "\n".join(
        op.message for op in ground.lab.finished().values()
    )
    listing = ground.listed()
    if "no such file" not in listing.lower():
        ground.delete()
    assert (result.outcome, result.left_behind) == (case.outcome, ()), said[-3000:]
    assert case.says in said, said[-3000:]
    is_whole = str(ground.ref.size_bytes) in listing.replace(",", "")
    assert is_whole if case.outcome is GOOD else "no such file" in listing.lower(), (
        f"a partial file was left: {listing}"
    )


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
    nexus.lab.fault(nexus.plan.device, "drop_at=60%*1")
    result = nexus.distribute()
    nexus.lab.clear_fault(nexus.plan.device)
    assert result.outcome is GOOD
    assert len(nexus.lab.events(nexus.plan.device, "sftp-begin")) == before + 2
    moved = nexus.lab.finished()[nexus.copy.id].message
    assert moved.startswith(f"{nexus.ref.size_bytes} bytes"), moved
    assert not [line for line in nexus.lab.lines(nexus.plan.device)[-40:] if line.startswith("delete")]
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
