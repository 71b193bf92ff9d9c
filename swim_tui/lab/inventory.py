"""Writes the inventory file a client imports."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .device import Device
from .jump import JumpHost
from .model import Network
from .servers import FileServer
from .services import Credentials

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class Where:
    """The address a client uses for a host."""

    address: str
    port: int


@dataclass(frozen=True)
class ExtraJump:
    """A jump host that is not ours (a real sshd), named on the command line as ADDRESS:PORT."""

    address: str
    port: int


def write_private(path: Path, text: str) -> None:
    """A file only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    path.chmod(0o600)


def _device_row(device: Device, where: Where, jump: list[str]) -> dict[str, Any]:
    spec = device.spec
    return {
        "name": spec.name,
        "address": where.address,
        "port": where.port,
        "platform": spec.platform.inventory_name or spec.platform.name,
        "role": spec.role,
        "location": spec.location,
        "device_type": spec.device_type,
        "groups": list(spec.groups),
        "credentials": "lab-admin",
        "jump": jump,
        "legacy_ssh": spec.platform.legacy_ssh or device.faults.has("legacy_kex"),
        "upstream": list(spec.upstream),
        "pair": spec.pair,
        "description": spec.description,
    }


def _server_row(server: FileServer, where: Where, credentials: Credentials) -> dict[str, Any]:
    spec = server.spec
    protocols = [
        {
            "protocol": item.protocol,
            "username": spec.username,
            "password": credentials.server_password,
            "home": item.home,
            "port": server.port_of(item.protocol),
        }
        for item in spec.protocols
    ]
    return {
        "name": spec.name,
        "address": where.address,
        "port": where.port,
        "protocols": protocols,
        "sites": list(spec.sites),
        "description": spec.description,
    }


def _public(key: Any) -> str:
    return " ".join(key.export_public_key("openssh").decode().split()[:2])


def _groups(network: Network) -> list[dict[str, str]]:
    rows = []
    for group in network.groups:
        row = {"name": group.name, "kind": group.kind}
        row |= {"parent": group.parent} if group.parent else {}
        row |= {"zone": group.zone} if group.zone else {}
        rows.append(row)
    return rows


def inventory(
    network: Network,
    credentials: Credentials,
    devices: Iterable[tuple[Device, Where, list[str]]],
    jumps: Iterable[tuple[JumpHost, Where]],
    extra: ExtraJump | None = None,
    servers: Iterable[tuple[FileServer, Where]] = (),
) -> dict[str, Any]:
    """The inventory as a document."""
    device_list, jump_list, server_list = list(devices), list(jumps), list(servers)
    jump_rows = [
        {
            "name": jump.name,
            "address": where.address,
            "port": where.port,
            "credentials": "lab-jump",
            **({"via": jump.spec.via} if jump.spec.via else {}),
        }
        for jump, where in jump_list
    ]
    if extra is not None:
        jump_rows = [{"name": "jump", "address": extra.address, "port": extra.port, "credentials": "lab-jump"}]
    hosts = [(where, jump.key) for jump, where in jump_list] if extra is None else []
    hosts += [(where, device.key) for device, where, _ in device_list]
    hosts += [(where, server.key) for server, where in server_list]
    return {
        "swim_tui_inventory": 1,
        "groups": _groups(network),
        "credentials": [
            {
                "name": "lab-admin",
                "username": credentials.username,
                "password": credentials.password,
                "enable": credentials.enable,
            },
            {"name": "lab-jump", "username": credentials.jump_username, "password": credentials.jump_password},
        ],
        "jumps": jump_rows,
        "devices": [
            _device_row(device, where, ["jump"] if extra is not None else jump) for device, where, jump in device_list
        ],
        "servers": [_server_row(server, where, credentials) for server, where in server_list],
        "host_keys": [{"host": where.address, "port": where.port, "key": _public(key)} for where, key in hosts],
    }


def write_inventory(path: Path, document: dict[str, Any]) -> None:
    """Write it as YAML, one entry a line, readable by its owner only."""
    lines = ["swim_tui_inventory: 1"]
    for section in ("groups", "credentials", "jumps", "servers", "devices", "host_keys"):
        rows = document[section]
        if section == "servers" and not rows:
            continue
        lines.append(f"{section}:" if rows else f"{section}: []")
        lines += [f"  - {_flow(row)}" for row in rows]
    write_private(path, "\n".join(lines) + "\n")


def _flow(row: dict[str, Any]) -> str:
    return yaml.dump(
        row, Dumper=_DUMPER, default_flow_style=True, sort_keys=False, width=1 << 20, allow_unicode=True
    ).strip()
