"""Inventory files of any format we read, into the same checked rows; and our own format, written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import yaml

from swim_tui.engine.services.formats.detect import FORMATS, OURS, detect, place, read
from swim_tui.engine.services.formats.found import NO_JUMP_PROFILE, NO_PROFILE, Found, RawRow, Unreadable
from swim_tui.engine.services.inventory_file import Entry, InventoryFile, Known, read_inventory, read_rows
from swim_tui.errors import BadValue, InventoryError
from swim_tui.model.device import Device, Group, GroupKind, HopMethod, JumpHost
from swim_tui.model.endpoint import HostKey
from swim_tui.model.server import SwimServer

_HEAD = """# swim-tui inventory. No password is in it: before it is imported elsewhere, add the profiles there
# (swim-tui credentials add NAME){profiles}
"""


@dataclass
class ReadFile:
    """What a file gave."""

    file: InventoryFile
    problems: list[str]
    format: str = OURS
    notes: list[str] = field(default_factory=list)


def read_any(
    text: str,
    source: str,
    known: Known,
    format: str = "",
    credentials: str = "",
    held: Mapping[str, Device] | None = None,
    jump_credentials: str = "",
) -> ReadFile:
    """Recognise the format unless it is named, and read it.

    A row of a foreign file changes only what the file says of a device in `held`, and a profile that exists is kept.
    """
    if format and format not in FORMATS:
        raise BadValue(name="format", value=format, detail="it is not known", allowed=", ".join(FORMATS))
    chosen = format or detect(text, source)
    for profile in filter(None, (credentials, jump_credentials)):
        if profile not in known.credentials:
            raise BadValue(
                name="credentials",
                value=profile,
                detail="there is no such profile",
                allowed="swim-tui credentials list",
            )
    if chosen == OURS:
        file, problems = read_inventory(text, source, known)
        _give(file, credentials, jump_credentials)
        left_out = [f"{source}: SWIM server '{e.value.name}': {why}" for e in file.servers for why in e.value.left_out]
        return ReadFile(file, problems, notes=left_out)

    def where(line: int) -> str:
        name, at = place(text, line)
        return f"{source}{'/' * bool(name)}{name}, line {at}"

    try:
        found = read(chosen, text)
    except Unreadable as err:
        problem = f"{where(err.line)}: {err}"
        raise InventoryError(source=source, detail=f"line {err.line}: {err}", problems=(problem,)) from None
    if not found.rows and not found.problems:
        found.problem(1, f"no device in this {chosen} file")
    file, problems = read_rows(_rows(found, known), found.problems, where, source, known)
    _merge(file, held or {})
    _give(file, credentials, jump_credentials)
    answered = (*(NO_PROFILE,) * bool(credentials), *(NO_JUMP_PROFILE,) * bool(jump_credentials))
    open_notes = [(line, note) for line, note in found.notes() if not note.startswith(answered)]
    return ReadFile(file, problems, chosen, [f"{where(line)}: {note}" for line, note in open_notes])


def _rows(found: Found, known: Known) -> dict[str, list[RawRow]]:
    """Without profiles and groups that exist: a file of another program does not know what they hold."""
    rows = dict(found.rows)
    rows["credentials"] = [
        row for row in rows.get("credentials", ()) if row.values.get("name") not in known.credentials
    ]
    rows["groups"] = [
        row
        for row in rows.get("groups", ())
        if row.values.get("name") not in known.groups.get(GroupKind(row.values["kind"]), ())
    ]
    rows["jumps"] = [row for row in rows.get("jumps", ()) if row.values.get("name") not in known.jumps]
    return rows


def _merge(file: InventoryFile, held: Mapping[str, Device]) -> None:
    """Of a device that exists, keep what the file does not say."""
    for number, entry in enumerate(file.devices):
        old = held.get(entry.value.name)
        if old is not None:
            fresh = {name: value for name, value in vars(entry.value).items() if value != _DEFAULTS.get(name, "")}
            file.devices[number] = Entry(replace(old, **fresh), entry.lines)


def _give(file: InventoryFile, credentials: str, jump_credentials: str) -> None:
    """The named profiles for devices and for jump hosts that have none: a device's password is not for a bastion."""
    both: tuple[tuple[list[Entry[Any]], str], ...] = ((file.devices, credentials), (file.jumps, jump_credentials))
    for entries, profile in both:
        for number, entry in enumerate(entries if profile else ()):
            if not entry.value.credentials:
                entries[number] = Entry(replace(entry.value, credentials=profile), entry.lines)


_NOT_WRITTEN = ("origin", "at", "by", "has_password")  # of a host key, of a server: of this machine only
_DEFAULTS = vars(Device(name="", address=""))


def inventory_text(
    groups: Iterable[Group],
    jumps: Iterable[JumpHost],
    devices: Iterable[Device],
    host_keys: Iterable[HostKey],
    servers: Iterable[SwimServer] = (),
) -> str:
    """Our own YAML; what has its default is left out, parents come before their children."""
    jumps, devices = list(jumps), list(devices)
    named = sorted({j.credentials for j in jumps if j.credentials} | {d.credentials for d in devices if d.credentials})
    sections = {
        "groups": [_row(g) for g in sorted(groups, key=lambda g: (g.kind, g.name))],
        "jumps": [_row(j) for j in sorted(jumps, key=lambda j: j.name)],
        "servers": [_row(s) for s in sorted(servers, key=lambda s: s.name)],
        "devices": [_row(d) for d in sorted(devices, key=lambda d: d.name)],
        "host_keys": [_row(k) for k in sorted(host_keys, key=lambda k: (k.host, k.port))],
    }
    body: dict[str, Any] = {"swim_tui_inventory": 1, **{name: rows for name, rows in sections.items() if rows}}
    head = _HEAD.format(profiles=f": {', '.join(named)}" if named else "")
    return head + yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=120)


def _row(value: Any) -> dict[str, Any]:
    """Fields that say something, as plain YAML."""
    return _plain_row(asdict(value), own_port=22 if not isinstance(value, SwimServer) else 0)


def _plain_row(values: Mapping[str, Any], own_port: int) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, part in values.items():
        if name in _NOT_WRITTEN:
            continue
        if isinstance(part, dict):  # the rule of a group
            part = {key: text for key, text in part.items() if text}
        if name == "via" and isinstance(part, tuple):  # of a host key: [] means a direct way
            row[name] = list(part)
            continue
        plain: Any = list(part) if isinstance(part, tuple) else str(part) if isinstance(part, str) else part
        if name == "protocols":
            plain = [_plain_row(item, 0) for item in plain]
        if plain not in ("", [], {}, False, None, HopMethod.FORWARD) and not (name == "port" and plain == own_port):
            row[name] = plain
    return row
