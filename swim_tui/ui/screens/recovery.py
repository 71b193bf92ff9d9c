"""Recovery card: a device that did not come back after its reload, readable across the room (N28)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from swim_tui.errors import Conflict
from swim_tui.model.job import DeviceTask, OpStatus, TaskStatus
from swim_tui.model.phase import Direction, OutputLine
from swim_tui.model.plan import OpKind, RunPlan
from swim_tui.model.views import DeviceDetail, PackRow
from swim_tui.ui.mirror import Changes
from swim_tui.ui.page import Page
from swim_tui.ui.registry import Scope
from swim_tui.ui.run_log import read_log
from swim_tui.ui.screens.output import OutputPage, TextPage
from swim_tui.ui.screens.task_text import GOES_DOWN
from swim_tui.ui.states import Tone
from swim_tui.ui.times import clock_text, duration
from swim_tui.ui.widgets.big_number import BigNumber
from swim_tui.ui.widgets.facts import Fact, FactsBlock
from swim_tui.ui.widgets.text_view import TextLine, TextView

_LAST_LINES = 6


def went_down_at(task: DeviceTask) -> datetime | None:
    """When the last operation that takes the device down began; None if none did."""
    starts = [op.started_at for op in task.operations if op.kind in GOES_DOWN and op.started_at is not None]
    return max(starts, default=None)


def is_down(task: DeviceTask) -> bool:
    """Whether it is in its reload now, or did not come back from it."""
    waits = any(op.kind is OpKind.WAIT_RELOAD and op.status is OpStatus.RUNNING for op in task.operations)
    return bool(task.recovery) or (waits and task.status is TaskStatus.RUNNING)


async def open_recovery(page: Page, device: str, run_id: str = "") -> None:
    """Open the card of a device; Conflict says why there is none."""
    if not device:
        raise Conflict(detail="no device is under the cursor", action="choose one first")
    held = page.mirror.tasks.get(run_id, {}).get(device)
    if held is not None and held.source:
        raise Conflict(
            detail=f"{device} is an image: recovery cards are for devices that do not come back from a reload",
            action="l shows the output of its import",
        )
    detail = await page.session.client.device(device)
    tasks = [task for task in detail.tasks if not run_id or task.run_id == run_id]
    task = next((task for task in tasks if is_down(task)), None)
    if task is None and not detail.recovery:
        raise Conflict(
            detail=f"{device} needs no recovery card: it is not down after a reload",
            action="l shows its output, Enter its operations",
        )
    page.app.push_screen(RecoveryPage(device, task.run_id if task is not None else ""))


def steps_of(task: DeviceTask | None, detail: DeviceDetail, pack: PackRow | None, plan: RunPlan | None) -> list[str]:
    """The steps the engine wrote down; while the wait goes on those of the pack, with this plan's names filled in."""
    told = list((task.recovery if task is not None else ()) or detail.recovery)
    if told:
        return [step for step in told if not step.startswith("console: ")]
    mine = next((one for one in plan.devices if one.device == detail.device.name), None) if plan is not None else None
    if mine is None or pack is None:
        return []
    system = next((op.file_system for op in mine.operations if op.kind is OpKind.SET_BOOT), "")
    names = {"{old}": mine.from_image, "{new}": mine.to_image, "{fs}": system or mine.to_image.partition(":")[0] + ":"}
    steps = []
    for step in pack.recovery:
        for key, value in names.items():
            step = step.replace(key, value)
        steps.append(step)
    return steps


_CARD = "the recovery card has the steps for this platform"


