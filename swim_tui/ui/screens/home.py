"""Software Images, the home view: summary by family, process wheel, protocols, links, the last ten runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static, Tree

from swim_tui.model.job import JobRequest, JobType
from swim_tui.model.views import Dashboard
from swim_tui.model.words import counted
from swim_tui.ui.dialogs.confirm import Confirmation
from swim_tui.ui.dialogs.guide import show_guide
from swim_tui.ui.mirror import Changes
from swim_tui.ui.registry import Scope
from swim_tui.ui.screens.first_steps import is_empty
from swim_tui.ui.screens.job_actions import JobActions
from swim_tui.ui.screens.job_rows import RECENT, RunLine, line_of, says
from swim_tui.ui.screens.new_job import how_to
from swim_tui.ui.screens.settings import SettingsPage
from swim_tui.ui.settings_book import CONFIG_ORDER, IMAGE_ORDER
from swim_tui.ui.times import clock_text, short_size
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch
from swim_tui.ui.widgets.wheel import ProcessWheel
from swim_tui.ui.wizards.open import open_wizard

_LAST = 10
_ROOMY = 30
_WHEEL = 76  # columns below which the arrows of the wheel would wrap
_WIDE = 110
_ALL = "ALL"  # the node of the reference that shows every image


class HomePage(JobActions):
    """The landing page; Tab goes between the image summary and the last runs."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.HOME, Scope.TABLE, Scope.GLOBAL)
    view = "images"
    has_row_line = True
    _told: list[str] | None = None

    def body(self) -> Iterable[Widget]:
        """Summary on the left, wheel and panels on the right, runs below."""
        yield Static(id="home-alarms")
        with Horizontal(id="home-top"):
            with Vertical(id="home-summary"):
                yield Static("Software Image Summary", classes="section", id="summary-title")
                tree: Tree[str] = Tree("All", id="families")
                tree.show_root = False
                tree.guide_depth = 2
                yield tree
            with Vertical(id="home-right"):
                yield ProcessWheel(read_only=self.swim.status.read_only, id="wheel")
                yield Static(id="panels")
        yield Static("Last 10 Swim Job", classes="section", id="runs-title")
        yield LiveTable(RECENT, id="last10")
        yield Static(classes="empty", id="last10-empty")

    def on_mount(self) -> None:
        """The runs have the focus first."""
        super().on_mount()
        self._panels(None)

    def crumbs(self) -> tuple[str, ...]:
        """The path that the reference has."""
        return ("Inventory", "Device Management", "Software Images")

    def on_resize(self) -> None:
        """The large wheel and the whole names of the links need room."""
        super().on_resize()
        large = self.size.width >= _WIDE and self.size.height >= 36
        self.query_one("#wheel", ProcessWheel).set_large(large, tiny=self.size.width < _WHEEL)
        self._panels(self.mirror.dashboard)

    # --- showing ---

    async def load(self) -> None:
        """An empty start offers the first steps."""
        board = self.mirror.dashboard
        if board is not None and is_empty(board) and self.is_current and self.swim.welcome():
            self.action_do("global.start")

    def show(self, changes: Changes) -> None:
        """Figures when they were fetched again, runs as they change."""
        board = self.mirror.dashboard
        if board is None:
            return
        if changes.resync or changes.settings:
            self._families(board)
            self._panels(board)
        if changes.resync or changes.runs or changes.jobs:
            self._runs()

    def tick(self) -> None:
        """A commit deadline that has passed is told as past."""
        self._alarms(self.mirror.dashboard)

    def _runs(self) -> None:
        newest = sorted(self.mirror.runs.values(), key=lambda row: row.run.created_at, reverse=True)[:_LAST]
        table = self._table()
        status = self.swim.status
        now = self.swim.now()
        rows = [line_of(row, now, utc=status.utc, ascii_only=self.swim.ascii_only) for row in newest]
        gone = [key for key in table.model.rows if key not in {row.key for row in rows}]
        table.apply(Batch(rows, gone))
        board = self.mirror.dashboard
        total = max(len(self.mirror.runs), board.total_runs if board is not None else 0)
        self.query_one("#runs-title", Static).update(
            Content.assemble("Last 10 Swim Job", (f"   Total {total}", ""), ("   J All Jobs", "$foreground-muted"))
        )

    def _families(self, board: Dashboard) -> None:
        tree: Tree[str] = self.query_one("#families", Tree)
        open_families = {str(node.data) for node in tree.root.children if node.is_expanded}
        line = tree.cursor_line
        tree.clear()
        width = max(16, tree.size.width - 9)
        self.query_one("#summary-title", Static).update(f"{'Software Image Summary':<{width + 1}} Count")
        if board.families:
            tree.root.add_leaf(f"  {'ALL':<{width}} {board.images:>4}", data=_ALL)
        for entry in sorted(board.families, key=lambda entry: entry.family.casefold()):
            name = entry.family or "not recognised"
            label = f"{name[:width]:<{width}} {entry.count:>4}"
            node = tree.root.add(label, data=name, expand=name in open_families, allow_expand=bool(entry.images))
            for image in entry.images:
                node.add_leaf(f"{image.file_name}  {image.version}  {short_size(image.size_bytes)}", data=image.id)
        tree.cursor_line = min(max(line, 0), max(0, tree.last_line))

    def _panels(self, board: Dashboard | None) -> None:
        title = "bold $text-accent"
        changes = not self.swim.status.read_only
        edit = "   o Edit\n" if changes else "\n"
        parts: list[tuple[str, str]] = [
            ("Protocol Order" if self.size.width < _WHEEL else "Current Protocol Order", title),
            (edit, "$foreground-muted"),
        ]
        if board is None:
            parts.append(("not known yet", "$foreground-muted"))
        for number, choice in enumerate(board.protocols if board is not None else ()):
            if number == 3 and self.size.width < _WHEEL:
                parts.append(("\n", ""))  # no box is torn in two
            parts.append((f"[{'x' if choice.on else ' '}]{choice.protocol} ", "" if choice.on else "$foreground-muted"))
        parts += [("\n", ""), ("Useful Links  ", title)]
        wide = self.size.width >= _WIDE
        repository = "4 Software Image Repository" if wide else "4 Repository"
        parts.append((f"{repository}  u Upgrade Analysis\n", ""))
        if changes:
            sync, archive = ("Device Inventory", "Device Configuration") if wide else ("Inventory", "Configuration")
            parts.append((f"  y Sync {sync}  b Archive {archive}\n", ""))
        parts += [("Settings  ", title), (", Image Management  F Guide", "")]
        if changes:
            parts.append(("\n  O Configuration Archive", ""))
        self.query_one("#panels", Static).update(Content.assemble(*parts))
        self._alarms(board)

    def _alarms(self, board: Dashboard | None) -> None:
        found = alarms(board, self.swim.now(), utc=self.swim.status.utc) if board is not None else []
        if found == self._told:
            return
        self._told = found
        line = self.query_one("#home-alarms", Static)
        line.update(Content("\n".join(f"! {text}" for text in found)))
        line.display = bool(found)

    def _table(self) -> LiveTable[RunLine]:
        return self.query_one("#last10", LiveTable)

    def note(self) -> str:
        """Devices and images under management."""
        board = self.mirror.dashboard
        if board is None:
            return ""
        unsynced = f", {board.unsynced} never read" if board.unsynced else ""
        return f"{counted(board.devices, 'device')}{unsynced}   {counted(board.images, 'image')}"

    def focus_table(self) -> None:
        """The runs."""
        self._table().focus()

    # --- opening ---

    @on(LiveTable.Opened, "#last10")
    def _open_run(self, event: LiveTable.Opened) -> None:
        from swim_tui.ui.screens.job import JobPage

        line = self._table().model.rows[event.key]
        self.app.push_screen(JobPage(line.job.id, event.key))

    @on(Tree.NodeSelected, "#families")
    def _open_image(self, event: Tree.NodeSelected[str]) -> None:
        from swim_tui.ui.screens.image import ImagePage

        node = event.node
        is_image = node.parent is not None and not node.parent.is_root
        if is_image and node.data is not None:
            self.app.push_screen(ImagePage(node.data))
        elif node.data == _ALL and not node.allow_expand:
            self.swim.go_view("repository")

    def _move(self, lines: int) -> None:
        tree = self.query_one("#families", Tree)
        if tree.has_focus:
            tree.cursor_line = max(0, min(tree.last_line, tree.cursor_line + lines))
        else:
            super()._move(lines)

    def row_line(self, row: Any) -> str:
        """The whole name and what one should know of the run, where there is a line to spare."""
        return ": ".join(part for part in (row.job.name, says(row)) if part) if self.size.height >= _ROOMY else ""

    def record(self, row: Any) -> object:
        """The run and its job."""
        return {"run": row.run, "job": row.job}

    # --- actions ---

    async def do_home_import(self) -> None:
        """Add/Import."""
        await open_wizard(self, "import")

    async def do_home_distribute(self) -> None:
        """Distribute."""
        await open_wizard(self, "distribute")

    async def do_home_activate(self) -> None:
        """Activate."""
        await open_wizard(self, "activate")

    async def do_home_commit(self) -> None:
        """Commit."""
        await open_wizard(self, "commit")

    async def do_home_rollback(self) -> None:
        """Rollback."""
        await open_wizard(self, "rollback")

    async def do_home_server(self) -> None:
        """Add Server: the page, with the form open."""
        from swim_tui.ui.screens.servers import ServersPage

        mounted = self.swim.go_view("servers")
        if mounted is not None:
            await mounted
        if isinstance(self.swim.page, ServersPage):
            self.swim.page.action_do("servers.new")

    async def do_home_analysis(self) -> None:
        """Upgrade Analysis."""
        await open_wizard(self, "analysis")

    async def do_home_sync(self) -> None:
        """Read every device again."""
        await self.session.load_devices()
        names = sorted(self.mirror.devices)
        ask = Confirmation(
            f"Read all {len(names)} devices?",
            "read",
            impact="Read-only commands only; nothing is changed.",
            opened_by="y",
        )
        if names and await self.confirm(ask):
            job = await self.session.client.submit(JobRequest(type=JobType.INVENTORY_SYNC, devices=tuple(names)))
            self.app.notify(f"{job.name} submitted; view 2 shows it")

    async def do_home_archive(self) -> None:
        """Archive Device Configuration."""
        await how_to(self, ["archive"])

    def do_home_protocols(self) -> None:
        """Current Protocol Order is a setting."""
        self.app.push_screen(SettingsPage(IMAGE_ORDER))

    def do_home_archive_settings(self) -> None:
        """How the configurations of the archive are read."""
        self.app.push_screen(SettingsPage(CONFIG_ORDER))

    def do_home_all_jobs(self) -> None:
        """All Jobs."""
        self.swim.go_view("jobs")

    def do_home_summary(self) -> None:
        """Job Summary of the row."""
        if (line := self._table().cursor_row) is not None:
            self.show_summary(line)

    async def do_home_purpose(self) -> None:
        """Reasons to upgrade, and the rest of the guide."""
        await show_guide(self.app, "why")


def alarms(board: Dashboard, now: datetime, *, utc: bool = False) -> list[str]:
    """What waits for a person, in words, and until when."""
    found = []
    how_to_commit = " (c commits)"
    if (due := board.commit_by) is not None:
        at = clock_text(due, utc=utc)
        is_past = due <= now
        how_to_commit = (
            f", its time ended {at}: r in Devices (3)" if is_past else f", goes back by itself at {at} (c commits)"
        )
    for names, text, how in (
        (board.armed, "armed", ""),
        (board.uncommitted, "not committed", how_to_commit),
        (board.waiting_for_person, "waiting for a person", ""),
    ):
        if names:
            more = f" and {len(names) - 2} more" if len(names) > 2 else ""
            found.append(f"{text}: {', '.join(names[:2])}{more}{how}")
    return found
