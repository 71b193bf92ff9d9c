"""credentials: profiles, and the vault that holds their secrets."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from swim_tui.cli.app import App, CommandGroup, common_options, pass_app
from swim_tui.cli.output import confirm, emit, fields, is_terminal, table, tell
from swim_tui.errors import BadValue, ConsentMissing
from swim_tui.paths import user_path

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.secret import CredentialProfile
    from swim_tui.model.views import VaultStatus


@click.group(cls=CommandGroup)
@common_options
def credentials() -> None:
    """Credential profiles, and the vault that their secrets go to and never come back from."""


@credentials.command("add")
@click.argument("name")
@click.option("--username", required=True, help="The user that logs in.")
@click.option("--password-stdin", is_flag=True, help="The first line of stdin is the password.")
@click.option("--enable-stdin", is_flag=True, help="The next line of stdin is the enable secret.")
@click.option("--enable", "ask_enable", is_flag=True, help="Ask for an enable secret too.")
@click.option("--key-file", default="", help="Private key on this machine.")
@click.option("--passphrase-stdin", is_flag=True, help="The next line of stdin is the key's passphrase.")
@click.option("--passphrase", "ask_passphrase", is_flag=True, help="Ask for the key's passphrase.")
@click.option("--agent", is_flag=True, help="Use the SSH agent.")
@click.option("--one-time-code", is_flag=True, help="The server asks for a code that a person gives.")
@click.option("--push", default="", metavar="ANSWER", help="Typed where a code is asked, to get a push: 1, push.")
@click.option("--read-only", is_flag=True, help="It never sends a changing command.")
@common_options
@pass_app
def add_credentials(
    app: App, name: str, username: str, password_stdin: bool, enable_stdin: bool, ask_enable: bool, key_file: str,
    passphrase_stdin: bool, ask_passphrase: bool, agent: bool, one_time_code: bool, push: str, read_only: bool,
) -> None:  # fmt: skip
    """Add a profile, or replace one (which confirms a parked one). The password is asked for, never an argument."""
    reads_stdin = password_stdin or enable_stdin or passphrase_stdin
    asks = not reads_stdin and not (key_file or agent)
    codes = one_time_code or bool(push)
    password = _line("password") if password_stdin else ""
    if asks and codes:
        password = _ask_if_any("Password beside the code (Enter: none)")
    elif asks:
        password = _ask("Password", "--password-stdin")
    enable = _line("enable secret") if enable_stdin else _ask("Enable secret", "--enable-stdin") if ask_enable else ""
    passphrase = _line("passphrase") if passphrase_stdin else ""
    if ask_passphrase and not passphrase_stdin:
        passphrase = _ask("Passphrase of the key", "--passphrase-stdin", twice=False)

    async def work(client: EngineClient) -> CredentialProfile:
        return await client.api.add_credentials(
            name=name,
            username=username,
            password=password,
            enable=enable,
            key_file=key_file,
            key_passphrase=passphrase,
            use_agent=agent,
            one_time_code=one_time_code or bool(push),
            push_answer=push,
            read_only=read_only,
        )

    profile = app.with_engine(work)
    emit(profile) if app.as_json else tell(f"credential profile '{name}' is in the vault")


def _line(what: str) -> str:
    text = sys.stdin.readline().rstrip("\r\n")
    if not text:
        raise BadValue(name=what, value="", detail="stdin has no such line", allowed="it on a line of its own")
    return text


def _ask(what: str, flag: str, *, twice: bool = True) -> str:
    if not is_terminal():
        raise ConsentMissing(detail=f"{what.lower()} cannot be asked without a terminal", flag=flag)
    text: str = click.prompt(what, hide_input=True, confirmation_prompt=twice, err=True)
    return text


def _ask_if_any(what: str) -> str:
    """A password that may be none, and then is not asked for twice; without a terminal it is none."""
    if not is_terminal():
        return ""
    while True:
        text: str = click.prompt(what, hide_input=True, default="", show_default=False, err=True)
        if not text or click.prompt("Repeat for confirmation", hide_input=True, err=True) == text:
            return text
        tell("the two do not match")


@credentials.command("list")
@common_options
@pass_app
def list_credentials(app: App) -> None:
    """List profiles; secrets are never shown."""

    async def work(client: EngineClient) -> list[CredentialProfile]:
        return await client.api.credentials()

    found = app.with_engine(work)
    if app.as_json:
        emit(found)
        return
    rows = [(p.name, p.username, _means(p), f"parked: {p.parked_reason}" if p.parked else "") for p in found]
    table(("name", "user", "has", "state"), rows, empty="no profiles; swim-tui credentials add --help")


def _means(profile: CredentialProfile) -> str:
    means = {
        "password": profile.has_password,
        "enable": profile.has_enable,
        "key": bool(profile.key_file),
        "agent": profile.use_agent,
        "one-time code": profile.one_time_code and not profile.push_answer,
        "push": bool(profile.push_answer),
        "read-only": profile.read_only,
    }
    return ", ".join(name for name, has in means.items() if has)


@credentials.command("confirm")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
@pass_app
def confirm_credentials(app: App, name: str, yes: bool) -> None:
    """Let a parked profile log in again with the secrets it has; with a new password use: credentials add."""
    if not yes:
        confirm(f"Its last login was refused. Let '{name}' log in again, unchanged?", "--yes")

    async def work(client: EngineClient) -> CredentialProfile:
        return await client.api.confirm_credentials(name)

    profile = app.with_engine(work)
    emit(profile) if app.as_json else tell(f"credential profile '{name}' may log in again")


@credentials.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
@pass_app
def remove_credentials(app: App, name: str, yes: bool) -> None:
    """Remove a profile that nothing uses."""
    if not yes:
        confirm(f"Remove credential profile '{name}' and its secrets?", "--yes")

    async def work(client: EngineClient) -> None:
        await client.api.remove_credentials(name)

    app.with_engine(work)
    emit({"removed": name}) if app.as_json else tell(f"removed: {name}")


@credentials.command("vault")
@common_options
@pass_app
def show_vault(app: App) -> None:
    """How secrets are locked: key file, passphrase or keyring."""

    async def work(client: EngineClient) -> VaultStatus:
        return await client.api.vault()

    _show_vault(app, app.with_engine(work))


def _show_vault(app: App, found: VaultStatus) -> None:
    if app.as_json:
        emit(found)
        return
    state = "locked: swim-tui credentials unlock" if found.locked else found.problem or f"open, {found.entries} entries"
    fields([("vault", found.path), ("locked with", found.kind), ("key", found.key), ("state", state)])


@credentials.command("unlock")
@click.option("--passphrase-stdin", is_flag=True, help="The first line of stdin is the passphrase.")
@common_options
@pass_app
def unlock(app: App, passphrase_stdin: bool) -> None:
    """Open a vault that has a passphrase; it stays open until the engine ends."""
    phrase = _line("passphrase") if passphrase_stdin else _ask("Passphrase", "--passphrase-stdin", twice=False)

    async def work(client: EngineClient) -> VaultStatus:
        return await client.api.unlock_vault(phrase)

    app.asks_passphrase = False
    _show_vault(app, app.with_engine(work))


@credentials.command("rotate-key")
@click.option("--to", "kind", type=click.Choice(("key-file", "passphrase", "keyring")), default="key-file")
@click.option("--key-file", default="", help="Where the new key file goes; else beside the old one.")
@click.option("--passphrase-stdin", is_flag=True, help="The first line of stdin is the new passphrase.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
@pass_app
def rotate_key(app: App, kind: str, key_file: str, passphrase_stdin: bool, yes: bool) -> None:
    """Encrypt all secrets anew under another key; the old key never opens them again."""
    phrase = ""
    if kind == "passphrase":
        phrase = _line("passphrase") if passphrase_stdin else _ask("New passphrase", "--passphrase-stdin")
    if not yes:
        confirm("Lock all secrets with a new key? Backups of the vault need the old one", "--yes")
    place = str(user_path(key_file).absolute()) if key_file else ""

    async def work(client: EngineClient) -> VaultStatus:
        return await client.api.rotate_vault_key(kind, phrase, place)

    _show_vault(app, app.with_engine(work))
