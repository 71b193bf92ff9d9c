"""A page: frame, body, keys from the registry, Esc one level; all screens of the product are one."""

from __future__ import annotations

import inspect
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from swim_tui.errors import Conflict, SwimError, describe
from swim_tui.ui.dialogs.text import error_dialog
from swim_tui.ui.mirror import Changes, Mirror
from swim_tui.ui.panes import PaneActions
from swim_tui.ui.registry import BY_ID, SCOPE_TITLES, Action, Scope, bindings_for, effective
from swim_tui.ui.session import Session
from swim_tui.ui.widgets.frame import CrumbLine, FooterLine, HeaderLine, TabLine
from swim_tui.ui.widgets.line_input import LineInput
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.side_pane import SidePane
from swim_tui.ui.widgets.table_paint import clean

_LISTS = frozenset(
    {
        Scope.JOBS, Scope.DEVICES, Scope.REPOSITORY, Scope.SERVERS, Scope.CREDENTIALS, Scope.JUMPS, Scope.HOST_KEYS,
        Scope.CONFIGS, Scope.SETTINGS,
    }
)  # fmt: skip
_ON_ROWS = frozenset(
    {
        "edit", "remove", "delete", "cancel", "summary", "plan", "sync", "group", "protocols", "verify", "confirm",
        "test", "accept", "forget", "diff", "device", "default", "analysis",
    }
)  # fmt: skip
_OF_ROWS = frozenset({"table.open", "table.filter", "table.mark", "table.detail"})
_OF_PANES = frozenset({"table.pane_next", "table.pane_before"})


