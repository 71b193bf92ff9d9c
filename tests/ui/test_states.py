"""Pictures of what is not every day: nothing there yet, nothing passes, locked, lost, too small, without colour."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import Input

from swim_tui.errors import Conflict, DigestMismatch, EngineUnavailable, describe
from swim_tui.ui.app import SwimApp, UiOptions
from swim_tui.ui.dialogs.confirm import ConfirmDialog
from swim_tui.ui.dialogs.passphrase import PassphraseDialog
from swim_tui.ui.dialogs.text import error_dialog
from tests.ui.conftest import running, text_of, until
from tests.ui.fakes import FixedClock, empty_world, world
from tests.ui.fakes_admin import regions
from tests.ui.pictures import Picture, album, calm, press, start_over

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


async def test_the_smallest_terminal_shows_home_and_a_job_whole(compare: Callable[[str, str], None]) -> None:
    async with running(world(40)) as (app, pilot):
        await pilot.resize_terminal(60, 18)
        for name, keys in (("home", ()), ("job", ("2", "enter"))):
            await press(pilot, *keys)
            app.set_status(version="1.0")
            await until(pilot, lambda: app.screen._compositor.size == app.size)
            await calm(pilot)
            app.clear_notifications()
            await calm(pilot)
            compare(f"{name}-60x18", app.export_screenshot())


async def test_what_is_in_use_is_not_removed_and_says_by_whom(compare: Callable[[str, str], None]) -> None:
    refusals = (
        ("jump", ("colon", *"jumps", "enter"), "sw-ams-1 and 3 more is reached through jump host 'jump1'"),
        ("server", ("5",), "SWIM server 'AMS_Region' is used by run 20010003"),
    )
    source = world()
    regions(source.fake)
    async with running(source) as (app, pilot):
        for name, keys, words in refusals:
            await press(pilot, *keys, "delete")
            assert isinstance(app.screen, ConfirmDialog)
            app.screen._opened_at -= 1000  # as if it had been on the screen for a while
            source.fake.refuse = Conflict(detail=words, action="give them another way first")
            app.set_status(version="1.0")
            await calm(pilot)
            compare(f"remove-{name}-asked-80x24", app.export_screenshot())
            await pilot.press("y")
            await until(pilot, lambda: bool(app._notifications))
            assert any(words in notice.message for notice in app._notifications)
            await start_over(app, pilot)


async def test_without_colour(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    await album(world(), {"jobs": ("2",), "task-lost": ("2", "j", "enter", "j", "j", "enter")}, picture)
