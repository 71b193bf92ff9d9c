"""The jump host in an SSH `ProxyCommand`: `ssh -W %h:%p user@host`, or `ssh user@host nc %h %p`."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

_WITH_VALUE = frozenset("bcDEeFIiJLlmOopQRSWw")  # options of ssh that take a value
_FORWARD = re.compile(r"\[?%h\]?:%p")
_COMMAND = re.compile(r"[\w./-]+( -[A-Za-z0-9]+( \d+)?)* %h %p")
_OPTION = re.compile(r"ProxyCommand\s*[=\s]\s*(.+)", re.S | re.I)


@dataclass(frozen=True)
class ByCommand:
    """A jump host as `[user@]host[:port]`; with a template it is passed by that command, else it forwards."""

    hop: str
    template: str = ""


def of_arguments(arguments: str) -> str:
    """The ProxyCommand in arguments of ssh (`-o ProxyCommand="..."`); empty when there is none."""
    try:
        parts = shlex.split(arguments)
    except ValueError:
        parts = [arguments]
    found = next((match for part in parts if (match := _OPTION.search(part))), None) or _OPTION.search(arguments)
    return found[1].strip("\"' ") if found else ""


def jump_of(command: str) -> ByCommand | None:
    """The jump host of a ProxyCommand; None when it is something else."""
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    if not words or words[0].rsplit("/", 1)[-1] != "ssh":
        return None
    given, host, at = dict[str, str](), "", 1
    while at < len(words) and (words[at].startswith("-") or not host):
        if words[at].startswith("-"):  # ssh takes options behind the host too
            at += _take_option(words, at, given)
        else:
            host = words[at]
        at += 1
    user, port, forward = (given.get(flag, "") for flag in "lpW")
    rest = words[at + 1 :] if words[at : at + 1] == ["exec"] else words[at:]
    place = f"{host if '@' in host or not user else f'{user}@{host}'}{f':{port}' if port else ''}"
    if not host or "%" in place:
        return None
    if _FORWARD.fullmatch(forward) and not rest:
        return ByCommand(place)
    template = " ".join(rest)
    return ByCommand(place, template) if not forward and _COMMAND.fullmatch(template) else None


def _take_option(words: list[str], at: int, given: dict[str, str]) -> int:
    """Note the option at a place (`-p 22`, `-p22`, `-qW %h:%p`); how many words more it took."""
    for place, flag in enumerate(words[at][1:], 1):
        if flag in _WITH_VALUE:
            joined = words[at][place + 1 :]
            following = words[at + 1] if at + 1 < len(words) else ""
            given[flag] = joined or following
            return 0 if joined else 1
    return 0
