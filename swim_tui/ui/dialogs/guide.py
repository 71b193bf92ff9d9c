"""The guide as a list of topics; Esc in a topic returns to the list, at the topic."""

from __future__ import annotations

from typing import Any

from textual.app import App

from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.dialogs.text import TextDialog
from swim_tui.ui.guide import TOPICS, flowing


async def show_guide(app: App[Any], topic: str = "") -> None:
    """The list, or one topic first; runs until the list is left."""
    texts = {each.id: each for each in TOPICS}
    width = max(len(each.heading) for each in TOPICS)
    choices = [Choice(each.id, "", f"{each.heading.ljust(width)}  {each.title}") for each in TOPICS]
    chosen: str | None = topic or None
    while True:
        if chosen is not None:
            each = texts[chosen]
            hint = "j k scroll   c copy   Esc back to the list"
            await app.push_screen_wait(TextDialog(f"{each.heading}: {each.title}", flowing(each.text), hint=hint))
        chosen = await app.push_screen_wait(ChooseDialog("Guide", choices, current=chosen or ""))
        if chosen is None:
            return
