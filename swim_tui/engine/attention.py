"""Waiting until a person has done something: unlocked the vault, attached with an agent, cancelled."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from swim_tui.errors import AgentMissing, VaultLocked, describe
from swim_tui.model.views import WAITS_FOR_AGENT, WAITS_FOR_UNLOCK

if TYPE_CHECKING:
    from swim_tui.engine.state import State

T = TypeVar("T")
PERSON_LIMIT_S = 1800.0
"""How long a task waits for an unlocked vault or an agent."""


class Attention:
    """Wakes everybody who waits; what they waited for they look at themselves. Used on the engine's loop only."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Event] = set()
        self.rings = 0

    def ring(self) -> None:
        """Somebody did something."""
        self.rings += 1
        for event in self._waiters:
            event.set()

    async def wait(self, seen: int, limit_s: float) -> bool:
        """Until there were more rings than were seen; False after the limit."""
        if self.rings > seen:
            return True
        event = asyncio.Event()
        self._waiters.add(event)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limit_s):
                    await event.wait()
            return event.is_set()
        finally:
            self._waiters.discard(event)


async def when_possible(
    state: State, make: Callable[[], T], *, waiting: Callable[[str], None], is_given_up: Callable[[], bool]
) -> T:
    """What `make` gives, in a thread; while only a person can make it possible, wait for that person.

    `waiting` is told in words what for, and nothing at the end of it. Errors: those of `make`, after the limit.
    """
    until = state.clock.monotonic() + PERSON_LIMIT_S
    words = ""
    while True:
        seen = state.attention.rings
        try:
            made = await asyncio.to_thread(make)
            break
        except (VaultLocked, AgentMissing) as err:
            left = until - state.clock.monotonic()
            if left <= 0 or is_given_up():
                raise
            problem = describe(err)
            said = f"{WAITS_FOR_UNLOCK if isinstance(err, VaultLocked) else WAITS_FOR_AGENT}: {problem.remedy}"
            if said != words:
                words = said
                waiting(words)
                state.notify("warning", problem.message)
            await state.attention.wait(seen, left)
    if words:
        waiting("")
    return made
