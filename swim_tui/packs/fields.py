"""The kinds of text a pack file may hold, each with its own check."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_READ_WORDS = re.compile(r"(?:admin show|show|dir|verify|more)\b")
# what the tool must never send, whatever a pack says
_NEVER = re.compile(r"\b(?:write erase|erase|format|squeeze|factory-reset|delete /recursive)\b", re.IGNORECASE)
FILE_FIELDS = ("fs", "path", "url", "folder", "kickstart")
INSTALL_FIELDS = (*FILE_FIELDS, "files", "packages", "id", "minutes", "point", "rp")
ISSU_FIELDS = (*FILE_FIELDS, "active", "standby", "standby_fs", "time")
MEMBER_FIELDS = (*FILE_FIELDS, "n", "member_fs")


def pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as err:
        raise ValueError(f"not a regular expression: {err}") from err
    return text


def file_system_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][\w-]*:(?://[\w-]+/)?", text):
        raise ValueError("a file system ends in a colon, such as flash:")
    return text


def one_line(text: str) -> str:
    if not text.strip() or "\n" in text:
        raise ValueError("must be one line of text")
    return text


def read_command(text: str) -> str:
    if not _READ_WORDS.match(one_line(text)) or re.search(r"\|\s*(?:redirect|append|tee)\b", text):
        raise ValueError("only show, dir, verify and more may stand here: this list never changes a device")
    return text


def changing(text: str) -> str:
    if text and _READ_WORDS.match(text):
        raise ValueError("this command reads only: it belongs to checks, state or progress")
    if _NEVER.search(text):
        raise ValueError("erases more than an upgrade may")
    return text


def may_have_fields(*names: str) -> AfterValidator:
    """A text whose {fields} are among `names`; empty = the platform has no such command."""

    def check(text: str) -> str:
        for field in re.findall(r"{(\w*)}", one_line(text) if text else ""):
            if field not in names:
                raise ValueError(f"unknown field {{{field}}}; there are {', '.join(names)}")
        return text

    return AfterValidator(check)


def needs_fields(*names: str) -> AfterValidator:
    """A text whose {fields} are among `names`, and which uses {path} where that is one of them."""

    def check(text: str) -> str:
        found = set(re.findall(r"{(\w*)}", one_line(text)))
        unknown = found - set(names)
        if unknown:
            raise ValueError(f"unknown field {{{sorted(unknown)[0]}}}; there are {', '.join(names)}")
        if "path" in names and "path" not in found:
            raise ValueError("needs {path}")
        return text

    return AfterValidator(check)


Regex = Annotated[str, AfterValidator(pattern)]
FileSystemName = Annotated[str, AfterValidator(file_system_name)]
ReadCommand = Annotated[str, AfterValidator(read_command)]
OneLine = Annotated[str, AfterValidator(one_line)]
InstallLine = Annotated[str, may_have_fields(*INSTALL_FIELDS), AfterValidator(changing)]
InstallRead = Annotated[ReadCommand, may_have_fields(*INSTALL_FIELDS)]
IssuLine = Annotated[str, may_have_fields(*ISSU_FIELDS), AfterValidator(changing)]
MemberLine = Annotated[str, may_have_fields(*MEMBER_FIELDS), AfterValidator(changing)]
ConfigLine = Annotated[OneLine, AfterValidator(changing)]
Minutes = Annotated[int, Field(ge=0, le=10_080)]
Bytes = Annotated[int, Field(ge=0, le=10**12)]
Mode = Literal["bundle", "install"]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Rate = Annotated[float, Field(gt=0)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
