"""Story 10: two UIs on a pty watch a job, one cancels a device, one is closed, a new one shows the end."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.story1 import IMAGE, part_of_story1
from tests.support.world import Lab, World, wait_until

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Terminal:
    """A program in a real terminal of its own (tmux), 80x24."""

    def __init__(self, folder: Path, name: str, world: World, came_from: str = "") -> None:
        self._base = ["tmux", "-S", str(folder / name), "-f", "/dev/null"]
        program = f"exec {sys.executable} -m swim_tui.cli"
        env = {**world.env(), **({"SSH_CLIENT": f"{came_from} 50022 22"} if came_from else {})}
        subprocess.run([*self._base, "new-session", "-d", "-x", "80", "-y", "24", program], env=env, check=True)

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

    def until_shows(self, key: str, text: str, limit_s: float = 30) -> None:
        """Press a key until a text is on the screen: a dialog that has just come does not take a yes at once."""
        end = time.monotonic() + limit_s
        while text not in self.screen():
            assert time.monotonic() < end, f"{text!r} is not on the screen:\n{self.screen()}"
            self.press(key)
            time.sleep(0.5)

    def kill(self) -> None:
        """Close the terminal as a lost connection would."""
        subprocess.run([*self._base, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def terminal(tmp_path: Path, world: World) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def start(came_from: str = "") -> Terminal:
        opened.append(Terminal(tmp_path, f"t{len(opened)}", world, came_from))
        return opened[-1]

    yield start
    for one in opened:
        one.kill()


def test_a_job_outlives_its_terminal_and_somebody_on_call_attaches_watches_and_cancels_one_device(
    lab_up: Callable[..., Lab], world: World, terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    """Story 10, on four switches of story 1."""
    switches = ("sf-acc-14", "sf-acc-15", "la-acc-15", "3850-1")
    lab = lab_up(str(part_of_story1(tmp_path, switches)))
    world.swim("devices", "import", lab.ready["inventory"])
    world.swim("images", "import", str(Path(lab.ready["images_dir"]) / IMAGE), "--wait")
    chosen = [word for name in switches for word in ("--device", name)]
    order = ("--insert-boot-command", "--activate", "sequential", "--soak", "0", "--yes")
    run_id = world.json("distribute", "--image", IMAGE, *chosen, *order)["run"]["id"]
    world.swim("jobs", "hold", run_id)
    first, second = terminal(), terminal("192.0.2.7")
    second.shows("Last 10 Swim Job")
    first.shows("Last 10 Swim Job")
    for one in (first, second):
        one.shows(run_id)
        one.press("2", "Enter")
        one.shows("sf-acc-15")
    second.press("G", "x")
    second.shows("Cancel sf-acc-15")
    second.press("d")
    second.shows("Cancel sf-acc-15 of run")
    second.until_shows("y", "- Cancelled")
    first.shows("- Cancelled")
    first.kill()
    world.swim("jobs", "resume", run_id)
    detail = wait_until(
        lambda: (d := world.json("runs", "show", run_id))["run"]["ended_at"] and d, limit_s=120, what="run ends"
    )
    assert detail["run"]["status"] == "Partial Success"
    tasks = {task["device"]: task for task in detail["tasks"]}
    assert {name: tasks[name]["status"] for name in switches} == {
        **dict.fromkeys(switches, "Success"), "sf-acc-15": "Cancelled"
    }  # fmt: skip
    assert lab.reloads() == dict.fromkeys(set(switches) - {"sf-acc-15"}, 1)
    assert "from 192.0.2.7)" in tasks["sf-acc-15"]["message"]
    said = {act["what"]: act["by"] for act in detail["run"]["acts"]}
    assert list(said) == ["hold", "cancel-device sf-acc-15", "resume"]
    assert said["cancel-device sf-acc-15"].endswith(" from 192.0.2.7")
    assert " from " not in said["hold"]
    second.shows("Partial Success")
    third = terminal()
    third.shows("Partial Success")
