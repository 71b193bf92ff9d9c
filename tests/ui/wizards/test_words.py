"""The words of the reference in wizards and job screens: steps, columns, options, and what is said beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from swim_tui.errors import Conflict
from swim_tui.model.job import JobType, RecurKind, RunStatus, TaskStatus
from swim_tui.model.views import AnalysisRow
from swim_tui.ui.screens.analysis import ANALYSIS, AnalysisLine, pair_text
from swim_tui.ui.screens.job import JobPage
from swim_tui.ui.screens.job_rows import COLLECTED, INSTANCES, RECENT, TASKS
from swim_tui.ui.screens.job_summary import SummaryDialog, summary_text
from swim_tui.ui.screens.operation_rows import OPERATIONS
from swim_tui.ui.screens.recovery import open_recovery
from swim_tui.ui.screens.task_text import description_of
from swim_tui.ui.widgets.columns import TableSpec
from swim_tui.ui.wizards.activate import ActivateWizard, ActivationSourceStep
from swim_tui.ui.wizards.analysis import AnalysisDeviceStep, AnalysisSourceStep, AnalysisWizard
from swim_tui.ui.wizards.assign_step import ASSIGNMENTS
from swim_tui.ui.wizards.base import WizardPage
from swim_tui.ui.wizards.collect_steps import url_problem
from swim_tui.ui.wizards.commit import CommitDeviceStep, CommitWizard
from swim_tui.ui.wizards.device_step import CANDIDATES
from swim_tui.ui.wizards.distribute import DistributeWizard
from swim_tui.ui.wizards.draft import Draft
from swim_tui.ui.wizards.fields import FieldSpec
from swim_tui.ui.wizards.image_step import WIZARD_IMAGES
from swim_tui.ui.wizards.import_images import ImportSourceStep, ImportWizard, ScheduleImportStep
from swim_tui.ui.wizards.option_step import ActivateOptionStep, OptionStep
from swim_tui.ui.wizards.preview_step import PREVIEW
from swim_tui.ui.wizards.remote_steps import ServerStep
from swim_tui.ui.wizards.run_step import RUNS
from swim_tui.ui.wizards.schedule_step import ScheduleStep, moment_problem
from tests.ui.conftest import running, settle, text_of, until
from tests.ui.fakes import COLLECTION_RUN, FAILED_RUN, world
from tests.ui.wizards.test_distribute import keys


def wizard(kind: type[WizardPage], **choices: Any) -> WizardPage:
    """A wizard that is not shown, for its words."""
    return kind(Draft(kind.kind, **choices))


def titles(spec: TableSpec[Any]) -> list[str]:
    """Column titles."""
    return [column.title for column in spec.columns]


def steps(page: WizardPage) -> list[str]:
    """Titles of its steps."""
    return [step.title for step in page.steps()]


def test_import_has_the_steps_and_the_five_sources_of_the_reference() -> None:
    assert steps(wizard(ImportWizard)) == ["Source", "Collection Options", "Schedule", "Summary"]
    assert {choice.label for choice in ImportSourceStep.choices} == {"File", "URL", "Device", "Protocol", "Cisco.com"}
    assert not any(choice.why for choice in ImportSourceStep.choices)
    step = ServerStep(wizard(ImportWizard))
    assert "SFTP or SCP are safest" in step.specs()[0].help
    assert "quiet hour" in ScheduleImportStep.hint
    assert "only what your families need" in ImportSourceStep.hint


def test_distribute_has_the_five_steps_of_the_reference_and_the_plan() -> None:
    assert steps(wizard(DistributeWizard)) == [
        "Image Selection", "Device Selection", "Distribute Image and Location Selection", "Image Deployment",
        "Schedule Distribution", "Plan",
    ]  # fmt: skip
    assert {"File Name", "Image Family", "Image Type", "Version", "Size"} <= set(titles(WIZARD_IMAGES))
    assert {"Device Name", "Description", "IP Address/DNS", "Device Type", "Vendor", "Version"} <= set(
        titles(CANDIDATES)
    )
    assert {
        "Device Name", "IP Address", "Distribute Image Name", "Location", "External Servers", "Status"
    } <= set(titles(ASSIGNMENTS))  # fmt: skip


async def test_image_deployment_has_every_option_of_the_reference_and_says_what_each_means() -> None:
    async with running(world()) as (app, pilot):
        page = wizard(DistributeWizard)
        app.push_screen(page)
        await settle(pilot)
        specs = {spec.label: spec for spec in OptionStep(page).all_specs()}
    assert list(specs)[:5] == [
        "Backup Current Image", "TFTP Fall Back", "Erase Flash Before Distribution", "Insert boot command", "Activate",
    ]  # fmt: skip
    assert {"Device Upgrade Mode", "Commit", "ISSU", "Continue on failure"} <= set(specs)
    assert [title for _, title in specs["Device Upgrade Mode"].choices] == [
        "Currently Existing", "Bundle Mode", "Install Mode",
    ]  # fmt: skip
    assert {"OFF", "Sequential", "Parallel"} <= {title for _, title in specs["Activate"].choices}
    assert specs["Continue on failure"].value == "on"
    for label, words in (
        ("Backup Current Image", "slows the distribution considerably"), ("TFTP Fall Back", "one image only"),
        ("Erase Flash Before Distribution", "Avoid if you can"), ("Insert boot command", "boots the OLD image"),
        ("Activate", "core, mixed jobs"), ("Device Upgrade Mode", "packages.conf"), ("ISSU", "no reboot"),
        ("Commit", "a rollback goes back to the last commit"),
    ):  # fmt: skip
        assert words in specs[label].help, label
    assert "on every member" in specs["Erase Flash Before Distribution"].help
    assert "this job only" in OptionStep.hint


async def test_a_schedule_has_job_name_start_time_and_every_recurrence() -> None:
    async with running(world()) as (app, pilot):
        page = wizard(DistributeWizard)
        app.push_screen(page)
        await settle(pilot)
        specs = {spec.label: spec for spec in ScheduleStep(page).specs()}
    assert [title for _, title in specs["Recurrence"].choices] == [kind.value for kind in RecurKind]
    assert [title for _, title in specs["Start Time"].choices] == ["Now", "Date"]
    assert "MM/DD/YYYY HH:MM AM" in specs["Date"].hint
    assert "name it by the image" in specs["Job Name"].help


@pytest.mark.parametrize(
    ("source", "second"), [("jobs", ["Job Selection"]), ("library", ["Image Selection", "Device Selection"])]
)
def test_activate_has_the_steps_of_its_source(source: str, second: Sequence[str]) -> None:
    page = wizard(ActivateWizard, source=source)
    assert steps(page) == [
        "Activation Source", *second, "Activate Preview", "Activate Job Options", "Schedule Activation", "Plan",
    ]  # fmt: skip
    assert {"Run ID", "Job Name", "Job Type", "Status", "Last Run Status", "Last Start", "Duration"} == set(
        titles(RUNS)
    ) - {"Good"}
    assert {"Device Name", "Ip Address", "Image Name", "Flash"} <= set(titles(PREVIEW))
    assert "Inspect the distribution first" in ActivationSourceStep.choices[1].means


def test_commit_says_what_an_uncommitted_image_means() -> None:
    assert steps(wizard(CommitWizard)) == ["Device Selection", "Commit Job Options", "Schedule Commit", "Plan"]
    assert "gone after the next reload" in CommitDeviceStep.hint
    assert "IOS-XR" in CommitDeviceStep.spec.empty


def test_the_analysis_has_its_steps_and_the_cells_of_the_report() -> None:
    assert steps(wizard(AnalysisWizard, source="repository")) == [
        "Image Source", "Device Selection", "Image Selection"
    ]  # fmt: skip
    assert steps(wizard(AnalysisWizard, source="any")) == ["Image Source", "Device Selection"]
    assert [choice.label for choice in AnalysisSourceStep.choices][-1] == "Cisco.com"
    assert "r in view 3 (Devices) reads them" in AnalysisDeviceStep.hint
    assert {
        "#", "IP Address", "Image Name", "Device Information", "RAM Requirements", "FLASH Requirements", "Verdict"
    } <= set(titles(ANALYSIS))  # fmt: skip
    assert ANALYSIS.sort == "address"
    pair = AnalysisRow(
        "r1", "10.1.1.9", "x.bin", "i1", applicable=True, running_image="flash:old.bin", running_version="12.2",
        family="C2960", ram_required_bytes=186 * 2**20, ram_current_bytes=4096 * 2**20,
        flash_required_bytes=186 * 2**20, flash_free_bytes=20 * 2**20, flash_total_bytes=63 * 2**20, verdict="failed",
        reasons=("166 MB are missing",),
    )  # fmt: skip
    shown = {column.title: column.render(AnalysisLine(pair)).text for column in ANALYSIS.columns}
    assert shown["RAM Requirements"] == "Required: 186 MB Current: 4096 MB"
    assert shown["FLASH Requirements"] == "Required: 186 MB Free: 20 MB Total: 63 MB"
    assert shown["Device Information"] == "flash:old.bin  12.2  C2960"
    assert "166 MB are missing" in pair_text(pair, "3 h ago")
    misfit = AnalysisLine(AnalysisRow("r1", "10.1.1.10", "x.bin"))
    assert "Image Not Applicable for this Device" in [column.render(misfit).text for column in ANALYSIS.columns]
    address = ANALYSIS.column("address")
    assert address is not None
    assert address.sort_value(AnalysisLine(pair)) < address.sort_value(misfit)  # .9 before .10


def test_jobs_have_the_words_of_the_reference() -> None:
    assert titles(RECENT) == [
        "Run ID", "Job Type", "Job Name", "Device Count", "Status", "Start Timestamp", "End Timestamp"
    ]  # fmt: skip
    assert {"SWIM Collection", "SWIM Distribution", "SWIM Activation"} <= set(JobType)
    assert {"Run ID", "Status", "Duration", "Start Time", "Completion Time"} <= set(titles(INSTANCES))
    assert {"Device IP", "Device Name", "Image Name", "Status"} <= set(titles(TASKS))
    assert {"Device IP", "Device Name", "Image Name", "Status"} <= set(titles(COLLECTED))
    assert {"Operation", "Status", "Message"} <= set(titles(OPERATIONS))
    assert {"Success", "Failure", "Running", "Yet To Start Operation", "Cancelled"} <= set(TaskStatus)
    assert {"Success", "Failure", "Running", "Interrupted", "Partial Success", "Cancelled"} <= set(RunStatus)


async def test_the_job_summary_and_the_job_detail_have_the_facts_of_the_reference() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "2", "j", "enter")
        page = app.screen
        line = page.run_line  # type: ignore[attr-defined]
        text = summary_text(line, utc=True)
        for label in (
            "Job Name", "Job Status", "Last Run Status", "Creation Time", "Recurrence", "Total", "Successful",
            "Failed", "In-Progress", "Not Yet Started", "Cancelled",
        ):  # fmt: skip
            assert label in text, label
        shown = text_of(app)
        for words in ("Recurrence", "Description", "Distribute the Image to the Device", "Total 4", FAILED_RUN):
            assert words in shown, words
        assert "s" in page.active_bindings  # Show All
        await keys(pilot, "escape", "j", "enter")
        shown = text_of(app)
        for words in ("Collecting the image from", "N/A", "cat3k_caa-universalk9", COLLECTION_RUN, "x Failure"):
            assert words in shown, words
        image = next(iter(app.session.mirror.tasks[COLLECTION_RUN]))
        with pytest.raises(Conflict, match="recovery cards are for devices"):
            await open_recovery(app.screen, image, COLLECTION_RUN)  # type: ignore[arg-type]
        assert description_of(page.run_line) == "Distribute the Image to the Device"  # type: ignore[attr-defined]


def test_a_wrong_zone_is_said_once_and_not_of_the_date() -> None:
    now = datetime(2026, 3, 14, 1, 20, tzinfo=UTC)
    assert moment_problem("2020-01-01 00:00", "Europe/Atlantis", now) == ""
    assert moment_problem("2020-01-01 00:00", "UTC", now).startswith("it is past")


def test_what_is_no_address_is_told_what_one_looks_like() -> None:
    for text in ("not", "x.bin", "//"):
        assert url_problem(text) == f"{text}: no address of a server, such as https://host/image.bin"
    assert url_problem("https://host/image.bin") == ""


async def test_the_job_summary_leads_to_the_job_detail_view() -> None:
    async with running(world()) as (app, pilot):
        await keys(pilot, "2", "j", "i")
        assert isinstance(app.screen, SummaryDialog)
        assert "Enter Job Detail View" in text_of(app)
        await keys(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, JobPage))
        assert FAILED_RUN in text_of(app)
        await keys(pilot, "i")
        assert "Enter Job Detail View" not in text_of(app), "it is the detail already"


async def test_activate_job_options_say_that_the_boot_command_is_always_inserted() -> None:
    async with running(world()) as (app, pilot):
        page = wizard(ActivateWizard, devices=["sw-ams-3"])
        app.push_screen(page)
        await settle(pilot)
        specs = {spec.label: spec for spec in ActivateOptionStep(page).specs()}
        assert page.request().options.insert_boot_command
    assert {"Activate", "Device Upgrade Mode", "Commit", "ISSU", "Continue on failure"} <= set(specs)
    boot = specs["Insert boot command"]
    assert (boot.value, boot.why) == ("on", "else the reload boots the OLD image")


async def test_device_upgrade_mode_offers_what_the_platforms_have_and_says_why_there_is_no_choice() -> None:
    async with running(world()) as (app, pilot):
        page = wizard(DistributeWizard, devices=["sw-ams-3"])
        app.push_screen(page)
        await settle(pilot)
        name, pack = next(iter(page.packs.items()))

        def mode(*modes: str) -> FieldSpec:
            page.packs = {name: replace(pack, upgrade_modes=modes)}
            return next(spec for spec in OptionStep(page).all_specs() if spec.name == "upgrade_mode")

        assert mode("bundle").why == "bundle mode only"
        both = mode("install", "bundle")
        assert both.why == ""
        assert [title for _, title in both.choices] == ["Currently Existing", "Bundle Mode", "Install Mode"]
        assert f"{name}: install, bundle" in both.help
