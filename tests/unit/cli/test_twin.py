"""The command line is whole: every command of its list is there, with --json and --data-dir, and completes."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from swim_tui.cli.examples import EXAMPLES
from swim_tui.cli.root import root

LIST = """
demo; engine start|stop|status|log|install; lab up|down|status|fault
devices import|import-netbox|export|add|edit|list|show|sync|remove; groups list|set|rename|remove
credentials add|list|confirm|remove|vault|unlock|rotate-key; jumps add|list|test|remove; hostkeys list|accept|remove
images import|browse|list|show|set|delete|identify; servers add|list|verify|remove; analyze
plan distribute|activate|commit|rollback|diff; distribute; activate; commit; rollback
jobs list|show|watch|cancel|hold|resume|pause|edit|retry|log|answer|delete; runs list|show|export
configs archive|list|show|diff|export; facts read; packs list|check|show; settings list|get|set
doctor; info; completion
"""
COPY = (
    "--image --device --group --location --server --backup --erase-flash --insert-boot-command --activate "
    "--upgrade-mode --commit --issu --stop-on-failure --name --at --recur --window --order --change --reason"
)
OPTIONS = {
    "distribute": f"{COPY} --dry-run --yes --wait --plan --expect",
    "activate": f"{COPY} --from-run --dry-run --yes --wait --plan --expect",
    "commit": "--device --at --dry-run --yes --wait",
    "rollback": "--device --at --dry-run --yes --wait",
    "plan distribute": f"{COPY} --out",
    "jobs log": "--device",
    "jobs cancel": "--device",
    "facts read": "--platform --command --jsonl",
    "packs show": "--commands",
    "images import": "--device --file --md5 --sha512",
    "images set": "--min-ram --min-flash",
    "demo": "--headless --story --keep",
    "lab up": "--dir --time-scale --size-scale --addresses",
    "analyze": "--image --device --group --cisco --credentials",
}
SECRET = ("password", "secret", "token", "passphrase")


def walk(command: click.Command, context: click.Context, path: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        assert child is not None
        yield from walk(child, context, f"{path} {name}".strip())


@pytest.fixture(scope="module")
def commands() -> dict[str, click.Command]:
    return dict(walk(root, click.Context(root), ""))


def options(command: click.Command) -> set[str]:
    return {text for param in command.params for text in (*param.opts, *param.secondary_opts)}


def test_every_command_of_the_list_is_there_with_its_options(commands: dict[str, click.Command]) -> None:
    for entry in LIST.replace("\n", ";").split(";"):
        group, _, names = entry.strip().partition(" ")
        for name in names.split("|") if group else ():
            assert f"{group} {name}".strip() in commands
    for path, wanted in OPTIONS.items():
        assert set(wanted.split()) <= options(commands[path]), path


def test_every_command_has_json_a_data_directory_and_a_sentence(commands: dict[str, click.Command]) -> None:
    for path, command in commands.items():
        assert {"--json", "--data-dir"} <= options(command), path
        assert command.help, path


def parsed(line: str) -> str:
    """Parse a line as the program would, without running it; the path of its command."""
    context, words, path = (
        click.Context(root, info_name="swim-tui"),
        shlex.split(line.split(" < ")[0].split(" > ")[0]),
        [],
    )
    command: click.Command = root
    while isinstance(command, click.Group):
        path.append(words.pop(0))
        found = command.get_command(context, path[-1])
        assert found is not None, line
        context, command = click.Context(found, info_name=path[-1], parent=context), found
    command.parse_args(context, words)
    return " ".join(path)


def test_every_example_is_a_line_that_the_program_takes_and_most_commands_have_one(
    commands: dict[str, click.Command],
) -> None:
    assert set(EXAMPLES) <= set(commands)
    for path, lines in EXAMPLES.items():
        assert path in {parsed(line) for line in lines}, path
        assert commands[path].epilog, path
    shown = [path for path, command in commands.items() if command.epilog or "swim-tui " in (command.help or "")]
    needing = [path for path, command in commands.items() if len(command.params) > 4]  # more than names and --yes
    assert set(needing) - set(shown) <= {"plan activate", "plan commit", "plan rollback"}


def test_a_help_fits_a_screen_but_for_the_options_of_a_job(commands: dict[str, click.Command]) -> None:
    for path, command in commands.items():
        if {"--erase-flash", "--soak", "--window"} & options(command):
            continue
        context = click.Context(command, info_name=path, max_content_width=120, terminal_width=120)
        assert command.get_help(context).count("\n") < 42, path


def test_a_secret_is_never_an_argument(commands: dict[str, click.Command]) -> None:
    for path, command in commands.items():
        for param in command.params:
            takes_text = isinstance(param, click.Option) and not param.is_flag
            assert not (takes_text and any(word in text for text in param.opts for word in SECRET)), (path, param.opts)


def complete(tmp_path: Path, line: str) -> list[str]:
    at = str(len(line.split(" ")) - 1)
    asked = {"COMP_WORDS": line, "COMP_CWORD": at, "_SWIM_TUI_COMPLETE": "bash_complete"}
    env = {**os.environ, **asked, "SWIM_TUI_DATA_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "swim_tui.cli"], env=env, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return [text.partition(",")[2] for text in done.stdout.splitlines() if text]


def test_a_shell_completes_commands_and_choices_and_without_an_engine_no_names(tmp_path: Path) -> None:
    assert complete(tmp_path, "swim-tui hostk") == ["hostkeys"]
    assert complete(tmp_path, "swim-tui distribute --activate par") == ["parallel"]
    assert complete(tmp_path, "swim-tui devices show ") == []
    script = subprocess.run(
        [sys.executable, "-m", "swim_tui.cli", "completion", "bash"], capture_output=True, text=True, check=True
    )
    assert "_SWIM_TUI_COMPLETE=bash_complete" in script.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_a_real_bash_completes_with_the_script(tmp_path: Path) -> None:
    """The function that the script registers is called as bash calls it at a Tab."""
    steps = """
    swim-tui() { "$PYTHON" -m swim_tui.cli "$@"; }
    export -f swim-tui; eval "$(swim-tui completion bash)"
    wanted=$(complete -p swim-tui | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
    COMP_WORDS=(swim-tui jobs ca) COMP_CWORD=2; $wanted swim-tui ca jobs; echo "${COMPREPLY[@]}"
    """
    mine = tmp_path / "bin"
    mine.mkdir()
    (mine / "swim-tui").write_text(f'#!/bin/sh\nexec {sys.executable} -m swim_tui.cli "$@"\n')
    (mine / "swim-tui").chmod(0o755)
    env = {**os.environ, "PYTHON": sys.executable, "PATH": f"{mine}:{os.environ['PATH']}",
           "SWIM_TUI_DATA_DIR": str(tmp_path / "data")}  # fmt: skip
    done = subprocess.run(["bash", "-c", steps], env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.split() == ["cancel"], done.stderr
