"""Upgrade analysis against images that are not in the repository."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from swim_tui.engine.planner import EnginePlanner
from swim_tui.engine.services.analysis import AnalysisService
from swim_tui.engine.services.settings import SettingsService
from swim_tui.engine.state import State
from swim_tui.errors import BadValue
from swim_tui.model.device import Device
from swim_tui.model.facts import Facts, FileSystem, OsKind, VersionFacts
from swim_tui.model.remote import RemoteFile

MB = 2**20


async def test_offered_images_are_compared_by_name_and_size(state: State) -> None:
    flash = FileSystem("flash:", total_bytes=32 * MB, free_bytes=10 * MB, files=())
    version = VersionFacts(OsKind.IOS, "12.2(55)SE", family="C2960", image_file="flash:old.bin", ram_bytes=64 * MB)
    await asyncio.wrap_future(state.tables.devices.put(Device("sw1", "10.0.0.1", platform="c2960")))
    await asyncio.wrap_future(
        state.tables.facts.put(Facts("sw1", datetime(2026, 1, 2, tzinfo=UTC), version, file_systems=(flash,)))
    )
    settings = SettingsService(state)
    service = AnalysisService(state, EnginePlanner(state, settings.local_file_server), settings)
    fits = RemoteFile("c2960-lanbasek9-mz.150-2.SE11.bin", 15 * MB)
    other = RemoteFile("nxos.9.3.10.bin", 15 * MB)
    rows = {row.image: row for row in await service.analyze([], ["sw1"], [], (fits, other))}
    row = rows[fits.name]
    assert (row.applicable, row.image_version, row.running_version) == (True, "15.0(2)SE11", "12.2(55)SE")
    assert (row.flash_required_bytes, row.flash_free_bytes, row.flash_total_bytes) == (15 * MB, 10 * MB, 32 * MB)
    assert row.verdict == "failed", "five MB are missing"
    assert not rows[other.name].applicable
    with pytest.raises(BadValue, match="size is not told"):
        await service.analyze([], ["sw1"], [], (RemoteFile(fits.name),))
