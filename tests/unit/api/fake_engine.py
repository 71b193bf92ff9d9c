"""An engine with a handful of methods and no devices: what the door and the process are tested with."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import swim_tui
from swim_tui.api.contract import Contract, contract_hash
from swim_tui.clock import SystemClock
from swim_tui.engine.hub import EventHub
from swim_tui.errors import NotFound
from swim_tui.model.device import Device
from swim_tui.model.job import JobRequest
from swim_tui.model.plan import RunPlan
from swim_tui.model.views import DeviceRow, EngineStatus, Hello, InventorySnapshot


class FakeService:
    """Methods of the contract, answered from memory."""

    def __init__(self, data_dir: Path, hub: EventHub) -> None:
        self.hub = hub
        self.data_dir = data_dir
        self.stop_requested = asyncio.Event()
        self.devices: list[Device] = []
        self.row_count = 0
        self.contract = contract_hash()
        self.cancelled: list[tuple[str, str, str]] = []

    async def hello(self, agent: str = "") -> Hello:
        started = datetime.now(UTC)
        return Hello(swim_tui.__version__, self.contract, self.hub.epoch, os.getpid(), str(self.data_dir), started)

    async def status(self) -> EngineStatus:
        return EngineStatus(await self.hello(), self.hub.clients, (), 0, 0, 0, 0, 0)

    async def stop_engine(self, force: bool = False) -> None:
        self.stop_requested.set()

    async def add_device(self, device: Device) -> None:
        self.devices.append(device)

    async def inventory(self) -> InventorySnapshot:
        row = DeviceRow("sw", "192.0.2.1", 22, "asr1002", "wan", "Lab", "ASR1000", facts_at=datetime.now(UTC))
        return InventorySnapshot(self.hub.position, (row,) * self.row_count)

    async def device(self, name: str) -> None:
        raise NotFound(kind="device", name=name, listing="devices list")

    async def groups(self) -> list[object]:
        raise RuntimeError("a bug with a password in it")

    async def cancel(self, id: str, device: str = "", by: str = "") -> None:
        self.cancelled.append((id, device, by))

    async def remove_credentials(self, name: str) -> None:
        self.removed = name

    async def preview(self, request: JobRequest, refresh: bool = False, by: str = "") -> RunPlan:
        return RunPlan(image_ids=request.images, devices=(), options=request.options)


class FakeEngine:
    """The process side of the fake."""

    def __init__(self, data_dir: Path) -> None:
        self.hub = EventHub(SystemClock())
        self.service = FakeService(data_dir, self.hub)

    @property
    def api(self) -> Contract:
        return cast(Contract, self.service)

    @property
    def events(self) -> EventHub:
        return self.hub

    @property
    def stop_requested(self) -> asyncio.Event:
        return self.service.stop_requested

    async def start(self) -> None:
        mode = os.environ.get("FAKE_ENGINE", "")
        if mode == "crash":
            os._exit(9)
        if mode == "bug":
            raise NotFound(kind="pack", name="nowhere", listing="packs list")

    async def stop(self) -> None:
        if os.environ.get("FAKE_ENGINE") == "note-stop":
            self.service.data_dir.with_suffix(".stopped").touch()
        self.hub.close()

    def clients_changed(self, count: int) -> None:
        self.count = count


if __name__ == "__main__":
    from swim_tui.engine.main import main

    sys.exit(main(build=lambda options: FakeEngine(options.data_dir)))
