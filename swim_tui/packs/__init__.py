"""Device packs: YAML that describes platforms."""

from swim_tui.packs.choose import accepts_file, effective
from swim_tui.packs.commands import PackCommands, commands_of
from swim_tui.packs.loading import PackSet, check_pack, detect, load_pack, load_packs, pack_directories
from swim_tui.packs.pack import (
    BootSyntax,
    CopySyntax,
    InstallSyntax,
    IssuStyle,
    IssuSyntax,
    MemberSyntax,
    Pack,
    PackWaits,
    Recognition,
    Support,
    Variant,
)

__all__ = [
    "BootSyntax",
    "CopySyntax",
    "InstallSyntax",
    "IssuStyle",
    "IssuSyntax",
    "MemberSyntax",
    "Pack",
    "PackCommands",
    "PackSet",
    "PackWaits",
    "Recognition",
    "Support",
    "Variant",
    "accepts_file",
    "check_pack",
    "commands_of",
    "detect",
    "effective",
    "load_pack",
    "load_packs",
    "pack_directories",
]
