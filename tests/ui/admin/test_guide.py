"""The guide, the menu and the first steps."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from swim_tui.ui.app import SwimApp
from swim_tui.ui.dialogs.choose import ChooseDialog
from swim_tui.ui.dialogs.form import FormDialog
from swim_tui.ui.guide import TOPICS, flowing
from swim_tui.ui.page import Page
from swim_tui.ui.screens.menu import MENU, PAGES
from tests.ui.admin.conftest import Picture, command, press, said
from tests.ui.conftest import make_app, running, text_of, until
from tests.ui.fakes import empty_world, world


def test_the_guide_has_ten_questions_in_four_groups_and_the_words_of_the_reference() -> None:
    questions = [topic for topic in TOPICS if topic.id.startswith("q")]
    assert len(questions) == 10
    assert len({topic.heading for topic in questions}) == 4
    texts = {topic.id: topic.text for topic in TOPICS}
    assert all(reason in texts["why"] for reason in ("security", "critical fixes", "new features", "standardising"))
    assert all(word in texts["words"] for word in ("activation job", "collection job", "distribution job", "commit"))
    assert all(word in texts["who"] for word in ("administrator", "role", "upstream"))
    assert "three edge routers" in texts["psirt"]
    assert "113 Catalyst 3850" in texts["eol"]
    assert "before the window" in texts["windows"]
    assert "swim-tui demo" in texts["links"]
    assert all(word in texts["packs"] for word in ("swim-tui packs check FILE", "as they are released"))
    servers = " ".join(texts["servers"].split())
    assert all(word in servers for word in ("fifty devices", "a few devices at one site", "a slow line", "device pack"))


def test_paragraphs_flow_and_tables_stay() -> None:
    assert flowing("one\ntwo\n\na  table\nb  row") == "one two\n\na  table\nb  row"


async def test_the_guide_returns_to_its_list_and_the_menu_leads_everywhere(picture: Picture) -> None:
    async with running(world()) as (app, pilot):
        await press(pilot, "F")
        assert "Only devices under management" in said(app)
        await press(pilot, "escape", "escape", "6")
        await command(pilot, "guide")
        assert isinstance(app.screen, ChooseDialog)
        await picture(pilot, "guide")
        await press(pilot, "enter")
        await picture(pilot, "guide-why")
        await press(pilot, "escape", "down", "enter")
        assert "Who does it" in text_of(app)
        await press(pilot, "escape", "escape")
        assert isinstance(app.screen, Page)
        await press(pilot, "0")
        await picture(pilot, "menu")
        await press(pilot, "escape")
        for place in MENU:
            if place.id == "guide":
                continue
            await press(pilot, "0", place.key)
            page = app.page
            assert page is not None
            if place.id.startswith("view_"):
                assert app.view_id == place.id.removeprefix("view_")
            else:
                module, _, name = PAGES[place.id].partition(":")
                assert (type(page).__module__, type(page).__name__) == (module, name)
                depth = len(app.screen_stack)
                await press(pilot, "0", place.key)
                assert len(app.screen_stack) == depth, "a page that is open is not opened twice"


async def menu_is_ready(pilot: Pilot[Any], app: SwimApp) -> None:
    await until(pilot, lambda: isinstance(app.screen, ChooseDialog) and app.screen.is_settled)


async def test_an_empty_start_offers_the_first_steps_once(picture: Picture) -> None:
    source = empty_world()
    app = make_app(source, welcome=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ChooseDialog))
        await picture(pilot, "first-steps")
        assert all(word in text_of(app) for word in ("demo", "Import an inventory", "Add a device by hand", "none yet"))
        await menu_is_ready(pilot, app)
        await press(pilot, "n")
        assert isinstance(app.screen, FormDialog)
        await press(pilot, "escape", "2", "1", "ctrl+r")
        assert isinstance(app.screen, Page), "it is offered once"
        await command(pilot, "start")
        assert isinstance(app.screen, ChooseDialog)
        app.screen._opened_at += 1000
        await press(pilot, "d", "enter")
        assert not app.next_command, "keys that were on their way when the menu opened choose nothing"
        app.screen._opened_at -= 2000
        await pilot.press("d")
        await until(pilot, lambda: not app.is_running or bool(app.next_command))
    assert app.next_command[-1] == "demo"


async def test_a_used_store_a_watcher_and_a_remembered_start_are_not_asked() -> None:
    async def asked(app: SwimApp) -> bool:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.status.connected)
            await pilot.pause(0.2)
            return isinstance(app.screen, ChooseDialog)

    assert not await asked(make_app(world(), welcome=True))
    assert not await asked(make_app(empty_world(), welcome=True, read_only=True))
