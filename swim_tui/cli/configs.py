"""configs: the configuration archive."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swim_tui.cli.app import App, CommandGroup, common_options, pass_app
from swim_tui.cli.jobform import timed, when_options
from swim_tui.cli.output import emit, moment, plain, say, size, table, tell
from swim_tui.errors import ConfigError

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.views import ConfigRow


@click.group(cls=CommandGroup)
@common_options
def configs() -> None:
    """Configurations of devices, kept encrypted before each change; secrets are masked in every output."""


@configs.command("list")
@click.option("--device", default="", help="Only of this device.")
@common_options
@pass_app
def list_(app: App, device: str) -> None:
    """List what is kept, newest first."""

    async def work(client: EngineClient) -> list[ConfigRow]:
        return await client.api.configs(device)

    rows = app.with_engine(work)
    if app.as_json:
        emit(rows)
        return
    cells = [(r.device, r.id, r.name, moment(r.at), size(r.size_bytes)) for r in rows]
    table(("device", "id", "which", "read", "size"), cells, empty="nothing is kept yet; see: swim-tui configs archive")


@configs.command()
@click.argument("device")
@click.argument("id", default="")
@common_options
@pass_app
def show(app: App, device: str, id: str) -> None:
    """One configuration: the newest running one, unless an ID is given."""
    text = _text(app, device, id)
    emit({"device": device, "text": text}) if app.as_json else _print(text)


@configs.command()
@click.argument("device")
@click.argument("old", default="")
@click.argument("new", default="")
@common_options
@pass_app
def diff(app: App, device: str, old: str, new: str) -> None:
    """What changed between two configurations: the last two, unless IDs are given."""

    async def work(client: EngineClient) -> str:
        return await client.api.config_diff(device, old, new)

    text = app.with_engine(work)
    if app.as_json:
        emit({"device": device, "diff": text})
    elif text:
        _print(text)
    else:
        tell("no difference")


@configs.command()
@click.argument("device")
@click.argument("id", default="")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="A new file for it.")
@common_options
@pass_app
def export(app: App, device: str, id: str, out: Path) -> None:
    """Write one configuration to a new file (mode 0600), secrets masked."""
    text = _text(app, device, id)
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as err:
        raise ConfigError(source=str(out), detail=(err.strerror or str(err)).lower()) from None
    emit({"device": device, "file": out}) if app.as_json else tell(f"{out}: {len(text.splitlines())} lines")


@configs.command()
@click.argument("names", nargs=-1)
@click.option("--group", "groups", multiple=True, help="Devices of this group (repeat).")
@click.option("--wait", is_flag=True, help="Wait for the result, and exit by it.")
@when_options()
@common_options
@pass_app
def archive(app: App, names: tuple[str, ...], groups: tuple[str, ...], wait: bool, given: dict[str, Any]) -> int:
    """Read and keep running and startup configuration: a Configuration Archive job."""
    from swim_tui.cli.watch import submit_and_report
    from swim_tui.model.job import JobRequest, JobType

    if not names and not groups:
        raise click.UsageError("name devices, or a group with --group")

    async def work(client: EngineClient) -> int:
        request = await timed(client, JobRequest(JobType.CONFIG_ARCHIVE, devices=names, groups=groups), given)
        return await submit_and_report(client, [request], wait=wait, as_json=app.as_json)

    return app.with_engine(work)


def _text(app: App, device: str, id: str) -> str:
    async def work(client: EngineClient) -> str:
        return await client.api.config(device, id)

    return app.with_engine(work)


def _print(text: str) -> None:
    for line in text.splitlines():
        say(plain(line))
