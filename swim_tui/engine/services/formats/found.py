"""What a foreign inventory file gave: rows as our own file would have them, problems with lines, and notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from swim_tui.engine.services.formats.proxycommand import jump_of

_PASSWORD = re.compile(r"pass(word|wd|phrase)?$|secret|_pass$|^enable$|token|community", re.I)
_HOP = re.compile(r"(?:(?P<user>[^@\s]+)@)?(?P<host>\[[^\]]+\]|[^:@\s]+)(?::(?P<port>\d{1,5}))?")
NAMES_IN_NOTE = 5
NO_PROFILE = "no password or key comes with these users; choose a profile with --credentials"
NO_JUMP_PROFILE = "these jump hosts need a profile (--jump-credentials, or: swim-tui jumps add)"
NOT_A_JUMP = "this ProxyCommand is not understood (`ssh -W %h:%p HOST` is, and ProxyJump); set the jump host by hand"


class Unreadable(Exception):
    """The text is not of the format at all; says where and why."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


@dataclass(frozen=True)
class RawRow:
    """A row before any check: field -> value, field -> line (`""` is the first line of the row)."""

    values: Mapping[str, Any]
    lines: Mapping[str, int]


@dataclass
class Found:
    """Rows by section (groups, credentials, jumps, devices); problems and notes with their lines."""

    rows: dict[str, list[RawRow]] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)
    _notes: dict[str, tuple[int, dict[str, None]]] = field(default_factory=dict)
    _made: set[tuple[str, str, str]] = field(default_factory=set)
    _hops: dict[str, tuple[str, int, str]] = field(default_factory=dict)

    def add(self, section: str, values: Mapping[str, Any], line: int, lines: Mapping[str, int] | None = None) -> None:
        """One more row."""
        self.rows.setdefault(section, []).append(RawRow(values, {"": line, **(lines or {})}))

    def problem(self, line: int, text: str) -> None:
        """Something that keeps the file from being imported."""
        self.problems.append((line, text))

    def note(self, text: str, line: int, name: str = "") -> None:
        """Something a person should know; the same text once, with the first line and the first names."""
        _, names = self._notes.setdefault(text, (line, {}))
        if name:
            names[name] = None

    def notes(self) -> list[tuple[int, str]]:
        """Each note with the line where it came up first."""
        found = []
        for text, (line, names) in self._notes.items():
            shown = ", ".join(list(names)[:NAMES_IN_NOTE])
            more = f" and {len(names) - NAMES_IN_NOTE} more" if len(names) > NAMES_IN_NOTE else ""
            found.append((line, f"{text}: {shown}{more}" if names else text))
        return found

    def secret(self, key: str, line: int) -> None:
        """A password stands in the file: it is never imported, and that is said without showing it."""
        self.note(
            "passwords in this file are not imported (swim-tui credentials add NAME asks for one); found in", line, key
        )

    def group(self, name: str, kind: str, line: int, parent: str = "") -> str:
        """A group that a row names, made once; the name."""
        name = str(name).strip()
        if name and ("group", kind, name) not in self._made:
            self._made.add(("group", kind, name))
            self.add("groups", {"name": name, "kind": kind, **({"parent": parent} if parent else {})}, line)
        return name

    def profile(self, user: str, key_file: str, line: int) -> str:
        """The name of a credential profile for a user and a key file, made once; empty without both."""
        if not user or not key_file:
            if user:
                self.note(NO_PROFILE, line, user)
            return ""
        stem = re.sub(r"[^A-Za-z0-9_.-]", "-", key_file.rsplit("/", 1)[-1]).strip("-.")
        name = f"{user}-{stem or 'key'}"
        if ("profile", user, key_file) not in self._made:
            self._made.add(("profile", user, key_file))
            self.add("credentials", {"name": name, "username": user, "key_file": key_file}, line)
        return name

    def hop(self, text: str, line: int, credentials: str = "", template: str = "") -> str:
        """The jump host of `user@host:port`, made once; its name, empty (with a problem) if it cannot be read.

        With a template it is passed by that command.
        """
        match = _HOP.fullmatch(text.strip().removeprefix("ssh://"))
        if match is None or "{{" in text:
            self.problem(line, f"the jump host {text[:60]!r} is not understood: [user@]host[:port]")
            return ""
        host = match["host"].strip("[]")
        port = int(match["port"] or 22)
        name = host if port == 22 else f"{host}-{port}"
        known = self._hops.get(name)
        if known is None:
            self._hops[name] = (host, port, credentials)
            if match["user"] and not credentials:
                self.note(NO_JUMP_PROFILE, line, f"{match['user']}@{host}")
            method = "exec" if template else ""
            row = {"name": name, "address": host, "port": port, "credentials": credentials,
                   "method": method, "template": template}  # fmt: skip
            self.add("jumps", {k: v for k, v in row.items() if v}, line)
        return name

    def by_command(self, command: str, line: int, name: str) -> list[str]:
        """The jump host of a ProxyCommand; none, with a note, when it is another kind of command."""
        jump = jump_of(command)
        if jump is None:
            self.note(NOT_A_JUMP, line, name)
            return []
        made = self.hop(jump.hop, line, template=jump.template)
        return [made] if made else []

    def hops(self, text: str, line: int) -> list[str]:
        """A chain `a,b`: first hop first."""
        return [name for part in text.split(",") if part.strip() and (name := self.hop(part, line))]


def is_secret(key: str) -> bool:
    """Whether a field of this name holds a password."""
    return bool(_PASSWORD.search(key))


def number(value: object) -> object:
    """A port as a number if it is one; else as it stands, for the check to name it."""
    text = str(value).strip()
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else text


def words(value: object) -> list[str]:
    """A list, or text with `;`, `,` or `|` between, as a list of texts."""
    if isinstance(value, str):
        parts: Iterable[object] = re.split(r"[;,|]", value)
    else:
        parts = value if isinstance(value, list | tuple) else []
    return [text for part in parts if (text := str(part).strip())]
