"""A scripted engine behind the contract's methods, for states of the UI that are hard to reach with a real one."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from swim_tui.api.contract import Contract, contract_hash
from swim_tui.errors import AuthError, Conflict, NotFound, WrongPassphrase
from swim_tui.model.checks import Check, Verdict
from swim_tui.model.device import Device, DeviceClass, Role
from swim_tui.model.events import (
    Envelope,
    Event,
    EventId,
    InventoryChanged,
    JobChanged,
    JobRemoved,
    RunChanged,
    TaskChanged,
)
from swim_tui.model.facts import BootMode, BootState, Facts, FileEntry, FileSystem, Member, VersionFacts
from swim_tui.model.image import FieldOrigin, ImageFormat, ImageIdentity, ImageType, SoftwareImage
from swim_tui.model.job import (
    DeviceTask,
    Job,
    JobRequest,
    JobStatus,
    JobType,
    OperationState,
    OpStatus,
    Run,
    RunStatus,
    TaskStatus,
    count_tasks,
)
from swim_tui.model.options import ActivateMode, JobOptions, Protocol
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import Direction, OutputLine
from swim_tui.model.plan import (
    Consent,
    Deletion,
    DevicePlan,
    Line,
    Operation,
    OpKind,
    OrderEntry,
    Phase,
    RunPlan,
    SpaceLine,
)
from swim_tui.model.remote import RemoteFile
from swim_tui.model.views import (
    AnalysisRow,
    Dashboard,
    DeviceDetail,
    DeviceRow,
    EngineStatus,
    EvidencePage,
    FamilyCount,
    Hello,
    ImageDetail,
    ImportReport,
    ImportRow,
    InventorySnapshot,
    JobDetail,
    JobsSnapshot,
    LogPage,
    PackRow,
    PendingQuestion,
    ProtocolChoice,
    RunDetail,
    RunRow,
    SettingRow,
    VaultStatus,
)
from tests.ui.fakes_admin import AdminApi, populate, setting_rows

NOW = datetime(2026, 3, 14, 1, 20, 30, 500_000, tzinfo=UTC)


class FixedClock:
    """Time that stands still on the wall and runs on the stopwatch."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return asyncio.get_event_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def image(name: str, family: str, version: str, size: int, *, ram: int | None = None) -> SoftwareImage:
    """An image of the repository."""
    digest = hashlib.sha512(name.encode()).hexdigest()
    return SoftwareImage(
        id=digest[:16],
        file_name=name,
        size_bytes=size,
        md5=hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(),
        sha512=digest,
        imported_at=NOW - timedelta(days=3),
        source=f"file {name}",
        identity=ImageIdentity(
            family=family,
            image_name=name.split(".")[0].upper(),
            version=version,
            image_type=ImageType.SYSTEM_SW,
            format=ImageFormat.IOS_BIN,
            has_strong_crypto=True,
            min_ram_bytes=ram,
            recognised=True,
            origins={"version": FieldOrigin.HEADER, "family": FieldOrigin.NAME},
        ),
    )


IMAGES = (
    image("c2960-lanbasek9-mz.150-2.SE11.bin", "C2960", "15.0(2)SE11", 11_832_320, ram=64 * 2**20),
    image("c2960-lanbasek9-mz.122-55.SE12.bin", "C2960", "12.2(55)SE12", 9_771_282, ram=64 * 2**20),
    image("cat3k_caa-universalk9.16.06.04.SPA.bin", "CAT3K_CAA", "16.06.04", 311_159_920, ram=2**32),
    image("asr1002x-universalk9.03.13.05.S.bin", "X86_64_LINUX_IOSD", "03.13.05.S", 461_000_000),
)


def run_of(job: Job, number: int, status: RunStatus, minutes: int, *, lasted: int = 20, devices: int = 3) -> Run:
    """A run that started so many minutes ago."""
    started = NOW - timedelta(minutes=minutes)
    return Run(
        id=str(12758400 + number),
        job_id=job.id,
        job_name=job.name,
        job_type=job.request.type,
        status=status,
        created_at=started,
        started_at=started,
        ended_at=started + timedelta(minutes=lasted) if status.is_final else None,
        device_count=None if job.request.type is JobType.COLLECTION else devices,
    )


def job_of(number: int, kind: JobType, name: str, status: JobStatus, *, devices: int | None = 3) -> Job:
    """A job."""
    options = JobOptions(activate=ActivateMode.SEQUENTIAL if kind is JobType.DISTRIBUTION else ActivateMode.OFF)
    request = JobRequest(type=kind, images=(IMAGES[0].id,), options=options, source="c2960.bin")
    return Job(
        id=str(900 + number),
        request=request,
        name=name,
        status=status,
        created_at=NOW - timedelta(hours=3, minutes=number),
        created_by="anna",
        device_count=devices,
    )


