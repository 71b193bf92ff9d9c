"""Processors and nodes, redundancy pairs, FPDs and the configuration an XR router could not take at its start."""

from __future__ import annotations

import re

from swim_tui.model.install import Fpd, Node, NodePair
from swim_tui.parse.refusal import device_refusal
from swim_tui.parse.text import short_lines

_STATES = (
    "IOS XR RUN|IOS-XR RUN|OPERATIONAL|UNPOWERED|POWERED_ON|POWERED_OFF|DISABLED|PRESENT|READY|NOT READY|"
    "IN-RESET|BRINGDOWN|BRINGUP|BOOTING|STARTING|FAILED|OFFLINE|ONLINE|MBI-BOOTING|MBI-RUNNING|ROMMON|"
    "SW_INACTIVE|HW_FAILED|FPD_UPGRADE|SHUT DOWN|DOWN|OK|UP"
)
_NODE = re.compile(
    rf"^\s*(?P<name>\d+/[\w/*]+)\s+(?P<card>\S.*?)\s+(?P<state>{_STATES})(?:\s+(?P<config>\S[^\n]*?))?\s*$"
)
_OTHER_NODE = re.compile(
    r"^\s*(?P<name>\d+/[\w/*]+)\s+(?P<card>\S.*?)\s{2,}(?P<state>[A-Z][\w -]*?)(?:\s{2,}(?P<config>\S[^\n]*?))?\s*$"
)
_NODE_HEAD = re.compile(r"^\s*Node(?: name)?\s+(?:Card )?Type\s+.*State", re.IGNORECASE)
_XE_ROW = re.compile(r"^\s*(?P<name>R\d)\s+(?P<card>\S+)\s+(?P<state>[a-z]+)(?:, (?P<role>active|standby))?\s")
_ROLE = re.compile(r"\((?P<role>Active|Standby)\)", re.IGNORECASE)
# what Cisco's own automation waits for; a power supply that is out was out before
_HEALTHY_CPU = frozenset({"IOS XR RUN", "IOS-XR RUN"})
_HEALTHY_OTHER = _HEALTHY_CPU | {"OK", "READY", "OPERATIONAL", "PRESENT", "UNPOWERED", "DISABLED", "UP", "ONLINE"}
_PAIR = re.compile(
    r"^\s*(?P<active>\d+/\S+?)(?:\([AP]\))?\s+(?P<standby>N/A|\d+/\S+?(?:\([SB]\))?)\s*(?:\((?P<text>[^()\n]*)\))?\s*$"
)
_PAIR_HEAD = re.compile(r"^\s*Active(?:/Primary| Node)\s+Standby", re.IGNORECASE)
_FPD_HEAD = re.compile(r"\bFPD [Dd]evice\b|Upg/Dng\?|^FPD Versions|Existing Field Programmable Devices", re.MULTILINE)
_FPD_STATUS = (
    r"CURRENT|NEED UPGD|NOT READY|UPGD DONE|RLOAD REQ|UPGD PREP|IN QUEUE|UPGD SKIP|UPGD FAIL|\d{1,3}% UPGD|UPGRADING|"
    r"NOT ON|N/A"
)
_FPD64 = re.compile(
    r"^(?P<location>\d+/\S+)\s+(?P<card>\S+)\s+(?P<hw>\S+)\s+(?P<device>\S+)\s+(?:(?P<attributes>[BPSA]{1,4})\s+)?"
    rf"(?P<status>{_FPD_STATUS})(?:\s+(?P<running>\d\S*))?"
)
_FPD32 = re.compile(
    r"^\s*(?:(?P<location>\d+/\S+)\s+(?P<card>\S+)\s+(?P<hw>\d\S*)\s+)?(?P<kind>[a-z]\w{1,10})\s+(?P<device>\S+)\s+\d+\s+"
    r"(?P<running>\d[\d.]*)\s*\^?\s*(?P<upgrade>Yes|No)\s*$"
)
_FAILED_MARK = re.compile(r"^!!? ?.*\b(?:ERRORS?|FAILED CONFIG)\b", re.IGNORECASE | re.MULTILINE)
_XR_STAMP = re.compile(
    r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} {1,2}\d+ \d\d:\d\d:\d\d\.\d+ \S+\s*$", re.MULTILINE
)


