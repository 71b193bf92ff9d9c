"""Everything that planning one device looks at, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from swim_tui.model.device import Device, DeviceClass
from swim_tui.model.device_path import device_file, same_file
from swim_tui.model.facts import BootMode, Facts, FileEntry, FileSystem
from swim_tui.model.fileserver import LocalFileServer
from swim_tui.model.image import SoftwareImage
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.plan import Deletion, Phase, SpaceLine, Waits
from swim_tui.model.server import SwimServer
from swim_tui.model.smu import is_smu
from swim_tui.packs.pack import Pack

INSTALL_CLASSES = frozenset({DeviceClass.XE16_INSTALL, DeviceClass.XE3_INSTALL, DeviceClass.XE_SUBPKG})
CONVERTED = frozenset(
    {DeviceClass.XE16_INSTALL, DeviceClass.XE3_INSTALL, DeviceClass.XE_BUNDLE}
)  # what a device can be converted to


@dataclass(frozen=True)
class Target:
    """A file system that must hold the image, with what planning decided for it."""

    file_system: FileSystem
    path: str
    required_bytes: int
    present: FileEntry | None = None  # a file of that name, whatever its size
    deletions: tuple[Deletion, ...] = ()
    is_whole: bool = False  # `present` is the image, right to the last byte
    clean: tuple[Deletion, ...] = ()  # what the platform's clean command is expected to list
    is_copied: bool = True  # False: the device copies the image to this member by itself

    @property
    def name(self) -> str:
        """Name of the file system with its colon."""
        return self.file_system.name

    def space_line(self) -> SpaceLine:
        """Space before and after, for the plan page."""
        freed = sum(d.size_bytes for d in (*self.deletions, *self.clean)) + self.replaced_bytes
        fs = self.file_system
        return SpaceLine(fs.name, fs.total_bytes, fs.free_bytes, self.required_bytes, freed, fs.member)

    @property
    def replaced_bytes(self) -> int:
        """Bytes of a wrong or partial copy of the same name, which goes before the new copy comes."""
        if self.present is None or self.is_whole:
            return 0
        return self.present.size_bytes if self.required_bytes else 0

    @property
    def missing_bytes(self) -> int | None:
        """Bytes that are short before any deletion; None when the free space is not known."""
        free = self.file_system.free_bytes
        return None if free is None else max(0, self.required_bytes - free - self.replaced_bytes)


@dataclass(frozen=True)
class Situation:
    """One device, its facts, one image, the options and the pack, with the phases that are planned."""

    device: Device
    facts: Facts
    image: SoftwareImage
    options: JobOptions
    pack: Pack
    now: datetime
    phases: tuple[Phase, ...]
    waits: Waits = Waits()
    consents: frozenset[str] = frozenset()
    targets: tuple[Target, ...] = ()
    location_problem: str = ""
    max_facts_age_s: float = 3600.0
    images: tuple[SoftwareImage, ...] = ()  # every file of an image set, `image` among them; () = that one alone
    has_running_image: bool = False  # the repository has the running image too
    local: LocalFileServer = LocalFileServer()  # the engine itself, where devices may pull from it
    servers: tuple[SwimServer, ...] = ()  # SWIM servers to pull from, best first; () = the image is pushed
    verified_at: datetime | None = None  # when the hash on the device was last right
    measured: float = 0.0  # bytes a second of its last copies; 0 = not known

    @property
    def distributes(self) -> bool:
        """True when the image is brought to the device."""
        return Phase.DISTRIBUTE in self.phases

    @property
    def activates(self) -> bool:
        """True when the device is reloaded into the image."""
        return Phase.ACTIVATE in self.phases

    @property
    def smus(self) -> tuple[SoftwareImage, ...]:
        """The SMUs of XE among the files of the job, in the order they are activated."""
        return tuple(image for image in self.images or (self.image,) if is_smu(image))

    @property
    def installs(self) -> bool:
        """True when packages are installed rather than one .bin booted."""
        return self.pack.device_class in INSTALL_CLASSES

    @property
    def unpacks(self) -> bool:
        """True when what is copied is unpacked on the device, which takes room at the activation too."""
        return self.installs or self.pack.device_class is DeviceClass.IOS_TAR

    @property
    def converts(self) -> bool:
        """True when the upgrade changes the mode between bundle and install."""
        return self.pack.device_class in CONVERTED and self.installs == runs_bundle(self.facts)

    @property
    def sets_boot(self) -> bool:
        """True when the boot variable is written, with or without a reload."""
        return self.activates or (self.distributes and self.options.insert_boot_command)

    @property
    def verified_lately(self) -> bool:
        """True when the hash on the device is less than seven days old and need not be repeated (SPEC 7)."""
        return self.verified_at is not None and self.now - self.verified_at < timedelta(days=7)

    def consented(self, name: str) -> bool:
        """True when a person said yes to `name` for this device or for all."""
        return name in self.consents or f"{name}:{self.device.name}" in self.consents


def phases_of(options: JobOptions) -> tuple[Phase, ...]:
    """Phases that the options of a distribution job ask for."""
    if options.activate is ActivateMode.OFF:
        return (Phase.PREPARE, Phase.DISTRIBUTE)
    return (Phase.PREPARE, Phase.DISTRIBUTE, Phase.ACTIVATE)


def running_file(facts: Facts) -> str:
    """The running image file in one spelling, empty if it was not read."""
    return device_file(facts.version.image_file, facts)


def runs_bundle(facts: Facts) -> bool:
    """True when the device runs from one .bin (or does not say otherwise)."""
    return facts.version.mode is not BootMode.INSTALL and not running_file(facts).endswith("packages.conf")


def runs_file(facts: Facts, path: str) -> bool:
    """True when the active unit, and every member that says what it runs, runs this file."""
    if not same_file(facts.version.image_file, path, facts):
        return False
    return all(not m.image or ":" not in m.image or same_file(m.image, path, facts) for m in facts.members)
