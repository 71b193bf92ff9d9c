"""`show version` of every operating system."""

from __future__ import annotations

import device_samples as sample
import pytest

from swim_tui.model.facts import BootMode, OsKind
from swim_tui.parse import parse_show_version


def test_an_asr_1002_says_xe_form_ios_train_memory_flash_and_pending_register() -> None:
    v = parse_show_version(sample.ASR1002)
    assert (v.os, v.version, v.ios_version) == (OsKind.IOS_XE, "03.13.05.S", "15.4(3)S5")
    assert (v.family, v.feature_set) == ("PPC_LINUX_IOSD", "ADVENTERPRISEK9")
    assert v.image_file == "bootflash:/asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.SPA.bin"
    assert v.ram_bytes == 4194304 * 1024
    assert v.flash_bytes == 7798783 * 1024
    assert (v.config_register, v.config_register_next) == ("0x2102", "0x2142")
    assert (v.pid, v.serial, v.hostname) == ("ASR1002", "FOX1445G00A", "edge-1")
    assert v.uptime_s == 3 * 604800 + 2 * 86400 + 4 * 3600 + 51 * 60
    assert v.restarted == "21:57:31 UTC Fri Oct 9 2026"
    assert v.reload_reason == "Reload Command"
    assert v.mode is BootMode.BUNDLE
    assert v.rommon == ""


def test_an_isr_4331_says_both_spellings_of_its_version() -> None:
    v = parse_show_version(sample.ISR4331)
    assert (v.version, v.ios_version, v.pid) == ("16.06.04", "16.6.4", "ISR4331/K9")
    assert v.uptime_s == 31_536_000 + 51 * 604800 + 2 * 86400 + 41 * 60
    assert v.reload_reason == "PowerOn"
    assert v.flash_bytes == 3207167 * 1024


def test_a_2960_has_no_flash_line_but_a_boot_loader_version() -> None:
    v = parse_show_version(sample.C2960)
    assert (v.os, v.version, v.family, v.pid) == (OsKind.IOS, "15.0(2)SE9", "C2960", "WS-C2960-24TT-L")
    assert v.flash_bytes is None
    assert v.ram_bytes == 65536 * 1024
    assert v.rommon == "12.2(53r)SEY4"
    assert v.reload_reason == "power-on"
    assert [m.number for m in v.members] == [1]


def test_a_stack_has_a_version_and_serial_for_each_member() -> None:
    v = parse_show_version(sample.C2960X_STACK)
    assert [(m.number, m.role, m.version, m.serial) for m in v.members] == [
        (1, "", "15.2(7)E7", "FOC1900B002"),
        (2, "Active", "15.2(7)E7", "FOC1900A001"),
    ]
    assert v.restarted == ""
    assert v.mode is BootMode.BUNDLE


def test_an_isr_g2_adds_main_and_io_memory() -> None:
    v = parse_show_version(sample.C2911)
    assert v.ram_bytes == (483328 + 40960) * 1024
    assert v.flash_bytes == 255488 * 1024
    assert (v.version, v.rommon, v.pid, v.uptime_s) == ("15.1(4)M4", "15.0(1r)M16", "CISCO2911/K9", 0)


def test_an_xe_3_switch_has_one_version_line_and_tells_the_mode_of_its_members() -> None:
    v = parse_show_version(sample.C3850)
    assert (v.os, v.version, v.family) == (OsKind.IOS_XE, "03.06.07E", "CAT3K_CAA")
    assert v.mode is BootMode.INSTALL
    assert [m.version for m in v.members] == ["03.06.07E", "03.06.05E"]
    assert v.flash_bytes == 1609272 * 1024


def test_a_nexus_says_version_image_chassis_and_memory() -> None:
    v = parse_show_version(sample.N9K)
    assert (v.os, v.version, v.family, v.pid) == (OsKind.NXOS, "9.3(10)", "Nexus9000", "C93180YC-EX")
    assert v.image_file == "bootflash:///nxos.9.3.10.bin"
    assert (v.ram_bytes, v.flash_bytes) == (24632256 * 1024, 53298520 * 1024)
    assert v.uptime_s == 49 * 86400 + 10 * 3600 + 45 * 60 + 34
    assert v.hostname == "leaf-11"


def test_xr_32_bit_is_not_taken_for_ios() -> None:
    v = parse_show_version(sample.XR32)
    assert (v.os, v.version, v.family, v.hostname) == (OsKind.IOS_XR, "6.1.4", "ASR9K", "pe-1")
    assert v.ram_bytes == 6291456 * 1024
    assert v.config_register == "0x1922"
    assert v.uptime_s == 5 * 3600 + 14 * 60


def test_xr7_has_neither_image_file_nor_register() -> None:
    v = parse_show_version(sample.XR7)
    assert (v.os, v.version, v.family, v.image_file) == (OsKind.IOS_XR, "7.9.2", "8000", "")
    assert v.ram_bytes == 32 * 1024**3


@pytest.mark.parametrize(
    "image", ["IOS (tm) C2600 Software (C2600-IPBASE-M), Version 12.3(6f), RELEASE SOFTWARE (fc1)"]
)
def test_the_banner_of_the_nineties_is_ios_too(image: str) -> None:
    v = parse_show_version(f"Cisco Internetwork Operating System Software\n{image}\n")
    assert (v.os, v.version, v.family) == (OsKind.IOS, "12.3(6f)", "C2600")


def test_early_xe_3_takes_its_version_from_the_running_file_when_the_ios_train_agrees() -> None:
    text = sample.ASR1002.replace("Cisco IOS XE Software, Version 03.13.05.S - Extended Support Release\n", "")
    assert parse_show_version(text).version == "03.13.05.S"
    renamed = text.replace("03.13.05.S.154-3.S5", "03.13.04.S.154-3.S4")
    v = parse_show_version(renamed)
    assert (v.version, v.ios_version) == ("15.4(3)S5", "15.4(3)S5")


def test_an_engineering_build_keeps_its_odd_version() -> None:
    text = (
        "Cisco IOS Software, C2900 Software (C2900-UNIVERSALK9-M), Experimental Version 15.6(20160119:1148) [x 101]\n"
    )
    assert parse_show_version(text).version == "15.6(20160119:1148)"


def test_syslog_paging_escapes_prompts_and_timestamps_do_not_disturb() -> None:
    noisy = sample.ASR1002.replace(
        "ROM: IOS-XE ROMMON",
        "*Nov  3 10:00:01.123: %SYS-5-CONFIG_I: Configured from console by jane on vty1\nROM: IOS-XE ROMMON",
    )
    noisy = noisy.replace(
        "License Level", " --More-- \x08\x08\x08\x08\x08\x08\x08\x08\x08        \x08\x08\x08\x08License Level"
    )
    noisy = (
        "edge-1#show version\r\nLoad for five secs: 2%/0%; one minute: 1%; five minutes: 1%\r\n"
        "Time source is NTP, 05:47:45.686 UTC Tue Nov 3 2026\r\n\r\n" + noisy.replace("\n", "\r\n") + "\x1b[Kedge-1#"
    )
    assert parse_show_version(noisy) == parse_show_version(sample.ASR1002)


@pytest.mark.parametrize("text", ["", "\x00\xff", sample.REFUSED, "no such thing", sample.DIR_BOOTFLASH])
def test_what_is_no_show_version_is_unknown(text: str) -> None:
    v = parse_show_version(text)
    assert v.os is OsKind.UNKNOWN
    assert v.version == ""
