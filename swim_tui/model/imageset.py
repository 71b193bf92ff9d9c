"""Image sets: files that are distributed and activated together, matched by version and platform."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from swim_tui.model.image import ImageFormat, ImageType, SoftwareImage
from swim_tui.model.imagename import identify_name
from swim_tui.model.version import same_version

_KICKSTART = re.compile(r"-kickstart(?=-npe|$)")
_DEVICE_PACKAGE = re.compile(
    r"(?:[\w-]{1,16}:)?(?P<name>[a-z0-9]\w*(?:-\w+)+?)-(?P<version>\d+\.\d[\w.]*(?:-r\d{3,5})?)(?:-\d+(?:\.\d+)*)?",
    re.IGNORECASE,
)
_SMU_NAME = re.compile(r"\b(?P<smu>CSC[a-z]{2}\d{5}|sp\d+)\b", re.IGNORECASE)
# what `os-mbi`, `base`, `infra`... of one release are made of: one mini file brings them all
_BRINGS_ALL = ("FULL", "GOLDEN", "PX")  # golden ISOs and bundles hold the packages themselves
_IN_MINI = frozenset({"mini", "os-mbi", "base", "infra", "fwding", "lc", "xr", "minik9", "full", "fullk9", "admin"})


@dataclass(frozen=True)
class ImageSet:
    """Files of one upgrade: `main` boots (system, mini, .bin), the rest goes with it."""

    main: SoftwareImage
    kickstart: SoftwareImage | None = None
    packages: tuple[SoftwareImage, ...] = ()
    smus: tuple[SoftwareImage, ...] = ()

    def files(self) -> tuple[SoftwareImage, ...]:
        """All files, in the order they are copied."""
        first = (self.kickstart,) if self.kickstart is not None else ()
        return (*first, self.main, *self.packages, *self.smus)

    def size_bytes(self) -> int:
        """Bytes of all files together."""
        return sum(image.size_bytes for image in self.files())


def pair_kickstart(system: SoftwareImage, images: Iterable[SoftwareImage]) -> SoftwareImage | None:
    """The kickstart image that belongs to a system image: same supervisor, same version. None when there is none,
    or more than one."""
    found = [image for image in images if _is_pair(image, system)]
    return found[0] if len({image.id for image in found}) == 1 else None


def pairs(images: Sequence[SoftwareImage]) -> tuple[ImageSet, ...]:
    """Every system image that has exactly one kickstart image among `images`, with it."""
    systems = (image for image in images if image.identity.image_type is ImageType.SYSTEM_SW)
    paired = ((system, pair_kickstart(system, images)) for system in systems)
    return tuple(ImageSet(system, kickstart) for system, kickstart in paired if kickstart is not None)


def matching_packages(main: SoftwareImage, images: Iterable[SoftwareImage]) -> ImageSet:
    """Packages and SMUs for a mini, ISO or .bin: same family, architecture and version."""
    packages: list[SoftwareImage] = []
    smus: list[SoftwareImage] = []
    for image in images:
        if image.id == main.id or not _belongs(image, main):
            continue
        if image.identity.image_type is ImageType.SMU:
            smus.append(image)
        elif image.identity.image_type is ImageType.PACKAGE:
            packages.append(image)
    return ImageSet(main, None, _by_name(packages), _by_name(smus))


_KINDS = {
    ImageType.KICKSTART: "a kickstart image",
    ImageType.PACKAGE: "a package",
    ImageType.SMU: "an SMU",
    ImageType.UNKNOWN: "of an unknown kind",
}


def set_problems(chosen: ImageSet) -> tuple[str, ...]:
    """Why these files do not go together; empty when they do."""
    problems: list[str] = []
    main, kickstart = chosen.main, chosen.kickstart
    if main.identity.image_type is not ImageType.SYSTEM_SW:
        problems.append(f"no image that boots: {main.file_name} is {_KINDS[main.identity.image_type]}")
    if kickstart is not None and not _is_pair(kickstart, main):
        problems.append(f"{kickstart.file_name} is not the kickstart image of {main.file_name}")
    if needs_kickstart(main) and kickstart is None:
        problems.append(f"{main.file_name} needs its kickstart image")
    for image in (*chosen.packages, *chosen.smus):
        if not _belongs(image, main):
            problems.append(f"{image.file_name} does not belong to {main.file_name}: {_difference(image, main)}")
    return tuple(problems)


def needs_kickstart(system: SoftwareImage) -> bool:
    """True for NX-OS system images of the two-file kind (Nexus 5000 to 7700, Nexus 3000 up to 6.0)."""
    identity = system.identity
    if identity.image_type is not ImageType.SYSTEM_SW or identity.format is not ImageFormat.NXOS_BIN:
        return False
    return re.match(r"n(?:[3567]\d{3})-", identity.image_name) is not None


def without_successor(active: Iterable[str], chosen: ImageSet) -> tuple[str, ...]:
    """Active packages, as the device spells them, for which the set brings nothing new: XR refuses an activation
    that would leave them behind. SMUs of the old release end with it and need no successor."""
    feature = chosen.main.identity.feature_set
    if feature == "K9" or feature.startswith(_BRINGS_ALL):
        return ()
    brought = {_stem(image.file_name) for image in (chosen.main, *chosen.packages)}
    left: list[str] = []
    for package in active:
        if _SMU_NAME.search(package):
            continue
        stem = _stem_of_package(package)
        if stem and stem not in brought and stem not in _IN_MINI:
            left.append(package)
    return tuple(left)


def package_of_file(file_name: str) -> str:
    """The package name a 32 bit XR router makes of a .pie: asr9k-mini-px.pie-6.1.4 -> asr9k-mini-px-6.1.4, and
    asr9k-px-5.3.3.CSCuy81837.pie -> asr9k-px-5.3.3.CSCuy81837-1.0.0; "" when the file is no .pie."""
    name = file_name.strip()
    if ".pie-" in name:
        return name.replace(".pie-", "-", 1)
    if not name.endswith(".pie"):
        return ""
    stem = name.removesuffix(".pie")
    return f"{stem}-1.0.0" if _SMU_NAME.search(stem) else stem


def _by_name(images: list[SoftwareImage]) -> tuple[SoftwareImage, ...]:
    return tuple(sorted(images, key=lambda image: image.file_name.lower()))


def _is_pair(kickstart: SoftwareImage, system: SoftwareImage) -> bool:
    if kickstart.identity.image_type is not ImageType.KICKSTART or not needs_kickstart(system):
        return False
    left, right = _KICKSTART.sub("", kickstart.identity.image_name), system.identity.image_name
    # n7000-s2-kickstart and n7000-s2-dk9; n5000-uk9-kickstart and n5000-uk9
    same = left.removesuffix("-npe") in (right.removesuffix("-npe"), re.sub(r"-dk9(?:-npe)?$", "", right))
    return same and same_version(kickstart.version, system.version)


def _belongs(image: SoftwareImage, main: SoftwareImage) -> bool:
    return not _difference(image, main)


def _difference(image: SoftwareImage, main: SoftwareImage) -> str:
    """What tells two files apart; "" when they go together."""
    mine, other = image.identity, main.identity
    if mine.family and mine.family != other.family:
        return f"it is for {mine.family}, not {other.family}"
    if not image.version or not same_version(image.version, main.version):
        return f"it is of {image.version or 'no known version'}, not {main.version}"
    if _architecture(image) != _architecture(main):
        return "it is for another architecture"
    return ""


def _architecture(image: SoftwareImage) -> str:
    """32 bit XR takes .pie files only, 64 bit XR none."""
    if image.identity.format is ImageFormat.XR_PIE:
        return "px"
    return "x64" if image.identity.format in (ImageFormat.XR_ISO, ImageFormat.XR_RPM) else ""


def _stem(file_name: str) -> str:
    """The part of a file name that names the package: mini, mgbl, k9sec."""
    identity = identify_name(file_name)
    return _plain(identity.image_name.partition("-")[2]) if identity.image_name else ""


def _stem_of_package(package: str) -> str:
    match = _DEVICE_PACKAGE.fullmatch(package.strip())
    if match is None:
        return ""
    return _plain(match["name"].partition("-")[2])


def _plain(stem: str) -> str:
    return re.sub(r"-(?:px?|x64|x)$", "", stem.lower())
