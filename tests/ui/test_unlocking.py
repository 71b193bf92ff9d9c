"""A locked vault in the UI: asked once, a wrong passphrase is said, an answer from elsewhere closes the question."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from swim_tui.model.events import EngineChanged
from swim_tui.ui.app import SwimApp
from swim_tui.ui.dialogs.code import CodeDialog
from swim_tui.ui.dialogs.passphrase import PassphraseDialog
from tests.ui.conftest import running, text_of, until
from tests.ui.fakes import FakeSource, world
from tests.ui.test_codes import waiting

PHRASE = "xylophone-quartz-77"


def locked() -> FakeSource:
    source = world()
    source.fake.passphrase = PHRASE
    return source


async def asked(app: SwimApp, pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: isinstance(app.screen, PassphraseDialog))
    await until(pilot, lambda: isinstance(app.focused, Input))


async def test_a_wrong_passphrase_is_said_and_the_right_one_unlocks_without_being_shown() -> None:
    source = locked()
    async with running(source) as (app, pilot):
        await asked(app, pilot)
        assert "Waiting for unlock" in text_of(app)
        await pilot.press(*"wrong", "enter")
        await until(pilot, lambda: "does not open the vault" in text_of(app))
        assert "Nothing is lost" in text_of(app)
        await asked(app, pilot)
        await pilot.press(*PHRASE)
        assert PHRASE not in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: not source.fake.passphrase)
        await until(pilot, lambda: not isinstance(app.screen, PassphraseDialog))
        assert not any(word in line.text for line in app.log_book.entries for word in (PHRASE, "wrong"))


async def test_it_is_asked_once_and_again_by_its_palette_word() -> None:
    source = locked()
    async with running(source) as (app, pilot):
        await asked(app, pilot)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, PassphraseDialog))
        source.emit(EngineChanged(2, 0, 1, 0, vault_locked=True))
        await until(pilot, lambda: app.status.attached == 2)
        assert not isinstance(app.screen, PassphraseDialog)
        app.unlocking.reopen()
        await asked(app, pilot)
        source.emit(EngineChanged(1, 0, 1, 0))  # somebody else gave it
        await until(pilot, lambda: not isinstance(app.screen, PassphraseDialog))


async def test_a_read_only_client_and_one_of_an_open_vault_do_not_ask() -> None:
    async with running(locked(), read_only=True) as (app, pilot):
        await pilot.pause(0.1)
        assert not isinstance(app.screen, PassphraseDialog)
    async with running(world()) as (app, pilot):
        app.unlocking.reopen()
        await pilot.pause()
        assert not isinstance(app.screen, PassphraseDialog)


async def test_a_question_for_a_code_never_takes_the_keys_of_a_passphrase() -> None:
    source = locked()
    waiting(source)
    async with running(source) as (app, pilot):
        await asked(app, pilot)
        app.questions.look()
        await pilot.press(*PHRASE, "enter")
        await until(pilot, lambda: isinstance(app.screen, CodeDialog))
        assert not [call for call in source.fake.calls if call[0] == "answer_question"]
