"""Plans: the ordered operations of every device task, with each exact line, answer, byte count, deletion and wait."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from swim_tui.model.checks import Check
from swim_tui.model.device import DeviceClass
from swim_tui.model.options import JobOptions, Protocol


class Phase(StrEnum):
    """The parts of a device task that are dispatched to a worker as one piece."""

    PREPARE = "prepare"
    DISTRIBUTE = "distribute"
    ACTIVATE = "activate"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    IMPORT = "import"
    UPLOAD = "upload"  # of images to a SWIM server


class OpKind(StrEnum):
    """Kinds of operations; drivers execute these and nothing else."""

    READ_STATE = "read-state"
    BACKUP_CONFIG = "backup-config"
    BACKUP_IMAGE = "backup-image"
    ENABLE_SCP = "enable-scp"
    DELETE_FILES = "delete-files"
    PROBE_SERVER = "probe-server"  # a small file pulled from the SWIM server, then deleted
    COPY_IMAGE = "copy-image"
    UPLOAD_IMAGE = "upload-image"
    UPLOAD_PROBE = "upload-probe"  # the small file, beside the images
    VERIFY_IMAGE = "verify-image"
    DISABLE_SCP = "disable-scp"
    PRE_CHECKS = "pre-checks"
    CHECK_IMPACT = "check-impact"  # the device's own table of what an install would do
    SET_BOOT = "set-boot-variable"
    SAVE_CONFIG = "save-configuration"
    CHECK_BOOT = "check-boot-state"
    RELOAD = "reload"
    WAIT_RELOAD = "wait-for-reload"
    PROVE = "prove"
    POST_CHECKS = "post-checks"
    REMOVE_FALLBACK = "remove-fallback"  # the boot line for TFTP, after the proof
    INSTALL_ADD = "install-add"  # packages onto the device, nothing activated yet
    INSTALL = "install"
    COMMIT = "commit"
    ROLLBACK = "rollback"


class LineMode(StrEnum):
    """Where a line is typed: exec, configuration, or nowhere (the tool's own act, such as an SCP push)."""

    EXEC = "exec"
    CONFIG = "config"
    TOOL = "tool"


@dataclass(frozen=True)
class Answer:
    """One allowed dialogue answer. `reply` None = stop and report; "" = RETURN. First match wins."""

    pattern: str  # regular expression, case-insensitive, matched at the end of the buffer
    reply: str | None
    secret: str = ""  # name of the secret to type instead of reply: password, enable
    why: str = ""


@dataclass(frozen=True)
class Line:
    """One exact line that is sent to the device (or done by the tool), with its expected answer."""

    text: str
    mode: LineMode = LineMode.EXEC
    changes: bool = False
    expect: str = ""  # in words, for the reader of the plan
    answers: tuple[Answer, ...] = ()
    timeout_s: float = 60.0


@dataclass(frozen=True)
class CopySource:
    """One way a file may come to the device: pulled from a SWIM server, or pushed (`server` is "local")."""

    server: str
    protocol: Protocol
    line: Line
    password_in_url: bool = False  # *** in the line is typed as the password


@dataclass(frozen=True)
class Deletion:
    """A file that will be deleted, and why it may be."""

    file_system: str
    path: str
    size_bytes: int
    why: str
    is_rollback_target: bool = False


@dataclass(frozen=True)
class Waits:
    """Wait limits in seconds, already divided by the engine's scale; `poll_s` is the probe interval."""

    reload_limit_s: float = 1800.0
    poll_s: float = 5.0
    first_login_after_banner_s: float = 20.0
    login_interval_s: float = 60.0
    max_logins: int = 5
    settle_s: float = 30.0
    soak_s: float = 120.0
    idle_reuse_s: float = 300.0  # a control session older than this is not reused
    stall_s: float = 120.0
    command_s: float = 60.0
    scale: float = 1.0


@dataclass(frozen=True)
class Operation:
    """One step of a device task. `id` is unique in its plan and stable between plan and recovery."""

    id: str
    kind: OpKind
    phase: Phase
    title: str  # "Copying image c2960-... to flash:"
    lines: tuple[Line, ...] = ()
    destructive: bool = False  # needs the barrier: intent on disk before the first changing line
    file_system: str = ""
    path: str = ""  # file on the device, relative to file_system
    size_bytes: int = 0
    digest: str = ""  # expected hash, hex
    digest_algorithm: str = ""  # md5 or sha512
    deletions: tuple[Deletion, ...] = ()
    boot_list: tuple[str, ...] = ()  # wanted boot entries, first is booted
    previous_boot_list: tuple[str, ...] = ()
    protocol: Protocol | None = None
    sources: tuple[CopySource, ...] = ()  # of a copy that may be pulled, best first; its line is that of the first
    expected_s: float = 0.0
    commit_within_s: float = 0.0  # after this act the device goes back by itself unless it is committed in time
    restores: str = ""  # id of the operation whose temporary change this one takes back
    undo: tuple[Line, ...] = ()  # lines that take this operation back when the task stops before its reload
    note: str = ""


@dataclass(frozen=True)
class SpaceLine:
    """Space of one file system before and after the plan, bytes."""

    file_system: str
    total_bytes: int | None
    free_bytes: int | None
    required_bytes: int
    freed_bytes: int
    member: int | None = None


@dataclass(frozen=True)
class DevicePlan:
    """Everything that will happen to one device, or why nothing will."""

    device: str
    image_id: str
    image_file: str
    pack: str
    device_class: DeviceClass
    included: bool
    excluded_because: str = ""
    skipped_because: str = ""  # runs the target already: Skipped, never reloaded
    from_version: str = ""
    to_version: str = ""
    from_image: str = ""  # running image file with its file system: the rollback target
    to_image: str = ""  # file system and path of the new image
    checks: tuple[Check, ...] = ()
    operations: tuple[Operation, ...] = ()
    space: tuple[SpaceLine, ...] = ()
    protocol_reasons: tuple[str, ...] = ()  # which protocol was chosen and why others were passed over
    outage_s: float = 0.0
    distribution_s: float = 0.0
    backout: tuple[str, ...] = ()
    impact: tuple[str, ...] = ()  # what is down meanwhile and who stands in, in words
    location: str = ""
    role: str = ""
    facts_at: str = ""  # ISO time of the facts the plan stands on
    waits: Waits = Waits()
    image_ids: tuple[str, ...] = ()  # every file of an image set, `image_id` among them; () = that one alone
    vpc_role: str = ""  # primary, secondary: the secondary is activated first
    site_line: str = ""  # the SWIM server whose Mbit/s are the budget of the line into this site
    site_bytes_per_s: float = 0.0

    @property
    def servers(self) -> tuple[str, ...]:
        """SWIM servers it may pull from, best first, "local" for the push behind them; () = it is pushed to."""
        return tuple(dict.fromkeys(source.server for op in self.operations for source in op.sources))

    def of_phase(self, phase: Phase) -> tuple[Operation, ...]:
        """The operations of one phase, in order."""
        return tuple(op for op in self.operations if op.phase is phase)

    @property
    def commit_within_s(self) -> float:
        """Seconds from the activation to the moment the device goes back by itself; 0.0 = it does not."""
        return max((op.commit_within_s for op in self.operations), default=0.0)


@dataclass(frozen=True)
class OrderEntry:
    """A position in the activation order, with its reason."""

    device: str
    batch: int
    reason: str


@dataclass(frozen=True)
class Consent:
    """A yes that a person must give before Submit."""

    name: str
    device: str
    why: str
    given: bool = False


@dataclass(frozen=True)
class ServerPlan:
    """What is put on one SWIM server; `devices` pull from it first, 0 = only when another server fails."""

    server: str
    address: str
    protocol: Protocol
    devices: int
    operations: tuple[Operation, ...] = ()
    image_ids: tuple[str, ...] = ()
    max_pulls: int = 10
    upload_s: float = 0.0
    bytes_per_s: float = 0.0  # budget; 0 = none
    is_login_proven: bool = True  # else one device pulls alone first: a wrong password is not tried by all

    @property
    def images(self) -> tuple[Operation, ...]:
        """Its uploads of images, without the small probe file."""
        return tuple(op for op in self.operations if op.kind is OpKind.UPLOAD_IMAGE)


@dataclass(frozen=True)
class RunPlan:
    """The plan of a whole run; `sha256` is over its canonical JSON without this field."""

    image_ids: tuple[str, ...]
    devices: tuple[DevicePlan, ...]
    options: JobOptions
    order: tuple[OrderEntry, ...] = ()
    consents: tuple[Consent, ...] = ()
    warnings: tuple[str, ...] = ()
    bytes_to_move: int = 0
    bytes_from_engine: int = 0  # uploads and pushes: what crosses the engine's own line
    servers: tuple[ServerPlan, ...] = ()
    limits: tuple[str, ...] = ()  # how much moves at once, in words
    expected_distribution_s: float = 0.0
    expected_activation_s: float = 0.0
    made_at: str = ""
    sha256: str = ""

    def included(self) -> tuple[DevicePlan, ...]:
        """Plans of the devices that take part."""
        return tuple(p for p in self.devices if p.included)
