"""Pictures taken in the middle of a walk, in both sizes, so that one start of the app serves many."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from textual._wait import wait_for_idle
from textual.pilot import Pilot

from swim_tui.ui.app import SwimApp, _load_page
from swim_tui.ui.base import BasePage
from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.shell import HOME, VIEWS
from swim_tui.ui.state import UiState
from swim_tui.ui.widgets.frame import FooterLine
from swim_tui.ui.wizards import draft as drafts
from tests.ui.conftest import running, settle, until
from tests.ui.fakes import FakeSource

SIZES = ((80, 24), (120, 40))
Picture = Callable[[Pilot[Any], str], Awaitable[None]]
Compare = Callable[[str, str], None]


async def calm(pilot: Pilot[Any]) -> None:
    """Until a page has done what it was told, or a dialog asks."""
    await settle(pilot)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, each after the one before has been dealt with."""
    for key in keys:
        await pilot.press(key)
        await calm(pilot)
        if isinstance(pilot.app.screen, Dialog):
            pilot.app.screen._opened_at -= 1.0  # seen long enough: keys are meant for it


async def start_over(app: SwimApp, pilot: Pilot[Any]) -> None:
    """As if the program were new: no page, no draft, no cursor of the walk before."""
    while not isinstance(app.screen, BasePage):
        app.screen.dismiss(None)  # not popped: who asked still waits for an answer
        await pilot.pause()
    app.state = UiState()
    drafts._DRAFTS.pop(app, None)
    shown = app.go_view(HOME)
    if shown is not None:
        await shown
    while app.page is not None and not app.page.is_top:
        await app.pop_screen()
    for view in VIEWS:
        if view.id != HOME and app._screen_stacks.get(view.id):
            await app.remove_mode(view.id)
            app.add_mode(view.id, partial(_load_page, view.page))
    app.last_view = HOME
    await calm(pilot)


def picture_of(compare: Compare) -> Picture:
    """Compares the screen with the pictures of a name in both sizes; the footer fits in each."""

    async def take(pilot: Pilot[Any], name: str) -> None:
        app = pilot.app
        assert isinstance(app, SwimApp)
        app.set_status(version="1.0")
        for screen in app.screen_stack:
            if isinstance(screen, BasePage):
                screen.refresh_frame()  # a page below two dialogs is told of nothing
        for width, height in SIZES:
            if app.size != (width, height):
                await pilot.resize_terminal(width, height)
            await until(pilot, lambda: app.screen._compositor.size == app.size)  # a resize is dealt with later
            await calm(pilot)
            app.clear_notifications()
            await calm(pilot)
            if app._background_screens:
                await wait_for_idle(0.04)  # what lies below a dialog is painted later, and tells nobody
            for footer in app.screen.query(FooterLine):
                assert len("  ".join(f"{key} {label}" for key, label, _ in footer.labels)) <= footer.size.width
            compare(f"{name}-{width}x{height}", app.export_screenshot())
        await pilot.resize_terminal(*SIZES[0])
        await calm(pilot)

    return take


async def album(source: FakeSource, walks: Mapping[str, tuple[str, ...]], picture: Picture, **options: Any) -> None:
    """A picture at the end of each walk, all of them in one app."""
    async with running(source, **options) as (app, pilot):
        for name, keys in walks.items():
            await press(pilot, *keys)
            await picture(pilot, name)
            await start_over(app, pilot)
