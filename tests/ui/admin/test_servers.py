"""The SWIM Servers page by keys alone: rows, protocols, Verify Credentials, removal."""

from __future__ import annotations

from swim_tui.errors import BadValue
from swim_tui.model.options import Protocol
from swim_tui.ui.dialogs.form import FormDialog
from swim_tui.ui.dialogs.protocols import ProtocolsDialog
from swim_tui.ui.screens.server_rows import SERVERS
from swim_tui.ui.screens.servers import ServersPage
from swim_tui.ui.widgets.live_table import LiveTable
from tests.ui.admin.conftest import Picture, press, said, say_yes
from tests.ui.admin.test_access import cursor_to, fill
from tests.ui.conftest import running, text_of
from tests.ui.fakes import world
from tests.ui.fakes_admin import regions


async def test_servers_are_listed_added_with_at_least_one_site_and_verified(picture: Picture) -> None:
    source = world()
    regions(source.fake)
    calls = source.fake.calls
    async with running(source) as (app, pilot):
        await press(pilot, "5")
        await picture(pilot, "servers")
        text = text_of(app)
        reference = ("Server Name", "IP Address", "Active Protocols", "Sites Served", "Description")
        assert set(reference) <= {column.title for column in SERVERS.columns}
        assert "Selected 0 / Total 3" in text
        assert all(word in text for word in ("AMS_Region", "+ Verified", "? Not verified", "! No protocol", "SFTP,SCP"))
        await press(pilot, "n")
        fill(app, name="NY_Region", address="192.0.2.40")
        await press(pilot, "ctrl+n")
        assert "choose at least one location" in said(app)
        assert calls == []
        await picture(pilot, "server-form")
        await press(pilot, "space", "space", "down", "space")
        await picture(pilot, "server-sites")
        await press(pilot, "enter")
        source.fake.refuse = BadValue(name="SWIM server", value="NY", detail="address is taken", allowed="another")
        await press(pilot, "ctrl+n")
        assert "address is taken" in said(app)
        source.fake.refuse = None
        await press(pilot, "ctrl+n")
        saved = calls[-1][1]
        assert (calls[-1][0], saved.name, saved.sites) == ("save_server", "NY_Region", ("Berlin", "Netherlands"))
        table = app.screen.query_one(LiveTable)
        assert table.cursor_key == "NY_Region"
        await press(pilot, "V")
        assert "m Manage Protocols adds one" in said(app)
        await cursor_to(app, pilot, "BER_Region")
        await press(pilot, "V")
        assert calls[-1] == ("verify_server", "BER_Region")
        assert "x SCP failed" in text_of(app)
        await press(pilot, "d", *"jjjj")  # what to do stands at the end
        assert "m sets another password" in text_of(app)
        await picture(pilot, "server-detail")


async def test_manage_protocols_fills_active_protocols_and_tftp_is_not_among_them(picture: Picture) -> None:
    source = world()
    regions(source.fake)
    calls = source.fake.calls
    async with running(source) as (app, pilot):
        await press(pilot, "5")
        await cursor_to(app, pilot, "Spare")
        await press(pilot, "m")
        assert isinstance(app.screen, ProtocolsDialog)
        text = text_of(app)
        assert "Software Image Management Server Protocols" in text
        assert "TFTP has no login" in text
        await press(pilot, "n", "space")
        text = text_of(app)
        assert all(word in text for word in ("SCP", "SFTP", "HTTPS", "FTP", "HTTP"))
        await press(pilot, "down", "enter")
        fill(app, username="swim", password="hidden-word", home="/srv/images", port="77777")
        await press(pilot, "ctrl+n")
        assert "the protocol's own" in said(app)
        await picture(pilot, "protocol-form")
        fill(app, port="")
        await press(pilot, "ctrl+n")
        name, protocol, values = calls[-1][1:]
        assert (name, protocol, values["password"], values["port"]) == ("Spare", Protocol.SFTP, "hidden-word", 0)
        await press(pilot, "n", "enter")
        fill(app, username="swim", password="hidden-word")
        await press(pilot, "ctrl+n")
        await picture(pilot, "protocols")
        assert "hidden-word" not in app.export_screenshot()
        await press(pilot, "enter")
        assert isinstance(app.screen, FormDialog)
        await press(pilot, "escape", "down", "delete")
        await say_yes(pilot)
        assert calls[-1] == ("remove_server_protocol", "Spare", Protocol.SCP)
        await press(pilot, "escape")
        assert isinstance(app.screen, ServersPage)
        spare = app.screen.listed.model.rows["Spare"]
        assert [row.protocol for row in spare.server.protocols] == [Protocol.SFTP]


async def test_add_server_of_the_home_view_opens_the_form_and_marked_servers_are_removed_by_a_typed_phrase() -> None:
    source = world()
    regions(source.fake)
    async with running(source) as (app, pilot):
        await press(pilot, "s")
        assert isinstance(app.screen, FormDialog)
        await press(pilot, "escape")
        assert app.view_id == "servers"
        await press(pilot, "a", "delete")
        assert "Remove 3 SWIM servers" in text_of(app)
        await say_yes(pilot, *"remove", "space", "3", "enter")
        assert source.fake.calls == [("remove_servers", "AMS_Region", "BER_Region", "Spare")]
        assert "not for a few devices at one site" in said(app)
    async with running(world(), read_only=True) as (app, pilot):
        await press(pilot, "5", "n", "V", "delete")
        assert isinstance(app.screen, ServersPage)
        await press(pilot, "m", "n", "enter", "delete")
        assert isinstance(app.screen, ProtocolsDialog)
