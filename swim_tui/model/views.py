"""What clients are shown: rows and snapshots, made by the engine from its state. Sizes in bytes, times in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from swim_tui.errors import Problem
from swim_tui.model.device import Device
from swim_tui.model.events import EventId
from swim_tui.model.facts import Facts
from swim_tui.model.image import SoftwareImage
from swim_tui.model.job import Counts, DeviceTask, Job, Run
from swim_tui.model.options import Protocol
from swim_tui.model.phase import OutputLine


@dataclass(frozen=True)
class Hello:
    """The engine's greeting; a contract hash that differs is EngineMismatch."""

    version: str
    contract: str
    epoch: str
    pid: int
    data_dir: str
    started_at: datetime
    environment: str = ""  # badge in the UI's header: demo, lab, PROD
    log: str = ""
    vault_locked: bool = False  # somebody must give its passphrase


@dataclass(frozen=True)
class Uncommitted:
    """A device that waits for its commit; without a deadline a reload brings its old software back."""

    device: str
    words: str
    commit_by: datetime | None = None


@dataclass(frozen=True)
class EngineStatus:
    """What runs and what is next."""

    hello: Hello
    clients: int
    running_runs: tuple[str, ...]
    waiting_tasks: int
    running_tasks: int
    failed_tasks: int  # in the last run of each job, for a day after its end
    workers: int
    sessions: int
    next_job: str = ""
    next_run_at: datetime | None = None
    devices: int = 0
    images: int = 0
    notices: tuple[str, ...] = ()
    memory_bytes: int = 0
    jumps: Mapping[str, bool] = field(default_factory=dict)  # jump host -> whether it answered when last needed
    uncommitted: tuple[Uncommitted, ...] = ()


@dataclass(frozen=True)
class DeviceRow:
    """One line of Network Devices. Facts fields are empty until the first sync."""

    name: str
    address: str
    port: int
    platform: str
    role: str
    location: str
    device_type: str
    family: str = ""
    version: str = ""
    image_file: str = ""
    mode: str = ""
    facts_at: datetime | None = None
    reachable: bool | None = None
    legacy_ssh: bool = False
    busy_with: str = ""  # run id whose task owns the device
    state: str = ""  # Armed, Uncommitted, problem of the last sync in words
    commit_by: datetime | None = None  # not committed: when it goes back by itself
    jump: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    description: str = ""
    ssh_algorithms: str = ""  # negotiated at the last reading


@dataclass(frozen=True)
class DeviceDetail:
    """Everything known about one device."""

    device: Device
    facts: Facts | None
    row: DeviceRow
    last_problem: Problem | None = None
    tasks: tuple[DeviceTask, ...] = ()
    recovery: tuple[str, ...] = ()
    zone: str = ""
    credentials: str = ""  # the profile that logs in: its own, that of a group, or the default


@dataclass(frozen=True)
class ImageDetail:
    """Image Information page: the image, devices that run it, jobs that used it."""

    image: SoftwareImage
    running_on: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()


@dataclass(frozen=True)
class FamilyCount:
    """A node of the Software Image Summary tree."""

    family: str
    count: int
    images: tuple[SoftwareImage, ...] = ()


@dataclass(frozen=True)
class ProtocolChoice:
    """One protocol of the Current Protocol Order panel."""

    protocol: Protocol
    on: bool


@dataclass(frozen=True)
class RunRow:
    """One line of Last 10 Swim Job and of the Jobs table."""

    run: Run
    job: Job
    eta_s: float | None = None
    done_bytes: int = 0
    total_bytes: int = 0


@dataclass(frozen=True)
class VaultStatus:
    """How secrets are locked."""

    path: str
    kind: str  # key file, passphrase, keyring
    key: str  # the key file, or what gives the key
    locked: bool
    entries: int | None = None  # None while it is locked, or cannot be opened
    problem: str = ""  # why it cannot be opened


WAITS_FOR_CODE = "Waiting for code"
WAITS_FOR_UNLOCK = "Waiting for unlock"
WAITS_FOR_AGENT = "Waiting for an SSH agent"
"""How `waiting_for` of a device task begins while a person must give a one-time code."""


@dataclass(frozen=True)
class PendingQuestion:
    """A device task that waits for a person; the answer is a secret and goes to `answer_question` only."""

    run_id: str
    device: str
    kind: str  # one-time-code
    text: str
    asked_at: datetime
    until: datetime  # without an answer the login is given up then


@dataclass(frozen=True)
class Dashboard:
    """The Software Images home."""

    at: EventId
    families: tuple[FamilyCount, ...]
    protocols: tuple[ProtocolChoice, ...]
    last_runs: tuple[RunRow, ...]
    total_runs: int
    devices: int
    images: int
    armed: tuple[str, ...] = ()
    uncommitted: tuple[str, ...] = ()
    commit_by: datetime | None = None  # the nearest deadline of those that are not committed
    waiting_for_person: tuple[str, ...] = ()
    unsynced: int = 0


