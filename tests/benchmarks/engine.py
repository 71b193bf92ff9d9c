"""A hundred devices, twenty at a time: how fast the engine's API answers meanwhile, and how much memory it takes.

    python -m tests.benchmarks.engine [--devices 100] [--time-scale 60]

Prints one line per measure; nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

from swim_tui.api.client import EngineClient
from tests.support.world import Lab, World

TARGET_MS = 50.0


def resident_mib(pid: int) -> float:
    """Resident memory of a process, MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def measure(world: World, run_id: str) -> dict[str, list[float]]:
    """Ask three services over and over until the run ends; milliseconds of each answer."""
    answers: dict[str, list[float]] = {"status": [], "run": [], "dashboard": [], "inventory": []}
    async with EngineClient(world.data) as client:
        calls = {
            "status": client.api.status,
            "run": lambda: client.api.run(run_id),
            "dashboard": client.api.dashboard,
            "inventory": client.api.inventory,
        }
        while True:
            for name, call in calls.items():
                began = time.perf_counter()
                answer = await call()
                answers[name].append((time.perf_counter() - began) * 1000)
                if name == "run" and answer.run.status.is_final:
                    return answers
            await asyncio.sleep(0.1)


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=100)
    parser.add_argument("--time-scale", default="60")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lab = Lab.up("hundred", root / "lab", "--time-scale", args.time_scale)
        world = World(root)
        try:
            world.start_engine("--scale", args.time_scale)
            world.set_up(lab)
            names = [row["name"] for row in world.json("devices", "list")][: args.devices]
            image = Path(lab.ready["images"][0]["path"]).name
            chosen = [word for name in names for word in ("--device", name)]
            began = time.monotonic()
            command = ["distribute", "--image", image, *chosen, "--insert-boot-command", "--activate", "parallel"]
            started = json.loads(world.swim(*command, "--yes", "--json").stdout)
            answers = asyncio.run(measure(world, started["run"]["id"]))
            took = time.monotonic() - began
            final = world.json("runs", "show", started["run"]["id"])
            memory = resident_mib(world.engine_pid()) + sum(resident_mib(pid) for pid in world.worker_pids())
            print(f"{len(names)} devices: {final['run']['status']} in {took:.1f} s, reloads {len(lab.reloads())}")
            for name, times in answers.items():
                times.sort()
                p99 = times[int(len(times) * 0.99) - 1]
                print(
                    f"{name:10} n={len(times):4} median {statistics.median(times):6.1f} ms  p99 {p99:6.1f} ms  "
                    f"max {times[-1]:6.1f} ms  (target {TARGET_MS:g} ms)"
                )
            print(f"engine + workers: {memory:.0f} MiB resident (target under 600 MiB at 300 tasks)")
        finally:
            world.stop()
            lab.down()


if __name__ == "__main__":
    main()
