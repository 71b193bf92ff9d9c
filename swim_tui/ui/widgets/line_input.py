"""A one-line input as all our forms use it."""

from __future__ import annotations

from collections.abc import Callable

from textual.suggester import Suggester
from textual.widgets import Input


class Ghost(Suggester):
    """What could stand behind the typed text, written dim; Right takes it."""

    def __init__(self, whole: Callable[[str], str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._whole = whole

    async def get_suggestion(self, value: str) -> str | None:
        """The whole text that begins with what was typed."""
        return self._whole(value)


class LineInput(Input):
    """Compact, selects nothing when it gets the focus, and does not blink: each blink is a paint over SSH."""

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        password: bool = False,
        id: str | None = None,
        ghost: Callable[[str], str] | None = None,
    ) -> None:
        suggester = Ghost(ghost) if ghost is not None else None
        super().__init__(
            value,
            placeholder=placeholder,
            password=password,
            id=id,
            compact=True,
            select_on_focus=False,
            suggester=suggester,
        )
        self.cursor_blink = False
