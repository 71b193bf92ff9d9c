"""Commit Images and Rollback by keys alone at 80x24, against the scripted engine."""

from __future__ import annotations

from swim_tui.model.job import JobType
from swim_tui.ui.dialogs.choose import ChooseDialog
from swim_tui.ui.dialogs.confirm import ConfirmDialog
from swim_tui.ui.dialogs.text import TextDialog
from swim_tui.ui.screens.job import JobPage
from swim_tui.ui.wizards.commit import CommitWizard
from swim_tui.ui.wizards.device_step import DeviceStep
from swim_tui.ui.wizards.paste import PasteDialog
from swim_tui.ui.wizards.plan_step import PlanStep
from swim_tui.ui.wizards.rollback import RollbackWizard
from tests.ui.conftest import running, settle, text_of, until
from tests.ui.fakes import uncommitted_world, world
from tests.ui.wizards.test_distribute import at_step, keys, opens, submitted


async def test_commit_offers_only_devices_that_wait_for_one_and_submits_a_commit_job() -> None:
    source = uncommitted_world()
    async with running(source) as (app, pilot):
        await keys(pilot, "c")
        page = app.screen
        assert isinstance(page, CommitWizard)
        step = page.step
        assert isinstance(step, DeviceStep)
        await until(pilot, lambda: len(step.grid.model.order) == 5)  # number 10 was never read
        assert all(int(name.rpartition("-")[2]) % 2 == 0 for name in step.grid.model.order)
        await keys(pilot, "ctrl+n")
        assert "No device is selected" in text_of(app)
        await keys(pilot, "space", "ctrl+n")
        await at_step(pilot, 2)
        await keys(pilot, "ctrl+n", "ctrl+n")
        await at_step(pilot, 4)
        assert isinstance(page.step, PlanStep)
        assert "install commit" in page.step.text_view.text()
        assert "Consents" not in text_of(app).split("\n")[-1]
        await opens(pilot, "s", ConfirmDialog)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, JobPage))
    request = submitted(source)
    assert (request.type, request.devices, request.images) == (JobType.COMMIT, ("sw-ams-2",), ())


async def test_rollback_shows_where_each_device_goes_back_to_and_asks_for_a_typed_name() -> None:
    source = world(12)
    async with running(source) as (app, pilot):
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, RollbackWizard))
        page = app.screen
        assert isinstance(page, RollbackWizard)
        step = page.step
        assert isinstance(step, DeviceStep)
        await until(pilot, lambda: len(step.grid.model.order) == 5)
        await settle(pilot)
        text = text_of(app)
        assert "Goes back to" in text
        assert "12.2(55)SE12" in text
        await opens(pilot, "p", PasteDialog)
        await pilot.press(*"sw-ams-3", "ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, TextDialog))
        await pilot.pause()
        assert "no recorded upgrade to go back from" in text_of(app)
        await keys(pilot, "escape", "space", "ctrl+n")
        await at_step(pilot, 2)
        assert "Reload" in text_of(app)
        assert "Sequential" in text_of(app)
        await keys(pilot, "b")
        await at_step(pilot, 1)
        await opens(pilot, "p", PasteDialog)
        await pilot.press(*"sw-ams-3", "ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, TextDialog))
        await pilot.pause()
        assert "no recorded upgrade to go back from" in text_of(app), "the reason is known after a step back too"
        await keys(pilot, "escape", "ctrl+n")
        await at_step(pilot, 2)
        await keys(pilot, "ctrl+n", "ctrl+n")
        await at_step(pilot, 4)
        await opens(pilot, "s", ConfirmDialog)
        assert "will reload" in text_of(app)
        for key in "sw-ams-2":
            await pilot.press(key)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, JobPage))
        await settle(pilot)
    request = submitted(source)
    assert (request.type, request.devices) == (JobType.ROLLBACK, ("sw-ams-2",))


async def test_a_device_page_starts_a_job_for_its_device() -> None:
    async with running(uncommitted_world()) as (app, pilot):
        await keys(pilot, "3", "j", "j", "enter")
        await opens(pilot, "J", ChooseDialog)
        assert "New job for sw-ams-3" in text_of(app)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, CommitWizard))
        page = app.screen
        assert isinstance(page, CommitWizard)
        assert page.draft.devices == ["sw-ams-3"]


async def test_a_wizard_that_is_loaded_twice_at_once_shows_its_step_once() -> None:
    async with running(uncommitted_world()) as (app, pilot):
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, CommitWizard))
        page = app.screen
        assert isinstance(page, CommitWizard)
        page.start_loading()  # as when the line to the engine comes back meanwhile
        await settle(pilot)
        assert len(page.query(DeviceStep)) == 1
