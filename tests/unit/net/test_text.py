"""Lines as a terminal shows them, and what is taken out of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swim_tui.net.text import Screen, is_async, masked, neutral, rendered


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain\r", "plain"),
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("\x1b]0;evil title\x07ok", "ok"),
        ("\x1b]8;;http://x\x1b\\link", "link"),
        ("\x9b2Jx", "x"),
        ("a\x00\x07b", "ab"),
        ("user\u202egnp.exe", "usergnp.exe"),
        (" --More-- " + "\b" * 9 + " " * 8 + "\b" * 9 + "Port 1", "Port 1"),
        ("--More--\r\x1b[KPort 2", "Port 2"),
        ("10%\r50%\r100%", "100%"),
        ("tab\there", "tab\there"),
    ],
)
def test_a_raw_line_is_shown_as_a_terminal_would(raw: str, shown: str) -> None:
    assert rendered(raw) == shown


@given(st.text())
def test_nothing_that_moves_a_cursor_is_left(text: str) -> None:
    shown = neutral(text)
    assert not [c for c in shown if c != "\t" and c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)]


@given(st.text(st.characters(codec="ascii", exclude_characters="\r\b\x1b")), st.lists(st.integers(1, 9), min_size=1))
def test_lines_do_not_depend_on_where_the_text_was_cut(text: str, cuts: list[int]) -> None:
    whole = Screen()
    whole.feed(text)
    pieces, at, turn = Screen(), 0, 0
    while at < len(text):
        size = cuts[turn % len(cuts)]
        pieces.feed(text[at : at + size])
        at, turn = at + size, turn + 1
    assert pieces.lines == whole.lines
    assert pieces.tail == whole.tail


def test_only_the_end_of_an_endless_line_is_looked_at() -> None:
    screen = Screen()
    for _ in range(10_000):
        screen.feed("." * 10)
    screen.feed("Proceed? [confirm]")
    assert screen.tail.endswith("Proceed? [confirm]")
    assert len(screen.tail) <= 4096
    assert len(screen.end_line()) == 100_018


@pytest.mark.parametrize(
    "line",
    [
        "*Oct 22 15:53:27.891: %INSTALL-5-INSTALL_COMPLETED_INFO: Switch 1 R0/0: done",
        "%LINK-3-UPDOWN: Interface Gi0/1, changed state to up",
        "RP/0/RSP0/CPU0:May 10 10:43:11.576 : instdir[234]: %INSTALL-INSTMGR-4-ACTIVE_SOFTWARE_COMMITTED_INFO : x",
        "Info: The following packages are available to be activated:",
        "000123: Nov 23 10:00:00: %SYS-5-CONFIG_I: Configured from console",
        "Nov 23 18:31:56 Install operation 12 failed (aborted)",
        "Nov 23 18:31:56 Error! The signature of a package could not be verified",
    ],
)
def test_log_lines_are_recognised(line: str) -> None:
    assert is_async(line)


@pytest.mark.parametrize("line", ["%Error opening flash:/x (No such file)", "% Invalid input", "100% done", "sw1#"])
def test_answers_of_a_command_are_no_log_lines(line: str) -> None:
    assert not is_async(line)


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    assert masked("say secret-long and secret", ("secret", "secret-long", "")) == "say *** and ***"
