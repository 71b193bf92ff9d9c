"""Lines of a live table as strips: text fitted to cells, tones as styles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from swim_tui.ui.widgets.columns import GAP, PREFIX, Placed, R
from swim_tui.ui.widgets.table_model import TableModel

_SHORTEST = 8  # what is narrower has no middle to lose

TABLE_CSS = """
LiveTable {
    background: $background;
    scrollbar-size-vertical: 1;
    scrollbar-size-horizontal: 1;
    overflow-x: auto;
    overflow-y: auto;
    height: 1fr;
}
LiveTable > .live-table--header { color: $text-muted; text-style: bold; background: $surface; }
LiveTable > .live-table--sorted { color: $foreground; text-style: bold reverse; }
LiveTable > .live-table--cursor { color: $block-cursor-foreground; background: $block-cursor-background;
    text-style: bold; }
LiveTable > .live-table--cursor-blurred { background: $surface; text-style: bold; }
LiveTable > .live-table--plain { color: $foreground; }
LiveTable > .live-table--dim { color: $text-muted; }
LiveTable > .live-table--run { color: $status-run; text-style: bold; }
LiveTable > .live-table--ok { color: $status-ok; }
LiveTable > .live-table--fail { color: $status-fail; text-style: bold; }
LiveTable > .live-table--wait { color: $status-wait; }
LiveTable > .live-table--skip { color: $text-muted; }
LiveTable > .live-table--unknown { color: $status-unknown; }
LiveTable > .live-table--link { color: $text-accent; text-style: bold; }
"""

StyleOf = Callable[[str], Style]


def row_strip(
    row: R, placed: Sequence[Placed[R]], style_of: StyleOf, sign: str, override: Style | None
) -> tuple[Strip, bool]:
    """One row, and whether a text of it is cut; `override` replaces all tones, as on the line of the cursor."""
    blank = override or style_of("plain")
    segments = [Segment(sign, blank)]
    is_cut = False
    for position, each in enumerate(placed):
        cell = each.cell(row)
        if position:
            segments.append(Segment(" " * GAP, blank))
        text = fit(cell.text, each.width, right=each.column.right, middle=not each.column.keep_start)
        is_cut |= len(cell.text) > each.width
        segments.append(Segment(text, override or style_of(cell.tone.value)))
    return Strip(segments), is_cut


def header_strip(placed: Sequence[Placed[R]], model: TableModel[R], style_of: StyleOf) -> Strip:
    """The column titles; the sorted one has an arrow and reverse video."""
    style, sorted_style = style_of("header"), style_of("sorted")
    segments = [Segment(" " * PREFIX, style)]
    for position, each in enumerate(placed):
        is_sorted = each.column.key == model.sort_column
        arrow = ("v " if model.reverse else "^ ") if is_sorted else ""
        if position:
            segments.append(Segment(" " * GAP, style))
        title = fit(f"{arrow}{each.title}", each.width, right=each.column.right)
        segments.append(Segment(title, sorted_style if is_sorted else style))
    return Strip(segments)


def fit(text: str, width: int, *, right: bool = False, middle: bool = False) -> str:
    """Text of exactly `width` cells; control characters of a device never reach the terminal.

    With `middle` a name without spaces is cut inside: `ASR1002_l…54-9-9-4`.
    """
    if not text.isprintable():
        text = clean(text.replace("\n", " "))
    if text.isascii():
        if len(text) > width:
            if middle and width >= _SHORTEST and " " not in text:
                tail = (width - 1) // 2
                return f"{text[: width - 1 - tail]}…{text[-tail:]}"
            return text[: width - 1] + "…" if width > 1 else text[:width]
        return text.rjust(width) if right else text.ljust(width)
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 1 else set_cell_size(text, width)
    return " " * (width - length) + text if right else text + " " * (width - length)


def clean(text: str) -> str:
    """Text of a device without control characters; line ends stay."""
    return "".join(char if char.isprintable() or char == "\n" else "·" for char in text.expandtabs())
