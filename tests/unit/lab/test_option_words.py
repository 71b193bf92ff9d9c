"""The words of install, software and archive lines, in any order."""

from __future__ import annotations

import pytest

from swim_tui.lab.ios_tar.options import parse as parse_archive
from swim_tui.lab.issu.four import timer_seconds, timer_text
from swim_tui.lab.xe_install.three import parse_options
from swim_tui.lab.xe_install.words import parse


def test_install_words_come_in_any_order_and_abbreviated() -> None:
    found = parse(["file", "flash:x.bin", "act", "issu", "commit", "prompt-level", "none"])
    assert (found.path, found.activate, found.issu, found.commit, found.is_silent) == (
        "flash:x.bin",
        True,
        True,
        True,
        True,
    )
    assert not found.bad


@pytest.mark.parametrize("minutes", ["29", "1201", "x"])
def test_the_auto_abort_timer_has_its_range(minutes: str) -> None:
    assert parse(["auto-abort-timer", minutes]).bad == minutes
    assert parse(["auto-abort-timer", "30"]).timer_minutes == 30


def test_a_word_nobody_knows_is_named() -> None:
    assert parse(["file", "flash:x", "now"]).bad == "now"
    assert parse_options(["file", "flash:x", "now"]).bad == "now"
    assert parse_archive(["/overwrite", "flash:x", "now"]).bad == "now"
    assert parse_archive(["/nothing", "flash:x"]).bad == "/nothing"


def test_archive_flags_may_be_abbreviated() -> None:
    found = parse_archive(["/over", "/destination-system", "2", "flash:x.tar"])
    assert found.has("overwrite")
    assert (found.system, found.path, found.bad) == (2, "flash:x.tar", "")
    assert parse_archive(["/overwrite"]).bad


def test_software_install_takes_its_options() -> None:
    found = parse_options(["file", "flash:x.bin", "new", "force", "auto-rollback", "45", "verbose"])
    assert (found.path, found.is_new, found.is_forced, found.rollback_minutes) == ("flash:x.bin", True, True, 45)


def test_rollback_times_are_read_and_written() -> None:
    assert timer_seconds("00:45:00") == 2700
    assert timer_seconds("90") == 90
    assert timer_seconds("soon") is None
    assert timer_text(2700) == "00:45:00"
