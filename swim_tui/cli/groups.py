"""groups: list, set, rename, remove."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from swim_tui.cli.app import App, CommandGroup, common_options, pass_app
from swim_tui.cli.output import confirm, emit, table, tell
from swim_tui.errors import NotFound
from swim_tui.model.device import Group, GroupKind, GroupRule, Role

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient

_kind = click.option("--kind", type=click.Choice([k.value for k in GroupKind]), default="user", show_default=True)


@click.group(cls=CommandGroup)
@common_options
def groups() -> None:
    """Location, device type and user-defined groups."""


@groups.command("list")
@common_options
@pass_app
def list_(app: App) -> None:
    """List groups with how many devices are in them."""

    async def work(client: EngineClient) -> list[tuple[Group, int]]:
        rows = (await client.api.inventory()).devices
        counts: dict[str, int] = {}
        for row in rows:
            for name in {row.location, row.device_type, *row.groups}:
                counts[name] = counts.get(name, 0) + 1
        return [(group, counts.get(group.name, 0)) for group in await client.api.groups()]

    found = app.with_engine(work)
    if app.as_json:
        emit([{**asdict(group), "devices": count} for group, count in found])
        return
    rows = [(g.kind, g.name, g.parent, g.zone, count, _rule(g.rule), g.credentials) for g, count in found]
    table(("kind", "name", "parent", "zone", "devices", "rule", "credentials"), rows, empty="no groups")


def _rule(rule: GroupRule) -> str:
    return ", ".join(f"{key} {text}" for key, text in asdict(rule).items() if text)


@groups.command("set")
@click.argument("group")
@click.argument("names", nargs=-1)
@_kind
@click.option("--parent", default=None, help="Group above it.")
@click.option("--zone", default=None, help="Time zone of a location, such as America/New_York.")
@click.option("--credentials", default=None, help="Profile of members that name none.")
@click.option("--platform", default=None, help="Rule: devices of this device pack.")
@click.option("--role", type=click.Choice(["", *(r.value for r in Role)]), default=None, help="Rule: this role.")
@click.option("--location", default=None, help="Rule: in or below a location; * and ? are patterns.")
@click.option("--name", "pattern", default=None, help="Rule: names of this pattern, such as 'br-*'.")
@common_options
@pass_app
def set_group(
    app: App, group: str, names: tuple[str, ...], kind: str, parent: str | None, zone: str | None,
    credentials: str | None, platform: str | None, role: str | None, location: str | None, pattern: str | None,
) -> None:  # fmt: skip
    """Make GROUP have exactly these devices (none: an empty group), and those that fit its rule.

    What is not given stays; an empty value ("") clears it. The parts of a rule must all fit.
    """

    def chosen(value: str | None, old: str) -> str:
        return old if value is None else value

    async def work(client: EngineClient) -> Group:
        held = [g for g in await client.api.groups() if (g.name, g.kind) == (group, kind)]
        old = held[0] if held else Group(group, GroupKind(kind))
        rule = GroupRule(
            platform=chosen(platform, old.rule.platform),
            role=chosen(role, old.rule.role),
            location=chosen(location, old.rule.location),
            name=chosen(pattern, old.rule.name),
        )
        new = replace(
            old,
            parent=chosen(parent, old.parent),
            zone=chosen(zone, old.zone),
            credentials=chosen(credentials, old.credentials),
            rule=rule,
        )
        await client.api.set_group(new, list(names))
        return new

    made = app.with_engine(work)
    by_rule = f", and those of its rule: {_rule(made.rule)}" if made.rule else ""
    if app.as_json:
        emit({**asdict(made), "devices": names})
    else:
        tell(f"{kind} group '{group}' has {len(names)} devices{by_rule}")


@groups.command("rename")
@click.argument("group")
@click.argument("new_name")
@_kind
@common_options
@pass_app
def rename(app: App, group: str, new_name: str, kind: str) -> None:
    """Give GROUP another name; its devices and the groups below it follow."""

    async def work(client: EngineClient) -> None:
        await client.api.rename_group(group, GroupKind(kind), new_name)

    app.with_engine(work)
    emit({"renamed": group, "name": new_name, "kind": kind}) if app.as_json else tell(f"'{group}' is '{new_name}' now")


@groups.command("remove")
@click.argument("group")
@_kind
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
@pass_app
def remove(app: App, group: str, kind: str, yes: bool) -> None:
    """Remove GROUP; its devices stay in the inventory."""
    if not yes:
        confirm(f"Remove {kind} group '{group}'?", "--yes")

    async def work(client: EngineClient) -> None:
        await client.api.remove_group(group, GroupKind(kind))

    app.with_engine(work)
    emit({"removed": group, "kind": kind}) if app.as_json else tell(f"removed: {group}")


async def with_sub_groups(client: EngineClient, names: tuple[str, ...]) -> set[str]:
    """The groups and all groups below them; NotFound for one that does not exist."""
    if not names:
        return set()
    held = await client.api.groups()
    known = {group.name for group in held}
    for name in names:
        if name not in known:
            raise NotFound(kind="group", name=name, listing="groups list")
    found = set(names)
    while more := {group.name for group in held if group.parent in found} - found:
        found |= more
    return found