@dataclass(frozen=True)
class JobsSnapshot:
    """All jobs and runs, newest first."""

    at: EventId
    jobs: tuple[Job, ...]
    runs: tuple[RunRow, ...]


@dataclass(frozen=True)
class JobDetail:
    """A job with its runs, newest first."""

    at: EventId
    job: Job
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class RunDetail:
    """A run with its device tasks in display order."""

    at: EventId
    run: Run
    job: Job
    tasks: tuple[DeviceTask, ...]
    counts: Counts
    order: tuple[str, ...] = ()
    eta_s: float | None = None


@dataclass(frozen=True)
class RunReport:
    """What the notification command reads as JSON. what: ended, or stopped (it waits for a person)."""

    what: str
    data_dir: str
    job: Job
    run: Run
    tasks: tuple[DeviceTask, ...]


@dataclass(frozen=True)
class LogPage:
    """Lines of a device session of a run; `next_offset` pages on, equal to the offset given at the end."""

    lines: tuple[OutputLine, ...]
    next_offset: int


@dataclass(frozen=True)
class EvidencePage:
    """Part of a file of an evidence pack; the next part begins at `next_offset`."""

    text: str
    next_offset: int
    is_last: bool


@dataclass(frozen=True)
class InventorySnapshot:
    """All devices with what is known of them."""

    at: EventId
    devices: tuple[DeviceRow, ...]


@dataclass(frozen=True)
class ImportRow:
    """What an inventory import does with one named thing."""

    kind: str  # device, group, credentials, jump, host key
    name: str
    action: str  # add, change, same
    detail: str = ""


@dataclass(frozen=True)
class ImportReport:
    """Result of an inventory import or its dry run; with problems nothing was changed."""

    rows: tuple[ImportRow, ...]
    problems: tuple[str, ...] = ()
    dry_run: bool = False
    format: str = ""
    notes: tuple[str, ...] = ()  # what the file has and the import leaves, such as passwords


@dataclass(frozen=True)
class ConfigRow:
    """One archived configuration; `name` is running or startup, `id` is unique for its device."""

    device: str
    id: str
    name: str
    at: datetime
    size_bytes: int


@dataclass(frozen=True)
class PackRow:
    """One device pack."""

    name: str
    title: str
    device_class: str
    families: tuple[str, ...]
    netmiko_type: str
    protocols: tuple[str, ...]
    supports: tuple[str, ...]
    source: str
    read_commands: tuple[str, ...] = ()
    changing_commands: tuple[str, ...] = ()
    upgrade_modes: tuple[str, ...] = ()  # bundle, install
    recovery: tuple[str, ...] = ()  # console steps; {old} {new} {fs} stand for the names of a plan


@dataclass(frozen=True)
class AnalysisRow:
    """One device and image pair of the Upgrade Analysis Report."""

    device: str
    address: str
    image: str  # file name; empty = none in the repository applies
    image_id: str = ""
    applicable: bool = False
    running_image: str = ""
    running_version: str = ""
    family: str = ""
    image_version: str = ""
    ram_required_bytes: int | None = None
    ram_current_bytes: int | None = None
    flash_required_bytes: int | None = None
    flash_free_bytes: int | None = None
    flash_total_bytes: int | None = None
    verdict: str = ""  # ok, warning, failed, not applicable
    reasons: tuple[str, ...] = ()
    facts_at: datetime | None = None


@dataclass(frozen=True)
class SettingRow:
    """One setting with its value and where it comes from."""

    key: str
    value: str
    default: str
    help: str
    origin: str = "default"
    choices: tuple[str, ...] = ()  # the words that can be chosen; empty = it is typed


@dataclass(frozen=True)
class MethodReport:
    """Whether a jump host passes connections on by one method."""

    method: str  # forward, exec, user
    template: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True)
class HopReport:
    """What a jump test found at one hop; `methods` is filled for the last one."""

    name: str
    address: str
    ok: bool
    fingerprint: str = ""
    algorithms: str = ""
    problem: Problem | None = None
    method: str = ""
    template: str = ""
    target: str = ""  # what was reached for
    methods: tuple[MethodReport, ...] = ()


@dataclass(frozen=True)
class HostKeyRow:
    """One known host key, or one that was offered and is not trusted (`state` is changed or unknown)."""

    host: str
    port: int
    via: tuple[str, ...]  # jump hosts on the way, first hop first
    names: tuple[str, ...]  # devices and jump hosts at this place
    type: str = ""  # of the known key; empty: none is known
    fingerprint: str = ""
    origin: str = ""
    at: datetime | None = None
    by: str = ""
    key: str = ""
    state: str = "known"  # known, changed, unknown
    offered_type: str = ""
    offered_fingerprint: str = ""
    offered_at: datetime | None = None
