"""Durable documents: TinyDB on a journalled storage of our own, and the append-only logs of runs."""

from __future__ import annotations

from swim_tui.store.log import Dropped, Log, LogWriter, read_log
from swim_tui.store.notice import NoticeKind, StoreNotice
from swim_tui.store.tables import Database, TypedTable

__all__ = ["Database", "Dropped", "Log", "LogWriter", "NoticeKind", "StoreNotice", "TypedTable", "read_log"]
