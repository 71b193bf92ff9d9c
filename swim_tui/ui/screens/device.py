"""One device: Device Details, Image, File systems, Configuration Archive, Jobs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from swim_tui.errors import Conflict
from swim_tui.model.job import as_of
from swim_tui.model.views import DeviceDetail
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.dialogs.text import error_dialog
from swim_tui.ui.mirror import Changes
from swim_tui.ui.page import Page
from swim_tui.ui.record import as_text
from swim_tui.ui.registry import Scope
from swim_tui.ui.screens.configs import DEVICE_CONFIGS, ConfigLine, show_config, show_difference
from swim_tui.ui.screens.device_form import edit_device
from swim_tui.ui.screens.device_rows import (
    FILES,
    TASKS,
    FileLine,
    TaskLine,
    device_facts,
    file_lines,
    images_applied,
)
from swim_tui.ui.screens.device_way import open_ssh
from swim_tui.ui.screens.devices import submit_sync
from swim_tui.ui.screens.new_job import FOR_DEVICES, how_to
from swim_tui.ui.screens.recovery import open_recovery
from swim_tui.ui.times import age, size_mb
from swim_tui.ui.widgets.columns import TableSpec
from swim_tui.ui.widgets.facts import FactsBlock
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch

TABS = ("Device Details", "Image", "File systems", "Configuration Archive", "Jobs")
_IDS = ("tab-details", "tab-image", "tab-files", "tab-configs", "tab-jobs")
_TABLES = {2: "files", 3: "device-configs", 4: "device-tasks"}


class DevicePage(Page):
    """Follows the inventory; Tab goes through the tabs, `i` shows the Image tab (FEATURES 22 to 25)."""

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
        """How old the facts are, or what the table of the tab holds."""
        table = self.table
        if table is not None and self._tab != 2:
            return table.status()
        facts = self._detail.facts if self._detail is not None else None
        return f"read {age(facts.read_at, self.swim.now())}" if facts is not None else "not read yet: r reads it"

    def body(self) -> Iterable[Widget]:
        """The tabs and what is in them."""
        yield Static(id="tab-line")
        with ContentSwitcher(initial=_IDS[0], id="tabs"):
            with VerticalScroll(id=_IDS[0]):
                yield FactsBlock(id="device-facts")
            with VerticalScroll(id=_IDS[1]):
                yield Static("Images Applied", classes="section")
                yield FactsBlock(id="images-applied")
            yield from (_tab(_IDS[tab], spec) for tab, spec in ((2, FILES), (3, DEVICE_CONFIGS), (4, TASKS)))

    @property
    def table(self) -> LiveTable[Any] | None:
        """The table of the tab that is shown, if it has one."""
        return self.query_one(f"#{_TABLES[self._tab]}", LiveTable) if self._tab in _TABLES else None

    def focus_table(self) -> None:
        """Keys go to what the tab shows."""
        table = self.table
        (table if table is not None else self.query_one(f"#{_IDS[self._tab]}", VerticalScroll)).focus()

    def _move(self, lines: int) -> None:
        if self.table is None:
            self.query_one(f"#{_IDS[self._tab]}", VerticalScroll).scroll_relative(y=lines, animate=False)
        else:
            super()._move(lines)

    def on_mount(self) -> None:
        """The first tab."""
        super().on_mount()
        self._show_tab(0)

    async def load(self) -> None:
        """Everything known of the device."""
        client = self.session.client
        self._detail = await client.device(self.device)
        configs = [ConfigLine(row) for row in await client.configs(device=self.device)]
        self.query_one("#device-configs", LiveTable).apply(Batch(configs, reset=True))
        self._fill()

    def show(self, changes: Changes) -> None:
        """Load again when the device or one of its tasks changed."""
        own_task = any(device == self.device for _, device in changes.tasks)
        if changes.all_devices or self.device in changes.devices or (own_task and changes.runs):
            self.start_loading()
        elif changes.resync:
            self._fill()

    def _fill(self) -> None:
        detail = self._detail
        if detail is None:
            return
        self.query_one("#device-facts", FactsBlock).show(device_facts(detail))
        self.query_one("#images-applied", FactsBlock).show(images_applied(detail))
        self.query_one("#files", LiveTable).apply(Batch(file_lines(detail), reset=True))
        tasks = [TaskLine(as_of(task, self.swim.now())) for task in detail.tasks]
        self.query_one("#device-tasks", LiveTable).apply(Batch(tasks, reset=True))
        self.refresh_note()

    # --- tabs ---

    def do_device_next_tab(self) -> None:
        """The next tab."""
        self._show_tab((self._tab + 1) % len(TABS))

    def do_device_previous_tab(self) -> None:
        """The tab before."""
        self._show_tab((self._tab - 1) % len(TABS))

    def do_device_image(self) -> None:
        """The Image tab."""
        self._show_tab(1)

    def _show_tab(self, tab: int) -> None:
        self._tab = tab
        self.query_one("#tabs", ContentSwitcher).current = _IDS[tab]
        parts: list[tuple[str, str]] = [
            (f" {title} ", "bold reverse" if n == tab else "") for n, title in enumerate(TABS)
        ]
        self.query_one("#tab-line", Static).update(Content.assemble(*parts))
        self.focus_table()
        self.refresh_note()

    # --- actions ---

    async def do_device_sync(self) -> None:
        """Read it again."""
        await submit_sync(self, [self.device])

    async def do_device_job(self) -> None:
        """A job for this device."""
        await how_to(self, FOR_DEVICES, devices=[self.device])

    async def do_device_recovery(self) -> None:
        """The recovery card, if it did not come back."""
        await open_recovery(self, self.device)

    async def do_device_edit(self) -> None:
        """Change it; under a new name the page goes on with that."""
        name = await edit_device(self, self.device)
        if name:
            self.device = name
            await self.load()

    async def do_device_ssh(self) -> None:
        """A session of a person with it."""
        await open_ssh(self, self.device)

    def do_device_diff(self) -> None:
        """The difference of two configurations."""
        if self._tab != 3:
            self._show_tab(3)
        show_difference(self, self.query_one("#device-configs", LiveTable).targets)

    async def do_device_host_key(self) -> None:
        """Accept the key that was offered, with both fingerprints before the eyes."""
        rows = await self.session.client.host_keys()
        place = next((row for row in rows if self.device in row.names and row.state != "known"), None)
        if place is None:
            raise Conflict(detail=f"{self.device} offers the key that is known", action=": hostkeys lists all keys")
        known = [f"known    {place.type}", f"         {place.fingerprint}"] if place.state == "changed" else []
        ask = Confirmation(
            f"Accept the key that {self.device} offers?",
            "accept it",
            level=2,
            targets=[*known, f"offered  {place.offered_type}", f"         {place.offered_fingerprint}"],
            impact="Compare the fingerprint with the device's console, not over the same line.",
        )
        if await self.app.push_screen_wait(ConfirmDialog(ask)):
            await self.session.client.accept_host_key(
                host=place.host, port=place.port, via=list(place.via), fingerprint=place.offered_fingerprint
            )
            self.app.notify(f"{self.device}: its key is known; r reads it again")

    def do_table_detail(self) -> None:
        """The last problem in full."""
        problem = self._detail.last_problem if self._detail is not None else None
        if problem is not None:
            self.app.push_screen(error_dialog(problem, device=self.device))

    def do_table_record(self) -> None:
        """Everything as it is stored."""
        if self._detail is not None:
            self.swim.show_text("Record", as_text(self._detail))

    # --- opening ---

    @on(LiveTable.Opened, "#files")
    def _open_file(self, event: LiveTable.Opened) -> None:
        row: FileLine = event.table.model.rows[event.key]
        if row.file is not None:
            self.swim.show_text(row.file.path, f"{row.system.name}{row.file.path}\n{size_mb(row.file.size_bytes)}")

    @on(LiveTable.Opened, "#device-configs")
    def _open_config(self, event: LiveTable.Opened) -> None:
        show_config(self, event.table.model.rows[event.key])

    @on(LiveTable.Opened, "#device-tasks")
    def _open_task(self, event: LiveTable.Opened) -> None:
        from swim_tui.ui.screens.task import TaskPage

        self.app.push_screen(TaskPage(event.key, self.device))


def _tab(tab_id: str, spec: TableSpec[Any]) -> Vertical:
    """A tab with one table, and what it says when it is empty."""
    return Vertical(LiveTable(spec, id=spec.id), Static(classes="empty", id=f"{spec.id}-empty"), id=tab_id)
