"""Pictures of every step of the wizards at 80x24 and 120x40."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from textual.pilot import Pilot

from swim_tui.ui.app import SwimApp
from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.wizards.base import WizardPage
from tests.ui.conftest import make_app, settle, until
from tests.ui.fakes import uncommitted_world, world

Compare = Callable[..., bool]
SIZES = [(80, 24), (120, 40)]
IMAGE = ("d", "j", "j", "space")
DEVICES = (*IMAGE, "ctrl+n", "j", "space", "space")
ROLLBACK = ("2", "n", "r")
WALKS: Mapping[str, tuple[str, ...]] = {
    "distribute-1-image": IMAGE,
    "distribute-2-device": DEVICES,
    "distribute-3-assign": (*DEVICES, "ctrl+n"),
    "distribute-4-options": (*DEVICES, "ctrl+n", "ctrl+n"),
    "distribute-5-schedule": (*DEVICES, "ctrl+n", "ctrl+n", "ctrl+n"),
    "distribute-6-plan": (*DEVICES, "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n"),
    "activate-1-source": ("a",),
    "activate-2-job": ("a", "j", "enter", "space"),
    "activate-3-preview": ("a", "j", "enter", "space", "ctrl+n"),
    "activate-4-options": ("a", "j", "enter", "space", "ctrl+n", "ctrl+n"),
    "import-1-source": ("i",),
    "import-2-url": ("i", "j", "enter"),
    "import-2-device": ("i", "j", "j", "enter"),
    "import-3-schedule": ("i", "j", "enter", *"https://h/x.bin", "ctrl+n"),
    "import-2-server": ("i", *("down",) * 3, "enter", *"files.example.net", "down", "right", "down", "enter", "enter"),
    "import-2-cisco": ("i", *("down",) * 4, "enter"),
    "commit-1-device": ("c",),
    "commit-2-options": ("c", "space", "ctrl+n"),
    "rollback-1-device": ROLLBACK,
    "rollback-2-options": (*ROLLBACK, "space", "ctrl+n"),
    "rollback-4-plan": (*ROLLBACK, "space", "ctrl+n", "ctrl+n", "ctrl+n"),
    "analysis-1-source": ("u",),
    "analysis-2-devices": ("u", "enter", "a"),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("walk", WALKS)
def test_step(snap_compare: Compare, walk: str, size: tuple[int, int]) -> None:
    async def press(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, SwimApp)
        app.set_status(version="1.0")
        await until(pilot, lambda: app.status.connected)
        await settle(pilot)
        for key in WALKS[walk]:
            await pilot.press(key)
            await pilot.pause()
            if not isinstance(app.screen, Dialog):
                await settle(pilot)
            page = app.screen
            if isinstance(page, WizardPage):
                await until(
                    pilot, lambda page=page: not page.verifier.is_pending(page.draft.devices) or not page.draft.images
                )  # type: ignore[misc]
        await pilot.pause(0.2)

    assert snap_compare(
        make_app(uncommitted_world() if walk.startswith("commit") else world()), terminal_size=size, run_before=press
    )
