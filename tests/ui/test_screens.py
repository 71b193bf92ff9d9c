"""Pictures of every page and dialog, as a person sees them at 80x24 and 120x40."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from swim_tui.model.job import JobStatus
from tests.ui.conftest import running, until
from tests.ui.fakes import NOW, world
from tests.ui.pictures import Compare, Picture, album, calm, press, start_over
from tests.ui.walks import DIALOGS, WALKS


async def test_pages(picture: Picture) -> None:
    await album(world(40), WALKS, picture)


async def test_dialogs(picture: Picture) -> None:
    await album(world(40), DIALOGS, picture)


async def test_forms_of_a_scheduled_job_and_of_files(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path("/tmp/swim-tui-pictures")  # the path is in the picture
    folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(folder)
    source = world()
    jobs = source.fake.jobs_
    waiting = next(job for job in jobs.values() if job.status is JobStatus.SCHEDULED)
    jobs[waiting.id] = replace(waiting, next_run_at=NOW + timedelta(hours=9))
    walks = {
        "start-time": ("2", "g", "t"),
        "job-edit": ("2", "g", "e"),
        "export": ("3", "ctrl+e"),
        "save-output": ("2", "enter", "j", "l", "ctrl+e"),
    }
    await album(source, walks, picture)


async def test_wide_pages_with_panes_beside_and_a_third_one_for_the_output(compare: Compare) -> None:
    walks = {"jobs": ("2", "j"), "job": ("2", "j", "enter", "j", "j"), "task": ("2", "enter", "j", "enter")}
    async with running(world(40), size=(200, 50)) as (app, pilot):
        for name, keys in walks.items():
            await press(pilot, *keys)
            app.set_status(version="1.0")
            for width in (160, 200):
                await pilot.resize_terminal(width, 50)
                await until(pilot, lambda: app.screen._compositor.size == app.size)
                await calm(pilot)
                app.clear_notifications()
                compare(f"{name}-{width}x50", app.export_screenshot())
            await start_over(app, pilot)


async def test_high_contrast_and_ascii(picture: Picture) -> None:
    async with running(world(40), theme="swim-high-contrast", ascii_only=True) as (app, pilot):
        app.status = replace(app.status, read_only=True)
        await press(pilot, "2")
        await picture(pilot, "read-only-jobs")
