"""What the actions of scope `global` do, on every page."""

from __future__ import annotations

from typing import ClassVar

from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.dialogs.help import HelpDialog
from swim_tui.ui.dialogs.palette import PaletteDialog
from swim_tui.ui.palette import entries
from swim_tui.ui.registry import BY_ID, Scope
from swim_tui.ui.shell import HOME
from swim_tui.ui.table_actions import TableActions

_VIEW_OF_SCOPE = {
    Scope.HOME: HOME,
    Scope.JOBS: "jobs",
    Scope.JOB: "jobs",
    Scope.TASK: "jobs",
    Scope.OUTPUT: "jobs",
    Scope.PLAN: "jobs",
    Scope.DEVICES: "devices",
    Scope.DEVICE: "devices",
    Scope.REPOSITORY: "repository",
    Scope.IMAGE: "repository",
    Scope.SERVERS: "servers",
    Scope.LOG: "log",
    Scope.TABLE: "jobs",
    Scope.WIZARD: HOME,
}

_PLACE_OF_SCOPE = {
    Scope.CREDENTIALS: "credentials",
    Scope.JUMPS: "jumps",
    Scope.GROUPS: "groups",
    Scope.HOST_KEYS: "host_keys",
    Scope.CONFIGS: "configs",
    Scope.SETTINGS: "settings",
}


class GlobalActions(TableActions):
    """Every method is the handler of one action of the registry."""

    SCOPES: ClassVar[tuple[Scope, ...]] = ()

    def crumbs(self) -> tuple[str, ...]:
        """Where we are."""
        return ()

    def refresh_contents(self) -> None:
        """Show everything anew."""

    def action_do(self, action_id: str) -> None:
        """Carry out an action of the registry."""

    def open_argument(self, argument: str) -> None:
        """What was typed behind a view's name: a filter, or a name to open."""
        if self.table is not None:
            self.table.set_filter(argument)

    def do_global_code(self) -> None:
        """The one-time code, also after the dialog was left."""
        self.swim.questions.reopen()

    def do_global_unlock(self) -> None:
        """The passphrase of the vault, also after the dialog was left."""
        self.swim.unlocking.reopen()

    def do_global_view_images(self) -> None:
        """View 1."""
        self.swim.go_view("images")

    def do_global_view_jobs(self) -> None:
        """View 2."""
        self.swim.go_view("jobs")

    def do_global_view_devices(self) -> None:
        """View 3."""
        self.swim.go_view("devices")

    def do_global_view_repository(self) -> None:
        """View 4."""
        self.swim.go_view("repository")

    def do_global_view_servers(self) -> None:
        """View 5."""
        self.swim.go_view("servers")

    def do_global_view_log(self) -> None:
        """View 6."""
        self.swim.go_view("log")

    def do_global_view_last(self) -> None:
        """The view before this one."""
        self.swim.go_view(self.swim.last_view)

    async def do_global_palette(self) -> None:
        """Open the palette and run what was chosen."""
        swim = self.swim
        known = entries(self.SCOPES, swim.keymap, read_only=swim.status.read_only)
        mirror = swim.session.mirror
        names = [*mirror.devices, *(image.file_name for image in mirror.images.values())]
        chosen = await self.app.push_screen_wait(PaletteDialog(known, names))
        if chosen is None:
            return
        action = BY_ID[chosen.action_id]
        if action.id.startswith("global.view_"):
            view_id = action.id.removeprefix("global.view_")
            await self._go(swim.last_view if view_id == "last" else view_id)
        elif action.scope in self.SCOPES:
            self.action_do(action.id)
        else:
            if action.scope in _PLACE_OF_SCOPE:
                self._open_place(_PLACE_OF_SCOPE[action.scope])
            else:
                await self._go(_VIEW_OF_SCOPE[action.scope])
            self.app.notify(f"{action.title}: {' '.join(action.keys)} on this screen")
        page = swim.page
        if chosen.argument and page is not None:
            page.open_argument(chosen.argument)

    async def _go(self, view_id: str) -> None:
        mounted = self.swim.go_view(view_id)
        if mounted is not None:
            await mounted

    def do_global_help(self) -> None:
        """Keys of this page, then of all."""
        swim = self.swim
        title = self.crumbs()[-1] if self.crumbs() else "keys"
        self.app.push_screen(HelpDialog(title, self.SCOPES, swim.keymap, read_only=swim.status.read_only))

    async def do_global_quit(self) -> None:
        """On the top level of a view only."""
        if self.is_top:
            await self.app.action_quit()
        else:
            self.app.notify("Esc goes back; q quits on the top level of a view, ^Q anywhere")

    async def do_global_quit_any(self) -> None:
        """From anywhere."""
        await self.app.action_quit()

    def _open_place(self, name: str) -> None:
        from swim_tui.ui.page import Page
        from swim_tui.ui.screens.menu import open_place

        assert isinstance(self, Page)
        open_place(self, name)

    def do_global_settings(self) -> None:
        """Image Management Settings."""
        self._open_place("settings")

    def do_global_credentials(self) -> None:
        """Credential profiles."""
        self._open_place("credentials")

    def do_global_jumps(self) -> None:
        """Jump hosts."""
        self._open_place("jumps")

    def do_global_groups(self) -> None:
        """Groups."""
        self._open_place("groups")

    def do_global_host_keys(self) -> None:
        """Host keys."""
        self._open_place("host_keys")

    def do_global_configs(self) -> None:
        """Configuration Archive."""
        self._open_place("configs")

    async def do_global_menu(self) -> None:
        """Where everything is."""
        from swim_tui.ui.page import Page
        from swim_tui.ui.screens.menu import show_menu

        assert isinstance(self, Page)
        await show_menu(self)

    async def do_global_start(self) -> None:
        """First steps."""
        from swim_tui.ui.page import Page
        from swim_tui.ui.screens.first_steps import first_steps

        assert isinstance(self, Page)
        await first_steps(self)

    async def do_global_guide(self) -> None:
        """Why and how to upgrade."""
        from swim_tui.ui.dialogs.guide import show_guide

        await show_guide(self.app)

    def do_global_utc(self) -> None:
        """UTC or the zone of this terminal."""
        swim = self.swim
        swim.state.utc = not swim.state.utc
        swim.set_status(utc=swim.state.utc)
        self.refresh_contents()

    async def do_global_reload(self) -> None:
        """Everything from the engine again; where it is gone, a new one if a person wants it."""
        if not self.swim.session.is_connected and self.swim.can_start_engine:
            await self._start_engine()
            return
        await self.swim.session.snapshot()
        self.app.notify("taken from the engine again")

    async def _start_engine(self) -> None:
        start = self.swim.options.start_engine
        ask = Confirmation(
            "Start the engine?",
            "start it",
            impact="Devices that were in work are read first; nothing is sent to them twice. Jobs go on by themselves.",
        )
        answer: bool | None = await self.app.push_screen_wait(ConfirmDialog(ask))
        if start is not None and answer:
            start()
            self.app.notify("the engine is started within a few seconds")

    async def do_global_theme(self) -> None:
        """Choose a theme."""
        names = sorted(self.app.available_themes, key=lambda name: (not name.startswith("swim-"), name))
        chosen = await self.app.push_screen_wait(
            ChooseDialog("Theme", [Choice(name, "", name) for name in names], current=self.app.theme)
        )
        if chosen:
            self.app.theme = self.swim.state.theme = chosen
