"""Chassis with two processors: ISSU of 4500 and ASR1006, packages of ASR903, and a router in install mode."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.lab.labkit import PROMPT, Cli, running_lab, shell, until_phase
from tests.unit.lab.unitkit import CONFIRM, Y_N, answer, events, files, send, state, until, until_boot

NET = "data/lab/parts/chassis.yaml"
FOUR, ASR, SMALL, EDGE = "cat4507-01", "asr1006-dc-01", "asr903-01", "c8300-01"
OLD_4 = "cat4500es8-universalk9.SPA.03.07.01.E.152-3.E1.bin"
NEW_4 = "cat4500es8-universalk9.SPA.03.08.06.E.152-4.E6.bin"
NEW_ASR = "asr1000rp2-ipbasek9.03.13.00.S.154-3.S-ext.bin"
PLAIN_ASR = "asr1000rp2-ipbase.03.13.00.S.154-3.S-ext.bin"
NEW_903 = "asr903rsp1-universalk9_npe.03.16.04b.S.155-3.S4b-ext.bin"
NEW_8300 = "c8000be-universalk9.17.09.05.SPA.bin"
LOAD = f"issu loadversion 3 bootflash:{NEW_4} 4 slavebootflash:{NEW_4}"


def hot(device: object, number: int) -> bool:
    return bool(state(device, number)["state"] == "Ready")  # type: ignore[arg-type]


async def dropped(cli: Cli) -> str:
    with pytest.raises(EOFError) as caught:
        await cli.until("NEVER")
    return str(caught.value)


async def both(tmp_lab: object, name: str, prefixes: tuple[str, str], file: str) -> None:
    for prefix in prefixes:
        await send(tmp_lab, name, prefix, file)  # type: ignore[arg-type]


async def load_and_run(lab: object, cli: Cli) -> None:
    device = lab.devices[FOUR]  # type: ignore[attr-defined]
    assert "%issu loadversion executed successfully, Standby is being reloaded" in await cli.run(LOAD)
    await until(lambda: hot(device, 4))
    await cli.run(f"issu runversion 4 slavebootflash:{NEW_4}", r"Proceed \? \[confirm\]$")
    cli.type("\n")
    await dropped(cli)
    await until_boot(device)


async def test_a_4500_upgrades_in_four_steps_without_a_reload_of_the_chassis(tmp_path: Path) -> None:
    async with running_lab(tmp_path, NET) as lab:
        device = lab.devices[FOUR]
        await both(lab, FOUR, ("bootflash", "slavebootflash"), NEW_4)
        async with shell(lab, FOUR) as cli:
            assert "ISSU State = Init" in await cli.run("show issu state detail")
            await load_and_run(lab, cli)
        async with shell(lab, FOUR) as cli:
            text = await cli.run("show issu state detail")
            assert text.index("Slot = 4") < text.index("Slot = 3")
            assert "ISSU State = Run Version" in text
            assert "Rollback Process State = In progress" in await cli.run("show issu rollback-timer")
            assert "Version 03.08.06E" in await cli.run("show version")
            await cli.run(f"issu acceptversion 4 bootflash:{NEW_4}")
            assert "Not in progress" in await cli.run("show issu rollback-timer")
            await until(lambda: hot(device, 3))
            assert "[OK]" in await cli.run(f"issu commitversion 3 slavebootflash:{NEW_4}")
            assert "ISSU State = Init" in await cli.run("show issu state detail")
            assert f"BOOT variable = bootflash:{NEW_4},1;bootflash:{OLD_4},1;" in await cli.run("show bootvar")
        await until(lambda: hot(device, 3))
        assert {state(device, number)["version"] for number in (3, 4)} == {"03.08.06E"}
        assert (device.counters["reloads"], device.counters["switchovers"], device.counters["installs"]) == (0, 1, 1)
        assert [line.split()[1] for line in events(lab, FOUR, "install")] == [
            "loadversion",
            "runversion",
            "acceptversion",
            "commitversion",
        ]


async def test_an_issu_that_nobody_accepts_ends_on_the_old_version(tmp_path: Path) -> None:
    async with running_lab(tmp_path, NET) as lab:
        device = lab.devices[FOUR]
        await both(lab, FOUR, ("bootflash", "slavebootflash"), NEW_4)
        async with shell(lab, FOUR) as cli:
            await cli.run("configure terminal")
            await cli.run("issu set rollback-timer 00:10:00")
            await cli.run("end")
            await load_and_run(lab, cli)
        assert device.running_software.xe_version == "03.08.06E"
        await until_boot(device, 2)
        assert device.running_software.xe_version == "03.07.01E"
        assert device.counters["switchovers"] == 2
        assert "issu rollback timer expired" in events(lab, FOUR, "install")


async def test_abort_goes_back_from_either_state(tmp_path: Path) -> None:
    async with running_lab(tmp_path, NET) as lab:
        device = lab.devices[FOUR]
        await both(lab, FOUR, ("bootflash", "slavebootflash"), NEW_4)
        async with shell(lab, FOUR) as cli:
            await cli.run(LOAD)
            await cli.run("issu abortversion 3")
            assert "ISSU State = Init" in await cli.run("show issu state detail")
            await until(lambda: hot(device, 4))
            assert state(device, 4)["version"] == "03.07.01E"
            await load_and_run(lab, cli)
        await until(lambda: hot(device, 3))
        async with shell(lab, FOUR) as cli:
            cli.type("issu abortversion 4\n")
            await dropped(cli)
        await until_boot(device, 2)
        await until(lambda: hot(device, 4))
        assert {state(device, number)["version"] for number in (3, 4)} == {"03.07.01E"}


async def test_changeversion_does_all_by_itself(tmp_path: Path) -> None:
    async with running_lab(tmp_path, NET) as lab:
        device = lab.devices[FOUR]
        await both(lab, FOUR, ("bootflash", "slavebootflash"), NEW_4)
        async with shell(lab, FOUR) as cli:
            assert "executed successfully" in await cli.run(f"issu changeversion bootflash:{NEW_4}")
        await until(lambda: "issu commitversion" in events(lab, FOUR, "install"))
        await until(lambda: hot(device, 3))
        assert {state(device, number)["version"] for number in (3, 4)} == {"03.08.06E"}


@pytest.mark.parametrize(
    ("fault", "text"), [("standby_cold", "% Standby not ready for switchover."), ("issu_fails=loadversion", "failed")]
)
async def test_loadversion_is_refused_when_it_cannot_work(tmp_path: Path, fault: str, text: str) -> None:
    async with running_lab(tmp_path, NET) as lab:
        device = lab.devices[FOUR]
        device.set_fault(fault)
        await both(lab, FOUR, ("bootflash", "slavebootflash"), NEW_4)
        async with shell(lab, FOUR) as cli:
            assert text in await cli.run(LOAD)
            assert "% ISSU state is not Load Version" in await cli.run("issu runversion")
        assert device.counters.get("installs", 0) == 0


async def test_loadversion_needs_the_image_on_both_supervisors(tmp_path: Path) -> None:
    async with running_lab(tmp_path, NET) as lab:
        await send(lab, FOUR, "bootflash", NEW_4)
        async with shell(lab, FOUR) as cli:
            assert "(No such file or directory)" in await cli.run(LOAD)


async def test_an_asr_upgrades_its_processors_one_after_the_other(tmp_path: Path) -> None:
    async with running_lab(tmp_path, NET) as lab:
        device = lab.devices[ASR]
        await both(lab, ASR, ("bootflash", "stby-bootflash"), NEW_ASR)
        async with shell(lab, ASR) as cli:
            assert "No ISSU operation is in progress" in await cli.run("show issu state detail")
            text = await cli.run(f"issu loadversion rp 1 file stby-bootflash:{NEW_ASR}")
            assert "--- Starting local lock acquisition on R0 ---" in text
            assert "SUCCESS" in text
            detail = await cli.run("show issu state detail")
            assert "Slot being modified: R1" in detail
            assert "Rollback: automatic, remaining time before rollback: 00:00:0" in detail
            assert "terminal state not reached" in detail
            await until(lambda: hot(device, 1))
            cli.type("issu runversion\n")
            await dropped(cli)
        await until_boot(device)
        async with shell(lab, ASR) as cli:
            assert "Version 03.13.00.S" in await cli.run("show version")
            await cli.run("issu acceptversion")
            assert "timer canceled by acceptversion" in await cli.run("show issu state detail")
            await until(lambda: hot(device, 0))
            assert "SUCCESS: issu commitversion finished" in await cli.run("issu commitversion")
            assert state(device, 0)["version"] == "03.09.02.S"
            await cli.run("hw-module slot R0 reload", CONFIRM)
            cli.type("\n")
            await cli.until(PROMPT)
        await until(lambda: hot(device, 0))
        assert state(device, 0)["version"] == "03.13.00.S"
        assert device.counters["reloads"] == 0


async def test_an_image_on_one_processor_only_leaves_the_other_one_behind(tmp_path: Path) -> None:
    async with running_lab(tmp_path, NET) as lab:
        device = lab.devices[ASR]
        await send(lab, ASR, "bootflash", NEW_ASR)
        async with shell(lab, ASR) as cli:
            assert "peer state = 8  -STANDBY HOT" in await cli.run("show redundancy states")
            for line in ("configure terminal", "no boot system", f"boot system bootflash:{NEW_ASR}", "end"):
                await cli.run(line)
            await cli.run("write memory")
            await cli.run("delete /force stby-bootflash:asr1000rp2-ipbasek9.03.09.02.S.153-2.S2.bin")
        device.reload("Reload Command", "test")
        await until_boot(device)
        async with shell(lab, ASR) as cli:
            assert "peer state = 1  -DISABLED" in await cli.run("show redundancy states")
            assert "Standby not ready to show bootvar" in await cli.run("show bootvar")
            assert "'DISABLED' state" in await cli.run("show redundancy")


async def test_an_image_without_crypto_boots_and_is_never_reached_again(tmp_path: Path) -> None:
    async with running_lab(tmp_path, NET) as lab:
        device = lab.devices[ASR]
        await both(lab, ASR, ("bootflash", "stby-bootflash"), PLAIN_ASR)
        async with shell(lab, ASR) as cli:
            for line in ("configure terminal", "no boot system", f"boot system bootflash:{PLAIN_ASR}", "end"):
                await cli.run(line)
            await cli.run("write memory")
        device.reload("Reload Command", "test")
        await until_phase(device, "loader")
        assert not device.is_listening()


async def test_a_forced_switchover_ends_the_session_and_swaps_the_names(tmp_path: Path) -> None:
    async with running_lab(tmp_path, NET) as lab:
        device = lab.devices[ASR]
        await send(lab, ASR, "stby-harddisk", NEW_ASR)
        async with shell(lab, ASR) as cli:
            await cli.run("redundancy force-switchover", CONFIRM)
            cli.type("\n")
            await dropped(cli)
        await until_boot(device)
        assert NEW_ASR in files(device, "harddisk")
        async with shell(lab, ASR) as cli:
            assert "% Standby not ready for switchover." in await cli.run("redundancy force-switchover")


async def test_an_asr903_upgrades_the_whole_node_in_stages(tmp_path: Path) -> None:
    async with running_lab(tmp_path, NET) as lab:
        device = lab.devices[SMALL]
        await send(lab, SMALL, "bootflash", NEW_903)
        line = f"request platform software package install node file bootflash:{NEW_903} interface-module-delay 160"
        async with shell(lab, SMALL) as cli:
            cli.type(f"{line}\n")
            text = await dropped(cli)
            for part in ("STAGE 1: Installing software on standby RP", "STAGE 2: Restarting standby RP", "STAGE 4:"):
                assert part in text
            assert "SUCCESS: node ISSU finished successfully." in text
        await until_boot(device)
        await until(lambda: hot(device, 0))
        assert {state(device, number)["version"] for number in (0, 1)} == {"03.16.04b.S"}
        assert (device.counters["installs"], device.counters["reloads"]) == (1, 0)


async def test_packages_of_one_processor_load_on_reboot_and_roll_back(tmp_path: Path) -> None:
    async with running_lab(tmp_path, NET) as lab:
        device = lab.devices[SMALL]
        lead = "request platform software package"
        await send(lab, SMALL, "bootflash", NEW_903)
        async with shell(lab, SMALL) as cli:
            assert "No rollback file found" in await cli.run(f"{lead} install rp 0 rollback on-reboot")
            text = await cli.run(f"{lead} expand file bootflash:{NEW_903} to bootflash:new/")
            assert "SUCCESS: Finished expanding all-in-one software package." in text
            for number in (0, 1):
                text = await cli.run(f"{lead} install rp {number} file bootflash:new/packages.conf")
                assert "SUCCESS: Software provisioned.  New software will load on reboot." in text
        device.reload("Reload Command", "test")
        await until_boot(device)
        assert device.running_software.xe_version == "03.16.04b.S"
        async with shell(lab, SMALL) as cli:
            for number in (0, 1):
                assert "SUCCESS" in await cli.run(f"{lead} install rp {number} rollback")
        device.reload("Reload Command", "test")
        await until_boot(device, 2)
        assert device.running_software.xe_version == "03.13.04.S"


async def test_a_bundle_refuses_package_installation(tmp_path: Path) -> None:
    async with running_lab(tmp_path, NET) as lab:
        await send(lab, ASR, "bootflash", NEW_ASR)
        async with shell(lab, ASR) as cli:
            text = await cli.run(f"request platform software package install rp 0 file bootflash:{NEW_ASR}")
        assert "SYSTEM IS NOT BOOTED VIA PACKAGE FILE" in text
        assert "FAILED:" in text


async def test_an_inner_success_line_does_not_save_a_failing_package_install(tmp_path: Path) -> None:
    async with running_lab(tmp_path, NET) as lab:
        lab.devices[SMALL].set_fault("install_fails=compat")
        await send(lab, SMALL, "bootflash", NEW_903)
        async with shell(lab, SMALL) as cli:
            text = await cli.run(f"request platform software package install rp 0 file bootflash:{NEW_903}")
        assert "SUCCESS: compat check finished" in text
        assert text.rindex("FAILED:") > text.rindex("SUCCESS:")


async def test_a_router_of_17_says_r0_where_a_switch_says_switch(tmp_path: Path) -> None:
    async with running_lab(tmp_path, NET) as lab:
        device = lab.devices[EDGE]
        await send(lab, EDGE, "bootflash", NEW_8300)
        async with shell(lab, EDGE) as cli:
            assert "[ R0 ] Installed Package(s) Information:" in await cli.run("show install summary")
            text = await cli.run(f"install add file bootflash:{NEW_8300} activate commit", Y_N)
            assert "Add package(s) on R0" in text
            assert "Add: Passed on [R0]" in text
            assert "/bootflash/c8000be-rpboot.17.09.05.SPA.pkg" in text
            await answer(cli, "y", PROMPT)
        await until_boot(device)
        assert device.running_software.xe_version == "17.09.05"
