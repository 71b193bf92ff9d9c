"""Which directories the engine takes as its data directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from swim_tui.engine.main import own_data_dir
from swim_tui.errors import DataDirShared, describe
from swim_tui.paths import DataPaths


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_an_empty_directory_made_with_mkdir_is_closed_to_others(tmp_path: Path) -> None:
    root = tmp_path / "data"
    root.mkdir(mode=0o755)
    own_data_dir(DataPaths(root))
    assert _mode(root) == 0o700


def test_a_data_directory_that_was_opened_is_closed_again(tmp_path: Path) -> None:
    paths = DataPaths(tmp_path / "data")
    own_data_dir(paths)
    paths.engine_lock.touch()
    paths.root.chmod(0o755)
    own_data_dir(paths)
    assert _mode(paths.root) == 0o700


def test_a_directory_with_other_files_is_left_as_it_is_and_the_command_is_named(tmp_path: Path) -> None:
    root = tmp_path / "home"
    root.mkdir()
    root.chmod(0o755)
    (root / "letters.txt").touch()
    with pytest.raises(DataDirShared) as caught:
        own_data_dir(DataPaths(root))
    assert _mode(root) == 0o755
    assert f"chmod 700 {root}" in describe(caught.value).one_line()
