"""A file or directory on a server, as a listing shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RemoteFile:
    """One entry; `size_bytes` None = the server does not tell, `modified_at` in UTC, `note` what else it says."""

    name: str
    size_bytes: int | None = None
    is_dir: bool = False
    modified_at: datetime | None = None
    note: str = ""
