"""What is shown when nothing would fit: the size needed and the size there is."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

MIN_WIDTH, MIN_HEIGHT = 60, 18


def is_too_small(size: Size) -> bool:
    """Below 60 columns or 18 lines."""
    return size.width < MIN_WIDTH or size.height < MIN_HEIGHT


class TooSmall(ModalScreen[None]):
    """Goes away by itself when the terminal grows."""

    def compose(self) -> ComposeResult:
        """One text in the middle."""
        yield Static(id="too-small")

    def on_mount(self) -> None:
        """Say the numbers."""
        self._say()

    def on_resize(self) -> None:
        """Say the new numbers."""
        self._say()

    def _say(self) -> None:
        size = self.app.size
        self.query_one("#too-small", Static).update(
            Content(
                f"Terminal too small\nneeds {MIN_WIDTH} x {MIN_HEIGHT}\nhas   {size.width} x {size.height}\n"
                "Jobs go on. ^Q quits."
            )
        )
