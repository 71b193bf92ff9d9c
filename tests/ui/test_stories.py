"""Acceptance stories 1 to 4 walked at 80x24 by keys alone, from an empty store, against the lab."""

from __future__ import annotations

from pathlib import Path

import pytest

from swim_tui.model.job import JobType, RunStatus
from swim_tui.model.options import ActivateMode
from swim_tui.model.outcome import Outcome
from swim_tui.ui.widgets.text_view import TextView
from tests.support.story1 import IMAGE, part_of_story1
from tests.ui.stories import at_the_keyboard

pytestmark = pytest.mark.slow


async def test_story_1_switches_pull_from_the_server_of_their_site_and_are_activated_from_that_job(
    tmp_path: Path,
) -> None:
    network = part_of_story1(tmp_path, ("sf-acc-14", "la-acc-15", "3850-1"))
    async with at_the_keyboard(tmp_path, str(network), "--size-scale", "100", scale="240") as (hands, lab):
        await hands.inventory(lab)
        await hands.press("5")
        await hands.see("NY_Region")
        await hands.images([Path(lab.ready["images_dir"]) / IMAGE])
        await hands.home()
        await hands.press("d")
        await hands.see("Total 1")
        await hands.press("space")
        await hands.next_step("Device Selection")
        await hands.see("Total 3")
        await hands.press("a")
        page = await hands.next_step("Distribute Image and Location Selection")
        await hands.see("3 take part, 0 excluded")
        await hands.press("w", "l", "l", "l", "l")
        await hands.see("NY_Region(1)")
        await hands.next_step("Image Deployment")
        await hands.next_step("Schedule Distribution")
        await hands.next_step("Plan")
        assert page.request().options.activate is ActivateMode.OFF
        await hands.see("Ready: s submits")
        await hands.pilot.press("s")
        await hands.yes()
        run, tasks = await hands.run_ends()
        assert {task.device: task.server for task in tasks} == {
            "sf-acc-14": "SanFranRegion", "la-acc-15": "LA_Region", "3850-1": "NY_Region",
        }  # fmt: skip
        assert not lab.reloads()
        # activation from the completed distribution job, one after the other
        await hands.home()
        await hands.press("a", "down", "enter")
        await hands.see(run.id)
        await hands.press("space")
        await hands.next_step("Activate Preview")
        await hands.see("Selected 3 / Total 3")
        await hands.next_step("Activate Job Options")
        await hands.see("< Sequential >")
        await hands.next_step("Schedule Activation")
        await hands.next_step("Plan")
        done, tasks = await hands.submit("3")
        assert done.status is RunStatus.SUCCESS
        assert {task.proven_version for task in tasks} == {"03.07.03E"}
        assert set(lab.reloads().values()) == {1}
        await hands.press("3", "enter", "i")
        await hands.see("Images Applied")
        await hands.see("03.07.03E")


async def test_story_2_three_routers_minimums_analysis_one_combined_job_in_parallel(tmp_path: Path) -> None:
    async with at_the_keyboard(tmp_path, "story2", scale="240") as (hands, lab):
        await hands.inventory(lab)
        await hands.images(sorted(Path(lab.ready["images_dir"]).glob("asr1000rp1*03.13.05*")))
        # minimum requirements by hand
        await hands.press("4")
        await hands.see("PPC_LINUX_IOSD")
        await hands.press("enter", "e")
        await hands.press("ctrl+u")
        await hands.paste("2048")
        await hands.press("ctrl+n")
        await hands.see("2048 MB (2147483648 bytes)")
        # upgrade analysis
        await hands.home()
        await hands.press("u", "enter", "a", "ctrl+n", "space", "ctrl+n")
        await hands.see("Upgrade Analysis Report")
        await hands.press("enter")
        await hands.see("Required: 2048 MB Current: 4096 MB")
        await hands.press("escape")
        # one combined job
        await hands.home()
        await hands.press("d")
        await hands.see("Total 1")
        await hands.press("space")
        await hands.next_step("Device Selection")
        await hands.press("a")
        await hands.see("Selected 3 / Total 3")
        await hands.next_step("Distribute Image and Location Selection")
        await hands.see("3 take part, 0 excluded")
        await hands.next_step("Image Deployment")
        await hands.press("down", "down", "down", "space", "down", "left")
        await hands.see("< Parallel >")
        await hands.next_step("Schedule Distribution")
        page = await hands.next_step("Plan")
        assert page.request().type is JobType.DISTRIBUTION
        run, tasks = await hands.submit("3")
        assert run.status is RunStatus.SUCCESS
        assert {task.outcome for task in tasks} == {Outcome.UPGRADED}
        assert set(lab.reloads().values()) == {1}
        # validated on the Image tab
        await hands.press("3", "enter", "i")
        await hands.see("Images Applied")
        await hands.see("03.13.05.S")


