"""A clock that tests move, and a runner that plays scripts instead of talking to devices."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from swim_tui.drivers.contract import PhaseRequest
from swim_tui.engine.core import Engine
from swim_tui.engine.runner import BarrierAnswer, PhaseSink
from swim_tui.errors import AuthError, Problem, describe
from swim_tui.model.device import Device, Role
from swim_tui.model.facts import BootMode, BootState, Facts, FileSystem, Member, OsKind, Redundancy, VersionFacts
from swim_tui.model.image import ImageFormat, ImageIdentity, ImageType, SoftwareImage
from swim_tui.model.job import Job, JobRequest, JobType, OpStatus
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import FactsRead, Intent, OpFinished, OpStarted, PhaseResult, PhaseStatus
from swim_tui.model.plan import Operation, OpKind, Phase

START = datetime(2026, 1, 10, 2, 0, tzinfo=UTC)
OLD, NEW = "03.13.00.S", "03.13.05.S"
OLD_FILE = "bootflash:/asr1000rp1-adventerprisek9.03.13.00.S.154-3.S-ext.bin"
NEW_FILE = "asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.bin"


class FakeClock:
    """Time that stands still until a test moves it."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - START).total_seconds()

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + timedelta(seconds=seconds), future))
        await future

    async def move(self, seconds: float) -> None:
        """Let time pass and wake whoever waited for it."""
        self._now += timedelta(seconds=seconds)
        due = [item for item in self._sleepers if item[0] <= self._now]
        self._sleepers = [item for item in self._sleepers if item[0] > self._now]
        for _, future in due:
            if not future.done():
                future.set_result(None)
        await asyncio.sleep(0)


async def until(condition: Callable[[], object], what: str = "", limit_s: float = 5.0) -> None:
    """Wait until something is true, giving the engine's threads their turns."""
    await asyncio.sleep(0)  # what was just begun gets its first turn
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110 - what is waited for comes from the engine's threads
            await asyncio.sleep(0.001)


def facts_of(device: str, version: str = OLD, at: datetime = START, *, dirty: bool = False) -> Facts:
    """Facts of an ASR 1002 that is well."""
    file = OLD_FILE if version == OLD else f"bootflash:/{NEW_FILE}"
    boot = BootState((f"{file},12",), (f"{file},12",), (f"boot system {file}",), False, "0x2102", is_read=True)
    return Facts(
        device=device,
        read_at=at,
        version=VersionFacts(
            os=OsKind.IOS_XE,
            version=version,
            ios_version="15.4(3)S",
            family="PPC_LINUX_IOSD",
            image_name="PPC_LINUX_IOSD-ADVENTERPRISEK9-M",
            feature_set="ADVENTERPRISEK9",
            image_file=file,
            hostname=device,
            uptime_s=864_000,
            restarted="02:00:00 UTC Thu Jan 1 2026",
            ram_bytes=4 << 30,
            mode=BootMode.BUNDLE,
            pid="ASR1002",
            config_register="0x2102",
        ),
        file_systems=(FileSystem("bootflash:", 2 << 30, 1 << 30, ("bootflash:",), "disk", "rw", True, files=()),),
        boot=(boot,),
        redundancy=Redundancy(),
        members=tuple[Member, ...](),
        privilege=15,
        scp_server=True,
        config_dirty=dirty,
        config_readable=True,
    )


def image() -> SoftwareImage:
    """The target image."""
    identity = ImageIdentity(
        family="PPC_LINUX_IOSD",
        image_name="PPC_LINUX_IOSD-ADVENTERPRISEK9-M",
        feature_set="ADVENTERPRISEK9",
        version=NEW,
        image_type=ImageType.SYSTEM_SW,
        format=ImageFormat.XE_BIN,
        has_strong_crypto=True,
        recognised=True,
    )
    sha = "ab" * 64
    return SoftwareImage(sha[:16], NEW_FILE, 16 << 20, "cd" * 16, sha, START, "test", identity)


def success(phase: Phase) -> PhaseResult:
    """How a phase ends when all is well."""
    outcome = {Phase.DISTRIBUTE: Outcome.DISTRIBUTED, Phase.ACTIVATE: Outcome.UPGRADED}.get(phase, Outcome.NONE)
    return PhaseResult(PhaseStatus.SUCCESS, outcome, f"{phase} done", proven_version=NEW)


def failure(outcome: Outcome, message: str = "it failed") -> PhaseResult:
    """A phase that failed."""
    return PhaseResult(PhaseStatus.FAILURE, outcome, message, Problem("SWIM-7000", message, "look"))


def refused_login(device: str) -> PhaseResult:
    """The device refused the login."""
    problem = describe(AuthError(device=device, address=device, profile="lab"))
    return PhaseResult(PhaseStatus.FAILURE, Outcome.FAILED, problem.message, problem)


