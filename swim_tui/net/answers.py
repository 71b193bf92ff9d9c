"""The common dialogue table (DEVICE_FACTS Appendix B): what may be answered where, and everything else stops.

`reply` None stops with Ctrl-C. Rows are tried from the top after the line's own answers; a hazard comes before both,
unless the line's own answer names the hazard itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from swim_tui.model.plan import Answer
from swim_tui.net.commands import Context


@dataclass(frozen=True)
class Row:
    """One row: `contexts` empty = any operation; `trust_first`: only under that host key policy."""

    pattern: str
    reply: str | None
    contexts: tuple[Context, ...] = ()
    secret: str = ""
    trust_first: bool = False


@dataclass(frozen=True)
class Decision:
    """What to type: `reply` None = stop."""

    reply: str | None
    secret: str = ""
    why: str = ""


HAZARDS: tuple[str, ...] = (
    r"erase flash\b",
    r"erasing the (?:flash|nvram)",
    r"format operation",
    r"SIMPLEX mode",
    r"proceed with reload anyway",
    r"entire shelf",
    r"reload peer",
    r"initial configuration dialog",
    r"terminate autoinstall",
    r"power on auto provisioning",
)

_COPY = (Context.COPY,)
_INSTALL = (Context.INSTALL,)
_RELOAD = (Context.RELOAD,)
_CLEANUP = (Context.CLEANUP,)

TABLE: tuple[Row, ...] = (
    Row(r"save\? \[yes/no\]:", None),  # somebody is editing the configuration: compare again
    Row(r"\[y/n/q\]:?", "q", (Context.INSTALL, Context.XE3)),
    Row(r"do you want to proceed\?\s*\[y/n\]", "y", _INSTALL),
    Row(r"remove the above files\? \[y/n\]", "n"),  # yes only from a plan that looked at the list
    Row(r"proceed with (?:the deletion|reload)\? \[yes/no\]:", "yes", (Context.XE3,)),
    Row(r"proceed with reload\? \[confirm\]", "", _RELOAD),
    Row(r"reload the active unit\.\s+proceed \? \[confirm\]", "", (Context.ISSU,)),
    Row(r"destination filename \[[^\]\n]+\]\?", "", (Context.COPY, Context.SAVE)),
    Row(r"source filename \[[^\]\n]+\]\?", "", _COPY),
    Row(r"source username \[[^\]\n]+\]\?", "", _COPY),
    Row(r"address or name of remote host \[[^\]\n]+\]\?", "", _COPY),
    Row(r"over ?write\? \[confirm\]", "n", _COPY),
    Row(r"overwrite \(y/n\)\?\s*\[n\]", "n", _COPY),
    Row(r"continue connecting \(yes/no[^)\n]*\)\?", "yes", _COPY, trust_first=True),
    Row(r"password:", "", (Context.ENABLE,), secret="enable"),
    Row(r"delete filename \[[^\]\n]+\]\?", "", _CLEANUP),
    Row(r"delete \S+\s*\?\s*\[confirm\]", "", _CLEANUP),
    Row(r"\(yes/no/abort\)\s+\[y\]", "y", _CLEANUP),
    Row(r"continue with the installation \(y/n\)\?\s*\[n\]", None),  # yes only after the impact table was judged
    Row(r"reboot the system\. \(y/n\)\?\s*\[n\]", "y", _RELOAD),
    Row(r"install operation \(y/n\)\?\s*\[y\]", "y", _INSTALL),
    Row(r"\[yes[/:]no\]:\s*\[yes\]", "yes", _INSTALL),
    Row(r"proceed with removing these packages\? \[confirm\]", "", _CLEANUP),
    Row(r"previous nvram configuration\?\s*\[confirm\]", "", (Context.SAVE,)),
)

PAGER = re.compile(r"(?:--\s?more\s?--|\(END\))\s*\Z", re.I)
PASSWORD = re.compile(r"(?:password|passphrase|passcode|secret)\s*(?:for \S+)?\s*:\s*\Z", re.I)
CONFIRM = re.compile(r"\[confirm\]\s*\Z", re.I)
# what a question ends with when nobody in the table knows it
_QUESTION = re.compile(
    r"(?:\[confirm\]"
    r"|[\[(]\s*(?:yes|no|y|n)\b[^\])\n]{0,40}[\])][^\n]{0,20}"
    r"|\?\s*(?:[\[(][^\])\n]*[\])])?\s*[:?]?"
    r"|(?:password|passphrase|passcode|username|login|secret)[^\n:]{0,30}:"
    r"|^enter [^\n]{1,120}:)\s*\Z",
    re.I | re.M,
)
_NO = {"n", "no", "q", "quit", "abort"}


@lru_cache(maxsize=512)
def _at_end(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})[\s:?]*\Z", re.I)


def is_question(pending: str) -> bool:
    """True when the text ends as questions do."""
    return bool(_QUESTION.search(pending))


def decide(pending: str, own: Sequence[Answer], context: Context, *, trust_first: bool) -> Decision | None:
    """What to do with the text under the cursor; None: it matches no row (it may not be a question at all)."""
    hazard = _hazard(pending)
    for answer in own:
        match = _at_end(answer.pattern).search(pending)
        if match and (hazard is None or match.start() <= hazard):
            return Decision(answer.reply, answer.secret, answer.why)
    if hazard is not None and is_question(pending):
        return Decision(None, why="it may erase, or reload more than was meant")
    for row in TABLE:
        if row.contexts and context not in row.contexts:
            continue
        if row.trust_first and not trust_first:
            continue
        if _at_end(row.pattern).search(pending):
            return Decision(row.reply, row.secret)
    return None


def keys_for(question: str, reply: str) -> str:
    """The exact keys: a one-key [confirm] gets one key, every other question its reply and RETURN.

    `y` and RETURN at a [confirm] would leave a RETURN behind, and that would answer the next question.
    """
    if CONFIRM.search(question):
        return reply[:1] if reply.strip().lower() in _NO else "\n"
    return reply + "\n"


def _hazard(pending: str) -> int | None:
    """Where the first hazard begins, if there is one."""
    starts = [m.start() for m in (re.search(p, pending, re.I) for p in HAZARDS) if m]
    return min(starts) if starts else None
