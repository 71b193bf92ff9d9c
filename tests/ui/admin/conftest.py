"""Pictures taken in the middle of a walk, so that one start of the app serves many."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from swim_tui.ui.app import SwimApp
from swim_tui.ui.base import BasePage
from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.dialogs.confirm import ConfirmDialog
from swim_tui.ui.widgets.frame import FooterLine
from tests.ui.conftest import text_of, until

SIZES = ((80, 24), (120, 40))
Picture = Callable[[Pilot[Any], str], Awaitable[None]]


async def calm(pilot: Pilot[Any]) -> None:
    """Until a page has done what it was told, or a dialog asks."""
    app = pilot.app

    def rests() -> bool:
        if isinstance(app.screen, BasePage) and not app.screen.is_ready:
            return False
        busy = any(worker.is_running for worker in app.workers if worker.group in ("actions", "form"))
        return not busy or isinstance(app.screen, Dialog)

    await pilot.pause()
    await until(pilot, rests)
    await pilot.pause()


def said(app: SwimApp) -> str:
    """What is on the screen or was told in a notice, without frames and line ends."""
    told = " ".join(entry.text for entry in app.log_book.entries)
    return " ".join(re.sub(r"[│╭╮╰╯─|]", " ", text_of(app)).split()) + " " + told


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, each after the one before has been dealt with."""
    for key in keys:
        await pilot.press(key)
        await calm(pilot)


async def command(pilot: Pilot[Any], word: str) -> None:
    """Type a command of the palette."""
    await press(pilot, "colon")
    await pilot.press(*word)
    await press(pilot, "enter")


async def say_yes(pilot: Pilot[Any], *keys: str) -> None:
    """Answer a consent dialog after it has been seen."""
    screen = pilot.app.screen
    assert isinstance(screen, ConfirmDialog)
    screen._opened_at -= 1.0
    await press(pilot, *(keys or ("y",)))


@pytest.fixture
def picture(snapshot: SnapshotAssertion) -> Picture:
    """Compare the screen with the pictures of that name in both sizes; the footer fits in each, as do all lines."""
    pictures = snapshot.use_extension(SVGImageExtension)

    async def take(pilot: Pilot[Any], name: str) -> None:
        app = pilot.app
        assert isinstance(app, SwimApp)
        app.set_status(version="1.0")
        for width, height in SIZES:
            if app.size != (width, height):
                await pilot.resize_terminal(width, height)
            await calm(pilot)
            app.clear_notifications()
            await pilot.pause(0.05)
            for footer in app.screen.query(FooterLine):
                assert len("  ".join(f"{key} {label}" for key, label, _ in footer.labels)) <= footer.size.width
            assert pictures(name=f"{name}-{width}x{height}") == app.export_screenshot()
        await pilot.resize_terminal(*SIZES[0])
        await calm(pilot)

    return take
