"""The words of an `install` line, in any order."""

from __future__ import annotations

from dataclasses import dataclass

WORDS = ("activate", "add", "auto-abort-timer", "commit", "file", "issu", "none", "prompt-level", "version")


@dataclass
class Options:
    """What an `install` line asks for."""

    path: str = ""
    version: str = ""
    activate: bool = False
    commit: bool = False
    issu: bool = False
    is_silent: bool = False
    timer_minutes: int = 0
    bad: str = ""


def _full(word: str) -> str:
    fits = [known for known in WORDS if known.startswith(word.lower())]
    return fits[0] if len(fits) == 1 or word.lower() in fits else ""


def parse(words: list[str]) -> Options:
    """The options; `bad` is the first word nobody knows."""
    found, rest = Options(), list(words)
    while rest and not found.bad:
        typed = rest.pop(0)
        word = _full(typed)
        if word in ("file", "version", "auto-abort-timer", "prompt-level"):
            value = rest.pop(0) if rest else ""
            _set(found, word, value)
        elif word in ("activate", "commit", "issu"):
            setattr(found, word, True)
        else:
            found.bad = typed
    return found


def _set(found: Options, word: str, value: str) -> None:
    if not value:
        found.bad = word
    elif word == "file":
        found.path = value
    elif word == "version":
        found.version = value
    elif word == "prompt-level":
        found.is_silent = "none".startswith(value.lower())
    elif not value.isdigit() or not 30 <= int(value) <= 1200:
        found.bad = value
    else:
        found.timer_minutes = int(value)
