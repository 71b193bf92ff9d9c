"""What the pages of names have in common: credential profiles, jump hosts, groups, host keys, SWIM servers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual.widget import Widget
from textual.widgets import Static

from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.dialogs.form import Field, FormDialog, Save
from swim_tui.ui.mirror import Changes
from swim_tui.ui.page import Page
from swim_tui.ui.widgets.columns import TableSpec
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.table_model import Batch


class ListPage(Page):
    """A page with one table whose rows the engine is asked for again whenever something of the inventory changed."""

    is_top = False
    heading: ClassVar[str]
    spec: ClassVar[TableSpec[Any]]

    def crumbs(self) -> tuple[str, ...]:
        """Settings > this."""
        return ("Settings", self.heading)

    def body(self) -> Iterable[Widget]:
        """The table, and what to do when it is empty."""
        table: LiveTable[Any] = LiveTable(self.spec, id=self.spec.id)
        table.add_class("-counted")
        yield table
        yield Static(classes="empty", id=f"{self.spec.id}-empty")

    async def rows(self) -> Sequence[Any]:
        """The rows, as the engine has them now."""
        return ()

    @property
    def listed(self) -> LiveTable[Any]:
        """The table."""
        return self.query_one(f"#{self.spec.id}", LiveTable)

    async def load(self) -> None:
        """All rows."""
        self.listed.apply(Batch(await self.rows(), reset=True))

    def concerns(self, changes: Changes) -> bool:
        """Whether the rows may be others now."""
        return changes.all_devices

    def show(self, changes: Changes) -> None:
        """Load again when something changed."""
        if not changes.resync and self.concerns(changes):
            self.start_loading()

    async def ask(self, title: str, fields: Sequence[Field], save: Save, *, verb: str = "Save") -> dict[str, str]:
        """Show a form until the engine took it; its values, none if it was left."""
        answer = await self.app.push_screen_wait(FormDialog(title, fields, verb=verb, save=save))
        if answer is None:
            return {}
        await self.load()
        self.refresh_note()
        return answer

    async def confirmed(self, ask: Confirmation) -> bool:
        """A clear yes."""
        return await self.app.push_screen_wait(ConfirmDialog(ask)) is True

    def removal(self, what: str, names: Sequence[str], impact: str) -> Confirmation:
        """The question before these are removed."""
        count = len(names)
        return Confirmation(
            title=f"Remove {what} {names[0]}?" if count == 1 else f"Remove {count} {what}s?",
            verb="remove",
            level=2 if count == 1 else 3,
            targets=names,
            impact=impact,
            phrase=f"remove {count}",
            opened_by="delete",
        )


def required(text: str) -> str:
    """A field that must not be empty."""
    return "" if text else "this is needed"


def port_number(text: str) -> str:
    """A TCP port."""
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535:
        return ""
    return "give a port from 1 to 65535"


def one_of(names: Iterable[str], none: str = "none") -> list[tuple[str, str]]:
    """Choices of a field that may also stay empty."""
    return [("", none), *((name, name) for name in names)]
