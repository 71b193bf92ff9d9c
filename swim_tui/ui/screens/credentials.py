"""Credential profiles: list, add, replace, remove, confirm a parked one again. Secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on

from swim_tui.errors import BadValue, Conflict
from swim_tui.model.secret import CredentialProfile
from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.dialogs.confirm import Confirmation
from swim_tui.ui.dialogs.form import Field
from swim_tui.ui.registry import Action, Scope
from swim_tui.ui.screens.admin import ListPage, required
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.pick_field import SWITCH


@dataclass(frozen=True)
class ProfileLine:
    """A profile, keyed by its name."""

    profile: CredentialProfile

    @property
    def key(self) -> str:
        """Its name."""
        return self.profile.name


def means(profile: CredentialProfile) -> str:
    """What it logs in with: which secrets exist, never what they are."""
    held = {
        "password": profile.has_password,
        "enable secret": profile.has_enable,
        "key file": bool(profile.key_file),
        "SSH agent": profile.use_agent,
        "one-time code": profile.one_time_code,
        "push": bool(profile.push_answer),
    }
    return ", ".join(word for word, has in held.items() if has) or "nothing"


def _state(line: ProfileLine) -> Cell:
    return Cell("x Parked", Tone.FAIL) if line.profile.parked else Cell("+ Ready", Tone.OK)


PROFILES = TableSpec[ProfileLine](
    "credentials",
    (
        Column("name", "Name", 18, lambda r: Cell(r.profile.name), 1, "n", flex=True),
        Column("state", "State", 9, _state, 1, "s"),
        Column("user", "Username", 14, lambda r: Cell(r.profile.username), 2, "u"),
        Column("has", "Logs in with", 26, lambda r: Cell(means(r.profile)), 2, "l", flex=True),
        Column("rights", "Rights", 10, lambda r: Cell("read-only" if r.profile.read_only else ""), 5, "r"),
        Column("file", "Key file", 20, lambda r: Cell(r.profile.key_file), 5, "k"),
        Column("why", "Why parked", 30, lambda r: Cell(r.profile.parked_reason, Tone.FAIL), 4, "w"),
    ),
    attention=lambda r: r.profile.parked,
    sort="name",
    empty="No credential profiles. n adds one: the user and the secrets that devices and jump hosts are logged in with."
    "\n\nSecrets go into the vault of the engine and are never shown again.",
    marks=False,
)
_HELP = {
    "password": "Secrets are never shown. Of those left empty a replacement asks what becomes of the stored ones.",
    "again": "A refused login parks the profile for all runs, so a slip of the finger is caught here.",
    "enable": "Only where the login does not come out in privileged mode.",
    "key_file": "Path of a private key on the machine that runs the engine.",
    "key_passphrase": "Only if the key file has one.",
    "use_agent": "The agent of the terminal that attached last is asked.",
    "one_time_code": "The server asks for a code; a person gives it, once for all devices behind the jump host.",
    "push_answer": "What is typed where a code is asked, so that the server sends a push instead: 1, or push.",
    "read_only": "It never sends a command that changes a device.",
}


def profile_fields(old: CredentialProfile | None, *, name_fixed: bool = False) -> list[Field]:
    """The form of a profile; secrets always start empty."""
    switches = {True: "on", False: "off"}
    fields = [] if name_fixed else [Field("name", "Name", "", "such as site-admin", required)]
    return [
        *fields,
        Field("username", "Username", old.username if old else "", "the user that logs in", required),
        Field("password", "Password", password=True, help=_HELP["password"]),
        Field("again", "Password again", password=True, help=_HELP["again"]),
        Field("enable", "Enable secret", password=True, help=_HELP["enable"]),
        Field(
            "key_file", "Key file", old.key_file if old else "", "~/.ssh/id_ed25519", help=_HELP["key_file"], path=True
        ),
        Field("key_passphrase", "Key passphrase", password=True, help=_HELP["key_passphrase"]),
        Field("use_agent", "SSH agent", switches[bool(old and old.use_agent)], choices=SWITCH, help=_HELP["use_agent"]),
        Field(
            "one_time_code",
            "One-time code",
            switches[bool(old and old.one_time_code)],
            choices=SWITCH,
            help=_HELP["one_time_code"],
        ),
        Field("push_answer", "Push answer", old.push_answer if old else "", help=_HELP["push_answer"]),
        Field("read_only", "Read-only", switches[bool(old and old.read_only)], choices=SWITCH, help=_HELP["read_only"]),
    ]


_RANK_CONFIRM = 1


class CredentialsPage(ListPage):
    """Enter or `e` replaces the secrets of a profile, `o` confirms a parked one as it is."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.CREDENTIALS, Scope.TABLE, Scope.GLOBAL)
    heading = "Credential profiles"
    spec = PROFILES

    async def rows(self) -> Sequence[ProfileLine]:
        """Every profile."""
        return [ProfileLine(profile) for profile in await self.session.client.credentials()]

    def footer_rank(self, action: Action) -> int:
        """A parked profile wants its two ways out before all else."""
        rank = super().footer_rank(action)
        if action.id == "credentials.confirm":
            return _RANK_CONFIRM if self.footer_depends(self.listed.cursor_row) else 0
        return rank

    def footer_depends(self, row: Any) -> bool:
        """Whether it is parked."""
        return row is not None and bool(row.profile.parked)

    async def _save(self, name: str, values: dict[str, str], *, keep: bool = False) -> None:
        if values["password"] != values["again"]:
            raise BadValue(name="password", value="***", detail="the two are not the same", allowed="the same twice")
        await self.session.client.add_credentials(
            name=name,
            username=values["username"],
            password=values["password"],
            enable=values["enable"],
            key_file=values["key_file"],
            key_passphrase=values["key_passphrase"],
            use_agent=values["use_agent"] == "on",
            one_time_code=values["one_time_code"] == "on",
            push_answer=values["push_answer"],
            read_only=values["read_only"] == "on",
            keep=keep,
        )

    async def do_credentials_new(self) -> None:
        """Add one; a name that is taken is not replaced by accident."""
        taken = set(self.listed.model.rows)

        async def save(values: dict[str, str]) -> None:
            if values["name"] in taken:
                raise BadValue(name="name", value=values["name"], detail="there is one", allowed="another name")
            await self._save(values["name"], values)

        answer = await self.ask("Add a credential profile", profile_fields(None), save)
        if answer:
            self.app.notify(f"credential profile '{answer['name']}' is in the vault")

    async def do_credentials_edit(self) -> None:
        """Replace user and secrets of the profile under the cursor."""
        row: Any = self.listed.cursor_row
        if row is None:
            return
        old: CredentialProfile = row.profile
        title = f"Replace {old.name}: it has {means(old)}"

        async def save(values: dict[str, str]) -> None:
            await self._save(old.name, values, keep=await self._keeps(old, values))

        answer = await self.ask(title, profile_fields(old, name_fixed=True), save)
        if answer:
            self.app.notify(f"credential profile '{old.name}' is confirmed")

    async def _keeps(self, old: CredentialProfile, values: dict[str, str]) -> bool:
        """Whether the secrets that were left empty stay; a new password alone must not cost the enable secret."""
        held = {"password": ("password", old.has_password), "enable": ("enable secret", old.has_enable)}
        left = " and ".join(word for field, (word, has) in held.items() if has and not values[field])
        if not left or values["password"] != values["again"]:
            return bool(old.key_file) and values["key_file"] == old.key_file  # and with it its passphrase
        choices = [Choice("keep", "k", f"Keep the stored {left}"), Choice("drop", "d", f"Delete the stored {left}")]
        chosen = await self.app.push_screen_wait(ChooseDialog(f"No new {left} was entered", choices))
        if chosen is None:
            raise Conflict(detail="nothing is saved yet", action="^N saves")
        return chosen == "keep"

    async def do_credentials_confirm(self) -> None:
        """Say that a parked profile is right: it may log in again, once."""
        row: Any = self.listed.cursor_row
        if row is None or not row.profile.parked:
            raise Conflict(detail="this profile is not parked", action="o is for a profile whose login was refused")
        ask = Confirmation(
            f"Is {row.key} right, and may it log in again?",
            "confirm it",
            level=2,
            targets=[f"parked: {row.profile.parked_reason}"],
            impact="One refused login parks it again. If the password was wrong, e replaces it instead.",
        )
        if await self.confirmed(ask):
            await self.session.client.confirm_credentials(row.key)
            await self.load()

    async def do_credentials_remove(self) -> None:
        """Remove a profile that nothing uses."""
        row: Any = self.listed.cursor_row
        if row is None:
            return
        impact = "Its secrets are deleted from the vault. A profile that a device or jump host names is not removed."
        if await self.confirmed(self.removal("credential profile", [row.key], impact)):
            await self.session.client.remove_credentials(row.key)
            await self.load()

    @on(LiveTable.Opened, "#credentials")
    def _open(self) -> None:
        self.action_do("table.record" if self.swim.status.read_only else "credentials.edit")