def operations(status: OpStatus, failed: str = "") -> tuple[OperationState, ...]:
    """Four operations, the second in the given status."""
    start = NOW - timedelta(minutes=4)
    done = OperationState(
        "o1", OpKind.BACKUP_CONFIG, Phase.DISTRIBUTE, "Backing up configuration", OpStatus.SUCCESS,
        "running-config and startup-config stored", start, start + timedelta(seconds=9),
    )  # fmt: skip
    second = OperationState(
        "o2", OpKind.COPY_IMAGE, Phase.DISTRIBUTE, "Copying image c2960-lanbasek9-mz.150-2.SE11.bin to flash:", status,
        failed or ("11.8 MB, md5 ok" if status is OpStatus.SUCCESS else ""), start + timedelta(seconds=10),
        start + timedelta(seconds=90) if status is not OpStatus.RUNNING else None,
    )  # fmt: skip
    rest = (
        OperationState("o3", OpKind.VERIFY_IMAGE, Phase.DISTRIBUTE, "Verifying image"),
        OperationState("o4", OpKind.SET_BOOT, Phase.ACTIVATE, "Setting boot variable"),
        OperationState("o5", OpKind.RELOAD, Phase.ACTIVATE, "Reloading"),
    )
    return (done, second, *rest)


def task_of(run: Run, device: str, number: int, status: TaskStatus) -> DeviceTask:
    """A device task of that status."""
    op = {
        TaskStatus.RUNNING: OpStatus.RUNNING,
        TaskStatus.FAILURE: OpStatus.FAILURE,
        TaskStatus.SUCCESS: OpStatus.SUCCESS,
    }.get(status, OpStatus.PENDING)
    failed = status is TaskStatus.FAILURE
    text = "Error opening flash:c2960-lanbasek9-mz.150-2.SE11.bin (No space left on device)" if failed else ""
    return DeviceTask(
        run_id=run.id,
        device=device,
        address=f"10.0.0.{number}",
        image_id=IMAGES[0].id,
        image_file=IMAGES[0].file_name,
        status=status,
        outcome=Outcome.NO_SPACE if failed else Outcome.UPGRADED if status is TaskStatus.SUCCESS else Outcome.NONE,
        message=text,
        code="D10" if failed else "",
        remedy="allow the smart erase or free space by hand" if failed else "",
        waiting_for="its turn: the barrier of the run" if status is TaskStatus.YET_TO_START else "",
        operations=operations(op, text) if status is not TaskStatus.YET_TO_START else (),
        from_version="12.2(55)SE12",
        to_version="15.0(2)SE11",
        position=number,
        started_at=NOW - timedelta(minutes=4),
        phases_done=(Phase.PREPARE, Phase.DISTRIBUTE) if status is TaskStatus.SUCCESS else (),
    )


CONSOLE_STEPS = (
    "console: ts-ams-1:2003",
    "Connect to the console; the port runs at 9600 baud.",
    'If it shows "switch:", type "flash_init" (an error that it is initialized already does no harm) and "dir flash:".',
    'Start the old image with "boot flash:c2960-lanbasek9-mz.122-55.SE12.bin".',
    'When it is up, type "configure terminal", "boot system flash:c2960-lanbasek9-mz.122-55.SE12.bin", "end", '
    '"write memory".',
)


def lost_task(task: DeviceTask) -> DeviceTask:
    """The same task, of a device that did not come back from its reload."""
    began = NOW - timedelta(minutes=15)
    copied = operations(OpStatus.SUCCESS)[:2]
    reload_ = OperationState("o5", OpKind.RELOAD, Phase.ACTIVATE, "Reloading", OpStatus.SUCCESS, "", began, began)
    wait = OperationState(
        "o6", OpKind.WAIT_RELOAD, Phase.ACTIVATE, "Waiting for the device", OpStatus.FAILURE,
        "no SSH after 900 s: connection refused 41 times, then no answer", began, NOW,
    )  # fmt: skip
    return replace(
        task, outcome=Outcome.UNREACHABLE, code="A20", operations=(*copied, reload_, wait),
        message="it did not answer within 900 s after its reload", recovery=CONSOLE_STEPS,
        remedy="go to the console; the recovery card has the steps for this platform", ended_at=NOW,
    )  # fmt: skip


