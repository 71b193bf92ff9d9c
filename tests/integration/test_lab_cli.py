"""The CLI of lab devices over real SSH."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.lab.labkit import ASR, NEW_ASR, OLD_ASR, PROMPT, running_lab, shell, until_phase


async def test_typed_characters_are_echoed_and_the_prompt_follows(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        text = await cli.run("show clock")
        assert text.startswith("show clock\n")
        assert text.endswith(f"{ASR}#")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("sh ver", "Cisco IOS XE Software, Version 03.13.00.S"),
        ("sh bootv", "BOOT variable = bootflash:"),
        ("sh run | i ^boot system", "boot system bootflash:"),
        ("sh ver | c uptime", "Number of lines which match regexp = 1"),
        ("sh run | s interface GigabitEthernet0/0/0", " description uplink"),
        ("sh run | b ^line vty", "line vty 0 4\n transport input ssh"),
        ("term wid 511", ""),
        ("sh privi", "Current privilege level is 15"),
    ],
)
async def test_abbreviations_and_filters_are_understood(tmp_path: Path, typed: str, expected: str) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        text = await cli.run(typed)
        assert expected in text
        assert "%" not in text


async def test_wrong_lines_are_marked_like_ios_marks_them(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        assert '% Ambiguous command:  "re"' in await cli.run("re")
        assert "% Incomplete command." in await cli.run("show")
        text = await cli.run("show versoin")
        caret = next(line for line in text.split("\n") if line.strip() == "^")
        assert caret.index("^") == len(f"{ASR}#show vers")
        assert "% Invalid input detected at '^' marker." in text


async def test_an_exclude_filter_leaves_the_other_lines(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        text = await cli.run("show version | exclude image")
        assert "uptime is" in text
        assert "System image file" not in text


async def test_output_stops_after_a_screen_and_space_goes_on(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab, paging=True) as cli:
        cli.type("show running-config\n")
        first = await cli.until(" --More-- ")
        assert first.count("\r\n") == 24  # the echoed line and 23 lines of output
        cli.type(" ")
        second = await cli.until(" --More-- ")
        assert second.startswith("\b" * 9 + " " * 8 + "\b" * 9)
        cli.type("q")
        await cli.until(PROMPT)


async def test_return_at_more_shows_one_line(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab, paging=True) as cli:
        cli.type("show running-config\n")
        await cli.until(" --More-- ")
        cli.type("\n")
        assert (await cli.until(" --More-- ")).count("\r\n") == 1
        cli.type("q")
        await cli.until(PROMPT)


async def test_config_mode_cuts_the_host_name_to_twenty_characters(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        assert (await cli.run("conf t")).endswith(f"{ASR[:20]}(config)#")
        assert (await cli.run("interface GigabitEthernet0/0/1")).endswith("(config-if)#")
        assert "15" in await cli.run("do show privilege")
        cli.type("\x1a")
        assert (await cli.until(PROMPT)).endswith(f"{ASR}#")


async def test_a_confirm_takes_one_key_and_a_stray_newline_answers_the_next_question(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        await cli.run("delete bootflash:tracelogs.494", r"Delete filename \[tracelogs.494\]\? $")
        cli.type("\n")
        await cli.until(r"Delete bootflash:/tracelogs.494\? \[confirm\]$")
        cli.type("y\n")
        # The y has answered; the RETURN that came with it is an empty command line of its own.
        text = await cli.until(rf"{PROMPT[:-1]}\r\n.*#$")
        assert text.count(f"{ASR}#") == 2


async def test_a_stray_newline_confirms_a_reload_nobody_confirmed(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        cli.type("reload\n\n")
        await cli.until("Reload requested by admin on vty0")
        assert lab.devices[ASR].counters["reloads"] == 1


async def test_another_key_than_yes_aborts_a_reload(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        await cli.run("reload", r"\[confirm\]$")
        cli.type("n")
        await cli.until(PROMPT)
        await cli.run("reload", r"\[confirm\]$")
        cli.type("\x03")
        await cli.until(PROMPT)
        assert lab.devices[ASR].counters["reloads"] == 0


async def test_a_changed_configuration_asks_for_a_word_before_a_reload(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        await cli.run("conf t")
        await cli.run("logging buffered 8192")
        await cli.run("end")
        await cli.run("reload", r"System configuration has been modified. Save\? \[yes/no\]: $")
        cli.type("maybe\n")
        await cli.until(r"% Please answer 'yes' or 'no'.\r\n.*\[yes/no\]: $")
        cli.type("no\n")
        await cli.until(r"Proceed with reload\? \[confirm\]$")
        cli.type("n")
        await cli.until(PROMPT)
        assert lab.devices[ASR].is_dirty


async def test_the_enable_dialogue_hides_the_password_and_refuses_a_wrong_one(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        lab.devices[ASR].set_fault("privilege=1")
        async with shell(lab) as cli:
            assert "Current privilege level is 1" in await cli.run("show privilege")
            assert "% Invalid input" in await cli.run("show running-config")
            await cli.run("enable", "Password: $")
            cli.type("wrong\n")
            assert "wrong" not in await cli.until("Password: $")
            cli.type(f"{lab.services.credentials.enable}\n")
            assert (await cli.until(PROMPT)).endswith("#")
            lab.devices[ASR].set_fault("wrong_enable")
            await cli.run("disable")
            await cli.run("enable", "Password: $")
            cli.type("a\nb\nc\n")
            assert "% Bad secrets" in await cli.until(r">$")
        log = lab.services.journal.path.read_text()
        assert lab.services.credentials.enable not in log
        assert '"***"' in log


async def test_dir_knows_file_systems_files_and_what_is_missing(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        assert f"Directory of bootflash:/{OLD_ASR}" in await cli.run(f"dir bootflash:{OLD_ASR}")
        missing = await cli.run(f"dir bootflash:/{NEW_ASR}")
        assert f"%Error opening bootflash:/{NEW_ASR} (No such file or directory)" in missing
        boot = lab.devices[ASR].storage.systems[2]
        assert f"{boot.total} bytes total ({boot.free} bytes free)" in await cli.run("dir")
        assert "%Error opening slot0:" in await cli.run("dir slot0:")


async def test_delete_force_asks_nothing_and_frees_the_space(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        boot = lab.devices[ASR].storage.systems[2]
        free = boot.free
        await cli.run("delete /force bootflash:tracelogs.494")
        assert boot.free == free + 245760 // 200
        text = await cli.run("delete /force bootflash:tracelogs.494")
        assert "%Error deleting bootflash:/tracelogs.494 (No such file or directory)" in text


async def test_a_reload_can_be_scheduled_and_cancelled(tmp_path: Path) -> None:
    async with running_lab(tmp_path, scale=1) as lab, shell(lab) as cli:
        await cli.run("reload in 5", r"\[confirm\]$")
        cli.type("\n")
        await cli.until(PROMPT)
        assert "Reload scheduled for" in await cli.run("show reload")
        assert "SHUTDOWN ABORTED" in await cli.run("reload cancel")
        assert "No reload is scheduled" in await cli.run("show reload")


async def test_a_saved_configuration_of_another_release_asks_before_it_is_overwritten(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab:
        device = lab.devices[ASR]
        device.startup_version = "15.1(1)S"
        async with shell(lab) as cli:
            await cli.run("write memory", r"Overwrite the previous NVRAM configuration\?\[confirm\]$")
            cli.type("\n")
            assert "[OK]" in await cli.until(PROMPT)
        assert device.startup_version == "15.4(3)S"


async def test_syslog_may_land_in_the_middle_of_an_output_and_after_the_prompt(tmp_path: Path) -> None:
    network = tmp_path / "noisy.yaml"
    network.write_text(NOISY)
    async with running_lab(tmp_path / "lab", network) as lab, shell(lab, "noisy") as cli:
        text = await cli.run("show version")
        lines = text.split("\n")
        at = next(number for number, line in enumerate(lines) if "%SEC_LOGIN-5" in line)
        assert 3 < at < len(lines) - 3
        assert text.startswith("show version\nLoad for five secs:")
        await cli.run("conf t")
        cli.type("end\n")
        await cli.until(r"#\r\n\*.*%SYS-5-CONFIG_I: Configured from console by admin on vty0")


async def test_a_question_mark_lists_what_may_follow_and_keeps_the_line(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        cli.type("show boot?")
        text = await cli.until(r"#show boot$")
        assert "  boot\r\n  bootvar\r\n" in text
        cli.type("var\n")
        assert "BOOT variable" in await cli.until(PROMPT)


async def test_a_hanging_command_never_answers(tmp_path: Path) -> None:
    async with running_lab(tmp_path) as lab, shell(lab) as cli:
        lab.devices[ASR].set_fault("hang_in_command=verify")
        assert "03.13.00.S" in await cli.run("show version")
        cli.type(f"verify /md5 bootflash:{OLD_ASR}\n")
        assert "Done" not in await cli.nothing_comes()
        lab.devices[ASR].reload("Reload Command", "test")
        await until_phase(lab.devices[ASR], "up")


NOISY = """
name: noisy
include: [{data}/software/asr1000.yaml]
jumps: [{{name: jump-sf, address: 10.0.0.1}}]
devices:
  - name: noisy
    address: 10.9.9.9
    platform: asr1002
    running: {old}
    jump: [jump-sf]
    syslog_noise: true
    exec_timestamp: true
""".format(data=Path(__file__).resolve().parents[2] / "data" / "lab", old=OLD_ASR)
