"""packs and facts: what is known of platforms, and what is understood of their output."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swim_tui.cli.app import App, CommandGroup, common_options, pass_app
from swim_tui.cli.inventory import read_text
from swim_tui.cli.output import emit, emit_line, fields, say, table, tell
from swim_tui.errors import BadValue, PackError, RemoteError

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.views import PackRow

AT_ONCE = 8


@click.group(cls=CommandGroup)
@common_options
def packs() -> None:
    """Device packs: list, check, show."""


@packs.command("list")
@common_options
@pass_app
def list_packs(app: App) -> None:
    """List device packs, shipped and your own."""

    async def work(client: EngineClient) -> list[PackRow]:
        return await client.api.packs()

    found = app.with_engine(work)
    if app.as_json:
        emit(found)
        return
    rows = [(p.name, p.title, p.device_class, ", ".join(p.families), ", ".join(p.protocols)) for p in found]
    table(("name", "title", "class", "families", "protocols"), rows)


@packs.command("show")
@click.argument("name")
@click.option("--commands", is_flag=True, help="Every command this platform's class may send.")
@common_options
@pass_app
def show(app: App, name: str, commands: bool) -> None:
    """One device pack; --commands lists what may be sent, read-only and changing apart."""

    async def work(client: EngineClient) -> PackRow:
        return await client.api.pack(name)

    pack = app.with_engine(work)
    if app.as_json:
        emit(pack)
        return
    if commands:
        for title, lines in (("read-only", pack.read_commands), ("changing", pack.changing_commands)):
            say(f"{title}:")
            for line in lines:
                say(f"  {line}")
        return
    fields(
        [
            ("name", pack.name),
            ("title", pack.title),
            ("class", pack.device_class),
            ("families", ", ".join(pack.families)),
            ("netmiko type", pack.netmiko_type),
            ("protocols", ", ".join(pack.protocols)),
            ("supports", ", ".join(pack.supports)),
            ("source", pack.source),
        ]
    )


@packs.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@common_options
@pass_app
def check(app: App, file: Path) -> None:
    """Check a pack file; every problem at once, with its line."""
    source, text = read_text(file)

    async def work(client: EngineClient) -> list[str]:
        return await client.api.check_pack(text, source)

    problems = app.with_engine(work)
    if app.as_json:
        emit({"file": source, "problems": problems})
    if problems:
        raise PackError(source=source, detail=f"{len(problems)} problems", problems=tuple(problems))
    if not app.as_json:
        tell(f"{source}: no problems")


@click.group(cls=CommandGroup)
@common_options
def facts() -> None:
    """What is understood of a captured output, for pack authors and bug reports."""


@facts.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--platform", default="", help="Device pack; empty: recognised from the text.")
@click.option("--command", default="show version", show_default=True, help="The command whose output it is.")
@click.option(
    "--jsonl", is_flag=True, help='Many at once: lines {"id","platform","command","text"} in, {"id","fields"} out.'
)
@common_options
@pass_app
def read(app: App, file: Path, platform: str, command: str, jsonl: bool) -> int:
    """Read one captured output (- is stdin)."""
    if jsonl:
        return app.with_engine(lambda client: _many(client, file))
    _, text = read_text(file)

    async def work(client: EngineClient) -> dict[str, object]:
        return await client.api.read_facts(text, platform, command)

    emit(app.with_engine(work))
    return 0


async def _many(client: EngineClient, file: Path) -> int:
    """Answers in the order of the questions; a line that cannot be answered has "error" instead of "fields"."""
    _, text = await asyncio.to_thread(read_text, file)
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    failed = 0
    for start in range(0, len(lines), AT_ONCE):
        answers = await asyncio.gather(*(_one(client, number, line) for number, line in lines[start : start + AT_ONCE]))
        for answer in answers:
            failed += "error" in answer
            emit_line(answer)
    sys.stdout.flush()
    return 1 if failed else 0


async def _one(client: EngineClient, number: int, line: str) -> dict[str, Any]:
    asked = _question(number, line)
    try:
        found = await client.api.read_facts(
            asked["text"], asked.get("platform") or "", asked.get("command") or "show version"
        )
    except RemoteError as err:
        return {"id": asked.get("id"), "error": err.problem.one_line()}
    return {"id": asked.get("id"), "fields": found}


def _question(number: int, line: str) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except ValueError:
        raise BadValue(
            name=f"line {number}", value=line[:60], detail="it is not JSON", allowed="one object a line"
        ) from None
    if not isinstance(asked, dict) or not isinstance(asked.get("text"), str):
        raise BadValue(
            name=f"line {number}", value=line[:60], detail="it has no text", allowed='{"id": 1, "text": "..."}'
        )
    return asked