@dataclass
class Play:
    """One phase under way, as the test sees it."""

    runner: ScriptedRunner
    request: PhaseRequest
    cancelled: bool = False
    answers: list[BarrierAnswer] = field(default_factory=list)

    @property
    def device(self) -> str:
        return self.request.device.name

    @property
    def phase(self) -> Phase:
        return self.request.phase

    def operation(self, kind: OpKind) -> Operation:
        assert self.request.plan is not None
        return next(op for op in self.request.plan.of_phase(self.phase) if op.kind is kind)

    async def barrier(self, kind: OpKind) -> BarrierAnswer:
        """Announce an act and wait for the answer."""
        op = self.operation(kind)
        answer: asyncio.Future[BarrierAnswer] = asyncio.get_running_loop().create_future()
        intent = Intent(op.id, kind, op.lines[0].text if op.lines else "", {"boot": "x"})
        self.runner.sink.on_barrier(self.request.id, intent, answer.set_result)
        said = await answer
        self.answers.append(said)
        return said

    def done(self, result: PhaseResult | None = None) -> None:
        """End the phase; prepare reads facts first."""
        result = result or success(self.phase)
        if self.phase is Phase.PREPARE and result.status is PhaseStatus.SUCCESS:
            self.runner.sink.on_event(self.request.id, OpStarted("prepare.read-state", START))
            self.runner.sink.on_event(self.request.id, FactsRead(self.runner.facts(self.device)))
            self.runner.sink.on_event(self.request.id, OpFinished("prepare.read-state", START, OpStatus.SUCCESS))
        self.runner.plays.remove(self)
        self.runner.sink.on_done(self.request.id, result)

    def lose(self) -> None:
        """Its worker dies."""
        self.runner.plays.remove(self)
        self.runner.sink.on_lost(self.request.id, "exit code -9")


Script = Callable[[Play], Awaitable[PhaseResult | None]]


async def _as_planned(play: Play) -> PhaseResult | None:
    return success(play.phase)


class ScriptedRunner:
    """Keeps phases until the test ends them; with `auto` a script plays each at once."""

    sink: PhaseSink

    def __init__(self, auto: Script | None = None) -> None:
        self.auto = auto
        self.plays: list[Play] = []
        self.history: list[PhaseRequest] = []
        self.facts: Callable[[str], Facts] = facts_of
        self.connections: frozenset[str] = frozenset()
        self.kept: frozenset[str] = frozenset()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, sink: PhaseSink) -> None:
        self.sink = sink

    def held(self) -> frozenset[str]:
        return self.connections

    def keep(self, jump_hosts: frozenset[str]) -> None:
        self.kept = jump_hosts

    def submit(self, request: PhaseRequest) -> None:
        play = Play(self, request)
        self.plays.append(play)
        self.history.append(request)
        if self.auto is not None:
            task = asyncio.ensure_future(self._play(play))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _play(self, play: Play) -> None:
        assert self.auto is not None
        result = await self.auto(play)
        if result is not None:
            play.done(result)

    def cancel(self, phase_id: str) -> None:
        for play in self.plays:
            if play.request.id == phase_id:
                play.cancelled = True

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self.plays.clear()

    @property
    def workers(self) -> int:
        return 1

    @property
    def sessions(self) -> int:
        return len(self.plays)

    # --- what tests ask ---

    def begun(self) -> list[tuple[str, Phase]]:
        """Every phase sent so far, in order."""
        return [(request.device.name, request.phase) for request in self.history]

    def running(self) -> set[tuple[str, Phase]]:
        """Phases under way."""
        return {(play.device, play.phase) for play in self.plays}

    def play(self, device: str, phase: Phase) -> Play:
        """The running phase of a device."""
        return next(p for p in self.plays if (p.device, p.phase) == (device, phase))

    async def wait(self, *wanted: tuple[str, Phase]) -> None:
        """Wait until exactly these phases run."""
        await until(lambda: self.running() == set(wanted), f"{wanted}")

    async def finish(self, *wanted: tuple[str, Phase]) -> None:
        """Wait for these phases and end them well."""
        await self.wait(*wanted)
        for device, phase in wanted:
            self.play(device, phase).done()


as_planned = _as_planned
AUTO: Script = _as_planned


async def start_engine(folder: Path, runner: ScriptedRunner, clock: FakeClock | None = None) -> Engine:
    """An engine with a scripted runner."""
    engine = Engine(
        folder / "data", clock=clock or FakeClock(), runner=lambda state: runner, key_file=folder / "vault.key"
    )
    await engine.start()
    return engine


async def add_devices(engine: Engine, *names: str, **more: object) -> None:
    """ASR 1002 routers, a credential profile, and the image with its bytes taken as there."""
    if not await engine.api.credentials():
        await engine.api.add_credentials("lab", "admin", password="secret-word")
    known = {row.name for row in (await engine.api.inventory()).devices}
    for name in names:
        if name not in known:
            known.add(name)
            device = Device(name, f"192.0.2.{len(known)}", 22, "asr1002", Role.ACCESS, credentials="lab")
            await engine.api.add_device(replace(device, **more))  # type: ignore[arg-type]
    here = image()
    if here.id not in engine.state.tables.images:
        await asyncio.wrap_future(engine.state.tables.images.put(here))
        place = engine.state.paths.images / here.sha512[:2] / here.sha512
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"")


def combined(*devices: str, mode: ActivateMode = ActivateMode.SEQUENTIAL, **options: object) -> JobRequest:
    """Distribute and activate."""
    chosen = replace(JobOptions(activate=mode, insert_boot_command=True), **options)  # type: ignore[arg-type]
    return JobRequest(JobType.DISTRIBUTION, images=(image().id,), devices=devices, options=chosen)


async def submit(engine: Engine, request: JobRequest) -> Job:
    """Submit as the tester."""
    return await engine.api.submit(request, by="tester")
