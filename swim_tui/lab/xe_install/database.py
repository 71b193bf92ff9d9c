"""What the install engine of 16.x and later knows: added, active, committed, rollback points and its log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..model import Software


@dataclass
class Point:
    """A rollback point."""

    number: int
    software: Software
    created: datetime
    label: str = "No Label"
    description: str = "No Description"


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

    @property
    def is_pending(self) -> bool:
        """Whether something is activated and not committed."""
        return self.target is not None

    def started(self, software: Software, *, is_install: bool) -> None:
        """The device has booted this."""
        self.active = software
        self.added.pop(software.file, None)
        if self.target is not None and is_install and software.file == self.target.file:
            return
        self.target, self.deadline = None, None
        self.committed = software
        self._point(software)

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

    def give_up(self) -> None:
        """What was activated is gone."""
        self.target, self.deadline = None, None

    def _point(self, software: Software) -> None:
        if not self.points or self.points[-1].software.file != software.file:
            self.points.append(Point(len(self.points) + 1, software, datetime.now(UTC)))

    def point(self, number: int) -> Point | None:
        """A rollback point by its number."""
        return next((point for point in self.points if point.number == number), None)

    def as_state(self) -> dict[str, Any]:
        """For the control socket."""
        return {
            "committed": self.committed.shown_version if self.committed else "",
            "uncommitted": self.target.shown_version if self.target else "",
            "added": [software.shown_version for software in self.added.values()],
            "deadline": self.deadline.isoformat() if self.deadline else "",
            "operation": self.operation,
        }
