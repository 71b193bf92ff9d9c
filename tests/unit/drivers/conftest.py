"""A fake router with its plan."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from swim_tui.drivers.contract import PhaseRequest
from swim_tui.drivers.run import run_phase
from swim_tui.drivers.serial import SerialContext
from swim_tui.model.device import Device
from swim_tui.model.endpoint import Endpoint
from swim_tui.model.facts import Facts
from swim_tui.model.image import ImageIdentity, SoftwareImage
from swim_tui.model.job import OpStatus
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.phase import FactsRead, ImageRef, IntentRecord, OpFinished, PhaseResult
from swim_tui.model.plan import DevicePlan, Phase, Waits
from swim_tui.model.secret import Login, Secret
from swim_tui.packs.loading import load_packs
from swim_tui.packs.pack import Pack
from swim_tui.planning.plan import plan_device
from tests.unit.drivers.fakes import FakeDevice, FakeNet

WAITS = Waits(
    reload_limit_s=1.5,
    poll_s=0.01,
    first_login_after_banner_s=0.02,
    login_interval_s=0.02,
    settle_s=0.05,
    soak_s=0.02,
    idle_reuse_s=60,
    stall_s=1,
    command_s=1,
)
NEW = b"new image" * 500


@dataclass
class Bench:
    """One fake device, its image and everything to run phases on it."""

    device: FakeDevice
    folder: Path
    pack: Pack
    options: JobOptions = JobOptions(activate=ActivateMode.SEQUENTIAL, insert_boot_command=True)
    context: SerialContext = field(default_factory=SerialContext)

    def __post_init__(self) -> None:
        self.net = FakeNet(self.device)
        self.file = self.folder / "new.bin"
        self.file.write_bytes(NEW)
        md5 = hashlib.md5(NEW, usedforsecurity=False).hexdigest()
        identity = ImageIdentity(family="PPC_LINUX_IOSD", version="03.13.05.S", has_strong_crypto=True, recognised=True)
        self.image = SoftwareImage("i", "new.bin", len(NEW), md5, "s" * 128, datetime.now(UTC), identity=identity)
        self.ref = ImageRef("i", "new.bin", len(NEW), md5, "s" * 128, str(self.file))

    def request(self, phase: Phase, plan: DevicePlan | None = None, **more: Any) -> PhaseRequest:
        end = Endpoint("r1", "10.0.0.1", 22, Login("p", "admin", Secret("pw")))
        given: dict[str, Any] = {"waits": WAITS, "image": self.ref, "options": self.options, **more}
        return PhaseRequest("p1", "run1", 1, phase, Device("r1", "10.0.0.1"), end, self.pack, plan=plan, **given)

    def facts(self) -> Facts:
        context = SerialContext()
        result = run_phase(self.request(Phase.PREPARE), context, self.net)
        assert result.status == "success", result
        return next(e.facts for e in context.events if isinstance(e, FactsRead))

    def plan(self, **more: Any) -> DevicePlan:
        plan = plan_device(
            Device("r1", "10.0.0.1"), self.facts(), self.image, self.options, self.pack, now=datetime.now(UTC), **more
        )
        assert plan.included, plan.excluded_because
        self.device.lines.clear()
        return plan

    def run(self, phase: Phase, plan: DevicePlan, context: SerialContext | None = None, **more: Any) -> PhaseResult:
        self.context = context or SerialContext()
        return run_phase(self.request(phase, plan, **more), self.context, self.net)

    def distributed(self) -> DevicePlan:
        plan = self.plan()
        result = self.run(Phase.DISTRIBUTE, plan)
        assert result.status == "success", result
        self.device.lines.clear()
        return plan

    def statuses(self) -> dict[str, OpStatus]:
        return {e.op_id.partition(".")[2]: e.status for e in self.context.events if isinstance(e, OpFinished)}

    def changing(self) -> list[str]:
        words = ("delete", "write", "reload", "boot ", "no ", "ip ")
        return [line for line in self.device.lines if line.startswith(words)]

    def intents(self) -> tuple[IntentRecord, ...]:
        return tuple(self.context.intents)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    pack = load_packs().get("asr1002")
    return Bench(FakeDevice(), tmp_path, replace(pack, file_patterns=(r"\w+\.bin",)))


@pytest.fixture
def make_bench(tmp_path: Path) -> Callable[[FakeDevice], Bench]:
    pack = load_packs().get("asr1002")
    return lambda device: Bench(device, tmp_path, replace(pack, file_patterns=(r"\w+\.bin",)))
