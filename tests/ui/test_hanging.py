"""Long lines are wrapped below their value, and lose nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from swim_tui.ui.widgets.hanging import hanging, hung

WORDS = st.lists(st.text("abc-/.", min_size=1, max_size=30), min_size=1, max_size=20)


def test_a_value_is_wrapped_below_itself() -> None:
    assert hanging("What to do    allow the smart erase or free space", 34) == [
        "What to do    allow the smart",
        "              erase or free space",
    ]


def test_a_word_without_room_is_broken_on_the_line_of_its_label() -> None:
    lines = hanging("  SHA-256              " + "ab" * 32, 60)
    assert lines[0].startswith("  SHA-256              abab")
    assert "".join(line.strip() for line in lines).endswith("abab")
    assert all(len(line) <= 60 for line in lines)


def test_paragraphs_stay_at_the_margin_and_lists_hang() -> None:
    assert hung("one two three", 8) == "one two\nthree"
    assert hung("  one two three", 10) == "  one two\n     three"


@given(WORDS, st.integers(0, 6), st.integers(20, 60))
def test_nothing_is_lost_and_no_line_is_too_long(words: list[str], indent: int, width: int) -> None:
    text = " " * indent + " ".join(words)
    lines = hanging(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(len(line) <= width for line in lines)
