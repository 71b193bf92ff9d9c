"""Image Information: all fields, hashes, who runs it, minimum RAM and flash to edit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.containers import VerticalScroll
from textual.widget import Widget

from swim_tui.errors import Conflict
from swim_tui.model.image import SoftwareImage
from swim_tui.model.views import ImageDetail
from swim_tui.ui.dialogs.find import FindDialog
from swim_tui.ui.dialogs.form import Field, FormDialog
from swim_tui.ui.dialogs.guide import show_guide
from swim_tui.ui.mirror import Changes
from swim_tui.ui.page import Page
from swim_tui.ui.record import as_text
from swim_tui.ui.registry import Scope
from swim_tui.ui.states import Tone
from swim_tui.ui.times import detail_time, significant, size_mb
from swim_tui.ui.widgets.facts import Fact, FactsBlock
from swim_tui.ui.wizards.open import open_wizard

_MB = 2**20


def megabytes(text: str) -> str:
    """What is wrong with a number of MB; empty is fine and means not known."""
    if not text:
        return ""
    try:
        value = float(text)
    except ValueError:
        return "give a number of MB, such as 512"
    return "" if 0 < value < 10_000_000 else "give a number of MB above 0"


def to_bytes(text: str) -> int | None:
    """MB as typed, in bytes."""
    return int(float(text) * _MB) if text else None


def mb_text(size_bytes: int | None) -> str:
    """Bytes as MB for the form."""
    return significant(size_bytes / _MB, 6).rstrip("0").rstrip(".") if size_bytes else ""


class ImagePage(Page):
    """The page of one image; `e` edits what gates analysis and distribution (FEATURES 53 to 60)."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.IMAGE, Scope.GLOBAL)
    view = "repository"
    is_top = False

    def __init__(self, image_id: str) -> None:
        super().__init__()
        self.image_id = image_id
        self._detail: ImageDetail | None = None

    def crumbs(self) -> tuple[str, ...]:
        """Repository > file."""
        name = self._detail.image.file_name if self._detail is not None else self.image_id
        return ("Software Image Repository", name)

    def body(self) -> Iterable[Widget]:
        """Facts that scroll."""
        with VerticalScroll(can_focus=True):
            yield FactsBlock(id="image-facts")

    def focus_table(self) -> None:
        """The keys scroll."""
        self.query_one(VerticalScroll).focus()

    async def load(self) -> None:
        """The image."""
        self._detail = await self.session.client.image(self.image_id)
        self._fill()

    def show(self, changes: Changes) -> None:
        """Load again when images changed."""
        if changes.repository:
            self.start_loading()
        elif changes.resync:
            self._fill()

    def _fill(self) -> None:
        if self._detail is not None:
            self.query_one("#image-facts", FactsBlock).show(self._facts(self._detail))
            self.refresh_note()

    def _facts(self, detail: ImageDetail) -> list[Fact]:
        image, identity = detail.image, detail.image.identity
        unset = "not set: e sets it"
        ram, flash = image.min_ram_bytes, image.min_flash_bytes
        return [
            ("File Name", image.file_name),
            ("Image Family", self._with_origin(image, "family", image.family or "not recognised")),
            ("Image Name", identity.image_name),
            ("Image Type", str(identity.image_type)),
            ("Version", self._with_origin(image, "version", image.version or "not recognised")),
            ("Feature set", identity.feature_set),
            ("File Size", size_mb(image.size_bytes)),
            ("Minimum RAM", size_mb(ram) if ram else unset, Tone.PLAIN if ram else Tone.WAIT),
            ("Minimum Flash", size_mb(flash) if flash else unset, Tone.PLAIN if flash else Tone.WAIT),
            ("", "" if ram and flash else "An image without minimums can be distributed and then run badly", Tone.WAIT),
            ("Minimum Version", image.min_version),
            ("Minimum ROMMON", image.min_rommon),
            (
                "Strong crypto",
                {True: "yes", False: "no: SSH will not come back", None: ""}[identity.has_strong_crypto],
                Tone.FAIL if identity.has_strong_crypto is False else Tone.PLAIN,
            ),
            ("Updated On", detail_time(image.imported_at, utc=self.swim.status.utc)),
            ("Source", image.source),
            ("MD5", image.md5),
            ("SHA-512", image.sha512),
            ("Problems", "; ".join(identity.problems), Tone.WAIT),
            ("Running on", ", ".join(detail.running_on) or "no device"),
            ("Jobs", ", ".join(detail.jobs) or "none"),
            ("Note", image.note),
        ]

    def _with_origin(self, image: SoftwareImage, field: str, text: str) -> str:
        origin = image.identity.origins.get(field)
        return f"{text} (from {origin})" if origin else text

    async def do_image_edit(self) -> None:
        """Edit the minimums."""
        if self._detail is None:
            return
        image = self._detail.image
        source = "From release notes, download page or a report. Give exact figures: the tolerance is a setting."
        fields = [
            Field("ram", "Minimum RAM (MB)", mb_text(image.min_ram_bytes), "such as 512", megabytes, help=source),
            Field("flash", "Minimum Flash (MB)", mb_text(image.min_flash_bytes), "such as 64", megabytes, help=source),
            Field("min_version", "Minimum Version", image.min_version, "running version it may start from"),
            Field("min_rommon", "Minimum ROMMON", image.min_rommon, "boot loader it needs, such as 16.7(2r)"),
            Field("version", "Version", image.version, "such as 15.0(2)SE11"),
            Field("family", "Image Family", image.family, "such as CAT3K_CAA"),
        ]

        async def save(answer: dict[str, str]) -> None:
            await self._save(image, answer)

        if await self.app.push_screen_wait(FormDialog("Image Details", fields, save=save)) is not None:
            await self.load()
            self.app.notify(f"saved {image.file_name}")

    async def _save(self, image: SoftwareImage, answer: dict[str, str]) -> None:
        def changed(name: str, old: str) -> str | None:
            return answer[name] if answer[name] != old else None

        await self.session.client.set_image(
            self.image_id,
            min_ram_bytes=to_bytes(answer["ram"]) or 0,  # an empty field clears the minimum
            min_flash_bytes=to_bytes(answer["flash"]) or 0,
            version=changed("version", image.version),
            family=changed("family", image.family),
            min_version=changed("min_version", image.min_version),
            min_rommon=changed("min_rommon", image.min_rommon),
        )

    async def do_image_devices(self) -> None:
        """Choose one of the devices that run it."""
        names = self._detail.running_on if self._detail is not None else ()
        if not names:
            raise Conflict(detail="no device runs this image", action="u shows which devices it fits")
        chosen = await self.app.push_screen_wait(FindDialog("Running on", [(name, name) for name in names]))
        if chosen:
            from swim_tui.ui.screens.device import DevicePage

            self.app.push_screen(DevicePage(chosen[0]))

    async def do_image_jobs(self) -> None:
        """Choose one of the jobs that used it."""
        ids = self._detail.jobs if self._detail is not None else ()
        if not ids:
            raise Conflict(detail="no job used this image", action="d on the home view distributes it")
        jobs = self.mirror.jobs
        entries = [(job, f"{job}  {jobs[job].name}" if job in jobs else job) for job in ids]
        chosen = await self.app.push_screen_wait(FindDialog("Jobs", entries))
        if chosen:
            from swim_tui.ui.screens.job import JobPage

            latest = self.mirror.latest_run(chosen[0])
            self.app.push_screen(JobPage(chosen[0], latest.run.id if latest is not None else ""))

    async def do_image_analysis(self) -> None:
        """Which devices it fits."""
        await open_wizard(self, "analysis", images=[self.image_id])

    async def do_image_guide(self) -> None:
        """Minimum requirements."""
        await show_guide(self.app, "minimums")

    def do_table_record(self) -> None:
        """The record as it is stored."""
        if self._detail is not None:
            self.swim.show_text("Record", as_text(self._detail))
