"""A text of many lines: follow, find, wrap, times; only the lines that are seen are drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from swim_tui.model.words import counted
from swim_tui.ui.states import Tone
from swim_tui.ui.widgets.hanging import hanging
from swim_tui.ui.widgets.table_paint import clean


@dataclass(frozen=True)
class TextLine:
    """One line with what it means and when it came."""

    text: str
    tone: Tone = Tone.PLAIN
    at: datetime | None = None


class TextView(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines only ever get more; `set_lines` replaces them all."""

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {"text-view--hit", *(f"text-view--{tone}" for tone in Tone)}
    DEFAULT_CSS = """
    TextView { height: 1fr; background: $background; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1;
        overflow-x: auto; overflow-y: auto; padding: 0 0 0 1; }
    TextView > .text-view--hit { background: $block-cursor-background; color: $block-cursor-foreground; }
    TextView > .text-view--plain { color: $foreground; }
    TextView > .text-view--dim { color: $text-muted; }
    TextView > .text-view--run { color: $status-run; text-style: bold; }
    TextView > .text-view--ok { color: $status-ok; }
    TextView > .text-view--fail { color: $status-fail; text-style: bold; }
    TextView > .text-view--wait { color: $status-wait; }
    TextView > .text-view--skip { color: $text-muted; }
    TextView > .text-view--unknown { color: $status-unknown; }
    TextView > .text-view--link { color: $text-accent; text-style: bold; }
    """

    class Moved(Message):
        """Scrolled, found, or got lines: the note beside the crumbs should be read again."""

        def __init__(self, view: TextView) -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> TextView:
            """The text, for `@on` selectors."""
            return self.view

        def can_replace(self, message: Message) -> bool:
            """Only the newest of a burst matters."""
            return isinstance(message, TextView.Moved) and message.view is self.view

    def __init__(self, *, follow: bool = False, wrap: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.follow = follow
        self.wrap = wrap
        self.times = False
        self.needle = ""
        self.behind = 0
        self._lines: list[TextLine] = []
        self._shown: list[tuple[str, Tone]] = []
        self._hit = -1

    # --- content ---

    @property
    def lines(self) -> Sequence[TextLine]:
        """All lines."""
        return self._lines

    def text(self) -> str:
        """All lines as one text."""
        return "".join(line.text + "\n" for line in self._lines)

    def set_lines(self, lines: Sequence[TextLine]) -> None:
        """Replace everything."""
        self._lines = list(lines)
        self._reflow()
        if self.follow:
            self.to_end()

    def add(self, lines: Sequence[TextLine]) -> None:
        """Lines at the end; the view stays where it is unless it follows."""
        if not lines:
            return
        self._lines.extend(lines)
        for line in lines:
            self._shown.extend(self._layout(line))
        self._resize_virtual()
        if self.follow:
            self.to_end()
        else:
            self.behind += len(lines)
        self.refresh()
        self.post_message(self.Moved(self))

    def _layout(self, line: TextLine) -> list[tuple[str, Tone]]:
        prefix = f"{line.at.astimezone():%H:%M:%S} " if self.times and line.at is not None else ""
        width = max(10, self.scrollable_content_region.width)
        found: list[tuple[str, Tone]] = []
        for part in clean(line.text).split("\n"):
            text = prefix + part
            if self.wrap and len(text) > width:
                found += [(piece, line.tone) for piece in hanging(text, width)]
            else:
                found.append((text, line.tone))
        return found

    def _reflow(self) -> None:
        self._shown = [piece for line in self._lines for piece in self._layout(line)]
        self._resize_virtual()
        self.refresh()
        self.post_message(self.Moved(self))

    def _resize_virtual(self) -> None:
        width = 0 if self.wrap else max((len(text) for text, _ in self._shown), default=0)
        self.virtual_size = Size(width, len(self._shown))

    def on_resize(self) -> None:
        """Wrapped lines depend on the width."""
        if self.wrap:
            self._reflow()
        if self.follow:
            self.to_end()

    # --- moving ---

    def to_end(self) -> None:
        """Go to the end and follow."""
        self.follow, self.behind = True, 0
        self.scroll_to(y=self.max_scroll_y, animate=False, force=True)
        self.post_message(self.Moved(self))

    def move(self, lines: int) -> None:
        """Scroll; upwards stops following, reaching the end starts it again."""
        target = max(0, min(self.max_scroll_y, round(self.scroll_y) + lines))
        self.scroll_to(y=target, animate=False, force=True)
        self.follow = lines > 0 and target >= self.max_scroll_y
        if self.follow:
            self.behind = 0
        self.post_message(self.Moved(self))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel stops following too."""
        event.stop()
        self.move(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel down to the end follows again."""
        event.stop()
        self.move(3)

    # --- finding, showing ---

    def find(self, needle: str) -> int:
        """Mark all hits, go to the first at or below the top line; returns how many lines hit."""
        self.needle = needle.casefold()
        self._hit = round(self.scroll_y) - 1
        self.next_hit(1)
        self.refresh()
        return self.hits

    @property
    def hits(self) -> int:
        """Lines that contain the needle."""
        return sum(1 for text, _ in self._shown if self.needle in text.casefold()) if self.needle else 0

    def next_hit(self, step: int) -> None:
        """Go to the next or previous line that hits, around the end."""
        if not self.needle or not self._shown:
            return
        count = len(self._shown)
        for distance in range(1, count + 1):
            index = (self._hit + step * distance) % count
            if self.needle in self._shown[index][0].casefold():
                self._hit = index
                self.follow = False
                self.scroll_to(y=max(0, index - 2), animate=False, force=True)
                break
        self.post_message(self.Moved(self))

    def toggle_wrap(self) -> None:
        """Wrap long lines, or scroll sideways."""
        self.wrap = not self.wrap
        self._reflow()

    def toggle_times(self) -> None:
        """Show when each line came."""
        self.times = not self.times
        self._reflow()

    def status(self) -> str:
        """`12 hits for x   +37 lines, End to follow`."""
        parts = [f"{self.hits} {'hit' if self.hits == 1 else 'hits'} for {self.needle}"] if self.needle else []
        parts.append(counted(len(self._lines), "line"))
        if self.follow:
            parts.append("following")
        elif self.behind:
            parts.append(f"+{self.behind} lines, End to follow")
        return "  ".join(parts)

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """The text a mouse drag selected."""
        return selection.extract("\n".join(text for text, _ in self._shown)), "\n"

    # --- painting ---

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.size.width
        index = round(self.scroll_y) + y
        blank = self.rich_style
        if index >= len(self._shown):
            return Strip.blank(width, blank)
        text, tone = self._shown[index]
        style = self.get_component_rich_style(f"text-view--{tone.value}")
        strip = Strip(self._segments(text, style))
        left = round(self.scroll_x)
        return strip.crop_extend(left, left + width, blank).apply_offsets(left, index)

    def _segments(self, text: str, style: Style) -> list[Segment]:
        if not self.needle:
            return [Segment(text, style)]
        hit = self.get_component_rich_style("text-view--hit")
        pieces = re.split(f"({re.escape(self.needle)})", text, flags=re.IGNORECASE)
        return [Segment(piece, hit if index % 2 else style) for index, piece in enumerate(pieces) if piece]
