"""Image Management settings: groups, origins, help, switches, choices, numbers, and both protocol orders."""

from __future__ import annotations

import textwrap
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from swim_tui.engine.services.settings import SETTINGS, choices_of
from swim_tui.errors import BadValue
from swim_tui.model.views import SettingRow
from swim_tui.ui.app import SwimApp
from swim_tui.ui.dialogs.choose import ChooseDialog
from swim_tui.ui.dialogs.form import FormDialog
from swim_tui.ui.dialogs.order import OrderDialog
from swim_tui.ui.screens.settings import SettingsPage, explained
from swim_tui.ui.settings_book import BOOK, word_of
from swim_tui.ui.widgets.live_table import LiveTable
from tests.ui.admin.conftest import Picture, calm, press
from tests.ui.conftest import running, text_of, until
from tests.ui.fakes import world


async def go_to(app: SwimApp, pilot: Pilot[Any], key: str) -> None:
    """Put the cursor on a setting and press Enter."""
    table = app.screen.query_one("#settings", LiveTable)
    index = table.model.index_of(key)
    assert index is not None, key
    table.move_to(index)
    await press(pilot, "enter")


A11 = (
    "continue_on_failure", "collect_images_with_inventory", "insert_boot_command", "activate", "backup_current_image",
    "tftp_fallback", "erase_flash", "upgrade_mode", "verify_hash", "distribution.max_devices",
    "activation.max_devices", "servers.max_pulls", "reload.limit_s", "protocols.order", "config_protocol.order",
    "file_server.address", "file_server.tftp", "sync.wait", "sync.wait_limit_min", "time_zone",
)  # fmt: skip


def test_the_settings_of_the_reference_are_there_each_with_words_and_a_group() -> None:
    defaults = {one.key: one.default for one in SETTINGS}
    assert set(A11) <= set(defaults)
    assert set(A11) <= set(BOOK)
    assert {key for key in A11 if defaults[key] == "on"} == {"continue_on_failure", "verify_hash", "sync.wait"}
    assert defaults["protocols.order"] == "SCP,SFTP,HTTPS", "FTP, HTTP and TFTP are there, but off"
    assert (defaults["distribution.max_devices"], defaults["activation.max_devices"]) == ("20", "10")
    assert word_of("protocols.something").group == "Protocol orders"
    assert word_of("quite_new").label == "quite_new"


def test_what_is_said_of_a_setting_fits_below_the_table_at_80_columns() -> None:
    for one in SETTINGS:
        row = SettingRow(one.key, one.default, one.default, f"{one.help} ({one.allowed})", choices=choices_of(one))
        assert len(textwrap.wrap(explained(row), 78)) <= 2, explained(row)


async def test_settings_are_listed_by_group_and_each_kind_is_edited_in_its_way(picture: Picture) -> None:
    source = world()
    async with running(source) as (app, pilot):
        await pilot.press("comma")
        await calm(pilot)
        await picture(pilot, "settings")
        await pilot.resize_terminal(120, 40)
        await calm(pilot)
        text = text_of(app)
        for word in ("Continue on failure", "[x] on", "SCP > SFTP > HTTPS", "Distribute and activate", "set"):
            assert word in text, word
        await pilot.resize_terminal(80, 24)
        await go_to(app, pilot, "continue_on_failure")
        assert source.fake.calls[-1] == ("set_setting", "continue_on_failure", "off")
        await go_to(app, pilot, "activate")
        assert isinstance(app.screen, ChooseDialog)
        await picture(pilot, "setting-choice")
        await pilot.press("down", "enter")
        await calm(pilot)
        assert source.fake.calls[-1] == ("set_setting", "activate", "sequential")
        await go_to(app, pilot, "distribution.max_devices")
        assert isinstance(app.screen, FormDialog)
        await picture(pilot, "setting-number")
        app.screen.query_one(Input).value = "7"
        source.fake.refuse = BadValue(name="distribution.max_devices", value="7", detail="too odd", allowed="even")
        await pilot.press("enter")
        await until(pilot, lambda: "too odd" in text_of(app))
        source.fake.refuse = None
        await pilot.press("enter")
        await calm(pilot)
        assert isinstance(app.screen, SettingsPage)
        assert source.fake.calls[-1] == ("set_setting", "distribution.max_devices", "7")
        table = app.screen.query_one("#settings", LiveTable)
        table.move_to(table.model.index_of("distribution.max_devices") or 0)
        await pilot.press("r")
        await until(pilot, lambda: "back to 20" in text_of(app))


async def test_the_edit_links_lead_to_both_protocol_orders_which_are_edited_by_keys(picture: Picture) -> None:
    source = world()
    async with running(source) as (app, pilot):
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, OrderDialog))
        await pilot.pause()
        await picture(pilot, "protocol-order")
        await pilot.press("d", "down", "left")  # SCP behind SFTP, then HTTPS out
        await pilot.press("tab", "down", "right")
        dialog = app.screen
        assert isinstance(dialog, OrderDialog)
        assert dialog.selected == ["SFTP", "SCP", "FTP"]
        assert dialog.available == ["HTTPS", "HTTP", "TFTP"]
        await pilot.press("enter")
        await calm(pilot)
        assert source.fake.calls == [("set_setting", "protocols.order", "SFTP,SCP,FTP")]
        assert "SFTP > SCP > FTP" in text_of(app)
        await pilot.press("escape", "O")
        await until(pilot, lambda: isinstance(app.screen, OrderDialog))
        await pilot.pause()
        await pilot.press("tab", "right")
        await pilot.pause()
        assert "over SSH only" in text_of(app)
        await picture(pilot, "config-protocol-order")
        await pilot.press("escape")
        assert len(source.fake.calls) == 1


async def test_read_only_shows_a_setting_and_changes_none() -> None:
    source = world()
    async with running(source, read_only=True) as (app, pilot):
        await pilot.press("comma")
        await calm(pilot)
        await go_to(app, pilot, "continue_on_failure")
        assert "Continue on failure" in text_of(app)
        assert source.fake.calls == []
