"""What the app knows of a page, and the frame that is painted before any page is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.screen import Screen

from swim_tui.ui.widgets.frame import CrumbLine, FooterLine, HeaderLine, TabLine

if TYPE_CHECKING:
    from swim_tui.ui.mirror import Changes


class BasePage(Screen[None]):
    """A screen below the dialogs; everything here does nothing until a page does it better."""

    view = "images"
    is_top = True
    is_composed = False

    @property
    def is_ready(self) -> bool:
        """Whether its widgets are there: not before they are mounted, and not while the page is taken down."""
        found = self.query_one_optional
        return self.is_composed and found(FooterLine) is not None and found(HeaderLine) is not None

    def refresh_frame(self) -> None:
        """Header, crumbs and footer from the app's state."""

    def refresh_note(self) -> None:
        """Crumbs and counts."""

    def start_loading(self) -> None:
        """The engine answers: load, then show."""

    def show(self, changes: Changes) -> None:
        """Bring the widgets up to the mirror."""

    def show_panes(self, changes: Changes) -> None:
        """Bring the panes beside the list up to what came."""

    def tick_panes(self) -> None:
        """Once a second, for the panes beside the list."""

    def open_argument(self, argument: str) -> None:
        """What was typed behind a view's name in the palette."""

    def tick(self) -> None:
        """Once a second while the page is seen."""


class FirstFrame(BasePage):
    """Only the frame: it stands while the rest of the program is imported."""

    def compose(self) -> ComposeResult:
        """Header, tabs, footer."""
        yield HeaderLine()
        yield TabLine("")
        yield CrumbLine()
        yield FooterLine()

    def on_mount(self) -> None:
        """Say what goes on."""
        self.query_one(CrumbLine).crumbs = ("Starting",)
