"""Times, sizes, header, footer, state file, pump, ASCII: the parts without a screen."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import ControlType, Segment
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from swim_tui.errors import BadValue
from swim_tui.model.checks import Check, Verdict
from swim_tui.model.events import EventId, TaskChanged, TaskProgress
from swim_tui.model.job import SERVER_TASK, DeviceTask, OperationState, OpStatus, TaskStatus, as_of, commit_due
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import DevicePlan, OpKind, Phase
from swim_tui.model.views import Dashboard
from swim_tui.ui.ascii import to_ascii
from swim_tui.ui.inert import InertFilter
from swim_tui.ui.keymap import NO_OVERRIDES
from swim_tui.ui.mirror import Mirror
from swim_tui.ui.page import Page
from swim_tui.ui.pump import EventPump
from swim_tui.ui.record import as_text, write_rows
from swim_tui.ui.registry import effective
from swim_tui.ui.run import farewell, read_config
from swim_tui.ui.screens.devices import device_state
from swim_tui.ui.screens.home import alarms
from swim_tui.ui.screens.job_rows import INSTANCES, JOBS, RECENT, RunLine, TaskLine, status_cell, status_words
from swim_tui.ui.screens.task_text import failure_facts, named, operation_text, state_now, task_line
from swim_tui.ui.shell import Status, fit_parts, header_parts
from swim_tui.ui.state import SortState, UiState, load_state, save_state
from swim_tui.ui.states import GLYPHS, Tone, bar, state_cell, tone_of
from swim_tui.ui.themes import STATUS_DARK, THEMES, contrast, readable, status_colours
from swim_tui.ui.times import age, clock_text, days, detail_time, duration, list_time, size_mb
from swim_tui.ui.widgets.columns import Needs, TableSpec, place
from swim_tui.ui.widgets.frame import footer_labels
from swim_tui.ui.wizards.assign_step import mended_by_options
from swim_tui.ui.wizards.schedule_step import window_problem
from swim_tui.ui.wizards.verify import set_name
from tests.ui.fakes import FAILED_RUN, NOW, RUNNING_RUN, device_row, plan_of, world
from tests.ui.test_registry import PAGES


@pytest.mark.parametrize(
    ("micro", "text"),
    [(284_000, "2016-01-11 20:49:54.284"), (500_000, "2016-01-11 20:49:54.5"), (0, "2016-01-11 20:49:54.0")],
)
def test_list_times_drop_trailing_zeros(micro: int, text: str) -> None:
    assert list_time(datetime(2016, 1, 11, 20, 49, 54, micro, UTC), utc=True) == text


def test_an_end_that_is_not_there_yet_is_unknown() -> None:
    assert list_time(None) == "Unknown"
    assert detail_time(datetime(2016, 1, 11, 20, 49, tzinfo=UTC), utc=True) == "2016-01-11 20:49"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (311_159_920, "296.7 MB (311159920 bytes)"),
        (11_832_320, "11.28 MB (11832320 bytes)"),
        (1_048_576, "1.000 MB (1048576 bytes)"),
        (2_000_000_000, "1907 MB (2000000000 bytes)"),
        (1000, "0.001 MB (1000 bytes)"),
        (None, "Unknown"),
    ],
)
def test_sizes_have_four_digits_and_the_exact_bytes(size: int | None, text: str) -> None:
    assert size_mb(size) == text


def test_the_state_of_a_device_does_not_spend_its_room_on_what_stands_beside_it() -> None:
    parked = replace(device_row("sw-ams-1", 1), state="sw-ams-1: 10.0.0.1 refuses the login of profile 'lab'")
    assert device_state(parked).text == "! refuses the login of profile 'lab'"


def test_durations_and_ages() -> None:
    assert duration(timedelta(hours=11, minutes=18, seconds=5)) == "11:18:05"
    assert duration(None) == ""
    assert days(412.31 * 86400) == "412 days 7:26:24"
    assert age(NOW - timedelta(hours=3), NOW) == "3 h ago"
    assert age(None, NOW) == "never"
    assert clock_text(NOW, utc=True) == "01:20 +00:00"


def test_states_differ_by_glyph_and_word_not_only_by_colour() -> None:
    words = ["Running", "Success", "Failure", "Scheduled", "Cancelled", "of another world"]
    assert len({state_cell(word).text[0] for word in words}) == len(words)
    assert len(set(GLYPHS.values())) == len(GLYPHS)
    assert tone_of("of another world") is Tone.UNKNOWN


@given(st.floats(-1, 2), st.integers(3, 30), st.booleans())
def test_a_bar_is_as_wide_as_asked(fraction: float, width: int, ascii_only: bool) -> None:
    text = bar(fraction, width, ascii_only=ascii_only)
    assert cell_len(text) == width
    assert text.isascii() or not ascii_only


@given(st.text())
def test_ascii_mode_keeps_the_width_and_leaves_only_ascii(text: str) -> None:
    shown = to_ascii(text)
    assert shown.isascii()
    assert cell_len(shown) == cell_len(text) or any(ord(char) < 32 or 127 <= ord(char) < 160 for char in text)


def test_the_header_drops_the_least_important_first_and_keeps_the_lock() -> None:
    status = Status("1.0", "/a/very/long/data/directory/of/somebody", "PROD", True, "ok", {"jump": True}, 3, 1, 1, 4)
    parts = [text for text, _ in fit_parts(header_parts(status, NOW), 78)]
    assert "[READ-ONLY]" in parts
    assert "[PROD]" in parts
    assert "/a/very/long/data/directory/of/somebody" not in parts
    assert sum(map(len, parts)) + 2 * (len(parts) - 1) <= 78
    assert fit_parts(header_parts(status, NOW), 5)[0][0] == "swim 1.0"


def test_the_header_names_a_jump_host_that_does_not_answer_and_keeps_it_on_a_narrow_screen() -> None:
    def told(jumps: dict[str, bool], width: int = 118) -> list[tuple[str, str]]:
        status = Status("1.0", "/data", "PROD", True, "ok", jumps, 3, 1, 2, 4)
        return [part for part in fit_parts(header_parts(status, NOW), width) if part[0].startswith("jump")]

    assert told({}) == []
    assert told({"ams": True, "sfo": True}) == [("jump ok", "ok")]
    assert told({"ams": True, "sfo": False}, 58) == [("jump sfo down", "fail")]
    assert told({"a-very-long-bastion-name": False, "sfo": False}) == [("jump a-very-long-bas… +1 down", "fail")]
    lost = Status("1.0", engine="lost", jumps={"sfo": False})
    assert not any(text.startswith("jump") for text, _ in fit_parts(header_parts(lost, NOW), 118))


def test_what_is_not_committed_is_told_with_its_time_on_the_home_view_and_in_every_header() -> None:
    at = EventId("", 0)
    board = Dashboard(at, (), (), (), 0, 1, 0, uncommitted=("xr-ams-1",), commit_by=NOW + timedelta(minutes=42))
    assert alarms(board, NOW, utc=True) == ["not committed: xr-ams-1, goes back by itself at 02:02 +00:00 (c commits)"]
    assert alarms(replace(board, commit_by=None), NOW) == ["not committed: xr-ams-1 (c commits)"]
    status = Status(
        "1.0", "/a/very/long/data/directory", "PROD", True, "ok", {"jump": True}, 3, 1, 1, 4, True, board.commit_by
    )
    assert "commit by 02:02" in [text for text, _ in fit_parts(header_parts(status, NOW), 78)]
    later = NOW + timedelta(minutes=43)
    assert alarms(board, later, utc=True) == ["not committed: xr-ams-1, its time ended 02:02 +00:00: r in Devices (3)"]
    assert "not committed by 02:02" in [text for text, _ in fit_parts(header_parts(status, later), 78)]


def test_a_device_of_a_past_run_does_not_promise_to_go_back_when_its_time_to_commit_is_over() -> None:
    due = NOW + timedelta(minutes=42)
    said = f"runs 17.6.7; {commit_due(due)}"
    task = DeviceTask("1", "sw1", status=TaskStatus.SUCCESS, outcome=Outcome.NOT_COMMITTED, message=said, commit_by=due)
    assert as_of(task, NOW) is task
    assert as_of(replace(task, commit_by=None), due).message == said
    before, after = (task_line(TaskLine(as_of(task, at))) for at in (NOW, due))
    assert "goes back by itself unless it is committed before 2026-" in before
    assert "goes back" not in after
    assert "its time to commit ended 2026-" in after


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [58, 78, 118])
def test_every_footer_fits_and_always_shows_help_and_quit(page: type[Page], width: int) -> None:
    labels = footer_labels(effective(page.SCOPES), NO_OVERRIDES, width, at_top=page.is_top)
    assert len("  ".join(f"{key} {label}" for key, label, _ in labels)) <= width
    ids = [action_id for _, _, action_id in labels]
    assert "global.help" in ids
    assert ("global.quit" if page.is_top else "global.quit_any") in ids
    assert len(labels) <= 7


def test_the_saved_state_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "ui.json"
    tables = {"jobs": SortState("name", True, False, ("eta",), "state:failed")}
    state = UiState("jobs", "swim-high-contrast", utc=True, welcomed=True, tables=tables)
    save_state(path, state)
    assert load_state(path) == (state, "")


@pytest.mark.parametrize("text", ["{", "[1]", '{"tables": 3}', '{"tables": {"jobs": 1}}', "\x00"])
def test_a_damaged_state_is_set_aside_and_never_blocks(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ui.json"
    path.write_text(text)
    state, sentence = load_state(path)
    assert state == UiState()
    assert "damaged" in sentence
    assert (tmp_path / "ui.json.damaged").read_text() == text
    assert load_state(path) == (UiState(), "")


async def test_the_pump_makes_one_batch_of_a_burst_and_is_never_faster_than_its_tick() -> None:
    applied: list[tuple[float, list[int]]] = []
    loop = asyncio.get_running_loop()

    async def stream() -> AsyncIterator[int]:
        for number in range(60):
            yield number
            await asyncio.sleep(0.005)

    def apply(batch: Sequence[int]) -> None:
        applied.append((loop.time(), list(batch)))

    pump = EventPump(apply, interval_s=0.1)
    await pump.run(stream())
    assert [number for _, batch in applied for number in batch] == list(range(60))
    gaps = [later - sooner for (sooner, _), (later, _) in pairwise(applied[:-1])]
    assert all(gap >= 0.095 for gap in gaps)
    assert 2 <= len(applied) <= 10


async def test_the_first_event_after_a_pause_does_not_wait() -> None:
    applied: list[float] = []
    loop = asyncio.get_running_loop()
    pump: EventPump[int] = EventPump(lambda batch: applied.append(loop.time()), interval_s=30)
    start = loop.time()
    pump.put(1)
    await asyncio.sleep(0.02)
    assert applied
    assert applied[0] - start < 0.02


def test_export_refuses_to_overwrite_and_knows_its_formats(tmp_path: Path) -> None:
    for name in ("a.csv", "a.json", "a.md"):
        write_rows(tmp_path / name, ["Name", "Run ID"], [["x|y", "1"]])
    assert (tmp_path / "a.csv").read_text() == "Name,Run ID\nx|y,1\n"
    assert json.loads((tmp_path / "a.json").read_text()) == [{"name": "x|y", "run_id": "1"}]
    assert "x\\|y" in (tmp_path / "a.md").read_text()
    write_rows(tmp_path / "f.csv", ["a"], [["=cmd|' /C x'!A0"], ["@x"], ["+ Success"], ["- Not committed"], ["-"]])
    assert (tmp_path / "f.csv").read_text() == "a\n'=cmd|' /C x'!A0\n'@x\n+ Success\n- Not committed\n-\n"
    with pytest.raises(BadValue, match="exists already"):
        write_rows(tmp_path / "a.csv", ["Name"], [])
    with pytest.raises(BadValue, match="no such format"):
        write_rows(tmp_path / "a.xls", ["Name"], [])


def test_no_text_of_a_line_steers_the_terminal_whatever_widget_drew_it() -> None:
    control = Segment("\x1b[1A", None, [(ControlType.HOME,)])
    fine = [Segment("│ plain é "), control]
    gate, black = InertFilter(), Color(0, 0, 0)
    assert gate.apply(fine, black) is fine
    made = gate.apply([Segment("a\x1b[2Jb\x9b\u202ec\x7f\n"), control], black)
    assert [part.text for part in made] == ["a·[2Jb··c··", "\x1b[1A"]


def test_a_record_is_readable_and_leaves_out_what_is_empty() -> None:
    text = as_text(plan_of(["sw1"]))
    assert "device: sw1" in text
    assert "excluded_because" not in text


def test_keys_of_the_configuration_file(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    assert read_config(path).keymap.overrides == {}
    path.write_text("keys:\n  jobs.cancel: X\n")
    assert read_config(path).keymap.overrides == {"jobs.cancel": ("X",)}
    path.write_text("keys: [\n")
    assert "not YAML" in read_config(path).keymap.problems[0]


def test_the_exit_line_says_what_goes_on_and_how_to_come_back(tmp_path: Path) -> None:
    assert "3 device tasks go on in the engine" in farewell(3, tmp_path)
    assert f"swim-tui --data-dir {tmp_path}" in farewell(0, tmp_path)


async def test_progress_is_forgotten_when_its_operation_does_not_run_any_more() -> None:
    source = world()
    mirror = Mirror()
    mirror.take_jobs(await source.fake.jobs())
    run_id = next(iter(source.fake.tasks))
    mirror.take_run(await source.fake.run(run_id))
    task = mirror.tasks[run_id]["sw-ams-2"]
    mirror.apply([TaskProgress(run_id, "sw-ams-2", "o2", 5, 10), TaskChanged(task)])
    assert mirror.fraction(run_id) == pytest.approx(0.25 + 0.9 * 0.5 / 4)
    ended = tuple(replace(op, status=OpStatus.SUCCESS) if op.id == "o2" else op for op in task.operations)
    mirror.apply([TaskChanged(replace(task, operations=ended))])
    assert mirror.progress == {}


async def test_the_mirror_follows_a_run_from_start_to_end() -> None:
    source = world()
    api = source.fake
    mirror = Mirror()
    mirror.take_jobs(await api.jobs())
    run_id = next(iter(api.tasks))
    mirror.take_run(await api.run(run_id))
    assert mirror.fraction(run_id) == pytest.approx(0.25)
    source.change_task(run_id, "sw-ams-2", message="x")
    events = [source.queue.get_nowait() for _ in range(2)]
    changes = mirror.apply([event for event in events if event is not None])
    assert changes.tasks == {(run_id, "sw-ams-2")}
    assert changes.runs == {run_id}
    assert mirror.tasks[run_id]["sw-ams-2"].message == "x"


def test_the_first_frame_is_painted_without_the_client_and_the_pages() -> None:
    script = "import sys, swim_tui.ui.run; print(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    late = {"aiohttp", "netmiko", "paramiko", "asyncssh", "tinydb", "swim_tui.model.views", "swim_tui.ui.page"}
    assert not late & set(loaded)


def test_what_to_do_about_a_failure_is_never_cut_however_much_the_device_said() -> None:
    task = next(iter(world().fake.tasks[FAILED_RUN].values()))
    told = replace(task, status=TaskStatus.FAILURE, message="x" * 400, remedy="free space by hand", waiting_for="")
    line = task_line(TaskLine(told), 200)
    assert len(line) <= 200
    assert line.endswith("….  What to do: free space by hand".replace("  ", " "))


def test_a_failed_check_that_an_option_mends_does_not_end_the_wizard() -> None:
    def plan(*failed: str) -> DevicePlan:
        checks = tuple(Check(name, Verdict.FAILED, "1", "2") for name in failed)
        return replace(plan_of(["sw-ams-1"]).devices[0], included=False, checks=checks)

    assert mended_by_options(plan("Free space flash:"))
    assert not mended_by_options(plan("Free space flash:", "Image family"))
    assert not mended_by_options(plan())


@pytest.mark.parametrize("name", sorted([*BUILTIN_THEMES, *(theme.name for theme in THEMES)]))
def test_words_and_the_selection_can_be_read_in_every_theme(name: str) -> None:
    theme = BUILTIN_THEMES.get(name) or next(theme for theme in THEMES if theme.name == name)
    made = {**status_colours(theme), **theme.to_color_system().generate(), **theme.variables}
    found = readable(made)
    if theme.ansi:
        assert found == made, "the terminal's own palette decides"
        return
    grounds = [Color.parse(found[ground]) for ground in ("background", "surface")]
    for word in (*STATUS_DARK, "text-accent", "foreground-muted"):
        colour = Color.parse(found[word])
        shades = [contrast(ground.blend(colour, colour.a, alpha=1.0), ground) for ground in grounds]
        assert min(shades) >= 4.5, word
    selected, cursor = (Color.parse(found[f"block-cursor-{part}"]) for part in ("foreground", "background"))
    assert contrast(selected, cursor) >= 4.5


def _died(*operations: tuple[OpKind, OpStatus], proven: str = "", was: str = "15.2") -> DeviceTask:
    states = tuple(
        OperationState(
            str(n), kind, Phase.ACTIVATE, str(kind), status, started_at=NOW if status is not OpStatus.PENDING else None
        )
        for n, (kind, status) in enumerate(operations, 1)
    )
    failed = TaskStatus.FAILURE
    return DeviceTask("1", "sw1", status=failed, operations=states, from_version=was, proven_version=proven)


def test_a_failed_device_says_whether_it_was_reloaded_and_what_it_runs_now() -> None:
    copy, boot = (OpKind.COPY_IMAGE, OpStatus.FAILURE), (OpKind.SET_BOOT, OpStatus.SUCCESS)
    never, sent = (OpKind.RELOAD, OpStatus.PENDING), (OpKind.RELOAD, OpStatus.SUCCESS)
    assert state_now(_died(copy, never)) == "not reloaded by this run, ran 15.2 when it began"
    assert "step 1 changed what its next reload starts" in state_now(_died(boot, never))
    assert state_now(_died(boot, sent)) == "not proven; step 2 may have reloaded it: r in Devices (3)"
    assert state_now(replace(_died(boot, sent), recovery=("press RETURN",))) == ""
    assert state_now(_died(boot, sent, proven="15.2")) == "runs 15.2, read after its reload"
    assert state_now(_died(copy, was="")) == ""
    assert "State now" in [fact[0] for fact in failure_facts(_died(copy, never))]


def test_a_failed_operation_without_a_word_of_its_own_is_explained_by_its_task() -> None:
    task = replace(
        _died((OpKind.READ_STATE, OpStatus.FAILURE)), message="offers only old SSH", remedy="switch on legacy"
    )
    told = operation_text(task.operations[0], task)
    assert "offers only old SSH" in told
    assert "switch on legacy" in told
    assert operation_text(replace(task.operations[0], message="no answer"), task) == "no answer"
    assert operation_text(replace(task.operations[0], status=OpStatus.SUCCESS), task) == "Success: no message"


def test_attention_only_keeps_a_bad_run_among_the_runs_of_its_job() -> None:
    assert INSTANCES.attention is JOBS.attention


def test_a_status_says_what_keeps_a_running_run_from_going_on() -> None:
    fake = world().fake
    run = fake.runs[RUNNING_RUN]
    job = fake.jobs_[run.job_id]
    said = []
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"hold": True},
        {"hold": True, "stopped_because": "r1: x"},
        {"cancel_requested": True},
    )
    for change in changes:
        line = RunLine(job, replace(run, **change))
        said.append((status_words(line), status_cell(line).text))
    assert said == [
        ("Running", "* Running"),
        ("Running, on hold", "! On hold"),
        ("Running, stopped", "! Stopped"),
        ("Running, cancelling", "! Cancelling"),
    ]


@pytest.mark.parametrize("spec", [RECENT, JOBS], ids=["home", "jobs"])
def test_default_job_names_show_type_and_time_of_day_at_80_columns_and_their_whole_stamp_at_120(
    spec: TableSpec[RunLine],
) -> None:
    name = "Job_Swim_Distribution_8_49_54_284_PM_1_11_2016"
    fake = world().fake
    run = fake.runs[RUNNING_RUN]
    job = fake.jobs_[run.job_id]
    line = RunLine(replace(job, name=name), replace(run, started_at=NOW))
    needs: Needs[RunLine] = Needs()
    needs.see(spec.columns, line)
    for width, shown in ((78, "Distribution_8_49_54"), (118, "Distribution_8_49_54_284_PM_1_11_2016")):
        placed = next(
            each for each in place(spec.columns, width, (), wide=False, needs=needs) if each.column.key == "name"
        )
        assert shown in placed.cell(line).text[: placed.width], placed.width


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("22:00", "04:00", ""),
        ("", "", ""),
        ("2026-12-01 22:00", "2026-12-02 04:00", ""),
        ("2026-12-01 22:00", "04:00", "both as times of day"),
        ("22:00", "2026-12-02 04:00", "both as times of day"),
        ("2026-12-02 22:00", "2026-12-02 04:00", "ends before it starts"),
        ("2026-11-01 22:00", "2026-11-02 04:00", "it is past"),
    ],
)
def test_the_two_ends_of_a_window_must_go_together(start: str, end: str, words: str) -> None:
    said = window_problem(start, end, "Europe/Paris", datetime(2026, 11, 30, 12, 0, tzinfo=UTC))
    assert words in said
    assert bool(words) == bool(said)


def test_a_task_is_named_by_what_it_works_on() -> None:
    assert named(DeviceTask("1", "sw1", "192.0.2.1")) == ("Device", "sw1 192.0.2.1")
    assert named(DeviceTask("1", "a.bin", source="/srv/a.bin")) == ("File", "a.bin")
    assert named(DeviceTask("1", "sw1", "192.0.2.1", source="device:sw1"))[0] == "Device"
    assert named(DeviceTask("1", f"{SERVER_TASK}ams")) == ("Server", "ams")


def test_an_image_of_a_set_says_how_many_files_come_with_it() -> None:
    (plan,) = plan_of(["xr1"]).devices
    assert set_name("mini.pie", None) == "mini.pie"
    assert set_name("mini.pie", replace(plan, image_ids=("a",))) == "mini.pie"
    assert set_name("mini.pie", replace(plan, image_ids=("a", "b", "c"))) == "mini.pie+2"
