"""YAML with lines: nodes of a foreign file, walked without ever building an object that the text chose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from swim_tui.engine.services.formats.found import Unreadable
from swim_tui.engine.services.formats.loader import quick_loader

MAX_STEPS = 2_000_000
"""Aliases can make a small text endless: whoever walks further gives up."""


class Tree:
    """A YAML document; lines begin at `first`."""

    def __init__(self, text: str, first: int = 1) -> None:
        self._first = first
        self._steps = 0
        self._scalars = yaml.SafeLoader("")
        try:
            self.root = yaml.compose(text, Loader=quick_loader())
        except yaml.MarkedYAMLError as err:
            line = err.problem_mark.line if err.problem_mark else 0
            raise Unreadable(first + line, f"not YAML: {err.problem}") from None
        except (yaml.YAMLError, ValueError, RecursionError) as err:
            raise Unreadable(first, f"not YAML: {(str(err) or 'too deep').splitlines()[0]}") from None

    def line(self, node: yaml.Node) -> int:
        """Where a node stands."""
        return int(node.start_mark.line) + self._first

    def pairs(self, node: yaml.Node | None) -> Iterator[tuple[str, int, yaml.Node]]:
        """Key, line and value of a mapping; nothing for any other node."""
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._step(key)
                yield str(key.value), self.line(key), value

    def get(self, node: yaml.Node | None, name: str) -> yaml.Node | None:
        """The value of a key, None if there is none."""
        return next((value for key, _, value in self.pairs(node) if key == name), None)

    def plain(self, node: yaml.Node | None, depth: int = 3) -> Any:
        """Text, number, list or mapping; what lies deeper is None."""
        if node is None or not depth:
            return None
        self._step(node)
        if isinstance(node, yaml.ScalarNode):
            if node.tag == "tag:yaml.org,2002:str":
                return node.value
            try:
                return self._scalars.construct_object(node)
            except (yaml.YAMLError, ValueError):
                return node.value
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, depth - 1) for item in node.value]
        return {str(key.value): self.plain(value, depth - 1) for key, value in node.value}

    def _step(self, node: yaml.Node) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Unreadable(self.line(node), "aliases make this endless")
