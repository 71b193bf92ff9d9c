"""A phase context without processes: barriers are answered in place (tests, and running a phase in one thread)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from swim_tui.drivers.contract import Question
from swim_tui.model.phase import Intent, IntentRecord, PhaseEvent


def _go(_: Intent) -> bool:
    return True


@dataclass
class SerialContext:
    """Keeps events and intents in lists; `decide` answers barriers.

    `hold` makes refusals a hold, `done_by` the word that this device did it already.
    """

    decide: Callable[[Intent], bool] = _go
    on_event: Callable[[PhaseEvent], None] | None = None
    hold: bool = False
    done_by: str = ""
    answer: str | None = None
    events: list[PhaseEvent] = field(default_factory=list)
    intents: list[IntentRecord] = field(default_factory=list)
    attempt: int = 1

    def __post_init__(self) -> None:
        self._stop = threading.Event()

    def stop(self) -> None:
        """Ask the phase to stop at its next safe point."""
        self._stop.set()

    def emit(self, event: PhaseEvent) -> None:
        """Keep it."""
        self.events.append(event)
        if self.on_event is not None:
            self.on_event(event)

    def barrier(self, intent: Intent) -> bool:
        """Record the intent, as the journal does, when the answer is go."""
        if self._stop.is_set() or not self.decide(intent):
            return False
        self.intents.append(IntentRecord(intent, datetime.now(UTC), self.attempt))
        return True

    def held(self) -> bool:
        """Whether refusals are a hold."""
        return self.hold

    def spared(self) -> str:
        """Whether refusals mean that another device did it."""
        return self.done_by

    def cancelled(self) -> bool:
        """Whether stop() was called."""
        return self._stop.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait; True at once when stopped."""
        return self._stop.wait(seconds)

    def ask(self, question: Question) -> str | None:
        """The prepared answer."""
        return self.answer
