"""What every command has: the data directory, --json, and a way to the engine."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from swim_tui.paths import default_data_dir

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class App:
    """The choices of this call of the program."""

    data_dir: Path = field(default_factory=default_data_dir)
    as_json: bool = False
    read_only: bool = False
    asks_passphrase: bool = True

    def with_engine(self, work: Callable[[EngineClient], Awaitable[T]]) -> T:
        """Run `work` with a client of the engine, which is started first if none runs."""
        return asyncio.run(self._connected(work, start=True))

    def with_running_engine(self, work: Callable[[EngineClient], Awaitable[T]], *, any_version: bool = False) -> T:
        """Run `work` with a client; EngineUnavailable if no engine runs. `any_version`: only to stop it."""
        return asyncio.run(self._connected(work, start=False, any_version=any_version))

    async def _connected(
        self, work: Callable[[EngineClient], Awaitable[T]], *, start: bool, any_version: bool = False
    ) -> T:
        from swim_tui.api.client import EngineClient, connect_or_start

        if start:
            client = await connect_or_start(self.data_dir, read_only=self.read_only)
        else:
            client = EngineClient(self.data_dir, self.read_only)
            await (client.open() if any_version else client.connect())
        try:
            if not any_version:
                await unlock_if_asked(client, self)
            return await work(client)
        finally:
            await client.close()


async def unlock_if_asked(client: EngineClient, app: App) -> None:
    """A vault with a passphrase is opened once after each start of the engine, by the first person at a terminal."""
    if client.greeting is None or not client.greeting.vault_locked or app.read_only or not app.asks_passphrase:
        return
    from swim_tui.cli.output import is_terminal, tell
    from swim_tui.errors import SwimError, WrongPassphrase, describe

    if not is_terminal():
        return
    from swim_tui.cli.answer import ask_hidden

    tell("the vault is locked; Enter leaves it so")
    while client.greeting.vault_locked and (phrase := await ask_hidden("Passphrase of the vault: ")):
        try:
            client.greeting = replace(client.greeting, vault_locked=(await client.api.unlock_vault(phrase)).locked)
        except SwimError as err:  # over the API it is a RemoteError: the code says which
            problem = describe(err)
            if problem.code != WrongPassphrase.code:
                tell(problem.one_line())
                return
            tell("that passphrase does not open the vault; nothing is lost: type it again")


pass_app = click.make_pass_decorator(App, ensure=True)


def _set_data_dir(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(App).data_dir = value.expanduser().absolute()


def _set_json(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(App).as_json = True


def common_options(function: F) -> F:
    """--json and --data-dir, on every command."""
    function = click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=False),
        expose_value=False,
        callback=_set_data_dir,
        help="Data directory (or SWIM_TUI_DATA_DIR).",
    )(function)
    return click.option(
        "--json", is_flag=True, expose_value=False, callback=_set_json, help="One JSON document on stdout."
    )(function)


class CommandGroup(click.Group):
    """A group whose commands have examples below their help, and are listed with their whole first sentence."""

    group_class = type

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, with its examples."""
        command = super().get_command(ctx, cmd_name)
        if command is not None and command.epilog is None:
            from swim_tui.cli.examples import epilog

            command.epilog = epilog(" ".join((*ctx.command_path.split()[1:], cmd_name)))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names and first sentences, to their semicolon; click would cut them to the line."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        said = [(name, command.get_short_help_str(400).split("; ")[0]) for name, command in commands if command]
        with formatter.section("Commands"):
            formatter.write_dl([(name, text.rstrip(".")) for name, text in said])


class LazyGroup(CommandGroup):
    """A group whose commands are imported when they are called; help is shown from the table alone."""

    def __init__(self, *args: Any, table: Mapping[str, tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = dict(table or {})  # name -> (module:object, help)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        return [*self.table, *(name for name in super().list_commands(ctx) if name not in self.table)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module."""
        if cmd_name in self.table and cmd_name not in self.commands:
            module, name = self.table[cmd_name][0].split(":")
            command = getattr(importlib.import_module(module), name)
            assert isinstance(command, click.Command)
            self.add_command(command, cmd_name)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.table.items()])
