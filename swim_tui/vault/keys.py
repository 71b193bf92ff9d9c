"""Where the key of the vault comes from: a key file, a passphrase, or the keyring of the desktop."""

from __future__ import annotations

import base64
import binascii
import contextlib
import importlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from swim_tui.errors import VaultError
from swim_tui.paths import config_dir
from swim_tui.vault.files import PRIVATE_MASK, vault_errors, write_private

KEY_BYTES = 32
Hints = Mapping[str, str]
"""What the vault file keeps, in the clear, so that the source finds the same key again (a salt, never a secret)."""


class KeySource(Protocol):
    """Gives the 32 bytes of a vault's key."""

    @property
    def kind(self) -> str:
        """Which source this is; the vault file names the one it was locked with."""
        ...

    def create(self) -> tuple[bytes, Hints]:
        """The key for a vault that has none yet."""
        ...

    def find(self, hints: Hints) -> bytes:
        """The key of an existing vault; never makes a new one."""
        ...


@dataclass(frozen=True)
class KeyFile:
    """A file of 32 random bytes, mode 0600, made on first use; keep it out of the backups of the data directory."""

    path: Path
    kind: str = field(default="key file", init=False)

    @classmethod
    def default(cls) -> KeyFile:
        """The key file in the configuration directory."""
        return cls(config_dir() / "vault.key")

    def create(self) -> tuple[bytes, Hints]:
        """Make the file, or use the one that is there; the vault remembers where it is."""
        if not self.path.exists():
            with vault_errors(self.path), contextlib.suppress(FileExistsError):
                write_private(self.path, secrets.token_bytes(KEY_BYTES), is_new=True)
        return self._read(), {"path": str(self.path)}

    def find(self, hints: Hints) -> bytes:
        """Read the file."""
        if not self.path.exists():
            raise VaultError(detail=f"the key file {self.path} is missing; without it the vault cannot be opened")
        return self._read()

    def _read(self) -> bytes:
        with vault_errors(self.path):
            found = self.path.stat()
            if found.st_mode & PRIVATE_MASK:
                raise VaultError(detail=f"others may read the key file {self.path}; run: chmod 600 {self.path}")
            if found.st_uid != os.geteuid():
                raise VaultError(detail=f"the key file {self.path} belongs to another user")
            key = self.path.read_bytes()
        if len(key) != KEY_BYTES:
            raise VaultError(detail=f"the key file {self.path} has {len(key)} bytes, not {KEY_BYTES}")
        return key


@dataclass(frozen=True)
class Passphrase:
    """A passphrase that a person gives; `ask` is called when the key is needed, and its answer is not kept."""

    ask: Callable[[], str] = field(repr=False)
    cost_log2: int = 16
    """scrypt's n as a power of two: 16 takes 64 MiB and about 0.2 s."""
    kind: str = field(default="passphrase", init=False)

    _MAX_COST_LOG2 = 20

    def create(self) -> tuple[bytes, Hints]:
        """Derive a key with a fresh salt."""
        hints = {"salt": secrets.token_bytes(16).hex(), "cost_log2": str(self.cost_log2)}
        return self.find(hints), hints

    def find(self, hints: Hints) -> bytes:
        """Derive the key with the salt of the vault."""
        try:
            salt, cost_log2 = bytes.fromhex(hints["salt"]), int(hints["cost_log2"])
        except (KeyError, ValueError) as err:
            raise VaultError(detail="the vault file does not say how its key is made") from err
        if not 1 <= cost_log2 <= self._MAX_COST_LOG2:  # a changed file must not make us take all memory
            raise VaultError(detail=f"the vault file asks for a key of cost 2^{cost_log2}")
        passphrase = self.ask()
        if not passphrase:
            raise VaultError(detail="the passphrase is empty")
        return Scrypt(salt=salt, length=KEY_BYTES, n=2**cost_log2, r=8, p=1).derive(passphrase.encode())


@dataclass(frozen=True)
class Keyring:
    """The keyring of the desktop or the operating system; needs the optional package keyring."""

    account: str = "vault"
    service: str = "swim-tui"
    kind: str = field(default="keyring", init=False)

    def create(self) -> tuple[bytes, Hints]:
        """Put a fresh key into the keyring, or use the one that is there."""
        stored = self._get()
        if stored is None:
            stored = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
            self._call("set_password", self.service, self.account, stored)
        return self._decode(stored), {"account": self.account}

    def find(self, hints: Hints) -> bytes:
        """Read the key."""
        stored = self._get()
        if stored is None:
            raise VaultError(detail=f"the keyring has no entry '{self.account}' of '{self.service}'")
        return self._decode(stored)

    def forget(self) -> None:
        """Take the entry out of the keyring, if it can be done: nothing is locked with it any more."""
        with contextlib.suppress(VaultError):
            self._call("delete_password", self.service, self.account)

    def _decode(self, stored: str) -> bytes:
        try:
            key = base64.b64decode(stored, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            raise VaultError(detail=f"the keyring entry '{self.account}' of '{self.service}' is not a vault key")
        return key

    def _get(self) -> str | None:
        stored = self._call("get_password", self.service, self.account)
        return None if stored is None else str(stored)

    def _call(self, name: str, *args: str) -> object:
        try:
            keyring = importlib.import_module("keyring")
        except ImportError as err:
            raise VaultError(
                detail="the package keyring is not installed; run: pip install 'swim-tui[keyring]'"
            ) from err
        try:
            return getattr(keyring, name)(*args)
        except keyring.errors.KeyringLocked as err:
            raise VaultError(detail="the keyring is locked; unlock it on the desktop of this user") from err
        except (keyring.errors.KeyringError, OSError, RuntimeError, ValueError, LookupError) as err:
            # a backend is anybody's plug-in: a damaged file of one is whatever its reader raises
            raise VaultError(detail=f"the keyring refuses: {type(err).__name__}") from err
