"""Writes the evidence pack of a run as a folder or as one zip file, for the command line and the UI."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from swim_tui.api.contract import Contract
from swim_tui.errors import ConfigError

SUMS = "SHA256SUMS"


class _Pack(Protocol):
    def add(self, name: str, text: bytes) -> None: ...
    def close(self) -> None: ...
    def undo(self) -> None: ...


class _Folder:
    """A new folder, mode 0700."""

    def __init__(self, out: Path) -> None:
        out.mkdir(mode=0o700, parents=True)
        self._out = out
        self._written: list[Path] = []

    def add(self, name: str, text: bytes) -> None:
        path = self._out / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            self._written.append(path)
            file.write(text)

    def close(self) -> None:
        """Nothing is held back."""

    def undo(self) -> None:
        """Remove what was written."""
        for path in self._written:
            path.unlink(missing_ok=True)
        for folder in sorted((p for p in self._out.rglob("*") if p.is_dir()), reverse=True):
            folder.rmdir()
        self._out.rmdir()


class _Zip:
    """A new file, mode 0600."""

    def __init__(self, out: Path) -> None:
        self._out = out
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: str, text: bytes) -> None:
        self._zip.writestr(f"{self._out.stem}/{name}", text)

    def close(self) -> None:
        self._zip.close()
        self._file.close()

    def undo(self) -> None:
        self.close()
        self._out.unlink(missing_ok=True)


async def export_evidence(api: Contract, run_id: str, out: Path) -> list[str]:
    """Write the pack to a new folder, or to a new file whose name ends in .zip; its names. ConfigError in words."""
    names = await api.evidence(run_id)
    try:
        pack: _Pack = _Zip(out) if out.suffix.lower() == ".zip" else _Folder(out)
    except OSError as err:
        raise ConfigError(source=str(out), detail=(err.strerror or str(err)).lower()) from None
    try:
        sums = []
        for name in names:
            text = b"".join([part async for part in _parts(api, run_id, name)])
            pack.add(name, text)
            sums.append(f"{hashlib.sha256(text).hexdigest()}  {name}\n")
        pack.add(SUMS, "".join(sums).encode())
        pack.close()
    except OSError as err:
        pack.undo()
        raise ConfigError(source=str(out), detail=(err.strerror or str(err)).lower()) from None
    except BaseException:
        pack.undo()
        raise
    return [*names, SUMS]


async def _parts(api: Contract, run_id: str, name: str) -> AsyncIterator[bytes]:
    offset, is_last = 0, False
    while not is_last:
        page = await api.evidence_file(run_id, name, offset)
        yield page.text.encode()
        offset, is_last = page.next_offset, page.is_last
