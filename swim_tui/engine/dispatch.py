"""The one place that decides what starts, what waits and what ends (SPEC 3.12 and 4). A pure function of the board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from swim_tui.engine.board import (
    DISRUPTIVE,
    Action,
    Board,
    CancelPhase,
    Decision,
    End,
    Finish,
    MakePlan,
    Slot,
    Start,
    Stop,
)
from swim_tui.engine.lines import FREE, Room, room_for_push, room_on_line
from swim_tui.model.job import TaskStatus
from swim_tui.model.options import ActivateMode
from swim_tui.model.outcome import Outcome
from swim_tui.model.plan import Phase
from swim_tui.model.words import counted

_ENDS_CANCELLED = (TaskStatus.CANCELLED, Outcome.CANCELLED)
_ENDS_FAILED = (TaskStatus.FAILURE, Outcome.FAILED)


def decide(board: Board) -> Decision:
    """Everything that should happen now; calling it again with the result applied decides nothing new."""
    return _Turn(board).decision()


class _Turn:
    """One decision under way: starts made in it count for the rest of it."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.slots = {slot.device: slot for slot in board.slots}
        self.actions: list[Action] = []
        self.waiting: dict[str, str] = {}
        self.barrier = ""
        self.wake_at: datetime | None = None
        self.stopped = board.stopped
        # Kept beside `slots`: a run may have ten thousand devices, of which a few tens run.
        self.running = {slot.device: slot for slot in board.slots if slot.is_open and slot.running is not None}
        moving = (*self.running.values(), *board.moving_elsewhere)
        self.pulls = Counter(slot.server for slot in moving if slot.running is Phase.DISTRIBUTE)
        self.wanting = Counter[str]()  # pushes that could begin, by the line that they cross
        self.claimed = set[str]()  # lines that an upload waits for: it goes first, or pushes would keep them full
        self.has_proven = any(slot.is_proven for slot in board.slots)

    def decision(self) -> Decision:
        self._end_tasks()
        self._raise_stop()
        self._start_preparing()
        self._plan()
        if self._is_whole or self.board.plans_early:
            self._start_uploads()
            self._start_moving()
        if self._is_whole:
            self._start_reloading()
            self._start_committing()
        if not any(slot.is_open for slot in self.slots.values()):
            self.actions.append(Finish())
        return Decision(tuple(self.actions), self.waiting, self.barrier, self.wake_at)

    @property
    def _is_whole(self) -> bool:
        """True when every device is planned."""
        return self.board.is_planned or not self.board.needs_plan

    # --- ends ---

    def _end_tasks(self) -> None:
        first_failed = next((slot.device for slot in self.slots.values() if slot.failed), "")
        for slot in list(self.slots.values()):
            if slot.is_idle:
                end = self._end_of(slot, first_failed)
                if end is not None:
                    self.actions.append(end)
                    self.slots[slot.device] = replace(slot, status=end.status)
            elif slot.is_open and not slot.cancel_sent and self._should_cancel(slot, first_failed):
                self.actions.append(CancelPhase(slot.device))

    def _should_cancel(self, slot: Slot, first_failed: str) -> bool:
        if slot.running is Phase.COMMIT:  # what is activated is committed: the other end is a reload back
            return False
        return slot.cancel or self.board.cancel or bool(first_failed and not self.board.continue_on_failure)

    def _end_of(self, slot: Slot, first_failed: str) -> End | None:
        if slot.is_server:
            return self._end_of_server(slot)
        return self._end_of_device(slot, first_failed)

    def _end_of_server(self, slot: Slot) -> End | None:
        """A server is given its images for as long as a device waits for them."""
        parked = self._parked(slot)
        if parked is not None:
            return parked
        if slot.cancel:
            return End(slot.device, *_ENDS_CANCELLED, "cancelled before its upload")
        if self.board.plans_early and not self.board.is_planned:
            return None  # devices that are still read may need it
        if not any(other.server and slot.device.endswith(f":{other.server}") for other in self._to_copy):
            return End(slot.device, *_ENDS_CANCELLED, "no device needs it any more")
        return None

    @property
    def _to_copy(self) -> list[Slot]:
        return [slot for slot in self.slots.values() if slot.is_open and slot.next_phase is Phase.DISTRIBUTE]

    def _parked(self, slot: Slot) -> End | None:
        for profile in sorted(slot.profiles & self.board.parked.keys()):
            outcome = Outcome.NOT_COMMITTED if slot.is_uncommitted else Outcome.FAILED
            return End(
                slot.device,
                TaskStatus.FAILURE,
                outcome,
                f"not tried: credential profile '{profile}' is parked: {self.board.parked[profile]}",
                f"correct the profile (swim-tui credentials add {profile}), then retry the failed devices",
            )
        return None

    def _end_of_device(self, slot: Slot, first_failed: str) -> End | None:
        parked = self._parked(slot)
        if parked is not None:
            return parked
        if slot.is_uncommitted:
            return None
        if slot.cancel:
            stays = "; its image stays on the device" if Phase.DISTRIBUTE in slot.done else ""
            done = "skipped before its turn came" if slot.is_skipped else "cancelled before its next step"
            return End(slot.device, *_ENDS_CANCELLED, f"{done}{stays}")
        if self.board.cancel:
            return End(slot.device, *_ENDS_CANCELLED, "the run was cancelled")
        if first_failed and not self.board.continue_on_failure:
            why = f"not started: {first_failed} failed and Continue on failure is off"
            return End(slot.device, *_ENDS_CANCELLED, why)
        return self._end_before_reload(slot)

    def _end_before_reload(self, slot: Slot) -> End | None:
        if slot.next_phase not in DISRUPTIVE:
            return None
        partner = self.slots.get(self.board.network.partner(slot.device))
        if partner is not None and partner.is_down:
            why = f"not reloaded: its pair {partner.device} is not up"
            return End(slot.device, *_ENDS_FAILED, why, f"bring {partner.device} back first, then retry")
        if slot.not_after is None:
            return None
        if self.board.now > slot.not_after:
            why = "not started: the rest of the maintenance window is too short for outage, rollback or commit by hand"
            return End(slot.device, *_ENDS_CANCELLED, why, "retry in another window")
        self._wake(slot.not_after + timedelta(seconds=1))
        return None

    def _raise_stop(self) -> None:
        forgiven = self.board.forgiven
        guilty = [slot for slot in self.slots.values() if slot.counts_for_stop and slot.device not in forgiven]
        is_over = len(guilty) > self.board.failures_before_stop
        if is_over and not self.stopped and any(slot.awaits_reload for slot in self.slots.values()):
            self.stopped = True
            said = ", ".join(f"{slot.device}: {slot.ended_as}" for slot in guilty[-3:])
            self.actions.append(Stop(f"{said}; no further device is reloaded until a person resumes the run"))

    # --- starts ---

    def _begin(self, slot: Slot, phase: Phase, room: Room = FREE) -> None:
        self.actions.append(Start(slot.device, phase, room.bytes_per_s))
        started = replace(slot, running=phase, status=TaskStatus.RUNNING, share_bytes_per_s=room.bytes_per_s)
        self.pulls[slot.server] += phase is Phase.DISTRIBUTE
        self.slots[slot.device] = self.running[slot.device] = started

    def _running(self, *phases: Phase) -> int:
        return sum(slot.running in phases for slot in self.running.values())

    @property
    def _flying(self) -> list[Slot]:
        return [slot for slot in self.running.values() if slot.is_in_flight]

    def _idle(self, *phases: Phase) -> list[Slot]:
        """Slots whose next phase this is; before the plan is whole those that have theirs, or are to be read."""
        found = (slot for slot in self.slots.values() if slot.is_idle and slot.next_phase in phases)
        return [slot for slot in found if self._is_whole or slot.is_planned or slot.next_phase is Phase.PREPARE]

    def _blocked_by_login(self, slot: Slot) -> str:
        """One device of a profile logs in first; a rejected login must not be repeated by the others."""
        for profile in sorted(slot.profiles - self.board.proven):
            for other in self.running.values():
                if profile in other.profiles:
                    return f"waits for the first login with profile '{profile}' ({other.device})"
        return ""

    def _start_limited(self, slots: list[Slot], running: int, limit: int) -> None:
        for slot in slots:
            phase, room = slot.next_phase, FREE
            if slot.owner:
                why = f"waiting for run {slot.owner}, which has this device"
            elif running >= limit:
                why = f"waits for its turn ({limit} at once)"
            else:
                room = self._room(slot, limit - running)
                why = self._blocked_by_server(slot) or room.why or self._blocked_by_login(slot)
            if why or phase is None:
                self.waiting[slot.device] = why
                continue
            self._begin(slot, phase, room)
            self.wanting[slot.line] -= 1
            running += 1

    def _blocked_by_server(self, slot: Slot) -> str:
        """A device starts when its server has the image and few enough others pull there, or are about to."""
        stand = self.board.servers.get(slot.server) if slot.next_phase is Phase.DISTRIBUTE else None
        if stand is None:
            return ""
        if not stand.is_ready:
            return f"waits for the upload to {slot.server}"
        ahead = stand.max_pulls // 2  # they get ready while others copy; whose turn it is decides the gate
        if self.pulls[slot.server] >= stand.max_pulls + ahead:
            return f"waits for its turn at {slot.server} ({stand.max_pulls} pulls at once)"
        return ""

    @property
    def _moving(self) -> Iterator[Slot]:
        """Whatever sends now, of every run."""
        return chain(self.running.values(), self.board.moving_elsewhere)

    def _room(self, slot: Slot, places: int) -> Room:
        """What a push may send; `places` are left in this run."""
        room = room_for_push(slot, self._moving, self.board.max_per_jump, min(self.wanting[slot.line], places))
        if room.bytes_per_s and slot.line in self.claimed:
            return Room(f"waits for the upload to {slot.line}, which goes first on the line to it")
        return room

    def _start_uploads(self) -> None:
        for slot in self._idle(Phase.UPLOAD):
            room = room_on_line(slot, self._moving)
            if room.why:
                self.claimed.add(slot.line)
            owner = f"waiting for run {slot.owner}, which uploads to it" if slot.owner else ""
            why = owner or self._blocked_by_login(slot) or room.why
            if why:
                self.waiting[slot.device] = why
            else:
                self._begin(slot, Phase.UPLOAD, room)

    def _start_preparing(self) -> None:
        running = self._running(Phase.PREPARE)
        slots, limit = self._idle(Phase.PREPARE), self.board.max_distribution
        if self.board.plans_early and slots:  # from all over the list, which is by site: every server is needed soon
            step = -(-len(slots) // limit)
            slots = [slot for begin in range(step) for slot in slots[begin::step]]
        self._start_limited(slots, running, limit)

    def _plan(self) -> None:
        if self._is_whole:
            return
        open_slots = [slot for slot in self.slots.values() if slot.is_open]
        reading = [slot for slot in open_slots if slot.next_phase is Phase.PREPARE]
        if reading:
            self.barrier = f"reading the state of {counted(len(reading), 'device')}"
            ready = sum(Phase.PREPARE in slot.done and not slot.is_planned for slot in open_slots)
            if self.board.plans_early and ready >= self.board.max_distribution:
                self.actions.append(MakePlan())
        elif open_slots:
            self.actions.append(MakePlan())

    def _start_moving(self) -> None:
        moving = (Phase.DISTRIBUTE, Phase.IMPORT)
        waiting = sum(slot.is_at_gate for slot in self.running.values())  # they move nothing
        slots = self._idle(*moving)
        self.wanting = Counter(slot.line for slot in slots if slot.line and not slot.owner)
        self._start_limited(slots, self._running(*moving) - waiting, self.board.max_distribution)

    def _start_committing(self) -> None:
        self._start_limited(self._idle(Phase.COMMIT), self._running(Phase.COMMIT), self.board.max_activation)

    # --- reloads ---

    def _start_reloading(self) -> None:
        ready = sorted(self._idle(*DISRUPTIVE), key=lambda slot: slot.is_path)  # devices on the path come last
        if not ready:
            return
        why = self._blocked_as_a_whole()
        if why:
            self.barrier = why
            self.waiting.update({slot.device: why for slot in ready})
            return
        is_blocked: set[str] = set()  # groups (or the whole run) whose turn is taken
        for slot in ready:
            why = self._blocked_by_turn(slot, is_blocked) or self._blocked_by_others(slot)
            if not why:
                assert slot.next_phase is not None
                self._begin(slot, slot.next_phase)
                continue
            self.waiting[slot.device] = why
            if not self._is_before_window(slot):  # a device whose window is shut does not keep the next one waiting
                is_blocked.add(self._turn_of(slot))

    def _blocked_as_a_whole(self) -> str:
        if self.stopped:
            return "stopped after a failed activation: resume the run to go on"
        if self.board.hold:
            return "on hold: resume the run to go on"
        if self.board.activate_when_ready:
            return ""
        moving = [slot for slot in self.slots.values() if slot.is_open and slot.next_phase is Phase.DISTRIBUTE]
        if moving:
            return f"waits until the distribution of {counted(len(moving), 'device')} has ended"
        return ""

    @property
    def _mode(self) -> ActivateMode:
        is_off = self.board.mode is ActivateMode.OFF  # rollback and commit jobs have no Activate drop-down
        return ActivateMode.SEQUENTIAL if is_off else self.board.mode

    def _turn_of(self, slot: Slot) -> str:
        """What the slot takes turns in: its group, the run, or nothing of its own."""
        if self._mode is ActivateMode.SEQUENTIAL:
            return "run"
        return f"group {slot.location}" if self._mode is ActivateMode.SEQUENTIAL_PER_GROUP else f"slot {slot.device}"

    def _blocked_by_turn(self, slot: Slot, is_blocked: set[str]) -> str:
        if self._is_before_window(slot):
            return "waits for its maintenance window"
        if self._turn_of(slot) in is_blocked:
            return "waits for the device before it"
        flying = self._flying
        if flying and not self.has_proven:
            return f"waits until the first device ({flying[0].device}) is proven"
        return self._blocked_by_path(slot, flying) or self._blocked_by_mode(slot, flying)

    def _blocked_by_path(self, slot: Slot, flying: list[Slot]) -> str:
        if flying and (slot.is_path or any(other.is_path for other in flying)):
            return f"waits for {flying[0].device}: a device on the path to others is activated alone"
        if slot.is_path and any(other.awaits_reload and not other.is_path for other in self.slots.values()):
            return "waits for all others: it is on their path"
        return ""

    def _blocked_by_mode(self, slot: Slot, flying: list[Slot]) -> str:
        if len(flying) >= self.board.max_activation:
            return f"waits for its turn ({self.board.max_activation} at once)"
        if self._mode is ActivateMode.PARALLEL:
            if slot.is_path:
                return ""
            earlier = [other.batch for other in self.slots.values() if self._holds_back_batches(other)]
            if earlier and min(earlier) < slot.batch:
                return f"waits for batch {min(earlier)}"
            return ""
        turn = self._turn_of(slot)
        for other in self.slots.values():
            if self._turn_of(other) == turn and (other.is_in_flight or other.is_uncommitted):
                return f"waits until {other.device} is proven"
        return ""

    def _holds_back_batches(self, slot: Slot) -> bool:
        """A path device comes last whatever its batch; one whose window is shut must not cost the others theirs."""
        return slot.awaits_reload and not slot.is_path and not self._is_before_window(slot)

    def _blocked_by_others(self, slot: Slot) -> str:
        if slot.owner:
            return f"waiting for run {slot.owner}, which has this device"
        for other in sorted({flying.device for flying in self._flying} | self.board.in_flight_elsewhere):
            why = self.board.network.conflict(slot.device, other)
            if why:
                return f"waits: {why}"
        return self._blocked_by_login(slot)

    def _is_before_window(self, slot: Slot) -> bool:
        if slot.not_before is None or self.board.now >= slot.not_before:
            return False
        self._wake(slot.not_before)
        return True

    def _wake(self, at: datetime) -> None:
        self.wake_at = min(self.wake_at or at, at)
