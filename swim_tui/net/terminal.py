"""The terminal line: typing with proof of the echo, reading, interrupting, and telling the observer what went by."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol

from swim_tui.errors import Cancelled, CommandRejected, PromptTimeout, SessionLost
from swim_tui.model.phase import Direction
from swim_tui.model.plan import Line
from swim_tui.model.secret import Login
from swim_tui.net.contract import SessionObserver
from swim_tui.net.prompt import Prompt
from swim_tui.net.text import Screen, is_async, masked, neutral

TICK_S = 0.15  # quiet for this long: what is under the cursor may be judged
ECHO_S = 8.0
NO_ECHO_S = 3.0
RECOVER_S = 5.0
CANCEL_CHECK_S = 0.2
CTRL_C = "\x03"


class Wire(Protocol):
    """A terminal connection."""

    def write(self, text: str) -> None:
        """Send keys. OSError when the connection is gone."""
        ...

    def read(self, timeout_s: float) -> str | None:
        """Text as it came; "" when nothing came in time; None at the end of the connection."""
        ...


class Terminal:
    """One terminal line, used from one thread."""

    def __init__(
        self, wire: Wire, observer: SessionObserver, login: Login, *, device: str, clock: Callable[[], float]
    ) -> None:
        self._wire = wire
        self._observer = observer
        self._login = login
        self._secrets = login.secrets()
        self._device = device
        self._clock = clock
        self._cancel_checked = float("-inf")
        self.prompt = Prompt("")
        self.lost = False
        self.busy = False  # a command was left without its prompt
        self.moved_at = clock()

    def _type(self, line: Line) -> None:
        """Type the line without RETURN and wait for its echo, so that a garbled line is never executed."""
        self._wire.write(line.text)
        heard = ""
        started = self._clock()
        while True:
            self._check_cancelled(line.text, interrupt=True)
            text = self._read(TICK_S)
            if text is None:
                raise ConnectionResetError
            heard += text
            if _echoed(line.text, heard, loosely=not text):
                self._report_lines([x for x in map(neutral, heard.splitlines()) if is_async(x)])
                return
            waited = self._clock() - started
            if not heard.strip() and waited >= NO_ECHO_S:
                return  # it echoes nothing, or only after RETURN
            if waited >= ECHO_S:
                self._interrupt()
                raise CommandRejected(
                    device=self._device,
                    command=self._mask(line.text),
                    detail="the device did not echo the line as typed; it was not executed",
                    output=self._mask(neutral(heard)[-500:]),
                )

    def _drain(self) -> None:
        """Log lines that came since the last command belong to no answer."""
        while True:
            text = self._read(0.0)
            if text is None:
                raise ConnectionResetError
            if not text:
                return
            self._report_lines([neutral(x) for x in text.splitlines() if x.strip()])

    def _regain(self, line: Line) -> None:
        """Wait for the prompt of a command that was left behind; nothing is typed."""
        screen = Screen()
        limit = self._clock() + min(line.timeout_s, RECOVER_S)
        while self._clock() < limit:
            text = self._read(TICK_S)
            if text is None:
                raise SessionLost(device=self._device, command=self._mask(line.text), detail="closed")
            screen.feed(text)
            if self.prompt.seen(screen, quiet=not text):
                self.busy = False
                return
        raise PromptTimeout(
            device=self._device,
            command=self._mask(line.text),
            limit_s=line.timeout_s,
            detail="the command before it has not ended",
        )

    def _interrupt(self) -> None:
        """Ctrl-C, then the prompt if it comes."""
        screen = Screen()
        try:
            self._wire.write(CTRL_C)
            limit = self._clock() + RECOVER_S
            while self._clock() < limit:
                text = self._read(TICK_S)
                if text is None:
                    self.lost = True
                    return
                self._report_lines(screen.feed(text))
                if self.prompt.seen(screen, quiet=not text):
                    self.busy = False
                    return
        except OSError:
            self.lost = True

    def _read(self, timeout_s: float) -> str | None:
        text = self._wire.read(timeout_s)
        if text:
            self.moved_at = self._clock()
        return text

    def _check_cancelled(self, command: str, *, interrupt: bool = False) -> None:
        now = self._clock()
        if now - self._cancel_checked < CANCEL_CHECK_S:
            return
        self._cancel_checked = now
        if self._observer.cancelled():
            if interrupt:
                self._interrupt()
            raise Cancelled(device=self._device, detail=f" during '{self._mask(command)}'")

    # --- reporting ---

    def _mask(self, text: str) -> str:
        return masked(text, self._secrets)

    def _report(self, line: str) -> None:
        if line.strip():
            self._observer.line(Direction.RECEIVED, self._mask(line))

    def _report_lines(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._report(line)


def _echoed(typed: str, heard: str, *, loosely: bool) -> bool:
    """True when `heard` is the echo of `typed`, log lines and scrolling (`$` and backspaces) allowed for.

    The loose test (every typed character in order) is for a pause: an echo torn by a log line never ends in the line.
    """
    wanted = "".join(typed.split())
    last = re.split(r"[\r\n]", heard.rstrip("\r\n"))[-1]
    if "".join(neutral(last).split()).endswith(wanted):
        return True
    if not loosely:
        return False
    at = 0
    for char in heard:
        if at < len(wanted) and char == wanted[at]:
            at += 1
    return at == len(wanted)