def device_row(name: str, number: int) -> DeviceRow:
    """A row of the inventory."""
    read = NOW - timedelta(hours=number % 40)
    return DeviceRow(
        name=name,
        address=f"10.{number // 65536}.{number // 256 % 256}.{number % 256}",
        port=22,
        platform="catalyst-2960",
        role=("access", "distribution", "core")[number % 3],
        location=("Amsterdam", "Berlin", "Delft")[number % 3],
        device_type="Cisco Catalyst 2960-24TT Switch",
        family="C2960",
        version="12.2(55)SE12" if number % 4 else "15.0(2)SE11",
        image_file="flash:c2960-lanbasek9-mz.122-55.SE12.bin",
        mode="bundle",
        facts_at=None if number % 11 == 10 else read,
        reachable=number % 13 != 5,
        groups=("pilot",) if number % 5 == 0 else (),
        jump=("jump1",),
    )


@dataclass
class FakeApi(AdminApi):
    """The contract over plain dictionaries; `calls` records what was asked to change."""

    devices: dict[str, DeviceRow] = field(default_factory=dict)
    images_: dict[str, SoftwareImage] = field(default_factory=dict)
    jobs_: dict[str, Job] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    tasks: dict[str, dict[str, DeviceTask]] = field(default_factory=dict)
    log: dict[tuple[str, str], list[OutputLine]] = field(default_factory=dict)
    environment: str = "lab"
    seq: int = 0
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    emit: Any = None
    analysed: tuple[str, ...] = ()
    previews: list[JobRequest] = field(default_factory=list)
    settings_: dict[str, SettingRow] = field(default_factory=dict)
    pending: list[PendingQuestion] = field(default_factory=list)
    passphrase: str = ""  # of a vault that is locked
    refuses: frozenset[str] = frozenset()  # runs and jobs that cannot be cancelled

    @property
    def at(self) -> EventId:
        """Where the stream is."""
        return EventId("e1", self.seq)

    async def hello(self, agent: str = "") -> Hello:
        return Hello(
            "0.1.0", contract_hash(), "e1", 1, "/data", NOW, self.environment, vault_locked=bool(self.passphrase)
        )

    async def unlock_vault(self, passphrase: str) -> VaultStatus:
        if passphrase != self.passphrase:
            raise WrongPassphrase(path="/data/vault.json")
        self.passphrase = ""
        return VaultStatus("/data/vault.json", "passphrase", "what a person types", False, 2)

    async def status(self) -> EngineStatus:
        running = [run.id for run in self.runs.values() if run.status is RunStatus.RUNNING]
        tasks = [task.status for run_id in running for task in self.tasks.get(run_id, {}).values()]
        return EngineStatus(
            hello=await self.hello(),
            clients=1,
            running_runs=tuple(running),
            waiting_tasks=tasks.count(TaskStatus.YET_TO_START),
            running_tasks=tasks.count(TaskStatus.RUNNING),
            failed_tasks=sum(run.failures for run in self.runs.values()),
            jumps=dict.fromkeys(self.jumps_, True),
            workers=1,
            sessions=2,
        )

    async def dashboard(self) -> Dashboard:
        families: dict[str, list[SoftwareImage]] = {}
        for each in self.images_.values():
            families.setdefault(each.family, []).append(each)
        rows = sorted(self._rows(), key=lambda row: row.run.created_at, reverse=True)
        return Dashboard(
            at=self.at,
            families=tuple(FamilyCount(name, len(found), tuple(found)) for name, found in families.items()),
            protocols=tuple(
                ProtocolChoice(protocol, protocol in (Protocol.SCP, Protocol.SFTP, Protocol.HTTPS))
                for protocol in Protocol
            ),
            last_runs=tuple(rows[:10]),
            total_runs=len(rows),
            devices=len(self.devices),
            images=len(self.images_),
            uncommitted=("xr-ams-1",) if self.runs else (),
        )

    def _rows(self) -> list[RunRow]:
        return [RunRow(run, self.jobs_[run.job_id], 432.0) for run in self.runs.values()]

    async def jobs(self) -> JobsSnapshot:
        return JobsSnapshot(self.at, tuple(self.jobs_.values()), tuple(self._rows()))

    async def job(self, id: str) -> JobDetail:
        if id not in self.jobs_:
            raise NotFound(source="jobs", kind="job", name=id, listing="jobs list")
        runs = sorted((r for r in self.runs.values() if r.job_id == id), key=lambda r: r.created_at, reverse=True)
        return JobDetail(self.at, self.jobs_[id], tuple(runs))

    async def run(self, id: str) -> RunDetail:
        run = self.runs[id]
        tasks = tuple(self.tasks.get(id, {}).values())
        return RunDetail(self.at, run, self.jobs_[run.job_id], tasks, run.counts, eta_s=432.0)

    async def run_log(self, run_id: str, device: str, offset: int = 0, limit: int = 500) -> LogPage:
        lines = self.log.get((run_id, device), [])[offset : offset + limit]
        return LogPage(tuple(lines), offset + len(lines))

    async def run_plan(self, id: str) -> RunPlan:
        return plan_of(list(self.tasks.get(id, {})))

    async def export_run_plan(self, run_id: str, format: str = "markdown") -> str:
        return f"# Plan of run {run_id}\n"

    async def evidence(self, run_id: str) -> list[str]:
        return ["summary.md", "plan.md"]

    async def evidence_file(self, run_id: str, name: str, offset: int = 0) -> EvidencePage:
        return EvidencePage(f"# {name} of run {run_id}\n", 1, is_last=True)

    async def questions(self) -> list[PendingQuestion]:
        return list(self.pending)

    async def answer_question(self, run_id: str, device: str, text: str) -> None:
        self.calls.append(("answer_question", run_id, device, text))
        self.pending = [q for q in self.pending if (q.run_id, q.device) != (run_id, device)]

    async def preview(self, request: JobRequest, refresh: bool = False, by: str = "") -> RunPlan:
        self.previews.append(request)
        if request.type in (JobType.COMMIT, JobType.ROLLBACK):
            return return_plan(request)
        plan = plan_of(list(request.devices) or ["sw-ams-1", "sw-ams-2"], consent="sw-ams-1" in request.devices)
        given = tuple(replace(c, given=f"{c.name}:{c.device}" in request.options.consents) for c in plan.consents)
        return replace(plan, consents=given, options=request.options)

    async def packs(self) -> list[PackRow]:
        return [
            PackRow("catalyst-2960", "Catalyst 2960", "IOS-BIN", ("C2960",), "cisco_ios", ("SCP", "TFTP"),
                    ("separate-activation", "rollback"), "built in")
        ]  # fmt: skip

    async def export_plan(
        self, request: JobRequest, format: str = "markdown", sha256: str = "", made_at: str = ""
    ) -> str:
        return f"# Plan {sha256}\n"

    async def inventory(self) -> InventorySnapshot:
        return InventorySnapshot(self.at, tuple(self.devices.values()))

    async def device(self, name: str) -> DeviceDetail:
        if name not in self.devices:
            raise NotFound(source="devices", kind="device", name=name, listing="devices list")
        row = self.devices[name]
        tasks = tuple(tasks[name] for tasks in self.tasks.values() if name in tasks)
        recovery = next((task.recovery for task in tasks if task.recovery), ())
        own = Device(
            name, row.address, role=Role.ACCESS, location=row.location, jump=row.jump, platform=row.platform,
            console=recovery[0].removeprefix("console: ") if recovery else "", groups=row.groups,
        )  # fmt: skip
        facts = facts_of(name) if row.facts_at is not None else None
        own = self.inventory_.get(name, own)
        return DeviceDetail(own, facts, row, tasks=tasks, recovery=recovery, credentials="site-admin")

    async def images(self) -> list[SoftwareImage]:
        return list(self.images_.values())

    async def image(self, name: str) -> ImageDetail:
        return ImageDetail(self.images_[name], ("sw-ams-1", "sw-ams-4"), ("973",))

    async def browse_source(self, source: str, credentials: str = "") -> list[RemoteFile]:
        self.calls.append(("browse_source", source, credentials))
        if not credentials:
            raise AuthError(address="files.example.net", profile="", detail="a login is needed")
        if source.startswith("cisco:"):
            return [RemoteFile("c2960x-universalk9-mz.152-7.E9.bin", 26_771_456, note="15.2(7)E9, suggested")]
        if source.startswith("device:"):
            return [RemoteFile("flash:old.bin", 9_000_000), RemoteFile("flash:config.text", 3000)]
        if source.endswith("/images/"):
            return [RemoteFile("c2960.bin", 11_832_320, modified_at=NOW), RemoteFile("asr 1k.bin", 461_000_000)]
        return [RemoteFile("images", is_dir=True), RemoteFile("readme.txt", 12)]

    async def set_image(self, name: str, **values: Any) -> SoftwareImage:
        self.check()
        self.calls.append(("set_image", name, values))
        old = self.images_[name]
        identity = replace(
            old.identity, min_ram_bytes=values["min_ram_bytes"], min_flash_bytes=values["min_flash_bytes"]
        )
        self.images_[name] = replace(old, identity=identity)
        return self.images_[name]

    async def delete_image(self, name: str) -> None:
        self.calls.append(("delete_image", name))
        del self.images_[name]

    async def cancel(self, id: str, device: str = "", by: str = "") -> None:
        if id in self.refuses:
            raise Conflict(detail=f"run {id} is over")
        self.calls.append(("cancel", id, device))

    async def hold(self, id: str, by: str = "") -> None:
        self.calls.append(("hold", id))
        self.runs[id] = replace(self.runs[id], hold=True, hold_by="anna")
        self.emit(RunChanged(self.runs[id]))

    async def resume(self, id: str, by: str = "") -> None:
        self.calls.append(("resume", id))
        if id in self.jobs_:
            self.jobs_[id] = replace(self.jobs_[id], status=JobStatus.SCHEDULED, note="resumed by anna")
            self.emit(JobChanged(self.jobs_[id]))
            return
        self.runs[id] = replace(self.runs[id], hold=False)
        self.emit(RunChanged(self.runs[id]))

    async def skip_devices(self, run_id: str, devices: list[str], by: str = "") -> None:
        self.calls.append(("skip_devices", run_id, devices))

    async def reorder(self, run_id: str, order: list[str], by: str = "") -> None:
        self.calls.append(("reorder", run_id, *order))

    async def edit_job(self, id: str, request: JobRequest, by: str = "", expect_sha256: str = "") -> Job:
        self.calls.append(("edit_job", id, request))
        next_at = request.schedule.at or self.jobs_[id].next_run_at
        self.jobs_[id] = replace(
            self.jobs_[id], request=request, name=request.name, next_run_at=next_at, note="edited by anna"
        )
        return self.jobs_[id]

    async def delete_job(self, id: str, by: str = "") -> None:
        self.calls.append(("delete_job", id))
        del self.jobs_[id]
        self.emit(JobRemoved(id))

    async def pause_job(self, id: str, by: str = "") -> None:
        self.calls.append(("pause_job", id))
        self.jobs_[id] = replace(self.jobs_[id], status=JobStatus.PAUSED, note="paused by anna")
        self.emit(JobChanged(self.jobs_[id]))

    async def reschedule(self, ids: Sequence[str], at: datetime, by: str = "") -> list[Job]:
        self.calls.append(("reschedule", *ids, at))
        for id in ids:
            self.jobs_[id] = replace(self.jobs_[id], next_run_at=at, note="moved by anna")
        return [self.jobs_[id] for id in ids]

    async def retry(self, id: str, devices: Sequence[str] = (), by: str = "") -> Run:
        self.calls.append(("retry", id, *devices))
        return replace(self.runs[id], id="12758999")

    async def submit(self, request: JobRequest, by: str = "", expect_sha256: str = "") -> Job:
        self.calls.append(("submit", request))
        job = job_of(50, request.type, "Job_Inventory_Sync_1", JobStatus.RUNNING)
        if request.schedule.at is not None:
            job = replace(job, name=request.name, status=JobStatus.SCHEDULED, next_run_at=request.schedule.at)
        self.jobs_[job.id] = job
        self.emit(JobChanged(job))
        return job

    async def analyze(
        self, images: list[str], devices: list[str], groups: list[str], offered: tuple[RemoteFile, ...] = ()
    ) -> list[AnalysisRow]:
        self.analysed = tuple(images)
        self.offered = offered
        wanted = [self.images_[name] for name in images] or [
            replace(IMAGES[0], id=file.name, file_name=file.name, size_bytes=file.size_bytes or 0) for file in offered
        ]
        wanted = wanted or [IMAGES[0]]
        return [
            AnalysisRow(
                device=name, address=self.devices[name].address, image=each.file_name, image_id=each.id,
                applicable=number % 5 != 4, running_version="12.2(55)SE12", family="C2960",
                ram_required_bytes=64 * 2**20, ram_current_bytes=64 * 2**20,
                flash_required_bytes=each.size_bytes, flash_free_bytes=4 * 2**20 if number % 3 == 0 else 20 * 2**20,
                flash_total_bytes=32 * 2**20,
                verdict="not applicable" if number % 5 == 4 else "failed" if number % 3 == 0 else "ok",
                reasons=("7.3 MB of flash are missing",) if number % 3 == 0 else (), facts_at=NOW,
            )
            for number, name in enumerate(devices) for each in wanted
        ]  # fmt: skip

    async def import_inventory(
        self,
        text: str,
        source: str,
        dry_run: bool = False,
        format: str = "",
        credentials: str = "",
        jump_credentials: str = "",
    ) -> ImportReport:
        profiles = (credentials, jump_credentials)
        self.calls.append(("import_inventory", source, dry_run, *(profile for profile in profiles if profile)))
        if "broken" in text:
            return ImportReport((), (f"{source}:3: unknown platform 'ios-zz'",), dry_run)
        rows = (ImportRow("device", "sw-new-1", "add", "10.0.0.9"), ImportRow("device", "sw-ams-1", "same"))
        return ImportReport(rows, (), dry_run)

    async def settings(self) -> list[SettingRow]:
        return list(self.settings_.values())

    async def set_setting(self, key: str, value: str) -> SettingRow:
        self.check()
        self.calls.append(("set_setting", key, value))
        self.settings_[key] = replace(self.settings_[key], value=value, origin="set")
        return self.settings_[key]


