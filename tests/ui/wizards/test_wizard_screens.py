"""Pictures of every step of the wizards at 80x24 and 120x40."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.ui.fakes import uncommitted_world, world
from tests.ui.pictures import Picture, album

IMAGE = ("d", "j", "j", "space")
DEVICES = (*IMAGE, "ctrl+n", "j", "space", "space")
LIBRARY = ("a", "enter", "j", "j", "space", "ctrl+n", "space")
ROLLBACK = ("2", "n", "r")
WALKS: Mapping[str, tuple[str, ...]] = {
    "distribute-1-image": IMAGE,
    "distribute-2-device": DEVICES,
    "distribute-3-assign": (*DEVICES, "ctrl+n"),
    "distribute-4-options": (*DEVICES, "ctrl+n", "ctrl+n"),
    "distribute-5-schedule": (*DEVICES, "ctrl+n", "ctrl+n", "ctrl+n"),
    "distribute-6-plan": (*DEVICES, "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n"),
    "activate-1-source": ("a",),
    "activate-2-job": ("a", "j", "enter", "space"),
    "activate-3-preview": ("a", "j", "enter", "space", "ctrl+n"),
    "activate-4-options": ("a", "j", "enter", "space", "ctrl+n", "ctrl+n"),
    "import-1-source": ("i",),
    "import-2-url": ("i", "j", "enter"),
    "import-2-device": ("i", "j", "j", "enter"),
    "import-3-schedule": ("i", "j", "enter", *"https://h/x.bin", "ctrl+n"),
    "import-2-server": ("i", *("down",) * 3, "enter", *"files.example.net", "down", "right", "down", "enter", "enter"),
    "import-2-cisco": ("i", *("down",) * 4, "enter"),
    "commit-1-device": ("c",),
    "commit-2-options": ("c", "space", "ctrl+n"),
    "commit-3-schedule": ("c", "space", "ctrl+n", "ctrl+n"),
    "commit-4-plan": ("c", "space", "ctrl+n", "ctrl+n", "ctrl+n"),
    "rollback-1-device": ROLLBACK,
    "rollback-2-options": (*ROLLBACK, "space", "ctrl+n"),
    "rollback-4-plan": (*ROLLBACK, "space", "ctrl+n", "ctrl+n", "ctrl+n"),
    "analysis-1-source": ("u",),
    "analysis-2-devices": ("u", "enter", "a"),
}
FURTHER: Mapping[str, tuple[str, ...]] = {
    "import-4-summary": ("i", "j", "enter", *"https://h/x.bin", "ctrl+n", "ctrl+n"),
    "activate-library-2-image": ("a", "enter"),
    "activate-library-3-device": ("a", "enter", "j", "j", "space", "ctrl+n"),
    "activate-6-plan": ("a", "j", "enter", "space", "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n"),
    "analysis-3-image": ("u", "enter", "a", "ctrl+n"),
    "distribute-3-edit": (*DEVICES, "ctrl+n", "e"),
    "distribute-3-checks": (*DEVICES, "ctrl+n", "enter"),
    "activate-5-schedule": ("a", "j", "enter", "space", "ctrl+n", "ctrl+n", "ctrl+n"),
    "activate-library-4-preview": (*LIBRARY, "ctrl+n"),
    "activate-library-5-options": (*LIBRARY, "ctrl+n", "ctrl+n"),
    "activate-library-6-schedule": (*LIBRARY, "ctrl+n", "ctrl+n", "ctrl+n"),
    "activate-library-7-plan": (*LIBRARY, "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n"),
    "activate-consents": ("a", "j", "enter", "space", "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n", "o"),
    "rollback-3-schedule": (*ROLLBACK, "space", "ctrl+n", "ctrl+n"),
    "distribute-2-paste": (*IMAGE, "ctrl+n", "p"),
    "distribute-7-submit": (*DEVICES, "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n", "s"),
}


async def test_steps(picture: Picture) -> None:
    await album(world(), {name: keys for name, keys in WALKS.items() if not name.startswith("commit")}, picture)


async def test_steps_of_commit(picture: Picture) -> None:
    walks = {name: keys for name, keys in WALKS.items() if name.startswith("commit")}
    await album(uncommitted_world(), walks, picture)


async def test_further_steps(picture: Picture) -> None:
    await album(world(), FURTHER, picture)


async def test_the_directory_browser(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path("/tmp/swim-tui-pictures")  # the path is in the picture
    (folder / "older").mkdir(parents=True, exist_ok=True)
    for name, size in (("c2960-lanbasek9-mz.150-2.SE11.bin", 30_000), ("notes.txt", 500)):
        (folder / name).write_bytes(b"x" * size)
    monkeypatch.chdir(folder)
    await album(world(), {"import-2-file": ("i", "enter", "j", "space")}, picture)
