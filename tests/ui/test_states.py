"""Pictures of what is not every day: nothing there yet, nothing passes, locked, lost, too small, without colour."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import Input

from swim_tui.errors import DigestMismatch, EngineUnavailable, describe
from swim_tui.ui.app import SwimApp, UiOptions
from swim_tui.ui.dialogs.passphrase import PassphraseDialog
from swim_tui.ui.dialogs.text import error_dialog
from tests.ui.conftest import running, text_of, until
from tests.ui.fakes import FixedClock, empty_world, world
from tests.ui.pictures import Picture, album, calm

EMPTY = {
    "home": (),
    "jobs": ("2",),
    "devices": ("3",),
    "repository": ("4",),
    "servers": ("5",),
    "analysis": ("3", "u"),
    "watch": ("2", "W"),
    "distribute": ("d",),
    "commit": ("c",),
}
TABLES = {
    "filter-open": ("3", "slash", "s", "w"),
    "nothing-passes": ("3", "slash", "z", "z", "z", "enter"),
    "marked": ("3", "space", "space", "!"),
    "sorted": ("3", "S"),
    "record": ("3", "y"),
    "wide": ("3", "w", "l"),
}


async def test_an_empty_store(picture: Picture) -> None:
    await album(empty_world(), EMPTY, picture)


async def test_tables_in_their_states(picture: Picture) -> None:
    await album(world(40), TABLES, picture)


async def test_an_error_and_a_locked_vault(picture: Picture) -> None:
    source = world()
    source.fake.passphrase = "open it"
    async with running(source) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, PassphraseDialog))
        await until(pilot, lambda: isinstance(app.focused, Input))
        await picture(pilot, "locked")
        await pilot.press("escape")
        await calm(pilot)
        err = DigestMismatch(
            device="sw-ams-2",
            step="Verifying image",
            file="flash:c2960.bin",
            algorithm="MD5",
            actual="0123",
            expected="3d6acf02e0db50354075e1c4160ca1dc",
        )
        app.push_screen(error_dialog(describe(err), output="verify /md5 (flash:c2960.bin) = 0123\n%Error verifying"))
        await picture(pilot, "error")


async def test_a_lost_engine(picture: Picture) -> None:
    async def never() -> object:
        raise EngineUnavailable(data_dir="/srv/swim", detail="none is running")

    app = SwimApp(UiOptions(Path("/srv/swim"), environment="PROD"), never, FixedClock())  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "engine lost" in text_of(app))
        await picture(pilot, "lost")


async def test_a_terminal_that_is_too_small(compare: Callable[[str, str], None]) -> None:
    async with running(world()) as (app, pilot):
        await pilot.resize_terminal(50, 15)
        await pilot.pause(0.1)
        compare("too-small-50x15", app.export_screenshot())


async def test_without_colour(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    await album(world(), {"jobs": ("2",), "task-lost": ("2", "j", "enter", "j", "j", "enter")}, picture)
