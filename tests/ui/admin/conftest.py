"""What tests of the administrative pages share."""

from __future__ import annotations

import re
from typing import Any

from textual.pilot import Pilot

from swim_tui.ui.app import SwimApp
from swim_tui.ui.dialogs.confirm import ConfirmDialog
from tests.ui.conftest import text_of
from tests.ui.pictures import Picture, calm, press

__all__ = ["Picture", "calm", "command", "press", "said", "say_yes"]


def said(app: SwimApp) -> str:
    """What is on the screen or was told in a notice, without frames and line ends."""
    told = " ".join(entry.text for entry in app.log_book.entries)
    return " ".join(re.sub(r"[│╭╮╰╯─|]", " ", text_of(app)).split()) + " " + told


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
