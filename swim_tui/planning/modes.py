"""Which class a device is upgraded as: by its release, its mode, the mode asked for and the image (packs say how)."""

from __future__ import annotations

from dataclasses import replace

from swim_tui.model.facts import BootMode, Facts, OsKind
from swim_tui.model.options import UpgradeMode
from swim_tui.packs.choose import effective
from swim_tui.packs.pack import Pack
from swim_tui.planning.situation import CONVERTED, INSTALL_CLASSES, runs_bundle

_MODES = {UpgradeMode.BUNDLE: BootMode.BUNDLE, UpgradeMode.INSTALL: BootMode.INSTALL}


def pack_for(
    pack: Pack, facts: Facts, image_file: str, asked: UpgradeMode = UpgradeMode.CURRENT, *, issu: bool = False
) -> Pack:
    """The pack as it applies to this device and image; in the mode asked for where the platform converts to
    it, and of the ISSU class where an upgrade in service is asked of a platform that has it."""
    if facts.version.os not in (OsKind.IOS, OsKind.IOS_XE):
        return effective(pack, facts.version, image_file)
    runs = BootMode.BUNDLE if runs_bundle(facts) else BootMode.INSTALL
    here = effective(pack, replace(facts.version, mode=runs), image_file, issu=issu)
    wanted = _MODES.get(asked, runs)
    if wanted is runs or not modes_of(pack, asked):
        return here
    there = effective(pack, replace(facts.version, mode=wanted), image_file)
    converts = there.device_class in CONVERTED and here.device_class in CONVERTED | INSTALL_CLASSES
    return there if converts and asked.value in there.upgrade_modes else here


def modes_of(pack: Pack, asked: UpgradeMode) -> bool:
    """True when the platform knows this mode, as its main class or as a variant."""
    return asked.value in pack.upgrade_modes or any(asked.value in v.upgrade_modes for v in pack.variants)
