"""Passwords of SWIM servers: in the vault only, one entry for each server and protocol."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

from swim_tui.engine.services.inventory_schema import ServerEntry
from swim_tui.engine.state import State
from swim_tui.errors import SecretMissing
from swim_tui.model.options import Protocol
from swim_tui.model.secret import NO_SECRET, Secret


def vault_name(server: str, protocol: Protocol) -> str:
    """The entry; no credential profile has a '/' in its name."""
    return f"server/{server}/{protocol}"


class ServerSecrets:
    """What the vault keeps of servers."""

    def __init__(self, state: State) -> None:
        self._state = state

    def get(self, server: str, protocol: Protocol) -> Secret:
        """The password, empty when there is none. Blocks for the vault."""
        with contextlib.suppress(SecretMissing):
            return Secret(self._state.vault.get(vault_name(server, protocol))["password"])
        return NO_SECRET

    async def put(self, server: str, protocol: Protocol, password: Secret) -> None:
        """Keep a password; an empty one forgets what was kept."""
        name = vault_name(server, protocol)
        if password:
            await asyncio.to_thread(self._state.vault.put, name, {"password": password.reveal()})
            return
        with contextlib.suppress(SecretMissing):
            await asyncio.to_thread(self._state.vault.delete, name)

    async def move(self, old: str, new: str, protocols: Iterable[Protocol]) -> None:
        """A server has another name."""
        for protocol in protocols:
            kept = await asyncio.to_thread(self.get, old, protocol)
            await self.put(new, protocol, kept)
            await self.put(old, protocol, NO_SECRET)

    async def keep_secrets(self, entries: Iterable[ServerEntry]) -> None:
        """The passwords of an inventory file."""
        for entry in entries:
            for protocol, password in entry.secrets.items():
                await self.put(entry.name, protocol, password)

    async def is_same(self, entry: ServerEntry) -> bool:
        """Whether the vault holds the same passwords."""
        for protocol, password in entry.secrets.items():
            if await asyncio.to_thread(self.get, entry.name, protocol) != password:
                return False
        return True
