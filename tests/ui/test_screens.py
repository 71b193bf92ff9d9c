"""Pictures of every page and dialog, as a person sees them at 80x24 and 120x40."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from swim_tui.ui.app import SwimApp
from tests.ui.conftest import make_app, settle, until
from tests.ui.fakes import world
from tests.ui.walks import DIALOGS, WALKS

Compare = Callable[..., bool]
SIZES = [(80, 24), (120, 40)]


def walking(keys: tuple[str, ...]) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Connect, then press the keys, each after the one before has been dealt with."""

    async def walk(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, SwimApp)
        app.set_status(version="1.0")
        await until(pilot, lambda: app.status.connected)
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.05)
        await pilot.pause(0.3)

    return walk


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("walk", WALKS)
def test_page(snap_compare: Compare, walk: str, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(world(40)), terminal_size=size, run_before=walking(WALKS[walk]))


@pytest.mark.parametrize("dialog", DIALOGS)
def test_dialog(snap_compare: Compare, dialog: str) -> None:
    assert snap_compare(make_app(world(40)), terminal_size=(80, 24), run_before=walking(DIALOGS[dialog]))


def test_wide_jobs_with_the_detail_beside(snap_compare: Compare) -> None:
    assert snap_compare(make_app(world(40)), terminal_size=(160, 40), run_before=walking(("2", "j")))


def test_high_contrast_and_ascii(snap_compare: Compare) -> None:
    app = make_app(world(40), theme="swim-high-contrast", ascii_only=True)
    app.status = replace(app.status, read_only=True)
    assert snap_compare(app, terminal_size=(80, 24), run_before=walking(("2",)))
