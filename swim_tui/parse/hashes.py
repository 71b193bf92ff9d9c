"""Hashes a device computes over its files, and how it says that they are wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass

from swim_tui.parse.refusal import device_refusal
from swim_tui.parse.text import clean

_HEX = r"(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})"
_ANSWER = re.compile(rf"\bveri(?:fy|fied)\b[^\n=]{{0,400}}=\s*({_HEX})\b", re.IGNORECASE)
_COMPUTED = re.compile(rf"^\s*Computed signature\s*=\s*({_HEX})\b", re.MULTILINE | re.IGNORECASE)
_BARE = re.compile(rf"^\s*({_HEX})(?:\s+/?\S+)?\s*$", re.MULTILINE)
_BAD = re.compile(r"%\s?Error verifying[^\n]*|%ERROR:[^\n]*|Embedded hash not verified[^\n]*", re.IGNORECASE)
_GOOD = re.compile(
    r"^\s*Verified\s+\(|Digital signature successfully verified|Embedded hash verification successful", re.M | re.I
)


@dataclass(frozen=True)
class VerifyAnswer:
    """The answer to a hash or verify command. `digest` is what the device computed, lower case; `error` its own
    words; `is_verified` True only where the device itself compared and agreed."""

    digest: str | None = None
    error: str = ""
    is_verified: bool = False


def parse_verify(text: str) -> VerifyAnswer:
    """Every form of DEVICE_FACTS 4.1; nothing understood gives an empty answer."""
    plain = clean(text)
    bad = _BAD.search(plain)
    error = " ".join(bad[0].split()) if bad else (device_refusal(plain) or "")
    found = {m.lower() for pattern in (_COMPUTED, _ANSWER) for m in pattern.findall(plain)}
    if not found and not error:
        found = {m.lower() for m in _BARE.findall(plain)}
    digest = found.pop() if len(found) == 1 else None
    return VerifyAnswer(digest, error, is_verified=not error and _GOOD.search(plain) is not None)


def parse_verify_hash(text: str) -> str | None:
    """The hash the device computed, in lower case hex; None when there is none, or not exactly one."""
    return parse_verify(text).digest
