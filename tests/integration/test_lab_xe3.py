"""Catalyst 3850 on 3.x: software install, its refusals, rollback, clean, and the way from bundle to install mode."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.unit.lab.labkit import PROMPT, running_lab, shell, until_phase
from tests.unit.lab.unitkit import (
    C3850_16,
    C3850_NEW,
    C3850_OLD,
    YES_NO,
    answer,
    events,
    files,
    send,
    state,
    until,
    until_boot,
)

ONE, STACK, SHORT = "la-acc-09", "la-acc-08", "la-acc-07"


async def test_a_stack_installs_on_all_members_and_comes_back_new(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story5") as lab:
        device = lab.devices[STACK]
        await send(lab, STACK, "flash", C3850_NEW)
        async with shell(lab, STACK) as cli:
            text = await cli.run(f"software install file flash:{C3850_NEW}", YES_NO)
            assert "[1]: Copying software from active switch 1 to switch 2" in text
            assert "[1 2]: Committing provisioning file" in text
            assert "Please answer 'yes' or 'no'" in await answer(cli, "maybe", YES_NO)
            await answer(cli, "yes", "Reloading")
        await until_boot(device)
        async with shell(lab, STACK) as cli:
            version = await cli.run("show version")
            assert "Version 03.07.03E RELEASE" in version
            assert 'System image file is "flash:packages.conf"' in version
            assert version.count("03.07.03E         cat3k_caa-universalk9  INSTALL") == 2
        assert device.counters["installs"] == device.counters["reloads"] == 1
        assert events(lab, STACK, "install") == [f"software install file flash:{C3850_NEW}"]
        assert {name for name in files(device, "flash-2") if "03.07.03E" in name}


async def test_answering_no_leaves_the_new_software_for_the_next_reload(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story5") as lab:
        device = lab.devices[STACK]
        await send(lab, STACK, "flash", C3850_NEW)
        async with shell(lab, STACK) as cli:
            await cli.run(f"software install file flash:{C3850_NEW}", YES_NO)
            await answer(cli, "no", PROMPT)
            assert device.phase.value == "up"
        device.reload("Reload Command", "test")
        await until_boot(device)
        assert device.running_software.xe_version == "03.07.03E"


async def test_a_member_without_room_stops_the_install_with_its_figures(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story5") as lab:
        device = lab.devices[SHORT]
        await send(lab, SHORT, "flash", C3850_NEW)
        async with shell(lab, SHORT) as cli:
            text = await cli.run(f"software install file flash:{C3850_NEW}")
        assert "[2]: % flash: requires " in text
        assert "Operation aborted." in text
        assert device.counters.get("installs", 0) == 0
        assert not [name for name in files(device, "flash") if name.endswith("03.07.03E.pkg")]


@pytest.mark.parametrize(
    ("cause", "text"),
    [("compat", "package dependencies were not satisfied"), ("space", "KB of free space"), ("odd", "internal error")],
)
async def test_each_cause_of_a_failing_install_can_be_switched_on(tmp_path: Path, cause: str, text: str) -> None:
    async with running_lab(tmp_path, "story5") as lab:
        device = lab.devices[STACK]
        device.set_fault(f"install_fails={cause}")
        await send(lab, STACK, "flash", C3850_NEW)
        async with shell(lab, STACK) as cli:
            assert text in await cli.run(f"software install file flash:{C3850_NEW}")
        assert device.counters.get("installs", 0) == 0
        assert events(lab, STACK, "install") == []


async def test_the_broken_twin_is_refused(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story5") as lab:
        await send(lab, STACK, "flash", C3850_NEW, broken=True)
        async with shell(lab, STACK) as cli:
            assert "package dependencies were not satisfied" in await cli.run(
                f"software install file flash:{C3850_NEW}"
            )


async def test_sixteen_needs_new_force_and_then_speaks_another_language(tmp_path: Path) -> None:
    network = tmp_path / "net.yaml"
    data = Path(__file__).resolve().parents[2] / "data" / "lab"
    network.write_text(
        f"include: [{data}/software/c3850.yaml, {data}/software/c3850-16.yaml]\n"
        f"devices:\n  - {{name: one, address: 10.0.0.1, platform: c3850, running: {C3850_OLD}}}\n"
    )
    async with running_lab(tmp_path / "lab", network, mode="own") as lab:
        device = lab.devices["one"]
        await send(lab, "one", "flash", C3850_16)
        async with shell(lab, "one") as cli:
            assert "dependencies were not satisfied" in await cli.run(f"software install file flash:{C3850_16}")
            assert "% Invalid input" in await cli.run("install commit")
            await cli.run(f"software install file flash:{C3850_16} new force", YES_NO)
            assert device.extra_boot_s() == 400
            await answer(cli, "yes", "Reloading")
        await until_boot(device)
        async with shell(lab, "one") as cli:
            assert "Cisco IOS XE Software, Version 16.12.11" in await cli.run("show version")
            assert "IMG   C    16.12.11.0." in await cli.run("show install summary")
            assert "% Invalid input" in await cli.run("software commit")


async def test_an_uncommitted_auto_rollback_returns_to_the_old_release(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story5") as lab:
        device = lab.devices[STACK]
        await send(lab, STACK, "flash", C3850_NEW)
        async with shell(lab, STACK) as cli:
            text = await cli.run(f"software install file flash:{C3850_NEW} auto-rollback 5", YES_NO)
            assert "Setting rollback timer to 5 minutes" in text
            await answer(cli, "yes", "Reloading")
        await until_boot(device)
        assert device.running_software.xe_version == "03.07.03E"
        async with shell(lab, STACK) as cli:
            assert "1        active     00:00:0" in await cli.run("show software installer rollback-timer")
        await until_boot(device, 2)
        assert device.running_software.xe_version == "03.06.03E"


async def test_a_commit_stops_the_rollback_timer(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story5", scale=200) as lab:
        device = lab.devices[STACK]
        device.set_fault("auto_abort_after=300")
        await send(lab, STACK, "flash", C3850_NEW)
        async with shell(lab, STACK) as cli:
            await cli.run(f"software install file flash:{C3850_NEW} auto-rollback 10", YES_NO)
            await answer(cli, "yes", "Reloading")
        await until_boot(device)
        async with shell(lab, STACK) as cli:
            assert "Finished committing software changes." in await cli.run("software commit")
            assert "1        inactive   -" in await cli.run("show software installer rollback-timer")
        await asyncio.sleep(1.6)
        assert (device.counters["boots"], device.running_software.xe_version) == (1, "03.07.03E")


async def test_auto_upgrade_brings_a_mismatched_member_to_the_version_of_the_active(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story5") as lab:
        device = lab.devices[STACK]
        await send(lab, STACK, "flash", C3850_NEW)
        device.set_fault("v_mismatch=2*1")
        async with shell(lab, STACK) as cli:
            await cli.run(f"software install file flash:{C3850_NEW} on-reboot")
            text = await cli.run("reload", r"\[confirm\]$")
            assert "this will reload the whole stack\nProceed with reload? [confirm]" in text
            cli.type("\n")
            await cli.until("SYS-5-RELOAD")
        await until_boot(device)
        await until(lambda: state(device, 2)["state"] == "V-Mismatch")
        async with shell(lab, STACK) as cli:
            assert "completed for switch 2" in await cli.run("software auto-upgrade")
            assert "No switches need an upgrade" in await cli.run("software auto-upgrade")
        await until(lambda: state(device, 2)["state"] == "Ready")


async def test_a_rollback_goes_back_and_clean_makes_that_impossible(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story5") as lab:
        device = lab.devices[STACK]
        await send(lab, STACK, "flash", C3850_NEW)
        async with shell(lab, STACK) as cli:
            await cli.run(f"software install file flash:{C3850_NEW} on-reboot")
            await cli.run("software rollback", YES_NO)
            await answer(cli, "yes", "Reloading")
        await until_boot(device)
        assert device.running_software.xe_version == "03.06.03E"
        async with shell(lab, STACK) as cli:
            text = await cli.run("software clean", YES_NO)
            assert "File is in use, will not delete." in text
            assert C3850_NEW in text.partition("Files that will be deleted:")[2]
            assert "Clean up completed" in await answer(cli, "yes", PROMPT)
            assert "missing. Operation aborted." in await cli.run("software rollback")
        assert C3850_NEW not in files(device, "flash")
        assert "packages.conf" in files(device, "flash-2")


async def test_deleting_a_running_package_makes_the_switch_unbootable(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story1") as lab:
        device = lab.devices["la-acc-01"]
        async with shell(lab, "la-acc-01") as cli:
            await cli.run("delete /force flash:cat3k_caa-base.SPA.03.06.03E.pkg")
        device.reload("Reload Command", "test")
        await until_phase(device, "loader")


async def test_bundle_mode_refuses_install_and_expand_converts_it(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story5") as lab:
        device = lab.devices[ONE]
        await send(lab, ONE, "flash", C3850_NEW)
        async with shell(lab, ONE) as cli:
            assert "BUNDLE" in await cli.run("show version")
            assert "consolidated:packages.conf" in await cli.run("show version running")
            assert "is not booted via packages" in await cli.run(f"software install file flash:{C3850_NEW}")
            assert "Finished expanding bundle" in await cli.run("software expand running to flash:")
            await cli.run("configure terminal")
            await cli.run("no boot system switch all")
            await cli.run("boot system switch all flash:packages.conf")
            await cli.run("end")
            await cli.run("write memory")
            boot = await cli.run("show boot")
            assert f"BOOT variable = flash:{C3850_OLD};" in boot.partition("next reload")[0]
            assert "BOOT variable = flash:packages.conf;" in boot.partition("next reload")[2]
        device.reload("Reload Command", "test")
        await until_boot(device)
        async with shell(lab, ONE) as cli:
            assert "INSTALL" in await cli.run("show version | include cat3k_caa-universalk9 ")


async def test_the_work_goes_on_when_the_session_is_cut(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story5") as lab:
        device = lab.devices[STACK]
        await send(lab, STACK, "flash", C3850_NEW)
        device.set_fault("drop_in_install*1")
        async with shell(lab, STACK) as cli:
            with pytest.raises(EOFError):
                await cli.run(f"software install file flash:{C3850_NEW} on-reboot", "NEVER")
        await until(lambda: device.counters.get("installs", 0) == 1)
        assert "cat3k_caa-base.SPA.03.07.03E.pkg" in files(device, "flash-2")
        assert state(device, 2)["version"] == "03.06.03E"