class FakeSource:
    """A client whose events the test sends with `emit`."""

    def __init__(self, api: FakeApi) -> None:
        self.fake = api
        self.api = cast(Contract, api)
        self.queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self.is_closed = False
        api.emit = self.emit

    def emit(self, *events: Event) -> None:
        """Send events to the UI."""
        for event in events:
            self.queue.put_nowait(event)

    def drop(self) -> None:
        """The engine closes the connection."""
        self.queue.put_nowait(None)

    async def events(self, since: EventId | None = None, *, reconnect: bool = True) -> AsyncIterator[Envelope]:
        """What `emit` was given."""
        while (event := await self.queue.get()) is not None:
            self.fake.seq += 1
            yield Envelope(self.fake.at, event)

    async def close(self) -> None:
        self.is_closed = True

    async def connect(self) -> FakeSource:
        """What the app calls to connect."""
        return self

    # --- scripts ---

    def change_task(self, run_id: str, device: str, **changes: Any) -> None:
        """Change a device task and its run's counters, and tell."""
        task = replace(self.fake.tasks[run_id][device], **changes)
        self.fake.tasks[run_id][device] = task
        counts = count_tasks(list(self.fake.tasks[run_id].values()))
        self.fake.runs[run_id] = replace(self.fake.runs[run_id], counts=counts)
        self.emit(TaskChanged(task), RunChanged(self.fake.runs[run_id]))

    def change_device(self, name: str, **changes: Any) -> None:
        """Change a device and tell."""
        self.fake.devices[name] = replace(self.fake.devices[name], **changes)
        self.emit(InventoryChanged((name,)))


