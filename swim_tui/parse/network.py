"""Interfaces that are up and neighbours that are seen, for comparison before and after."""

from __future__ import annotations

import re

from swim_tui.parse.text import clean, lines_of

_NAME = r"[A-Za-z][A-Za-z-]*[\d][\d/.:]*|[A-Za-z][\w-]*\d[\w/.:-]*"
_IP_BRIEF = re.compile(
    rf"^\s*(?P<name>{_NAME})\s+(?:\d+\.\d+\.\d+\.\d+|unassigned)\s+(?:(?:YES|NO)\s+\S+\s+)?[Uu]p\s+[Uu]p\b",
    re.MULTILINE,
)
_NX_BRIEF = re.compile(rf"^\s*(?P<name>{_NAME})\s+\S+\s+protocol-up/link-up/admin-up", re.MULTILINE)
_STATUS = re.compile(rf"^\s*(?P<name>{_NAME})\s+(?:\S.*\s)?connected\s+(?:\d+|trunk|routed)\b", re.MULTILINE)
_DESCRIPTION = re.compile(rf"^\s*(?P<name>{_NAME})\s+up\s+up\b", re.MULTILINE)
_LOCAL = (
    r"(?:Gig|Ten|Twe|Fas|For|Fif|Hu|Two|Eth|Fa|Gi|Te|Fo|Hun|Ser|Se|Mgmt|mgmt|Gigabit\w*|Fast\w*|Tengig\w*|Ethernet|"
    r"Mg|Bundle-Ether|POS|App|Vlan)\S*"
)
_CDP_ROW = re.compile(
    rf"^(?P<id>\S+)?\s+(?P<local>{_LOCAL}(?: \d[\d/.]*)?)\s+(?P<hold>\d{{1,4}})\s+(?P<rest>\S.*)$", re.IGNORECASE
)
_NEIGHBOUR_HEAD = re.compile(r"^\s*Device[ -]ID\s+Local", re.MULTILINE | re.IGNORECASE)
_DETAIL_ID = re.compile(r"^\s*(?:Device ID|System Name): *(?P<id>\S+)")
_DETAIL_LOCAL = re.compile(r"^\s*(?:Interface|Local Intf): *(?P<local>[^,\s]+)")
_OSPF = re.compile(
    r"^\s*(?P<id>\d+\.\d+\.\d+\.\d+)\s+\d+\s+FULL/\s?\S+\s+\S+\s+\d+\.\d+\.\d+\.\d+\s+(?P<local>\S+)\s*$", re.MULTILINE
)
# the last column of an established BGP peer is a number of prefixes; else it is the name of a state
_BGP = re.compile(r"^(?P<peer>[0-9a-fA-F.:]{3,45})\s*\n?\s+4\s+\d+(?:\s+\S+){6}\s+\d+\s*$", re.MULTILINE)
_LONG_ID = re.compile(r"^(?P<id>\S+)\s*$")


def parse_interfaces_up(text: str) -> tuple[str, ...]:
    """Names of interfaces that are up, from `show ip interface brief`, `show interfaces status` or `description`."""
    plain = clean(text)
    names = [m["name"] for p in (_IP_BRIEF, _NX_BRIEF, _STATUS, _DESCRIPTION) for m in p.finditer(plain)]
    return tuple(dict.fromkeys(names))


def parse_neighbours(text: str) -> tuple[str, ...]:
    """CDP and LLDP neighbours as `name on interface` (table or detail), full OSPF and established BGP neighbours."""
    lines = lines_of(text)
    whole = "\n".join(lines)
    routing = [f"ospf {m['id']} on {_short(m['local'])}" for m in _OSPF.finditer(whole)]
    routing += [f"bgp {m['peer']}" for m in _BGP.finditer(whole)]
    if routing:
        return tuple(dict.fromkeys(routing))
    if _NEIGHBOUR_HEAD.search(whole) is not None:
        return tuple(dict.fromkeys(_table(lines)))
    return tuple(dict.fromkeys(_detail(lines)))


def _table(lines: list[str]) -> list[str]:
    found: list[str] = []
    pending = ""  # a long name stands on a line of its own
    started = False
    for line in lines:
        if _NEIGHBOUR_HEAD.match(line):
            started = True
            continue
        if not started:
            continue
        row = _CDP_ROW.match(line)
        if row is not None and (row["id"] or pending):
            found.append(f"{row['id'] or pending} on {_short(row['local'])}")
            pending = ""
            continue
        alone = _LONG_ID.match(line)
        pending = alone["id"] if alone is not None else ""
    return found


def _detail(lines: list[str]) -> list[str]:
    found: list[str] = []
    name = local = ""
    for line in lines:
        ident, interface = _DETAIL_ID.match(line), _DETAIL_LOCAL.match(line)
        if ident is not None:
            name = ident["id"]
        if interface is not None:
            local = interface["local"]
        if name and local:
            found.append(f"{name} on {_short(local)}")
            name = local = ""
    return found


def _short(interface: str) -> str:
    """Gig 1/0/1, GigabitEthernet1/0/1 and Gi1/0/1 are one interface."""
    match = re.match(r"([A-Za-z-]+) ?([\d/.:]*)$", interface)
    if match is None:
        return interface
    return f"{match[1][:2].capitalize()}{match[2]}"
