"""Catalyst 9000 on 17.x: install in one step and in three, timers, rollback, remove, and every way to fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from swim_tui.model.install import InstallResult
from swim_tui.parse.install_xe import parse_install_log
from tests.unit.lab.labkit import PROMPT, running_lab, shell
from tests.unit.lab.unitkit import (
    C9K_NEW,
    C9K_NEWER,
    C9K_OLD,
    Y_N,
    answer,
    events,
    files,
    send,
    state,
    until,
    until_boot,
)

ONE, STACK, SVL = "sf-9300-01", "sf-9300-02", "sf-9500-svl"
ADD = f"install add file flash:{C9K_NEW}"
DONE = r"SUCCESS: install_\w+ .*\n.*#$"


async def test_one_step_installs_on_a_stack_and_is_committed(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[STACK]
        await send(lab, STACK, "flash", C9K_NEW)
        async with shell(lab, STACK) as cli:
            log = parse_install_log(await cli.run("show install log"))
            assert log is not None, "a device that has installed nothing yet has logged its boot"
            assert [(e.operation, e.result) for e in log] == [("install_op_boot", InstallResult.SUCCESS)]
            text = await cli.run(f"{ADD} activate commit", Y_N)
            assert "[1]: Copying flash:cat9k_iosxe.17.06.07.SPA.bin from switch 1 to switch 2 3 4" in text
            assert "Add: Passed on [1 2 3 4]" in text
            for wrong in ("", "maybe"):
                await answer(cli, wrong, Y_N)
            text = await answer(cli, "y", PROMPT)
            assert "Install will reload the system now!\nSUCCESS: install_add_activate_commit  " in text
        await until_boot(device)
        assert device.running_software.xe_version == "17.06.07"
        async with shell(lab, STACK) as cli:
            summary = await cli.run("show install summary")
            assert "[ Switch 1 2 3 4 ] Installed Package(s) Information:" in summary
            assert "IMG   C    17.06.07.0.8034" in summary
            assert "Auto abort timer: inactive" in summary
            assert "Last reload reason: Image Install" in await cli.run("show version")
            log = parse_install_log(await cli.run("show install log"))
            assert log is not None
            assert [e.operation for e in log] == ["install_op_boot", "install_add_activate_commit", "install_op_boot"]
            assert all(e.result is InstallResult.SUCCESS for e in log)
        assert device.counters["installs"] == device.counters["reloads"] == 1
        assert C9K_NEW in files(device, "flash-4")


async def test_members_join_later_than_the_active(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7", scale=100) as lab:
        device = lab.devices[STACK]
        device.reload("Reload Command", "test")
        await until_boot(device)
        assert [state(device, number)["state"] for number in (1, 2)] == ["Ready", "Initializing"]
        await until(lambda: state(device, 2)["state"] == "HA sync in progress")
        await until(lambda: all(state(device, number)["state"] == "Ready" for number in range(1, 5)))


async def test_three_steps_show_inactive_uncommitted_and_committed(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7", scale=200) as lab:
        device = lab.devices[ONE]
        await send(lab, ONE, "flash", C9K_NEW)
        async with shell(lab, ONE) as cli:
            assert "SUCCESS: install_add  " in await cli.run(ADD)
            assert "IMG   I    17.06.07.0.8034" in await cli.run("show install inactive")
            assert "Super package already added." in await cli.run(ADD)
            await cli.run("install activate auto-abort-timer 60", Y_N)
            assert "SUCCESS: install_activate  " in await answer(cli, "y", PROMPT)
        await until_boot(device)
        async with shell(lab, ONE) as cli:
            summary = await cli.run("show install summary")
            assert "IMG   U    17.06.07.0.8034" in summary
            assert "active on install_activate, time before rollback - 00:00:1" in summary
            assert "IMG   C    17.03.01.0.351" in await cli.run("show install committed")
            assert "SUCCESS: install_commit  " in await cli.run("install commit")
            summary = await cli.run("show install summary")
            assert "IMG   C    17.06.07.0.8034" in summary
            assert "No Uncommitted Packages" in await cli.run("show install uncommitted")
            assert "FAILED: install_abort" in await cli.run("install abort")
        assert events(lab, ONE, "install") == [
            f"install_add flash:{C9K_NEW}",
            "install_activate 17.06.07",
            "install_commit",
        ]


async def test_an_uncommitted_install_returns_to_the_old_version_when_its_timer_ends(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[STACK]
        await send(lab, STACK, "flash", C9K_NEW)
        async with shell(lab, STACK) as cli:
            await cli.run(ADD)
            await cli.run("install activate auto-abort-timer 30", Y_N)
            await answer(cli, "y", PROMPT)
        await until_boot(device)
        assert device.running_software.xe_version == "17.06.07"
        await until_boot(device, 2)
        assert device.running_software.xe_version == "17.03.01"
        assert events(lab, STACK, "install")[-1] == "auto-abort timer expired"
        async with shell(lab, STACK) as cli:
            assert "IMG   C    17.03.01.0.351" in await cli.run("show install summary")


async def test_a_timer_that_ends_while_the_device_is_down_still_rolls_back(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[ONE]
        device.set_fault("auto_abort_after=100")
        await send(lab, ONE, "flash", C9K_NEW)
        async with shell(lab, ONE) as cli:
            await cli.run(ADD)
            await cli.run("install activate", Y_N)
            await answer(cli, "y", PROMPT)
        await until_boot(device, 2)
        assert device.running_software.xe_version == "17.03.01"


async def test_a_stopped_timer_leaves_the_install_uncommitted(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[ONE]
        await send(lab, ONE, "flash", C9K_NEW)
        async with shell(lab, ONE) as cli:
            await cli.run(ADD)
            await cli.run("install activate auto-abort-timer 120 prompt-level none")
        await until_boot(device)
        async with shell(lab, ONE) as cli:
            assert "SUCCESS: install_auto_abort_timer  " in await cli.run("install auto-abort-timer stop")
            summary = await cli.run("show install summary")
        assert "Auto abort timer: inactive" in summary
        assert "IMG   U    17.06.07" in summary


async def test_an_abort_goes_back_before_the_commit(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[ONE]
        await send(lab, ONE, "flash", C9K_NEW)
        async with shell(lab, ONE) as cli:
            await cli.run(ADD)
            await cli.run("install activate auto-abort-timer 300 prompt-level none")
        await until_boot(device)
        async with shell(lab, ONE) as cli:
            await cli.run("install abort", Y_N)
            assert "Abort: Passed on [1]" in await answer(cli, "y", PROMPT)
        await until_boot(device, 2)
        assert device.running_software.xe_version == "17.03.01"


async def test_remove_inactive_deletes_an_image_that_was_only_copied(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[ONE]
        await send(lab, ONE, "flash", C9K_NEW)
        async with shell(lab, ONE) as cli:
            text = await cli.run("install remove inactive", Y_N)
            assert f"/flash/{C9K_NEW}" in text.partition("will be deleted:")[2]
            assert "packages.conf" not in text.partition("will be deleted:")[2]
            assert "SUCCESS: Files deleted." in await answer(cli, "y", PROMPT)
            assert "Nothing to clean" in await cli.run("install remove inactive")
        assert C9K_NEW not in files(device, "flash")
        assert device.phase.value == "up"


async def test_remove_inactive_ends_the_way_back(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[ONE]
        await send(lab, ONE, "flash", C9K_NEW)
        async with shell(lab, ONE) as cli:
            await cli.run(f"{ADD} activate commit prompt-level none")
        await until_boot(device)
        async with shell(lab, ONE) as cli:
            assert "2       No Label" in await cli.run("show install rollback")
            assert "17.03.01.0.351" in await cli.run("show install rollback id 1")
            await cli.run("install rollback to id 1", Y_N)
            await answer(cli, "y", PROMPT)
        await until_boot(device, 2)
        assert device.running_software.xe_version == "17.03.01"
        async with shell(lab, ONE) as cli:
            await cli.run("install remove inactive prompt-level none")
            assert "No rollback file found" in await cli.run("install rollback to id 2")


async def test_the_same_image_changes_nothing_and_does_not_reload(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[SVL]
        await send(lab, SVL, "flash", C9K_NEW)
        async with shell(lab, SVL) as cli:
            text = await cli.run(f"{ADD} activate commit")
        assert "Same Image File-No Change" in text
        assert "SUCCESS: install_add_activate_commit" in text
        assert device.phase.value == "up"
        assert device.counters.get("installs", 0) == 0


async def test_unsaved_configuration_asks_with_three_answers(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[ONE]
        device.set_fault("dirty_config")
        await send(lab, ONE, "flash", C9K_NEW)
        async with shell(lab, ONE) as cli:
            await cli.run(f"{ADD} activate commit", r"\[y/n/q\] $")
            await answer(cli, "x", r"\[y/n/q\] $")
            assert "FAILED: install_add_activate_commit" in await answer(cli, "q", PROMPT)
            assert device.is_dirty
            await cli.run(f"{ADD} activate commit", r"\[y/n/q\] $")
            await answer(cli, "y", Y_N)
            assert not device.is_dirty
            await answer(cli, "n", PROMPT)
            assert "IMG   I    17.06.07" in await cli.run("show install inactive")
        assert device.phase.value == "up"


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        ("space", "requires "),
        ("compat", "is not compatible with package"),
        ("add", "Add: Failed on [1]"),
        ("activate", "Activate: Failed on [1]"),
        ("commit", "Commit: Failed on [1]"),
        ("missing", "package file(s) for running image is not present"),
        ("xfsu", "SUCCESS: xFSU-pre-check finished"),
        ("issu", "Install ISSU in progress. Abort the ISSU upgrade to proceed"),
    ],
)
async def test_each_cause_of_a_failing_install_can_be_switched_on(tmp_path: Path, cause: str, text: str) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[ONE]
        device.set_fault(f"install_fails={cause}")
        await send(lab, ONE, "flash", C9K_NEW)
        async with shell(lab, ONE) as cli:
            output = await cli.run(f"{ADD} activate commit prompt-level none")
        assert text in output
        assert "FAILED: install_add_activate_commit" in output
        assert "SUCCESS: install_add" not in output
        assert device.phase.value == "up"


async def test_another_running_operation_refuses_this_one(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[ONE]
        await send(lab, ONE, "flash", C9K_NEW)
        device.set_fault("install_running")
        async with shell(lab, ONE) as cli:
            assert "some operation is already running" in await cli.run(ADD)
        device.clear_fault()
        async with shell(lab, ONE) as first, shell(lab, ONE) as second:
            await first.run(f"{ADD} activate commit", Y_N)
            assert "some operation is already running" in await second.run("install commit")
            first.type("\x03")
            await first.until(PROMPT)
            assert "SUCCESS: install_commit" in await second.run("install commit")


async def test_a_broken_image_is_refused_and_so_is_a_missing_one(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        await send(lab, ONE, "flash", C9K_NEW, broken=True)
        async with shell(lab, ONE) as cli:
            assert "is not compatible with package" in await cli.run(ADD)
            assert "does not exist" in await cli.run("install add file flash:nothing.bin")
            assert "% Invalid input" in await cli.run("install add file flash:x.bin now")


async def test_a_member_that_keeps_its_version_is_a_mismatch_and_a_group_of_its_own(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[STACK]
        await send(lab, STACK, "flash", C9K_NEW)
        device.set_fault("v_mismatch=3*1")
        async with shell(lab, STACK) as cli:
            await cli.run(f"{ADD} activate commit prompt-level none")
        await until_boot(device)
        await until(lambda: state(device, 3)["state"] == "V-Mismatch")
        async with shell(lab, STACK) as cli:
            assert "V-Mismatch" in await cli.run("show switch")
            summary = await cli.run("show install summary")
            assert "[ Switch 1 2 4 ] Installed" in summary
            assert "[ Switch 3 ] Installed" in summary
            await cli.run("reload slot 3", r"\[confirm\]$")
            cli.type("\n")
            await cli.until(PROMPT)
        await until(lambda: state(device, 3)["state"] == "Ready")


async def test_a_removed_member_is_missed_but_shown(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[STACK]
        device.set_fault("member_removed=4")
        device.reload("Reload Command", "test")
        await until_boot(device)
        async with shell(lab, STACK) as cli:
            assert "4        Member   0000.0000.0000     12     0       Removed" in await cli.run("show switch")
            assert "flash-4:" not in await cli.run("show file systems")


async def test_a_boot_variable_that_names_the_image_ends_in_bundle_mode_and_install_converts_back(
    tmp_path: Path,
) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[ONE]
        await send(lab, ONE, "flash", C9K_NEW)
        await send(lab, ONE, "flash", C9K_NEWER)
        async with shell(lab, ONE) as cli:
            for line in ("configure terminal", "no boot system", f"boot system flash:{C9K_NEW}", "end", "write memory"):
                await cli.run(line)
        device.reload("Reload Command", "test")
        await until_boot(device)
        newer = f"install add file flash:{C9K_NEWER} activate commit"
        async with shell(lab, ONE) as cli:
            assert "BUNDLE" in await cli.run("show version")
            await cli.run(newer, r"changed boot config to flash:packages.conf \[y/n\] $")
            assert "FAILED: install_add_activate_commit" in await answer(cli, "n", PROMPT)
            for line in ("configure terminal", "no boot system", "boot system flash:packages.conf", "end"):
                await cli.run(line)
            await cli.run("write memory", r"\[confirm\]$")
            cli.type("\n")
            await cli.until(PROMPT)
            await cli.run(newer, Y_N)
            await answer(cli, "y", Y_N)
            await answer(cli, "y", PROMPT)
        await until_boot(device, 2)
        assert (device.running_software.xe_version, device.running_path) == ("17.09.05", "flash:packages.conf")


async def test_an_issu_of_a_virtual_pair_switches_over_and_commits(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[SVL]
        await send(lab, SVL, "flash", C9K_NEWER)
        async with shell(lab, SVL) as cli:
            assert "No ISSU operation is in progress" in await cli.run("show issu state detail")
            await cli.run(f"install add file flash:{C9K_NEWER} activate issu commit", Y_N)
            assert "STAGE 2: Restarting Standby" in await answer(cli, "y", PROMPT)
            assert "ISSU operation is in progress" in await cli.run("show issu state detail | include operation")
            with pytest.raises(EOFError):
                await cli.until("NEVER")
        await until(lambda: "install_commit" in events(lab, SVL, "install"))
        assert device.counters["reloads"] == 0
        assert device.counters["switchovers"] == 1
        assert [state(device, number)["role"] for number in (1, 2)] == ["standby", "active"]
        assert {state(device, number)["version"] for number in (1, 2)} == {"17.09.05"}
        async with shell(lab, SVL) as cli:
            assert "flash: bootflash: flash-2:" in await cli.run("show file systems")


@pytest.mark.parametrize("fault", ["standby_cold", "issu_fails"])
async def test_an_issu_is_refused_when_the_standby_is_not_hot_or_the_images_do_not_fit(
    tmp_path: Path, fault: str
) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[SVL]
        device.set_fault(fault)
        await send(lab, SVL, "flash", C9K_NEWER)
        async with shell(lab, SVL) as cli:
            text = await cli.run(f"install add file flash:{C9K_NEWER} activate issu commit prompt-level none")
        assert "FAILED: install_add_activate_commit" in text
        assert device.counters.get("installs", 0) == 0


async def test_a_full_member_is_named_in_the_refusal(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        lab.devices[STACK].set_fault("member_full=2")
        await send(lab, STACK, "flash", C9K_NEW)
        async with shell(lab, STACK) as cli:
            row = next(line for line in (await cli.run("show file systems")).split("\n") if "flash-2:" in line)
            assert row.split()[1] == "0"
            text = await cli.run(ADD)
        assert "[2] Switch 2 FAILED: /flash requires " in text
        assert "but only 0 KB is available" in text


async def test_request_platform_installs_on_a_switch_of_16_6(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "mixed") as lab:
        name, device = "br-oak-30", lab.devices["br-oak-30"]
        image = "cat3k_caa-universalk9.16.12.11.SPA.bin"
        lead = "request platform software package"
        await send(lab, name, "flash", image)
        async with shell(lab, name) as cli:
            assert "No rollback file found" in await cli.run(f"{lead} install switch all rollback on-reboot auto-copy")
            text = await cli.run(f"{lead} install switch all file flash:{image} auto-copy")
            assert "SUCCESS: Software provisioned.  New software will load on reboot." in text
            await cli.run("reload", r"\[confirm\]$")
            cli.type("\n")
            await cli.until("SYS-5-RELOAD")
        await until_boot(device)
        assert device.running_software.xe_version == "16.12.11"
        async with shell(lab, name) as cli:
            await cli.run(f"{lead} clean switch all", Y_N)
            assert "SUCCESS: Files deleted." in await answer(cli, "y", PROMPT)
        assert not [file for file in files(device, "flash-2") if "16.06.02s" in file]
        assert C9K_OLD not in files(device, "flash")


async def test_a_cut_session_leaves_a_question_unanswered_and_nothing_activated(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[ONE]
        await send(lab, ONE, "flash", C9K_NEW)
        device.set_fault("drop_in_install*1")
        async with shell(lab, ONE) as cli:
            with pytest.raises(EOFError):
                await cli.run(f"{ADD} activate commit", "NEVER")
        await until(lambda: device.details["install"]()["added"] == ["17.06.07"])
        await until(lambda: device.details["install"]()["operation"] == "")
        assert device.counters.get("installs", 0) == 0
        assert device.phase.value == "up"


async def test_a_cut_session_without_questions_still_installs_exactly_once(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story7") as lab:
        device = lab.devices[ONE]
        await send(lab, ONE, "flash", C9K_NEW)
        device.set_fault("drop_in_install*1")
        async with shell(lab, ONE) as cli:
            with pytest.raises(EOFError):
                await cli.run(f"{ADD} activate commit prompt-level none", "NEVER")
        await until_boot(device)
        assert device.running_software.xe_version == "17.06.07"
        assert (device.counters["installs"], device.counters["reloads"]) == (1, 1)
