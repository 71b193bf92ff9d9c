"""The prompt: learnt at login, recognised at the end of an output, never taken from a banner."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from swim_tui.net.answers import is_question
from swim_tui.net.text import Screen, is_async, rendered

_ANY = re.compile(r"(?P<base>[A-Za-z0-9_.:/@~+-]{1,100})(?P<mode>\([^()\n]{1,60}\))?(?P<end>[>#])\s?")
_SYSADMIN = r"sysadmin-vm:\S{1,20}#"
CONFIG_NAME = 16  # of the host name this much survives in configuration mode (IOS cuts the prompt at 20)
SETTLE_S = 0.2
_STEP_S = 0.1
_SCAN_LINES = 60


class Prompt:
    """The prompt of one session; remembers in which mode it was last seen."""

    def __init__(self, base: str, end: str = "") -> None:
        self.base = base
        self.privileged = end == "#"
        self.in_config = False
        name = re.escape(base)
        short = re.escape(base[:CONFIG_NAME])
        pattern = rf"(?:{name}(?P<mode>\([^()\n]*\))?|{short}[^\s#>()]*(?P<config>\(conf[^()\n]*\))|{_SYSADMIN[:-1]})"
        self._full = re.compile(rf"{pattern}(?P<end>[>#])\s?")

    def at(self, tail: str) -> bool:
        """True when the unfinished line is the prompt and nothing else; remembers its mode."""
        if not self.base or len(tail) > 200:
            return False
        match = self._full.fullmatch(tail)
        if match is None:
            return False
        self._remember(match)
        return True

    def seen(self, screen: Screen, *, quiet: bool) -> bool:
        """True when the prompt is the last that came; log lines after it are allowed when the line is quiet."""
        return self.at(screen.tail) or (quiet and self.before_log_lines(screen))

    def before_log_lines(self, screen: Screen) -> bool:
        """True when the prompt came and only log lines came after it (call when the line is quiet)."""
        if not self.base:
            return False
        for line in [screen.tail, *reversed(screen.lines[-_SCAN_LINES:])]:
            match = self._full.match(line)
            if match and (not line[match.end() :].strip() or is_async(line[match.end() :])):
                self._remember(match)
                return True
            if line.strip() and not is_async(line):
                return False
        return False

    def strip(self, lines: Sequence[str], tail: str) -> list[str]:
        """The output without the prompt at its end, and without the log lines after it."""
        kept = [*lines, tail]
        for index in range(len(kept) - 1, max(-1, len(kept) - 1 - _SCAN_LINES), -1):
            match = self._full.match(kept[index]) if self.base else None
            if match and (not kept[index][match.end() :].strip() or is_async(kept[index][match.end() :])):
                del kept[index:]
                break
            if kept[index].strip() and not is_async(kept[index]):
                break
        while kept and not kept[-1].strip():
            kept.pop()
        while kept and not kept[0].strip():
            del kept[0]
        return kept

    def _remember(self, match: re.Match[str]) -> None:
        mode = (match.group("mode") or "") + (match.group("config") or "")
        self.privileged = match.group("end") == "#"
        self.in_config = mode.startswith("(conf")


@dataclass(frozen=True)
class Learnt:
    """What was found after a login: a base, or why there is none."""

    base: str = ""
    end: str = ""
    question: str = ""
    lost: bool = False
    text: str = ""


def learn_prompt(
    read: Callable[[float], str | None],
    write: Callable[[str], None],
    clock: Callable[[], float],
    limit_s: float,
) -> Learnt:
    """Read until something like a prompt stands still, then RETURN until two prompts in a row are the same.

    A banner line such as `### Welcome >` does not come again after RETURN; the prompt does.
    """
    limit = clock() + limit_s
    seen = ""
    quiet_since = clock()
    last = ""
    while clock() < limit:
        text = read(_STEP_S)
        if text is None:
            return Learnt(lost=True, text=seen)
        if text:
            seen = (seen + text)[-8_192:]
            quiet_since = clock()
            continue
        quiet = clock() - quiet_since
        tail = rendered(seen.rsplit("\n", 1)[-1])
        match = _ANY.fullmatch(tail)
        if match and match.group(0).strip() == last:
            return Learnt(base=match.group("base"), end=match.group("end"))
        if match is None and is_question(tail) and quiet >= 2.0:
            return Learnt(question=tail.strip(), text=seen)
        wait = SETTLE_S if match else 3.0  # a banner may come in pieces
        if quiet >= wait:
            if match:
                last = match.group(0).strip()
            try:
                write("\n")
            except OSError:
                return Learnt(lost=True, text=seen)
            seen = ""
            quiet_since = clock()
    return Learnt(text=seen)
