"""The terminal line: editing, one-key questions, paging, and how it ends."""

from __future__ import annotations

import asyncio

import pytest

from swim_tui.lab.terminal import CTRL_Z, Aborted, SessionClosed, Terminal


class Line:
    """A terminal with what it wrote."""

    def __init__(self) -> None:
        self.out = ""
        self.terminal = Terminal(self._take)
        self.lines: list[str] = []
        self.terminal.on_line = self.lines.append

    def _take(self, data: bytes) -> None:
        self.out += data.decode()


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        (b"show\n", "show"),
        (b"show\r", "show"),
        (b"shpw\x08\x08ow\n", "show"),
        (b"rubbish\x15show\n", "show"),
        (b"show rubbish\x17version\n", "show version"),
        (b"sh\x1b[Aow\n", "show"),
    ],
)
async def test_a_line_can_be_edited(typed: bytes, line: str) -> None:
    it = Line()
    it.terminal.feed(typed)
    assert await it.terminal.read_line("#") == line
    assert it.out.endswith("\r\n")
    assert it.lines == [line]


async def test_carriage_return_and_line_feed_together_are_one_return() -> None:
    it = Line()
    it.terminal.feed(b"one\r\ntwo\r\n")
    assert [await it.terminal.read_line("#"), await it.terminal.read_line("#")] == ["one", "two"]


async def test_typed_ahead_characters_wait_and_a_lone_line_feed_is_a_return_of_its_own() -> None:
    it = Line()
    it.terminal.feed(b"y\n\n")
    assert await it.terminal.confirm("Delete? [confirm]")
    assert await it.terminal.confirm("Proceed with reload? [confirm]")
    assert await it.terminal.read_line("#") == ""


async def test_a_secret_is_neither_echoed_nor_reported() -> None:
    it = Line()
    it.terminal.feed(b"hunter2\n")
    assert await it.terminal.read_line("Password: ", echo=False, is_secret=True) == "hunter2"
    assert it.out == "Password: \r\n"
    assert it.lines == ["***"]


async def test_control_characters_end_a_dialogue() -> None:
    it = Line()
    it.terminal.feed(b"ab\x03")
    with pytest.raises(Aborted):
        await it.terminal.read_line("#")
    it.terminal.feed(b"\x1e")
    with pytest.raises(Aborted):
        await it.terminal.confirm("[confirm]")
    it.terminal.feed(b"\x1a")
    assert await it.terminal.read_line("#") == CTRL_Z


async def test_an_idle_line_is_closed() -> None:
    it = Line()
    it.terminal.idle_limit_s = 0.02
    with pytest.raises(SessionClosed):
        await it.terminal.read_line("#")


async def test_what_was_typed_before_the_end_of_input_is_still_served() -> None:
    it = Line()
    it.terminal.feed(b"show clock\n")
    it.terminal.end_of_input()
    assert await it.terminal.read_line("#") == "show clock"
    it.terminal.write("10:00\n")
    assert it.out.endswith("10:00\r\n")
    with pytest.raises(SessionClosed):
        await it.terminal.read_line("#")


@pytest.mark.parametrize(
    ("length", "count", "stops"), [(0, 500, 0), (24, 23, 0), (24, 24, 1), (24, 46, 1), (24, 47, 2)]
)
async def test_output_stops_after_every_full_screen(length: int, count: int, stops: int) -> None:
    it = Line()
    it.terminal.length = length
    it.terminal.feed(b" " * stops)
    await it.terminal.page("".join(f"line {number}\n" for number in range(count)))
    assert it.out.count(" --More-- ") == stops
    assert it.out.count("line ") == count


async def test_waiting_ends_with_ctrl_c_and_keeps_other_keys_for_later() -> None:
    it = Line()
    it.terminal.feed(b"show\n")
    await it.terminal.wait(0.02)
    assert await it.terminal.read_line("#") == "show"
    waiting = asyncio.create_task(it.terminal.wait(30))
    await asyncio.sleep(0)
    it.terminal.feed(b"\x03")
    with pytest.raises(Aborted):
        await waiting
