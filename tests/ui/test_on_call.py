"""The keys for 3 a.m.: skip, order, start time, pause, watch, recovery card, and what a failure says."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.widgets import Input

from swim_tui.errors import EngineUnavailable
from swim_tui.model.events import Notice, RunChanged, TaskChanged
from swim_tui.model.job import JobStatus, JobType, RecurKind, RunStatus, TaskStatus, Window, commit_due
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import Direction, OutputLine
from swim_tui.ui.dialogs.confirm import ConfirmDialog
from swim_tui.ui.dialogs.form import FormDialog
from swim_tui.ui.dialogs.queue import QueueDialog
from swim_tui.ui.screens.job import JobPage
from swim_tui.ui.screens.output import OutputPage
from swim_tui.ui.screens.recovery import RecoveryPage
from swim_tui.ui.screens.task import TaskPage
from swim_tui.ui.screens.watch import WatchPage
from swim_tui.ui.shell import Bell
from swim_tui.ui.terminal import title_text
from swim_tui.ui.widgets.frame import FooterLine
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.pick_field import PickField
from tests.ui.conftest import running, settle, text_of, until
from tests.ui.fakes import FAILED_RUN, NOW, RUNNING_RUN, FakeSource, scheduled_world, task_of, world
from tests.ui.wizards.test_distribute import keys, opens


def waiting_world() -> FakeSource:
    """A run in which devices 4, 5 and 6 wait for their activation."""
    source = world()
    run = source.fake.runs[RUNNING_RUN]
    for number in (5, 6):
        task = task_of(run, f"sw-ams-{number}", number, TaskStatus.YET_TO_START)
        source.fake.tasks[RUNNING_RUN][task.device] = task
    return source


async def test_a_waiting_device_is_skipped_after_a_yes_and_a_started_one_is_not() -> None:
    source = waiting_world()
    async with running(source) as (app, pilot):
        await keys(pilot, "2", "enter", "z")
        assert any("none of these devices waits any more" in entry.text for entry in app.log_book.entries)
        await keys(pilot, "G")
        await opens(pilot, "z", ConfirmDialog)
        assert "not reloaded" in text_of(app)
        await pilot.press("y")
        await until(pilot, lambda: ("skip_devices", RUNNING_RUN, ["sw-ams-6"]) in source.fake.calls)


async def test_shift_up_moves_a_waiting_device_and_the_others_keep_their_turn() -> None:
    source = waiting_world()
    async with running(source) as (app, pilot):
        await keys(pilot, "2", "enter", "G")
        await opens(pilot, "shift+up", QueueDialog)
        text = text_of(app)
        assert text.index("sw-ams-6") < text.index("sw-ams-5  ")
        await pilot.press("K")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog) and app.screen.is_settled)
        assert "  3  sw-ams-6" in text_of(app)  # 2 and 3 still copy: they wait for their activation too
        await pilot.press("y")
        await until(pilot, lambda: source.fake.calls != [])
    assert source.fake.calls == [
        ("reorder", RUNNING_RUN, "sw-ams-1", "sw-ams-2", "sw-ams-3", "sw-ams-6", "sw-ams-4", "sw-ams-5")
    ]


async def test_a_scheduled_job_gets_another_start_time_and_is_paused_and_resumed() -> None:
    source = scheduled_world()
    async with running(source) as (app, pilot):
        await keys(pilot, "2", "slash", *"weekend", "enter")
        await opens(pilot, "t", FormDialog)
        field = app.screen.query_one(Input)
        assert field.value == "2026-03-15 02:00"
        field.value = "2020-01-01 00:00"
        await pilot.press("enter")
        await pilot.pause()
        assert "it is past" in text_of(app)
        field.value = "2026-03-16 04:30"
        await pilot.press("enter")
        await until(pilot, lambda: source.fake.calls != [])
        await settle(pilot)
        job = source.fake.calls[-1][1]
        assert source.fake.calls == [("reschedule", job, datetime(2026, 3, 16, 4, 30, tzinfo=UTC))]
        await opens(pilot, "H", ConfirmDialog)
        assert "Pause Weekend Berlin?" in text_of(app)
        await pilot.press("y")
        await until(pilot, lambda: source.fake.jobs_[job].status is JobStatus.PAUSED)
        await until(pilot, lambda: "Paused" in text_of(app))
        await opens(pilot, "H", ConfirmDialog)
        assert "paused by anna" in text_of(app)
        await pilot.press("y")
        await until(pilot, lambda: source.fake.jobs_[job].status is JobStatus.SCHEDULED)


async def test_marked_jobs_get_one_start_time_together_and_what_is_refused_stops_no_other() -> None:
    source = scheduled_world()
    known = next(job for job in source.fake.jobs_.values() if job.status is JobStatus.SCHEDULED)
    twin = replace(known, id="99", name="Weekend Amsterdam")
    source.fake.jobs_[twin.id] = twin
    async with running(source) as (app, pilot):
        await keys(pilot, "2", "slash", *"weekend", "enter", "a")
        await opens(pilot, "t", FormDialog)
        assert "Start time of 2 jobs" in text_of(app)
        app.screen.query_one(Input).value = "03/16/2026 04:30 AM"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog) and app.screen.is_settled)
        assert "Weekend Berlin" in text_of(app)
        assert "Weekend Amsterdam" in text_of(app)
        await pilot.press("y")
        at = datetime(2026, 3, 16, 4, 30, tzinfo=UTC)
        await until(pilot, lambda: source.fake.calls != [])
        assert (source.fake.calls[0][0], set(source.fake.calls[0][1:])) == ("reschedule", {known.id, twin.id, at})
        await settle(pilot)
        source.fake.refuses = frozenset({known.id})
        await opens(pilot, "x", ConfirmDialog)
        await pilot.press(*"cancel", "space", "2", "enter")
        await until(pilot, lambda: ("cancel", twin.id, "") in source.fake.calls)
        await until(pilot, lambda: any(f"not cancelled: {known.id}" in entry.text for entry in app.log_book.entries))


async def test_a_scheduled_job_is_edited_in_a_form_and_deleted_after_a_yes() -> None:
    source = scheduled_world()
    async with running(source) as (app, pilot):
        await keys(pilot, "2", "slash", *"weekend", "enter")
        await opens(pilot, "e", FormDialog)
        form = app.screen
        form.query_one("#field-at", Input).value = "2026-03-20 03:00"
        form.query_one("#field-recur", PickField).value = "Weekly"
        form.query_one("#field-interval", Input).value = "2"
        form.query_one("#field-window_start", Input).value = "02:00"
        await pilot.press("ctrl+n")
        await until(pilot, lambda: "it has only one end" in text_of(app))
        form.query_one("#field-window_end", Input).value = "06:00"
        await pilot.press("ctrl+n")
        await until(pilot, lambda: source.fake.calls != [])
        await settle(pilot)
        _, job, request = source.fake.calls[-1]
        assert (request.schedule.recur, request.schedule.interval) == (RecurKind.WEEKLY, 2)
        assert request.schedule.at == datetime(2026, 3, 20, 3, 0, tzinfo=UTC)
        assert request.window == Window("02:00", "06:00")
        await opens(pilot, "e", FormDialog)
        app.screen.query_one("#field-reason", Input).value = "moved"
        await pilot.press("ctrl+n")
        await until(pilot, lambda: len(source.fake.calls) == 2)
        assert source.fake.calls[-1][2] == replace(request, reason="moved")  # nothing else moved
        await settle(pilot)
        await opens(pilot, "delete", ConfirmDialog)
        await pilot.press("y")
        await until(pilot, lambda: job not in app.session.mirror.jobs)
        await until(pilot, lambda: "0/" in text_of(app).split("\n")[2])


async def test_a_failed_device_says_what_where_what_it_said_and_what_to_do() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "2", "j", "enter", "j", "enter")
        text = text_of(app)
        for piece in ("sw-ams-2: Flash full D10", "2 of 5, Copying image", "No space", "allow the smart erase"):
            assert piece in text, piece
        assert "Recovery card" not in text
        await keys(pilot, "K")
        assert not isinstance(app.screen, RecoveryPage)


async def test_the_recovery_card_has_timer_console_last_command_and_steps_and_leads_to_the_output() -> None:
    async with running(world(12)) as (app, pilot):
        await keys(pilot, "2", "j", "enter", "j", "j", "K")
        assert isinstance(app.screen, RecoveryPage)
        text = text_of(app)
        for piece in ("DID NOT COME BACK", "A20", "ts-ams-1:2003", "Sent last", "reload", "flash_init", "It said last"):
            assert piece in text, piece
        assert "console: ts" not in text
        assert app.screen.card_text().startswith("sw-ams-3 DID NOT COME BACK")
        assert "0:15:00 since its reload" in app.screen.card_text()
        await keys(pilot, "l")
        assert isinstance(app.screen, OutputPage)
        await keys(pilot, "escape", "escape", "3", "slash", *"sw-ams-3", "enter", "enter", "K")
        assert isinstance(app.screen, RecoveryPage)
        await keys(pilot, "escape", "escape", "escape", "j", "enter", "K")
        assert not isinstance(app.screen, RecoveryPage)


async def test_watch_mode_counts_rings_for_failures_and_changes_nothing() -> None:
    source = world()
    async with running(source, watch="", read_only=True) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, WatchPage) and app.screen.is_ready)
        await settle(pilot)
        page = app.screen
        assert isinstance(page, WatchPage)
        assert page.run_id == RUNNING_RUN
        text = text_of(app)
        for piece in ("Total", "Successful", "Failed", "In-Progress", "Not Yet Started", "sw-ams-2", "bell: failed"):
            assert piece in text, piece
        rung: list[bool] = []
        app.bell = lambda: rung.append(True)  # type: ignore[method-assign]
        task = source.fake.tasks[RUNNING_RUN]["sw-ams-2"]
        source.emit(TaskChanged(replace(task, status=TaskStatus.SUCCESS)))
        await until(pilot, lambda: "+ Success" in text_of(app))
        assert not rung
        source.emit(TaskChanged(replace(task, device="sw-ams-3", status=TaskStatus.FAILURE, message="hash differs")))
        await until(pilot, lambda: "hash differs" in text_of(app))
        assert rung == [True]
        await keys(pilot, "b", "b")
        assert app.bell_mode is Bell.ALL
        assert next(line for line in text_of(app).split("\n") if "sw-ams-" in line).strip("| ").startswith("x Failure")
        assert not source.fake.calls


async def test_the_wall_the_job_and_the_device_say_when_the_time_to_commit_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source, due = world(), NOW + timedelta(minutes=42)
    task = replace(
        source.fake.tasks[RUNNING_RUN]["sw-ams-1"],
        outcome=Outcome.NOT_COMMITTED,
        message=commit_due(due),
        commit_by=due,
    )
    source.fake.tasks[RUNNING_RUN]["sw-ams-1"] = task
    async with running(source, size=(200, 50), watch=RUNNING_RUN) as (app, pilot):
        for page in (
            None,
            JobPage(source.fake.runs[RUNNING_RUN].job_id, RUNNING_RUN),
            TaskPage(RUNNING_RUN, "sw-ams-1"),
        ):
            monkeypatch.setattr(app, "now", lambda: NOW)
            if page is not None:
                await app.push_screen(page)
            await until(pilot, lambda: "goes back by itself unless" in text_of(app))
            monkeypatch.setattr(app, "now", lambda: due)
            await until(pilot, lambda: "commit ended" in (text := text_of(app)) and "goes back" not in text)


async def test_the_end_of_a_run_is_told_in_every_view_and_in_the_title() -> None:
    source = world()
    async with running(source) as (app, pilot):
        assert not any("Success" in entry.text for entry in app.log_book.entries)
        run = source.fake.runs[RUNNING_RUN]
        source.emit(RunChanged(replace(run, status=RunStatus.PARTIAL, message="2 of 3 devices succeeded")))
        told = f"{run.job_name}: Partial Success, 2 of 3 devices succeeded"
        source.emit(Notice(NOW, "warning", told, run_id=run.id))
        source.emit(Notice(NOW, "warning", "something else", run_id=run.id))
        await until(pilot, lambda: any(toast.message == "something else" for toast in app._notifications))
        assert [toast.message for toast in app._notifications].count(told) == 1, (
            "the engine says it too, once is enough"
        )
    assert title_text(3, 1) == "swim 3 run 1 FAIL"
    assert title_text(0, 0) == "swim 0 run"


async def test_the_logs_of_a_run_are_saved_in_one_file_without_control_characters(tmp_path: Path) -> None:
    source = world()
    line = OutputLine(NOW, Direction.RECEIVED, "evil \x1b[2J text")
    source.fake.log[(FAILED_RUN, "sw-ams-2")] = [line]
    async with running(source) as (app, pilot):
        await keys(pilot, "2", "j", "enter", "a")
        await opens(pilot, "L", FormDialog)
        app.screen.query_one(Input).value = str(tmp_path / "run.log")
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "run.log").exists())
    text = (tmp_path / "run.log").read_text()
    assert "===== sw-ams-3 =====" in text
    assert "> reload" in text
    assert "\x1b" not in text


async def test_the_evidence_of_a_run_is_saved_as_a_zip_and_a_name_that_is_taken_is_refused_beside_the_field(
    tmp_path: Path,
) -> None:
    taken, new = tmp_path / "taken.zip", tmp_path / "run.zip"
    taken.write_text("mine")
    async with running(world()) as (app, pilot):
        await keys(pilot, "2", "j", "enter")
        await opens(pilot, "E", FormDialog)
        app.screen.query_one(Input).value = str(taken)
        await pilot.press("enter")
        await until(pilot, lambda: "exists" in text_of(app))
        app.screen.query_one(Input).value = str(new)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, FormDialog))
    assert taken.read_text() == "mine"
    with zipfile.ZipFile(new) as pack:
        assert pack.read("run/summary.md") == f"# summary.md of run {FAILED_RUN}\n".encode()


async def test_archive_configuration_submits_a_job_for_every_device_after_a_yes() -> None:
    source = world(3)
    async with running(source) as (app, pilot):
        await opens(pilot, "b", ConfirmDialog)
        assert "Archive the configuration of 3 devices?" in text_of(app)
        await pilot.press("y")
        await until(pilot, lambda: source.fake.calls != [])
    request = source.fake.calls[0][1]
    assert request.type is JobType.CONFIG_ARCHIVE
    assert len(request.devices) == 3


async def test_the_order_dialog_shows_the_device_it_was_opened_on() -> None:
    names = [f"sw-{number:03d}" for number in range(1, 113)]
    async with running(world()) as (app, pilot):
        app.push_screen(QueueDialog("Order", names, [""] * len(names), current="sw-100"))
        await until(pilot, lambda: "sw-100" in text_of(app))
        await pilot.press("K")
        await until(pilot, lambda: " 99  sw-100" in text_of(app))


async def test_a_run_says_who_acts_and_how_many_wait_and_the_wall_shows_them_first() -> None:
    source = waiting_world()
    run = source.fake.runs[RUNNING_RUN]
    tasks = source.fake.tasks[RUNNING_RUN]
    tasks["sw-ams-3"] = replace(tasks["sw-ams-3"], waiting_for="the device before it")
    async with running(source) as (app, pilot):
        await keys(pilot, "2", "enter")
        assert "(1 wait)" in text_of(app)
        assert "sw-ams-2: Copying image" in text_of(app)
        await keys(pilot, "W")
        page = app.screen
        assert isinstance(page, WatchPage)
        failed = task_of(run, "sw-ams-6", 6, TaskStatus.FAILURE)
        source.fake.tasks[RUNNING_RUN]["sw-ams-6"] = failed
        source.fake.emit(TaskChanged(failed))
        await until(pilot, lambda: page.query_one(LiveTable).cursor_key == "sw-ams-6")
        await keys(pilot, "j")
        key = page.query_one(LiveTable).cursor_key
        worse = task_of(run, "sw-ams-5", 5, TaskStatus.FAILURE)
        source.fake.emit(TaskChanged(worse))
        await until(pilot, lambda: "Failed" in text_of(app))
        await settle(pilot)
        assert page.query_one(LiveTable).cursor_key == key  # who moved the cursor keeps the row


async def test_the_footer_of_the_jobs_follows_the_row() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "2")
        footer = app.screen.query_one(FooterLine)
        assert {"jobs.hold", "jobs.cancel"} <= {label[2] for label in footer.labels}
        await keys(pilot, "j")
        shown = {label[2] for label in footer.labels}
        assert "jobs.retry" in shown
        assert not {"jobs.hold", "jobs.cancel"} & shown
        await keys(pilot, "slash")
        assert all(len(label[0]) > 1 for label in footer.labels)  # letters are text now


async def test_a_lost_engine_is_started_again_from_the_screen() -> None:
    source, runs = world(), [True]

    async def connect() -> FakeSource:
        if not runs:
            raise EngineUnavailable(data_dir="/srv/swim", detail="it is not running any more")
        return source

    source.connect = connect  # type: ignore[method-assign]
    async with running(source, start_engine=lambda: runs.append(True)) as (app, pilot):
        runs.clear()
        source.drop()
        await until(pilot, lambda: "^R starts one" in " ".join(text_of(app).split()))
        assert "Shown is what was known at" in " ".join(text_of(app).split())
        await opens(pilot, "ctrl+r", ConfirmDialog)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, ConfirmDialog))
        assert runs == []
        await opens(pilot, "ctrl+r", ConfirmDialog)
        await pilot.press("y")
        await until(pilot, lambda: app.status.connected and "^R starts one" not in text_of(app))
