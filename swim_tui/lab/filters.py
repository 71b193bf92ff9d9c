"""Output filters after a bar: include, exclude, begin, section, count."""

from __future__ import annotations

import re

FILTERS = ("append", "begin", "count", "exclude", "format", "include", "redirect", "section", "tee")


class FilterError(Exception):
    """The filter word is unknown (`column` counts from the bar) or has no expression."""

    def __init__(self, text: str, column: int = 0) -> None:
        super().__init__(text)
        self.column = column


def split_filter(line: str) -> tuple[str, str]:
    """A line in its command and what stands after the first ` | ` (empty when there is none)."""
    head, bar, tail = line.partition("|")
    return (head.rstrip(), tail) if bar else (line, "")


def _section(lines: list[str], pattern: re.Pattern[str]) -> list[str]:
    kept: list[str] = []
    is_in, depth = False, 0
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if is_in and indent > depth:
            kept.append(line)
            continue
        is_in = bool(pattern.search(line))
        depth = indent
        if is_in:
            kept.append(line)
    return kept


def apply_filter(text: str, expression: str) -> str:
    """The text that is left after a filter expression."""
    word, _, rest = expression.strip().partition(" ")
    fits = [name for name in FILTERS if name.startswith(word.lower())] if word else []
    if len(fits) != 1 or fits[0] in ("append", "format", "redirect", "tee"):
        raise FilterError("ambiguous" if len(fits) > 1 else "invalid", len(expression) - len(expression.lstrip()))
    if not rest:
        raise FilterError("incomplete")
    try:
        pattern = re.compile(rest.strip('"') if rest.startswith('"') else rest)
    except re.error:
        raise FilterError("pattern") from None
    lines = text.rstrip("\n").split("\n")
    if fits[0] == "include":
        kept = [line for line in lines if pattern.search(line)]
    elif fits[0] == "exclude":
        kept = [line for line in lines if not pattern.search(line)]
    elif fits[0] == "section":
        kept = _section(lines, pattern)
    elif fits[0] == "begin":
        at = next((number for number, line in enumerate(lines) if pattern.search(line)), len(lines))
        kept = lines[at:]
    else:
        kept = [f"Number of lines which match regexp = {sum(bool(pattern.search(line)) for line in lines)}"]
    return "".join(f"{line}\n" for line in kept)
