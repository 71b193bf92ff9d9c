"""The live table in a real app: cursor and marks by key, lines painted only when they change."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from swim_tui.ui.themes import STATUS_DARK
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch
from tests.ui.conftest import until
from tests.ui.test_table_model import SPEC, Host


class TableApp(App[None]):
    """Only a table."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(STATUS_DARK)

    def compose(self) -> ComposeResult:
        yield LiveTable(SPEC)

    def on_live_table_opened(self, event: LiveTable.Opened) -> None:
        self.opened.append(event.key)

    @property
    def table(self) -> LiveTable[Host]:
        return self.query_one(LiveTable)


def hosts(count: int) -> list[Host]:
    return [Host(f"sw{n}", load=n) for n in range(1, count + 1)]


async def filled(pilot: Pilot[None], count: int) -> LiveTable[Host]:
    table = pilot.app.query_one(LiveTable)
    table.apply(Batch(hosts(count), reset=True))
    table.focus()
    await pilot.pause()
    return table


async def test_the_cursor_key_survives_a_thousand_random_batches() -> None:
    rng = random.Random(20160111)
    app = TableApp()
    async with app.run_test(size=(60, 20)) as pilot:
        table = await filled(pilot, 200)
        alive = {host.name: host for host in hosts(200)}
        for number in range(1000):
            if number % 10 == 0:
                table.move_to(rng.randrange(max(1, len(table.model.order))))
            if number % 97 == 0:
                table.sort_by(rng.choice(["name", "state", "load"]))
            if number % 61 == 0:
                table.set_filter(rng.choice(["", "sw1", "!sw3", "state:fail"]))
            before = table.cursor_key
            puts = [Host(f"sw{rng.randint(1, 260)}", rng.choice(["Success", "Failure"]), load=rng.randint(0, 50))
                    for _ in range(rng.randint(0, 8))]  # fmt: skip
            gone = [f"sw{rng.randint(1, 260)}" for _ in range(rng.randint(0, 3))]
            table.apply(Batch(puts, gone))
            alive.update({host.name: host for host in puts})
            for key in gone:
                alive.pop(key, None)
            if before in table.model.order:
                assert table.cursor_key == before
            elif table.model.order:
                assert table.cursor_key in table.model.order
            if number % 50 == 0:
                await pilot.pause()
                top = round(table.scroll_y)
                assert not table.model.order or top <= table.cursor_index < top + table.page_lines
        assert table.model.rows == alive


async def test_a_row_that_vanishes_hands_the_cursor_to_its_neighbour_below() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await filled(pilot, 10)
        table.move_to(4)
        table.apply(Batch(removed=["sw5", "sw6"]))
        assert table.cursor_key == "sw7"
        table.apply(Batch(removed=["sw7", "sw8", "sw9", "sw10"]))
        assert table.cursor_key == "sw4"


async def test_rows_that_come_in_above_do_not_move_the_cursor_on_the_screen() -> None:
    async with TableApp().run_test(size=(60, 12)) as pilot:
        table = await filled(pilot, 100)
        table.move_to(50)
        await pilot.pause()
        line = table.cursor_index - round(table.scroll_y)
        table.apply(Batch([Host(f"a{n}") for n in range(30)]))
        await pilot.pause()
        assert table.cursor_key == "sw51"
        assert table.cursor_index - round(table.scroll_y) == line


async def test_only_lines_whose_row_changed_are_painted_again() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await filled(pilot, 1000)
        painted = table.lines_rendered
        table.apply(Batch([replace(table.model.rows["sw3"], state="Running"), Host("sw900", "Failure", load=900)]))
        await pilot.pause()
        assert 1 <= table.lines_rendered - painted <= 2
        painted = table.lines_rendered
        table.apply(Batch([table.model.rows["sw4"]]))
        await pilot.pause()
        assert table.lines_rendered == painted


class DeafTable(LiveTable[Host]):
    """Never hears of its size, as it happens on a busy machine."""

    def on_resize(self, event: events.Resize) -> None:
        event.prevent_default()


async def test_columns_fit_what_is_painted_even_if_the_table_was_not_told_its_size() -> None:
    class DeafApp(TableApp):
        def compose(self) -> ComposeResult:
            yield DeafTable(SPEC)

    async with DeafApp().run_test(size=(60, 20)) as pilot:
        table = await filled(pilot, 3)
        assert len(table.placed) > 1
        assert "sw1" in table.render_line(1).text
        await pilot.resize_terminal(30, 20)
        await until(pilot, lambda: table.size.width == 30)
        table.render_line(0)
        assert sum(placed.width for placed in table.placed) <= 30


async def test_ten_thousand_rows_draw_no_more_lines_than_the_screen_has() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await filled(pilot, 10_000)
        assert table.lines_rendered < 200


async def test_marking_goes_down_and_marks_stay_with_their_rows_when_the_order_turns() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await filled(pilot, 10)
        table.toggle_mark()
        table.toggle_mark()
        table.move_to(5)
        table.mark_range()
        assert table.model.marks == {"sw2", "sw3", "sw4", "sw5", "sw6"} | {"sw1"}
        table.sort_by("load")
        table.sort_by("load")
        assert table.model.order[0] == "sw10"
        assert len(table.targets) == 6
        table.set_filter("sw9")
        assert "6 marked (6 hidden by filter)" in table.status()
        assert table.clear_marks()
        assert not table.clear_marks()


async def test_a_header_click_sorts_and_a_second_one_reverses() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await filled(pilot, 10)
        where = next(i for i, p in enumerate(table.placed) if p.column.key == "load")
        x = 2 + sum(p.width + 1 for p in table.placed[:where])
        await pilot.click(LiveTable, offset=(x, 0))
        assert (table.model.sort_column, table.model.reverse) == ("load", False)
        await pilot.click(LiveTable, offset=(x, 0))
        assert table.model.order[0] == "sw10"


async def test_a_double_click_on_a_row_opens_it() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await filled(pilot, 10)
        await pilot.click(LiveTable, offset=(5, 3))
        assert app.table.cursor_key == "sw3"
        await pilot.click(LiveTable, offset=(5, 3), times=2)
        assert app.opened == ["sw3"]


@pytest.mark.parametrize("width", [20, 60, 80, 200])
async def test_lines_are_never_wider_than_the_table(width: int) -> None:
    async with TableApp().run_test(size=(width, 12)) as pilot:
        table = await filled(pilot, 5)
        for y in range(12):
            assert table.render_line(y).cell_length == table.size.width


async def test_the_first_column_stays_while_the_others_scroll_sideways() -> None:
    app = TableApp()
    async with app.run_test(size=(26, 6)) as pilot:
        table = await filled(pilot, 3)
        table.toggle_wide()
        await pilot.pause()
        table.scroll_relative(x=8, animate=False)
        await pilot.pause()
        assert table.scroll_x > 0
        lines = [table.render_line(y).text for y in range(4)]
        assert [line[2:5].strip() for line in lines[1:]] == ["sw1", "sw2", "sw3"]
        assert "Name" in lines[0]
        assert all(len(line) == table.size.width for line in lines)
