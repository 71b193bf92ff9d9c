"""Software Image Management Server Protocols: one row per protocol, passwords masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from swim_tui.errors import SwimError, describe
from swim_tui.model.options import Protocol
from swim_tui.model.server import DEFAULT_PORTS, NO_TFTP, ServerProtocol, SwimServer
from swim_tui.ui.dialogs.base import Dialog
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.dialogs.form import Field, FormDialog
from swim_tui.ui.widgets.table_paint import clean, fit

if TYPE_CHECKING:
    from swim_tui.ui.app import SwimApp

_HOME = "Images are put there; for HTTP and HTTPS it is the folder in the URL. Empty: where the login ends up."


def port_or_own(text: str) -> str:
    """A port, or nothing for the protocol's own."""
    good = not text or (text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535)
    return "" if good else "give a port from 1 to 65535, or nothing for the protocol's own"


def row_text(row: ServerProtocol) -> str:
    """Protocol, Username, Password (masked), Protocol Home Directory."""
    user = f"profile {row.credentials}" if row.credentials else row.username
    password = "********" if row.has_password else ""
    cells = ((f"{row.protocol}", 8), (user, 16), (password, 10), (str(row.real_port), 6), (row.home, 26))
    return " ".join(fit(text, width) for text, width in cells)


_HEAD = " ".join(
    fit(text, width)
    for text, width in (
        ("Protocol", 8),
        ("Username", 16),
        ("Password", 10),
        ("Port", 6),
        ("Protocol Home Directory", 26),
    )
)


class ProtocolsDialog(Dialog[None]):
    """Changes go to the engine at once; what it refuses is said in the form."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "add", show=False),
        Binding("e,enter", "edit", show=False, priority=True),
        Binding("delete", "remove", show=False),
        Binding("j", "cursor(1)", show=False),
        Binding("k", "cursor(-1)", show=False),
    ]

    def __init__(self, server: SwimServer, profiles: list[str], *, read_only: bool) -> None:
        super().__init__()
        self.server, self._profiles, self._read_only = server, profiles, read_only

    def compose(self) -> ComposeResult:
        """Title, rows, why TFTP is not among them, keys."""
        how = "Esc close" if self._read_only else "n Add Row   Enter edit   Del remove   Esc close"
        with Vertical(classes="dialog wide"):
            yield Static(Content("Software Image Management Server Protocols"), classes="dialog-title")
            yield Static(Content(clean(f"{self.server.name}  {self.server.address}")))
            yield Static(Content(_HEAD), classes="section", id="protocol-head")
            yield OptionList(id="protocols", compact=True)
            yield Static(Content("No protocol yet: n adds one."), id="protocol-none")
            yield Static(Content(f"{NO_TFTP}. FTP only where a device type needs it."), id="order-note")
            yield Static("", id="error", classes="form-error")
            yield Static(Content(how), classes="dialog-how")

    def on_mount(self) -> None:
        """The rows."""
        super().on_mount()
        self._fill()

    def _fill(self) -> None:
        menu = self.query_one(OptionList)
        at = menu.highlighted or 0
        menu.clear_options()
        menu.add_options([Option(Content(row_text(row)), id=str(row.protocol)) for row in self.server.protocols])
        menu.highlighted = min(at, len(self.server.protocols) - 1) if self.server.protocols else None
        menu.display = bool(self.server.protocols)
        self.query_one("#protocol-none").display = not self.server.protocols
        if menu.display:
            menu.focus()

    @property
    def _row(self) -> ServerProtocol | None:
        at = self.query_one(OptionList).highlighted
        return self.server.protocols[at] if at is not None and at < len(self.server.protocols) else None

    def action_cursor(self, by: int) -> None:
        """One row up or down."""
        menu = self.query_one(OptionList)
        menu.action_cursor_down() if by > 0 else menu.action_cursor_up()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A read-only session only looks."""
        return not (self._read_only and action in ("add", "edit", "remove"))

    def action_add(self) -> None:
        """Add Row."""
        free = [protocol for protocol in DEFAULT_PORTS if self.server.protocol(protocol) is None]
        if free:
            self._ask(ServerProtocol(free[0]), free)

    def action_edit(self) -> None:
        """Change the row under the cursor."""
        if self._row is not None:
            self._ask(self._row, [self._row.protocol])

    def _ask(self, row: ServerProtocol, choices: list[Protocol]) -> None:
        keeps = "Empty: the one there is stays." if row.has_password else "It goes into the vault."
        fields = [
            Field("protocol", "Protocol", str(row.protocol), choices=[(str(p), str(p)) for p in choices], help=NO_TFTP),
            Field("username", "Username", row.username, help="Nothing where a credential profile is given."),
            Field("password", "Password", password=True, help=keeps),
            Field("home", "Protocol Home Directory", row.home, "/srv/images", help=_HOME),
            Field(
                "credentials",
                "Credential profile",
                row.credentials,
                choices=[("", "none"), *((name, name) for name in self._profiles)],
                help="Instead of user and password.",
            ),
            Field("port", "Port", str(row.port or ""), "the protocol's own", port_or_own),
        ]
        self.app.push_screen(FormDialog("Protocol of " + self.server.name, fields, save=self._save))

    async def _save(self, values: dict[str, str]) -> None:
        self.server = await cast("SwimApp", self.app).session.client.set_server_protocol(
            server=self.server.name,
            protocol=Protocol(values["protocol"]),
            port=int(values["port"] or 0),
            username=values["username"],
            password=values["password"],
            home=values["home"],
            credentials=values["credentials"],
        )
        self._fill()

    def action_remove(self) -> None:
        """Remove the row under the cursor, with its password."""
        row = self._row
        if row is not None:
            ask = Confirmation(
                f"Remove {row.protocol} from {self.server.name}?",
                "remove",
                impact="Its password is deleted from the vault.",
                opened_by="delete",
            )
            self.run_worker(self._remove(ask, row), group="form", exit_on_error=True)

    async def _remove(self, ask: Confirmation, row: ServerProtocol) -> None:
        if not await self.app.push_screen_wait(ConfirmDialog(ask)):
            return
        line = self.query_one("#error", Static)
        try:
            client = cast("SwimApp", self.app).session.client
            self.server = await client.remove_server_protocol(server=self.server.name, protocol=row.protocol)
        except SwimError as err:
            line.update(Content(clean(describe(err).one_line())))
            line.add_class("-shown")
        else:
            line.remove_class("-shown")
            self._fill()
