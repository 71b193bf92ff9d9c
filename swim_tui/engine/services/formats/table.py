"""CSV: our own columns, or an export of the NetBox device list."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from swim_tui.engine.services.formats.found import Found, Unreadable, is_secret, number, words
from swim_tui.engine.services.formats.netbox import device_row

COLUMNS = {
    "name": ("device", "hostname", "host_name", "device_name"),
    "address": ("ip", "ip_address", "host", "management_ip", "mgmt_ip", "management_address"),
    "port": ("ssh_port",),
    "platform": ("pack",),
    "role": (),
    "location": ("site",),
    "device_type": ("type",),
    "groups": ("group",),
    "credentials": ("profile", "credential_profile"),
    "jump": ("jump_host", "jump_hosts", "proxy_jump"),
    "legacy_ssh": (),
    "upstream": (),
    "pair": (),
    "vrf": (),
    "source_interface": (),
    "console": (),
    "description": ("comment", "comments"),
}
"""Column -> other spellings. Lists (groups, jump, upstream) have `;`, `,` or `|` between."""
_LISTS = ("groups", "jump", "upstream")
_YES = {"yes": True, "true": True, "1": True, "on": True, "no": False, "false": False, "0": False, "off": False}
_NETBOX_ADDRESS = ("primary_ip", "primary_ip4", "ip_address", "ipv4_address", "primary_ipv4", "primary_ip_address")
_NETBOX_SIGNS = {"manufacturer", "rack", "tenant", "device_role", "primary_ip", "primary_ip4", "primary_ipv4", "status"}


def column_key(text: str) -> str:
    """A heading as a key: `IP Address` is `ip_address`."""
    return re.sub(r"[^a-z0-9]+", "_", text.strip().lower()).strip("_")


def delimiter_of(text: str) -> str:
    """What stands between columns, by the first line with content."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=head.count)


def looks_like_csv(text: str) -> bool:
    """A heading with a name, and more than one column."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    keys = [column_key(cell) for cell in head.split(delimiter_of(text))]
    return len(keys) > 1 and bool({"name", *COLUMNS["name"]} & set(keys))


def looks_like_netbox(text: str) -> bool:
    """A heading as NetBox exports it."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    keys = {column_key(cell.strip('" ')) for cell in head.split(delimiter_of(text))}
    return bool(keys & set(_NETBOX_ADDRESS)) and len(keys & _NETBOX_SIGNS) >= 2


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter_of(text))
    try:
        before = 0
        for cells in reader:
            line, before = before + 1, reader.line_num
            if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#"):
                yield line, cells
    except csv.Error as err:
        raise Unreadable(reader.line_num, f"not CSV: {err}") from None


def read_csv(text: str) -> Found:
    """Our columns; the heading row comes first."""
    found, rows = Found(), _lines(text)
    line, heads = next(rows, (1, []))
    columns = [_column(found, line, head) for head in heads]
    if columns and not {"name", "address"} <= set(columns):
        found.problem(line, "the heading row needs the columns name and address")
        return found
    for line, cells in rows:
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            found.problem(line, f"{len(cells)} cells in a table of {len(columns)} columns")
            continue
        given = {c: cell.strip() for c, cell in zip(columns, cells, strict=False) if c and cell.strip()}
        found.add("devices", {column: _value(found, column, cell, line) for column, cell in given.items()}, line)
    return found


def _column(found: Found, line: int, head: str) -> str:
    key = column_key(head)
    column = next((name for name, others in COLUMNS.items() if key == name or key in others), "")
    if column or not key:
        return column
    if is_secret(key) or key in ("username", "user"):
        found.secret(f"column {head.strip()!r}", line)
        return ""
    near = difflib.get_close_matches(key, COLUMNS, 1)
    hint = f"; did you mean '{near[0]}'?" if near else f"; the columns are {', '.join(COLUMNS)}"
    found.problem(line, f"no column '{head.strip()[:60]}'{hint}")
    return ""


def _value(found: Found, column: str, cell: str, line: int) -> Any:
    if column == "port":
        return number(cell)
    if column == "legacy_ssh":
        return _YES.get(cell.lower(), cell)
    if column == "role":
        return cell.lower()
    if column in _LISTS:
        names = words(cell)
        return [found.group(name, "user", line) for name in names] if column == "groups" else names
    if column in ("location", "device_type"):
        return found.group(cell, column, line)
    return cell


def read_netbox_csv(text: str) -> Found:
    """The device list of NetBox, exported as CSV with whatever columns were shown."""
    found, rows = Found(), _lines(text)
    line, heads = next(rows, (1, []))
    keys = [column_key(head) for head in heads]
    for head, key in zip(heads, keys, strict=True):
        if is_secret(key):
            found.secret(f"column {head.strip()!r}", line)
    for line, cells in rows:
        row = {key: cell.strip() for key, cell in zip(keys, cells, strict=False)}
        device_row(
            found,
            line,
            name=row.get("name", ""),
            address=_first(row, _NETBOX_ADDRESS),
            site=_first(row, ("site", "location")),
            kind=_first(row, ("type", "device_type")),
            role=_first(row, ("role", "device_role")),
            tags=words(row.get("tags", "")),
            description=_first(row, ("description", "comments")),
        )
    return found


def _first(row: dict[str, str], keys: Sequence[str]) -> str:
    return next((row[key] for key in keys if row.get(key)), "")
