"""A lab in a process of its own, and phases run against it over real SSH."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from swim_tui.drivers.contract import PhaseRequest
from swim_tui.drivers.run import run_phase
from swim_tui.drivers.serial import SerialContext
from swim_tui.images.identify import identify_file
from swim_tui.lab.control import request as ask_lab
from swim_tui.model.device import Device, Role
from swim_tui.model.endpoint import Endpoint, Hop
from swim_tui.model.facts import Facts
from swim_tui.model.image import SoftwareImage
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.phase import FactsRead, ImageRef, OpFinished, OutputLine, PhaseResult
from swim_tui.model.plan import DevicePlan, Phase
from swim_tui.model.secret import Login, Secret
from swim_tui.net.service import SshNet
from swim_tui.packs.loading import PackSet
from swim_tui.packs.pack import Pack
from swim_tui.planning.plan import plan_device
from tests.support.nursery import fork_lab

FULL = JobOptions(activate=ActivateMode.SEQUENTIAL, insert_boot_command=True, soak_s=20.0)
SCALE = 500.0
QUICK = 2000.0
"""Where devices have no timer that a loaded machine could miss: shorter boots, waited for as long."""
_MODELS = {"asr9006": "asr9k", "ncs5501": "ncs5500", "cisco8202": "cisco8000"}


@dataclass
class LabRun:
    """A running lab with its inventory, and what is needed to run phases in it."""

    ready: dict[str, Any]
    inventory: dict[str, Any]
    net: SshNet
    packs: PackSet
    scratch: Path
    context: SerialContext = field(default_factory=SerialContext)

    @property
    def folder(self) -> Path:
        return Path(self.ready["dir"])

    def row(self, name: str) -> dict[str, Any]:
        return next(d for d in self.inventory["devices"] if d["name"] == name)

    def device(self, name: str) -> Device:
        row = self.row(name)
        return Device(
            name,
            row["address"],
            row["port"],
            row["platform"],
            Role(row["role"]),
            row["location"],
            jump=tuple(row["jump"]),
            legacy_ssh=row["legacy_ssh"],
        )

    def login(self, profile: str) -> Login:
        row = next(c for c in self.inventory["credentials"] if c["name"] == profile)
        return Login(profile, row["username"], Secret(row["password"]), Secret(row.get("enable", "")))

    def endpoint(self, name: str) -> Endpoint:
        row = self.row(name)
        jumps = {j["name"]: j for j in self.inventory.get("jumps", [])}
        hops = tuple(
            Hop(j, jumps[j]["address"], jumps[j]["port"], self.login(jumps[j]["credentials"])) for j in row["jump"]
        )
        return Endpoint(
            name,
            row["address"],
            row["port"],
            self.login(row["credentials"]),
            hops,
            row["legacy_ssh"],
            self.pack(name).netmiko_type,
        )

    def pack(self, name: str) -> Pack:
        platform = self.row(name)["platform"]  # some lab platforms are one model of a pack: n9k-c93180yc-ex
        return self.packs.find(platform) or self.packs.get(_MODELS.get(platform, platform.partition("-")[0]))

    def image(self, part: str = "") -> tuple[SoftwareImage, ImageRef]:
        """The first published image whose name contains `part`, identified as an import does."""
        raw = next(r for r in self.ready["images"] if part in Path(r["path"]).name)
        path = Path(raw["path"])
        size = int(raw["size"])
        image = SoftwareImage(
            raw["sha512"][:16],
            path.name,
            size,
            raw["md5"],
            raw["sha512"],
            datetime.now(UTC),
            identity=identify_file(path),
        )
        return image, ImageRef(image.id, path.name, size, raw["md5"], raw["sha512"], str(path))

    def request(self, name: str, phase: Phase, **changes: Any) -> PhaseRequest:
        base = PhaseRequest(
            f"{phase.value}-{name}",
            "run1",
            1,
            phase,
            self.device(name),
            self.endpoint(name),
            self.pack(name),
            incoming_dir=str(self.scratch),
        )
        return replace(base, **changes)

    def run(self, request: PhaseRequest, context: SerialContext | None = None) -> PhaseResult:
        self.context = context or SerialContext()
        return run_phase(request, self.context, self.net)

    def facts(self, name: str) -> Facts:
        result = self.run(self.request(name, Phase.PREPARE))
        assert result.status == "success", result
        return next(e.facts for e in self.context.events if isinstance(e, FactsRead))

    def plan(self, name: str, image: SoftwareImage, options: JobOptions = FULL, **more: Any) -> DevicePlan:
        facts = self.facts(name)
        return plan_device(
            self.device(name), facts, image, options, self.pack(name), now=datetime.now(UTC), scale=SCALE, **more
        )

    def phase(self, plan: DevicePlan, phase: Phase, ref: ImageRef, **more: Any) -> PhaseRequest:
        return self.request(plan.device, phase, plan=plan, image=ref, waits=plan.waits, options=FULL, **more)

    def finished(self) -> dict[str, OpFinished]:
        return {e.op_id: e for e in self.context.events if isinstance(e, OpFinished)}

    def log_text(self) -> str:
        return "\n".join(f"{e.direction}: {e.text}" for e in self.context.events if isinstance(e, OutputLine))

    def fault(self, name: str, text: str) -> None:
        answer = ask_lab(self.folder, {"command": "fault", "device": name, "set": text})
        assert "error" not in answer, answer

    def clear_fault(self, name: str, fault: str = "") -> None:
        answer = ask_lab(self.folder, {"command": "fault", "device": name, "clear": fault})
        assert "error" not in answer, answer

    def lines(self, name: str) -> list[str]:
        """Every line that the device received, from the lab's own log."""
        found = []
        for raw in (self.folder / "lab-log.jsonl").read_text().splitlines():
            entry = json.loads(raw)
            if entry.get("device") == name and entry.get("event") in ("line", "config"):
                found.append(entry.get("line") or entry.get("text") or "")
        return found

    def sessions(self, name: str) -> list[str]:
        """The vty of every entry in the device's log, in order."""
        raw = (self.folder / "lab-log.jsonl").read_text().splitlines()
        return [e["session"] for e in map(json.loads, raw) if e.get("device") == name and e.get("session")]

    def events(self, name: str, event: str) -> list[dict[str, Any]]:
        raw = (self.folder / "lab-log.jsonl").read_text().splitlines()
        return [e for e in map(json.loads, raw) if e.get("device") == name and e.get("event") == event]


@contextmanager
def running_lab(
    network: str, scratch: Path, packs: PackSet, *, size_scale: float = 200.0, time_scale: float = SCALE
) -> Iterator[LabRun]:
    """Start a lab, stop it at the end."""
    folder = scratch / "lab"
    incoming = scratch / "incoming"
    incoming.mkdir(parents=True)
    scales = ("--time-scale", str(time_scale), "--size-scale", str(size_scale))
    process = fork_lab("up", network, "--dir", str(folder), *scales, "--exit-with-parent")
    try:
        ready = json.loads(process.stdout.readline())
        inventory = yaml.safe_load(Path(ready["inventory"]).read_text())
        net = SshNet(scratch / "no-known-hosts")
        try:
            yield LabRun(ready, inventory, net, packs, incoming)
        finally:
            net.close()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
