"""The session log of a device in a run, whole, and as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from swim_tui.api.contract import Contract
from swim_tui.model.events import TaskOutput
from swim_tui.model.phase import Direction, OutputLine
from swim_tui.ui.states import Tone
from swim_tui.ui.widgets.table_paint import clean
from swim_tui.ui.widgets.text_view import TextLine

_PAGE = 2000
NOTHING = TextLine("Nothing was sent to this device in this run yet.", Tone.DIM)


async def read_log(client: Contract, run_id: str, device: str) -> list[OutputLine]:
    """All lines there are, page by page."""
    offset = 0
    lines: list[OutputLine] = []
    while True:
        page = await client.run_log(run_id, device, offset=offset, limit=_PAGE)
        lines += page.lines
        if page.next_offset == offset:
            return lines
        offset = page.next_offset


def log_text(line: OutputLine) -> str:
    """When, which way, what: `2026-03-14T01:02:03.004+00:00 > show version`."""
    sign = {Direction.SENT: ">", Direction.RECEIVED: "<"}.get(line.direction, "#")
    return f"{line.at.isoformat(timespec='milliseconds')} {sign} {clean(line.text)}"


def shown_lines(lines: Iterable[OutputLine], *, sent_only: bool) -> list[TextLine]:
    """As a person reads them: `>` sent, `!` sent and can change the device, `#` said by this program."""
    wanted = [line for line in lines if not sent_only or line.direction is Direction.SENT]
    return [_text_line(line, text) for line in wanted for text in line.text.split("\n")]


def _text_line(line: OutputLine, text: str) -> TextLine:
    if line.direction is Direction.SENT:
        return TextLine(f"{'!' if line.changes else '>'} {text}", Tone.FAIL if line.changes else Tone.LINK, line.at)
    if line.direction is Direction.NOTE:
        return TextLine(f"# {text}", Tone.DIM, line.at)
    return TextLine(f"  {text}", Tone.PLAIN, line.at)


def fresh_lines(outputs: Iterable[TaskOutput], of: tuple[str, str] | None, last: OutputLine | None) -> list[OutputLine]:
    """What came of a run's device that is newer than the last line held: the first load had the others already."""
    told = (line for output in outputs if (output.run_id, output.device) == of for line in output.lines)
    return [line for line in told if last is None or line.at > last.at]


class OutputFeed:
    """The session log of the device that is looked at, as it grows; of a long one only the end is kept."""

    KEEP = 1000

    def __init__(self) -> None:
        self.of: tuple[str, str] | None = None  # run and device
        self._lines: list[OutputLine] = []

    def turn_to(self, run_id: str, device: str) -> bool:
        """Look at this device; True if it is another one than before, whose log is still to be read."""
        is_new = self.of != (run_id, device)
        if is_new:
            self.of, self._lines = (run_id, device), []
        return is_new

    async def read(self, client: Contract) -> bool:
        """What there is already; False if another device was turned to meanwhile."""
        wanted = self.of
        if wanted is None:
            return False
        lines = await read_log(client, *wanted)
        if self.of != wanted:
            return False
        last = lines[-1].at if lines else None
        came = [line for line in self._lines if last is None or line.at > last]
        self._lines = [*lines, *came][-self.KEEP :]
        return True

    def take(self, outputs: Sequence[TaskOutput]) -> bool:
        """What came; True if there is a line of this device in it."""
        fresh = fresh_lines(outputs, self.of, self._lines[-1] if self._lines else None)
        self._lines = [*self._lines, *fresh][-self.KEEP :]
        return bool(fresh)

    def shown(self, *, sent_only: bool) -> list[TextLine]:
        """All that is kept."""
        return shown_lines(self._lines, sent_only=sent_only) or [NOTHING]