def parse_xr_platform(text: str) -> tuple[Node, ...]:
    """`show platform` of XR (also admin): every node; empty when not understood."""
    found: list[Node] = []
    is_read = False
    for line in short_lines(text):
        if _NODE_HEAD.match(line):
            is_read = True
            continue
        row = _NODE.match(line) or (_OTHER_NODE.match(line) if is_read else None)
        if row is None or not is_read:
            continue
        role = _ROLE.search(row["card"])
        state = row["state"].strip()
        healthy = _HEALTHY_CPU if "/CPU" in row["name"] else _HEALTHY_OTHER
        found.append(
            Node(
                row["name"],
                _ROLE.sub("", row["card"]).strip(),
                role["role"].capitalize() if role is not None else "",
                state,
                row["config"] or "",
                state in healthy,
            )
        )
    return tuple(found)


def parse_xe_platform(text: str) -> tuple[Node, ...]:
    """`show platform` of XE routers and chassis: the route processors; empty when there are none."""
    rows = (_XE_ROW.match(line) for line in short_lines(text))
    return tuple(
        Node(r["name"], r["card"], (r["role"] or "").capitalize(), r["state"], is_healthy=r["state"] == "ok")
        for r in rows
        if r is not None
    )


def parse_node_pairs(text: str) -> tuple[NodePair, ...]:
    """`show redundancy summary` of XR."""
    found: list[NodePair] = []
    is_read = False
    for line in short_lines(text):
        row = _PAIR.match(line)
        if _PAIR_HEAD.match(line):
            is_read = True
        elif is_read and row is not None:
            found.append(_pair(row))
    return tuple(found)


def _pair(row: re.Match[str]) -> NodePair:
    said = row["text"] or ""
    standby = "" if row["standby"] == "N/A" else re.sub(r"\([SB]\)$", "", row["standby"])
    ready: bool | None = None
    if standby and "Ready" in said.split(",")[0]:
        ready = "Not Ready" not in said.split(",")[0]
    nsr = re.search(r"NSR: *([^,]+)", said)
    return NodePair(row["active"], standby, ready, nsr[1].strip() if nsr is not None else "")


def parse_fpds(text: str) -> tuple[Fpd, ...] | None:
    """`show hw-module fpd` (64 bit, XR7) or `show hw-module fpd location all` (32 bit); None when not understood."""
    plain = "\n".join(short_lines(text))
    if _FPD_HEAD.search(plain) is None:
        return None
    found: list[Fpd] = []
    location = card = ""
    for line in plain.split("\n"):
        row, old = _FPD64.match(line), _FPD32.match(line)
        if row is not None:
            status = row["status"]
            needs, reload = status in ("NEED UPGD", "UPGD FAIL"), status == "RLOAD REQ"
            found.append(Fpd(row["location"], row["card"], row["device"], status, row["running"] or "", needs, reload))
        elif old is not None:
            location, card = old["location"] or location, old["card"] or card
            needs = old["upgrade"] == "Yes"
            found.append(Fpd(location, card, old["device"], old["upgrade"], old["running"], needs))
    return tuple(found)


def parse_failed_config(text: str) -> tuple[str, ...] | None:
    """`show configuration failed startup`: the lines XR did not take, () when there are none, None when not
    understood. An empty answer counts only with the time line XR prints before every answer."""
    if device_refusal(text) is not None:
        return None
    lines = [line for line in short_lines(text) if line.strip()]
    if not lines:
        return () if _XR_STAMP.search(text.replace("\r", "")) is not None else None
    if _FAILED_MARK.search("\n".join(lines)) is None:
        return None
    kept = (line for line in lines if not line.lstrip().startswith("!") and line.strip() not in ("end", "exit"))
    return tuple(line for line in kept if not re.match(r"^(?:Building configuration|\S+#)", line))