class Page(PaneActions):
    """Subclasses give `view`, `SCOPES`, `crumbs`, `body`, and take up changes in `show`."""

    BACK: ClassVar[str] = "Back"  # what Esc does, in the footer
    asks_engine = True  # else what it shows is known without one
    AUTO_FOCUS = ""  # else the hidden filter line would take the keys of pages without a table

    def __init_subclass__(cls, *args: Any, **kwargs: Any) -> None:
        """Bindings come from the registry, the nearest scope first."""
        if cls.SCOPES:
            cls.BINDINGS = list(bindings_for(*cls.SCOPES))
        super().__init_subclass__(*args, **kwargs)

    def __init__(self) -> None:
        super().__init__()
        self._loaded = not self.asks_engine
        self._footer_for: object = None

    # --- what subclasses give ---

    def crumbs(self) -> tuple[str, ...]:
        """Where we are."""
        return (self.swim.view_title(self.view),)

    def body(self) -> Iterable[Widget]:
        """The widgets between the crumbs and the footer."""
        return ()

    async def load(self) -> None:
        """Fetch what the page needs beyond the mirror; runs once the engine answers."""

    def show(self, changes: Changes) -> None:
        """Bring the widgets up to the mirror; `changes.resync` means everything."""

    def tick(self) -> None:
        """Once a second while the page is seen: elapsed times."""

    def note(self) -> str:
        """Right half of the crumb line."""
        table = self.table
        return table.status() if table is not None and table.has_class("-counted") else ""

    # --- frame ---

    @property
    def session(self) -> Session:
        """The line to the engine."""
        return self.swim.session

    @property
    def mirror(self) -> Mirror:
        """The client's copy of the engine's state."""
        return self.swim.session.mirror

    def compose(self) -> ComposeResult:
        """Header, tabs, crumbs, filter line, body, footer."""
        yield HeaderLine()
        yield TabLine(self.view)
        yield CrumbLine()
        yield Static(id="engine-problem")
        bar = LineInput(placeholder="text  re:PATTERN  !not  state:failed site:ams", id="filter")
        bar.display = False
        yield bar
        with Horizontal(id="panes"):
            with Vertical(id="body"):
                yield from self.body()
            if self.has_detail:
                yield SidePane()
        if self.has_row_line:
            yield Static(id="row-line")
        yield FooterLine()

    def on_mount(self) -> None:
        """Frame first, contents as they come."""
        self.set_class(self.swim.ascii_only, "-ascii")
        for table in self.query(LiveTable):
            self.swim.restore(table)
        self.is_composed = True
        self.refresh_frame()
        self.focus_table()
        if self.session.is_connected:
            self.start_loading()

    def on_descendant_focus(self) -> None:
        """The footer names keys that work: in a field that is typed into letters are text."""
        if self.is_composed:
            footer, focused = self.query_one(FooterLine), self.focused
            footer.typing = isinstance(focused, Input | TextArea)
            typing_filter = focused is not None and focused.id == "filter"
            footer.back = "Clear" if typing_filter or self.escape_clears() else self.BACK

    on_descendant_blur = on_descendant_focus

    def on_screen_resume(self) -> None:
        """Seen again: take up what changed meanwhile."""
        if self.is_ready:
            self.refresh_frame()
            self.refresh_contents()

    def start_loading(self) -> None:
        """The engine answers: load, then show."""

        async def load() -> None:
            await self.load()
            self._loaded = True
            self.refresh_contents()

        self.run_action_worker(load())

    def refresh_contents(self) -> None:
        """Show everything anew from the mirror."""
        self.show(Changes(resync=True))
        self.refresh_note()
        self.call_after_refresh(self.fill_row_line)  # the table that counts has the focus by then

    def refresh_frame(self) -> None:
        """Header, crumbs and footer from the app's state."""
        header = self.query_one(HeaderLine)
        header.status, header.now = self.swim.status, self.swim.now()
        problem = self.query_one("#engine-problem", Static)
        problem.display = bool(self.swim.engine_problem) and not self.swim.status.connected
        if problem.display:  # an update lays the page out anew, once a second
            problem.update(Content(f"! {clean(self.swim.lost_text)}"))
        footer = self.query_one(FooterLine)
        footer.keymap, footer.at_top = self.swim.keymap, self.is_top
        self.refresh_note()

    def refresh_note(self) -> None:
        """Crumbs and counts."""
        line = self.query_one(CrumbLine)
        line.crumbs, line.note = tuple(clean(crumb) for crumb in self.crumbs()), self._true_note()
        for table in self.query(LiveTable):
            self._show_empty(table)
        self.on_descendant_focus()
        allowed = [action for action in effective(self.SCOPES) if self.allows(action)]
        ranks = [self.footer_rank(action) for action in allowed]
        self.query_one(FooterLine).actions = tuple(
            action if rank == action.footer else replace(action, footer=rank)
            for action, rank in zip(allowed, ranks, strict=True)
        )

    def footer_rank(self, action: Action) -> int:
        """The rank of an action in the footer as things are now; 0 where its key would do nothing."""
        if not action.footer:
            return 0
        if action.id not in _OF_ROWS and not (action.scope in _LISTS and action.id.partition(".")[2] in _ON_ROWS):
            return action.footer
        table = self.table
        if table is None or not table.model.total:
            return 0
        return 0 if action.id == "table.mark" and not table.spec.marks else action.footer

    def _true_note(self) -> str:
        """The counts as far as they are known: none before they came, and marked as old while the engine is lost."""
        if not self.asks_engine or self.swim.status.connected:
            return self.note() if self._loaded else ""
        return f"not current  {self.note()}".rstrip() if self._loaded else "not known yet"

    def footer_depends(self, row: Any) -> object:
        """What of the row under the cursor the footer is made from; the same for all rows where keys fit them all."""
        return None

    def _show_empty(self, table: LiveTable[Any]) -> None:
        hint = self.query(f"#{table.id}-empty") if table.id else None
        if hint:
            is_empty = not table.model.order and self._loaded
            hint.first().display = is_empty
            table.display = not is_empty or bool(table.model.total)
            table.set_class(is_empty, "-bare")
            if is_empty and table.model.total:
                hint.first(Static).update("No row passes the filter. Esc clears it.")
            elif is_empty:
                hint.first(Static).update(Content(table.spec.empty))

    @on(LiveTable.Changed)
    def _table_changed(self, event: LiveTable.Changed) -> None:
        event.stop()
        self.swim.remember(event.table)
        self.refresh_note()

    @on(LiveTable.CursorMoved)
    def _row_changed(self, event: LiveTable.CursorMoved) -> None:
        wanted = self.footer_depends(event.table.cursor_row)
        if wanted != self._footer_for:
            self._footer_for = wanted
            self.refresh_note()

    # --- actions ---

    def allows(self, action: Action) -> bool:
        """Changing actions do not exist for a read-only session, nor panes on a page that has none."""
        if action.id in _OF_PANES and not self.has_detail:
            return False
        return not (action.changes and self.swim.status.read_only)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide what is not allowed here."""
        if action == "do" and parameters and str(parameters[0]) in BY_ID:
            return self.allows(BY_ID[str(parameters[0])])
        return super().check_action(action, parameters)

    def action_do(self, action_id: str) -> None:
        """Carry out an action of the registry: the method of this page named after it."""
        if not self.is_composed:  # a key was faster than the page: it counts once the page is there
            self.call_later(self.action_do, action_id)
            return
        action = BY_ID[action_id]
        if not self.allows(action):
            locked = action.changes and self.swim.status.read_only
            words = "read-only: start swim-tui without --read-only to change things"
            self.app.notify(words if locked else f"'{action.title}' does nothing here now", severity="warning")
            return
        handler = getattr(self, action.handler, None)
        if handler is None:
            self.app.notify(f"'{action.title}' belongs to {SCOPE_TITLES[action.scope]}", severity="warning")
            return
        try:
            result = handler()
        except SwimError as err:
            self._tell(err)
            return
        if inspect.iscoroutine(result):
            self.run_action_worker(result)

    def run_action_worker(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside the message loop; an error of the product becomes a dialog, once, here."""

        async def guarded() -> None:
            try:
                await work
            except SwimError as err:
                self._tell(err)

        self.run_worker(guarded(), group="actions", exit_on_error=True)

    def _tell(self, err: SwimError) -> None:
        problem = describe(err)
        if isinstance(err, Conflict):
            self.app.notify(problem.one_line(), severity="warning")
        else:
            self.swim.log_line("error", problem.one_line())
            self.app.push_screen(error_dialog(problem))

    def do_global_back(self) -> None:
        """Marks, filter, pane, page; never quits."""
        if self.maximized is not None:
            self.minimize()
        elif not self.close_filter() and not self.close_pane():
            self.swim.go_back()

    def do_global_maximise(self) -> None:
        """The focused pane alone, and back."""
        if self.maximized is not None:
            self.minimize()
        elif self.focused is not None and self.focused.allow_maximize:
            self.maximize(self.focused)
