"""How secrets are locked: with a key file, a passphrase or the keyring; unlocking it, and locking it anew."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import stat
from pathlib import Path

from swim_tui.engine.state import State
from swim_tui.engine.vaultkey import KEY_FILE, KEYRING, KINDS, PASSPHRASE, is_locked
from swim_tui.errors import BadValue, VaultError, describe
from swim_tui.model.events import InventoryChanged
from swim_tui.model.views import VaultStatus
from swim_tui.paths import user_path
from swim_tui.vault import KeyFile, Keyring, KeySource, Passphrase, key_of_file

MIN_PASSPHRASE = 10


class VaultService:
    """The vault of one engine."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._rotating = asyncio.Lock()

    async def attached(self, agent: str) -> None:
        """A client greeted us from a place with this SSH agent; it is the one to use from now on."""
        if agent and agent != self._state.agent_socket and await asyncio.to_thread(_is_own_socket, agent):
            self._state.agent_socket = agent
            self._state.attention.ring()

    async def vault(self) -> VaultStatus:
        """How it is locked."""
        vault = self._state.vault
        locked = is_locked(vault)
        entries, problem = None, ""
        if not locked:
            try:
                entries = len(await asyncio.to_thread(vault.names))
            except VaultError as err:
                problem = describe(err).message
        _, hints = await asyncio.to_thread(key_of_file, self._state.paths.vault)
        key = {PASSPHRASE: "what a person types", KEYRING: f"entry '{hints.get('account', 'vault')}'"}
        return VaultStatus(
            str(self._state.paths.vault),
            vault.kind,
            key.get(vault.kind, hints.get("path", "")),
            locked,
            entries,
            problem,
        )

    async def unlock_vault(self, passphrase: str) -> VaultStatus:
        """Open a vault that has a passphrase; VaultError when it is another one. Tasks that waited go on."""
        vault = self._state.vault
        if is_locked(vault):
            await asyncio.to_thread(self._unlock, passphrase)
            self._state.notify("info", "the vault is unlocked")
            self._state.attention.ring()
            self._state.hub.publish(InventoryChanged())
        return await self.vault()

    def _unlock(self, passphrase: str) -> None:
        self._state.asked.give(passphrase)
        try:
            self._state.vault.unlock()
        finally:
            self._state.asked.give("")

    async def rotate_vault_key(self, kind: str, passphrase: str = "", key_file: str = "") -> VaultStatus:
        """Lock everything anew under another key; the old key never opens it again, and an old key file is removed."""
        async with self._rotating:
            await asyncio.to_thread(self._rotate, kind, passphrase, key_file)
        self._state.notify("warning", f"the vault has a new key: {self._state.vault.kind}")
        return await self.vault()

    def _rotate(self, kind: str, passphrase: str, key_file: str) -> None:
        vault = self._state.vault
        vault.unlock()
        _, hints = key_of_file(self._state.paths.vault)
        entry = hints.get("account", "") if vault.kind == KEYRING else ""
        old = Path(hints["path"]) if vault.kind == KEY_FILE and hints.get("path") else None
        self._check_place(kind, key_file)
        source = self._source(KINDS.get(kind, kind), passphrase, key_file, old)
        try:
            vault.rotate(source)
        finally:
            self._state.asked.give("")
        if old is not None and not (isinstance(source, KeyFile) and source.path == old):
            with contextlib.suppress(OSError):
                old.unlink()
        if entry:
            Keyring(account=entry).forget()

    def _check_place(self, kind: str, key_file: str) -> None:
        """A key in the data directory would be in its backups, beside what it opens."""
        if KINDS.get(kind, kind) == KEY_FILE and key_file:
            path = user_path(key_file)
            root = self._state.paths.root.resolve()
            if not path.is_absolute() or root in (path.resolve(), *path.resolve().parents):
                detail = "it must be an absolute path outside of the data directory"
                raise BadValue(name="key_file", value=key_file, detail=detail, allowed="~/.config/swim-tui/other.key")
            if path.exists():
                raise BadValue(
                    name="key_file", value=key_file, detail="the file exists", allowed="a name that is not there yet"
                )

    def _source(self, kind: str, passphrase: str, key_file: str, old: Path | None) -> KeySource:
        mark = secrets.token_hex(4)
        if kind == KEY_FILE:
            folder = old.parent if old is not None else self._state.key_folder
            return KeyFile(user_path(key_file) if key_file else folder / f"vault-{mark}.key")
        if kind == KEYRING:
            return Keyring(account=f"vault-{mark}")
        if kind != PASSPHRASE:
            raise BadValue(name="kind", value=kind, detail="it is no kind of key", allowed=", ".join(KINDS))
        if len(passphrase) < MIN_PASSPHRASE:
            raise BadValue(
                name="passphrase", value="", detail=f"it is shorter than {MIN_PASSPHRASE} characters",
                allowed="several words",
            )  # fmt: skip
        self._state.asked.give(passphrase)
        return Passphrase(self._state.asked.take)


def _is_own_socket(path: str) -> bool:
    """An absolute path of a socket that belongs to us: a name from a client is data."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return False
    return Path(path).is_absolute() and stat.S_ISSOCK(found.st_mode) and found.st_uid == os.geteuid()
