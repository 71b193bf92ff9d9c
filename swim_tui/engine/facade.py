"""The contract, whole: every method handed to the service that has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
from swim_tui.engine.services.settings import SettingsService
from swim_tui.engine.services.status import StatusService
from swim_tui.engine.services.vault import VaultService
from swim_tui.model.device import Device, Group, GroupKind, JumpHost
from swim_tui.model.image import ImageIdentity, SoftwareImage
from swim_tui.model.job import Job, JobRequest, Run
from swim_tui.model.options import Protocol
from swim_tui.model.plan import RunPlan
from swim_tui.model.remote import RemoteFile
from swim_tui.model.secret import CredentialProfile
from swim_tui.model.server import ServerRow, SwimServer
from swim_tui.model.views import (
    AnalysisRow,
    ConfigRow,
    Dashboard,
    DeviceDetail,
    EngineStatus,
    EvidencePage,
    Hello,
    HopReport,
    HostKeyRow,
    ImageDetail,
    ImportReport,
    InventorySnapshot,
    JobDetail,
    JobsSnapshot,
    LogPage,
    PackRow,
    PendingQuestion,
    RunDetail,
    SettingRow,
    VaultStatus,
)


@dataclass(frozen=True)
class Services:
    """Every service of one engine."""

    status: StatusService
    dashboard: DashboardService
    inventory: InventoryService
    groups: GroupService
    host_keys: HostKeyService
    jump_tests: JumpTester
    credentials: CredentialsService
    repository: RepositoryService
    browser: SourceBrowser
    analysis: AnalysisService
    jobs: JobService
    editor: JobEditor
    runs: RunService
    packs: PackService
    settings: SettingsService
    vault: VaultService
    configs: ConfigService
    evidence: EvidenceService
    servers: ServerService


class Facade:
    """Implements `api.contract.Contract`; what each method does is said where it is done."""

    def __init__(self, services: Services) -> None:
        self._s = services

    async def hello(self, agent: str = "") -> Hello:
        await self._s.vault.attached(agent)
        return await self._s.status.hello()

    async def status(self) -> EngineStatus:
        return await self._s.status.status()

    async def dashboard(self) -> Dashboard:
        return await self._s.dashboard.dashboard()

    async def stop_engine(self, force: bool = False) -> None:
        await self._s.status.stop_engine(force)

    async def inventory(self) -> InventorySnapshot:
        return await self._s.inventory.inventory()

    async def device(self, name: str) -> DeviceDetail:
        return await self._s.inventory.device(name)

    async def add_device(self, device: Device) -> None:
        await self._s.inventory.add_device(device)

    async def update_device(self, name: str, device: Device) -> None:
        await self._s.inventory.update_device(name, device)

    async def remove_devices(self, names: list[str]) -> None:
        await self._s.inventory.remove_devices(names)

    async def import_inventory(
        self,
        text: str,
        source: str,
        dry_run: bool = False,
        format: str = "",
        credentials: str = "",
        jump_credentials: str = "",
    ) -> ImportReport:
        return await self._s.inventory.import_inventory(text, source, dry_run, format, credentials, jump_credentials)

    async def export_inventory(self) -> str:
        return await self._s.inventory.export_inventory()

    async def groups(self) -> list[Group]:
        return await self._s.groups.groups()

    async def set_group(self, group: Group, devices: list[str]) -> None:
        await self._s.groups.set_group(group, devices)

    async def rename_group(self, name: str, kind: GroupKind, new_name: str) -> None:
        await self._s.groups.rename_group(name, kind, new_name)

    async def remove_group(self, name: str, kind: GroupKind) -> None:
        await self._s.groups.remove_group(name, kind)

    async def jumps(self) -> list[JumpHost]:
        return await self._s.inventory.jumps()

    async def add_jump(self, jump: JumpHost) -> None:
        await self._s.inventory.add_jump(jump)

    async def remove_jump(self, name: str) -> None:
        await self._s.inventory.remove_jump(name)

    async def test_jump(self, name: str, device: str = "") -> list[HopReport]:
        return await self._s.jump_tests.test(name, device)

    async def credentials(self) -> list[CredentialProfile]:
        return await self._s.credentials.credentials()

    async def add_credentials(
        self,
        name: str,
        username: str,
        password: str = "",
        enable: str = "",
        key_file: str = "",
        key_passphrase: str = "",
        use_agent: bool = False,
        one_time_code: bool = False,
        push_answer: str = "",
        read_only: bool = False,
        keep: bool = False,
    ) -> CredentialProfile:
        return await self._s.credentials.add_credentials(
            name, username, password, enable, key_file, key_passphrase, use_agent, one_time_code, push_answer,
            read_only, keep,
        )  # fmt: skip

    async def confirm_credentials(self, name: str, by: str = "") -> CredentialProfile:
        return await self._s.credentials.confirm_credentials(name, by)

    async def remove_credentials(self, name: str) -> None:
        await self._s.credentials.remove_credentials(name)

    async def vault(self) -> VaultStatus:
        return await self._s.vault.vault()

    async def unlock_vault(self, passphrase: str) -> VaultStatus:
        return await self._s.vault.unlock_vault(passphrase)

    async def rotate_vault_key(self, kind: str, passphrase: str = "", key_file: str = "") -> VaultStatus:
        return await self._s.vault.rotate_vault_key(kind, passphrase, key_file)

    async def host_keys(self) -> list[HostKeyRow]:
        return await self._s.host_keys.host_keys()

    async def accept_host_key(
        self,
        host: str,
        port: int,
        key: str = "",
        via: list[str] = [],  # noqa: B006 - never changed
        fingerprint: str = "",
        by: str = "",
    ) -> HostKeyRow:
        return await self._s.host_keys.accept_host_key(host, port, key, via, fingerprint, by)

    async def remove_host_key(self, host: str, port: int, via: list[str] = [], by: str = "") -> None:  # noqa: B006
        await self._s.host_keys.remove_host_key(host, port, via, by)

    async def servers(self) -> list[ServerRow]:
        return await self._s.servers.servers()

    async def save_server(self, server: SwimServer, old_name: str = "") -> SwimServer:
        return await self._s.servers.save_server(server, old_name)

    async def set_server_protocol(
        self,
        server: str,
        protocol: Protocol,
        port: int = 0,
        username: str = "",
        password: str = "",
        home: str = "",
        credentials: str = "",
    ) -> SwimServer:
        return await self._s.servers.set_server_protocol(server, protocol, port, username, password, home, credentials)

    async def remove_server_protocol(self, server: str, protocol: Protocol) -> SwimServer:
        return await self._s.servers.remove_server_protocol(server, protocol)

    async def verify_server(self, name: str, protocol: str = "") -> ServerRow:
        return await self._s.servers.verify_server(name, protocol)

    async def remove_servers(self, names: list[str]) -> None:
        await self._s.servers.remove_servers(names)

    async def images(self) -> list[SoftwareImage]:
        return await self._s.repository.images()

    async def image(self, name: str) -> ImageDetail:
        return await self._s.repository.image(name)

    async def set_image(
        self,
        name: str,
        min_ram_bytes: int | None = None,
        min_flash_bytes: int | None = None,
        version: str | None = None,
        family: str | None = None,
        min_version: str | None = None,
        min_rommon: str | None = None,
    ) -> SoftwareImage:
        return await self._s.repository.set_image(
            name, min_ram_bytes, min_flash_bytes, version, family, min_version, min_rommon
        )

    async def delete_image(self, name: str) -> None:
        await self._s.repository.delete_image(name)

    async def browse_source(self, source: str, credentials: str = "") -> list[RemoteFile]:
        return await self._s.browser.browse_source(source, credentials)

    async def identify(self, file_names: list[str]) -> list[ImageIdentity]:
        return await self._s.repository.identify(file_names)

    async def analyze(
        self, images: list[str], devices: list[str], groups: list[str], offered: tuple[RemoteFile, ...] = ()
    ) -> list[AnalysisRow]:
        return await self._s.analysis.analyze(images, devices, groups, offered)

    async def preview(self, request: JobRequest, refresh: bool = False, by: str = "") -> RunPlan:
        return await self._s.analysis.preview(request, refresh, by)

    async def export_plan(
        self, request: JobRequest, format: str = "markdown", sha256: str = "", made_at: str = ""
    ) -> str:
        return await self._s.analysis.export_plan(request, format, sha256, made_at)

    async def submit(self, request: JobRequest, by: str = "", expect_sha256: str = "") -> Job:
        return await self._s.jobs.submit(request, by, expect_sha256)

    async def jobs(self) -> JobsSnapshot:
        return await self._s.jobs.jobs()

    async def job(self, id: str) -> JobDetail:
        return await self._s.jobs.job(id)

    async def run(self, id: str) -> RunDetail:
        return await self._s.runs.run(id)

    async def run_plan(self, id: str) -> RunPlan:
        return await self._s.runs.run_plan(id)

    async def export_run_plan(self, run_id: str, format: str = "markdown") -> str:
        return await self._s.runs.export_run_plan(run_id, format)

    async def run_log(self, run_id: str, device: str, offset: int = 0, limit: int = 500) -> LogPage:
        return await self._s.runs.run_log(run_id, device, offset, limit)

    async def evidence(self, run_id: str) -> list[str]:
        return await self._s.evidence.evidence(run_id)

    async def evidence_file(self, run_id: str, name: str, offset: int = 0) -> EvidencePage:
        return await self._s.evidence.evidence_file(run_id, name, offset)

    async def cancel(self, id: str, device: str = "", by: str = "") -> None:
        await self._s.runs.cancel(id, device, by)

    async def hold(self, id: str, by: str = "") -> None:
        await self._s.runs.hold(id, by)

    async def resume(self, id: str, by: str = "") -> None:
        await self._s.runs.resume(id, by)

    async def skip_devices(self, run_id: str, devices: list[str], by: str = "") -> None:
        await self._s.runs.skip_devices(run_id, devices, by)

    async def reorder(self, run_id: str, order: list[str], by: str = "") -> None:
        await self._s.runs.reorder(run_id, order, by)

    async def retry(self, id: str, devices: list[str] = [], by: str = "") -> Run:  # noqa: B006 - never changed
        return await self._s.jobs.retry(id, devices, by)

    async def questions(self) -> list[PendingQuestion]:
        return [*await self._s.runs.questions(), *self._s.jump_tests.questions()]

    async def answer_question(self, run_id: str, device: str, text: str) -> None:
        if not self._s.jump_tests.answer(run_id, text):
            await self._s.runs.answer_question(run_id, device, text)

    async def pause_job(self, id: str, by: str = "") -> None:
        await self._s.jobs.pause_job(id, by)

    async def reschedule(self, ids: list[str], at: datetime, by: str = "") -> list[Job]:
        return await self._s.jobs.reschedule(ids, at, by)

    async def edit_job(self, id: str, request: JobRequest, by: str = "", expect_sha256: str = "") -> Job:
        return await self._s.editor.edit_job(id, request, by, expect_sha256)

    async def delete_job(self, id: str, by: str = "") -> None:
        await self._s.editor.delete_job(id, by)

    async def configs(self, device: str = "") -> list[ConfigRow]:
        return await self._s.configs.configs(device)

    async def config(self, device: str, id: str = "") -> str:
        return await self._s.configs.config(device, id)

    async def config_diff(self, device: str, old: str = "", new: str = "") -> str:
        return await self._s.configs.config_diff(device, old, new)

    async def packs(self) -> list[PackRow]:
        return await self._s.packs.packs()

    async def pack(self, name: str) -> PackRow:
        return await self._s.packs.pack(name)

    async def check_pack(self, text: str, source: str) -> list[str]:
        return await self._s.packs.check_pack(text, source)

    async def read_facts(self, text: str, platform: str = "", command: str = "show version") -> dict[str, object]:
        return await self._s.packs.read_facts(text, platform, command)

    async def settings(self) -> list[SettingRow]:
        return await self._s.settings.settings()

    async def set_setting(self, key: str, value: str) -> SettingRow:
        return await self._s.settings.set_setting(key, value)
