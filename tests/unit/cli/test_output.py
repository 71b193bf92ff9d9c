"""What is printed: tables, sizes, text from devices, changes of a run."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from swim_tui.cli import output
from swim_tui.cli.progress import Lines, change_of
from swim_tui.cli.watch import is_over
from swim_tui.model.job import DeviceTask, JobType, OperationState, OpStatus, Run, RunStatus, TaskStatus
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import OpKind, Phase


def test_text_from_a_device_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("a", "b"), [("x\x1b[2Jy", "line\none"), ("\u202eevil", "[bold]plain[/bold]")])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert out.count("\n") == 3
    assert "[bold]plain[/bold]" in out


def test_json_and_plain_text_move_no_cursor_either(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "a\x9b2J\x7f\u202eb\x1b[2J"
    output.emit({"name": hostile})
    output.emit_line({"name": hostile})
    output.say(f"plan of {hostile}\n\tnext\r")
    out = capsys.readouterr().out
    assert not set(out) & set("\x9b\x7f\u202e\x1b\r")
    first, line = out.split("}\n", 1)
    assert json.loads(first + "}") == json.loads(line.splitlines()[0]) == {"name": hostile}
    assert "\n\tnext\\r\n" in out


def test_columns_are_aligned_by_cells(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("name", "x"), [("日本", 1), ("a", 2)])
    assert capsys.readouterr().out == "name  x\n日本  1\na     2\n"


def test_an_empty_table_is_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("name",), [], empty="no devices")
    found = capsys.readouterr()
    assert (found.out, found.err) == ("", "no devices\n")


@pytest.mark.parametrize(
    ("count", "text"), [(311159920, "296.7 MB (311159920 bytes)"), (0, "0 B (0 bytes)"), (None, "")]
)
def test_sizes_are_those_of_the_repository(count: int | None, text: str) -> None:
    assert output.size_exact(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.25, "0.25 s"), (42, "42 s"), (61, "1 m 01 s"), (4080, "1 h 08 m"), (None, "")]
)
def test_durations_have_two_parts(seconds: float | None, text: str) -> None:
    assert output.duration(seconds) == text


TASK = DeviceTask("7", "r1")
COPY = OperationState("c", OpKind.COPY_IMAGE, Phase.DISTRIBUTE, "Copying image a.bin to flash:")


def test_a_change_is_one_line_of_words() -> None:
    running = replace(TASK, status=TaskStatus.RUNNING, operations=(replace(COPY, status=OpStatus.RUNNING),))
    assert change_of(running, TASK) == "Copying image a.bin to flash:"
    copied = replace(running, operations=(replace(COPY, status=OpStatus.SUCCESS, message="16 MB in 2 s"),))
    assert change_of(copied, running) == "Success: Copying image a.bin to flash: (16 MB in 2 s)"
    assert change_of(copied, copied) == ""
    done = replace(copied, status=TaskStatus.SUCCESS, outcome=Outcome.UPGRADED, message="runs 03.13.05.S")
    assert change_of(done, copied) == "Upgraded: runs 03.13.05.S"
    assert change_of(replace(TASK, waiting_for="run 6 has this device"), TASK) == "run 6 has this device"


def test_lines_say_each_thing_once(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run("7", "6", "j", JobType.DISTRIBUTION, RunStatus.RUNNING, created_at=output.datetime.now().astimezone())
    view = Lines()
    view.begin(run, [TASK])
    view.run(run)
    view.run(replace(run, barrier="1 of 3 copies"))
    err = capsys.readouterr().err
    assert err.count("\n") == 2
    assert "7: Running: 1 of 3 copies" in err


def test_a_stopped_run_is_over_only_when_nothing_runs_any_more() -> None:
    run = Run("7", "6", "j", JobType.DISTRIBUTION, RunStatus.RUNNING, created_at=output.datetime.now().astimezone())
    running = replace(TASK, status=TaskStatus.RUNNING)
    assert not is_over(run, [TASK])
    stopped = replace(run, stopped_because="r1: Unreachable after reload")
    assert not is_over(stopped, [running, TASK])
    assert is_over(stopped, [TASK])
    assert is_over(replace(run, status=RunStatus.FAILURE), [])


def test_an_error_with_escape_sequences_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    output.tell("r1: \x1b[2Jhello\nsecond \x9b1m line")
    said = capsys.readouterr().err
    assert said == "r1: \\x1b[2Jhello\nsecond \\x9b1m line\n"
