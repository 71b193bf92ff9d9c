"""Package names of IOS-XR: what a file is called once it has been added."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..model import Software

_PIE = re.compile(r"^(?P<plat>[a-z0-9]+)-(?P<part>[a-z0-9]+)-px?\.pie-(?P<ver>\d+\.\d+\.\d+)$")
_PIE_SMU = re.compile(r"^(?P<plat>[a-z0-9]+)-px?-(?P<ver>\d+\.\d+\.\d+)\.(?P<smu>CSC[a-z]{2}\d{5})\.(?:pie|tar)$")
_ISO = re.compile(r"^(?P<plat>[a-z0-9]+)-(?:(?P<part>[a-z0-9]+)-)?x(?:64)?-(?P<ver>\d+\.\d+\.\d+).*\.iso$")
_RPM = re.compile(
    r"^(?P<plat>[a-z0-9]+)-(?P<part>[a-z0-9-]+?)-\d[\d.]*-r(?P<ver>\d{3,4})(?P<smu>\.CSC\w+)?\.x86_64\.rpm$"
)
BASE = "mini"


@dataclass(frozen=True)
class Package:
    """One package: `part` is what it replaces when the version changes (mini, k9sec, ...), SMUs replace nothing."""

    name: str
    part: str
    version: str
    platform: str
    software: Software

    @property
    def is_base(self) -> bool:
        """Whether the system boots from it."""
        return self.part == BASE

    @property
    def is_smu(self) -> bool:
        """Whether it only fixes something in a release."""
        return self.part.startswith("CSC")


def _dotted(code: str) -> str:
    return f"{code[0]}.{code[1]}.{code[2:]}"


def package_of(software: Software, disk: str = "disk0:") -> Package | None:
    """The package of an image file, by its name; None when it is none."""
    file = software.file
    match = _PIE.match(file)
    if match:
        name = f"{disk}{match['plat']}-{match['part']}-px-{match['ver']}"
        return Package(name, match["part"], match["ver"], match["plat"], software)
    match = _PIE_SMU.match(file)
    if match:
        name = f"{disk}{match['plat']}-px-{match['ver']}.{match['smu']}-1.0.0"
        return Package(name, match["smu"], match["ver"], match["plat"], software)
    match = _ISO.match(file)
    if match:
        return Package(file.removesuffix(".iso"), BASE, match["ver"], match["plat"], software)
    match = _RPM.match(file)
    if match:
        part = (match["smu"] or "").strip(".") or match["part"]
        return Package(file.removesuffix(".rpm"), part, _dotted(match["ver"]), match["plat"], software)
    return None
