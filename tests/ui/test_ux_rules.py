"""Rules every screen keeps: no act by one key or Enter, a sentence for every empty table, no secret on any screen."""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from textual.screen import Screen
from textual.widgets import Input

import swim_tui.ui
from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.registry import ACTIONS, Scope
from swim_tui.ui.widgets.columns import TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from tests.ui import keys
from tests.ui.admin.conftest import command, press
from tests.ui.conftest import running, text_of
from tests.ui.fakes import world
from tests.ui.pictures import calm, start_over
from tests.ui.walks import WALKS

_WALK_OF = {
    Scope.JOBS: WALKS["jobs"],
    Scope.JOB: ("2", "enter", "j"),
    Scope.TASK: ("2", "enter", "j", "enter"),
    Scope.WATCH: WALKS["watch"],
    Scope.DEVICES: WALKS["devices"],
    Scope.DEVICE: WALKS["device"],
    Scope.REPOSITORY: WALKS["repository"],
    Scope.IMAGE: WALKS["image"],
    Scope.SERVERS: WALKS["servers"],
    Scope.CREDENTIALS: ("credentials",),
    Scope.JUMPS: ("jumps",),
    Scope.GROUPS: ("groups",),
    Scope.HOST_KEYS: ("hostkeys",),
}
LONG = bool(os.environ.get("SWIM_TUI_LONG"))
_ASKS = tuple(action for action in ACTIONS if action.changes and action.title.endswith("..."))


def tables() -> Iterator[TableSpec[object]]:
    """Every table of the product: of its modules, and of the classes in them."""
    for found in pkgutil.walk_packages(swim_tui.ui.__path__, "swim_tui.ui."):
        module = import_module(found.name)
        for value in vars(module).values():
            held = vars(value).values() if isinstance(value, type) and value.__module__ == found.name else (value,)
            yield from (each for each in held if isinstance(each, TableSpec))


def test_every_table_says_in_a_sentence_why_it_is_empty() -> None:
    found = {spec.id: spec.empty for spec in tables()}
    assert len(found) > 25
    assert {name: text for name, text in found.items() if text == "Nothing here." or len(text.split()) < 4} == {}


def test_every_scope_with_an_act_that_asks_is_walked_to_but_the_wizards_which_end_in_a_plan() -> None:
    assert {action.scope for action in _ASKS} - set(_WALK_OF) == {Scope.WIZARD}


@pytest.mark.skipif(not LONG, reason="takes half a minute: set SWIM_TUI_LONG=1; that Enter is no yes is tested always")
async def test_no_act_that_asks_is_done_by_its_key_and_enter() -> None:
    source = world()
    async with running(source) as (app, pilot):
        shown: type[Screen[Any]] = type(app.screen)
        for scope, walk in _WALK_OF.items():
            acts = [each for each in _ASKS if each.scope is scope]
            for action in acts:
                if type(app.screen) is not shown or action is acts[0]:
                    await start_over(app, pilot)
                    await (command(pilot, walk[0]) if walk[0].isalpha() and len(walk[0]) > 1 else press(pilot, *walk))
                    shown = type(app.screen)
                await press(pilot, action.keys[0], "enter")
                assert [call for call in source.fake.calls if call[0] not in ("browse_source", "test_jump")] == []
                if isinstance(app.screen, Dialog):
                    app.screen.dismiss(None)
                    await calm(pilot)


async def test_a_secret_that_was_given_is_on_no_screen_in_no_record_and_in_no_notice() -> None:
    async with running(world()) as (app, pilot):
        await command(pilot, "credentials")
        await press(pilot, "n")
        for name in ("name", "username", "password", "again", "enable"):
            field = app.screen.query_one(f"#field-{name}", Input)
            field.value = "s3cr3t-w0rd" if name in ("password", "again", "enable") else "fresh"
        await press(pilot, "tab")
        assert "s3cr3t" not in app.export_screenshot()
        await press(pilot, "ctrl+n")
        table = app.screen.query_one(LiveTable)
        assert "fresh" in table.model.order, text_of(app)
        for key in ("w", "d", "escape", "y", "escape", "6"):
            await press(pilot, key)
            assert "s3cr3t" not in app.export_screenshot(), key
        assert not any("s3cr3t" in entry.text for entry in app.log_book.entries)


def test_the_table_of_keys_is_that_of_the_registry() -> None:
    assert keys.PATH.read_text(encoding="utf-8") == keys.text(), "write it anew: python -m tests.ui.keys"
