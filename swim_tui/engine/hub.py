"""The event hub: numbers every event, keeps the last ones, and never waits for a subscriber."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator

from swim_tui.clock import Clock
from swim_tui.model.events import Envelope, Event, EventId, Resync, TaskProgress

RING = 4096
QUEUE = 2048
PROGRESS_INTERVAL_S = 0.5


class Subscription:
    """One subscriber's bounded queue; when it is full it is emptied and holds one Resync instead."""

    def __init__(self, hub: EventHub, missed: list[Envelope], size: int = QUEUE) -> None:
        self._hub = hub
        self._size = size
        self._queue: deque[Envelope] = deque(missed)
        self._ready = asyncio.Event()
        if missed:
            self._ready.set()
        self._is_closed = False

    def offer(self, envelope: Envelope) -> None:
        """Queue an event, or replace everything queued by a Resync when there is no room."""
        if len(self._queue) >= self._size:
            self._queue.clear()
            envelope = Envelope(envelope.id, Resync("this client fell behind"))
        self._queue.append(envelope)
        self._ready.set()

    def close(self) -> None:
        """End the iteration."""
        self._is_closed = True
        self._hub.forget(self)
        self._ready.set()

    def __aiter__(self) -> AsyncIterator[Envelope]:
        return self

    async def __anext__(self) -> Envelope:
        while not self._queue:
            if self._is_closed:
                raise StopAsyncIteration
            self._ready.clear()
            await self._ready.wait()
        return self._queue.popleft()


class EventHub:
    """Publishes events to any number of subscribers; use it on the event loop only."""

    def __init__(self, clock: Clock, *, ring: int = RING) -> None:
        self.epoch = secrets.token_hex(8)
        self._clock = clock
        self._seq = 0
        self.watchers = 0
        """Clients attached, as the door counts them."""
        self._ring: deque[Envelope] = deque(maxlen=ring)
        self._subscriptions: set[Subscription] = set()
        self._progress_at: dict[tuple[str, str], float] = {}
        self._held_back: dict[tuple[str, str], TaskProgress] = {}

    @property
    def position(self) -> EventId:
        """The id of the last event: what a snapshot taken now is true for."""
        return EventId(self.epoch, self._seq)

    @property
    def clients(self) -> int:
        """How many clients watch."""
        return max(self.watchers, len(self._subscriptions))

    def publish(self, event: Event) -> EventId:
        """Number an event and hand it to every subscriber; progress of a task goes out at most twice a second."""
        if isinstance(event, TaskProgress) and self._is_too_soon(event):
            return self.position
        return self._send(event)

    def flush(self) -> None:
        """Send progress that was held back and is due; the engine calls this a few times a second."""
        now = self._clock.monotonic()
        for key, event in list(self._held_back.items()):
            if now - self._progress_at[key] >= PROGRESS_INTERVAL_S:
                del self._held_back[key]
                self._progress_at[key] = now
                self._send(event)

    def end_progress(self, run_id: str, device: str) -> None:
        """Drop what is remembered of a task's progress, when its operation has ended."""
        self._held_back.pop((run_id, device), None)
        self._progress_at.pop((run_id, device), None)

    def subscribe(self, since: EventId | None = None) -> Subscription:
        """An async iterator of envelopes after `since`; an unknown epoch or a number too old starts with a Resync."""
        subscription = Subscription(self, self._missed(since))
        self._subscriptions.add(subscription)
        return subscription

    def forget(self, subscription: Subscription) -> None:
        """Take a subscriber off the list."""
        self._subscriptions.discard(subscription)

    def close(self) -> None:
        """End every subscription."""
        for subscription in list(self._subscriptions):
            subscription.close()

    def _send(self, event: Event) -> EventId:
        self._seq += 1
        envelope = Envelope(self.position, event)
        self._ring.append(envelope)
        for subscription in self._subscriptions:
            subscription.offer(envelope)
        return envelope.id

    def _is_too_soon(self, event: TaskProgress) -> bool:
        key = (event.run_id, event.device)
        now = self._clock.monotonic()
        last = self._progress_at.get(key)
        if last is not None and now - last < PROGRESS_INTERVAL_S:
            self._held_back[key] = event
            return True
        self._progress_at[key] = now
        self._held_back.pop(key, None)
        return False

    def _missed(self, since: EventId | None) -> list[Envelope]:
        if since is None or since == self.position:
            return []
        oldest = self._ring[0].id.seq if self._ring else self._seq + 1
        if since.epoch != self.epoch or since.seq > self._seq:
            return [Envelope(self.position, Resync("the engine was restarted"))]
        if since.seq + 1 < oldest:
            return [Envelope(self.position, Resync("too many events were missed"))]
        missed = [envelope for envelope in self._ring if envelope.id.seq > since.seq]
        if len(missed) > QUEUE:
            return [Envelope(self.position, Resync("too many events were missed"))]
        return missed
