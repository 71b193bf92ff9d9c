"""Faults of copies to a device: what is set, how it must end, and that nothing partial and nothing false is left."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

from swim_tui.drivers.serial import SerialContext
from swim_tui.model.device_path import join_path
from swim_tui.model.options import JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import ImageRef, PhaseResult
from swim_tui.model.plan import DevicePlan, Line, Operation, OpKind, Phase
from swim_tui.model.secret import Secret
from tests.integration.drivers.labkit import LabRun
from tests.integration.net.conftest import Watcher

LONG = bool(int(os.environ.get("SWIM_TUI_LONG") or 0))
GOOD, BAD = Outcome.DISTRIBUTED, Outcome.COPY_FAILED


@dataclass(frozen=True)
class Case:
    """Faults set before the copy, and how it must end; `says` stands in the message or in what the tool said."""

    name: str
    faults: tuple[str, ...]
    outcome: Outcome
    says: str = ""
    long: bool = False  # only with SWIM_TUI_LONG=1
    server_faults: tuple[str, ...] = ()


@dataclass
class Ground:
    """A device with a plan for the image that is not on it; with a server the device pulls."""

    lab: LabRun
    plan: DevicePlan
    ref: ImageRef
    server: str = ""
    secrets: tuple[tuple[str, Secret], ...] = ()

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
        request = self.lab.phase(self.plan, Phase.DISTRIBUTE, self.ref, server=self.server)
        login = replace(request.endpoint.login, more=self.secrets)
        request = replace(request, endpoint=replace(request.endpoint, login=login))
        return self.lab.run(replace(request, waits=replace(self.plan.waits, stall_s=2.0)), context)

    def listed(self) -> str:
        """What the device says of the file."""
        with self.lab.net.session(self.lab.endpoint(self.plan.device), Watcher()) as session:
            return session.run(Line(f"dir {self.remote}")).text

    def delete(self) -> None:
        """For the next case."""
        with self.lab.net.session(self.lab.endpoint(self.plan.device), Watcher()) as session:
            session.run(self.copy.undo[0])


def ground(lab: LabRun, device: str, part: str, options: JobOptions, **more: Any) -> Ground:
    """A device, and its plan for the image whose name has `part` in it; `more` as for `plan_device`."""
    image, ref = lab.image(part)
    plan = lab.plan(device, image, options, **more)
    assert plan.included, plan.checks
    return Ground(lab, plan, ref)


def check(ground: Ground, case: Case) -> PhaseResult:
    """Set the faults, distribute, and look what is there."""
    device = ground.plan.device
    hosts = [device, ground.server] if ground.server else [device]
    for host, faults in zip(hosts, (case.faults, case.server_faults), strict=False):
        for fault in faults:
            ground.lab.fault(host, fault)
    try:
        result = ground.distribute()
    finally:
        for host in hosts:
            ground.lab.clear_fault(host)
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
    return result
