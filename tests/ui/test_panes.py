"""The panes beside a wide list: what they show, that they are live, and their keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from swim_tui.model.events import TaskChanged, TaskOutput, TaskProgress
from swim_tui.model.phase import Direction, OutputLine
from swim_tui.ui.run_log import OutputFeed
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.side_pane import PaneTabs, SidePane
from tests.ui.conftest import running, settle, text_of, until
from tests.ui.fakes import FAILED_RUN, NOW, RUNNING_RUN, world
from tests.ui.pictures import press


def line(text: str, after_s: float = 0.0) -> OutputLine:
    return OutputLine(NOW + timedelta(seconds=after_s), Direction.RECEIVED, text, "exec", changes=False)


async def test_the_panes_follow_the_cursor_and_what_comes_and_the_keys_choose_and_scroll_them() -> None:
    source = world()
    async with running(source, size=(200, 50)) as (app, pilot):
        await press(pilot, "2", "enter", "j")
        await settle(pilot)
        side = app.screen.query_one(SidePane)
        tabs = side.query_one(PaneTabs)
        assert tabs.names == ("Steps", "Commands", "Checks", "Record"), "output stands below on its own"
        text = text_of(app)
        for piece in ("+ Backing up configuration  0:00:09", "- Verifying image", "Output: sw-ams-2", "> show version"):
            assert piece in text
        source.emit(TaskProgress(RUNNING_RUN, "sw-ams-2", "o2", 500_000, 1_000_000, rate=1e6, unit="B"))
        source.emit(TaskOutput(RUNNING_RUN, "sw-ams-2", (line("newest line of the device"),)))
        source.emit(TaskOutput(RUNNING_RUN, "sw-ams-3", (line("of another device"),)))
        await until(pilot, lambda: "newest line of the device" in text_of(app))
        await until(pilot, lambda: "50% 977 KB/s" in text_of(app).split("│", 1)[1])
        assert "of another device" not in text_of(app)
        await press(pilot, "]")
        assert tabs.current == "Commands"
        assert "! configure terminal" in "\n".join(shown.text for shown in side.text.lines)
        assert not any("Cisco IOS" in shown.text for shown in side.text.lines)
        await press(pilot, "[", "[")
        assert tabs.current == "Record"
        await press(pilot, "j")
        await until(pilot, lambda: "Output: sw-ams-3" in text_of(app))
        assert "newest line of the device" not in text_of(app)
        table = app.screen.query_one("#tasks", LiveTable)
        here = table.cursor_key
        await press(pilot, "tab")
        assert app.focused is side.text
        await press(pilot, "G", "g", "j")
        assert (round(side.text.scroll_y), table.cursor_key) == (1, here)
        await press(pilot, "escape")
        assert app.focused is table
        await press(pilot, "d")
        assert not side.display
        await pilot.resize_terminal(80, 24)
        await press(pilot, "]")
        assert any("140 columns" in entry.text for entry in app.log_book.entries)


async def test_on_the_jobs_page_the_panes_show_the_device_that_failed_and_hold_no_run_but_the_one_looked_at() -> None:
    source = world()
    async with running(source, size=(160, 50)) as (app, pilot):
        await press(pilot, "2", "j", "]")
        await until(pilot, lambda: "Flash full" in text_of(app))
        assert FAILED_RUN in app.session.mirror.tasks
        await press(pilot, "k")
        await until(pilot, lambda: RUNNING_RUN in app.session.mirror.tasks)
        assert FAILED_RUN not in app.session.mirror.tasks
        task = replace(source.fake.tasks[RUNNING_RUN]["sw-ams-2"], waiting_for="its turn: an odd thing")
        source.emit(TaskChanged(task))
        await until(pilot, lambda: "waits for its turn: an odd thing" in text_of(app))


def test_the_feed_keeps_the_end_of_one_device_and_forgets_it_when_it_turns_to_another() -> None:
    feed = OutputFeed()
    assert feed.turn_to("r1", "sw1")
    assert not feed.turn_to("r1", "sw1")
    assert not feed.take([TaskOutput("r1", "sw2", (line("other"),))])
    assert feed.take([TaskOutput("r1", "sw1", tuple(line(f"{n}", n) for n in range(OutputFeed.KEEP + 10)))])
    assert [shown.text.strip() for shown in feed.shown(sent_only=False)][:1] == ["10"]
    assert not feed.take([TaskOutput("r1", "sw1", (line("again", 5),))]), "what was read from the log comes once"
    assert feed.turn_to("r1", "sw2")
    assert "Nothing was sent" in feed.shown(sent_only=False)[0].text
