"""What a pack file may hold: pydantic where text becomes data, dataclasses from there on."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from swim_tui.model.device import DeviceClass
from swim_tui.model.options import Protocol
from swim_tui.packs.pack import BootSyntax, Pack, PackWaits, Recognition, Support

_DEFAULT_BOOT = BootSyntax()
_DEFAULT_WAITS = PackWaits()
_READ_WORDS = re.compile(r"(?:show|dir|verify|more)\b")


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as err:
        raise ValueError(f"not a regular expression: {err}") from err
    return text


def _file_system(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][\w-]*:(?://[\w-]+/)?", text):
        raise ValueError("a file system ends in a colon, such as flash:")
    return text


def _one_line(text: str) -> str:
    if not text.strip() or "\n" in text:
        raise ValueError("must be one line of text")
    return text


def _read_command(text: str) -> str:
    if not _READ_WORDS.match(_one_line(text)) or re.search(r"\|\s*(?:redirect|append|tee)\b", text):
        raise ValueError("only show, dir, verify and more may stand here: this list never changes a device")
    return text


def _template(*names: str) -> AfterValidator:
    """A text whose {fields} are among `names`, and which uses {path} where that is one of them."""

    def check(text: str) -> str:
        found = set(re.findall(r"{(\w*)}", _one_line(text)))
        unknown = found - set(names)
        if unknown:
            raise ValueError(f"unknown field {{{sorted(unknown)[0]}}}; there are {', '.join(names)}")
        if "path" in names and "path" not in found:
            raise ValueError("needs {path}")
        return text

    return AfterValidator(check)


Regex = Annotated[str, AfterValidator(_pattern)]
FileSystemName = Annotated[str, AfterValidator(_file_system)]
ReadCommand = Annotated[str, AfterValidator(_read_command)]
OneLine = Annotated[str, AfterValidator(_one_line)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Rate = Annotated[float, Field(gt=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RecogniseText(_Strict):
    """`recognise:` of a pack file."""

    pid: Regex = ""
    family: Regex = ""
    image_file: Regex = ""

    @model_validator(mode="after")
    def _something(self) -> RecogniseText:
        if not (self.pid or self.family or self.image_file):
            raise ValueError("give at least one of pid, family, image_file")
        return self


class WaitsText(_Strict):
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


class BootText(_Strict):
    """`boot:` of a pack file."""

    template: Annotated[str, _template("fs", "path")] = _DEFAULT_BOOT.template
    clear: OneLine = _DEFAULT_BOOT.clear
    show: tuple[ReadCommand, ...] = _DEFAULT_BOOT.show


class PackText(_Strict):
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
    hash_command: Annotated[str, _template("fs", "path")] = "verify /md5 {fs}{path}"
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
    recovery: tuple[Annotated[str, _template("old", "new", "fs")], ...] = ()
    legacy_ssh: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> PackText:
        if self.file_systems[0] != self.boot_file_system:
            raise ValueError(f"file_systems must begin with boot_file_system, {self.boot_file_system}")
        if not any(re.match(r"show\s+version$", command) for command in self.read_commands):
            raise ValueError("read_commands must have 'show version'")
        return self

    def to_pack(self, source: str) -> Pack:
        """The dataclass the rest of the product works with."""
        simple = self.model_dump(exclude={"recognise", "boot", "waits"})
        return Pack(
            **simple,
            recognise=Recognition(**self.recognise.model_dump()),
            boot=BootSyntax(**self.boot.model_dump()),
            waits=PackWaits(**self.waits.model_dump()),
            source=source,
        )
