"""What kind of command a line is: read-only or not, which dialogue rows may answer it, and if the device refused it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from swim_tui.net.text import is_async


class Context(StrEnum):
    """Operations that Appendix B of the device facts tells apart."""

    COPY = "copy"
    RELOAD = "reload"
    INSTALL = "install"  # XE 16 install, request platform software, XR install: activate, abort, rollback, commit
    XE3 = "xe3"  # `software install`, `software clean`
    ISSU = "issu"
    CLEANUP = "cleanup"  # delete, install remove
    NXOS_INSTALL = "nxos-install"  # install all
    SAVE = "save"
    ENABLE = "enable"
    OTHER = "other"


_CONTEXTS: tuple[tuple[str, Context], ...] = (
    (r"install\s+all\b", Context.NXOS_INSTALL),
    (r"install\s+(remove|deactivate)\b", Context.CLEANUP),
    (r"install\s", Context.INSTALL),
    (r"request\s+(platform|system)\s+software\s", Context.INSTALL),
    (r"software\s+(install|clean|rollback|commit|expand)\b", Context.XE3),
    (r"issu\s", Context.ISSU),
    (r"(delete|squeeze|rmdir)\b", Context.CLEANUP),
    (r"write(\s+memory)?$", Context.SAVE),
    (r"copy\s+running-config\s+startup-config$", Context.SAVE),
    (r"(copy|scp|sftp|archive)\s", Context.COPY),
    (r"(reload|hw-module\s+location\s+\S+\s+reload|redundancy\s+reload)\b", Context.RELOAD),
    (r"enable\b", Context.ENABLE),
)
_PREFIX = re.compile(r"^(?:admin|do)\s+", re.I)

_READ_ONLY = re.compile(
    r"""(?:admin\s+|do\s+)?(?:
      show\b.* | dir\b.* | more\b.* | pwd
    | verify\b.*
    | terminal\s+(?:width|length)\s+\d+ | terminal\s+no\s+monitor | terminal\s+exec\s+prompt\s+.*
    | enable | disable | exit | where
    | ping\s.* | traceroute\s.*
    )$""",
    re.I | re.X,
)
# output modifiers that write a file; `;` strings commands together and `>` redirects on NX-OS
_WRITES = re.compile(r"\|\s*(?:redirect|append|tee)\b|[;>]", re.I)
_UNTYPABLE = re.compile(r"[\x00-\x1f\x7f-\x9f?]")  # `?` is help, at once and without RETURN

_REJECTED = re.compile(
    r"^%\s?(?:Invalid (?:input|command)\b|Ambiguous command|Incomplete command|Unknown command|Unrecognized command"
    r"|Unrecognized host or address|Invalid number)",
    re.I,
)
_CONFIG_REJECTED = re.compile(r"^(?:Command rejected\b|%\s?Error\b|ERROR:|%\s?Failed\b|%\s?Cannot\b|%\s?Bad\b)", re.I)
_DENIED = re.compile(
    r"^%?\s?(?:Command authorization failed|Authorization failed|Permission denied for the role"
    r"|This command is not authorized|Privilege denied|Error: User .* not authorized)",
    re.I,
)
_REFUSAL_LINES = 12  # a refusal is short; a line that looks like one inside a long output is output
_CONFIG_TEXT = re.compile(r"^(?:show\s+(?:running|startup)(?:-config)?|show\s+archive\s+config|more\s+\S*config)", re.I)


def context_of(command: str) -> Context:
    """Which rows of the common dialogue table may answer this command."""
    text = _PREFIX.sub("", " ".join(command.split()))
    for pattern, context in _CONTEXTS:
        if re.match(pattern, text, re.I):
            return context
    return Context.OTHER


def is_read_only(command: str) -> bool:
    """True when the line is known to change nothing; a word that is not known is not read-only."""
    text = " ".join(command.split())
    return bool(_READ_ONLY.fullmatch(text)) and not _WRITES.search(text)


def is_typable(command: str) -> bool:
    """False for a line that the device would take as more than one, or as a question of ours."""
    return bool(command.strip()) and not _UNTYPABLE.search(command)


def reads_configuration(command: str) -> bool:
    """True when the output is configuration text, which is not shown line by line."""
    return bool(_CONFIG_TEXT.match(command.strip()))


def refusal(output: Sequence[str], *, config: bool = False) -> tuple[bool, str] | None:
    """(denied, text) when the device refused the line: parser or authorisation; None otherwise.

    Not every % line is an error: only the wordings known are taken, and only in an output as short as a refusal is.
    """
    lines = [line.strip() for line in output if line.strip() and not is_async(line)]
    if len(lines) > _REFUSAL_LINES:
        return None
    for line in lines:
        if _DENIED.match(line):
            return True, line
        if _REJECTED.match(line) or (config and _CONFIG_REJECTED.match(line)):
            return False, line
    return None
