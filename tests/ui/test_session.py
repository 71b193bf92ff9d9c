"""The line to the engine: nothing that is told while something is being fetched gets lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from swim_tui.errors import EngineMismatch, EngineUnavailable, SwimError
from swim_tui.model.events import InventoryChanged
from swim_tui.ui import session
from swim_tui.ui.app import SwimApp
from tests.ui.conftest import running, until
from tests.ui.fakes import FakeSource, world


def rename(source: FakeSource, device: str, version: str) -> None:
    source.fake.devices[device] = replace(source.fake.devices[device], version=version)
    source.fake.emit(InventoryChanged((device,)))


async def test_each_reason_why_there_is_no_engine_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_RETRY_S", (0.01,))
    source = world()
    gone = EngineUnavailable(data_dir="/srv/swim", detail="nobody listens")
    reasons: list[SwimError] = [gone, gone, EngineMismatch(engine_version="1", client_version="2")]

    async def connect() -> FakeSource:
        if reasons:
            raise reasons.pop(0)
        return source

    async with running(source) as (app, pilot):
        monkeypatch.setattr(app.session, "_connect", connect)
        source.drop()
        await until(pilot, lambda: not reasons and app.status.connected)
        told = [entry.text for entry in app.log_book.entries]
        assert sum("nobody listens" in text for text in told) == 1
        assert sum("restart the engine" in text for text in told) == 1


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
