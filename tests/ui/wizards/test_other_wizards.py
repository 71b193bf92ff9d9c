"""Activate Images, Import Images and Upgrade Analysis by keys alone at 80x24, against the scripted engine."""

from __future__ import annotations

from pathlib import Path

from swim_tui.model.job import JobType
from swim_tui.model.options import ActivateMode
from swim_tui.model.remote import RemoteFile
from swim_tui.ui.dialogs.choose import ChooseDialog
from swim_tui.ui.dialogs.confirm import ConfirmDialog
from swim_tui.ui.screens.analysis import AnalysisPage
from swim_tui.ui.screens.job import JobPage
from swim_tui.ui.wizards.base import WizardPage
from tests.ui.conftest import running, settle, text_of, until
from tests.ui.fakes import FAILED_RUN, IMAGES, world
from tests.ui.wizards.test_distribute import at_step, keys, opens, submitted


async def test_an_activation_from_a_completed_job_takes_only_devices_that_got_the_image() -> None:
    source = world()
    async with running(source) as (_app, pilot):
        await keys(pilot, "a", "down", "enter")
        page = await at_step(pilot, 2)
        assert [step.title for step in page.steps()][1] == "Job Selection"
        await keys(pilot, "space", "ctrl+n")
        await at_step(pilot, 3)
        assert page.draft.devices == ["sw-ams-1"]
        await keys(pilot, "ctrl+n", "ctrl+n", "ctrl+n")
        await at_step(pilot, 6)
        request = page.request()
        assert (request.type, request.from_run, request.images) == (JobType.ACTIVATION, FAILED_RUN, ())
        assert request.options.activate is ActivateMode.SEQUENTIAL
        assert request.options.insert_boot_command


async def test_an_activation_from_the_library_has_image_and_device_steps_and_a_device_can_be_unticked() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "a", "enter", "j", "j", "space", "ctrl+n", "j", "space", "space")
        page = await at_step(pilot, 3)
        await keys(pilot, "ctrl+n")
        await at_step(pilot, 4)
        assert "Selected 2 / Total 2" in text_of(app)
        await keys(pilot, "space")
        assert page.draft.devices == ["sw-ams-4"]
        assert "Selected 1 / Total 2" in text_of(app)


async def test_files_of_a_directory_are_imported_by_one_job(tmp_path: Path) -> None:
    source = world()
    (tmp_path / "deep").mkdir()
    for name in ("a.bin", "b.bin"):
        (tmp_path / "deep" / name).write_bytes(b"image")
    async with running(source) as (app, pilot):
        await keys(pilot, "i", "enter")
        page = await at_step(pilot, 2)
        await keys(pilot, "ctrl+n")
        assert "No file is selected" in text_of(app)
        await keys(pilot, "shift+tab", "ctrl+u", *str(tmp_path), "enter", "enter", "space", "enter")
        assert page.draft.files == [str(tmp_path / "deep" / name) for name in ("a.bin", "b.bin")]
        await keys(pilot, "ctrl+n", "ctrl+n")
        await at_step(pilot, 4)
        assert "Import 2 images" in text_of(app)
        assert "After the import, check Minimum RAM and flash" in text_of(app)
        await opens(pilot, "s", ConfirmDialog)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, JobPage))
        request = submitted(source)
        assert [Path(name).name for name in (request.source, *request.sources)] == ["a.bin", "b.bin"]
        assert request.type is JobType.COLLECTION


async def test_a_scheduled_import_closes_and_a_message_says_when_it_starts() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await keys(pilot, "i", "down", "enter", *"https://h/x.bin", "ctrl+n", *"Night", "enter", "space", "down")
        await keys(pilot, *"2026-03-15 02:30", "ctrl+n")
        await at_step(pilot, 4)
        await opens(pilot, "s", ConfirmDialog)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, JobPage))
        told = [notice.message for notice in app._notifications]
        assert any("Night is scheduled: it starts 2026-03-15 02:30" in text for text in told), told


