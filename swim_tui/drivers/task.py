"""One running phase: its sessions, what it reports, its safe points."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from swim_tui.clock import Clock, SystemClock
from swim_tui.drivers.contract import PhaseContext, PhaseRequest, Question
from swim_tui.drivers.incoming import ReceivedFile
from swim_tui.errors import (
    AuthError,
    Cancelled,
    CommandError,
    CommandRejected,
    ConnectError,
    HostKeyError,
    NoCommonAlgorithm,
    SessionLost,
    SwimError,
    describe,
)
from swim_tui.model.endpoint import Endpoint, HostKey
from swim_tui.model.facts import Facts
from swim_tui.model.options import Protocol
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import Direction, HostKeyLearned, ImageRef, Intent, OpProgress, OutputLine, PhaseEvent
from swim_tui.model.plan import DevicePlan, Line, Operation, OpKind, Phase, Waits
from swim_tui.net.contract import Ended, Net, Reply, Session
from swim_tui.packs.pack import Pack

_READ_ONLY = (Phase.PREPARE, Phase.IMPORT)
_CONNECT_TRIES = 3
_CONFIG_TEXT = ("show running-config", "show startup-config", "show archive config")


@dataclass(eq=False, kw_only=True)
class HeldBack(Cancelled):
    """The run is on hold: stopped before the next change."""

    code: ClassVar[str] = "SWIM-8010"
    text: ClassVar[str] = "held before the next change{detail}"


def is_config_text(command: str) -> bool:
    """True for commands whose answer is configuration text: it goes into configs/ only, never into logs."""
    return command.startswith(_CONFIG_TEXT) and "| include" not in command


@dataclass
class Observer:
    """Reports a session's lines as events; the engine logs them."""

    task: Task
    shielded: bool = False
    stalled: bool = False  # the copy of this device does not move any more: its line is to be interrupted
    private: bool = False

    def line(self, direction: Direction, text: str, *, changes: bool = False) -> None:
        """One line; received configuration text stays private."""
        if self.private and direction is Direction.RECEIVED:
            return
        self.task.emit(OutputLine(self.task.now(), direction, text, self.task.op_id, changes))

    def host_key(self, key: HostKey, fingerprint: str) -> None:
        """Remember the key for the next session of this phase too."""
        self.task.learn(key)
        self.task.emit(HostKeyLearned(key, fingerprint))

    def cancelled(self) -> bool:
        """Never true inside a step that must not be torn apart."""
        return self.stalled or (not self.shielded and self.task.ctx.cancelled())

    def one_time_code(self, hop: str, prompt: str) -> str | None:
        """Ask a person."""
        return self.task.ctx.ask(Question("one-time-code", f"{hop}: {prompt}"))


