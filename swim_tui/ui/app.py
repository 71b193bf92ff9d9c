"""The app: views as parallel stacks of pages, header state, notices, palette; all else lives in pages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App
from textual.filter import LineFilter

from swim_tui import __version__
from swim_tui.clock import Clock, SystemClock
from swim_tui.model.job import RunStatus
from swim_tui.ui.ascii import AsciiFilter
from swim_tui.ui.base import BasePage, FirstFrame
from swim_tui.ui.dialogs.too_small import TooSmall, is_too_small
from swim_tui.ui.inert import InertFilter
from swim_tui.ui.keymap import NO_OVERRIDES, KeyMap
from swim_tui.ui.log_book import LogBook
from swim_tui.ui.questions import Questions
from swim_tui.ui.shell import HEIGHTS, HOME, VIEWS, WIDTHS, Bell, Status, view_of
from swim_tui.ui.state import UiState, load_state, save_state
from swim_tui.ui.stylesheet import ParsedOnce
from swim_tui.ui.terminal import TerminalTitle, title_text
from swim_tui.ui.themes import THEMES, chosen_theme, readable, status_colours
from swim_tui.ui.times import zone_of
from swim_tui.ui.unlocking import Unlocking

if TYPE_CHECKING:
    from swim_tui.model.views import Hello
    from swim_tui.ui.mirror import Changes
    from swim_tui.ui.session import Session, Source
    from swim_tui.ui.widgets.live_table import LiveTable

_SAVE_DELAY_S = 1.0


@dataclass(frozen=True)
class UiOptions:
    """How the UI was asked to start."""

    data_dir: Path
    read_only: bool = False
    theme: str | None = None
    ascii_only: bool = False
    start_view: str | None = None
    environment: str = ""
    keymap: KeyMap = NO_OVERRIDES
    state_path: Path | None = None
    welcome: bool = True  # an empty start offers the first steps
    bell: Bell = Bell.FAILED
    title: bool = True
    start_engine: Callable[[], None] | None = None  # lets the next try to connect start one; None: not from here
    watch: str | None = None  # run to watch, empty = the newest; None = the usual views


class SwimApp(App[int]):
    """Shows; the engine acts."""

    TITLE = "swim-tui"
    CSS_PATH = "styles/app.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS

    def __init__(
        self, options: UiOptions, connect: Callable[[], Awaitable[Source]], clock: Clock | None = None
    ) -> None:
        self.options = options
        self.clock = clock or SystemClock()
        self.state, self._state_problem = load_state(options.state_path) if options.state_path else (UiState(), "")
        super().__init__()
        self.ascii_only = options.ascii_only
        self.keymap = options.keymap
        self.log_book = LogBook()
        self.questions = Questions(self)
        self.unlocking = Unlocking(self, self.questions.look)
        self.bell_mode = options.bell
        self._terminal_title = TerminalTitle(self, on=options.title)
        self._over: set[str] | None = None
        self._watch = options.watch
        self.engine_problem = ""
        self._heard: datetime | None = None  # when the engine was heard last
        self.session: Session
        self._connect = connect
        self.last_view = HOME
        self.next_command: tuple[str, ...] = ()  # what this terminal goes on with after the end
        self.status = Status(
            version=__version__,
            data_dir=_short(options.data_dir),
            environment=options.environment,
            read_only=options.read_only,
            utc=self.state.utc,
        )
        self._ascii_filter, self._inert_filter = AsciiFilter(), InertFilter()
        self._save_pending = False
        for theme in THEMES:
            self.register_theme(theme)
        for view in VIEWS:
            self.add_mode(view.id, partial(_load_page, view.page))
        asked = (self.options.theme, self.state.theme)
        self.theme, self._theme_problems = chosen_theme(asked, self.available_themes)
        self.stylesheet = ParsedOnce(variables=self.get_css_variables())

    # --- Textual's hooks ---

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Status colours for themes that do not set them."""
        return dict(status_colours(self.available_themes.get(self.theme)))

    def get_css_variables(self) -> dict[str, str]:
        """Those of the theme, made readable."""
        self.theme_variables = readable(super().get_css_variables())
        return self.theme_variables

    def get_line_filters(self) -> list[LineFilter]:
        """Every line is made inert; in ASCII mode the last filter makes it ASCII."""
        filters = [self._inert_filter, *super().get_line_filters()]
        return [*filters, self._ascii_filter] if self.ascii_only else filters

    def get_default_screen(self) -> FirstFrame:
        """The frame alone."""
        return FirstFrame()

    def on_mount(self) -> None:
        """Paint first; pages and the line to the engine come after the first frame."""
        self.set_keymap(self.keymap.textual())
        for sentence in (*self._theme_problems, self._state_problem, *self.keymap.problems):
            if sentence:
                self.notify(sentence, severity="warning")
        self.set_interval(1.0, self._tick)
        self.call_after_refresh(self._open_session)

    def _open_session(self) -> None:
        from swim_tui.ui.session import Session

        self.session = Session(self._connect, self)
        start = "jobs" if self.options.watch is not None else self.options.start_view or self.state.last_view
        self.go_view(start)
        self.run_worker(self.session.run(), group="session", exit_on_error=True)

    async def on_unmount(self) -> None:
        """Remember, and let the engine go its way."""
        self._save_now()
        self._terminal_title.restore()
        if hasattr(self, "session"):
            await self.session.close()

    def on_key(self, event: events.Key) -> None:
        """What is typed belongs to the field that got the focus while the key was on its way, not to an action."""
        from textual.widgets import Input

        field = self.focused
        if isinstance(field, Input) and isinstance(self.screen, BasePage) and event.is_printable and event.character:
            event.prevent_default()
            field.insert_text_at_cursor(event.character)

    def on_resize(self, event: events.Resize) -> None:
        """Below 60x18 nothing fits: say so with numbers."""
        top = self.screen
        if is_too_small(event.size) and not isinstance(top, TooSmall):
            self.push_screen(TooSmall())
        elif not is_too_small(event.size) and isinstance(top, TooSmall):
            top.dismiss()

    # --- header, notices ---

    def now(self) -> datetime:
        """The wall clock."""
        return self.clock.now()

    @property
    def page(self) -> BasePage | None:
        """The page that is seen, below any dialog."""
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, BasePage)), None)

    def view_title(self, view_id: str) -> str:
        """Title of a view."""
        return view_of(view_id).title

    def set_status(self, **changes: Any) -> None:
        """Change the header; only the page that is seen is told."""
        status = replace(self.status, **changes)
        if status != self.status:
            self.status = status
            self._terminal_title.set(title_text(status.running, status.failed))
            if self.page is not None and self.page.is_ready:
                self.page.refresh_frame()

    def _tick(self) -> None:
        page = self.page
        if page is not None and page.is_ready:
            page.refresh_frame()
            page.tick()
            page.tick_panes()

    def notify(self, message: str, **options: Any) -> None:
        """A toast that is also kept in the Log view."""
        self.log_line(str(options.get("severity", "information")), message)
        super().notify(message, markup=False, **options)

    def log_line(self, severity: str, text: str, source: str = "ui", at: datetime | None = None) -> None:
        """Keep a line in the Log view without a toast."""
        self.log_book.add(at or self.now(), severity, source, text)

    def copy(self, text: str) -> None:
        """Copy over OSC 52 and say so."""
        self.copy_to_clipboard(text)
        self.notify(f"copied {len(text)} characters (OSC 52)")

    def show_text(self, title: str, text: str) -> None:
        """A dialog that only shows text."""
        from swim_tui.ui.dialogs.text import TextDialog

        self.push_screen(TextDialog(title, text))

    # --- the session tells ---

    def engine_state(self, state: str) -> None:
        """Connected or lost; pages load when it answers."""
        was = self.status.connected
        if was and state != "ok":
            self._heard = self.now()
        self.engine_problem = "" if state == "ok" else self.engine_problem
        self.set_status(engine=state)
        if state == "ok" and not was:
            if self._watch is not None:
                from swim_tui.ui.screens.watch import WatchPage

                self.push_screen(WatchPage(self._watch))
                self._watch = None
            for stack in self._screen_stacks.values():
                for screen in stack:
                    if isinstance(screen, BasePage) and screen.is_ready:
                        screen.start_loading()

    def greeted(self, hello: Hello) -> None:
        """The engine's badge."""
        self.set_status(environment=hello.environment or self.options.environment)

    def changed(self, changes: Changes) -> None:
        """One batch: header, notices, the page that is seen."""
        if not self.screen_stack:
            return  # the program ends: there is nobody to tell
        if changes.engine is not None:
            told = changes.engine
            self.set_status(running=told.running, waiting=told.waiting, failed=told.failed, attached=told.clients)
            self.set_status(jumps=told.jumps)
            self.unlocking.look(locked=told.vault_locked)
        board = self.session.mirror.dashboard
        if board is not None:
            self.set_status(commit_by=board.commit_by)
        for notice in changes.notices:
            where = " ".join(part for part in (notice.run_id, notice.device) if part)
            self.log_line(notice.level, notice.text, where or "engine", notice.at)
            if notice.level in ("warning", "error") and not self.session.mirror.tells_end(notice):
                severity: Any = notice.level
                super().notify(notice.text, severity=severity, markup=False)
        if changes.questions or changes.resync:
            self.questions.look()
        if changes.resync or self._over is not None:
            self._tell_ended()
        page = self.page
        if page is not None and page.is_ready:
            page.show(changes)
            page.show_panes(changes)
            page.refresh_note()

    def _tell_ended(self) -> None:
        """A toast and the bell for runs that ended while this terminal looked on."""
        runs = {row.run.id: row.run for row in self.session.mirror.runs.values() if row.run.status.is_final}
        fresh = set(runs) - self._over if self._over is not None else set()
        self._over = set(runs)
        for run in (runs[run_id] for run_id in sorted(fresh)):
            is_bad = run.status is not RunStatus.SUCCESS
            words = f"{run.job_name}: {run.status}, {run.message}".removesuffix(", ")
            if getattr(self.screen, "run_id", "") == run.id:
                self.log_line("error" if is_bad else "information", words)  # its page says so already
            else:
                self.notify(words, severity="error" if is_bad else "information")
            self.ring(is_bad=is_bad)

    def ring(self, *, is_bad: bool) -> None:
        """The terminal's bell, as far as it is wanted."""
        if self.bell_mode is Bell.ALL or (is_bad and self.bell_mode is Bell.FAILED):
            self.bell()

    def problem(self, sentence: str) -> None:
        """A sentence about the line to the engine; it stands on every page until the engine answers."""
        self.engine_problem = sentence
        self.notify(sentence, severity="error")

    @property
    def can_start_engine(self) -> bool:
        """Whether this terminal may start an engine in place of one that is gone."""
        return self.options.start_engine is not None and not self.status.read_only

    @property
    def lost_text(self) -> str:
        """Why there is no engine, how old what is shown is, and the key that starts one."""
        if self._heard is None:
            return self.engine_problem
        since = f". Shown is what was known at {zone_of(self._heard, utc=self.status.utc):%H:%M:%S}."
        return self.engine_problem + since + (" ^R starts one: jobs go on." if self.can_start_engine else "")

    # --- views ---

    def go_view(self, view_id: str) -> Awaitable[Any] | None:
        """Show a view where it was left, or its top if it is shown; wait for it where the page must be there."""
        target = view_of(view_id).id
        if target == self.current_mode:
            while self.page is not None and not self.page.is_top:
                self.pop_screen()
            return None
        self.last_view = self.view_id
        mounted = self.switch_mode(target)
        self.state.last_view = self.view_id
        self._save_soon()
        return mounted

    @property
    def view_id(self) -> str:
        """The view that is shown."""
        return HOME if self.current_mode == self.DEFAULT_MODE else self.current_mode

    def go_back(self) -> None:
        """Up one page, from the top of a view to the home view; never out."""
        page = self.page
        if page is not None and not page.is_top:
            self.pop_screen()
        elif self.view_id != HOME:
            self.go_view(HOME)
        else:
            self.notify("This is the top. q quits; jobs go on in the engine.")

    def action_help_quit(self) -> None:
        """ctrl+c never ends the program."""
        self.notify("q on the top level or ^Q quits; jobs go on in the engine")

    async def action_quit(self) -> None:
        """Leave; the exit line says what goes on."""
        await asyncio.sleep(0)
        self.exit(self.status.running + self.status.waiting)

    def welcome(self) -> bool:
        """Whether the first steps are to be offered now: once, never to a session that may not change anything."""
        wanted = self.options.welcome and not self.state.welcomed and not self.status.read_only
        self.state.welcomed = True
        if wanted:
            self._save_soon()
        return wanted

    # --- remembering ---

    def restore(self, table: LiveTable[Any]) -> None:
        """Sort and columns as they were left."""
        if table.spec.id in self.state.tables:
            table.restore(self.state.tables[table.spec.id])

    def remember(self, table: LiveTable[Any]) -> None:
        """Note sort and columns."""
        if self.state.tables.get(table.spec.id) != table.sort_state:
            self.state.tables[table.spec.id] = table.sort_state
            self._save_soon()

    def _save_soon(self) -> None:
        if not self._save_pending:
            self._save_pending = True
            self.set_timer(_SAVE_DELAY_S, self._save_now)

    def _save_now(self) -> None:
        self._save_pending = False
        if self.options.state_path is not None:
            try:
                save_state(self.options.state_path, self.state)
            except OSError as err:
                self.log_line("warning", f"the screen state could not be saved: {err}")


def _load_page(where: str) -> BasePage:
    module, _, name = where.partition(":")
    page: BasePage = getattr(import_module(module), name)()
    return page


def _short(path: Path) -> str:
    home = str(Path.home())
    text = str(path)
    return "~" + text.removeprefix(home) if text.startswith(home + "/") else text
