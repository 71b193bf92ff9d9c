"""The house: what start-up loads, how long modules are, what must not be in the sources."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "swim_tui").rglob("*.py"))
HARD_LIMIT = 400


def loaded_by(statement: str) -> set[str]:
    """Top-level modules in sys.modules after a statement in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(' '.join(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import swim_tui.cli", {"textual", "netmiko", "paramiko", "asyncssh", "aiohttp", "pydantic"}),
        ("import swim_tui.api.client", {"textual", "netmiko", "paramiko", "asyncssh", "aiohttp"}),
        ("import swim_tui.ui.app", {"netmiko", "paramiko", "asyncssh", "aiohttp"}),
        ("import swim_tui.drivers.contract, swim_tui.drivers.frames", {"netmiko", "paramiko", "scp", "aiohttp"}),
        ("import swim_tui.engine.core", {"netmiko", "paramiko", "scp", "textual", "asyncssh"}),
        ("import swim_tui.worker", {"textual", "aiohttp", "asyncssh", "tinydb"}),
    ],
)
def test_starting_loads_only_what_is_needed(statement: str, unwanted: set[str]) -> None:
    assert not loaded_by(statement) & unwanted


def test_no_module_is_a_monster() -> None:
    long = {str(p.relative_to(ROOT)): n for p in SOURCES if (n := len(p.read_text().splitlines())) > HARD_LIMIT}
    long.pop("swim_tui/errors.py", None)  # a flat list of small classes: the error tree in one place
    assert not long


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(p.relative_to(ROOT))
        for p in SOURCES
        if (text := p.read_text().strip()) and not text.startswith(('"""', "r'''", 'r"""'))
    ]
    assert not silent


def test_no_process_of_ours_imports_from_the_directory_it_is_started_in() -> None:
    started = re.compile(r"(?:sys\.executable|\[python),\s*(\"[^\"]*\")")
    flags = {(str(p.relative_to(ROOT)), flag) for p in SOURCES for flag in started.findall(p.read_text())}
    assert len(flags) > 7
    assert {(path, flag) for path, flag in flags if flag != '"-P"'} == set()


def test_nothing_is_left_unfinished() -> None:
    mark = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError")
    assert not [str(p.relative_to(ROOT)) for p in SOURCES if mark.search(p.read_text())]
