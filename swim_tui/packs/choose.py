"""Which class a platform is of as it runs now, and whether a file is one of its images."""

from __future__ import annotations

import re
from dataclasses import replace

from swim_tui.model.device import DeviceClass
from swim_tui.model.facts import BootMode, VersionFacts
from swim_tui.model.smu import patched_file
from swim_tui.packs.pack import IssuStyle, Pack, Support, Variant

_OWN_ISSU = frozenset({IssuStyle.NXOS, IssuStyle.INSTALL})  # the class's own install command does it
_MODES = {"bundle": BootMode.BUNDLE, "install": BootMode.INSTALL}


def effective(pack: Pack, version: VersionFacts, image_file: str = "", *, issu: bool = False) -> Pack:
    """The pack as it applies to a device in this state and to this new image: the first variant that fits changes
    class, file patterns, modes and install commands. `issu` makes it the ISSU class where the pack supports that."""
    found = next((v for v in pack.variants if _fits(v, version, image_file)), None)
    if found is not None:
        pack = replace(
            pack,
            device_class=found.device_class,
            file_patterns=found.file_patterns or pack.file_patterns,
            upgrade_modes=found.upgrade_modes or pack.upgrade_modes,
            install=found.install,
        )
    if issu and pack.issu is not None and pack.issu.style not in _OWN_ISSU and Support.ISSU in pack.supports:
        pack = replace(pack, device_class=DeviceClass.XE_ISSU)
    return pack


def _fits(variant: Variant, version: VersionFacts, image_file: str) -> bool:
    if variant.image and (not image_file or re.search(variant.image, image_file, re.IGNORECASE) is None):
        return False
    if variant.version and (not version.version or re.search(variant.version, version.version) is None):
        return False
    return not variant.mode or version.mode is _MODES[variant.mode]


def accepts_file(pack: Pack, file_name: str) -> bool:
    """True when the name is one the platform takes, in any of its variants. A family is not enough: one family token
    (X86_64_LINUX_IOSD) stands for many platforms, whose images do not boot on one another."""
    patterns = (*pack.file_patterns, *(p for v in pack.variants for p in v.file_patterns))
    name = patched_file(file_name) or file_name
    if name != file_name and not takes_smus(pack):
        return False
    return any(re.fullmatch(p, name, re.IGNORECASE) for p in patterns)


def takes_smus(pack: Pack) -> bool:
    """True when the platform takes SMUs of XE, in any of its variants."""
    return any(syntax.smu_activate for syntax in (pack.install, *(v.install for v in pack.variants)))
