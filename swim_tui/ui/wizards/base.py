"""What all wizards share: step bar, going on and back without loss, drafts, reasons, submit."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from swim_tui.model.job import Job, JobRequest, JobStatus
from swim_tui.model.options import JobOptions
from swim_tui.model.views import PackRow, SettingRow
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.mirror import Changes
from swim_tui.ui.registry import Action, Scope
from swim_tui.ui.table_actions import AnyTable
from swim_tui.ui.times import detail_time
from swim_tui.ui.widgets.live_table import LiveTable
from swim_tui.ui.widgets.text_view import TextView
from swim_tui.ui.wizards import draft as drafts
from swim_tui.ui.wizards.defaults import default_options
from swim_tui.ui.wizards.draft import Draft
from swim_tui.ui.wizards.step import FormStep, Step
from swim_tui.ui.wizards.stepbar import StepBar
from swim_tui.ui.wizards.text_keys import TextKeys
from swim_tui.ui.wizards.verify import NOT_OVER, Verifier

_ONLY_SOMEWHERE = frozenset({"wizard.submit", "wizard.consents", "wizard.edit", "wizard.paste", "wizard.recheck"})
_IN_FORMS = frozenset({"table.up", "table.down"})
_RANKS_OF_ROWS = {"table.mark": 3, "table.open": 4, "table.filter": 5}


class WizardPage(TextKeys):
    """Subclasses give `kind`, `caption`, `steps` and `request`; the draft holds every choice."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.WIZARD, Scope.TABLE, Scope.GLOBAL)
    DEFAULT_CSS = """
    #wizard-hint { height: auto; max-height: 2; padding: 0 1; color: $text-muted; }
    #wizard-error { height: auto; max-height: 2; padding: 0 1; color: $status-fail; text-style: bold; display: none; }
    #wizard-steps { height: 1fr; }
    """
    is_top = False
    BACK: ClassVar[str] = "Leave"  # the step before is another key
    kind: ClassVar[str] = ""
    caption: ClassVar[str] = ""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft
        self.settings: list[SettingRow] = []
        self.packs: dict[str, PackRow] = {}
        self.profiles: list[str] = []
        self.verifier = Verifier(self)
        self._said = ""
        self._going = asyncio.Lock()
        self._made: dict[type[Step], Step] = {}
        self._is_sending = False

    # --- what subclasses give ---

    def steps(self) -> Sequence[type[Step]]:
        """The steps for the draft as it is."""
        return ()

    @abstractmethod
    def request(self, devices: Sequence[str] | None = None) -> JobRequest:
        """The job as chosen so far, for all its devices or some of them."""

    def confirmation(self) -> Confirmation | None:
        """What is asked before the job is submitted."""
        return None

    # --- state ---

    @property
    def index(self) -> int:
        """Position of the current step."""
        return min(self.draft.step, len(self.steps()) - 1)

    @property
    def step(self) -> Step | None:
        """The step that is shown, once there is one."""
        return self._made.get(self.steps()[self.index])

    @property
    def is_last(self) -> bool:
        """Whether the current step is the one that submits."""
        return self.index == len(self.steps()) - 1

    @property
    def options(self) -> JobOptions:
        """The job's options: the settings' until a step changes them."""
        return self.draft.options or default_options(self.settings)

    @property
    def table(self) -> AnyTable | None:
        """The table of the current step."""
        tables = list(self.step.query(LiveTable)) if self.step is not None else []
        return next((table for table in tables if table.has_focus), tables[0] if tables else None)

    # --- frame ---

    def crumbs(self) -> tuple[str, ...]:
        """Software Images > Distribute Images > Device Selection."""
        return ("Software Images", self.caption, self.steps()[self.index].title)

    def note(self) -> str:
        """Counts of the step, and its filter."""
        if self.step is None:
            return ""
        table = self.table
        text = f"filter: {table.model.filter.text}  " if table is not None and table.model.filter.text else ""
        return text + self.step.note()

    def body(self) -> Iterable[Widget]:
        """Step bar, hint, step, what is wrong."""
        yield StepBar()
        yield Static(id="wizard-hint")
        yield Vertical(id="wizard-steps")
        yield Static(id="wizard-error")

    def focus_table(self) -> None:
        """Keys go to the step."""
        if self.step is not None:
            self.step.focus_first()

    def allows(self, action: Action) -> bool:
        """Only what the step has; a form has no table."""
        if not super().allows(action) or self.step is None:
            return action.scope is Scope.GLOBAL
        if action.id == "wizard.next" and "wizard.submit" in self.step.actions:
            return False
        if action.id == "wizard.previous" and not self.index:
            return False
        if action.id == "wizard.save" and self.table is None:
            return "wizard.save" in self.step.actions
        if action.id in _ONLY_SOMEWHERE:
            return action.id in self.step.actions and self.step.offers(action.id)
        if action.scope is Scope.TABLE and self.table is None:
            return action.id in self.step.actions or action.id in _IN_FORMS
        return True

    def footer_rank(self, action: Action) -> int:
        """Where rows are selected, the key for it comes before the one that opens them."""
        rank = super().footer_rank(action)
        return _RANKS_OF_ROWS.get(action.id, rank) if rank else 0

    @property
    def shown_text(self) -> TextView | None:
        """The text that the step shows, if it shows one."""
        return next(iter(self.step.query(TextView)), None) if self.step is not None and self.table is None else None

    def _move(self, lines: int) -> None:
        if self.step is None or not self.step.move(lines):
            super()._move(lines)

    def say(self, sentence: str) -> None:
        """What is wrong, below the step."""
        self._said = sentence
        line = self.query_one("#wizard-error", Static)
        line.update(Content(sentence))
        line.display = bool(sentence)

    # --- loading and going ---

    async def load(self) -> None:
        """What the steps choose from; then the step where the draft stands."""
        client = self.session.client
        await self.session.load_devices()
        await self.session.load_images()
        self.settings = await client.settings()
        self.packs = {pack.name: pack for pack in await client.packs()}
        drafts.keep(self.app, self.draft)
        await self.go(self.draft.step)

    async def go(self, index: int) -> None:
        """Show a step; one after the other: a page may be loaded again while it loads."""
        async with self._going:
            await self._show_step(index)

    async def _show_step(self, index: int) -> None:
        steps = self.steps()
        index = max(0, min(index, len(steps) - 1))
        self.draft.step, self.draft.furthest = index, max(self.draft.furthest, index)
        for made in self._made.values():
            made.display = False
        kind = steps[index]
        if kind not in self._made:
            fresh = kind(self)
            await self.query_one("#wizard-steps").mount(fresh)
            self._made[kind] = fresh  # not sooner: the frame asks a step for its note at any time
        step = self._made[kind]
        step.display = True
        await step.enter()
        self.say("")
        self._frame_of_step(step)
        step.focus_first()
        drafts.save_quietly(self.app)

    def _frame_of_step(self, step: Step) -> None:
        bar = self.query_one(StepBar)
        bar.steps = [(each.title, each.brief or each.title) for each in self.steps()]
        bar.current, bar.furthest = self.index, self.draft.furthest
        hint = self.query_one("#wizard-hint", Static)
        hint.update(Content(step.hint))
        hint.display = bool(step.hint)
        self.refresh_frame()

    async def jump(self, index: int) -> None:
        """To a visited step; forwards only if nothing on the way is wrong here."""
        if index == self.index or index >= len(self.steps()):
            return
        if index > self.draft.furthest:
            self.app.notify("^N goes on; numbers go to steps that were seen", severity="warning")
            return
        sentence = self.step.problem() if index > self.index and self.step is not None else ""
        self.say(sentence)
        if not sentence:
            await self.go(index)

    @on(StepBar.Jumped)
    async def _clicked(self, event: StepBar.Jumped) -> None:
        event.stop()
        await self.jump(event.index)

    @on(Input.Submitted, "#filter")
    def _filter_entered(self, event: Input.Submitted) -> None:
        self.find(event.value)

    def verified(self) -> None:
        """Verdicts arrived: the step that shows them takes them; who was told to wait need not wait any more."""
        if self._said == NOT_OVER and not self.verifier.is_pending(self.draft.devices):
            self.say("")
        if self.step is not None:
            self.step.verified()

    def show(self, changes: Changes) -> None:
        """What is chosen from may become more while one looks at it; what is waited for may be read."""
        self.verifier.look()
        if self.step is not None and not changes.resync:
            self.step.world_changed(changes)

    # --- actions ---

    async def do_wizard_next(self) -> None:
        """On, or submit from the last step."""
        if self.step is None:
            return
        sentence = self.step.problem()
        self.say(sentence)
        if sentence:
            return
        if self.is_last:
            await self.do_wizard_submit()
        else:
            await self.go(self.index + 1)

    async def do_wizard_previous(self) -> None:
        """Back; nothing is lost."""
        if self.index:
            await self.go(self.index - 1)

    async def do_wizard_submit(self) -> None:
        """Ask, then send the job; the draft is done with."""
        step = self.step
        sentence = step.problem() if step is not None else "the step is not shown yet"
        self.say(sentence)
        if sentence or self._is_sending:
            return
        self._is_sending = True
        try:
            ask = self.confirmation()
            agreed = await self.app.push_screen_wait(ConfirmDialog(ask)) if ask is not None else True
            if agreed:
                await self.send()
        finally:
            self._is_sending = False

    async def send(self) -> None:
        """Submit the request and show the job."""
        job = await self.session.client.submit(self.request())
        self.finished([job])

    def finished(self, jobs: Sequence[Job]) -> None:
        """The wizard closes; its job opens."""
        from swim_tui.ui.screens.job import JobPage

        drafts.drop(self.app, self.kind)
        for job in jobs:
            self.mirror.jobs.setdefault(job.id, job)
        start = jobs[-1].next_run_at
        if len(jobs) > 1:
            self.app.notify(f"{len(jobs)} jobs submitted; view 2 shows them")
        elif jobs[-1].status is JobStatus.SCHEDULED and start is not None:
            at = detail_time(start, utc=self.swim.status.utc)
            self.app.notify(f"{jobs[-1].name} is scheduled: it starts {at}; view 2 shows it")
        self.app.switch_screen(JobPage(jobs[-1].id))

    def escape_clears(self) -> bool:
        """A filter or attention-only; marks are the draft."""
        table = self.table
        return table is not None and bool(table.model.filter.text or table.model.attention_only)

    def do_global_back(self) -> None:
        """Filter line, filter, then out: the draft stays, and so do its marks."""
        bar = self.query_one("#filter", Input)
        table = self.table
        if bar.display:
            bar.display = False
            if table is not None and bar.has_focus:
                table.set_filter("")
            self.focus_table()
        elif table is not None and table.model.filter.text:
            table.set_filter("")
        elif table is not None and table.model.attention_only:
            table.toggle_attention()
        else:
            self.leave()

    def on_unmount(self) -> None:
        """Quitting keeps what was chosen since the last step."""
        drafts.save_quietly(self.app)

    def leave(self) -> None:
        """Out of the wizard; once, whatever is still typed into it."""
        if self.app.screen is not self:
            return
        if self.draft.is_empty:
            drafts.drop(self.app, self.kind)
        else:
            self.app.notify(f"{self.caption}: the draft is kept ({self.draft.summary()})")
            drafts.save_quietly(self.app)
        self.app.pop_screen()

    async def do_wizard_save(self) -> None:
        """The rows of the step as a file."""
        await self.do_table_export()

    async def do_wizard_recheck(self) -> None:
        """Run the checks again."""

    async def do_wizard_consents(self) -> None:
        """Give the open consents."""

    async def do_wizard_edit(self) -> None:
        """Edit the marked rows."""
        if self.step is not None:
            await self.step.edit()

    async def do_wizard_paste(self) -> None:
        """Select by a list of names."""
        if self.step is not None:
            await self.step.paste()

    async def do_wizard_step1(self) -> None:
        """Step 1."""
        await self.jump(0)

    async def do_wizard_step2(self) -> None:
        """Step 2."""
        await self.jump(1)

    async def do_wizard_step3(self) -> None:
        """Step 3."""
        await self.jump(2)

    async def do_wizard_step4(self) -> None:
        """Step 4."""
        await self.jump(3)

    async def do_wizard_step5(self) -> None:
        """Step 5."""
        await self.jump(4)

    async def do_wizard_step6(self) -> None:
        """Step 6."""
        await self.jump(5)

    async def do_wizard_step7(self) -> None:
        """Step 7."""
        await self.jump(6)


def marks_of(table: LiveTable[Any], wanted: Iterable[str]) -> None:
    """Mark exactly these rows, without a message: the draft knows already."""
    table.model.marks.clear()
    table.model.marks.update(wanted)
    table.refresh()


__all__ = ["FormStep", "Step", "WizardPage", "marks_of"]
