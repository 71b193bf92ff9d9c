"""The process wheel: the five named actions around and in its centre, drawn small or large by the room there is."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.widget import Widget

_SMALL = (
    "          .-> {import} --.",
    "  {commit}    {server}    {distribute}",
    "          '-- {activate} <-'",
)
_TINY = (
    "{import}  {distribute}",
    "{activate}  {commit}",
    "{server}",
)
_LARGE = (
    "                 +----------------+",
    "         .------>|  {import}  |-------.",
    "         |       +----------------+       |",
    "         |                                v",
    "  +------------+ +----------------+ +----------------+",
    "  |  {commit}  | |  {server}  | |  {distribute}  |",
    "  +------------+ +----------------+ +----------------+",
    "         ^                                |",
    "         |       +----------------+       |",
    "         '-------|   {activate}   |<------'",
    "                 +----------------+",
)
LABELS = {
    "import": ("i", "Add/Import"),
    "distribute": ("d", "Distribute"),
    "activate": ("a", "Activate"),
    "commit": ("c", "Commit"),
    "server": ("s", "Add Server"),
}
LARGE_HEIGHT = len(_LARGE)


class ProcessWheel(Widget):
    """Clicking a label is pressing its key."""

    DEFAULT_CSS = "ProcessWheel { height: auto; width: auto; padding: 0 1; }"

    def __init__(self, *, read_only: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.is_large = self.is_tiny = False
        self._read_only = read_only
        self._extents: list[tuple[int, int, int, str]] = []

    def set_large(self, large: bool, *, tiny: bool = False) -> None:
        """Draw it with boxes, in three lines, or (tiny) as the five names alone."""
        if (large, tiny) != (self.is_large, self.is_tiny):
            self.is_large, self.is_tiny = large, tiny
            self.refresh(layout=True)

    def render(self) -> Content:
        """The drawing with its keys in bold; without keys where none of the five can be done."""
        template: Sequence[str] = _LARGE if self.is_large else _TINY if self.is_tiny else _SMALL
        self._extents.clear()
        parts: list[tuple[str, str]] = []
        for y, line in enumerate(template):
            x = 0
            for index, piece in enumerate(line.replace("}", "{").split("{")):
                if index % 2:
                    key, label = LABELS[piece]
                    width = len(key) + 1 + len(label)
                    if self._read_only:
                        parts.append((label.center(width), "$foreground-muted"))
                    else:
                        self._extents.append((y, x, x + width, piece))
                        parts += [(key, "bold reverse"), (f" {label}", "bold")]
                    x += width
                else:
                    parts.append((piece, "$foreground-muted"))
                    x += len(piece)
            parts.append(("\n", ""))
        return Content.assemble(*parts[:-1])

    async def on_click(self, event: events.Click) -> None:
        """Run the action under the pointer."""
        x = event.x - self.styles.padding.left
        for y, start, end, name in self._extents:
            if y == event.y and start <= x < end:
                await self.screen.run_action(f"do('home.{name}')")
