"""settings: list, get, set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from swim_tui.cli.app import App, CommandGroup, common_options, pass_app
from swim_tui.cli.output import emit, say, table, tell
from swim_tui.errors import NotFound

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.views import SettingRow


@click.group(cls=CommandGroup)
@common_options
def settings() -> None:
    """Settings: list, get, set."""


async def _all(client: EngineClient) -> list[SettingRow]:
    return await client.api.settings()


@settings.command("list")
@common_options
@pass_app
def list_(app: App) -> None:
    """List settings with their values, and what they mean."""
    found = app.with_engine(_all)
    if app.as_json:
        emit(found)
        return
    table(("key", "value", "from", "meaning"), [(s.key, s.value, s.origin, s.help) for s in found])


@settings.command()
@click.argument("key")
@common_options
@pass_app
def get(app: App, key: str) -> None:
    """One value."""
    import difflib

    rows = {row.key: row for row in app.with_engine(_all)}
    if key not in rows:
        near = difflib.get_close_matches(key, rows, 1, 0.4)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise NotFound(kind="setting", name=key, detail=hint, listing="settings list")
    emit(rows[key]) if app.as_json else say(rows[key].value)


@settings.command("set")
@click.argument("key")
@click.argument("value")
@common_options
@pass_app
def set_(app: App, key: str, value: str) -> None:
    """Change one."""

    async def work(client: EngineClient) -> SettingRow:
        return await client.api.set_setting(key, value)

    row = app.with_engine(work)
    emit(row) if app.as_json else tell(f"{row.key} is {row.value or 'empty'}")
