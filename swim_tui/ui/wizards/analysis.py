"""Upgrade Analysis: image source, devices, images, then the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from swim_tui.ui.widgets.columns import TableSpec
from swim_tui.ui.wizards import draft as drafts
from swim_tui.ui.wizards.base import WizardPage
from swim_tui.ui.wizards.device_step import UNVERIFIED, Candidate, DeviceStep
from swim_tui.ui.wizards.image_step import ImageStep
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
            "Images that are not here yet.",
            "what an image needs is known when it is here: import it first (view 1, i, Cisco.com)",
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


class AnalysisWizard(WizardPage):
    """Changes nothing: it ends in the report."""

    kind: ClassVar[str] = "analysis"
    caption: ClassVar[str] = "Upgrade Analysis"

    def steps(self) -> Sequence[type[Step]]:
        """Without an image there is nothing to select in the repository."""
        last: tuple[type[Step], ...] = () if self.draft.source == "any" else (AnalysisImageStep,)
        return (AnalysisSourceStep, AnalysisDeviceStep, *last)

    async def send(self) -> None:
        """Run Report; the draft stays, to be changed and run again."""
        from swim_tui.ui.screens.analysis import AnalysisPage

        drafts.keep(self.app, self.draft)
        images = [] if self.draft.source == "any" else self.draft.images
        self.app.switch_screen(AnalysisPage(images, self.draft.devices))
