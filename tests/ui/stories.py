"""Hands on the keyboard of the real program: a lab, an engine, the UI at 80x24, and only keys."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual import events
from textual.pilot import Pilot

from swim_tui.model.job import DeviceTask, Run
from swim_tui.ui.app import SwimApp, UiOptions
from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.dialogs.choose import ChooseDialog
from swim_tui.ui.dialogs.confirm import ConfirmDialog
from swim_tui.ui.dialogs.form import FormDialog
from swim_tui.ui.run import Connector
from swim_tui.ui.screens.job import JobPage
from swim_tui.ui.wizards.assign_step import AssignStep
from swim_tui.ui.wizards.base import WizardPage
from swim_tui.ui.wizards.device_step import DeviceStep
from swim_tui.ui.wizards.preview_step import PreviewStep
from tests.support.world import Lab, World
from tests.ui.conftest import text_of

_POLL_S = 0.03


class Hands:
    """Presses keys and reads the screen."""

    def __init__(self, app: SwimApp, pilot: Pilot[Any]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def screen(self) -> str:
        """What can be read now."""
        return text_of(self.app)

    async def until(self, condition: Callable[[], object], what: str, *, limit_s: float = 30.0) -> None:
        """Wait for something, and show the screen when it does not come."""
        end = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < end, f"not within {limit_s:g} s: {what}\n{self.screen}"
            await self.pilot.pause(_POLL_S)

    async def see(self, words: str, *, limit_s: float = 30.0) -> None:
        """Wait for words on the screen."""
        await self.until(lambda: words in self.screen, f"to see '{words}'", limit_s=limit_s)

    async def press(self, *keys: str) -> None:
        """Keys, each after what the one before began is done or asks something."""
        await self.until(self._rests, "what was begun before")
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()
            await self.until(self._rests, f"an answer to the key {key}")

    def _rests(self) -> bool:
        works = any(worker.is_running and worker.group == "actions" for worker in self.app.workers)
        return isinstance(self.app.screen, Dialog) or not works

    async def paste(self, text: str) -> None:
        """Text into the field that has the focus, as a terminal pastes it."""
        focused = self.app.screen.focused
        assert focused is not None
        focused.post_message(events.Paste(text))
        await self.pilot.pause()

    async def dialog(self, kind: type[Dialog[Any]]) -> None:
        """Wait for a dialog that listens."""
        await self.until(lambda: isinstance(self.app.screen, kind) and self.app.screen.is_settled, f"a {kind.__name__}")

    async def yes(self) -> None:
        """Agree with y, or with the phrase where one is asked."""
        await self.dialog(ConfirmDialog)
        asked = self.app.screen
        assert isinstance(asked, ConfirmDialog)
        if asked.ask.level < 3:
            await self.pilot.press("y")
            return
        for letter in asked.ask.phrase:
            await self.pilot.press("space" if letter == " " else letter)
        await self.pilot.press("enter")

    async def home(self) -> None:
        """Up to the top of the view that is shown, then the home view, and up there too."""
        for view in ("", "1"):
            if view:
                await self.press(view)
            while self.app.page is not None and not self.app.page.is_top:
                await self.press("escape")

    # --- pieces of stories ---

    async def inventory(self, lab: Lab) -> None:
        """Import the lab's inventory and read all devices."""
        await self.press("3", "i")
        await self.dialog(FormDialog)
        await self.paste(lab.ready["inventory"])
        await self.pilot.press("enter")
        await self.yes()
        mirror = self.app.session.mirror
        await self.until(lambda: any(name in self.screen for name in mirror.devices), "devices")
        await self.press("a", "r")
        await self.yes()
        await self.until(lambda: all(row.facts_at for row in mirror.devices.values()), "every device read")
        await self.press("A")

    async def images(self, paths: Sequence[Path]) -> None:
        """Import files with the wizard."""
        await self.home()
        await self.press("i", "enter")
        for path in paths:
            await self.press("shift+tab", "ctrl+u")
            await self.paste(str(path))
            await self.press("enter")
        await self.press("ctrl+n", "ctrl+n")
        await self.see("Ready: s submits")
        await self.pilot.press("s")
        await self.yes()
        await self.run_ends()

    async def next_step(self, title: str) -> WizardPage:
        """The wizard's next step, once the verification is through."""
        page = self.app.screen
        assert isinstance(page, WizardPage)
        if isinstance(page.step, DeviceStep | AssignStep | PreviewStep):
            await self.until(lambda: not page.verifier.is_pending(page.draft.devices), "the verification")
        await self.press("ctrl+n")
        await self.until(lambda: page.steps()[page.index].title == title, f"the step {title}")
        return page

    async def submit(self, phrase: str) -> tuple[Run, list[DeviceTask]]:
        """Give the typed consent on the plan page and wait for the end of the run."""
        await self.see("Ready: s submits")
        await self.pilot.press("s")
        await self.dialog(ConfirmDialog)
        await self.pilot.press(*phrase, "enter")
        return await self.run_ends()

    async def run_ends(self) -> tuple[Run, list[DeviceTask]]:
        """The job page follows the run to its end."""
        await self.until(lambda: isinstance(self.app.screen, JobPage), "the job page")
        page, mirror = self.app.screen, self.app.session.mirror
        assert isinstance(page, JobPage)
        await self.until(
            lambda: page.run_id in mirror.runs and mirror.runs[page.run_id].run.status.is_final,
            "the end of the run", limit_s=120,
        )  # fmt: skip
        detail = await self.app.session.client.run(page.run_id)
        await self.see(str(detail.run.status))
        return detail.run, [task for task in detail.tasks if not task.is_server]


@asynccontextmanager
async def at_the_keyboard(root: Path, network: str, *options: str, scale: str) -> AsyncIterator[tuple[Hands, Lab]]:
    """A lab and an empty store with its engine, seen through the UI."""
    size = () if "--size-scale" in options else ("--size-scale", "200")
    lab = Lab.up(network, root / "lab", "--time-scale", scale, *size, *options)
    world = World(root)
    try:
        world.start_engine("--scale", scale)
        app = SwimApp(UiOptions(world.data), Connector(world.data, read_only=False))
        async with app.run_test(size=(80, 24)) as pilot:
            hands = Hands(app, pilot)
            await hands.until(lambda: app.status.connected, "the engine")
            await hands.dialog(ChooseDialog)  # the first steps of an empty store
            await hands.press("escape")
            yield hands, lab
    finally:
        world.stop()
        lab.down()
