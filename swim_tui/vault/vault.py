"""Secrets at rest: one file, each entry encrypted for its own name, the whole sealed."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict, ValidationError

from swim_tui.errors import SecretMissing, VaultError, WrongPassphrase
from swim_tui.vault.files import vault_errors, write_private
from swim_tui.vault.keys import KeySource, Passphrase

_FORMAT = 1
_NONCE_BYTES = 12
_KEY_ID_BYTES = 8


class _Box(BaseModel):
    model_config = ConfigDict(extra="forbid")
    nonce: str
    box: str


class _File(BaseModel):
    """The vault file; `seal` is the authentication tag over all the rest: no entry can be removed or put back."""

    model_config = ConfigDict(extra="forbid")
    format: int
    key_kind: str
    key_hints: dict[str, str]
    key_id: str
    entries: dict[str, _Box]
    seal: _Box

    def sealed_bytes(self) -> bytes:
        return json.dumps(self.model_dump(exclude={"seal"}), sort_keys=True).encode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class _Key:
    cipher: AESGCM
    id: str
    kind: str
    hints: Mapping[str, str]

    @classmethod
    def of(cls, source: KeySource, raw: bytes, hints: Mapping[str, str]) -> _Key:
        # The id tells a wrong key from a changed file; it says no more about the key than the boxes do.
        digest = hashlib.sha256(b"swim-tui vault key id\0" + raw).hexdigest()
        return cls(AESGCM(raw), digest[: 2 * _KEY_ID_BYTES], source.kind, dict(hints))

    def close(self, plain: bytes, context: bytes) -> _Box:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _Box(nonce=nonce.hex(), box=self.cipher.encrypt(nonce, plain, context).hex())

    def open(self, box: _Box, context: bytes) -> bytes:
        return self.cipher.decrypt(bytes.fromhex(box.nonce), bytes.fromhex(box.box), context)


def _context(name: str) -> bytes:
    return b"swim-tui vault entry\0" + name.encode("utf-8", "surrogatepass")


_SEAL = b"swim-tui vault seal\0"


class Vault:
    """Named sets of secrets in one file of mode 0600; any thread.

    The key is asked for when first needed, then kept in memory. A wrong key or a changed file is a VaultError, and the
    file is left as it is.
    """

    def __init__(self, path: Path, key: KeySource) -> None:
        self._path = path
        self._source = key
        self._key: _Key | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Vault({str(self._path)!r})"

    @property
    def kind(self) -> str:
        """Which kind of key opens it."""
        return self._source.kind

    @property
    def is_open(self) -> bool:
        """True while the key is in memory."""
        return self._key is not None

    def unlock(self) -> None:
        """Fetch the key and prove that it opens the file; a vault that does not exist yet gets its key."""
        with self._lock:
            self._read()

    def names(self) -> tuple[str, ...]:
        """The names of the entries, sorted; needs the key, as the names are proven too."""
        with self._lock:
            return tuple(sorted(self._read().entries))

    def get(self, name: str) -> dict[str, str]:
        """The secrets under a name; SecretMissing when there are none."""
        with self._lock:
            file = self._read()
            if name not in file.entries:
                raise SecretMissing(profile=name)
            return self._open_box(self._unlocked(), name, file.entries[name])

    def put(self, name: str, values: Mapping[str, str]) -> None:
        """Keep secrets under a name, on the disk on return; what was under it before is gone."""
        with self._lock:
            file, key = self._read(), self._unlocked()
            self._write({**file.entries, name: _close_box(key, name, values)}, key)

    def delete(self, name: str) -> None:
        """Forget a name; SecretMissing when there is none."""
        with self._lock:
            file = self._read()
            if name not in file.entries:
                raise SecretMissing(profile=name)
            self._write({other: box for other, box in file.entries.items() if other != name}, self._unlocked())

    def rotate(self, new_key: KeySource) -> None:
        """Encrypt everything anew under another key; the old key opens the file until this returns, then never again.

        Rotate to a key file of another name: the source must keep the old key until the file is replaced.
        """
        with self._lock:
            file, old = self._read(), self._unlocked()
            new = _Key.of(new_key, *new_key.create())
            if new.id == old.id:
                raise VaultError(detail="the new key is the old one; give a key file of another name")
            entries = {
                name: _close_box(new, name, self._open_box(old, name, box)) for name, box in file.entries.items()
            }
            self._write(entries, new)
            self._source, self._key = new_key, new

    def _unlocked(self) -> _Key:
        assert self._key is not None, "read first"
        return self._key

    def _read(self) -> _File:
        """Read and prove the file; fetches the key at the first call."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            if self._key is None:
                self._key = _Key.of(self._source, *self._source.create())
            return self._sealed({}, self._key)
        except OSError as err:
            raise VaultError(detail=f"{self._path}: {err.strerror or err}") from err
        try:
            file = _File.model_validate_json(data)
        except ValidationError as err:
            raise self._damaged("it is not a vault file") from err
        if file.format != _FORMAT:
            raise VaultError(detail=f"{self._path} has format {file.format}, this program knows {_FORMAT}")
        key = self._key_for(file)
        try:
            key.open(file.seal, _SEAL + file.sealed_bytes())
        except (InvalidTag, ValueError) as err:
            raise self._damaged("it was changed outside of swim-tui") from err
        self._key = key
        return file

    def _key_for(self, file: _File) -> _Key:
        if self._key is not None and self._key.id == file.key_id:
            return self._key
        if file.key_kind != self._source.kind:
            raise VaultError(detail=f"{self._path} is locked with a {file.key_kind}, not with a {self._source.kind}")
        key = _Key.of(self._source, self._source.find(file.key_hints), file.key_hints)
        if key.id != file.key_id and isinstance(self._source, Passphrase):
            raise WrongPassphrase(path=str(self._path))
        if key.id != file.key_id:
            raise VaultError(detail=f"this {self._source.kind} does not open {self._path}; the file was left as it is")
        return key

    def _damaged(self, why: str) -> VaultError:
        return VaultError(
            detail=f"{self._path} is damaged: {why}; it was left as it is, restore it from a backup or move it away"
        )

    def _open_box(self, key: _Key, name: str, box: _Box) -> dict[str, str]:
        try:
            values = json.loads(key.open(box, _context(name)))
        except (InvalidTag, ValueError):
            raise self._damaged(f"entry '{name}' cannot be read") from None  # the cause could quote the secret
        return {str(field): str(value) for field, value in values.items()}

    def _sealed(self, entries: dict[str, _Box], key: _Key) -> _File:
        file = _File(
            format=_FORMAT,
            key_kind=key.kind,
            key_hints=dict(key.hints),
            key_id=key.id,
            entries=entries,
            seal=_Box(nonce="", box=""),
        )
        file.seal = key.close(b"", _SEAL + file.sealed_bytes())
        return file

    def _write(self, entries: dict[str, _Box], key: _Key) -> None:
        with vault_errors(self._path):
            write_private(self._path, self._sealed(entries, key).model_dump_json(indent=1).encode())


def key_of_file(path: Path) -> tuple[str, dict[str, str]]:
    """Kind and hints of the key that a vault file is locked with; "" when there is no readable vault there."""
    try:
        file = _File.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return "", {}
    return file.key_kind, file.key_hints


def _close_box(key: _Key, name: str, values: Mapping[str, str]) -> _Box:
    return key.close(json.dumps(dict(values)).encode(), _context(name))
