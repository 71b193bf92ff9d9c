"""Image Selection: which images of the repository."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from swim_tui.ui.mirror import Changes
from swim_tui.ui.screens.repository import IMAGES, ImageLine
from swim_tui.ui.widgets.columns import TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch
from swim_tui.ui.wizards.base import marks_of
from swim_tui.ui.wizards.step import Step

WIZARD_IMAGES = TableSpec[ImageLine](
    "wizard-images",
    IMAGES.columns,
    name=IMAGES.name,
    attention=IMAGES.attention,
    sort="file",
    empty="No images in the repository. Esc, then i imports one: it must be here before it can be distributed.",
)


class ImageStep(Step):
    """The repository with marks; several images serve devices of several families."""

    title: ClassVar[str] = "Image Selection"
    brief: ClassVar[str] = "Image"
    hint: ClassVar[str] = "Space marks images, several for devices of several families. ^N goes on."

    def compose(self) -> ComposeResult:
        """The table."""
        yield LiveTable(WIZARD_IMAGES, id="wizard-images")
        yield Static(classes="empty", id="wizard-images-empty")

    @property
    def grid(self) -> LiveTable[ImageLine]:
        """The table."""
        return self.query_one("#wizard-images", LiveTable)

    async def enter(self) -> None:
        """The repository as it is now."""
        self._fill()

    def world_changed(self, changes: Changes) -> None:
        """An import has ended, or an image was deleted."""
        if changes.repository:
            self._fill()
            self.wizard.refresh_note()

    def _fill(self) -> None:
        """Marks of images that are gone go too."""
        held = self.wizard.mirror.images
        self.draft.images = [name for name in self.draft.images if name in held]
        self.grid.apply(Batch([ImageLine(image) for image in held.values()], reset=True))
        marks_of(self.grid, self.draft.images)

    def focus_first(self) -> None:
        """The table."""
        self.grid.focus()

    def note(self) -> str:
        """Selected n / Total m."""
        return f"Selected {len(self.draft.images)} / Total {self.grid.model.total}"

    def problem(self) -> str:
        """At least one."""
        return "" if self.draft.images else "No image is selected: Space marks the one under the cursor."

    @on(LiveTable.Changed)
    def _marked(self, event: LiveTable.Changed) -> None:
        table: LiveTable[Any] = event.table
        marks = table.model.marks
        if set(self.draft.images) != marks:
            kept = [name for name in self.draft.images if name in marks]
            self.draft.images = [*kept, *(name for name in table.model.rows if name in marks and name not in kept)]
            self.wizard.say("")

    @on(LiveTable.Opened)
    def _opened(self, event: LiveTable.Opened) -> None:
        event.stop()
        event.table.toggle_mark()
