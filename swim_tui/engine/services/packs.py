"""Device packs and captured outputs: what is known of platforms, and what is understood of their text."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from swim_tui.engine.state import State
from swim_tui.errors import BadValue
from swim_tui.model.facts import BootState, Facts
from swim_tui.model.views import PackRow
from swim_tui.packs.commands import commands_of
from swim_tui.packs.loading import check_pack
from swim_tui.packs.pack import Pack
from swim_tui.parse import read_facts

MAX_TEXT = 4_000_000  # characters; a whole `show tech` is about that long


class PackService:
    """The packs of one engine."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def packs(self) -> list[PackRow]:
        """Every pack, by name."""
        return [_row(pack) for pack in sorted(self._state.packs, key=lambda p: p.name)]

    async def pack(self, name: str) -> PackRow:
        """One pack with every command its class may send; NotFound names the nearest."""
        return _row(self._state.packs.get(name))

    async def check_pack(self, text: str, source: str) -> list[str]:
        """Every problem of a pack's text, with its line."""
        return await asyncio.to_thread(_check, text, source)

    async def read_facts(self, text: str, platform: str = "", command: str = "show version") -> dict[str, object]:
        """What is understood of one captured answer: the fields of Facts that it fills, and the pack it points to."""
        if len(text) > MAX_TEXT:
            raise BadValue(
                name="text", value=f"{len(text)} characters", detail="too long", allowed="one command's output"
            )
        if platform:
            self._state.packs.get(platform)
        facts = await asyncio.to_thread(read_facts, "", self._state.clock.now(), {command: text})
        found = _filled(facts)
        pack = self._state.packs.get(platform) if platform else self._state.packs.detect(facts.version)
        return {"platform": pack.name if pack else "", "command": command, **found}


def _filled(facts: Facts) -> Mapping[str, object]:
    """The fields that differ from a Facts nobody has read anything into."""
    empty = Facts(facts.device, facts.read_at)
    names = [f.name for f in fields(facts) if f.name not in ("device", "read_at")]
    found = {name: getattr(facts, name) for name in names if getattr(facts, name) != getattr(empty, name)}
    if found.get("boot") == (BootState(),):  # a boot state that nothing was read of
        del found["boot"]
    return found


def _check(text: str, source: str) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="swim-tui-pack-") as folder:
        path = Path(folder) / "pack.yaml"
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
        return [problem.replace(str(path), source) for problem in check_pack(path)]


def _modes(pack: Pack) -> tuple[str, ...]:
    """The modes of the platform as a whole: a 3850 is upgraded in install mode, and converts to bundle and back."""
    return tuple(dict.fromkeys((*pack.upgrade_modes, *(mode for v in pack.variants for mode in v.upgrade_modes))))


def _row(pack: Pack) -> PackRow:
    commands = commands_of(pack)
    return PackRow(
        name=pack.name,
        title=pack.title,
        device_class=pack.device_class,
        families=pack.families,
        netmiko_type=pack.netmiko_type,
        protocols=pack.protocols,
        supports=pack.supports,
        source=pack.source,
        read_commands=commands.read_only,
        changing_commands=commands.changing,
        upgrade_modes=_modes(pack),
        recovery=pack.recovery,
    )
