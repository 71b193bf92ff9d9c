"""Boot lines in the device's own spelling."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swim_tui.model.device_path import boot_entries, device_file, same_file, split_path
from swim_tui.model.facts import Facts, FileSystem, Member
from swim_tui.planning.bootlist import MAX_BOOT_CHARS, boot_change
from tests.unit.planning import making as m


def facts(*lines: str, running: str = "bootflash:/old.bin", fs: str = "bootflash:") -> Facts:
    base = m.facts(file_systems=(FileSystem(fs, prefixes=(fs,), is_default=True),))
    boot = replace(base.boot[0], config_lines=lines)
    return replace(base, boot=(boot,), version=replace(base.version, image_file=running))


FORMS = [
    (
        ("boot system bootflash:old.bin",),
        ("no boot system", "boot system bootflash:new.bin", "boot system bootflash:old.bin"),
    ),
    (
        ("boot system bootflash:/old.bin",),
        ("no boot system", "boot system bootflash:/new.bin", "boot system bootflash:/old.bin"),
    ),
    (
        ("boot system flash bootflash:old.bin",),
        ("no boot system", "boot system flash bootflash:new.bin", "boot system flash bootflash:old.bin"),
    ),
    ((), ("boot system bootflash:new.bin", "boot system bootflash:old.bin")),
    (
        ("boot system bootflash:other.bin", "boot system bootflash:old.bin"),
        (
            "no boot system",
            "boot system bootflash:new.bin",
            "boot system bootflash:old.bin",
            "boot system bootflash:other.bin",
        ),
    ),
    (
        ("boot system bootflash:old.bin", "boot system tftp x.bin 10.0.0.1"),
        (
            "no boot system",
            "boot system bootflash:new.bin",
            "boot system bootflash:old.bin",
            "boot system tftp x.bin 10.0.0.1",
        ),
    ),
]


@pytest.mark.parametrize(("existing", "typed"), FORMS)
def test_the_new_image_comes_first_in_the_spelling_found(existing: tuple[str, ...], typed: tuple[str, ...]) -> None:
    assert boot_change(facts(*existing), m.pack(), "bootflash:", "new.bin").lines == typed


def test_a_bare_name_keeps_its_form() -> None:
    read = facts("boot system flash old.bin", running="flash:old.bin", fs="flash:")
    change = boot_change(read, m.pack("isr-g2"), "flash:", "new.bin")
    assert change.lines[:2] == ("no boot system", "boot system flash new.bin")
    assert all(same_file(w, p, read) for w, p in zip(change.wanted[1:], ("flash:old.bin",), strict=True))


def test_a_switch_gets_one_line_with_a_list() -> None:
    read = facts(running="flash:/old.bin", fs="flash:")
    change = boot_change(read, m.pack("c2960"), "flash:", "new.bin")
    assert change.lines == ("boot system flash:/new.bin;flash:/old.bin",)
    assert change.undo == ("no boot system",)


def test_lines_entered_for_all_switches_are_removed_their_own_way() -> None:
    read = facts("boot system switch all flash:/old.bin", running="flash:/old.bin", fs="flash:")
    change = boot_change(read, m.pack("c2960x"), "flash:", "new.bin")
    assert change.lines == ("no boot system switch all", "boot system switch all flash:/new.bin;flash:/old.bin")
    assert change.undo == ("no boot system switch all", "boot system switch all flash:/old.bin")


def test_a_stack_without_boot_lines_gets_them_on_every_member() -> None:
    stack = replace(m.pack("c2960x"), has_stack=True)
    read = replace(facts(running="flash:/old.bin", fs="flash:"), members=(Member(1), Member(2)))
    change = boot_change(read, stack, "flash:", "new.bin")
    assert change.lines == ("boot system switch all flash:/new.bin;flash:/old.bin",)
    assert change.undo == ("no boot system switch all",)


def test_the_boot_variable_never_grows_over_its_limit() -> None:
    many = tuple(f"boot system bootflash:{'x' * 60}{i}.bin" for i in range(6))
    change = boot_change(facts(*many), m.pack(), "bootflash:", "new.bin")
    assert len(";".join(change.wanted)) <= MAX_BOOT_CHARS
    assert change.dropped
    assert change.undo[-6:] == many


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("flash:/a.bin;flash:/b.bin;", ("flash:/a.bin", "flash:/b.bin")),
        ("bootflash:a.bin,12", ("bootflash:a.bin",)),
        ("boot system switch all flash:a.bin", ("flash:a.bin",)),
        ("boot system flash a.bin", ("flash:a.bin",)),
        ("boot system flash bootflash:a.bin", ("bootflash:a.bin",)),
        ("boot system tftp a.bin 10.0.0.1", ("tftp a.bin 10.0.0.1",)),
        ("", ()),
    ],
)
def test_entries_are_read_from_every_form(text: str, entries: tuple[str, ...]) -> None:
    assert boot_entries(text) == entries


def test_aliases_of_one_file_system_name_one_file() -> None:
    read = m.facts(file_systems=(FileSystem("flash:", prefixes=("flash:", "bootflash:"), is_default=True),))
    assert same_file("bootflash:/x.bin", "flash:X.bin", read)
    assert device_file("x.bin", read) == "flash:x.bin"
    assert not same_file("", "", read)


def test_a_path_is_split_at_its_colon() -> None:
    assert split_path("flash:/dir/x.bin") == ("flash:", "dir/x.bin")
    assert split_path("/x.bin") == ("", "x.bin")
