"""Shell completion: the script for a shell, and names of devices, images, jobs from the engine if one runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem, get_completion_class

from swim_tui.cli.app import App, common_options, pass_app
from swim_tui.cli.output import emit, say
from swim_tui.errors import SwimError

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient

VARIABLE = "_SWIM_TUI_COMPLETE"
_LIMIT_S = 2.0
Names = Callable[["EngineClient"], Awaitable[Iterable[str]]]


async def _devices(client: EngineClient) -> Iterable[str]:
    return [row.name for row in (await client.api.inventory()).devices]


async def _groups(client: EngineClient) -> Iterable[str]:
    return [group.name for group in await client.api.groups()]


async def _images(client: EngineClient) -> Iterable[str]:
    return [image.file_name for image in await client.api.images()]


async def _jobs(client: EngineClient) -> Iterable[str]:
    found = await client.api.jobs()
    return [job.id for job in found.jobs] + [row.run.id for row in found.runs]


async def _runs(client: EngineClient) -> Iterable[str]:
    return [row.run.id for row in (await client.api.jobs()).runs]


async def _profiles(client: EngineClient) -> Iterable[str]:
    return [profile.name for profile in await client.api.credentials()]


async def _jumps(client: EngineClient) -> Iterable[str]:
    return [jump.name for jump in await client.api.jumps()]


async def _places(client: EngineClient) -> Iterable[str]:
    return [name for row in await client.api.host_keys() for name in row.names]


async def _servers(client: EngineClient) -> Iterable[str]:
    return [row.server.name for row in await client.api.servers()]


async def _settings(client: EngineClient) -> Iterable[str]:
    return [row.key for row in await client.api.settings()]


async def _packs(client: EngineClient) -> Iterable[str]:
    return [row.name for row in await client.api.packs()]


_OPTIONS: dict[str, Names] = {
    "--device": _devices, "--upstream": _devices, "--pair": _devices, "--group": _groups, "--image": _images,
    "--credentials": _profiles, "--jump": _jumps, "--via": _jumps, "--server": _servers, "--platform": _packs,
    "--from-run": _runs,
}  # fmt: skip
_ARGUMENTS: dict[str, Names] = {
    "devices show": _devices, "devices edit": _devices, "devices remove": _devices, "devices sync": _devices,
    "groups set group": _groups, "groups set names": _devices, "groups rename group": _groups,
    "groups remove group": _groups, "credentials confirm": _profiles, "credentials remove": _profiles,
    "jumps test": _jumps, "jumps remove": _jumps, "hostkeys accept": _places, "hostkeys remove": _places,
    "servers verify": _servers, "servers remove": _servers, "images show": _images, "images set": _images,
    "images delete": _images, "jobs": _jobs, "runs": _runs, "configs show device": _devices,
    "configs diff device": _devices, "configs export device": _devices, "configs archive": _devices,
    "settings get": _settings, "settings set key": _settings, "packs show": _packs,
}  # fmt: skip


def attach(root: click.Group) -> None:
    """Give every parameter that names something its completion; only while a shell asks."""
    context = click.Context(root, info_name="swim-tui", resilient_parsing=True)
    words = os.environ.get("COMP_WORDS", "").split()
    for name in dict.fromkeys(word for word in words if word in root.list_commands(context)):
        command = root.get_command(context, name)
        if command is not None:
            _attach(command, context, name)


def _attach(command: click.Command, context: click.Context, path: str) -> None:
    for param in command.params:
        names = _OPTIONS.get(param.opts[0]) if isinstance(param, click.Option) else _of_argument(path, param.name or "")
        if names is not None and not isinstance(param.type, click.Choice):
            # The attribute that the constructor sets from shell_complete=.
            param._custom_shell_complete = _completer(names)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                _attach(child, context, f"{path} {name}".strip())


def _of_argument(path: str, name: str) -> Names | None:
    group = path.split(" ")[0]
    above = _ARGUMENTS.get(group) if path != group else None
    return _ARGUMENTS.get(f"{path} {name}") or _ARGUMENTS.get(path) or above


def _completer(names: Names) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        app = ctx.find_object(App) or App()
        app.asks_passphrase = False

        async def work(client: EngineClient) -> Iterable[str]:
            async with asyncio.timeout(_LIMIT_S):
                return await names(client)

        try:
            found = app.with_running_engine(work)
        except (SwimError, TimeoutError, OSError):
            return []  # a shell that completes has no place for words
        return [CompletionItem(name) for name in sorted(set(found)) if name.startswith(incomplete)]

    return complete


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@common_options
@pass_app
def completion(app: App, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash:  eval "$(swim-tui completion bash)"      in ~/.bashrc
    zsh:   eval "$(swim-tui completion zsh)"       in ~/.zshrc
    fish:  swim-tui completion fish > ~/.config/fish/completions/swim-tui.fish
    """
    made: Any = get_completion_class(shell)
    script = made(click.Group("swim-tui"), {}, "swim-tui", VARIABLE).source()
    emit({"shell": shell, "script": script}) if app.as_json else say(script.rstrip())
