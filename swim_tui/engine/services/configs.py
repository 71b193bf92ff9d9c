"""The configuration archive as clients see it: what is kept, one text, the difference of two; secrets masked."""

from __future__ import annotations

import asyncio
import difflib
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from cryptography.exceptions import InvalidTag

from swim_tui.engine.effects import ConfigStore
from swim_tui.engine.state import State
from swim_tui.errors import NotFound, VaultError
from swim_tui.model.views import ConfigRow
from swim_tui.parse.config import mask_secrets

_LISTING = "configs list"


class ConfigService:
    """Reads what running jobs archived. An id is found among the files that are there, never made into a path."""

    def __init__(self, state: State, store: ConfigStore) -> None:
        self._state = state
        self._store = store

    async def configs(self, device: str = "") -> list[ConfigRow]:
        """Every archived configuration, or those of one device, newest first."""
        found = await asyncio.to_thread(self._find, device)
        return [row for row, _ in found]

    async def config(self, device: str, id: str = "") -> str:
        """One configuration, the newest running one unless named; secrets masked."""
        _, path = await self._one(device, id)
        text = await asyncio.to_thread(self._load, path)
        return "\n".join(mask_secrets(line) for line in text.splitlines()) + "\n"

    async def config_diff(self, device: str, old: str = "", new: str = "") -> str:
        """A unified diff of two; without ids the last two running ones. A changed secret shows as a masked line."""
        second, second_path = await self._one(device, new)
        rows = await asyncio.to_thread(self._find, device)
        before = [(row, path) for row, path in rows if row.name == second.name and row.at < second.at]
        if not old and not before:
            raise NotFound(kind="older configuration", name=device, listing=f"{_LISTING} --device {device}")
        first, first_path = await self._one(device, old) if old else before[0]
        was = (await asyncio.to_thread(self._load, first_path)).splitlines()
        now = (await asyncio.to_thread(self._load, second_path)).splitlines()
        lines = difflib.unified_diff(was, now, fromfile=first.id, tofile=second.id, lineterm="")
        return "".join(mask_secrets(line) + "\n" for line in lines)

    async def _one(self, device: str, id: str) -> tuple[ConfigRow, Path]:
        rows = await asyncio.to_thread(self._find, device)
        wanted = [(row, path) for row, path in rows if (row.id == id if id else row.name == "running")]
        if not device or not wanted:
            name = f"{device} {id}".strip()
            raise NotFound(kind="archived configuration", name=name, listing=_LISTING)
        return wanted[0]

    def _find(self, device: str) -> list[tuple[ConfigRow, Path]]:
        rows: list[tuple[ConfigRow, Path]] = []
        for path in self._state.paths.configs.glob("*/*.enc"):
            owner = unquote(path.parent.name)
            stamp, _, name = path.stem.partition("-")
            if device in ("", owner):
                try:
                    at = datetime.strptime(stamp, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
                    rows.append((ConfigRow(owner, path.stem, unquote(name), at, path.stat().st_size), path))
                except (OSError, ValueError):  # not one of ours, or just gone
                    continue
        return sorted(rows, key=lambda pair: (pair[0].at, pair[0].name), reverse=True)

    def _load(self, path: Path) -> str:
        try:
            return self._store.load(path)
        except InvalidTag:
            raise VaultError(detail=f"{path.name} does not open with this vault's key") from None
