"""One thing at a time meets the same checks as a whole inventory file; and what a busy or named device refuses."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from swim_tui.engine.services.inventory_file import Known, read_inventory
from swim_tui.engine.state import State
from swim_tui.errors import Conflict, NotFound
from swim_tui.model.device import Device, Group, GroupKind, JumpHost
from swim_tui.model.events import InventoryChanged

NAMES_IN_EVENT = 200


def known(state: State) -> Known:
    """What exists and may be referred to."""
    tables = state.tables
    groups = tables.groups.all()
    return Known(
        platforms={pack.name for pack in state.packs.packs},
        groups={kind: {g.name for g in groups if g.kind is kind} for kind in GroupKind},
        credentials={p.name for p in tables.profiles.all()},
        jumps={j.name: j.via for j in tables.jumps.all()},
        devices={d.name: (d.address, d.port, d.jump) for d in tables.devices.all()},
    )


def get_device(state: State, name: str) -> Device:
    """The device; NotFound when there is none."""
    device = state.tables.devices.get(name)
    if device is None:
        raise NotFound(kind="device", name=name, listing="devices list")
    return device


def refuse_busy(state: State, names: Iterable[str]) -> None:
    """Conflict for the first device that a running task owns."""
    for name in names:
        run = state.busy.get(name)
        if run:
            raise Conflict(
                detail=f"{name} is busy with run {run}",
                action=f"wait for it, or cancel it: swim-tui jobs cancel {run}",
            )


def refuse_scheduled(state: State, name: str, *, is_group: bool = False) -> None:
    """Conflict when a job that is still to run names a device or a group: it would not find it then."""
    for job in state.tables.jobs.all():
        request = job.request
        named = {group.rpartition("/")[2] for group in request.groups} if is_group else {*request.devices}
        if job.next_run_at is not None and name in named:
            raise Conflict(
                detail=f"job {job.id} ({job.name}), which is still to run, names '{name}'",
                action=f"cancel it first: swim-tui jobs cancel {job.id}",
            )


def announce(state: State, names: list[str]) -> None:
    """Tell clients and the engine that the inventory changed."""
    listed = tuple(names) if len(names) <= NAMES_IN_EVENT else ()
    state.hub.publish(InventoryChanged(listed))
    for listener in state.on_inventory_changed:
        listener()


def check_rows(sections: dict[str, list[dict[str, Any]]], known: Known) -> list[str]:
    """The problems that an inventory file with these rows would have, without file and line."""
    text = json.dumps({"swim_tui_inventory": 1, **sections}, ensure_ascii=False)  # JSON is YAML
    _, problems = read_inventory(text, "-", known)
    return [problem.split(": ", 1)[1] for problem in problems]


def check_device(device: Device, known: Known) -> list[str]:
    """The problems of one device that replaces the one of its name."""
    others = {name: place for name, place in known.devices.items() if name != device.name}
    return check_rows({"devices": [_plain(device)]}, replace(known, devices=others))


def check_jump(jump: JumpHost, known: Known) -> list[str]:
    """The problems of one jump host."""
    return check_rows({"jumps": [_plain(jump)]}, known)


def check_group(group: Group, known: Known) -> list[str]:
    """The problems of one group; a parent may be taken for granted."""
    return check_rows({"groups": [_plain(group)]}, replace(known, groups={group.kind: {group.parent}}))


def check_host_key(host: str, port: int, key: str) -> list[str]:
    """The problems of one host key."""
    return check_rows({"host_keys": [{"host": host, "port": port, "key": key}]}, Known())


def _plain(value: Any) -> dict[str, Any]:
    row: dict[str, Any] = asdict(value)
    if isinstance(row.get("rule"), dict):
        row["rule"] = {key: part for key, part in row["rule"].items() if part}
    return row
