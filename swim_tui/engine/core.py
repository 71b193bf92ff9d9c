"""The engine put together: state, runs, schedule and services, started and stopped in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from swim_tui.api.contract import Contract, contract_hash
from swim_tui.clock import Clock
from swim_tui.engine.collecting import BEFORE_A_PLAN, Collecting
from swim_tui.engine.commitwatch import CommitWatch
from swim_tui.engine.facade import Facade, Services
from swim_tui.engine.fileserver import FileServer, served_to
from swim_tui.engine.hub import EventHub
from swim_tui.engine.imports import RepositoryImports
from swim_tui.engine.notify import Notifier
from swim_tui.engine.past import CHANGED_SOFTWARE
from swim_tui.engine.planner import EnginePlanner
from swim_tui.engine.pool import ProcessRunner
from swim_tui.engine.recovery import recover_runs
from swim_tui.engine.requests import RequestBuilder
from swim_tui.engine.retention import Retention
from swim_tui.engine.runner import Runner
from swim_tui.engine.runs import Runs
from swim_tui.engine.seams import PhaseOrder
from swim_tui.engine.services.analysis import AnalysisService
from swim_tui.engine.services.browse import SourceBrowser
from swim_tui.engine.services.configs import ConfigService
from swim_tui.engine.services.credentials import CredentialsService
from swim_tui.engine.services.dashboard import DashboardService
from swim_tui.engine.services.evidence import EvidenceService
from swim_tui.engine.services.groups import GroupService
from swim_tui.engine.services.hostkeys import HostKeyService
from swim_tui.engine.services.inventory import InventoryService
from swim_tui.engine.services.jobedit import JobEditor
from swim_tui.engine.services.jobs import JobService
from swim_tui.engine.services.jumptest import JumpTester
from swim_tui.engine.services.packs import PackService
from swim_tui.engine.services.repository import RepositoryService
from swim_tui.engine.services.runs import RunService
from swim_tui.engine.services.servers import ServerService
from swim_tui.engine.services.serververify import ServerVerifier
from swim_tui.engine.services.settings import MAX_PER_JUMP, SettingsService
from swim_tui.engine.services.status import StatusService
from swim_tui.engine.services.vault import VaultService
from swim_tui.engine.state import State
from swim_tui.model.job import Job, JobRequest, JobType, Run

MakeRunner = Callable[[State], Runner]


def _processes(state: State) -> Runner:
    return ProcessRunner(state.paths)


class Engine:
    """One engine over one data directory. Make it on the event loop that it is to live on."""

    def __init__(
        self,
        data_dir: Path,
        *,
        clock: Clock | None = None,
        runner: MakeRunner = _processes,
        scale: float = 1.0,
        environment: str = "",
        key_file: Path | None = None,
    ) -> None:
        self._data_dir = data_dir
        self._clock = clock
        self._make_runner = runner
        self._scale = scale
        self._environment = environment
        self._key_file = key_file
        self._facade: Facade | None = None
        self._ends: dict[str, asyncio.Event] = {}
        self.stop_requested = asyncio.Event()
        self.state: State
        self.runs: Runs
        self.commits: CommitWatch
        self.services: Services
        self.notifier: Notifier
        self.retention: Retention

    @property
    def api(self) -> Contract:
        """The service methods."""
        assert self._facade is not None, "start the engine first"
        return self._facade

    @property
    def events(self) -> EventHub:
        """The event stream."""
        return self.state.hub

    def clients_changed(self, count: int) -> None:
        """How many clients watch."""
        self.services.status.clients = count
        self.state.hub.watchers = count

    async def start(self) -> None:
        """Open the data directory, make sure no worker is left, take over what was under way, then begin to work."""
        self.state = await asyncio.to_thread(
            State.open,
            self._data_dir,
            clock=self._clock,
            key_file=self._key_file,
            scale=self._scale,
            environment=self._environment,
        )
        self._wire()
        self.commits.begin()  # before anything else: a deadline may be near
        try:
            await self.file_server.begin()
            await self.runs.start()
            taken = await recover_runs(self.state, self.runs)
        except BaseException:
            await self.stop()
            raise
        for problem in self.state.pack_problems:
            self.state.notify("error", f"your device packs are left out: {problem}")
        for kept in self.state.db.notices:
            self.state.notify("warning", str(kept))
        if taken:
            self.state.notify("warning", f"the engine was restarted and goes on with run {', '.join(taken)}")
        self.services.jobs.scheduler.begin()
        self.retention.begin()

    async def stop(self) -> None:
        """Workers first, then everything else; what was acknowledged is on disk."""
        self.commits.stop()
        await self.retention.stop()
        await self.services.jobs.scheduler.stop()
        await self.runs.stop()
        await self.notifier.stop()
        await self.file_server.stop()
        await asyncio.to_thread(self.state.close)

    def _wire(self) -> None:
        state = self.state
        settings = SettingsService(state)
        credentials = CredentialsService(state)
        requests = RequestBuilder(state, credentials, settings)
        planner = EnginePlanner(state, settings.local_file_server)
        imports = RepositoryImports(state, credentials.login, settings.cisco_api)
        self.runs = Runs(state, self._make_runner(state), requests, planner, imports)
        self.commits = CommitWatch(state)
        self.runs.effects.on_deadline = self.commits.changed
        self.runs.profiles_of = requests.profiles_of
        self.runs.hops_of = requests.hops_of
        self.runs.max_per_jump = lambda: int(settings.number(MAX_PER_JUMP))
        self._serve_locally(requests, settings)
        self.runs.setting = settings.value
        self.runs.on_ended.append(self._run_ended)
        analysis = AnalysisService(state, planner, settings)
        analysis.refresh = self._refresh
        jobs = JobService(state, self.runs, planner, analysis)
        self.collecting = Collecting(
            state, lambda: settings.value("collect_images_with_inventory") == "on", jobs.submit
        )
        configs = ConfigService(state, self.runs.effects.configs)
        run_service = RunService(state, self.runs, jobs)
        status = StatusService(state, self.runs, jobs.scheduler, settings, contract_hash())
        status.stop_requested = self.stop_requested
        self.services = Services(
            status=status,
            dashboard=DashboardService(state, self.runs, jobs, settings),
            inventory=InventoryService(state, credentials),
            groups=GroupService(state),
            host_keys=HostKeyService(state),
            jump_tests=JumpTester(state, credentials, settings),
            credentials=credentials,
            repository=RepositoryService(state),
            browser=SourceBrowser(state, credentials, settings, requests),
            analysis=analysis,
            jobs=jobs,
            editor=JobEditor(state, jobs),
            runs=run_service,
            packs=PackService(state),
            settings=settings,
            vault=VaultService(state),
            configs=configs,
            evidence=EvidenceService(state, run_service, configs),
            servers=ServerService(state, ServerVerifier(state, credentials, settings)),
        )
        self.notifier = Notifier(state, settings)
        self.runs.on_told.append(self.notifier.tell)
        self.retention = Retention(state, settings, self.runs.live.__contains__, CHANGED_SOFTWARE)
        self._facade = Facade(self.services)

    def _serve_locally(self, requests: RequestBuilder, settings: SettingsService) -> None:
        """The Local File Server: a lease before a device of a run pulls from it, until the run is over."""
        self.file_server = FileServer(self.state)
        requests.local_secret = self.file_server.secret

        async def lease(order: PhaseOrder) -> None:
            images, is_open = served_to(self.state, order)
            if images:
                await self.file_server.lease(order.run_id, settings.local_file_server(), images, is_open=is_open)

        self.runs.before_build = lease
        self.runs.on_ended.append(lambda _, run: self.runs.background.spawn(self.file_server.withdraw(run.id)))

    # --- waiting for runs ---

    async def wait_for(self, run_id: str) -> Run:
        """The run, when it is over."""
        while run_id in self.runs.live:
            await self._ends.setdefault(run_id, asyncio.Event()).wait()
        run = self.state.tables.runs.get(run_id)
        assert run is not None, "a run that was waited for is in the store"
        return run

    def _run_ended(self, job: Job, run: Run) -> None:
        ended = self._ends.pop(run.id, None)
        if ended is not None:
            ended.set()
        if self.collecting.is_wanted(job):
            self.runs.background.spawn(self.collecting.after(job, run))

    async def _refresh(self, names: list[str], by: str) -> None:
        """Read devices anew before a preview: an inventory sync that everybody can see."""
        request = JobRequest(JobType.INVENTORY_SYNC, devices=tuple(names), description=BEFORE_A_PLAN)
        job = await self.services.jobs.submit(request, by)
        await self.wait_for(job.last_run)
