"""Upgrade Analysis: image source, devices, images, then the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from urllib.parse import unquote

from swim_tui.model.remote import RemoteFile
from swim_tui.ui.widgets.columns import TableSpec
from swim_tui.ui.wizards import draft as drafts
from swim_tui.ui.wizards.base import WizardPage
from swim_tui.ui.wizards.device_step import UNVERIFIED, Candidate, DeviceStep
from swim_tui.ui.wizards.image_step import ImageStep
from swim_tui.ui.wizards.remote_steps import CiscoStep
from swim_tui.ui.wizards.source_step import SourceChoice, SourceStep
from swim_tui.ui.wizards.step import Step


class AnalysisSourceStep(SourceStep):
    """Where the image is now."""

    title: ClassVar[str] = "Image Source"
    brief: ClassVar[str] = "Source"
    choices: ClassVar[Sequence[SourceChoice]] = (
        SourceChoice("repository", "Repository", "Selected images against selected devices, one row for each pair."),
        SourceChoice("any", "Repository, without choosing an image", "For each device the images that fit it."),
        SourceChoice(
            "cisco",
            "Cisco.com",
            "Images that are not here yet, by name and size. Minimum RAM is known after the import.",
        ),
    )


class AnalysisDeviceStep(DeviceStep):
    """Every device may be compared."""

    hint: ClassVar[str] = "Space selects, a all. Facts get old: r in view 3 (Devices) reads them."
    actions: ClassVar[frozenset[str]] = frozenset({"wizard.paste"})
    verifies: ClassVar[bool] = False
    spec: ClassVar[TableSpec[Candidate]] = UNVERIFIED

    async def find_eligible(self) -> None:
        """All of them."""
        self.offer(self.wizard.mirror.devices)


class AnalysisImageStep(ImageStep):
    """The last step: going on runs the report."""

    hint: ClassVar[str] = "Space marks images. ^N runs the report."


class AnalysisCiscoStep(CiscoStep):
    """What the vendor has, to decide whether to upgrade at all; going on runs the report."""

    title: ClassVar[str] = "Image Selection"
    brief: ClassVar[str] = "Image"
    hint: ClassVar[str] = "Product and running release, F5 lists; Space marks. ^N runs the report."

    def keep(self, files: list[str]) -> None:
        """The size is all that is compared: it stays with the choice."""
        rows = self.grid.model.rows
        self.draft.form.update({name: str(rows[name].file.size_bytes or 0) for name in files if name in rows})
        super().keep(files)


class AnalysisWizard(WizardPage):
    """Changes nothing: it ends in the report."""

    kind: ClassVar[str] = "analysis"
    caption: ClassVar[str] = "Upgrade Analysis"

    def steps(self) -> Sequence[type[Step]]:
        """Without an image there is nothing to select."""
        last: dict[str, tuple[type[Step], ...]] = {"any": (), "cisco": (AnalysisCiscoStep,)}
        return (AnalysisSourceStep, AnalysisDeviceStep, *last.get(self.draft.source, (AnalysisImageStep,)))

    async def load(self) -> None:
        """The credential profiles too."""
        self.profiles = [profile.name for profile in await self.session.client.credentials()]
        await super().load()

    async def do_wizard_recheck(self) -> None:
        """List what Cisco.com has again."""
        if isinstance(self.step, AnalysisCiscoStep):
            await self.step.list_place()

    async def send(self) -> None:
        """Run Report; the draft stays, to be changed and run again."""
        from swim_tui.ui.screens.analysis import AnalysisPage

        drafts.keep(self.app, self.draft)
        draft, source = self.draft, self.draft.source
        chosen = draft.files if source == "cisco" else ()
        offered = [RemoteFile(unquote(name.rpartition("/")[2]), int(draft.form.get(name) or 0)) for name in chosen]
        images = draft.images if source not in ("any", "cisco") else []
        self.app.switch_screen(AnalysisPage(images, draft.devices, offered))