class RecoveryPage(TextPage):
    """What happened, since when, where the console is, what to type there."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.RECOVERY, Scope.TABLE, Scope.GLOBAL)
    DEFAULT_CSS = """
    #recovery-head { height: 4; }
    #recovery-timer { width: 34; height: 4; padding: 0 1; }
    #recovery-timer BigNumber { width: auto; color: $status-fail; text-style: bold; }
    #recovery-timer Static { color: $text-muted; }
    #recovery-what { width: 1fr; padding: 0 1; color: $status-fail; text-style: bold; height: 4; }
    #recovery-facts { height: auto; max-height: 7; }
    """
    view = "jobs"

    def __init__(self, device: str, run_id: str) -> None:
        super().__init__()
        self.device, self.run_id = device, run_id
        self._detail: DeviceDetail | None = None
        self._mine: DeviceTask | None = None
        self._steps: list[str] = []
        self._sent: OutputLine | None = None
        self._said: list[OutputLine] = []

    def crumbs(self) -> tuple[str, ...]:
        """Recovery card > device."""
        return ("Recovery card", self.device)

    def body(self) -> Iterable[Widget]:
        """Timer and what happened, facts, steps."""
        with Horizontal(id="recovery-head"):
            with Vertical(id="recovery-timer"):
                yield BigNumber("", id="recovery-digits")
                yield Static("since its reload")
            yield Static(id="recovery-what")
        yield FactsBlock(id="recovery-facts")
        text = TextView(id="recovery-steps")
        text.wrap = True
        yield text

    def note(self) -> str:
        """Run."""
        return f"run {self.run_id}" if self.run_id else ""

    async def load(self) -> None:
        """The device, its task, what was said last, the steps."""
        client = self.session.client
        self._detail = await client.device(self.device)
        plan: RunPlan | None = None
        if self.run_id:
            await self.session.open_run(self.run_id)
            self._take_task()
            for line in await read_log(client, self.run_id, self.device):
                self._take_line(line)
            if self._mine is not None and not self._mine.recovery:
                plan = await client.run_plan(self.run_id)
        pack = next((each for each in await client.packs() if each.name == self._detail.row.platform), None)
        self._steps = steps_of(self._mine, self._detail, pack, plan)

    def _take_task(self) -> None:
        held = self.mirror.tasks.get(self.run_id, {}).get(self.device)
        if held is not None:
            self._mine = held

    def _take_line(self, line: OutputLine) -> None:
        if line.direction is Direction.SENT:
            self._sent, self._said = line, []
        elif line.direction is Direction.RECEIVED:
            self._said = [*self._said, line][-_LAST_LINES:]

    # --- showing ---

    def show(self, changes: Changes) -> None:
        """When its task or the device changed."""
        if self._detail is None:
            return
        if changes.all_devices or self.device in changes.devices:
            self.start_loading()
        elif changes.resync or (self.run_id, self.device) in changes.tasks:
            self._take_task()
            self._fill()

    def tick(self) -> None:
        """The timer."""
        if self._detail is not None:
            self._show_timer()

    @property
    def came_back(self) -> bool:
        """Whether it answers again."""
        task = self._mine
        waits = task is not None and is_down(task)
        return self._detail is not None and not self._detail.recovery and not waits

    def _show_timer(self) -> None:
        at = went_down_at(self._mine) if self._mine is not None else None
        end = self._mine.ended_at if self._mine is not None and self.came_back else None
        text = duration((end or self.swim.now()) - at) if at is not None else "-:--:--"
        self.query_one("#recovery-digits", BigNumber).update(text)

    def _fill(self) -> None:
        detail = self._detail
        if detail is None:
            return
        self._show_timer()
        self.query_one("#recovery-what", Static).update(self._what())
        self.query_one("#recovery-facts", FactsBlock).show(self._facts(detail))
        self.query_one("#recovery-steps", TextView).set_lines(self._lines())

    def _what(self) -> str:
        task = self._mine
        if self.came_back:
            return f"{self.device} answers again"
        if task is not None and not task.status.is_final:
            return (
                f"{self.device} is in its reload\n{task.waiting_for or task.message or 'it is probed until it answers'}"
            )
        words = f"{task.outcome} {task.code}".strip() if task is not None else "unreachable after its reload"
        return f"{self.device} DID NOT COME BACK\n{words}\n{task.message if task is not None else ''}"

    def _facts(self, detail: DeviceDetail) -> list[Fact]:
        task, device = self._mine, detail.device
        versions = f"{task.from_version} -> {task.to_version}" if task is not None and task.to_version else ""
        sent = ""
        if self._sent is not None:
            sent = f"{self._sent.text}   at {clock_text(self._sent.at, utc=self.swim.status.utc)}"
        return [
            ("Console", device.console or "none recorded: see the site's console server", Tone.WAIT),
            (
                "Address",
                f"{device.address}:{device.port}" + (f" through {' > '.join(device.jump)}" if device.jump else ""),
            ),
            ("Location", f"{device.location} {detail.zone}".strip()),
            ("Version", versions),
            ("Sent last", sent),
            ("What to do", task.remedy.replace(_CARD, "the steps are below") if task is not None else ""),
        ]

    def _lines(self) -> list[TextLine]:
        lines = [TextLine("On the console", Tone.LINK)] if self._steps else []
        lines += [TextLine(f" {number}. {step}") for number, step in enumerate(self._steps, 1)]
        if not self._steps:
            lines.append(TextLine("No console steps are known for this platform.", Tone.WAIT))
        if self._said:
            lines += [TextLine(""), TextLine("It said last   (l shows all of it)", Tone.LINK)]
            lines += [TextLine(f"  {text}") for line in self._said for text in line.text.splitlines()][-_LAST_LINES:]
        return lines

    def card_text(self) -> str:
        """The card as plain text, for a file or a ticket."""
        assert self._detail is not None
        facts = [f"{fact[0]:<11} {fact[1]}" for fact in self._facts(self._detail) if fact[1]]
        timer = str(self.query_one("#recovery-digits", BigNumber).value)
        body: Sequence[str] = [line.text for line in self._lines()]
        return "\n".join([self._what(), f"{timer} since its reload", "", *facts, "", *body]) + "\n"

    def file_name(self) -> str:
        """Device."""
        return f"recovery-{self.device}.txt".replace("/", "_")

    # --- actions ---

    def _need_run(self) -> str:
        if not self.run_id:
            raise Conflict(detail="no run of this program is known for it", action="look at the Log view")
        return self.run_id

    async def do_recovery_output(self) -> None:
        """All of its output."""
        self.app.push_screen(OutputPage(self._need_run(), self.device, sent_only=False))

    async def do_recovery_commands(self) -> None:
        """Each line that was sent."""
        self.app.push_screen(OutputPage(self._need_run(), self.device, sent_only=True))

    def do_recovery_copy(self) -> None:
        """Copy the console address."""
        if self._detail is not None:
            self.swim.copy(self._detail.device.console or self._detail.device.address)

    async def do_recovery_save(self) -> None:
        """Write the card to a file."""
        if self._detail is not None:
            await self.save_text(self.card_text())
