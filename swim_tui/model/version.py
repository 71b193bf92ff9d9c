"""Version strings of every Cisco operating system: one order behind many spellings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

Part = tuple[int, str]  # a number and the letters glued to it: 6a -> (6, "a")

_LONGEST = 120  # longer text is no version
_MAX_DIGITS = 12


class Order(StrEnum):
    """How one version stands to another."""

    NEWER = "newer"
    SAME = "same"
    LOWER = "lower"
    INCOMPARABLE = "incomparable"


class Scheme(StrEnum):
    """Which grammar a version string follows; XR and NX-OS share one, since their plain forms look alike."""

    IOS = "ios"
    XE3 = "xe3"
    XE16 = "xe16"
    DOTTED = "dotted"


@dataclass(frozen=True)
class Version:
    """A version taken apart. `line` groups trains that continue one another; within a line `base` decides,
    then `rebuild`, and two trains on the same base do not compare."""

    scheme: Scheme
    line: str
    base: tuple[Part, ...]
    train: str
    rebuild: tuple[Part, ...]
    canonical: str  # 15.0(2)SE11, 03.13.05.S, 16.06.05, 9.3(6), 7.0(3)I7(8)


_BUILD = re.compile(r"^\S*uu\S* +\[build +([^\]\s]+)\]")  # NX-OS after a non-disruptive upgrade
_TAIL = re.compile(r"[\s,\[].*$", re.DOTALL)
_IOS = re.compile(r"(\d+)\.(\d+)\((\d+)([a-z]*)(?:\.(\d+))?\)([A-Z]*)(\d*)([a-z]?)(?:\.\d+)?", re.IGNORECASE)
_IOS_FILE = re.compile(r"(\d{2})(\d)-(\d+)([a-z]?)(?:\.([A-Z]+)(\d*)([a-z]?))?(?:-(?:std|ext))?", re.IGNORECASE)
_XE3 = re.compile(
    r"0?([23])\.(\d+)\.(\d+)((?-i:[a-z]?))\.?([A-Z]+)(\d*)([a-z]?)(?:\.\d{3}-[\w.]+(?:-(?:std|ext))?)?", re.IGNORECASE
)
_XE2 = re.compile(r"0?(2)\.(\d+)\.(\d+)([a-z]?)\.\d{3}-[\w.]+", re.IGNORECASE)
_XR_LABEL = re.compile(r"r(\d{3,5})", re.IGNORECASE)
_NUMBER = re.compile(r"(\d+)([a-z]*)")
_TRAIN = re.compile(r"([A-Z]+)(\d*)([a-z]*)")
_INTERIM = re.compile(r"(\d+)([A-Z])")
_NXOS_DOTTED = re.compile(r"(\d+\.\d+)\.(\d+)([a-z]*)(?:\.([\w.]+))?")
_BALANCED = re.compile(r"(?:[0-9A-Za-z.]|\([0-9A-Za-z.]+\))+")
_XE_MAJORS = range(16, 20)


def parse_version(text: str) -> Version | None:
    """Take a version string apart, in any spelling of DEVICE_FACTS 2.1; None if it is none."""
    if len(text) > _LONGEST:
        return None
    built = _BUILD.match(text.strip())
    word = _TAIL.sub("", (built[1] if built else text).strip().lstrip("-")).rstrip(";:")
    if not word or not word.isascii() or re.search(rf"\d{{{_MAX_DIGITS},}}", word):
        return None
    for reader in (_read_ios, _read_ios_file, _read_xe3, _read_xr_label, _read_dotted):
        version = reader(word)
        if version is not None:
            return version
    return None


def compare(a: str, b: str) -> Order:
    """How version `a` stands to version `b`: NEWER means that a is newer."""
    left, right = parse_version(a), parse_version(b)
    if left is None or right is None:
        return Order.SAME if a.strip() and a.strip() == b.strip() else Order.INCOMPARABLE
    return _compare(left, right)


def same_version(a: str, b: str) -> bool:
    """True when both spell the same version."""
    return compare(a, b) is Order.SAME


def _compare(a: Version, b: Version) -> Order:
    if a.scheme is not b.scheme:
        # XE 16 continues both the router and the switch line of XE 3
        if {a.scheme, b.scheme} == {Scheme.XE3, Scheme.XE16}:
            return Order.NEWER if a.scheme is Scheme.XE16 else Order.LOWER
        return Order.INCOMPARABLE
    if a.line != b.line:
        return Order.INCOMPARABLE
    if a.base != b.base:
        return Order.NEWER if a.base > b.base else Order.LOWER
    if a.train != b.train:
        return Order.INCOMPARABLE
    if a.rebuild != b.rebuild:
        return Order.NEWER if a.rebuild > b.rebuild else Order.LOWER
    return Order.SAME


def _ios_line(train: str) -> str:
    """The lineage of an IOS train: 12.2SE goes on as 15.0SE and 15.2E, 12.4T as 15.0M, 12.2SR as 15.0S."""
    if train.startswith(("SE", "SG", "E")):
        return "E"
    if train in ("", "T", "M", "MD", "XA", "XB", "XC", "XD", "XE", "GC"):
        return "M"
    if train.startswith("S"):
        return "S"
    return train


def _ios(major: str, minor: str, maint: str, letter: str, interim: str, train: str, number: str, tail: str) -> Version:
    train = train.upper()
    base: list[Part] = [(int(major), ""), (int(minor), ""), (int(maint), letter.lower())]
    if interim:
        base.append((int(interim), ""))
    rebuild: tuple[Part, ...] = ((int(number or 0), tail.lower()),)
    inside = f"{int(maint)}{letter.lower()}" + (f".{int(interim)}" if interim else "")
    shown = f"{int(number)}" if number else ""
    canonical = f"{int(major)}.{int(minor)}({inside}){train}{shown}{tail.lower()}"
    return Version(Scheme.IOS, _ios_line(train), tuple(base), train, rebuild, canonical)


def _read_ios(word: str) -> Version | None:
    match = _IOS.fullmatch(word)
    if match is None:
        return None
    major = int(match[1])
    # NX-OS writes 9.3(6), ACI 13.1(2p): IOS never had these majors
    if major <= 10 or major in (13, 14):
        return None
    groups = [g or "" for g in match.groups()]
    return _ios(*groups)


def _read_ios_file(word: str) -> Version | None:
    match = _IOS_FILE.fullmatch(word)
    if match is None:
        return None
    major, minor, maint, letter, train, number, tail = (g or "" for g in match.groups())
    return _ios(major, minor, maint, letter, "", train, number, tail)


def _read_xe3(word: str) -> Version | None:
    match = _XE3.fullmatch(word)
    if match is None:
        old = _XE2.fullmatch(word)
        if old is None:
            return None
        major, minor, maint, letter = old.groups()
        train = number = tail = ""
    else:
        major, minor, maint, letter, train, number, tail = (g or "" for g in match.groups())
    train = train.upper()
    base = ((int(major), ""), (int(minor), ""), (int(maint), letter.lower()))
    line = "switch" if train.startswith(("SE", "SG", "SQ", "E")) else "router"
    rebuild = ((int(number or 0), tail.lower()),)
    end = f".{train}{number}{tail.lower()}" if train else ""
    canonical = f"{int(major):02d}.{int(minor):02d}.{int(maint):02d}{letter.lower()}{end}"
    return Version(Scheme.XE3, line, base, train if line == "router" else "", rebuild, canonical)


def _read_xr_label(word: str) -> Version | None:
    match = _XR_LABEL.fullmatch(word)
    if match is None:
        return None
    digits = match[1]
    wide = len(digits) > 3 and int(digits[:2]) in range(24, 40)  # releases since 2024 carry the year: r2522
    cut = 2 if wide else 1
    return _read_dotted(f"{digits[:cut]}.{digits[cut]}.{digits[cut + 1 :]}")


def _read_dotted(word: str) -> Version | None:
    """XE 16 and later, XR, NX-OS and ACI: parts split at dots and brackets."""
    if not _BALANCED.fullmatch(word):
        return None
    tokens = [t for t in re.split(r"[.()]", word) if t]
    if len(tokens) < 2 or not tokens[0].isdigit():
        return None
    major = int(tokens[0])
    if major in _XE_MAJORS:
        return _xe16(tokens)
    return _dotted(tokens, word)


def _xe16(tokens: list[str]) -> Version | None:
    """The core has three parts; install summary goes on with build numbers (17.09.06a.0.12)."""
    base: list[Part] = []
    for token in tokens[:3]:
        match = _NUMBER.fullmatch(token)
        if match is None:
            return None
        base.append((int(match[1]), match[2]))
    canonical = ".".join(f"{number:02d}{letters}" for number, letters in base)
    return Version(Scheme.XE16, "xe", tuple(base), "", (), canonical)


def _dotted(tokens: list[str], word: str) -> Version | None:
    base: list[Part] = []
    train = ""
    rebuild: list[Part] = []
    for token in tokens:
        number, named, interim = _NUMBER.fullmatch(token), _TRAIN.fullmatch(token), _INTERIM.fullmatch(token)
        if number is not None:
            (rebuild if train else base).append((int(number[1]), number[2]))
        elif named is not None and not train:
            train = named[1]
            rebuild.append((int(named[2] or 0), named[3]))
        elif interim is not None and not train:  # XR engineering build 6.1.4.10I
            train = interim[2]
            rebuild.append((int(interim[1]), ""))
        else:
            return None
    if len(base) < 2:
        return None
    canonical = re.sub(r"\d+", lambda digits: str(int(digits[0])), word)
    if train in ("F", "M") and rebuild == [(0, "")]:
        train, rebuild = "", []  # 10.2(3)F is the feature release 10.2(3) itself
    return Version(Scheme.DOTTED, "dotted", tuple(base), train, tuple(rebuild), canonical)


def nxos_spelling(text: str) -> str:
    """A dotted version as NX-OS prints it: 7.0.3.I7.8 -> 7.0(3)I7(8); any other text as it is."""
    match = _NXOS_DOTTED.fullmatch(text)
    if match is None:
        return text
    head, maint, letters, rest = match.groups()
    train = re.fullmatch(r"([A-Z]\d*)(?:\.([\w.]+))?", rest or "")
    if rest and train is None:  # interim build 10.3.1.5.F
        more, _, tail = rest.rpartition(".")
        return f"{head}({maint}{letters}.{more}){tail}" if more else f"{head}({maint}{letters}.{tail})"
    end = "" if train is None else train[1] + (f"({train[2]})" if train[2] else "")
    return f"{head}({maint}{letters}){end}"
