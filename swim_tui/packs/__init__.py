"""Device packs: YAML that describes platforms."""

from swim_tui.packs.commands import PackCommands, commands_of
from swim_tui.packs.loading import PackSet, check_pack, detect, load_pack, load_packs, pack_directories
from swim_tui.packs.pack import BootSyntax, Pack, PackWaits, Recognition, Support

__all__ = [
    "BootSyntax",
    "Pack",
    "PackCommands",
    "PackSet",
    "PackWaits",
    "Recognition",
    "Support",
    "check_pack",
    "commands_of",
    "detect",
    "load_pack",
    "load_packs",
    "pack_directories",
]
