"""NetBox: the answer of /api/dcim/devices/ as JSON, or a list of its devices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from swim_tui.engine.services.formats.found import Found, Unreadable, is_secret
from swim_tui.model.device import Role

_DEPTH_SAID = "deeper than any export of NetBox"


def read_netbox_json(text: str) -> Found:
    """`{"results": [...]}`, or the list alone; lines are those where each device's name stands first."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as err:
        raise Unreadable(err.lineno, f"not JSON: {err.msg.lower()}") from None
    except (RecursionError, ValueError) as err:
        raise Unreadable(1, f"not JSON: {_DEPTH_SAID if isinstance(err, RecursionError) else err}") from None
    rows = data.get("results", data.get("devices")) if isinstance(data, dict) else data
    if not isinstance(rows, list):
        raise Unreadable(1, "no list of devices: export /api/dcim/devices/")
    found, at = Found(), 0
    for row in rows:
        if not isinstance(row, dict):
            found.problem(1, "a device must be an object")
            continue
        name = _text(row.get("name"))
        at = max(text.find(json.dumps(name, ensure_ascii=False), at), at) if name else at
        line = text.count("\n", 0, at) + 1
        if _holds_secret(row):
            found.secret("custom fields", line)
        device_row(
            found,
            line,
            name=name,
            address=_text(row.get("primary_ip4") or row.get("primary_ip") or row.get("primary_ip6")),
            site=_text(row.get("site")),
            kind=_text(row.get("device_type")),
            role=_text(row.get("role") or row.get("device_role")),
            tags=[_text(tag) for tag in row.get("tags") or [] if _text(tag)]
            if isinstance(row.get("tags"), list)
            else [],
            description=_text(row.get("description")),
        )
    return found


def device_row(
    found: Found,
    line: int,
    *,
    name: str,
    address: str,
    site: str,
    kind: str,
    role: str,
    tags: Sequence[str],
    description: str,
) -> None:
    """One device of NetBox; without a name or a primary address it is left out, which is said."""
    address = address.split("/", 1)[0].strip()
    if not name or not address:
        found.note("devices without a name or a primary IP address are left out", line, name or address or "unnamed")
        return
    values: dict[str, Any] = {"name": name.replace("/", "-"), "address": address}
    if site:
        values["location"] = found.group(site, "location", line)
    if kind:
        values["device_type"] = found.group(kind, "device_type", line)
    if tags:
        values["groups"] = [found.group(tag, "user", line) for tag in dict.fromkeys(tags)]
    if known := role_of(role):
        values["role"] = known
    if description:
        values["description"] = " ".join(description.split())
    found.add("devices", values, line)


def role_of(text: str) -> str:
    """Our role if a foreign one has its name in it; empty otherwise."""
    low = text.lower()
    return next((role.value for role in Role if role.value in low.replace("_", "-").replace(" ", "-").split("-")), "")


def _text(value: object) -> str:
    if isinstance(value, dict):
        keys = ("address", "name", "model", "display", "label", "value", "slug")
        return next((str(value[key]) for key in keys if isinstance(value.get(key), str) and value[key]), "")
    return value.strip() if isinstance(value, str) else ""


def _holds_secret(row: dict[str, Any]) -> bool:
    fields = row.get("custom_fields")
    return isinstance(fields, dict) and any(is_secret(str(key)) and value for key, value in fields.items())
