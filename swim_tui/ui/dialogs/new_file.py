"""Write a new file: the name is asked, and what is wrong with it is said beside it, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.app import App

from swim_tui.paths import user_path
from swim_tui.ui.dialogs.form import Field, FormDialog


async def write_new_file(
    app: App[Any], title: str, name: str, write: Callable[[Path], Awaitable[None]], *, told: str = ""
) -> Path | None:
    """Ask where to, `name` here being the proposal, and write; nothing if the person left the form.

    `write` refuses a name with `BadValue(name="file")`.
    """

    async def save(values: dict[str, str]) -> None:
        await write(user_path(values["file"]))

    field = Field("file", "File", str(Path.cwd() / name), path=True, help=told)
    answer = await app.push_screen_wait(FormDialog(title, [field], verb="Write", save=save))
    return None if answer is None else user_path(answer["file"])
