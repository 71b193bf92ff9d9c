"""Distribute Images by keys alone at 80x24, against the scripted engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from swim_tui.model.job import JobRequest, JobType, RecurKind
from swim_tui.model.options import ActivateMode
from swim_tui.ui.app import SwimApp
from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.dialogs.choose import ChooseDialog
from swim_tui.ui.dialogs.confirm import ConfirmDialog
from swim_tui.ui.screens.home import HomePage
from swim_tui.ui.screens.job import JobPage
from swim_tui.ui.widgets.frame import FooterLine
from swim_tui.ui.widgets.text_view import TextView
from swim_tui.ui.wizards.base import WizardPage
from swim_tui.ui.wizards.draft import kept
from swim_tui.ui.wizards.paste import PasteDialog
from tests.ui.conftest import running, settle, text_of, until
from tests.ui.fakes import IMAGES, FakeSource, world


async def keys(pilot: Pilot[Any], *pressed: str) -> None:
    """Press keys, each after the one before has been dealt with; what a text field takes goes as one piece."""
    typed = ""
    for key in (*pressed, ""):
        field = pilot.app.focused
        if len(key) == 1 and isinstance(field, Input):
            typed += key
            continue
        if typed and field is not None:
            field.post_message(Paste(typed))
            typed = ""
            await settle(pilot)
        if key:
            await pilot.press(key)
            await pilot.pause()
            await settle(pilot)


async def opens(pilot: Pilot[Any], key: str, dialog: type[Dialog[Any]]) -> None:
    """Press a key that opens a dialog, and wait until the dialog listens."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, dialog) and pilot.app.screen.is_settled)


async def at_step(pilot: Pilot[Any], number: int) -> WizardPage:
    """The wizard, on that step and verified."""
    app = pilot.app
    assert isinstance(app, SwimApp)
    page = app.screen
    assert isinstance(page, WizardPage)
    await until(pilot, lambda: not page.verifier.is_pending(page.draft.devices))
    await settle(pilot)
    assert page.index + 1 == number, text_of(app)
    return page


C2960 = ("j", "j", "space")
"""Marks the 15.0 image of the 2960."""


async def to_plan(pilot: Pilot[Any], *devices: str) -> WizardPage:
    """From the home view to the plan page; `devices` are the keys that mark them."""
    await keys(pilot, "d", *C2960, "ctrl+n", *devices)
    await at_step(pilot, 2)
    await keys(pilot, "ctrl+n")
    await at_step(pilot, 3)
    await keys(pilot, "ctrl+n", "ctrl+n", "ctrl+n")
    return await at_step(pilot, 6)


def submitted(source: FakeSource) -> JobRequest:
    """The request that was sent."""
    found = [call[1] for call in source.fake.calls if call[0] == "submit"]
    assert len(found) == 1
    request: JobRequest = found[0]
    return request


async def test_a_distribution_is_submitted_by_keys_after_the_count_was_typed() -> None:
    source = world()
    async with running(source) as (app, pilot):
        page = await to_plan(pilot, "j", "space", "space")
        assert "Ready: s submits" in text_of(app)
        text = page.query_one(TextView)
        for key, there in (("pagedown", text.size.height - 1), ("G", text.max_scroll_y), ("ctrl+u", None), ("g", 0)):
            before = text.scroll_y
            await keys(pilot, key)
            assert text.scroll_y == there if there is not None else text.scroll_y < before, key
        await opens(pilot, "s", ConfirmDialog)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, WizardPage))
        assert source.fake.calls == []
        await opens(pilot, "s", ConfirmDialog)
        await pilot.press("2", "enter")
        await until(pilot, lambda: isinstance(app.screen, JobPage))
        request = submitted(source)
        assert (request.type, request.images, request.devices) == (
            JobType.DISTRIBUTION, (IMAGES[0].id,), ("sw-ams-3", "sw-ams-4"),
        )  # fmt: skip
        assert kept(app, "distribute") is None


async def test_next_says_what_is_missing_and_stays() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "d", "ctrl+n")
        await at_step(pilot, 1)
        assert "No image is selected" in text_of(app)
        await keys(pilot, *C2960, "ctrl+n", "ctrl+n")
        await at_step(pilot, 2)
        assert "No device is selected" in text_of(app)


async def test_escape_keeps_the_draft_with_its_marks_and_it_is_offered_again() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "d", *C2960, "ctrl+n", "space", "escape")
        assert isinstance(app.screen, HomePage)
        await opens(pilot, "d", ChooseDialog)
        assert "There is a draft: 1 image, 1 device, step 2" in text_of(app)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, WizardPage))
        await settle(pilot)
        page = await at_step(pilot, 2)
        assert page.draft.devices == ["sw-ams-1"]
        assert "Selected 1 / Total" in text_of(app)


async def test_a_new_start_forgets_the_draft() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "d", *C2960, "escape")
        await opens(pilot, "d", ChooseDialog)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, WizardPage))
        await settle(pilot)
        assert "Selected 0 / Total 4" in text_of(app)


