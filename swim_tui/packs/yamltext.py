"""YAML with its lines: where each value stands, and duplicate keys refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

# the one in C where the library was built with it: eighty packs are read at every start
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Where = tuple[str | int, ...]  # the way to a value: ("waits", "settle_s")


@dataclass
class YamlText:
    """A YAML document as plain data, with the line of every value and the problems of its syntax."""

    data: Any = None
    lines: dict[Where, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def line(self, where: Where) -> int:
        """The line of a value, or of the nearest thing around it."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)


def parse_yaml(path: Path, data: bytes) -> YamlText:
    """The first document of what a file holds; what is wrong goes in `problems`, each with file and line."""
    read = YamlText()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as err:
        read.problems.append(f"{path}:1: is not UTF-8 text (byte {err.start})")
        return read
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as err:
        line = err.problem_mark.line + 1 if err.problem_mark else 1
        read.problems.append(f"{path}:{line}: not valid YAML: {err.problem}")
        return read
    except (yaml.YAMLError, RecursionError) as err:
        read.problems.append(f"{path}:1: not valid YAML: {' '.join(str(err).split())}")
        return read
    if node is not None:
        read.data = _value(node, (), read, path, frozenset())
    return read


def _value(node: yaml.Node, where: Where, read: YamlText, path: Path, above: frozenset[int]) -> Any:
    read.lines.setdefault(where, node.start_mark.line + 1)
    if id(node) in above:
        read.problems.append(f"{path}:{node.start_mark.line + 1}: an alias that holds itself")
        return None
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, where, read, path, above | {id(node)})
    if isinstance(node, yaml.SequenceNode):
        inside = above | {id(node)}
        return [_value(item, (*where, i), read, path, inside) for i, item in enumerate(node.value)]
    try:
        return yaml.constructor.SafeConstructor().construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError) as err:
        read.problems.append(f"{path}:{node.start_mark.line + 1}: {' '.join(str(err).split())}")
        return None


def _mapping(node: yaml.MappingNode, where: Where, read: YamlText, path: Path, above: frozenset[int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            read.problems.append(f"{path}:{line}: a key must be a word")
            continue
        key = str(key_node.value)
        here = (*where, key)
        if key in found:
            read.problems.append(f"{path}:{line}: '{key}' stands twice (first in line {read.lines[here]})")
            continue
        read.lines[here] = line
        found[key] = _value(value_node, here, read, path, above)
    return found
