"""What a pack file may say of installs, ISSU, members, copies and variants of a platform."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from swim_tui.model.device import DeviceClass
from swim_tui.packs.classes import INSTALL_OF
from swim_tui.packs.fields import (
    ConfigLine,
    InstallLine,
    InstallRead,
    IssuLine,
    MemberLine,
    Minutes,
    Mode,
    ReadCommand,
    Regex,
    Seconds,
    Strict,
    changing,
    may_have_fields,
    needs_fields,
)
from swim_tui.packs.pack import CopySyntax, InstallSyntax, IssuStyle, MemberSyntax, Variant

_DEFAULT_COPY = CopySyntax()


class InstallText(Strict):
    """`install:` of a pack file: what differs from the class's own commands."""

    add: InstallLine | None = None
    prepare: InstallLine | None = None
    activate: InstallLine | None = None
    activate_timed: InstallLine | None = None
    one_step: InstallLine | None = None
    one_step_major: InstallLine | None = None
    commit: InstallLine | None = None
    abort: InstallLine | None = None
    rollback: InstallLine | None = None
    remove_inactive: InstallLine | None = None
    stop_timer: InstallLine | None = None
    convert: InstallLine | None = None
    fpd_upgrade: InstallLine | None = None
    smu_activate: InstallLine | None = None
    smu_deactivate: InstallLine | None = None
    smu_show: InstallRead | None = None
    checks: tuple[InstallRead, ...] | None = None
    state: tuple[InstallRead, ...] | None = None
    progress: tuple[InstallRead, ...] | None = None
    timer_minutes: Minutes | None = None
    timer_min_minutes: Minutes | None = None
    timer_max_minutes: Minutes | None = None

    def to_syntax(self, device_class: DeviceClass) -> InstallSyntax:
        """The class's commands with what this file says in their place."""
        return replace(INSTALL_OF[device_class], **self.model_dump(exclude_none=True))


class IssuText(Strict):
    """`issu:` of a pack file."""

    style: IssuStyle
    load: IssuLine = ""
    run: IssuLine = ""
    accept: IssuLine = ""
    commit: IssuLine = ""
    finish: IssuLine = ""
    one_step: IssuLine = ""
    abort: IssuLine = ""
    set_timer: IssuLine = ""
    show: Annotated[tuple[ReadCommand, ...], Field(min_length=1)] = (
        "show redundancy states",
        "show issu state detail",
        "show issu rollback-timer",
    )
    rollback_s: Seconds = 2700.0

    @model_validator(mode="after")
    def _has_a_way(self) -> IssuText:
        if not (self.one_step or (self.load and self.run and self.commit)):
            raise ValueError("give one_step, or load, run and commit")
        return self


class MembersText(Strict):
    """`members:` of a pack file."""

    file_system: Annotated[str, may_have_fields("n")] = ""
    copy_: Annotated[MemberLine, Field(alias="copy")] = ""
    boot: MemberLine = ""
    clear_boot: MemberLine = ""

    def to_syntax(self) -> MemberSyntax:
        """The dataclass; `copy` is a method name in pydantic, hence the alias."""
        return MemberSyntax(self.file_system, self.copy_, self.boot, self.clear_boot)


class CopyText(Strict):
    """`copy:` of a pack file."""

    pull: Annotated[str, needs_fields("url", "fs", "path")] = _DEFAULT_COPY.pull
    pull_vrf: Annotated[str, may_have_fields("url", "fs", "path", "vrf")] = ""
    is_vrf_in_url: bool = False
    vrf: Annotated[str, Field(pattern=r"^[\w-]{0,32}$")] = ""
    delete: Annotated[str, needs_fields("fs", "path"), AfterValidator(changing)] = _DEFAULT_COPY.delete
    delete_folder: Annotated[str, may_have_fields("fs", "path")] = ""
    scp_on: tuple[ConfigLine, ...] = _DEFAULT_COPY.scp_on
    scp_off: tuple[ConfigLine, ...] = _DEFAULT_COPY.scp_off

    @model_validator(mode="after")
    def _takes_back(self) -> CopyText:
        if bool(self.scp_on) != bool(self.scp_off):
            raise ValueError("scp_on and scp_off belong together")
        if self.pull_vrf and "{vrf}" not in self.pull_vrf:
            raise ValueError("pull_vrf needs {vrf}")
        return self


class VariantText(Strict):
    """One entry of `variants:`."""

    device_class: DeviceClass
    version: Regex = ""
    mode: Mode | Literal[""] = ""
    image: Regex = ""
    file_patterns: tuple[Regex, ...] = ()
    upgrade_modes: tuple[Mode, ...] = ()
    install: InstallText = InstallText()

    @model_validator(mode="after")
    def _something(self) -> VariantText:
        if not (self.version or self.mode or self.image):
            raise ValueError("give at least one of version, mode, image")
        return self

    def to_variant(self) -> Variant:
        """The dataclass."""
        return Variant(
            **self.model_dump(exclude={"install"}),
            install=self.install.to_syntax(self.device_class),
        )