@dataclass
class Task:
    """What operation handlers work with."""

    request: PhaseRequest
    ctx: PhaseContext
    net: Net
    clock: Clock = field(default_factory=SystemClock)
    op_id: str = ""
    _session: Session | None = None
    _endpoint: Endpoint | None = None

    def __post_init__(self) -> None:
        self.observer = Observer(self)
        self.connects_again = True
        self.left_behind: list[str] = []
        self.undo: list[Operation] = []  # temporary or not yet effective changes, taken back when the task stops
        self.is_reload_sent = False
        self.stays_up = False  # the device said that nothing changes: there is no reload to wait for
        self.committed = False  # the commit command was sent in this phase
        self.commit_by: datetime | None = None  # when it goes back by itself, unless it is committed
        self.evidence: dict[str, str] = {}  # read before the reload, also from the journal
        self.sent_at: datetime | None = None
        self.before: Facts | None = None  # as read by the pre-checks
        self.proven: Facts | None = None
        self.backup: ReceivedFile | None = None
        self.outcome = Outcome.NONE
        self.armed = ""  # what boots at the next reload because taking it back failed
        self.op_kind: OpKind | None = None
        self.next_server = False  # the SWIM server is at fault: another may be tried
        self.server_failed = False  # and it would fail for every other device too
        self.not_by: set[tuple[str, Protocol]] = set()  # (server, protocol) that the probe found not to work
        self.probe_failed = False  # it cannot be reached from devices of this platform and version
        self.verified: set[tuple[str, str]] = set()  # files whose hash was right in this phase

    # --- what is planned ---

    @property
    def plan(self) -> DevicePlan:
        """The plan of this device; only prepare and import go without one."""
        if self.request.plan is None:
            raise CommandError(command="plan", detail="this phase needs a plan")
        return self.request.plan

    @property
    def pack(self) -> Pack:
        """The device pack."""
        if self.request.pack is None:
            raise CommandError(command="pack", detail="this phase needs a device pack")
        return self.request.pack

    @property
    def waits(self) -> Waits:
        """Waits as the engine set them for this phase, else the plan's; both already scaled."""
        if self.request.waits != Waits() or self.request.plan is None:
            return self.request.waits
        return self.request.plan.waits

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint with the keys learned meanwhile."""
        return self._endpoint or self.request.endpoint

    @property
    def received_as(self) -> tuple[str, ...]:
        """What tells a file that this phase receives from those of others, in every attempt."""
        return self.request.run_id, self.request.device.name, self.request.phase

    def image_of(self, path: str) -> ImageRef | None:
        """The repository file that belongs to this path on the device: of the image set by name, else the one image."""
        name = path.rpartition("/")[2]
        return next((i for i in self.request.images if i.file_name == name), self.request.image)

    def intents_of(self, kind: OpKind) -> list[tuple[Intent, datetime]]:
        """Intents of earlier attempts of this kind, oldest first."""
        found = [r for r in self.request.intents if r.intent.kind is kind]
        return [(r.intent, r.at) for r in sorted(found, key=lambda r: r.at)]

    def intents_for(self, op: Operation) -> list[tuple[Intent, datetime]]:
        """Intents of earlier attempts of this operation, oldest first."""
        return [(intent, at) for intent, at in self.intents_of(op.kind) if intent.op_id == op.id]

    def learn(self, key: HostKey) -> None:
        """Trust this key for the rest of the phase."""
        end = self.endpoint
        self._endpoint = replace(end, known_hosts=(*end.known_hosts, key))

    # --- reporting ---

    def now(self) -> datetime:
        """The wall clock in UTC."""
        return self.clock.now()

    def emit(self, event: PhaseEvent) -> None:
        """Pass an event on."""
        self.ctx.emit(event)

    def say(self, text: str) -> None:
        """A note of our own in the device's log."""
        self.emit(OutputLine(self.now(), Direction.NOTE, text, self.op_id))

    def progress_s(self, done: float, total: float, note: str = "") -> None:
        """Seconds of a wait."""
        left = max(0.0, total - done)
        self.emit(OpProgress(self.op_id, round(done), round(total), "s", 0.0, left, note))

    # --- safe points ---

    def checkpoint(self) -> None:
        """A safe point: stop here when asked to."""
        if self.ctx.cancelled():
            raise Cancelled

    def barrier(self, op: Operation, line: str, evidence: dict[str, str] | None = None) -> None:
        """Have the intent on disk; stop when the engine says so or does not answer any more."""
        if not self.ctx.barrier(Intent(op.id, op.kind, line, evidence or {})):
            raise HeldBack if self.ctx.held() else Cancelled

    def barrier_once(self, op: Operation, line: str) -> str:
        """As `barrier`, for an act that one device does for others: who did it already, "" when it is to be done."""
        if self.ctx.barrier(Intent(op.id, op.kind, line)):
            return ""
        if done_by := self.ctx.spared():
            return done_by
        raise HeldBack if self.ctx.held() else Cancelled

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """No cancel inside: what happens here belongs together."""
        before = self.observer.shielded
        self.observer.shielded = True
        try:
            yield
        finally:
            self.observer.shielded = before

    def pause(self, seconds: float) -> None:
        """Wait for the device; a cancel does not shorten it, since the device must be seen through."""
        started = self.clock.monotonic()
        if self.ctx.wait(seconds):
            left = seconds - (self.clock.monotonic() - started)
            threading.Event().wait(max(0.0, left))

    # --- sessions ---

    def session(self) -> Session:
        """The control session; a fresh one when it is closed or was idle for too long."""
        if self._session is not None and self.is_connected:
            return self._session
        self.drop()
        read_only = self.request.read_only or self.request.phase in _READ_ONLY
        self._session = self._log_in(read_only)
        return self._session

    def _log_in(self, read_only: bool) -> Session:
        """Passing troubles (no free vty, refused, no answer) are tried again; a refused login never is."""
        tries = _CONNECT_TRIES if self.connects_again and self.request.phase is not Phase.PREPARE else 1
        for number in range(1, tries + 1):
            try:
                return self.net.session(self.endpoint, self.observer, read_only=read_only)
            except (AuthError, HostKeyError, NoCommonAlgorithm):
                raise
            except ConnectError as err:
                if number == tries:
                    raise
                self.say(f"{message_of(err)}; trying again ({number} of {tries - 1})")
                if self.ctx.wait(self.waits.poll_s * 2**number) and not self.observer.shielded:
                    raise
        raise AssertionError("the last try returns or raises")

    @property
    def is_connected(self) -> bool:
        """True while the control session lives and may be used."""
        held = self._session
        return held is not None and held.alive() and held.idle_s() < self.waits.idle_reuse_s

    def drop(self) -> None:
        """Close the control session."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def read(self, command: str, timeout_s: float = 0.0) -> str:
        """Answer of a read-only command; asked once more on a new session when the first one breaks."""
        line = Line(command, timeout_s=max(timeout_s, self.waits.command_s))
        self.observer.private = is_config_text(command)
        try:
            for _ in range(2):
                reply = self.session().run(line)
                if reply.ended is Ended.PROMPT:
                    return reply.text
                self.drop()
        except CommandError as err:
            if self.observer.private:
                err.output = ""  # configuration text goes nowhere but into configs/
            raise
        finally:
            self.observer.private = False
        raise SessionLost(command=command, detail="twice")

    def try_read(self, command: str, timeout_s: float = 0.0) -> str | None:
        """As `read`; None when this software does not know the command."""
        try:
            return self.read(command, timeout_s)
        except CommandRejected:
            return None

    def change(self, line: Line) -> Reply:
        """Send one planned changing exec line, whole."""
        with self.shielded():
            return self.session().run(line)

    def configure(self, lines: Sequence[Line]) -> Reply:
        """Send planned configuration lines, whole."""
        with self.shielded():
            reply = self.session().configure(lines)
        if reply.ended is Ended.LOST:
            self.drop()
            raise SessionLost(command=lines[0].text if lines else "configure", detail="in configuration mode")
        return reply


Handler = Callable[[Task, Operation], "OpDone"]


@dataclass(frozen=True)
class OpDone:
    """How an operation ended when it did not fail."""

    message: str = ""
    is_skipped: bool = False
    is_warning: bool = False


def message_of(err: SwimError) -> str:
    """The sentence of an error without its remedy."""
    return describe(err).message