def empty_world() -> FakeSource:
    """An engine that has nothing yet."""
    return FakeSource(FakeApi())


RUNNING_RUN = "12758473"
FAILED_RUN = "12758472"
COLLECTION_RUN = "12758471"


def world(devices: int = 12) -> FakeSource:
    """An engine with devices, images, jobs in every state, and a run that goes on."""
    api = FakeApi(images_={each.id: each for each in IMAGES})
    api.devices = {row.name: row for row in (device_row(f"sw-ams-{n}", n) for n in range(1, devices + 1))}
    script: Sequence[tuple[int, JobType, str, JobStatus, RunStatus | None]] = (
        (73, JobType.DISTRIBUTION, "Job_Swim_Distribution_8_49_54_284_PM_1_11_2016", JobStatus.RUNNING,
         RunStatus.RUNNING),
        (72, JobType.DISTRIBUTION, "Upgrade_Catalyst_2960_Amsterdam", JobStatus.COMPLETED, RunStatus.PARTIAL),
        (71, JobType.COLLECTION, "Job_URL_Image_Collection_7_49_53_050_PM_4_20_2016", JobStatus.COMPLETED,
         RunStatus.SUCCESS),
        (70, JobType.ACTIVATION, "Activate core", JobStatus.COMPLETED, RunStatus.FAILURE),
        (69, JobType.COMMIT, "Commit XR", JobStatus.COMPLETED, RunStatus.INTERRUPTED),
        (68, JobType.ROLLBACK, "Back to 12.2", JobStatus.CANCELLED, RunStatus.CANCELLED),
        (67, JobType.INVENTORY_SYNC, "Job_Inventory_Sync_6_00_00_000_AM_1_11_2016", JobStatus.COMPLETED,
         RunStatus.SUCCESS),
        (66, JobType.DISTRIBUTION, "Weekend Berlin", JobStatus.SCHEDULED, None),
    )  # fmt: skip
    for number, kind, name, status, run_status in script:
        job = job_of(number, kind, name, status, devices=None if kind is JobType.COLLECTION else 5)
        api.jobs_[job.id] = job
        if run_status is not None:
            run = run_of(job, number, run_status, (74 - number) * 25 - 10, devices=5)
            api.runs[run.id] = run
    _tasks(api, RUNNING_RUN, (TaskStatus.SUCCESS, TaskStatus.RUNNING, TaskStatus.RUNNING, TaskStatus.YET_TO_START))
    _tasks(api, FAILED_RUN, (TaskStatus.SUCCESS, TaskStatus.FAILURE, TaskStatus.FAILURE, TaskStatus.EXCLUDED))
    _collection(api, COLLECTION_RUN)
    api.tasks[FAILED_RUN]["sw-ams-3"] = lost_task(api.tasks[FAILED_RUN]["sw-ams-3"])
    api.log[(FAILED_RUN, "sw-ams-3")] = [
        OutputLine(NOW - timedelta(minutes=15), Direction.SENT, "reload", changes=True),
        OutputLine(NOW - timedelta(minutes=15), Direction.RECEIVED, "Proceed with reload? [confirm]"),
        OutputLine(NOW - timedelta(minutes=14), Direction.NOTE, "connection closed by the device"),
    ]
    at = NOW - timedelta(minutes=3)
    api.log[(RUNNING_RUN, "sw-ams-2")] = [
        OutputLine(at, Direction.NOTE, "connected through jump1"),
        OutputLine(at, Direction.SENT, "show version"),
        OutputLine(at, Direction.RECEIVED, "Cisco IOS Software, C2960 Software\nuptime is 3 weeks"),
        OutputLine(at, Direction.SENT, "configure terminal", changes=True),
        OutputLine(at, Direction.RECEIVED, "evil \x1b[2J text"),
    ]
    populate(api, NOW)
    api.settings_ = setting_rows({"flash.tolerance_percent": "5"})
    return FakeSource(api)


