"""The personality of classic Catalyst switches: boot path lists, image directories, archives."""

from __future__ import annotations

from ..chassis.personality import UnitPersonality
from ..content import Filler, Text
from ..device import Device
from ..grammar import Grammar
from ..ios.shell import Handler
from ..units import Unit
from .archive import ArchiveCommands


class TarPersonality(UnitPersonality):
    """2960, 2960-X, 3560-CX, 3750-X."""

    def __init__(self) -> None:
        super().__init__()
        self.is_downloading = False

    @property
    def ram_mb(self) -> int:
        """Memory, against what an archive wants at least."""
        return int(self.device.platform.texts.get("ram_mb", "128"))

    def prepare(self, device: Device) -> tuple[str, ...]:
        """Where archives are used, the image lies in a directory of its own name."""
        if "image_directories" not in device.platform.texts:
            return super().prepare(device)
        software = device.running_software
        folder = software.file.removesuffix(".bin")
        for unit in self.units.all:
            self._into_folder(unit)
        device.running_path = f"{device.platform.boot_fs}:/{folder}/{software.file}"
        return device.spec.boot or (f"{folder}/{software.file}",)

    def _into_folder(self, unit: Unit) -> None:
        assert unit.software is not None
        system, file = self.units.boot_system(unit), unit.software.file
        folder, then = file.removesuffix(".bin"), system.files[file].modified
        image = system.files.pop(file)
        system.make_folder(folder, then)
        image.name = f"{folder}/{file}"
        system.files[image.name] = image
        system.put(f"{folder}/info", Text(b"info_end:\n"), then, image.perms)
        system.make_folder(f"{folder}/html", then)
        system.put(f"{folder}/html/homepage.htm", Filler(unit.software.size_bytes // 6), then, image.perms)
        unit.path = f"{self.device.platform.boot_fs}:/{folder}/{file}"

    def image_place(self, unit: Unit) -> str:
        """The directory of a unit's running image, or the image itself where it lies at the top."""
        inside = unit.path.partition(":")[2].strip("/")
        return inside.rpartition("/")[0] or inside

    def add_commands(self, grammar: Grammar[Handler]) -> None:
        """Archives."""
        ArchiveCommands(self).add(grammar)
