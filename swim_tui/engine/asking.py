"""Questions of running phases that only a person can answer, each with a limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from swim_tui.drivers.contract import Question
from swim_tui.engine.live import LiveRun
from swim_tui.model.views import WAITS_FOR_CODE, PendingQuestion

if TYPE_CHECKING:
    from swim_tui.engine.runs import Runs

ANSWER_LIMIT_S = 840.0
"""How long a person may take, whatever the time scale; less than the 15 minutes that the login itself is kept open."""

Reply = Callable[[str | None], None]


@dataclass(frozen=True)
class _Asked:
    question: PendingQuestion
    reply: Reply


class Questions:
    """What phases wait for, by run and device."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._asked: dict[tuple[str, str], _Asked] = {}

    def ask(self, live: LiveRun, device: str, question: Question, reply: Reply) -> None:
        """The task says what it waits for until somebody answers or the limit passes."""
        now = self._runs.state.clock.now()
        until = now + timedelta(seconds=ANSWER_LIMIT_S)
        self._asked[live.id, device] = _Asked(
            PendingQuestion(live.id, device, question.kind, question.text, now, until), reply
        )
        self.wait(live, device, f"{WAITS_FOR_CODE}: {question.text}")
        self._runs.state.notify("warning", f"waiting for a person: {question.text}", run_id=live.id, device=device)
        self._runs.background.spawn(self._expire(live, device, reply), ends_with_engine=True)

    def pending(self) -> list[PendingQuestion]:
        """Oldest first."""
        return [asked.question for asked in self._asked.values()]

    def answer(self, run_id: str, device: str, text: str | None) -> bool:
        """Give a person's answer to the phase that waits for it; False when none does."""
        asked = self._asked.pop((run_id, device), None)
        if asked is None:
            return False
        live = self._runs.live.get(run_id)
        if live is not None:
            self.wait(live, device, "")
        asked.reply(text)
        return True

    def drop(self, run_id: str, device: str) -> bool:
        """The phase is gone; True when it waited for an answer."""
        return self._asked.pop((run_id, device), None) is not None

    def give_up_all(self) -> None:
        """Nobody needs an answer any more."""
        for run_id, device in list(self._asked):
            self.answer(run_id, device, None)

    def wait(self, live: LiveRun, device: str, words: str) -> None:
        """Say what a task waits for, or nothing any more."""
        state = live.state.tasks[device]
        state.task = replace(state.task, waiting_for=words)
        live.touch(device)
        self._runs.wake()

    async def _expire(self, live: LiveRun, device: str, reply: Reply) -> None:
        await self._runs.state.clock.sleep(ANSWER_LIMIT_S)
        asked = self._asked.get((live.id, device))
        if asked is not None and asked.reply is reply:
            self.answer(live.id, device, None)
