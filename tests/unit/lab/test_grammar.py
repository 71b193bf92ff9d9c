"""Abbreviations, output filters and configurations."""

from __future__ import annotations

import pytest

from swim_tui.lab.config import Configuration, section_prompt
from swim_tui.lab.filters import FilterError, apply_filter, split_filter
from swim_tui.lab.grammar import Ambiguous, Grammar, Incomplete, Invalid, Match


@pytest.fixture
def grammar() -> Grammar[str]:
    found: Grammar[str] = Grammar()
    for pattern in ("show version", "show vlan", "show boot", "show bootvar", "reload in <when...>", "reload"):
        found.add(pattern, pattern)
    found.add("show running-config", "secret", 15)
    found.add("copy <source> <target>", "copy")
    found.add("copy running-config startup-config", "save")
    return found


@pytest.mark.parametrize(
    ("line", "handler", "args"),
    [
        ("sh ver", "show version", []),
        ("SHOW VERSION", "show version", []),
        ("show boot", "show boot", []),
        ("reload in 5 because of it", "reload in <when...>", ["5 because of it"]),
        ("copy run start", "save", []),
        ("copy flash:a flash:b", "copy", ["flash:a", "flash:b"]),
    ],
)
def test_a_unique_beginning_is_enough(grammar: Grammar[str], line: str, handler: str, args: list[str]) -> None:
    parsed = grammar.parse(line)
    assert isinstance(parsed, Match)
    assert (parsed.handler, parsed.args) == (handler, args)


def test_beginnings_of_several_words_are_ambiguous(grammar: Grammar[str]) -> None:
    assert grammar.parse("show v") == Ambiguous()
    assert grammar.parse("show boo") == Ambiguous()


def test_missing_words_are_incomplete_and_unknown_ones_invalid_at_their_column(grammar: Grammar[str]) -> None:
    assert grammar.parse("show") == Incomplete()
    assert grammar.parse("show verx") == Invalid(8)
    assert grammar.parse("frobnicate") == Invalid(0)


def test_a_low_privilege_does_not_know_the_command(grammar: Grammar[str]) -> None:
    assert grammar.parse("show running-config", level=1) == Invalid(5)
    assert isinstance(grammar.parse("show version", level=1), Match)


def test_help_lists_what_may_follow(grammar: Grammar[str]) -> None:
    assert grammar.choices("show b") == ["boot", "bootvar"]
    assert grammar.choices("reload ") == ["in", "<cr>"]


def test_filters_can_be_abbreviated_and_wrong_ones_are_refused() -> None:
    text = "one\n two\n  three\nfour\n"
    assert split_filter("show run | i a|b") == ("show run", " i a|b")
    assert apply_filter(text, " inc t") == " two\n  three\n"
    assert apply_filter(text, "section one") == "one\n two\n  three\n"
    assert apply_filter(text, "begin three") == "  three\nfour\n"
    with pytest.raises(FilterError):
        apply_filter(text, " nonsense x")
    with pytest.raises(FilterError):
        apply_filter(text, " include")


TEXT = """version 15.4
hostname old
boot-start-marker
boot-end-marker
interface Gi0/0
 ip address 10.0.0.1 255.0.0.0
!
end
"""


def test_boot_lines_stand_in_order_between_their_markers() -> None:
    config = Configuration.of(TEXT)
    config.enter("boot system flash:/b.bin")
    config.enter("boot system flash:/a.bin")
    assert config.boot_lines() == ["flash:/b.bin", "flash:/a.bin"]
    assert config.lines.index("boot system flash:/a.bin") < config.lines.index("boot-end-marker")
    config.enter("no boot system flash:/b.bin")
    assert config.boot_lines() == ["flash:/a.bin"]


def test_no_boot_system_leaves_lines_that_name_a_switch() -> None:
    config = Configuration.of(TEXT)
    config.enter("boot system switch all flash:/a.bin")
    config.enter("boot system flash:/b.bin")
    config.enter("no boot system")
    assert config.boot_lines() == ["switch all flash:/a.bin"]
    config.enter("no boot system switch all")
    assert config.boot_lines() == []


def test_lines_go_into_their_section_and_no_takes_them_out() -> None:
    config = Configuration.of(TEXT)
    config.enter("description up", "interface Gi0/0")
    config.enter("shutdown", "interface Gi0/0")
    config.enter("no shutdown", "interface Gi0/0")
    config.enter("hostname new")
    assert config.hostname == "new"
    assert " description up" in config.lines
    assert " shutdown" not in config.lines
    config.enter("no interface Gi0/0")
    assert not [line for line in config.lines if "Gi0/0" in line or "description" in line]
    assert section_prompt("line vty 0 4") == "config-line"


def test_a_copy_of_a_configuration_does_not_change_with_it() -> None:
    config = Configuration.of(TEXT)
    saved = config.copy()
    config.enter("ip scp server enable")
    assert config.has("ip scp server enable")
    assert not saved.has("ip scp server enable")
