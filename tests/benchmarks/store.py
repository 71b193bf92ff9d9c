"""Durable updates and opening at 10,000 documents: our store beside TinyDB's JSONStorage, in one run.

Run: python tests/benchmarks/store.py [documents]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tinydb import TinyDB, where

from swim_tui.store import Database

UPDATES = 300
TINYDB_UPDATES = 15


@dataclass(frozen=True)
class Item:
    """About the size of an inventory record."""

    name: str
    address: str
    platform: str = "cisco_ios"
    version: str = "15.2(7)E3"
    serials: tuple[str, ...] = ("FOC1234X0AB", "FOC1234X0AC")
    tags: dict[str, str] = field(default_factory=lambda: {"site": "north", "role": "access"})


def median_ms(action: Callable[[int], object], times: int) -> float:
    """The median time of `action(i)` in milliseconds."""
    samples = []
    for i in range(times):
        begin = time.perf_counter()
        action(i)
        samples.append((time.perf_counter() - begin) * 1000)
    return statistics.median(samples)


def items(count: int) -> list[Item]:
    """Devices with names and addresses of their own."""
    return [Item(f"sw-{i:05}", f"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}") for i in range(count)]


def ours(root: Path, devices: list[Item]) -> tuple[float, float, float]:
    """Update, open, and first read of everything, in milliseconds."""
    with Database(root) as database:
        table = database.table("devices", Item, lambda item: item.name)
        table.put_many(devices).result()
        changed = [replace(devices[i * 31 % len(devices)], version=f"17.{i}") for i in range(UPDATES)]
        update = median_ms(lambda i: table.put(changed[i]).result(), UPDATES)
        database.compact()

    def reopen(_i: int) -> None:
        Database(root).close()

    opening = median_ms(reopen, 7)
    with Database(root) as database:
        table = database.table("devices", Item, lambda item: item.name)
        return update, opening, median_ms(lambda _i: table.all(), 1)


def plain_tinydb(path: Path, devices: list[Item]) -> tuple[float, float, float]:
    """The same with TinyDB as it comes."""
    with TinyDB(path) as database:
        database.table("devices").insert_multiple(
            {"name": item.name, "address": item.address, "platform": item.platform, "version": item.version,
             "serials": list(item.serials), "tags": item.tags}
            for item in devices
        )  # fmt: skip
        table = database.table("devices")
        update = median_ms(
            lambda i: table.update({"version": f"17.{i}"}, where("name") == devices[i * 31].name), TINYDB_UPDATES
        )

    def reopen(_i: int) -> None:
        with TinyDB(path) as database:
            len(database.table("devices"))

    opening = median_ms(reopen, 7)
    with TinyDB(path) as database:
        table = database.table("devices")
        return update, opening, median_ms(lambda _i: table.all(), 1)


def main() -> None:
    """Print both, side by side."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    devices = items(count)
    with tempfile.TemporaryDirectory() as folder:
        mine = ours(Path(folder) / "store", devices)
        theirs = plain_tinydb(Path(folder) / "plain.json", devices)
    print(f"{count} documents, medians in ms       ours    JSONStorage     ratio")
    for name, own, other in zip(("durable update", "open", "first read of all"), mine, theirs, strict=True):
        print(f"{name:<30}{own:>12.3f}{other:>15.1f}{other / own:>10.1f}")


if __name__ == "__main__":
    main()
