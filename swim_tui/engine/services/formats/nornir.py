"""Nornir: hosts, groups and defaults (SimpleInventory), in one file or several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from swim_tui.engine.services.formats.found import Found, is_secret, number, words
from swim_tui.engine.services.formats.yamltext import Tree

_FIELDS = ("hostname", "port", "username")
MAX_DEPTH = 20


@dataclass
class _Entry:
    values: dict[str, tuple[Any, int]] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)
    line: int = 1


def looks_like_hosts(tree: Tree) -> bool:
    """Every value is a mapping (or nothing), and one of them names a hostname, groups or a platform."""
    values = [value for _, _, value in tree.pairs(tree.root)]
    signs = {"hostname", "groups", "platform", "username", "data", "port"}
    mappings = [v for v in values if isinstance(v, yaml.MappingNode)]
    return bool(mappings) and any(key in signs for node in mappings for key, _, _ in tree.pairs(node))


def read_nornir(parts: Mapping[str, tuple[str, int]]) -> Found:
    """`parts` is hosts, groups, defaults -> text and its first line; only hosts must be there."""
    found = Found()
    groups = _entries(found, parts.get("groups"))
    defaults = _defaults(found, parts.get("defaults"))
    for name, host in _entries(found, parts.get("hosts")).items():
        _host(found, name, host, groups, defaults)
    return found


def _entries(found: Found, part: tuple[str, int] | None) -> dict[str, _Entry]:
    if part is None:
        return {}
    tree = Tree(*part)
    entries: dict[str, _Entry] = {}
    for name, line, node in tree.pairs(tree.root):
        if name in entries:
            found.problem(line, f"'{name}' stands twice (first on line {entries[name].line})")
            continue
        entries[name] = _entry(found, tree, node, line)
    if tree.root is not None and not isinstance(tree.root, yaml.MappingNode):
        found.problem(part[1], "a mapping of names is expected")
    return entries


def _entry(found: Found, tree: Tree, node: yaml.Node | None, line: int) -> _Entry:
    entry = _Entry(line=line)
    for key, at, value in tree.pairs(node):
        if is_secret(key):
            found.secret(key, at)
        elif key in _FIELDS and (plain := tree.plain(value)) is not None:
            entry.values[key] = (plain, at)
        elif key == "groups":
            entry.groups = words(tree.plain(value))
        elif key == "connection_options" and any(
            is_secret(k) for _, _, v in tree.pairs(value) for k, _, _ in tree.pairs(v)
        ):
            found.secret(key, at)
    return entry


def _defaults(found: Found, part: tuple[str, int] | None) -> _Entry:
    if part is None:
        return _Entry()
    tree = Tree(*part)
    return _entry(found, tree, tree.root, part[1])


def _host(found: Found, name: str, host: _Entry, groups: Mapping[str, _Entry], defaults: _Entry) -> None:
    for group in host.groups:
        if groups and group not in groups:
            found.problem(host.line, f"host '{name}': no group '{group}' in groups.yaml")
    address, at = _resolve(host, "hostname", groups, defaults)
    values: dict[str, Any] = {"name": name, "address": str(address if address is not None else name)}
    lines = {"address": at} if at else {}
    port, at = _resolve(host, "port", groups, defaults)
    if port is not None:
        values["port"], lines["port"] = number(port), at
    if host.groups:
        values["groups"] = [found.group(group, "user", host.line) for group in dict.fromkeys(host.groups)]
    user, at = _resolve(host, "username", groups, defaults)
    if user:
        found.profile(str(user), "", at)
    found.add("devices", values, host.line, lines)


def _resolve(entry: _Entry, key: str, groups: Mapping[str, _Entry], defaults: _Entry) -> tuple[Any, int]:
    """Host, then its groups in order and theirs, then the defaults; groups may name each other in circles."""
    seen: set[str] = set()

    def look(at: _Entry, depth: int) -> tuple[Any, int] | None:
        if key in at.values:
            return at.values[key]
        for name in at.groups:
            if name in seen or name not in groups or depth > MAX_DEPTH:
                continue
            seen.add(name)
            if (value := look(groups[name], depth + 1)) is not None:
                return value
        return None

    return look(entry, 0) or defaults.values.get(key, (None, 0))