async def test_h_goes_up_in_the_directory_browser_and_marks_elsewhere_stay(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.bin").write_bytes(b"image")
    async with running(world()) as (app, pilot):
        await keys(pilot, "i", "enter", "shift+tab", "ctrl+u", *str(tmp_path / "deep" / "a.bin"), "enter", "h")
        page = await at_step(pilot, 2)
        assert page.draft.files == [str(tmp_path / "deep" / "a.bin")]
        assert "deep/" in text_of(app)
        assert "Selected: a.bin" in text_of(app)


async def test_an_address_that_cannot_be_downloaded_is_refused_and_a_good_one_is_taken() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await keys(pilot, "i", "down", "enter", *"gopher://h/x.bin", "ctrl+n")
        assert "is no source" in text_of(app)
        await keys(pilot, "ctrl+u", *"https://h/x.bin", "tab", "tab", *"abc", "ctrl+n")
        assert "An MD5 has 32 hexadecimal digits" in text_of(app)
        await keys(pilot, "ctrl+u", *("AB" * 16), "ctrl+n", "ctrl+n")
        await at_step(pilot, 4)
        await opens(pilot, "s", ConfirmDialog)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, JobPage))
        request = submitted(source)
        assert (request.source, request.md5) == ("https://h/x.bin", "ab" * 16)


async def test_a_server_is_browsed_by_sftp_with_a_profile_and_two_images_become_one_job() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await keys(pilot, "i", "down", "down", "down", "enter", *"files.example.net", "f5")
        assert "a login is needed" in text_of(app)
        await keys(pilot, "down", "right", "down", "enter")  # a profile, then Enter in the directory
        assert "images/" in text_of(app)
        await keys(pilot, "enter", "h", "f5", "enter")
        listed = [call[1].removeprefix("sftp://files.example.net") for call in source.fake.calls]
        assert listed == ["/", "/", "/images/", "/", "/", "/images/"]
        assert "asr 1k.bin" in text_of(app)
        await keys(pilot, "a", "ctrl+n", "ctrl+n")
        await at_step(pilot, 4)
        assert "Import 2 images" in text_of(app)
        await opens(pilot, "s", ConfirmDialog)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, JobPage))
    request = submitted(source)
    assert {request.source, *request.sources} == {
        "sftp://files.example.net/images/asr%201k.bin", "sftp://files.example.net/images/c2960.bin",
    }  # fmt: skip
    assert request.source_credentials == next(iter(source.fake.profiles))


async def test_cisco_com_is_searched_by_product_and_release() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "i", *("down",) * 4, "enter", *"WS-C2960X", "enter", "right", "down", *"15.2(4)E7", "enter")
        await keys(pilot, "space", "ctrl+n", "ctrl+n")
        await at_step(pilot, 4)
        assert "cisco:WS-C2960X/c2960x-universalk9-mz.152-7.E9.bin" in text_of(app)


async def test_a_device_offers_its_own_files() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "i", "down", "down", "enter", "space")
        await opens(pilot, "e", ChooseDialog)
        assert "the running image" in text_of(app)
        await pilot.press("escape")


async def test_the_analysis_runs_for_the_chosen_devices_and_images() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await keys(pilot, "u", "enter", "a", "ctrl+n", "j", "j", "space", "ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, AnalysisPage))
        await settle(pilot)
        assert source.fake.analysed == (IMAGES[0].id,)
        assert "A clean report is no promise" in text_of(app)


async def test_the_analysis_takes_images_of_cisco_com_before_they_are_bought() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await keys(pilot, "u", "down", "down", "enter", "a", "ctrl+n", *"WS-C2960X", "enter", "right", "down")
        await keys(pilot, *"15.2(4)E7", "enter", "space", "ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, AnalysisPage))
        await settle(pilot)
        assert source.fake.offered == (RemoteFile("c2960x-universalk9-mz.152-7.E9.bin", 26_771_456),)
        assert "26/4 MB" in text_of(app), "what it needs is compared with what is there"


async def test_the_analysis_without_an_image_has_no_image_step() -> None:
    source = world()
    async with running(source) as (app, pilot):
        await keys(pilot, "u", "down", "enter", "space")
        page = app.screen
        assert isinstance(page, WizardPage)
        assert len(page.steps()) == 2
        await keys(pilot, "ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, AnalysisPage))
        await settle(pilot)
        assert source.fake.analysed == ()
