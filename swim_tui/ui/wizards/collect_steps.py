"""Collection Options: a directory browser with completion, addresses, or devices."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static, TextArea

from swim_tui.errors import SwimError, describe
from swim_tui.model.remote import RemoteFile
from swim_tui.model.source import parse_source
from swim_tui.paths import user_path
from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.dialogs.form import Field, FormDialog
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.times import short_size
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.line_input import LineInput
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.path_input import PathInput
from swim_tui.ui.widgets.table_model import Batch
from swim_tui.ui.wizards.base import WizardPage, marks_of
from swim_tui.ui.wizards.device_step import UNVERIFIED, Candidate, DeviceStep
from swim_tui.ui.wizards.fields import ChoiceLine, FieldSpec
from swim_tui.ui.wizards.remote_steps import NO_LOGIN
from swim_tui.ui.wizards.step import Step

_MOST = 5000
_NO_ADDRESS = "no address of a server, such as https://host/image.bin"
_HEX = re.compile("[0-9a-fA-F]{32}|[0-9a-fA-F]{128}")


@dataclass(frozen=True)
class Entry:
    """A file or directory of this machine."""

    path: Path
    is_dir: bool
    size_bytes: int

    @property
    def key(self) -> str:
        """The whole path."""
        return str(self.path)


def _entry_name(row: Entry) -> Cell:
    return Cell(f"{row.path.name}/", Tone.LINK) if row.is_dir else Cell(row.path.name)


FILES = TableSpec[Entry](
    "wizard-files",
    (
        Column("name", "Name", 30, _entry_name, 1, "n", lambda r: (not r.is_dir, r.path.name.casefold()), flex=True),
        Column(
            "size", "Size", 10, lambda r: Cell("" if r.is_dir else short_size(r.size_bytes)), 2, "s",
            lambda r: r.size_bytes, right=True,
        ),
    ),
    name=lambda r: r.path.name,
    sort="name",
    empty="Nothing in this directory. h goes up.",
)  # fmt: skip


def entries_of(folder: Path) -> list[Entry]:
    """Files and directories in a directory, hidden ones apart; OSError if it cannot be read."""
    found: list[Entry] = []
    with os.scandir(folder) as listing:
        for each in listing:
            if each.name.startswith(".") or len(found) >= _MOST:
                continue
            is_dir = each.is_dir()
            if not is_dir and not each.is_file():  # a socket or a device is no image
                continue
            found.append(Entry(folder / each.name, is_dir, 0 if is_dir else each.stat(follow_symlinks=False).st_size))
    return found


class FileStep(Step):
    """Files of this machine, several at once, from any directory."""

    DEFAULT_CSS = """
    FileStep Input { border: none; background: $panel; height: 1; padding: 0 1; }
    FileStep .declared { height: 1; padding: 0 1; }
    FileStep .declared .label { width: 15; }
    FileStep #picked { height: auto; max-height: 3; padding: 0 1; color: $text-muted; }
    """
    title: ClassVar[str] = "Collection Options"
    brief: ClassVar[str] = "Options"
    hint: ClassVar[str] = "Enter opens or marks, h goes up, Shift+Tab to the path (Tab completes it)."
    actions: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, wizard: WizardPage) -> None:
        super().__init__(wizard)
        self._folder = Path(self.draft.form.get("folder") or Path.cwd())

    def compose(self) -> ComposeResult:
        """Path, listing, hash, what is picked."""
        yield PathInput(str(self._folder), placeholder="a directory or a file", id="path")
        yield LiveTable(FILES, id="wizard-files")
        yield Static(classes="empty", id="wizard-files-empty")
        with Horizontal(classes="declared"):
            yield Static("Declared hash", classes="label")
            digest = self.draft.form.get("digest", "")
            yield LineInput(digest, placeholder="MD5 or SHA-512 of a single file, may be empty", id="digest")
        yield Static(id="picked")

    @property
    def grid(self) -> LiveTable[Entry]:
        """The listing."""
        return self.query_one("#wizard-files", LiveTable)

    async def enter(self) -> None:
        """The directory as it is now."""
        self._open(self._folder)

    def _open(self, folder: Path) -> None:
        try:
            entries = entries_of(folder)
        except OSError as err:
            self.wizard.say(f"{folder}: {err.strerror or err}")
            return
        self._folder = folder
        self.draft.form["folder"] = str(folder)
        self.query_one("#path", Input).value = str(folder)
        self.grid.apply(Batch(entries, reset=True))
        marks_of(self.grid, self.draft.files)
        self._show_picked()
        self.wizard.say("")

    def _show_picked(self) -> None:
        names = ", ".join(Path(name).name for name in self.draft.files)
        self.query_one("#picked", Static).update(Content(f"Selected: {names}" if names else "Nothing selected."))
        self.wizard.refresh_note()

    def focus_first(self) -> None:
        """The listing."""
        self.grid.focus()

    def note(self) -> str:
        """Selected n."""
        return (
            f"Selected {len(self.draft.files)} / Total {sum(1 for r in self.grid.model.rows.values() if not r.is_dir)}"
        )

    def up(self) -> None:
        """To the directory above."""
        self._open(self._folder.parent)

    def problem(self) -> str:
        """Files that are there, and a hash that can be one."""
        if not self.draft.files:
            return "No file is selected: Enter or Space marks the one under the cursor."
        gone = next((name for name in self.draft.files if not Path(name).is_file()), "")
        if gone:
            return f"There is no file {gone} any more."
        digest = self.draft.form.get("digest", "")
        if digest and len(self.draft.files) > 1:
            return "A declared hash belongs to one file; there are several."
        return digest_problem(digest)

    def _pick(self, path: Path) -> None:
        name = str(path)
        held = self.draft.files
        self.draft.files = [n for n in held if n != name] if name in held else [*held, name]
        marks_of(self.grid, self.draft.files)
        self._show_picked()
        self.wizard.say("")

    @on(LiveTable.Opened)
    def _opened(self, event: LiveTable.Opened) -> None:
        event.stop()
        entry = self.grid.model.rows[event.key]
        self._open(entry.path) if entry.is_dir else self._pick(entry.path)

    @on(LiveTable.Changed)
    def _marked(self, event: LiveTable.Changed) -> None:
        rows = self.grid.model.rows
        elsewhere = [name for name in self.draft.files if name not in rows]
        marked = [key for key in rows if key in self.grid.model.marks and not rows[key].is_dir]
        if {*elsewhere, *marked} != set(self.draft.files):
            self.draft.files = [*elsewhere, *marked]
            self._show_picked()
        if self.grid.model.marks != set(self.draft.files):
            marks_of(self.grid, self.draft.files)

    @on(Input.Submitted, "#path")
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        path = user_path(event.value.strip() or "/").absolute()
        if path.is_file():
            self._open(path.parent)
            if str(path) not in self.draft.files:
                self._pick(path)
            self.grid.focus()
        elif path.is_dir():
            self._open(path)
            self.grid.focus()
        else:
            self.wizard.say(f"There is no file or directory {path}.")

    @on(Input.Changed, "#digest")
    def _digest(self, event: Input.Changed) -> None:
        event.stop()
        self.draft.form["digest"] = event.value.strip()


def digest_problem(text: str) -> str:
    """What is wrong with a declared hash."""
    fits = not text or _HEX.fullmatch(text)
    return "" if fits else "An MD5 has 32 hexadecimal digits, a SHA-512 has 128."


def url_problem(text: str) -> str:
    """What is wrong with an address."""
    try:
        source = parse_source(text)
    except ValueError as err:
        return f"{err}" if "://" in text else f"{text}: {_NO_ADDRESS}"
    if not source.kind.is_url:
        return f"{text}: {_NO_ADDRESS}"
    return f"{text}: it names a directory; the source Protocol lists one" if source.is_folder else ""


class UrlStep(Step):
    """Addresses, one a line."""

    DEFAULT_CSS = """
    UrlStep TextArea { height: 1fr; border: none; background: $panel; }
    UrlStep .declared { height: 1; padding: 0 1; }
    UrlStep .declared .label { width: 32; padding: 0 0 0 4; }
    UrlStep Input { border: none; background: $panel; height: 1; padding: 0 1; width: 1fr; }
    """
    title: ClassVar[str] = "Collection Options"
    brief: ClassVar[str] = "Options"
    hint: ClassVar[str] = "One address a line. Tab goes to login and declared hash, ^N goes on."

    def compose(self) -> ComposeResult:
        """Addresses, whose login, a hash."""
        names = [(NO_LOGIN, "none"), *((name, name) for name in self.wizard.profiles)]
        with Vertical():
            area = TextArea(self.draft.form.get("urls", ""), compact=True, tab_behavior="focus", id="urls")
            area.cursor_blink = False
            yield area
            spec = FieldSpec("profile", "Credentials", self.draft.form.get("profile", NO_LOGIN), names)
            yield ChoiceLine(spec, self.draft.form.__setitem__)
            with Horizontal(classes="declared"):
                yield Static("Declared hash", classes="label")
                yield LineInput(
                    self.draft.form.get("digest", ""),
                    placeholder="MD5 or SHA-512 of a single image, may be empty",
                    id="digest",
                )

    def focus_first(self) -> None:
        """The addresses."""
        self.query_one(TextArea).focus()

    def move(self, lines: int) -> bool:
        """The cursor keys belong to the text."""
        return True

    @property
    def urls(self) -> list[str]:
        """The addresses."""
        return self.draft.form.get("urls", "").split()

    def note(self) -> str:
        """How many."""
        return f"{len(self.urls)} addresses"

    def problem(self) -> str:
        """Every address can be one."""
        if not self.urls:
            return "No address is given."
        digest = self.draft.form.get("digest", "")
        if digest and len(self.urls) > 1:
            return "A declared hash belongs to one image; there are several."
        wrong = next(filter(None, map(url_problem, self.urls)), "")
        needs = next((url for url in self.urls if url.startswith(("sftp://", "scp://"))), "")
        if not wrong and needs and self.draft.form.get("profile", NO_LOGIN) == NO_LOGIN:
            wrong = f"{needs} needs a login: choose a credential profile"
        return wrong or digest_problem(digest)

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.draft.form["urls"] = event.text_area.text
        self.wizard.refresh_note()

    @on(Input.Changed, "#digest")
    def _digest(self, event: Input.Changed) -> None:
        event.stop()
        self.draft.form["digest"] = event.value.strip()


class ImportDeviceStep(DeviceStep):
    """The devices whose running image is wanted."""

    title: ClassVar[str] = "Collection Options"
    brief: ClassVar[str] = "Options"
    hint: ClassVar[str] = "Space selects devices to copy from, e names another file than the running."
    actions: ClassVar[frozenset[str]] = frozenset({"wizard.paste", "wizard.edit"})
    verifies: ClassVar[bool] = False
    spec: ClassVar[TableSpec[Candidate]] = UNVERIFIED

    async def edit(self) -> None:
        """Another file than the running image: one of the device's own, as last read, or a name that is typed."""
        name = self.draft.devices[0] if self.draft.devices else getattr(self.grid.cursor_row, "key", "")
        held = self.draft.form.get("device_file", "")
        choices = [Choice("", "r", "the running image"), Choice("?", "t", "type a name ...")]
        try:
            files = await self.wizard.session.client.browse_source(f"device:{name}") if name else []
        except SwimError as err:
            files = []
            self.wizard.say(describe(err).one_line())
        choices += [Choice(f.name, "", f.name, short_size(f.size_bytes)) for f in files if _may_be_image(f)]
        chosen = await self.app.push_screen_wait(ChooseDialog(f"Which file of {name} to copy", choices, current=held))
        if chosen == "?":
            field = Field("file", "File on the device", held, "flash:NAME; empty = the running image")
            answer = await self.app.push_screen_wait(FormDialog("Which file to copy", [field], verb="Take"))
            chosen = answer["file"] if answer is not None else None
        if chosen is not None:
            self.draft.form["device_file"] = chosen
            self.wizard.refresh_note()

    async def find_eligible(self) -> None:
        """Every device has an image that runs."""
        self.offer(self.wizard.mirror.devices)

    def note(self) -> str:
        """Selected n, and which file."""
        return f"{self.draft.form.get('device_file') or 'running image'}  {super().note()}"


def _may_be_image(file: RemoteFile) -> bool:
    return not file.is_dir and file.name.lower().endswith((".bin", ".tar", ".iso", ".pkg", ".conf"))
