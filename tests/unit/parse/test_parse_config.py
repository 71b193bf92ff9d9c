"""Running against startup configuration."""

from __future__ import annotations

import device_samples as sample

from swim_tui.parse import mask_secrets, parse_config_diff, parse_scp_server


def test_timestamps_clock_period_and_certificates_are_no_difference() -> None:
    assert parse_config_diff(sample.RUNNING, sample.STARTUP) == (False, ())


def test_a_changed_line_is_a_difference() -> None:
    changed = sample.RUNNING.replace("hostname edge-1", "hostname edge-9")
    dirty, lines = parse_config_diff(changed, sample.STARTUP)
    assert dirty is True
    assert lines == ("-hostname edge-1", "+hostname edge-9")


def test_a_changed_secret_is_a_difference_whose_value_is_not_shown() -> None:
    changed = sample.RUNNING.replace("0822455D0A16", "13061E010803").replace("s3cr3t", "0ther")
    dirty, lines = parse_config_diff(changed, sample.STARTUP)
    assert dirty is True
    text = "\n".join(lines)
    assert "<masked>" in text
    for secret in ("0822455D0A16", "13061E010803", "s3cr3t", "0ther"):
        assert secret not in text


def test_secrets_of_every_kind_are_masked() -> None:
    for line, secret in (
        ("enable secret 9 $9$abc.def", "$9$abc"),
        ("snmp-server community private RW 10", "private"),
        (" key-string 7 0822455D0A16", "0822455D0A16"),
        ("tacacs-server key 7 abcdef", "abcdef"),
        (" ip ospf message-digest-key 1 md5 7 0011", "0011"),
        ("crypto isakmp key hunter2 address 0.0.0.0", "hunter2"),
        ("snmp-server user u g v3 auth sha pass1 priv aes 128 pass2", "pass1"),
        ("username jane privilege 15 secret 5 $1$x", "$1$x"),
    ):
        assert secret not in mask_secrets(line), line
    assert mask_secrets("hostname edge-1") == "hostname edge-1"


def test_without_a_startup_configuration_everything_is_unsaved() -> None:
    dirty, lines = parse_config_diff(sample.RUNNING, "startup-config is not present\n")
    assert dirty is True
    assert lines == ("startup-config is not present",)


def test_a_refused_or_empty_configuration_is_not_judged() -> None:
    for running, startup in (
        (sample.REFUSED, sample.STARTUP),
        (sample.RUNNING, sample.REFUSED),
        ("", ""),
        (sample.RUNNING, ""),
    ):
        assert parse_config_diff(running, startup) == (None, ())


def test_syslog_and_prompt_lines_are_no_difference() -> None:
    noisy = "edge-1#show running-config\n" + sample.RUNNING.replace(
        "version 15.4", "*Nov  3 10:00:01.123: %SYS-5-CONFIG_I: Configured from console by bob\nversion 15.4"
    )
    assert parse_config_diff(noisy + "edge-1#", sample.STARTUP) == (False, ())


def test_the_scp_server_line() -> None:
    assert parse_scp_server(sample.RUNNING) is True
    assert parse_scp_server("") is False
    assert parse_scp_server("no ip scp server enable\n") is False
    assert parse_scp_server(sample.REFUSED) is None
