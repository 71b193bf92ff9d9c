"""The app over a scripted engine: walking, filtering, live changes, consent, read-only, loss of the engine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Button, Input, Tree

from swim_tui.errors import EngineUnavailable
from swim_tui.model.events import EngineChanged, Notice, Resync, TaskOutput, TaskProgress
from swim_tui.model.job import OpStatus, RunStatus, TaskStatus
from swim_tui.model.phase import Direction, OutputLine
from swim_tui.ui.app import SwimApp, UiOptions
from swim_tui.ui.dialogs.confirm import ConfirmDialog
from swim_tui.ui.dialogs.form import FormDialog
from swim_tui.ui.dialogs.help import HelpDialog
from swim_tui.ui.dialogs.palette import PaletteDialog
from swim_tui.ui.dialogs.too_small import TooSmall
from swim_tui.ui.keymap import load_keymap
from swim_tui.ui.page import Page
from swim_tui.ui.screens.device import DevicePage
from swim_tui.ui.screens.image import ImagePage
from swim_tui.ui.screens.job import JobPage
from swim_tui.ui.screens.output import OutputPage
from swim_tui.ui.screens.task import TaskPage
from swim_tui.ui.shell import VIEWS
from swim_tui.ui.widgets.frame import FooterLine
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.text_view import TextView
from tests.ui.conftest import make_app, running, settle, text_of, until
from tests.ui.fakes import FAILED_RUN, IMAGES, NOW, RUNNING_RUN, FixedClock, empty_world, scheduled_world, world
from tests.ui.pictures import calm, press, start_over
from tests.ui.walks import WALKS


async def pages(app: SwimApp, pilot: Pilot[Any]) -> AsyncIterator[str]:
    """Every page of the walks, one after the other in one app."""
    for walk, keys in WALKS.items():
        await press(pilot, *keys)
        yield walk
        await start_over(app, pilot)


def frame_problems(app: SwimApp) -> list[str]:
    """What is wrong with the frame of the page that is shown."""
    width = app.size.width
    lines = text_of(app).split("\n")
    labels = "  ".join(f"{key} {label}" for key, label, _ in app.screen.query_one(FooterLine).labels)
    wrong = [
        ("the header", not lines[0].startswith(f" swim {app.status.version}")),
        ("the tabs", "1 Images" not in lines[1] or "6 Log" not in lines[1]),
        ("the footer", "Help" not in lines[-1] or "Quit" not in lines[-1]),
        ("a footer that is too long", len(labels) > app.screen.query_one(FooterLine).size.width),
        ("a line that is too long", any(len(line) > width for line in lines)),
    ]
    return [f"{words} at {app.size}" for words, is_wrong in wrong if is_wrong]


async def test_every_page_has_frame_help_and_palette_in_each_size_and_escape_reaches_home() -> None:
    async with running(world()) as (app, pilot):
        async for walk in pages(app, pilot):
            for size in ((60, 18), (200, 50), (80, 24)):  # 120x40: the pictures
                await pilot.resize_terminal(*size)
                await calm(pilot)
                assert frame_problems(app) == [], walk
            for key, dialog in (("question_mark", HelpDialog), ("colon", PaletteDialog), ("ctrl+p", PaletteDialog)):
                await pilot.press(key)
                await pilot.pause()
                assert isinstance(app.screen, dialog), walk
                await pilot.press("escape")
                await pilot.pause()
                assert isinstance(app.screen, Page), walk
            if walk == "jobs":
                await pilot.press("space", "slash", "s")
            for _ in range(5):
                if app.view_id == "images" and app.page is not None and app.page.is_top and walk != "jobs":
                    break
                await press(pilot, "escape")
            assert app.view_id == "images", walk
            assert app.page is not None
            assert app.page.is_top, walk
            await pilot.press("escape", "escape")
            assert app.is_running, walk


async def test_the_home_view_shows_families_wheel_protocols_links_and_runs() -> None:
    async with running(world(), size=(120, 40)) as (app, _pilot):
        text = text_of(app)
        for piece in (
            "Inventory > Device Management > Software Images", "Software Image Summary", "Count", "CAT3K_CAA",
            "Add/Import", "Distribute", "Activate", "Commit", "Add Server",
            "Current Protocol Order", "[x]SCP", "[ ]TFTP", "Useful Links", "4 Software Image Repository",
            "Upgrade Analysis", "Sync Device Inventory", "Archive Device Configuration",
            "Image Management", "Last 10 Swim Job", "Total 7", "All Jobs",
            "Run ID", "Job Type", "Job Name", "Devices", "Status", "Start Timestamp", "End Timestamp",
            "2026-03-14 01:05:30.5", "Unknown", "NA", "not committed: xr-ams-1",
        ):  # fmt: skip
            assert piece in text, piece


async def test_a_family_opens_and_its_image_leads_to_image_information() -> None:
    async with running(world()) as (app, pilot):
        app.screen.query_one(Tree).focus()
        await pilot.press("down", "enter", "down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, ImagePage)
        assert "c2960-lanbasek9-mz" in text_of(app)


async def test_the_job_summary_opens_beside_the_last_runs() -> None:
    async with running(world()) as (app, pilot):
        await pilot.press("j", "I")
        await settle(pilot)
        text = text_of(app)
        assert all(word in text for word in ("Job Status", "Last Run Status", "Not Yet Started", "12758472"))


async def test_all_of_the_image_summary_shows_every_image() -> None:
    async with running(world()) as (app, pilot):
        app.screen.query_one(Tree).focus()
        await pilot.press("enter")
        await settle(pilot)
        assert app.view_id == "repository"


async def test_empty_tables_say_what_to_do() -> None:
    async with running(empty_world()) as (app, pilot):
        assert "i imports an image" in text_of(app)
        for key, words in (("2", "n makes one"), ("3", "i imports an inventory"), ("4", "n imports one"),
                           ("5", "No SWIM server is defined")):  # fmt: skip
            await pilot.press(key)
            await settle(pilot)
            assert words in text_of(app)


async def test_the_filter_narrows_as_one_types_and_escape_clears_it_before_it_goes_back() -> None:
    async with running(world(40)) as (app, pilot):
        await pilot.press("3")
        await settle(pilot)
        await pilot.press("slash", *"site:delft")
        await settle(pilot)
        table = app.screen.query_one("#devices", LiveTable)
        assert {row.device.location for row in (table.model.rows[key] for key in table.model.order)} == {"Delft"}
        await pilot.press("enter")
        await settle(pilot)
        assert "filter: site:delft  13/40" in text_of(app)
        assert app.page is not None
        footer = app.page.query_one(FooterLine)
        assert footer.back == "Clear", "Esc clears the filter: it does not go back"
        await pilot.press("escape")
        await settle(pilot)
        assert app.view_id == "devices"
        assert footer.back == "Back"
        assert "Total 40" in text_of(app)
        await pilot.press("slash", *"nothing-like-this", "enter")
        await settle(pilot)
        assert "No row passes the filter" in text_of(app)


async def test_the_cursor_stays_on_its_device_while_the_inventory_changes() -> None:
    source = world(40)
    async with running(source) as (app, pilot):
        await pilot.press("3")
        await settle(pilot)
        await pilot.press(*["j"] * 6)
        table = app.screen.query_one("#devices", LiveTable)
        name = table.cursor_key
        source.fake.devices["aaa"] = replace(source.fake.devices["sw-ams-1"], name="aaa")
        source.change_device("aaa", version="99")
        await until(pilot, lambda: "aaa" in table.model.rows)
        assert table.cursor_key == name


async def test_a_running_job_is_followed_live_down_to_the_output_of_a_device() -> None:
    source = world()
    async with running(source, size=(120, 40)) as (app, pilot):
        await pilot.press("2", "enter")
        await settle(pilot)
        assert isinstance(app.screen, JobPage)
        source.emit(TaskProgress(RUNNING_RUN, "sw-ams-2", "o2", 6_000_000, 12_000_000, rate=1.2e6, eta_s=5))
        await until(pilot, lambda: "50% 1.14 MB/s" in text_of(app))
        failed = tuple(
            replace(op, status=OpStatus.FAILURE, message="%Error (No space)", ended_at=NOW) if op.id == "o2" else op
            for op in source.fake.tasks[RUNNING_RUN]["sw-ams-2"].operations
        )
        source.change_task(RUNNING_RUN, "sw-ams-2", status=TaskStatus.FAILURE, operations=failed, code="D10",
                           remedy="allow the smart erase", message="flash is full")  # fmt: skip
        await until(pilot, lambda: "x Failure" in text_of(app) and "Failed 1" in text_of(app))
        await pilot.press("down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, TaskPage)
        assert "allow the smart erase" in text_of(app)
        await pilot.press("down", "m")
        await settle(pilot)
        assert "%Error (No space)" in text_of(app)
        await pilot.press("escape", "l")
        await settle(pilot)
        assert isinstance(app.screen, OutputPage)
        text = text_of(app)
        assert "> show version" in text
        assert "! configure terminal" in text
        assert "\x1b" not in text
        source.emit(TaskOutput(RUNNING_RUN, "sw-ams-2", (OutputLine(NOW, Direction.RECEIVED, "fresh line"),)))
        await until(pilot, lambda: "fresh line" in text_of(app))
        await pilot.press("slash", *"version", "enter")
        await settle(pilot)
        assert app.screen.query_one(TextView).hits == 1


async def test_commands_sent_are_only_what_was_sent() -> None:
    async with running(world()) as (app, pilot):
        await pilot.press("2", "enter")
        await settle(pilot)
        await pilot.press("down", "@")
        await settle(pilot)
        lines = [line.text for line in app.screen.query_one(TextView).lines]
        assert lines == ["> show version", "! configure terminal"]


async def test_scrolling_up_stops_following_and_counts_what_came() -> None:
    source = world()
    at = NOW.replace(hour=0)
    source.fake.log[(RUNNING_RUN, "sw-ams-2")] = [OutputLine(at, Direction.RECEIVED, f"line {n}") for n in range(200)]
    async with running(source) as (app, pilot):
        await pilot.press("2", "enter")
        await settle(pilot)
        await pilot.press("down", "l")
        await settle(pilot)
        assert "following" in text_of(app)
        await pilot.press("k")
        source.emit(TaskOutput(RUNNING_RUN, "sw-ams-2", (OutputLine(NOW, Direction.RECEIVED, "late"),)))
        await until(pilot, lambda: "+1 lines, End to follow" in text_of(app))
        await pilot.press("end")
        await settle(pilot)
        assert "late" in text_of(app)


async def test_pause_holds_the_display_still_and_counts_what_waits() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("p")
        source.change_task(RUNNING_RUN, "sw-ams-2", status=TaskStatus.SUCCESS)
        await until(pilot, lambda: "PAUSED, 1 changes wait" in text_of(app))
        assert "1/4" in text_of(app)
        await pilot.press("p")
        await settle(pilot)
        assert "2/4" in text_of(app)


async def answer(app: SwimApp, pilot: object, *keys: str) -> None:
    """Answer a consent dialog after it has been seen."""
    assert isinstance(app.screen, ConfirmDialog)
    app.screen._opened_at -= 1.0
    await pilot.press(*keys)  # type: ignore[attr-defined]
    await settle(pilot)  # type: ignore[arg-type]


async def test_cancelling_a_run_needs_a_yes_and_enter_is_none() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("x")
        await pilot.pause()
        assert "never inside a flash" in text_of(app)
        await answer(app, pilot, "enter")
        assert source.fake.calls == []
        await pilot.press("x")
        await pilot.pause()
        await answer(app, pilot, "y")
        assert source.fake.calls == [("cancel", RUNNING_RUN, "")]


async def test_cancelling_a_job_that_has_not_begun_speaks_of_no_run_and_of_no_device() -> None:
    source = scheduled_world()
    async with running(source) as (app, pilot):
        await pilot.press("2", "g", "x")
        await pilot.pause()
        text = text_of(app)
        assert "Cancel this scheduled job?" in text
        assert "Nothing of it has begun" in text
        assert "never inside a flash" not in text
        await answer(app, pilot, "y")
        await until(pilot, lambda: "1 cancelled" in [notice.message for notice in app._notifications])
        assert source.fake.calls == [("cancel", "966", "")]


async def test_marked_runs_are_cancelled_together_with_a_typed_phrase_even_when_hidden() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("a", "slash", *"nothing", "enter")
        await pilot.press("x")
        await pilot.pause()
        text = text_of(app)
        assert RUNNING_RUN in text
        assert "Weekend Berlin" in text
        await answer(app, pilot, *"cancel", "space", "2", "enter")
        assert sorted(call[1] for call in source.fake.calls) == [RUNNING_RUN, "966"]


async def test_one_device_of_a_run_can_be_cancelled() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await pilot.press("2", "enter")
        await settle(pilot)
        await pilot.press("down", "x", "d")
        await pilot.pause(0.1)
        await answer(app, pilot, "y")
        assert source.fake.calls == [("cancel", RUNNING_RUN, "sw-ams-2")]


async def test_hold_and_resume() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("H")
        await pilot.pause()
        await answer(app, pilot, "y")
        await until(pilot, lambda: "! On hold" in text_of(app))
        await pilot.press("H")
        await pilot.pause()
        await answer(app, pilot, "y")
        assert [call[0] for call in source.fake.calls] == ["hold", "resume"]


async def test_retry_names_the_failed_devices_and_wants_a_phrase_where_they_reload() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await pilot.press("2", "j", "R")
        await settle_dialog(app, pilot)
        text = text_of(app)
        assert "sw-ams-2" in text
        assert "sw-ams-3" in text
        assert "sw-ams-4" not in text
        await answer(app, pilot, *"retry", "space", "2", "enter")
        assert source.fake.calls == [("retry", FAILED_RUN, "sw-ams-2", "sw-ams-3")]


async def settle_dialog(app: SwimApp, pilot: object) -> None:
    """Until a consent dialog is there."""
    await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))  # type: ignore[arg-type]
    await pilot.pause()  # type: ignore[attr-defined]


async def test_in_production_every_consent_is_typed() -> None:
    source = world()
    source.fake.environment = "PROD"
    async with running(source) as (app, pilot):
        assert "[PROD]" in text_of(app)
        await pilot.press("2", "x")
        await settle_dialog(app, pilot)
        assert app.screen.query(Input)
        await pilot.press("y")
        await pilot.pause()
        assert source.fake.calls == []


async def test_read_only_hides_changing_keys_and_refuses_them_and_ascii_mode_has_only_ascii() -> None:
    source = world()
    async with running(source, size=(100, 30), read_only=True, ascii_only=True) as (app, pilot):
        home = text_of(app)
        assert "[READ-ONLY]" in home
        assert "Distribute" in home
        for key in ("i Add/Import", "d Distribute", "a Activate", "o Edit", "y Sync", "b Archive", "O Configuration"):
            assert key not in home, key
        async for walk in pages(app, pilot):
            shown = text_of(app)
            await pilot.press("question_mark")
            await pilot.pause()
            assert (shown + text_of(app)).isascii(), walk
            await pilot.press("escape")
            await calm(pilot)
            footer = app.screen.query_one(FooterLine)
            assert not any(action.changes for action in footer.actions), walk
            await pilot.press("x", "R", "H", "n", "delete", "e", "D")
            await calm(pilot)
            assert not isinstance(app.screen, ConfirmDialog | FormDialog), walk
            assert source.fake.calls == [], walk


async def test_what_is_typed_in_one_go_after_the_slash_is_filter_text_and_no_action() -> None:
    async with running(world(40)) as (app, pilot):
        await pilot.press("3")
        await settle(pilot)
        for character in "/sna":  # each of s, n and a is an action of this page
            app.post_message(events.Key("slash" if character == "/" else character, character))
        await until(pilot, lambda: app.screen.query_one("#filter", Input).value == "sna")
        assert app.view_id == "devices"
        assert not isinstance(app.screen, FormDialog)


async def test_the_palette_jumps_filters_opens_and_runs() -> None:
    async with running(world(40)) as (app, pilot):
        await pilot.press("colon", *"jobs", "space", *"success", "enter")
        await settle(pilot)
        assert app.view_id == "jobs"
        assert "filter: success" in text_of(app)
        await pilot.press("3")
        await settle(pilot)
        await pilot.press("colon", *"device", "space", *"sw-ams-33", "enter")
        await settle(pilot)
        assert isinstance(app.screen, DevicePage)
        await pilot.press("minus")
        await settle(pilot)
        assert app.view_id == "jobs"
        await pilot.press("colon", *"wid", "enter")
        await settle(pilot)
        assert app.screen.query_one("#jobs", LiveTable).wide


async def test_tab_completes_a_command_and_then_a_name() -> None:
    async with running(world(40)) as (app, pilot):
        await pilot.press("3")
        await settle(pilot)
        await pilot.press("colon", *"dev", "tab")
        field = app.screen.query_one(Input)
        assert field.value == "devices "
        await pilot.press(*"sw-ams-3", "tab")
        assert field.value.startswith("devices sw-ams-3")


async def test_the_sort_menu_sorts_by_letter_and_view_and_sort_are_remembered(tmp_path: Path) -> None:
    path = tmp_path / "ui.json"
    async with running(world(), state_path=path) as (app, pilot):
        await pilot.press("3")
        await settle(pilot)
        await pilot.press("S", "v")
        await settle(pilot)
        assert app.screen.query_one("#devices", LiveTable).model.sort_column == "version"
    assert json.loads(path.read_text())["tables"]["devices"]["column"] == "version"
    async with running(world(), state_path=path) as (app, _pilot):
        assert app.view_id == "devices"
        assert app.screen.query_one("#devices", LiveTable).model.sort_column == "version"


async def test_minimum_requirements_are_edited_in_megabytes_and_a_wrong_one_is_refused_beside_its_field() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await pilot.press("4", "enter")
        await settle(pilot)
        await pilot.press("e")
        await pilot.pause()
        await pilot.press(*"many", "tab", *"64", "ctrl+n")
        await pilot.pause()
        assert "give a number of MB" in text_of(app)
        await pilot.press(*["backspace"] * 4, *"512", "ctrl+n")
        await settle(pilot)
        name, values = source.fake.calls[0][1:]
        assert (values["min_ram_bytes"], values["min_flash_bytes"]) == (512 * 2**20, 64 * 2**20)
        assert name in {image.id for image in IMAGES}
        assert "512.0 MB" in text_of(app)


async def test_deleting_an_image_is_asked_first() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await pilot.press("4")
        await settle(pilot)
        await pilot.press("delete")
        await settle_dialog(app, pilot)
        await answer(app, pilot, "escape")
        assert source.fake.calls == []
        await pilot.press("delete")
        await settle_dialog(app, pilot)
        await answer(app, pilot, "y")
        assert source.fake.calls[0][0] == "delete_image"


async def test_the_image_tab_shows_images_applied_and_the_file_systems() -> None:
    async with running(world()) as (app, pilot):
        await pilot.press("3", "enter")
        await settle(pilot)
        await pilot.press("tab")
        await settle(pilot)
        text = text_of(app)
        await pilot.press("tab")
        await settle(pilot)
        text += text_of(app)
        for piece in ("Images Applied", "File Name", "Image Name", "Image Family", "Image Version", "File Size",
                      "9.319 MB (9771282 bytes)", "File systems", "flash:", "config.text"):  # fmt: skip
            assert piece in text, piece


async def test_notices_are_kept_in_the_log_after_their_toast() -> None:
    source = world()
    async with running(source) as (app, pilot):
        source.emit(Notice(NOW, "error", "sw-ams-2: flash is full", RUNNING_RUN, "sw-ams-2"))
        source.emit(EngineChanged(3, 5, 2, 1))
        await until(pilot, lambda: "att 3" in text_of(app))
        assert "run 5" in text_of(app)
        await pilot.press("6")
        await settle(pilot)
        assert "flash is full" in text_of(app)


async def test_a_lost_engine_is_shown_and_the_ui_comes_back_with_fresh_data() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await pilot.press("2")
        await settle(pilot)
        source.fake.runs[RUNNING_RUN] = replace(source.fake.runs[RUNNING_RUN], status=RunStatus.SUCCESS, ended_at=NOW)
        source.drop()
        await until(pilot, lambda: "engine lost" in text_of(app))
        assert "not current  Total 8" in text_of(app)
        assert "run ?  wait ?  fail ?" in text_of(app)
        await until(pilot, lambda: "engine ok" in text_of(app))
        assert "not current" not in text_of(app)
        await until(pilot, lambda: "* Running" not in text_of(app))


async def test_a_resync_takes_the_snapshots_again() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await pilot.press("2")
        await settle(pilot)
        del source.fake.runs["12758470"]
        source.emit(Resync("fell behind"))
        await until(pilot, lambda: "12758470" not in text_of(app))


async def test_the_frame_is_there_before_the_engine_answers() -> None:
    async def never() -> object:
        raise EngineUnavailable(data_dir="/srv/swim", detail="none is running")

    app = SwimApp(UiOptions(Path("/srv/swim")), never, FixedClock())  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "engine lost" in text_of(app))
        assert "! no engine answers for /srv/swim: none is running" in text_of(app)  # it stays, unlike a toast
        assert "Add/Import" in text_of(app)
        assert any("swim-tui engine start" in entry.text for entry in app.log_book.entries)
        for key in ("1", "2", "W", "3", "4", "5", "comma"):
            await press(pilot, key)
            assert "Total 0" not in text_of(app), key
            assert "not known yet" in text_of(app), key
            assert "run ?  wait ?  fail ?" in text_of(app)
        await press(pilot, "6")
        assert "Total 1" in text_of(app), "what this session was told is known without an engine"
        assert app.is_running


async def test_a_view_is_shown_again_as_it_was_left_and_its_number_once_more_goes_to_its_top() -> None:
    async with running(world()) as (app, pilot):
        await press(pilot, "3", "slash", *"ams-1", "enter", "j", "j", "enter")
        assert isinstance(app.page, DevicePage)
        await press(pilot, "2", "j", "3")
        assert isinstance(app.page, DevicePage), "the page that was open"
        await press(pilot, "2")
        assert app.screen.query_one("#jobs", LiveTable).cursor_index == 1
        await press(pilot, "minus")
        assert isinstance(app.page, DevicePage)
        await press(pilot, "3")
        table = app.screen.query_one("#devices", LiveTable)
        assert (table.model.filter.text, table.cursor_index, table.has_focus) == ("ams-1", 2, True)
        assert "4/12" in text_of(app)


async def test_q_quits_only_at_the_top_and_control_c_never() -> None:
    async with running(world()) as (app, pilot):
        await pilot.press("ctrl+c")
        await pilot.press("2", "enter")
        await settle(pilot)
        await pilot.press("q")
        await settle(pilot)
        assert app.is_running
        assert "q quits on the top level" in app.log_book.entries[-1].text
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("q")
        await settle(pilot)
        assert app.return_value == 3  # two run, one waits for its turn


async def test_control_q_quits_from_inside_a_dialog() -> None:
    async with running(world()) as (app, pilot):
        await pilot.press("question_mark")
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert app.return_value is not None


async def test_a_terminal_that_is_too_small_says_so_with_numbers_and_recovers() -> None:
    async with running(world()) as (app, pilot):
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        assert isinstance(app.screen, TooSmall)
        assert "has   20 x 5" in text_of(app)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert isinstance(app.screen, Page)


async def test_without_colour_states_are_told_apart_by_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(world()) as (app, pilot):
        await pilot.press("2")
        await settle(pilot)
        text = text_of(app)
        for words in ("* Running", "x Partial Success", "+ Success", "x Failure", "- Cancelled", "! Scheduled"):
            assert words in text
        strips = app.screen._compositor.render_strips(app.size)
        colours = {
            segment.style.color for strip in strips for segment in strip if segment.style and segment.style.color
        }
        assert all(len({*colour.triplet}) == 1 for colour in colours if colour.triplet is not None)


async def test_an_overridden_key_works_and_is_what_the_footer_shows() -> None:
    source = world()
    async with running(source, keymap=load_keymap({"jobs.cancel": "X"})) as (app, pilot):
        await pilot.press("2")
        await settle(pilot)
        assert "X Cancel..." in text_of(app)
        await pilot.press("x")
        await settle(pilot)
        assert not isinstance(app.screen, ConfirmDialog)
        await pilot.press("X")
        await settle_dialog(app, pilot)
        assert isinstance(app.screen.focused, Button)


async def test_start_view_and_theme_are_as_asked() -> None:
    app = make_app(world(), start_view="devices", theme="swim-high-contrast")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.status.connected)
        await settle(pilot)
        assert app.view_id == "devices"
        assert app.theme == "swim-high-contrast"
        assert len({view.id for view in VIEWS}) == 6


async def test_an_unknown_theme_is_named_and_the_default_used() -> None:
    async with running(world(), theme="no-such-theme") as (app, _pilot):
        assert app.theme == "swim-dark"
        assert any("no-such-theme" in entry.text for entry in app.log_book.entries)


async def test_an_inventory_is_shown_before_it_is_imported_and_a_broken_one_is_named_with_its_line(
    tmp_path: Path,
) -> None:
    source = world()
    good, broken = tmp_path / "good.yaml", tmp_path / "broken.yaml"
    good.write_text("devices: []")
    broken.write_text("broken")
    async with running(source) as (app, pilot):
        await pilot.press("3")
        await settle(pilot)
        for path in (broken, good):
            await pilot.press("i")
            await pilot.pause()
            app.screen.query_one("#field-path", Input).value = str(path)
            await pilot.press(*(["enter", "right"] if path is good else []), "ctrl+n")
            await pilot.pause(0.1)
            if path is broken:
                assert "broken.yaml:3: unknown platform" in text_of(app)
                await pilot.press("escape")
                await settle(pilot)
        assert "add device sw-new-1" in text_of(app)
        await answer(app, pilot, "y")
        assert source.fake.calls == [
            ("import_inventory", "broken.yaml", True),
            ("import_inventory", "good.yaml", True, "site-admin"),
            ("import_inventory", "good.yaml", False, "site-admin"),
        ]


async def test_upgrade_analysis_shows_a_verdict_for_each_device_and_image() -> None:
    source = world()
    async with running(source, size=(120, 40)) as (app, pilot):
        await pilot.press("4")
        await settle(pilot)
        await pilot.press("space", "space", "u")
        await settle(pilot)
        assert len(source.fake.analysed) == 2
        text = text_of(app)
        for piece in (
            "x failed",
            "+ ok",
            "Image Not Applicable",
            "RAM need/has",
            "64/64 MB",
            "FLASH need/free",
            "Total 24",
        ):
            assert piece in text
        await pilot.press("w", "l")
        await settle(pilot)
        assert "Image Not Applicable for this Device" in text_of(app)
        assert "Required: 64 MB Current: 64 MB" in text_of(app)
        await pilot.press("w")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "64/64 MB" in text_of(app), "RAM and FLASH stand at 80 columns too"
        assert "FLASH need/free" in text_of(app)
        await pilot.press("!")
        await settle(pilot)
        assert "+ ok" not in text_of(app)


async def test_a_hostile_family_of_an_image_reaches_no_line_of_the_screen() -> None:
    source = world()
    evil = "X\x1b[2J\x9b1m\u202eY"
    for key, held in source.fake.images_.items():
        identity = replace(held.identity, family=evil, version=evil)
        source.fake.images_[key] = replace(held, identity=identity)
    async with running(source) as (app, pilot):
        await until(pilot, lambda: "X·[2J" in text_of(app))
        assert not set(text_of(app)) & set("\x1b\x9b\u202e")
