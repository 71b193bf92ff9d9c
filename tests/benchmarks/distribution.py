"""Story 1: one image to 113 switches through three SWIM servers, against the ideal of the lab's own rates.

    python -m tests.benchmarks.distribution [--size-scale 4] [--time-scale 1] [--max-pulls 10] [--push]

The ideal: each server's upload at the rate of its site's line, then its switches in rounds of so many pulls at once,
each as long as the switch takes for the bytes, and one hash at the end. The slowest server is the ideal of the run.
What the lab divides by its time scale is divided here too. Images are 1/size-scale of the real ones, so that the
tool's own time weighs that much more than it would in a real night. With --push nothing is pulled.

Prints one line per measure; nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from swim_tui.lab.network import find_network, load_network
from tests.benchmarks.engine import measure, resident_mib
from tests.support.story1 import IMAGE, SERVERS
from tests.support.world import Lab, World

TARGET = 1.10


def ideal_s(size: int, time_scale: float, max_pulls: int) -> dict[str, float]:
    """Seconds that each server's site needs at the rates of the network file."""
    network = load_network(find_network("story1"))
    platform = network.devices[0].platform
    sites = Counter(device.location for device in network.devices)
    copy_s, hash_s = size / platform.scp_bytes_s + platform.flush_s, size / platform.verify_bytes_s
    found = {}
    for server, site in SERVERS.items():
        rounds = math.ceil(sites[site] / max_pulls)
        found[server] = (size / network.site_rates[site] + rounds * copy_s + hash_s) / time_scale
    return found


def run_one(world: World, lab: Lab, args: argparse.Namespace) -> None:
    """The run and its figures."""
    names = [row["name"] for row in world.json("devices", "list")]
    world.swim("settings", "set", "servers.max_pulls", str(args.max_pulls))
    world.swim("settings", "set", "distribution.max_devices", str(3 * args.max_pulls))
    chosen = [word for name in names for word in ("--device", name)]
    where = ["--server", "local"] if args.push else []
    began = time.monotonic()
    started = json.loads(world.swim("distribute", "--image", IMAGE, *chosen, *where, "--yes", "--json").stdout)
    run_id = started["run"]["id"]
    answers = asyncio.run(measure(world, run_id))
    took = time.monotonic() - began
    report(world, lab, world.json("runs", "show", run_id), took, args)
    for name, times in answers.items():
        times.sort()
        print(f"API {name:10} median {times[len(times) // 2]:6.1f} ms  p99 {times[int(len(times) * 0.99) - 1]:6.1f} ms")
    own = sum(cpu_s(pid) for pid in (world.engine_pid(), *world.worker_pids()))
    load = os.getloadavg()[1]
    print(f"CPU: engine + workers {own:.0f} s, the lab {cpu_s(lab.process.pid):.0f} s; load average {load:.1f}")
    memory = resident_mib(world.engine_pid()) + sum(resident_mib(pid) for pid in world.worker_pids())
    print(f"engine + workers: {memory:.0f} MiB")


def report(world: World, lab: Lab, detail: dict[str, Any], took: float, args: argparse.Namespace) -> None:
    """Wall time against the ideal, and what crossed the engine's line."""
    image = next(row for row in world.json("images", "list") if row["file_name"] == IMAGE)
    size = image["size_bytes"]
    counters = lab.ask(command="counters")
    uploads = sum(c["upload_bytes"] for c in counters["servers"].values())
    pulled = sum(c["download_bytes"] for c in counters["servers"].values())
    pushed = sum(c.get("bytes", 0) - c.get("pull_bytes", 0) for c in counters["devices"].values())
    print(f"{detail['run']['status']}: {detail['run']['message']} in {took:.1f} s")
    print(f"image {size:,} bytes; time scale {args.time_scale}, at most {args.max_pulls} pulls at once")
    if not args.push:
        ideal = ideal_s(size, float(args.time_scale), args.max_pulls)
        print("counted as ideal: upload at the line's rate, rounds of copies at the switch's own rate, one hash;")
        print("not counted: logins, reading, the configuration backup, the probe, the plan (so they are our overhead)")
        for server, seconds in ideal.items():
            print(f"ideal of {server:14} {seconds:7.1f} s")
        worst = max(ideal.values())
        print(f"wall time / ideal: {took / worst:.3f} (target {TARGET:.2f}); {took - worst:.1f} s more than the ideal")
        moving = [t for t in detail["tasks"] if not t["device"].startswith("server:")]
        first = min(op["started_at"] for t in moving for op in t["operations"] if op["phase"] == "distribute")
        last = max(t["ended_at"] for t in moving)
        spent = time_of(last) - time_of(first)
        print(f"from the first backup to the last hash: {spent:.1f} s, {spent / worst:.3f} of the ideal")
        began = time_of(detail["run"]["started_at"])
        for title, phase, pick in (("read", "prepare", max), ("uploaded", "upload", max), ("copied from", "copy", min)):
            found = [time_of(when) - began for when in _moments(detail["tasks"], phase, pick is max)]
            word = "last" if pick is max else "first"
            print(f"{word} device or server {title}: {pick(found):.1f} s after the start")
    print(f"over the engine's line: uploads {uploads:,} bytes ({uploads / size:.2f} images), pushes {pushed:,} bytes")
    print(f"pulled at the sites: {pulled:,} bytes ({pulled / size:.1f} images)")


def _moments(tasks: list[dict[str, Any]], phase: str, is_end: bool) -> list[str]:
    """When the operations of a phase (or kind) ended, or began."""
    ops = [op for task in tasks for op in task["operations"] if phase in (op["phase"], op["kind"].split("-")[0])]
    return [when for op in ops if (when := op["ended_at" if is_end else "started_at"])]


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def time_of(text: str) -> float:
    """Seconds of an ISO time."""
    return datetime.fromisoformat(text).timestamp()


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size-scale", default="4")
    parser.add_argument("--time-scale", default="1")
    parser.add_argument("--max-pulls", type=int, default=10)
    parser.add_argument("--push", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the lab and the engine are ended all the same
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        scales = ("--time-scale", args.time_scale, "--size-scale", args.size_scale)
        lab = Lab.up("story1", root / "lab", *scales)
        world = World(root)
        try:
            world.start_engine("--scale", args.time_scale)
            world.swim("devices", "import", lab.ready["inventory"])
            folder_of_images = Path(lab.ready["images_dir"])
            world.swim("images", "import", str(folder_of_images / IMAGE), "--wait")
            run_one(world, lab, args)
        finally:
            world.stop()
            lab.down()


if __name__ == "__main__":
    main()
