"""YAML that remembers its lines, so that a wrong field is reported with file and line."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

# libyaml where PyYAML was built with it: a lab reads some twenty files before its first device answers.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCALARS = yaml.SafeLoader("")


class NetworkError(Exception):
    """A network, platform or fault description is wrong; the text says where and what to do."""


class Block(dict[str, Any]):
    """A mapping that knows its file and the line of each of its keys."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__()
        self.path = path
        self.line = line
        self.lines: dict[str, int] = {}

    def fail(self, text: str, key: str = "") -> NetworkError:
        """An error about this mapping, or about one key of it."""
        return NetworkError(f"{self.path}, line {self.lines.get(key, self.line)}: {text}")


def _convert(node: yaml.Node, path: Path) -> Any:
    if isinstance(node, yaml.MappingNode):
        block = Block(path, node.start_mark.line + 1)
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in block:
                raise NetworkError(f"{path}, line {line}: key '{key}' stands twice (first on line {block.lines[key]})")
            block.lines[key] = line
            block[key] = _convert(value_node, path)
        return block
    if isinstance(node, yaml.SequenceNode):
        return [_convert(item, path) for item in node.value]
    return _SCALARS.construct_object(node, deep=True)


def read_yaml(path: Path) -> Block:
    """The top-level mapping of a YAML file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as err:
        raise NetworkError(f"{path}: cannot be read ({err.strerror})") from err
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as err:
        line = err.problem_mark.line + 1 if err.problem_mark else 1
        raise NetworkError(f"{path}, line {line}: not valid YAML ({err.problem})") from err
    block = _convert(node, path) if node is not None else None
    if not isinstance(block, Block):
        raise NetworkError(f"{path}, line 1: the file must hold a mapping")
    return block


class Fields:
    """Takes typed fields out of a Block; `done` rejects what nobody asked for."""

    def __init__(self, block: Block, what: str) -> None:
        self.block = block
        self.what = what
        self._known: list[str] = []

    def _take(self, key: str, kinds: tuple[type, ...], label: str, default: Any) -> Any:
        self._known.append(key)
        if key not in self.block:
            if default is None:
                raise self.block.fail(f"{self.what} lacks the field '{key}'")
            return default
        value = self.block[key]
        if isinstance(value, bool) and bool not in kinds:
            raise self.block.fail(f"{self.what}: '{key}' must be {label}, not {value!r}", key)
        if not isinstance(value, kinds):
            raise self.block.fail(f"{self.what}: '{key}' must be {label}, not {value!r}", key)
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A text."""
        return str(self._take(key, (str,), "a text", default))

    def integer(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        return int(self._take(key, (int,), "a whole number", default))

    def number(self, key: str, default: float | None = None) -> float:
        """A number."""
        return float(self._take(key, (int, float), "a number", default))

    def flag(self, key: str, default: bool | None = None) -> bool:
        """Yes or no."""
        return bool(self._take(key, (bool,), "true or false", default))

    def choice(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if value not in allowed:
            raise self.block.fail(f"{self.what}: '{key}' must be one of {', '.join(allowed)}, not '{value}'", key)
        return value

    def texts(self, key: str, default: Sequence[str] | None = ()) -> tuple[str, ...]:
        """A list of texts."""
        items = self._take(key, (list, tuple), "a list", default)
        for item in items:
            if not isinstance(item, str):
                raise self.block.fail(f"{self.what}: '{key}' must hold texts, not {item!r}", key)
        return tuple(items)

    def integers(self, key: str, default: Sequence[int] = ()) -> tuple[int, ...]:
        """A list of whole numbers."""
        items = self._take(key, (list, tuple), "a list", default)
        for item in items:
            if not isinstance(item, int) or isinstance(item, bool):
                raise self.block.fail(f"{self.what}: '{key}' must hold whole numbers, not {item!r}", key)
        return tuple(items)

    def blocks(self, key: str) -> list[Block]:
        """A list of mappings (empty when absent)."""
        items = self._take(key, (list,), "a list", [])
        for item in items:
            if not isinstance(item, Block):
                raise self.block.fail(f"{self.what}: '{key}' must hold mappings, not {item!r}", key)
        return list(items)

    def mapping(self, key: str) -> Block:
        """A mapping (empty when absent)."""
        empty = Block(self.block.path, self.block.line)
        value = self._take(key, (Block,), "a mapping", empty)
        assert isinstance(value, Block)
        return value

    def known(self, key: str) -> None:
        """A field that somebody else takes out."""
        self._known.append(key)

    def done(self) -> None:
        """Reject fields that nobody asked for."""
        for key in self.block:
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, 1)
                hint = f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(sorted(self._known))}"
                raise self.block.fail(f"{self.what} has no field '{key}'{hint}", key)
