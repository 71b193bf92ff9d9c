"""Consent dialogs: never Enter alone, never a key typed ahead, always a way out."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Button, Input

from swim_tui.errors import NoSpace, describe
from swim_tui.ui.app import SwimApp
from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.dialogs.form import Field, FormDialog
from swim_tui.ui.dialogs.new_file import write_new_file
from swim_tui.ui.dialogs.text import error_dialog
from swim_tui.ui.record import write_rows
from swim_tui.ui.themes import STATUS_DARK
from tests.ui.conftest import text_of, until


class DialogApp(App[None]):
    """Opens one dialog and keeps its answer."""

    CSS_PATH = "../../swim_tui/ui/styles/app.tcss"
    HORIZONTAL_BREAKPOINTS = SwimApp.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = SwimApp.VERTICAL_BREAKPOINTS

    def __init__(self, dialog: Any) -> None:
        super().__init__()
        self.dialog = dialog
        self.answers: list[Any] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(STATUS_DARK)

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)


def settled(dialog: ConfirmDialog) -> None:
    """As if it had been on the screen for a while."""
    dialog._opened_at -= 1.0


def asking(level: int) -> ConfirmDialog:
    return ConfirmDialog(
        Confirmation(
            "Reload 12 devices?",
            "reload",
            level,
            [f"sw{n}" for n in range(12)],
            ["reload"],
            "SSH goes away.",
            "activate 12",
            "a",
        )
    )


async def press(pilot: Pilot[Any], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


@pytest.mark.parametrize("level", [1, 2, 3])
async def test_enter_never_says_yes_and_the_harmless_button_has_the_focus(level: int) -> None:
    app = DialogApp(asking(level))
    async with app.run_test(size=(80, 24)) as pilot:
        settled(app.dialog)
        assert isinstance(app.screen.focused, Button)
        await press(pilot, "enter")
        assert app.answers == [None]


@pytest.mark.parametrize("level", [1, 2])
async def test_the_yes_key_says_yes(level: int) -> None:
    app = DialogApp(asking(level))
    async with app.run_test(size=(80, 24)) as pilot:
        settled(app.dialog)
        await press(pilot, "y")
        assert app.answers == [True]


@pytest.mark.parametrize("level", [1, 2, 3])
async def test_keys_typed_ahead_are_dropped(level: int) -> None:
    dialog = asking(level)
    dialog.settle_s = 60.0
    app = DialogApp(dialog)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "y", "Y", "enter", "n", "a")
        assert app.answers == []
        assert app.screen is dialog
        if level == 3:
            assert dialog.query_one(Input).value == ""


@pytest.mark.parametrize("level", [1, 2, 3])
async def test_escape_goes_back(level: int) -> None:
    app = DialogApp(asking(level))
    async with app.run_test(size=(80, 24)) as pilot:
        settled(app.dialog)
        await press(pilot, "escape")
        assert app.answers == [None]


async def test_level_three_wants_the_phrase_as_it_is_written() -> None:
    app = DialogApp(asking(3))
    async with app.run_test(size=(80, 24)) as pilot:
        settled(app.dialog)
        await press(pilot, *"activate", "space", *"11", "enter")
        assert app.answers == []
        assert "That is not activate 12" in text_of(app)  # type: ignore[arg-type]
        await press(pilot, "backspace", "2", "enter")
        assert app.answers == [True]


async def test_a_phrase_may_contain_the_letters_n_and_y() -> None:
    app = DialogApp(ConfirmDialog(Confirmation("Cancel?", "cancel", 3, phrase="sw-nyc-1")))
    async with app.run_test(size=(80, 24)) as pilot:
        settled(app.dialog)
        await press(pilot, *"sw-nyc-1", "enter")
        assert app.answers == [True]


async def test_the_yes_key_is_another_when_the_dialog_was_opened_with_y() -> None:
    app = DialogApp(ConfirmDialog(Confirmation("Read all?", "read", opened_by="y")))
    async with app.run_test(size=(80, 24)) as pilot:
        settled(app.dialog)
        await press(pilot, "y")
        assert app.answers == []
        await press(pilot, "Y")
        assert app.answers == [True]


async def test_the_dialog_names_ten_targets_the_commands_and_the_impact() -> None:
    app = DialogApp(asking(3))
    async with app.run_test(size=(80, 40)):
        text = text_of(app)  # type: ignore[arg-type]
        for piece in ("sw0", "sw9", "and 2 more", "reload", "SSH goes away.", "Type activate 12"):
            assert piece in text
        assert "sw10" not in text


async def test_a_menu_takes_its_letter_or_enter() -> None:
    for keys, answer in (("b", "two"), ("enter", "one"), ("escape", None)):
        app = DialogApp(ChooseDialog("Which?", [Choice("one", "a", "First"), Choice("two", "b", "Second")]))
        async with app.run_test(size=(80, 24)) as pilot:
            await press(pilot, keys)
            assert app.answers == [answer]


async def test_a_burst_of_keys_answers_a_menu_once_and_closes_nothing_else() -> None:
    app = DialogApp(ChooseDialog("Which?", [Choice("one", "a", "First"), Choice("two", "b", "Second")]))
    async with app.run_test(size=(80, 24)) as pilot:
        menu = app.screen
        for key in ("a", "b"):
            menu.post_message(events.Key(key, key))
        await pilot.pause()
        assert app.answers == ["one"]
        assert len(app.screen_stack) == 1


async def test_a_form_shows_the_error_beside_its_field_and_goes_there() -> None:
    fields = [Field("a", "A"), Field("b", "B", "x", check=lambda text: "give a number" if not text.isdigit() else "")]
    app = DialogApp(FormDialog("Numbers", fields))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "1", "ctrl+n")
        assert app.answers == []
        assert "give a number" in text_of(app)  # type: ignore[arg-type]
        assert app.screen.focused is app.screen.query_one("#field-b")
        await press(pilot, "backspace", "7", "enter")
        assert app.answers == [{"a": "1", "b": "7"}]


async def test_a_form_that_is_left_before_it_is_there_closes_all_the_same() -> None:
    app = DialogApp(FormDialog("Login", [Field("user", "User")]))
    async with app.run_test(size=(80, 24)) as pilot:
        late = FormDialog("Login", [Field("user", "User")])
        app.push_screen(late, app.answers.append)
        late.dismiss(None)
        await until(pilot, lambda: late not in app.screen_stack)
        assert app.answers == [None]
        assert app.screen is app.dialog


async def test_keys_that_come_all_at_once_land_in_the_fields_they_were_meant_for() -> None:
    fields = [Field("user", "User"), Field("hops", "Hops", choices=[("", "none"), ("1", "one")]), Field("word", "Word")]
    app = DialogApp(FormDialog("Login", fields))
    async with app.run_test(size=(80, 24)) as pilot:
        for key in (*"joe", "enter", "tab", *"pass", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: bool(app.answers))
        assert app.answers == [{"user": "joe", "hops": "", "word": "pass"}]


async def test_an_error_says_what_where_why_and_what_to_do() -> None:
    err = NoSpace(device="sw1", step="copy", detail="flash is full")
    app = DialogApp(error_dialog(describe(err), output="%Error no space"))
    async with app.run_test(size=(80, 24)):
        text = text_of(app)  # type: ignore[arg-type]
        for piece in ("sw1 > copy", "What to do", "The device said", "%Error no space", err.code):
            assert piece in text


async def test_a_file_that_may_not_be_written_is_said_in_the_form_and_the_name_stays(tmp_path: Path) -> None:
    taken = tmp_path / "rows.csv"
    taken.write_text("mine")
    written: list[Path | None] = []

    async def write(path: Path) -> None:
        write_rows(path, ["Name"], [["sw1"]])

    def is_shown(words: str) -> bool:
        return words in text_of(app)

    async def ask() -> None:
        written.append(await write_new_file(app, "Export", "rows.csv", write, told="The end is the format: .csv."))

    app: Any = DialogApp(FormDialog("Below", [Field("name", "Name")]))
    async with app.run_test(size=(80, 24)) as pilot:
        app.run_worker(ask())
        await until(pilot, lambda: bool(app.screen.query("#field-file")))
        await pilot.pause()
        assert "The end is the format: .csv." in text_of(app)
        for name, words in (
            (str(taken), "it exists already"),
            (f"{tmp_path}/rows.xls", "give a name in .csv .json .md"),
        ):
            app.screen.query_one("#field-file", Input).value = name
            await press(pilot, "enter")
            await until(pilot, partial(is_shown, words))
            assert app.screen.query_one("#field-file", Input).value == name
        app.screen.query_one("#field-file", Input).value = f"{tmp_path}/new.csv"
        await press(pilot, "enter")
        await until(pilot, lambda: bool(written))
    assert written == [tmp_path / "new.csv"]
    assert taken.read_text() == "mine"
    assert (tmp_path / "new.csv").read_text() == "Name\nsw1\n"
