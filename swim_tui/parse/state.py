"""Redundancy, stacks, sessions, locks and pending reloads."""

from __future__ import annotations

import re

from swim_tui.model.facts import Member, Redundancy
from swim_tui.parse.refusal import device_refusal
from swim_tui.parse.text import clean, lines_of

_STATE = re.compile(r"^\s*(?P<who>my|peer) state *= *\d+ *-?(?P<state>[A-Z][A-Z -]*?)\s*$", re.MULTILINE)
_MODE = re.compile(r"^\s*(?:Hardware )?Mode *= *(?P<mode>\w+)", re.MULTILINE)
_OPERATING = re.compile(
    r"^\s*(?:Redundancy Mode \(Operational\)|Operating Redundancy Mode) *= *(?P<mode>\S[^\n]*?)\s*$", re.MULTILINE
)
_SOFTWARE = re.compile(r"^\s*Current Software state *= *(?P<state>[A-Z][A-Z -]*?)\s*$", re.MULTILINE)
_COMMUNICATIONS = re.compile(r"^\s*Communications *= *(?P<state>Up|Down)\b", re.MULTILINE)
_SWITCHOVER = re.compile(r"^\s*Manual Swact *= *(?P<state>enabled|disabled)\b", re.MULTILINE | re.IGNORECASE)
_PEER_OFF = re.compile(r"Peer \(slot: \S+\) information is not available because it is in '(?P<state>[^'\n]+)' state")
_XR_REDUNDANCY = re.compile(r"^\s*(?P<active>\d\S+?)\(A\)\s+(?P<standby>N/A|\d\S+?\(S\)[^\n]*)", re.MULTILINE)
_XR_ROLE = re.compile(r"^\s*Node \S+ is in (?P<role>[A-Z]+) role", re.MULTILINE)
_XR_PARTNER = re.compile(
    r"^\s*(?:Partner node|Node Redundancy Partner) \(\S+\) is in (?P<role>[A-Z]+) role", re.MULTILINE
)
_XR_READY = re.compile(r"^\s*Standby node in \S+ is ready\b", re.MULTILINE)
_NX_STATE = re.compile(r"^\s*Redundancy state: +(?P<state>\S[^\n]*?)\s*$", re.MULTILINE)
_NX_INTERNAL = re.compile(r"^\s*Internal state: +(?P<state>\S[^\n]*?)\s*$", re.MULTILINE)
_SWITCH_ROW = re.compile(
    r"^(?P<mark>[* ])\s*(?P<number>\d{1,2})\s+(?P<role>[A-Z][a-z]+)\s+(?P<mac>[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4}){2})"
    r"\s+(?P<priority>\d+)\s+(?:(?P<hw>[Vv]?\d+)\s+)?(?P<state>[A-Z]\S*(?: \S+)*)\s*$"
)
_PRIVILEGE = re.compile(r"Current privilege level is (?P<level>\d{1,2})\b")
_NO_RELOAD = re.compile(r"No reload (?:is )?scheduled", re.IGNORECASE)
_RELOAD = re.compile(r"^\s*(?P<text>Reload scheduled .*)$", re.MULTILINE | re.IGNORECASE)
_USER = re.compile(
    r"^(?P<mark>[* ])?\s*(?P<line>(?:\d+\s+)?(?:con|vty|aux|tty)\s*\d+(?:/\w+)*)\s+(?P<rest>.*)$", re.IGNORECASE
)
# IOS; the pool that XR's logins come from (others are for scripts).
_VTY_LINES = re.compile(
    r"^(?:line vty|vty-pool default) (?P<first>\d{1,4})(?: (?P<last>\d{1,4}))?(?: line-template \S+)? *$", re.MULTILINE
)
_NX_LIMIT = re.compile(r"^\s*session-limit (?P<limit>\d{1,3}) *$", re.MULTILINE)
_NX_USER = re.compile(r"^(?P<user>\S+)\s+(?P<line>pts/\d+|ttyS\d+|con\S*)\s+(?P<when>[A-Z][a-z]{2} .*)$")
_USERS_HEAD = re.compile(r"^\s*(?:Line\s+User|NAME\s+LINE)", re.MULTILINE)
_LOCK_FIELD = re.compile(r"^\s*(?P<key>Owner PID|User|TTY username|TTY number|TTY|State|Type)\s*: *(?P<value>.*?)\s*$")
_LOCK_HEAD = re.compile(r"^\s*(?:Parser Configure Lock|Config Session Lock)", re.MULTILINE)


