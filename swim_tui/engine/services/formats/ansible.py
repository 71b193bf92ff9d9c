"""Ansible inventories (ini and yaml): hosts, groups with children, variables by Ansible's own precedence."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from swim_tui.engine.services.formats.found import Found, is_secret, number
from swim_tui.engine.services.formats.proxycommand import of_arguments
from swim_tui.engine.services.formats.yamltext import Tree

_SECTION = re.compile(r"\s*\[([^\]:]+)(?::(\w+))?\]\s*(?:[#;].*)?$")
_SECTION_LINE = re.compile(r"^\s*\[[^\]\n]+\]\s*$", re.M)
_RANGE = re.compile(r"\[(?:(\d{1,6}):(\d{1,6})(?::(\d{1,6}))?|([a-z]):([a-z])|([A-Z]):([A-Z]))\]")
_PROXY_JUMP = re.compile(r"""(?:-J\s*|ProxyJump[=\s]+)["']?([^\s"']+)""")
_NETWORK = ("network_cli", "netconf", "httpapi", "libssh")
_WITHOUT_MEANING = ("all", "ungrouped")
_GROUP_KEYS = frozenset({"hosts", "vars", "children"})
_PROXY_COMMANDS = ("ansible_paramiko_proxy_command", "ansible_libssh_proxy_command")
_TAKEN = (
    *_PROXY_COMMANDS,
    "ansible_host", "ansible_ssh_host", "ansible_port", "ansible_ssh_port", "ansible_user", "ansible_ssh_user",
    "ansible_ssh_private_key_file", "ansible_private_key_file", "ansible_ssh_common_args", "ansible_ssh_extra_args",
    "ansible_connection", "ansible_network_os",
)  # fmt: skip
MAX_HOSTS = 100_000
MAX_DEPTH = 20
Var = tuple[Any, int]


@dataclass
class _Group:
    line: int
    variables: dict[str, Var] = field(default_factory=dict)
    hosts: dict[str, int] = field(default_factory=dict)
    children: dict[str, int] = field(default_factory=dict)


@dataclass
class _Inventory:
    found: Found
    groups: dict[str, _Group] = field(default_factory=dict)
    hosts: dict[str, dict[str, Var]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def group(self, name: str, line: int) -> _Group:
        """The group, made where it is named first."""
        return self.groups.setdefault(name, _Group(line))

    def host(self, name: str, line: int) -> dict[str, Var]:
        """The variables of a host."""
        self.lines.setdefault(name, line)
        return self.hosts.setdefault(name, {})

    def take(self, variables: dict[str, Var], key: str, value: Any, line: int) -> None:
        """Keep a variable that matters; say that a password is left."""
        if is_secret(key):
            self.found.secret(key, line)
        elif key in _TAKEN and value is not None:
            if "{{" in str(value):
                self.found.note("templates are not worked out; these variables are left out", line, key)
            else:
                variables[key] = (value, line)


def looks_like_ini(text: str) -> bool:
    """A line `[group]`."""
    return bool(_SECTION_LINE.search(text))


def looks_like_yaml(tree: Tree) -> bool:
    """A top-level group with hosts, vars or children."""
    return any(_GROUP_KEYS & {key for key, _, _ in tree.pairs(node)} for _, _, node in tree.pairs(tree.root))


# --- ini ---


def read_ini(text: str) -> Found:
    """`[group]`, `[group:vars]`, `[group:children]`, host lines with `key=value`."""
    inventory = _Inventory(Found())
    name, kind = "ungrouped", "hosts"
    for line, raw in enumerate(text.splitlines(), 1):
        content = raw.strip()
        if not content or content[0] in "#;":
            continue
        section = _SECTION.match(raw)
        if section is not None:
            name, kind = section[1].strip(), section[2] or "hosts"
            inventory.group(name, line)
            if kind not in _GROUP_KEYS:
                inventory.found.problem(line, f"no kind of section '{kind}': hosts, vars or children")
            continue
        group = inventory.group(name, line)
        if kind == "children":
            group.children.setdefault(content.split()[0], line)
            inventory.group(content.split()[0], line)
        elif kind == "vars":
            key, sign, value = content.partition("=")
            if not sign:
                inventory.found.problem(line, "a variable is written as key=value")
            inventory.take(group.variables, key.strip(), _unquoted(value.strip()), line)
        elif kind == "hosts":
            _host_line(inventory, group, content, line)
    return _finish(inventory)


def _unquoted(value: str) -> str:
    """Without the quotes around it; those within it stay."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _host_line(inventory: _Inventory, group: _Group, content: str, line: int) -> None:
    try:
        parts = shlex.split(content, comments=True)
    except ValueError as err:
        inventory.found.problem(line, f"host line: {str(err).lower()}")
        return
    if not parts:
        return
    pattern, _, port = parts[0].rpartition(":") if re.search(r"[^:\]]:\d+$", parts[0]) else (parts[0], "", "")
    for name in _names(inventory, pattern, line):
        group.hosts.setdefault(name, line)
        variables = inventory.host(name, line)
        if port:
            variables["ansible_port"] = (port, line)
        for part in parts[1:]:
            key, sign, value = part.partition("=")
            if not sign:
                inventory.found.problem(line, f"host '{name}': {part[:40]!r} is not key=value")
            inventory.take(variables, key, value, line)


def _names(inventory: _Inventory, pattern: str, line: int) -> Iterator[str]:
    """A name, or all names of `sw[01:20]` and `sw-[a:c]`."""
    match = _RANGE.search(pattern)
    if match is None:
        yield pattern
        return
    if match[1] is not None:
        step = int(match[3] or 1) or 1
        numbers = range(int(match[1]), int(match[2]) + 1, step)
        texts: Any = (str(n).zfill(len(match[1])) for n in numbers)
    else:
        first, last = (match[4], match[5]) if match[4] else (match[6], match[7])
        texts = (chr(code) for code in range(ord(first), ord(last) + 1))
    for text in texts:
        if len(inventory.hosts) >= MAX_HOSTS:
            inventory.found.problem(line, f"more than {MAX_HOSTS} hosts")
            return
        yield from _names(inventory, pattern[: match.start()] + text + pattern[match.end() :], line)


# --- yaml ---


def read_yaml(text: str) -> Found:
    """Groups with `hosts`, `vars` and `children`, nested as deep as they are."""
    tree = Tree(text)
    inventory = _Inventory(Found())
    for name, line, node in tree.pairs(tree.root):
        _yaml_group(inventory, tree, name, node, line, 0)
    return _finish(inventory)


def _yaml_group(inventory: _Inventory, tree: Tree, name: str, node: yaml.Node, line: int, depth: int) -> None:
    group = inventory.group(name, line)
    if depth > MAX_DEPTH:
        inventory.found.problem(line, f"groups are nested deeper than {MAX_DEPTH}")
        return
    for key, at, value in tree.pairs(node):
        if key == "vars":
            for variable, var_line, var in tree.pairs(value):
                inventory.take(group.variables, variable, tree.plain(var), var_line)
        elif key == "hosts":
            for host, host_line, variables in tree.pairs(value):
                for one in _names(inventory, host, host_line):
                    group.hosts.setdefault(one, host_line)
                    held = inventory.host(one, host_line)
                    for variable, var_line, var in tree.pairs(variables):
                        inventory.take(held, variable, tree.plain(var), var_line)
        elif key == "children":
            for child, child_line, below in tree.pairs(value):
                group.children.setdefault(child, child_line)
                _yaml_group(inventory, tree, child, below, child_line, depth + 1)
        else:
            inventory.found.problem(at, f"group '{name}': no key '{key}': hosts, vars or children")


# --- what both become ---


def _finish(inventory: _Inventory) -> Found:
    found = inventory.found
    parents = {child: name for name, group in inventory.groups.items() for child in group.children}
    depths = {name: _depth(name, parents) for name in inventory.groups}
    order = sorted(inventory.groups, key=lambda name: (name != "all", depths[name], name))
    members: dict[str, list[str]] = {}
    for name in order:
        if name not in _WITHOUT_MEANING and (inventory.groups[name].hosts or inventory.groups[name].children):
            above = parents.get(name, "")
            found.group(name, "user", inventory.groups[name].line, "" if above in _WITHOUT_MEANING else above)
        for host in inventory.groups[name].hosts:
            members.setdefault(host, []).append(name)
    for host, own in inventory.hosts.items():
        variables = dict(inventory.groups["all"].variables) if "all" in inventory.groups else {}
        for name in sorted(_with_parents(members.get(host, []), parents), key=order.index):
            variables.update(inventory.groups[name].variables)
        variables.update(own)
        _device(found, host, inventory.lines[host], variables, members.get(host, []))
    return found


def _depth(name: str, parents: dict[str, str]) -> int:
    depth = 0
    while name in parents and depth <= len(parents):
        name, depth = parents[name], depth + 1
    return depth


def _with_parents(names: list[str], parents: dict[str, str]) -> set[str]:
    found: set[str] = set()
    for name in names:
        at = name
        while at and at not in found:
            found.add(at)
            at = parents.get(at, "")
    return found


def _device(found: Found, name: str, line: int, variables: dict[str, Var], groups: list[str]) -> None:
    def first(*keys: str) -> Var:
        return next((variables[key] for key in keys if key in variables), ("", 0))

    connection = str(first("ansible_connection")[0]).rpartition(".")[2]
    if connection and connection not in _NETWORK and not first("ansible_network_os")[0]:
        found.note(f"hosts with ansible_connection {connection} are no network devices and are left out", line, name)
        return
    address, at = first("ansible_host", "ansible_ssh_host")
    values: dict[str, Any] = {"name": name, "address": str(address or name)}
    lines = {"address": at} if at else {}
    port, at = first("ansible_port", "ansible_ssh_port")
    if port != "":
        values["port"], lines["port"] = number(port), at
    kept = [group for group in groups if group not in _WITHOUT_MEANING]
    if kept:
        values["groups"] = kept
    user, at = first("ansible_user", "ansible_ssh_user")
    key, _ = first("ansible_ssh_private_key_file", "ansible_private_key_file")
    if profile := found.profile(str(user), str(key), at or line):
        values["credentials"] = profile
    for arguments, at in (first("ansible_ssh_common_args"), first("ansible_ssh_extra_args")):
        if jump := _PROXY_JUMP.search(str(arguments)):
            values["jump"], lines["jump"] = found.hops(jump[1], at), at
        elif command := of_arguments(str(arguments)):
            values["jump"], lines["jump"] = found.by_command(command, at, name), at
    command, at = first(*_PROXY_COMMANDS)
    if command and not values.get("jump"):
        values["jump"], lines["jump"] = found.by_command(str(command), at, name), at
    found.add("devices", values, line, lines)
