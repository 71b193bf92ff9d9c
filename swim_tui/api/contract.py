"""The contract between clients and the engine: each service method is declared once, here.

Server routing and client stubs derive from this Protocol (`POST /v1/<method>` with the keyword arguments as JSON, the
result as JSON, errors as a Problem with an exit code). A method named in CHANGING is refused to read-only clients.
"""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Protocol, get_args, get_type_hints

from swim_tui.model.device import Device, Group, GroupKind, JumpHost
from swim_tui.model.events import Envelope
from swim_tui.model.image import ImageIdentity, SoftwareImage
from swim_tui.model.job import Job, JobRequest, Run
from swim_tui.model.options import Protocol as TransferProtocol
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


class Contract(Protocol):
    """Everything a client can ask of the engine."""

    # engine
    async def hello(self, agent: str = "") -> Hello: ...
    async def status(self) -> EngineStatus: ...
    async def dashboard(self) -> Dashboard: ...
    async def stop_engine(self, force: bool = False) -> None: ...

    # inventory
    async def inventory(self) -> InventorySnapshot: ...
    async def device(self, name: str) -> DeviceDetail: ...
    async def add_device(self, device: Device) -> None: ...
    async def update_device(self, name: str, device: Device) -> None: ...
    async def remove_devices(self, names: list[str]) -> None: ...
    async def import_inventory(
        self,
        text: str,
        source: str,
        dry_run: bool = False,
        format: str = "",
        credentials: str = "",
        jump_credentials: str = "",
    ) -> ImportReport: ...
    async def export_inventory(self) -> str: ...
    async def groups(self) -> list[Group]: ...
    async def set_group(self, group: Group, devices: list[str]) -> None: ...
    async def rename_group(self, name: str, kind: GroupKind, new_name: str) -> None: ...
    async def remove_group(self, name: str, kind: GroupKind) -> None: ...
    async def jumps(self) -> list[JumpHost]: ...
    async def add_jump(self, jump: JumpHost) -> None: ...
    async def remove_jump(self, name: str) -> None: ...
    async def test_jump(self, name: str, device: str = "") -> list[HopReport]: ...
    async def credentials(self) -> list[CredentialProfile]: ...
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
    ) -> CredentialProfile: ...
    async def confirm_credentials(self, name: str, by: str = "") -> CredentialProfile: ...
    async def remove_credentials(self, name: str) -> None: ...
    async def vault(self) -> VaultStatus: ...
    async def unlock_vault(self, passphrase: str) -> VaultStatus: ...
    async def rotate_vault_key(self, kind: str, passphrase: str = "", key_file: str = "") -> VaultStatus: ...
    async def host_keys(self) -> list[HostKeyRow]: ...
    async def accept_host_key(
        self,
        host: str,
        port: int,
        key: str = "",
        via: list[str] = [],  # noqa: B006 - never changed
        fingerprint: str = "",
        by: str = "",
    ) -> HostKeyRow: ...
    async def remove_host_key(self, host: str, port: int, via: list[str] = [], by: str = "") -> None: ...  # noqa: B006

    # SWIM servers
    async def servers(self) -> list[ServerRow]: ...
    async def save_server(self, server: SwimServer, old_name: str = "") -> SwimServer: ...
    async def set_server_protocol(
        self,
        server: str,
        protocol: TransferProtocol,
        port: int = 0,
        username: str = "",
        password: str = "",
        home: str = "",
        credentials: str = "",
    ) -> SwimServer: ...
    async def remove_server_protocol(self, server: str, protocol: TransferProtocol) -> SwimServer: ...
    async def verify_server(self, name: str, protocol: str = "") -> ServerRow: ...
    async def remove_servers(self, names: list[str]) -> None: ...

    # repository
    async def images(self) -> list[SoftwareImage]: ...
    async def image(self, name: str) -> ImageDetail: ...
    async def set_image(
        self,
        name: str,
        min_ram_bytes: int | None = None,
        min_flash_bytes: int | None = None,
        version: str | None = None,
        family: str | None = None,
        min_version: str | None = None,
        min_rommon: str | None = None,
    ) -> SoftwareImage: ...
    async def delete_image(self, name: str) -> None: ...
    async def browse_source(self, source: str, credentials: str = "") -> list[RemoteFile]: ...
    async def identify(self, file_names: list[str]) -> list[ImageIdentity]: ...

    # analysis and plans
    async def analyze(
        self, images: list[str], devices: list[str], groups: list[str], offered: tuple[RemoteFile, ...] = ()
    ) -> list[AnalysisRow]: ...
    async def preview(self, request: JobRequest, refresh: bool = False, by: str = "") -> RunPlan: ...
    async def export_plan(
        self, request: JobRequest, format: str = "markdown", sha256: str = "", made_at: str = ""
    ) -> str: ...

    # jobs and runs
    async def submit(self, request: JobRequest, by: str = "", expect_sha256: str = "") -> Job: ...
    async def jobs(self) -> JobsSnapshot: ...
    async def job(self, id: str) -> JobDetail: ...
    async def run(self, id: str) -> RunDetail: ...
    async def run_plan(self, id: str) -> RunPlan: ...
    async def export_run_plan(self, run_id: str, format: str = "markdown") -> str: ...
    async def run_log(self, run_id: str, device: str, offset: int = 0, limit: int = 500) -> LogPage: ...
    async def evidence(self, run_id: str) -> list[str]: ...
    async def evidence_file(self, run_id: str, name: str, offset: int = 0) -> EvidencePage: ...
    async def cancel(self, id: str, device: str = "", by: str = "") -> None: ...
    async def hold(self, id: str, by: str = "") -> None: ...
    async def resume(self, id: str, by: str = "") -> None: ...
    async def skip_devices(self, run_id: str, devices: list[str], by: str = "") -> None: ...
    async def reorder(self, run_id: str, order: list[str], by: str = "") -> None: ...
    async def retry(self, id: str, devices: list[str] = [], by: str = "") -> Run: ...  # noqa: B006 - never changed
    async def questions(self) -> list[PendingQuestion]: ...
    async def answer_question(self, run_id: str, device: str, text: str) -> None: ...
    async def pause_job(self, id: str, by: str = "") -> None: ...
    async def reschedule(self, ids: list[str], at: datetime, by: str = "") -> list[Job]: ...
    async def edit_job(self, id: str, request: JobRequest, by: str = "", expect_sha256: str = "") -> Job: ...
    async def delete_job(self, id: str, by: str = "") -> None: ...

    # configuration archive; secrets are masked
    async def configs(self, device: str = "") -> list[ConfigRow]: ...
    async def config(self, device: str, id: str = "") -> str: ...
    async def config_diff(self, device: str, old: str = "", new: str = "") -> str: ...

    # packs, facts, settings
    async def packs(self) -> list[PackRow]: ...
    async def pack(self, name: str) -> PackRow: ...
    async def check_pack(self, text: str, source: str) -> list[str]: ...
    async def read_facts(self, text: str, platform: str = "", command: str = "show version") -> dict[str, object]: ...
    async def settings(self) -> list[SettingRow]: ...
    async def set_setting(self, key: str, value: str) -> SettingRow: ...


