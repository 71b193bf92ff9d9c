"""Version order: spellings that are one version, trains that compare, trains that do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swim_tui.model.version import Order, compare, nxos_spelling, parse_version, same_version

SAME = [
    ("16.06.05", "16.6.5"),
    ("17.03.01", "17.3.1"),
    ("17.3.1", "17.03.01.0.351"),
    ("17.03.01", "17.03.01.0.351.1589"),
    ("17.09.06a.0.12", "17.9.6a"),
    ("03.06.07.E.152-2.E7", "03.06.07E"),
    ("03.06.07E", "3.6.7.E"),
    ("03.13.05.S", "3.13.5S"),
    ("03.13.05.S", "03.13.05.S.154-3.S5-ext"),
    ("03.16.04b.S", "03.16.04b.S.155-3.S4b-ext"),
    ("3.13.00S", "03.13.00.S"),
    ("152-7.E10", "15.2(7)E10"),
    ("151-4.M4", "15.1(4)M4"),
    ("150-2.SE11", "15.0(2)SE11"),
    ("15.0(2)SE11", "15.0(2)SE11, RELEASE SOFTWARE (fc3)"),
    ("122-25.SEE3", "12.2(25)SEE3"),
    ("122-18.SXF7", "12.2(18)SXF7"),
    ("155-3.S4b", "15.5(3)S4b"),
    ("123-6f", "12.3(6f)"),
    ("9.3.6", "9.3(6)"),
    ("10.2.3.F", "10.2(3) [Feature Release]"),
    ("10.2.3.F", "10.2(3)F"),
    ("10.4.5.M", "10.4(5) [Maintenance Release]"),
    ("7.0.3.I7.7", "7.0(3)I7(7)"),
    ("7.3.8.N1.1", "7.3(8)N1(1)"),
    ("10.3.1.5.F", "10.3(1.5)F"),
    ("13.1.2p", "13.1(2p)"),
    ("-6.1.4", "6.1.4[Default]"),
    ("r732", "7.3.2"),
    ("r2522", "25.2.2"),
    ("7.9.2 LNT", "7.9.2"),
    ("9.3(6uu)I9(1uu) [build 9.3(6)]", "9.3(6)"),
    ("10.2(3) [build 10.2(3)] [Feature Release]", "10.2.3.F"),
    ("16.6.6.0", "16.06.06"),
    ("16.06.02s", "16.6.2s"),
    ("03.04.06.SG.151-2.SG6", "03.04.06SG"),
    ("03.03.05SE", "3.3.5.SE"),
    ("122-54.SG1", "12.2(54)SG1"),
    ("12.3(6f), RELEASE SOFTWARE (fc1)", "123-6f"),
    ("124-25d", "12.4(25d)"),
    ("152-4.EA9", "15.2(4)EA9"),
    ("r663", "6.6.3"),
    ("6.1.4.10I[Default]", "6.1.4.10I"),
    ("8.4.3", "8.4(3)"),
    ("6.0.2.U6.10", "6.0(2)U6(10)"),
    ("6.1.2.I3.1", "6.1(2)I3(1)"),
]

NEWER = [
    ("15.0(2)SE11", "15.0(2)SE9"),
    ("15.2(7)E10", "15.0(2)SE11"),
    ("15.0(2)SE", "12.2(55)SE12"),
    ("15.2(7)E0b", "15.2(7)E"),
    ("15.7(3)M8", "15.1(4)M4"),
    ("15.1(4)M4", "12.4(24)T8"),
    ("03.16.04b.S", "03.16.04a.S"),
    ("03.13.05.S", "03.07.00.S"),
    ("03.06.00.E", "03.03.05SE"),
    ("16.06.04", "03.16.04b.S"),
    ("16.12.11", "16.09.08"),
    ("17.09.06a", "17.09.06"),
    ("9.3(10)", "9.3(6)"),
    ("9.3(10)", "7.0(3)I7(8)"),
    ("7.0(3)I7(8)", "7.0(3)I4(9)"),
    ("7.0(3)I7(10)", "7.0(3)I7(8)"),
    ("24.1.1", "7.11.2"),
    ("r2522", "r7112"),
    ("6.1.4", "5.3.3[Default]"),
    ("10.3(1.5)F", "10.2(3)F"),
    ("8.4(3)", "7.3(8)D1(1)"),
    ("03.08.10.E", "03.04.06.SG"),
    ("16.06.02s", "16.06.02"),
    ("17.06.03.0.3629", "17.03.08"),
    ("16.3.5b", "03.06.07.E.152-2.E7"),
    ("15.2(7)E3", "15.2(4)EA9"),
    ("15.1(2)SY10", "12.2(18)SXF7"),
    ("12.4(25d)", "12.3(6f)"),
]

INCOMPARABLE = [
    ("15.0(2)SE11", "15.0(2)EX5"),
    ("15.1(4)M4", "15.5(3)S4b"),
    ("03.06.07E", "03.13.05.S"),
    ("15.2(7)E10", "16.06.05"),
    ("7.0(3)I7(8)", "7.0(3)F3(1)"),
    ("6.1.4.10I", "6.1.4"),
    ("", "15.0(2)SE11"),
    ("unknown", "15.0(2)SE11"),
    ("BLD_POLARIS_DEV_LATEST_20241125_002711", "17.09.05"),
    ("16.4.20170410:165034", "16.06.05"),
    ("7.3(8)N1(1)", "7.3(8)D1(1)"),
    ("9.3(6)", "17.09.05"),
    ("15.2(7)E10", "9.3(6)"),
    ("", ""),
]

VERSIONS = sorted({text for pair in SAME + NEWER + INCOMPARABLE for text in pair})


@pytest.mark.parametrize(("a", "b"), SAME)
def test_spellings_of_one_version_are_the_same(a: str, b: str) -> None:
    assert compare(a, b) is Order.SAME
    assert same_version(b, a)


@pytest.mark.parametrize(("a", "b"), NEWER)
def test_a_newer_version_is_newer_and_the_other_lower(a: str, b: str) -> None:
    assert compare(a, b) is Order.NEWER
    assert compare(b, a) is Order.LOWER


@pytest.mark.parametrize(("a", "b"), INCOMPARABLE)
def test_trains_that_do_not_continue_one_another_do_not_compare(a: str, b: str) -> None:
    assert compare(a, b) is Order.INCOMPARABLE
    assert compare(b, a) is Order.INCOMPARABLE


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("150-2.SE11", "15.0(2)SE11"),
        ("3.13.5S", "03.13.05.S"),
        ("16.6.5", "16.06.05"),
        ("06.1.4[Default]", "6.1.4"),
        ("03.16.04b.S.155-3.S4b-ext", "03.16.04b.S"),
    ],
)
def test_the_canonical_spelling_is_the_one_of_the_device(text: str, canonical: str) -> None:
    version = parse_version(text)
    assert version is not None
    assert version.canonical == canonical


@pytest.mark.parametrize(
    ("dotted", "bracketed"),
    [("7.0.3.I7.8", "7.0(3)I7(8)"), ("10.2.3.F", "10.2(3)F"), ("10.3.1.5.F", "10.3(1.5)F"), ("9.3.10", "9.3(10)")],
)
def test_nxos_brackets_stand_where_the_device_puts_them(dotted: str, bracketed: str) -> None:
    assert nxos_spelling(dotted) == bracketed


@pytest.mark.parametrize("text", ["", "x", "BLD_V173_THROTTLE", "1" * 500, "15.0(2", "flash:", "16"])
def test_what_is_no_version_is_none(text: str) -> None:
    assert parse_version(text) is None


OPPOSITE = {
    Order.NEWER: Order.LOWER,
    Order.LOWER: Order.NEWER,
    Order.SAME: Order.SAME,
    Order.INCOMPARABLE: Order.INCOMPARABLE,
}

ios = st.builds(
    lambda a, m, t, n, tail: f"{a}({m}){t}{n}{tail}",
    st.sampled_from(["12.2", "15.0", "15.2"]),
    st.integers(1, 3),
    st.sampled_from(["SE", "E", "EX", "M", "S"]),
    st.integers(0, 12),
    st.sampled_from(["", "a", "b"]),
)
xe = st.builds(
    lambda a, b, c: f"{a}.{b:02d}.{c}", st.integers(16, 17), st.integers(1, 12), st.sampled_from(["01", "2", "02a"])
)
xe3 = st.builds(lambda b, c, t: f"03.{b:02d}.{c:02d}{t}", st.integers(3, 16), st.integers(0, 5), st.sampled_from("SE"))
nx = st.builds(
    lambda a, b, t: f"{a}.0({b}){t}",
    st.integers(6, 10),
    st.integers(1, 3),
    st.sampled_from(["", "I7(1)", "I7(2)", "N1(1)", "F"]),
)
anything = st.one_of(ios, xe, xe3, nx, st.sampled_from(VERSIONS), st.text(max_size=30))


@given(anything, anything)
def test_comparing_backwards_gives_the_opposite(a: str, b: str) -> None:
    assert compare(b, a) is OPPOSITE[compare(a, b)]


@given(anything, anything, anything)
def test_order_is_transitive(a: str, b: str, c: str) -> None:
    first, second = compare(a, b), compare(b, c)
    if Order.INCOMPARABLE in (first, second) or {first, second} == {Order.NEWER, Order.LOWER}:
        return
    expected = first if first is not Order.SAME else second
    assert compare(a, c) is expected


def test_order_is_transitive_over_all_named_versions() -> None:
    below = {a: {b for b in VERSIONS if compare(a, b) is Order.NEWER} for a in VERSIONS}
    for a in VERSIONS:
        for b in below[a]:
            assert below[b] <= below[a], (a, b)


@given(st.text())
def test_arbitrary_text_never_raises_and_is_the_same_as_itself_when_it_is_a_version(text: str) -> None:
    if parse_version(text) is not None:
        assert compare(text, text) is Order.SAME
    compare(text, "15.0(2)SE11")


@given(anything)
def test_the_canonical_spelling_is_the_same_version(text: str) -> None:
    version = parse_version(text)
    if version is not None:
        assert same_version(text, version.canonical)