async def test_story_3_xr_is_activated_then_committed_by_a_job_of_its_own(tmp_path: Path) -> None:
    async with at_the_keyboard(tmp_path, "story3", scale="240") as (hands, lab):
        await hands.inventory(lab)
        await hands.images([Path(lab.ready["images_dir"]) / "8000-x64-7.9.2.iso"])
        await hands.home()
        await hands.press("d")
        await hands.see("Total 1")
        await hands.press("space")
        await hands.next_step("Device Selection")
        await hands.press("space")
        await hands.next_step("Distribute Image and Location Selection")
        await hands.next_step("Image Deployment")
        await hands.press("down", "down", "down", "space", "down", "right", "down", "down", "left")
        await hands.see("< by hand >")
        await hands.next_step("Schedule Distribution")
        await hands.next_step("Plan")
        _, tasks = await hands.submit("xr-8k-01")
        assert [task.outcome for task in tasks] == [Outcome.NOT_COMMITTED]
        await hands.see("Not committed")
        await hands.home()
        await hands.see("not committed: xr-8k-01")
        await hands.press("c")
        await hands.see("Selected 0 / Total 1")
        await hands.press("space")
        await hands.next_step("Commit Job Options")
        await hands.next_step("Schedule Commit")
        await hands.next_step("Plan")
        await hands.see("Ready: s submits")
        await hands.pilot.press("s")
        await hands.yes()
        run, tasks = await hands.run_ends()
        assert run.job_type is JobType.COMMIT
        assert tasks[0].phases_done[-1] == "commit"
        assert lab.reloads()["xr-8k-01"] == 1


async def test_story_4_a_2960_with_little_flash_by_boot_variable_with_the_smart_erase(tmp_path: Path) -> None:
    async with at_the_keyboard(tmp_path, "story4", scale="240") as (hands, lab):
        await hands.inventory(lab)
        await hands.images([Path(lab.ready["images_dir"]) / "c2960-lanbasek9-mz.150-2.SE11.bin"])
        await hands.home()
        await hands.press("d")
        await hands.see("Total 1")
        await hands.press("space")
        await hands.next_step("Device Selection")
        await hands.press("slash", *"oak-01", "enter", "space")
        page = await hands.next_step("Distribute Image and Location Selection")
        assert page.draft.devices == ["br-oak-01"]
        await hands.see("0 take part, 1 excluded")
        await hands.press("enter")
        await hands.see("x Free space")
        await hands.press("escape")
        await hands.next_step("Image Deployment")
        await hands.press("down", "down", "space", "down", "space", "down", "space")
        await hands.see("< Sequential >")
        await hands.next_step("Schedule Distribution")
        page = await hands.next_step("Plan")
        await hands.see("1 included, 0 excluded")
        text = page.query_one(TextView).text()
        assert "delete /force flash:/c2960-lanbase-mz.122-25.SEE3.bin" in text
        _, tasks = await hands.submit("br-oak-01")
        assert [task.outcome for task in tasks] == [Outcome.UPGRADED]
        assert lab.reloads()["br-oak-01"] == 1
