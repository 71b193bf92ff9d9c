"""jumps: the hosts on the way to devices, and which way they pass connections on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from swim_tui.cli.answer import answering
from swim_tui.cli.app import App, CommandGroup, common_options, pass_app
from swim_tui.cli.output import confirm, emit, say, table, tell
from swim_tui.model.device import HopMethod, JumpHost

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.views import HopReport


@click.group(cls=CommandGroup)
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
