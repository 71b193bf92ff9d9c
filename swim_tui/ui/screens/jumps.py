"""Jump hosts: list, add, change, remove, and a test that reports every hop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on

from swim_tui.errors import BadValue
from swim_tui.model.device import HopMethod, JumpHost
from swim_tui.model.views import HopReport
from swim_tui.model.words import counted
from swim_tui.ui.dialogs.form import Field
from swim_tui.ui.mirror import Changes
from swim_tui.ui.registry import Scope
from swim_tui.ui.screens.admin import ListPage, one_of, port_number, required
from swim_tui.ui.states import Cell, Tone
from swim_tui.ui.widgets.columns import Column, TableSpec
from swim_tui.ui.widgets.live_table import LiveTable

NOT_TESTED = Cell("? Not used yet", Tone.UNKNOWN)
_ANSWERS = {True: Cell("+ Answers", Tone.OK), False: Cell("x Not reached", Tone.FAIL)}


@dataclass(frozen=True)
class JumpLine:
    """A jump host with what its last test in this terminal said, else how the engine last found it."""

    jump: JumpHost
    test: Cell = NOT_TESTED

    @property
    def key(self) -> str:
        """Its name."""
        return self.jump.name


_METHODS = (
    (HopMethod.FORWARD, "forwarding (ssh -J)"),
    (HopMethod.EXEC, "a command on it (nc, ssh -W)"),
    (HopMethod.USER, "the target in the user name (bastion)"),
)
JUMPS = TableSpec[JumpLine](
    "jumps",
    (
        Column("name", "Name", 16, lambda r: Cell(r.jump.name), 1, "n", flex=True),
        Column("address", "Address", 22, lambda r: Cell(f"{r.jump.address}:{r.jump.port}"), 2, "a"),
        Column("test", "State", 16, lambda r: r.test, 1, "t"),
        Column("credentials", "Credentials", 16, lambda r: Cell(r.jump.credentials), 3, "c"),
        Column("via", "Reached through", 16, lambda r: Cell(r.jump.via), 4, "r"),
        Column("method", "Passes on by", 12, lambda r: Cell(r.jump.method), 6, "p"),
    ),
    attention=lambda r: r.test.tone is Tone.FAIL,
    sort="name",
    empty="No jump hosts: devices are reached directly. n adds one.\n\n"
    "A device names the jump hosts it is reached through, the first hop first.",
    marks=False,
)


def hops_text(name: str, hops: Sequence[HopReport]) -> str:
    """The report of a test: every hop with its key and its algorithms, up to the first that failed."""
    lines = [f"Test of jump host {name}", ""]
    for number, hop in enumerate(hops, 1):
        lines.append(f"{number}  {'+ ok' if hop.ok else 'x failed':<11} {hop.name}  {hop.address}")
        if hop.fingerprint:
            lines.append(f"   host key    {hop.fingerprint}")
        if hop.algorithms:
            lines.append(f"   algorithms  {hop.algorithms}")
        if hop.problem is not None:
            lines.append(f"   problem     {hop.problem.message}")
            lines += [f"   what to do  {hop.problem.remedy}"] if hop.problem.remedy else []
    return "\n".join(lines)


def verdict(hops: Sequence[HopReport]) -> Cell:
    """`+ ok, 2 hops` or `x hop 1 failed`."""
    for number, hop in enumerate(hops, 1):
        if not hop.ok:
            return Cell(f"x Hop {number} failed", Tone.FAIL)
    return Cell(f"+ ok, {counted(len(hops), 'hop')}", Tone.OK)


def _agrees(test: Cell, answers: bool | None) -> bool:
    """Whether the last test says what the engine found since; one that is under way does."""
    return answers is None or test.tone is Tone.RUN or (test.tone is Tone.OK) == answers


class JumpsPage(ListPage):
    """Enter or `V` tests, `e` changes."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.JUMPS, Scope.TABLE, Scope.GLOBAL)
    heading = "Jump hosts"
    spec = JUMPS

    def __init__(self) -> None:
        super().__init__()
        self._tests: dict[str, Cell] = {}
        self._seen: dict[str, bool] = {}

    async def rows(self) -> Sequence[JumpLine]:
        """Every jump host; what was found before the engine saw another state, or at another address, is gone."""
        found = await self.session.client.jumps()
        engine = self.session.mirror.engine
        self._seen = dict(engine.jumps) if engine is not None else {}
        states = {name: _ANSWERS[answers] for name, answers in self._seen.items()} | self._tests
        return [JumpLine(jump, states.get(jump.name, NOT_TESTED)) for jump in found]

    def concerns(self, changes: Changes) -> bool:
        """Also when the engine found one in another state than is shown."""
        told = changes.engine
        if told is not None and told.jumps != self._seen:
            self._tests = {name: cell for name, cell in self._tests.items() if _agrees(cell, told.jumps.get(name))}
            return True
        return super().concerns(changes)

    async def _fields(self, old: JumpHost | None) -> list[Field]:
        client = self.session.client
        profiles = [profile.name for profile in await client.credentials()]
        others = [jump.name for jump in await client.jumps() if old is None or jump.name != old.name]
        start = old or JumpHost("", "")
        name = [] if old else [Field("name", "Name", "", "such as jump-ams", required)]
        return [
            *name,
            Field("address", "Address", start.address, "name or IP address", required),
            Field("port", "Port", str(start.port), "22", port_number),
            Field(
                "credentials",
                "Credentials",
                start.credentials,
                choices=one_of(profiles),
                help="The profile that logs in to this hop. Profiles are added on their own page (: credentials).",
            ),
            Field(
                "via",
                "Reached through",
                start.via,
                choices=one_of(others, "directly"),
                help="Another jump host that stands before this one.",
            ),
            Field("method", "Passes on by", start.method, choices=_METHODS, help="forward is what ssh -J does."),
            Field(
                "template",
                "Command or user name",
                start.template,
                "nc %h %p",
                help="Of exec: the command there. Of user: the user name. %h address, %p port, %r user of the target, "
                "%u user of this jump host, %% a per cent sign.",
            ),
        ]

    async def do_jumps_new(self) -> None:
        """Add one."""
        taken = set(self.listed.model.rows)

        async def save(values: dict[str, str]) -> None:
            if values["name"] in taken:
                raise BadValue(name="name", value=values["name"], detail="there is one", allowed="another name")
            await self._save(values["name"], values)

        answer = await self.ask("Add a jump host", await self._fields(None), save)
        if answer:
            self.app.notify(f"jump host '{answer['name']}' is known; V tests it")

    async def _save(self, name: str, values: dict[str, str]) -> None:
        jump = JumpHost(
            name,
            values["address"],
            int(values["port"]),
            values["credentials"],
            values["via"],
            HopMethod(values["method"]),
            values["template"],
        )
        await self.session.client.add_jump(jump)
        self._tests.pop(name, None)

    async def do_jumps_edit(self) -> None:
        """Change the one under the cursor."""
        row: Any = self.listed.cursor_row
        if row is not None:
            old: JumpHost = row.jump
            await self.ask(f"Jump host {old.name}", await self._fields(old), lambda v: self._save(old.name, v))

    async def do_jumps_remove(self) -> None:
        """Remove one that no device and no other jump host names."""
        row: Any = self.listed.cursor_row
        if row is None:
            return
        impact = "A jump host that a device or another jump host is reached through is not removed."
        if await self.confirmed(self.removal("jump host", [row.key], impact)):
            await self.session.client.remove_jump(row.key)
            self._tests.pop(row.key, None)
            await self.load()

    async def do_jumps_test(self) -> None:
        """Log in to each hop once and report."""
        row: Any = self.listed.cursor_row
        if row is None:
            return
        self._tests[row.key] = Cell("* Testing", Tone.RUN)
        await self.load()
        failed = Cell("x Not tested", Tone.FAIL)
        try:
            hops = await self.session.client.test_jump(row.key)
            failed = verdict(hops)
        finally:
            self._tests[row.key] = failed
            await self.load()
        self.swim.show_text("Hop report", hops_text(row.key, hops))

    @on(LiveTable.Opened, "#jumps")
    def _open(self) -> None:
        self.action_do("jumps.test" if not self.swim.status.read_only else "table.record")
