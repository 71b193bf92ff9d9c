"""The plan page of a wizard: what would happen, the consents it asks for, then Submit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from swim_tui.model.job import RecurKind
from swim_tui.model.plan import Consent, RunPlan
from swim_tui.ui.dialogs.choose import Choice, ChooseDialog
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.dialogs.new_file import write_new_file
from swim_tui.ui.plan_text import never_does, plan_lines
from swim_tui.ui.record import write_new
from swim_tui.ui.screens.job_summary import recurrence
from swim_tui.ui.states import Tone
from swim_tui.ui.times import detail_time, duration, short_size
from swim_tui.ui.widgets.text_view import TextLine, TextView
from swim_tui.ui.wizards.base import WizardPage
from swim_tui.ui.wizards.step import TEXT_MOVES, Step

_FORMATS = {"m": "markdown", "c": "csv", "j": "json"}
_ENDINGS = {"markdown": "md", "csv": "csv", "json": "json"}


class PlanStep(Step):
    """Recomputed whenever it is shown; F5 reads the devices first."""

    title: ClassVar[str] = "Plan"
    brief: ClassVar[str] = "Plan"
    actions: ClassVar[frozenset[str]] = (
        frozenset({"wizard.submit", "wizard.consents", "wizard.recheck", "wizard.save", "table.filter"}) | TEXT_MOVES
    )

    def __init__(self, wizard: WizardPage) -> None:
        super().__init__(wizard)
        self.plan: RunPlan | None = None

    def compose(self) -> ComposeResult:
        """The text."""
        text = TextView(id="wizard-plan")
        text.wrap = True
        yield text

    @property
    def text_view(self) -> TextView:
        """The text."""
        return self.query_one(TextView)

    async def enter(self) -> None:
        """The plan of the draft as it is."""
        await self.compute()

    async def compute(self, *, refresh: bool = False) -> None:
        """Ask the engine for the plan; `refresh` reads the devices first."""
        self.plan = None
        words = "Reading the devices and computing the plan ..." if refresh else "Computing the plan ..."
        self.text_view.set_lines([TextLine(words, Tone.DIM)])
        self.plan = await self.wizard.session.client.preview(self.wizard.request(), refresh)
        foot = [TextLine(""), TextLine("Never", Tone.LINK), *(TextLine(f"  {text}") for text in never_does())]
        signs = [TextLine(""), TextLine("  > reads   ! changes the device   + ok   ! warning   x failed", Tone.DIM)]
        self.text_view.set_lines([*self._head(), *self._when(), *plan_lines(self.plan), *foot, *signs])
        self.text_view.scroll_to(y=0, animate=False)
        self.wizard.refresh_frame()

    def offers(self, action_id: str) -> bool:
        """Consents only while one is open."""
        return action_id != "wizard.consents" or bool(self.open_consents)

    def _head(self) -> list[TextLine]:
        """Whether it can be submitted, and what is in the way."""
        sentence = self.problem()
        if sentence:
            return [TextLine(f"! Submit is disabled: {sentence}", Tone.WAIT), TextLine("")]
        return [TextLine("+ Ready: s submits, ^E saves this plan for the change board", Tone.OK), TextLine("")]

    def _when(self) -> list[TextLine]:
        """When it runs, in which window and under which change, where that was asked for."""
        request = self.wizard.request()
        schedule, window = request.schedule, request.window
        recurs = schedule.recur is not RecurKind.NONE
        facts = [
            ("Start", detail_time(schedule.at) if schedule.at is not None else "now" if recurs else ""),
            ("Recurrence", recurrence(schedule, utc=False) if recurs else ""),
            ("Window", f"{window.start} to {window.end}" if window is not None else ""),
            ("Change number", request.change),
            ("Reason", request.reason),
        ]
        lines = [TextLine(f"  {label:<20} {value}") for label, value in facts if value]
        return [TextLine("Job", Tone.LINK), *lines, TextLine("")] if lines else []

    @property
    def open_consents(self) -> list[Consent]:
        """Consents that nobody gave yet."""
        return [consent for consent in self.plan.consents if not consent.given] if self.plan is not None else []

    def problem(self) -> str:
        """Why it cannot be submitted."""
        if self.plan is None:
            return "the plan is being computed"
        if self.open_consents:
            count = len(self.open_consents)
            return f"{count} consent{'s are' if count > 1 else ' is'} open, o gives {'them' if count > 1 else 'it'}"
        if not self.plan.included():
            return "no device takes part"
        return ""

    def note(self) -> str:
        """Included and excluded, or where the find stands."""
        if self.plan is None:
            return "computing"
        if self.text_view.needle:
            return self.text_view.status()
        included = len(self.plan.included())
        return f"{included} included, {len(self.plan.devices) - included} excluded"

    def focus_first(self) -> None:
        """Keys go to the text."""
        self.text_view.focus()

    def move(self, lines: int) -> bool:
        """The text moves."""
        self.text_view.move(lines)
        return True

    @on(TextView.Moved)
    def _moved(self) -> None:
        self.wizard.refresh_note()

    # --- consents ---

    async def give_consents(self) -> None:
        """One typed phrase per kind of consent, with the devices it is for."""
        by_name: dict[str, list[Consent]] = {}
        for consent in self.open_consents:
            by_name.setdefault(consent.name, []).append(consent)
        if not by_name:
            self.app.notify("No consent is open.")
            return
        given = []
        for name, wanted in by_name.items():
            ask = Confirmation(
                f"Consent: {name}",
                "consent",
                level=3,
                targets=[consent.device for consent in wanted],
                impact="; ".join(dict.fromkeys(consent.why for consent in wanted)),
                phrase=name,
            )
            if await self.app.push_screen_wait(ConfirmDialog(ask)):
                given += [f"{name}:{consent.device}" for consent in wanted]
        if given:
            self.draft.consents = list(dict.fromkeys([*self.draft.consents, *given]))
            await self.compute()
            self.wizard.say("")

    # --- saving ---

    async def save(self) -> None:
        """Markdown, CSV or JSON, as the engine writes it; never another plan than the one on the screen."""
        plan = self.plan
        if plan is None:
            self.wizard.say("the plan is being computed")
            return
        kinds = [Choice(form, key, form) for key, form in _FORMATS.items()]
        form = await self.app.push_screen_wait(ChooseDialog("Save the plan as", kinds))
        if form is None:
            return
        name = (self.draft.form.get("name") or f"plan-{self.wizard.kind}").replace("/", "_").replace(" ", "_")

        async def write(path: Path) -> None:
            client, request = self.wizard.session.client, self.wizard.request()
            write_new(path, await client.export_plan(request, form, plan.sha256, plan.made_at))

        path = await write_new_file(self.app, "Save the plan", f"{name}.{_ENDINGS[form]}", write)
        if path is not None:
            self.app.notify(f"wrote the plan to {path}")


def confirmation_of(plan: RunPlan, verb: str, environment: str) -> Confirmation:
    """Level by impact: nothing changes 1, copies 2, a reload (or production) is typed: the name, or the count."""
    included = [one.device for one in plan.included()]
    down = [one.device for one in plan.included() if one.outage_s and not one.skipped_because]
    if plan.options.dry_run:
        return Confirmation(f"Dry run on {_count(included)}?", "run it", targets=included, impact="Nothing is changed.")
    changes = _changing_lines(plan)
    copies = f"{short_size(plan.bytes_to_move)} to copy" if plan.bytes_to_move else "nothing to copy"
    if not down and environment.upper() != "PROD":
        impact = f"{copies}; devices stay in service."
        return Confirmation(f"{verb} {_count(included)}?", "submit", 2, included, changes, impact)
    targets = down or included
    outage = max((one.outage_s for one in plan.included()), default=0.0)
    each = " each" if len(down) > 1 else ""
    impact = (
        f"{_count(down)} will reload, about {duration(outage)}{each}; {copies}." if down else f"Production; {copies}."
    )
    phrase = targets[0] if len(targets) == 1 else str(len(targets))
    return Confirmation(f"{verb} {_count(targets)}?", "submit", 3, targets, changes, impact, phrase)


def _count(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} devices"


def _changing_lines(plan: RunPlan) -> list[str]:
    """The changing lines of the first device; the plan page has all."""
    first = next((one for one in plan.included() if not one.skipped_because), None)
    if first is None:
        return []
    found: list[str] = []
    for op in first.operations:
        found += [line.text for line in op.lines if line.changes]
        if op.note and any(line.changes for line in op.lines):
            found[-1] += f"  ({op.note})"  # once, behind the lines that it speaks of
    return found[:6] + ([f"and {len(found) - 6} more"] if len(found) > 6 else [])
