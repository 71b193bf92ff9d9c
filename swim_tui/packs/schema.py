"""What a pack file may hold: pydantic where text becomes data, dataclasses from there on."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from swim_tui.model.device import DeviceClass
from swim_tui.model.options import Protocol
from swim_tui.packs.fields import (
    FILE_FIELDS,
    Bytes,
    ConfigLine,
    FileSystemName,
    OneLine,
    Rate,
    ReadCommand,
    Regex,
    Seconds,
    Strict,
    may_have_fields,
    needs_fields,
)
from swim_tui.packs.pack import BootSyntax, CopySyntax, IssuSyntax, Pack, PackWaits, Recognition, Support
from swim_tui.packs.schema_class import CopyText, InstallText, IssuText, MembersText, VariantText

_DEFAULT_BOOT = BootSyntax()
_DEFAULT_WAITS = PackWaits()


class RecogniseText(Strict):
    """`recognise:` of a pack file."""

    pid: Regex = ""
    family: Regex = ""
    image_file: Regex = ""
    version: Regex = ""
    edition: Regex = ""

    @model_validator(mode="after")
    def _something(self) -> RecogniseText:
        if not (self.pid or self.family or self.image_file):
            raise ValueError("give at least one of pid, family, image_file")
        return self


class WaitsText(Strict):
    """`waits:` of a pack file; unscaled seconds, bytes a second."""

    reload_limit_s: Seconds = _DEFAULT_WAITS.reload_limit_s
    expected_outage_s: Seconds = _DEFAULT_WAITS.expected_outage_s
    per_member_s: Seconds = _DEFAULT_WAITS.per_member_s
    settle_s: Seconds = _DEFAULT_WAITS.settle_s
    stable_s: Seconds = _DEFAULT_WAITS.stable_s
    first_login_after_banner_s: Seconds = _DEFAULT_WAITS.first_login_after_banner_s
    login_interval_s: Seconds = _DEFAULT_WAITS.login_interval_s
    max_logins: Annotated[int, Field(ge=1, le=20)] = _DEFAULT_WAITS.max_logins
    poll_s: Seconds = _DEFAULT_WAITS.poll_s
    copy_bytes_per_s: Rate = _DEFAULT_WAITS.copy_bytes_per_s
    copy_floor_bytes_per_s: Rate = _DEFAULT_WAITS.copy_floor_bytes_per_s
    hash_bytes_per_s: Rate = _DEFAULT_WAITS.hash_bytes_per_s
    stall_s: Seconds = _DEFAULT_WAITS.stall_s
    install_limit_s: Seconds = _DEFAULT_WAITS.install_limit_s
    install_per_member_s: Seconds = _DEFAULT_WAITS.install_per_member_s
    drop_limit_s: Seconds = _DEFAULT_WAITS.drop_limit_s
    ready_limit_s: Seconds = _DEFAULT_WAITS.ready_limit_s
    commit_limit_s: Seconds = _DEFAULT_WAITS.commit_limit_s


class BootText(Strict):
    """`boot:` of a pack file."""

    template: Annotated[str, needs_fields("fs", "path")] = _DEFAULT_BOOT.template
    clear: OneLine = _DEFAULT_BOOT.clear
    show: tuple[ReadCommand, ...] = _DEFAULT_BOOT.show
    by_hand: tuple[Annotated[ConfigLine, may_have_fields(*FILE_FIELDS)], ...] = ()


class PackText(Strict):
    """A pack file."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
    title: OneLine
    device_class: DeviceClass
    netmiko_type: Literal["cisco_ios", "cisco_xe", "cisco_xr", "cisco_nxos"]
    recognise: RecogniseText
    families: Annotated[tuple[OneLine, ...], Field(min_length=1)]
    file_patterns: Annotated[tuple[Regex, ...], Field(min_length=1)]
    boot_file_system: FileSystemName
    file_systems: Annotated[tuple[FileSystemName, ...], Field(min_length=1)]
    protocols: Annotated[tuple[Protocol, ...], Field(min_length=1)]
    upgrade_modes: Annotated[tuple[Literal["bundle", "install"], ...], Field(min_length=1)] = ("bundle",)
    space_factor_bundle: Annotated[float, Field(ge=1, le=10)] = 1.0
    space_factor_install: Annotated[float, Field(ge=1, le=10)] = 2.2
    hash_command: Annotated[str, needs_fields("fs", "path")] = "verify /md5 {fs}{path}"
    hash_algorithm: Literal["md5", "sha512"] = "md5"
    boot: BootText = BootText()
    save_command: Literal[
        "write memory", "copy running-config startup-config", "copy running-config startup-config vdc-all", ""
    ] = "write memory"
    good_config_registers: tuple[Annotated[str, Field(pattern=r"^0x[0-9A-Fa-f]{1,4}$")], ...] = (
        "0x2102",
        "0x102",
        "0xF",
        "0x10F",
        "0x3102",
    )
    checks_manual_boot: bool = False
    has_stack: bool = False
    standby_prefixes: tuple[str, ...] = ()
    waits: WaitsText = WaitsText()
    supports: tuple[Support, ...] = ()
    read_commands: Annotated[tuple[ReadCommand, ...], Field(min_length=1)]
    pre_check_commands: tuple[ReadCommand, ...] = ()
    recovery: tuple[Annotated[str, needs_fields("old", "new", "fs")], ...] = ()
    legacy_ssh: bool = False
    variants: tuple[VariantText, ...] = ()
    install: InstallText = InstallText()
    issu: IssuText | None = None
    members: MembersText = MembersText()
    copy_: Annotated[CopyText, Field(alias="copy")] = CopyText()
    reload_command: Literal["reload", "admin reload location all", "reload location all"] = "reload"
    sha512_command: Annotated[str, may_have_fields("fs", "path")] = ""
    signature_command: Annotated[str, may_have_fields("fs", "path")] = ""
    space_reserve_bytes: Bytes = 0
    standby_reserve_bytes: Bytes = 0
    image_parts: tuple[Literal["kickstart", "system", "mini", "packages", "smu"], ...] = ()

    @model_validator(mode="after")
    def _classes_fit(self) -> PackText:
        install = self.install.to_syntax(self.device_class)
        if Support.COMMIT in self.supports and not any(
            s.commit for s in (install, *(v.to_variant().install for v in self.variants))
        ):
            raise ValueError(f"supports commit, but {self.device_class} has no commit command")
        if Support.ISSU in self.supports and self.issu is None:
            raise ValueError("supports issu: say how, under issu")
        low, high, own = install.timer_min_minutes, install.timer_max_minutes, install.timer_minutes
        if high and not low <= own <= high:
            raise ValueError("install.timer_minutes must lie between timer_min_minutes and timer_max_minutes")
        if self.image_parts and len(self.image_parts) < 2:
            raise ValueError("image_parts names two or more parts, or none")
        return self

    @model_validator(mode="after")
    def _fits_together(self) -> PackText:
        if self.file_systems[0] != self.boot_file_system:
            raise ValueError(f"file_systems must begin with boot_file_system, {self.boot_file_system}")
        if not any(re.match(r"show\s+version$", command) for command in self.read_commands):
            raise ValueError("read_commands must have 'show version'")
        return self

    def to_pack(self, source: str) -> Pack:
        """The dataclass the rest of the product works with."""
        nested = {"recognise", "boot", "waits", "variants", "install", "issu", "members", "copy_"}
        simple = self.model_dump(exclude=nested)
        return Pack(
            **simple,
            recognise=Recognition(**self.recognise.model_dump()),
            boot=BootSyntax(**self.boot.model_dump()),
            waits=PackWaits(**self.waits.model_dump()),
            variants=tuple(variant.to_variant() for variant in self.variants),
            install=self.install.to_syntax(self.device_class),
            issu=IssuSyntax(**self.issu.model_dump()) if self.issu is not None else None,
            members=self.members.to_syntax(),
            copy=CopySyntax(**self.copy_.model_dump()),
            source=source,
        )
