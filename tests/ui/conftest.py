"""What UI tests share: an app over the scripted engine, and patience without sleeps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual._context import active_app
from textual.app import App
from textual.pilot import Pilot
from textual.widget import Widget

from swim_tui.ui.app import SwimApp, UiOptions
from swim_tui.ui.base import BasePage
from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.page import Page
from tests.ui.fakes import FakeSource, FixedClock

_LOOKS, _TURNS = 3, 5
ENDLESS = ("session", "questions", "unlocking")  # groups of workers that wait for a person or the engine


@pytest.fixture(autouse=True)
def _no_colour_switch_and_zone_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    time.tzset()
    for module in ("app", "pilot"):
        monkeypatch.setattr(f"textual.{module}.wait_for_idle", until_painted)


async def until_painted(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """For Textual's own, which sleeps twice for each key until the process takes no time."""
    app, end, seen = active_app.get(), time.monotonic() + max_sleep, 0
    while seen < _LOOKS and app.screen_stack and time.monotonic() < end:
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        seen = seen + 1 if app.screen_stack and is_painted(app) else 0
        if not seen:
            await asyncio.sleep(0.001)


def make_app(source: FakeSource, **options: Any) -> SwimApp:
    """The app over a scripted engine; its clock stands still."""
    return SwimApp(UiOptions(Path("/srv/swim"), **{"welcome": False, **options}), source.connect, FixedClock())


async def until(pilot: Pilot[Any], condition: Callable[[], bool], *, limit_s: float = 30.0) -> None:
    """Let the app work until something holds."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it never came to hold"
        await pilot.pause(0.02)


@asynccontextmanager
async def running(
    source: FakeSource, *, size: tuple[int, int] = (80, 24), **options: Any
) -> AsyncIterator[tuple[SwimApp, Pilot[Any]]]:
    """A connected app."""
    app = make_app(source, **options)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.status.connected)
        await settle(pilot)
        yield app, pilot


def is_painted(app: App[Any]) -> bool:
    """True when no widget has a message to read, and nothing waits to be laid out or painted."""
    if app._resize_event is not None or app._resize_timer is not None:
        return False  # a new size is taken a 120th of a second later
    widgets = (app.screen, *app.screen.walk_children(Widget))
    if any(pump.message_queue_size or pump._next_callbacks for pump in (app, *widgets)):
        return False
    shown = app.screen._compositor.visible_widgets  # what is hidden keeps its flag until it is told something
    if any(w._layout_required or w._recompose_required or (w._repaint_required and w in shown) for w in widgets):
        return False
    return not (app.screen._dirty_widgets or app.screen._callbacks)


def is_at_rest(app: App[Any]) -> bool:
    """True when nothing is loaded, fetched, verified or painted any more; a dialog may wait for its answer."""
    screen = app.screen
    if isinstance(screen, BasePage) and not screen.is_ready:
        return False
    if isinstance(screen, Page) and screen._detail_timer is not None:
        return False
    if isinstance(app, SwimApp) and any(not task.done() for task in app.session._refetches.values()):
        return False
    waits = (*ENDLESS, "actions", "form") if isinstance(screen, Dialog) else ENDLESS
    return not any(w.is_running for w in app.workers if w.group not in waits) and is_painted(app)


async def settle(pilot: Pilot[Any], *, limit_s: float = 30.0) -> None:
    """Let loading and painting come to rest: what came to rest may ask for more, so it is looked at several times."""
    end, wait_s, seen = time.monotonic() + limit_s, 0.001, 0
    while seen < _LOOKS:
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        pilot.app.screen._on_timer_update()  # paint now what would be painted at the next sixtieth of a second
        if is_at_rest(pilot.app):
            seen += 1
            continue
        assert time.monotonic() < end, "it never came to rest"
        await asyncio.sleep(wait_s)
        wait_s, seen = min(0.02, wait_s * 2), 0


def text_of(app: SwimApp) -> str:
    """What is on the screen, as lines of text."""
    width, height = app.size
    strips = app.screen._compositor.render_strips(app.size)
    return "\n".join(strip.text[:width].rstrip() for strip in strips[:height])


@pytest.fixture
def compare(snapshot: SnapshotAssertion) -> Callable[[str, str], None]:
    """Compare an SVG with the picture of that name."""
    pictures = snapshot.use_extension(SVGImageExtension)

    def same(name: str, svg: str) -> None:
        assert pictures(name=name) == svg, name

    return same


@pytest.fixture
def picture(compare: Callable[[str, str], None]) -> Any:
    """Compare the screen with the pictures of that name in both sizes."""
    from tests.ui.pictures import picture_of

    return picture_of(compare)
