"""Install mode on disk: package files, the provisioning file that names them, and the software both make up."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime

from .content import Text
from .flash import FileSystem
from .model import Software

CONF = "packages.conf"
LAST_CONF = "packages.conf.00-"
# Packages together are a little smaller than the image they come from.
SHARE = 0.985


@dataclass(frozen=True)
class Package:
    """One package of a release, readable like any content."""

    software: Software
    name: str
    size: int

    def read(self, offset: int, count: int) -> bytes:
        """The bytes of a range: they depend on the name and the offset only."""
        found = bytearray()
        end = min(offset + count, self.size)
        while offset < end:
            block, within = divmod(offset, 65536)
            data = random.Random(f"{self.name}:{block}").randbytes(65536)[within : within + end - offset]
            found += data
            offset += len(data)
        return bytes(found)


def packages_of(software: Software) -> list[Package]:
    """The packages of a release; the first ones are the big ones."""
    weights = [1 / (number + 1) for number in range(len(software.packages))]
    whole = software.size_bytes * SHARE / (sum(weights) or 1)
    return [Package(software, name, int(whole * w)) for name, w in zip(software.packages, weights, strict=True)]


def expanded_size(software: Software) -> int:
    """Bytes all packages take together."""
    return sum(package.size for package in packages_of(software))


def _checksum(package: Package) -> str:
    return hashlib.sha1(f"{package.name} {package.size}".encode()).hexdigest()


def conf_text(software: Software) -> str:
    """The text of a provisioning file."""
    lines = ["#! /usr/binos/bin/packages_conf.sh", ""]
    for number, package in enumerate(packages_of(software)):
        target = "rp_boot" if number == 0 else f"rp_{package.name.split('.')[0].rpartition('-')[2]}"
        lines += [f"# sha1sum: {_checksum(package)}", f"boot  rp 0 0   {target:<12} {package.name}", ""]
    lines += [
        f"# pkginfo: Name: {software.family}",
        f"# pkginfo: Platform: {software.family}",
        f"# pkginfo: Build: {software.shown_version}",
        f"# pkginfo: .Version: {build_of(software)}",
        "",
    ]
    return "\n".join(lines)


def build_of(software: Software) -> str:
    """The version as the install summary shows it: with the number of the build."""
    number = software.build or str(int(hashlib.md5(software.file.encode()).hexdigest()[:3], 16) + 2)
    return f"{software.shown_version}.0.{number}"


def names_in(text: str) -> list[str]:
    """The package files a provisioning file names."""
    return [line.split()[-1] for line in text.splitlines() if line.startswith("boot ") and line.endswith(".pkg")]


def conf_names(system: FileSystem, conf: str = CONF) -> list[str]:
    """The package files a provisioning file on a file system names."""
    file = system.files.get(conf)
    folder = conf.rpartition("/")[0]
    if file is None or not isinstance(file.content, Text):
        return []
    names = names_in(file.content.data.decode("utf-8", "replace"))
    return [f"{folder}/{name}" if folder else name for name in names]


def provisioned(system: FileSystem, conf: str = CONF) -> Software | None:
    """The software a provisioning file starts; None when a package is missing or they do not fit together."""
    names = conf_names(system, conf)
    contents = [system.files[name].content for name in names if name in system.files]
    releases = {content.software for content in contents if isinstance(content, Package)}
    return releases.pop() if names and len(contents) == len(names) and len(releases) == 1 else None


def expand(system: FileSystem, software: Software, folder: str = "", at: datetime | None = None) -> list[str]:
    """Write the packages that are not there yet; their names. NoSpace when they do not fit."""
    lead, now, added = f"{folder}/" if folder else "", at or datetime.now(UTC), []
    if folder:
        system.make_folder(folder, now)
    for package in packages_of(software):
        if f"{lead}{package.name}" not in system.files:
            system.put(f"{lead}{package.name}", package, now)
            added.append(package.name)
    return added


def provision(system: FileSystem, software: Software, conf: str = CONF, at: datetime | None = None) -> None:
    """Make a provisioning file name this release; the one before is kept for a rollback."""
    old = system.files.get(conf)
    if old is not None and conf == CONF and provisioned(system) != software:
        system.put(LAST_CONF, old.content, old.modified)
    system.put(conf, Text(conf_text(software).encode()), at or datetime.now(UTC))


def image_conf(software: Software) -> str:
    """The provisioning file an added image leaves beside its packages."""
    return f"{software.file.removesuffix('.bin')}.conf"


def has_packages(system: FileSystem, software: Software) -> bool:
    """Whether all packages of a release lie there."""
    return bool(software.packages) and all(name in system.files for name in software.packages)
