"""Phases under way: sent to the runner, heard while they run, judged at the barrier, taken in when they end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from swim_tui.drivers.contract import Question
from swim_tui.engine.asking import Questions
from swim_tui.engine.attention import when_possible
from swim_tui.engine.barrier import refusal_of
from swim_tui.engine.history import (
    ChecksMade,
    IntentLogged,
    IntentRefused,
    OpBegan,
    OpEnded,
    PhaseDispatched,
    PhaseEnded,
    PhaseLost,
)
from swim_tui.engine.live import LiveRun
from swim_tui.engine.probegate import ProbeGate
from swim_tui.engine.pullgate import PullGate
from swim_tui.engine.runner import BarrierAnswer
from swim_tui.engine.runstate import UNNAMED
from swim_tui.engine.seams import Imports, PhaseOrder, Requests
from swim_tui.engine.serverstate import TaskState
from swim_tui.errors import FileServerError, StoreError, SwimError, describe
from swim_tui.model.events import TaskProgress
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import (
    ChecksDone,
    ConfigCaptured,
    FactsRead,
    HostKeyLearned,
    Intent,
    OpFinished,
    OpProgress,
    OpStarted,
    OutputLine,
    PhaseEvent,
    PhaseResult,
    PhaseStatus,
    RateMeasured,
)
from swim_tui.model.plan import OpKind, Phase
from swim_tui.model.views import PendingQuestion

if TYPE_CHECKING:
    from swim_tui.engine.runs import Runs

log = logging.getLogger(__name__)

MAX_LOST = 3


@dataclass(frozen=True)
class _UnderWay:
    live: LiveRun
    device: str
    phase: Phase
    attempt: int


class PhaseDesk:
    """The PhaseSink of the run service."""

    def __init__(self, runs: Runs, requests: Requests, imports: Imports) -> None:
        self._runs = runs
        self._requests = requests
        self._imports = imports
        self._phases: dict[str, _UnderWay] = {}
        self._questions = Questions(runs)
        self._gate = PullGate()
        self._probes = ProbeGate()

    # --- out ---

    def dispatch(self, live: LiveRun, device: str, phase: Phase, bytes_per_s: float = 0.0) -> None:
        """Send a phase to a worker, once its dispatch is on the disk; `bytes_per_s` is all that it may send."""
        attempt = live.state.tasks[device].attempts.get(phase, 0) + 1
        phase_id = f"{live.id}/{device}/{phase}/{attempt}"
        record = PhaseDispatched(self._runs.state.clock.now(), device, phase, phase_id, attempt, bytes_per_s)
        written = self._runs.record(live, record)
        live.cancel_sent.discard(device)
        live.touch(device)
        self._phases[phase_id] = _UnderWay(live, device, phase, attempt)
        self._runs.background.spawn(self._send(phase_id, written))

    def cancel(self, live: LiveRun, device: str) -> None:
        """Ask the running phase of a device to stop at its next safe point."""
        live.cancel_sent.add(device)
        self._runs.state.attention.ring()
        running = live.state.tasks[device].running
        if running is not None:
            self._runs.runner.cancel(running.phase_id)
            if device in live.at_gate:
                self._gate.leave(running.phase_id)
                self._probes.leave(running.phase_id)
        if all(at.device in at.live.cancel_sent for at in self._phases.values()):  # nobody else needs the code
            self._questions.give_up_all()

    async def _send(self, phase_id: str, written: Future[None]) -> None:
        at = self._phases[phase_id]
        try:
            await asyncio.wrap_future(written)
            source = at.live.state.tasks[at.device].task.source
            if at.phase is Phase.IMPORT and not at.live.owns_devices and not self._imports.over_ssh(source):
                await self._import(phase_id, at)
                return
            order = self._order(phase_id, at)
            await self._runs.before_build(order)
            request = await when_possible(
                self._runs.state,
                lambda: self._requests.build(order),
                waiting=lambda words: self._questions.wait(at.live, at.device, words),
                is_given_up=lambda: at.device in at.live.cancel_sent or self._runs.is_stopping,
            )
        except SwimError as err:
            if self._runs.is_stopping:
                return  # the next engine begins it anew
            if at.live.refused_by is not None:  # its dispatch is not on the disk: it begins again when there is room
                self.on_done(phase_id, PhaseResult(PhaseStatus.HELD))
                return
            next_server = isinstance(err, FileServerError)  # nothing was done on the device
            self.on_done(phase_id, PhaseResult(PhaseStatus.FAILURE, problem=describe(err), next_server=next_server))
            return
        except Exception as err:  # the task boundary: a bug fails this task, it does not hang the run
            log.exception("%s could not be begun", phase_id)
            self.on_done(phase_id, PhaseResult(PhaseStatus.FAILURE, problem=describe(err)))
            return
        self._runs.runner.submit(request)
        if at.device in at.live.cancel_sent:
            self._runs.runner.cancel(phase_id)

    def _order(self, phase_id: str, at: _UnderWay) -> PhaseOrder:
        state = at.live.state.tasks[at.device]
        return PhaseOrder(
            job=at.live.state.job,
            run_id=at.live.id,
            device=at.device,
            phase=at.phase,
            phase_id=phase_id,
            attempt=at.attempt,
            plan=at.live.plans.get(at.device),
            intents=state.intents(at.phase),
            facts=at.live.facts.get(at.device),
            source=state.task.source,
            server=state.task.server,
            uploads=at.live.uploads.get(at.device),
            bytes_per_s=state.running.bytes_per_s if state.running else 0.0,
        )

    async def _import(self, phase_id: str, at: _UnderWay) -> None:
        result, image = await self._imports.run(
            at.live.state.job,
            at.live.state.tasks[at.device].task.source,
            lambda event: self.on_event(phase_id, event),
            lambda: at.device in at.live.cancel_sent,
            lambda: self._runs.is_stopping,
        )
        if self._runs.is_stopping and result.status is PhaseStatus.CANCELLED:
            return  # the next engine goes on with it
        if image:
            at.live.images.append(image)
        self.on_done(phase_id, result)

    # --- in: PhaseSink ---

    def on_event(self, phase_id: str, event: PhaseEvent) -> None:
        """Something happened in a phase."""
        at = self._phases.get(phase_id)
        if at is None:
            return
        runs, live, device = self._runs, at.live, at.device
        match event:
            case OpStarted():
                live.progress.pop(device, None)
                runs.note(live, OpBegan(device, at.phase, event))
            case OpFinished():
                self._op_finished(phase_id, at, event)
            case OpProgress():
                self._progress(live, device, event)
            case OutputLine():
                runs.logs.write(live.journal.folder, device, (event,))
                live.lines.setdefault(device, []).append(event)
            case FactsRead():
                live.facts[device] = event.facts
                runs.effects.facts_read(event.facts)
            case ChecksDone():
                runs.note(live, ChecksMade(device, at.phase, event))
            case ConfigCaptured():
                runs.effects.config_captured(device, event)
            case HostKeyLearned():
                runs.effects.host_key_learned(event)
            case RateMeasured():
                plan = live.plans.get(device)
                runs.effects.rate_measured(device, plan.pack if plan else "", event)

    def on_barrier(self, phase_id: str, intent: Intent, reply: Callable[[BarrierAnswer], None]) -> None:
        """Journal the intent; answer only when it is on the disk and nobody has said stop meanwhile."""
        at = self._phases.get(phase_id)
        if at is None:
            reply(BarrierAnswer(go=False))
            return
        if intent.kind is OpKind.PROBE_SERVER:
            turn = partial(self._probe, phase_id, at, intent, reply)
            self._probes.wait(phase_id, at.live, at.device, intent.op_id, turn)
            self._runs.wake()
            return
        if self._gate.needs_turn(phase_id, at.live, at.device, intent):
            self._gate.wait(phase_id, at.live, at.device, lambda: self._admit(phase_id, at, intent, reply))
            self._runs.wake()
            return
        self._admit(phase_id, at, intent, reply)

    def _probe(
        self, phase_id: str, at: _UnderWay, intent: Intent, reply: Callable[[BarrierAnswer], None], done_by: str
    ) -> None:
        if done_by:
            reply(BarrierAnswer(go=False, done_by=done_by))
        else:
            self._admit(phase_id, at, intent, reply)

    def _admit(self, phase_id: str, at: _UnderWay, intent: Intent, reply: Callable[[BarrierAnswer], None]) -> None:
        # Lost or cancelled while it waited for its turn: a copy that has not begun is not begun.
        is_over = intent.kind in (OpKind.PROBE_SERVER, OpKind.COPY_IMAGE) and at.device in at.live.cancel_sent
        is_over = is_over or phase_id not in self._phases
        refusal = BarrierAnswer(go=False) if is_over else refusal_of(at.live, at.device, intent)
        if refusal is not None:
            reply(refusal)
            return
        number = at.live.state.tasks[at.device].intents_of.get(intent.op_id, 0) + 1
        record = IntentLogged(self._runs.state.clock.now(), at.device, at.phase, at.attempt, intent, number)
        written = self._runs.record(at.live, record)
        within_s = self._commit_within_s(at, intent)
        if within_s:  # the deadline counts from this command, whatever becomes of the engine
            kept = self._runs.effects.activation_announced(at.device, record.at, within_s)
            self._runs.background.spawn(self._answer(at, phase_id, intent, (written, kept), reply))
        else:
            self._runs.background.spawn(self._answer(at, phase_id, intent, (written,), reply))

    @staticmethod
    def _commit_within_s(at: _UnderWay, intent: Intent) -> float:
        plan = at.live.plans.get(at.device)
        found = (op.commit_within_s for op in plan.operations if op.id == intent.op_id) if plan else ()
        return next(iter(found), 0.0)

    async def _answer(
        self,
        at: _UnderWay,
        phase_id: str,
        intent: Intent,
        written: tuple[Future[None], ...],
        reply: Callable[[BarrierAnswer], None],
    ) -> None:
        try:
            for one in written:
                await asyncio.wrap_future(one)
        except StoreError:  # as on a hold: it begins again when the disk takes records
            now = self._runs.state.clock.now()
            not_done = IntentRefused(now, at.device, intent.op_id, at.attempt, "it could not be stored")
            self._runs.record(at.live, not_done)
            reply(BarrierAnswer(go=False, held=True))
            return
        if phase_id not in self._phases:
            reply(BarrierAnswer(go=False))
            return
        refusal = refusal_of(at.live, at.device, intent, is_journalled=True)
        if refusal is not None:
            why = "on hold" if refusal.held else "cancelled"
            now = self._runs.state.clock.now()
            self._runs.record(at.live, IntentRefused(now, at.device, intent.op_id, at.attempt, why))
        reply(refusal or BarrierAnswer(go=True))

    def on_question(self, phase_id: str, question: Question, reply: Callable[[str | None], None]) -> None:
        """A person must answer."""
        at = self._phases.get(phase_id)
        if at is None:
            reply(None)
        else:
            self._questions.ask(at.live, at.device, question, reply)

    def questions(self) -> list[PendingQuestion]:
        """What phases wait for, oldest first."""
        return self._questions.pending()

    def answer(self, run_id: str, device: str, text: str | None) -> bool:
        """Give a person's answer to the phase that waits for it; False when none does."""
        return self._questions.answer(run_id, device, text)

    def on_done(self, phase_id: str, result: PhaseResult) -> None:
        """A phase ended."""
        at = self._phases.get(phase_id)
        if at is None:
            return
        # A file that the phase brought along: what an import asked for, or the backup of the running image.
        if result.image_path and result.status is PhaseStatus.SUCCESS:
            self._runs.background.spawn(self._adopt(phase_id, at, result))
        else:
            self._end(phase_id, at, result)

    async def _adopt(self, phase_id: str, at: _UnderWay, result: PhaseResult) -> None:
        adopted, image = await self._imports.adopt(
            at.live.state.job, at.device, at.live.state.tasks[at.device].task.source, result
        )
        if image:
            at.live.images.append(image)
        is_backup = at.phase is not Phase.IMPORT and adopted.status is PhaseStatus.SUCCESS
        self._end(phase_id, at, result if is_backup else adopted)

    def _end(self, phase_id: str, at: _UnderWay, result: PhaseResult) -> None:
        runs, live, device = self._runs, at.live, at.device
        del self._phases[phase_id]
        self._gate.leave(phase_id)
        self._questions.drop(live.id, device)
        live.progress.pop(device, None)
        runs.state.hub.end_progress(live.id, device)
        told = len(live.state.server_failures)
        runs.record(live, PhaseEnded(runs.state.clock.now(), device, at.phase, at.attempt, result))
        for words in live.state.server_failures[told:]:
            runs.state.notify("warning", words, run_id=live.id)
        self._probes.leave(phase_id)  # after its end is known: a probe that failed is not repeated by the next one
        if at.phase is Phase.UPLOAD:
            runs.effects.upload_ended(live.uploads[device], result)
        elif live.owns_devices:
            runs.effects.phase_ended(device, at.phase, result)
        self.park(live, live.state.tasks[device])
        runs.wake()

    def on_lost(self, phase_id: str, why: str) -> None:
        """A worker died: its task is dispatched again with its intents; the driver reads the device before it acts."""
        at = self._phases.pop(phase_id, None)
        if at is None:
            return
        live, device = at.live, at.device
        self._gate.leave(phase_id)
        self._probes.leave(phase_id)
        under_way = live.state.tasks[device].running
        share = under_way.bytes_per_s if under_way is not None else 0.0
        if self._questions.drop(live.id, device):
            self._questions.wait(live, device, "")
        live.lost[device] = live.lost.get(device, 0) + 1
        self._runs.record(live, PhaseLost(self._runs.state.clock.now(), device, at.phase, at.attempt, why))
        self._runs.state.notify("warning", f"{device}: its worker is gone ({why})", run_id=live.id, device=device)
        if live.lost[device] > MAX_LOST:
            message = f"its worker died {live.lost[device]} times; look at the device before another try"
            result = PhaseResult(PhaseStatus.INTERRUPTED, Outcome.INTERRUPTED, message)
            self._phases[phase_id] = at
            self._end(phase_id, at, result)
        else:
            self.dispatch(live, device, at.phase, share)

    def park(self, live: LiveRun, task: TaskState) -> None:
        """One rejected login parks its profile for all runs."""
        if task.auth_refused:
            device = self._runs.state.tables.devices.get(task.task.device)
            named = task.auth_refused if task.auth_refused != UNNAMED else device.credentials if device else ""
            its_own = device is None or named == device.credentials
            who = task.task.device if its_own else f"a host on the way to {task.task.device}"
            reason = f"{who} refused its login in run {live.id}"
            self._runs.effects.park(named, reason, live.id)
            task.auth_refused = ""

    # --- helpers ---

    def _op_finished(self, phase_id: str, at: _UnderWay, event: OpFinished) -> None:
        last = at.live.progress.pop(at.device, None)
        if last is not None and last.unit == "B":
            at.live.moved_bytes[at.device] = at.live.moved_bytes.get(at.device, 0) + last.done
        self._runs.note(at.live, OpEnded(at.device, at.phase, event))
        self._runs.state.hub.end_progress(at.live.id, at.device)
        if at.phase is Phase.DISTRIBUTE:
            self._gate.op_ended(phase_id, at.live, event)
            self._probes.op_ended(phase_id, event)
            self._runs.wake()

    def _progress(self, live: LiveRun, device: str, event: OpProgress) -> None:
        live.progress[device] = event
        self._runs.state.hub.publish(
            TaskProgress(
                live.id,
                device,
                event.op_id,
                event.done,
                event.total,
                event.unit,
                event.rate,
                event.eta_s,
                event.note,
            )
        )
