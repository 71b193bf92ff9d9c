"""credentials and jumps: how devices are reached."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from swim_tui.cli.answer import answering
from swim_tui.cli.app import App, common_options, pass_app
from swim_tui.cli.output import confirm, emit, is_terminal, say, table, tell
from swim_tui.errors import BadValue, ConsentMissing
from swim_tui.model.device import HopMethod, JumpHost

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.secret import CredentialProfile
    from swim_tui.model.views import HopReport


@click.group()
@common_options
def credentials() -> None:
    """Credential profiles: add, list, confirm, remove. Secrets go to the vault and never come back."""


@credentials.command("add")
@click.argument("name")
@click.option("--username", required=True, help="The user that logs in.")
@click.option("--password-stdin", is_flag=True, help="The first line of stdin is the password.")
@click.option("--enable-stdin", is_flag=True, help="The next line of stdin is the enable secret.")
@click.option("--enable", "ask_enable", is_flag=True, help="Ask for an enable secret too.")
@click.option("--key-file", default="", help="Private key on this machine.")
@click.option("--passphrase-stdin", is_flag=True, help="The next line of stdin is the key's passphrase.")
@click.option("--agent", is_flag=True, help="Use the SSH agent.")
@click.option("--one-time-code", is_flag=True, help="The server asks for a code that a person gives.")
@click.option("--push", default="", metavar="ANSWER", help="Typed where a code is asked, to get a push: 1, push.")
@click.option("--read-only", is_flag=True, help="It never sends a changing command.")
@common_options
@pass_app
def add_credentials(
    app: App, name: str, username: str, password_stdin: bool, enable_stdin: bool, ask_enable: bool, key_file: str,
    passphrase_stdin: bool, agent: bool, one_time_code: bool, push: str, read_only: bool,
) -> None:  # fmt: skip
    """Add a profile, or replace one (which confirms a parked one). The password is asked for, never an argument."""
    reads_stdin = password_stdin or enable_stdin or passphrase_stdin
    asks = not reads_stdin and not (key_file or agent or one_time_code)
    password = _line("password") if password_stdin else _ask("Password", "--password-stdin") if asks else ""
    enable = _line("enable secret") if enable_stdin else _ask("Enable secret", "--enable-stdin") if ask_enable else ""
    passphrase = _line("passphrase") if passphrase_stdin else ""

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


def _ask(what: str, flag: str) -> str:
    if not is_terminal():
        raise ConsentMissing(detail=f"{what.lower()} cannot be asked without a terminal", flag=flag)
    text: str = click.prompt(what, hide_input=True, confirmation_prompt=True, err=True)
    return text


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


@click.group()
@common_options
def jumps() -> None:
    """Jump hosts: add, list, test, remove."""


@jumps.command("add")
@click.argument("name")
@click.argument("address")
@click.option("--port", type=click.IntRange(1, 65535), default=22, show_default=True)
@click.option("--credentials", "profile", default="", help="Credential profile.")
@click.option("--via", default="", help="Jump host it is reached through.")
@click.option("--method", type=click.Choice([m.value for m in HopMethod]), default="forward", show_default=True)
@click.option("--template", default="", help="Command of exec ('nc %h %p') or user name of user ('%r%%%h').")
@common_options
@pass_app
def add_jump(
    app: App, name: str, address: str, port: int, profile: str, via: str, method: str, template: str
) -> None:  # fmt: skip
    """Add a jump host, or change one.

    \b
    --method says how it passes connections on:
      forward  TCP forwarding, as ssh -J
      exec     a command on it that gives the byte stream; %h is the target's address, %p its port
      user     the target stands in the user name; %r is the target's user, %h its address, %u this host's user
    """
    jump = JumpHost(name, address, port, profile, via, HopMethod(method), template)

    async def work(client: EngineClient) -> None:
        await client.api.add_jump(jump)

    app.with_engine(work)
    emit(jump) if app.as_json else tell(f"jump host '{name}' is known; try it: swim-tui jumps test {name}")


@jumps.command("list")
@common_options
@pass_app
def list_jumps(app: App) -> None:
    """List jump hosts."""

    async def work(client: EngineClient) -> list[JumpHost]:
        return await client.api.jumps()

    found = app.with_engine(work)
    if app.as_json:
        emit(found)
        return
    rows = [(j.name, f"{j.address}:{j.port}", j.credentials, j.via, j.method, j.template) for j in found]
    table(("name", "address", "credentials", "via", "method", "template"), rows, empty="no jump hosts")


@jumps.command("test")
@click.argument("name")
@click.option("--device", default="", help="Device to reach for behind it; else the first one, by name.")
@common_options
@pass_app
def test_jump(app: App, name: str, device: str) -> int:
    """Log in to each hop on the way to a jump host, once, and see how it passes connections on."""

    async def work(client: EngineClient) -> list[HopReport]:
        testing = asyncio.ensure_future(client.api.test_jump(name, device))
        async with answering(client, f"jumps test {name}", testing):
            return await testing

    hops = app.with_engine(work)
    if app.as_json:
        emit(hops)
    else:
        _show_hops(hops)
    for hop in hops:
        if hop.problem:
            tell(hop.problem.one_line())
    advice = _advice(name, hops[-1])
    if advice:
        tell(advice)
    return 1 if advice or not all(hop.ok for hop in hops) else 0


def _show_hops(hops: list[HopReport]) -> None:
    rows = [(h.name, h.address, "ok" if h.ok else "failed", h.fingerprint, h.algorithms) for h in hops]
    table(("hop", "address", "login", "host key", "algorithms"), rows)
    last = hops[-1]
    if last.methods:
        say("")
        say(f"from {last.name} to {last.target}:")
        found = [(m.method, m.template, "works" if m.ok else "does not work", m.detail) for m in last.methods]
        table(("method", "template", "result", "detail"), found)


def _advice(name: str, hop: HopReport) -> str:
    """What to set when the method that is set does not work."""
    if not hop.methods or hop.methods[0].ok:
        return ""
    other = next((m for m in hop.methods if m.ok), None)
    if other is None:
        return f"no method works at {name}: allow forwarding there, or name a command that it has: --method exec"
    template = f" --template '{other.template}'" if other.template else ""
    return (
        f"{name} does not do {hop.method}; set it with: swim-tui jumps add {name} ... --method {other.method}{template}"
    )


@jumps.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
@pass_app
def remove_jump(app: App, name: str, yes: bool) -> None:
    """Remove a jump host that nothing is reached through."""
    if not yes:
        confirm(f"Remove jump host '{name}'?", "--yes")

    async def work(client: EngineClient) -> None:
        await client.api.remove_jump(name)

    app.with_engine(work)
    emit({"removed": name}) if app.as_json else tell(f"removed: {name}")
