"""The repository with its Quick Filter, Image Information, and what an image leads to."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from swim_tui.errors import BadValue
from swim_tui.ui.filtering import compile_filter, from_boxes, to_boxes
from swim_tui.ui.screens.device import DevicePage
from swim_tui.ui.screens.image import ImagePage
from swim_tui.ui.screens.job import JobPage
from swim_tui.ui.widgets.live_table import LiveTable
from tests.ui.admin.conftest import Picture, press, said, say_yes
from tests.ui.admin.test_access import cursor_to, fill
from tests.ui.conftest import running, text_of
from tests.ui.fakes import IMAGES, image, world

COLUMNS = ("file", "family", "version")


@pytest.mark.parametrize(
    "line", ["", "family:C2960", "file:a,b version:15 sp", "'family:two words' !old", "re:^a b$", "other:x plain"]
)
def test_the_boxes_of_the_quick_filter_say_what_the_line_says(line: str) -> None:
    boxes, rest = to_boxes(line, COLUMNS)
    again = from_boxes(boxes, rest)
    texts = [dict.fromkeys(COLUMNS, word) for word in ("a b", "15 sp", "c2960", "two words", "other:x plain", "old")]
    before, after = compile_filter(line, COLUMNS), compile_filter(again, COLUMNS)
    assert [before.matches(one) for one in texts] == [after.matches(one) for one in texts]
    assert set(boxes) <= set(COLUMNS)


async def test_the_repository_has_a_box_for_each_column_a_counter_and_asks_before_it_deletes(picture: Picture) -> None:
    source = world()
    async with running(source) as (app, pilot):
        await press(pilot, "4")
        assert "Selected 0 / Total 4" in text_of(app)
        await press(pilot, "space", "space")
        assert "Selected 2 / Total 4" in text_of(app)
        await picture(pilot, "repository-selected")
        await press(pilot, "A", "f")
        fill(app, family="C2960", version="12.2")
        await picture(pilot, "quick-filter")
        await press(pilot, "ctrl+n")
        table = app.screen.query_one("#repository", LiveTable)
        assert [table.model.rows[key].image.version for key in table.model.order] == ["12.2(55)SE12"]
        assert "filter: family:C2960 version:12.2" in said(app)
        await press(pilot, "f")
        fill(app, family="", version="")
        await press(pilot, "ctrl+n")
        assert len(table.model.order) == len(IMAGES)
        await cursor_to(app, pilot, IMAGES[1].id)
        await press(pilot, "delete")
        assert "It can be imported again" in said(app)
        await say_yes(pilot)
        assert source.fake.calls == [("delete_image", IMAGES[1].id)]
        await press(pilot, "w")
        assert all(word in text_of(app) for word in ("File Name", "Image Family", "Image Type", "Version"))
        assert {"Size", "Updated On"} <= {column.title for column in table.spec.columns}


async def test_image_information_is_edited_and_leads_to_devices_and_jobs(picture: Picture) -> None:
    source = world()
    calls = source.fake.calls
    async with running(source) as (app, pilot):
        await press(pilot, "4")
        await cursor_to(app, pilot, IMAGES[3].id)
        await press(pilot, "enter")
        assert isinstance(app.screen, ImagePage)
        assert "can be distributed and then run badly" in said(app)
        await picture(pilot, "image")
        await press(pilot, "e")
        fill(app, ram="512", min_rommon="16.7(2r)")
        await picture(pilot, "image-form")
        source.fake.refuse = BadValue(name="min_rommon", value="16.7(2r)", detail="it is no version", allowed="one")
        await press(pilot, "ctrl+n")
        assert "it is no version" in said(app)
        source.fake.refuse = None
        await press(pilot, "ctrl+n")
        values = calls[-1][2]
        assert (values["min_ram_bytes"], values["min_flash_bytes"], values["min_rommon"]) == (
            512 * 2**20,
            0,
            "16.7(2r)",
        )
        assert (values["version"], values["family"], values["min_version"]) == (None, None, None)
        assert "512.0 MB" in text_of(app)
        await press(pilot, "d")
        await picture(pilot, "image-devices")
        await press(pilot, "enter")
        assert isinstance(app.screen, DevicePage)
        await press(pilot, "escape", "o", "enter")
        assert isinstance(app.screen, JobPage)
        await press(pilot, "escape", "F")
        assert "asked once per image" in said(app)


async def test_every_family_and_version_grammar_of_the_reference_is_shown_as_it_is() -> None:
    source = world()
    families = ("C2960", "CAT3K_CAA", "X86_64_LINUX_IOSD", "PPC_LINUX_IOSD", "ASR903", "ASR9K", "CAT4500", "C880DATA",
                "cat4500es8", "C3900", "C890", "nexus6000", "Nexus5000")  # fmt: skip
    versions = ("12.2(55)SE", "03.07.01.E", "3.13.00S", "12.2(54)SG1")
    shown = [image(f"{name}.bin", name, versions[n % 4], 10_000_000 + n) for n, name in enumerate(families)]
    source.fake.images_ = {one.id: replace(one, note="") for one in shown}
    async with running(source, size=(120, 40)) as (app, pilot):
        home = text_of(app)
        await press(pilot, "4")
        text = text_of(app)
        assert all(name in text for name in (*families, *versions))
        assert "SYSTEM_SW" in text
        late = image("late.bin", "C9300", "17.9.4", 1_000)
        source.fake.images_[late.id] = late
        await press(pilot, "ctrl+r")
        assert "late.bin" in text_of(app), "everything is taken from the engine again by hand"
        assert re.search(r"Software Image Summary +Count", home)
        assert re.search(r"ALL +13\b", home)