def parse_redundancy(text: str) -> Redundancy:
    """`show redundancy` or `show redundancy states` (XR: summary; NX-OS: status); empty strings = not said."""
    plain = clean(text)
    states = {m["who"]: m["state"].strip() for m in _STATE.finditer(plain)}
    software = [m["state"].strip() for m in _SOFTWARE.finditer(plain)]
    off = _PEER_OFF.search(plain)
    xr, nx = _XR_REDUNDANCY.search(plain), _NX_STATE.findall(plain)
    communications, switchover = _COMMUNICATIONS.search(plain), _SWITCHOVER.search(plain)
    mode, operating = _MODE.search(plain), _OPERATING.search(plain)
    mine = states.get("my") or (software[0] if software else "")
    peer = states.get("peer") or (software[1] if len(software) > 1 else off["state"] if off else "")
    role, partner = _XR_ROLE.search(plain), _XR_PARTNER.search(plain)
    if role is not None:
        ready = " READY" if _XR_READY.search(plain) is not None else " NOT READY"
        mine, peer = role["role"], partner["role"] + ready if partner is not None else ""
    elif xr is not None:
        mine, peer = "ACTIVE", "" if xr["standby"] == "N/A" else " ".join(xr["standby"].split())
    elif nx and not mine:
        said = _NX_INTERNAL.findall(plain)  # of what is present: this supervisor, then the other one
        mine, peer = nx[0], peer or (said[1] if len(said) > 1 else nx[1] if len(nx) > 1 else "")
    return Redundancy(
        hardware_mode=mode["mode"] if mode else "",
        operating_mode=operating["mode"] if operating else "",
        my_state=mine,
        peer_state=peer,
        communications=communications["state"] if communications else "",
        manual_switchover=switchover["state"].lower() if switchover else "",
    )


def parse_show_switch(text: str) -> tuple[Member, ...]:
    """`show switch` (also detail): number, role and state of each member, V-Mismatch too."""
    rows = (_SWITCH_ROW.match(line) for line in lines_of(text))
    return tuple(Member(number=int(r["number"]), role=r["role"], state=r["state"]) for r in rows if r is not None)


def parse_privilege(text: str) -> int | None:
    """The level of `show privilege`."""
    match = _PRIVILEGE.search(clean(text))
    return int(match["level"]) if match is not None else None


def parse_show_reload(text: str) -> str | None:
    """The line of a scheduled reload, "" when none is scheduled, None when the answer was not understood."""
    plain = clean(text)
    match = _RELOAD.search(plain)
    if match is not None:
        return " ".join(match["text"].split())
    return "" if _NO_RELOAD.search(plain) else None


def parse_session_limit(text: str) -> int | None:
    """How many sessions a configuration allows; None when it does not say.

    IOS: `line vty 0 4`, `line vty 5 15`; XR: `vty-pool default 0 9 line-template default`; NX-OS: `session-limit 16`.
    """
    plain = clean(text)
    last = [int(match["last"] or match["first"]) for match in _VTY_LINES.finditer(plain)]
    if last:
        return max(last) + 1
    return min((int(match["limit"]) for match in _NX_LIMIT.finditer(plain)), default=None)


def parse_users(text: str) -> tuple[str, ...] | None:
    """Other people's sessions as `user line place`; None when the answer was not understood."""
    plain = clean(text)
    if _USERS_HEAD.search(plain) is None:
        return None
    others: list[str] = []
    for line in plain.split("\n"):
        if re.match(r"^\s*Interface\s+User\b", line):
            break
        match = _USER.match(line)
        if match is not None and match["mark"] != "*":
            others.append(_session(match))
            continue
        nx = _NX_USER.match(line)
        if nx is not None and not line.rstrip().endswith("*"):
            others.append(f"{nx['user']} {nx['line']}")
    return tuple(others)


def _session(match: re.Match[str]) -> str:
    words = match["rest"].split()
    idle = next(
        (i for i, word in enumerate(words) if re.fullmatch(r"\d\d:\d\d:\d\d|\d+w\d+d|\d+d\d+h", word)), len(words)
    )
    user = words[0] if idle >= 2 else ""  # nobody logged in: only the host column stands before the idle time
    place = words[idle + 1] if idle + 1 < len(words) else ""
    line = re.sub(r"^\d+\s+", "", match["line"])
    return " ".join(part for part in (user or "-", " ".join(line.split()), place) if part)


def parse_config_lock(text: str) -> str | None:
    """Who holds the configuration (`show configuration lock`), "" = nobody, None = not understood."""
    plain = clean(text)
    if device_refusal(plain) is not None:
        return None
    holders: list[str] = []
    fields: dict[str, str] = {}
    seen = _LOCK_HEAD.search(plain) is not None
    for line in plain.split("\n"):
        match = _LOCK_FIELD.match(line)
        if match is None:
            continue
        if match["key"] == "Owner PID":
            holders += _holder(fields)
            fields = {}
        fields[match["key"]] = match["value"]
    holders += _holder(fields)
    return ", ".join(dict.fromkeys(holders)) if seen or holders else None


def _holder(fields: dict[str, str]) -> list[str]:
    pid = fields.get("Owner PID", "-1")
    state = fields.get("State", "LOCKED" if "TTY username" in fields else "")
    if pid in ("", "-1") or state.upper() != "LOCKED":
        return []
    who = fields.get("TTY username") or fields.get("User") or "unknown"
    tty = fields.get("TTY number") or fields.get("TTY") or ""
    return [f"{who} on tty {tty}" if tty else who]
