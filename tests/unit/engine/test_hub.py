"""The event hub: order, resync instead of waiting, progress that does not flood."""

from __future__ import annotations

import asyncio

from swim_tui.engine.hub import QUEUE, EventHub, Subscription
from swim_tui.model.events import Envelope, EventId, Resync, SettingsChanged, TaskProgress
from tests.unit.engine.fakes import FakeClock


async def take(subscription: Subscription, count: int) -> list[Envelope]:
    return [await asyncio.wait_for(subscription.__anext__(), 1.0) for _ in range(count)]


def progress(done: int, device: str = "r1") -> TaskProgress:
    return TaskProgress("1", device, "copy", done, 100)


async def test_events_come_in_order_with_rising_numbers_of_one_epoch() -> None:
    hub = EventHub(FakeClock())
    subscription = hub.subscribe()
    for key in "abc":
        hub.publish(SettingsChanged(key))
    found = await take(subscription, 3)
    assert [e.event for e in found] == [SettingsChanged(key) for key in "abc"]
    assert [e.id for e in found] == [EventId(hub.epoch, number) for number in (1, 2, 3)]


async def test_a_subscriber_takes_up_where_it_left_off() -> None:
    hub = EventHub(FakeClock())
    first = hub.publish(SettingsChanged("a"))
    hub.publish(SettingsChanged("b"))
    (envelope,) = await take(hub.subscribe(first), 1)
    assert envelope.event == SettingsChanged("b")


async def test_an_unknown_epoch_or_a_number_too_old_begins_with_a_resync() -> None:
    hub = EventHub(FakeClock(), ring=2)
    for key in "abcd":
        hub.publish(SettingsChanged(key))
    for since in (EventId("elsewhere", 3), EventId(hub.epoch, 1), EventId(hub.epoch, 99)):
        (envelope,) = await take(hub.subscribe(since), 1)
        assert isinstance(envelope.event, Resync)
        assert envelope.id == hub.position


async def test_a_slow_subscriber_is_sent_a_resync_and_never_waited_for() -> None:
    hub = EventHub(FakeClock())
    slow = hub.subscribe()
    for number in range(QUEUE + 1):
        hub.publish(SettingsChanged(str(number)))
    hub.publish(SettingsChanged("after"))
    first, second = await take(slow, 2)
    assert isinstance(first.event, Resync)
    assert second.event == SettingsChanged("after")


async def test_progress_of_a_task_goes_out_twice_a_second_and_the_last_figure_is_not_lost() -> None:
    clock = FakeClock()
    hub = EventHub(clock)
    subscription = hub.subscribe()
    for done in range(10):
        hub.publish(progress(done))
    hub.publish(progress(50, "r2"))
    await clock.move(0.5)
    hub.flush()
    found = await take(subscription, 3)
    assert [e.event for e in found] == [progress(0), progress(50, "r2"), progress(9)]


async def test_progress_of_an_operation_that_ended_is_dropped() -> None:
    clock = FakeClock()
    hub = EventHub(clock)
    hub.publish(progress(1))
    hub.publish(progress(2))
    hub.end_progress("1", "r1")
    before = hub.position
    await clock.move(1.0)
    hub.flush()
    assert hub.position == before


async def test_closing_ends_the_iteration_after_what_was_queued() -> None:
    hub = EventHub(FakeClock())
    subscription = hub.subscribe()
    hub.publish(SettingsChanged("a"))
    assert hub.clients == 1
    hub.close()
    assert [e.event async for e in subscription] == [SettingsChanged("a")]
    assert hub.clients == 0
