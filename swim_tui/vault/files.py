"""Private files written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from swim_tui.errors import VaultError
from swim_tui.paths import private_dir

FILE_MODE = 0o600
PRIVATE_MASK = 0o077


@contextlib.contextmanager
def vault_errors(path: Path) -> Iterator[None]:
    """Turn what the disk refuses inside the block into VaultError."""
    try:
        yield
    except OSError as err:
        raise VaultError(detail=f"{path}: {err.strerror or err}") from err


def write_private(path: Path, data: bytes, *, is_new: bool = False) -> None:
    """Replace a file (mode 0600) so that a crash leaves the old one or the new one; `is_new` never replaces."""
    private_dir(path.parent)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            os.link(fresh, path)  # fails where a rename would replace a key that another process just made
        else:
            fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
