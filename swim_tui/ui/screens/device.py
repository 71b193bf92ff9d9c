"""One device: Device Details, and the Image tab with Images Applied and File systems."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from swim_tui.model.facts import FileEntry, FileSystem
from swim_tui.model.views import DeviceDetail
from swim_tui.ui.dialogs.text import error_dialog
from swim_tui.ui.mirror import Changes
from swim_tui.ui.page import Page
from swim_tui.ui.registry import Scope
from swim_tui.ui.screens.devices import device_state, submit_sync
from swim_tui.ui.screens.new_job import FOR_DEVICES, how_to
from swim_tui.ui.screens.recovery import open_recovery
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.times import age, detail_time, duration, short_size, size_mb
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.facts import Fact, FactsBlock
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch

TABS = ("Device Details", "Image")


@dataclass(frozen=True)
class FileLine:
    """A file system, or a file on it."""

    system: FileSystem
    number: int
    file: FileEntry | None = None

    @property
    def key(self) -> str:
        """Member, file system and path."""
        member = f"{self.system.member or ''}"
        return f"{member}/{self.system.name}/{self.file.path if self.file is not None else ''}"


def _system_cell(line: FileLine) -> Cell:
    if line.file is not None:
        return Cell(f"  {line.file.path}{'/' if line.file.is_dir else ''}")
    member = f" member {line.system.member}" if line.system.member is not None else ""
    return Cell(f"{line.system.name}{member}{' (default)' if line.system.is_default else ''}", Tone.LINK)


FILES = TableSpec[FileLine](
    "files",
    (
        Column("file", "File system / file", 26, _system_cell, 1, "f", lambda r: r.number, flex=True),
        Column(
            "size",
            "Size",
            10,
            lambda r: Cell(short_size(r.file.size_bytes) if r.file else ""),
            2,
            "s",
            lambda r: r.file.size_bytes if r.file else None,
            right=True,
        ),
        Column(
            "free", "Free", 9, lambda r: Cell("" if r.file else short_size(r.system.free_bytes)), 1, "r", right=True
        ),
        Column(
            "total", "Total", 9, lambda r: Cell("" if r.file else short_size(r.system.total_bytes)), 1, "t", right=True
        ),
        Column("modified", "Modified", 20, lambda r: Cell(r.file.modified if r.file else r.system.kind), 3, "m"),
    ),
    sort="file",
    empty="No file system was read yet. r reads the device.",
    marks=False,
)


class DevicePage(Page):
    """Follows the inventory; `i` or Tab shows the Image tab (FEATURES 22 to 25)."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.DEVICE, Scope.TABLE, Scope.GLOBAL)
    view = "devices"
    is_top = False

    def __init__(self, name: str) -> None:
        super().__init__()
        self.device = name
        self._detail: DeviceDetail | None = None
        self._tab = 0

    def crumbs(self) -> tuple[str, ...]:
        """Devices > name > tab."""
        return ("Devices", self.device, TABS[self._tab])

    def note(self) -> str:
        """The other tab, and how old the facts are."""
        facts = self._detail.facts if self._detail is not None else None
        seen = f"read {age(facts.read_at, self.swim.now())}" if facts is not None else "not read yet: r reads it"
        return f"Tab: {TABS[1 - self._tab]}   {seen}"

    def body(self) -> Iterable[Widget]:
        """Two tabs."""
        with ContentSwitcher(initial="tab-details", id="tabs"):
            with VerticalScroll(id="tab-details", can_focus=False):
                yield FactsBlock(id="device-facts")
            with VerticalScroll(id="tab-image", can_focus=False):
                yield Static("Images Applied", classes="section")
                yield FactsBlock(id="images-applied")
                yield Static("File systems", classes="section")
                yield LiveTable(FILES, id="files")
                yield Static(classes="empty", id="files-empty")

    async def load(self) -> None:
        """Everything known of the device."""
        self._detail = await self.session.client.device(self.device)
        self._fill()

    def show(self, changes: Changes) -> None:
        """Load again when the device changed."""
        if changes.all_devices or self.device in changes.devices:
            self.start_loading()
        elif changes.resync:
            self._fill()

    def _fill(self) -> None:
        detail = self._detail
        if detail is None:
            return
        self.query_one("#device-facts", FactsBlock).show(self._details(detail))
        self.query_one("#images-applied", FactsBlock).show(images_applied(detail))
        rows: list[FileLine] = []
        for system in detail.facts.file_systems if detail.facts is not None else ():
            rows.append(FileLine(system, len(rows)))
            rows += [FileLine(system, len(rows) + index, file) for index, file in enumerate(system.files or ())]
        self.query_one("#files", LiveTable).apply(Batch(rows, reset=True))
        self.refresh_note()

    def _details(self, detail: DeviceDetail) -> list[Fact]:
        device, row, facts = detail.device, detail.row, detail.facts
        state = device_state(row)
        pairs: list[Fact] = [
            ("Name", device.name),
            ("State", state.text, state.tone),
            ("IP Address/DNS", f"{device.address}:{device.port}"),
            ("Platform", device.platform),
            ("Role", str(device.role)),
            ("Location", f"{device.location} {detail.zone}".strip()),
            ("Device Type", device.device_type),
            ("Groups", ", ".join(device.groups)),
            ("Jump hosts", " > ".join(device.jump)),
            ("Credentials", device.credentials),
            ("Upstream", ", ".join(device.upstream)),
            ("Pair", device.pair),
            ("SSH", "legacy algorithms allowed" if device.legacy_ssh else ""),
            ("VRF", device.vrf),
            ("Console", device.console),
            ("Description", device.description),
        ]
        if facts is not None:
            version = facts.version
            pairs += [
                ("Serial", version.serial),
                ("Product", version.pid),
                ("RAM", size_mb(version.ram_bytes) if version.ram_bytes else ""),
                ("Uptime", duration(version.uptime_s) if version.uptime_s is not None else ""),
                ("Last reload", version.reload_reason),
                ("Boot loader", version.rommon),
                ("Boot variable", "; ".join(facts.boot_state().current)),
                ("At next reload", "; ".join(facts.boot_state().next_reload)),
                ("Members", ", ".join(f"{m.number} {m.role} {m.state}".strip() for m in facts.members)),
                ("Unsaved changes", "yes" if facts.config_dirty else ""),
                ("Not understood", ", ".join(facts.unread), Tone.WAIT),
            ]
        if detail.last_problem is not None:
            pairs.append(("Last problem", detail.last_problem.one_line(), Tone.FAIL))
        return pairs

    # --- actions ---

    def do_device_next_tab(self) -> None:
        """The other tab."""
        self._show_tab(1 - self._tab)

    def do_device_image(self) -> None:
        """The Image tab."""
        self._show_tab(1)

    def _show_tab(self, tab: int) -> None:
        self._tab = tab
        self.query_one("#tabs", ContentSwitcher).current = ("tab-details", "tab-image")[tab]
        if tab:
            self.query_one("#files", LiveTable).focus()
        self.refresh_note()

    async def do_device_sync(self) -> None:
        """Read it again."""
        await submit_sync(self, [self.device])

    async def do_device_job(self) -> None:
        """A job for this device."""
        await how_to(self, FOR_DEVICES, devices=[self.device])

    async def do_device_recovery(self) -> None:
        """The recovery card, if it did not come back."""
        await open_recovery(self, self.device)

    def do_table_detail(self) -> None:
        """The last problem in full."""
        problem = self._detail.last_problem if self._detail is not None else None
        if problem is not None:
            self.app.push_screen(error_dialog(problem, device=self.device))

    def do_table_record(self) -> None:
        """Everything as it is stored."""
        from swim_tui.ui.record import as_text

        if self._detail is not None:
            self.swim.show_text("Record", as_text(self._detail))

    @on(LiveTable.Opened, "#files")
    def _open_file(self, event: LiveTable.Opened) -> None:
        row: FileLine = self.query_one("#files", LiveTable).model.rows[event.key]
        if row.file is not None:
            self.swim.show_text(row.file.path, f"{row.system.name}{row.file.path}\n{size_mb(row.file.size_bytes)}")


def images_applied(detail: DeviceDetail) -> list[Fact]:
    """File Name, Image Name, Image Family, Image Version, File Size (FEATURES 24, 25)."""
    facts = detail.facts
    if facts is None:
        return [("File Name", "Unknown: the device was not read yet (r reads it)", Tone.WAIT)]
    version = facts.version
    size = running_size(detail)
    return [
        ("File Name", version.image_file or "Unknown"),
        ("Image Name", version.image_name or "Unknown"),
        ("Image Family", version.family or detail.row.family or "Unknown"),
        ("Image Version", version.version or "Unknown"),
        ("File Size", size_mb(size)),
        ("Mode", str(version.mode)),
        ("Read", detail_time(facts.read_at)),
    ]


def running_size(detail: DeviceDetail) -> int | None:
    """Bytes of the running image's file, if it is in a listing that was read."""
    if detail.facts is None:
        return None
    where, _, path = detail.facts.version.image_file.partition(":")
    system = detail.facts.file_system(f"{where}:")
    wanted = path.lstrip("/")
    files = (system.files or ()) if system is not None else ()
    return next((file.size_bytes for file in files if file.path == wanted), None)
