"""Filter grammar, order, marks and columns of the live table, without a terminal."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swim_tui.ui.filtering import compile_filter
from swim_tui.ui.natural import natural_key
from swim_tui.ui.states import Cell, state_cell
from swim_tui.ui.widgets.columns import Brief, Column, Needs, Placed, TableSpec, next_stop, place
from swim_tui.ui.widgets.table_model import Batch, TableModel
from swim_tui.ui.widgets.table_paint import fit


@dataclass(frozen=True)
class Host:
    name: str
    state: str = "Success"
    site: str = "ams"
    load: int | None = None

    @property
    def key(self) -> str:
        return self.name


SPEC = TableSpec[Host](
    "hosts",
    (
        Column("name", "Name", 10, lambda r: Cell(r.name), 1, "n", flex=True),
        Column("state", "Status", 12, lambda r: state_cell(r.state), 1, "s"),
        Column("site", "Site", 8, lambda r: Cell(r.site), 2, "i"),
        Column("load", "Load", 6, lambda r: Cell(str(r.load or "")), 3, "l", lambda r: r.load, right=True),
    ),
    attention=lambda r: r.state == "Failure",
    sort="name",
)


def model(*hosts: Host) -> TableModel[Host]:
    table = TableModel(SPEC)
    table.apply(Batch(hosts))
    return table


def test_names_sort_by_the_value_of_their_numbers() -> None:
    assert sorted(["sw10", "sw2", "SW1", "sw2-b"], key=natural_key) == ["SW1", "sw2", "sw2-b", "sw10"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("sw1", ["sw1", "sw10"]),
        ("!sw1", ["rt2", "sw2"]),
        ("re:^sw\\d$", ["sw1", "sw2"]),
        ("!re:^sw", ["rt2"]),
        ("state:fail", ["sw2"]),
        ("state:fail,run", ["sw2", "sw10"]),
        ("state:fail site:ber", []),
        ("!state:succ site:ams", ["sw2", "sw10"]),
        ("10:20", []),
        ("  ", ["rt2", "sw1", "sw2", "sw10"]),
        ("!", ["rt2", "sw1", "sw2", "sw10"]),
        ('"sw1', []),
    ],
)
def test_the_filter_grammar(text: str, names: list[str]) -> None:
    table = model(
        Host("sw10", "Running"), Host("sw2", "Failure"), Host("sw1"), Host("rt2", site="berlin"),
    )  # fmt: skip
    table.set_filter(text)
    assert table.order == names


def test_a_broken_pattern_keeps_every_row_and_says_what_is_wrong() -> None:
    table = model(Host("a"), Host("b"))
    broken = table.set_filter("re:(")
    assert "not a pattern" in broken.error
    assert table.order == ["a", "b"]


def test_a_field_may_be_shortened_but_not_be_ambiguous() -> None:
    fields = ("state", "start", "name")
    assert compile_filter("n:x", fields).matches({"name": "x", "state": "", "start": ""})
    assert not compile_filter("st:x", fields).matches({"name": "x", "state": "x", "start": "x"})


def test_ties_stay_in_natural_order_in_both_directions_and_empty_values_sort_together() -> None:
    table = model(Host("sw10", load=1), Host("sw2", load=1), Host("sw1"), Host("sw3", load=7))
    table.set_sort("load", reverse=False)
    assert table.order == ["sw1", "sw2", "sw10", "sw3"]
    table.set_sort("load", reverse=True)
    assert table.order == ["sw3", "sw2", "sw10", "sw1"]


def test_attention_shows_only_what_needs_it_and_follows_changes() -> None:
    table = model(Host("a"), Host("b", "Failure"))
    table.set_attention(True)
    assert table.order == ["b"]
    change = table.apply(Batch([Host("a", "Failure"), Host("b")]))
    assert change.moved
    assert table.order == ["a"]


def test_a_change_that_moves_nothing_says_so() -> None:
    table = model(Host("a", load=1), Host("b", load=2))
    change = table.apply(Batch([Host("a", load=9)]))
    assert (change.keys, change.moved) == (frozenset({"a"}), False)
    assert table.apply(Batch([Host("a", load=9)])).keys == frozenset()


def test_marks_outlive_filters_and_count_what_is_hidden_and_die_with_their_rows() -> None:
    table = model(Host("sw1"), Host("sw2"), Host("rt1"))
    table.mark_all()
    table.set_filter("sw")
    assert table.hidden_marks() == 1
    assert [row.name for row in table.targets("sw1")] == ["rt1", "sw1", "sw2"]
    table.apply(Batch(removed=["rt1"]))
    assert table.marks == {"sw1", "sw2"}
    table.clear_marks()
    assert [row.name for row in table.targets("sw2")] == ["sw2"]


def test_a_range_marks_everything_between_as_it_is_shown() -> None:
    table = model(*(Host(f"sw{n}") for n in range(1, 6)))
    table.mark_between("sw4", "sw2")
    assert table.marks == {"sw2", "sw3", "sw4"}


@pytest.mark.parametrize(
    ("width", "keys"), [(10, ["name"]), (24, ["name", "state"]), (80, ["name", "state", "site", "load"])]
)
def test_columns_leave_by_priority_and_the_rest_fill_the_width(width: int, keys: list[str]) -> None:
    placed = place(SPEC.columns, width, (), wide=False)
    assert [p.column.key for p in placed] == keys
    assert sum(p.width for p in placed) + len(placed) - 1 == width


def test_wide_shows_every_column_and_the_chooser_hides_some() -> None:
    assert len(place(SPEC.columns, 10, (), wide=True)) == 4
    assert [p.column.key for p in place(SPEC.columns, 80, {"state"}, wide=False)] == ["name", "site", "load"]


def test_a_cell_is_exactly_as_wide_as_asked_and_has_no_control_characters() -> None:
    assert fit("abc", 5) == "abc  "
    assert fit("abc", 5, right=True) == "  abc"
    assert fit("abcdef", 4) == "abc…"
    assert fit("ASR1002_large-54-9-9-4", 18, middle=True) == "ASR1002_l…54-9-9-4", "the end tells it from the next"
    assert fit("no answer after 900 s", 12, middle=True) == "no answer a…", "words are read from their start"
    assert fit("漢字漢字", 5) == "漢字…"
    assert "\x1b" not in fit("\x1b[2Jevil\n", 12)


@dataclass(frozen=True)
class Step:
    puts: list[tuple[int, int]]
    removes: list[int]


steps = st.lists(
    st.builds(
        Step,
        st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4)), max_size=6),
        st.lists(st.integers(0, 30), max_size=4),
    ),
    max_size=25,
)


@given(steps)
@settings(max_examples=150, deadline=None)
def test_the_order_after_any_batches_is_that_of_a_table_made_anew(history: list[Step]) -> None:
    live = TableModel(SPEC)
    live.set_sort("load", reverse=True)
    live.set_filter("!sw7")
    rows: dict[str, Host] = {}
    for step in history:
        puts = [Host(f"sw{n}", load=load) for n, load in step.puts]
        gone = [f"sw{n}" for n in step.removes]
        live.apply(Batch(puts, gone))
        rows.update({host.key: host for host in puts})
        for key in gone:
            rows.pop(key, None)
    fresh = TableModel(SPEC)
    fresh.set_sort("load", reverse=True)
    fresh.set_filter("!sw7")
    fresh.apply(Batch(list(rows.values())))
    assert live.order == fresh.order
    assert live.rows == rows


def _shrinking() -> list[Column[Host]]:
    def whole(row: Host) -> Cell:
        return Cell(f"Required: {row.name}")

    def short(row: Host) -> Cell:
        return Cell(row.name)

    return [
        Column("name", "Name", 20, lambda r: Cell(r.name), 1, least=8, flex=True),
        Column("need", "Requirements", 30, whole, 2, least=10, brief=Brief("Need", short)),
        Column("free", "Free", 20, whole, 2, least=10, brief=Brief("Free", short)),
    ]


@pytest.mark.parametrize(
    ("width", "widths"), [(30, [8, 10, 10]), (60, [38, 10, 10]), (72, [20, 30, 20]), (90, [38, 30, 20])]
)
def test_columns_shrink_before_one_is_left_out_and_brief_ones_grow_together(width: int, widths: list[int]) -> None:
    placed = place(_shrinking(), width, (), wide=False)
    assert [each.width for each in placed] == widths
    is_brief = widths[1] < 30
    assert placed[1].title == ("Need" if is_brief else "Requirements")
    row = Host("a")
    assert placed[1].cell(row).text == ("a" if is_brief else "Required: a")


LONG = "! Yet to start operation"
_TASKS = [
    Column[Host]("name", "Name", 20, lambda r: Cell(r.name), 1, least=8),
    Column[Host]("state", "Status", 24, lambda r: Cell(r.state), 1, least=6, brief=Brief("St.", lambda r: Cell("yet"))),
    Column[Host]("site", "Progress", 20, lambda r: Cell("step 2/5"), 3),
    Column[Host]("load", "Operation", 12, lambda r: Cell(r.site), 2, flex=True),
]


@pytest.mark.parametrize(
    ("width", "site", "widths"),
    [
        (70, "waits for the barrier of the run", [17, 10, 8, 32]),  # nothing is cut, and what is left makes it airy
        (59, "x" * 40, [4, 6, 8, 38]),  # short columns have given all they have; no other one is cut
        (80, "copy", [20, 10, 20, 27]),  # room for all: as wide as they were meant to be
    ],
)
def test_no_column_keeps_room_it_does_not_need_while_another_is_cut(width: int, site: str, widths: list[int]) -> None:
    needs = Needs[Host]()
    state = "short" if "x" in site else "Not begun."
    needs.see(_TASKS, Host("sw-1", state, site=site))
    placed = place(_TASKS, width, (), wide=False, needs=needs)
    assert [each.width for each in placed] == widths


def test_what_two_columns_lack_is_shared_so_that_the_one_which_lacks_less_is_whole() -> None:
    columns = [
        Column[Host]("name", "Name", 6, lambda r: Cell(r.name), flex=True),
        Column[Host]("site", "Site", 6, lambda r: Cell(r.site), flex=True),
    ]
    needs = Needs[Host]()
    needs.see(columns, Host("a" * 10, site="b" * 40))
    assert [each.width for each in place(columns, 31, (), wide=False, needs=needs)] == [10, 20]


def test_the_long_form_is_kept_in_a_narrow_column_if_it_fits_there() -> None:
    needs = Needs[Host]()
    needs.see(_TASKS, Host("sw-1", "Failed", site="x" * 60))
    narrow = place(_TASKS, 60, (), wide=False, needs=needs)
    assert narrow[1].title == "Status"
    needs.see(_TASKS, Host("sw-1", LONG, site="x" * 60))
    assert place(_TASKS, 40, (), wide=False, needs=needs)[1].title == "St."


def test_a_table_that_is_scrolled_sideways_cuts_nothing() -> None:
    needs = Needs[Host]()
    needs.see(_TASKS, Host("sw-1", LONG, site="x" * 60))
    assert [each.width for each in place(_TASKS, 30, (), wide=True, needs=needs)] == [20, 24, 20, 60]


def test_columns_scroll_sideways_by_whole_columns() -> None:
    placed = [Placed(column, width) for column, width in zip(SPEC.columns, (10, 8, 200), strict=False)]
    assert next_stop(placed, 0, 60) == 9, "the second column and its gap are gone"
    assert next_stop(placed, 9, 60) == 56, "a column wider than the table is read in steps"
    assert next_stop(placed, 56, 60, back=True) == 9
    assert next_stop(placed, 9, 60, back=True) == 0
    assert next_stop(placed, 0, 60, back=True) == 0
