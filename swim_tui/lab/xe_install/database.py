"""What the install engine of 16.x and later knows: added, active, committed, rollback points and its log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..chassis.work import stamp
from ..model import Software


@dataclass
class Point:
    """A rollback point."""

    number: int
    software: Software
    created: datetime
    smus: frozenset[str] = frozenset()
    label: str = "No Label"
    description: str = "No Description"


@dataclass
class Smu:
    """An SMU that was added; `state` is the letter of the package table."""

    software: Software
    state: str = "I"


@dataclass
class Database:
    """Install state of one device; all units have the same."""

    active: Software | None = None
    committed: Software | None = None
    target: Software | None = None
    added: dict[str, Software] = field(default_factory=dict)
    deadline: datetime | None = None
    timer_stopped: bool = False
    points: list[Point] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    operation: str = ""
    issu: str = ""
    smus: dict[str, Smu] = field(default_factory=dict)

    @property
    def is_pending(self) -> bool:
        """Whether an image is activated and not committed."""
        return self.target is not None

    @property
    def has_open_smus(self) -> bool:
        """Whether an SMU is activated or deactivated and not committed."""
        return any(smu.state in "UD" for smu in self.smus.values())

    def started(self, software: Software, *, is_install: bool) -> None:
        """The device has booted this."""
        self.active = software
        self.added.pop(software.file, None)
        self.smus = {name: smu for name, smu in self.smus.items() if smu.software.patches == software.file}
        if self.target is not None and is_install and software.file == self.target.file:
            return
        if self.target is None and self.has_open_smus:
            return
        self.target, self.deadline = None, None
        self.committed = software
        self._point(software)

    def has_booted(self, at: datetime) -> None:
        """Every boot is an operation of the install log, so the log of a healthy device is never empty."""
        self.log += [f"[0|install_op_boot]: START {stamp(at)}", f"[0|install_op_boot]: END SUCCESS  {stamp(at)}"]

    def activate(self, software: Software) -> None:
        """The next boot starts this, uncommitted."""
        self.target = software
        self.added.pop(software.file, None)

    def commit(self) -> None:
        """What was activated stays."""
        if self.target is not None:
            self.committed = self.target
            self._point(self.target)
        self.target, self.deadline = None, None
        if self.has_open_smus and self.committed is not None:
            for smu in self.smus.values():
                smu.state = {"U": "C", "D": "I"}.get(smu.state, smu.state)
            self._point(self.committed)

    def give_up(self) -> None:
        """What was activated is gone."""
        self.target, self.deadline = None, None
        for smu in self.smus.values():
            smu.state = {"U": "I", "D": "C"}.get(smu.state, smu.state)

    def running_smus(self) -> frozenset[str]:
        """Files of the SMUs that are committed."""
        return frozenset(name for name, smu in self.smus.items() if smu.state == "C")

    def _point(self, software: Software) -> None:
        own = {name for name, smu in self.smus.items() if smu.software.patches == software.file}
        last, smus = self.points[-1] if self.points else None, self.running_smus() & own
        if last is None or (last.software.file, last.smus) != (software.file, smus):
            self.points.append(Point(len(self.points) + 1, software, datetime.now(UTC), smus))

    def point(self, number: int) -> Point | None:
        """A rollback point by its number."""
        return next((point for point in self.points if point.number == number), None)

    def as_state(self) -> dict[str, Any]:
        """For the control socket."""
        return {
            "committed": self.committed.shown_version if self.committed else "",
            "uncommitted": self.target.shown_version if self.target else "",
            "added": [software.shown_version for software in self.added.values()],
            "smus": {name: smu.state for name, smu in self.smus.items()},
            "deadline": self.deadline.isoformat() if self.deadline else "",
            "operation": self.operation,
        }
