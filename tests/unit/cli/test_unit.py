"""The systemd unit: one per data directory, read by systemd as it was meant."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from swim_tui.cli.unit import unit_name, unit_text
from tests.support.world import World

ODD = 'a dir 100% "of" $HOME'


def test_another_data_directory_has_a_unit_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert unit_name(tmp_path / "swim-tui") == "swim-tui.service"
    names = {unit_name(tmp_path / odd) for odd in (ODD, "lab", "other/lab")}
    assert len(names) == 3
    assert all(name.startswith("swim-tui-") and not set(name) & set(' %"$/') for name in names)


def test_nothing_in_a_path_is_a_variable_or_a_specifier_of_systemd() -> None:
    text = unit_text(Path("/x") / ODD, "/usr/bin/python3", {"XDG_CONFIG_HOME": "/c 5%", "SECRET": "hush"}, "PROD")
    start = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    assert start.endswith('"--data-dir" "/x/a dir 100%% \\"of\\" $$HOME" "--environment" "PROD"')
    assert 'Environment="XDG_CONFIG_HOME=/c 5%%"' in text
    assert "hush" not in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "swim-tui.service"
    unit.write_text(unit_text(tmp_path / ODD, sys.executable, {"XDG_CONFIG_HOME": str(tmp_path)}, "PROD"))
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    if "Failed to initialize manager" in done.stderr:
        pytest.skip("systemd-analyze cannot work here")
    assert (done.returncode, done.stderr) == (0, "")


def test_install_writes_the_unit_and_says_how_it_is_started_and_kept(tmp_path: Path) -> None:
    world = World(tmp_path)
    done = world.here("engine", "install", "--environment", "PROD")
    unit = Path(done.stdout.strip())
    assert unit.parent == tmp_path / "config" / "systemd" / "user"
    assert f'"--data-dir" "{world.data}"' in unit.read_text()
    assert f"enable --now {unit.name}" in done.stderr
    assert "loginctl enable-linger" in done.stderr
    again = world.json("engine", "install")
    assert (again["unit"], again["engine_runs"]) == (str(unit), False)
    assert [path.name for path in unit.parent.iterdir()] == [unit.name]
