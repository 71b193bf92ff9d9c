"""Reads the lab's own platform table: one YAML file per kind of device."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from .model import BootTimes, FileSystemSpec, FlashFile, MemberSpec, Platform, UnitRules
from .yamlfile import Block, Fields, NetworkError, read_yaml

PERSONALITIES = ("ios", "xe-bundle", "ios-tar", "xe-install", "xe-subpkg", "xe-issu", "nxos", "xr")
UNIT_STYLES = ("", "classic", "xe", "rp", "sup")
DEATHS = ("eof", "rst", "hang")


def lab_data_dir() -> Path:
    """Where the lab's YAML lies: inside the wheel, or in the source tree."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "_data" / "lab"
    return shipped if shipped.is_dir() else package.parent / "data" / "lab"


def read_files(blocks: list[Block]) -> tuple[FlashFile, ...]:
    """The `files:` of a file system or device."""
    found = []
    for block in blocks:
        fields = Fields(block, "a file")
        item = FlashFile(
            name=fields.text("name", ""),
            size=fields.integer("size", 0),
            software=fields.text("software", ""),
            folder=fields.text("folder", ""),
        )
        fields.done()
        if not item.name and not item.software:
            raise block.fail("a file needs a name (and size) or a software")
        found.append(item)
    return tuple(found)


def read_members(blocks: list[Block]) -> tuple[MemberSpec, ...]:
    """The `members:` of a device: what is different about one of its units."""
    found = []
    for block in blocks:
        fields = Fields(block, "a member")
        found.append(
            MemberSpec(
                number=fields.integer("number"),
                pid=fields.text("pid", ""),
                priority=fields.integer("priority", 0),
                boot_fs_size=fields.integer("boot_fs_size", 0),
                running=fields.text("running", ""),
                files=read_files(fields.blocks("files")),
            )
        )
        fields.done()
    return tuple(found)


def read_boot_times(block: Block, base: BootTimes) -> BootTimes:
    """The `boot_times:` of a platform or device, over a base."""
    fields = Fields(block, "boot_times")
    times = BootTimes(
        drop_s=fields.number("drop_s", base.drop_s),
        dead_s=fields.number("dead_s", base.dead_s),
        early_s=fields.number("early_s", base.early_s),
        death=fields.choice("death", DEATHS, base.death),
    )
    fields.done()
    return times


def _file_systems(blocks: list[Block]) -> tuple[FileSystemSpec, ...]:
    found = []
    for block in blocks:
        fields = Fields(block, "a file system")
        found.append(
            FileSystemSpec(
                prefix=fields.text("prefix"),
                size=fields.integer("size", 0),
                kind=fields.text("kind", "disk"),
                flags=fields.text("flags", "rw"),
                aliases=fields.texts("aliases"),
                is_default=fields.flag("default", False),
                fixed_free=fields.integer("fixed_free", 0),
                files=read_files(fields.blocks("files")),
            )
        )
        fields.done()
    return tuple(found)


def _texts(block: Block) -> dict[str, str]:
    for key, value in block.items():
        if not isinstance(value, str):
            raise block.fail(f"texts: '{key}' must be a text", key)
    return {key: str(value) for key, value in block.items()}


def _unit_rules(block: Block) -> UnitRules:
    fields = Fields(block, "units")
    rules = UnitRules(
        style=fields.choice("style", UNIT_STYLES, ""),
        numbers=fields.integers("numbers", (1,)),
        ready_s=fields.number("ready_s", 60.0),
        microcode_s=fields.number("microcode_s", 0.0),
    )
    fields.done()
    return rules


def read_platform(path: Path) -> Platform:
    """One platform file."""
    fields = Fields(read_yaml(path), f"platform {path.stem}")
    platform = Platform(
        name=path.stem,
        personality=fields.choice("personality", PERSONALITIES),
        inventory_name=fields.text("inventory_name", path.stem),
        pid=fields.text("pid"),
        families=fields.texts("families", None),
        boot_fs=fields.text("boot_fs"),
        file_systems=_file_systems(fields.blocks("file_systems")),
        boot_line=fields.text("boot_line"),
        bootvar_suffix=fields.text("bootvar_suffix", ""),
        boot_forms=fields.texts("boot_forms", ("bootvar",)),
        boot_append=fields.flag("boot_append", True),
        config_register=fields.text("config_register"),
        on_no_image=fields.choice("on_no_image", ("first-bin", "loader")),
        scp_bytes_s=fields.number("scp_bytes_s", 0.0),
        verify_bytes_s=fields.number("verify_bytes_s", 0.0),
        boot=read_boot_times(fields.mapping("boot_times"), BootTimes()),
        vty_lines=fields.integer("vty_lines", 5),
        flush_s=fields.number("flush_s", 0.0),
        legacy_ssh=fields.flag("legacy_ssh", False),
        has_sha512=fields.flag("has_sha512", True),
        delete_force_asks=fields.flag("delete_force_asks", False),
        dir_slash=fields.flag("dir_slash", True),
        exec_timeout_s=fields.number("exec_timeout_s", 600.0),
        ssh_version=fields.text("ssh_version", "Cisco-1.25"),
        show_version=fields.text("show_version"),
        config=fields.text("config"),
        texts=_texts(fields.mapping("texts")),
        units=_unit_rules(fields.mapping("units")),
    )
    fields.done()
    if platform.boot_fs not in [fs.prefix for fs in platform.file_systems]:
        raise NetworkError(f"{path}: boot_fs '{platform.boot_fs}' is none of its file_systems")
    return platform


@cache
def platform_table() -> dict[str, Platform]:
    """All platforms the lab knows, by name."""
    return {path.stem: read_platform(path) for path in sorted((lab_data_dir() / "platforms").glob("*.yaml"))}
