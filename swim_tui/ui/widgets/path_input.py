"""A file's path, completed from the directory it names."""

from __future__ import annotations

import os
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.suggester import Suggester

from swim_tui.paths import user_path
from swim_tui.ui.widgets.line_input import LineInput

_MOST = 5000


class PathSuggester(Suggester):
    """Completes a path, seen from the working directory, with the first name that fits; Right takes it."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The whole path, or nothing."""
        head, slash, tail = value.rpartition("/")
        if not tail:
            return None
        found: list[str] = []
        try:
            with os.scandir(user_path(head + slash or ".")) as listing:
                for seen, each in enumerate(listing):
                    if seen >= _MOST:
                        break
                    if each.name.startswith(tail):
                        found.append(f"{each.name}/" if each.is_dir() else each.name)
        except OSError:
            return None
        return f"{head}{slash}{min(found)}" if found else None


class PathInput(LineInput):
    """Tab takes the completion as in a shell, and goes on where there is none."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", show=False)]

    def __init__(self, value: str = "", *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(value, placeholder=placeholder, id=id)
        self.suggester = PathSuggester()

    def action_complete(self) -> None:
        """The grey rest becomes text."""
        if self.cursor_at_end and self._suggestion and self._suggestion != self.value:
            self.action_cursor_right()
        else:
            self.screen.focus_next()