def scheduled_world() -> FakeSource:
    """The job without a run starts tomorrow."""
    source = world(40)
    for job in [job for job in source.fake.jobs_.values() if job.status is JobStatus.SCHEDULED]:
        source.fake.jobs_[job.id] = replace(job, next_run_at=NOW + timedelta(days=1, minutes=40))
    return source


def uncommitted_world() -> FakeSource:
    """Every other device waits for a commit."""
    source = world(12)
    held = source.fake.devices
    for name in [name for name in held if int(name.rpartition("-")[2]) % 2 == 0]:
        held[name] = replace(held[name], state="Not committed: until 03:20")
    return source


def _tasks(api: FakeApi, run_id: str, states: Sequence[TaskStatus]) -> None:
    run = api.runs[run_id]
    tasks = {f"sw-ams-{n}": task_of(run, f"sw-ams-{n}", n, state) for n, state in enumerate(states, 1)}
    api.tasks[run_id] = tasks
    api.runs[run_id] = replace(run, counts=count_tasks(list(tasks.values())), device_count=len(tasks))


def _collection(api: FakeApi, run_id: str) -> None:
    """One image came, one did not."""
    for image_, status in ((IMAGES[2], TaskStatus.SUCCESS), (IMAGES[3], TaskStatus.FAILURE)):
        bad = status is TaskStatus.FAILURE
        said = "404 Not Found" if bad else f"{image_.size_bytes} bytes, sha512 known"
        op = OperationState(
            "i1", OpKind.COPY_IMAGE, Phase.IMPORT, f"Collecting {image_.file_name}",
            OpStatus.FAILURE if bad else OpStatus.SUCCESS, said, NOW - timedelta(minutes=65), NOW,
        )  # fmt: skip
        task = DeviceTask(
            run_id, image_.file_name, image_file=image_.file_name, status=status, operations=(op,), message=said,
            outcome=Outcome.FAILED if bad else Outcome.DISTRIBUTED, code="X90" if bad else "",
            source=f"https://files.example.net/{image_.file_name}",
        )  # fmt: skip
        api.tasks.setdefault(run_id, {})[task.device] = task
    api.runs[run_id] = replace(
        api.runs[run_id], counts=count_tasks(list(api.tasks[run_id].values())), images_collected=(IMAGES[2].file_name,)
    )


