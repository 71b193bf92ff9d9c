"""What the store has to say to a person: damage it survived, documents it cannot read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NoticeKind(StrEnum):
    """What happened."""

    TORN_TAIL = "torn tail"
    DAMAGED_JOURNAL = "damaged journal"
    MISSING_JOURNAL = "missing journal"
    DAMAGED_SNAPSHOT = "damaged snapshot"
    UNREADABLE_DOCUMENT = "unreadable document"
    NOT_COMPACTED = "not compacted"


@dataclass(frozen=True, kw_only=True)
class StoreNotice:
    """One thing the store survived, with the file and what was set aside; the store is open and usable."""

    kind: NoticeKind
    path: str
    detail: str

    def __str__(self) -> str:
        return f"{self.path}: {self.kind}: {self.detail}"