async def test_the_record_of_an_image_in_the_wizard_is_not_empty() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "d", "y")
        shown = text_of(app).split("Record", 1)[1].partition("c copy")[0]
        assert "file_name" in shown or "Image Family: " in shown, shown


async def test_numbers_go_to_visited_steps_only_and_back_loses_nothing() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "d", *C2960, "5")
        await at_step(pilot, 1)
        await keys(pilot, "ctrl+n", "space", "1")
        await at_step(pilot, 1)
        assert "Selected 1 / Total 4" in text_of(app)
        await keys(pilot, "2")
        page = await at_step(pilot, 2)
        assert page.draft.devices == ["sw-ams-1"]
        await keys(pilot, "alt+left")
        await at_step(pilot, 1)
        assert app.view_id == "images"


async def test_a_group_is_selected_in_the_tree_and_its_box_shows_all_some_none() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "d", *C2960, "ctrl+n", "space", "shift+tab", "j", "j", "right")
        text = text_of(app)
        assert "[-] All Devices 1/10" in text
        assert "[-] Location 1/10" in text
        await keys(pilot, "space")
        page = await at_step(pilot, 2)
        assert len(page.draft.devices) == 10
        assert "[x] All Devices 10/10" in text_of(app)
        await keys(pilot, "space")
        assert page.draft.devices == []
        assert "[ ] All Devices 0/10" in text_of(app)


async def test_pasted_names_are_selected_and_the_unknown_ones_are_listed() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "d", *C2960, "ctrl+n")
        await opens(pilot, "p", PasteDialog)
        await pilot.press(*"SW-AMS-3, sw-ams-99 10.0.0.4", "ctrl+n")
        await pilot.pause()
        text = text_of(app)
        assert "sw-ams-99: unknown; did you mean sw-ams-9?" in text
        await keys(pilot, "escape")
        page = await at_step(pilot, 2)
        assert page.draft.devices == ["sw-ams-3", "sw-ams-4"]


async def test_devices_marked_in_their_view_are_carried_and_one_that_fails_stays_listed() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "3", "space", "space", "j", "D", *C2960, "ctrl+n")
        page = await at_step(pilot, 2)
        assert page.draft.devices == ["sw-ams-1", "sw-ams-2"]
        assert "1 failed" in text_of(app)
        await keys(pilot, "ctrl+n")
        await at_step(pilot, 3)
        text = text_of(app)
        assert "1 take part, 1 excluded" in text
        assert "x Free flash" in text


async def test_the_location_of_a_device_is_chosen_from_its_own_file_systems() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await keys(pilot, "d", *C2960, "ctrl+n", "j", "space", "ctrl+n")
        page = await at_step(pilot, 3)
        await opens(pilot, "e", ChooseDialog)
        await pilot.press("l")
        await until(pilot, lambda: "flash:" in text_of(app) and "free" in text_of(app))
        assert "nvram:" not in text_of(app)
        await pilot.press("down", "enter")
        await settle(pilot)
        await at_step(pilot, 3)
        assert page.draft.location_of == {"sw-ams-3": "flash:"}
        assert source.fake.previews[-1].location_of == {"sw-ams-3": "flash:"}


async def test_options_that_are_not_available_say_why_and_cannot_be_changed() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "d", *C2960, "ctrl+n", "j", "space")
        await at_step(pilot, 2)
        await keys(pilot, "ctrl+n", "ctrl+n")
        page = await at_step(pilot, 4)
        assert "needs Insert boot command" in text_of(app)
        await keys(pilot, "down", "down", "down", "down", "space")
        assert page.options.activate is ActivateMode.OFF
        await keys(pilot, "up", "space", "down", "space")
        assert page.options.insert_boot_command
        assert page.options.activate is ActivateMode.SEQUENTIAL
        await keys(pilot, "up", "space")
        assert page.options.activate is ActivateMode.OFF


async def test_the_plan_is_read_by_pages_and_searched() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "d", *C2960, "ctrl+n", "j", "space")
        await at_step(pilot, 2)
        await keys(pilot, "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n")
        page = await at_step(pilot, 6)
        text = page.query_one(TextView)
        await keys(pilot, "pagedown")
        assert text.scroll_y >= 10
        await keys(pilot, "pageup")
        assert text.scroll_y == 0
        await keys(pilot, "G")
        assert text.scroll_y == text.max_scroll_y
        await keys(pilot, "g", "slash", *"sha-256", "enter")
        assert "1 hit for sha-256" in text_of(app)


