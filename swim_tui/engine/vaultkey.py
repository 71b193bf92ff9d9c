"""Which key opens the vault of a data directory, and the passphrase on its way from a person to the vault."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

from swim_tui.errors import VaultLocked
from swim_tui.vault import KeyFile, Keyring, KeySource, Passphrase, Vault, key_of_file

KEY_FILE, PASSPHRASE, KEYRING = "key file", "passphrase", "keyring"
KINDS = {"key-file": KEY_FILE, PASSPHRASE: PASSPHRASE, KEYRING: KEYRING}
_AGENT_S = 2.0


class Asked(threading.local):
    """A passphrase that a person just gave, for the thread that opens the vault with it; it is used once.

    Of the thread, so that a task which looks into the vault meanwhile is not the one that tries a wrong passphrase.
    """

    text = ""

    def give(self, text: str) -> None:
        """A person typed it."""
        self.text = text

    def take(self) -> str:
        """What was given; VaultLocked when nobody gave anything."""
        text, self.text = self.text, ""
        if not text:
            raise VaultLocked
        return text


def key_source(vault: Path, default_key_file: Path, asked: Asked) -> KeySource:
    """The source of the key that a vault is locked with; a new vault gets a key file."""
    kind, hints = key_of_file(vault)
    if kind == PASSPHRASE:
        return Passphrase(asked.take)
    if kind == KEYRING:
        return Keyring(account=hints.get("account", "vault"))
    named = Path(hints.get("path") or default_key_file)
    # A home that was moved has its key file at the usual place.
    return KeyFile(named if named.exists() or not default_key_file.exists() else default_key_file)


def is_locked(vault: Vault) -> bool:
    """True while a person must give the passphrase of a vault."""
    return vault.kind == PASSPHRASE and not vault.is_open


def agent_answers(path: str) -> bool:
    """True when somebody listens on an agent's socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_AGENT_S)
        try:
            probe.connect(path)
        except OSError:
            return False
    return True
