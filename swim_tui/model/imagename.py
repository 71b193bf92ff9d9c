"""What a software image's file name says, for every shape Cisco uses; never raises."""

from __future__ import annotations

import re
from collections.abc import Callable

from swim_tui.model.image import FieldOrigin, ImageFormat, ImageIdentity, ImageType
from swim_tui.model.version import nxos_spelling, parse_version

# File name prefixes whose family token (the word `show version` prints) is not simply the prefix in capitals.
_FAMILIES: dict[str, str] = {
    "asr1000rp1": "PPC_LINUX_IOSD",
    "s72033": "s72033_rp",
    "s3223": "s3223_rp",
    "s2t54": "s2t54",
    "cat4500": "CAT4500",
    "cat4500e": "cat4500e",
    "cat4500es8": "cat4500es8",
    "c880data": "C880DATA",
    "hfr": "CRS",
    "nxos": "Nexus9000",
    "nxos64-cs": "Nexus9000",
    "nxos64-msll": "Nexus3000",
    "nxos64": "Nexus9000",
    "c1100": "ARMV8EL_LINUX_IOSD",
    # packages of an installed release carry a short prefix: cat9k-rpbase...pkg
    "cat9k": "CAT9K_IOSXE",
    "cat9k_lite": "CAT9K_LITE_IOSXE",
    "ie9k": "IE9K_IOSXE",
}
_X86 = re.compile(
    r"(?:asr1000(?:rp(?:[23]|x86))?|asr1001x?|asr1002x|asr1002-?hx|asr1001-?hx|isr4[0-9]00(?:v\d)?|csr1000v|c8[0-9]{3}\w*|"
    r"c8000\w+)"
)
_ASR900 = re.compile(r"(asr90[0-9])rsp\d\w*|(asr920)(?:igp)?\w*")
_NEXUS = re.compile(r"n(\d)(\d)(\d\d)(?:-.*)?")
_CLASSIC = re.compile(
    r"(?P<plat>[a-z0-9_]+)-(?P<feat>[a-z0-9_]+)-(?P<mm>[a-z]{1,3}|tar)\.(?:S[PS][A-Z]\.)?"
    r"(?P<ver>\d{3}-\d+[a-z]?(?:\.[a-z]+\d*[a-z]*\d*)*)\.(?P<ext>bin|tar|image)",
    re.IGNORECASE,
)
_XE3_SWITCH = re.compile(
    r"(?P<plat>(?:cat|ie)[a-z0-9_]+)-(?P<feat>[a-z0-9_]+)\.(?:S[PS][A-Z]\.)?"
    r"(?P<xe>\d\d\.\d\d\.\d\d[a-z]?\.[A-Z]+)\.(?P<ios>\d{3}-[\w.-]+?)(?:\.S[PS][A-Z])?\.(?:bin|tar|pkg)",
    re.IGNORECASE,
)
_XE3_PACKAGE = re.compile(  # cat3k_caa-base.SPA.03.06.06E.pkg
    r"(?P<plat>(?:cat|ie)[a-z0-9_]+)-(?P<pkg>[a-z0-9_-]+)\.(?:S[PS][A-Z]\.)?(?P<ver>\d\d\.\d\d\.\d\d[a-z]?\.?[A-Z]+)\.pkg",
    re.IGNORECASE,
)
_XE3_ROUTER = re.compile(
    r"(?P<plat>[a-z0-9]+)-(?P<feat>[a-z0-9_]+)\.(?P<xe>\d\d\.\d\d\.\d\d[a-z]?(?:\.[A-Z]+)?)\."
    r"(?P<ios>\d{3}-\d+[a-z]?\.\w+?)(?:-(?:std|ext))?(?:\.S[PS][A-Z])?\.(?P<ext>bin|pkg)",
    re.IGNORECASE,
)
_XE16 = re.compile(
    r"(?P<plat>[A-Za-z0-9_-]+?)(?:-(?P<feat>universalk9\w*))?(?:\.noli)?\.(?P<ver>\d\d\.\d\d\.\d\d[a-z]?)"
    r"(?:\.(?P<smu>CSC[a-z]{2}\d{5}))?(?:\.S[PS][A-Z])?(?P<smuend>\.(?:smu|apsp|apdp))?\.(?P<ext>bin|pkg|tar)",
    re.IGNORECASE,
)
_NXOS = re.compile(
    r"(?P<plat>(?:aci-)?(?:nxos(?:64(?:-\w+)?)?|n\d{4}(?:-\w+)*))\.(?P<ver>\d+\.\d+\.\w+(?:\.\w+)*)\.bin", re.IGNORECASE
)
_NXOS_SMU = re.compile(
    r"nxos(?:64)?\.(?P<smu>CSC[a-z]{2}\d{5})[\w.-]*?-(?P<ver>\d+\.\d+\.\w+(?:\.\w+)*?)\.lib\S*\.rpm", re.I
)
_APIC = re.compile(r"aci-apic-dk9\.(?P<ver>\d+\.\d+\.\w+)\.iso", re.IGNORECASE)
_PROVISIONING = re.compile(r"packages\.conf(?:[.\d-]\S*)?", re.IGNORECASE)
_PIE = re.compile(r"(?P<plat>[a-z0-9]+)-(?P<pkg>[a-z0-9-]+?)-px?\.pie-(?P<ver>\d+\.\d+\.\d+)", re.IGNORECASE)
_PIE_PLAIN = re.compile(r"(?P<plat>[a-z0-9]+)-(?P<pkg>[a-z0-9-]+?)-px?-(?P<ver>\d+\.\d+\.\d+)\.pie", re.IGNORECASE)
_PIE_SMU = re.compile(
    r"(?P<plat>[a-z0-9]+)-px?-(?P<ver>\d+\.\d+\.\d+)\.(?P<smu>CSC[a-z]{2}\d{5}|sp\d+)[\w.-]*?\.(?:pie|tar)",
    re.IGNORECASE,
)
_XR_TAR = re.compile(
    r"(?P<plat>[a-z0-9]+)(?:-x64)?-iosxr-(?P<pkg>px(?:-k9)?|k9)-(?P<ver>\d+\.\d+\.\d+)\.tar", re.IGNORECASE
)
_XR_ISO = re.compile(
    r"(?P<plat>[a-z0-9]+)(?:-(?P<pkg>\w+))?-x(?:64|86_64)?-(?P<ver>\d+\.\d+\.\d+)(?:-(?P<label>.+))?\.iso",
    re.IGNORECASE,
)
_XR_RPM = re.compile(
    r"(?P<plat>[a-z0-9]+)-(?P<pkg>[a-z0-9-]+?)-(?P<pver>\d+(?:\.\d+)+)-(?P<ver>r\d{3,5})(?:\.(?P<smu>CSC[a-z]{2}\d{5}))?"
    r"(?:\.(?P<arch>\w+))?\.rpm",
    re.IGNORECASE,
)
_XR7_RPM = re.compile(
    r"(?P<pkg>xr-[a-z0-9-]+?)-(?P<ver>\d+\.\d+\.\d+)v\d+\.\d+\.\d+-\d+(?:\.(?P<arch>\w+))?\.rpm", re.IGNORECASE
)
_NOT_NXOS = "ACI software, not stand-alone NX-OS"
_PROVISIONS = "list of the packages of an installed release"
_DIGITS = re.compile(r"([0-9]+)")