async def test_a_name_takes_the_stamp_and_a_date_is_checked_beside_its_field() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await keys(pilot, "d", *C2960, "ctrl+n", "j", "space")
        await at_step(pilot, 2)
        await keys(pilot, "ctrl+n", "ctrl+n", "ctrl+n")
        page = await at_step(pilot, 5)
        await keys(pilot, *"Spring")
        await until(pilot, lambda: "Spring_1_20_30_500_AM_3_14_2026" in text_of(app))
        assert page.request().name == "Spring", "what stands dim behind it is no name until Right takes it"
        await keys(pilot, "right", "enter", "space", "down", *"2025-01-01 10:00", "ctrl+n")
        assert "it is past (now 2026-03-14" in text_of(app)
        await at_step(pilot, 5)
        await keys(pilot, "ctrl+u", *"03/15/2026 02:30 AM", "enter", "enter", "space", "ctrl+n")
        await at_step(pilot, 6)
        request = page.request()
        assert request.name == "Spring_1_20_30_500_AM_3_14_2026"
        assert request.schedule.at is not None
        assert f"{request.schedule.at:%Y-%m-%d %H:%M}" == "2026-03-15 02:30"
        assert request.schedule.recur is RecurKind.MINUTE
        assert "Start                2026-03-15 02:30" in text_of(app), "the plan says when it runs, and how often"
        assert "Recurrence           Minute" in text_of(app)


async def test_submit_is_disabled_while_a_consent_is_open_and_the_typed_phrase_opens_it() -> None:
    source = world()
    async with running(source) as (app, pilot):
        page = await to_plan(pilot, "space")
        assert "Submit is disabled: 1 consent is open" in text_of(app)
        await keys(pilot, "s")
        assert isinstance(app.screen, WizardPage)
        await opens(pilot, "o", ConfirmDialog)
        await pilot.press(*"lower-version", "enter")
        await until(pilot, lambda: "Ready: s submits" in text_of(app))
        assert page.request().options.consents == ("lower-version:sw-ams-1",)


async def test_read_only_has_no_wizard() -> None:
    async with running(world(), read_only=True) as (app, pilot):
        await keys(pilot, "d", "i", "a", "3", "D")
        assert not isinstance(app.screen, WizardPage)


async def test_the_footer_fits_on_every_step() -> None:
    async with running(world()) as (app, pilot):

        async def check() -> None:
            for width, height in ((60, 18), (120, 40), (80, 24)):
                await pilot.resize_terminal(width, height)
                await settle(pilot)
                footer = app.screen.query_one(FooterLine)
                assert len("  ".join(f"{key} {label}" for key, label, _ in footer.labels)) <= footer.size.width
                assert all(len(line) <= width for line in text_of(app).split("\n"))

        await keys(pilot, "d", *C2960)
        assert "Back a step" not in text_of(app), "there is none before the first"
        await check()
        await keys(pilot, "ctrl+n", "j", "space")
        await at_step(pilot, 2)
        await check()
        for number in (3, 4, 5, 6):
            await keys(pilot, "ctrl+n")
            await at_step(pilot, number)
            await check()
            if number == 3:
                assert "External Servers" in text_of(app), "at 80 columns, without w"


async def test_a_device_gets_a_server_by_name_and_the_table_says_which_choice_it_is() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await keys(pilot, "d", *C2960, "ctrl+n", "j", "space")
        await at_step(pilot, 2)
        await keys(pilot, "ctrl+n")
        page = await at_step(pilot, 3)
        await opens(pilot, "e", ChooseDialog)
        await pilot.press("s")
        await pilot.pause()
        assert "this platform takes images from the Local File Server only" in text_of(app)
        await keys(pilot, "escape")
        page.packs = {
            name: replace(pack, supports=(*pack.supports, "external-server")) for name, pack in page.packs.items()
        }
        await opens(pilot, "e", ChooseDialog)
        await pilot.press("s")
        await until(pilot, lambda: "NY_Region" in text_of(app))
        await pilot.press("down", "down", "enter")
        await at_step(pilot, 3)
        assert page.request().server_of == {page.draft.devices[0]: "NY_Region"}


async def test_a_draft_survives_quitting(tmp_path: Path) -> None:
    async with running(world(), state_path=tmp_path / "ui.json") as (app, pilot):
        await keys(pilot, "d", *C2960, "ctrl+n", "j", "space")
        page = await at_step(pilot, 2)
        chosen = (page.draft.images, page.draft.devices)
    async with running(world(), state_path=tmp_path / "ui.json") as (app, pilot):
        await opens(pilot, "d", ChooseDialog)
        assert "1 image, 1 device, step 2" in text_of(app)
        await pilot.press("d")
        page = await at_step(pilot, 2)
        assert (page.draft.images, page.draft.devices) == chosen
    async with running(world(), state_path=tmp_path / "ui.json") as (app, pilot):
        app.options = replace(app.options, data_dir=tmp_path / "lab")
        await keys(pilot, "d")
        assert (await at_step(pilot, 1)).draft.images == [], "a draft of another data directory is not offered"
    (path,) = tmp_path.glob("drafts-*.json")
    path.write_text("{broken")
    async with running(world(), state_path=tmp_path / "ui.json") as (app, pilot):
        await keys(pilot, "d")
        assert (await at_step(pilot, 1)).draft.images == []
