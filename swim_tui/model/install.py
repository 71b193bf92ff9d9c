"""How an install, an ISSU or a chassis stands, as the device says it. None and empty = not said, never a guess."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PackageStatus(StrEnum):
    """The St column of `show install summary`."""

    INACTIVE = "I"
    UNCOMMITTED = "U"
    COMMITTED = "C"
    DEACTIVATED = "D"  # deactivated and uncommitted


class InstallResult(StrEnum):
    """How an install operation ended, or that it has not."""

    RUNNING = "running"
    REBOOTING = "rebooting"
    SUCCESS = "success"
    FAILED = "failed"
    ABORTED = "aborted"


class IssuStage(StrEnum):
    """Where an ISSU stands."""

    INIT = "init"
    LOADED = "load-version"
    RUN = "run-version"
    ACCEPTED = "accept-version"
    IN_PROGRESS = "in-progress"


@dataclass(frozen=True)
class InstallPackage:
    """One row of an XE 16 package table; `members` are those of its block: R0, R1 or 1, 2, 3."""

    kind: str  # IMG, SMU, SUBPKG
    status: PackageStatus
    name: str  # 17.03.01.0.351, or a file with its file system
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class AutoAbort:
    """A timer that rolls back by itself: XE 16 auto abort, XE 3 rollback timer of a member, ISSU rollback."""

    is_active: bool
    started_by: str = ""
    remaining_s: int | None = None
    configured_s: int | None = None
    member: int | None = None


@dataclass(frozen=True)
class RollbackPoint:
    """A point an install can go back to."""

    number: int
    label: str = ""
    description: str = ""
    created: str = ""
    needs_reload: bool | None = None
    packages: tuple[InstallPackage, ...] = ()


@dataclass(frozen=True)
class InstallLogEntry:
    """One finished or begun operation of an install log."""

    operation: str
    result: InstallResult
    number: int | None = None
    at: str = ""


@dataclass(frozen=True)
class ProvisionedPackage:
    """A package of `show version running`, `installed` or `provisioned`."""

    name: str  # rpbase
    version: str = ""
    status: str = ""
    file: str = ""  # /flash/cat9k-rpbase.17.09.05.SPA.pkg; consolidated:... in bundle mode
    on: str = ""  # RP0, Switch1
    sha1: str = ""


@dataclass(frozen=True)
class PackagesConf:
    """What a packages.conf will boot: (slot, role, file) as `rp 0 0`, `rp_boot`, `cat9k-rpboot.17.09.05.SPA.pkg`."""

    packages: tuple[tuple[str, str, str], ...]
    build: str = ""

    def files(self) -> tuple[str, ...]:
        """Package files, each once: all must be on the file system, or the device cannot boot."""
        return tuple(dict.fromkeys(file for _, _, file in self.packages))


@dataclass(frozen=True)
class PackageSet:
    """An XR package set: active, committed or inactive. `nodes` where the answer lists them node by node."""

    packages: tuple[str, ...] = ()
    nodes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    label: str = ""
    software_hash: str = ""  # XR7: equal hashes mean equal sets
    boot_image: str = ""

    def is_same(self, other: PackageSet) -> bool:
        """True when both hold the same software."""
        if self.software_hash and other.software_hash:
            return self.software_hash == other.software_hash
        if self.nodes and other.nodes:
            return {n: frozenset(p) for n, p in self.nodes} == {n: frozenset(p) for n, p in other.nodes}
        return bool(self.packages) and frozenset(self.packages) == frozenset(other.packages)


@dataclass(frozen=True)
class InstallRequest:
    """An install operation in progress (XR); `is_running` False = the device said that there is none."""

    is_running: bool
    number: int | None = None
    operation: str = ""
    percent: int | None = None
    result: InstallResult | None = None


@dataclass(frozen=True)
class InstallState:
    """All that install commands said. XE fills packages and timer, XR the three sets and the request."""

    packages: tuple[InstallPackage, ...] = ()
    auto_abort: AutoAbort | None = None
    member_timers: tuple[AutoAbort, ...] = ()
    rollback_points: tuple[RollbackPoint, ...] = ()
    log: tuple[InstallLogEntry, ...] = ()
    running: tuple[ProvisionedPackage, ...] = ()
    provisioned: tuple[ProvisionedPackage, ...] = ()
    active: PackageSet | None = None
    committed: PackageSet | None = None
    inactive: PackageSet | None = None
    request: InstallRequest | None = None

    def is_uncommitted(self) -> bool | None:
        """True when a reload would lose what runs now; None when the device did not say."""
        if self.active is not None and self.committed is not None:
            return not self.active.is_same(self.committed)
        pending = {PackageStatus.UNCOMMITTED, PackageStatus.DEACTIVATED}
        if any(p.status in pending for p in self.packages):
            return True
        timers = [t for t in (self.auto_abort, *self.member_timers) if t is not None]
        if any(t.is_active for t in timers):
            return True
        return False if self.packages or timers else None

    def is_busy(self) -> bool | None:
        """True when another install operation runs; None when the device did not say."""
        if self.request is not None:
            return self.request.is_running
        return self.log[-1].result is InstallResult.RUNNING if self.log else None

    def of_status(self, status: PackageStatus) -> tuple[InstallPackage, ...]:
        """Packages of one state."""
        return tuple(p for p in self.packages if p.status is status)

    def disagreeing(self) -> tuple[str, ...]:
        """Images, and SMUs that run, that only some of the members have in their state: a stack not of one mind."""
        everyone = {m for p in self.packages for m in p.members}
        rows = {
            (p.name, p.status): {
                m for q in self.packages if (q.name, q.status) == (p.name, p.status) for m in q.members
            }
            for p in self.packages
            if p.kind == "IMG" or (p.kind == "SMU" and p.status is not PackageStatus.INACTIVE)
        }
        return tuple(f"{name} {status}" for (name, status), members in rows.items() if members != everyone)


@dataclass(frozen=True)
class IssuSlot:
    """One supervisor in the Cat4500 and Cat6500 style of `show issu state detail`."""

    slot: str
    role: str = ""  # Active, Standby
    state: str = ""  # Init, Load Version, Run Version
    operating_mode: str = ""
    current_image: str = ""
    original_image: str = ""
    target_image: str = ""
    boot_variable: str = ""


@dataclass(frozen=True)
class IssuState:
    """`show issu state detail` in any of its three styles; `stage` None = not said."""

    stage: IssuStage | None = None
    slots: tuple[IssuSlot, ...] = ()
    last_operation: str = ""
    original_image: str = ""
    running_image: str = ""
    operating_mode: str = ""
    is_terminal: bool | None = None  # ASR1000: the last operation has reached its end
    timer: AutoAbort | None = None
    status: str = ""  # Enabled, Disabled, In Progress (9400, 9500, 9600)
    previous: str = ""
    checks: tuple[tuple[str, bool], ...] = ()  # Platform ISSU Support, Standby Online, ...
    operational_mode: str = ""  # HA-LOCAL, HA-REMOTE, HA-STANDALONE, NONE

    def failed_checks(self) -> tuple[str, ...]:
        """System checks the device answers with No."""
        return tuple(name for name, is_met in self.checks if not is_met)


@dataclass(frozen=True)
class Node:
    """A row of XR `show platform`."""

    name: str  # 0/RSP0/CPU0
    card: str = ""
    role: str = ""  # Active, Standby
    state: str = ""  # IOS XR RUN
    config: str = ""
    is_healthy: bool = False

    @property
    def is_cpu(self) -> bool:
        """True for nodes that run IOS XR themselves."""
        return "/CPU" in self.name


@dataclass(frozen=True)
class NodePair:
    """A row of XR `show redundancy summary`; `is_ready` None = no standby, or not said."""

    active: str
    standby: str = ""
    is_ready: bool | None = None
    nsr: str = ""


@dataclass(frozen=True)
class Fpd:
    """A field programmable device of an XR card."""

    location: str
    card: str
    device: str
    status: str  # CURRENT, NEED UPGD, RLOAD REQ; on 32 bit XR Yes or No of Upg/Dng?
    running: str = ""
    needs_upgrade: bool = False
    needs_reload: bool = False


@dataclass(frozen=True)
class Module:
    """A row of NX-OS or Catalyst `show module`."""

    number: int
    kind: str = ""
    model: str = ""
    status: str = ""  # ok, active *, ha-standby, powered-up
    version: str = ""
    serial: str = ""
    is_healthy: bool | None = None  # None = no status was shown


@dataclass(frozen=True)
class Vpc:
    """vPC of a Nexus; `operational_role` differs from `role` after a failure."""

    role: str  # primary, secondary, none established
    operational_role: str
    domain: int | None = None
    peer_status: str = ""
    keepalive: str = ""
    consistency: str = ""


@dataclass(frozen=True)
class ModuleImpact:
    """A row of the NX-OS compatibility table."""

    module: int
    is_bootable: bool
    impact: str  # disruptive, non-disruptive
    install_type: str  # reset, rolling, copy-only, none
    reason: str = ""


@dataclass(frozen=True)
class ImageChange:
    """A row of the NX-OS table of images to be upgraded."""

    module: int
    image: str  # nxos, bios, kickstart, system
    running: str
    new: str
    is_required: bool


@dataclass(frozen=True)
class InstallImpact:
    """`show install all impact`, and the same tables inside `install all`."""

    modules: tuple[ModuleImpact, ...] = ()
    images: tuple[ImageChange, ...] = ()
    failures: tuple[str, ...] = ()  # the device's own lines
    return_code: str = ""
    is_complete: bool = False  # the compatibility check was done

    def is_disruptive(self) -> bool | None:
        """True when a module is reset; None when the device did not get that far."""
        if not self.modules:
            return None
        return any(m.impact != "non-disruptive" for m in self.modules)


@dataclass(frozen=True)
class InstallReport:
    """`show install all status`."""

    result: InstallResult
    last_step: str = ""
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Incompatibility:
    """A configuration the new NX-OS image cannot take."""

    service: str
    capability: str = ""
    description: str = ""
    requirement: str = ""  # STRICT, LOOSE
    command: str = ""  # what would remove it, in the device's words
