"""Collection Options of a server or of Cisco.com: where it is, whose login, and what it has to pick from."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote, unquote

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from swim_tui.errors import SwimError, describe
from swim_tui.model.remote import RemoteFile
from swim_tui.model.source import CISCO, parse_source
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.times import detail_time, short_size
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch
from swim_tui.ui.wizards.base import WizardPage, marks_of
from swim_tui.ui.wizards.fields import ChoiceLine, FieldChanged, FieldEntered, FieldSpec, TextLineField
from swim_tui.ui.wizards.step import Step

NO_LOGIN = "none"
_SCHEMES = (("sftp", "SFTP"), ("scp", "SCP"), ("ftp", "FTP"), ("https", "HTTPS"), ("http", "HTTP"))
_ADVICE = "SFTP or SCP are safest; FTP and HTTP send the login in clear: only where nothing else is served."


@dataclass(frozen=True)
class RemoteEntry:
    """A file or directory of a server, with the address it is collected from."""

    address: str
    file: RemoteFile

    @property
    def key(self) -> str:
        """Its address."""
        return self.address


def _name(row: RemoteEntry) -> Cell:
    return Cell(f"{row.file.name}/", Tone.LINK) if row.file.is_dir else Cell(row.file.name)


REMOTE = TableSpec[RemoteEntry](
    "wizard-remote",
    (
        Column("name", "Name", 30, _name, 1, "n", lambda r: (not r.file.is_dir, r.file.name.casefold()), flex=True),
        Column("size", "Size", 10, lambda r: Cell(short_size(r.file.size_bytes)), 2, "s",
               lambda r: r.file.size_bytes, right=True),
        Column("at", "Changed", 16, lambda r: Cell(detail_time(r.file.modified_at) if r.file.modified_at else ""),
               3, "c"),
        Column("note", "Note", 14, lambda r: Cell(r.file.note, Tone.DIM), 4, "o", flex=True),
    ),
    name=lambda r: r.file.name,
    sort="name",
    empty="Nothing is listed: fill in the fields above. F5, or Enter in the last field, lists.",
)  # fmt: skip


class RemoteStep(Step):
    """Fields, and below them what the source has; Enter in the last field, or F5, fetches the list."""

    DEFAULT_CSS = """
    RemoteStep #remote-fields { height: auto; }
    RemoteStep #picked { height: auto; max-height: 3; padding: 0 1; color: $text-muted; }
    """
    title: ClassVar[str] = "Collection Options"
    brief: ClassVar[str] = "Options"
    actions: ClassVar[frozenset[str]] = frozenset({"wizard.recheck"})

    def __init__(self, wizard: WizardPage) -> None:
        super().__init__(wizard)
        self._is_listing = False

    # --- what subclasses give ---

    @abstractmethod
    def specs(self) -> Sequence[FieldSpec]:
        """The fields."""

    @abstractmethod
    def place(self) -> str:
        """What is listed, as the engine takes it; empty while the fields do not say."""

    @abstractmethod
    def address_of(self, file: RemoteFile) -> str:
        """What an entry is collected from."""

    def up(self) -> None:
        """To the directory above."""

    def into(self, name: str) -> None:
        """Into a directory."""

    # --- frame ---

    def value(self, name: str, default: str = "") -> str:
        """What a field holds."""
        return self.draft.form.get(name, default)

    def login_spec(self, what: str) -> FieldSpec:
        """Which credential profile is used."""
        names = [(NO_LOGIN, "none"), *((name, name) for name in self.wizard.profiles)]
        words = f"{what} Profiles are made on their page (: credentials); secrets stay in the vault."
        return FieldSpec("profile", "Credentials", self.value("profile", NO_LOGIN), names, help=words)

    def compose(self) -> ComposeResult:
        """Fields, list, what is picked."""
        with Vertical(id="remote-fields"):
            for spec in self.specs():
                yield ChoiceLine(spec, self.take) if spec.choices else TextLineField(spec)
        yield LiveTable(REMOTE, id="wizard-remote")
        yield Static(classes="empty", id="wizard-remote-empty")
        yield Static(id="picked")

    @property
    def grid(self) -> LiveTable[RemoteEntry]:
        """The list."""
        return self.query_one("#wizard-remote", LiveTable)

    async def enter(self) -> None:
        """What was picked before is still marked."""
        marks_of(self.grid, self.draft.files)
        self._show_picked()

    def focus_first(self) -> None:
        """The first field that is empty, else the list."""
        empty = next((s for s in self.specs() if not s.choices and not s.value), None)
        if empty is not None:
            self.query_one(f"#field-{empty.name}", TextLineField).entry.focus()
        else:
            self.query_one(f"#field-{self.specs()[0].name}").focus()

    def move(self, lines: int) -> bool:
        """Between the fields; the list takes its own keys."""
        if self.grid.has_focus:
            return False
        self.screen.focus_next() if lines > 0 else self.screen.focus_previous()
        return True

    @on(FieldChanged)
    def _changed(self, event: FieldChanged) -> None:
        event.stop()
        self.take(event.name, event.value)

    @on(FieldEntered)
    def _entered(self, event: FieldEntered) -> None:
        event.stop()
        if event.name == self.specs()[-1].name:
            self.wizard.run_action_worker(self.list_place())

    def take(self, name: str, value: str) -> None:
        """A field has another value."""
        if self.draft.form.get(name) != value:
            self.draft.form[name] = value
            self.wizard.say("")

    def note(self) -> str:
        """Selected n."""
        files = sum(1 for row in self.grid.model.rows.values() if not row.file.is_dir)
        listing = "listing ...  " if self._is_listing else ""
        return f"{listing}Selected {len(self.draft.files)} / Total {files}"

    def problem(self) -> str:
        """Something is picked, and the engine can take it."""
        if not self.draft.files:
            return "No image is selected: Tab goes to the list, Space marks the one under the cursor."
        for address in self.draft.files:
            try:
                parse_source(address)
            except ValueError as err:
                return str(err)
        return ""

    # --- listing ---

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """What the field means, else what is picked."""
        spec = next((s for s in self.specs() if event.widget.id == f"field-{s.name}"), None)
        if spec is not None and spec.help:
            self.query_one("#picked", Static).update(Content(spec.help))
        else:
            self._show_picked()

    async def list_place(self) -> None:
        """Ask the engine for the entries; what it refuses is said below the step."""
        place, profile = self.place(), self.profile
        if not place:
            self.wizard.say("Fill in the fields above first.")
            return
        self._is_listing = True
        self.wizard.say("")
        self.wizard.refresh_note()
        try:
            found = await self.wizard.session.client.browse_source(place, profile)
        except SwimError as err:
            problem = describe(err)
            self.grid.apply(Batch([], reset=True))
            self.wizard.say(f"{problem.message}. {problem.remedy}".replace("..", "."))
            return
        finally:
            self._is_listing = False
            self.wizard.refresh_note()
        self.grid.apply(Batch([RemoteEntry(self.address_of(file), file) for file in found], reset=True))
        marks_of(self.grid, self.draft.files)
        self.wizard.refresh_note()
        if found:
            self.grid.focus()

    @property
    def profile(self) -> str:
        """The chosen credential profile, empty for none."""
        name = self.value("profile", NO_LOGIN)
        return "" if name == NO_LOGIN else name

    # --- picking ---

    def _show_picked(self) -> None:
        names = ", ".join(unquote(name.rpartition("/")[2]) for name in self.draft.files)
        self.query_one("#picked", Static).update(Content(f"Selected: {names}" if names else "Nothing selected."))
        self.wizard.refresh_note()

    def keep(self, files: list[str]) -> None:
        """What is picked now."""
        self.draft.files = files
        marks_of(self.grid, files)
        self._show_picked()
        self.wizard.say("")

    @on(LiveTable.Opened)
    def _opened(self, event: LiveTable.Opened) -> None:
        event.stop()
        row, held = self.grid.model.rows[event.key], self.draft.files
        if row.file.is_dir:
            self.into(row.file.name)
            self.wizard.run_action_worker(self.list_place())
        else:
            self.keep([n for n in held if n != event.key] if event.key in held else [*held, event.key])

    @on(LiveTable.Changed)
    def _marked(self, event: LiveTable.Changed) -> None:
        rows, marks = self.grid.model.rows, self.grid.model.marks
        elsewhere = [name for name in self.draft.files if name not in rows]
        marked = [key for key in rows if key in marks and not rows[key].file.is_dir]
        if {*elsewhere, *marked} != set(self.draft.files):
            self.keep([*elsewhere, *marked])
        elif marks != set(self.draft.files):
            marks_of(self.grid, self.draft.files)


class ServerStep(RemoteStep):
    """A server by SFTP, SCP, FTP or HTTP(S)."""

    hint: ClassVar[str] = "F5 lists. In the list: Enter opens a directory or marks a file, h goes up."

    def specs(self) -> Sequence[FieldSpec]:
        """Protocol, server, login, directory."""
        return [
            FieldSpec("scheme", "Protocol", self.value("scheme", "sftp"), _SCHEMES, help=_ADVICE),
            FieldSpec("host", "Server", self.value("host"), hint="name or address, with :PORT if it is not the usual"),
            self.login_spec("FTP and HTTP may do without."),
            FieldSpec("folder_there", "Directory", self.value("folder_there", "/"), hint="/images/ or ~/ for the home"),
        ]

    @property
    def folder(self) -> str:
        """The directory, from slash to slash; `/~/` for the home."""
        text = self.value("folder_there", "/").strip("/")
        return f"/{text}/" if text else "/"

    def place(self) -> str:
        """The directory as an address."""
        host = self.value("host")
        return f"{self.value('scheme', 'sftp')}://{host}{quote(self.folder, safe='/~')}" if host else ""

    def address_of(self, file: RemoteFile) -> str:
        """Directory and name."""
        return self.place() + quote(file.name) + ("/" if file.is_dir else "")

    def _go(self, folder: str) -> None:
        self.draft.form["folder_there"] = folder
        self.query_one("#field-folder_there", TextLineField).query_one(Input).value = folder

    def up(self) -> None:
        """The directory above."""
        above = self.folder.rstrip("/").rpartition("/")[0]
        self._go(f"{above}/")
        self.wizard.run_action_worker(self.list_place())

    def into(self, name: str) -> None:
        """One deeper."""
        self._go(f"{self.folder}{name}/")


class CiscoStep(RemoteStep):
    """The vendor's download service: what it has for a product that runs a release."""

    hint: ClassVar[str] = "Product and running release, F5 lists; Space marks an image."

    def specs(self) -> Sequence[FieldSpec]:
        """Product, release, client id and secret."""
        return [
            FieldSpec("pid", "Product id", self.value("pid"), hint="WS-C2960X-48TS-L, as on the device page"),
            self.login_spec("Client id and secret of the API as user and password."),
            FieldSpec("release", "Running release", self.value("release"), hint="15.2(4)E7"),
        ]

    def place(self) -> str:
        """The search."""
        pid, release = self.value("pid"), self.value("release")
        return f"{CISCO}{pid}@{release}" if pid and release else ""

    def address_of(self, file: RemoteFile) -> str:
        """Product and image."""
        return f"{CISCO}{self.value('pid')}/{file.name}"
