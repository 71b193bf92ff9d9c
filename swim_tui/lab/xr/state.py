"""What an IOS-XR device keeps beside its files: package sets, install operations, rollback points, FPDs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, cast

from ..device import Device
from ..services import BootChoice
from .packages import Package

if TYPE_CHECKING:
    from ..ios.shell import Shell

STEPS = 20


@dataclass
class Operation:
    """One install operation: it runs in the background, whoever asked for it."""

    number: int
    command: str
    verb: str
    user: str
    packages: list[Package] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    percent: int = 0
    outcome: str = ""
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    is_quiet: bool = False

    @property
    def is_running(self) -> bool:
        """Whether it is still at work."""
        return not self.outcome


@dataclass
class XrState:
    """State of one device that is neither configuration nor file."""

    kind: str = "xr32"
    known: list[Package] = field(default_factory=list)
    active: list[Package] = field(default_factory=list)
    committed: list[Package] = field(default_factory=list)
    prepared: list[Package] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    points: dict[int, list[Package]] = field(default_factory=dict)
    pending: list[Package] | None = None
    pending_boots: int = -1
    staged: list[Package] | None = None
    next_number: int = 1
    fpd: str = "CURRENT"
    failed_config: list[str] = field(default_factory=list)

    @property
    def is_committed(self) -> bool:
        """Whether a reload would start what runs."""
        return {p.name for p in self.active} == {p.name for p in self.committed}

    @property
    def running(self) -> Operation | None:
        """The operation at work now."""
        return next((op for op in self.operations if op.is_running), None)

    def operation(self, number: int) -> Operation | None:
        """An operation by its id."""
        return next((op for op in self.operations if op.number == number), None)


class HasState(Protocol):
    """The personality, as far as handlers need it."""

    state: XrState


def state_of(device: Device) -> XrState:
    """The state of an XR device."""
    return cast(HasState, device.personality).state


def state(shell: Shell) -> XrState:
    """The state of the device of a session."""
    return state_of(shell.device)


def base_of(packages: list[Package]) -> Package | None:
    """The package a set boots from."""
    return next((package for package in packages if package.is_base), None)


def choose_boot(device: Device) -> BootChoice:
    """An activated set once; after that, and after any other reload, the committed set."""
    own = state_of(device)
    for operation in own.operations:
        if operation.is_running:
            operation.outcome = "aborted"
    is_planned = own.pending is not None and own.pending_boots == device.counters["boots"]
    wanted = own.pending if is_planned and own.pending is not None else list(own.committed)
    own.pending, own.staged, own.prepared = None, None, []
    base = base_of(wanted)
    if base is None:
        return BootChoice(None, note="no bootable package set")
    old = base_of(own.active)
    own.active = list(wanted)
    if own.fpd == "RLOAD REQ":
        own.fpd = "CURRENT"
    if old is not None and old.version != base.version and device.platform.texts.get("fpd_after_upgrade"):
        own.fpd = "NEED UPGD"
    own.failed_config = []
    if device.faults.take("failed_config"):
        own.failed_config = ["!! SYNTAX/AUTHORIZATION ERRORS", "telemetry model-driven"]
    return BootChoice(base.software, image_path(base))


def image_path(base: Package) -> str:
    """Where the running system comes from (only 32-bit systems show it)."""
    return f"disk0:{base.platform}-os-mbi-{base.version}/0x100305/mbi{base.platform}-rsp3.vm"


def begin(device: Device, command: str, verb: str, user: str) -> Operation:
    """A new operation with the next id."""
    own = state_of(device)
    operation = Operation(own.next_number, command, verb, user)
    own.next_number += 1
    own.operations.append(operation)
    device.changed()
    device.counters["installs"] = device.counters.get("installs", 0) + 1
    device.log("install", f"{operation.number} {command}", user)
    return operation


async def work(device: Device, operation: Operation, seconds: float, done: Callable[[], None]) -> None:
    """The time an operation takes, and its end; runs as a task of the device."""
    for step in range(1, STEPS + 1):
        await asyncio.sleep(device.services.seconds(seconds / STEPS))
        if operation.outcome:
            return
        operation.percent = min(99, step * 100 // STEPS)
    operation.percent = 100
    done()
