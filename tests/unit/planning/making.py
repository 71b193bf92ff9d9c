"""Values to plan with: an ASR1002 and a 2960 as they stand in the lab."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from swim_tui.model.device import Device, Role
from swim_tui.model.facts import BootMode, BootState, Facts, FileEntry, FileSystem, OsKind, VersionFacts
from swim_tui.model.image import ImageIdentity, SoftwareImage
from swim_tui.model.options import ActivateMode, JobOptions
from swim_tui.model.plan import DevicePlan
from swim_tui.packs.loading import load_packs
from swim_tui.packs.pack import Pack
from swim_tui.planning.plan import plan_device

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
OLD = "asr1000rp1-adventerprisek9.03.13.00.S.154-3.S-ext.bin"
NEW = "asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.bin"
ACTIVATE = JobOptions(activate=ActivateMode.SEQUENTIAL, insert_boot_command=True)
MB = 1024 * 1024


@cache
def pack(name: str = "asr1002") -> Pack:
    return load_packs().get(name)


def image(name: str = NEW, size: int = 360 * MB, **identity: Any) -> SoftwareImage:
    given: dict[str, Any] = {
        "family": "PPC_LINUX_IOSD",
        "version": "03.13.05.S",
        "has_strong_crypto": True,
        "recognised": True,
        "feature_set": "ADVENTERPRISEK9",
        "min_ram_bytes": 2048 * MB,
    }
    return SoftwareImage(
        "0" * 16, name, size, "a" * 32, "b" * 128, NOW, identity=ImageIdentity(**{**given, **identity})
    )


def file(path: str, size: int = 350 * MB, modified: str = "Jan 10 2014 10:00:00 +00:00") -> FileEntry:
    return FileEntry(path, size, modified)


def flash(*files: FileEntry, free: int = 2000 * MB, name: str = "bootflash:", **more: Any) -> FileSystem:
    return FileSystem(name, 4000 * MB, free, (name,), "disk", "rw", files=files, is_default=True, **more)


def facts(**changes: Any) -> Facts:
    base = Facts(
        "r1",
        NOW - timedelta(minutes=1),
        VersionFacts(
            os=OsKind.IOS_XE,
            version="03.13.00.S",
            ios_version="15.4(3)S",
            family="PPC_LINUX_IOSD",
            feature_set="ADVENTERPRISEK9",
            image_file=f"bootflash:{OLD}",
            ram_bytes=4096 * MB,
            mode=BootMode.BUNDLE,
            uptime_s=86400 * 20,
            restarted="10:00:00 UTC Mon Apr 14 2026",
            config_register="0x2102",
        ),
        file_systems=(flash(file(OLD)),),
        boot=(
            BootState(
                current=(f"bootflash:{OLD}",),
                next_reload=(f"bootflash:{OLD}",),
                config_lines=(f"boot system bootflash:{OLD}",),
                config_register="0x2102",
                is_read=True,
            ),
        ),
        privilege=15,
        scp_server=True,
        config_dirty=False,
        config_readable=True,
    )
    return replace(base, **changes)


def device(name: str = "r1", role: Role = Role.WAN, **more: Any) -> Device:
    return Device(name, "10.0.0.1", platform="asr1002", role=role, **more)


def plan(
    read: Facts | None = None, options: JobOptions = ACTIVATE, the_image: SoftwareImage | None = None, **more: Any
) -> DevicePlan:
    chosen = more.pop("pack", None) or pack()
    dev = more.pop("device", None) or device()
    return plan_device(dev, read or facts(), the_image or image(), options, chosen, now=NOW, **more)
