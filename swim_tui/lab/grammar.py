"""A command tree with unique-prefix abbreviations, and the places where a line is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

H = TypeVar("H")


@dataclass
class Node(Generic[H]):
    """A position in a command: keywords that may follow, an argument, the handler if the line may end here."""

    keywords: dict[str, Node[H]] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)
    argument: Node[H] | None = None
    takes_rest: bool = False
    handler: H | None = None


@dataclass(frozen=True)
class Match(Generic[H]):
    """A line that was understood: its handler, its arguments, and the keywords in full."""

    handler: H
    args: list[str]
    words: str


@dataclass(frozen=True)
class Invalid:
    """Something nobody knows stands at that column of the line."""

    column: int


@dataclass(frozen=True)
class Ambiguous:
    """An abbreviation fits several keywords."""


@dataclass(frozen=True)
class Incomplete:
    """More words are needed."""


Parsed = Match[H] | Invalid | Ambiguous | Incomplete


def _tokens(line: str) -> list[tuple[str, int]]:
    found, at = [], 0
    for word in line.split():
        at = line.index(word, at)
        found.append((word, at))
        at += len(word)
    return found


def _common(word: str, keyword: str) -> int:
    count = 0
    for left, right in zip(word.lower(), keyword, strict=False):
        if left != right:
            break
        count += 1
    return count


class Grammar(Generic[H]):
    """The commands of one mode."""

    def __init__(self) -> None:
        self.root: Node[H] = Node()

    def add(self, pattern: str, handler: H, level: int = 0) -> None:
        """Add a command: words are keywords, `<X>` is an argument, `<X...>` takes the rest of the line."""
        node = self.root
        for word in pattern.split():
            if word.startswith("<"):
                node.argument = node.argument or Node()
                node = node.argument
                node.takes_rest = node.takes_rest or word.endswith("...>")
            else:
                known = node.levels.get(word)
                node.levels[word] = level if known is None else min(level, known)
                node = node.keywords.setdefault(word, Node())
        node.handler = handler

    def _choose(self, node: Node[H], word: str, level: int) -> list[str]:
        low = word.lower()
        allowed = [key for key in node.keywords if node.levels[key] <= level]
        return [low] if low in allowed else [key for key in allowed if key.startswith(low)]

    def parse(self, line: str, level: int = 15) -> Parsed[H]:
        """What a line means to a user of that privilege level."""
        node, args, words = self.root, [], []
        for word, column in _tokens(line):
            fits = self._choose(node, word, level)
            if len(fits) == 1:
                node = node.keywords[fits[0]]
                words.append(fits[0])
            elif len(fits) > 1:
                return Ambiguous()
            elif node.argument is not None:
                node = node.argument
                if node.takes_rest:
                    args.append(line[column:].rstrip())
                    break
                args.append(word)
            else:
                allowed = [key for key in node.keywords if node.levels[key] <= level]
                return Invalid(column + max((_common(word, key) for key in allowed), default=0))
        if node.handler is None:
            return Incomplete()
        return Match(node.handler, args, " ".join(words))

    def choices(self, line: str, level: int = 15) -> list[str]:
        """Keywords for inline help after a line that ends in `?`."""
        node = self.root
        words = line.split()
        last = "" if line.endswith(" ") or not words else words.pop()
        for word in words:
            fits = self._choose(node, word, level)
            if len(fits) == 1:
                node = node.keywords[fits[0]]
            elif node.argument is not None:
                node = node.argument
            else:
                return []
        found = sorted(key for key in node.keywords if key.startswith(last.lower()) and node.levels[key] <= level)
        return [*found, *(["WORD"] if node.argument is not None else []), *(["<cr>"] if node.handler else [])]
