"""The inventory service: import, add, remove, groups, and what a busy device refuses."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from swim_tui.engine.records import DeviceSync
from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.hostkeys import HostKeyService
from swim_tui.engine.services.inventory import InventoryService
from swim_tui.engine.state import State
from swim_tui.errors import BadValue, Conflict, InventoryError, NotFound, Problem
from swim_tui.model.device import Device, HopMethod, JumpHost
from swim_tui.model.events import InventoryChanged
from swim_tui.model.facts import BootMode, Facts, VersionFacts

TEXT = """swim_tui_inventory: 1
groups: [{name: West, kind: location, zone: America/Los_Angeles}, {name: Oakland, kind: location, parent: West},
  {name: PSIRT, kind: user}]
credentials: [{name: admin, username: swim, password: hunter2, enable: hunter3}]
jumps: [{name: j1, address: 192.0.2.1, credentials: admin}]
devices:
- {name: r1, address: 192.0.2.11, platform: asr1002, location: Oakland, groups: [PSIRT], credentials: admin, jump: [j1]}
- {name: r2, address: 192.0.2.12, platform: asr1002, upstream: [r1], pair: r1}
host_keys: [{host: 192.0.2.1, port: 22, key: "ssh-ed25519 AAAAAAAAAAAAAAAAAAAAAAAA"}]
"""


def actions(report: object) -> dict[str, str]:
    return {f"{row.kind} {row.name}": row.action for row in report.rows}  # type: ignore[attr-defined]


async def test_an_import_brings_everything_and_again_brings_nothing(
    inventory: InventoryService, host_keys: HostKeyService
) -> None:
    first = await inventory.import_inventory(TEXT, "x.yaml")
    assert set(actions(first).values()) == {"add"}
    assert [d.name for d in (await inventory.inventory()).devices] == ["r1", "r2"]
    (row,) = await host_keys.host_keys()
    assert (row.host, row.port, row.names, row.origin) == ("192.0.2.1", 22, ("j1",), "imported")
    assert row.key == "ssh-ed25519 AAAAAAAAAAAAAAAAAAAAAAAA"
    again = await inventory.import_inventory(TEXT, "x.yaml")
    assert set(actions(again).values()) == {"same"}


async def test_a_dry_run_says_what_would_be_and_changes_nothing(inventory: InventoryService) -> None:
    await inventory.import_inventory(TEXT, "x.yaml")
    changed = TEXT.replace("192.0.2.12", "192.0.2.13").replace("hunter2", "hunter9") + "\n"
    report = await inventory.import_inventory(changed, "x.yaml", dry_run=True)
    assert report.dry_run
    assert {k for k, v in actions(report).items() if v == "change"} == {"device r2", "credentials admin"}
    assert next(r.detail for r in report.rows if r.name == "r2") == "address"
    assert (await inventory.device("r2")).device.address == "192.0.2.12"


async def test_with_one_problem_nothing_at_all_is_imported(state: State, inventory: InventoryService) -> None:
    wrong = TEXT.replace("upstream: [r1]", "upstream: [r9]")
    with pytest.raises(InventoryError, match="no device 'r9'") as caught:
        await inventory.import_inventory(wrong, "x.yaml")
    assert len(caught.value.problems) == 1
    assert (await inventory.inventory()).devices == ()
    assert state.tables.groups.all() == []
    assert state.vault.names() == ()


async def test_a_dry_run_lists_the_problems_instead_of_failing(inventory: InventoryService) -> None:
    report = await inventory.import_inventory("swim_tui_inventory: 1\ndevices: [{name: a}]", "x.yaml", dry_run=True)
    assert report.problems == ("x.yaml, line 2: device 'a': the field 'address' is missing",)
    report = await inventory.import_inventory("hello", "x.yaml", dry_run=True)
    assert len(report.problems) == 1


async def test_secrets_are_in_the_vault_and_nowhere_else(
    state: State, inventory: InventoryService, credentials: CredentialsService, tmp_path: Path
) -> None:
    await inventory.import_inventory(TEXT, "x.yaml")
    login = credentials.login("admin")
    assert (login.password.reveal(), login.enable.reveal()) == ("hunter2", "hunter3")
    state.db.compact()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert b"hunter" not in path.read_bytes(), path


async def test_ten_thousand_devices_are_imported_and_listed(inventory: InventoryService) -> None:
    rows = "".join(f"- {{name: d{i}, address: 10.1.{i // 256}.{i % 256}, platform: c2960}}\n" for i in range(10_000))
    began = time.monotonic()
    await inventory.import_inventory("swim_tui_inventory: 1\ndevices:\n" + rows, "x.yaml")
    assert time.monotonic() - began < 30
    longest, last = 0.0, time.monotonic()
    listing = asyncio.ensure_future(inventory.inventory())
    while not listing.done():
        await asyncio.sleep(0)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert len(listing.result().devices) == 10_000


async def test_a_row_shows_what_was_last_read(state: State, inventory: InventoryService) -> None:
    await inventory.import_inventory(TEXT, "x.yaml")
    at = datetime(2026, 1, 2, tzinfo=UTC)
    version = VersionFacts(version="03.13.00.S", image_file="bootflash:/a.bin", family="X", mode=BootMode.BUNDLE)
    await asyncio.wrap_future(state.tables.facts.put(Facts("r1", at, version)))
    await asyncio.wrap_future(state.tables.syncs.put(DeviceSync("r1", at, reachable=True, armed="bootflash:/b.bin")))
    problem = Problem("SWIM-4020", "no answer from 192.0.2.12:22 within 15 s")
    await asyncio.wrap_future(state.tables.syncs.put(DeviceSync("r2", at, reachable=False, problem=problem)))
    state.busy["r2"] = "run-7"
    one, two = (await inventory.inventory()).devices
    assert (one.version, one.image_file, one.mode, one.facts_at) == ("03.13.00.S", "bootflash:/a.bin", "bundle", at)
    assert one.state == "Armed: boots bootflash:/b.bin at the next reload"
    assert (two.reachable, two.busy_with, two.state) == (False, "run-7", problem.message)
    detail = await inventory.device("r1")
    assert detail.zone == "America/Los_Angeles"
    assert detail.facts is not None


async def test_a_busy_device_is_neither_removed_nor_changed(state: State, inventory: InventoryService) -> None:
    await inventory.import_inventory(TEXT, "x.yaml")
    state.busy["r2"] = "run-7"
    with pytest.raises(Conflict, match="r2 is busy with run run-7"):
        await inventory.remove_devices(["r1", "r2"])
    with pytest.raises(Conflict, match="run-7"):
        await inventory.import_inventory(TEXT.replace("192.0.2.12", "192.0.2.13"), "x.yaml")
    with pytest.raises(Conflict, match="run-7"):
        await inventory.add_device(Device("r2", "192.0.2.99"))
    assert len((await inventory.inventory()).devices) == 2
    await inventory.import_inventory(TEXT, "x.yaml")  # nothing changes, so nothing is refused


async def test_a_removed_device_is_forgotten_by_the_others(state: State, inventory: InventoryService) -> None:
    await inventory.import_inventory(TEXT, "x.yaml")
    await asyncio.wrap_future(state.tables.facts.put(Facts("r1", datetime(2026, 1, 2, tzinfo=UTC))))
    await inventory.remove_devices(["r1"])
    assert state.tables.facts.get("r1") is None
    left = (await inventory.device("r2")).device
    assert (left.upstream, left.pair) == ((), "")
    with pytest.raises(NotFound, match="no device named 'r1'"):
        await inventory.remove_devices(["r1"])


async def test_an_added_device_meets_the_same_checks_as_a_file(inventory: InventoryService) -> None:
    await inventory.import_inventory(TEXT, "x.yaml")
    for wrong, words in (
        (Device("r3", "10.1.1.300"), "not an IP address"),
        (Device("r3", "192.0.2.11", jump=("j1",)), "'r1' has 192.0.2.11:22 already"),
        (Device("r3", "192.0.2.14", platform="c9999"), "no device pack"),
        (Device("../r3", "192.0.2.14"), "no '/'"),
        (Device("é" * 90, "192.0.2.14"), "too long for a file name"),
    ):
        with pytest.raises(BadValue, match=words):
            await inventory.add_device(wrong)
    await inventory.add_device(Device("r1", "192.0.2.77"))
    assert (await inventory.device("r1")).device.address == "192.0.2.77"


async def test_jump_hosts_meet_the_same_checks(inventory: InventoryService, credentials: CredentialsService) -> None:
    await inventory.import_inventory(TEXT, "x.yaml")
    await inventory.add_jump(JumpHost("j2", "192.0.2.2", credentials="admin", via="j1"))
    with pytest.raises(BadValue, match="reached through itself"):
        await inventory.add_jump(JumpHost("j1", "192.0.2.1", credentials="admin", via="j2"))
    with pytest.raises(BadValue, match="no credential profile 'nobody'"):
        await inventory.add_jump(JumpHost("j3", "192.0.2.3", credentials="nobody"))
    for wrong, words in (
        (JumpHost("j3", "192.0.2.3", method=HopMethod.USER), "needs a template with %h"),
        (JumpHost("j3", "192.0.2.3", method=HopMethod.EXEC, template="nc %h 22"), "needs %h and %p"),
        (JumpHost("j3", "192.0.2.3", method=HopMethod.EXEC, template="nc %h %p %x"), "only %h"),
        (JumpHost("j3", "192.0.2.3", template="nc %h %p"), "forward has no template"),
    ):
        with pytest.raises(BadValue, match=words):
            await inventory.add_jump(wrong)
    await credentials.add_credentials("codes", "me", one_time_code=True)
    await credentials.add_credentials("pushes", "me", push_answer="1")
    by_user = JumpHost("j3", "192.0.2.3", method=HopMethod.USER, template="%r%%%h", credentials="codes")
    with pytest.raises(BadValue, match="a one-time code each time"):
        await inventory.add_jump(by_user)
    await inventory.add_jump(replace(by_user, credentials="pushes"))
    await inventory.remove_jump("j3")
    assert [j.name for j in await inventory.jumps()] == ["j1", "j2"]
    for name, user in (("j1", "r1"), ("j2", "")):
        if user:
            with pytest.raises(Conflict, match=f"{user}.*reached through jump host '{name}'"):
                await inventory.remove_jump(name)
        else:
            await inventory.remove_jump(name)
    assert [j.name for j in await inventory.jumps()] == ["j1"]


async def test_a_renamed_device_keeps_what_is_known_of_it(state: State, inventory: InventoryService) -> None:
    await inventory.import_inventory(TEXT, "x.yaml")
    at = datetime(2026, 1, 2, tzinfo=UTC)
    await asyncio.wrap_future(state.tables.facts.put(Facts("r1", at)))
    kept = state.paths.configs / "r1"
    kept.mkdir()
    (kept / "a.enc").write_bytes(b"x")
    old = (await inventory.device("r1")).device
    await inventory.update_device("r1", replace(old, name="core-1", address="192.0.2.99"))
    assert [d.name for d in (await inventory.inventory()).devices] == ["core-1", "r2"]
    detail = await inventory.device("core-1")
    assert (detail.device.address, detail.device.groups) == ("192.0.2.99", ("PSIRT",))
    assert detail.facts is not None
    assert detail.facts.device == "core-1"
    left = (await inventory.device("r2")).device
    assert (left.upstream, left.pair) == (("core-1",), "core-1")
    assert [p.name for p in (state.paths.configs / "core-1").iterdir()] == ["a.enc"]
    with pytest.raises(Conflict, match="'r2' already"):
        await inventory.update_device("core-1", replace(old, name="r2"))
    with pytest.raises(BadValue, match="no '/'"):
        await inventory.update_device("core-1", replace(old, name="../x"))
    with pytest.raises(NotFound):
        await inventory.update_device("gone", old)
    state.busy["core-1"] = "run-1"
    with pytest.raises(Conflict, match="busy"):
        await inventory.update_device("core-1", replace(old, name="core-2"))


async def test_a_change_is_announced_with_the_names(state: State, inventory: InventoryService) -> None:
    heard: list[int] = []
    state.on_inventory_changed.append(lambda: heard.append(1))
    at = state.hub.position
    await inventory.add_device(Device("r1", "192.0.2.1"))
    subscription = state.hub.subscribe(at)
    assert (await anext(subscription)).event == InventoryChanged(("r1",))
    assert heard == [1]
