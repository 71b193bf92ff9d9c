"""The session log of a device in a run, whole, and as lines of text."""

from __future__ import annotations

from swim_tui.api.contract import Contract
from swim_tui.model.phase import Direction, OutputLine
from swim_tui.ui.widgets.table_paint import clean

_PAGE = 2000


async def read_log(client: Contract, run_id: str, device: str) -> list[OutputLine]:
    """All lines there are, page by page."""
    offset = 0
    lines: list[OutputLine] = []
    while True:
        page = await client.run_log(run_id, device, offset=offset, limit=_PAGE)
        lines += page.lines
        if page.next_offset == offset or not page.lines:
            return lines
        offset = page.next_offset


def log_text(line: OutputLine) -> str:
    """When, which way, what: `2026-03-14T01:02:03.004+00:00 > show version`."""
    sign = {Direction.SENT: ">", Direction.RECEIVED: "<"}.get(line.direction, "#")
    return f"{line.at.isoformat(timespec='milliseconds')} {sign} {clean(line.text)}"