def facts_of(name: str) -> Facts:
    """Facts of a switch."""
    files = (
        FileEntry("c2960-lanbasek9-mz.122-55.SE12.bin", 9_771_282, "Mar 1 1993 00:12:00"),
        FileEntry("config.text", 3456, "Mar 14 2026 01:00:00"),
        FileEntry("old", 0, "", is_dir=True),
    )
    return Facts(
        device=name,
        read_at=NOW - timedelta(hours=2),
        version=VersionFacts(
            version="12.2(55)SE12", family="C2960", image_name="C2960-LANBASEK9-M",
            image_file="flash:/c2960-lanbasek9-mz.122-55.SE12.bin", ram_bytes=64 * 2**20, uptime_s=1_814_400,
            reload_reason="power-on", mode=BootMode.BUNDLE, pid="WS-C2960-24TT-L", serial="FOC1010X104",
        ),
        file_systems=(
            FileSystem("flash:", 32_514_048, 20_119_552, ("flash:", "flash1:"), "flash", "rw", True, 1, files),
            FileSystem("nvram:", 65_536, 61_320, (), "nvram", "rw"),
        ),
        boot=(BootState(current=("flash:c2960-lanbasek9-mz.122-55.SE12.bin",), is_read=True),),
        members=(Member(1, "active", "ready"),),
    )  # fmt: skip


