"""SMUs of IOS-XE: a fix on top of one release, whose file name carries that release (cat9k_iosxe.17.09.05.CSC...)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from swim_tui.model.device_path import base_name
from swim_tui.model.image import SoftwareImage
from swim_tui.model.install import InstallState, PackageStatus

_SMU_FILE = re.compile(
    r"(?P<head>[A-Za-z0-9_-]+\.\d\d\.\d\d\.\d\d[a-z]?)\.(?P<fix>CSC[a-z]{2}\d{5})(?P<sign>\.S[PS][A-Z])?\.smu\.bin",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SmuDetail:
    """What `show install package` says of one SMU; None and empty = not said."""

    fix: str = ""  # CSCwa85257
    fits: str = ""  # the release it was made for, as the device spells it
    reloads: bool | None = None


def is_smu_file(file_name: str) -> bool:
    """True for the file name of an XE SMU; access point packs are something else."""
    return _match(file_name) is not None


def is_smu(image: SoftwareImage) -> bool:
    """True for an image that is an XE SMU."""
    return is_smu_file(image.file_name)


def patched_file(file_name: str) -> str:
    """The name of the image that an SMU belongs to: cat9k_iosxe.17.09.05.SPA.bin; "" when it is no SMU."""
    match = _match(file_name)
    return f"{match['head']}{match['sign'] or '.SPA'}.bin" if match is not None else ""


def fix_of(file_name: str) -> str:
    """The defect that an SMU mends: CSCwa85257; the file name when it is no SMU."""
    match = _match(file_name)
    return match["fix"] if match is not None else file_name


def status_of(install: InstallState | None, file_name: str) -> PackageStatus | None:
    """How an SMU stands in the package table, whose rows carry the file system; None when it is not in it."""
    wanted = base_name(file_name).lower()
    rows = install.packages if install is not None else ()
    return next((p.status for p in rows if p.kind != "IMG" and base_name(p.name).lower() == wanted), None)


def active_smus(install: InstallState | None) -> tuple[str, ...]:
    """File names of the SMUs that run now."""
    runs = (PackageStatus.COMMITTED, PackageStatus.UNCOMMITTED)
    rows = install.packages if install is not None else ()
    found = (base_name(p.name) for p in rows if p.kind == "SMU" and p.status in runs)
    return tuple(dict.fromkeys(found))


def _match(file_name: str) -> re.Match[str] | None:
    return _SMU_FILE.fullmatch(base_name(file_name))
