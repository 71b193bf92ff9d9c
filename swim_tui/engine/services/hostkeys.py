"""Host keys as a person sees them: what is known and where it came from, what was offered and not trusted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from swim_tui.engine.reach import Spot, places
from swim_tui.engine.services.inventory_checks import check_host_key
from swim_tui.engine.services.inventory_file import Entry
from swim_tui.engine.state import State
from swim_tui.errors import BadValue, NotFound, Problem
from swim_tui.model.device import Device, JumpHost
from swim_tui.model.endpoint import ANY_WAY, HostKey, fingerprint_of, host_place
from swim_tui.model.events import InventoryChanged
from swim_tui.model.server import SwimServer
from swim_tui.model.views import HostKeyRow

TRUSTED, IMPORTED, ACCEPTED = "trusted on first use", "imported", "accepted"
CHANGED, UNKNOWN = "SWIM-4040", "SWIM-4045"


class HostKeyService:
    """The host keys of one engine."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def host_keys(self) -> list[HostKeyRow]:
        """Every known key and every key that was offered and is not trusted, by address."""
        tables = self._state.tables
        there = self._there()
        known = {key.place: key for key in tables.host_keys.all()}
        offered = {key.place: key for key in tables.offered_keys.all()}
        rows = [_row(known.get(place), offered.get(place), there) for place in {**known, **offered}]
        return sorted(rows, key=lambda row: (row.host, row.port, row.via))

    async def accept_host_key(
        self,
        host: str,
        port: int,
        key: str = "",
        via: list[str] = [],  # noqa: B006 - never changed
        fingerprint: str = "",
        by: str = "",
    ) -> HostKeyRow:
        """Know this key from now on: the key itself, or the offered one when `fingerprint` is that of it."""
        tables, place = self._state.tables, host_place(host, port, tuple(via))
        offer = tables.offered_keys.get(place)
        if key:
            problems = check_host_key(host, port, key)
            if problems:
                raise BadValue(name="host key", value=key[:60], detail=problems[0], allowed="'ssh-ed25519 AAAA...'")
            plain = " ".join(key.split()[:2])
        elif offer is None:
            raise NotFound(kind="offered host key", name=place, listing="hostkeys list")
        elif fingerprint != fingerprint_of(offer.key):
            raise BadValue(
                name="fingerprint", value=fingerprint, detail=f"{place} offered another key",
                allowed=fingerprint_of(offer.key),
            )  # fmt: skip
        else:
            plain = offer.key
        fresh = HostKey(host, port, plain, tuple(via), ACCEPTED, self._state.clock.now(), by)
        gone = [(tables.offered_keys, place)] if offer is not None else []
        await asyncio.wrap_future(self._state.db.batch([(tables.host_keys, fresh)], gone))
        self._state.notify("warning", f"host key of {place} accepted by {by or 'unknown'}: {fingerprint_of(plain)}")
        self._renew()
        return _row(fresh, None, self._there())

    async def remove_host_key(self, host: str, port: int, via: list[str] = [], by: str = "") -> None:  # noqa: B006
        """Forget a place's key and what it offered; the next session meets it as unknown."""
        tables, place = self._state.tables, host_place(host, port, tuple(via))
        gone: list[Any] = [(t, place) for t in (tables.host_keys, tables.offered_keys) if place in t]
        if not gone:
            raise NotFound(kind="host key", name=place, listing="hostkeys list")
        await asyncio.wrap_future(self._state.db.batch([], gone))
        self._state.notify("warning", f"host key of {place} removed by {by or 'unknown'}")
        self._renew()

    def _there(self) -> dict[tuple[str, int, tuple[str, ...]], list[str]]:
        tables = self._state.tables
        return places(tables.devices.all(), {j.name: j for j in tables.jumps.all()}, tables.servers.all())

    def _renew(self) -> None:
        self._state.trust_epoch += 1
        self._state.hub.publish(InventoryChanged())


def _row(known: HostKey | None, offered: HostKey | None, there: Mapping[Spot, list[str]]) -> HostKeyRow:
    either = known or offered
    assert either is not None, "a place is listed for what is known or offered there"
    return HostKeyRow(
        host=either.host,
        port=either.port,
        via=either.via,
        names=tuple(there.get((either.host, either.port, either.via), ())),
        type=known.key.split()[0] if known else "",
        fingerprint=fingerprint_of(known.key) if known else "",
        origin=known.origin if known else "",
        at=known.at if known else None,
        by=known.by if known else "",
        key=known.key if known else "",
        state="known" if offered is None else "changed" if known else "unknown",
        offered_type=offered.key.split()[0] if offered else "",
        offered_fingerprint=fingerprint_of(offered.key) if offered else "",
        offered_at=offered.at if offered else None,
    )


def keep_offer(state: State, problem: Problem) -> None:
    """Remember a key that stopped a session, so that a person can accept it knowingly."""
    key = str(problem.data.get("key", ""))
    if problem.code not in (CHANGED, UNKNOWN) or not key:
        return
    host, port = str(problem.data.get("address", "")), int(problem.data.get("port", 0))
    via = tuple(str(name) for name in problem.data.get("via", ()))
    offer = HostKey(host, port, key, via, "offered", state.clock.now())
    known = state.tables.host_keys.get(offer.place)
    if known is None or known.key != key:
        state.keep(state.tables.offered_keys.put(offer))
        state.hub.publish(InventoryChanged())


def resolved(
    entries: Iterable[Entry[HostKey]],
    devices: Iterable[Device],
    jumps: Iterable[JumpHost],
    servers: Iterable[SwimServer] = (),
) -> list[Entry[HostKey]]:
    """Host keys of a file with their ways: without one a key is known on every way that leads to its address."""
    held = list(entries)
    if not any(entry.value.via == ANY_WAY for entry in held):
        return held
    ways: dict[tuple[str, int], list[tuple[str, ...]]] = {}
    for host, port, via in places(devices, {jump.name: jump for jump in jumps}, servers):
        ways.setdefault((host, port), []).append(via)
    found: list[Entry[HostKey]] = []
    for entry in held:
        key = entry.value
        chosen = ways.get((key.host, key.port), [()]) if key.via == ANY_WAY else [key.via]
        found += [Entry(replace(key, via=via), entry.lines) for via in chosen]
    return found
