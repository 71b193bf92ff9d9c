"""The plan page: what a run does, or a job would do now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.widget import Widget

from swim_tui.errors import Conflict
from swim_tui.model.job import Job, Run
from swim_tui.model.plan import RunPlan
from swim_tui.ui.plan_text import never_does, plan_lines
from swim_tui.ui.registry import Scope
from swim_tui.ui.screens.output import TextPage
from swim_tui.ui.states import Tone
from swim_tui.ui.widgets.text_view import TextLine, TextView


class PlanPage(TextPage):
    """Summary first, then each device; `/` finds a device."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.PLAN, Scope.OUTPUT, Scope.TABLE, Scope.GLOBAL)
    view = "jobs"

    def __init__(self, job: Job, run: Run | None) -> None:
        super().__init__()
        self._job, self._shown_run = job, run
        self._plan: RunPlan | None = None

    def crumbs(self) -> tuple[str, ...]:
        """Jobs > job > plan."""
        return ("Jobs", self._job.name, "plan" if self._shown_run is not None else "plan as of now")

    def body(self) -> Iterable[Widget]:
        """The text."""
        text = TextView()
        text.wrap = True
        yield text

    async def load(self) -> None:
        """The run's recorded plan, else a fresh preview."""
        self.text_view.set_lines([TextLine("Computing the plan ...", Tone.DIM)])
        client = self.session.client
        if self._shown_run is not None:
            plan = await client.run_plan(self._shown_run.id)
        else:
            plan = await client.preview(self._job.request)
        self._plan = plan
        foot = [TextLine(""), TextLine("Never", Tone.LINK), *(TextLine(f"  {text}") for text in never_does())]
        signs = [TextLine(""), TextLine("  > reads   ! changes the device   + ok   ! warning   x failed", Tone.DIM)]
        self.text_view.set_lines([*plan_lines(plan), *foot, *signs])

    def file_name(self) -> str:
        """Named after the job."""
        return f"plan-{self._job.name}.md".replace("/", "_").replace(" ", "_")

    async def do_plan_save(self) -> None:
        """The Markdown for the change board, made by the engine."""
        client, run, plan = self.session.client, self._shown_run, self._plan
        if plan is None:
            raise Conflict(detail="the plan is being computed", action="wait until it is shown")
        text = (
            await client.export_run_plan(run.id, format="markdown")
            if run is not None
            else await client.export_plan(self._job.request, "markdown", plan.sha256, plan.made_at)
        )
        await self.save_text(text)
