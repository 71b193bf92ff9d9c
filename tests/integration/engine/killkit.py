"""Runs of acceptance stories under an engine that is killed again and again, and what must be true afterwards."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from swim_tui.api.client import EngineClient
from swim_tui.engine.history import IntentLogged, PhaseLost, RunRecovered
from swim_tui.engine.journal import EVENTS, read_journal
from swim_tui.errors import EngineUnavailable, RemoteError
from swim_tui.model.job import Job, JobRequest, JobType, Run
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.plan import OpKind
from swim_tui.model.views import RunDetail
from swim_tui.store import Database, LogWriter, NoticeKind, read_log
from tests.integration.engine.mortal import Kill
from tests.support.world import ROOT, Lab

SCALE = 80.0 if os.environ.get("SWIM_TUI_LONG") else 200.0  # hours of kills share the machine with others
POLL_S = 0.02
ONCE = (OpKind.RELOAD, OpKind.INSTALL, OpKind.ROLLBACK)
FULL = JobOptions(activate=ActivateMode.PARALLEL, insert_boot_command=True, soak_s=10.0)


@dataclass(frozen=True)
class Story:
    """A lab network, the part of the image's name, and the devices that get it."""

    network: str
    image: str
    devices: tuple[str, ...]
    size_scale: float = 200.0
    options: JobOptions = FULL


STORY2 = Story("story2", "03.13.05.S", tuple(f"ASR1002_large-54-9-9-{n}" for n in (4, 5, 6)))
STORY3 = Story("story3", "8000-x64-7.9.2", ("xr-8k-01",), 400.0)
STORY7 = Story("story7", "17.06.07", ("sf-9300-01",), 400.0)


@dataclass
class Mortal:
    """An engine process over a data directory; it may be dead."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    exits: list[tuple[int, float]] = field(default_factory=list)
    """Exit code, and seconds since it was struck, of each engine that ended under a run."""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self, kills: Sequence[Kill] = ()) -> None:
        """Start the process; it dies at the first kill of the engine."""
        self.starts += 1
        command = [sys.executable, "-m", "tests.integration.engine.mortal", ",".join(map(str, kills))]
        command += [str(self.folder), "--data-dir", str(self.data), "--scale", f"{SCALE:g}"]
        environment = {**os.environ, "XDG_CONFIG_HOME": str(self.folder / "config")}
        with (self.folder / "stderr").open("ab") as stderr:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=stderr)

    @property
    def is_dead(self) -> bool:
        return self.process is None or self.process.poll() is not None

    @asynccontextmanager
    async def client(self) -> AsyncIterator[EngineClient]:
        """A client, as soon as the engine answers; EngineUnavailable when it died before."""
        while True:
            client = EngineClient(self.data)
            try:
                await client.connect()
                break
            except (EngineUnavailable, RemoteError):
                if self.is_dead:
                    raise
                await asyncio.sleep(POLL_S)
        try:
            yield client
        finally:
            await client.close()

    def stop(self) -> None:
        """End it, however it is."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(12)

    def lines(self, name: str) -> list[bytes]:
        """Lines of a witness file."""
        path = self.folder / name
        return path.read_bytes().splitlines() if path.exists() else []

    @property
    def struck_at(self) -> float:
        """When the last kill was carried out."""
        return (self.folder / "kills").stat().st_mtime

    @property
    def kills(self) -> list[str]:
        """Kills that were carried out."""
        return [line.decode() for line in self.lines("kills")]


