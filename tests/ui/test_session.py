"""The line to the engine: nothing that is told while something is being fetched gets lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from swim_tui.model.events import InventoryChanged
from swim_tui.ui.app import SwimApp
from tests.ui.conftest import running, until
from tests.ui.fakes import FakeSource, world


def rename(source: FakeSource, device: str, version: str) -> None:
    source.fake.devices[device] = replace(source.fake.devices[device], version=version)
    source.fake.emit(InventoryChanged((device,)))


async def test_devices_that_change_one_after_the_other_are_all_fetched() -> None:
    source = world()
    names = list(source.fake.devices)[:3]
    async with running(source) as (app, pilot):
        assert isinstance(app, SwimApp)
        await pilot.press("3")
        await until(pilot, lambda: app.session.mirror.has_devices)
        slow = asyncio.Event()
        plain = source.fake.device

        async def device(name: str):  # type: ignore[no-untyped-def]
            found = await plain(name)
            await slow.wait()
            return found

        source.fake.device = device  # type: ignore[method-assign]
        for number, name in enumerate(names):
            rename(source, name, f"15.{number}")
            await pilot.pause(0.5)  # more than a paint apart, so each comes as a batch of its own
        await pilot.pause(0.8)  # the first fetch is under way and stands
        rename(source, names[0], "16.9")
        slow.set()
        held = app.session.mirror.devices
        await until(pilot, lambda: [held[n].version for n in names] == ["16.9", "15.1", "15.2"])


async def test_a_device_that_is_gone_takes_no_other_with_it() -> None:
    source = world()
    gone, stays = list(source.fake.devices)[:2]
    async with running(source) as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: app.session.mirror.has_devices)
        del source.fake.devices[gone]
        source.fake.emit(InventoryChanged((gone,)))
        rename(source, stays, "17.1")
        await until(pilot, lambda: gone not in app.session.mirror.devices)
        assert app.session.mirror.devices[stays].version == "17.1"
