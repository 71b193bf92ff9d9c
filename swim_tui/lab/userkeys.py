"""Public keys that users of the lab may log in with, at jump hosts and devices that know keys."""

from __future__ import annotations

from collections.abc import Iterable

import asyncssh


class UserKeys:
    """The keys of a network file; none of them is good for anything but the lab."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._keys = {asyncssh.import_public_key(line).public_data for line in lines}

    def __bool__(self) -> bool:
        return bool(self._keys)

    def knows(self, key: asyncssh.SSHKey) -> bool:
        """Whether a key that was shown is one of them."""
        return key.public_data in self._keys


def is_public_key(line: str) -> bool:
    """Whether a line is a public key as `ssh-keygen` writes it."""
    try:
        asyncssh.import_public_key(line)
    except asyncssh.KeyImportError:
        return False
    return True
