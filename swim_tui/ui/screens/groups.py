"""Groups: the three trees with their devices; add, change, rename, members, remove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import on

from swim_tui.errors import BadValue, Conflict
from swim_tui.model.device import Group, GroupKind, GroupRule, Role
from swim_tui.model.views import DeviceRow
from swim_tui.ui.dialogs.find import FindDialog
from swim_tui.ui.dialogs.form import Field
from swim_tui.ui.mirror import Changes
from swim_tui.ui.natural import natural_key
from swim_tui.ui.registry import Scope
from swim_tui.ui.screens.admin import ListPage, one_of, required
from swim_tui.ui.screens.group_rows import GROUP_TABLE, KINDS, GroupLine, group_lines
from swim_tui.ui.widgets.live_table import LiveTable


class GroupsPage(ListPage):
    """Enter shows the devices of a group; `n` adds a group below the one under the cursor."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.GROUPS, Scope.TABLE, Scope.GLOBAL)
    heading = "Groups"
    spec = GROUP_TABLE

    async def rows(self) -> Sequence[GroupLine]:
        """The three trees."""
        await self.session.load_devices()
        return group_lines(await self.session.client.groups(), self.mirror.devices.values())

    def concerns(self, changes: Changes) -> bool:
        """Members come with the devices."""
        return changes.inventory

    def record(self, row: Any) -> object:
        """The group and its devices."""
        return {"group": row.group, "devices": row.devices}

    @on(LiveTable.Opened, "#groups")
    async def _open(self) -> None:
        row: Any = self.listed.cursor_row
        if row is not None:
            await self.show_devices(row)

    async def show_devices(self, row: GroupLine) -> None:
        """The Devices view with only the devices of this group and those below it."""
        from swim_tui.ui.screens.devices import DevicesPage

        mounted = self.swim.go_view("devices")
        if mounted is not None:
            await mounted
        page = self.swim.page
        if isinstance(page, DevicesPage):
            below = [line.name for line in self._tree(row) if line.own]
            page.show_group(row.kind, below)

    def _tree(self, row: GroupLine) -> list[GroupLine]:
        """The line and all below it, in the order of the tree."""
        lines = sorted((line for line in self.listed.model.rows.values()), key=lambda line: line.number)
        after = lines[row.number + 1 :]
        end = next((i for i, line in enumerate(after) if line.depth <= row.depth), len(after))
        return [row, *after[:end]]

    # --- changing ---

    async def _fields(self, group: Group, *, is_new: bool) -> list[Field]:
        lines = self.listed.model.rows.values()
        parents = [line.name for line in lines if line.kind is group.kind and line.name not in ("", group.name)]
        fields = [
            Field("name", "Name", group.name, "such as Amsterdam", required),
            Field("parent", "Below", group.parent, choices=one_of(sorted(parents, key=natural_key), "the top")),
        ]
        if is_new:
            kinds = [(str(kind), title) for kind, title in KINDS.items()]
            fields.insert(0, Field("kind", "Tree", str(group.kind), choices=kinds))
        if group.kind is GroupKind.LOCATION or is_new:
            zone = "Of a location: maintenance windows and the times of its devices are shown in it."
            fields.append(Field("zone", "Time zone", group.zone, "Europe/Amsterdam", help=zone))
        if group.kind is GroupKind.USER or is_new:
            rule, told = group.rule, "Of a user-defined group: devices that fit are in it without being put there."
            roles = one_of((str(role) for role in Role), "any")
            packs = one_of((pack.name for pack in await self.session.client.packs()), "any")
            fields += [
                Field("platform", "Rule: platform", rule.platform, choices=packs, help=told),
                Field("role", "Rule: role", rule.role, choices=roles, help=told),
                Field("location", "Rule: location", rule.location, "Amsterdam, or Am*", help=told),
                Field("device", "Rule: device name", rule.name, "sw-ams-*", help=told),
            ]
        profiles = one_of((profile.name for profile in await self.session.client.credentials()), "none")
        used = "The profile of members that name none of their own."
        return [*fields, Field("credentials", "Credentials", group.credentials, choices=profiles, help=used)]

    async def do_groups_new(self) -> None:
        """Add a group, below the one under the cursor unless another place is chosen."""
        row: Any = self.listed.cursor_row
        start = Group("", row.kind if row else GroupKind.LOCATION, row.name if row else "")

        async def save(values: dict[str, str]) -> None:
            group = _group(Group("", GroupKind(values["kind"])), values)
            if group.kind is not start.kind and group.parent:
                kind = KINDS[group.kind]
                raise BadValue(name="below", value=group.parent, detail=f"it is no {kind} group", allowed="the top")
            line = self.listed.model.rows.get(f"{group.kind}/{group.name}")
            if line is not None:
                raise BadValue(name="name", value=group.name, detail="there is one", allowed="another name")
            await self.session.client.set_group(group, [])

        await self.ask("Add a group", await self._fields(start, is_new=True), save)

    async def do_groups_edit(self) -> None:
        """Change name, place, zone, rule; members follow."""
        row = self._chosen()
        old = row.group
        assert old is not None

        async def save(values: dict[str, str]) -> None:
            fresh = _group(old, values)
            if fresh.name != old.name:
                await self.session.client.rename_group(old.name, old.kind, fresh.name)
            if fresh != replace(old, name=fresh.name):
                await self.session.client.set_group(fresh, await self._by_hand(row))

        await self.ask(f"{KINDS[old.kind]} group {old.name}", await self._fields(old, is_new=False), save)

    def _in_order(self) -> list[tuple[str, DeviceRow]]:
        return sorted(self.mirror.devices.items(), key=lambda item: natural_key(item[0]))

    async def do_groups_members(self) -> None:
        """Tick the devices that are in the group."""
        row = self._chosen()
        assert row.group is not None
        now = await self._by_hand(row)
        entries = [(name, f"{name}  {device.address}") for name, device in self._in_order()]
        picked = await self.app.push_screen_wait(FindDialog(f"Devices in {row.name}", entries, now, many=True))
        if picked is not None and set(picked) != set(now):
            await self.session.client.set_group(row.group, picked)
            await self.load()
            self.app.notify(f"{row.name}: {len(picked)} devices")

    async def _by_hand(self, row: GroupLine) -> list[str]:
        """Members that were put there: those that a rule adds, or a group below, are not among them."""
        if row.kind is not GroupKind.USER:
            return list(row.own)
        found = []
        for name in row.own:
            detail = await self.session.client.device(name)
            if row.name in detail.device.groups:
                found.append(name)
        return found

    async def do_groups_remove(self) -> None:
        """Remove a group; its devices stay."""
        row = self._chosen()
        impact = f"Its {len(row.own)} devices stay in the inventory, without this group."
        if await self.confirmed(self.removal(f"{KINDS[row.kind]} group", [row.name], impact)):
            await self.session.client.remove_group(row.name, row.kind)
            await self.load()

    def _chosen(self) -> GroupLine:
        row: Any = self.listed.cursor_row
        if row is None or row.group is None:
            raise Conflict(detail="this is a tree, not a group", action="go to one of its groups, or n adds one")
        assert isinstance(row, GroupLine)
        return row


def _group(old: Group, values: dict[str, str]) -> Group:
    """The group as the form says; what the form does not have stays."""
    rule = old.rule
    if "platform" in values:
        rule = GroupRule(values["platform"], values["role"], values["location"], values["device"])
    kind = GroupKind(values.get("kind", old.kind))
    return Group(
        values["name"],
        kind,
        values["parent"],
        values.get("zone", old.zone),
        rule if kind is GroupKind.USER else old.rule,
        values["credentials"],
    )
