"""What a start costs: which modules are loaded, and how much screen the help takes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from swim_tui.cli import main
from swim_tui.cli.root import COMMANDS

HEAVY = ("textual", "netmiko", "paramiko", "asyncssh", "aiohttp", "pydantic", "tinydb", "yaml", "cryptography", "rich")


def loaded_by(code: str) -> set[str]:
    script = f"import sys, json\n{code}\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_help_loads_nothing_heavy() -> None:
    found = loaded_by("from swim_tui.cli import main\nassert main(['--help']) == 0")
    assert found.isdisjoint(HEAVY)


def test_a_commands_own_help_loads_nothing_heavy() -> None:
    names = [name for name in COMMANDS if name != "demo"]
    found = loaded_by(f"from swim_tui.cli import main\nfor name in {names!r}: assert main([name, '--help']) == 0")
    assert found.isdisjoint(HEAVY)


def test_the_client_loads_neither_ui_nor_ssh_nor_http_before_it_connects() -> None:
    found = loaded_by("import swim_tui.api.client")
    assert found.isdisjoint({"textual", "netmiko", "paramiko", "asyncssh", "aiohttp", "pydantic"})


def test_a_connected_client_still_loads_neither_ui_nor_ssh() -> None:
    found = loaded_by("import swim_tui.api.client, swim_tui.api.codec, aiohttp, swim_tui.cli.watch, swim_tui.cli.demo")
    assert found.isdisjoint({"textual", "netmiko", "paramiko", "asyncssh", "tinydb", "swim_tui.engine"})


@pytest.mark.parametrize(
    "name", [name for name in COMMANDS if name not in ("plan", "distribute", "activate", "commit", "rollback")]
)
def test_help_fits_a_screen(name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert 3 < len(shown) <= 24
    assert max(len(line) for line in shown) <= 100


def test_the_first_help_shows_every_command_and_examples() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "swim_tui.cli", "-h"], capture_output=True, text=True, timeout=60, check=True
    )
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)
    assert "swim-tui demo" in done.stdout
    assert len(done.stdout.splitlines()) <= 44


def test_the_views_that_the_ui_can_start_with_are_its_views() -> None:
    from swim_tui.cli.root import VIEWS as NAMED
    from swim_tui.ui.shell import VIEWS

    assert tuple(view.id for view in VIEWS) == NAMED


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--view", "nowhere"], "nowhere"),
        (["--ascii", "jobs", "list"], "are for the UI"),
    ],
)
def test_flags_of_the_ui_are_refused_where_they_mean_nothing(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
