"""What tests of stacks, install mode and ISSU share."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from swim_tui.lab.device import Device
from swim_tui.lab.lab import Lab

from .labkit import Cli, login, push

Y_N = r"\[y/n\] $"
YES_NO = r"\[yes/no\]: $"
CONFIRM = r"\[confirm\]$"
C3850_OLD = "cat3k_caa-universalk9.SPA.03.06.03.E.152-2.E3.bin"
C3850_NEW = "cat3k_caa-universalk9.SPA.03.07.03.E.152-3.E3.bin"
C3850_16 = "cat3k_caa-universalk9.16.12.11.SPA.bin"
C9K_OLD = "cat9k_iosxe.17.03.01.SPA.bin"
C9K_NEW = "cat9k_iosxe.17.06.07.SPA.bin"
C9K_NEWER = "cat9k_iosxe.17.09.05.SPA.bin"


async def until(check: Callable[[], bool], timeout_s: float = 20) -> None:
    """Wait for something a device tells nobody."""
    async with asyncio.timeout(timeout_s):
        while not check():  # noqa: ASYNC110 - a device tells nobody
            await asyncio.sleep(0.005)


async def until_boot(device: Device, count: int = 1) -> None:
    """Wait until a device has booted so often and is up."""
    await until(lambda: device.counters["boots"] >= count and device.phase.value == "up")


async def send(lab: Lab, name: str, fs: str, file: str, *, broken: bool = False, **options: Any) -> None:
    """Push a published image to a device."""
    folder = lab.folder / "images" / ("broken" if broken else "")
    async with login(lab, name, **options) as conn:
        assert await push(conn, f"{fs}:{file}", (folder / file).read_bytes()) == b"\0"


async def answer(cli: Cli, text: str, pattern: str) -> str:
    """Answer a question and read on."""
    cli.type(f"{text}\n")
    return (await cli.until(pattern)).replace("\r\n", "\n")


def events(lab: Lab, name: str, event: str) -> list[str]:
    """The lines of one kind of event of a device."""
    entries = [json.loads(line) for line in lab.services.journal.path.read_text().splitlines()]
    return [entry["line"] for entry in entries if entry["device"] == name and entry["event"] == event]


def files(device: Device, prefix: str) -> list[str]:
    """The names on a file system."""
    system = device.storage.system(prefix)
    assert system is not None
    return list(system.files)


def state(device: Device, number: int) -> dict[str, Any]:
    """What a device says of one of its units."""
    return next(row for row in device.state()["members"] if row["number"] == number)
