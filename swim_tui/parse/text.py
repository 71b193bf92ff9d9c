"""Device text made plain: paging residue, escape sequences and syslog lines taken out."""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-Z\\-_]")
_BACKSPACES = re.compile(r"[^\n\x08]\x08")
_MORE = re.compile(r"[ \t]*<?-+\s?[Mm]ore\s?-+>?[ \t]*(?:\x08+[ ]*\x08*|\r[ ]*\r)?")
# A syslog message may begin anywhere in a line: the device prints it when it comes.
_STAMP = (
    r"(?:\d{6,}: )?(?:[*.]|RP/\S+:|LC/\S+:|\d{4} )?(?:[A-Z][a-z]{2}\s{1,2}\d{1,2}(?: \d{4})? \d\d:\d\d:\d\d(?:\.\d+)?"
    r"(?: [A-Z]{2,5})?|\d+[wdhy]\d+[dhms]?|\d\d:\d\d:\d\d)\s?:?\s"
)
_SYSLOG = re.compile(
    rf"(?:{_STAMP}\S*\s?(?:\S+\[\d+\]\s?:\s)?)?%[A-Z][A-Z0-9_]*(?:-[A-Z0-9_]+)*-[0-7]-[A-Z0-9_]+\s?:.*$"
)
_NOISE = re.compile(r"^(?:Load for five secs: .*|Time source is .*|No time source, .*)$")
_XR_STAMP = re.compile(r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} {1,2}\d+ \d\d:\d\d:\d\d\.\d+ \S+$")
_LIMIT = 4_000_000  # characters of one answer that are looked at; a flood is not read to its end


def clean(text: str) -> str:
    """Text as the device meant it: one newline form, no escapes, no `--More--`, no syslog, no timestamp preamble."""
    text = text[:_LIMIT].replace("\r\n", "\n")
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    if "ore" in text:
        text = _MORE.sub("", text)
    while "\x08" in text:
        text, count = _BACKSPACES.subn("", text)
        if not count:
            text = text.replace("\x08", "")
    text = text.replace("\r", "\n").replace("\x00", "")
    return "\n".join(_plain_lines(text))


def lines_of(text: str) -> list[str]:
    """The lines of cleaned text, right-stripped."""
    return [line.rstrip() for line in clean(text).split("\n")]


def short_lines(text: str, limit: int = 600) -> list[str]:
    """The lines of cleaned text that a table or a sentence may stand on; a flood on one line is none."""
    return [line for line in lines_of(text) if len(line) <= limit]


def _plain_lines(text: str) -> list[str]:
    kept: list[str] = []
    for line in text.split("\n"):
        if _NOISE.match(line) or _XR_STAMP.match(line.rstrip()):
            continue
        if "%" in line:
            match = _SYSLOG.search(line)
            if match is not None:
                before = line[: match.start()]
                if before.strip():
                    kept.append(before)
                continue
        kept.append(line)
    return kept


def number(text: str | None) -> int | None:
    """A decimal number of sane length, else None."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 20:
        return None
    return int(text)
