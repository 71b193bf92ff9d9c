"""Boot variables, forms A to D and NX-OS."""

from __future__ import annotations

import device_samples as sample

from swim_tui.parse import parse_boot, parse_boot_lines


def test_form_a_reads_every_member_of_a_classic_stack() -> None:
    first, second = parse_boot({"show boot": sample.BOOT_SWITCH})
    assert first.next_reload == ("flash:/c2960x-universalk9-mz.152-7.E7.bin", "flash:/old.bin")
    assert (first.manual_boot, first.member) == (False, None)
    assert (second.next_reload, second.manual_boot, second.member) == (("flash:/old.bin",), True, 2)


def test_form_a_with_an_empty_list_is_read_and_empty() -> None:
    (state,) = parse_boot({"show boot": "BOOT path-list      : \nManual Boot         : no\n"})
    assert state.is_read
    assert state.next_reload == ()


def test_form_a_goes_on_in_the_next_line() -> None:
    text = (
        "BOOT path-list      : flash:/first.bin;\n                      flash:/second.bin\nManual Boot         : no\n"
    )
    (state,) = parse_boot({"show boot": text})
    assert state.next_reload == ("flash:/first.bin", "flash:/second.bin")


def test_form_b_tells_now_from_the_next_reload_for_each_member() -> None:
    first, second = parse_boot({"show boot": sample.BOOT_STACK})
    assert (first.member, first.current) == (1, ("flash:packages.conf",))
    assert first.next_reload == ("flash:cat3k_caa-universalk9.16.09.08.SPA.bin", "flash:packages.conf")
    assert (second.member, second.current, second.next_reload) == (2, (), ("flash:packages.conf",))
    assert second.manual_boot is True


def test_form_c_has_the_standby_as_a_second_state() -> None:
    active, standby = parse_boot({"show boot": sample.BOOT_CHASSIS})
    assert (active.next_reload, active.manual_boot) == (("bootflash:packages.conf",), False)
    assert active.config_register == "0x102"
    assert (standby.next_reload, standby.manual_boot) == (("bootflash:other.bin",), True)


def test_form_d_drops_the_flags_and_reads_the_pending_register() -> None:
    (state,) = parse_boot({"show bootvar": sample.BOOT_ROUTER})
    assert state.next_reload == ("bootflash:/new.bin", "bootflash:/old.bin")
    assert (state.config_register, state.config_register_next) == ("0x2142", "0x2102")
    assert state.manual_boot is None


def test_nxos_names_kickstart_and_system() -> None:
    (state,) = parse_boot({"show boot": sample.BOOT_NXOS})
    assert state.current == ("bootflash:/n7700-s2-kickstart.8.4.3.bin", "bootflash:/n7700-s2-dk9.8.4.3.bin")
    assert state.next_reload == ("bootflash:/n7700-s2-kickstart.8.4.4.bin", "bootflash:/n7700-s2-dk9.8.4.4.bin")


def test_configuration_lines_keep_the_devices_spelling_and_order() -> None:
    lines = ("boot system bootflash:new.bin", "boot system flash bootflash:old.bin")
    assert parse_boot_lines(sample.RUNNING) == lines
    (state,) = parse_boot(
        {
            "show bootvar": sample.BOOT_ROUTER,
            "show running-config | include boot": "\n".join(("boot-start-marker", *lines)),
        }
    )
    assert state.config_lines == lines


def test_the_register_of_show_version_is_used_where_show_boot_has_none() -> None:
    (state,) = parse_boot({"show boot": "BOOT path-list : flash:/x.bin\n"}, ("0xF", "0x10F"))
    assert (state.config_register, state.config_register_next) == ("0xF", "0x10F")


def test_a_refused_command_is_not_read() -> None:
    (state,) = parse_boot({"show bootvar": sample.REFUSED})
    assert not state.is_read
    assert state.next_reload == ()


def test_the_command_that_was_understood_counts() -> None:
    (state,) = parse_boot({"show bootvar": sample.REFUSED, "show boot": "BOOT path-list : flash:/x.bin\n"})
    assert state.next_reload == ("flash:/x.bin",)


def test_a_prompt_and_an_echo_around_the_answer_do_no_harm() -> None:
    text = f"edge-1#show bootvar\r\n{sample.BOOT_ROUTER}edge-1#"
    assert parse_boot({"show bootvar": text}) == parse_boot({"show bootvar": sample.BOOT_ROUTER})
