"""The three group trees as rows of one table, each with its devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from swim_tui.model.device import Group, GroupKind
from swim_tui.model.views import DeviceRow
from swim_tui.ui.natural import natural_key
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.widgets.columns import Column, TableSpec

KINDS: Mapping[GroupKind, str] = {
    GroupKind.LOCATION: "Location",
    GroupKind.DEVICE_TYPE: "Device Type",
    GroupKind.USER: "User Defined",
}
_DEEPEST = 10


@dataclass(frozen=True)
class GroupLine:
    """A group at its place in the tree, or (without `group`) the head of a tree; `own` are members by name."""

    kind: GroupKind
    number: int
    depth: int
    group: Group | None
    own: tuple[str, ...]
    devices: tuple[str, ...]

    @property
    def key(self) -> str:
        """Kind and name."""
        return f"{self.kind}/{self.name}"

    @property
    def name(self) -> str:
        """The group's name, empty for the head of a tree."""
        return self.group.name if self.group is not None else ""


def members(rows: Iterable[DeviceRow]) -> dict[tuple[GroupKind, str], list[str]]:
    """Devices by kind and name of the group they are in."""
    found: dict[tuple[GroupKind, str], list[str]] = {}
    for row in rows:
        found.setdefault((GroupKind.LOCATION, row.location), []).append(row.name)
        found.setdefault((GroupKind.DEVICE_TYPE, row.device_type), []).append(row.name)
        for name in row.groups:
            found.setdefault((GroupKind.USER, name), []).append(row.name)
    return found


def group_lines(groups: Sequence[Group], rows: Iterable[DeviceRow]) -> list[GroupLine]:
    """All three trees: groups that are defined, and those that devices name without a definition."""
    inside = members(rows)
    lines: list[GroupLine] = []
    for kind in KINDS:
        defined = {group.name: group for group in groups if group.kind is kind}
        named = {name for of, name in inside if of is kind and name}
        known = defined | {name: Group(name, kind) for name in named - set(defined)}
        every = {device for name in known for device in inside.get((kind, name), ())}
        lines.append(GroupLine(kind, len(lines), 0, None, (), tuple(sorted(every, key=natural_key))))
        lines += _branch("", kind, known, inside, len(lines), 1)
    return lines


def _branch(
    parent: str,
    kind: GroupKind,
    known: Mapping[str, Group],
    inside: Mapping[tuple[GroupKind, str], list[str]],
    start: int,
    depth: int,
) -> list[GroupLine]:
    lines: list[GroupLine] = []
    for name in sorted(known, key=natural_key):
        above = known[name].parent if known[name].parent in known else ""
        if above != parent or depth > _DEEPEST:
            continue
        own = inside.get((kind, name), [])
        below = _branch(name, kind, known, inside, start + len(lines) + 1, depth + 1)
        every = {*own, *(device for line in below for device in line.devices)}
        lines.append(
            GroupLine(kind, start + len(lines), depth, known[name], tuple(own), tuple(sorted(every, key=natural_key)))
        )
        lines += below
    return lines


def rule_text(group: Group | None) -> str:
    """`platform isr4300, name sw-*`; empty without a rule."""
    rule = group.rule if group is not None else None
    if not rule:
        return ""
    fields = {"platform": rule.platform, "role": rule.role, "location": rule.location, "name": rule.name}
    return ", ".join(f"{word} {value}" for word, value in fields.items() if value)


def _name(line: GroupLine) -> Cell:
    if line.group is None:
        return Cell(KINDS[line.kind], Tone.LINK)
    return Cell(f"{'  ' * line.depth}{line.name}")


def _count(line: GroupLine) -> Cell:
    return Cell(str(len(line.devices)))


GROUP_TABLE = TableSpec[GroupLine](
    "groups",
    (
        Column("group", "Group", 30, _name, 1, "g", lambda r: r.number, flex=True),
        Column("devices", "Devices", 8, _count, 1, "d", lambda r: len(r.devices), right=True),
        Column("zone", "Time zone", 22, lambda r: Cell(r.group.zone if r.group else ""), 2, "z"),
        Column("rule", "Members by rule", 26, lambda r: Cell(rule_text(r.group), Tone.DIM), 3, "r"),
        Column("credentials", "Credentials", 16, lambda r: Cell(r.group.credentials if r.group else ""), 4, "c"),
        Column("own", "Of its own", 10, lambda r: Cell(str(len(r.own)) if r.group else ""), 5, "o", right=True),
    ),
    name=lambda r: r.name or KINDS[r.kind],
    sort="group",
    empty="No groups. n adds one: a location, a device type or a group of your own.",
    marks=False,
)
