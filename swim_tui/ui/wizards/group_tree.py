"""The tree of groups with boxes of three states: all, some, none of a group's devices are selected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from swim_tui.model.device import Group, GroupKind
from swim_tui.model.views import DeviceRow
from swim_tui.ui.natural import natural_key

_BRANCHES = ((GroupKind.DEVICE_TYPE, "Device Type"), (GroupKind.LOCATION, "Location"), (GroupKind.USER, "User Defined"))


@dataclass
class Branch:
    """A node: its title, its devices (those of its sub-groups too), its sub-groups."""

    key: str
    title: str
    devices: set[str] = field(default_factory=set)
    children: list[Branch] = field(default_factory=list)


def branches(rows: Iterable[DeviceRow], groups: Sequence[Group]) -> Branch:
    """All Devices with the three group trees under it; groups without a device are left out."""
    rows = list(rows)
    root = Branch("all", "All Devices", {row.name for row in rows})
    for kind, title in _BRANCHES:
        members: dict[str, set[str]] = {}
        for row in rows:
            names = (
                row.groups
                if kind is GroupKind.USER
                else (row.location if kind is GroupKind.LOCATION else row.device_type,)
            )
            for name in filter(None, names):
                members.setdefault(name, set()).add(row.name)
        parents = {group.name: group.parent for group in groups if group.kind is kind}
        branch = Branch(str(kind), title, set().union(*members.values()) if members else set())
        branch.children = _children("", members, parents, str(kind), depth=0)
        if branch.children:
            root.children.append(branch)
    return root


def _children(
    parent: str, members: Mapping[str, set[str]], parents: Mapping[str, str], prefix: str, *, depth: int
) -> list[Branch]:
    """Groups under a parent; a parent that nobody defined counts as none, and so does a ring after ten levels."""
    names = {*members, *parents}
    found = []
    for name in sorted(names, key=natural_key):
        above = parents.get(name, "")
        above = above if above in names else ""
        if above != parent or depth > 10:
            continue
        below = _children(name, members, parents, prefix, depth=depth + 1)
        devices = set(members.get(name, set())).union(*(child.devices for child in below))
        if devices:
            found.append(Branch(f"{prefix}/{name}", name, devices, below))
    return found


class GroupTree(Tree[Branch]):
    """Space selects a whole group, Enter shows only its devices in the table beside."""

    DEFAULT_CSS = "GroupTree { background: $background; padding: 0; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", "Select the group", show=False),
        Binding("enter", "select_cursor", "Show the group", show=False),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("l,right", "open_node", show=False),
        Binding("h,left", "close_node", show=False),
    ]

    class Ticked(Message):
        """A whole group is to be selected, or unselected if all of it is."""

        def __init__(self, branch: Branch) -> None:
            super().__init__()
            self.branch = branch

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("All Devices", id=id)
        self.guide_depth = 2
        self.auto_expand = False
        self._selected: frozenset[str] = frozenset()

    def fill(self, root: Branch) -> None:
        """Other groups or devices; what was open stays open."""
        opened = {node.data.key for node in self.all_nodes() if node.data is not None and node.is_expanded}
        line = max(0, self.cursor_line)
        self.clear()
        self.root.data = root
        self._add(self.root, root, opened or {"all"})
        self.root.expand()
        self.cursor_line = min(line, max(0, self.last_line))
        self.show(self._selected)

    def _add(self, node: TreeNode[Branch], branch: Branch, opened: set[str]) -> None:
        for child in branch.children:
            made = node.add("", data=child, expand=child.key in opened, allow_expand=bool(child.children))
            self._add(made, child, opened)

    def all_nodes(self) -> list[TreeNode[Branch]]:
        """The root and all below it."""
        found, queue = [], [self.root]
        while queue:
            node = queue.pop()
            found.append(node)
            queue.extend(node.children)
        return found

    def show(self, selected: Iterable[str]) -> None:
        """Boxes and counts for this selection."""
        self._selected = frozenset(selected)
        for node in self.all_nodes():
            if node.data is not None:
                node.set_label(Text(label_of(node.data, self._selected)))  # a plain str would be markup: [x]

    def action_tick(self) -> None:
        """Tell that the group under the cursor is to be selected."""
        node = self.cursor_node
        if node is not None and node.data is not None:
            self.post_message(self.Ticked(node.data))

    def action_open_node(self) -> None:
        """Show what is under the node."""
        if self.cursor_node is not None:
            self.cursor_node.expand()

    def action_close_node(self) -> None:
        """Hide what is under the node, or go to its parent."""
        node = self.cursor_node
        if node is not None and node.is_expanded and node.children:
            node.collapse()
        elif node is not None and node.parent is not None:
            self.move_cursor(node.parent)


def label_of(branch: Branch, selected: frozenset[str]) -> str:
    """`[-] Amsterdam 3/12`."""
    count = len(branch.devices & selected)
    sign = " " if not count else "x" if count == len(branch.devices) else "-"
    return f"[{sign}] {branch.title} {count}/{len(branch.devices)}"
