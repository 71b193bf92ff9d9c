"""The lab as a process of its own: ready line, control socket, ways to end it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from swim_tui.lab.control import LabNotRunning, LabRefused, request
from tests.unit.lab.labkit import ASR, NEW_ASR


@contextmanager
def lab_process(folder: Path, *options: str, pass_fds: tuple[int, ...] = ()) -> Iterator[tuple[Any, dict[str, Any]]]:
    command = [sys.executable, "-m", "swim_tui.lab", "up", "story2", "--dir", str(folder), "--size-scale", "200"]
    process = subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, pass_fds=pass_fds
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
        assert process.stderr is not None
        process.stderr.close()


def test_the_ready_line_names_everything_a_client_needs(tmp_path: Path) -> None:
    with lab_process(tmp_path / "lab") as (_, ready):
        assert yaml.safe_load(Path(ready["inventory"]).read_text())["devices"][0]["name"] == ASR
        assert ready["jumps"]["jump-sf"].endswith(":2222")
        assert ready["credentials"]["username"] == "admin"
        image = next(item for item in ready["images"] if item["path"].endswith(NEW_ASR))
        assert Path(image["path"]).stat().st_size == int(image["size"])
        assert Path(ready["control"]).is_socket()
        assert (tmp_path / "lab").stat().st_mode & 0o777 == 0o700


def test_control_shows_status_sets_faults_and_ends_the_lab(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    with lab_process(folder) as (process, _):
        status = request(folder, {"command": "status"})
        assert [row["phase"] for row in status["devices"]] == ["up"] * 4
        answer = request(folder, {"command": "fault", "device": ASR, "set": "drop_at=40%"})
        assert answer["faults"] == ["drop_at=40%"]
        assert request(folder, {"command": "device", "device": ASR})["device"]["faults"] == ["drop_at=40%"]
        assert request(folder, {"command": "fault", "device": ASR, "clear": ""})["faults"] == []
        assert request(folder, {"command": "fault", "device": "jump-sf", "set": "otp"})["faults"] == ["otp"]
        assert len(request(folder, {"command": "status"})["jumps"][0]["code"]) == 6
        with pytest.raises(LabRefused, match="no fault 'nonsense'; known are refuse_connection"):
            request(folder, {"command": "fault", "device": ASR, "set": "nonsense"})
        with pytest.raises(LabRefused, match="no device 'x'"):
            request(folder, {"command": "device", "device": "x"})
        counters = request(folder, {"command": "counters"})["devices"][ASR]
        assert counters == {
            "reloads": 0, "boots": 0, "logins": 0, "failed_logins": 0, "changing_lines": 0, "bytes": 0, "sessions": 0
        }  # fmt: skip
        assert Path(request(folder, {"command": "log"})["log"]).is_file()
        assert request(folder, {"command": "down"}) == {"ok": True}
        assert process.wait(10) == 0
    with pytest.raises(LabNotRunning):
        request(folder, {"command": "status"})


def test_a_term_signal_ends_it_cleanly(tmp_path: Path) -> None:
    with lab_process(tmp_path / "lab") as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert not (tmp_path / "lab" / "control.json").exists()


def test_it_ends_when_its_lifeline_is_closed(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    with lab_process(tmp_path / "lab", "--lifeline", str(reader), pass_fds=(reader,)) as (process, _):
        os.close(reader)
        os.close(writer)
        assert process.wait(10) == 0


def test_a_long_directory_name_gets_a_short_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("a-very-long-name-" * 6) / "lab"
    folder.mkdir(parents=True)
    with lab_process(folder) as (_, ready):
        assert len(ready["control"]) <= 100
        assert request(folder, {"command": "status"})["network"] == "story2"
        assert Path(ready["control"]).parent.stat().st_mode & 0o777 == 0o700


def test_a_wrong_network_is_one_sentence_and_exit_code_two(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("devices:\n  - {name: a, name: b}\n")
    command = [sys.executable, "-m", "swim_tui.lab", "up", str(path), "--dir", str(tmp_path / "lab")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert done.stderr == f"lab: {path}, line 2: key 'name' stands twice (first on line 2)\n"
