"""Secrets at rest: credentials encrypted under a key that is not in the data directory."""

from __future__ import annotations

from swim_tui.vault.keys import KeyFile, Keyring, KeySource, Passphrase
from swim_tui.vault.vault import Vault, key_of_file

__all__ = ["KeyFile", "KeySource", "Keyring", "Passphrase", "Vault", "key_of_file"]
