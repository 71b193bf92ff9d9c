"""Opening a wizard: with what is marked, or with the draft that was left behind."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.page import Page
from swim_tui.ui.wizards.draft import Draft, drop, fresh, kept

WIZARDS = {
    "import": "swim_tui.ui.wizards.import_images:ImportWizard",
    "distribute": "swim_tui.ui.wizards.distribute:DistributeWizard",
    "activate": "swim_tui.ui.wizards.activate:ActivateWizard",
    "commit": "swim_tui.ui.wizards.commit:CommitWizard",
    "rollback": "swim_tui.ui.wizards.rollback:RollbackWizard",
    "analysis": "swim_tui.ui.wizards.analysis:AnalysisWizard",
}


async def open_wizard(page: Page, kind: str, *, images: Sequence[str] = (), devices: Sequence[str] = ()) -> None:
    """Show a wizard; a draft is offered first, so that nothing typed is lost or taken by surprise."""
    draft: Draft | None = kept(page.app, kind)
    if draft is not None:
        marked = (
            f"with the {len(images) + len(devices)} that are marked" if images or devices else "with nothing chosen"
        )
        choices = [
            Choice("draft", "d", "Go on with it"),
            Choice("new", "n", "Start anew", marked),
        ]
        chosen = await page.app.push_screen_wait(ChooseDialog(f"There is a draft: {draft.summary()}", choices))
        if chosen is None:
            return
        if chosen == "new":
            drop(page.app, kind)
            draft = None
    module, _, name = WIZARDS[kind].partition(":")
    wizard = getattr(import_module(module), name)
    page.app.push_screen(wizard(draft or fresh(kind, images=images, devices=devices)))
