"""The filter line's grammar: words, `re:PATTERN`, `!not`, `field:value,value`, `field:=exact`; all parts must hold."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

Texts = Mapping[str, str]
"""Lower-case text of each column of a row."""


@dataclass(frozen=True)
class Filter:
    """A compiled filter; `error` says what is wrong with the pattern, and then it lets every row pass."""

    text: str
    tests: tuple[Callable[[Texts], bool], ...] = ()
    error: str = ""

    def matches(self, texts: Texts) -> bool:
        """Whether a row passes."""
        return all(test(texts) for test in self.tests)

    def __bool__(self) -> bool:
        return bool(self.tests)


NO_FILTER = Filter("")


def compile_filter(text: str, fields: Collection[str]) -> Filter:
    """Compile a filter line; words before a colon that are no field of the table are plain text."""
    tests: list[Callable[[Texts], bool]] = []
    for word in _words(text):
        negated = word.startswith("!") and len(word) > 1
        body = word[1:] if negated else word
        if body == "!":
            continue
        try:
            test = _test(body, fields)
        except re.error as err:
            return Filter(text, error=f"not a pattern: {err}")
        tests.append(_not(test) if negated else test)
    return Filter(text, tuple(tests))


def to_boxes(text: str, fields: Collection[str]) -> tuple[dict[str, str], str]:
    """What a filter line asks of each column, and the rest of it: for the boxes of the Quick Filter."""
    boxes: dict[str, str] = {}
    rest: list[str] = []
    for word in _words(text):
        name, colon, wanted = word.partition(":")
        field = _field(name.casefold(), fields) if colon and not word.startswith("re:") else None
        if field is not None and field not in boxes:
            boxes[field] = wanted
        else:
            rest.append(word if word.startswith("re:") else shlex.quote(word) if " " in word else word)
    return boxes, " ".join(rest)


def from_boxes(boxes: Mapping[str, str], rest: str) -> str:
    """The filter line of what was typed into the boxes."""
    words = [f"{field}:{value.strip()}" for field, value in boxes.items() if value.strip()]
    return " ".join([*(shlex.quote(word) if re.search(r"[\s'\"]", word) else word for word in words), rest]).strip()


def _words(text: str) -> list[str]:
    if "re:" in text:  # a pattern may hold blanks and quotes: it takes the rest of the line
        head, mark, pattern = text.partition("re:")
        if not head or head[-1] in " !":
            bang = "!" if head.endswith("!") else ""
            return [*head.removesuffix("!").split(), bang + mark + pattern]
    try:
        return shlex.split(text)
    except ValueError:  # a quote that is still being typed
        return text.split()


def _test(body: str, fields: Collection[str]) -> Callable[[Texts], bool]:
    if body.startswith("re:"):
        pattern = re.compile(body.removeprefix("re:"), re.IGNORECASE)
        return lambda texts: any(pattern.search(value) for value in texts.values())
    name, colon, wanted = body.partition(":")
    field = _field(name.casefold(), fields) if colon else None
    if field is not None:
        values = tuple(value.casefold() for value in wanted.split(",") if value)
        return lambda texts: not values or any(_holds(texts.get(field, ""), value) for value in values)
    needle = body.casefold()
    return lambda texts: any(needle in value for value in texts.values())


def _holds(text: str, wanted: str) -> bool:
    """Whether a column has the value: anywhere in it, or with `=` as the whole of it or of one item of its list."""
    return wanted in text if not wanted.startswith("=") else wanted[1:] in (text, *text.split(", "))


def _field(name: str, fields: Collection[str]) -> str | None:
    if name in fields:
        return name
    starts = [field for field in fields if name and field.startswith(name)]
    return starts[0] if len(starts) == 1 else None


def _not(test: Callable[[Texts], bool]) -> Callable[[Texts], bool]:
    return lambda texts: not test(texts)
