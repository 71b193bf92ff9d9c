"""What a job is asked to do: the options of the wizards, with the defaults of FEATURES A11."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActivateMode(StrEnum):
    """The Activate drop-down."""

    OFF = "off"
    SEQUENTIAL = "sequential"
    SEQUENTIAL_PER_GROUP = "sequential-per-group"
    PARALLEL = "parallel"


class UpgradeMode(StrEnum):
    """Device Upgrade Mode."""

    CURRENT = "current"
    BUNDLE = "bundle"
    INSTALL = "install"


class Protocol(StrEnum):
    """Transfer protocols."""

    SCP = "SCP"
    SFTP = "SFTP"
    HTTPS = "HTTPS"
    FTP = "FTP"
    HTTP = "HTTP"
    TFTP = "TFTP"


class DirtyConfig(StrEnum):
    """What happens to a device whose running configuration is not saved."""

    SAVE = "save"
    EXCLUDE = "exclude"


class CommitMode(StrEnum):
    """When an install is committed (XE 16+, XR)."""

    AFTER_PROOF = "after-proof"
    WITH_ACTIVATION = "with-activation"
    BY_HAND = "by-hand"


@dataclass(frozen=True)
class JobOptions:
    """Options of one job; they override the global settings for this job only."""

    location: str = ""  # destination file system; empty = the pack's
    server: str = ""  # SWIM server; empty = by location group, "local" = Local File Server
    backup_current_image: bool = False
    tftp_fallback: bool = False
    erase_flash: bool = False
    insert_boot_command: bool = False
    activate: ActivateMode = ActivateMode.OFF
    upgrade_mode: UpgradeMode = UpgradeMode.CURRENT
    commit: CommitMode = CommitMode.AFTER_PROOF
    issu: bool = False
    continue_on_failure: bool = True
    activate_when_ready: bool = False  # lifts the barrier of SPEC 3.12
    enable_scp_for_copy: bool = False
    without_config_backup: bool = False
    dirty_config: DirtyConfig = DirtyConfig.SAVE
    verify_hash: bool = True
    max_distribution: int = 20
    max_activation: int = 10
    failures_before_stop: int = 0  # activation failures allowed before the run stops
    soak_s: float = 120.0
    protocol_order: tuple[Protocol, ...] = (Protocol.SCP, Protocol.SFTP, Protocol.HTTPS)
    force_reload: bool = False
    dry_run: bool = False
    consents: tuple[str, ...] = ()  # consent names given by a person: lower-version, no-crypto, ...
    order: tuple[str, ...] = ()  # activation order set by hand; empty = computed
