"""Upgrade Analysis Report: each device against each image that is asked for, with verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.widget import Widget
from textual.widgets import Static

from swim_tui.model.views import AnalysisRow
from swim_tui.ui.page import Page
from swim_tui.ui.record import as_text
from swim_tui.ui.registry import Scope
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.times import age, short_size
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch

_VERDICTS = {
    "ok": Cell("+ ok", Tone.OK),
    "warning": Cell("! warning", Tone.WAIT),
    "failed": Cell("x failed", Tone.FAIL),
}


@dataclass(frozen=True)
class AnalysisLine:
    """One device and image pair."""

    pair: AnalysisRow

    @property
    def key(self) -> str:
        """Device and image."""
        return f"{self.pair.device}/{self.pair.image_id or self.pair.image}"


def _need(required: int | None, have: int | None) -> Cell:
    if required is None and have is None:
        return Cell("")
    text = f"{short_size(required) or '?'} / {short_size(have) or '?'}"
    short = required is not None and have is not None and have < required
    return Cell(text, Tone.FAIL if short else Tone.PLAIN)


def _image(line: AnalysisLine) -> Cell:
    if not line.pair.applicable:
        return Cell("Image Not Applicable for this Device" if line.pair.image else "no image applies", Tone.DIM)
    return Cell(line.pair.image)


ANALYSIS = TableSpec[AnalysisLine](
    "analysis",
    (
        Column("address", "IP Address", 15, lambda r: Cell(r.pair.address), 4, "i"),
        Column("device", "Device", 18, lambda r: Cell(r.pair.device), 1, "d"),
        Column("verdict", "Verdict", 10, lambda r: _VERDICTS.get(r.pair.verdict, Cell("- n/a", Tone.SKIP)), 1, "v"),
        Column("image", "Image Name", 22, _image, 2, "m", flex=True),
        Column("ram", "RAM need/is", 17, lambda r: _need(r.pair.ram_required_bytes, r.pair.ram_current_bytes), 3, "r"),
        Column(
            "flash",
            "Flash need/free",
            17,
            lambda r: _need(r.pair.flash_required_bytes, r.pair.flash_free_bytes),
            3,
            "f",
        ),
        Column("total", "Flash total", 11, lambda r: Cell(short_size(r.pair.flash_total_bytes)), 7, "t", right=True),
        Column("running", "Running", 14, lambda r: Cell(r.pair.running_version), 5, "n"),
        Column("family", "Family", 16, lambda r: Cell(r.pair.family), 6, "y"),
        Column("why", "Why", 24, lambda r: Cell("; ".join(r.pair.reasons), Tone.DIM), 6, "w"),
    ),
    name=lambda r: r.pair.device,
    attention=lambda r: r.pair.verdict in ("failed", "warning"),
    sort="device",
    empty="Nothing to analyse: the repository has no image, or there is no device.",
    marks=False,
)


class AnalysisPage(Page):
    """Devices x images (FEATURES 61 to 74); without an image, what the repository has for each device."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.TABLE, Scope.GLOBAL)
    is_top = False
    has_detail = True

    def __init__(self, images: Sequence[str] = (), devices: Sequence[str] = ()) -> None:
        super().__init__()
        self._images, self._devices = list(images), list(devices)

    def crumbs(self) -> tuple[str, ...]:
        """Where we are."""
        return ("Software Images", "Upgrade Analysis Report")

    def body(self) -> Iterable[Widget]:
        """The report."""
        table = LiveTable(ANALYSIS, id="analysis")
        table.add_class("-counted")
        yield table
        yield Static(classes="empty", id="analysis-empty")
        yield Static(" A clean report is no promise: files that cannot be removed, or the network, may still fail it.")

    async def load(self) -> None:
        """Let the engine compare."""
        await self.session.load_devices()
        devices = self._devices or sorted(self.mirror.devices)
        rows = await self.session.client.analyze(self._images, devices, []) if devices else []
        self.query_one("#analysis", LiveTable).apply(Batch([AnalysisLine(row) for row in rows], reset=True))

    def detail(self, row: Any) -> str:
        """Verdict, reasons and the age of the facts."""
        pair: AnalysisRow = row.pair
        reasons = "\n".join(f"- {reason}" for reason in pair.reasons)
        return f"{as_text(pair)}\n\n{reasons}\n\nfacts read {age(pair.facts_at, self.swim.now())}"

    def record(self, row: Any) -> object:
        """The pair."""
        return row.pair
