"""Groups with rules, profiles that groups give, and host keys by the way they are reached on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.groups import GroupService
from swim_tui.engine.services.hostkeys import HostKeyService, keep_offer
from swim_tui.engine.services.inventory import InventoryService
from swim_tui.engine.services.request import devices_of
from swim_tui.engine.services.settings import DEFAULT_PROFILE, SettingsService
from swim_tui.engine.state import State
from swim_tui.errors import BadValue, Conflict, HostKeyError, NotFound, describe
from swim_tui.model.device import Device, Group, GroupKind, GroupRule
from swim_tui.model.endpoint import fingerprint_of
from swim_tui.model.job import Job, JobRequest, JobStatus, JobType

TEXT = """swim_tui_inventory: 1
groups: [{name: West, kind: location, zone: America/Los_Angeles}, {name: Oakland, kind: location, parent: West},
  {name: PSIRT, kind: user}]
credentials: [{name: admin, username: swim, password: x}, {name: west-admin, username: swim, password: y}]
jumps: [{name: j1, address: 192.0.2.1, credentials: admin}, {name: j2, address: 192.0.2.2, credentials: admin}]
devices:
- {name: r1, address: 10.0.0.1, platform: asr1002, location: Oakland, groups: [PSIRT], jump: [j1]}
- {name: r2, address: 10.0.0.1, platform: asr1002, role: wan, jump: [j2]}
- {name: sw-1, address: 10.0.0.3, platform: c2960, location: West}
"""
KEY, OTHER = "ssh-ed25519 " + "A" * 24, "ssh-ed25519 " + "B" * 24


@pytest.fixture
async def filled(inventory: InventoryService) -> InventoryService:
    await inventory.import_inventory(TEXT, "x.yaml")
    return inventory


def members(state: State, group: str) -> list[str]:
    return sorted(device.name for device in devices_of(state, (), (group,)))


async def test_group_membership_is_exactly_what_was_set(filled: InventoryService, groups: GroupService) -> None:
    await groups.set_group(Group("PSIRT", GroupKind.USER), ["r2"])
    assert (await filled.device("r1")).device.groups == ()
    assert (await filled.device("r2")).device.groups == ("PSIRT",)
    await groups.set_group(Group("Berkeley", GroupKind.LOCATION, "West"), ["r1"])
    assert (await filled.device("r1")).device.location == "Berkeley"
    assert (await filled.device("r1")).zone == "America/Los_Angeles"
    with pytest.raises(NotFound, match="location group named 'North'"):
        await groups.set_group(Group("X", GroupKind.LOCATION, "North"), [])
    with pytest.raises(BadValue, match="zone"):
        await groups.set_group(Group("X", GroupKind.LOCATION, zone="Mars/Olympus"), [])
    with pytest.raises(BadValue, match="above itself"):
        await groups.set_group(Group("West", GroupKind.LOCATION, "Berkeley"), [])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (GroupRule(platform="asr1002"), ["r1", "r2"]),
        (GroupRule(platform="asr1002", role="wan"), ["r2"]),
        (GroupRule(name="SW-*"), ["sw-1"]),
        (GroupRule(location="wes?"), ["r1", "sw-1"]),
        (GroupRule(location="West", platform="c3850"), []),
    ],
)
async def test_a_rule_finds_its_devices_wherever_groups_are_asked_for(
    state: State, filled: InventoryService, groups: GroupService, rule: GroupRule, expected: list[str]
) -> None:
    await groups.set_group(Group("by rule", GroupKind.USER, rule=rule), [])
    assert members(state, "by rule") == expected
    rows = (await filled.inventory()).devices
    assert [row.name for row in rows if "by rule" in row.groups] == expected
    for name in expected:
        assert "by rule" not in (await filled.device(name)).device.groups


async def test_members_by_hand_stay_beside_a_rule_and_a_wrong_rule_is_refused(
    state: State, filled: InventoryService, groups: GroupService
) -> None:
    await groups.set_group(Group("PSIRT", GroupKind.USER, rule=GroupRule(role="wan")), ["sw-1"])
    assert members(state, "PSIRT") == ["r2", "sw-1"]
    for wrong, words in (
        (Group("X", GroupKind.USER, rule=GroupRule(platform="asr1003")), "no device pack 'asr1003'"),
        (Group("X", GroupKind.USER, rule=GroupRule(role="boss")), "rule"),
        (Group("X", GroupKind.LOCATION, rule=GroupRule(role="wan")), "only a user-defined group has a rule"),
        (Group("X", GroupKind.USER, credentials="nobody"), "no credential profile 'nobody'"),
    ):
        with pytest.raises(BadValue, match=words):
            await groups.set_group(wrong, [])
    text = await filled.export_inventory()
    assert "rule:\n    role: wan" in text
    again = await filled.import_inventory(text, "y.yaml")
    assert {row.action for row in again.rows} == {"same"}


async def test_a_renamed_group_keeps_members_and_groups_below(
    state: State, filled: InventoryService, groups: GroupService
) -> None:
    await groups.rename_group("West", GroupKind.LOCATION, "California")
    assert (await filled.device("sw-1")).device.location == "California"
    assert members(state, "California") == ["r1", "sw-1"]
    with pytest.raises(Conflict, match="already"):
        await groups.rename_group("California", GroupKind.LOCATION, "Oakland")
    with pytest.raises(Conflict, match="groups below it: Oakland"):
        await groups.remove_group("California", GroupKind.LOCATION)
    await groups.remove_group("Oakland", GroupKind.LOCATION)
    assert (await filled.device("r1")).device.location == ""
    with pytest.raises(NotFound):
        await groups.remove_group("Oakland", GroupKind.LOCATION)


async def test_a_group_that_a_scheduled_job_names_is_neither_renamed_nor_removed(
    state: State, filled: InventoryService, groups: GroupService
) -> None:
    request = JobRequest(JobType.INVENTORY_SYNC, groups=("PSIRT",), devices=("sw-1",))
    at = datetime(2030, 1, 1, tzinfo=UTC)
    job = Job("1", request, "nightly", JobStatus.SCHEDULED, created_at=at, next_run_at=at)
    await asyncio.wrap_future(state.tables.jobs.put(job))
    with pytest.raises(Conflict, match="nightly"):
        await groups.remove_group("PSIRT", GroupKind.USER)
    with pytest.raises(Conflict, match="nightly"):
        await filled.update_device("sw-1", replace((await filled.device("sw-1")).device, name="sw-2"))


async def test_the_profile_of_a_device_is_its_own_else_its_groups_else_the_default(
    state: State, filled: InventoryService, groups: GroupService, credentials: CredentialsService
) -> None:
    settings = SettingsService(state)
    assert (await filled.device("r1")).credentials == ""
    with pytest.raises(BadValue, match="there is no such profile"):
        await settings.set_setting(DEFAULT_PROFILE, "nobody")
    await credentials.add_credentials("night", "n", password="x")
    await settings.set_setting(DEFAULT_PROFILE, "night")
    with pytest.raises(Conflict, match="used by the setting"):
        await credentials.remove_credentials("night")
    await settings.set_setting(DEFAULT_PROFILE, "admin")
    await credentials.remove_credentials("night")
    assert (await filled.device("r1")).credentials == "admin"
    west = next(g for g in await groups.groups() if g.name == "West")
    await groups.set_group(replace(west, credentials="west-admin"), ["sw-1"])
    assert (await filled.device("r1")).credentials == "west-admin"  # Oakland lies in West
    assert (await filled.device("r2")).credentials == "admin"
    await filled.add_device(Device("sw-1", "10.0.0.3", credentials="admin", location="West"))
    assert (await filled.device("sw-1")).credentials == "admin"
    with pytest.raises(Conflict, match="used by group West"):
        await credentials.remove_credentials("west-admin")


async def test_one_address_behind_two_jump_hosts_has_two_keys(
    filled: InventoryService, host_keys: HostKeyService
) -> None:
    await host_keys.accept_host_key("10.0.0.1", 22, KEY + " a comment", via=["j1"], by="eva")
    await host_keys.accept_host_key("10.0.0.1", 22, OTHER, via=["j2"])
    one, two = await host_keys.host_keys()
    assert (one.names, one.key, one.origin, one.by) == (("r1",), KEY, "accepted", "eva")
    assert (two.names, two.key, two.fingerprint) == (("r2",), OTHER, fingerprint_of(OTHER))
    await host_keys.remove_host_key("10.0.0.1", 22, via=["j1"])
    assert [row.names for row in await host_keys.host_keys()] == [("r2",)]
    with pytest.raises(NotFound):
        await host_keys.remove_host_key("10.0.0.1", 22)
    with pytest.raises(BadValue):
        await host_keys.accept_host_key("10.0.0.1", 22, "no key")


async def test_a_key_of_a_file_is_known_on_every_way_to_its_address(
    filled: InventoryService, host_keys: HostKeyService
) -> None:
    text = f"swim_tui_inventory: 1\nhost_keys: [{{host: 10.0.0.1, key: '{KEY}'}}]\n"
    await filled.import_inventory(text, "keys.yaml")
    assert [(row.via, row.origin) for row in await host_keys.host_keys()] == [
        (("j1",), "imported"),
        (("j2",), "imported"),
    ]
    exported = await filled.export_inventory()
    report = await filled.import_inventory(exported, "again.yaml")
    assert {row.action for row in report.rows} == {"same"}


async def test_a_changed_key_is_accepted_only_by_the_fingerprint_that_was_offered(
    state: State, filled: InventoryService, host_keys: HostKeyService
) -> None:
    await host_keys.accept_host_key("10.0.0.1", 22, KEY, via=["j1"])
    err = HostKeyError(
        device="r1", address="10.0.0.1", port=22, place="r1", via=("j1",), key=OTHER, known="a", offered="b"
    )
    keep_offer(state, describe(err))
    (row,) = await host_keys.host_keys()
    assert (row.state, row.fingerprint, row.offered_fingerprint) == (
        "changed",
        fingerprint_of(KEY),
        fingerprint_of(OTHER),
    )
    epoch = state.trust_epoch
    with pytest.raises(BadValue, match="offered another key"):
        await host_keys.accept_host_key("10.0.0.1", 22, via=["j1"], fingerprint=fingerprint_of(KEY))
    await host_keys.accept_host_key("10.0.0.1", 22, via=["j1"], fingerprint=fingerprint_of(OTHER), by="eva")
    (row,) = await host_keys.host_keys()
    assert (row.state, row.key, row.by) == ("known", OTHER, "eva")
    assert state.trust_epoch > epoch
    with pytest.raises(NotFound, match="offered host key"):
        await host_keys.accept_host_key("10.0.0.1", 22, via=["j1"], fingerprint=fingerprint_of(KEY))


async def test_a_parked_profile_is_confirmed_without_its_secrets(
    state: State, filled: InventoryService, credentials: CredentialsService
) -> None:
    await credentials.park("admin", "r1 refused its login")
    assert (await credentials.confirm_credentials("admin", "eva")).parked is False
    assert credentials.login("admin").password.reveal() == "x"
    with pytest.raises(NotFound):
        await credentials.confirm_credentials("nobody")


async def test_a_replaced_profile_keeps_the_secrets_that_were_left_empty_where_that_is_wanted(
    credentials: CredentialsService,
) -> None:
    await credentials.add_credentials("night", "n", password="0ld", enable="en4ble")
    assert (await credentials.add_credentials("night", "n", password="n3w", keep=True)).has_enable
    login = credentials.login("night")
    assert (login.password.reveal(), login.enable.reveal()) == ("n3w", "en4ble")
    assert not (await credentials.add_credentials("night", "n", password="n3w")).has_enable
    assert (await credentials.add_credentials("fresh", "f", password="p", keep=True)).has_password
