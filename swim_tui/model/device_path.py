"""File names as devices spell them: `flash:/x.bin`, `bootflash:x.bin,12;`, `switch all flash:x.bin`, `flash x.bin`."""

from __future__ import annotations

import re

from swim_tui.model.facts import Facts

# Boot entries carry suffixes: `,12` (flags, routers) and a trailing `;` (switches).
_SUFFIX = re.compile(r"(,\d+)?;*\s*$")
# The other supervisor of a Nexus; this one is a prefix like any other.
_UNIT = re.compile(r"(?P<name>[A-Za-z][\w-]*://sup-(?:remote|standby)/)(?P<path>.*)$", re.IGNORECASE)
_CONFIG_WORDS = re.compile(r"^boot\s+system\s+", re.IGNORECASE)
_SWITCH_WORDS = re.compile(r"^switch\s+(?:all|\d+)\s+", re.IGNORECASE)
_NETWORK = re.compile(r"^(tftp|ftp|rcp|http|https|mop)\b", re.IGNORECASE)


def split_path(text: str) -> tuple[str, str]:
    """File system (with colon, empty if none) and path without leading slashes."""
    unit = _UNIT.match(text.strip())
    if unit is not None:
        return unit["name"], unit["path"]
    head, colon, tail = text.strip().partition(":")
    if not colon:
        return "", head.lstrip("/")
    return f"{head}:", tail.lstrip("/")


def join_path(file_system: str, path: str) -> str:
    """`flash:` and `dir/x.bin` as `flash:/dir/x.bin`; `bootflash://sup-remote/` has its slash."""
    if file_system.endswith("/"):
        return f"{file_system}{path.lstrip('/')}"
    return f"{file_system}/{path.lstrip('/')}"


def base_name(text: str) -> str:
    """The file name alone: x.bin of `flash:/dir/x.bin` and of `flash:x.bin`."""
    return text.rpartition("/")[2].rpartition(":")[2]


def boot_entries(text: str) -> tuple[str, ...]:
    """File names of one `boot system ...` line or BOOT value, in order, suffixes and words removed.

    `boot system flash x.bin` and `boot system flash bootflash:x.bin` both name a local file; network entries stay as
    they are.
    """
    rest = _SWITCH_WORDS.sub("", _CONFIG_WORDS.sub("", text.strip()))
    found = []
    for part in rest.split(";"):
        entry = _SUFFIX.sub("", part.strip())
        words = entry.split()
        if len(words) == 2 and not _NETWORK.match(entry):
            entry = words[1] if ":" in words[1] else f"{words[0]}:{words[1]}"
        if entry:
            found.append(entry)
    return tuple(found)


def is_local(entry: str) -> bool:
    """True when the entry names a file on the device itself."""
    return bool(entry) and not _NETWORK.match(entry)


def device_file(text: str, facts: Facts) -> str:
    """One spelling for every name of a file: canonical file system name, no leading slash.

    `bootflash:/x` and `flash:x` are the same where the device says that both prefixes are one file system.
    """
    entry = (boot_entries(text) or ("",))[0]
    fs_name, path = split_path(entry)
    if not path:
        return ""
    if not fs_name:
        default = next((fs.name for fs in facts.file_systems if fs.is_default), "")
        return f"{default}{path}"
    fs = facts.file_system(fs_name)
    return f"{fs.name if fs else fs_name}{path}"


def same_file(one: str, other: str, facts: Facts) -> bool:
    """True when both names mean one file of this device; empty names are never the same."""
    left = device_file(one, facts)
    return bool(left) and left.lower() == device_file(other, facts).lower()
