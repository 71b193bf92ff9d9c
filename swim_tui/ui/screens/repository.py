"""The Software Image Repository: list, import, delete."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from swim_tui.model.image import SoftwareImage
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.mirror import Changes
from swim_tui.ui.page import Page
from swim_tui.ui.record import as_text
from swim_tui.ui.registry import Scope
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.times import short_size
from swim_tui.ui.widgets.columns import Brief, Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch
from swim_tui.ui.wizards.open import open_wizard


class ImageLine:
    """A row of the repository: the image, keyed by its id."""

    __slots__ = ("image",)

    def __init__(self, image: SoftwareImage) -> None:
        self.image = image

    @property
    def key(self) -> str:
        """The image's id."""
        return self.image.id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ImageLine) and other.image == self.image

    __hash__ = None  # type: ignore[assignment]


def needs(image: SoftwareImage) -> Cell:
    """Minimum RAM and flash, or that they are not set."""
    ram, flash = image.min_ram_bytes, image.min_flash_bytes
    if ram is None and flash is None:
        return Cell("! not set", Tone.WAIT)
    return Cell(f"{short_size(ram) or '?'} / {short_size(flash) or '?'}")


def family(image: SoftwareImage) -> Cell:
    """The family, or that nobody knows it."""
    return Cell(image.family) if image.family else Cell("? not recognised", Tone.UNKNOWN)


IMAGES = TableSpec[ImageLine](
    "repository",
    (
        Column("file", "File Name", 36, lambda r: Cell(r.image.file_name), 1, "n", flex=True, least=24),
        Column("family", "Image Family", 17, lambda r: family(r.image), 2, "f"),
        Column("type", "Image Type", 10, lambda r: Cell(r.image.identity.image_type), 5, "t"),
        Column("version", "Version", 14, lambda r: Cell(r.image.version), 2, "v"),
        Column(
            "size",
            "Size",
            8,
            lambda r: Cell(short_size(r.image.size_bytes)),
            3,
            "s",
            lambda r: r.image.size_bytes,
            right=True,
        ),
        Column("needs", "RAM / flash", 17, lambda r: needs(r.image), 4, "m", least=15),
        Column(
            "updated",
            "Updated On",
            30,
            lambda r: Cell(f"{r.image.imported_at.astimezone():%B %d, %Y %H:%M:%S %Z}"),
            6,
            "u",
            lambda r: r.image.imported_at.timestamp(),
            least=12,
            brief=Brief("Updated On", lambda r: Cell(f"{r.image.imported_at.astimezone():%b %d, %Y}")),
        ),
        Column("source", "Source", 24, lambda r: Cell(r.image.source), 7, "o"),
        Column("id", "Id", 16, lambda r: Cell(r.image.id), 8, "i"),
    ),
    name=lambda r: r.image.file_name,
    attention=lambda r: not r.image.identity.recognised or needs(r.image).tone is Tone.WAIT,
    sort="file",
    empty="No images. n imports one: from a device, Cisco, a URL, a server, or a file.\n\n"
    "An image must be here before it can be distributed; it stays for reuse.",
)


class RepositoryPage(Page):
    """Selected n / Total n; marks are what is deleted."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.REPOSITORY, Scope.TABLE, Scope.GLOBAL)
    view = "repository"
    has_detail = True

    def body(self) -> Iterable[Widget]:
        """The table."""
        table = LiveTable(IMAGES, id="repository")
        table.add_class("-counted")
        yield table
        yield Static(classes="empty", id="repository-empty")

    def note(self) -> str:
        """Selected and total, as users know it (FEATURES 28)."""
        return self._table().status(selects=True)

    async def load(self) -> None:
        """All images."""
        await self.session.load_images()

    def show(self, changes: Changes) -> None:
        """The list when it changed."""
        if self.mirror.has_images and (changes.resync or changes.repository):
            rows = [ImageLine(image) for image in self.mirror.images.values()]
            self._table().apply(Batch(rows, reset=True))

    def _table(self) -> LiveTable[ImageLine]:
        return self.query_one("#repository", LiveTable)

    def detail(self, row: Any) -> str:
        """All fields."""
        return as_text(replace(row.image, sha512=row.image.sha512[:32] + "..."))

    def record(self, row: Any) -> object:
        """The image."""
        return row.image

    def open_argument(self, argument: str) -> None:
        """`:image NAME` opens it, else filters."""
        found = [image for image in self.mirror.images.values() if argument in (image.file_name, image.id)]
        if found:
            self.open_image(found[0].id)
        else:
            self._table().set_filter(argument)

    def open_image(self, image_id: str) -> None:
        """Image Information."""
        from swim_tui.ui.screens.image import ImagePage

        self.app.push_screen(ImagePage(image_id))

    @on(LiveTable.Opened, "#repository")
    def _open(self, event: LiveTable.Opened) -> None:
        self.open_image(event.key)

    async def do_repository_import(self) -> None:
        """Import an image."""
        await open_wizard(self, "import")

    def do_repository_analysis(self) -> None:
        """Which devices the marked images fit."""
        from swim_tui.ui.screens.analysis import AnalysisPage

        self.app.push_screen(AnalysisPage(images=[row.image.id for row in self._table().targets]))

    async def do_repository_delete(self) -> None:
        """Delete the marked images."""
        images = [row.image for row in self._table().targets]
        if not images:
            return
        count = len(images)
        gone, back = ("The file is", "It") if count == 1 else ("The files are", "They")
        ask = Confirmation(
            title=f"Delete {images[0].file_name if count == 1 else f'{count} images'} from the repository?",
            verb="delete",
            level=2 if count == 1 else 3,
            targets=[f"{image.file_name}  {image.version}" for image in images],
            impact=f"{gone} removed from this machine; devices keep theirs. {back} can be imported again.",
            phrase=f"delete {count}",
            opened_by="delete",
        )
        if await self.app.push_screen_wait(ConfirmDialog(ask)):
            for image in images:
                await self.session.client.delete_image(image.id)
            self.app.notify(f"deleted {count}")
