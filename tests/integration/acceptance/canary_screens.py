"""Every screen of the UI on an engine that holds secrets: its text, its SVG, what is copied and what is exported."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.widgets import Input

from swim_tui.ui.app import SwimApp, UiOptions
from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.dialogs.passphrase import PassphraseDialog
from swim_tui.ui.run import Connector
from tests.support.world import World
from tests.ui.stories import Hands
from tests.ui.walks import WALKS

LONG = bool(os.environ.get("SWIM_TUI_LONG"))
"""The pictures too, every record and form, and every form of an export."""

# Screens that have no key of their own, by their palette word; then keys there.
NAMED = {
    "credentials": ("", "e"),
    "jumps": ("",),
    "groups": ("",),
    "hostkeys": ("",),
    "configs": ("enter",),
    "menu": ("",),
}
MORE = {
    "server-protocols": ("5", "m"),
    "server-record": ("5", "y"),
    "device-record": ("3", "y"),
    "import-url": ("1", "i", "down", "enter"),
}
LONG_NAMED = {
    "credentials": ("y",),
    "jumps": ("y", "e"),
    "groups": ("y",),
    "hostkeys": ("y",),
    "configs": ("", "y"),
    "guide": ("",),
    "start": ("",),
}
LONG_MORE = {
    "device-edit": ("3", "e"),
    "device-add": ("3", "n"),
    "job-record": ("2", "y"),
    "task-record": ("2", "enter", "y"),
    "image-record": ("4", "y"),
    "settings-record": ("comma", "y"),
    "log-record": ("6", "y"),
    "new-job": ("2", "n"),
    "import": ("1", "i"),
    "distribute": ("1", "d"),
    **{f"device-tab-{n}": ("3", "enter", *("tab",) * n) for n in range(1, 7)},
}
TABLES = ("1", "2", "3", "4", "5", "6", "comma") if LONG else ("2", "3")


class Seen:
    """What was on the screen, in the clipboard and in files, by the name of the walk."""

    def __init__(self, hands: Hands, folder: Path) -> None:
        self._hands, self._folder = hands, folder
        self.parts: dict[str, bytes] = {}

    async def look(self, name: str) -> None:
        """Keep what is shown now."""
        app = self._hands.app
        await self._hands.pilot.pause()
        self.parts[f"screen {name}"] = self._hands.screen.encode()
        if LONG:
            self.parts[f"svg {name}"] = app.export_screenshot().encode()

    async def back(self) -> None:
        """Out of any dialog, then to the top of the home view."""
        app = self._hands.app
        while isinstance(app.screen, Dialog) or (app.page is not None and not app.page.is_top):
            # a dialog that is waited for must answer, or its action waits for ever
            await (app.screen.dismiss(None) if isinstance(app.screen, Dialog) else app.pop_screen())
        mounted = app.go_view("images")
        if mounted is not None:
            await mounted

    async def walk(self, name: str, keys: tuple[str, ...]) -> None:
        """From the home view by keys."""
        await self.back()
        await self._hands.press(*keys)
        await self.look(name)

    async def named(self, word: str, keys: tuple[str, ...]) -> None:
        """A screen by its palette word, and some keys there."""
        for key in keys:
            await self.back()
            await self._hands.press("colon")
            await self._hands.paste(word)
            await self._hands.press("enter", *([key] if key else []))
            await self.look(f"{word} {key}")

    async def copied(self, key: str) -> None:
        """Row of the first line goes to the clipboard, the table to a file."""
        await self.back()
        await self._hands.press(key, "Y")
        self.parts[f"row copied on {key}"] = self._hands.app.clipboard.encode()
        for suffix in ("csv", "json", "md") if LONG else ("json",):
            path = self._folder / f"table-{key}.{suffix}"
            await self._hands.press("ctrl+e", "ctrl+u")
            await self._hands.paste(str(path))
            await self._hands.press("enter")
            if isinstance(self._hands.app.screen, Dialog):
                await self._hands.press("escape")  # a page without rows
            elif path.exists():
                self.parts[f"table {path.name}"] = path.read_bytes()


async def seen_on_screens(
    world: World, folder: Path, passphrase: str, patch: pytest.MonkeyPatch
) -> tuple[dict[str, bytes], int]:
    """Unlock the vault in the UI, then go everywhere; the parts by name, and how many of them are of screens."""
    for name, value in world.env().items():
        patch.setenv(name, value)
    app = SwimApp(UiOptions(world.data, welcome=False), Connector(world.data, read_only=False))
    async with app.run_test(size=(120, 40)) as pilot:
        hands = Hands(app, pilot)
        await hands.until(lambda: app.status.connected, "the engine")
        await hands.until(lambda: isinstance(app.screen, PassphraseDialog), "the question for the passphrase")
        await hands.until(lambda: isinstance(app.focused, Input), "its field")
        await hands.paste(passphrase)
        seen = Seen(hands, folder)
        await seen.look("passphrase typed")
        await pilot.press("enter")
        await hands.until(lambda: not isinstance(app.screen, PassphraseDialog), "an open vault")
        for name, keys in {**WALKS, **MORE, **(LONG_MORE if LONG else {})}.items():
            await seen.walk(name, keys)
        for word, each in [*NAMED.items(), *(LONG_NAMED.items() if LONG else ())]:
            await seen.named(word, each)
        for key in TABLES:
            await seen.copied(key)
        seen.parts["log of the session"] = "\n".join(line.text for line in app.log_book.entries).encode()
    return seen.parts, sum(name.startswith("screen ") for name in seen.parts)
