"""Device Selection: the group tree, the devices that the images fit, and the verdict on each that is selected."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static, Tree

from swim_tui.model.plan import DevicePlan
from swim_tui.model.views import DeviceRow
from swim_tui.ui.dialogs.text import TextDialog
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch
from swim_tui.ui.wizards.base import WizardPage, marks_of
from swim_tui.ui.wizards.group_tree import Branch, GroupTree, branches
from swim_tui.ui.wizards.paste import PasteDialog, names_in, paste_report
from swim_tui.ui.wizards.step import Step
from swim_tui.ui.wizards.verify import checks_text, verdict_cell


@dataclass(frozen=True)
class Candidate:
    """A device one may select, with its verdict once it is selected; `misfit` = why it is not eligible."""

    device: DeviceRow
    plan: DevicePlan | None = None
    chosen: bool = False
    misfit: str = ""

    @property
    def key(self) -> str:
        """The device's name."""
        return self.device.name


def verdict_of(line: Candidate) -> Cell:
    """The verification of a row in words."""
    if line.misfit and line.plan is None:
        return Cell(f"x {line.misfit}", Tone.FAIL)
    return verdict_cell(line.plan, chosen=line.chosen)


CANDIDATES = TableSpec[Candidate](
    "wizard-devices",
    (
        Column("name", "Device Name", 16, lambda r: Cell(r.device.name), 1, "n", flex=True),
        Column("verdict", "Verification", 16, verdict_of, 1, "v", flex=True),
        Column("version", "Version", 14, lambda r: Cell(r.device.version), 2, "s"),
        Column("address", "IP Address/DNS", 15, lambda r: Cell(r.device.address), 3, "i"),
        Column("site", "Location", 14, lambda r: Cell(r.device.location), 4, "l"),
        Column("role", "Role", 12, lambda r: Cell(r.device.role), 5, "r"),
        Column("type", "Device Type", 20, lambda r: Cell(r.device.device_type), 6, "t"),
        Column("platform", "Platform", 14, lambda r: Cell(r.device.platform), 7, "p"),
        Column("vendor", "Vendor", 6, lambda _r: Cell("Cisco"), 9, "o"),  # every device pack is one of theirs
        Column("description", "Description", 20, lambda r: Cell(r.device.description), 8, "d"),
    ),
    name=lambda r: r.device.name,
    attention=lambda r: r.plan is not None and not r.plan.included,
    sort="name",
    empty="No device that was read fits the selected images. Devices that were never read are not offered:\n"
    "Esc, 3, then r reads them.",
)

UNVERIFIED = replace(
    CANDIDATES,
    id="wizard-devices-read",
    columns=[
        Column(
            "image", "Running Image", 20, lambda r: Cell(re.split("[:/]", r.device.image_file)[-1]), 3, "v", flex=True
        )
        if column.key == "verdict"
        else column
        for column in CANDIDATES.columns
    ],
)
"""For steps that only read: what runs now stands where the verification would."""