CHANGING = frozenset(
    {
        "stop_engine",
        "add_device",
        "update_device",
        "remove_devices",
        "import_inventory",
        "set_group",
        "rename_group",
        "remove_group",
        "add_jump",
        "remove_jump",
        "add_credentials",
        "remove_credentials",
        "unlock_vault",
        "rotate_vault_key",
        "confirm_credentials",
        "accept_host_key",
        "remove_host_key",
        "save_server",
        "set_server_protocol",
        "remove_server_protocol",
        "verify_server",
        "remove_servers",
        "set_image",
        "delete_image",
        "submit",
        "cancel",
        "hold",
        "resume",
        "skip_devices",
        "reorder",
        "retry",
        "answer_question",
        "pause_job",
        "reschedule",
        "edit_job",
        "delete_job",
        "set_setting",
    }
)


def methods() -> dict[str, inspect.Signature]:
    """Method name -> signature, in declaration order; annotations are texts."""
    return {
        name: inspect.signature(value)
        for name, value in vars(Contract).items()
        if inspect.iscoroutinefunction(value) and not name.startswith("_")
    }


@cache
def hints(name: str) -> dict[str, Any]:
    """Parameter name -> type of one method, the result as `return`."""
    return get_type_hints(getattr(Contract, name))


def contract_hash() -> str:
    """A hash that changes whenever a method, or a field of any type it uses, changes.

    Client and engine compare it at hello; the events are part of it.
    """
    seen: dict[str, str] = {}
    for name in methods():
        for part in hints(name).values():
            _collect(part, seen)
    _collect(Envelope, seen)
    lines = [f"{name}{signature}" for name, signature in methods().items()]
    lines += [f"{name}: {text}" for name, text in sorted(seen.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _collect(kind: Any, seen: dict[str, str]) -> None:
    """Write down every dataclass and enum that `kind` is made of."""
    for part in get_args(kind):
        _collect(part, seen)
    if not isinstance(kind, type) or kind.__qualname__ in seen:
        return
    if issubclass(kind, Enum):
        seen[kind.__qualname__] = " ".join(f"{m.name}={m.value}" for m in kind)
    elif dataclasses.is_dataclass(kind):
        types = get_type_hints(kind)
        names = [f.name for f in dataclasses.fields(kind)]
        seen[kind.__qualname__] = " ".join(f"{name}:{types[name]}" for name in names)
        for name in names:
            _collect(types[name], seen)
