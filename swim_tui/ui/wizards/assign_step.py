"""Distribute Image and Location Selection: image, location and verdict of each device, edited by row or by many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from swim_tui.model.checks import Verdict
from swim_tui.model.facts import FileSystem
from swim_tui.model.plan import DevicePlan
from swim_tui.model.server import LOCAL_SERVER
from swim_tui.model.views import DeviceRow
from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.dialogs.text import TextDialog
from swim_tui.ui.states import Cell
from swim_tui.ui.times import short_size
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch
from swim_tui.ui.wizards.step import Step
from swim_tui.ui.wizards.verify import NOT_OVER, checks_text, set_name, verdict_cell

LOCAL = "Local File Server"
_PULLS = "external-server"


@dataclass(frozen=True)
class Assignment:
    """A device with what it gets and where; `location` empty = as the platform has it."""

    device: DeviceRow
    image: str
    location: str
    plan: DevicePlan | None
    server: str = ""

    @property
    def key(self) -> str:
        """The device's name."""
        return self.device.name


def _location(line: Assignment) -> Cell:
    planned = line.plan.to_image.split(":", 1)[0] + ":" if line.plan is not None and ":" in line.plan.to_image else ""
    return Cell(line.location or planned or "default")


def _server(line: Assignment) -> Cell:
    """`NY_Region(1)`: the first choice of the device; behind it come the others of its location."""
    named = line.server or (line.plan.servers[0] if line.plan is not None and line.plan.servers else LOCAL_SERVER)
    if named == LOCAL_SERVER:
        return Cell(LOCAL)
    planned = line.plan.servers if line.plan is not None else ()
    return Cell(f"{named}({planned.index(named) + 1})" if named in planned else named)


_OPTIONS_MEND = ("Free space", "Protocol", "Upgrade mode", "Image backup", "Configuration backup")


def mended_by_options(plan: DevicePlan) -> bool:
    """Whether an option of the next step may mend all that keeps a device out: the smart erase, for one."""
    failed = [check.name for check in plan.checks if check.verdict is Verdict.FAILED]
    return bool(failed) and all(name.startswith(_OPTIONS_MEND) for name in failed)


ASSIGNMENTS = TableSpec[Assignment](
    "wizard-assign",
    (
        Column("name", "Device Name", 14, lambda r: Cell(r.device.name), 1, "n"),
        Column("status", "Status", 16, lambda r: verdict_cell(r.plan, chosen=True), 1, "s", flex=True, least=12),
        Column(
            "image", "Distribute Image Name", 24, lambda r: Cell(set_name(r.image, r.plan)), 2, "m", flex=True, least=18
        ),
        Column("location", "Location", 10, _location, 2, "l"),
        Column("server", "External Servers", 17, _server, 2, "e"),
        Column("address", "IP Address", 15, lambda r: Cell(r.device.address), 3, "i"),
    ),
    name=lambda r: r.device.name,
    attention=lambda r: r.plan is not None and not r.plan.included,
    sort="name",
    empty="No device is selected.",
)


