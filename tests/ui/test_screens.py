"""Pictures of every page and dialog, as a person sees them at 80x24 and 120x40."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ui.conftest import running
from tests.ui.fakes import world
from tests.ui.pictures import Compare, Picture, album, calm, press
from tests.ui.walks import DIALOGS, WALKS


async def test_pages(picture: Picture) -> None:
    await album(world(40), WALKS, picture)


async def test_dialogs(picture: Picture) -> None:
    await album(world(40), DIALOGS, picture)


@pytest.mark.parametrize("width", [160, 200])
async def test_wide_jobs_with_the_detail_beside(compare: Compare, width: int) -> None:
    async with running(world(40), size=(width, 50)) as (app, pilot):
        app.set_status(version="1.0")
        await press(pilot, "2", "j")
        await pilot.pause(0.3)
        await calm(pilot)
        compare(f"jobs-{width}x50", app.export_screenshot())


async def test_high_contrast_and_ascii(picture: Picture) -> None:
    async with running(world(40), theme="swim-high-contrast", ascii_only=True) as (app, pilot):
        app.status = replace(app.status, read_only=True)
        await press(pilot, "2")
        await picture(pilot, "read-only-jobs")
