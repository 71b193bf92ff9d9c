"""Text from a device as lines: escape sequences neutralised, overwritten text gone, log lines told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC, DCS and other strings
    r"|\x1b[ -/]*[0-~]"  # two-character sequences
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_ERASE_LINE = re.compile(r"\x1b\[[02]?K")
_BACKSPACES = re.compile(r"[\x08\r]")
# bidirectional overrides are in it: they make a line read other than it is
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# a log line that the device prints whenever it likes: %FACILITY-SEVERITY-MNEMONIC:, or XR's install messages
# The last form is what install operations of 64 bit XR say when they end, whatever is typed meanwhile.
_ASYNC = re.compile(
    r"%[A-Z][A-Z0-9_]*-(?:[A-Z0-9_]+-)*[0-7]-[A-Z0-9_]+\s*:|^Info: "
    r"|^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:Install|Packages? added:|E(?:rror|RROR)\b|C(?:ould not|annot)\b| {4})"
)
PARTIAL_MAX = 4_096  # of an unfinished line this much is looked at, however long it grows (dots of a copy)
PENDING_LINES = 6
HELD_LINES = 200_000  # a device that floods: older lines are dropped from the reply


def neutral(text: str) -> str:
    """One line without escape sequences, control characters and direction overrides (tabs stay)."""
    return _CONTROLS.sub("", _ESCAPES.sub("", text))


def rendered(raw: str) -> str:
    """One raw line as a terminal would show it: backspaces and carriage returns overwrite."""
    raw = raw.strip("\r") if "\r" not in raw.strip("\r") else raw.rstrip("\r")
    if not _BACKSPACES.search(raw):
        return neutral(raw)
    cells: list[str] = []
    at = 0
    for piece in re.split(r"(\x1b\[[02]?K|\x08|\r)", _keep_erase(raw)):
        if piece == "\x08":
            at = max(0, at - 1)
        elif piece == "\r":
            at = 0
        elif _ERASE_LINE.fullmatch(piece):
            del cells[at:]
        else:
            shown = neutral(piece)
            cells[at : at + len(shown)] = shown
            at += len(shown)
    return "".join(cells).rstrip() if cells else ""


def _keep_erase(raw: str) -> str:
    return _ESCAPES.sub(lambda m: m.group(0) if _ERASE_LINE.fullmatch(m.group(0)) else "", raw)


def is_async(line: str) -> bool:
    """True for a log line that has nothing to do with the command."""
    return bool(_ASYNC.search(line))


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret replaced by ***."""
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            text = text.replace(secret, "***")
    return text


class Screen:
    """The output of one command as it arrives: finished lines, and the line under the cursor."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.dropped = 0
        self.total = 0  # characters received
        self._partial: list[str] = []
        self._window = ""
        self._question_from = 0

    def feed(self, text: str) -> list[str]:
        """Take text in; returns the lines it finished. Costs the length of the text, however long the line is."""
        self.total += len(text)
        *ended, rest = text.split("\n")
        finished = []
        for piece in ended:
            self._partial.append(piece)
            finished.append(rendered("".join(self._partial)))
            self._partial.clear()
            self._window = ""
        if rest:
            self._partial.append(rest)
            self._window = (self._window + rest)[-PARTIAL_MAX:]
        self.lines += finished
        if len(self.lines) > HELD_LINES:
            cut = len(self.lines) - HELD_LINES
            del self.lines[:cut]
            self.dropped += cut
            self._question_from = max(0, self._question_from - cut)
        return finished

    @property
    def tail(self) -> str:
        """The unfinished line as shown, its last PARTIAL_MAX characters."""
        return rendered(self._window)

    def pending(self) -> str:
        """The last lines since the last answer, with the unfinished one: what a question may spread over."""
        first = max(self._question_from, len(self.lines) - PENDING_LINES)
        return "\n".join([*self.lines[first:], self.tail])

    def end_line(self) -> str:
        """Close the unfinished line (a question that is being answered) and return it whole."""
        line = rendered("".join(self._partial))
        self._partial.clear()
        self._window = ""
        self.lines.append(line)
        self._question_from = len(self.lines)
        return line
