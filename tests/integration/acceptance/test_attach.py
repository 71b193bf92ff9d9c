"""Jobs outlive the terminal: two UIs on a pty, one closed in the middle, a new one shows the end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.acceptance.test_psirt import ASR, distribute
from tests.support.world import Lab, World, wait_until

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Terminal:
    """A program in a real terminal of its own (tmux), 80x24."""

    def __init__(self, folder: Path, name: str, world: World) -> None:
        self._base = ["tmux", "-S", str(folder / name), "-f", "/dev/null"]
        program = f"exec {sys.executable} -m swim_tui.cli"
        subprocess.run([*self._base, "new-session", "-d", "-x", "80", "-y", "24", program], env=world.env(), check=True)

    def screen(self) -> str:
        """What a person sees now."""
        done = subprocess.run([*self._base, "capture-pane", "-p"], capture_output=True, text=True, check=False)
        return done.stdout

    def press(self, *keys: str) -> None:
        """Type keys."""
        subprocess.run([*self._base, "send-keys", *keys], check=True)

    def shows(self, text: str, limit_s: float = 30) -> None:
        """Wait until a text is on the screen."""
        try:
            wait_until(lambda: text in self.screen(), limit_s=limit_s, what=text)
        except AssertionError:
            raise AssertionError(f"{text!r} is not on the screen:\n{self.screen()}") from None

    def kill(self) -> None:
        """Close the terminal as a lost connection would."""
        subprocess.run([*self._base, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def terminal(tmp_path: Path, world: World) -> Iterator[Callable[[], Terminal]]:
    opened: list[Terminal] = []

    def start() -> Terminal:
        opened.append(Terminal(tmp_path, f"t{len(opened)}", world))
        return opened[-1]

    yield start
    for one in opened:
        one.kill()


def test_a_job_goes_on_when_its_terminal_closes_and_every_terminal_shows_it(
    lab_up: Callable[..., Lab], world: World, terminal: Callable[[], Terminal]
) -> None:
    lab = lab_up("story2")
    world.set_up(lab)
    lab.fault(ASR[0], "slow=3000000")
    first, second = terminal(), terminal()
    first.shows("Last 10 Swim Job")
    second.shows("Last 10 Swim Job")
    started = json.loads(world.swim(*distribute(ASR[0], ASR[1]), "--json").stdout)
    run_id = started["run"]["id"]
    first.shows(run_id)
    second.shows(run_id)
    second.shows("Running")
    first.kill()
    final = wait_until(
        lambda: (d := world.json("runs", "show", run_id))["run"]["ended_at"] and d, limit_s=120, what="run ends"
    )
    assert final["run"]["status"] == "Success"
    third = terminal()
    third.shows("Last 10 Swim Job")
    third.shows("Success")
    second.press("2")
    second.shows("Success")
    assert lab.reloads() == {ASR[0]: 1, ASR[1]: 1}
