"""What is said to the terminal beside the screen: its title, and the title it had before."""

from __future__ import annotations

import re
from typing import Any

from textual.app import App

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class TerminalTitle:
    """Sets the window's title (OSC 2); the old one is kept on the terminal's own stack (XTWINOPS 22, 23)."""

    def __init__(self, app: App[Any], *, on: bool) -> None:
        self._app = app
        self._on = on
        self.text = ""

    def set(self, text: str) -> None:
        """Show another title."""
        text = _CONTROL.sub("", text)
        if text != self.text:
            first = not self.text
            self.text = text
            self._write(("\x1b[22;2t" if first else "") + f"\x1b]2;{text}\x07")

    def restore(self) -> None:
        """Give the old title back."""
        if self.text:
            self.text = ""
            self._write("\x1b[23;2t")

    def _write(self, sequence: str) -> None:
        driver = self._app._driver  # Textual has no public way to write beside the screen
        if self._on and driver is not None and not self._app.is_headless:
            driver.write(sequence)
            driver.flush()


def title_text(running: int, failed: int) -> str:
    """`swim 3 run 1 FAIL`: what a person looks for among many tabs."""
    return f"swim {running} run" + (f" {failed} FAIL" if failed else "")
