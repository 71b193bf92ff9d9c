"""Upgrade Analysis Report: each device against each image that is asked for, with verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from swim_tui.model.remote import RemoteFile
from swim_tui.model.views import AnalysisRow
from swim_tui.ui.page import Page
from swim_tui.ui.registry import Scope
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.times import age
from swim_tui.ui.widgets.columns import Brief, Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch

_VERDICTS = {
    "ok": Cell("+ ok", Tone.OK),
    "warning": Cell("! warning", Tone.WAIT),
    "failed": Cell("x failed", Tone.FAIL),
}


@dataclass(frozen=True)
class AnalysisLine:
    """One device and image pair; `number` counts the rows by address."""

    pair: AnalysisRow
    number: int = 0

    @property
    def key(self) -> str:
        """Device and image."""
        return f"{self.pair.device}/{self.pair.image_id or self.pair.image}"


def _mb(size_bytes: int | None) -> str:
    return f"{size_bytes / 2**20:.0f} MB" if size_bytes is not None else "?"


def _ram(pair: AnalysisRow) -> Cell:
    """`Required: 186 MB Current: 4096 MB` (FEATURES 69)."""
    required, have = pair.ram_required_bytes, pair.ram_current_bytes
    if not pair.applicable or (required is None and have is None):
        return Cell("")
    short = required is not None and have is not None and have < required
    return Cell(f"Required: {_mb(required)} Current: {_mb(have)}", Tone.FAIL if short else Tone.PLAIN)


def _flash(pair: AnalysisRow) -> Cell:
    """`Required: 186 MB Free: 20 MB Total: 63 MB`; a shortfall is no secret here (FEATURES 70)."""
    required, free = pair.flash_required_bytes, pair.flash_free_bytes
    if not pair.applicable or (required is None and pair.flash_total_bytes is None):
        return Cell("")
    short = required is not None and free is not None and free < required
    words = f"Required: {_mb(required)} Free: {_mb(free)} Total: {_mb(pair.flash_total_bytes)}"
    return Cell(words, Tone.FAIL if short else Tone.PLAIN)


def _short(*sizes: int | None) -> str:
    """`186/4096 MB`, in GB where that would be long."""
    unit, name = (2**30, "GB") if max((size or 0 for size in sizes), default=0) >= 10_000 * 2**20 else (2**20, "MB")
    texts = [
        "?" if s is None else f"{s / unit:.1f}".removesuffix(".0") if name == "GB" else f"{s / unit:.0f}" for s in sizes
    ]
    return f"{'/'.join(texts)} {name}"


def _ram_brief(line: AnalysisLine) -> Cell:
    whole, pair = _ram(line.pair), line.pair
    return replace(whole, text=whole.text and _short(pair.ram_required_bytes, pair.ram_current_bytes))


def _flash_brief(line: AnalysisLine) -> Cell:
    whole, pair = _flash(line.pair), line.pair
    return replace(whole, text=whole.text and _short(pair.flash_required_bytes, pair.flash_free_bytes))


def _information(pair: AnalysisRow) -> str:
    """Running Image Name, Version, Device Family (FEATURES 68)."""
    return "  ".join(part for part in (pair.running_image, pair.running_version, pair.family) if part)


def _ip(line: AnalysisLine) -> tuple[tuple[int, ...], str]:
    parts = line.pair.address.split(".")
    numbers = tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else (256,)
    return numbers, line.pair.address


def _image(line: AnalysisLine) -> Cell:
    if not line.pair.applicable:
        return Cell("Image Not Applicable for this Device" if line.pair.image else "no image applies", Tone.DIM)
    return Cell(line.pair.image)


ANALYSIS = TableSpec[AnalysisLine](
    "analysis",
    (
        Column("number", "#", 5, lambda r: Cell(str(r.number)), 5, "o", lambda r: r.number, right=True),
        Column("address", "IP Address", 15, lambda r: Cell(r.pair.address), 2, "i", _ip),
        Column("device", "Device Name", 18, lambda r: Cell(r.pair.device), 1, "d", least=9),
        Column(
            "verdict", "Verdict", 10, lambda r: _VERDICTS.get(r.pair.verdict, Cell("- n/a", Tone.SKIP)), 1, "v", least=9
        ),
        Column("image", "Image Name", 36, _image, 2, "m", flex=True, least=12),
        Column(
            "ram", "RAM Requirements", 34, lambda r: _ram(r.pair), 3, "r", lambda r: r.pair.ram_required_bytes,
            least=12, brief=Brief("RAM need/has", _ram_brief),
        ),
        Column(
            "flash", "FLASH Requirements", 44, lambda r: _flash(r.pair), 3, "f", lambda r: r.pair.flash_required_bytes,
            least=15, brief=Brief("FLASH need/free", _flash_brief),
        ),
        Column("running", "Device Information", 40, lambda r: Cell(_information(r.pair)), 4, "n", flex=True, least=20),
        Column("why", "Why", 24, lambda r: Cell("; ".join(r.pair.reasons), Tone.DIM), 6, "w", flex=True),
    ),
    name=lambda r: r.pair.device,
    attention=lambda r: r.pair.verdict in ("failed", "warning"),
    sort="address",
    empty="Nothing to analyse: the repository has no image, or there is no device.\n\n"
    "View 4, then n imports an image; view 3, then i imports devices.",
    marks=False,
)  # fmt: skip


_PROMISE = "A clean report is no promise: files that cannot be removed, or the network, may still fail it."


class AnalysisPage(Page):
    """Devices x images (FEATURES 61 to 74); without an image, what the repository has for each device."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.TABLE, Scope.GLOBAL)
    is_top = False
    has_detail = True

    def __init__(
        self, images: Sequence[str] = (), devices: Sequence[str] = (), offered: Sequence[RemoteFile] = ()
    ) -> None:
        super().__init__()
        self._images, self._devices, self._offered = list(images), list(devices), tuple(offered)

    def crumbs(self) -> tuple[str, ...]:
        """Where we are."""
        return ("Software Images", "Upgrade Analysis Report")

    def body(self) -> Iterable[Widget]:
        """The report."""
        table = LiveTable(ANALYSIS, id="analysis")
        table.add_class("-counted")
        yield table
        yield Static(classes="empty", id="analysis-empty")
        yield Static(_PROMISE, classes="note")

    async def load(self) -> None:
        """Let the engine compare."""
        await self.session.load_devices()
        devices = self._devices or sorted(self.mirror.devices)
        client = self.session.client
        rows = await client.analyze(self._images, devices, [], self._offered) if devices else []
        lines = sorted((AnalysisLine(row) for row in rows), key=_ip)
        numbered = [replace(line, number=number) for number, line in enumerate(lines, 1)]
        self.query_one("#analysis", LiveTable).apply(Batch(numbered, reset=True))

    def detail(self, row: Any) -> str:
        """All of the reference's cells, verdict, reasons and the age of the facts."""
        return pair_text(row.pair, age(row.pair.facts_at, self.swim.now()))

    @on(LiveTable.Opened, "#analysis")
    def _open(self, event: LiveTable.Opened) -> None:
        event.stop()
        line = event.table.model.rows[event.key]
        self.swim.show_text(f"{line.pair.device}: {line.pair.verdict or 'not applicable'}", self.detail(line))

    def record(self, row: Any) -> object:
        """The pair."""
        return row.pair


def pair_text(pair: AnalysisRow, seen: str) -> str:
    """One device and image pair as lines."""
    rows = [
        ("IP Address", f"{pair.address}  {pair.device}"),
        ("Image Name", pair.image or "none in the repository applies"),
        ("", "" if pair.applicable or not pair.image else "Image Not Applicable for this Device"),
        ("Running Image Name", pair.running_image),
        ("Version", f"{pair.running_version} -> {pair.image_version}" if pair.image_version else pair.running_version),
        ("Device Family", pair.family),
        ("RAM", _ram(pair).text),
        ("FLASH", _flash(pair).text),
        ("Verdict", pair.verdict),
        *(("", reason) for reason in pair.reasons),
        ("Facts read", seen),
    ]
    return "\n".join(f"{label:<19} {value}".rstrip() for label, value in rows if value)
