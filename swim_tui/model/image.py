"""Software images and where each of their fields came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FieldOrigin(StrEnum):
    """Where a field of an image came from: header first, name second, person third."""

    HEADER = "header"
    NAME = "name"
    PERSON = "person"
    UNKNOWN = "unknown"


class ImageType(StrEnum):
    """Image Type as the repository shows it."""

    SYSTEM_SW = "SYSTEM_SW"
    KICKSTART = "KICKSTART"
    PACKAGE = "PACKAGE"
    SMU = "SMU"
    UNKNOWN = "UNKNOWN"


class ImageFormat(StrEnum):
    """How the bytes are packed."""

    IOS_BIN = "ios-bin"
    IOS_TAR = "ios-tar"
    XE_BIN = "xe-bin"
    XR_PIE = "xr-pie"
    XR_ISO = "xr-iso"
    XR_RPM = "xr-rpm"
    NXOS_BIN = "nxos-bin"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ImageIdentity:
    """What header and name say of a file; empty = not said."""

    family: str = ""
    image_name: str = ""
    feature_set: str = ""
    version: str = ""  # comparable spelling: 15.0(2)SE11, 03.13.05.S, 16.06.04
    ios_version: str = ""
    image_type: ImageType = ImageType.UNKNOWN
    format: ImageFormat = ImageFormat.UNKNOWN
    has_strong_crypto: bool | None = None  # k9 without npe
    min_ram_bytes: int | None = None
    min_flash_bytes: int | None = None
    declared_size_bytes: int | None = None
    boot_file: str = ""  # .tar: the image inside, with the directory it is put into
    media: str = ""
    description: str = ""
    origins: Mapping[str, FieldOrigin] = field(default_factory=dict)
    recognised: bool = False
    problems: tuple[str, ...] = ()  # header and name disagree, truncated, ...


@dataclass(frozen=True)
class SoftwareImage:
    """A file in the repository; `id` is the first 16 hex digits of its SHA-512."""

    id: str
    file_name: str
    size_bytes: int
    md5: str
    sha512: str
    imported_at: datetime
    source: str = ""
    identity: ImageIdentity = ImageIdentity()
    min_version: str = ""
    min_rommon: str = ""
    note: str = ""

    @property
    def family(self) -> str:
        """Image family."""
        return self.identity.family

    @property
    def version(self) -> str:
        """Image version in its comparable spelling."""
        return self.identity.version

    @property
    def min_ram_bytes(self) -> int | None:
        """Minimum RAM, None = not known."""
        return self.identity.min_ram_bytes

    @property
    def min_flash_bytes(self) -> int | None:
        """Minimum flash, None = not known."""
        return self.identity.min_flash_bytes