class DeviceStep(Step):
    """Marks are the selection; each is verified at once."""

    DEFAULT_CSS = """
    DeviceStep #device-panes { height: 1fr; }
    DeviceStep GroupTree { width: 29; }
    .-normal DeviceStep GroupTree, .-wide DeviceStep GroupTree, .-ultra DeviceStep GroupTree { width: 40; }
    """
    title: ClassVar[str] = "Device Selection"
    brief: ClassVar[str] = "Device"
    hint: ClassVar[str] = "Space selects a device or a group, Tab: tree or table, p pastes a list."
    actions: ClassVar[frozenset[str]] = frozenset({"wizard.paste", "wizard.recheck"})
    verifies: ClassVar[bool] = True
    spec: ClassVar[TableSpec[Candidate]] = CANDIDATES

    def __init__(self, wizard: WizardPage) -> None:
        super().__init__(wizard)
        self._eligible: set[str] = set()
        self._misfits: dict[str, str] = {}
        self._asked_for: tuple[object, ...] = ()
        self._group: Branch | None = None

    def compose(self) -> ComposeResult:
        """Tree and table."""
        with Horizontal(id="device-panes"):
            yield GroupTree(id="groups")
            with Vertical():
                yield LiveTable(self.spec, id="wizard-devices")
                yield Static(classes="empty", id="wizard-devices-empty")

    @property
    def grid(self) -> LiveTable[Candidate]:
        """The table."""
        return self.query_one("#wizard-devices", LiveTable)

    async def enter(self) -> None:
        """Who is eligible depends on the images."""
        held = self.wizard.mirror.devices
        self.draft.devices = [name for name in self.draft.devices if name in held]
        asked = (tuple(self.draft.images), tuple(sorted(held)))
        if asked != self._asked_for:
            await self.find_eligible()
            self._asked_for = asked
        shown = self._shown()
        groups = await self.wizard.session.client.groups()
        self.query_one(GroupTree).fill(branches((held[name] for name in shown), groups))
        self.refresh_rows(reset=True)
        self._select(self.draft.devices)

    async def find_eligible(self) -> None:
        """The devices that some image applies to, as the engine compares them."""
        client, names = self.wizard.session.client, sorted(self.wizard.mirror.devices)
        rows = await client.analyze(list(self.draft.images), names, []) if names and self.draft.images else []
        self._eligible = {row.device for row in rows if row.applicable}
        self._misfits = {
            row.device: "; ".join(row.reasons) or "Image Not Applicable for this Device"
            for row in rows
            if row.device not in self._eligible
        }

    def offer(self, names: Iterable[str]) -> None:
        """These devices may be selected, whatever the images."""
        self._eligible, self._misfits = set(names), {}

    def _shown(self) -> list[str]:
        """Eligible devices, and those that were selected before although they are not."""
        return [name for name in self.wizard.mirror.devices if name in self._eligible or name in self.draft.devices]

    def refresh_rows(self, *, reset: bool = False) -> None:
        """Rows with the verdicts there are."""
        held = self.wizard.mirror.devices
        chosen = set(self.draft.devices)
        inside = self._group.devices if self._group is not None else None
        rows = [
            Candidate(
                held[name],
                self.plan_of(name, chosen=name in chosen),
                self.verifies and name in chosen,
                self._misfits.get(name, ""),
            )
            for name in self._shown()
            if inside is None or name in inside
        ]
        self.grid.apply(Batch(rows, reset=reset))

    def plan_of(self, name: str, *, chosen: bool) -> DevicePlan | None:
        """The plan behind the verdict of a row."""
        return self.wizard.verifier.plan(name) if self.verifies and chosen else None

    def verified(self) -> None:
        """A piece of verdicts arrived."""
        self.refresh_rows()
        self.wizard.refresh_note()
        if self.wizard.verifier.problem:
            self.wizard.say(self.wizard.verifier.problem)

    def _select(self, names: Iterable[str]) -> None:
        wanted = set(names)
        self.draft.devices = [name for name in self.wizard.mirror.devices if name in wanted]
        marks_of(self.grid, wanted)
        self._selection_changed()

    def _selection_changed(self) -> None:
        self.query_one(GroupTree).show(self.draft.devices)
        if self.verifies:
            self.wizard.verifier.want(self.draft.devices)
        self.refresh_rows()
        self.wizard.say("")
        self.wizard.refresh_note()

    def focus_first(self) -> None:
        """The table."""
        self.grid.focus()

    def note(self) -> str:
        """Selected n / Total m, and how the verification stands."""
        chosen = self.draft.devices
        plans = [plan for name in chosen if (plan := self.wizard.verifier.plan(name)) is not None]
        failed = sum(1 for plan in plans if not plan.included)
        left = len(chosen) - len(plans)
        state = [f"verifying {left}"] if left and self.verifies else []
        state += [f"{failed} failed"] if failed else []
        where = [f"group {self._group.title}"] if self._group is not None else []
        return "  ".join([*where, *state, f"Selected {len(chosen)} / Total {len(self._shown())}"])

    def problem(self) -> str:
        """At least one; failed ones may stay, they are left out of the run."""
        return "" if self.draft.devices else "No device is selected: Space marks the one under the cursor."

    # --- events ---

    @on(LiveTable.Changed)
    def _marked(self, event: LiveTable.Changed) -> None:
        marks = event.table.model.marks
        if self._group is not None:  # rows outside the group are not in the table, but stay selected
            marks = marks | (set(self.draft.devices) - self._group.devices)
        if set(self.draft.devices) != marks:
            self.draft.devices = [name for name in self.wizard.mirror.devices if name in marks]
            self._selection_changed()

    @on(GroupTree.Ticked)
    def _ticked(self, event: GroupTree.Ticked) -> None:
        event.stop()
        chosen = set(self.draft.devices)
        self._select(chosen - event.branch.devices if event.branch.devices <= chosen else chosen | event.branch.devices)

    @on(Tree.NodeSelected)
    def _shown_group(self, event: Tree.NodeSelected[Branch]) -> None:
        event.stop()
        branch = event.node.data
        self._group = None if branch is None or branch.key == "all" else branch
        event.node.expand()
        self.refresh_rows(reset=True)
        marks_of(self.grid, self.draft.devices)
        self.wizard.refresh_note()

    @on(LiveTable.Opened)
    def _opened(self, event: LiveTable.Opened) -> None:
        event.stop()
        self.app.push_screen(TextDialog(f"Verification of {event.key}", self.checks_of(event.key)))

    def checks_of(self, name: str) -> str:
        """What Enter on a row shows."""
        return checks_text(self.wizard.verifier.plan(name))

    async def paste(self) -> None:
        """Select by a list of names; what is unknown or not eligible is listed."""
        text = await self.app.push_screen_wait(PasteDialog())
        if text is None:
            return
        report = paste_report(names_in(text), self.wizard.mirror.devices, self._eligible, self._misfits)
        self._select({*self.draft.devices, *report.found})
        if report.problems:
            words = f"{len(report.found)} selected.\n\n" + "\n".join(report.problems)
            await self.app.push_screen_wait(TextDialog("Not every name was taken", words))
        else:
            self.app.notify(f"{len(report.found)} devices selected")
