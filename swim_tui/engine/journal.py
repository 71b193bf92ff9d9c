"""A run's journal on disk: `runs/<id>/events.jsonl`, the truth of the run, and `plan.json` beside it."""

from __future__ import annotations

import logging
import os
from concurrent.futures import Future
from pathlib import Path

from pydantic import ValidationError

from swim_tui.engine.codec import adapter, decode, encode
from swim_tui.engine.history import Record, RecordByKind
from swim_tui.errors import StoreError
from swim_tui.model.plan import RunPlan
from swim_tui.paths import private_dir
from swim_tui.store import Log, LogWriter, read_log

log = logging.getLogger(__name__)

EVENTS = "events.jsonl"
PLAN = "plan.json"


class RunJournal:
    """Appends records; the writer's own thread brings them to the disk in groups."""

    def __init__(self, file: Log, folder: Path) -> None:
        self._file = file
        self.folder = folder

    @classmethod
    def open(cls, folder: Path, writer: LogWriter) -> RunJournal:
        """Open or make the journal of a run; blocks for the disk."""
        private_dir(folder)
        return cls(writer.open(folder / EVENTS), folder)

    @property
    def dropped(self) -> str:
        """What opening set aside, in words; empty if nothing."""
        return str(self._file.dropped) if self._file.dropped is not None else ""

    def append(self, record: Record) -> Future[None]:
        """Append; the future resolves when the record, and all before it, are on the disk."""
        return self._file.append(encode(record, RecordByKind))

    def note(self, record: Record) -> None:
        """Append without an acknowledgement: it reaches the disk with the next acknowledged record."""
        self._file.append_soon(encode(record, RecordByKind))

    def close(self) -> None:
        """Bring what was appended to the disk and close; blocks."""
        self._file.close()


def read_journal(folder: Path, *, strict: bool = False) -> list[Record]:
    """All whole records of a run, in order; a torn tail was never acknowledged and is left out.

    `strict`: StoreError for damage before the last good record: an intent may be among what is lost.
    """
    lines, dropped = read_log(folder / EVENTS)
    if dropped is not None:
        log.warning("journal of run %s: %s", folder.name, dropped)
        if strict and not dropped.is_tail:
            raise StoreError(path=str(folder / EVENTS), detail=str(dropped))
    records: list[Record] = []
    for line in lines:
        try:
            records.append(adapter(RecordByKind).validate_json(line))
        except ValidationError as err:
            raise StoreError(path=str(folder / EVENTS), detail=f"a record cannot be read: {err.error_count()}") from err
    return records


def write_plan(folder: Path, plan: RunPlan) -> None:
    """Write plan.json atomically and durably; blocks for the disk."""
    private_dir(folder)
    target = folder / PLAN
    fresh = target.with_suffix(".new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(adapter(RunPlan).dump_json(plan, indent=1))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(target)
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def read_plan(folder: Path) -> RunPlan | None:
    """The plan a run followed, None if it never got that far."""
    try:
        return decode((folder / PLAN).read_bytes(), RunPlan)
    except FileNotFoundError:
        return None
