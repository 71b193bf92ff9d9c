"""~/.ssh/config: Host blocks in ssh's own order, where the first value of a key wins."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field

from swim_tui.engine.services.formats.found import Found, number

_LINE = re.compile(r"\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(.*?)\s*$")
_BLOCK = re.compile(r"^\s*(host|match)[\s=]+\S", re.I | re.M)
_ALGORITHMS = ("kexalgorithms", "hostkeyalgorithms", "pubkeyacceptedalgorithms", "ciphers", "macs")
_TAKEN = ("hostname", "port", "user", "identityfile", "proxyjump", "proxycommand", *_ALGORITHMS)
_WILD = re.compile(r"[*?!]")
_OLD = re.compile(r"(^|[,+^])(ssh-rsa|ssh-dss|[a-z0-9-]*-sha1|[a-z0-9-]*-cbc|hmac-md5[a-z0-9-]*)(?=,|$)")


@dataclass
class _Block:
    patterns: list[str]
    line: int
    values: dict[str, tuple[str, int]] = field(default_factory=dict)

    def fits(self, name: str) -> bool:
        """ssh: one pattern must match, and none with a `!` may."""
        if any(fnmatch.fnmatchcase(name, p[1:]) for p in self.patterns if p.startswith("!")):
            return False
        return any(fnmatch.fnmatchcase(name, p) for p in self.patterns if not p.startswith("!"))


def looks_like_ssh_config(text: str) -> bool:
    """A line `Host ...` or `Match ...`."""
    return bool(_BLOCK.search(text))


def read_ssh_config(text: str) -> Found:
    """Hosts without wildcards become devices; those that are only jumped through become jump hosts."""
    found = Found()
    blocks = _blocks(text, found)
    names = {p: b.line for b in reversed(blocks) for p in b.patterns if not _WILD.search(p)}
    reader = _Reader(found, blocks, set(names))
    chains = {name: reader.jump(name) for name in names}
    through = {hop for chain in chains.values() for hop in chain}
    for name, line in sorted(names.items(), key=lambda item: item[1]):
        if name not in through:
            reader.device(name, line, chains[name])
    return found


def _blocks(text: str, found: Found) -> list[_Block]:
    current = _Block(["*"], 1)
    blocks = [current]
    for number_, raw in enumerate(text.splitlines(), 1):
        match = _LINE.match(raw)
        if match is None or raw.lstrip().startswith("#"):
            continue
        key, value = match[1].lower(), match[2].strip()
        if key == "host":
            current = _Block([word.strip('"') for word in value.split()], number_)
            blocks.append(current)
        elif key == "match":
            current = _Block([], number_)  # conditions are ssh's own business
            blocks.append(current)
            found.note("Match blocks are not read", number_)
        elif key == "include":
            found.note("Include is not followed; import these files by themselves", number_, value[:60])
        elif key in _TAKEN:
            current.values.setdefault(key, (value.strip('"'), number_))
    return blocks


class _Reader:
    def __init__(self, found: Found, blocks: list[_Block], names: set[str]) -> None:
        self._found, self._names = found, names
        self._made: set[str] = set()
        # Ten thousand hosts with a block each: only blocks with patterns are looked at for every one of them.
        self._by_pattern: list[tuple[int, _Block]] = []
        self._by_name: dict[str, list[tuple[int, _Block]]] = {}
        for number_, block in enumerate(blocks):
            if any(_WILD.search(pattern) for pattern in block.patterns):
                self._by_pattern.append((number_, block))
            else:
                for pattern in dict.fromkeys(block.patterns):
                    self._by_name.setdefault(pattern, []).append((number_, block))

    def value(self, name: str, key: str) -> tuple[str, int]:
        """The first value of a key for a host, with its line."""
        fitting = [(n, b) for n, b in self._by_name.get(name, ()) if key in b.values]
        fitting += [(n, b) for n, b in self._by_pattern if key in b.values and b.fits(name)]
        return min(fitting, key=lambda item: item[0])[1].values[key] if fitting else ("", 0)

    def jump(self, name: str, seen: tuple[str, ...] = ()) -> list[str]:
        """Names of the jump hosts of a host; each becomes a row, through its own ProxyJump if it has one."""
        text, line = self.value(name, "proxyjump")
        if not text or text.lower() == "none":
            command, line = self.value(name, "proxycommand")
            return self._found.by_command(command, line, name) if command and command.lower() != "none" else []
        chain = []
        for part in text.split(","):
            hop = part.strip()
            if hop in (name, *seen):
                self._found.problem(line, f"'{hop}' is reached through itself")
            elif hop in self._names:
                self._alias(hop, (*seen, name))
                chain.append(hop)
            elif hop and (made := self._found.hop(hop, line)):
                chain.append(made)
        return chain

    def _alias(self, name: str, seen: tuple[str, ...]) -> None:
        if name in self._made:
            return
        self._made.add(name)
        before = self.jump(name, seen)
        values, lines = self._place(name)
        if before:
            values["via"] = before[-1]
        self._found.add("jumps", values, lines.get("address", 1), lines)

    def device(self, name: str, line: int, chain: list[str]) -> None:
        """A host as a device."""
        values, lines = self._place(name)
        for key in _ALGORITHMS:
            text, at = self.value(name, key)
            if not text.startswith("-") and _OLD.search(text):
                values["legacy_ssh"], lines["legacy_ssh"] = True, at
                self._found.note("SHA-1, ssh-rsa or CBC is allowed for these hosts: marked legacy_ssh", at, name)
                break
        if chain:
            values["jump"], lines["jump"] = (
                chain,
                self.value(name, "proxyjump")[1] or self.value(name, "proxycommand")[1],
            )
        self._found.add("devices", values, line, lines)

    def _place(self, name: str) -> tuple[dict[str, object], dict[str, int]]:
        address, at = self.value(name, "hostname")
        values: dict[str, object] = {"name": name, "address": address.replace("%h", name) or name}
        lines = {"address": at} if at else {}
        port, at = self.value(name, "port")
        if port:
            values["port"], lines["port"] = number(port), at
        user, user_line = self.value(name, "user")
        key, _ = self.value(name, "identityfile")
        if profile := self._found.profile(user, key, user_line or 1):
            values["credentials"] = profile
        return values, lines
