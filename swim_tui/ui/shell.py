"""What the frame around every page shows, and which views there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from swim_tui.ui.times import clock_text


class Bell(StrEnum):
    """When the terminal rings."""

    ALL = "all"
    FAILED = "failed"
    OFF = "off"


@dataclass(frozen=True)
class View:
    """One of the six main views; `page` is `module:Class`, imported when it is first shown."""

    id: str
    number: int
    title: str
    tab: str
    page: str


VIEWS: tuple[View, ...] = (
    View("images", 1, "Software Images", "Images", "swim_tui.ui.screens.home:HomePage"),
    View("jobs", 2, "Jobs", "Jobs", "swim_tui.ui.screens.jobs:JobsPage"),
    View("devices", 3, "Devices", "Devices", "swim_tui.ui.screens.devices:DevicesPage"),
    View("repository", 4, "Software Image Repository", "Repository", "swim_tui.ui.screens.repository:RepositoryPage"),
    View("servers", 5, "Software Image Management Servers", "Servers", "swim_tui.ui.screens.servers:ServersPage"),
    View("log", 6, "Log", "Log", "swim_tui.ui.screens.log:LogPage"),
)
HOME = "images"
WIDE = 140
ULTRA = 200
WIDTHS: list[tuple[int, str]] | None = [(0, "-narrow"), (100, "-normal"), (WIDE, "-wide"), (ULTRA, "-ultra")]
HEIGHTS: list[tuple[int, str]] | None = [(0, "-short"), (30, "-high")]


def view_of(view_id: str) -> View:
    """The view of that id; the home view if there is none."""
    return next((view for view in VIEWS if view.id == view_id), VIEWS[0])


@dataclass(frozen=True)
class Status:
    """The header's facts. Environment is the badge: demo, lab, PROD."""

    version: str = ""
    data_dir: str = ""
    environment: str = ""
    read_only: bool = False
    engine: str = "connecting"
    jump: str = ""
    running: int = 0
    waiting: int = 0
    failed: int = 0
    attached: int = 0
    utc: bool = False
    commit_by: datetime | None = None  # when the first device that is not committed goes back by itself

    @property
    def connected(self) -> bool:
        """Whether the engine answers."""
        return self.engine == "ok"


def header_parts(status: Status, now: datetime) -> list[tuple[int, str, str]]:
    """Pieces of the header as (rank, text, style class); rank 1 stays longest."""
    parts: list[tuple[int, str, str]] = [(1, f"swim {status.version}".rstrip(), "title")]
    if status.environment:
        parts.append((1, f"[{status.environment}]", "prod" if status.environment.upper() == "PROD" else "badge"))
    if status.commit_by is not None:
        word = "commit by" if now < status.commit_by else "not committed by"
        parts.append((1, f"{word} {clock_text(status.commit_by, utc=status.utc)[:5]}", "fail"))
    parts.append((6, status.data_dir, "plain"))
    if status.read_only:
        parts.append((1, "[READ-ONLY]", "lock"))
    parts.append((2, f"engine {status.engine}", "ok" if status.connected else "fail"))
    if status.jump:
        parts.append((5, f"jump {status.jump}", "ok" if status.jump == "ok" else "fail"))
    for word, number, tone in (
        ("run", status.running, "run"), ("wait", status.waiting, "wait"), ("fail", status.failed, "fail"),
    ):  # fmt: skip
        known = status.connected
        parts.append((3, f"{word} {number if known else '?'}", tone if number and known else "plain"))
    if status.attached > 1:
        parts.append((4, f"att {status.attached}", "plain"))
    parts.append((2, clock_text(now, utc=status.utc), "plain"))
    return parts


def fit_parts(parts: Sequence[tuple[int, str, str]], width: int, gap: int = 2) -> list[tuple[str, str]]:
    """Drop the pieces of the highest rank until the rest fits the width."""
    kept = [part for part in parts if part[1]]
    while len(kept) > 1 and sum(len(text) for _, text, _ in kept) + gap * (len(kept) - 1) > width:
        worst = max(rank for rank, _, _ in kept)
        last = max(index for index, part in enumerate(kept) if part[0] == worst)
        del kept[last]
    return [(text, style) for _, text, style in kept]
