"""Documents that only the engine keeps: the last contact with a device, measured rates, settings, notices."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from swim_tui.errors import Problem
from swim_tui.model.events import Notice
from swim_tui.model.server import ServerCheck


@dataclass(frozen=True)
class DeviceSync:
    """The last contact with a device: what it answered, and what a person should know before touching it."""

    device: str
    at: datetime
    reachable: bool
    problem: Problem | None = None
    armed: str = ""  # what it boots at its next reload, if that is not what it runs
    uncommitted: str = ""  # what it runs without a commit
    commit_by: datetime | None = None  # when it goes back by itself, unless it is committed
    activated_at: datetime | None = None  # what the deadline counts from
    alarmed: int = 0  # per cent of that time at which the last alarm was given
    recovery: tuple[str, ...] = ()  # console steps, while it is unreachable after a reload


@dataclass(frozen=True)
class Rate:
    """Bytes a second measured for a device or a platform; `key` is its name."""

    key: str
    bytes_per_s: float
    at: datetime


@dataclass(frozen=True)
class SettingValue:
    """One setting that a person changed, as text."""

    key: str
    value: str


@dataclass(frozen=True)
class KeptNotice:
    """A notice of the Log view; `id` sorts by time."""

    id: str
    notice: Notice


@dataclass(frozen=True)
class ServerNotes:
    """What is known of a SWIM server beside what a person typed; `images` are hashes by file name, as last seen."""

    server: str
    checks: tuple[ServerCheck, ...] = ()
    images: dict[str, str] = field(default_factory=dict)
