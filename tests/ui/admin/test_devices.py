"""Devices by hand, in groups, by ssh; the device page with its tabs; the configuration archive."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from swim_tui.errors import BadValue, Conflict
from swim_tui.model.device import Device, Group, GroupKind, HopMethod, JumpHost, Role
from swim_tui.ui.dialogs.choose import ChooseDialog
from swim_tui.ui.dialogs.order import OrderDialog
from swim_tui.ui.filtering import compile_filter
from swim_tui.ui.screens import device_way
from swim_tui.ui.screens.configs import ConfigTextPage
from swim_tui.ui.screens.device import TABS, DevicePage
from swim_tui.ui.screens.group_rows import group_lines
from swim_tui.ui.ssh import ssh_command
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.pick_field import PickField
from swim_tui.ui.widgets.text_view import TextView
from tests.ui.admin.conftest import Picture, command, press, said, say_yes
from tests.ui.admin.test_access import cursor_to, fill
from tests.ui.conftest import running, text_of
from tests.ui.fakes import device_row, world

JUMPS = [JumpHost("a", "192.0.2.1", 22, "p"), JumpHost("b", "2001:db8::1", 2222, "q", "a")]


def test_ssh_gets_the_hops_in_order_and_old_algorithms_for_the_device_only() -> None:
    device = Device("sw", "10.0.0.1", 22, jump=("b",), legacy_ssh=True)
    words = ssh_command(device, "admin", JUMPS, {"p": "ops", "q": "anna"})
    assert words[:3] == ["ssh", "-J", "ops@192.0.2.1:22,anna@[2001:db8::1]:2222"]
    assert words[-2:] == ["--", "admin@10.0.0.1"]
    assert "HostKeyAlgorithms=+ssh-rsa" in words
    assert "-J" not in ssh_command(Device("sw", "10.0.0.1"), "", [], {})


@pytest.mark.parametrize(
    ("address", "user"), [("-oProxyCommand=id", "a"), ("host", "-l"), ("a b", "a"), ("x@y", "a"), ("h", "a,b")]
)
def test_nothing_of_the_inventory_is_read_as_an_option_of_ssh(address: str, user: str) -> None:
    with pytest.raises(BadValue):
        ssh_command(Device("sw", address), user, [], {})


def test_ssh_goes_through_a_bastion_by_its_command_or_by_the_user_name_it_wants() -> None:
    by_user = JumpHost("x", "192.0.2.9", 2022, method=HopMethod.USER, template="%r%%%h")
    words = ssh_command(Device("sw", "10.0.0.1", jump=("x",)), "admin", [by_user], {})
    assert words == ["ssh", "-p", "2022", "--", "admin%10.0.0.1@192.0.2.9"]
    by_command = JumpHost("y", "192.0.2.8", 22, "q", "a", HopMethod.EXEC, "ssh -W %h:%p %u")
    words = ssh_command(Device("sw", "10.0.0.1", jump=("y",)), "admin", [*JUMPS, by_command], {"p": "ops", "q": "anna"})
    assert words[1:3] == [
        "-o", "ProxyCommand=ssh -J ops@192.0.2.1:22 -p 22 -- anna@192.0.2.8 ssh -W 10.0.0.1:22 anna",
    ]  # fmt: skip
    assert words[-1] == "admin@10.0.0.1"


@pytest.mark.parametrize("address", ["10.0.0.1:;id", "a:$(id)", "::1 x"])
def test_nothing_of_the_inventory_reaches_the_shell_of_a_bastions_command(address: str) -> None:
    bastion = JumpHost("y", "192.0.2.8", method=HopMethod.EXEC, template="nc %h %p")
    with pytest.raises(BadValue):
        ssh_command(Device("sw", address, jump=("y",)), "a", [bastion], {})


def test_hops_behind_a_bastion_by_command_are_passed_one_inside_the_other() -> None:
    bastion = JumpHost("x", "192.0.2.9", 2022, "p", "", HopMethod.EXEC, "nc %h %p")
    behind = JumpHost("z", "2001:db8::10", 22, "q", "x")
    words = ssh_command(Device("sw", "10.0.0.1", 2222, jump=("z",)), "a", [bastion, behind], {"p": "ops%", "q": "anna"})
    assert words[0:2] == ["ssh", "-o"]
    assert words[3:] == ["-p", "2222", "--", "a@10.0.0.1"]
    outer = shlex.split(words[2].removeprefix("ProxyCommand=").replace("%%", "%"))
    assert outer[0:2] == ["ssh", "-o"]
    assert outer[3:] == ["-W", "10.0.0.1:2222", "-p", "22", "--", "anna@2001:db8::10"]
    inner = shlex.split(outer[2].removeprefix("ProxyCommand=").replace("%%", "%"))
    assert inner == ["ssh", "-p", "2022", "--", "ops%@192.0.2.9", "nc", "2001:db8::10", "22"]


def test_more_hops_behind_a_bastion_that_logs_in_itself_are_refused_with_what_to_type() -> None:
    bastion = JumpHost("x", "192.0.2.9", 2022, "p", method=HopMethod.USER, template="%r%%%h")
    behind = JumpHost("z", "192.0.2.10", 22, "q", "x")
    with pytest.raises(Conflict) as refused:
        ssh_command(Device("sw", "10.0.0.1", jump=("z",)), "a", [bastion, behind], {"q": "anna"})
    assert "jump host x takes its target in the user name" in refused.value.detail
    assert refused.value.action == "type: ssh -p 2022 -- anna%192.0.2.10@192.0.2.9  and there: ssh -p 22 -- a@10.0.0.1"


def test_an_exact_value_of_a_column_is_not_part_of_another() -> None:
    found = compile_filter("group:=edge", ["group"])
    assert found.matches({"group": "pilot, edge"})
    assert not found.matches({"group": "edge-2"})
    assert not compile_filter("group:=-", ["group"]).matches({"group": "edge"})


def test_groups_count_the_devices_of_the_groups_below_and_keep_those_nobody_defined() -> None:
    rows = [device_row(f"sw-{n}", n) for n in range(1, 7)]
    groups = [Group("NL", GroupKind.LOCATION), Group("Amsterdam", GroupKind.LOCATION, "NL")]
    lines = {(line.kind, line.name): line for line in group_lines(groups, rows)}
    assert len(lines[GroupKind.LOCATION, "NL"].devices) == 2
    assert lines[GroupKind.LOCATION, "NL"].own == ()
    assert lines[GroupKind.LOCATION, "Berlin"].depth == 1
    assert len(lines[GroupKind.LOCATION, ""].devices) == 6
    ring = [Group("a", GroupKind.USER, "b"), Group("b", GroupKind.USER, "a")]
    assert [line.name for line in group_lines(ring, [])].count("") == 3


async def test_a_device_is_added_edited_and_removed_by_hand(picture: Picture) -> None:
    source = world()
    calls = source.fake.calls
    async with running(source) as (app, pilot):
        await press(pilot, "3", "n", "ctrl+n")
        assert "this is needed" in text_of(app)
        fill(app, name="sw-ams-1", address="10.0.0.99")
        await press(pilot, "ctrl+n")
        assert "there is one" in text_of(app)
        await picture(pilot, "device-form")
        fill(app, name="sw-new")
        app.screen.query_one("#field-jump").focus()
        await press(pilot, "space")
        assert isinstance(app.screen, OrderDialog)
        await press(pilot, "down", "right", "right")
        await picture(pilot, "device-jumps")
        await press(pilot, "enter")
        app.screen.query_one("#field-role").focus()
        await press(pilot, "right", "ctrl+n")
        wanted = Device("sw-new", "10.0.0.99", role=Role.DISTRIBUTION, jump=("jump2", "jump1"))
        assert calls[-1] == ("add_device", wanted)
        await cursor_to(app, pilot, "sw-ams-2")
        await press(pilot, "e")
        fill(app, name="sw-ams-02", description="by the window")
        await press(pilot, "ctrl+n")
        assert calls[-1][:2] == ("update_device", "sw-ams-2")
        assert (calls[-1][2].name, calls[-1][2].jump) == ("sw-ams-02", ("jump1",))
        await press(pilot, "a", "delete")
        assert "Remove 12 devices" in text_of(app)
        await say_yes(pilot, "escape")
        await press(pilot, "A")
        await cursor_to(app, pilot, "sw-ams-3")
        await press(pilot, "delete")
        await picture(pilot, "device-remove")
        await say_yes(pilot)
        assert calls[-1] == ("remove_devices", "sw-ams-3")


async def test_marked_devices_are_edited_at_once_and_keep_what_differs() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await press(pilot, "3", "a", "e")
        assert "Edit 12 devices" in text_of(app)
        assert app.screen.query_one("#field-location", PickField).value == "*keep", "they are at several sites"
        assert "each keeps its own" in text_of(app)
        fill(app, port="0")
        await press(pilot, "ctrl+n")
        assert "give a port" in text_of(app)
        fill(app, port="2222")
        app.screen.query_one("#field-jump").focus()
        await press(pilot, "ctrl+n")
        assert "12 of 12 devices changed" in said(app)
        changed = [call[2] for call in source.fake.calls if call[0] == "update_device"]
        assert [device.name for device in changed] == [f"sw-ams-{n}" for n in range(1, 13)]
        assert {device.port for device in changed} == {2222}
        assert len({device.location for device in changed}) > 1


async def test_marked_devices_go_into_groups_and_a_group_filters_the_list(picture: Picture) -> None:
    source = world()
    calls = source.fake.calls
    async with running(source) as (app, pilot):
        await press(pilot, "3", "space", "space", "T")
        assert isinstance(app.screen, ChooseDialog)
        await picture(pilot, "device-groups")
        await press(pilot, "a")
        await pilot.press(*"edge")
        await press(pilot, "enter")
        await say_yes(pilot)
        changed = [call[1] for call in calls if call[0] == "add_device"]
        assert [(one.name, "edge" in one.groups) for one in changed] == [("sw-ams-1", True), ("sw-ams-2", True)]
        await press(pilot, "A", "F")
        await pilot.press(*"netherlands")
        await picture(pilot, "choose-group")
        await press(pilot, "enter")
        table = app.screen.query_one("#devices", LiveTable)
        assert {table.model.rows[key].device.location for key in table.model.order} == {"Amsterdam", "Delft"}


async def test_groups_are_three_trees_with_counts_which_are_added_renamed_filled_and_removed(picture: Picture) -> None:
    source = world()
    calls = source.fake.calls
    async with running(source) as (app, pilot):
        await command(pilot, "groups")
        await picture(pilot, "groups")
        text = text_of(app)
        assert all(word in text for word in ("Location", "Device Type", "User Defined", "Netherlands", "pilot"))
        await cursor_to(app, pilot, "location/Netherlands")
        await press(pilot, "n")
        fill(app, name="Utrecht", zone="Europe/Amsterdam")
        await picture(pilot, "group-form")
        await press(pilot, "ctrl+n")
        assert calls[-1] == ("set_group", Group("Utrecht", GroupKind.LOCATION, "Netherlands", "Europe/Amsterdam"), ())
        await cursor_to(app, pilot, "location/Delft")
        await press(pilot, "e")
        fill(app, name="Delft-1", zone="Europe/Brussels")
        await press(pilot, "ctrl+n")
        assert calls[-2] == ("rename_group", "Delft", GroupKind.LOCATION, "Delft-1")
        assert calls[-1][1].zone == "Europe/Brussels"
        assert len(calls[-1][2]) == 4, "its devices stay in it"
        await cursor_to(app, pilot, "user/pilot")
        await press(pilot, "T")
        await picture(pilot, "group-members")
        await press(pilot, "space", "enter")
        assert calls[-1][0] == "set_group"
        assert calls[-1][2] == ("sw-ams-10",), "Space took the one out that was under the cursor"
        await cursor_to(app, pilot, "user/edge")
        await press(pilot, "delete")
        await say_yes(pilot)
        assert calls[-1] == ("remove_group", "edge", GroupKind.USER)
        await cursor_to(app, pilot, "location/Berlin")
        await press(pilot, "enter")
        assert app.view_id == "devices"
        table = app.screen.query_one("#devices", LiveTable)
        assert {table.model.rows[key].device.location for key in table.model.order} == {"Berlin"}


async def test_the_device_page_has_five_tabs_and_shows_and_compares_configurations(picture: Picture) -> None:
    source = world()
    async with running(source) as (app, pilot):
        await press(pilot, "3", "enter")
        seen = []
        for title in TABS:
            seen.append(text_of(app))
            assert title in seen[-1]
            if title not in ("Device Details", "Image"):
                await picture(pilot, f"device-{title.split()[0].lower()}")
            await press(pilot, "tab")
        assert all(word in seen[1] for word in ("Images Applied", "File Name", "9.319 MB (9771282 bytes)"))
        assert "config.text" in seen[2]
        assert "running" in seen[3]
        assert "12758473" in seen[4]
        await press(pilot, "shift+tab", "shift+tab", "enter")
        assert isinstance(app.screen, ConfigTextPage)
        assert "enable secret 5 ********" in text_of(app)
        await picture(pilot, "config-text")
        await press(pilot, "escape", "D")
        assert "-vlan 10" in app.screen.query_one(TextView).text()
        await picture(pilot, "config-diff")
        await press(pilot, "escape", "space", "space", "space", "D")
        assert "two configurations of one device" in said(app)
        await press(pilot, "escape", "escape")
        await command(pilot, "configs")
        await picture(pilot, "configs")
        await press(pilot, "p")
        assert isinstance(app.screen, DevicePage)


async def test_an_offered_host_key_is_accepted_from_the_device_page_and_ssh_is_the_users_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = world()
    ran: list[list[str]] = []

    def hand_over(_app: Any, words: list[str]) -> int:
        ran.append(words)
        return 255

    monkeypatch.setattr(device_way, "hand_over", hand_over)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    async with running(source) as (app, pilot):
        await press(pilot, "3")
        await cursor_to(app, pilot, "sw-ams-2")
        await press(pilot, "s")
        assert ran == [["ssh", "-J", "ops@192.0.2.10:22", "-p", "22", "--", "admin@10.0.0.2"]]
        assert "status 255" in said(app)
        await press(pilot, "enter", "H")
        await say_yes(pilot)
        assert source.fake.calls[-1][:3] == ("accept_host_key", "10.0.0.2", 22)
        await press(pilot, "H")
        assert isinstance(app.screen, DevicePage), "there is nothing to accept any more"
