"""A stack of 3850 or 9300 to plan with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from swim_tui.model.facts import BootMode, BootState, Facts, FileEntry, FileSystem, Member, OsKind, VersionFacts
from swim_tui.model.image import SoftwareImage
from swim_tui.model.install import InstallPackage, InstallState, PackageStatus, ProvisionedPackage
from swim_tui.model.plan import DevicePlan
from tests.unit.planning import making as m

MB = m.MB
OLD9, NEW9 = "17.03.01", "17.03.05"
NEW9_FILE = f"cat9k_iosxe.{NEW9}.SPA.bin"
OLD3, NEW3 = "03.06.03E", "03.07.05E"
NEW3_FILE = "cat3k_caa-universalk9.SPA.03.07.05.E.152-3.E5.bin"
NEW16_FILE = "cat3k_caa-universalk9.16.12.04.SPA.bin"
SIZE = 300 * MB


def packages(prefix: str, version: str) -> tuple[FileEntry, ...]:
    return tuple(FileEntry(f"{prefix}-{part}.{version}.pkg", 40 * MB, "Jan 1 2019") for part in ("base", "infra"))


def flash(number: int, files: tuple[FileEntry, ...], free: int = 3000 * MB) -> FileSystem:
    names = ("flash:", "flash-1:") if number == 1 else (f"flash-{number}:",)
    return FileSystem(
        names[0], 4000 * MB, free, names, "disk", "rw", is_default=number == 1, member=number, files=files
    )


def stack(
    version: str, running: tuple[FileEntry, ...], *, members: int = 3, mode: BootMode = BootMode.INSTALL, **changes: Any
) -> Facts:
    """Facts of a stack; `extra` are further files by member, `free` free bytes by member."""
    extra: dict[int, tuple[FileEntry, ...]] = changes.pop("extra", {})
    free: dict[int, int] = changes.pop("free", {})
    image = changes.pop("image_file", "flash:packages.conf")
    conf = FileEntry("packages.conf", 1000)
    numbers = range(1, members + 1)
    shown = tuple(ProvisionedPackage("base", version, "active", f"/flash/{f.path}") for f in running)
    boot = tuple(
        BootState((image,), (image,), (f"boot system switch all {image}",), False, member=n, is_read=True)
        for n in numbers
    )
    facts = Facts(
        "sw1",
        m.NOW,
        VersionFacts(
            os=OsKind.IOS_XE,
            version=version,
            family="CAT3K_CAA",
            image_file=image,
            ram_bytes=8000 * MB,
            mode=mode,
            restarted="x",
            config_register="0x102",
        ),
        file_systems=tuple(flash(n, (*running, conf, *extra.get(n, ())), free.get(n, 3000 * MB)) for n in numbers),
        boot=boot,
        members=tuple(Member(n, "Active" if n == 1 else "Member", "Ready", version, mode=mode) for n in numbers),
        privilege=15,
        scp_server=True,
        config_dirty=False,
        config_readable=True,
        install=InstallState(running=shown) if mode is BootMode.INSTALL else None,
    )
    return replace(facts, **changes)


def cat9k(**changes: Any) -> Facts:
    facts = stack(OLD9, packages("cat9k", f"{OLD9}.SPA"), **changes)
    table = (InstallPackage("IMG", PackageStatus.COMMITTED, f"{OLD9}.0.351", ("1", "2", "3")),)
    install = replace(facts.install, packages=table) if facts.install is not None else None
    return replace(facts, install=install, version=replace(facts.version, family="CAT9K_IOSXE"))


def cat3k(**changes: Any) -> Facts:
    return stack(OLD3, packages("cat3k_caa", f"SPA.{OLD3}"), **changes)


def image(name: str = NEW9_FILE, version: str = NEW9, family: str = "CAT9K_IOSXE", size: int = SIZE) -> SoftwareImage:
    return m.image(name, size, family=family, version=version, feature_set="", min_ram_bytes=None)


def plan(facts: Facts, the_image: SoftwareImage | None = None, pack: str = "c9300", **more: Any) -> DevicePlan:
    return m.plan(facts, more.pop("options", m.ACTIVATE), the_image or image(), pack=m.pack(pack), **more)


def plan3(facts: Facts, the_image: SoftwareImage | None = None, **more: Any) -> DevicePlan:
    chosen = the_image or image(NEW3_FILE, "03.07.05.E", "CAT3K_CAA")
    return plan(facts, chosen, pack="c3850", **more)