def identify_name(file_name: str) -> ImageIdentity:
    """All a file name says about an image; `recognised` is False when it says nothing."""
    name = re.split(r"[/\\:]", file_name.strip())[-1]
    if not name or len(name) > 255:
        return ImageIdentity()
    if _PROVISIONING.fullmatch(name):
        return _identity(image_type=ImageType.PACKAGE, description=_PROVISIONS)
    if name.lower().endswith(".conf"):
        return _provisioning(name)
    for pattern, reader in _SHAPES:
        match = pattern.fullmatch(name)
        if match is not None:
            return reader({key: value or "" for key, value in match.groupdict().items()})
    return ImageIdentity()


def _provisioning(name: str) -> ImageIdentity:
    """cat9k_iosxe.17.09.05.SPA.conf is written beside the packages of the .bin of that name."""
    whole = identify_name(name[: -len(".conf")] + ".bin")
    if not whole.recognised or whole.image_type is not ImageType.SYSTEM_SW:
        return ImageIdentity()
    return _identity(
        family=whole.family,
        feature=whole.feature_set,
        version=whole.version,
        ios=whole.ios_version,
        image_type=ImageType.PACKAGE,
        description=_PROVISIONS,
    )


def sort_key_natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts digits by value and letters without regard to case."""
    return tuple(
        (0, int(part), "") if index % 2 else (1, 0, part.casefold())
        for index, part in enumerate(_DIGITS.split(text))
        if part
    )


def family_of_prefix(prefix: str) -> str:
    """The family token of a file name prefix: asr1000rp1 -> PPC_LINUX_IOSD, c2960x -> C2960X."""
    low = prefix.lower()
    if low in _FAMILIES:
        return _FAMILIES[low]
    if low.startswith("c9800"):
        return "C9800"
    if _X86.fullmatch(low):
        return "X86_64_LINUX_IOSD"
    asr900 = _ASR900.fullmatch(low)
    if asr900 is not None:
        return (asr900[1] or asr900[2]).upper()
    nexus = _NEXUS.fullmatch(low)
    if nexus is not None:
        name = f"Nexus{nexus[1]}{nexus[2]}{nexus[3]}"
        return "nexus6000" if name == "Nexus6000" else name
    return prefix.upper()


def has_strong_crypto(feature: str) -> bool:
    """k9 and not "no payload encryption"."""
    low = feature.lower()
    return "k9" in low and "npe" not in low


def _identity(
    *,
    family: str = "",
    image_name: str = "",
    feature: str = "",
    version: str = "",
    ios: str = "",
    image_type: ImageType = ImageType.SYSTEM_SW,
    image_format: ImageFormat = ImageFormat.UNKNOWN,
    crypto: bool | None = None,
    description: str = "",
) -> ImageIdentity:
    said = {
        "family": family,
        "image_name": image_name,
        "feature_set": feature.upper(),
        "version": _canonical(version),
        "ios_version": _canonical(ios),
        "description": description,
        "image_type": image_type,
        "format": "" if image_format is ImageFormat.UNKNOWN else image_format,
        "has_strong_crypto": "" if crypto is None else "said",
    }
    return ImageIdentity(
        family=family,
        image_name=image_name,
        feature_set=feature.upper(),
        version=_canonical(version),
        ios_version=_canonical(ios),
        image_type=image_type,
        format=image_format,
        has_strong_crypto=crypto,
        description=description,
        origins={name: FieldOrigin.NAME for name, value in said.items() if value},
        recognised=True,
    )


def _canonical(text: str) -> str:
    version = parse_version(text)
    return version.canonical if version is not None else text


def _classic(g: dict[str, str]) -> ImageIdentity:
    family = family_of_prefix(g["plat"])
    is_tar = g["mm"].lower() == "tar"
    return _identity(
        family=family,
        image_name=f"{family}-{g['feat'].upper()}-M",
        feature=g["feat"],
        version=g["ver"],
        image_format=ImageFormat.IOS_TAR if is_tar or g["ext"].lower() == "tar" else ImageFormat.IOS_BIN,
        crypto=has_strong_crypto(g["feat"]),
    )


def _xe3(g: dict[str, str]) -> ImageIdentity:
    family = family_of_prefix(g["plat"])
    return _identity(
        family=family,
        image_name=f"{family}-{g['feat'].upper()}-M",
        feature=g["feat"],
        version=g["xe"],
        ios=g["ios"],
        image_type=ImageType.PACKAGE if g.get("ext", "").lower() == "pkg" else ImageType.SYSTEM_SW,
        image_format=ImageFormat.XE_BIN,
        crypto=has_strong_crypto(g["feat"]),
    )


def _xe16(g: dict[str, str]) -> ImageIdentity:
    family = family_of_prefix(g["plat"])
    feature = g["feat"]
    is_smu = bool(g["smu"] or g["smuend"])
    is_package = g["ext"].lower() == "pkg"
    if is_package:  # cat9k-rpbase.17.09.05.SPA.pkg: the last word of the prefix is the package
        family = family_of_prefix(g["plat"].rsplit("-", 1)[0])
    image_name = family if not feature else f"{family}-{feature.upper()}-M"
    crypto = has_strong_crypto(feature) if feature else "npe" not in g["plat"].lower()
    kind = ImageType.SMU if is_smu else ImageType.PACKAGE if is_package else ImageType.SYSTEM_SW
    if family.endswith("_NPE"):
        family = image_name = family.removesuffix("_NPE")
        feature = "npe"
    return _identity(
        family=family,
        image_name="" if kind is not ImageType.SYSTEM_SW else image_name,
        feature=feature,
        version=g["ver"],
        image_type=kind,
        image_format=ImageFormat.XE_BIN,
        crypto=crypto if kind is ImageType.SYSTEM_SW else None,
        description=g["smu"],
    )


def _xe3_package(g: dict[str, str]) -> ImageIdentity:
    family = family_of_prefix(g["plat"])
    return _identity(family=family, version=g["ver"], image_type=ImageType.PACKAGE, image_format=ImageFormat.XE_BIN)


def _xr7_package(g: dict[str, str]) -> ImageIdentity:
    """One package runs on every XR7 platform: the name has no family."""
    return _identity(
        image_name=g["pkg"].lower(),
        version=g["ver"],
        image_type=ImageType.PACKAGE,
        image_format=ImageFormat.XR_RPM,
        crypto=True if "k9" in g["pkg"].lower() else None,
    )


def _apic(g: dict[str, str]) -> ImageIdentity:
    return _identity(family="ACI", image_name="aci-apic-dk9", version=nxos_spelling(g["ver"]), description=_NOT_NXOS)


def _nxos(g: dict[str, str]) -> ImageIdentity:
    plat = g["plat"].lower()
    kickstart = plat.endswith("-kickstart")
    is_aci = plat.startswith("aci-")
    return _identity(
        family="ACI" if is_aci else family_of_prefix(plat),
        image_name=plat,
        version=nxos_spelling(g["ver"]),
        image_type=ImageType.KICKSTART if kickstart else ImageType.SYSTEM_SW,
        image_format=ImageFormat.NXOS_BIN,
        crypto=None if kickstart else "npe" not in plat,
        description=_NOT_NXOS if is_aci else "",
    )


def _nxos_smu(g: dict[str, str]) -> ImageIdentity:
    return _identity(
        family="Nexus9000", version=nxos_spelling(g["ver"]), image_type=ImageType.SMU, description=g["smu"]
    )


def _xr(image_format: ImageFormat) -> Callable[[dict[str, str]], ImageIdentity]:
    """XR names: a bootable set, an optional package, or an SMU, by what the name carries."""

    def read(g: dict[str, str]) -> ImageIdentity:
        package = g.get("pkg", "").lower()
        is_smu = bool(g.get("smu"))
        bootable = not is_smu and (
            image_format is ImageFormat.XR_ISO
            or (package == "k9" or package.startswith(("mini", "full", "golden", "px")))
        )
        return _identity(
            family=family_of_prefix(g["plat"]),
            image_name=f"{g['plat'].lower()}-{package}" if package else g["plat"].lower(),
            feature=package,
            version=g["ver"],
            image_type=ImageType.SMU if is_smu else ImageType.SYSTEM_SW if bootable else ImageType.PACKAGE,
            image_format=image_format,
            crypto=True if "k9" in package else None,  # without k9sec beside it XR-32 has no SSH: only the set tells
            description=g.get("smu", "") or g.get("label", ""),
        )

    return read


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[dict[str, str]], ImageIdentity]], ...] = (
    (_CLASSIC, _classic),
    (_XE3_SWITCH, _xe3),
    (_XE3_ROUTER, _xe3),
    (_XE3_PACKAGE, _xe3_package),
    (_XE16, _xe16),
    (_NXOS, _nxos),
    (_NXOS_SMU, _nxos_smu),
    (_APIC, _apic),
    (_XR7_RPM, _xr7_package),
    (_PIE, _xr(ImageFormat.XR_PIE)),
    (_PIE_PLAIN, _xr(ImageFormat.XR_PIE)),
    (_PIE_SMU, _xr(ImageFormat.XR_PIE)),
    (_XR_TAR, _xr(ImageFormat.XR_PIE)),
    (_XR_ISO, _xr(ImageFormat.XR_ISO)),
    (_XR_RPM, _xr(ImageFormat.XR_RPM)),
)