@dataclass
class Killing:
    """One story under kills."""

    story: Story
    lab: Lab
    engine: Mortal

    async def set_up(self) -> None:
        """Inventory, by an engine that lives."""
        async with self.engine.client() as client:
            path = Path(self.lab.ready["inventory"])
            await client.api.import_inventory(path.read_text(), str(path))

    async def to_its_end(self, request: JobRequest, kills: Sequence[Kill], limit_s: float = 150.0) -> tuple[Job, Run]:
        """Submit, let the engine die and come back after every kill, and wait for the end of the run."""
        waiting = list(kills)
        job: Job | None = None
        run: Run | None = None
        self.engine.stop()
        self.engine.start(_next(waiting))
        ends_at = time.monotonic() + limit_s
        while time.monotonic() < ends_at:
            try:
                async with self.engine.client() as client:
                    job = job or await self._submitted(client, request)
                    run = await self._ended(client, job)
                    if run is not None:
                        break
            except EngineUnavailable:
                pass  # killed under the question
            if self.engine.is_dead:
                assert self.engine.process is not None
                self.engine.exits.append((self.engine.process.wait(), time.time() - self.engine.struck_at))
                self.engine.start(_next(waiting))
        else:
            raise AssertionError(f"no end within {limit_s:g} s: {await self._how_it_stands()}")
        if kills:  # one that waits for its moment must not disturb the checks
            await asyncio.to_thread(self.engine.stop)
            self.engine.start()
        assert job is not None
        assert run is not None
        return job, run

    async def _submitted(self, client: EngineClient, request: JobRequest) -> Job:
        known = (await client.api.jobs()).jobs
        mine = [job for job in known if job.name == request.name]
        return mine[0] if mine else await client.api.submit(request, by="tester")

    async def _ended(self, client: EngineClient, job: Job) -> Run | None:
        while True:
            detail = await client.api.job(job.id)
            if detail.runs and detail.runs[0].status.is_final and detail.job.last_run:
                return detail.runs[0]
            await asyncio.sleep(POLL_S)
            if self.engine.is_dead:
                return None

    async def _how_it_stands(self) -> str:
        async with self.engine.client() as client:
            jobs = await client.api.jobs()
            tasks = [(await client.api.run(row.run.id)).tasks for row in jobs.runs]
        return f"kills {self.engine.kills}, {[(t.device, t.status, t.message) for group in tasks for t in group]}"

    async def detail(self, run_id: str) -> RunDetail:
        async with self.engine.client() as client:
            return await client.api.run(run_id)

    def import_request(self, number: int = 0) -> JobRequest:
        """Bring the target image into the repository."""
        raw = next(image for image in self.lab.ready["images"] if self.story.image in image["path"])
        return JobRequest(JobType.COLLECTION, source=raw["path"], sha512=raw["sha512"], name=f"import {number}")

    def request(self, *devices: str) -> JobRequest:
        """Distribute and activate."""
        chosen = devices or self.story.devices
        image = Path(self.import_request().source).name
        name = f"upgrade {chosen[0]}"
        return JobRequest(JobType.DISTRIBUTION, (image,), chosen, options=self.story.options, name=name)

    # --- what must be true ---

    def executed(self) -> Counter[tuple[str, str]]:
        """(device, act) -> how often the lab did it: reloads, and the lines that install."""
        found: Counter[tuple[str, str]] = Counter()
        for event in self.lab.events():
            if event["event"] == "reload":
                found[event["device"], "reload"] += 1
            elif event["event"] == "install":
                found[event["device"], _act(event["line"])] += 1
        return found

    def check_nothing_twice(self) -> None:
        """No device reloaded twice, no install command executed twice."""
        often = {key: count for key, count in self.executed().items() if count > 1}
        assert not often, (often, self.engine.kills)

    def check_records(self) -> None:
        """Every record that was acknowledged is in its journal, and every second intent follows a death."""
        acknowledged = Counter(self.engine.lines("acknowledged"))
        kept: Counter[bytes] = Counter()
        for path in (self.engine.data / "runs").glob(f"*/{EVENTS}"):
            lines, dropped = read_log(path)
            assert dropped is None or dropped.is_tail, dropped
            kept.update(b"%s %s" % (path.parent.name.encode(), line) for line in lines)
            has_lost = False
            for record in read_journal(path.parent):
                has_lost = has_lost or isinstance(record, RunRecovered | PhaseLost)
                if isinstance(record, IntentLogged) and record.intent.kind in ONCE and record.number > 1:
                    assert has_lost, record
        assert not acknowledged - kept

    def check_store(self) -> None:
        """The store opens whole, by itself."""
        self.engine.stop()
        writer = LogWriter()
        with Database(self.engine.data / "store", writer=writer) as store:
            damaged = [n for n in store.notices if n.kind is not NoticeKind.TORN_TAIL]
            assert not damaged, damaged
            runs = store.table("runs", Run, lambda run: run.id).all()
        writer.close()
        assert all(run.status.is_final for run in runs), runs


def _next(waiting: list[Kill]) -> list[Kill]:
    """The next kill of the engine, or all kills of workers, which one engine survives."""
    if waiting and waiting[0].victim != "worker":
        return [waiting.pop(0)]
    taken, waiting[:] = list(waiting), []
    return taken


def _act(line: str) -> str:
    """`3 install activate ...` -> `install activate`: numbers and arguments apart."""
    words = [word for word in line.split() if not word.isdigit()]
    return " ".join(words[:2])


@asynccontextmanager
async def killing(story: Story, folder: Path) -> AsyncIterator[Killing]:
    """A lab, and an engine that knows its inventory and has its image."""
    options = ("--time-scale", f"{SCALE:g}", "--size-scale", f"{story.size_scale:g}")
    folder.mkdir(parents=True, exist_ok=True)
    engine = Mortal(folder)
    engine.start()  # while the lab starts
    try:
        lab = await asyncio.to_thread(Lab.up, story.network, folder / "lab", *options)
        try:
            made = Killing(story, lab, engine)
            await made.set_up()
            yield made
        finally:
            await asyncio.to_thread(lab.down)
    finally:
        await asyncio.to_thread(engine.stop)
