"""The product's own engine process, which kills itself (or its workers) at a named record of a run journal.

    python -m tests.integration.engine.mortal KILLS WITNESS [engine options]

KILLS: `victim:label@when` with commas between, taken one after the other. Victim: engine or worker, both by SIGKILL;
service is the engine by SIGTERM.
Label: what `label_of` calls a record. When: `before` the record is appended, `written` (on the disk, nobody heard of it
yet), or the seconds that pass after it. WITNESS: a folder for what was acknowledged and which labels went by; it is
written unbuffered, so that it survives the kill.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from swim_tui.engine import journal
from swim_tui.engine.codec import encode
from swim_tui.engine.history import (
    ChecksMade,
    IntentLogged,
    IntentRefused,
    OpBegan,
    OpEnded,
    PhaseDispatched,
    PhaseEnded,
    PhaseLost,
    Record,
    RecordByKind,
)
from swim_tui.engine.journal import RunJournal
from swim_tui.engine.leftovers import read_known
from swim_tui.engine.main import main
from swim_tui.paths import DataPaths


def label_of(record: Record) -> str:
    """`kind:operation` or `kind:phase`, else the kind alone."""
    match record:
        case OpBegan() | OpEnded() | ChecksMade():
            return f"{record.kind}:{record.event.op_id}"
        case IntentLogged():
            return f"{record.kind}:{record.intent.op_id}"
        case IntentRefused():
            return f"{record.kind}:{record.op_id}"
        case PhaseDispatched() | PhaseEnded() | PhaseLost():
            return f"{record.kind}:{record.phase}"
        case _:
            return record.kind


@dataclass(frozen=True)
class Kill:
    """Who dies, at which record, and when."""

    label: str
    when: str = "written"
    victim: str = "engine"

    def __str__(self) -> str:
        return f"{self.victim}:{self.label}@{self.when}"

    @classmethod
    def parse(cls, text: str) -> Kill:
        """From `victim:label@when`."""
        victim, _, rest = text.partition(":")
        label, _, when = rest.rpartition("@")
        return cls(label, when, victim)


class Killer:
    """Stands between the run service and its journals."""

    def __init__(self, kills: list[Kill], witness: Path, paths: DataPaths) -> None:
        self._kills = kills
        self._paths = paths
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._acknowledged = os.open(witness / "acknowledged", flags, 0o600)
        self._labels = os.open(witness / "labels", flags, 0o600)
        self._done = os.open(witness / "kills", flags, 0o600)

    def stand_between(self) -> None:
        """Watch every record from now on."""
        append, note = RunJournal.append, RunJournal.note

        def watched_append(own: RunJournal, record: Record) -> Future[None]:
            kill = self._due(record)
            future = append(own, record)
            line = b"%s %s\n" % (own.folder.name.encode(), encode(record, RecordByKind))
            future.add_done_callback(lambda done: self._written(line, done, kill))
            self._after(kill)
            return future

        def watched_note(own: RunJournal, record: Record) -> None:
            kill = self._due(record)
            note(own, record)
            if kill is not None and kill.when == "written":
                self._strike(kill)
            self._after(kill)

        journal.RunJournal.append = watched_append  # type: ignore[method-assign]
        journal.RunJournal.note = watched_note  # type: ignore[method-assign]

    def _due(self, record: Record) -> Kill | None:
        label = label_of(record)
        os.write(self._labels, f"{label}\n".encode())
        if not self._kills or self._kills[0].label != label:
            return None
        kill = self._kills.pop(0)
        if kill.when == "before":
            self._strike(kill)
        return kill

    def _written(self, line: bytes, done: Future[None], kill: Kill | None) -> None:
        """In the log writer's thread, before the event loop hears of it."""
        if done.exception() is None:
            os.write(self._acknowledged, line)
        if kill is not None and kill.when == "written":
            self._strike(kill)

    def _after(self, kill: Kill | None) -> None:
        if kill is not None and kill.when not in ("before", "written"):
            threading.Timer(float(kill.when), self._strike, (kill,)).start()

    def _strike(self, kill: Kill) -> None:
        os.write(self._done, f"{kill}\n".encode())
        if kill.victim != "worker":
            os.kill(os.getpid(), signal.SIGTERM if kill.victim == "service" else signal.SIGKILL)
            return
        for worker in read_known(self._paths):
            os.kill(worker.pid, signal.SIGKILL)


if __name__ == "__main__":
    given, witness, *options = sys.argv[1:]
    data = Path(options[options.index("--data-dir") + 1])
    Killer([Kill.parse(text) for text in given.split(",") if text], Path(witness), DataPaths(data)).stand_between()
    sys.exit(main(["--foreground", *options]))
