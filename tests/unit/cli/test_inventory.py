"""Lists of names and folders on their way to the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from swim_tui.cli.inventory import FORMATS, device_lines, read_text
from swim_tui.engine.services.formats import detect
from swim_tui.engine.services.inventory_file import Known, read_inventory
from swim_tui.errors import ConfigError
from swim_tui.model.device import Device, Role


def test_the_command_line_knows_the_engines_formats() -> None:
    from swim_tui.cli.inventory import FILE_MARK

    assert FORMATS == detect.FORMATS
    assert FILE_MARK == detect.FILE_MARK


def test_a_pasted_list_becomes_devices_alike_and_a_problem_has_the_line_of_the_list() -> None:
    text = device_lines(b"sw1\n\nsw2 192.0.2.2  # new\nsw3,not/an/address\n", Device("-", "", role=Role.CORE))
    file, problems = read_inventory(text, "stdin", Known())
    assert [(e.value.name, e.value.address, e.value.role) for e in file.devices] == [
        ("sw1", "sw1", Role.CORE), ("sw2", "192.0.2.2", Role.CORE),
    ]  # fmt: skip
    assert [p.split(":")[0] for p in problems] == ["stdin, line 4"]


def test_a_line_with_three_words_is_refused() -> None:
    with pytest.raises(ConfigError, match="line 2"):
        device_lines(b"a\nb 192.0.2.1 c\n", Device("-", ""))


def test_a_folder_is_read_as_the_files_of_nornir(tmp_path: Path) -> None:
    (tmp_path / "hosts.yaml").write_text("sw1: {hostname: 192.0.2.1}\n")
    (tmp_path / "defaults.yml").write_text("port: 2222\n")
    _, text = read_text(tmp_path)
    assert [name for name, _, _ in detect.files_of(text)] == ["hosts.yaml", "defaults.yml"]
    with pytest.raises(ConfigError, match=r"hosts\.yaml"):
        read_text(tmp_path.parent)