class AssignStep(Step):
    """Devices that failed verification stay listed: the run leaves them out."""

    title: ClassVar[str] = "Distribute Image and Location Selection"
    brief: ClassVar[str] = "Distribute"
    hint: ClassVar[str] = "e edits image, location, server; Enter shows every check. x = left out."
    actions: ClassVar[frozenset[str]] = frozenset({"wizard.edit", "wizard.recheck"})

    def compose(self) -> ComposeResult:
        """The table."""
        yield LiveTable(ASSIGNMENTS, id="wizard-assign")
        yield Static(classes="empty", id="wizard-assign-empty")

    @property
    def grid(self) -> LiveTable[Assignment]:
        """The table."""
        return self.query_one("#wizard-assign", LiveTable)

    async def enter(self) -> None:
        """Rows of the selected devices; overrides of others are gone."""
        chosen = set(self.draft.devices)
        for held in (self.draft.image_of, self.draft.location_of, self.draft.server_of):
            for name in [name for name in held if name not in chosen]:
                del held[name]
        for name in [n for n, image in self.draft.image_of.items() if image not in self.draft.images]:
            del self.draft.image_of[name]
        self.verified(reset=True)
        self.wizard.verifier.want(self.draft.devices)

    def verified(self, *, reset: bool = False) -> None:
        """Rows with the verdicts there are."""
        images, rows = self.wizard.mirror.images, []
        for name in self.draft.devices:
            plan = self.wizard.verifier.plan(name)
            own = self.draft.image_of.get(name) or (self.draft.images[0] if len(self.draft.images) == 1 else "")
            file = (
                images[own].file_name if own in images else plan.image_file if plan is not None else "the one that fits"
            )
            where, server = self.draft.location_of.get(name, ""), self.draft.server_of.get(name, "")
            rows.append(Assignment(self.wizard.mirror.devices[name], file, where, plan, server))
        self.grid.apply(Batch(rows, reset=reset))
        self.wizard.refresh_note()
        if self.wizard.verifier.problem:
            self.wizard.say(self.wizard.verifier.problem)

    def focus_first(self) -> None:
        """The table."""
        self.grid.focus()

    def note(self) -> str:
        """`10 take part, 2 excluded`."""
        plans = [self.wizard.verifier.plan(name) for name in self.draft.devices]
        known = [plan for plan in plans if plan is not None]
        excluded = sum(1 for plan in known if not plan.included)
        waiting = f"verifying {len(plans) - len(known)}  " if len(known) < len(plans) else ""
        return f"{waiting}{len(known) - excluded} take part, {excluded} excluded"

    def problem(self) -> str:
        """Verification has ended and somebody takes part."""
        verifier = self.wizard.verifier
        if verifier.problem:
            return verifier.problem
        if verifier.is_pending(self.draft.devices):
            return NOT_OVER
        plans = [plan for name in self.draft.devices if (plan := verifier.plan(name)) is not None]
        if any(plan.included or mended_by_options(plan) for plan in plans):
            return ""
        return "No device passed the verification; Enter on a row shows what would mend it."

    @on(LiveTable.Opened)
    def _opened(self, event: LiveTable.Opened) -> None:
        event.stop()
        self.app.push_screen(
            TextDialog(f"Verification of {event.key}", checks_text(self.wizard.verifier.plan(event.key)))
        )

    # --- editing ---

    async def edit(self) -> None:
        """Image, location or server of the marked rows, else of the row under the cursor."""
        names = [row.device.name for row in self.grid.targets]
        if not names:
            return
        whom = names[0] if len(names) == 1 else f"{len(names)} devices"
        what = await self.app.push_screen_wait(
            ChooseDialog(
                f"Edit {whom}",
                [
                    Choice("image", "i", "Distribute Image Name"),
                    Choice("location", "l", "Distribute Location"),
                    Choice("server", "s", "External Servers", "a SWIM server, or this machine"),
                ],
            )
        )
        if what == "image":
            await self._edit_image(names, whom)
        elif what == "location":
            await self._edit_location(names, whom)
        elif what == "server":
            await self._edit_server(names, whom)
        self.verified()
        self.wizard.verifier.want(self.draft.devices)

    async def _edit_image(self, names: Sequence[str], whom: str) -> None:
        images = self.wizard.mirror.images
        choices = [Choice(name, "", images[name].file_name, images[name].version) for name in self.draft.images]
        chosen = await self.app.push_screen_wait(ChooseDialog(f"Image for {whom}; step 1 selects more", choices))
        if chosen:
            self.draft.image_of.update(dict.fromkeys(names, chosen))

    async def _edit_server(self, names: Sequence[str], whom: str) -> None:
        """By location group, this machine, or a server; a platform that cannot pull says so."""
        packs, held = self.wizard.packs, self.wizard.mirror.devices
        cannot = [n for n in names if (p := packs.get(held[n].platform)) is not None and _PULLS not in p.supports]
        if cannot:
            words = f"{', '.join(cannot[:5])}: this platform takes images from the {LOCAL} only."
            await self.app.push_screen_wait(TextDialog("External Servers", words))
            return
        rows = await self.wizard.session.client.servers()
        choices = [Choice("", "d", "by location group"), Choice(LOCAL_SERVER, "l", LOCAL, "pushed to the device")]
        for row in rows:
            protocols = ",".join(each.protocol for each in row.server.protocols) or "no protocol yet"
            has = "  has images" if set(row.images) & self._files() else ""
            sites = ", ".join(row.server.sites)
            choices.append(Choice(row.server.name, "", row.server.name, f"{protocols}  {sites}{has}"))
        title = f"Server for {whom}" if rows else f"Server for {whom}; view 5 adds servers"
        current = self.draft.server_of.get(names[0], "")
        chosen = await self.app.push_screen_wait(ChooseDialog(title, choices, current=current))
        if chosen == "":
            for name in names:
                self.draft.server_of.pop(name, None)
        elif chosen is not None:
            self.draft.server_of.update(dict.fromkeys(names, chosen))

    def _files(self) -> set[str]:
        images = self.wizard.mirror.images
        return {images[name].file_name for name in self.draft.images if name in images}

    async def _edit_location(self, names: Sequence[str], whom: str) -> None:
        spaces = [await self._file_systems(name) for name in names]
        common = [name for name in spaces[0] if all(name in space for space in spaces)]
        choices = [Choice("default", "d", "as the platform has it")]
        for name in common:
            free = min(space[name].free_bytes or 0 for space in spaces)
            choices.append(Choice(name, "", name, f"{short_size(free)} free"))
        title = f"Location on {whom}" if common else f"{whom} have no file system in common"
        current = self.draft.location_of.get(names[0], "default")
        chosen = await self.app.push_screen_wait(ChooseDialog(title, choices, current=current))
        if chosen == "default":
            for name in names:
                self.draft.location_of.pop(name, None)
        elif chosen:
            self.draft.location_of.update(dict.fromkeys(names, chosen))

    async def _file_systems(self, name: str) -> dict[str, FileSystem]:
        """The file systems of a device that can hold an image, as last read."""
        facts = (await self.wizard.session.client.device(name)).facts
        spaces = facts.file_systems if facts is not None else ()
        return {s.name: s for s in spaces if s.kind in ("disk", "flash") and "w" in s.flags and not s.is_standby}
