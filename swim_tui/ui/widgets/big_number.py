"""Figures three lines high, readable across a room; in ASCII mode one bold line."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.widgets import Digits


class BigNumber(Digits):
    """Digits and colons."""

    DEFAULT_CSS = "BigNumber { width: auto; }"

    def render(self) -> RenderResult:
        """Box drawing does not survive ASCII mode."""
        if getattr(self.app, "ascii_only", False):
            return Content(f"\n{self.value}")
        return super().render()