def return_plan(request: JobRequest) -> RunPlan:
    """A commit or a rollback: the devices with an even number can, the others say why not."""
    is_commit = request.type is JobType.COMMIT
    plans = []
    for plan in plan_of(request.devices, consent=False).devices:
        can = int(plan.device.rpartition("-")[2]) % 2 == 0
        why = "" if can or is_commit else "no recorded upgrade to go back from"
        phase = Phase.COMMIT if is_commit else Phase.ROLLBACK
        line = Line("install commit" if is_commit else "reload", changes=True)
        kind = OpKind.COMMIT if is_commit else OpKind.RELOAD
        title = "Committing" if is_commit else "Reloading into the previous image"
        plans.append(replace(
            plan, included=not why, excluded_because=why, skipped_because="" if can or why else "committed already",
            from_version="15.0(2)SE11", to_version="15.0(2)SE11" if is_commit else "12.2(55)SE12",
            to_image=plan.from_image, image_id="", image_file=plan.from_image.partition(":")[2], space=(),
            checks=() if why else plan.checks[:1], outage_s=0 if is_commit else 240,
            operations=(Operation("o1", kind, phase, title, lines=(line,), destructive=not is_commit),),
        ))  # fmt: skip
    order = tuple(OrderEntry(plan.device, 1, "access, no upstream") for plan in plans if plan.included)
    return RunPlan((), tuple(plans), request.options, order, made_at="2026-03-14T01:00:00+00:00", sha256="cd" * 32)


def plan_of(devices: Sequence[str], *, consent: bool = True) -> RunPlan:
    """A plan with one excluded device, deletions, a consent and an order."""

    def one(name: str, included: bool) -> DevicePlan:
        return DevicePlan(
            device=name, image_id=IMAGES[0].id, image_file=IMAGES[0].file_name, pack="catalyst-2960",
            device_class=DeviceClass.IOS_BIN, included=included,
            excluded_because="" if included else "flash: 4.1 MB free, 11.8 MB needed",
            from_version="12.2(55)SE12", to_version="15.0(2)SE11",
            from_image="flash:c2960-lanbasek9-mz.122-55.SE12.bin", to_image=f"flash:{IMAGES[0].file_name}",
            checks=(
                Check("Family", Verdict.OK, "C2960", "C2960"),
                Check("Free flash", Verdict.OK if included else Verdict.FAILED, "11.8 MB", "4.1 MB",
                      "allow the smart erase"),
            ),
            operations=(
                Operation("o1", OpKind.DELETE_FILES, Phase.DISTRIBUTE, "Deleting files", deletions=(
                    Deletion("flash:", "old.bin", 8_000_000, "an image nothing refers to"),),
                    lines=(Line("delete /force flash:old.bin", changes=True, expect="prompt"),), destructive=True),
                Operation("o2", OpKind.COPY_IMAGE, Phase.DISTRIBUTE, "Copying image", expected_s=63,
                          lines=(Line("dir flash:", expect="list of files"),)),
                Operation("o3", OpKind.RELOAD, Phase.ACTIVATE, "Reloading", destructive=True,
                          lines=(Line("reload", changes=True, expect="[confirm]"),)),
            ),
            space=(SpaceLine("flash:", 32_514_048, 20_119_552, 11_832_320, 8_000_000, 1),),
            protocol_reasons=("SCP: first in the order, supported",), outage_s=240, distribution_s=63,
            backout=("boot system flash:c2960-lanbasek9-mz.122-55.SE12.bin, write memory, reload",),
            location="Amsterdam", role="access",
        )  # fmt: skip

    plans = [one(name, name != "sw-ams-2") for name in devices]
    return RunPlan(
        image_ids=(IMAGES[0].id,), devices=tuple(plans),
        options=JobOptions(activate=ActivateMode.SEQUENTIAL),
        order=tuple(OrderEntry(plan.device, 1, "access, no upstream") for plan in plans if plan.included),
        consents=(Consent("lower-version", devices[0], "12.2 is older than 15.0"),) if devices and consent else (),
        warnings=("2 devices share one uplink",), bytes_to_move=24_000_000, expected_distribution_s=126,
        expected_activation_s=480, made_at="2026-03-14T01:00:00+00:00", sha256="ab" * 32,
    )  # fmt: skip
