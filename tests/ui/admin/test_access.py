"""Credential profiles, jump hosts and host keys by keys alone; every page and dialog as a picture."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from swim_tui.errors import Conflict
from swim_tui.model.device import JumpHost
from swim_tui.ui.app import SwimApp
from swim_tui.ui.dialogs.confirm import ConfirmDialog
from swim_tui.ui.dialogs.form import FormDialog
from swim_tui.ui.dialogs.text import TextDialog
from swim_tui.ui.widgets.live_table import LiveTable
from tests.ui.admin.conftest import Picture, command, press, said, say_yes
from tests.ui.conftest import running, text_of
from tests.ui.fakes import world
from tests.ui.fakes_admin import PRINTS


def fill(app: SwimApp, **values: str) -> None:
    """Type into the fields of a form."""
    for name, value in values.items():
        app.screen.query_one(f"#field-{name}", Input).value = value


async def cursor_to(app: SwimApp, pilot: Pilot[Any], key: str) -> None:
    """Put the cursor on a row."""
    table = app.screen.query_one(LiveTable)
    index = table.model.index_of(key)
    assert index is not None, key
    table.move_to(index)
    await pilot.pause()


async def test_credential_profiles_are_added_replaced_confirmed_and_removed(picture: Picture) -> None:
    source = world()
    calls = source.fake.calls
    async with running(source) as (app, pilot):
        await command(pilot, "credentials")
        await picture(pilot, "credentials")
        assert "x Parked" in text_of(app)
        await press(pilot, "n")
        fill(app, name="site-admin", username="bob", password="s3cret", again="s3cert")
        await press(pilot, "ctrl+n")
        assert "there is one" in text_of(app)
        fill(app, name="new")
        await press(pilot, "ctrl+n")
        assert "the two are not the same" in said(app)
        assert "s3c" not in text_of(app)
        await picture(pilot, "credentials-form")
        await pilot.resize_terminal(80, 24)
        await press(pilot, "escape")
        assert "Nothing is saved yet" in text_of(app)
        assert "Esc cancel" in text_of(app), "the keys stay when an error and a warning stand in the form"
        fill(app, again="s3cret")
        await press(pilot, "ctrl+n")
        name, username, values = calls[-1][1:]
        assert (name, username, values["password"], values["use_agent"]) == ("new", "bob", "s3cret", False)
        assert "s3cret" not in app.export_screenshot()
        await cursor_to(app, pilot, "old")
        await press(pilot, "o")
        await picture(pilot, "credentials-confirm")
        await press(pilot, "enter")
        assert calls[-1][0] == "add_credentials"
        await press(pilot, "o")
        await say_yes(pilot)
        assert calls[-1] == ("confirm_credentials", "old")
        await press(pilot, "o")
        assert not isinstance(app.screen, ConfirmDialog)
        await press(pilot, "e")
        assert isinstance(app.screen, FormDialog)
        await press(pilot, "escape")
        await cursor_to(app, pilot, "site-admin")
        await press(pilot, "e")
        fill(app, password="n3w", again="n3w")
        await press(pilot, "ctrl+n")
        assert "No new enable secret was entered" in text_of(app)
        await press(pilot, "escape")
        assert calls[-1] == ("confirm_credentials", "old")  # nothing was saved
        await press(pilot, "ctrl+n", "k")
        assert (calls[-1][1], calls[-1][3]["password"], calls[-1][3]["keep"]) == ("site-admin", "n3w", True)
        await cursor_to(app, pilot, "old")
        await press(pilot, "delete")
        source.fake.refuse = Conflict(detail="'old' is used by sw-ams-1", action="give it another profile first")
        await say_yes(pilot)
        assert "old" in source.fake.profiles
        source.fake.refuse = None
        await press(pilot, "delete")
        await say_yes(pilot)
        assert calls[-1] == ("remove_credentials", "old")


async def test_jump_hosts_are_added_changed_tested_hop_by_hop_and_removed(picture: Picture) -> None:
    source = world()
    calls = source.fake.calls
    async with running(source) as (app, pilot):
        await command(pilot, "jumps")
        await picture(pilot, "jumps")
        await press(pilot, "n")
        fill(app, name="jump3", address="jump3.example", port="99999")
        await press(pilot, "ctrl+n")
        assert "give a port from 1 to 65535" in text_of(app)
        await picture(pilot, "jump-form")
        fill(app, port="22")
        await press(pilot, "tab", "right", "tab", "space")
        await picture(pilot, "jump-via")
        await press(pilot, "down", "enter", "ctrl+n")
        assert calls == [("add_jump", JumpHost("jump3", "jump3.example", 22, "site-admin", "jump1"))]
        await cursor_to(app, pilot, "jump2")
        await press(pilot, "V")
        assert isinstance(app.screen, TextDialog)
        text = text_of(app)
        assert PRINTS["a"] in text
        assert "curve25519" in text
        assert "see whether it is up" in text
        await picture(pilot, "jump-test")
        await press(pilot, "escape")
        assert "x Hop 2 failed" in text_of(app)
        await press(pilot, "e")
        fill(app, address="198.51.100.8")
        await press(pilot, "ctrl+n")
        assert calls[-1][1].address == "198.51.100.8"
        assert "x Hop 2 failed" not in text_of(app), "the test was of another address"
        await press(pilot, "delete")
        await say_yes(pilot)
        assert calls[-1] == ("remove_jump", "jump2")


async def test_a_changed_host_key_is_accepted_only_with_both_fingerprints_before_the_eyes(picture: Picture) -> None:
    source = world()
    async with running(source) as (app, pilot):
        await command(pilot, "hostkeys")
        await picture(pilot, "host-keys")
        await press(pilot, "exclamation_mark")
        table = app.screen.query_one(LiveTable)
        assert {row.place.state for row in map(table.model.rows.__getitem__, table.model.order)} == {
            "changed",
            "unknown",
        }
        await cursor_to(app, pilot, "10.0.0.2:22 via jump1")
        await press(pilot, "enter")
        assert all(mark in text_of(app) for mark in (PRINTS["a"], PRINTS["b"]))
        await picture(pilot, "host-key-accept")
        await say_yes(pilot)
        assert source.fake.calls == [
            ("accept_host_key", "10.0.0.2", 22, {"via": ["jump1"], "fingerprint": PRINTS["b"]})
        ]
        await press(pilot, "exclamation_mark", "n")
        fill(app, host="10.0.0.1", port="22", key="not a key")
        await press(pilot, "ctrl+n")
        assert "give type and key" in said(app)
        await picture(pilot, "host-key-form")
        fill(app, key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGb9xVx0Z0m1Zk6yQK1bVYv0b1x9i7c8o5r8m1n2o3p4")
        await press(pilot, "ctrl+n")
        assert source.fake.calls[-1][:3] == ("accept_host_key", "10.0.0.1", 22)
        await press(pilot, "delete")
        await say_yes(pilot)
        assert source.fake.calls[-1][0] == "remove_host_key"


async def test_a_form_keeps_what_was_typed_from_one_escape_and_read_only_pages_change_nothing() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await command(pilot, "jumps")
        await press(pilot, "n")
        fill(app, name="half")
        await press(pilot, "escape")
        assert "Nothing is saved yet" in said(app)
        fill(app, name="half-typed")
        await pilot.pause()
        assert "Nothing is saved yet" not in text_of(app)
        await press(pilot, "escape", "escape")
        assert not isinstance(app.screen, FormDialog)
    async with running(source, read_only=True) as (app, pilot):
        for page in ("credentials", "jumps", "groups", "hostkeys", "configs"):
            await command(pilot, page)
            await press(pilot, "n", "e", "o", "V", "T", "delete", "enter", "escape")
        for _ in range(5):
            await press(pilot, "escape")
        assert app.view_id == "images"
        assert app.page is not None
        assert app.page.is_top
    assert source.fake.calls == []
