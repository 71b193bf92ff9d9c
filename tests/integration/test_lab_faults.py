"""Faults and odd states of lab devices, switched from outside."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncssh
import pytest

from swim_tui.lab.faults import DEVICE_FAULTS
from tests.unit.lab.labkit import (
    ASR,
    LEGACY,
    NEW_ASR,
    OLD_ASR,
    PROMPT,
    login,
    push,
    running_lab,
    shell,
    until_phase,
)


async def test_a_full_flash_is_shown_and_refuses_the_first_byte(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        lab.devices[ASR].set_fault("flash_full")
        async with shell(lab) as cli:
            assert "(0 bytes free)" in await cli.run("dir bootflash:")
            row = next(line for line in (await cli.run("show file systems")).split("\n") if line.startswith("*"))
            assert row.split()[2] == "0"
        async with login(lab) as conn:
            assert b"No space left on device" in await push(conn, f"bootflash:{NEW_ASR}", b"x" * 1000)
        async with shell(lab) as cli:
            text = await cli.run(f"copy bootflash:{OLD_ASR} bootflash:copy.bin", r"\? $")
            cli.type("\n")
            text = await cli.until(PROMPT)
            assert "(Not enough space on device)" in text


async def test_the_scp_server_can_be_off_whatever_the_configuration_says(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        lab.devices[ASR].set_fault("scp_server_off")
        async with shell(lab) as cli:
            assert "ip scp server enable" in await cli.run("show running-config | include scp")
        async with login(lab) as conn:
            assert b"Administratively disabled." in await push(conn, "bootflash:x", b"abc")


async def test_a_dirty_configuration_asks_and_a_save_cleans_it(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        lab.devices[ASR].set_fault("dirty_config")
        async with shell(lab) as cli:
            await cli.run("reload", r"Save\? \[yes/no\]: $")
            cli.type("\x03")
            await cli.until(PROMPT)
            await cli.run("copy running-config startup-config", r"Destination filename \[startup-config\]\? $")
            cli.type("\n")
            assert "[OK]" in await cli.until(PROMPT)
            text = await cli.run("reload", r"\[confirm\]$")
            assert "Save?" not in text
            cli.type("\x03")
            await cli.until(PROMPT)


async def test_a_word_typed_at_the_file_name_question_is_a_file_name(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        await cli.run("copy running-config startup-config", r"\? $")
        cli.type("y\n")
        assert "%Error copying nvram:y (Invalid argument)" in await cli.until(PROMPT)


async def test_a_register_set_from_outside_is_shown_as_pending(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        lab.devices[ASR].set_fault("config_register_next=0x2142")
        async with shell(lab) as cli:
            pending = "Configuration register is 0x2102 (will be 0x2142 at next reload)"
            assert pending in await cli.run("show bootvar")
            lab.devices[ASR].clear_fault()
            assert pending not in await cli.run("show bootvar")


async def test_manual_boot_of_a_switch_can_be_set_seen_and_taken_back(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "story4", size_scale=20, mode="own") as lab:
        lab.devices["br-oak-02"].set_fault("manual_boot")
        async with shell(lab, "br-oak-02", **LEGACY) as cli:
            assert "Manual Boot         : yes" in await cli.run("show boot")
            lab.devices["br-oak-02"].clear_fault()
            await cli.run("configure terminal")
            await cli.run("boot manual")
            assert "Manual Boot         : yes" in await cli.run("do show boot")
            await cli.run("no boot manual")
            assert "Manual Boot         : no" in await cli.run("do show boot")


async def test_right_passwords_fail_for_a_while_after_a_boot_when_told_so(tmp_path: Path) -> None:
    async with running_lab(tmp_path, mode="own") as lab:
        device = lab.devices[ASR]
        device.set_fault("late_auth=200")
        device.reload("Reload Command", "test")
        await until_phase(device, "down")
        await until_phase(device, "up")
        with pytest.raises(asyncssh.Error):
            async with login(lab):
                pass
        await asyncio.sleep(0.5)
        async with login(lab):
            assert device.counters["failed_logins"] >= 1


async def test_ctrl_c_stops_a_long_verify(tmp_path: Path) -> None:
    async with running_lab(tmp_path, scale=0.1) as lab, shell(lab) as cli:
        cli.type(f"verify /md5 bootflash:{OLD_ASR}\n")
        await cli.until(r"\.\.\.")
        cli.type("\x03")
        text = await cli.until(PROMPT)
        assert "Done" not in text


async def test_a_long_line_is_shifted_and_marked_on_a_narrow_terminal(tmp_path: Path) -> None:
    line = "show running-config | include " + "a" * 60
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        assert "$" in (await cli.run(line)).split("\n")[0]
        await cli.run("terminal width 511")
        assert (await cli.run(line)).split("\n")[0] == line


async def test_an_unknown_word_can_stall_in_a_name_lookup(tmp_path: Path) -> None:
    network = tmp_path / "one.yaml"
    data = Path(__file__).resolve().parents[2] / "data" / "lab"
    network.write_text(
        f"include: [{data}/software/asr1000.yaml]\n"
        f"devices:\n  - {{name: one, address: 10.0.0.1, platform: asr1002, running: {OLD_ASR}, domain_lookup: true}}\n"
    )
    async with running_lab(tmp_path / "lab", network, mode="own") as lab, shell(lab, "one") as cli:
        text = await cli.run("shwo")
        assert 'Translating "shwo"...domain server (255.255.255.255)' in text
        assert "% Unknown command or computer name" in text


async def test_every_line_and_key_is_in_the_log(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        async with shell(lab) as cli:
            await cli.run("conf t")
            await cli.run("username bob password 0 hunter2")
            await cli.run("end")
            await cli.run("delete bootflash:tracelogs.494", r"\? $")
            cli.type("\n")
            await cli.until(r"\[confirm\]$")
            cli.type("n")
            await cli.until(PROMPT)
        log = lab.services.journal.path.read_text()
        for event, line in (
            ("config", "username bob password 0 ***"),
            ("line", "delete bootflash:tracelogs.494"),
            ("answer", ""),
            ("key", "n"),
        ):
            assert f'"event": "{event}", "line": "{line}"' in log
        assert "hunter2" not in log
        assert lab.devices[ASR].counters["changing_lines"] == 2


@pytest.mark.parametrize("name", sorted(DEVICE_FAULTS))
async def test_every_fault_can_be_set_shown_and_cleared(tmp_path: Path, name: str) -> None:
    async with running_lab(tmp_path, mode="own") as lab:
        device = lab.devices[ASR]
        device.set_fault(name)
        assert [text.partition("=")[0] for text in device.state()["faults"]] == [name]
        assert device.clear_fault(name) == [name]
        async with shell(lab) as cli:
            assert "uptime" in await cli.run("show version")
