"""What the frame around every page shows, and which views there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from swim_tui.ui.times import clock_text
from swim_tui.ui.widgets.table_paint import fit


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
    jumps: Mapping[str, bool] = field(default_factory=dict)  # jump host -> whether it answered when last needed
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


def jump_part(jumps: Mapping[str, bool]) -> list[tuple[int, str, str]]:
    """Whether the jump hosts answer: those that do not are named, and stay on a narrow screen."""
    down = [name for name, answers in jumps.items() if not answers]
    if down:
        more = f" +{len(down) - 1}" if len(down) > 1 else ""
        return [(1, f"jump {fit(down[0], 16).rstrip()}{more} down", "fail")]
    return [(5, "jump ok", "ok")] if jumps else []


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
    parts += jump_part(status.jumps) if status.connected else []
    counts = [
        (3, "run", status.running),
        (3, "wait", status.waiting),
        (2 if status.failed else 3, "fail", status.failed),
    ]
    for rank, word, number in counts:
        known = status.connected
        parts.append((rank, f"{word} {number if known else '?'}", word if number and known else "plain"))
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
