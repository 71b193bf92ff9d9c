"""What lies on the file systems of a device when the lab starts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from .content import Content, Filler
from .flash import FileSystem, NoSpace, Storage
from .images import ImageBytes
from .model import FileSystemSpec, FlashFile

if TYPE_CHECKING:
    from .device import Device


def place(device: Device, system: FileSystem, item: FlashFile) -> None:
    """Put a file of the network file onto a file system."""
    name = item.name or item.software
    path = f"{item.folder}/{name}" if item.folder else name
    then = device.booted_at - timedelta(days=40 + len(system.files))
    if item.folder:
        system.make_folder(item.folder, then)
    # Big files shrink with the medium they lie on; small ones are what they are.
    content: Content = Filler(item.size if item.size < 65536 else int(item.size / device.spec.size_scale))
    if item.software:
        content = ImageBytes(device.services.software[item.software])
    try:
        system.put(path, content, then, device.platform.texts.get("file_perms", "-rw-"))
    except NoSpace as err:
        raise ValueError(f"{device.name}: {path} does not fit on {system.prefix}:") from err


def _system(device: Device, row: FileSystemSpec) -> FileSystem:
    size = row.size
    if row.prefix == device.platform.boot_fs and device.spec.boot_fs_size:
        size = device.spec.boot_fs_size
    scale = device.spec.size_scale if row.kind in ("disk", "flash") else 1.0
    system = FileSystem(
        row.prefix, int(size / scale), row.kind, row.flags, row.aliases, row.is_default, int(row.fixed_free / scale)
    )
    for item in row.files:
        place(device, system, item)
    return system


def build_storage(device: Device) -> Storage:
    """All file systems of the platform, with the running image on the one it boots from."""
    storage = Storage([_system(device, row) for row in device.platform.file_systems], device.platform.boot_fs)
    boot = storage.system(device.platform.boot_fs)
    assert boot is not None
    for item in (FlashFile(name="", software=device.spec.running), *device.spec.files):
        place(device, boot, item)
    return storage
