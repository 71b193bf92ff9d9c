"""The commands that dialogs name are commands that exist."""

from __future__ import annotations

import click
import pytest

from swim_tui.cli.root import root
from swim_tui.ui.screens.new_job import ACTS


@pytest.mark.parametrize("line", [line for act in ACTS.values() for line in act.commands])
def test_a_command_that_a_dialog_names_exists_with_its_options(line: str) -> None:
    words = line.split()[1:]
    command: click.Command = root
    context = click.Context(root)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command = found
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options
